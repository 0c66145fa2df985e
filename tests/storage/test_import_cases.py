"""Lists as they really come, read, compared and kept on a real store: odd names, odd files."""

import csv
import io
import re
import unicodedata
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot.views import import_report
from bot.words import Words
from domain.access import Member
from storage.files.book_file import read_book
from storage.files.findings import NoteCode as FileNote
from storage.files.findings import ProblemCode as FileProblem
from storage.files.findings import RefusalCode
from storage.files.options import SLACK_LIMITS, TERMINAL_LIMITS, ReadOptions
from storage.importing import NoteCode, ProblemCode
from storage.search import find_clients
from storage.staging import apply_import
from storage.store import Store
from storage.tables import ClientRow, FirmRow, ImportRow
from tests.firms import NOW
from tests.storage.naughty import NAUGHTY
from tests.storage.test_importing import Desk

TODAY = date(2026, 3, 2)
GERMAN, ENGLISH = Words("de-DE"), Words("en-GB")
HEADINGS = ("client_id", "name", "advisor")
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that steer a terminal or turn the reading direction."""


@pytest.fixture
def desk(store: Store, firm: FirmRow) -> Desk:
    return Desk(store, firm)


def a_list(*rows: tuple[str, ...], headings: tuple[str, ...] = HEADINGS) -> bytes:
    """Write a list as a spreadsheet does."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\n").writerows((headings, *rows))
    return text.getvalue().encode()


def read(data: bytes, *, through_slack: bool = False):
    limits = SLACK_LIMITS if through_slack else TERMINAL_LIMITS
    return read_book(data, options=ReadOptions(), limits=limits, today=TODAY)


def bring_in(desk: Desk, *rows: tuple[str, ...]) -> None:
    desk.apply(desk.plan(read(a_list(*rows))))


def found(desk: Desk, query: str, *advisors: Member) -> list[str]:
    with desk.store.read(desk.firm.id) as session:
        ids = [advisor.member_id for advisor in advisors]
        return [hit.name for hit in find_clients(session, query, ids).hits]


# one client, however it is written


def test_one_client_in_two_unicode_forms_and_with_spaces_behind_is_one_and_is_reported():
    book = read(a_list(("7", "M\u00fcller AG", "anna"), ("7", "Mu\u0308ller AG  ", "anna")))
    assert book.frame["name"].tolist() == ["Müller AG"]
    assert [(note.code, note.rows) for note in book.notes] == [(FileNote.SAME_ROW_TWICE, (3,))]


def test_one_client_in_capitals_and_not_is_refused_with_both_lines():
    book = read(a_list(("7", "Müller AG", "anna"), ("7", "MÜLLER AG", "anna")))
    assert [(each.code, each.row, each.facts) for each in book.problems] == [
        (FileProblem.SAME_ID, 2, {"other_row": 3}),
        (FileProblem.SAME_ID, 3, {"other_row": 2}),
    ]


def test_one_name_in_capitals_under_another_number_is_reported():
    spellings = ("Müller Straße", "MÜLLER STRASSE", "Mu\u0308ller Strasse")
    rows = [(str(number), name, "anna") for number, name in enumerate(spellings)]
    (note,) = read(a_list(*rows)).notes
    assert (note.code, note.rows) == (FileNote.SAME_NAME, (2, 3, 4))


def test_a_known_client_in_another_unicode_form_is_unchanged_and_in_capitals_renamed(desk):
    bring_in(desk, ("7", "Müller AG", "anna"))
    same = desk.plan(read(a_list(("7", "Mu\u0308ller AG", "anna"))))
    assert (same.unchanged, same.changed.count) == (1, 0)
    capitals = desk.plan(read(a_list(("7", "MÜLLER AG", "anna"), ("8", "Mueller AG", "anna"))))
    assert capitals.changed.first[0].values == {"name": ("Müller AG", "MÜLLER AG")}
    second = desk.plan(read(a_list(("8", "müller ag", "anna"))))
    assert [(note.code, note.rows) for note in second.notes] == [
        (NoteCode.NAME_UNDER_OTHER_ID, (2,))
    ]


# names of every script, and names that are code somewhere

WORLD = (
    "Straße & Söhne", "Deniz İstanbul", "Ayşe Öztürk", "Sean O'Neil", "Marie D’Arcy",
    "Łukasz Żak", "北京银行", "田中太郎", "محمد العلي", "דוד לוי", "Ελένη Παπαδοπούλου",
    "Анна Петрова", "Rock & Roll 🎸", "𠮷野家", "Nguyễn Thị Hạnh", "ไทยพาณิชย์",
)  # fmt: skip
CODE = (
    "<!channel>", "<@U123>", "<https://x|Bank>", "*bold*", "`x`", "=HYPERLINK(1)", "+49 711 2",
    "-1", "@SUM(1)", "Robert'); DROP TABLE client;--", "100 %", "a_b", "C:\\x",
)  # fmt: skip


@pytest.mark.parametrize("names", [WORLD, CODE], ids=["scripts", "code"])
def test_a_name_of_any_kind_is_kept_as_written_and_found_in_any_case(desk, members, names):
    bring_in(desk, *((str(n), name, "anna") for n, name in enumerate(names)))
    assert {client.name for client in desk.clients().values()} == set(names)
    for name in names:
        for typed in (name, name.upper(), name.lower(), name.casefold()):
            hits = found(desk, typed, members["anna"])
            if len([c for c in name if c.isalnum()]) > 1:
                assert hits == [name], typed


