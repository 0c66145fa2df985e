"""A book's hours against its revenue, whether they fit, and whether to hire."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bot.reports import CapacityReport, HireReport
from bot.runtime import Runtime
from bot.usecases.assessing import assess_books
from domain.access import FEWEST_TOGETHER, Action, Member, advisors_within, own_books
from domain.book_months import BookMonth, book_month, together
from domain.capacity import (
    Hours,
    Workload,
    cells_of,
    extra_hours,
    mismatches,
    served_alike,
    utilisation_of,
    workload_of,
)
from domain.cutoffs import sides_in_force
from domain.decisions import open_decisions
from domain.errors import DomainError
from domain.hiring import HireTerms, shall_we_hire, under_minimum
from domain.issues import Issue
from domain.priorities import Assessment
from domain.rulebook import RuleBook
from domain.what_if_decisions import DecisionsEffect, decisions_effect, not_ideal
from storage.capacity import (
    agreed_services,
    consent_of,
    list_months,
    logged_between,
    note_month,
    save_consent,
)
from storage.cutoffs import load_cutoffs
from storage.firms import current_rules, list_members
from storage.issues import list_issues

YEAR = timedelta(days=364)
"""A year before today, both days included."""
MONTHS = 13
"""So many months of a book are shown."""


class TooFewTogetherError(DomainError):
    """A team's hours would tell single advisors', and the works council's consent is missing."""

    def __init__(self, fewest: int) -> None:
        super().__init__(fewest)
        self.fewest = fewest


class NobodyChosenError(DomainError):
    """Nobody who waits for a decision was chosen."""


class ChosenTwiceError(DomainError):
    """A client cannot be handed over and ended."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def capacity_of(
    firm_id: int,
    member: Member | None,
    runtime: Runtime,
    *,
    today: date,
    team: bool = False,
    rules: RuleBook | None = None,
) -> CapacityReport:
    """Report on a member's own book, on a lead's team, or for the operator on the whole firm.

    `rules` are asked about instead of those in force. Raises TooFewTogetherError.
    """
    with runtime.store.read(firm_id) as session:
        in_force = rules or current_rules(session)
        firm = list_members(session)
        has_consent = consent_of(session, firm_id) is not None
        whose = _whose(member, firm, team=team)
        book = assess_books(session, whose, in_force, today=today)
        extra = _extra(session, book, whose, in_force, today)
        logged = logged_between(session, whose, today - YEAR, today)
        cutoffs = load_cutoffs(session, in_force, today=today)
        noted = list_months(session, whose, _months_before(today))
        issues = list_issues(session)
    names = {each.member_id: each.name for each in firm}
    books = _by_advisor(book)
    single = {
        advisor: workload_of(cells_of(own, extra=extra), in_force) for advisor, own in books.items()
    }
    is_single = member is not None and not team
    if not is_single and not has_consent and len(single) < FEWEST_TOGETHER:
        raise TooFewTogetherError(FEWEST_TOGETHER)
    load = workload_of(cells_of(book, logged=logged, extra=extra), in_force)
    if rules is None:
        noted = _noted_now(noted, single, firm_id, runtime, today=today)
    shown = _shown(member, firm, has_consent=has_consent)
    return CapacityReport(
        whose=_title(member, team=team),
        is_team=not is_single,
        today=today,
        rules=in_force,
        limits=sides_in_force(in_force.matrix, cutoffs),
        book=tuple(book),
        load=load,
        advisors=max(len(single), 1),
        used=utilisation_of(
            load.total.planned.advisor, in_force.capacity, advisors=max(len(single), 1)
        ),
        single=tuple(
            (names[advisor], utilisation_of(own.total.planned.advisor, in_force.capacity))
            for advisor, own in sorted(single.items(), key=lambda each: names[each[0]])
            if not is_single and advisor in shown
        ),
        has_consent=has_consent,
        mismatches=tuple(mismatches(load, in_force)),
        alike=served_alike(load, in_force),
        months=together(noted[each] for each in single),
        extra=extra,
        issue_hours=_hours_of(issues, today) if not is_single else Decimal(0),
    )


def open_of_book(report: CapacityReport) -> list[Assessment]:
    """List the clients of the lowest tier that wait for a decision, the highest revenue first."""
    return not_ideal(open_decisions(report.book, today=report.today))


def if_they_went(
    report: CapacityReport, *, hand_over: Collection[int], end: Collection[int]
) -> DecisionsEffect:
    """Say what handing over and ending clients that wait for a decision would do to a book.

    Raises NobodyChosenError, and ChosenTwiceError for a client in both lists.
    """
    waiting = {each.client.client_id: each.client.name for each in open_of_book(report)}
    given, ended = waiting.keys() & {*hand_over}, waiting.keys() & {*end}
    if twice := given & ended:
        raise ChosenTwiceError(tuple(name for each, name in waiting.items() if each in twice))
    if not given | ended:
        raise NobodyChosenError
    return decisions_effect(
        report.book,
        report.rules,
        hand_over=given,
        end=ended,
        extra=report.extra,
        advisors=report.advisors,
    )


def hire_for(report: CapacityReport, terms: HireTerms, rules: RuleBook | None = None) -> HireReport:
    """Work out a hiring sum on a book; `rules` hold the hours of a year and the client minimum.

    Raises HireTermsError.
    """
    asked = rules or report.rules
    answer = shall_we_hire(
        report.load,
        terms,
        under_minimum(report.book, asked),
        asked,
        advisors=report.advisors,
    )
    return HireReport(capacity=report, rules=asked, answer=answer)


def with_numbers(
    rules: RuleBook,
    *,
    hours: Decimal | None = None,
    reserve: Decimal | None = None,
    minimum: Decimal | None = None,
) -> RuleBook:
    """Return the rules with other numbers in their places, for one question.

    Raises RuleBookError.
    """
    capacity, accepted = rules.capacity, rules.acceptance
    least = accepted.minimum_revenue if minimum is None else minimum
    return replace(
        rules,
        capacity=replace(
            capacity,
            client_hours_per_year=capacity.client_hours_per_year if hours is None else hours,
            growth_reserve_pct=capacity.growth_reserve_pct if reserve is None else reserve,
        ),
        acceptance=replace(
            accepted, minimum_revenue=least, ideal_revenue=max(least, accepted.ideal_revenue)
        ),
    )


def record_consent(firm_id: int, runtime: Runtime, *, by: str | None) -> None:
    """Record that the works council agreed to comparing advisors, or that it no longer does."""
    with runtime.store.write(None) as session:
        save_consent(session, firm_id, by=by, at=runtime.now())


def consent_on_record(firm_id: int, runtime: Runtime) -> tuple[str, datetime] | None:
    """Return who recorded the works council's consent, and when."""
    with runtime.store.read(firm_id) as session:
        return consent_of(session, firm_id)


