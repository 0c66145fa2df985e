"""A client list put into the direct message with the bot, over the wire."""

import csv
import io
import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from slack_sdk import WebClient
from sqlmodel import select

from bot.listeners.conversation import Conversation, FileProblem, FileRefusedError
from storage.tables import ClientRow, ImportRow, ServiceRecordRow
from tests.bot.office import ANNA, EMILY, JONAS, VOGT, Office, direct, elements

Json = dict[str, Any]

HEADINGS = "Kundennummer;Kunde;Umsatz;Kunde seit\n"


def put(office: Office, who: str, content: str, *, name: str = "kunden.csv") -> Json:
    """Put a file into the direct message; return the message that says what it would change."""
    seen = len(office.people.messages(who, direct(who)))
    office.people.upload(who, name, content.encode(), place=direct(who))
    return shown(office, who, seen + 1, lambda said: bool(said.get("blocks")))


def shown(office: Office, who: str, at: int, is_it: Callable[[Json], bool]) -> Json:
    """Wait until one of a person's messages from a place on is the one that is meant."""

    def found() -> Json | None:
        said = office.people.messages(who, direct(who))[at:]
        return next((each for each in said if is_it(each)), None)

    message: Json = office.people.wait_for(found)
    return message


def saying(office: Office, who: str, message: Json, words: str) -> Json:
    """Wait until a message has changed into one that holds these words."""
    return shown(office, who, 0, lambda each: each["ts"] == message["ts"] and words in read(each))


def read(message: Json) -> str:
    """Return what a message says, to the ear and to the eye."""
    return json.dumps([message["text"], message.get("blocks")], ensure_ascii=False)


def client(office: Office, number: str) -> ClientRow | None:
    with office.runtime.store.read(office.firm_id) as session:
        return session.exec(select(ClientRow).where(ClientRow.external_id == number)).one_or_none()


def runs(office: Office) -> int:
    with office.runtime.store.read(office.firm_id) as session:
        return len(session.exec(select(ImportRow)).all())


def test_a_list_is_shown_imported_and_taken_back(office: Office) -> None:
    # Given a list with a new client of Anna's
    content = HEADINGS + "S-1;Karla Neu;12.500,50;01.04.2011\n"
    preview = put(office, ANNA, content)
    # Then she sees what would change, and nothing has changed
    said = read(preview)
    assert "1 neuer Kunde" in said
    assert "Karla Neu" in said
    assert "Kundennummer" in said
    assert client(office, "S-1") is None
    # When she confirms
    office.press(ANNA, "Importieren", preview)
    done = saying(office, ANNA, preview, "Importiert: 1 neu")
    row = client(office, "S-1")
    assert row is not None
    assert (row.revenue_cents, row.advisor_id) == (1_250_050, office.members["anna"].member_id)
    # The same file again changes nothing and offers no import
    again = put(office, ANNA, content)
    assert "0 Änderungen" in read(again)
    assert "Importieren" not in [
        e.get("text", {}).get("text") for _, e in elements(again["blocks"])
    ]
    # And what she imported she can take back
    office.press(ANNA, "Rückgängig", done)
    saying(office, ANNA, done, "1 neue Kunden sind")
    assert client(office, "S-1") is None


@pytest.mark.parametrize(
    ("who", "number", "headings", "said", "stands"),
    [
        (
            ANNA,
            "S-20",
            "Kundennummer;Kunde;Umsatz;Geburtstag;Letztes Beratungsgespräch;Letzter Kontakt",
            "Letztes Beratungsgespräch",
            "Beratungsgespräch · Erledigt. Wieder am 01.09.2027. "
            "Zuletzt am 01.09.2026, laut eingelesener Liste.",
        ),
        (
            EMILY,
            "S-21",
            "client number;client;revenue;date of birth;last review date;last contacted",
            "last review date",
            "Review meeting · Settled. Next on 1 Sept 2027. "
            "Last on 1 Sept 2026, as an imported list says.",
        ),
    ],
)
def test_the_next_review_is_due_after_the_last_one_that_the_list_names(
    office: Office, who: str, number: str, headings: str, said: str, stands: str
) -> None:
    # Given a CRM's list with the last review and contact of a new client of tier B
    row = f"{number};Edda Lindqvist;5000,50;17.05.1960;01.09.2026;10.11.2026\n"
    preview = put(office, who, f"{headings}\n{row}")
    assert said in read(preview)
    # When she imports it
    office.press(who, "Importieren" if who == ANNA else "Import", preview)
    saying(office, who, preview, "Importiert:" if who == ANNA else "Imported:")
    # Then the clock of the review starts there, and nothing is recorded as delivered
    answer = office.ask(who, f"/due {number}")
    assert stands in answer["text"]
    found = client(office, number)
    assert found is not None
    assert found.born_on == date(1960, 5, 17)
    with office.runtime.store.read(office.firm_id) as session:
        told = select(ServiceRecordRow).where(ServiceRecordRow.client_id == found.id)
        assert session.exec(told).all() == []


