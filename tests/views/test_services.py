"""What is due, client events, and the forms behind both, as people see them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from bot import actions
from bot.service_reports import Guest, IssuesReport, ServiceReport
from bot.views.client_card import client_card, client_card_text
from bot.views.due import PAGE, client_services, client_services_text, due_list, due_list_text
from bot.views.events import (
    EventAct,
    event_card,
    event_form,
    event_text,
    events_list,
    events_text,
    plan_form,
)
from bot.views.issues import issue_modal
from bot.views.service_forms import Act, act_name, contact_modal, service_modal
from bot.views.service_model import service_matrix
from bot.words import Words
from domain.events import Candidate, Invitation, InvitationState
from domain.issues import Issue, due_issues
from domain.model import Tier
from domain.servicing import ServiceHistory
from tests.domain.examples import TODAY
from tests.views import examples
from tests.views.examples import (
    DINNER,
    LONG_NAME,
    ODD_NAME,
    RULES,
    assessed,
    book,
    card_of,
    event_of,
    morning_of,
    owed,
    week_of,
)
from tests.views.judges import assert_blocks, read_aloud

MORNINGS = {
    "empty": morning_of(week_of()),
    "one": morning_of(week_of(examples.grow())),
    "too many": morning_of(week_of(*book(30))),
    "odd name": morning_of(week_of(examples.fix(ODD_NAME))),
    "team": morning_of(week_of(examples.grow(), is_team=True)),
}
mornings = pytest.mark.parametrize("name", MORNINGS)
NAMES = ("Maria Huber", ODD_NAME, LONG_NAME)


def services_of(name: str = "Maria Huber") -> ServiceReport:
    found = assessed(examples.grow(name))
    return ServiceReport(
        client=found.client,
        tier=found.tier.tier,
        advisor="Anna Berger",
        today=TODAY,
        rules=RULES,
        history=ServiceHistory(),
        due=owed(found),
    )


def dinner(name: str = "Maria Huber"):  # type: ignore[no-untyped-def]
    found = assessed(examples.grow(name))
    invitation = Invitation(
        client_id=1, event_id=1, state=InvitationState.ACCEPTED, on=date(2026, 11, 2)
    )
    guest = Guest(client_id=1, external_id="K1", name=name, tier=Tier.A, invitation=invitation)
    due = next(each for each in owed(found) if each.service == "small_event")
    candidate = Candidate(client=found.client, tier=Tier.A, due=due)
    return event_of(DINNER, guests=(guest,), candidates=(candidate,))


@mornings
def test_what_is_due(name: str, words: Words, snapshot: SnapshotAssertion) -> None:
    report = MORNINGS[name].due
    blocks = due_list(report, words)
    assert_blocks(blocks, "message")
    assert blocks == snapshot


@mornings
def test_screen_readers_hear_every_line_of_what_is_due(name: str, words: Words) -> None:
    report = MORNINGS[name].due
    heard = due_list_text(report, words)
    for block in due_list(report, words):
        if block["type"] in ("header", "section"):
            for line in block["text"]["text"].splitlines():
                assert line.strip("*") in heard


def test_of_what_may_only_be_seen_the_card_is_opened_and_nothing_recorded(words: Words) -> None:
    report = MORNINGS["one"].due
    theirs = frozenset({report.entries[0].client.advisor_id})
    blocks = due_list(replace(report, only_seen=theirs), words)
    assert_blocks(blocks, "message")
    assert actions.OPEN_CLIENT in str(blocks)
    assert f"{actions.SERVICE}:" not in str(blocks)


def newsletters(*, last: date | None) -> IssuesReport:
    """Report on the newsletter of a firm that adopted its rules on 1 January 2024."""
    issues = [Issue(service="newsletter", on=last, tiers=(Tier.A,))] if last else []
    due = due_issues(RULES, issues, adopted_on=date(2024, 1, 1), today=TODAY)
    return IssuesReport(today=TODAY, rules=RULES, due=due)


@pytest.mark.parametrize("last", [None, TODAY - timedelta(days=2)])
def test_issues_stand_first_where_they_are_late_and_last_where_not(
    last: date | None, words: Words, snapshot: SnapshotAssertion
) -> None:
    report, issues = MORNINGS["one"].due, newsletters(last=last)
    blocks = due_list(report, words, issues=issues)
    assert_blocks(blocks, "message")
    assert blocks == snapshot
    assert "Newsletter" in due_list_text(report, words, issues=issues)
    # A further page has them no more
    assert "Newsletter" not in str(due_list(report, words, start=7, issues=issues))


def test_logging_an_issue(words: Words, snapshot: SnapshotAssertion) -> None:
    issues = newsletters(last=TODAY - timedelta(days=40))
    view = issue_modal(issues.due[0], issues, words)
    assert_blocks(view, "modal")
    assert view == snapshot


def test_paging_shows_every_service_once() -> None:
    report = MORNINGS["too many"].due
    shown = [
        element["value"]
        for start in range(0, len(report.entries), PAGE)
        for block in due_list(report, examples.ENGLISH, start=start)
        for element in block.get("elements", [])
        if element.get("value", "").startswith("log:")
    ]
    assert len(shown) == len(set(shown)) == len(report.entries)


@pytest.mark.parametrize("name", NAMES, ids=["one", "odd name", "long name"])
def test_a_clients_services(name: str, words: Words, snapshot: SnapshotAssertion) -> None:
    blocks = client_services(services_of(name), words)
    assert_blocks(blocks, "message")
    assert blocks == snapshot
    assert read_aloud(client_services_text(services_of(name), words))


def test_the_card_says_what_is_due_and_next(words: Words, snapshot: SnapshotAssertion) -> None:
    client = examples.grow()
    report = replace(card_of(client), due=owed(assessed(client)))
    blocks = client_card(report, words)
    assert_blocks(blocks, "message")
    assert blocks[-3:-1] == snapshot
    assert "2024" in client_card_text(report, words)


@pytest.mark.parametrize("act", [act for act in Act if act is not Act.CONTACT])
def test_a_form_on_a_service(act: Act, words: Words, snapshot: SnapshotAssertion) -> None:
    view = service_modal(act, services_of(), "review", words)
    assert_blocks(view, "modal")
    assert view == snapshot


@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
def test_no_title_is_longer_than_slack_shows(locale: str) -> None:
    assert max(len(act_name(act, Words(locale))) for act in Act) <= 24


def test_logging_a_message_as_a_contact(words: Words, snapshot: SnapshotAssertion) -> None:
    view = contact_modal(RULES, "<!channel> & " + "x" * 600, words, today=TODAY)
    assert_blocks(view, "modal")
    assert view == snapshot


def test_a_teams_events(words: Words, snapshot: SnapshotAssertion) -> None:
    report = MORNINGS["one"].events
    blocks = events_list(report, words)
    assert_blocks(blocks, "message")
    assert blocks == snapshot
    assert "Kaminabend" in events_text(report, words)


@pytest.mark.parametrize("name", NAMES, ids=["one", "odd name", "long name"])
def test_an_event_with_its_guests(name: str, words: Words, snapshot: SnapshotAssertion) -> None:
    blocks = event_card(dinner(name), words)
    assert_blocks(blocks, "message")
    assert blocks == snapshot
    assert read_aloud(event_text(dinner(name), words))


@pytest.mark.parametrize("act", [act for act in EventAct if act is not EventAct.PLAN])
def test_a_form_on_an_event(act: EventAct, words: Words, snapshot: SnapshotAssertion) -> None:
    view = event_form(act, dinner(), words)
    assert_blocks(view, "modal")
    assert len(view["title"]["text"]) <= 24
    assert view == snapshot


def test_planning_an_event(words: Words, snapshot: SnapshotAssertion) -> None:
    view = plan_form(RULES, (Tier.A_PLUS, Tier.A), words, today=TODAY)
    assert_blocks(view, "modal")
    assert view == snapshot


def test_the_service_model_adds_up_to_the_published_hours(words: Words) -> None:
    _, block = service_matrix(RULES, words)
    shown = block["text"]["text"].replace(",", ".")
    advisor, staff = shown.splitlines()[-3:-1]
    # Tiers A+, A, B, S, L, N: the hours of the default model, added up by hand in docs/rules.md
    assert advisor.split()[-6:] == ["26.3", "15.3", "7.3", "9.3", "4.3", "2"]
    assert staff.split()[-6:] == ["15.94", "9.04", "4.59", "5.34", "3.24", "2.24"]
    assert_blocks([block], "message")