@pytest.mark.parametrize("typed", ["%", "_", "\\", "%%", "a%", "*", "'", "--", "DROP TABLE"])
def test_signs_that_mean_something_to_a_database_find_nobody_else(desk, members, typed):
    bring_in(desk, ("1", "Abel", "anna"), ("2", "Robert'); DROP TABLE client;--", "anna"))
    wanted = ["Robert'); DROP TABLE client;--"] if typed == "DROP TABLE" else []
    assert found(desk, typed, members["anna"]) == wanted


def test_every_naughty_string_is_kept_as_it_is_or_refused_with_its_line(desk, members):
    book = read(a_list(*((f"N{n}", text, "anna") for n, text in enumerate(NAUGHTY))))
    refused = {problem.row for problem in book.problems}
    assert len(book.frame) + len(refused) == len(NAUGHTY) == 515
    assert len(book.frame) > 350
    plan = desk.plan(book)
    desk.apply(plan, good_rows_only=True)
    kept = {number: client.name for number, client in desk.clients().items()}
    assert len(kept) == len(book.frame)
    for number, name in kept.items():
        assert _words(name) == _words(NAUGHTY[int(number[1:])])
    for text in NAUGHTY[::10]:
        found(desk, text, members["anna"])
    sentences = import_report.problems(book, plan, GERMAN)
    assert len(sentences) == len(refused)
    for sentence in (*sentences, *import_report.notes(book, plan, ENGLISH)):
        assert not STEERING.search(sentence), ascii(sentence)


def _words(text: str) -> list[str]:
    hidden = dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))
    return unicodedata.normalize("NFC", text).translate(hidden).split()


# whose client it is


def test_two_clients_of_one_name_with_two_advisors_are_each_found_by_their_own(desk, members):
    bring_in(desk, ("1", "Eva Huber", "anna"), ("2", "Eva Huber", "jonas"))
    anna, jonas = members["anna"], members["jonas"]
    assert found(desk, "Eva Huber", anna) == found(desk, "Eva Huber", jonas) == ["Eva Huber"]
    assert found(desk, "Eva Huber", anna, jonas) == ["Eva Huber"] * 2


def test_a_list_with_numbers_of_others_clients_tells_nothing_about_them(desk, members):
    bring_in(desk, ("1", "Abel", "anna"), ("2", "Secret Holding", "jonas"))
    mine = frozenset({members["anna"].member_id})
    book = read(a_list(("2", "Abc", "anna"), ("3", "Secret Holding", "anna")))
    plan = desk.plan(book, advisors_allowed=mine)
    assert [(each.code, each.row, each.value) for each in plan.problems] == [
        (ProblemCode.NOT_IN_YOUR_BOOK, 2, "2")
    ]
    assert plan.notes == ()
    shown = import_report.summary(plan, ENGLISH, advisors={}, zone=ZoneInfo("Europe/Berlin"))
    assert "2 Secret Holding" not in "\n".join(shown)
    assert (plan.not_in_file.count, plan.known) == (1, 1)


# files


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"id;name\n" + b"x" * 10_100_000, RefusalCode.FILE_TOO_LARGE),
        (b"id;name\n" + b"1;A\n" * 50_001, RefusalCode.TOO_MANY_ROWS),
        (";".join(f"x{n}" for n in range(201)).encode() + b"\n", RefusalCode.TOO_MANY_COLUMNS),
    ],
    ids=["10.1 MB", "50,001 rows", "201 columns"],
)
def test_a_file_too_large_for_slack_is_refused_with_the_limit_and_what_to_do(data, code):
    (refusal,) = read(data, through_slack=True).refusals
    assert refusal.code is code
    sentence = import_report.refusal(refusal, ENGLISH)
    assert any(limit in sentence for limit in ("10,000,000", "50,000", "200"))
    if code is not RefusalCode.TOO_MANY_COLUMNS:
        assert "Please split it into several files." in sentence
        assert read(data).refusals == () or code is RefusalCode.FILE_TOO_LARGE


def besides_the_store(folder):
    return sorted(each for each in folder.iterdir() if not each.name.startswith("store."))


FILE_NAMES = (
    "../../etc/passwd", "CON.csv", "x" * 300, "ivc.\u202evsc.exe", "a\x00b\x1b[31m.csv",
    "\udcfc.csv", "<!channel>.csv",
)  # fmt: skip


@pytest.mark.parametrize("name", FILE_NAMES)
def test_a_files_name_is_kept_to_be_shown_and_used_for_nothing(desk, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    before = besides_the_store(tmp_path)
    plan = desk.plan(read(a_list(("1", "Abel", "anna"))))
    apply_import(desk.store, desk.firm.id, plan, by="vogt", at=NOW, file_name=name)
    assert besides_the_store(tmp_path) == before
    with desk.store.read(desk.firm.id) as session:
        kept = session.exec(select(ImportRow.file_name)).one()
        assert session.exec(select(ClientRow.name)).all() == ["Abel"]
    assert len(kept) <= 200
    assert not STEERING.search(import_report.visible(kept, 200))
