"""Whole books: the very answers of the scalar reader, and the laws that both keep."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import add_months
from domain.clocks import first_due, spread_of
from domain.entitlements import entitlements
from domain.frames import NONE, epoch_day
from domain.model import Tier
from domain.rulebook import RuleBook
from domain.service_days import plus_months, spread
from domain.service_frames import DueBook, due_book, service_frames_of
from domain.service_model import Clock, interval_of
from domain.servicing import (
    DueService,
    DueState,
    Outcome,
    ServiceHistory,
    ServiceRecord,
    TierSpan,
    due_services,
)
from tests.domain.drawn_services import (
    ADOPTED,
    KEYS,
    Case,
    a_case,
    a_rule_history,
    chances,
    days,
)
from tests.domain.examples import a_client
from tests.domain.service_examples import RULES, day, done


def in_force(rule_books: Sequence[RuleBook], today: date) -> Sequence[RuleBook]:
    return [each for each in rule_books if each.valid_from <= today] or rule_books[:1]


def of_book(cases: Sequence[Case], rule_books: Sequence[RuleBook], today: date) -> DueBook:
    *earlier, rules = in_force(rule_books, today)
    book = service_frames_of(
        [each.client for each in cases], [each.history for each in cases], rules,
        today=today, spans=[each.spans for each in cases], earlier=earlier,
    )  # fmt: skip
    words = pd.Series([each.tier.value if each.tier else None for each in cases], dtype="category")
    return due_book(book, words, rules, adopted_on=ADOPTED, today=today, earlier=earlier)


def of_client(case: Case, rule_books: Sequence[RuleBook], today: date) -> dict[str, DueService]:
    *earlier, rules = in_force(rule_books, today)
    found = due_services(
        case.client, case.tier, case.history, rules,
        adopted_on=ADOPTED, today=today, spans=case.spans, earlier=earlier,
    )  # fmt: skip
    return {each.service: each for each in found}


@settings(max_examples=60)
@given(chances, days)
def test_a_book_is_read_as_each_of_its_clients_is(chance, today):
    cases, rule_books = [a_case(chance, number) for number in range(40)], a_rule_history(chance)
    found, states = of_book(cases, rule_books, today), list(DueState)
    for place, case in enumerate(cases):
        read_so = {
            key: (int(found.due_on[row, place]), states[found.state[row, place]])
            for row, key in enumerate(found.services)
            if found.state[row, place] != NONE
        }
        assert read_so == {
            key: (epoch_day(each.due_on), each.state)
            for key, each in of_client(case, rule_books, today).items()
        }


def test_the_rows_of_a_book_are_those_somebody_is_reminded_of():
    clients = [a_client(client_id=number) for number in (5, 3)]
    told = [
        ServiceHistory(records=(done("review", "2025-01-10"), done("check_in", "2025-12-20"))),
        ServiceHistory(),
    ]
    book = service_frames_of(clients, told, RULES, today=day("2026-01-20"))
    words = pd.Series(["A+", "N"])
    found = due_book(book, words, RULES, adopted_on=day("2026-01-10"), today=day("2026-01-20"))
    # client 5's place is 0.09: 90 days to 10 April × 0.09 = 8.1, so 9 days after 10 January
    assert found.rows([DueState.DUE]).to_dict("records") == [
        {
            "client_id": 5,
            "service": "review",
            "state": "due",
            "due_on": epoch_day(day("2026-01-10")),
        },
        {
            "client_id": 5,
            "service": "portfolio_check",
            "state": "due",
            "due_on": epoch_day(day("2026-01-19")),
        },
    ]
    assert set(found.rows()["client_id"]) == {5}
    assert len(found.rows(DueState)) == 7 + 2


def test_a_settlement_after_today_is_no_state_of_a_book():
    told = ServiceHistory(records=(done("review", "2026-02-01"),))
    book = service_frames_of([a_client()], [told], RULES, today=day("2026-02-01"))
    with pytest.raises(ValueError, match="settled after"):
        due_book(
            book, pd.Series(["A"]), RULES, adopted_on=day("2026-01-01"), today=day("2026-01-31")
        )


@given(st.lists(st.dates(date(1900, 1, 1), date(2200, 1, 1)), min_size=1), st.integers(0, 120))
def test_months_of_many_days_are_those_of_each(several, months):
    many = plus_months(np.array([epoch_day(each) for each in several]), months)
    assert many.tolist() == [epoch_day(add_months(each, months)) for each in several]


@given(st.lists(st.integers(0, 10**15), min_size=1), st.integers(1, 4000))
def test_many_clients_have_the_places_of_each(client_ids, places):
    many = spread(np.array(client_ids), places)
    assert many.tolist() == [spread_of(each, places) for each in client_ids]
    assert all(0 <= each < places for each in many)


@given(st.integers(0, 10**9), st.integers(24, 500))
def test_first_dues_of_a_firm_are_spread_evenly(first_id, clients):
    # A twelfth of the clients fall in each twelfth of the interval, give or take three.
    dues = [spread_of(first_id + number, 12) for number in range(clients)]
    counts = np.bincount(dues, minlength=12)
    assert abs(counts - clients / 12).max() <= 3


@given(st.integers(0, 10**9), st.sampled_from(["0.5", "1", "2", "4", "8", "12"]), days)
def test_a_first_due_day_lies_within_one_interval(client_id, per_year, start):
    due = first_due(client_id, Decimal(per_year), start)
    assert start < due <= interval_of(Decimal(per_year)).after(start)


@given(chances, st.sampled_from(KEYS), days, days)
def test_a_later_delivery_never_makes_the_next_due_day_earlier(chance, key, one, other):
    case, rule_books, today = a_case(chance), a_rule_history(chance), date(2027, 12, 31)
    dues = []
    for on in sorted((one, other)):
        record = ServiceRecord(service=key, outcome=Outcome.DELIVERED, on=on)
        own = replace(case, history=replace(case.history, records=(record,)))
        dues.append(of_client(own, rule_books, today))
    for service in dues[0].keys() & dues[1].keys():
        earlier, later = dues[0][service], dues[1][service]
        # By rules that changed in between, the later one may no longer count for another service.
        if earlier.last and later.last and earlier.last.on <= later.last.on:
            assert earlier.due_on <= later.due_on


@given(chances, days)
def test_due_comes_before_overdue_and_after_the_reminder(chance, today):
    for each in of_client(a_case(chance), a_rule_history(chance), today).values():
        assert each.remind_on <= each.due_on < each.overdue_on
        assert timedelta(14) <= each.overdue_on - each.due_on <= timedelta(91)


@given(chances, days)
def test_a_former_client_is_owed_nothing(chance, today):
    case = a_case(chance)
    gone = replace(case, client=replace(case.client, former_since=today))
    assert of_client(gone, a_rule_history(chance), today) == {}


@given(chances, days)
def test_what_is_owed_with_what_counts_for_it_never_falls_under_the_floor(chance, today):
    case, rules = a_case(chance), a_rule_history(chance)[-1]
    client = replace(case.client, former_since=None)
    owed = {e.service: e for e in entitlements(client, case.tier, case.history, rules, today=today)}
    for service in rules.services.services:
        counting = [service, *rules.services.counting_for(service.key)]
        total = sum(owed[each.key].per_year for each in counting if each.key in owed)
        assert total >= service.floor_per_year


@given(chances, days, st.integers(0, 400))
def test_a_due_day_does_not_move_while_nothing_happens(chance, today, later):
    # Given a client whose tier, rules and agreements stay as they are
    case, rules = a_case(chance), a_rule_history(chance)[0]
    records = tuple(each for each in case.history.records if each.on <= today)
    client = replace(case.client, last_review_on=None, last_contact_on=None)
    quiet = replace(case, client=client, history=ServiceHistory(records=records), spans=())
    now = of_client(quiet, (rules,), today)
    then = of_client(quiet, (rules,), today + timedelta(days=later))
    for key in now.keys() & then.keys():
        service = rules.services.find(key)
        assert service is not None
        if service.clock is not Clock.BIRTHDAY:
            assert now[key].due_on == then[key].due_on


@given(st.integers(0, 10**6), days)
def test_a_higher_tier_is_never_served_less_often(client_id, today):
    often = [Decimal(n) for n in ("0.5", "1", "2", "4", "8", "12", "52")]
    ends = [interval_of(each).after(today) for each in often]
    assert all(more <= less for less, more in pairwise(ends))
    dues = [first_due(client_id, each, today) for each in often]
    assert all(more <= less for less, more in pairwise(dues))


def test_a_tier_not_placed_has_the_floor_only():
    book = service_frames_of([a_client()], [ServiceHistory()], RULES, today=day("2026-02-01"))
    found = due_book(
        book, pd.Series([None], dtype=object), RULES, adopted_on=day("2026-01-01"),
        today=day("2026-02-01"),
    )  # fmt: skip
    assert list(found.rows(DueState)["service"]) == ["suitability"]


def test_spans_of_others_are_passed_over():
    # Given a client who is A from today on, and whose last review was on 15 June
    told = ServiceHistory(records=(done("review", "2025-06-15"),))
    span = (TierSpan(tier=Tier.B, first_day=day("2025-01-01")),)
    given = {"adopted_on": day("2025-01-01"), "today": day("2026-02-01")}
    frames = service_frames_of(
        [a_client(client_id=1)], [told], RULES, today=given["today"], spans=[span]
    )
    other = replace(frames, spans=frames.spans.assign(client_id=99))
    dues = [
        int(due_book(each, pd.Series(["A"]), RULES, **given).due_on[0, 0])
        for each in (frames, other)
    ]
    assert dues == [epoch_day(day("2026-02-01")), epoch_day(day("2025-12-15"))]
