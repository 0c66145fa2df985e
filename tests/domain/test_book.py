"""The whole book: the same answers as client by client, and the worked example to the cent."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from statistics import median

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.acceptance import acceptance_of
from domain.book import MOST_CENTS, frames_of, place_book, quadrant_summary, tier_summary
from domain.cutoffs import BookCutoffs, median_sides, rank_rungs
from domain.errors import ScoreOutOfScaleError
from domain.frames import epoch_day
from domain.model import (
    ABSLN,
    PLAIN,
    Client,
    Quadrant,
    Scale,
    Tier,
    WalletSource,
)
from domain.priorities import Assessment, assess_book
from domain.quadrants import Missing, quadrant_of
from domain.rechecks import ending_overrides, strategic_rechecks
from domain.rulebook import MatrixMode, RuleBook
from tests.domain.drawn import ADVISORS, RULE_BOOKS, TODAYS, a_book
from tests.domain.examples import (
    TODAY,
    a_client,
    a_holding,
    a_score,
    a_tie,
    a_wallet,
    an_override,
    in_field,
)

RULES = RuleBook()
SHARE_MISSING = {
    Missing.WALLET,
    Missing.WALLET_EXPIRED,
    Missing.MANAGED,
    Missing.WALLET_BELOW_MANAGED,
}


def cutoffs_by_scalar(firm: Sequence[Client], rules: RuleBook, today: date) -> BookCutoffs:
    """Read the firm's ranking and medians client by client."""
    present = [each for each in firm if not each.is_former_on(today)]
    fixed = replace(rules, matrix=replace(rules.matrix, mode=MatrixMode.ABSOLUTE))
    placed = [quadrant_of(each, fixed, today=today) for each in present]
    both = [(p.satisfaction.index, p.share.share_pct) for p in placed if p.quadrant]
    sides = [
        median_sides(median(values), rules.matrix.median_band) for values in zip(*both, strict=True)
    ]
    satisfaction, share = sides or (None, None)
    return BookCutoffs(
        rungs=rank_rungs([c.revenue for c in present if c.revenue is not None], rules.percentiles),
        satisfaction=satisfaction,
        share=share,
    )


def by_scalar(firm: Sequence[Client], rules: RuleBook, today: date) -> dict[int, dict[str, object]]:
    """Assess each advisor's book client by client."""
    cutoffs = cutoffs_by_scalar(firm, rules, today)
    return {
        each.client.client_id: as_row(each, rules, today)
        for advisor in ADVISORS
        for each in assess_book(
            [client for client in firm if client.advisor_id == advisor],
            rules,
            today=today,
            cutoffs=cutoffs,
        )
    }


def as_row(each: Assessment, rules: RuleBook, today: date) -> dict[str, object]:
    reasons, placement = each.tier.reasons, each.quadrant
    overridden = each.tier.is_overridden
    untapped = each.untapped
    if untapped and untapped.amount * 100 >= MOST_CENTS:
        untapped = None
    return {
        "advisor_id": each.client.advisor_id,
        "tier": each.tier.tier,
        "computed_tier": reasons[0].computed if overridden else each.tier.tier,
        "is_overridden": overridden,
        "needs_review": each.tier.needs_review,
        "quadrant": placement.quadrant,
        "satisfaction_missing": next(
            (m for m in placement.missing if m not in SHARE_MISSING), None
        ),
        "share_missing": next((m for m in placement.missing if m in SHARE_MISSING), None),
        "index_bp": placement.satisfaction and placement.satisfaction.index * 100,
        "share_bp": placement.share and placement.share.share_pct * 100,
        "revenue_cents": each.client.revenue
        if each.client.revenue is None
        else each.client.revenue * 100,
        "untapped_cents": untapped and untapped.amount * 100,
        "untapped_is_estimate": bool(untapped and untapped.is_estimate),
        "at_risk_cents": each.at_risk if each.at_risk is None else each.at_risk * 100,
        "awaits_decision": each.awaits_decision,
        "awaits_tier_decision": each.awaits_tier_decision,
        "relation_use": each.relation_use and each.relation_use.use,
        "strategic_recheck_on": next(
            (
                epoch_day(due.due_on)
                for due in strategic_rechecks([each], today=today, within_days=9999)
            ),
            None,
        ),
        "override_last_day": next(
            (
                epoch_day(ending.override.last_day)
                for ending in ending_overrides([each], today=today, within_days=9999)
            ),
            None,
        ),
        "fit": acceptance_of(each.client, rules, today=today).fit,
    }


