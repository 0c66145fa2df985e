"""What was promised in a period and what became of it: each promise once, worked out on paper."""

from dataclasses import replace
from datetime import date

from hypothesis import given

from domain.evidence import Period, Promise, PromiseState, evidence
from domain.model import Client, Tier
from domain.rulebook import RuleBook
from domain.service_model import Clock, ServiceModel, per_year_of
from domain.servicing import (
    Appointment,
    Outcome,
    ServiceHistory,
    TierSpan,
    due_services,
)
from tests.domain import drawn_services
from tests.domain.drawn_services import a_case, a_rule_history, chances, days
from tests.domain.examples import a_client
from tests.domain.service_examples import ADOPTED, agreed, day, done, rules_with, told

FOUR = ServiceModel(
    services=tuple(
        each
        for each in ServiceModel().services
        if each.key in ("review", "suitability", "check_in", "birthday")
    )
)
FIRST = RuleBook(valid_from=day("2024-01-01"), services=FOUR)
SECOND = rules_with(
    "check_in",
    base=replace(FIRST, version=2, valid_from=day("2025-07-01")),
    per_year=per_year_of({Tier.A: 6, Tier.B: 2}),
)
"""From July 2025 on an A client is called every two months instead of every three."""


HAS_BEEN_A = (TierSpan(tier=Tier.A, first_day=ADOPTED),)


def promised(
    client: Client, history: ServiceHistory, tier: Tier | None = Tier.B, **given
) -> tuple[Promise, ...]:
    return evidence(
        client,
        history,
        rule_books=given.pop("rule_books", (FIRST,)),
        spans=given.pop("spans", (TierSpan(tier=tier, first_day=ADOPTED),)),
        adopted_on=given.pop("adopted_on", day("2024-01-01")),
        period=Period(first_day=day(given.pop("first", "2024-01-01")),
                      end=day(given.pop("end", "2026-01-01"))),
        today=day(given.pop("today", "2026-02-01")),
    )  # fmt: skip


def lines(promises: tuple[Promise, ...], service: str) -> list[tuple[str, str, str | None, int]]:
    return [
        (str(p.due_on), p.state.value, str(p.settled_on) if p.settled_on else None, len(p.records))
        for p in promises
        if p.service == service
    ]


def test_two_years_of_a_client_with_a_new_tier_new_rules_and_an_override():
    # Given client 0: B, from March 2025 A; no reviews agreed for the end of 2025
    client = a_client(client_id=0, born_on=day("1960-05-17"), client_since=day("2010-04-01"))
    spans = (
        TierSpan(tier=Tier.B, first_day=day("2020-01-01")),
        TierSpan(tier=Tier.A, first_day=day("2025-03-01")),
    )
    history = ServiceHistory(
        overrides=(agreed("review", 0, "2025-09-01", "2025-12-31"),),
        appointments=(
            Appointment(service="check_in", on=day("2025-07-10"), cancelled=True),
        ),
        records=(
            done("review", "2023-03-10"),
            told("check_in", Outcome.NO_ANSWER, "2024-01-10"),
            told("check_in", Outcome.NO_ANSWER, "2024-01-12"),
            told("check_in", Outcome.NO_ANSWER, "2024-01-15"),
            told("review", Outcome.DECLINED, "2024-03-05"),
            done("birthday", "2024-05-16"),
            told("check_in", Outcome.NO_ANSWER, "2024-07-20"),
            told("check_in", Outcome.CANCELLED, "2025-01-20"),
            done("review", "2025-04-02"),
            done("check_in", "2025-09-20"),
            done("check_in", "2025-10-05"),
        ),
    )  # fmt: skip
    # When we ask in February 2026 for 2024 and 2025
    found = promised(client, history, rule_books=(FIRST, SECOND), spans=spans)
    # Then the reviews were: a year after 10 March 2023, declined; two a year since A, and
    # 5 September 2024 has passed, so on the day of the change. After 2 April the next would be
    # 2 October, when none was agreed; it starts again on 1 January 2026.
    assert lines(found, "review") == [
        ("2024-03-10", "declined", "2024-03-05", 1),
        ("2025-03-01", "delivered", "2025-04-02", 1),
    ]
    # The floor took over in autumn: client 0's month is January 2026, when reviews are owed again.
    assert lines(found, "suitability") == []
    # Calls: the review of 2023 was one, half a year later nothing was promised yet.
    assert lines(found, "check_in") == [
        ("2024-01-01", "no_answer", "2024-01-15", 3),
        ("2024-07-15", "no_answer", None, 1),  # one attempt until the next came, 15 January
        ("2025-01-15", "delivered", "2025-04-02", 2),  # cancelled first, then the review
        ("2025-07-01", "cancelled", None, 0),  # 2 July by three months; two since 1 July
        ("2025-09-01", "delivered", "2025-09-20", 1),
        ("2025-12-05", "open", None, 1),  # 5 October was one more, two months from it
    ]
    assert [p.rule_version for p in found if p.service == "check_in"] == [1, 1, 1, 2, 2, 2]
    assert [p.entitlement.per_year for p in found if p.service == "check_in"] == [2, 2, 2, 6, 6, 6]
    assert lines(found, "birthday") == [
        ("2024-05-17", "delivered", "2024-05-16", 1),
        ("2025-05-17", "not_tried", None, 0),
    ]
    assert [p.due_on for p in found] == sorted(p.due_on for p in found)


