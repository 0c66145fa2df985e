"""Which field, because of what, how old it may be, and which side is remembered."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ScoreOutOfScaleError
from domain.model import Quadrant, Scale, WalletSource
from domain.quadrants import (
    Age,
    Axis,
    Level,
    LevelChange,
    Missing,
    age_of,
    index_of,
    quadrant_of,
    share_pct,
    side_of,
)
from domain.rulebook import MatrixLimits, RuleBook
from tests.domain.examples import TODAY, a_client, a_holding, a_score, a_wallet, in_field

RULES = RuleBook()
LIMITS = RULES.matrix
DAY = timedelta(days=1)
YEAR_AGO, EIGHTEEN_MONTHS_AGO = date(2025, 11, 23), date(2025, 5, 23)


def placed(client, today=TODAY, rules=RULES):
    return quadrant_of(client, rules, today=today)


@pytest.mark.parametrize(
    ("satisfaction", "share", "expected"),
    [
        ("100", "0", Quadrant.GROW),
        ("70", "44.99", Quadrant.GROW),
        ("70", "50", Quadrant.MODEL),
        ("70", "49.99", Quadrant.GROW),
        ("69.99", "44.99", Quadrant.GROW),
        ("65", "44.99", Quadrant.GROW),
        ("64.99", "44.99", Quadrant.MOVE),
        ("59.99", "44.99", Quadrant.MOVE),
        ("59.99", "50", Quadrant.FIX),
        ("0", "100", Quadrant.FIX),
        ("100", "100", Quadrant.MODEL),
        ("0", "0", Quadrant.MOVE),
    ],
)
def test_satisfaction_and_share_of_wallet_give_the_field(satisfaction, share, expected):
    assert placed(in_field(satisfaction, share)).quadrant is expected


def test_every_pair_falls_in_exactly_one_field():
    # By hand, for first values: satisfaction is high from 65, share of wallet from 50.
    for satisfaction in range(0, 101, 5):
        for share in range(0, 101, 5):
            expected = {
                (True, False): Quadrant.GROW,
                (False, True): Quadrant.FIX,
                (True, True): Quadrant.MODEL,
                (False, False): Quadrant.MOVE,
            }[satisfaction >= 65, share >= 50]
            assert placed(in_field(satisfaction, share)).quadrant is expected


def test_a_placement_says_what_would_change_it():
    assert placed(in_field(80, 30)).changes == (
        LevelChange(
            axis=Axis.SATISFACTION, reaches=False, limit=Decimal(60), quadrant=Quadrant.MOVE
        ),
        LevelChange(axis=Axis.SHARE, reaches=True, limit=Decimal(50), quadrant=Quadrant.MODEL),
    )
    assert placed(in_field(40, 90)).changes == (
        LevelChange(
            axis=Axis.SATISFACTION, reaches=True, limit=Decimal(70), quadrant=Quadrant.MODEL
        ),
        LevelChange(axis=Axis.SHARE, reaches=False, limit=Decimal(45), quadrant=Quadrant.MOVE),
    )


HIGH, LOW = (Level.HIGH, False), (Level.LOW, False)
KEPT_HIGH, KEPT_LOW = (Level.HIGH, True), (Level.LOW, True)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        # Satisfaction is high from 70 and low under 60; a first value between, from 65.
        (["70"], HIGH),
        (["59.99"], LOW),
        (["65"], KEPT_HIGH),
        (["64.99"], KEPT_LOW),
        (["60"], KEPT_LOW),
        (["69.99"], KEPT_HIGH),
        (["80", "60"], KEPT_HIGH),
        (["80", "59.99"], LOW),
        (["50", "69.99"], KEPT_LOW),
        (["50", "70"], HIGH),
        (["64", "68"], KEPT_LOW),
        (["66", "61"], KEPT_HIGH),
        (["64", "71", "62", "61"], KEPT_HIGH),
        (["66", "59", "69", "66"], KEPT_LOW),
        (["90", "50", "65"], KEPT_LOW),
        (["50", "90", "65", "64"], KEPT_HIGH),
        (["90", "50", "90", "50"], LOW),
    ],
)
def test_between_the_limits_a_client_keeps_the_last_side(scores, expected):
    assert side_of([Decimal(each) for each in scores], LIMITS.satisfaction) == expected
    dated = tuple(
        a_score(score, on=TODAY - DAY * (len(scores) - number))
        for number, score in enumerate(scores)
    )
    reading = placed(a_client(satisfactions=dated[::-1])).satisfaction
    assert (reading.level, reading.kept) == expected


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        (["50"], HIGH),
        (["49.99"], KEPT_LOW),
        (["44.99"], LOW),
        (["55", "45"], KEPT_HIGH),
        (["55", "44.99"], LOW),
        (["40", "49.99"], KEPT_LOW),
        (["40", "50"], HIGH),
    ],
)
def test_the_share_of_wallet_keeps_its_last_side_too(shares, expected):
    stated = tuple(
        a_wallet(share=share, on=TODAY - DAY * (len(shares) - number))
        for number, share in enumerate(shares)
    )
    reading = placed(a_client(wallets=stated)).share
    assert (reading.level, reading.kept) == expected


def test_a_late_import_changes_the_side_that_is_remembered():
    now = a_score(65, on=TODAY)
    late = a_score(30, on=TODAY - 9 * DAY)
    assert placed(a_client(satisfactions=(now,))).satisfaction.level is Level.HIGH
    assert placed(a_client(satisfactions=(now, late))).satisfaction.level is Level.LOW


def test_a_growing_holding_moves_the_share_over_the_limit_and_back_into_the_band():
    client = a_client(
        wallets=(a_wallet(1000, on=TODAY - 9 * DAY),),
        holdings=(
            a_holding(400, on=TODAY - 8 * DAY),
            a_holding(500, on=TODAY - 5 * DAY),
            a_holding(460, on=TODAY - 2 * DAY),
        ),
    )
    assert placed(client, TODAY - 6 * DAY).share.level is Level.LOW
    assert placed(client, TODAY - 5 * DAY).share.level is Level.HIGH
    reading = placed(client).share
    assert (reading.share_pct, reading.level, reading.kept) == (46, Level.HIGH, True)


@pytest.mark.parametrize(
    ("known_on", "today", "expected"),
    [
        (YEAR_AGO, TODAY, Age.FRESH),
        (YEAR_AGO - DAY, TODAY, Age.OLD),
        (EIGHTEEN_MONTHS_AGO, TODAY, Age.OLD),
        (EIGHTEEN_MONTHS_AGO - DAY, TODAY, Age.EXPIRED),
        (TODAY, TODAY, Age.FRESH),
        # Twelve months after a leap day end with February, eighteen with August's 29th.
        (date(2024, 2, 29), date(2025, 2, 28), Age.FRESH),
        (date(2024, 2, 29), date(2025, 3, 1), Age.OLD),
        (date(2024, 2, 29), date(2025, 8, 29), Age.OLD),
        (date(2024, 2, 29), date(2025, 8, 30), Age.EXPIRED),
        # Eighteen months after 31 August end with February.
        (date(2025, 8, 31), date(2027, 2, 28), Age.OLD),
        (date(2025, 8, 31), date(2027, 3, 1), Age.EXPIRED),
    ],
)
def test_a_value_is_fresh_for_twelve_months_and_used_for_eighteen(known_on, today, expected):
    assert age_of(known_on, LIMITS, today=today) is expected


def test_an_expired_satisfaction_or_wallet_places_nobody():
    old = EIGHTEEN_MONTHS_AGO - DAY
    client = a_client(satisfactions=(a_score(80, on=old),), wallets=(a_wallet(share=30, on=old),))
    assert placed(client).quadrant is None
    assert placed(client).missing == (Missing.SATISFACTION_EXPIRED, Missing.WALLET_EXPIRED)
    assert placed(client, TODAY - DAY).quadrant is Quadrant.GROW


def test_what_is_known_only_tomorrow_is_not_known_today():
    tomorrow = TODAY + DAY
    client = a_client(
        satisfactions=(a_score(80, on=tomorrow),), wallets=(a_wallet(share=30, on=tomorrow),)
    )
    assert placed(client).missing == (Missing.SATISFACTION, Missing.WALLET)


@pytest.mark.parametrize(
    ("scale", "score", "index"),
    [
        (Scale.CSI, "62.5", "62.5"),
        (Scale.CSAT, "1", "0"),
        (Scale.CSAT, "4", "75"),
        (Scale.CSAT, "5", "100"),
        (Scale.NPS, "0", "0"),
        (Scale.NPS, "7", "70"),
        (Scale.SCHOOL, "1", "100"),
        (Scale.SCHOOL, "2.5", "70"),
        (Scale.SCHOOL, "6", "0"),
    ],
)
def test_every_scale_becomes_0_to_100_with_the_best_at_100(scale, score, index):
    assert index_of(Decimal(score), scale) == Decimal(index)


@pytest.mark.parametrize(
    ("scale", "score"),
    [
        (Scale.CSI, "100.01"),
        (Scale.CSI, "-0.01"),
        (Scale.CSAT, "0.99"),
        (Scale.CSAT, "5.01"),
        (Scale.NPS, "10.01"),
        (Scale.SCHOOL, "0.99"),
        (Scale.SCHOOL, "6.01"),
    ],
)
def test_a_score_that_the_scale_does_not_know_is_refused(scale, score):
    with pytest.raises(ScoreOutOfScaleError) as refused:
        index_of(Decimal(score), scale)
    assert refused.value.score == Decimal(score)


def test_nps_places_a_client_only_if_nothing_better_is_usable_and_says_so():
    nps = a_score(9, scale=Scale.NPS)
    better = a_score(4, scale=Scale.SCHOOL, on=TODAY - 30 * DAY)
    alone = placed(a_client(satisfactions=(nps,))).satisfaction
    assert (alone.index, alone.is_nps_only) == (90, True)
    both = placed(a_client(satisfactions=(better, nps))).satisfaction
    assert (both.index, both.is_nps_only) == (40, False)
    expired = a_score(4, scale=Scale.SCHOOL, on=EIGHTEEN_MONTHS_AGO - DAY)
    assert placed(a_client(satisfactions=(expired, nps))).satisfaction.is_nps_only


def test_a_better_source_beats_a_newer_one_until_it_expires():
    documented = a_wallet(share=60, on=EIGHTEEN_MONTHS_AGO, source=WalletSource.DOCUMENTED)
    estimate = a_wallet(share=20, on=TODAY, source=WalletSource.ESTIMATE)
    client = a_client(wallets=(estimate, documented))
    assert placed(client).share.share_pct == 60
    assert placed(client).share.age is Age.OLD
    assert placed(client, TODAY + DAY).share.share_pct == 20


def test_a_newer_statement_beats_an_older_one_of_the_same_source():
    older, newer = a_wallet(share=60, on=TODAY - DAY), a_wallet(share=20, on=TODAY)
    assert placed(a_client(wallets=(newer, older))).share.share_pct == 20


def test_of_two_statements_of_one_day_the_one_recorded_last_counts():
    wrong, right = a_wallet(share=60), a_wallet(share=20)
    assert placed(a_client(wallets=(wrong, right))).share.share_pct == 20
    client = a_client(wallets=(a_wallet(100),), holdings=(a_holding(90), a_holding(10)))
    assert placed(client).share.share_pct == 10


def test_a_share_is_rounded_down_so_that_nobody_is_high_by_rounding():
    assert share_pct(Decimal("49999.99"), Decimal(100_000)) == Decimal("49.99")
    assert share_pct(Decimal(2), Decimal(3)) == Decimal("66.66")
    assert share_pct(Decimal(1), Decimal(2)) == Decimal(50)


def test_the_amounts_behind_a_stated_share_are_worked_out():
    from_wallet = placed(a_client(wallets=(a_wallet(200_000, share=25),))).share
    assert (from_wallet.wallet, from_wallet.managed) == (200_000, 50_000)
    from_managed = placed(
        a_client(wallets=(a_wallet(share=25),), holdings=(a_holding(50_000),))
    ).share
    assert (from_managed.wallet, from_managed.managed) == (200_000, 50_000)


@pytest.mark.parametrize(
    ("wallet", "managed", "expected"),
    [
        (a_wallet(100), None, Missing.MANAGED),
        (a_wallet("99.99"), 100, Missing.WALLET_BELOW_MANAGED),
        (a_wallet("99.99", share=40), 100, Missing.WALLET_BELOW_MANAGED),
        (a_wallet(0), 0, Missing.WALLET_BELOW_MANAGED),
        (a_wallet(), 100, Missing.WALLET),
        (None, 100, Missing.WALLET),
    ],
)
def test_what_contradicts_itself_or_is_unknown_places_nobody(wallet, managed, expected):
    client = a_client(
        wallets=(wallet,) if wallet else (),
        holdings=() if managed is None else (a_holding(managed),),
        satisfactions=(a_score(80),),
    )
    assert placed(client).quadrant is None
    assert placed(client).missing == (expected,)


def test_all_of_the_wallet_here_is_a_share_of_100():
    client = a_client(wallets=(a_wallet(100),), holdings=(a_holding(100),))
    assert placed(client).share.share_pct == 100


def test_for_sales_teams_what_is_managed_is_the_yearly_sales():
    rules = RuleBook(matrix=MatrixLimits(managed_is_revenue=True))
    client = a_client(30, wallets=(a_wallet(100),), holdings=(a_holding(99),))
    assert placed(client, rules=rules).share.share_pct == 30


@given(st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=8))
def test_the_side_never_contradicts_the_last_decisive_value(values):
    level, kept = side_of(values, LIMITS.satisfaction)
    if values[-1] >= 70:
        assert (level, kept) == HIGH
    elif values[-1] < 60:
        assert (level, kept) == LOW
    else:
        assert kept


@given(st.permutations([a_score(n * 9, on=TODAY - DAY * n) for n in range(9)]))
def test_the_order_in_which_scores_were_entered_does_not_matter(scores):
    reading = placed(a_client(satisfactions=tuple(scores))).satisfaction
    assert (reading.index, reading.level) == (0, Level.LOW)