def by_frame(firm: Sequence[Client], rules: RuleBook, today: date) -> dict[int, dict[str, object]]:
    placed = place_book(frames_of(firm), rules, today=today).astype(object)
    placed = placed.where(placed.notna(), None)
    return placed.to_dict("index")


@settings(max_examples=30)
@given(
    random=st.randoms(use_true_random=False),
    count=st.integers(0, 3),
    rules=st.sampled_from(RULE_BOOKS),
    today=st.sampled_from(TODAYS),
)
def test_a_whole_book_gets_the_same_answers_as_client_by_client(random, count, rules, today):
    firm = a_book(random, count, rules, today)
    assert by_frame(firm, rules, today) == by_scalar(firm, rules, today)


@pytest.mark.parametrize("rules", RULE_BOOKS)
@pytest.mark.parametrize("today", TODAYS)
def test_a_large_book_gets_the_same_answers_as_client_by_client(rules, today):
    firm = a_book(Random(today.toordinal()), 500, rules, today)
    expected = by_scalar(firm, rules, today)
    assert by_frame(firm, rules, today) == expected
    # The book drawn has somebody for every answer.
    given = PLAIN if rules.method.is_plain else ABSLN
    assert {row["computed_tier"] for row in expected.values()} == {*given, None}
    assert {row["quadrant"] for row in expected.values()} == {*Quadrant, None}
    assert {row["share_missing"] for row in expected.values()} > SHARE_MISSING - {Missing.MANAGED}


WORKED_EXAMPLE = [
    # tier, clients, average revenue, revenue of the tier
    (Tier.A_PLUS, 5, 20_000, 100_000),
    (Tier.A, 18, 10_000, 180_000),
    (Tier.B, 32, 4_500, 144_000),
    (Tier.S, 15, 2_000, 30_000),
    (Tier.L, 20, 2_500, 50_000),
    (Tier.N, 25, 1_000, 25_000),
]


def the_worked_example() -> list[Client]:
    """Return 115 clients; within a tier the revenue is spread around the average, cents and all."""
    firm: list[Client] = []
    for tier, count, average, _ in WORKED_EXAMPLE:
        facts: dict[str, object] = {}
        if tier is Tier.S:
            facts["business_share_pct"] = Decimal(60)
        if tier is Tier.L:
            facts["legacy"] = (a_tie(Tier.A_PLUS, sponsor_id=1),)
        for number in range(count):
            off = Decimal("333.33") * (2 * number - count + 1) / count
            off = off.quantize(Decimal("0.01"))
            firm.append(a_client(average + off, client_id=len(firm) + 1, **facts))
    return firm


def test_the_worked_example_comes_out_to_the_cent_for_the_whole_book():
    firm = the_worked_example()
    summary = tier_summary(place_book(frames_of(firm), RULES, today=TODAY))
    assert len(firm) == 115
    assert [tuple(row) for row in summary.itertuples()] == [
        (tier, count, revenue * 100, average * 100)
        for tier, count, average, revenue in WORKED_EXAMPLE
    ]
    assert summary["revenue_cents"].sum() == 52_900_000


def test_the_worked_example_comes_out_to_the_cent_client_by_client():
    totals = dict.fromkeys(ABSLN, Decimal(0))
    for each in assess_book(the_worked_example(), RULES, today=TODAY):
        totals[each.tier.tier] += each.client.revenue
    assert totals == {tier: Decimal(revenue) for tier, _, _, revenue in WORKED_EXAMPLE}
    assert sum(totals.values()) == Decimal(529_000)


