"""What is due when, worked out on paper: each row's working stands beside it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.model import Tier
from domain.service_model import Clock, per_year_of
from domain.servicing import (
    Appointment,
    Basis,
    Channel,
    DueState,
    Ground,
    Outcome,
    PerYearError,
    ServiceHistory,
    Snooze,
    TierSpan,
    entitlements,
    last_settled,
)
from tests.domain.examples import a_client
from tests.domain.service_examples import (
    RULES,
    agreed,
    day,
    done,
    due,
    due_all,
    model_with,
    rules_with,
    told,
)

A_PLUS, A, B, S, L, N = Tier.A_PLUS, Tier.A, Tier.B, Tier.S, Tier.L, Tier.N
SETTLED, UPCOMING, DUE, OVERDUE = (
    DueState.SETTLED, DueState.UPCOMING, DueState.DUE, DueState.OVERDUE,
)  # fmt: skip
BOOKED, SNOOZED = DueState.BOOKED, DueState.SNOOZED
DECLINED, NO_ANSWER = Outcome.DECLINED, Outcome.NO_ANSWER
SURGE = rules_with("review", clock=Clock.ANCHORED, months=(3, 9))
"""Reviews in March and September."""
MAY = rules_with("plan_update", clock=Clock.ANCHORED, months=(5,))


@pytest.mark.parametrize(
    ("service", "tier", "last", "today", "due_on", "state"),
    [
        # once a year; 42 days before 2 March are 2 + 28 + 12, so 19 January
        ("review", B, "2025-03-02", "2026-01-18", "2026-03-02", SETTLED),
        ("review", B, "2025-03-02", "2026-01-19", "2026-03-02", UPCOMING),
        ("review", B, "2025-03-02", "2026-03-01", "2026-03-02", UPCOMING),
        ("review", B, "2025-03-02", "2026-03-02", "2026-03-02", DUE),
        # a quarter of a year is 91.25 days, at most 91: 29 in March, 30, 31, 1 June
        ("review", B, "2025-03-02", "2026-05-31", "2026-03-02", DUE),
        ("review", B, "2025-03-02", "2026-06-01", "2026-03-02", OVERDUE),
        # twice a year; a quarter of it is 45.6, so 46 days: 16 in July, 30 in August
        ("review", A, "2026-01-15", "2026-08-29", "2026-07-15", DUE),
        ("review", A, "2026-01-15", "2026-08-30", "2026-07-15", OVERDUE),
        # four times a year; 22.8, so 23 days after 15 April
        ("review", A_PLUS, "2026-01-15", "2026-05-07", "2026-04-15", DUE),
        ("review", A_PLUS, "2026-01-15", "2026-05-08", "2026-04-15", OVERDUE),
        # ends of months
        ("review", A_PLUS, "2025-11-30", "2026-01-01", "2026-02-28", SETTLED),
        ("review", A_PLUS, "2027-11-30", "2028-02-01", "2028-02-29", UPCOMING),
        ("review", A, "2025-08-31", "2026-01-20", "2026-02-28", UPCOMING),
        ("review", A, "2026-03-31", "2026-09-30", "2026-09-30", DUE),
        ("check_in", A, "2026-01-31", "2026-04-22", "2026-04-30", SETTLED),
        ("check_in", A, "2026-01-31", "2026-04-23", "2026-04-30", UPCOMING),
        # leap days
        ("review", B, "2028-02-29", "2028-06-01", "2029-02-28", SETTLED),
        ("review", B, "2027-02-28", "2027-06-01", "2028-02-28", SETTLED),
        ("plan_update", B, "2024-02-29", "2026-02-01", "2026-02-28", UPCOMING),  # every 24 months
        ("plan_update", B, "2026-02-28", "2026-04-01", "2028-02-28", SETTLED),
        # eight times a year are 46 days: 30 in January, 16 in February; overdue after 14
        ("check_in", A_PLUS, "2026-01-01", "2026-02-08", "2026-02-16", SETTLED),
        ("check_in", A_PLUS, "2026-01-01", "2026-02-09", "2026-02-16", UPCOMING),
        ("check_in", A_PLUS, "2026-01-01", "2026-03-01", "2026-02-16", DUE),
        ("check_in", A_PLUS, "2026-01-01", "2026-03-02", "2026-02-16", OVERDUE),
        ("check_in", A_PLUS, "2028-01-20", "2028-03-06", "2028-03-06", DUE),  # 11 + 29 + 6
        # 84 days before 10 September are 10 + 31 + 31 + 12, so 18 June
        ("large_event", L, "2025-09-10", "2026-06-17", "2026-09-10", SETTLED),
        ("large_event", L, "2025-09-10", "2026-06-18", "2026-09-10", UPCOMING),
        # a delivery entered for tomorrow is none yet
        ("review", B, "2026-03-02", "2026-03-01", "2020-01-02", OVERDUE),
    ],
)
def test_the_rolling_clock_runs_from_the_last_delivery(service, tier, last, today, due_on, state):
    found = due(service, tier, done(service, last), today=today)
    assert (found.due_on, found.state) == (day(due_on), state)


def test_a_lead_is_at_most_half_of_the_interval():
    # twelve a year: half of 30.4 days are 15, before 10 February the 26th of January
    often = agreed("review", 12, "2026-01-01", "2026-12-31")
    found = due("review", B, done("review", "2026-01-10"), today="2026-01-12", overrides=(often,))
    assert (found.remind_on, found.due_on) == (day("2026-01-26"), day("2026-02-10"))


@pytest.mark.parametrize(
    ("service", "tier", "client_id", "facts", "due_on"),
    [
        ("plan_update", A, 0, {}, "2026-01-02"),
        ("plan_update", A, 1, {}, "2026-08-15"),  # 365 × 0.618 = 225.6: day 226; 1 Jan + 226
        ("plan_update", A, 2, {}, "2026-03-29"),  # 365 × 0.236 = 86.2: day 87
        ("plan_update", A, 3, {}, "2026-11-09"),  # 365 × 0.854 = 311.7: day 312
        ("review", A, 1, {}, "2026-04-23"),  # 181 days to 1 July × 0.618 = 111.9: day 112
        ("check_in", A_PLUS, 1, {}, "2026-01-30"),  # 46 × 0.618 = 28.4: day 29
        # client since before the adoption: the clock starts with the adoption
        ("plan_update", A, 0, {"client_since": date(2011, 4, 1)}, "2026-01-02"),
        # after it: with the client; 10 May + 226 days: 21 + 30 + 31 + 31 + 30 + 31 + 30 + 22
        ("plan_update", A, 0, {"client_since": date(2026, 5, 10)}, "2026-05-11"),
        ("plan_update", A, 1, {"client_since": date(2026, 5, 10)}, "2026-12-22"),
        ("plan_update", A, 0, {"client_since": date(2027, 1, 1)}, "2027-01-02"),
        # 366 days from 1 March 2027 × 0.618 = 226.2: day 227, 13 October + 1
        ("plan_update", A, 1, {"client_since": date(2027, 3, 1)}, "2027-10-14"),
    ],
)
def test_a_service_never_delivered_is_due_within_one_interval(
    service, tier, client_id, facts, due_on
):
    found = due(
        service,
        tier,
        client_id=client_id,
        adopted_on=day("2026-01-01"),
        today="2026-06-01",
        **facts,
    )
    assert (found.due_on, found.basis) == (day(due_on), Basis.START)


@pytest.mark.parametrize(
    ("last", "due_on", "basis"),
    [
        ("2019-05-01", "2026-01-01", Basis.CHANGE),  # 2020-05-01, but nothing was promised then
        ("2024-12-31", "2026-01-01", Basis.CHANGE),
        ("2025-01-01", "2026-01-01", Basis.LAST),
        ("2025-06-01", "2026-06-01", Basis.LAST),
    ],
)
def test_what_was_delivered_before_the_adoption_counts_but_nothing_is_due_before_it(
    last, due_on, basis
):
    found = due("review", B, done("review", last), adopted_on=day("2026-01-01"), today="2026-01-01")
    assert (found.due_on, found.basis) == (day(due_on), basis)
    assert found.state in (DUE, SETTLED)


@pytest.mark.parametrize(
    ("service", "records", "due_on"),
    [
        # A: a review every 6 months, a check-in every 3
        ("check_in", [done("review", "2026-03-01")], "2026-06-01"),
        ("check_in", [done("review", "2026-03-01"), done("check_in", "2026-04-15")], "2026-07-15"),
        ("check_in", [done("check_in", "2026-04-15"), done("review", "2026-03-01")], "2026-07-15"),
        ("review", [done("review", "2026-01-10"), done("check_in", "2026-03-01")], "2026-07-10"),
        ("check_in", [done("review", "2026-03-01", Channel.VIDEO)], "2026-06-01"),
        # a review declined is no contact
        ("check_in",
         [done("check_in", "2026-01-10"), told("review", DECLINED, "2026-03-01")], "2026-04-10"),
        # nobody was talked to
        ("check_in",
         [done("check_in", "2026-01-10"), done("check_in", "2026-03-01", Channel.EMAIL)],
         "2026-04-10"),
        ("check_in",
         [done("check_in", "2026-01-10"), done("check_in", "2026-03-01", Channel.VOICEMAIL)],
         "2026-04-10"),
        ("check_in",
         [done("check_in", "2026-01-10"), done("check_in", "2026-03-01", Channel.CALL)],
         "2026-06-01"),
        ("check_in",
         [done("check_in", "2026-01-10"), done("review", "2026-03-01", Channel.EMAIL)],
         "2026-04-10"),
        # what is no contact may be sent
        ("portfolio_check", [done("portfolio_check", "2026-03-01", Channel.EMAIL)], "2026-09-01"),
        # a service that the rule book does not know says nothing
        ("check_in", [done("check_in", "2026-01-10"), done("dinner", "2026-03-01")], "2026-04-10"),
    ],
)  # fmt: skip
def test_one_act_can_satisfy_several_services(service, records, due_on):
    assert due(service, A, *records, today="2026-05-20").due_on == day(due_on)


def test_a_message_is_a_contact_where_the_rule_book_says_so():
    mail = done("check_in", "2026-03-01", Channel.EMAIL)
    found = due("check_in", A, mail, today="2026-05-20", rules=model_with(messages_count=True))
    assert found.due_on == day("2026-06-01")


@pytest.mark.parametrize(
    ("records", "due_on", "misses", "attempts"),
    [
        ([], "2026-02-01", 0, []),
        ([told("review", DECLINED, "2026-02-10")], "2027-02-10", 1, []),
        ([told("review", Outcome.NOT_TRIED, "2026-02-10")], "2026-02-01", 1, []),
        ([told("review", Outcome.CANCELLED, "2026-02-10")], "2026-02-01", 0, []),
        ([told("review", NO_ANSWER, "2026-02-10"), told("review", NO_ANSWER, "2026-02-12")],
         "2026-02-01", 0, ["2026-02-10", "2026-02-12"]),
        # two attempts on one day are one
        ([told("review", NO_ANSWER, "2026-02-10"), told("review", NO_ANSWER, "2026-02-10"),
          told("review", NO_ANSWER, "2026-02-12")],
         "2026-02-01", 0, ["2026-02-10", "2026-02-12"]),
        # the third settles, whatever order they were entered in
        ([told("review", NO_ANSWER, "2026-02-20"), told("review", NO_ANSWER, "2026-02-10"),
          told("review", NO_ANSWER, "2026-02-12")], "2027-02-20", 1, []),
        # what comes on the day of the third is no new attempt
        ([*(told("review", NO_ANSWER, f"2026-02-1{n}") for n in (0, 1, 2, 2))],
         "2027-02-12", 1, []),
        # attempts before a delivery are forgotten
        ([told("review", NO_ANSWER, "2026-02-10"), told("review", NO_ANSWER, "2026-02-12"),
          done("review", "2026-02-15"), told("review", NO_ANSWER, "2026-03-01")],
         "2027-02-15", 0, ["2026-03-01"]),
        # an attempt at a call is none at a review
        ([told("check_in", NO_ANSWER, "2026-02-10"), told("check_in", NO_ANSWER, "2026-02-11"),
          told("check_in", NO_ANSWER, "2026-02-12")], "2026-02-01", 0, []),
        # declined, not tried, unanswered in a row; a delivery ends the row
        ([told("review", DECLINED, "2026-02-10"), told("review", Outcome.NOT_TRIED, "2026-03-01"),
          told("review", NO_ANSWER, "2026-03-02"), told("review", NO_ANSWER, "2026-03-03"),
          told("review", NO_ANSWER, "2026-03-04")], "2027-03-04", 3, []),
        ([told("review", DECLINED, "2026-02-10"), done("review", "2026-03-01")],
         "2027-03-01", 0, []),
    ],
)  # fmt: skip
def test_what_settles_a_service_and_what_does_not(records, due_on, misses, attempts):
    # Given a B client whose review was on 1 February a year ago
    found = due("review", B, done("review", "2025-02-01"), *records, today="2026-04-01")
    assert (found.due_on, found.misses) == (day(due_on), misses)
    assert found.attempts == tuple(map(day, attempts))


def test_the_firm_says_how_many_attempts_settle():
    tried = [told("review", NO_ANSWER, "2026-02-10"), told("review", NO_ANSWER, "2026-02-12")]
    found = due("review", B, *tried, today="2026-04-01", rules=model_with(attempts_that_settle=2))
    assert (found.due_on, found.last.outcome) == (day("2027-02-12"), NO_ANSWER)


@pytest.mark.parametrize(
    ("tiers", "last", "today", "due_on"),
    [
        # down, A to B: 12 months instead of 6
        ([(A, "2020-01-01"), (B, "2026-05-01")], "2026-01-15", "2026-05-02", "2027-01-15"),
        # down when it was due already: the new interval holds all the same
        ([(A, "2020-01-01"), (B, "2026-09-01")], "2026-01-15", "2026-09-02", "2027-01-15"),
        # up, B to A: 15 July has passed, so the day of the change, and it stays that day
        ([(B, "2020-01-01"), (A, "2026-09-01")], "2026-01-15", "2026-09-01", "2026-09-01"),
        ([(B, "2020-01-01"), (A, "2026-09-01")], "2026-01-15", "2026-12-24", "2026-09-01"),
        # up, and the new day is still ahead
        ([(B, "2020-01-01"), (A, "2026-09-01")], "2026-06-15", "2026-09-02", "2026-12-15"),
        # up when it was due already by the old interval: that day stays
        ([(B, "2020-01-01"), (A, "2026-03-01")], "2025-01-15", "2026-03-02", "2026-01-15"),
        # delivered after the change: nothing of it is left
        ([(B, "2020-01-01"), (A, "2026-03-01")], "2026-04-15", "2026-05-01", "2026-10-15"),
        # not owed for a while
        ([(A, "2020-01-01"), (N, "2026-02-01"), (A, "2026-10-01")],
         "2026-01-15", "2026-11-01", "2026-10-01"),
        # a change that nobody has stored yet is of today
        ([(B, "2020-01-01")], "2026-01-15", "2026-09-03", "2026-09-03"),
        # twice up within a summer: B to A is due on 1 August, A+ changes nothing in that
        ([(B, "2020-01-01"), (A, "2026-08-01"), (A_PLUS, "2026-09-01")],
         "2026-01-15", "2026-10-01", "2026-08-01"),
    ],
)  # fmt: skip
def test_a_tier_change_keeps_the_last_delivery_and_applies_the_new_interval(
    tiers, last, today, due_on
):
    spans = [TierSpan(tier=tier, first_day=day(first)) for tier, first in tiers]
    present = A if len(spans) == 1 else spans[-1].tier
    found = due("review", present, done("review", last), today=today, spans=spans)
    assert found.due_on == day(due_on)


def test_what_a_new_tier_promises_for_the_first_time_starts_with_it():
    spans = [TierSpan(tier=N, first_day=day("2020-01-01")),
             TierSpan(tier=A, first_day=day("2026-03-01"))]  # fmt: skip
    found = due("review", A, today="2026-03-02", spans=spans)
    assert (found.due_on, found.started_on) == (day("2026-03-02"), day("2026-03-01"))
    # client 1: 184 days to 1 September × 0.618 = 113.7, day 114: 30 in March, 30, 31, 23 in June
    found = due("review", A, today="2026-03-02", spans=spans, client_id=1)
    assert found.due_on == day("2026-06-23")


def test_a_change_of_rules_makes_nothing_due_before_its_own_day():
    # A: twice a year, from 1 May four times; 15 April has passed
    more = rules_with("review", per_year=per_year_of({A: 4}))
    more = replace(more, version=2, valid_from=day("2026-05-01"))
    given = {"rules": more, "earlier": (RULES,), "today": "2026-06-01"}
    assert due("review", A, done("review", "2026-01-15"), **given).due_on == day("2026-05-01")
    assert due("review", A, done("review", "2026-03-15"), **given).due_on == day("2026-06-15")


@pytest.mark.parametrize(
    ("tier", "overrides", "owed"),
    [
        (N, (), ("1", Ground.TIER)),
        (A, (), None),  # a review meeting satisfies it
        (None, (), ("1", Ground.FLOOR)),
        (A, (agreed("review", 0, "2026-01-01", "2026-12-31"),), ("1", Ground.FLOOR)),
        (A, (agreed("review", "0.5", "2026-01-01", "2026-12-31"),), ("0.5", Ground.FLOOR)),
        (N, (agreed("suitability", 0, "2026-01-01", "2026-12-31"),), ("1", Ground.FLOOR)),
        (N, (agreed("suitability", 2, "2026-01-01", "2026-12-31"),), ("2", Ground.OVERRIDE)),
        (N, (agreed("review", 1, "2026-01-01", "2026-12-31"),), ("1", Ground.TIER)),
        (L, (agreed("review", 1, "2026-01-01", "2026-12-31"),), None),
    ],
)
def test_the_floor_is_owed_whatever_tier_and_override_say(tier, overrides, owed):
    history = ServiceHistory(overrides=overrides)
    found = entitlements(a_client(), tier, history, RULES, today=day("2026-06-01"))
    suitability = [(e.per_year, e.ground) for e in found if e.service == "suitability"]
    assert suitability == ([(Decimal(owed[0]), owed[1])] if owed else [])


def test_an_entitlement_says_by_what_it_is_owed():
    more = agreed("check_in", 12, "2026-01-01", "2026-06-30")
    history = ServiceHistory(overrides=(more,))
    found = {e.service: e for e in entitlements(a_client(), B, history, RULES, today=more.last_day)}
    assert found["check_in"].override == more
    assert (found["check_in"].per_year, found["check_in"].by_tier) == (12, 2)
    assert found["review"].ground is Ground.TIER
    assert list(found) == [
        "review", "plan_update", "check_in", "portfolio_check", "tax_insurance_estate",
        "large_event", "newsletter", "birthday", "reactive",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("overrides", "today", "due_on"),
    [
        # B: 2 calls a year; until 30 June 12
        ((agreed("check_in", 12, "2026-01-01", "2026-06-30"),), "2026-03-20", "2026-04-10"),
        ((agreed("check_in", 12, "2026-01-01", "2026-06-30"),), "2026-06-30", "2026-04-10"),
        # after it the tier's six months hold again
        ((agreed("check_in", 12, "2026-01-01", "2026-06-30"),), "2026-07-01", "2026-09-10"),
        # begun after the last call: not before its first day
        ((agreed("check_in", 12, "2026-05-01", "2026-06-30"),), "2026-05-02", "2026-05-01"),
        # of two, the one that began last
        ((agreed("check_in", 4, "2026-03-01", "2026-12-31"),
          agreed("check_in", 12, "2026-02-01", "2026-12-31")), "2026-03-20", "2026-06-10"),
        # of two begun on one day, the one entered last
        ((agreed("check_in", 12, "2026-03-01", "2026-12-31"),
          agreed("check_in", 4, "2026-03-01", "2026-12-31")), "2026-03-20", "2026-06-10"),
        ((agreed("check_in", 0, "2026-01-01", "2026-12-31"),), "2026-03-20", None),
    ],
)  # fmt: skip
def test_an_override_holds_until_its_last_day(overrides, today, due_on):
    found = due("check_in", B, done("check_in", "2026-03-10"), today=today, overrides=overrides)
    assert (found and found.due_on) == (day(due_on) if due_on else None)


@pytest.mark.parametrize("per_year", ["-1", "0.05", "366"])
def test_nothing_is_agreed_that_nobody_can_keep(per_year):
    with pytest.raises(PerYearError):
        agreed("review", per_year, "2026-01-01", "2026-12-31")


@pytest.mark.parametrize(
    ("tier", "records", "today", "due_on", "state"),
    [
        # A, twice a year: March and September; 42 days before 1 March are 18 January
        (A, [], "2026-01-17", "2026-03-01", SETTLED),
        (A, [], "2026-01-18", "2026-03-01", UPCOMING),
        (A, ["2026-03-20"], "2026-04-01", "2026-09-01", SETTLED),
        # late: September does not slide
        (A, ["2026-06-10"], "2026-06-11", "2026-09-01", SETTLED),
        (A, ["2026-07-20"], "2026-07-22", "2026-09-01", UPCOMING),
        # 42 days ahead at most
        (A, ["2026-01-18"], "2026-02-01", "2026-09-01", SETTLED),
        (A, ["2026-01-17"], "2026-02-01", "2026-03-01", UPCOMING),
        # nobody came: the first missed month stays due
        (A, [], "2026-10-01", "2026-03-01", OVERDUE),
        # B, once a year: the first of the two months
        (B, ["2026-03-20"], "2026-04-01", "2027-03-01", SETTLED),
        # A+, four times: evenly from March
        (A_PLUS, ["2026-03-20"], "2026-04-30", "2026-06-01", UPCOMING),
        (A_PLUS, ["2026-09-20"], "2026-10-30", "2026-12-01", UPCOMING),
    ],
)
def test_fixed_months_do_not_slide(tier, records, today, due_on, state):
    given = {"today": today, "rules": SURGE, "adopted_on": day("2026-01-10")}
    found = due("review", tier, *(done("review", each) for each in records), **given)
    assert (found.due_on, found.state, found.basis) == (day(due_on), state, Basis.ANCHOR)


@pytest.mark.parametrize(
    ("service", "tier", "client_id", "adopted_on", "due_on"),
    [
        ("plan_update", A, 0, "2026-05-01", "2026-05-01"),
        ("plan_update", A, 0, "2026-05-02", "2027-05-01"),
        # B, every other year: half of the clients in even years, half in odd ones
        ("plan_update", B, 0, "2026-01-01", "2026-05-01"),
        ("plan_update", B, 1, "2026-01-01", "2027-05-01"),
        # no months named: each client's own; 12 × 0.618 = 7.4, the eighth
        ("suitability", N, 0, "2025-06-10", "2026-01-01"),
        ("suitability", N, 1, "2025-06-10", "2025-08-01"),
        ("suitability", N, 1, "2025-08-02", "2026-08-01"),
        ("suitability", N, 2, "2025-06-10", "2026-03-01"),  # 12 × 0.236 = 2.8
    ],
)
def test_a_first_fixed_month_comes_after_the_start(service, tier, client_id, adopted_on, due_on):
    found = due(
        service, tier, client_id=client_id, rules=MAY, adopted_on=day(adopted_on), today=adopted_on
    )
    assert found.due_on == day(due_on)


def test_a_review_meeting_satisfies_the_suitability_review():
    # client 0's month is January; 42 days before it are 20 November
    given = {"today": "2025-12-10", "adopted_on": day("2025-02-01")}
    assert due("suitability", N, done("review", "2025-11-20"), **given).due_on == day("2027-01-01")
    assert due("suitability", N, done("review", "2025-11-19"), **given).due_on == day("2026-01-01")


def test_a_fixed_month_of_a_new_tier_is_the_next_one():
    spans = [TierSpan(tier=B, first_day=day("2020-01-01")),
             TierSpan(tier=A, first_day=day("2026-10-01"))]  # fmt: skip
    found = due(
        "review", A, done("review", "2026-03-05"), today="2026-10-02", rules=SURGE, spans=spans
    )
    assert found.due_on == day("2027-03-01")


@pytest.mark.parametrize(
    ("born_on", "greeted", "today", "due_on", "state"),
    [
        ("1960-05-17", None, "2026-05-09", "2026-05-17", SETTLED),
        ("1960-05-17", None, "2026-05-10", "2026-05-17", UPCOMING),
        ("1960-05-17", None, "2026-05-17", "2026-05-17", DUE),
        ("1960-05-17", None, "2026-05-30", "2026-05-17", DUE),
        # after 14 days nobody is congratulated any more
        ("1960-05-17", None, "2026-05-31", "2027-05-17", SETTLED),
        ("1960-05-17", "2026-05-17", "2026-05-18", "2027-05-17", SETTLED),
        ("1960-05-17", "2026-05-10", "2026-05-11", "2027-05-17", SETTLED),
        ("1960-05-17", "2026-05-09", "2026-05-11", "2026-05-17", UPCOMING),
        ("1964-02-29", None, "2026-02-28", "2026-02-28", DUE),
        ("1964-02-29", None, "2028-02-28", "2028-02-29", UPCOMING),
        ("1964-02-29", "2027-02-28", "2027-03-01", "2028-02-29", SETTLED),
        ("1970-12-31", "2027-01-02", "2027-01-03", "2027-12-31", SETTLED),
        ("1970-01-03", "2026-12-29", "2026-12-30", "2028-01-03", SETTLED),
    ],
)
def test_a_birthday_is_due_on_its_date(born_on, greeted, today, due_on, state):
    records = [done("birthday", greeted)] if greeted else []
    found = due("birthday", B, *records, today=today, born_on=day(born_on))
    assert (found.due_on, found.state) == (day(due_on), state)


def test_an_unknown_birthday_is_never_due():
    assert due("birthday", A_PLUS, today="2026-05-17") is None


def test_bulk_and_reactive_services_are_never_due_to_a_client():
    keys = {each.service for each in due_all(A_PLUS, today="2026-05-17")}
    assert keys == {
        "review", "plan_update", "check_in", "portfolio_check", "tax_insurance_estate",
        "small_event", "large_event",
    }  # fmt: skip


def test_services_of_a_former_client_stop():
    given = {"today": "2026-06-01"}
    assert due_all(A, former_since=day("2026-06-01"), **given) == []
    assert (
        entitlements(
            a_client(former_since=day("2026-06-01")),
            A,
            ServiceHistory(),
            RULES,
            today=day("2026-06-01"),
        )
        == ()
    )
    # one who leaves in August gets what is due before that
    review, update = done("review", "2026-01-15"), done("plan_update", "2025-09-01")
    leaves = {"former_since": day("2026-08-01"), **given}
    assert due("review", A, review, update, **leaves).due_on == day("2026-07-15")
    assert due("plan_update", A, review, update, **leaves) is None


def booked(on: str, service: str = "review", *, cancelled: bool = False) -> Appointment:
    return Appointment(service=service, on=day(on), cancelled=cancelled)


@pytest.mark.parametrize(
    ("service", "appointments", "today", "state"),
    [
        ("review", [], "2026-05-20", OVERDUE),
        ("review", ["2026-06-09"], "2026-05-20", BOOKED),
        ("review", ["2026-06-09"], "2026-06-09", BOOKED),
        ("review", ["2026-06-09"], "2026-06-10", OVERDUE),
        ("check_in", ["2026-06-09"], "2026-05-20", BOOKED),  # the review counts as a contact
        ("portfolio_check", ["2026-06-09"], "2026-05-20", OVERDUE),
    ],
)
def test_nothing_is_reminded_while_it_is_booked(service, appointments, today, state):
    # Given an A+ client whom everything was last done for in January
    records = [done(each, "2026-01-10") for each in ("review", "check_in", "portfolio_check")]
    found = due(
        service, A_PLUS, *records, today=today, appointments=tuple(map(booked, appointments))
    )
    assert found.state is state
    assert found.is_reminded is (state is OVERDUE)


def test_a_cancelled_appointment_books_nothing():
    given = {"today": "2026-05-20", "appointments": (booked("2026-06-09", cancelled=True),)}
    found = due("review", A_PLUS, done("review", "2026-01-10"), **given)
    assert (found.state, found.appointment) == (OVERDUE, None)


def test_of_an_appointment_that_passed_somebody_says_what_came_of_it():
    last, meeting = done("review", "2026-01-10"), booked("2026-06-09")
    given = {"today": "2026-06-10", "appointments": (meeting,)}
    assert due("review", A_PLUS, last, **given).unreported == meeting
    assert due("review", A_PLUS, last, done("review", "2026-06-09"), **given).unreported is None
    off = told("review", Outcome.CANCELLED, "2026-06-09")
    assert due("review", A_PLUS, last, off, **given).unreported is None


def test_a_meeting_held_today_is_booked_no_more():
    given = {"today": "2026-06-09", "appointments": (booked("2026-06-09"), booked("2026-09-01"))}
    found = due("review", A_PLUS, done("review", "2026-06-09"), **given)
    assert found.appointment == booked("2026-09-01")


@pytest.mark.parametrize(
    ("today", "state"),
    [("2026-03-01", SETTLED), ("2026-03-20", SNOOZED), ("2026-04-30", SNOOZED),
     ("2026-05-01", DUE)],
)  # fmt: skip
def test_what_is_put_off_comes_back_on_its_day(today, state):
    put_off = Snooze(service="review", until=day("2026-05-01"), reason="on a journey")
    earlier = Snooze(service="review", until=day("2026-03-25"))
    other = Snooze(service="check_in", until=day("2026-12-31"))
    found = due(
        "review", A_PLUS, done("review", "2026-01-15"), today=today,
        snoozes=(put_off, earlier, other),
    )  # fmt: skip
    assert found.state is state


def test_an_appointment_counts_more_than_a_snooze():
    found = due(
        "review", A_PLUS, done("review", "2026-01-15"), today="2026-04-20",
        snoozes=(Snooze(service="review", until=day("2026-05-01")),),
        appointments=(booked("2026-04-28"),),
    )  # fmt: skip
    assert found.state is BOOKED


def test_the_soonest_comes_first():
    days = [each.due_on for each in due_all(A_PLUS, client_id=3, today="2026-05-17")]
    assert days == sorted(days)


NAMED = day("2026-01-15")


@pytest.mark.parametrize(
    ("service", "tier", "due_on"),
    [
        ("review", A, "2026-07-15"),  # twice a year
        ("check_in", A, "2026-04-15"),  # a review is a contact: four times a year
        ("check_in", B, "2026-07-15"),
        ("review", N, None),
    ],
)
def test_the_clock_starts_at_the_last_review_that_an_imported_list_names(service, tier, due_on):
    found = due(service, tier, today="2026-02-01", last_review_on=NAMED)
    assert (found and str(found.due_on)) == due_on
    if found:
        # It is told as what it is: nobody here has delivered anything
        assert (found.last.on, found.last.outcome, found.last.record) == (NAMED, None, None)


def test_a_named_contact_is_a_contact_and_no_review():
    contact = {"last_contact_on": NAMED}
    assert str(due("check_in", A, today="2026-02-01", **contact).due_on) == "2026-04-15"
    assert due("review", A, today="2026-02-01", **contact).last is None
    # The later of the two days counts
    both = {"last_review_on": day("2025-11-01"), **contact}
    assert due("check_in", A, today="2026-02-01", **both).last.on == NAMED
    assert due("review", A, today="2026-02-01", **both).last.on == day("2025-11-01")
    # By a rule book in which a review is no contact, it is none
    apart = rules_with("review", counts_for=())
    assert due("check_in", A, today="2026-02-01", rules=apart, last_review_on=NAMED).last is None


def test_what_is_recorded_here_beats_what_a_list_names_where_it_is_not_older():
    for recorded, last in (("2026-01-14", NAMED), ("2026-01-15", None), ("2026-01-16", None)):
        found = due("review", A, done("review", recorded), today="2026-02-01", last_review_on=NAMED)
        assert found.last.on == (last or day(recorded))
        assert found.last.outcome is (None if last else Outcome.DELIVERED)


@pytest.mark.parametrize("tried_on", ["2026-01-12", "2026-01-15"])
def test_attempts_and_misses_until_the_named_day_are_done_with(tried_on):
    missed = told("review", Outcome.NOT_TRIED, "2026-01-05")
    tried, later = (told("review", NO_ANSWER, each) for each in (tried_on, "2026-01-20"))
    found = due("review", A, missed, tried, later, today="2026-02-01", last_review_on=NAMED)
    assert (found.last.on, found.attempts, found.misses) == (NAMED, (day("2026-01-20"),), 0)


def test_a_named_day_that_is_still_to_come_is_none_yet():
    assert due("review", A, today="2026-01-14", last_review_on=NAMED).last is None


def test_the_state_kept_for_books_is_the_day_of_the_last_settlement():
    records = (
        done("review", "2026-03-01"),
        told("plan_update", DECLINED, "2026-02-01"),
        told("small_event", NO_ANSWER, "2026-02-01"),
    )
    assert last_settled(records, (RULES,), today=day("2026-04-01")) == {
        "review": day("2026-03-01"),
        "suitability": day("2026-03-01"),
        "check_in": day("2026-03-01"),
        "plan_update": day("2026-02-01"),
    }


def test_what_changed_before_the_clock_starts_makes_nothing_due_before_it():
    # Last in June 2018, B since September 2019, the rules adopted on 1 January 2020
    spans = (
        TierSpan(tier=A, first_day=day("2015-01-01")),
        TierSpan(tier=B, first_day=day("2019-09-01")),
    )
    found = due("review", B, done("review", "2018-06-01"), today="2020-01-10", spans=spans)
    assert found.due_on == day("2020-01-01")


def test_a_first_due_day_is_spread_from_the_same_start_after_a_change():
    # Client 1's place is 0.618. Every two years until March, then each year, from 1 January on:
    # 366 days × 0.618 = 226.2, so day 227; 213 to 1 August, and 14
    spans = (
        TierSpan(tier=B, first_day=day("2020-01-01")),
        TierSpan(tier=A, first_day=day("2020-03-01")),
    )
    found = due("plan_update", A, client_id=1, today="2020-04-01", spans=spans)
    assert (found.started_on, found.due_on) == (day("2020-01-01"), day("2020-08-15"))


def test_as_many_fixed_months_as_times_a_year_are_all_taken_as_they_are():
    # Twice a year in March and April: 14 days of lead, so 10 March settles March alone
    rules = rules_with("portfolio_check", clock=Clock.ANCHORED, months=(3, 4))
    met = done("portfolio_check", "2026-03-10")
    found = due("portfolio_check", A, met, today="2026-03-20", rules=rules)
    assert found.due_on == day("2026-04-01")


def test_once_in_ten_years_is_promised_and_less_is_not():
    assert agreed("review", "0.1", "2026-01-01", "2026-12-31").per_year == Decimal("0.1")
    with pytest.raises(PerYearError):
        agreed("review", "0.09", "2026-01-01", "2026-12-31")
