"""The rule book: what it refuses, and that no figure is lost on its way to the store."""

import json
from dataclasses import fields
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import RuleBookError
from domain.rulebook import (
    DigestRules,
    MatrixLimits,
    RuleBook,
    SideLimits,
    StrategicLimits,
    TierCutoffs,
)
from domain.rulefile import from_plain, to_plain

hundredths = st.decimals(0, 100, places=2)
moneys = st.decimals("0.01", 10**16, places=2)  # more digits than a float has


@st.composite
def rule_books(draw):
    b, a, a_plus = sorted(draw(st.sets(moneys, min_size=3, max_size=3)))
    sides = [
        SideLimits(low_under=low, first_high_from=first, high_from=high)
        for low, first, high in (sorted(draw(st.tuples(*[hundredths] * 3))) for _ in range(2))
    ]
    return RuleBook(
        version=draw(st.integers(1, 9999)),
        valid_from=draw(st.dates()),
        cutoffs=TierCutoffs(a_plus_from_revenue=a_plus, a_from_revenue=a, b_from_revenue=b),
        strategic=StrategicLimits(**{each.name: draw(moneys) for each in fields(StrategicLimits)}),
        matrix=MatrixLimits(
            satisfaction=sides[0],
            share=sides[1],
            fresh_months=draw(st.integers(1, 18)),
            own_rate_from_share_pct=draw(hundredths),
            managed_is_revenue=draw(st.booleans()),
        ),
        digest=DigestRules(names=9, grow=draw(st.integers(0, 5))),
    )


@given(rule_books())
def test_a_rule_book_comes_back_from_the_store_as_it_went(rules):
    assert from_plain(json.loads(json.dumps(to_plain(rules)))) == rules


def test_what_a_saved_rule_book_does_not_name_has_its_default():
    assert from_plain({}) == RuleBook()
    saved = {
        "version": 3,
        "valid_from": "2026-05-01",
        "cutoffs": {"a_from_revenue": "5000.50"},
        "matrix": {"share": {"high_from": "60", "low_under": "50", "first_high_from": "55"}},
    }
    rules = from_plain(saved)
    assert (rules.version, rules.valid_from) == (3, date(2026, 5, 1))
    assert rules.cutoffs == TierCutoffs(a_from_revenue=Decimal("5000.50"))
    assert rules.matrix.share.high_from == 60
    assert rules.matrix.satisfaction == MatrixLimits().satisfaction


@pytest.mark.parametrize(
    "unknown", [{"cutoff": {}}, {"cutoffs": {"c_from_revenue": "1"}}, {"matrix": {"axis": 1}}]
)
def test_a_name_nobody_knows_is_refused_not_ignored(unknown):
    with pytest.raises(RuleBookError):
        from_plain(unknown)


@pytest.mark.parametrize(
    "amounts", [(15_000, 15_000, 3_000), (15_000, 3_000, 8_000), (3, 2, 0), (1, 8_000, 3_000)]
)
def test_cut_offs_must_fall_and_stay_above_zero(amounts):
    a_plus, a, b = map(Decimal, amounts)
    with pytest.raises(RuleBookError):
        TierCutoffs(a_plus_from_revenue=a_plus, a_from_revenue=a, b_from_revenue=b)


@pytest.mark.parametrize("limits", [(60, 50, 70), (-1, 50, 70), (50, 60, 101), (50, 71, 70)])
def test_limits_must_rise_within_0_and_100(limits):
    low, first, high = map(Decimal, limits)
    with pytest.raises(RuleBookError):
        SideLimits(low_under=low, first_high_from=first, high_from=high)


def test_a_band_may_be_empty():
    fifty = Decimal(50)
    assert SideLimits(low_under=fifty, first_high_from=fifty, high_from=fifty)


def test_the_weekly_list_cannot_hold_more_names_than_it_has():
    with pytest.raises(RuleBookError):
        DigestRules(names=6)
    with pytest.raises(RuleBookError):
        DigestRules(grow=-1)


def test_the_defaults_are_those_we_publish():
    rules = RuleBook()
    assert [(str(tier), int(cutoff)) for tier, cutoff in rules.cutoffs.descending()] == [
        ("A+", 15_000),
        ("A", 8_000),
        ("B", 3_000),
    ]
    assert (rules.matrix.fresh_months, rules.matrix.usable_months) == (12, 18)
    shape = rules.digest
    assert (shape.names, shape.grow, shape.fix, shape.move, shape.model) == (7, 3, 2, 1, 1)