def test_years_in_which_nobody_tried_are_told_one_by_one():
    history = ServiceHistory(records=(told("review", Outcome.NOT_TRIED, "2025-02-01"),))
    found = promised(a_client(client_id=0), history, end="2027-01-01")
    # client 0: one day after the adoption, then a year on each; today is 1 February 2026
    assert lines(found, "review") == [
        ("2024-01-02", "not_tried", None, 0),
        ("2025-01-02", "not_tried", None, 1),
        ("2026-01-02", "open", None, 0),
    ]


def test_what_lies_ahead_is_listed_as_if_each_promise_were_kept():
    history = ServiceHistory(records=(done("review", "2025-12-10"),))
    found = promised(
        a_client(client_id=0), history, Tier.A_PLUS, first="2026-01-01", end="2027-01-01"
    )
    assert lines(found, "review") == [
        (due, "not_yet_due", None, 0)
        for due in ("2026-03-10", "2026-06-10", "2026-09-10", "2026-12-10")
    ]


def test_an_override_that_ends_ahead_ends_its_promises():
    history = ServiceHistory(
        records=(done("check_in", "2026-01-10"),),
        overrides=(agreed("check_in", 12, "2026-01-01", "2026-04-30"),),
    )
    found = promised(a_client(client_id=0), history, first="2026-01-11", end="2026-12-01")
    # monthly until 10 April; then B's six months from there
    assert [due for due, *_ in lines(found, "check_in")] == [
        "2026-02-10", "2026-03-10", "2026-04-10", "2026-10-10",
    ]  # fmt: skip


def test_a_promise_broken_before_a_lower_tier_stays_in_the_record():
    spans = (
        TierSpan(tier=Tier.A, first_day=ADOPTED),
        TierSpan(tier=Tier.B, first_day=day("2025-09-01")),
    )
    history = ServiceHistory(records=(done("review", "2025-01-15"),))
    found = promised(a_client(client_id=0), history, spans=spans, first="2025-01-16",
                     end="2026-02-01")  # fmt: skip
    assert lines(found, "review") == [
        ("2025-07-15", "not_tried", None, 0),
        ("2026-01-15", "open", None, 0),
    ]


def test_fixed_months_are_promised_one_by_one():
    surge = rules_with("review", base=FIRST, clock=Clock.ANCHORED, months=(3, 9))
    history = ServiceHistory(
        records=(
            done("review", "2024-02-20"),  # ahead of March
            done("review", "2024-05-20"),  # one more
            done("review", "2025-07-25"),  # ahead of September; nobody came in March
        )
    )
    found = promised(a_client(client_id=0), history, Tier.A, rule_books=(surge,))
    assert lines(found, "review") == [
        ("2024-03-01", "delivered", "2024-02-20", 1),
        ("2024-09-01", "not_tried", None, 1),
        ("2025-03-01", "not_tried", None, 0),
        ("2025-09-01", "delivered", "2025-07-25", 1),
    ]


