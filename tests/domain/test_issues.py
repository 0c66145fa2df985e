"""Issues of bulk services: due once for all, and evidence for each client they went to."""

from dataclasses import replace
from datetime import date

import pytest

from domain.evidence import Period, Promise, evidence
from domain.issues import Issue, due_issues, received
from domain.model import Tier
from domain.rulebook import RuleBook
from domain.service_model import per_year_of
from domain.servicing import DueState, ServiceHistory, TierSpan
from tests.domain.examples import a_client
from tests.domain.service_examples import RULES, day, rules_with

ALL = RULES.method.tiers
QUARTERLY = rules_with("newsletter", per_year=per_year_of({Tier.A_PLUS: 4, Tier.A: 4}))
SETTLED, UPCOMING, DUE, OVERDUE = (
    DueState.SETTLED,
    DueState.UPCOMING,
    DueState.DUE,
    DueState.OVERDUE,
)


def sent(*days: str, tiers: tuple[Tier, ...] = ALL) -> list[Issue]:
    return [Issue(service="newsletter", on=day(each), tiers=tiers) for each in days]


@pytest.mark.parametrize(
    ("days", "today", "due_on", "state"),
    [
        # Twelve a year: a month after the day the rules were adopted, or after the last issue
        ((), "2026-01-24", "2026-02-01", SETTLED),
        (("2026-01-31",), "2026-02-20", "2026-02-28", SETTLED),
        # Seven days of lead
        (("2026-01-31",), "2026-02-21", "2026-02-28", UPCOMING),
        (("2026-01-31",), "2026-02-28", "2026-02-28", DUE),
        (("2026-01-31",), "2026-03-13", "2026-02-28", DUE),
        # A quarter of a month is less than the 14 days that pass at least
        (("2026-01-31",), "2026-03-14", "2026-02-28", OVERDUE),
        # The last one counts, in whatever order they were recorded
        (("2026-02-27", "2026-01-31"), "2026-03-14", "2026-03-27", SETTLED),
        # One that is still to come has not been sent
        (("2026-01-31", "2026-04-01"), "2026-03-14", "2026-02-28", OVERDUE),
    ],
)
def test_a_newsletter_is_due_once_per_issue(days, today, due_on, state):
    (found,) = due_issues(RULES, sent(*days), adopted_on=day("2026-01-01"), today=day(today))
    assert (found.service, found.due_on, found.state) == ("newsletter", day(due_on), state)
    assert found.is_near is (state is not SETTLED)


def test_an_issue_is_due_as_often_as_the_tier_that_gets_most_and_promised_to_who_gets_any():
    times = per_year_of({Tier.A_PLUS: 12, Tier.A: 4})
    rules = rules_with("newsletter", per_year=times)
    (found,) = due_issues(rules, sent("2026-01-15"), adopted_on=day("2020-01-01"),
                          today=day("2026-02-01"))  # fmt: skip
    assert (found.due_on, found.tiers) == (day("2026-02-15"), (Tier.A_PLUS, Tier.A))
    assert found.last == sent("2026-01-15")[0]
    nobody = rules_with("newsletter", per_year=())
    assert due_issues(nobody, (), adopted_on=day("2020-01-01"), today=day("2026-02-01")) == ()


def test_an_issue_went_to_whoever_was_of_its_tiers_that_day():
    spans = (
        TierSpan(tier=Tier.B, first_day=day("2026-01-10")),
        TierSpan(tier=Tier.A, first_day=day("2026-02-10")),
        TierSpan(tier=None, first_day=day("2026-03-10")),
    )
    issues = sent("2026-01-01", "2026-02-09", "2026-02-10", "2026-03-10", tiers=(Tier.A,))
    assert [each.on for each in received(issues, spans)] == [day("2026-02-10")]
    # The first tier held before too
    issues = sent("2026-01-01", "2026-02-09", "2026-02-10", "2026-03-10", tiers=(Tier.B,))
    assert [each.on for each in received(issues, spans)] == [day("2026-01-01"), day("2026-02-09")]


