"""The practice checklist: facts tick themselves, people the rest, changes open points again."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.capacity import HoursFit
from domain.practice import BY_PERSON, Point, PracticeFacts, Tick, checklist, unchanged_since
from domain.rulebook import RuleBook, TierCutoffs
from domain.service_model import ServiceModel

NOTHING = PracticeFacts(
    criteria_on=None,
    model_version=1,
    fit=HoursFit.TOO_MUCH,
    not_ideal=25,
    decided=24,
    to_review=90,
    reviewed=0,
    first_review_on=None,
)
EVERYTHING = PracticeFacts(
    criteria_on=date(2026, 3, 1),
    model_version=1,
    fit=HoursFit.RESERVE_USED,
    not_ideal=25,
    decided=25,
    to_review=90,
    reviewed=1,
    first_review_on=date(2026, 4, 2),
)


def done(facts: PracticeFacts, *ticks: Tick) -> dict[Point, bool]:
    return {each.point: each.is_done for each in checklist(facts, {t.point: t for t in ticks})}


def a_tick(point: Point, version: int = 1) -> Tick:
    return Tick(point=point, on=date(2026, 5, 4), by="Lena Brandt", rule_version=version)


def test_at_the_beginning_nothing_is_done() -> None:
    assert not any(done(NOTHING).values())
    assert list(done(NOTHING)) == list(Point)


def test_facts_tick_what_records_tell_and_people_the_rest() -> None:
    assert done(EVERYTHING) == {point: point not in BY_PERSON for point in Point}
    assert all(done(EVERYTHING, *(a_tick(point) for point in BY_PERSON)).values())


def test_who_has_nobody_to_decide_about_has_decided() -> None:
    assert done(replace(NOTHING, not_ideal=0, decided=0))[Point.NOT_IDEAL]


def test_a_changed_service_model_opens_what_was_agreed_and_told() -> None:
    changed = replace(EVERYTHING, model_version=3)
    states = {s.point: s for s in checklist(changed, {p: a_tick(p, 2) for p in BY_PERSON})}
    for point in BY_PERSON:
        assert not states[point].is_done
        assert states[point].is_outdated
        assert (states[point].on, states[point].by) == (date(2026, 5, 4), "Lena Brandt")
    assert all(done(changed, *(a_tick(point, 3) for point in BY_PERSON)).values())


@pytest.mark.parametrize(("fit", "is_done"), [(HoursFit.FITS, True), (HoursFit.TOO_MUCH, False)])
def test_the_hours_fit_or_not(fit: HoursFit, is_done: bool) -> None:
    assert done(replace(NOTHING, fit=fit))[Point.CAPACITY] is is_done


def test_the_model_is_as_old_as_its_last_change() -> None:
    other = ServiceModel(attempts_that_settle=2)
    cutoffs = TierCutoffs(a_from_revenue=Decimal(7000))
    first = RuleBook(version=1)
    second = RuleBook(version=2, services=other)
    third = RuleBook(version=3, services=other, cutoffs=cutoffs)
    assert unchanged_since([first]) == 1
    assert unchanged_since([first, second, third]) == 2
    assert unchanged_since([first, second, replace(first, version=3)]) == 3
