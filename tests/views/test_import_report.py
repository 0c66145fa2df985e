"""Every finding of an import has a sentence in both languages, and it says what to do."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.views import import_report as report
from bot.views import import_texts as texts
from bot.words import Words
from storage.files.book_file import BookFile
from storage.files.findings import NoteCode, ProblemCode, QuestionKind, Refusal, RefusalCode
from storage.files.headings import HEADINGS
from storage.files.options import (
    DATE_ORDERS,
    NUMBER_FORMATS,
    PERCENT_READINGS,
    SCALES,
    Limits,
    ReadOptions,
)
from storage.importing import Change, EarlierImport, ImportPlan, Listed
from storage.importing import Note as PlanNote
from storage.importing import NoteCode as PlanNoteCode
from storage.importing import Problem as PlanProblem
from storage.importing import ProblemCode as PlanProblemCode
from tests.storage.files.reading import TODAY, column, read
from tests.storage.files.workbooks import client, packed, saved, workbook
from tests.views.examples import ENGLISH, GERMAN

NBSP = "\N{NO-BREAK SPACE}"
BERLIN = ZoneInfo("Europe/Berlin")
EXAMPLES = "1234.56, 1.234,56, 1,234.56, 1'234.56"
DATES = "2026-03-01, 01.03.2026, 1. März 2026, March 1, 2026"


def limits(**changed: int) -> Limits:
    return Limits(**{"file_bytes": 1000, "rows": 10, **changed})


def _refused(code: RefusalCode, **facts: Any) -> BookFile:
    return BookFile(file_hash="", refusals=(Refusal(code=code, facts=facts),))


def _merged(*, hidden: int = 0, second: str = "", hide: bool = False) -> Any:
    """Return a workbook with a merged row, if wanted with a hidden row, column or second sheet."""
    book = workbook(("1", "Huber", "anna", 1), ("2", "Maier", "anna", 2))
    book.active.merge_cells("B3:C3")
    book.active.row_dimensions[hidden].hidden = bool(hidden)
    book.active.column_dimensions["D"].hidden = hide
    if second:
        book.create_sheet(second).append(["Kundennummer", "Name"])
        book[second].sheet_state = "hidden" if hide else "visible"
    return book


@cache
def refused_files() -> Mapping[RefusalCode, BookFile]:
    """Give a file for each reason not to read it at all."""
    one = "id;name;Umsatz\n1;Huber;5\n2;Maier;6\n"
    return {
        RefusalCode.FILE_EMPTY: read(""),
        RefusalCode.FILE_TOO_LARGE: read(one, limits=limits(file_bytes=9)),
        RefusalCode.WRONG_CONTAINER: read(b"%PDF-1.7"),
        RefusalCode.TOO_MANY_COLUMNS: read(one, limits=limits(columns=2)),
        RefusalCode.TOO_MANY_ROWS: read(one, limits=limits(rows=1)),
        RefusalCode.COLUMN_MISSING: read("Kunde;Umsatz\nHuber;5\n"),
        RefusalCode.HEADING_TWICE: read("id;name;AUM;Depotvolumen\n1;Huber;5;5\n"),
        RefusalCode.NO_SUCH_HEADING: read(one, columns={"managed": "Depot"}),
        RefusalCode.AMOUNTS_IN_THOUSANDS: column("Umsatz TEUR", "5"),
        RefusalCode.HEADING_IN_OTHER_CURRENCY: column("Umsatz USD", "5"),
        RefusalCode.BOTH_NUMBER_FORMATS: column("Umsatz", "1.234,56", "1,234.56"),
        RefusalCode.BOTH_DATE_ORDERS: column("Kunde seit", "25/12/2020", "12/25/2020"),
        RefusalCode.PROTECTED: _refused(RefusalCode.PROTECTED),
        RefusalCode.DAMAGED: read(saved(workbook())[:500]),
        RefusalCode.UNSAFE_XML: _refused(RefusalCode.UNSAFE_XML),
        RefusalCode.TOO_LARGE_INSIDE: _refused(RefusalCode.TOO_LARGE_INSIDE, limit=200_000_000),
        RefusalCode.TOO_MANY_PARTS: _refused(RefusalCode.TOO_MANY_PARTS, found=1001, limit=1000),
        RefusalCode.TOO_MANY_SHEETS: _refused(RefusalCode.TOO_MANY_SHEETS, found=21, limit=20),
        RefusalCode.SHEET_RANGE_TOO_LARGE: _refused(
            RefusalCode.SHEET_RANGE_TOO_LARGE, range="A1:XFD1048576", limit=5_000_000
        ),
        RefusalCode.TOO_SLOW: _refused(RefusalCode.TOO_SLOW),
        RefusalCode.NO_SUCH_SHEET: read(saved(workbook()), sheet="Alt"),
        RefusalCode.UNREADABLE: read('id;name\n1;Huber\n2;"Maier\n3;Vogt\n'),
    }


@cache
def files_with_a_bad_row() -> Mapping[ProblemCode, BookFile]:
    """Give a file for each reason to refuse a row."""
    return {
        ProblemCode.CELLS_MISSING: read("id;name;AUM\n1;Huber\n"),
        ProblemCode.CELLS_TOO_MANY: read("id;name\n1;Huber;Anna\n"),
        ProblemCode.QUOTE_NOT_CLOSED: read('id;name;AUM\n1;Huber;5\n2;"Maier;5\n3;Vogt;5\n'),
        ProblemCode.CELL_TOO_LONG: column("Notiz", "x" * 32_768),
        ProblemCode.MISSING: read("id;name\n1;\n"),
        ProblemCode.TEXT_TOO_LONG: read(f"id;name\n1;{'H' * 201}\n"),
        ProblemCode.CONTROL_CHARACTER: read("id;name\n1;Hu\x1b[31mber\n"),
        ProblemCode.BROKEN_CHARACTER: read(
            b"id;name\n1;M\xfcller\n", options=ReadOptions(encoding="utf-8")
        ),
        ProblemCode.NO_LETTERS: read("id;name\n1;...\n"),
        ProblemCode.SCIENTIFIC_ID: read("id;name\n1,23E+11;Huber\n"),
        ProblemCode.SAME_ID: read("id;name\n1;Huber\n1;Maier\n"),
        ProblemCode.OWN_SPONSOR: column("sponsor", "1"),
        ProblemCode.EXCEL_ERROR: column("Umsatz", "#DIV/0!"),
        ProblemCode.FORMULA: column("Umsatz", "=B2*12"),
        ProblemCode.FORMULA_WITHOUT_VALUE: read(saved(workbook(("1", "Huber", "anna", "=A2")))),
        ProblemCode.MERGED_CELLS: read(saved(_merged())),
        ProblemCode.NOT_A_NUMBER: column("Umsatz", "viel"),
        ProblemCode.WRITTEN_SHORT: column("Umsatz", "1,2 Mio"),
        ProblemCode.OTHER_CURRENCY: column("Umsatz", "$5"),
        ProblemCode.NEGATIVE: column("AUM", "-5"),
        ProblemCode.TOO_MANY_DECIMALS: column("AUM", "1.234,567"),
        ProblemCode.TOO_LARGE: column("AUM", "99999999999999"),
        ProblemCode.OTHER_NUMBER_FORMAT: column("AUM", "1.234,56", "1,234.56", number_format="de"),
        ProblemCode.OUT_OF_RANGE: column("Sparquote", "101 %"),
        ProblemCode.NOT_WHOLE: column("Vertrauen", "4,5"),
        ProblemCode.RANK_INCOMPLETE: read("id;name;Anbieter;Unser Rang\n1;Huber;3;\n"),
        ProblemCode.RANK_BEYOND_PROVIDERS: read("id;name;Anbieter;Unser Rang\n1;Huber;3;4\n"),
        ProblemCode.SCALE_MISSING: read("id;name;satisfaction;scale\n1;Huber;5;\n"),
        ProblemCode.NOT_A_DATE: column("Kunde seit", "KW 12"),
        ProblemCode.NO_SUCH_DAY: column("Kunde seit", "31.02.2026"),
        ProblemCode.TWO_DIGIT_YEAR: column("Kunde seit", "01.03.26"),
        ProblemCode.DATE_AS_DIGITS: column("Kunde seit", "20260301"),
        ProblemCode.YEAR_OUT_OF_RANGE: column("Kunde seit", "01.03.1026"),
        ProblemCode.IN_THE_FUTURE: column("Befragt am", "01.03.2027"),
        ProblemCode.OTHER_DATE_ORDER: column(
            "Kunde seit", "25/12/2020", "12/25/2020", date_order="dmy"
        ),
        ProblemCode.ENDS_BEFORE_START: read(
            "id;name;Kunde seit;Kunde bis\n1;Huber;01.01.2020;01.01.2019\n"
        ),
        ProblemCode.UNKNOWN_WORD: column("Kriterium", "nett"),
    }


@cache
def asking_files() -> Mapping[QuestionKind, BookFile]:
    """Give a file for each question."""
    return {
        QuestionKind.ENCODING: read("id;name\n1;Müller\n".encode("cp1252")),
        QuestionKind.SEPARATOR: read("id\n1\n"),
        QuestionKind.COLUMNS: read("4711;Huber\n4712;Maier\n"),
        QuestionKind.NUMBER_FORMAT: column("Umsatz", "1.234"),
        QuestionKind.DATE_ORDER: column("Kunde seit", "03/04/2020"),
        QuestionKind.PERCENT_AS: column("Sparquote", "0,5"),
        QuestionKind.SATISFACTION_SCALE: column("Zufriedenheit", "4"),
        QuestionKind.SHEET: read(saved(_merged(second="Alt"))),
        QuestionKind.HIDDEN_ROWS: read(saved(_merged(hidden=2))),
    }


@cache
def noted_files() -> Mapping[NoteCode, BookFile]:
    """Give a file for each remark."""
    return {
        NoteCode.TIMES_DROPPED: column("Kunde seit", "2020-03-01T08:00:00Z"),
        NoteCode.ROUNDED: column("Sparquote", "12,3456 %"),
        NoteCode.READ_AS_PERCENT: column("Sparquote", "0,5", percent_as="percent"),
        NoteCode.READ_AS_FRACTION: column("Sparquote", "0,5", percent_as="fraction"),
        NoteCode.SCALE_SETTLED: column("Zufriedenheit", "82"),
        NoteCode.LOOKS_DOUBLE_ENCODED: read("id;name\n1;MÃ¼ller\n"),
        NoteCode.SAME_ROW_TWICE: read("id;name\n1;Huber\n1;Huber\n"),
        NoteCode.SAME_NAME: read("id;name\n1;Huber\n2;Huber\n"),
        NoteCode.REVENUE_ABOVE_MANAGED: read("id;name;Umsatz;AUM\n1;Huber;9;5\n"),
        NoteCode.MANAGED_ABOVE_WALLET: read("id;name;AUM;wallet\n1;Huber;9;5\n"),
        NoteCode.SATISFACTION_WITHOUT_DATE: column("CSI", "82"),
        NoteCode.WALLET_WITHOUT_DATE: column("wallet", "82"),
        NoteCode.JUDGED_WITHOUT_DATE: column("Vertrauen", "4"),
        NoteCode.DATE_AHEAD: column("Kunde seit", "01.03.2027"),
        NoteCode.MACROS_IGNORED: read(packed(client(), {"xl/vbaProject.bin": "x"})),
        NoteCode.LINKS_NOT_FOLLOWED: read(packed(client(), {"xl/externalLinks/1.xml": "x"})),
        NoteCode.OBJECTS_IGNORED: read(packed(client(), {"xl/embeddings/1.bin": "x"})),
        NoteCode.HIDDEN_SHEETS: read(saved(_merged(second="Alt", hide=True))),
        NoteCode.HIDDEN_COLUMNS: read(saved(_merged(hide=True))),
        NoteCode.HIDDEN_ROWS: read(saved(_merged(hidden=2)), hidden_rows="leave_out"),
        NoteCode.CELLS_WITHOUT_HEADING: read(saved(workbook(("1", "Huber", "", 1, "x")))),
        NoteCode.MORE_PROBLEMS: read("id;name\n1;\n2;\n", limits=limits(problems=1)),
    }


def assert_said(german: str, english: str, *facts: str) -> None:
    """Check that both languages say a whole sentence of their own, with the facts in it."""
    assert german != english
    for sentence in (german, english):
        assert "{" not in sentence
        assert all(fact in sentence for fact in facts), sentence


@pytest.mark.parametrize("code", RefusalCode)
def test_whoever_gives_an_unreadable_file_reads_why(code: RefusalCode) -> None:
    (found,) = refused_files()[code].refusals
    assert found.code is code
    assert_said(report.refusal(found, GERMAN), report.refusal(found, ENGLISH))


@pytest.mark.parametrize("code", ProblemCode)
def test_a_refused_row_is_named_with_line_column_value_and_reason(code: ProblemCode) -> None:
    found = files_with_a_bad_row()[code].problems[-1]
    assert found.code is code
    facts = [str(found.row), report.visible(found.column or ""), report.visible(found.value)]
    assert_said(report.problem(found, GERMAN), report.problem(found, ENGLISH), *facts)


@pytest.mark.parametrize("kind", QuestionKind)
def test_a_question_shows_values_of_the_file_and_what_can_be_answered(kind: QuestionKind) -> None:
    (found,) = asking_files()[kind].questions
    assert found.kind is kind
    german, english = report.question(found, GERMAN), report.question(found, ENGLISH)
    assert_said(german[0], english[0])
    assert len(german) == len(english) > 1
    for words in (GERMAN, ENGLISH):
        assert all(report.choice(kind, each, words) for each in found.choices)


@pytest.mark.parametrize("code", NoteCode)
def test_a_remark_is_made_with_the_lines_it_is_about(code: NoteCode) -> None:
    found = next(each for each in noted_files()[code].notes if each.code is code)
    german, english = report.note(found, GERMAN), report.note(found, ENGLISH)
    assert_said(german, english, *(str(row) for row in found.rows))


@pytest.mark.parametrize("code", PlanProblemCode)
def test_a_row_that_cannot_be_kept_is_named_with_its_column(code: PlanProblemCode) -> None:
    found = PlanProblem(code=code, row=7, value="zoe")
    mapping = {field: f"Spalte {field}" for field in texts.FIELDS}
    german = report.plan_problem(found, GERMAN, mapping)
    english = report.plan_problem(found, ENGLISH, mapping)
    heading = mapping[texts.PLAN_PROBLEM_FIELDS[code]]
    assert_said(german, english, "7", "zoe", heading)


@pytest.mark.parametrize("code", PlanNoteCode)
def test_what_is_odd_beside_the_known_clients_is_said(code: PlanNoteCode) -> None:
    found = PlanNote(code=code, count=9, rows=(2, 3, 4, 5, 6), field="revenue", factor=100)
    german, english = report.plan_note(found, GERMAN), report.plan_note(found, ENGLISH)
    assert_said(german, english, "2, 3, 4, 5, 6 …")


def test_every_field_format_and_choice_has_a_name() -> None:
    assert texts.FIELDS.keys() == HEADINGS.keys()
    assert texts.FORMATS.keys() == {*NUMBER_FORMATS, *DATE_ORDERS}
    assert texts.PERCENT_READINGS.keys() == set(PERCENT_READINGS)
    for scale in SCALES:
        assert report.choice(QuestionKind.SATISFACTION_SCALE, scale, GERMAN)


# by hand


@pytest.mark.parametrize(
    ("heading", "value", "german", "english"),
    [
        (
            "Umsatz",
            "viel",
            f"Zeile 2, Spalte „Umsatz“, „viel“: Keine Zahl. Möglich: {EXAMPLES}",
            f"Line 2, column “Umsatz”, “viel”: Not a number. Accepted: {EXAMPLES}",
        ),
        (
            "Umsatz",
            "1,2 Mio",
            "Zeile 2, Spalte „Umsatz“, „1,2 Mio“: Abgekürzt. Ist ausgeschrieben 1200000 gemeint?",
            "Line 2, column “Umsatz”, “1,2 Mio”: Abbreviated. Written out, is 1200000 meant?",
        ),
        (
            "Umsatz",
            "$1,234.56",
            "Zeile 2, Spalte „Umsatz“, „$1,234.56“: Der Betrag ist in USD, das Haus rechnet aber "
            "in EUR. Umgerechnet wird nichts.",
            "Line 2, column “Umsatz”, “$1,234.56”: The amount is in USD, but the firm calculates "
            "in EUR. Nothing is converted.",
        ),
        (
            "AUM",
            "99999999999999",
            "Zeile 2, Spalte „AUM“, „99999999999999“: Zu groß. Möglich: höchstens "
            "10.000.000.000.000.",
            "Line 2, column “AUM”, “99999999999999”: Too large. Accepted: at most "
            "10,000,000,000,000.",
        ),
        (
            "Schulnote",
            "7",
            "Zeile 2, Spalte „Schulnote“, „7“: Nicht auf der Skala „Schulnote 1–6, beste 1“. "
            "Möglich: 1 bis 6.",
            "Line 2, column “Schulnote”, “7”: Not on the scale “school grade 1–6, best 1”. "
            "Accepted: 1 to 6.",
        ),
        (
            "Kunde seit",
            "01.03.26",
            f"Zeile 2, Spalte „Kunde seit“, „01.03.26“: Das Jahr braucht vier Ziffern. Möglich: "
            f"{DATES}",
            f"Line 2, column “Kunde seit”, “01.03.26”: The year needs four digits. Accepted: "
            f"{DATES}",
        ),
        (
            "Kunde seit",
            "01.03.1026",
            "Zeile 2, Spalte „Kunde seit“, „01.03.1026“: Möglich: Jahre von 1900 bis 2100.",
            "Line 2, column “Kunde seit”, “01.03.1026”: Accepted: years from 1900 to 2100.",
        ),
        (
            "Befragt am",
            "01.03.2027",
            "Zeile 2, Spalte „Befragt am“, „01.03.2027“: Der Tag liegt noch in der Zukunft, "
            "beobachtet ist es aber schon. Möglich: 22.11.2026 oder früher.",
            "Line 2, column “Befragt am”, “01.03.2027”: The day is still to come, but this has "
            "been observed. Accepted: 22 Nov 2026 or earlier.",
        ),
    ],
)
def test_a_refused_value_in_words(heading: str, value: str, german: str, english: str) -> None:
    (found,) = column(heading, value).problems
    assert report.problem(found, GERMAN) == german
    assert report.problem(found, ENGLISH) == english


def test_two_rows_with_one_client_number_name_each_other() -> None:
    found = read("id;name\n1;Huber\n1;Maier\n").problems
    assert [report.problem(each, GERMAN) for each in found] == [
        "Zeile 2, Spalte „id“, „1“: Zeile 3 hat dieselbe Kundennummer mit anderen Werten. "
        "Nur eine kann stimmen.",
        "Zeile 3, Spalte „id“, „1“: Zeile 2 hat dieselbe Kundennummer mit anderen Werten. "
        "Nur eine kann stimmen.",
    ]


def test_a_column_in_both_number_formats_names_both_lines() -> None:
    (found,) = column("Umsatz", "1.234,56", "1,234.56").refusals
    assert report.refusal(found, ENGLISH) == (
        "Column “Umsatz” has both decimal marks: “1.234,56” in line 2 and “1,234.56” in line 3. "
        "Please correct one, or choose the format that holds: then rows in the other one are "
        "refused."
    )


def test_an_old_excel_file_is_called_one() -> None:
    (found,) = read(b"\xd0\xcf\x11\xe0 rest").refusals
    assert report.refusal(found, GERMAN) == (
        "Das ist eine alte Excel-Datei (.xls), weder eine Arbeitsmappe (.xlsx) noch eine "
        "CSV-Datei. Bitte als .xlsx oder .csv speichern."
    )


def test_a_column_named_twice_is_named_with_both_headings() -> None:
    (found,) = read("id;name;AUM;Depotvolumen\n1;Huber;5;5\n").refusals
    assert report.refusal(found, ENGLISH) == (
        "More than one column is “Managed”: AUM, Depotvolumen (columns 3, 4). Only one can be; "
        "please rename or remove the others."
    )


def test_an_unclear_quotation_mark_is_named_with_its_line_if_that_is_known() -> None:
    somewhere = Refusal(code=RefusalCode.UNREADABLE, facts={"reason": "for the log"})
    at_a_line = Refusal(code=RefusalCode.UNREADABLE, row=3)
    assert "line 3" in report.refusal(at_a_line, ENGLISH)
    assert "line" not in report.refusal(somewhere, ENGLISH)
    assert "log" not in report.refusal(somewhere, ENGLISH)


def test_a_field_that_does_not_exist_is_answered_with_those_that_do() -> None:
    (found,) = read("id;name\n1;Huber\n", columns={"depot": "AUM"}).refusals
    assert report.refusal(found, ENGLISH).startswith(
        "“depot” is nothing that can be imported. Possible: client_id, name, advisor, "
    )


def test_the_question_for_the_number_format_shows_each_reading_without_grouping() -> None:
    (found,) = column("Umsatz", "1.234").questions
    assert report.question(found, GERMAN) == [
        "Spalte „Umsatz“: Die Zahlen lassen sich verschieden lesen. Wie sind sie gemeint?",
        "Zeile 2, „1.234“ – 1.234,56 (deutsch): 1234; 1,234.56 (englisch): 1,234; "
        "1'234.56 (schweizerisch): 1,234",
    ]


def test_a_question_about_several_columns_names_them_and_what_the_others_show() -> None:
    book = read("id;name;Umsatz;AUM;Einkommen\n1;Huber;9.500;842.000;80.000,50\n")
    (found,) = book.questions
    assert report.question(found, GERMAN)[-2:] == [
        "Dasselbe fragt sich bei: „AUM“. Eine Antwort gilt für die ganze Datei.",
        "Andere Spalten der Datei sind so geschrieben: 1.234,56 (deutsch)",
    ]


def test_the_question_for_the_date_order_shows_both_days() -> None:
    (found,) = column("Kunde seit", "03/04/2020").questions
    assert report.question(found, ENGLISH)[1] == (
        "Line 2, “03/04/2020” – 31/12/2026 (day first): 3 Apr 2020; "
        "12/31/2026 (month first): 4 Mar 2020"
    )


def test_the_question_for_the_encoding_shows_the_line_in_each() -> None:
    (found,) = read("id;name\n1;Müller\n".encode("cp1252")).questions
    assert report.question(found, ENGLISH)[1:] == [
        "Line 2, cp1252: “1;Müller”",
        "Line 2, cp850: “1;M³ller”",
        "Line 2, mac_roman: “1;M¸ller”",
    ]


def test_what_could_steer_a_terminal_or_turn_the_reading_direction_is_spelled_out() -> None:
    assert report.visible("Hu\x1b[31mber") == "Hu<U+001B>[31mber"
    assert report.visible("ivc.\u202evsc") == "ivc.<U+202E>vsc"
    assert report.visible("Müller 北京 🎸") == "Müller 北京 🎸"
    assert report.visible("x" * 81) == "x" * 80 + "…"


def test_how_a_file_was_read_is_said() -> None:
    book = read("Kundennr;Kunde;Umsatz;Notiz\n1;Huber;1.234,50;x\n")
    assert report.how_read(book, GERMAN) == [
        "Gelesen als utf-8, getrennt durch „;“.",
        "Kundennummer ← „Kundennr“",
        "Name ← „Kunde“",
        "Ertrag im Jahr ← „Umsatz“, 1.234,56 (deutsch)",
        "Nicht gelesen: „Notiz“",
    ]


def plan(book: BookFile, **changed: Any) -> ImportPlan:
    """Give a plan that changes nothing."""
    nothing: dict[str, Any] = {
        "file": book,
        "advisors_allowed": None,
        "default_advisor": None,
        "today": TODAY,
        "earlier": None,
        "new": Listed(),
        "changed": Listed(),
        "unchanged": 0,
        "not_in_file": Listed(),
        "problems": (),
        "problem_rows": 0,
        "notes": (),
        "remove_missing": False,
        "known": 0,
        "digest": b"",
    }
    return ImportPlan(**nothing | changed)


def summary(of: ImportPlan, words: Words) -> list[str]:
    return report.summary(of, words, advisors={7: "Anna Berger", 8: "Jonas Keller"}, zone=BERLIN)


def test_the_same_file_again_is_called_that_with_day_person_and_no_change() -> None:
    before = EarlierImport(
        by="Anna Berger", at=datetime(2026, 11, 23, 9, 14, tzinfo=UTC), file_name="kunden.csv"
    )
    again = plan(read("id;name\n1;Huber\n"), earlier=before, unchanged=1)
    assert summary(again, GERMAN) == [
        "Diese Datei wurde schon am 23.11.2026 um 10:14 von Anna Berger importiert: 0 Änderungen.",
        "0 neue Kunden",
        "0 geänderte Kunden",
        "1 unveränderter Kunde",
        "0 Kunden, die nicht in der Datei stehen, bleiben wie bisher",
        "0 abgelehnte Zeilen",
    ]


def test_what_would_change_is_said_of_each_client_before_and_after() -> None:
    values = {
        "revenue": (900_000, 1_250_050),
        "advisor": (7, 8),
        "managed": (None, (TODAY, 4_500_000)),
        "satisfaction": ((450,), ("csat", TODAY, 400)),
        "wallet": ((None, 2000), ("stated", TODAY, 10_000_000, 2000)),
        "saving_rate": (None, 2250),
        "client_since": (None, date(2011, 4, 1)),
        "criterion": (None, "high_saver"),
        "sponsor": (None, ("1001", "child")),
        "name": ("Huber", "Huber-Maier"),
    }
    change = Change(row=3, external_id="1002", name="Huber-Maier", values=values)
    listed = Listed(count=6, first=(change,))
    lines = summary(plan(read("id;name\n1;Huber\n"), changed=listed), GERMAN)
    assert lines[1] == "6 geänderte Kunden"
    assert lines[2] == (
        f"  Zeile 3: 1002 Huber-Maier: Ertrag im Jahr 9.000{NBSP}€ → 12.500,50{NBSP}€; "
        f"Berater/in Anna Berger → Jonas Keller; Verwaltet nicht bekannt → 45.000{NBSP}€; "
        f"Zufriedenheit 4,5 → 4; Gesamtvermögen 20{NBSP}% → 100.000{NBSP}€, 20{NBSP}%; "
        f"Sparquote nicht bekannt → 22,5{NBSP}%; Kunde seit nicht bekannt → 01.04.2011; "
        "Strategisches Kriterium nicht bekannt → gut bezahlt, mit hoher Sparquote; "
        "Bezugskunde nicht bekannt → 1001 (Kind); Name „Huber“ → „Huber-Maier“"
    )
    assert lines[3] == "  … und 5 weitere"


def test_a_file_with_headings_only_has_no_clients() -> None:
    assert summary(plan(read("id;name\n")), ENGLISH)[0] == "There is no client in the file."
