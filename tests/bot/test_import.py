"""`tierwise import`: what an operator types and reads, on a real store."""

import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from bot import cli
from storage.files.options import ENCODINGS
from storage.firms import find_firm
from storage.store import open_store
from storage.tables import ClientRow
from tests.firms import save_firm
from tests.storage.files.workbooks import saved, workbook

TODAY = datetime.now(ZoneInfo("Europe/Berlin")).date()
TIERWISE = (sys.executable, "-c", "from bot.cli import main; main()")
GERMAN_FILE = """\
Kundennummer;Kunde;Berater;Umsatz;Verwaltetes Vermögen;Kunde seit;Notiz
00123;Müller & Söhne;anna;12.500,00;1.250.000,00;01.04.2011;x
00124;Jana Größl;Jonas Keller;900,50;45.000,00;1. Mai 2020;
"""
BAD_FILE = """\
Kundennummer;Kunde;Berater;Umsatz
00123;Müller & Söhne;anna;viel
00124;Jana Größl;zoe;900,50
00125;Karl Weiß;anna;700,50
00126;=1+1;anna;-;5
"""


class Terminal:
    """Types commands into a folder with a store and files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"sqlite:///{folder / 'store.db'}"

    def write(self, content: str, *, encoding: str = "utf-8", name: str = "kunden.csv") -> str:
        path = self.folder / name
        path.write_bytes(content.encode(encoding))
        return str(path)

    def type(self, *arguments: str, locale: str = "en-GB", code: int = 0) -> str:
        """Type a command as one whose input is no terminal, and give what it prints."""
        typed = ["--database", self.address, "--locale", locale, *arguments]
        result = CliRunner().invoke(cli.app, typed)
        assert result.exit_code == code, result.output
        return result.output

    def type_json(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.type(*arguments, "--json", code=code))
        return answer

    def run(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run the program itself."""
        typed = (*TIERWISE, "--database", self.address, *arguments)
        done = subprocess.run(typed, capture_output=True, text=True, check=False, timeout=180)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def answer(
        self, reply: str, *arguments: str, meanwhile: Callable[[], object] = lambda: None
    ) -> tuple[int, str]:
        """Run the program at a terminal of its own and answer its one question."""
        typed = (*TIERWISE, "--database", self.address, *arguments)
        ours, theirs = pty.openpty()
        with subprocess.Popen(typed, stdin=theirs, stdout=theirs, stderr=theirs) as process:
            os.close(theirs)
            printed = _read(ours, until="Import this now?")
            meanwhile()
            os.write(ours, reply.encode())
            printed += _read(ours)
        os.close(ours)
        return process.returncode, printed

    def clients(self) -> dict[str, ClientRow]:
        with closing(open_store(self.address)) as store:
            with store.read(None) as session:
                firm = find_firm(session, "T0001")
            assert firm is not None
            with store.read(firm.id) as session:
                return {row.external_id: row for row in session.exec(select(ClientRow)).all()}


def _read(terminal: int, *, until: str | None = None) -> str:
    """Read what is printed, up to a text or to the end."""
    printed = b""
    while until is None or until.encode() not in printed:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux says so when the other side is closed
            break
        if not part:
            break
        printed += part
    return printed.decode()


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Iterator[Terminal]:
    """Give a terminal beside a store with one firm and its members."""
    shutil.copy(sqlite_template, tmp_path / "store.db")
    given = Terminal(tmp_path)
    with closing(open_store(given.address)) as store:
        save_firm(store, "T0001", "Nordlicht Vermögen")
    return given


def test_a_german_file_of_a_spreadsheet_is_imported_once_its_encoding_is_named(terminal):
    # Given a file in the encoding of German Windows
    file = terminal.write(GERMAN_FILE, encoding="cp1252")
    # When it is imported, then the encoding is asked for, with the names in each
    asked = terminal.type("import", file, "--yes", locale="de-DE", code=1)
    assert "Die Datei ist nicht in UTF-8. In welcher Kodierung liest sie sich richtig?" in asked
    assert "„00124;Jana Größl;Jonas Keller;900,50;45.000,00;1. Mai 2020;“" in asked
    assert "Den Befehl wiederholen mit: --encoding cp1252|cp850|mac_roman" in asked
    assert "Es wurde nichts geändert." in asked
    assert terminal.clients() == {}
    # And with the answer the clients are kept
    done = terminal.type("import", file, "--yes", "--encoding", "cp1252", locale="de-DE")
    assert "Importiert: 2 neu, 0 geändert, 0 unverändert." in done
    kept = terminal.clients()
    assert {number: row.name for number, row in kept.items()} == {
        "00123": "Müller & Söhne",
        "00124": "Jana Größl",
    }
    assert kept["00124"].revenue_cents == 90_050


