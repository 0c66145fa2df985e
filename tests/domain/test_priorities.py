"""Who comes first, what it is worth, and the week's names."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model import DecisionKind, Quadrant, Tier
from domain.priorities import (
    CONFLICTS,
    Conflict,
    assess,
    assess_book,
    median_rate,
    prioritise,
    revenue_at_risk,
    weekly_list,
)
from domain.rulebook import DigestRules, MatrixLimits, RuleBook
from tests.domain.examples import (
    TODAY,
    a_client,
    a_decision,
    a_holding,
    a_score,
    a_wallet,
    an_override,
    in_field,
)

RULES = RuleBook()
DAY = timedelta(days=1)


def one(client, book_rate=None, rules=RULES, today=TODAY):
    return assess(client, rules, book_rate=book_rate, today=today)


def the_book(clients, rules=RULES):
    return prioritise(assess_book(clients, rules, today=TODAY))


def ids(assessments):
    return [each.client.client_id for each in assessments]


def grow(number, untapped, **facts):
    """Return a client in GROW: a quarter is here, so three times its revenue is untapped."""
    return in_field(
        80,
        25,
        revenue=Decimal(untapped) / 3,
        client_id=number,
        holdings=(a_holding(25_000),),
        **facts,
    )


def fix(number, at_risk, **facts):
    """Return a client in FIX: with a satisfaction of 50, half its revenue is at risk."""
    return in_field(50, 80, revenue=Decimal(at_risk) * 2, client_id=number, **facts)


def move(number, revenue, **facts):
    return in_field(50, 20, revenue=revenue, client_id=number, **facts)


def model(number, revenue, **facts):
    return in_field(90, 90, revenue=revenue, client_id=number, **facts)


def test_untapped_money_is_what_lies_elsewhere_at_the_clients_own_rate():
    # 300,000 elsewhere; 1,500 from 100,000 managed is 1.5 per cent: 4,500 a year.
    client = a_client(1500, wallets=(a_wallet(400_000),), holdings=(a_holding(100_000),))
    untapped = one(client, book_rate=Decimal("0.02")).untapped
    assert untapped.amount == 4500
    assert untapped.elsewhere == 300_000
    assert untapped.rate == Decimal("0.015")
    assert not untapped.is_estimate


@pytest.mark.parametrize(
    ("managed", "amount", "is_estimate"),
    [
        # 1,000 of 100,000 × 5 % is a rate of 20 %; under 5 % the book's 1 % stands in.
        (5_000, 19_000, False),
        (5_001, 18_996, False),
        (4_999, Decimal("950.01"), True),
        (0, 1_000, True),
    ],
)
def test_under_five_per_cent_the_books_median_rate_stands_in_marked(managed, amount, is_estimate):
    client = a_client(1000, wallets=(a_wallet(100_000),), holdings=(a_holding(managed),))
    untapped = one(client, book_rate=Decimal("0.01")).untapped
    assert (untapped.amount, untapped.is_estimate) == (amount, is_estimate)


def test_without_any_rate_untapped_money_is_unknown():
    client = a_client(1000, wallets=(a_wallet(100_000),), holdings=(a_holding(0),))
    assert one(client, book_rate=None).untapped is None


def test_without_amounts_untapped_money_is_unknown():
    assert one(in_field(80, 25), book_rate=Decimal("0.01")).untapped is None


def test_with_unknown_revenue_the_books_rate_stands_in():
    client = a_client(None, wallets=(a_wallet(100_000),), holdings=(a_holding(50_000),))
    untapped = one(client, book_rate=Decimal("0.01")).untapped
    assert (untapped.amount, untapped.is_estimate) == (500, True)


def test_for_sales_teams_every_unit_elsewhere_is_a_unit_of_revenue():
    rules = RuleBook(matrix=MatrixLimits(managed_is_revenue=True))
    client = a_client(2_000, wallets=(a_wallet(100_000),))
    untapped = one(client, rules=rules).untapped
    assert (untapped.amount, untapped.rate, untapped.is_estimate) == (98_000, 1, False)


def test_the_median_rate_is_that_of_present_clients_with_a_rate_of_their_own():
    def at_rate(number, per_cent, **facts):
        return in_field(
            80,
            50,
            revenue=per_cent * 100,
            client_id=number,
            holdings=(a_holding(10_000),),
            **facts,
        )

    book = [
        at_rate(1, 1),
        at_rate(2, 4),
        at_rate(3, 9, former_since=TODAY),
        in_field(80, 4, revenue=9999, client_id=4, holdings=(a_holding(10_000),)),
        in_field(80, 50, revenue=9999, client_id=5),
    ]
    assert median_rate(book, RULES, today=TODAY) == Decimal("0.025")
    assert median_rate(book[3:], RULES, today=TODAY) is None


@pytest.mark.parametrize(
    ("revenue", "index", "expected"),
    [
        ("5000", "60", "2000"),
        ("5000", "100", "0"),
        ("5000", "0", "5000"),
        ("0.01", "50", "0"),  # half a cent goes to the even cent
        ("0.03", "50", "0.02"),
    ],
)
def test_revenue_at_risk_is_what_satisfaction_leaves_open(revenue, index, expected):
    assert revenue_at_risk(Decimal(revenue), Decimal(index)) == Decimal(expected)


def test_revenue_at_risk_is_unknown_with_satisfaction_or_revenue():
    assert one(a_client(5000)).at_risk is None
    assert one(a_client(None, satisfactions=(a_score(10),))).at_risk is None


@pytest.mark.parametrize(
    ("tier", "satisfaction", "share", "expected"),
    [
        (Tier.A_PLUS, 50, 80, Conflict.TOP_IN_FIX),
        (Tier.A_PLUS, 50, 20, Conflict.TOP_IN_MOVE),
        (Tier.S, 50, 20, Conflict.STRATEGIC_IN_MOVE),
        (Tier.N, 50, 80, Conflict.NOT_IDEAL_IN_FIX),
        (Tier.N, 80, 20, Conflict.NOT_IDEAL_IN_GROW),
        (Tier.A_PLUS, 80, 20, None),
        (Tier.N, 50, 20, None),
        (Tier.L, 50, 80, None),
    ],
)
def test_where_tier_and_field_clash_it_is_said(tier, satisfaction, share, expected):
    client = in_field(satisfaction, share, overrides=(an_override(tier, TODAY, TODAY),))
    assert one(client).conflict is expected


def test_a_conflict_needs_a_tier_and_a_field():
    assert one(a_client(100_000)).conflict is None
    assert one(in_field(50, 80, revenue=None)).conflict is None
    assert set(CONFLICTS.values()) == set(Conflict)


@pytest.mark.parametrize(
    ("kind", "recheck_on", "awaits"),
    [
        (DecisionKind.WATCH, None, False),
        (DecisionKind.PRIORITISE, TODAY + DAY, False),
        (DecisionKind.HAND_OVER, TODAY + DAY, False),
        (DecisionKind.WATCH, TODAY, True),
        (DecisionKind.WATCH, TODAY - DAY, True),
        (DecisionKind.KEEP, None, True),
        (DecisionKind.END, None, True),
    ],
)
def test_a_client_in_move_awaits_a_decision_until_one_stands(kind, recheck_on, awaits):
    decision = a_decision(kind, TODAY - 9 * DAY, recheck_on)
    assert one(move(1, 5000, decisions=(decision,))).awaits_decision is awaits


def test_a_decision_of_tomorrow_settles_nothing_today():
    decision = a_decision(DecisionKind.WATCH, TODAY + DAY)
    assert one(move(1, 5000, decisions=(decision,))).awaits_decision


def test_outside_move_no_decision_is_awaited():
    assert not one(model(1, 5000)).awaits_decision


def test_former_clients_are_left_out():
    book = [model(1, 5000), model(2, 5000, former_since=TODAY), model(3, 1, former_since=None)]
    assert ids(assess_book(book, RULES, today=TODAY)) == [1, 3]
    assert ids(assess_book(book, RULES, today=TODAY - DAY)) == [1, 2, 3]


def test_each_field_has_its_own_order():
    book = [
        grow(1, 3_000),
        grow(2, 9_000),
        fix(3, 2_000),
        fix(4, 5_000),
        move(5, 1_000),
        move(6, 4_000),
        move(7, 99_000, decisions=(a_decision(DecisionKind.WATCH),)),
        model(8, 100),
        model(9, 200),
        a_client(10, client_id=10),
        a_client(20, client_id=11),
    ]
    priorities = the_book(book)
    assert ids(priorities.grow) == [2, 1]
    assert ids(priorities.fix) == [4, 3]
    assert ids(priorities.move) == [6, 5]
    assert ids(priorities.model) == [9, 8]
    assert ids(priorities.not_placed) == [11, 10]
    for quadrant in Quadrant:
        assert all(each.quadrant.quadrant is quadrant for each in priorities.of(quadrant))


def test_unknown_amounts_come_last_and_ties_go_by_name():
    book = [
        in_field(80, 25, client_id=1, name="Ahorn"),
        grow(2, 0, name="Zeder"),
        grow(3, 300, name="Linde"),
        grow(4, 300, name="Eiche"),
        in_field(80, 25, client_id=5, name="Aaron"),
    ]
    assert ids(the_book(book).grow) == [4, 3, 2, 5, 1]


@given(st.permutations(range(8)))
def test_the_order_of_clients_does_not_matter(order):
    book = [
        grow(1, 3_000),
        grow(2, 3_000),
        grow(3, 9_000),
        fix(4, 100),
        fix(5, 100),
        move(6, 1),
        model(7, 1),
        a_client(5, client_id=8),
    ]
    expected = weekly_list(the_book(book), RULES)
    shuffled = weekly_list(the_book([book[each] for each in order]), RULES)
    assert ids(shuffled.names) == ids(expected.names) == [3, 1, 2, 4, 5, 6, 7]


def test_the_week_has_three_grow_two_fix_one_move_and_one_model():
    book = [
        *(grow(number, number * 1000) for number in (1, 2, 3, 4, 5)),
        *(fix(number, number * 1000) for number in (11, 12, 13)),
        *(move(number, number) for number in (21, 22)),
        *(model(number, number) for number in (31, 32)),
    ]
    week = weekly_list(the_book(book), RULES)
    assert ids(week.names) == [5, 4, 3, 13, 12, 22, 32]
    # Left out: two in GROW, one in FIX, one in MOVE; nobody has to hurry about MODEL.
    assert week.more == 4


def test_unused_places_pass_to_the_next_grow_or_fix_by_money():
    book = [
        *(grow(number, amount) for number, amount in enumerate((9000, 8000, 7000, 600, 500), 1)),
        *(fix(number, amount) for number, amount in enumerate((900, 800, 700, 400), 11)),
    ]
    week = weekly_list(the_book(book), RULES)
    # Two places are free of MOVE and MODEL: 700 at risk, then 600 untapped.
    assert ids(week.names) == [1, 2, 3, 4, 11, 12, 13]
    assert week.more == 2


def test_an_unknown_amount_gets_a_free_place_last():
    book = [
        *(grow(number, 9000) for number in (1, 2, 3)),
        in_field(80, 25, client_id=4),
        *(fix(number, 100) for number in (11, 12, 13)),
        move(21, 1),
    ]
    week = weekly_list(the_book(book), RULES)
    assert ids(week.names) == [1, 2, 3, 11, 12, 13, 21]
    assert week.more == 1


def test_a_short_book_makes_a_short_list():
    week = weekly_list(the_book([grow(1, 100), model(2, 5)]), RULES)
    assert (ids(week.names), week.more, week.ask) == ([1, 2], 0, None)
    empty = weekly_list(the_book([]), RULES)
    assert (empty.names, empty.more, empty.ask) == ((), 0, None)


def test_the_list_has_never_more_names_than_the_rule_book_allows():
    rules = RuleBook(digest=DigestRules(names=4, grow=1, fix=1, move=1, model=1))
    book = [grow(n, n) for n in range(1, 9)] + [fix(n, n) for n in range(11, 19)]
    week = weekly_list(the_book(book), rules)
    assert ids(week.names) == [8, 18, 17, 16]
    assert week.more == 12


def test_the_week_asks_for_the_one_answer_that_matters_most_in_money():
    book = [
        a_client(90_000, client_id=1),  # both are missing: one answer is not enough
        a_client(5_000, client_id=2, wallets=(a_wallet(share=30),)),
        a_client(8_000, client_id=3, satisfactions=(a_score(80),)),
        a_client(
            70_000,
            client_id=4,
            satisfactions=(a_score(80),),
            wallets=(a_wallet(100),),
            holdings=(a_holding(200),),
        ),  # a contradiction is no question to the client
        a_client(None, client_id=5, satisfactions=(a_score(80),)),
    ]
    assert weekly_list(the_book(book), RULES).ask.client.client_id == 3


def test_an_expired_answer_is_asked_for_again():
    old = date(2024, 1, 1)
    book = [a_client(5, satisfactions=(a_score(80, on=old),), wallets=(a_wallet(share=30),))]
    assert weekly_list(the_book(book), RULES).ask.client.client_id == 1