def follow_book(
    firm_id: int, advisor_id: int, assessed: Iterable[Assessment], runtime: Runtime, *, today: date
) -> None:
    """Keep the present month's figures of an advisor's book, which is among those assessed."""
    book = [each for each in assessed if each.client.advisor_id == advisor_id]
    with runtime.store.read(firm_id) as session:
        rules = current_rules(session)
        extra = _extra(session, book, {advisor_id}, rules, today)
        noted = list_months(session, [advisor_id], today.replace(day=1))
    load = workload_of(cells_of(book, extra=extra), rules)
    _noted_now(noted, {advisor_id: load}, firm_id, runtime, today=today)


def _hours_of(issues: Iterable[Issue], today: date) -> Decimal:
    """Return the time noted for issues of the last twelve months, in hours."""
    minutes = (each.minutes or 0 for each in issues if today - YEAR <= each.on <= today)
    return Decimal(sum(minutes)) / 60


def _whose(member: Member | None, firm: tuple[Member, ...], *, team: bool) -> frozenset[int]:
    if member is None:
        return frozenset(each.member_id for each in firm)
    if not team:
        return own_books(member, Action.SEE_HOURS)
    return advisors_within(member, Action.SEE_PRIORITIES, firm)


def _shown(member: Member | None, firm: tuple[Member, ...], *, has_consent: bool) -> frozenset[int]:
    """Return whose hours may be shown one by one."""
    if member is not None:
        return advisors_within(member, Action.SEE_HOURS, firm, has_consent=has_consent)
    return frozenset(each.member_id for each in firm) if has_consent else frozenset()


def _title(member: Member | None, *, team: bool) -> str:
    if member is None:
        return ""
    return member.team if team else member.name


def _by_advisor(book: Iterable[Assessment]) -> dict[int, list[Assessment]]:
    books: dict[int, list[Assessment]] = {}
    for each in book:
        books.setdefault(each.client.advisor_id, []).append(each)
    return books


def _extra(
    session: Session,
    book: list[Assessment],
    advisors: frozenset[int] | set[int],
    rules: RuleBook,
    today: date,
) -> dict[int, Hours]:
    agreed = agreed_services(session, today, advisors)
    tiers = {each.client.client_id: each.tier.tier for each in book}
    return {
        client_id: extra_hours(rules.services, tiers[client_id], overrides, today=today)
        for client_id, overrides in agreed.items()
        if client_id in tiers
    }


def _noted_now(
    noted: dict[int, list[BookMonth]],
    single: dict[int, Workload],
    firm_id: int,
    runtime: Runtime,
    *,
    today: date,
) -> dict[int, list[BookMonth]]:
    """Keep what differs from this month's figures; return all months with those of now."""
    now = {advisor: book_month(load, today=today) for advisor, load in single.items()}
    changed = {a: month for a, month in now.items() if month not in noted[a]}
    if changed:
        # Whoever looks only wants to see: what cannot be kept now is kept the next time.
        with suppress(DBAPIError), runtime.store.write(firm_id) as session:
            for advisor, month in changed.items():
                note_month(session, advisor, month)
    return {
        advisor: [*(each for each in noted[advisor] if each.month != month.month), month]
        for advisor, month in now.items()
    }


def _months_before(today: date) -> date:
    year, month = divmod(today.year * 12 + today.month - MONTHS, 12)
    return date(year, month + 1, 1)