def test_the_preview_says_how_the_file_was_read_and_what_would_change(terminal):
    file = terminal.write(GERMAN_FILE, encoding="utf-8-sig")
    shown = terminal.type("import", file, "--dry-run")
    lines = [line.rstrip() for line in shown.splitlines()]
    assert "Read as utf-8, separated by “;”." in lines
    assert any(line.split()[:2] == ["Name", "“Kunde”"] for line in lines)
    assert "Not read: “Notiz”" in lines
    assert "  2 new clients" in lines
    assert "    Line 2: 00123 Müller & Söhne" in lines
    assert "    Line 3: 00124 Jana Größl" in lines


def test_a_dry_run_changes_nothing(terminal):
    shown = terminal.type("import", terminal.write(GERMAN_FILE), "--dry-run", "--yes")
    assert "A dry run: nothing was changed." in shown
    assert terminal.clients() == {}


def test_without_a_terminal_nothing_is_imported_unless_that_is_said(terminal):
    shown = terminal.type("import", terminal.write(GERMAN_FILE), code=1)
    assert "Nobody can be asked here; --yes imports without asking." in shown
    assert terminal.clients() == {}


@pytest.mark.parametrize(("reply", "code", "kept"), [("y\n", 0, 2), ("\n", 1, 0)])
def test_at_a_terminal_the_answer_decides(terminal, reply, code, kept):
    ended, printed = terminal.answer(reply, "import", terminal.write(GERMAN_FILE))
    assert "2 new clients" in printed
    assert (ended, len(terminal.clients())) == (code, kept)


def test_who_confirms_a_preview_that_no_longer_holds_is_told_so(terminal):
    file = terminal.write(GERMAN_FILE)
    other = terminal.write("id;name;advisor\n00124;Jana Groß;anna\n", name="other.csv")
    ended, printed = terminal.answer(
        "y\n", "import", file, meanwhile=lambda: terminal.type("import", other, "--yes")
    )
    assert "Clients of this file were changed meanwhile. Nothing was imported;" in printed
    assert ended == 1
    assert {row.name for row in terminal.clients().values()} == {"Jana Groß"}


def test_who_confirms_a_file_that_somebody_else_has_just_imported_changes_nothing(terminal):
    file = terminal.write(GERMAN_FILE)
    ended, printed = terminal.answer(
        "y\n", "import", file, meanwhile=lambda: terminal.type("import", file, "--yes")
    )
    assert "by operator: 0 changes." in printed
    assert (ended, len(terminal.clients())) == (0, 2)


def test_the_same_file_again_changes_nothing(terminal):
    file = terminal.write(GERMAN_FILE)
    terminal.type("import", file, "--yes")
    again = terminal.type("import", file, "--yes")
    assert "by operator: 0 changes." in again
    assert "There is nothing to change." in again


def test_a_changed_file_changes_what_it_says(terminal):
    terminal.type("import", terminal.write(GERMAN_FILE), "--yes")
    newer = terminal.write(GERMAN_FILE.replace("12.500,00", "13.000,00"))
    shown = terminal.type("import", newer, "--yes")
    assert "    Line 2: 00123 Müller & Söhne: Revenue a year €12,500 → €13,000" in shown
    assert "Imported: 0 new, 1 changed, 1 unchanged." in shown


def test_numbers_that_can_be_read_in_two_ways_are_asked_for(terminal):
    file = terminal.write("id;name;advisor;revenue\n1;Huber;anna;1.234\n2;Maier;anna;2.500\n")
    asked = terminal.type("import", file, "--yes", code=1)
    assert "Column “revenue”: the numbers can be read in several ways." in asked
    assert "Repeat the command with: --number-format de|en|ch" in asked
    assert terminal.clients() == {}
    terminal.type("import", file, "--yes", "--number-format", "de")
    assert terminal.clients()["1"].revenue_cents == 123_400


def test_one_answer_settles_the_numbers_of_the_whole_file_and_is_remembered(terminal):
    # Given a list whose first two amounts are open and whose third one is German
    file = terminal.write(
        "id;name;advisor;Umsatz;AUM;Einkommen\n1;Huber;anna;9.500;842.000;80.000,50\n"
    )
    # When it is imported, then one answer is asked for, and it is the one the file shows elsewhere
    asked = terminal.type("import", file, "--yes", code=1)
    assert asked.count("the numbers can be read in several ways") == 1
    assert "The same is asked of: “AUM”. One answer holds for the whole file." in asked
    assert "Other columns of the file are written so: 1.234,56 (German)" in asked
    assert "Repeat the command with: --number-format de\n" in asked
    # And the next list of that source needs none
    terminal.type("import", file, "--yes", "--number-format", "de", "--mapping", "our CRM")
    assert terminal.clients()["1"].revenue_cents == 950_000
    newer = terminal.write("id;name;Umsatz\n1;Huber;9.700\n")
    terminal.type("import", newer, "--yes", "--mapping", "our CRM")
    assert terminal.clients()["1"].revenue_cents == 970_000