def test_a_tier_nobody_is_in_has_no_average():
    summary = tier_summary(place_book(frames_of([a_client(9000)]), RULES, today=TODAY))
    assert summary.loc["A", "average_cents"] == 900_000
    assert summary.loc["N", "clients"] == 0
    assert summary.loc["N", "average_cents"] is pd.NA


def test_fields_are_summed_with_what_could_be_won_and_what_could_be_lost():
    firm = [
        # MODEL: satisfied, most of the wallet is here: 1,000 × 40 / 60 = 666.67 untapped.
        in_field(80, 60, revenue=1000, client_id=1, holdings=(a_holding(600_000),)),
        # GROW: 2,000 × 75 / 25 = 6,000 untapped, 2,000 × 20 % = 400 at risk.
        in_field(80, 25, revenue=2000, client_id=2, holdings=(a_holding(250_000),)),
        # GROW: 1,000 × 80 / 20 = 4,000 untapped, 1,000 × 30 % = 300 at risk.
        in_field(70, 20, revenue=1000, client_id=3, holdings=(a_holding(200_000),)),
        # FIX: nothing is known of the amounts; 5,000 × 60 % = 3,000 at risk.
        in_field(40, 90, revenue=5000, client_id=4),
        in_field(40, None, revenue=5000, client_id=5),
    ]
    summary = quadrant_summary(place_book(frames_of(firm), RULES, today=TODAY))
    assert [tuple(row) for row in summary.loc[["GROW", "FIX", "MODEL"]].itertuples()] == [
        ("GROW", 2, 300_000, 150_000, 1_000_000, 70_000),
        ("FIX", 1, 500_000, 500_000, 0, 300_000),
        ("MODEL", 1, 100_000, 100_000, 66_667, 20_000),
    ]
    assert summary.loc["MOVE", "clients"] == 0


def test_the_order_of_clients_does_not_matter():
    firm = the_worked_example()
    placed = place_book(frames_of(firm), RULES, today=TODAY)
    other_way = place_book(frames_of(firm[::-1]), RULES, today=TODAY)
    pd.testing.assert_frame_equal(placed, other_way.sort_index())


def test_an_empty_book_is_placed_too():
    placed = place_book(frames_of([]), RULES, today=TODAY)
    assert placed.empty
    assert tier_summary(placed)["clients"].sum() == 0
    assert quadrant_summary(placed)["at_risk_cents"].sum() == 0


def test_a_share_of_trillions_is_still_rounded_down_to_the_hundredth():
    # 4,999,999,999,999.99 of 10,000,000,000,000.00 is 49.99999999999 %: not yet high.
    client = a_client(
        10**13,
        satisfactions=(a_score(80),),
        wallets=(a_wallet("10000000000000.00"),),
        holdings=(a_holding("4999999999999.99"),),
    )
    row = place_book(frames_of([client]), RULES, today=TODAY).loc[1]
    assert (row["share_bp"], row["quadrant"]) == (4999, "GROW")
    assert row["at_risk_cents"] == 2 * 10**14  # a fifth of 10^13, in cents


def test_half_a_cent_goes_to_the_even_cent():
    # 50 % of 0.01, 0.03 and 0.05 is half a cent more than 0, 1 and 2 cents.
    firm = [
        a_client(revenue, client_id=number, satisfactions=(a_score(50),))
        for number, revenue in enumerate(["0.01", "0.03", "0.05"])
    ]
    placed = place_book(frames_of(firm), RULES, today=TODAY)
    assert placed["at_risk_cents"].tolist() == [0, 2, 2]


def test_the_exact_half_of_untapped_money_is_counted_in_decimals():
    # 0.01 × 20 / 80 = 0.0025; 0.05 × 50 / 50 = 0.05; 0.01 × 60 / 40 = 0.015, half to even: 0.02.
    firm = [
        in_field(80, share, revenue=revenue, client_id=number, holdings=(a_holding(900),))
        for number, (share, revenue) in enumerate([(80, "0.01"), (50, "0.05"), (40, "0.01")])
    ]
    placed = place_book(frames_of(firm), RULES, today=TODAY)
    assert placed["untapped_cents"].tolist() == [0, 5, 2]


