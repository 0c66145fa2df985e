"""Which tier, because of what, and what would change it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model import Criterion, Tier, WalletSource
from domain.rulebook import RuleBook
from domain.segmentation import (
    CriterionChange,
    LegacyReason,
    LessRevenueChange,
    MoreRevenueChange,
    NoCriterionReason,
    OverrideEndChange,
    OverrideReason,
    RevenueReason,
    RevenueUnknownReason,
    StrategicReason,
    tier_of,
)
from tests.domain.examples import TODAY, a_case, a_client, a_tie, a_wallet, an_override

RULES = RuleBook()
DAY = timedelta(days=1)
LADDER = [Tier.A_PLUS, Tier.A, Tier.B, Tier.N]


def tier(client, today=TODAY):
    return tier_of(client, RULES, today=today).tier


@pytest.mark.parametrize(
    ("revenue", "expected"),
    [
        ("15000.01", Tier.A_PLUS),
        ("15000", Tier.A_PLUS),
        ("14999.99", Tier.A),
        ("8000.01", Tier.A),
        ("8000", Tier.A),
        ("7999.99", Tier.B),
        ("3000.01", Tier.B),
        ("3000", Tier.B),
        ("2999.99", Tier.N),
        ("0", Tier.N),
    ],
)
def test_a_revenue_on_a_cut_off_belongs_to_the_higher_tier(revenue, expected):
    assert tier(a_client(revenue)) == expected


def test_unknown_revenue_gives_no_tier_and_says_so():
    placement = tier_of(a_client(None), RULES, today=TODAY)
    assert placement.tier is None
    assert placement.reasons == (RevenueUnknownReason(),)
    assert placement.changes == ()


def test_unknown_revenue_is_not_rescued_by_a_criterion():
    assert tier(a_client(None, strategic=(a_case(Criterion.HENRY),))) is None


def test_1400_more_a_year_makes_it_a():
    placement = tier_of(a_client(6600), RULES, today=TODAY)
    assert placement.tier is Tier.B
    assert placement.reasons == (
        RevenueReason(revenue=Decimal(6600), cutoff=Decimal(3000), reached=True),
    )
    assert placement.changes == (
        MoreRevenueChange(tier=Tier.A, amount=Decimal(1400)),
        LessRevenueChange(tier=Tier.N, amount=Decimal(3600)),
    )


def test_a_top_client_can_only_fall_to_a():
    placement = tier_of(a_client(20_000), RULES, today=TODAY)
    assert placement.changes == (LessRevenueChange(tier=Tier.A, amount=Decimal(5000)),)


def test_an_a_client_knows_both_ways():
    placement = tier_of(a_client(10_000), RULES, today=TODAY)
    assert placement.changes == (
        MoreRevenueChange(tier=Tier.A_PLUS, amount=Decimal(5000)),
        LessRevenueChange(tier=Tier.B, amount=Decimal(2000)),
    )


def test_a_b_client_with_a_sponsor_would_fall_to_legacy():
    placement = tier_of(a_client(3500, legacy=(a_tie(Tier.A),)), RULES, today=TODAY)
    assert placement.changes[-1] == LessRevenueChange(tier=Tier.L, amount=Decimal(500))


def test_a_client_that_fits_nowhere_else_is_told_the_three_ways_up():
    placement = tier_of(a_client(1000), RULES, today=TODAY)
    assert placement.tier is Tier.N
    assert placement.reasons == (
        RevenueReason(revenue=Decimal(1000), cutoff=Decimal(3000), reached=False),
        NoCriterionReason(),
    )
    assert placement.changes == (
        MoreRevenueChange(tier=Tier.B, amount=Decimal(2000)),
        CriterionChange(tier=Tier.S),
        CriterionChange(tier=Tier.L),
    )


@pytest.mark.parametrize(
    ("rate", "income", "expected"),
    [
        ("20", "80000", Tier.S),
        ("20.01", "80000.01", Tier.S),
        ("19.99", "80000", Tier.N),
        ("20", "79999.99", Tier.N),
        (None, "90000", Tier.N),
        ("50", None, Tier.N),
    ],
)
def test_a_well_paid_client_with_a_high_saving_rate_is_strategic(rate, income, expected):
    client = a_client(
        1000,
        saving_rate_pct=None if rate is None else Decimal(rate),
        income=None if income is None else Decimal(income),
    )
    assert tier(client) == expected


@pytest.mark.parametrize(
    ("share", "expected"), [("49.99", Tier.N), ("50", Tier.S), ("50.01", Tier.S)]
)
def test_an_owner_with_half_his_wealth_in_the_firm_is_strategic(share, expected):
    assert tier(a_client(1000, business_share_pct=Decimal(share))) == expected


@pytest.mark.parametrize(
    ("income", "wallet", "expected"),
    [
        ("150000", "249999.99", Tier.S),
        ("149999.99", "249999.99", Tier.N),
        ("150000", "250000", Tier.N),
        ("150000", "250000.01", Tier.N),
    ],
)
def test_a_high_earner_is_strategic_as_long_as_not_rich_yet(income, wallet, expected):
    client = a_client(1000, income=Decimal(income), wallets=(a_wallet(wallet),))
    assert tier(client) == expected


def test_of_two_wallets_of_one_day_the_better_source_counts():
    rich = a_wallet(300_000, source=WalletSource.DOCUMENTED)
    modest = a_wallet(200_000, source=WalletSource.ESTIMATE)
    client = a_client(1000, income=Decimal(200_000), wallets=(rich, modest))
    assert tier(client) is Tier.N
    assert tier(replace(client, wallets=(modest, rich))) is Tier.N


def test_a_newer_wallet_of_any_source_tells_whether_somebody_is_rich_yet():
    before = a_wallet(300_000, on=TODAY - DAY, source=WalletSource.DOCUMENTED)
    now = a_wallet(200_000, on=TODAY, source=WalletSource.ESTIMATE)
    client = a_client(1000, income=Decimal(200_000), wallets=(now, before))
    assert tier(client) is Tier.S
    assert tier(client, today=TODAY - DAY) is Tier.N


def test_a_criterion_counts_from_the_day_it_was_noted():
    client = a_client(1000, strategic=(a_case(Criterion.ILLIQUID_OWNER, on=TODAY),))
    assert tier(client, today=TODAY - DAY) is Tier.N
    assert tier(client, today=TODAY) is Tier.S


def test_what_a_person_noted_stands_before_what_was_computed_and_is_said_once():
    noted = a_case(Criterion.HENRY)
    client = a_client(
        1000,
        strategic=(noted,),
        income=Decimal(160_000),
        business_share_pct=Decimal(60),
        wallets=(a_wallet(100_000),),
    )
    assert tier_of(client, RULES, today=TODAY).reasons[1:] == (
        StrategicReason(criterion=Criterion.HENRY, case=noted),
        StrategicReason(criterion=Criterion.ILLIQUID_OWNER, value=Decimal(60), limit=Decimal(50)),
    )


def test_strategic_comes_before_legacy_and_both_reasons_are_shown():
    case, tie = a_case(Criterion.HIGH_SAVER), a_tie(Tier.A_PLUS)
    placement = tier_of(a_client(1000, strategic=(case,), legacy=(tie,)), RULES, today=TODAY)
    assert placement.tier is Tier.S
    assert placement.reasons[1:] == (
        StrategicReason(criterion=Criterion.HIGH_SAVER, case=case),
        LegacyReason(tie=tie, needs_review=False),
    )
    assert not placement.needs_review


@pytest.mark.parametrize(
    ("sponsor_tier", "is_former", "expected"),
    [
        (Tier.A_PLUS, False, False),
        (Tier.A, False, False),
        (Tier.B, False, True),
        (None, False, True),
        (Tier.A_PLUS, True, True),
    ],
)
def test_a_legacy_client_goes_up_for_review_when_the_sponsor_left_or_fell_below_a(
    sponsor_tier, is_former, expected
):
    client = a_client(1000, legacy=(a_tie(sponsor_tier, is_former=is_former),))
    placement = tier_of(client, RULES, today=TODAY)
    assert placement.tier is Tier.L
    assert placement.needs_review is expected


def test_one_sponsor_that_still_supports_is_enough():
    ties = (a_tie(Tier.B), a_tie(Tier.A, sponsor_id=91))
    assert not tier_of(a_client(1000, legacy=ties), RULES, today=TODAY).needs_review


def test_legacy_by_a_persons_word_needs_no_sponsor_and_no_review():
    override = an_override(Tier.L, TODAY, TODAY)
    placement = tier_of(a_client(9000, overrides=(override,)), RULES, today=TODAY)
    assert placement.tier is Tier.L
    assert not placement.needs_review


def test_an_override_is_visible_with_the_rules_own_tier_and_its_end():
    override = an_override(Tier.A, date(2026, 10, 1), date(2026, 12, 31))
    placement = tier_of(a_client(1000, overrides=(override,)), RULES, today=TODAY)
    assert placement.tier is Tier.A
    assert placement.is_overridden
    assert placement.reasons[0] == OverrideReason(override=override, computed=Tier.N)
    assert placement.changes == (OverrideEndChange(tier=Tier.N, last_day=date(2026, 12, 31)),)


def test_an_override_holds_from_its_first_to_its_last_day():
    override = an_override(Tier.A, date(2026, 10, 1), date(2026, 12, 31))
    client = a_client(1000, overrides=(override,))
    assert tier(client, today=date(2026, 9, 30)) is Tier.N
    assert tier(client, today=date(2026, 10, 1)) is Tier.A
    assert tier(client, today=date(2026, 12, 31)) is Tier.A
    assert tier(client, today=date(2027, 1, 1)) is Tier.N


def test_an_override_places_a_client_without_known_revenue():
    client = a_client(None, overrides=(an_override(Tier.B, TODAY, TODAY),))
    placement = tier_of(client, RULES, today=TODAY)
    assert placement.tier is Tier.B
    assert placement.changes == (OverrideEndChange(tier=None, last_day=TODAY),)


def test_of_two_overrides_the_one_that_began_last_counts():
    older = an_override(Tier.A, TODAY - 9 * DAY, TODAY + 9 * DAY)
    newer = an_override(Tier.B, TODAY - 2 * DAY, TODAY + 2 * DAY)
    for overrides in ((older, newer), (newer, older)):
        client = a_client(1000, overrides=overrides)
        assert tier(client) is Tier.B
        assert tier(client, today=TODAY + 3 * DAY) is Tier.A


def test_of_two_overrides_of_one_day_the_one_recorded_last_counts():
    first, second = an_override(Tier.A, TODAY, TODAY), an_override(Tier.B, TODAY, TODAY)
    assert tier(a_client(1000, overrides=(first, second))) is Tier.B


money = st.decimals(0, 10**13, places=2)


@given(revenue=money, more=money)
def test_more_revenue_never_lowers_a_tier(revenue, more):
    before, after = tier(a_client(revenue)), tier(a_client(revenue + more))
    assert LADDER.index(after) <= LADDER.index(before)


@given(revenue=st.decimals(0, 20_000, places=2))
def test_the_change_promised_is_the_change_that_comes(revenue):
    cent = Decimal("0.01")
    for change in tier_of(a_client(revenue), RULES, today=TODAY).changes:
        if isinstance(change, MoreRevenueChange):
            assert tier(a_client(revenue + change.amount)) is change.tier
            assert tier(a_client(revenue + change.amount - cent)) is not change.tier
        if isinstance(change, LessRevenueChange):
            assert tier(a_client(revenue - change.amount)) is not change.tier
            assert tier(a_client(revenue - change.amount - cent)) is change.tier