def test_a_file_without_headings_is_imported_once_its_columns_are_named(terminal):
    file = terminal.write("4711;Huber\n4712;Maier\n")
    asked = terminal.type("import", file, "--yes", code=1)
    assert "--no-header --column client_id=1 --column name=2" in asked
    answers = ("--no-header", "--column", "client_id=1", "--column", "name=2")
    terminal.type("import", file, "--yes", "--advisor", "anna", *answers)
    assert {row.name for row in terminal.clients().values()} == {"Huber", "Maier"}


def test_refused_rows_are_named_and_nothing_is_imported(terminal):
    shown = terminal.type("import", terminal.write(BAD_FILE), "--yes", locale="de-DE", code=1)
    assert "  Zeile 2, Spalte „Umsatz“, „viel“: Keine Zahl. Möglich: 1234.56, " in shown
    assert "  Zeile 3, Spalte „Berater“, „zoe“: Kein Mitglied hat dieses Kürzel" in shown
    assert "  Zeile 5, „00126;=1+1;anna;-;5“: 5 Zellen. Möglich: 4, eine je Überschrift" in shown
    assert "  3 abgelehnte Zeilen" in shown
    assert "Es wurde nichts geändert." in shown
    assert terminal.clients() == {}


def test_good_rows_alone_are_imported_and_the_others_listed_in_a_file(terminal):
    errors = terminal.folder / "fehler.csv"
    typed = ("--yes", "--good-rows-only", "--errors", str(errors))
    shown = terminal.type("import", terminal.write(BAD_FILE), *typed, locale="de-DE")
    assert "Importiert: 1 neu, 0 geändert, 0 unverändert.\n3 Zeilen wurden nicht import" in shown
    assert list(terminal.clients()) == ["00125"]
    heading, *rows = errors.read_text("utf-8-sig").splitlines()
    assert heading == "Zeile;Spalte;Wert;Grund;Kundennummer;Kunde;Berater;Umsatz"
    assert [row.split(";")[0] for row in rows] == ["2", "3", "5"]
    assert rows[0].startswith("2;Umsatz;viel;Keine Zahl. Möglich: ")
    assert rows[0].endswith(";00123;Müller & Söhne;anna;viel")


def test_a_formula_in_the_list_of_refused_rows_is_only_text(terminal):
    file = terminal.write('id;name;Umsatz\n1;Huber;"=HYPERLINK(""http://x"")"\n')
    errors = terminal.folder / "errors.csv"
    terminal.type("import", file, "--errors", str(errors), code=1)
    assert "'=HYPERLINK" in errors.read_text("utf-8-sig")


def test_twenty_refused_rows_are_shown_and_the_rest_is_counted(terminal):
    rows = "".join(f"{number};Kunde {number};viel\n" for number in range(25))
    file = terminal.write(f"id;name;Umsatz\n{rows}")
    shown = terminal.type("import", file, "--advisor", "anna", code=1)
    assert shown.count("Not a number.") == 20
    assert "… and 5 more; --errors FILE.csv lists all" in shown
    errors = terminal.folder / "errors.csv"
    typed = ("import", file, "--advisor", "anna", "--errors", str(errors))
    assert "lists all" not in terminal.type(*typed, code=1)
    assert len(errors.read_text("utf-8-sig").splitlines()) == 26


def test_the_list_of_refused_rows_never_replaces_the_file_itself(terminal):
    file = terminal.write(BAD_FILE)
    shown = terminal.type("import", file, "--errors", file, code=2)
    assert shown == "The list of refused rows would replace the file itself.\n"
    assert Path(file).read_text() == BAD_FILE


def test_a_list_that_cannot_be_written_is_said_before_anything_is_imported(terminal):
    file = terminal.write(GERMAN_FILE)
    nowhere = str(terminal.folder / "nowhere" / "errors.csv")
    shown = terminal.type("import", file, "--yes", "--errors", nowhere, code=2)
    assert "The list of refused rows cannot be written to" in shown
    assert terminal.clients() == {}