def promised(
    issues: list[Issue], *, rules: RuleBook = QUARTERLY, tier: Tier = Tier.A, **client: date
) -> list[tuple[str, str]]:
    found: tuple[Promise, ...] = evidence(
        a_client(client_id=0, **client),
        ServiceHistory(),
        rule_books=(rules,),
        spans=(TierSpan(tier=tier, first_day=day("2020-01-01")),),
        adopted_on=day("2024-01-01"),
        period=Period(first_day=day("2025-01-01"), end=day("2026-01-01")),
        today=day("2025-12-01"),
        issues=issues,
    )
    return [(str(p.due_on), p.state.value) for p in found if p.service == "newsletter"]


def test_evidence_counts_each_issue_as_a_promise_of_each_client_it_was_promised_to():
    # Given four a year: January, April late, July left out, October
    issues = sent("2025-01-10", "2025-04-20", "2025-11-03")
    assert promised(issues) == [
        ("2025-01-10", "delivered"),
        ("2025-04-10", "delivered"),
        ("2025-07-20", "not_tried"),  # three months after 20 April
        ("2025-10-20", "delivered"),
    ]


def test_nothing_is_said_of_issues_before_the_first_one_on_record():
    assert promised([]) == []
    assert promised(sent("2025-10-10")) == [("2025-10-10", "delivered")]


def test_a_client_whom_an_issue_left_out_was_promised_it_all_the_same():
    issues = [*sent("2025-02-10"), *sent("2025-05-10", tiers=(Tier.A_PLUS,)), *sent("2025-08-10")]
    assert promised(issues) == [
        ("2025-02-10", "delivered"),
        ("2025-05-10", "not_tried"),
        ("2025-08-10", "delivered"),
        ("2025-11-10", "open"),
    ]
    # Whoever is owed none gets no promise, whatever was sent
    assert promised(issues, tier=Tier.B) == []


def test_who_came_later_is_promised_the_next_issue():
    issues = sent("2025-02-10", "2025-05-10", "2025-08-10")
    came = {"client_since": day("2025-06-01")}
    assert promised(issues, **came) == [("2025-08-10", "delivered"), ("2025-11-10", "open")]
    left = {"former_since": day("2025-08-01")}
    assert promised(issues, **left) == [("2025-02-10", "delivered"), ("2025-05-10", "delivered")]


def test_an_extra_issue_is_no_promise():
    # One more a week after the last, and the next three months after it
    issues = sent("2025-02-10", "2025-02-17", "2025-05-17")
    assert promised(issues) == [
        ("2025-02-10", "delivered"),
        ("2025-05-17", "delivered"),
        ("2025-08-17", "not_tried"),
        ("2025-11-17", "open"),
    ]


def test_a_service_that_became_a_bulk_one_keeps_what_was_promised_before():
    # Given a newsletter that each client got alone, due every three months, until March 2025
    model = QUARTERLY.services
    alone = replace(
        QUARTERLY,
        services=replace(
            model,
            services=tuple(
                replace(each, clock=model.services[0].clock) if each.key == "newsletter" else each
                for each in model.services
            ),
        ),
    )
    bulk = replace(QUARTERLY, version=2, valid_from=day("2025-03-01"))
    found = evidence(
        a_client(client_id=0),
        ServiceHistory(),
        rule_books=(replace(alone, valid_from=day("2024-01-01")), bulk),
        spans=(TierSpan(tier=Tier.A, first_day=day("2020-01-01")),),
        adopted_on=day("2024-01-01"),
        period=Period(first_day=day("2024-01-01"), end=day("2025-06-01")),
        today=day("2025-06-01"),
        issues=sent("2025-04-01"),
    )
    # Client 0's first was due on 2 January 2024, and nothing of it is on record
    letters = [(str(p.due_on), p.state.value) for p in found if p.service == "newsletter"]
    assert letters[0] == ("2024-01-02", "not_tried")
    assert letters[-1][1] == "delivered"