def test_wrong_rows_are_said_and_come_back_as_a_file_that_no_spreadsheet_calculates(
    office: Office,
) -> None:
    content = HEADINGS + "S-2;Gute Zeile;900,00;\n=1+1;Schlechte Zeile;viel;\n"
    seen = len(office.people.messages(EMILY, direct(EMILY)))
    preview = put(office, EMILY, content)
    said = read(preview)
    assert "Line 3, column “Umsatz”, “viel”: Not a number" in said
    sent = shown(office, EMILY, seen + 2, lambda each: bool(each.get("files")))
    (file,) = sent["files"]
    key = {"Authorization": f"Bearer {office.sandbox.bot_token}"}
    request = urllib.request.Request(file["url_private_download"], headers=key)
    with urllib.request.urlopen(request, timeout=30) as answer:
        rows = list(csv.reader(io.StringIO(answer.read().decode("utf-8-sig")), delimiter=";"))
    assert rows[1][:3] == ["3", "Umsatz", "viel"]
    assert rows[1][4] == "'=1+1"
    office.press(EMILY, "Import the good rows only", preview)
    saying(office, EMILY, preview, "1 row was not imported.")
    assert client(office, "S-2") is not None


def test_clients_of_another_book_are_left_out_and_only_counted(office: Office) -> None:
    preview = put(office, EMILY, "Kundennummer;Kunde\nanna-0;Maria Huber\nS-3;Neue Kundin\n")
    said = read(preview)
    assert "1 row is not of your book and is left out." in said
    office.press(EMILY, "Import the good rows only", preview)
    saying(office, EMILY, preview, "Imported: 1 new")
    assert office.row("Maria Huber").advisor_id == office.members["anna"].member_id


def test_a_lead_imports_for_the_team(office: Office) -> None:
    preview = put(office, VOGT, "Kundennummer;Kunde;Berater\nS-4;Team Kundin;jonas\n")
    office.press(VOGT, "Importieren", preview)
    saying(office, VOGT, preview, "Importiert: 1 neu")
    row = client(office, "S-4")
    assert row is not None
    assert row.advisor_id == office.members["jonas"].member_id


def test_a_number_that_can_be_read_in_two_ways_is_asked_about(office: Office) -> None:
    preview = put(office, JONAS, HEADINGS + "S-5;Doppel Deutung;1.234;\n")
    block, element = next(
        each for each in elements(preview["blocks"]) if each[1]["type"] == "static_select"
    )
    chosen = next(each for each in element["options"] if each["value"].endswith(":de"))
    office.people.click(
        JONAS,
        block["block_id"],
        element["action_id"],
        place=direct(JONAS),
        ts=preview["ts"],
        action={"selected_option": chosen},
    )
    asked = saying(office, JONAS, preview, "1 neuer Kunde")
    office.press(JONAS, "Importieren", asked)
    saying(office, JONAS, preview, "Importiert: 1 neu")
    row = client(office, "S-5")
    assert row is not None
    assert row.revenue_cents == 123_400


def test_a_preview_is_too_old_after_half_an_hour(office: Office) -> None:
    preview = put(office, JONAS, HEADINGS + "S-6;Zu Spät;900,00;\n")
    office.sandbox.clock.jump_to(office.runtime.now() + timedelta(minutes=31))
    answer = office.press_for_message(JONAS, "Importieren", preview)
    assert "älter als 30 Minuten" in answer["text"]
    assert client(office, "S-6") is None


def test_nobody_else_can_confirm_a_preview(office: Office) -> None:
    preview = put(office, JONAS, HEADINGS + "S-7;Fremde Hand;900,00;\n")
    # When his very button is pressed by Emily
    api = WebClient(office.sandbox.bot_token, base_url=office.sandbox.api_url)
    buttons = [each for each in preview["blocks"] if each["type"] == "actions"]
    api.chat_postMessage(channel=direct(EMILY), text="x", blocks=buttons)
    copied = office.people.messages(EMILY, direct(EMILY))[-1]
    answer = office.press_for_message(EMILY, "Importieren", copied)
    assert "Only the person who put the file here" in answer["text"]
    # Jonas still can, and may as well leave it
    office.press(JONAS, "Verwerfen", preview)
    saying(office, JONAS, preview, "Es wurde nichts geändert.")
    assert client(office, "S-7") is None