def test_a_book_without_advisor_belongs_to_the_one_who_is_named(terminal):
    file = terminal.write("id;name\n1;Huber\n")
    asked = terminal.type("import", file, "--yes", code=1)
    assert "Line 2: A new client needs an advisor." in asked
    assert "If all of the file is one member's book: --advisor KEY" in asked
    terminal.type("import", file, "--yes", "--advisor", "jonas")
    assert len(terminal.clients()) == 1


def test_rows_of_other_books_are_refused_for_the_one_who_is_named(terminal):
    shown = terminal.type("import", terminal.write(GERMAN_FILE), "--advisor", "anna", code=1)
    assert "Line 3, column “Kundennummer”, “00124”: Not in the book of this import." in shown
    assert "1 refused row" in shown


def test_amounts_a_hundred_times_as_large_are_kept_only_if_that_is_said(terminal):
    terminal.type("import", terminal.write(GERMAN_FILE), "--yes")
    grown = GERMAN_FILE.replace("12.500,00", "1.250.000,00").replace("900,50", "90.050,00")
    file = terminal.write(grown)
    shown = terminal.type("import", file, "--yes", code=1)
    assert "differs from what is known by about 100 times" in shown
    assert terminal.clients()["00124"].revenue_cents == 90_050
    terminal.type("import", file, "--yes", "--accept-implausible")
    assert terminal.clients()["00124"].revenue_cents == 9_005_000


def test_an_unknown_advisor_is_answered_with_those_who_are_known(terminal):
    file = terminal.write(GERMAN_FILE)
    done = terminal.run("import", file, "--advisor", "zoe", code=2)
    assert done.stderr.startswith("There is no member “zoe”. Known: anna, ")


def test_a_file_that_is_not_there_or_no_file_is_one_sentence(terminal, monkeypatch):
    monkeypatch.chdir(terminal.folder)
    assert terminal.type("import", "nix.csv", code=2) == "There is no file “nix.csv”.\n"
    assert terminal.type("import", ".", code=2) == "“.” is a folder, not a file.\n"


def test_a_file_may_be_called_anything(terminal):
    name = os.fsdecode(b"M\xfcller \x1b[31m.csv")
    file = terminal.write(GERMAN_FILE, name=name)
    assert "Imported: 2 new" in terminal.type("import", file, "--yes")
    gone = terminal.type("import", f"{file}x", code=2)
    assert "\x1b" not in gone
    assert "M<U+DCFC>ller <U+001B>" in gone  # a long path is cut


def test_an_option_that_cannot_be_understood_is_said(terminal):
    file = terminal.write(GERMAN_FILE)
    assert "FIELD=HEADING" in terminal.type("import", file, "--column", "name", code=2)
    assert "Say ; or , or | or tab." in terminal.type("import", file, "--separator", "x", code=2)


def test_json_holds_the_preview_and_how_it_ended(terminal):
    answer = terminal.type_json("import", terminal.write(BAD_FILE), code=1)
    assert answer["outcome"] == "rows_refused"
    assert (answer["rows"], answer["refused_rows"]) == (4, 3)
    assert answer["columns"]["revenue"] == "Umsatz"
    first = answer["problems"][0]
    assert (first["row"], first["column"], first["value"]) == (2, "Umsatz", "viel")
    assert first["code"] == "not_a_number"
    assert answer["plan"]["new"]["first"] == [
        {
            "row": 4,
            "client_id": "00125",
            "name": "Karl Weiß",
            "changes": [
                "Name not known → “Karl Weiß”",
                "Revenue a year not known → €700.50",
                "Advisor not known → Anna Berger",
            ],
        }
    ]
    question = terminal.type_json("import", terminal.write("id;name;AUM\n1;Huber;1.234\n"), code=1)[
        "questions"
    ][0]
    assert (question["kind"], question["choices"]) == ("number_format", ["de", "en", "ch"])


def test_json_never_asks(terminal):
    file = terminal.write(GERMAN_FILE)
    assert terminal.type_json("import", file, code=1)["outcome"] == "not_confirmed"
    assert terminal.type_json("import", file, "--yes")["outcome"] == "imported"
    assert terminal.type_json("import", file, "--yes")["outcome"] == "nothing_to_do"


def test_an_imported_client_is_found(terminal):
    terminal.run("import", terminal.write(GERMAN_FILE), "--yes")
    card = json.loads(terminal.run("segment", "groessl", "--json").stdout)
    assert (card["client_id"], card["name"]) == ("00124", "Jana Größl")
    assert (card["revenue"], card["managed"]) == ("900.50", "45000.00")


def test_the_encodings_offered_are_those_that_are_read():
    assert get_args(cli.Encoding) == ENCODINGS