def test_each_advisor_has_a_median_rate_of_the_own_present_clients():
    firm = [
        # Rates of 1, 3 and 2 per cent; the advisor's median without the former client is 2 %.
        in_field(80, 50, revenue=100, client_id=1, holdings=(a_holding(10_000),)),
        in_field(80, 50, revenue=300, client_id=2, holdings=(a_holding(10_000),)),
        in_field(
            80, 50, revenue=900, client_id=3, holdings=(a_holding(10_000),), former_since=TODAY
        ),
        in_field(80, 50, revenue=700, client_id=4, advisor_id=8, holdings=(a_holding(10_000),)),
        # Nothing managed: 100,000 elsewhere × 2 % = 2,000; for the other advisor × 7 % = 7,000.
        a_client(0, client_id=5, wallets=(a_wallet(100_000),), holdings=(a_holding(0),)),
        a_client(
            0, client_id=6, advisor_id=8, wallets=(a_wallet(100_000),), holdings=(a_holding(0),)
        ),
    ]
    placed = place_book(frames_of(firm), RULES, today=TODAY)
    assert placed.index.tolist() == [1, 2, 4, 5, 6]
    assert placed.loc[[5, 6], "untapped_cents"].tolist() == [200_000, 700_000]
    assert placed["untapped_is_estimate"].tolist() == [False, False, False, True, True]


def test_an_absurd_amount_is_not_known_instead_of_wrong():
    firm = [
        # A rate of a billion, from one cent managed; then 10^11 elsewhere.
        in_field(80, 50, revenue=10_000_000, client_id=1, holdings=(a_holding("0.01"),)),
        a_client(0, client_id=2, wallets=(a_wallet(10**11),), holdings=(a_holding(0),)),
    ]
    placed = place_book(frames_of(firm), RULES, today=TODAY)
    assert placed["untapped_cents"].isna().tolist() == [False, True]
    assert not placed.loc[2, "untapped_is_estimate"]


def test_a_sponsor_in_the_book_is_judged_by_the_book():
    firm = [
        a_client(9000, client_id=1),
        a_client(100, client_id=2, legacy=(a_tie(None, sponsor_id=1),)),
        a_client(100, client_id=3, overrides=(an_override(Tier.A, TODAY, TODAY),)),
        a_client(100, client_id=4, legacy=(a_tie(None, sponsor_id=3),)),
        a_client(9000, client_id=5, former_since=TODAY),
        a_client(100, client_id=6, legacy=(a_tie(Tier.A, sponsor_id=5),)),
    ]
    placed = place_book(frames_of(firm), RULES, today=TODAY)
    assert placed.loc[[2, 4, 6], "tier"].tolist() == ["L", "L", "L"]
    assert placed.loc[[2, 4, 6], "needs_review"].tolist() == [False, False, True]


def test_of_two_wallets_of_one_day_the_better_source_tells_who_is_rich_yet():
    rich, modest = a_wallet(300_000, source=WalletSource.DOCUMENTED), a_wallet(200_000)
    firm = [
        a_client(100, client_id=1, income=Decimal(200_000), wallets=(rich, modest)),
        a_client(100, client_id=2, income=Decimal(200_000), wallets=(modest, rich)),
    ]
    assert place_book(frames_of(firm), RULES, today=TODAY)["tier"].tolist() == ["N", "N"]


def test_a_score_outside_its_scale_is_refused_by_the_book_too():
    client = a_client(100, satisfactions=(a_score("5.5", scale=Scale.CSAT),))
    with pytest.raises(ScoreOutOfScaleError):
        place_book(frames_of([client]), RULES, today=TODAY)


def test_an_unknown_word_is_refused():
    frames = frames_of([in_field(80, 50)])
    frames.wallets["source"] = "rumour"
    with pytest.raises(ValueError, match="source"):
        place_book(frames, RULES, today=TODAY)


def test_a_figure_finer_than_hundredths_is_refused():
    with pytest.raises(ValueError, match="finer"):
        frames_of([a_client("100.001")])


def test_looking_up_one_client_needs_no_pandas():
    words = "segmentation, quadrants, priorities, calendar, access, rulebook, model, errors"
    script = f"import sys; from domain import {words}; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
