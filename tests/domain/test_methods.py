"""Other ways to give tiers: percentiles of the firm, and plain A, B, C, D."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.book import cutoffs_of, frames_of
from domain.cutoffs import BookCutoffs, rank_rungs
from domain.model import Tier
from domain.rulebook import MatrixLimits, PercentileCutoffs, PlainCutoffs, RuleBook, TierMethod
from domain.segmentation import (
    LessManagedChange,
    LessRevenueChange,
    ManagedReason,
    ManagedUnknownReason,
    MoreManagedChange,
    MoreRevenueChange,
    RevenueReason,
    tier_of,
)
from tests.domain.examples import TODAY, a_client, a_holding, a_tie, an_override

BY_RANK = RuleBook(method=TierMethod.PERCENTILE)
BY_REVENUE = RuleBook(method=TierMethod.PLAIN_REVENUE)
BY_MANAGED = RuleBook(method=TierMethod.PLAIN_MANAGED)


def ranked(*revenues) -> list:
    """Return the tiers of a firm with these revenues, in the order given."""
    cutoffs = cutoffs_for(revenues)
    return [
        tier_of(a_client(each), BY_RANK, today=TODAY, cutoffs=cutoffs).tier for each in revenues
    ]


def cutoffs_for(revenues) -> BookCutoffs:
    return BookCutoffs(rungs=rank_rungs(list(map(Decimal, revenues)), BY_RANK.percentiles))


def test_of_a_hundred_clients_the_first_5_are_a_plus_the_next_15_a_the_next_30_b():
    tiers = ranked(*range(100, 0, -1))
    assert tiers == [Tier.A_PLUS] * 5 + [Tier.A] * 15 + [Tier.B] * 30 + [Tier.N] * 50


def test_a_tier_takes_the_first_ceil_p_times_n_of_the_ranking_so_far():
    # 21 clients: ceil(1.05) = 2, ceil(4.2) = 5, ceil(10.5) = 11
    tiers = ranked(*range(21, 0, -1))
    assert tiers == [Tier.A_PLUS] * 2 + [Tier.A] * 3 + [Tier.B] * 6 + [Tier.N] * 10


def test_clients_with_the_same_revenue_get_the_higher_tier():
    # 20 clients: one place for A+, three for A, six for B
    tiers = ranked(90, 90, 80, 80, 80, 80, *range(70, 56, -1))
    assert tiers == [Tier.A_PLUS] * 2 + [Tier.A] * 4 + [Tier.B] * 4 + [Tier.N] * 10


def test_the_only_client_is_the_best_one():
    assert ranked(10) == [Tier.A_PLUS]


def test_former_clients_and_unknown_revenues_are_not_ranked():
    firm = [a_client(n, client_id=n) for n in range(1, 21)]
    firm += [a_client(99, client_id=30 + n, former_since=TODAY) for n in range(9)]
    firm += [a_client(None, client_id=50 + n) for n in range(9)]
    cutoffs = cutoffs_of(frames_of(firm), BY_RANK, today=TODAY)
    assert [int(rung.begins_at) for rung in cutoffs.rungs] == [20, 17, 11]


def test_the_because_names_the_part_of_the_ranking_and_where_it_begins_today():
    cutoffs = cutoffs_for(range(1, 101))
    top = tier_of(a_client(96), BY_RANK, today=TODAY, cutoffs=cutoffs)
    assert top.reasons == (
        RevenueReason(revenue=Decimal(96), cutoff=Decimal(96), reached=True, top_pct=Decimal(5)),
    )
    missed = tier_of(a_client(50), BY_RANK, today=TODAY, cutoffs=cutoffs)
    assert missed.reasons[0] == RevenueReason(
        revenue=Decimal(50), cutoff=Decimal(51), reached=False, top_pct=Decimal(50)
    )
    assert missed.changes[0] == MoreRevenueChange(tier=Tier.B, amount=Decimal(1))


@given(
    revenues=st.lists(st.integers(1, 40), min_size=1, max_size=25),
    percentiles=st.sampled_from(
        [
            PercentileCutoffs(),
            PercentileCutoffs(
                a_plus_top_pct=Decimal("0.1"), a_next_pct=Decimal("33.3"), b_next_pct=Decimal(40)
            ),
        ]
    ),
    data=st.data(),
)
def test_what_would_change_a_place_in_the_ranking_does_change_it_and_a_cent_less_does_not(
    revenues, percentiles, data
):
    rules = replace(BY_RANK, percentiles=percentiles)
    position = data.draw(st.integers(0, len(revenues) - 1))

    def placed_with(revenue):
        firm = [Decimal(each) for each in revenues]
        firm[position] = revenue
        cutoffs = BookCutoffs(rungs=rank_rungs(firm, percentiles))
        return tier_of(a_client(revenue), rules, today=TODAY, cutoffs=cutoffs)

    own, cent = Decimal(revenues[position]), Decimal("0.01")
    now = placed_with(own)
    for change in now.changes:
        if isinstance(change, MoreRevenueChange):
            assert placed_with(own + change.amount).tier is change.tier
            assert placed_with(own + change.amount - cent).tier is now.tier
        if isinstance(change, LessRevenueChange):
            assert placed_with(own - change.amount).tier is now.tier
            assert placed_with(own - change.amount - cent).tier is change.tier


def test_percentiles_without_the_firms_revenues_are_a_mistake_of_ours_and_loud():
    with pytest.raises(ValueError, match="cutoffs"):
        tier_of(a_client(5), BY_RANK, today=TODAY)


@pytest.mark.parametrize(
    ("revenue", "expected"),
    [
        ("10000.01", Tier.A),
        ("10000", Tier.A),
        ("9999.99", Tier.B),
        ("5000", Tier.B),
        ("4999.99", Tier.C),
        ("2000", Tier.C),
        ("1999.99", Tier.D),
        ("0", Tier.D),
    ],
)
def test_plain_tiers_by_revenue_begin_on_their_cut_offs(revenue, expected):
    # A sponsor makes nobody legacy here: there is no L among A, B, C, D.
    client = a_client(revenue, legacy=(a_tie(Tier.A),))
    assert tier_of(client, BY_REVENUE, today=TODAY).tier is expected


@pytest.mark.parametrize(
    ("managed", "expected"),
    [
        ("1000000", Tier.A),
        ("999999.99", Tier.B),
        ("500000", Tier.B),
        ("499999.99", Tier.C),
        ("250000", Tier.C),
        ("249999.99", Tier.D),
    ],
)
def test_plain_tiers_by_assets_under_management_ask_no_revenue(managed, expected):
    client = a_client(None, holdings=(a_holding(managed),))
    assert tier_of(client, BY_MANAGED, today=TODAY).tier is expected


def test_a_plain_tier_says_why_and_what_would_change_it():
    placement = tier_of(a_client(1, holdings=(a_holding(600_000),)), BY_MANAGED, today=TODAY)
    assert placement.reasons == (
        ManagedReason(managed=Decimal(600_000), cutoff=Decimal(500_000), reached=True),
    )
    assert placement.changes == (
        MoreManagedChange(tier=Tier.A, amount=Decimal(400_000)),
        LessManagedChange(tier=Tier.C, amount=Decimal(100_000)),
    )
    lowest = tier_of(a_client(1500), BY_REVENUE, today=TODAY)
    assert lowest.reasons == (
        RevenueReason(revenue=Decimal(1500), cutoff=Decimal(2000), reached=False, lowest=Tier.C),
    )
    assert lowest.changes == (MoreRevenueChange(tier=Tier.C, amount=Decimal(500)),)


def test_nothing_known_under_management_gives_no_plain_tier():
    placement = tier_of(a_client(50_000), BY_MANAGED, today=TODAY)
    assert (placement.tier, placement.reasons) == (None, (ManagedUnknownReason(),))


def test_for_a_sales_team_the_sales_of_the_year_are_what_is_managed():
    rules = replace(
        BY_MANAGED,
        matrix=MatrixLimits(managed_is_revenue=True),
        abcd=PlainCutoffs(a_from_managed=Decimal(900_000)),
    )
    client = a_client(900_000, holdings=(a_holding(1),))
    assert tier_of(client, rules, today=TODAY).tier is Tier.A


def test_a_person_may_overrule_every_method():
    override = an_override(Tier.S, TODAY, TODAY)
    placement = tier_of(a_client(20_000, overrides=(override,)), BY_REVENUE, today=TODAY)
    assert (placement.tier, placement.computed_tier) == (Tier.S, Tier.A)