def test_the_last_import_can_be_taken_back_once(terminal):
    terminal.type("import", terminal.write(GERMAN_FILE), "--yes")
    shown = terminal.type("import", "--undo", locale="de-DE")
    assert "2 neue Kunden sind wieder weg, 0 sind wie zuvor." in shown
    assert terminal.clients() == {}
    assert "only the last one can" in terminal.type("import", "--undo", code=1)


def test_answers_are_remembered_under_the_name_of_their_source(terminal):
    file = terminal.write("Nr;Titel;Umsatz\n1;Huber;1.234\n")
    answers = ("--column", "client_id=Nr", "--column", "name=Titel", "--number-format", "de")
    base = ("import", file, "--yes", "--advisor", "anna", "--mapping", "altes CRM")
    shown = terminal.type(*base, *answers)
    assert "Remembered how files of “altes CRM” are read." in shown
    again = terminal.write("Nr;Titel;Umsatz\n2;Maier;5.678\n")
    terminal.type("import", again, "--yes", "--advisor", "anna", "--mapping", "altes CRM")
    assert {number: each.revenue_cents for number, each in terminal.clients().items()} == {
        "1": 123_400,
        "2": 567_800,
    }


def test_missing_clients_become_former_ones_only_if_that_is_said_twice(terminal):
    terminal.type("import", terminal.write(GERMAN_FILE), "--yes")
    shorter = terminal.write(GERMAN_FILE.rsplit("\n", 2)[0] + "\n")
    shown = terminal.type("import", shorter, "--yes", "--remove-missing", code=1)
    assert "1 client not in the file becomes a former client" in shown
    assert "add --remove-many" in shown
    assert not any(each.former_since for each in terminal.clients().values())
    done = terminal.type("import", shorter, "--yes", "--remove-missing", "--remove-many")
    assert "1 client is a former client now." in done
    assert [bool(each.former_since) for each in terminal.clients().values()] == [False, True]


def test_a_bad_row_never_counts_as_a_missing_client(terminal):
    terminal.type("import", terminal.write(GERMAN_FILE), "--yes")
    bad = terminal.write(GERMAN_FILE.replace("900,50", "viel"))
    typed = ("--yes", "--remove-missing", "--remove-many", "--good-rows-only")
    shown = terminal.type("import", bad, *typed, code=1)
    assert "every row of the file" in shown
    assert not any(each.former_since for each in terminal.clients().values())


def test_a_workbook_is_imported_like_a_list(terminal):
    path = terminal.folder / "kunden.xlsx"
    path.write_bytes(saved(workbook(("00123", "Familie Huber", "anna", 1234.5))))
    shown = terminal.type("import", str(path), "--yes")
    assert "Read from the sheet “Kunden”." in shown
    assert terminal.clients()["00123"].revenue_cents == 123_450


def test_a_preview_holds_new_clients_against_the_criteria(terminal: Terminal) -> None:
    # Given a known client, and a file with her, three new ones, and one without a first day
    since = TODAY.replace(day=1)
    known = "Kundennummer;Kunde;Berater;Umsatz;Kunde seit\n1;Alma Roth;anna;900;01.01.2011\n"
    terminal.type("import", terminal.write(known), "--yes")
    rows = (
        f"1;Alma Roth;anna;950;{since:%d.%m.%Y}\n2;Nora Lenz;anna;1200;{since:%d.%m.%Y}\n"
        f"3;Tilo Brandt;anna;9500;{since:%d.%m.%Y}\n4;Ida Moor;anna;;{since:%d.%m.%Y}\n"
        "5;Rolf Stein;anna;800;\n6;Eva Blum;anna;800;01.01.2015\n"
    )
    file = terminal.write("Kundennummer;Kunde;Berater;Umsatz;Kunde seit\n" + rows)
    # Then only the new ones count, and those who miss the criteria are named with their lines
    found = terminal.type_json("import", file, "--dry-run")["new_clients"]
    assert found["fits"] == {"ideal": 1, "accepted": 0, "below_minimum": 1, "unknown": 1}
    assert (found["miss_criteria"], found["undated"]) == (2, 1)
    assert [(each["row"], each["name"]) for each in found["first"]] == [
        (3, "Nora Lenz"), (5, "Ida Moor"),
    ]  # fmt: skip
    said = terminal.type("import", file, "--dry-run", locale="de-DE")
    assert "Neue Kunden und die Kriterien" in said
    assert "⚠ Zeile 3: 2 Nora Lenz. Der Ertrag von 1.200" in said
    assert "Von 1 Kunden sagt die Datei nicht, seit wann" in said
