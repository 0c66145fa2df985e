"""High and low by the firm's own median, with a band; and our share by number of providers."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.book import cutoffs_of, frames_of
from domain.cutoffs import BookCutoffs, median_sides
from domain.errors import ProviderRankError
from domain.model import Quadrant, WalletFact, WalletSource
from domain.quadrants import Missing, quadrant_of, rule_share_pct
from domain.rulebook import MatrixLimits, MatrixMode, RuleBook
from tests.domain.examples import TODAY, a_client, a_holding, a_score, a_wallet, in_field

BY_MEDIAN = RuleBook(matrix=MatrixLimits(mode=MatrixMode.MEDIAN))


def limits_of(median) -> tuple[int, ...]:
    sides = median_sides(Decimal(median), Decimal(5))
    return int(sides.low_under), int(sides.first_high_from), int(sides.high_from)


def test_the_band_reaches_5_points_to_both_sides_of_the_median():
    assert limits_of(36) == (31, 36, 41)


def test_a_band_ends_at_0_and_100():
    assert limits_of(3) == (0, 3, 8)
    assert limits_of(98) == (93, 98, 100)


def test_medians_are_those_of_the_firms_placed_clients():
    # Given three placed clients, and others whose one value must not count
    firm = [
        in_field(80, 20, client_id=1),
        in_field(60, 30, client_id=2),
        in_field(90, 70, client_id=3),
        in_field(5, 5, client_id=4, former_since=TODAY),
        a_client(1, client_id=5, satisfactions=(a_score(1),)),
        a_client(1, client_id=6, wallets=(a_wallet(share=1),)),
    ]
    # Then the medians are 80 and 30
    cutoffs = cutoffs_of(frames_of(firm), BY_MEDIAN, today=TODAY)
    assert cutoffs.satisfaction == median_sides(Decimal(80), Decimal(5))
    assert cutoffs.share == median_sides(Decimal(30), Decimal(5))


def test_of_an_even_number_the_median_lies_between_the_two_in_the_middle():
    firm = [in_field(70, 20, client_id=1), in_field(81, 20, client_id=2)]
    cutoffs = cutoffs_of(frames_of(firm), BY_MEDIAN, today=TODAY)
    assert cutoffs.satisfaction.first_high_from == Decimal("75.5")


@pytest.mark.parametrize(
    ("share", "expected"),
    [("34.99", Quadrant.GROW), ("35", Quadrant.GROW), ("39.99", Quadrant.GROW),
     ("40", Quadrant.MODEL), ("45", Quadrant.MODEL)],
)  # fmt: skip
def test_without_a_last_side_the_median_itself_decides(share, expected):
    cutoffs = BookCutoffs(share=median_sides(Decimal(40), Decimal(5)))
    assert quadrant_of(in_field(90, share), BY_MEDIAN, today=TODAY, cutoffs=cutoffs).quadrant is (
        expected
    )


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [("45", "35", Quadrant.MODEL), ("45", "34.99", Quadrant.GROW), ("34.99", "44.99",
      Quadrant.GROW), ("34.99", "45", Quadrant.MODEL)],
)  # fmt: skip
def test_within_the_band_a_client_keeps_the_last_side(before, now, expected):
    cutoffs = BookCutoffs(share=median_sides(Decimal(40), Decimal(5)))
    client = a_client(
        1,
        satisfactions=(a_score(90),),
        wallets=(a_wallet(share=before, on=TODAY - timedelta(days=30)), a_wallet(share=now)),
    )
    placement = quadrant_of(client, BY_MEDIAN, today=TODAY, cutoffs=cutoffs)
    assert (placement.quadrant, placement.by_median) == (expected, True)


def test_what_would_change_the_field_is_measured_by_the_median_too():
    cutoffs = BookCutoffs(
        satisfaction=median_sides(Decimal(70), Decimal(5)),
        share=median_sides(Decimal(40), Decimal(5)),
    )
    changes = quadrant_of(in_field(90, 20), BY_MEDIAN, today=TODAY, cutoffs=cutoffs).changes
    assert [(each.limit, each.quadrant) for each in changes] == [
        (Decimal(65), Quadrant.MOVE),
        (Decimal(45), Quadrant.MODEL),
    ]


def test_where_nobody_is_placed_the_fixed_limits_hold():
    cutoffs = cutoffs_of(frames_of([a_client(5)]), BY_MEDIAN, today=TODAY)
    placement = quadrant_of(in_field(70, 50), BY_MEDIAN, today=TODAY, cutoffs=cutoffs)
    assert placement.quadrant is Quadrant.MODEL


# The Wallet Allocation Rule


def by_rule(providers, rank, **facts) -> WalletFact:
    return WalletFact(
        source=WalletSource.RULE, known_on=TODAY, providers=providers, rank=Decimal(rank), **facts
    )


@pytest.mark.parametrize(
    ("rank", "providers", "share"),
    [(1, 1, "1.00"), (1, 2, ".67"), (2, 2, ".33"), (1, 3, ".50"), (2, 3, ".33"), (3, 3, ".17"),
     (1, 4, ".40")],
)  # fmt: skip
def test_the_rules_table_comes_out_as_published(rank, providers, share):
    part = rule_share_pct(providers, Decimal(rank)) / 100
    assert round(part, 2) == Decimal(share)


def test_providers_in_the_same_place_share_the_mean_place_and_so_the_share():
    # Two of two in the first place: half each
    assert rule_share_pct(2, Decimal("1.5")) == 50


@given(st.integers(1, 60))
def test_all_providers_together_have_the_whole_wallet(providers):
    shares = [rule_share_pct(providers, Decimal(rank)) for rank in range(1, providers + 1)]
    assert 100 - Decimal("0.01") * providers <= sum(shares) <= 100
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize(
    ("providers", "rank"), [(2, "0"), (2, "0.99"), (2, "2.01"), (0, "1"), (None, "1"), (3, None)]
)
def test_a_place_outside_the_number_of_providers_is_refused(providers, rank):
    with pytest.raises(ProviderRankError):
        WalletFact(
            source=WalletSource.RULE,
            known_on=TODAY,
            providers=providers,
            rank=None if rank is None else Decimal(rank),
        )


def test_the_rule_places_a_client_and_tells_the_wallet_from_what_is_managed():
    client = a_client(
        1,
        satisfactions=(a_score(90),),
        wallets=(by_rule(3, 1),),
        holdings=(a_holding(120_000),),
    )
    placement = quadrant_of(client, RuleBook(), today=TODAY)
    assert placement.quadrant is Quadrant.MODEL
    assert (placement.share.share_pct, placement.share.wallet) == (50, 240_000)


def test_any_other_source_that_counts_beats_the_rule():
    old = a_wallet(share=10, on=TODAY - timedelta(days=500), source=WalletSource.ESTIMATE)
    client = a_client(1, satisfactions=(a_score(90),), wallets=(by_rule(1, 1), old))
    assert quadrant_of(client, RuleBook(), today=TODAY).share.share_pct == 10


def test_the_rule_without_providers_says_nothing_of_the_share():
    fact = WalletFact(source=WalletSource.RULE, known_on=TODAY)
    client = a_client(1, satisfactions=(a_score(90),), wallets=(fact,))
    assert quadrant_of(client, RuleBook(), today=TODAY).missing == (Missing.WALLET,)