def test_what_changed_since_the_preview_is_shown_before_it_is_imported(office: Office) -> None:
    older = put(office, VOGT, "Kundennummer;Kunde;Berater\nS-8;Erster Name;vogt\n")
    newer = put(office, VOGT, "Kundennummer;Kunde;Berater\nS-8;Zweiter Name;vogt\n")
    office.press(VOGT, "Importieren", newer)
    saying(office, VOGT, newer, "Importiert: 1 neu")
    seen = len(office.people.messages(VOGT, direct(VOGT)))
    office.press(VOGT, "Importieren", older)
    saying(office, VOGT, older, "inzwischen geändert")
    now = shown(office, VOGT, seen, lambda each: "1 geänderter Kunde" in read(each))
    row = client(office, "S-8")
    assert row is not None
    assert row.name == "Zweiter Name"
    office.press(VOGT, "Verwerfen", now)
    saying(office, VOGT, now, "Es wurde nichts geändert.")


def test_a_file_that_is_too_large_is_refused_with_the_limit(office: Office) -> None:
    seen = len(office.people.messages(ANNA, direct(ANNA)))
    office.people.upload(ANNA, "gross.csv", b"x" * 10_000_001, place=direct(ANNA))
    shown(office, ANNA, seen, lambda each: "größer als 10 MB" in each["text"])


def test_a_file_in_a_channel_is_nobodys_import(office: Office) -> None:
    seen = len(office.people.messages(ANNA, direct(ANNA)))
    in_team = len(office.people.messages(ANNA, "C0TEAM"))
    office.people.upload(ANNA, "kunden.csv", HEADINGS.encode(), place="C0TEAM")
    # What comes after it in the direct message is answered first and alone
    office.ask(ANNA, "/book import")
    assert len(office.people.messages(ANNA, "C0TEAM")) == in_team + 1
    assert len(office.people.messages(ANNA, direct(ANNA))) == seen + 1


def test_somebody_without_a_role_is_told_so(office: Office) -> None:
    seen = len(office.people.messages("U0TOM", "D0TOM"))
    office.people.upload("U0TOM", "kunden.csv", HEADINGS.encode(), place="D0TOM")
    shown(office, "U0TOM", seen, lambda each: "Rolle" in each["text"])
    assert "kunden.csv" not in json.dumps(office.people.messages("U0TOM", "D0TOM")[seen + 1 :])


@contextmanager
def described(office: Office, monkeypatch: pytest.MonkeyPatch, **told: Any) -> Iterator[str]:
    """Put a file into the workspace of which Slack says something else than usual."""
    import sandbox.file_methods as methods

    plain = methods.file_json
    with monkeypatch.context() as patch:
        patch.setattr(methods, "file_json", lambda file, base: plain(file, base) | told)
        sent = office.people.upload(ANNA, "bild.png", b"x", place="D0ANNA")
        yield sent["file"]


def test_a_csv_of_which_slack_made_a_snippet_is_fetched(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = WebClient(office.sandbox.bot_token, base_url=office.sandbox.api_url)
    talk = Conversation(api, office.runtime.settings, "D0ANNA")
    with described(office, monkeypatch, mode="snippet", filetype="csv") as file_id:
        assert talk.take(file_id, limit=10).data == b"x"


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"is_external": True}, FileProblem.KEPT_ELSEWHERE),
        ({"mode": "external"}, FileProblem.KEPT_ELSEWHERE),
        ({"url_private_download": "https://docs.example/x.csv"}, FileProblem.KEPT_ELSEWHERE),
        ({"url_private_download": "https://files.slack.com.example/x"}, FileProblem.KEPT_ELSEWHERE),
        ({"url_private_download": "http://files.slack.com/x.csv"}, FileProblem.KEPT_ELSEWHERE),
        ({"mode": "snippet"}, FileProblem.NOT_A_FILE),
        ({"file_access": "check_file_info"}, FileProblem.NOT_A_FILE),
        ({"mode": "tombstone"}, FileProblem.GONE),
        ({"size": 10_000_001}, FileProblem.TOO_LARGE),
        ({"size": 2}, FileProblem.INCOMPLETE),
    ],
)
def test_a_file_that_slack_does_not_keep_itself_is_not_fetched(
    office: Office, monkeypatch: pytest.MonkeyPatch, told: Json, problem: FileProblem
) -> None:
    settings = office.runtime.settings
    api = WebClient(office.sandbox.bot_token, base_url=office.sandbox.api_url)
    talk = Conversation(api, settings, "D0ANNA")
    with (
        described(office, monkeypatch, **told) as file_id,
        pytest.raises(FileRefusedError) as refused,
    ):
        talk.take(file_id, limit=10_000_000)
    assert refused.value.problem is problem
