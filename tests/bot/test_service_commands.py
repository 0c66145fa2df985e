"""Services and events in the terminal: due, recorded, proved; planned, invited, attended."""

import csv
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from typer.testing import CliRunner

from bot import cli
from bot.cli_record import sentence_for as record_sentence
from bot.cli_services import sentence_for as service_sentence
from bot.words import Words
from domain.calendar import add_months
from domain.errors import DomainError
from domain.rulebook import RuleBook
from storage.firms import save_rules
from storage.store import open_store
from storage.tables import ServiceRecordRow
from tests.firms import NOW, members_of, save_client, save_firm

TODAY = datetime.now(ZoneInfo("Europe/Berlin")).date()
"""The firm's day: the terminal has no clock but the machine's."""
Address = str


@pytest.fixture
def address(sqlite_template: Path, tmp_path: Path) -> Address:
    """Give a firm with an old rule book: Maria is of tier A, Karl of tier N."""
    path = tmp_path / "store.db"
    path.write_bytes(sqlite_template.read_bytes())
    store = open_store(f"sqlite:///{path}")
    firm = save_firm(store, "T0001", "Nordlicht Vermögen")
    anna = members_of(store, firm)["anna"].member_id
    with store.write(firm.id) as session:
        save_rules(session, RuleBook(valid_from=date(2020, 1, 1)), by="Vogt", at=NOW)
        maria = save_client(session, "K1", "Maria Huber", anna, revenue_cents=900_000)
        save_client(session, "K2", "=Karl Weiß", anna, revenue_cents=90_000)
        session.add(
            ServiceRecordRow(
                client_id=maria,
                service="review",
                outcome="delivered",
                happened_on=add_months(TODAY, -3),
                note="=HYPERLINK(1)",
                recorded_by="Anna Berger",
                recorded_at=NOW,
            )
        )
    store.close()
    return f"sqlite:///{path}"


def run(address: Address, *arguments: str, locale: str = "en-GB") -> Any:
    return CliRunner().invoke(
        cli.app,
        ["--database", address, "--locale", locale, *arguments],
        env={"COLUMNS": "160"},
    )


def values(address: Address, *arguments: str) -> Any:
    said = run(address, *arguments, "--json")
    assert said.exit_code == 0, said.output
    return json.loads(said.output)


def state(address: Address, service: str, client: str = "K1") -> str:
    found = values(address, "due", client)["services"]
    return next(str(each["state"]) for each in found if each["service"] == service)


def test_what_is_due_to_a_client_is_told_with_its_days(address: Address) -> None:
    review = next(
        each for each in values(address, "due", "K1")["services"] if each["service"] == "review"
    )
    # Tier A: twice a year, so six months after the last one
    assert review["due_on"] == add_months(add_months(TODAY, -3), 6).isoformat()
    assert (review["per_year"], review["ground"], review["last_outcome"]) == (
        "2",
        "tier",
        "delivered",
    )
    assert "Check-in call" in run(address, "due", "K1").output


def test_what_is_due_in_a_book_is_listed_for_its_advisor(address: Address) -> None:
    book = values(address, "due", "--advisor", "anna")
    assert book["clients"] == 2
    assert {each["name"] for each in book["entries"]} == {"Maria Huber", "=Karl Weiß"}
    assert "overdue" in run(address, "due", "--advisor", "anna").output
    assert values(address, "due", "--advisor", "jonas")["entries"] == []
    assert "Say whose" in run(address, "due").output


def test_a_delivery_is_recorded_and_taken_back(address: Address) -> None:
    assert state(address, "portfolio_check") == "overdue"
    done = values(address, "record", "delivery", "K1", "portfolio_check", "--minutes", "35")
    assert state(address, "portfolio_check") == "settled"
    assert run(address, "record", "undo", done["undo"]).exit_code == 0
    assert state(address, "portfolio_check") == "overdue"


def test_what_was_put_off_booked_and_agreed_is_told(address: Address) -> None:
    soon = (TODAY + timedelta(days=20)).isoformat()
    said = run(address, "record", "snooze", "K1", "portfolio_check", "--until", soon)
    assert "Portfolio check is put off until" in said.output
    assert state(address, "portfolio_check") == "snoozed"
    said = run(address, "record", "appointment", "K1", "plan_update", "--on", soon, "--at", "9:30")
    assert "Plan update is booked for" in said.output
    assert state(address, "plan_update") == "booked"
    run(address, "record", "appointment", "K1", "plan_update", "--cancel")
    assert state(address, "plan_update") == "overdue"
    more = ["--times", "4", "--reason", "Sells the firm", "--until", soon]
    said = run(address, "record", "service-override", "K1", "review", *more)
    assert "agreed 4 times a year" in said.output
    (agreed,) = values(address, "due", "--advisor", "anna")["agreed_otherwise"]
    assert (agreed["service"], agreed["per_year"], agreed["until"]) == ("review", "4", soon)
    run(address, "record", "service-override", "K1", "review", "--lift")
    assert values(address, "due", "--advisor", "anna")["agreed_otherwise"] == []


def test_evidence_lists_each_promise_once_with_what_became_of_it(address: Address) -> None:
    first, last = add_months(TODAY, -12), TODAY
    period = ("--from", first.isoformat(), "--to", last.isoformat())
    found = values(address, "evidence", "K1", *period)
    assert found["name"] == "Maria Huber"
    assert sum(found["counts"].values()) == len(found["promises"]) > 0
    delivered = [each["service"] for each in found["promises"] if each["state"] == "delivered"]
    # A review is a contact, too
    assert sorted(delivered) == ["check_in", "review"]
    assert "services promised from" in run(address, "evidence", "K1", *period).output


