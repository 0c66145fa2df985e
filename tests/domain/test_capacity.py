"""Hours against revenue, by the worked example of 115 clients and around each limit."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.capacity import (
    Cell,
    Hours,
    HoursFit,
    Logged,
    MismatchKind,
    Workload,
    at_floor,
    deliveries_of,
    extra_hours,
    hours_of,
    mismatches,
    ratio_of,
    served_alike,
    utilisation_of,
    workload_of,
)
from domain.model import Quadrant, Tier
from domain.rulebook import RuleBook
from domain.service_history import ServiceOverride
from domain.service_model import CapacityRules, per_year_of

RULES = RuleBook()
EXAMPLE = (
    (Tier.A_PLUS, 5, 20_000),
    (Tier.A, 18, 10_000),
    (Tier.B, 32, 4_500),
    (Tier.S, 15, 2_000),
    (Tier.L, 20, 2_500),
    (Tier.N, 25, 1_000),
)
"""The worked example: tier, clients, average revenue."""


def cell(tier: Tier | None, clients: int, revenue: Decimal | int, **more: object) -> Cell:
    given: dict[str, object] = {
        "quadrant": None,
        "is_lower_half": False,
        "untapped": Decimal(0),
        "revenue_known": clients if tier else 0,
    }
    return Cell(tier=tier, clients=clients, revenue=Decimal(revenue), **{**given, **more})  # type: ignore[arg-type]


def example(rules: RuleBook = RULES) -> Workload:
    cells = [cell(tier, n, n * average) for tier, n, average in EXAMPLE]
    return workload_of(cells, rules)


def tenth(hours: Decimal | None) -> Decimal:
    assert hours is not None
    return hours.quantize(Decimal("0.1"))


@pytest.mark.parametrize(
    ("tier", "advisor", "staff"),
    [
        (Tier.A_PLUS, "26.3", "15.94"),
        (Tier.A, "15.3", "9.04"),
        (Tier.B, "7.3", "4.59"),
        (Tier.S, "9.3", "5.34"),
        (Tier.L, "4.3", "3.24"),
        (Tier.N, "2.0", "2.24"),
        (Tier.C, "4.3", "3.24"),
        (Tier.D, "2.0", "2.24"),
    ],
)
def test_a_client_year_takes_the_hours_of_its_tier(tier: Tier, advisor: str, staff: str) -> None:
    assert hours_of(RULES.services, tier) == Hours(advisor=Decimal(advisor), staff=Decimal(staff))


def test_the_worked_example_takes_916_hours_of_the_advisor_and_590_of_staff() -> None:
    load = example()
    planned = {tier: part.planned.advisor for tier, part in load.tiers.items()}
    assert planned == {
        Tier.A_PLUS: Decimal("131.5"),
        Tier.A: Decimal("275.4"),
        Tier.B: Decimal("233.6"),
        Tier.S: Decimal("139.5"),
        Tier.L: Decimal("86"),
        Tier.N: Decimal("50"),
    }
    assert load.total.planned.advisor == Decimal("916.0")
    assert tenth(load.total.planned.staff) == Decimal("590.2")
    assert load.total.revenue == 529_000


def test_the_worked_example_fills_92_percent_of_the_year_and_102_of_what_growth_leaves() -> None:
    used = utilisation_of(example().total.planned.advisor, RULES.capacity)
    assert used.of_all_pct == Decimal("91.6")
    assert round(used.of_all_pct) == 92
    assert used.after_reserve == 900
    assert round(used.of_rest_pct) == 102
    assert used.fit is HoursFit.RESERVE_USED
    assert used.over == 16


def test_not_ideal_clients_bring_more_an_hour_than_strategic_ones_though_less_in_all() -> None:
    tiers = example().tiers
    assert tiers[Tier.N].revenue_per_hour == 500
    assert tiers[Tier.S].revenue_per_hour is not None
    assert round(tiers[Tier.S].revenue_per_hour) == 215
    assert tiers[Tier.N].revenue < tiers[Tier.S].revenue


@pytest.mark.parametrize(
    ("needed", "fit"),
    [
        ("900", HoursFit.FITS),
        ("900.1", HoursFit.RESERVE_USED),
        ("1000", HoursFit.RESERVE_USED),
        ("1000.1", HoursFit.TOO_MUCH),
    ],
)
def test_what_just_fits_fits(needed: str, fit: HoursFit) -> None:
    assert utilisation_of(Decimal(needed), CapacityRules()).fit is fit


def test_two_advisors_have_twice_the_year() -> None:
    used = utilisation_of(Decimal(916), RULES.capacity, advisors=2)
    assert (used.client_hours, used.after_reserve) == (2000, 1800)


def test_strategic_clients_take_more_than_they_bring_as_an_investment() -> None:
    load = example()
    found = mismatches(load, RULES)
    assert [(each.tier, each.kind) for each in found] == [(Tier.S, MismatchKind.INVESTMENT)]
    # 139.5 of 916 hours against 30,000 of 529,000
    assert round(found[0].ratio, 2) == Decimal("2.69")
    # 139.5 h at 529,000 / 916 h
    assert round(found[0].at_book_rate) == 80_563


def two_tiers(hours_of_n: int) -> tuple[Workload, RuleBook]:
    """A and N bring the same; A takes 100 hours in all, N so many."""
    review = RULES.services.services[0]
    times = per_year_of({Tier.A: 100, Tier.N: hours_of_n})
    only = replace(review, advisor_hours=Decimal(1), counts_for=(), per_year=times)
    rules = replace(RULES, services=replace(RULES.services, services=(only,)))
    return workload_of([cell(Tier.A, 1, 1000), cell(Tier.N, 1, 1000)], rules), rules


@pytest.mark.parametrize(
    ("hours_of_n", "kinds"),
    [
        # share of hours ÷ share of revenue of N: 300 / 400 ÷ 0.5 = 1.5, and 301 / 401 ÷ 0.5 > 1.5
        (300, {Tier.A: MismatchKind.TOO_LITTLE_TIME}),
        (301, {Tier.A: MismatchKind.TOO_LITTLE_TIME, Tier.N: MismatchKind.TOO_MUCH_TIME}),
        (100, {}),
        # 0.67 × 0.5 = 0.335: 50.4 of 150.4 hours
        (51, {}),
        (50, {Tier.N: MismatchKind.TOO_LITTLE_TIME}),
    ],
)
def test_a_tier_is_flagged_beyond_one_and_a_half_and_below_two_thirds(
    hours_of_n: int, kinds: dict[Tier, MismatchKind]
) -> None:
    load, rules = two_tiers(hours_of_n)
    assert {each.tier: each.kind for each in mismatches(load, rules)} == kinds


def test_a_flagged_tier_comes_with_the_hours_and_the_revenue_that_would_mend_it() -> None:
    load, rules = two_tiers(340)
    worst = mismatches(load, rules)[0]
    assert worst.tier is Tier.N
    # 300 of 400 hours are three quarters: 1.5 times the half that it brings
    assert worst.fitting_hours_per_client == 300
    # 340 of 440 hours ÷ 1.5 is a share of 0.51515…: 1,062.50 beside the other 1,000
    assert worst.fitting_average_revenue is not None
    assert round(worst.fitting_average_revenue, 2) == Decimal("1062.50")
    assert worst.first == (("review", Decimal(340)),)


def test_a_tier_without_revenue_or_hours_has_no_ratio() -> None:
    load = workload_of([cell(Tier.A, 1, 1000), cell(Tier.N, 3, 0)], RULES)
    assert ratio_of(load, load.tiers[Tier.N]) is None
    assert load.tiers[Tier.B].average_revenue is None
    assert load.tiers[Tier.B].revenue_per_hour is None


def test_unknown_revenue_is_neither_nothing_nor_average() -> None:
    load = workload_of([cell(Tier.A, 3, 20_000, revenue_known=2), cell(None, 2, 0)], RULES)
    assert load.tiers[Tier.A].average_revenue == 10_000
    assert load.quadrants[None].revenue_per_hour is not None
    assert workload_of([cell(None, 2, 0)], RULES).total.revenue_per_hour is None


def test_a_tier_that_takes_too_much_at_its_least_can_only_pay_more() -> None:
    # 40 of tier N with 2,000 beside 40,000 of A: even 1.5 hours each are over half of the time
    load = workload_of([cell(Tier.A, 4, 40_000), cell(Tier.N, 40, 2_000)], RULES)
    worst = mismatches(load, RULES)[0]
    assert (worst.tier, worst.fitting_hours_per_client) == (Tier.N, None)
    assert worst.fitting_average_revenue is not None


def test_the_floor_outlives_any_cut() -> None:
    for tier in Tier:
        cut = at_floor(RULES.services, tier)
        assert hours_of(cut, tier).advisor >= 1  # a suitability review is an hour
    # N: an hour's review and half an hour of calls remain of 2.0
    assert hours_of(at_floor(RULES.services, Tier.N), Tier.N).advisor == Decimal("1.5")
    assert hours_of(at_floor(RULES.services, Tier.N), Tier.A) == hours_of(RULES.services, Tier.A)


def test_a_review_meeting_saves_the_suitability_review() -> None:
    # L: one review, so none of the floor's own
    assert hours_of(RULES.services, Tier.L).advisor == Decimal("4.3")


def agreed(service: str, per_year: str) -> ServiceOverride:
    return ServiceOverride(
        service=service,
        per_year=Decimal(per_year),
        reason="as agreed",
        by="Lena Brandt",
        first_day=date(2026, 1, 1),
        last_day=date(2026, 12, 31),
    )


@pytest.mark.parametrize(
    ("overrides", "day", "hours"),
    [
        # B has one review of 2.5 hours
        ((agreed("review", "3"),), date(2026, 12, 31), Hours(advisor=Decimal(5), staff=Decimal(3))),
        ((agreed("review", "3"),), date(2027, 1, 1), Hours()),
        # without its review the suitability review of 1/1 is owed
        (
            (agreed("review", "0"),),
            date(2026, 6, 1),
            Hours(advisor=Decimal("-1.5"), staff=Decimal("-0.5")),
        ),
        ((), date(2026, 6, 1), Hours()),
    ],
)
def test_an_override_takes_its_own_hours_while_it_holds(
    overrides: tuple[ServiceOverride, ...], day: date, hours: Hours
) -> None:
    assert extra_hours(RULES.services, Tier.B, overrides, today=day) == hours


def test_hours_of_overrides_are_planned_too() -> None:
    more = Hours(advisor=Decimal(5), staff=Decimal(3))
    load = workload_of([cell(Tier.B, 2, 9_000, extra=more)], RULES)
    assert load.tiers[Tier.B].planned.advisor == Decimal("19.6")  # 2 × 7.3 + 5


def test_promises_to_the_single_client_leave_out_bulk_and_calls() -> None:
    # N: portfolio check and the floor's review
    assert deliveries_of(RULES.services, Tier.N) == 2
    # A+: 4 + 1 + 8 + 4 + 1 + 2 + 1 + 1
    assert deliveries_of(RULES.services, Tier.A_PLUS) == 22


def test_the_default_model_serves_its_tiers_unlike() -> None:
    alike = served_alike(example(), RULES)
    assert alike is not None
    assert not alike.are_alike
    assert not alike.is_actual


@pytest.mark.parametrize(("delivered", "are_alike"), [(46, True), (45, False), (50, True)])
def test_everybody_gets_the_same_when_deliveries_differ_by_less_than_a_tenth(
    delivered: int, are_alike: bool
) -> None:
    # A gets 50 deliveries for 10 clients; 45 are just a tenth less
    load = workload_of(
        [
            cell(Tier.A, 10, 100_000, logged=Logged(deliveries=50)),
            cell(Tier.N, 10, 10_000, logged=Logged(deliveries=delivered)),
        ],
        RULES,
    )
    alike = served_alike(load, RULES)
    assert alike is not None
    assert alike.is_actual
    assert alike.are_alike is are_alike


def test_a_book_of_one_group_compares_with_nobody() -> None:
    assert served_alike(workload_of([cell(Tier.A, 3, 30_000)], RULES), RULES) is None


def test_fields_and_halves_add_up_to_the_book() -> None:
    load = workload_of(
        [
            cell(Tier.A, 2, 20_000, quadrant=Quadrant.GROW, untapped=Decimal(6000)),
            cell(Tier.N, 3, 3_000, quadrant=Quadrant.MOVE, is_lower_half=True),
            cell(Tier.B, 1, 4_000),
            cell(None, 2, 0),
        ],
        RULES,
    )
    assert load.quadrants[Quadrant.GROW].planned.advisor == Decimal("30.6")
    assert load.quadrants[Quadrant.GROW].untapped == 6000
    assert load.untapped_share_pct(load.quadrants[Quadrant.GROW]) == 100
    assert load.lower_half.clients == 3
    assert load.without_tier == 2
    # 30.6 + 3 × 2 + 7.3, and an hour of the floor for each of the two without a tier
    assert load.total.planned.advisor == Decimal("45.9")
    assert sum(part.clients for part in load.quadrants.values()) == load.total.clients
