"""Whole firms: the same hours as client by client, and what a change of rules does to them."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.book import MOST_CENTS, cutoffs_of, frames_of, place_book
from domain.capacity import Cell, Hours, cells_of
from domain.capacity_frames import FloorKept, capacity_effect, cells_in
from domain.model import Client, Tier
from domain.priorities import Assessment, assess_book
from domain.rulebook import RuleBook, TierCutoffs
from domain.service_history import ServiceOverride
from domain.service_model import per_year_of
from tests.domain.drawn import RULE_BOOKS, TODAYS, a_book
from tests.domain.examples import TODAY, a_client
from tests.domain.test_capacity import EXAMPLE

RULES = RuleBook()
ROUNDED = Decimal("0.01")


def same(cells: Iterable[Cell]) -> set[Cell]:
    return {replace(each, untapped=each.untapped.quantize(ROUNDED)) for each in cells}


def sensible(assessed: list[Assessment]) -> list[Assessment]:
    """Forget absurd amounts, which a frame does not know either."""
    return [
        replace(each, untapped=None)
        if each.untapped and each.untapped.amount * 100 >= MOST_CENTS
        else each
        for each in assessed
    ]


@pytest.mark.parametrize("rules", RULE_BOOKS)
@settings(max_examples=4, deadline=None)
@given(random=st.randoms(use_true_random=False), count=st.integers(0, 3))
def test_a_frame_counts_as_client_by_client(random: Random, count: int, rules: RuleBook) -> None:
    book = [replace(each, advisor_id=7) for each in a_book(random, count, rules, TODAY)]
    frames = frames_of(book)
    cutoffs = cutoffs_of(frames, rules, today=TODAY)
    placed = place_book(frames, rules, today=TODAY, cutoffs=cutoffs)
    assessed = assess_book(book, rules, today=TODAY, cutoffs=cutoffs)
    assert same(cells_in(placed)) == same(cells_of(sensible(assessed)))


def test_a_large_book_counts_as_client_by_client() -> None:
    book = [replace(e, advisor_id=7) for e in a_book(Random(5), 400, RULES, TODAYS[1])]
    placed = place_book(frames_of(book), RULES, today=TODAYS[1])
    assessed = assess_book(book, RULES, today=TODAYS[1])
    extra = {each.client_id: Hours(advisor=Decimal(each.client_id)) for each in book[:20]}
    assert same(cells_in(placed, extra=extra)) == same(cells_of(assessed, extra=extra))


def worked_example() -> list[Client]:
    """Clients without criteria or sponsors: S, L and N of the example are all N."""
    numbers = iter(range(1, 116))
    return [a_client(avg, client_id=next(numbers)) for _, n, avg in EXAMPLE for _ in range(n)]


def test_a_lower_cut_off_costs_hours_and_touches_who_moves() -> None:
    # 32 clients of 4,500 are B; from 4,000 on they would be A: 8 hours more each
    after = replace(RULES, cutoffs=TierCutoffs(a_from_revenue=Decimal(4000)))
    effect = capacity_effect(RULES, after, frames_of(worked_example()), today=TODAY)
    assert effect.touched == 32
    assert effect.freed.advisor == Decimal("-256.0")
    assert effect.used_after.needed - effect.used_before.needed == 256
    assert effect.before.total.revenue == effect.after.total.revenue == 529_000


def changed(key: str, times: dict[Tier, int], rules: RuleBook = RULES) -> RuleBook:
    """Return rules in which a service comes so often a year to the tiers named, else as before."""
    services = tuple(
        replace(each, per_year=per_year_of({**dict(each.per_year), **times}))
        if each.key == key
        else each
        for each in rules.services.services
    )
    return replace(rules, services=replace(rules.services, services=services))


def test_a_second_review_for_b_needs_80_hours_more() -> None:
    effect = capacity_effect(
        RULES, changed("review", {Tier.B: 2}), frames_of(worked_example()), today=TODAY
    )
    assert effect.touched == 32
    assert effect.freed == Hours(advisor=Decimal("-80.0"), staff=Decimal("-48.0"))


def test_hours_that_change_touch_the_clients_of_the_service() -> None:
    dearer = tuple(
        replace(each, advisor_hours=Decimal(3)) if each.key == "review" else each
        for each in RULES.services.services
    )
    after = replace(RULES, services=replace(RULES.services, services=dearer))
    effect = capacity_effect(RULES, after, frames_of(worked_example()), today=TODAY)
    assert effect.touched == 55  # 5 A+, 18 A, 32 B: N has no review meeting
    # half an hour more for 5 × 4 + 18 × 2 + 32 × 1 reviews
    assert effect.freed.advisor == -44


def test_cutting_the_suitability_review_is_not_possible() -> None:
    effect = capacity_effect(
        RULES, changed("suitability", {Tier.N: 0}), frames_of(worked_example()), today=TODAY
    )
    assert effect.freed == Hours()
    assert effect.touched == 0
    assert effect.floor == (FloorKept(tier=Tier.N, service="suitability", per_year=Decimal(1)),)


def test_another_year_changes_the_utilisation_only() -> None:
    after = replace(RULES, capacity=replace(RULES.capacity, client_hours_per_year=Decimal(800)))
    effect = capacity_effect(RULES, after, frames_of(worked_example()), today=TODAY)
    assert (effect.touched, effect.freed) == (0, Hours())
    assert (effect.used_before.client_hours, effect.used_after.client_hours) == (1000, 800)


def test_what_is_agreed_with_single_clients_counts_before_and_after() -> None:
    book = worked_example()
    twelve = ServiceOverride(
        service="review",
        per_year=Decimal(12),
        reason="sells the firm",
        by="Lena Brandt",
        first_day=TODAY,
        last_day=TODAY,
    )
    # the first client is A+ with 4 reviews of 2.5 hours
    effect = capacity_effect(
        RULES, RULES, frames_of(book), today=TODAY, overrides={1: (twelve,), 999: (twelve,)}
    )
    plain = capacity_effect(RULES, RULES, frames_of(book), today=TODAY)
    assert effect.used_after.needed - plain.used_after.needed == 20
    assert effect.freed == Hours()


def test_an_empty_firm_has_nothing_to_do() -> None:
    effect = capacity_effect(RULES, RULES, frames_of([]), today=TODAY)
    assert (effect.touched, effect.used_after.needed, effect.advisors) == (0, 0, 0)
