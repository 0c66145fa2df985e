"""The practice checklist: how each point stands, and ticking off what no record can tell."""

from datetime import date

from bot.reports import PracticeReport
from bot.runtime import Runtime
from bot.usecases.recording import FutureDayError
from domain.model import Tier
from domain.practice import Point, PracticeFacts, Tick, checklist, unchanged_since
from domain.rulebook import RuleBook
from storage.capacity import REVIEW, drop_tick, list_ticks, reviews_since, save_tick
from storage.firms import current_rules
from storage.rule_books import saved_rules

BY_DEFAULT = "default"
"""Who saved the rule book that a firm begins with."""


def practice_of(firm_id: int, runtime: Runtime, *, today: date) -> PracticeReport:
    """Say how each point of the checklist stands for the firm."""
    from domain.book import place_book
    from domain.capacity import times_owed, utilisation_of, workload_of
    from domain.capacity_frames import cells_in
    from storage.book_frames import load_frames

    with runtime.store.read(firm_id) as session:
        saved = saved_rules(session)
        rules = saved[0].rules if saved else RuleBook()
        placed = place_book(load_frames(session), rules, today=today)
        adopted = saved[-1].rules.valid_from if saved else rules.valid_from
        reviewed, first_review_on = reviews_since(session, adopted)
        ticks = list_ticks(session)
    load = workload_of(cells_in(placed), rules)
    advisors = max(int(placed["advisor_id"].nunique()), 1)
    used = utilisation_of(load.total.planned.advisor, rules.capacity, advisors=advisors)
    lowest = placed["tier"] == rules.method.tiers[-1]
    due = [tier for tier in Tier if times_owed(rules.services, tier).get(REVIEW)]
    to_review = placed.index[placed["tier"].isin([tier.value for tier in due])]
    own = [each for each in saved if each.by != BY_DEFAULT]
    facts = PracticeFacts(
        criteria_on=own[-1].rules.valid_from if own else None,
        model_version=unchanged_since([each.rules for each in reversed(saved)] or [rules]),
        fit=used.fit,
        not_ideal=int(lowest.sum()),
        decided=int((lowest & ~placed["awaits_tier_decision"]).sum()),
        to_review=len(to_review),
        reviewed=int(to_review.isin(reviewed).sum()),
        first_review_on=first_review_on,
    )
    return PracticeReport(
        points=checklist(facts, ticks), fit=used.fit, lowest=rules.method.tiers[-1], today=today
    )


def tick_off(
    firm_id: int, point: Point, runtime: Runtime, *, on: date, by: str, today: date
) -> None:
    """Tick a point off that no record can tell.

    Raises FutureDayError.
    """
    if on > today:
        raise FutureDayError
    with runtime.store.write(firm_id) as session:
        version = current_rules(session).version
        save_tick(session, Tick(point=point, on=on, by=by, rule_version=version), at=runtime.now())


def take_tick_back(firm_id: int, point: Point, runtime: Runtime) -> None:
    """Take a tick back."""
    with runtime.store.write(firm_id) as session:
        drop_tick(session, point)