def test_evidence_as_csv_and_page_shows_formulas_and_markup_as_they_are(
    address: Address, tmp_path: Path
) -> None:
    first, last = add_months(TODAY, -12), TODAY
    period = ("--from", first.isoformat(), "--to", last.isoformat())
    table, page = tmp_path / "evidence.csv", tmp_path / "evidence.html"
    said = run(
        address, "evidence", "K2", *period, "--csv", str(table), "--html", str(page), locale="de-DE"
    )
    assert said.exit_code == 0, said.output
    with table.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines, delimiter=";"))
    assert rows[0][:4] == ["Kunde", "Kundennummer", "Fällig am", "Leistung"]
    assert {row[0] for row in rows[1:]} == {"'=Karl Weiß"}
    assert "<script" not in page.read_text("utf-8")
    assert "=Karl Weiß (K2): zugesagte Leistungen vom" in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["evidence", "K1", "--from", "2026-02-01", "--to", "2026-01-01"], "PeriodError"),
        (["record", "delivery", "K1", "massage"], "ServiceUnknownError"),
        (["record", "delivery", "K1", "newsletter"], "ServiceUnknownError"),
        (["events", "show", "99", "--advisor", "anna"], "EventGoneError"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    address: Address, arguments: list[str], sentence: str
) -> None:
    refused = run(address, *arguments)
    assert type(refused.exception).__name__ == sentence


def test_an_event_is_planned_filled_and_attended(address: Address, tmp_path: Path) -> None:
    on = TODAY.isoformat()
    plan = ("events", "create", "Dinner", "--on", on, "--seats", "1", "--advisor", "anna")
    event = values(address, *plan)
    number = str(event["event_id"])
    assert event["invite_next"] == [{"client_id": "K1", "name": "Maria Huber"}]
    invited = values(address, "events", "invite", number, "K1", "--advisor", "anna")
    assert (invited["seats_left"], invited["counts"]["invited"]) == (0, 1)
    came = values(address, "events", "attend", number, "K1", "--advisor", "anna")
    assert came["counts"]["came"] == 1
    assert state(address, "small_event") == "settled"
    run(address, "record", "undo", came["undo"])
    assert state(address, "small_event") == "overdue"
    values(address, "events", "reply", number, "K1", "declined", "--advisor", "anna")
    assert "1 declined" in run(address, "events", "list", "--advisor", "anna").output
    file = tmp_path / "dinner.ics"
    run(address, "events", "ics", number, str(file), "--advisor", "anna")
    (entry,) = Calendar.from_ical(file.read_bytes()).walk("VEVENT")
    assert str(entry["SUMMARY"]) == "Dinner"
    cancelled = values(address, "events", "cancel", number, "--advisor", "anna")
    assert cancelled["is_cancelled"]


def test_a_clients_card_as_json_says_what_is_owed(address: Address) -> None:
    # The card has what `due` has
    assert values(address, "segment", "K1")["services"] == values(address, "due", "K1")["services"]


def newsletter(address: Address, *arguments: str) -> Any:
    (found,) = values(address, "due", *arguments)["issues"]
    return found


def test_an_issue_is_recorded_once_for_all_and_taken_back(address: Address) -> None:
    # Given rules of 1 January 2020, and no issue since
    assert newsletter(address, "K1")["due_on"] == "2020-02-01"
    assert newsletter(address, "--advisor", "vogt", "--team")["state"] == "overdue"
    assert values(address, "due", "--advisor", "anna")["issues"] == []
    assert "The next issue was due on 1 Feb 2020." in run(address, "due", "K1").output
    # When it is recorded
    more = ["--minutes", "90", "--note", "Outlook"]
    done = values(address, "record", "issue", "newsletter", *more)
    # Then the next one is due in a month
    next_on = add_months(TODAY, 1).isoformat()
    assert (done["issue"]["due_on"], done["issue"]["last_on"]) == (next_on, TODAY.isoformat())
    assert newsletter(address, "K1")["state"] == "settled"
    # And both clients' evidence has it
    period = ("--from", TODAY.isoformat(), "--to", TODAY.isoformat())
    for client in ("K1", "K2"):
        told = values(address, "evidence", client, *period)["promises"]
        (issue,) = [each for each in told if each["service"] == "newsletter"]
        assert (issue["state"], issue["records"][0]["note"]) == ("delivered", "Outlook")
    # When it is taken back
    said = run(address, "record", "undo", done["undo"], locale="de-DE")
    assert "Newsletter: Die Ausgabe ist nicht mehr erfasst." in said.output
    assert newsletter(address, "K1")["last_on"] is None


def said_of(error: DomainError) -> str:
    return record_sentence(error) or service_sentence(error, Words("en-GB")) or ""


def test_an_issue_that_cannot_be_is_refused_with_what_can(address: Address) -> None:
    assert run(address, "record", "issue", "newsletter").exit_code == 0
    for arguments, sentence in (
        (["newsletter"], "The issue of this day is on record already."),
        (["newsletter", "--on", "2999-01-01"], "This day is still to come."),
        (["newsletter", "--tiers", "X"], "names no tiers"),
        (["newsletter", "--on", "2026-01-05", "--tiers", "C"], "No tier of these gets it"),
        (["review"], "no such service"),
        (["newsletter", "--on", "2026-01-05", "--advisor", "anna"], "recorded by a lead"),
    ):
        refused = run(address, "record", "issue", *arguments)
        assert refused.exit_code != 0
        assert sentence in (refused.output or said_of(refused.exception))
