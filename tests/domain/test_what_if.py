"""What changing the rules does to a book, before it is saved."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from domain.book import frames_of
from domain.model import Quadrant, Tier
from domain.priorities import assess_book
from domain.rulebook import MatrixLimits, MatrixMode, RuleBook, SideLimits, TierCutoffs, TierMethod
from domain.what_if import Move, compare, effect_of, field_split
from tests.domain.drawn import a_book
from tests.domain.examples import TODAY, a_client, a_holding, an_override, in_field

RULES = RuleBook()
LOWER_A = replace(RULES, cutoffs=TierCutoffs(a_from_revenue=Decimal(7_000)))


def test_lowering_a_cut_off_names_who_moves_by_money():
    # Given three clients between the old and the new cut-off, and others that are not
    revenues = (7000, 7999, 7500, 6999, 8000, None)
    book = [a_client(r, client_id=n) for n, r in enumerate(revenues, 1)]
    # When A begins at 7,000 instead of 8,000
    effect = effect_of(RULES, LOWER_A, frames_of(book), today=TODAY)
    # Then those three move, 22,499 a year together
    assert effect.tiers == (
        Move(before="B", after="A", clients=3, revenue_cents=2_249_900, first=(2, 3, 1)),
    )
    assert (effect.clients, effect.moved, effect.fields) == (6, 3, ())
    assert effect.tiers_before == {
        "A+": 0, "A": 1, "B": 4, "S": 0, "L": 0, "N": 0, "not_placed": 1,
    }  # fmt: skip
    assert effect.tiers_after["A"] == 4


def test_an_overruled_client_does_not_move():
    override = an_override(Tier.A_PLUS, TODAY, TODAY)
    book = frames_of([a_client(7500, overrides=(override,))])
    assert effect_of(RULES, LOWER_A, book, today=TODAY).moved == 0


def test_the_same_rules_move_nobody():
    book = frames_of([a_client(7500), in_field(50, 50, client_id=2)])
    effect = effect_of(RULES, replace(RULES, version=2), book, today=TODAY)
    assert (effect.moved, effect.tiers, effect.fields) == (0, (), ())


def test_another_limit_moves_clients_between_fields():
    lower = replace(
        RULES.matrix,
        share=SideLimits(high_from=Decimal(35), low_under=Decimal(30), first_high_from=Decimal(35)),
    )
    book = frames_of([in_field(90, 40, revenue=100), in_field(20, 40, client_id=2, revenue=200)])
    effect = effect_of(RULES, replace(RULES, matrix=lower), book, today=TODAY)
    assert [(m.before, m.after, m.clients, m.revenue_cents) for m in effect.fields] == [
        ("MOVE", "FIX", 1, 20_000),
        ("GROW", "MODEL", 1, 10_000),
    ]


@pytest.mark.parametrize("method", [TierMethod.ABSOLUTE, TierMethod.PLAIN_REVENUE])
def test_the_effect_counts_whom_the_scalar_reader_moves(method):
    after = replace(LOWER_A, method=method, matrix=MatrixLimits(fresh_months=6, usable_months=9))
    firm = a_book(Random(5), 200, RULES, TODAY)
    effect = effect_of(RULES, after, frames_of(firm), today=TODAY)

    def places(rules):
        return [
            (each.tier.tier, each.quadrant.quadrant)
            for each in assess_book(firm, rules, today=TODAY)
        ]

    old, new = places(RULES), places(after)
    pairs = list(zip(old, new, strict=True))
    assert effect.moved == sum(a != b for a, b in pairs)
    assert sum(m.clients for m in effect.tiers) == sum(a[0] != b[0] for a, b in pairs)
    assert sum(m.clients for m in effect.fields) == sum(a[1] != b[1] for a, b in pairs)
    assert effect.tiers_before["N"] == sum(a[0] is Tier.N for a in old)


def test_methods_are_compared_on_one_book():
    # Given 20 clients: 19 of 1,000 to 19,000, and one with much under management and no revenue
    book = [a_client(1000 * n, client_id=n) for n in range(1, 20)]
    book.append(a_client(None, client_id=20, holdings=(a_holding(2_000_000),)))
    found = compare(frames_of(book), RULES, today=TODAY)
    # Then each method says how many it puts where
    assert found.counts[TierMethod.ABSOLUTE] == {
        "A+": 5, "A": 7, "B": 5, "S": 0, "L": 0, "N": 2, "not_placed": 1,
    }  # fmt: skip
    # of 19 ranked ones: ceil(0.95) = 1, ceil(3.8) = 4, ceil(9.5) = 10
    assert found.counts[TierMethod.PERCENTILE] == {
        "A+": 1, "A": 3, "B": 6, "S": 0, "L": 0, "N": 9, "not_placed": 1,
    }  # fmt: skip
    assert found.counts[TierMethod.PLAIN_REVENUE] == {
        "A": 10, "B": 5, "C": 3, "D": 1, "not_placed": 1,
    }  # fmt: skip
    assert found.counts[TierMethod.PLAIN_MANAGED] == {
        "A": 1, "B": 0, "C": 0, "D": 0, "not_placed": 19,
    }  # fmt: skip
    # And who moves against the method in force
    assert [(m.before, m.after, m.clients) for m in found.moves[TierMethod.PERCENTILE]] == [
        ("A", "B", 5),
        ("A+", "A", 3),
        ("B", "N", 5),
        ("A", "N", 2),
        ("A+", "B", 1),
    ]


def test_both_splits_of_the_matrix_are_shown_before_saving():
    # Given typical shares of 30 to 40 %: a fixed 50 % puts everybody into GROW and MOVE
    book = [in_field(s, w, client_id=n) for n, (s, w) in enumerate(
        [(90, 30), (85, 33), (40, 36), (30, 40), (70, 35)], 1)]  # fmt: skip
    split = field_split(frames_of(book), RULES, today=date(2026, 11, 23))
    assert split[MatrixMode.ABSOLUTE] == {
        "GROW": 3, "FIX": 0, "MODEL": 0, "MOVE": 2, "not_placed": 0,
    }  # fmt: skip
    # medians 70 and 35: (90,30) GROW, (85,33) GROW, (40,36) FIX, (30,40) FIX, (70,35) MODEL
    assert split[MatrixMode.MEDIAN] == {
        "GROW": 2, "FIX": 2, "MODEL": 1, "MOVE": 0, "not_placed": 0,
    }  # fmt: skip
    assert set(split[MatrixMode.MEDIAN]) == {*(q.value for q in Quadrant), "not_placed"}