def test_nothing_is_promised_to_a_former_client():
    client = a_client(client_id=0, former_since=day("2025-03-01"))
    history = ServiceHistory(records=(done("review", "2024-02-10"), done("review", "2025-04-01")))
    found = promised(client, history)
    assert lines(found, "review") == [
        ("2024-01-02", "delivered", "2024-02-10", 1),
        ("2025-02-10", "not_tried", None, 0),
    ]
    assert all(p.due_on < day("2025-03-01") for p in found)


def test_bulk_and_reactive_services_are_no_promise_to_one_client():
    found = promised(a_client(client_id=0), ServiceHistory(), Tier.A_PLUS, rule_books=(RuleBook(),))
    assert not {"newsletter", "reactive"} & {p.service for p in found}


def test_a_review_that_an_imported_list_names_keeps_a_promise_and_is_no_delivery():
    # Client 0, once a year: the first is due on 2 January 2024, the next a year after 10 March
    client = a_client(client_id=0, last_review_on=day("2024-03-10"))
    found = promised(client, ServiceHistory(records=(done("review", "2025-04-01"),)))
    assert lines(found, "review") == [
        ("2024-01-02", "named", "2024-03-10", 0),
        ("2025-03-10", "delivered", "2025-04-01", 1),
    ]
    # The same day recorded here is a delivery
    found = promised(client, ServiceHistory(records=(done("review", "2024-03-10"),)))
    assert lines(found, "review")[0] == ("2024-01-02", "delivered", "2024-03-10", 1)


@given(chances, days, days)
def test_each_promise_is_in_exactly_one_of_two_periods(chance, middle, today):
    case, rule_books = a_case(chance), a_rule_history(chance)

    def told_in(first: date, end: date) -> tuple[Promise, ...]:
        return evidence(
            case.client, case.history, rule_books=rule_books, spans=case.spans or HAS_BEEN_A,
            adopted_on=drawn_services.ADOPTED, period=Period(first_day=first, end=end), today=today,
        )  # fmt: skip

    whole = told_in(date(2023, 1, 1), date(2029, 1, 1))
    assert told_in(date(2023, 1, 1), middle) + told_in(middle, date(2029, 1, 1)) == whole
    settled = [(p.service, p.settled_on) for p in whole if p.settled_on]
    assert len(set(settled)) == len(settled)
    for each in whole:
        told = [r for r in each.records if r.on == each.settled_on]
        assert each.settled_on is None or told or each.state is PromiseState.NAMED
        if each.state is PromiseState.NOT_YET_DUE:
            assert each.due_on > today
        if each.state is PromiseState.OPEN:
            assert each.due_on <= today


@given(chances, days)
def test_the_next_promise_is_what_the_list_says_is_due(chance, today):
    # Given a client who was promised the same all the time, and missed nothing
    case, (rules, *_) = a_case(chance), a_rule_history(chance)
    history = replace(case.history, overrides=())
    span = TierSpan(tier=case.tier, first_day=ADOPTED)
    found = evidence(
        case.client, history, rule_books=(rules,), spans=(span,),
        adopted_on=drawn_services.ADOPTED, today=today,
        period=Period(first_day=date(2023, 1, 1), end=date(2035, 1, 1)),
    )  # fmt: skip
    ahead = (PromiseState.OPEN, PromiseState.NOT_YET_DUE)
    missed = {p.service for p in found if p.settled_on is None and p.state not in ahead}
    due = due_services(
        case.client, case.tier, history, rules, adopted_on=drawn_services.ADOPTED, today=today
    )
    for each in due:
        if each.service not in missed:
            first = next(p for p in found if p.service == each.service and p.state in ahead)
            assert first.due_on == each.due_on
