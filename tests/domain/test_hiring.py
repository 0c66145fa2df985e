"""The hiring sum, by the worked example: the answer can be no, and stands beside what else."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.capacity import HoursFit, workload_of
from domain.hiring import (
    HireTerms,
    HireTermsError,
    TermsProblem,
    UnderMinimum,
    Verdict,
    Way,
    shall_we_hire,
)
from domain.model import Tier
from domain.rulebook import RuleBook, TierMethod
from tests.domain.test_capacity import RULES, cell, example, tenth

REST = (Tier.S, Tier.L, Tier.N)
TERMS = HireTerms(
    pay=Decimal(95_000), on_cost_factor=Decimal("1.15"), workplace=Decimal(0), tiers=REST
)
NOBODY = UnderMinimum(clients=0, revenue=Decimal(0), minimum=Decimal(3000))


def test_the_worked_example_says_no_by_4250() -> None:
    answer = shall_we_hire(example(), TERMS, NOBODY, RULES)
    assert answer.part.revenue == 105_000
    assert answer.cost == Decimal("109250.00")
    assert answer.margin == -4250
    assert answer.verdict is Verdict.COSTS_MORE
    # 105,000 / 1.15
    assert round(answer.break_even_pay) == 91_304
    assert answer.break_even_pay.quantize(Decimal("0.01")) == Decimal("91304.35")


def test_the_worked_example_needs_276_hours_or_476_with_staff() -> None:
    answer = shall_we_hire(example(), TERMS, NOBODY, RULES)
    assert answer.part.planned.advisor == Decimal("275.5")
    # 139.5 + 86 + 50, and 80.1 + 64.8 + 56
    assert answer.part.planned.total == Decimal("476.4")
    assert answer.freed == Decimal("275.5")
    assert answer.after.needed == Decimal("640.5")
    assert answer.after.fit is HoursFit.FITS


def test_freed_hours_refilled_as_those_of_a_would_bring_180000_beside_the_no() -> None:
    answer = shall_we_hire(example(), TERMS, NOBODY, RULES)
    assert answer.refill_rate is not None
    assert answer.refill_value is not None
    assert round(answer.refill_rate) == 654
    # 275.5 × 180,000 / 275.4
    assert answer.refill_value.quantize(Decimal("0.01")) == Decimal("180065.36")
    assert answer.verdict is Verdict.COSTS_MORE


def test_ending_or_cutting_the_lowest_tier_frees_hours_with_25000_at_stake() -> None:
    found = {each.way: each for each in shall_we_hire(example(), TERMS, NOBODY, RULES).alternatives}
    assert (found[Way.END].freed, found[Way.END].at_stake) == (50, 25_000)
    assert (found[Way.HAND_OVER].freed, found[Way.HAND_OVER].at_stake) == (50, 25_000)
    cut = found[Way.CUT]
    assert (tenth(cut.freed), tenth(cut.freed_at_most)) == (Decimal("12.5"), Decimal("25.0"))
    assert cut.at_stake == 25_000


def test_hours_freed_are_held_against_the_goal_of_time() -> None:
    # 16 hours would make the growth reserve whole again
    answer = shall_we_hire(example(), TERMS, NOBODY, RULES)
    assert answer.goal_hours == 16
    reached = {each.way: each.reaches_goal for each in answer.alternatives}
    assert (reached[Way.CUT], reached[Way.END], answer.reaches_goal) == (False, True, True)
    more = shall_we_hire(example(), replace(TERMS, goal_hours=Decimal(300)), NOBODY, RULES)
    assert not more.reaches_goal


def test_a_raised_minimum_gains_what_is_missing_or_frees_the_hours() -> None:
    # ten of tier N bring 8,000 under a minimum of 3,000: 22,000 more, or 20 hours
    under = UnderMinimum(clients=10, revenue=Decimal(8000), minimum=Decimal(3000))
    found = {each.way: each for each in shall_we_hire(example(), TERMS, under, RULES).alternatives}
    raised = found[Way.RAISE_MINIMUM]
    assert (raised.clients, raised.freed) == (10, 20)
    assert (raised.at_stake, raised.gain) == (8000, 22_000)


@pytest.mark.parametrize(
    ("pay", "verdict"),
    [("91304.34", Verdict.YES), ("91304.35", Verdict.COSTS_MORE)],
)
def test_at_the_break_even_pay_the_answer_turns(pay: str, verdict: Verdict) -> None:
    assert shall_we_hire(example(), replace(TERMS, pay=Decimal(pay)), NOBODY, RULES).verdict is (
        verdict
    )


def test_a_workplace_costs_too() -> None:
    answer = shall_we_hire(example(), replace(TERMS, workplace=Decimal(6000)), NOBODY, RULES)
    assert answer.margin == -10_250
    # 99,000 / 1.15
    assert round(answer.break_even_pay) == 86_087


def test_more_hours_than_one_person_has_are_a_no_as_well() -> None:
    everybody = replace(TERMS, tiers=tuple(Tier))
    answer = shall_we_hire(example(), everybody, NOBODY, RULES)
    assert answer.margin > 0
    assert answer.verdict is Verdict.TOO_MANY_HOURS  # 1,506.2 of 1,000
    dear = shall_we_hire(example(), replace(everybody, pay=Decimal(900_000)), NOBODY, RULES)
    assert dear.verdict is Verdict.BOTH


def test_the_lower_half_is_handed_over_where_no_tier_is_named() -> None:
    load = workload_of(
        [
            cell(Tier.A, 2, 20_000),
            cell(Tier.L, 1, 2_500, is_lower_half=True),
            cell(Tier.N, 1, 900, is_lower_half=True),
        ],
        RULES,
    )
    answer = shall_we_hire(load, replace(TERMS, tiers=()), NOBODY, RULES)
    assert (answer.part.clients, answer.part.revenue) == (2, 3_400)
    assert answer.freed == Decimal("6.3")


def test_a_refill_tier_without_clients_has_no_rate() -> None:
    load = workload_of([cell(Tier.N, 3, 3_000)], RULES)
    answer = shall_we_hire(load, replace(TERMS, tiers=(Tier.N,)), NOBODY, RULES)
    assert (answer.refill_rate, answer.refill_value) == (None, None)


def test_nobody_can_be_handed_over_in_an_empty_part() -> None:
    load = workload_of([cell(Tier.A, 3, 30_000)], RULES)
    with pytest.raises(HireTermsError) as caught:
        shall_we_hire(load, TERMS, NOBODY, RULES)
    assert caught.value.problem is TermsProblem.NOBODY


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"pay": Decimal(0)}, TermsProblem.PAY),
        ({"on_cost_factor": Decimal("0.99")}, TermsProblem.ON_COST),
        ({"on_cost_factor": Decimal("5.01")}, TermsProblem.ON_COST),
        ({"workplace": Decimal(-1)}, TermsProblem.WORKPLACE),
        ({"goal_hours": Decimal(-1)}, TermsProblem.HOURS),
    ],
)
def test_terms_that_cannot_be_name_the_figure(
    changed: dict[str, Decimal], problem: TermsProblem
) -> None:
    with pytest.raises(HireTermsError) as caught:
        replace(TERMS, **changed)
    assert caught.value.problem is problem


def test_the_plain_scheme_cuts_its_lowest_tier() -> None:
    rules = replace(RuleBook(), method=TierMethod.PLAIN_REVENUE)
    load = workload_of([cell(Tier.A, 1, 12_000), cell(Tier.D, 4, 4_000)], rules)
    terms = replace(TERMS, tiers=(Tier.D,))
    answer = shall_we_hire(load, terms, NOBODY, rules)
    assert [each.clients for each in answer.alternatives] == [4, 4, 4, 0]
