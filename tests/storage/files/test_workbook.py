"""A workbook is read like a CSV file, but its numbers and days need no guessing."""

import io
import time
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import Font

from storage.files.findings import NoteCode, ProblemCode, QuestionKind, RefusalCode
from storage.files.options import SLACK_LIMITS, Limits
from tests.storage.files.reading import codes, read, values
from tests.storage.files.workbooks import PARTS, client, packed, saved, workbook

HUBER = ("0123", "Familie Huber", "anna", 6000)
KELLER = ("1002", "Jonas Keller GmbH", "jonas", 2500.5)


def refused(data: bytes, **choices: Any) -> RefusalCode:
    book = read(data, **choices)
    assert [len(book.refusals), len(book.questions), len(book.frame)] == [1, 0, 0]
    return book.refusals[0].code


def notes(book: Any) -> dict[NoteCode, Any]:
    return {note.code: note for note in book.notes}


def test_a_workbook_is_read_like_a_list() -> None:
    book = read(saved(workbook(HUBER, KELLER)))
    assert (book.sheet, book.encoding, book.separator) == ("Kunden", None, None)
    assert values(book, "client_id") == ["0123", "1002"]
    assert values(book, "revenue") == [600_000, 250_050]
    assert book.frame["row"].tolist() == [2, 3]


def test_a_number_in_a_cell_is_no_question_though_it_would_be_one_as_text() -> None:
    book = read(saved(workbook(("1", "Huber", "anna", 1.234), ("2", "Keller", "anna", 1234))))
    assert values(book, "revenue") == [123, 123_400]
    assert [(note.rows, note.count) for note in book.notes] == [((2,), 1)]
    assert book.notes[0].code is NoteCode.ROUNDED


def test_a_number_typed_as_text_is_still_asked_about() -> None:
    book = read(saved(workbook(("1", "Huber", "anna", "1.234"), ("2", "Keller", "anna", 1234))))
    assert [question.kind for question in book.questions] == [QuestionKind.NUMBER_FORMAT]


def test_what_a_spreadsheet_calculated_is_rounded_to_the_cent_it_shows() -> None:
    book = read(saved(workbook(("1", "Huber", "anna", 1234.5600000001))))
    assert values(book, "revenue") == [123_456]
    assert book.notes == ()


def test_ids_keep_their_zeros_as_text_and_as_shown() -> None:
    book = workbook(("00123", "Huber", "anna", 1), (45, "Keller", "anna", 1), (7.0, "Aydin", "", 1))
    book.active["A3"].number_format = "00000"
    assert values(read(saved(book)), "client_id") == ["00123", "00045", "7"]


def test_an_id_with_more_digits_than_a_spreadsheet_keeps_is_refused() -> None:
    book = read(saved(workbook((1234567890123456789, "Huber", "anna", 1))))
    assert codes(book) == [ProblemCode.SCIENTIFIC_ID]


def test_date_cells_are_days_in_either_day_count() -> None:
    headings = ("Kundennummer", "Name", "Kunde seit")
    rows = (
        ("1", "Huber", date(2026, 3, 1)),
        ("2", "Keller", datetime.fromisoformat("2026-03-01T08:30")),
    )
    expected = [date(2026, 3, 1)] * 2
    for starts_1904 in (False, True):
        book = workbook(*rows, headings=headings)
        if starts_1904:
            book.epoch = datetime.fromisoformat("1904-01-01")
        found = read(saved(book))
        assert found.frame["client_since"].dt.date.tolist() == expected
        assert notes(found)[NoteCode.TIMES_DROPPED].rows == (3,)


def test_a_serial_number_that_is_no_date_cell_is_refused() -> None:
    headings = ("Kundennummer", "Name", "Kunde seit")
    rows = (("1", "Huber", 46082), ("2", "Keller", "46082"))
    assert codes(read(saved(workbook(*rows, headings=headings)))) == [
        ProblemCode.DATE_AS_DIGITS,
        ProblemCode.DATE_AS_DIGITS,
    ]


def test_a_formatted_serial_is_a_day_and_the_29th_of_february_1900_is_none() -> None:
    book = workbook(
        ("1", "Huber", 46082), ("2", "Keller", 60), headings=("Kundennummer", "Name", "Kunde seit")
    )
    for cell in ("C2", "C3"):
        book.active[cell].number_format = "dd/mm/yyyy"
    found = read(saved(book))
    assert found.frame["client_since"].dt.date.tolist() == [date(2026, 3, 1)]
    assert codes(found) == [ProblemCode.NOT_A_DATE]


@pytest.mark.parametrize(
    ("shown_as", "days"),
    [
        ("yyyy-mm-dd", True),
        ("[$-407]d. mmmm yyyy;@", True),
        ('"Tag" d', True),
        ("[h]:mm", True),
        ("General", False),
        ('#,##0.00\\ "€"', False),
        ('0 "Stunden"', False),
        ("[Red]-0.00", False),
    ],
)
def test_a_format_says_whether_a_number_is_a_day(shown_as: str, days: bool) -> None:
    book = workbook(("1", "Huber", 46082), headings=("Kundennummer", "Name", "Kunde seit"))
    book.active["C2"].number_format = shown_as
    assert bool(codes(read(saved(book)))) is not days


def test_a_percent_cell_is_per_cent_and_a_plain_fraction_is_asked_about() -> None:
    headings = ("Kundennummer", "Name", "Sparquote")
    book = workbook(("1", "Huber", 0.125), headings=headings)
    assert [q.kind for q in read(saved(book)).questions] == [QuestionKind.PERCENT_AS]
    book.active["C2"].number_format = "0.0%"
    assert values(read(saved(book)), "saving_rate") == [1250]


def test_a_percent_cell_is_no_amount() -> None:
    book = workbook(("1", "Huber", "anna", 0.5))
    book.active["D2"].number_format = "0%"
    assert codes(read(saved(book))) == [ProblemCode.NOT_A_NUMBER]


@pytest.mark.parametrize("shown_as", ["[$$-409]#,##0.00", '"$"#,##0', "#,##0 [$CHF-807]"])
def test_an_amount_shown_in_another_currency_is_refused(shown_as: str) -> None:
    book = workbook(("1", "Huber", "anna", 1234.5))
    book.active["D2"].number_format = shown_as
    assert codes(read(saved(book))) == [ProblemCode.OTHER_CURRENCY]


def test_an_amount_shown_in_the_firms_currency_is_read() -> None:
    book = workbook(("1", "Huber", "anna", 1234.5))
    book.active["D2"].number_format = '_-* #,##0.00\\ "€"_-'
    assert values(read(saved(book)), "revenue") == [123_450]


def test_a_formula_without_a_stored_value_costs_its_row() -> None:
    book = read(saved(workbook(HUBER, ("2", "Keller", "anna", "=D2*12"))))
    assert codes(book) == [ProblemCode.FORMULA_WITHOUT_VALUE]
    assert values(book, "client_id") == ["0123"]


def test_a_formula_with_a_stored_value_is_its_value() -> None:
    cell = '<c r="D2"><f>1000*5</f><v>5000</v></c>'
    assert values(read(packed(client(cell))), "revenue") == [500_000]
    text = '<c r="D2" t="str"><f>""</f><v></v></c>'
    assert values(read(packed(client(text))), "revenue") == [None]


def test_a_name_that_is_a_formula_without_value_is_refused() -> None:
    book = read(saved(workbook(("1", "=A2", "anna", 1))))
    assert codes(book) == [ProblemCode.FORMULA_WITHOUT_VALUE]


@pytest.mark.parametrize("error", ["#DIV/0!", "#N/A", "#REF!"])
def test_an_error_of_the_spreadsheet_costs_its_row(error: str) -> None:
    cell = f'<c r="D2" t="e"><f>1/0</f><v>{error}</v></c>'
    assert codes(read(packed(client(cell)))) == [ProblemCode.EXCEL_ERROR]


def test_merged_data_cells_cost_their_rows_and_a_merged_title_costs_nothing() -> None:
    book = workbook(HUBER, KELLER, ("3", "Aydin", "anna", 1))
    book.active.merge_cells("C3:C4")
    book.active.merge_cells("H2:I3")
    found = read(saved(book))
    assert [(p.row, p.code, p.facts["range"]) for p in found.problems] == [
        (3, ProblemCode.MERGED_CELLS, "C3:C4"),
        (4, ProblemCode.MERGED_CELLS, "C3:C4"),
    ]
    assert (found.row_count, found.refused_rows, values(found, "client_id")) == (3, 2, ["0123"])


def test_hidden_rows_are_counted_and_asked_about() -> None:
    book = workbook(HUBER, KELLER)
    book.active.row_dimensions[3].hidden = True
    asked = read(saved(book))
    (question,) = asked.questions
    assert question.kind is QuestionKind.HIDDEN_ROWS
    assert question.choices == ("leave_out", "read")
    assert [example.row for example in question.examples] == [3]
    for choice, expected in (("leave_out", ["0123"]), ("read", ["0123", "1002"])):
        found = read(saved(book), hidden_rows=choice)
        assert values(found, "client_id") == expected
        note = notes(found)[NoteCode.HIDDEN_ROWS]
        assert (note.count, note.rows, note.facts) == (1, (3,), {"choice": choice})


def test_hidden_columns_and_sheets_are_said() -> None:
    book = workbook(HUBER)
    book.active.column_dimensions["D"].hidden = True
    secret = book.create_sheet("Alt")
    secret.append(["Kundennummer", "Name"])
    secret.append(["9", "Alt"])
    secret.sheet_state = "hidden"
    found = read(saved(book))
    assert values(found, "revenue") == [600_000]
    assert notes(found)[NoteCode.HIDDEN_COLUMNS].facts == {"names": ("D",)}
    assert notes(found)[NoteCode.HIDDEN_SHEETS].facts == {"names": ("Alt",)}


def test_several_sheets_with_data_are_asked_about_and_empty_ones_are_not() -> None:
    book = workbook(HUBER)
    book.create_sheet("Leer")
    assert values(read(saved(book)), "client_id") == ["0123"]
    second = book.create_sheet("Früher")
    second.append(["Kundennummer", "Name"])
    second.append(["9", "Alt"])
    (question,) = read(saved(book)).questions
    assert (question.kind, question.choices) == (QuestionKind.SHEET, ("Kunden", "Früher"))
    assert question.examples[1].value == "Kundennummer | Name"
    assert values(read(saved(book), sheet="Früher"), "client_id") == ["9"]
    assert refused(saved(book), sheet="Später") is RefusalCode.NO_SUCH_SHEET


def test_macros_links_and_objects_are_left_alone_and_said() -> None:
    extra: dict[str, str | bytes] = {
        "xl/vbaProject.bin": b"\xd0\xcf",
        "xl/externalLinks/externalLink1.xml": "<x/>",
        "xl/embeddings/oleObject1.bin": b"x",
    }
    found = read(packed(client(), extra))
    assert values(found, "revenue") == [500_000]
    assert {NoteCode.MACROS_IGNORED, NoteCode.LINKS_NOT_FOLLOWED, NoteCode.OBJECTS_IGNORED} <= {
        *notes(found)
    }


def test_rich_text_and_escapes_are_the_text_that_is_seen() -> None:
    strings = """<sst><si><r><t>Familie </t></r><r><rPr><b/></rPr><t>Hu_x0062_er</t></r>
        <rPh sb="0" eb="1"><t>laut</t></rPh></si></sst>"""
    relations = PARTS["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>",
        '<Relationship Id="r2" Type="x/sharedStrings" Target="/xl/strings.xml"/></Relationships>',
    )
    cells = client().replace(
        '<c r="B2" t="inlineStr"><is><t>Familie Huber</t></is></c>', '<c r="B2" t="s"><v>0</v></c>'
    )
    extra = {"xl/strings.xml": strings, "xl/_rels/workbook.xml.rels": relations}
    assert values(read(packed(cells, extra)), "name") == ["Familie Huber"]


def test_a_text_cannot_pretend_to_be_a_number() -> None:
    cell = '<c r="D2" t="inlineStr"><is><t>_x0001_n5000</t></is></c>'
    assert codes(read(packed(client(cell)))) == [ProblemCode.NOT_A_NUMBER]


def test_cells_beside_the_headings_are_said_and_not_read() -> None:
    found = read(saved(workbook((*HUBER, "nur so"))))
    assert notes(found)[NoteCode.CELLS_WITHOUT_HEADING].count == 1
    assert values(found, "revenue") == [600_000]


def test_a_sheet_without_heading_can_be_mapped_by_hand() -> None:
    data = saved(workbook(KELLER, headings=HUBER))
    assert [q.kind for q in read(data).questions] == [QuestionKind.COLUMNS]
    found = read(data, header=False, columns={"client_id": "1", "name": "2", "revenue": "4"})
    assert values(found, "revenue") == [600_000, 250_050]


def test_comments_and_styles_do_not_disturb() -> None:
    book = workbook(HUBER)
    book.active["B2"].font = Font(bold=True)
    book.active["B2"].comment = Comment("nur eine Notiz", "anna")
    book.active.auto_filter.ref = "A1:D2"
    assert values(read(saved(book)), "name") == ["Familie Huber"]


@settings(max_examples=15)
@given(
    amounts=st.lists(
        st.decimals(min_value=-(10**9), max_value=10**12, places=2, allow_nan=False), min_size=1
    )
)
def test_whatever_amount_a_spreadsheet_saves_is_read_to_the_cent(amounts: list[Any]) -> None:
    rows = [(str(n), "Huber", "anna", float(amount)) for n, amount in enumerate(amounts)]
    found = read(saved(workbook(*rows)))
    assert values(found, "revenue") == [int(amount * 100) for amount in amounts]


# files that are something else, broken, or made to do harm


@pytest.mark.parametrize(
    ("start", "container"),
    [
        (b"%PDF-1.7 ...", "pdf"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "html"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "ole2"),
    ],
)
def test_a_file_that_only_bears_the_name_is_named(start: bytes, container: str) -> None:
    (refusal,) = read(start).refusals
    assert (refusal.code, refusal.facts) == (
        RefusalCode.WRONG_CONTAINER,
        {"container": container},
    )


@pytest.mark.parametrize(
    ("part", "container"),
    [("word/document.xml", "docx"), ("content.xml", "ods"), ("notes.txt", "zip")],
)
def test_another_archive_is_named(part: str, container: str) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("mimetype", "x")
        archive.writestr(part, "<x/>")
    (refusal,) = read(data.getvalue()).refusals
    assert refusal.facts == {"container": container}


def test_a_workbook_that_was_cut_off_is_damaged() -> None:
    data = saved(workbook(HUBER))
    for length in (len(data) // 3, len(data) - 10):
        assert refused(data[:length]) is RefusalCode.DAMAGED


def test_a_workbook_with_a_flipped_byte_is_damaged() -> None:
    data = bytearray(packed(client()))
    place = data.index(b"sheet1.xml") + 40
    data[place] ^= 0xFF
    assert refused(bytes(data)) is RefusalCode.DAMAGED


def test_a_workbook_with_a_password_says_so() -> None:
    data = b"\xd0\xcf\x11\xe0" + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(500)
    assert refused(data) is RefusalCode.PROTECTED


LAUGHS = "".join(
    f'<!ENTITY l{n} "{"".join(f"&l{n - 1};" for _ in range(10))}">' for n in range(1, 10)
)
ENTITIES = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>',
    "a file": '<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
    "an address": '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
}


@pytest.mark.parametrize("kind", ENTITIES)
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_entities_are_refused_at_once_and_nothing_is_read_from_elsewhere(
    kind: str, part: str
) -> None:
    evil = f'{ENTITIES[kind]}<worksheet><sheetData><row r="1"><c t="str"><v>&l9;</v></c></row>'
    began = time.monotonic()
    book = read(packed(client(), {part: evil}))
    assert time.monotonic() - began < 60
    assert [refusal.code for refusal in book.refusals] == [RefusalCode.UNSAFE_XML]
    assert "root" not in repr(book)


def test_a_bomb_is_refused_by_its_directory() -> None:
    bomb = packed(client(), {"xl/media/image1.bin": bytes(210_000_000)})
    assert len(bomb) < 1_000_000
    assert refused(bomb) is RefusalCode.TOO_LARGE_INSIDE


def test_a_part_that_is_packed_too_tightly_is_refused() -> None:
    assert refused(packed(client(), {"x.bin": bytes(5_000_000)})) is RefusalCode.TOO_LARGE_INSIDE


def test_thousands_of_parts_are_refused() -> None:
    parts = {f"x{number}": "" for number in range(1_001)}
    assert refused(packed(client(), parts)) is RefusalCode.TOO_MANY_PARTS


def test_a_directory_that_lies_about_sizes_does_not_help() -> None:
    data = packed(client(), {"xl/worksheets/sheet1.xml": b" " * 3_000_000})
    size = (3_000_000).to_bytes(4, "little")
    assert data.count(size) >= 1
    lying = data.replace(size, (1_000).to_bytes(4, "little"))
    assert refused(lying) is RefusalCode.DAMAGED


def test_one_cell_in_the_last_corner_is_no_reason_to_grow() -> None:
    began = time.monotonic()
    corner = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    (refusal,) = read(packed(client(), rows=corner)).refusals
    assert time.monotonic() - began < 60
    assert refusal.code is RefusalCode.SHEET_RANGE_TOO_LARGE
    assert refusal.facts["range"] == "A1:XFD1048576"


def test_a_short_text_that_stands_in_every_cell_does_not_fill_the_memory() -> None:
    long = "x" * 30_000
    cells = "".join(f'<c r="D{row}" t="s"><v>0</v></c>' for row in (2,))
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(3, 9_000)
    )
    relations = PARTS["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>",
        '<Relationship Id="r2" Type="x/sharedStrings" Target="strings.xml"/></Relationships>',
    )
    parts = {
        "xl/strings.xml": f"<sst><si><t>{long}</t></si></sst>",
        "xl/_rels/workbook.xml.rels": relations,
    }
    data = packed(client(cells), parts, rows=rows)
    assert refused(data) is RefusalCode.TOO_LARGE_INSIDE


def test_limits_are_said() -> None:
    wide = saved(workbook(headings=[f"x{number}" for number in range(201)]))
    (refusal,) = read(wide).refusals
    assert (refusal.code, refusal.facts) == (
        RefusalCode.TOO_MANY_COLUMNS,
        {"found": 201, "limit": 200},
    )
    few = Limits(file_bytes=10**6, rows=1)
    assert refused(saved(workbook(HUBER, KELLER)), limits=few) is RefusalCode.TOO_MANY_ROWS
    assert refused(b"PK\x03\x04" + bytes(10_100_000), limits=SLACK_LIMITS) is (
        RefusalCode.FILE_TOO_LARGE
    )


def test_an_empty_workbook_is_empty_and_one_with_headings_has_no_clients() -> None:
    assert refused(saved(workbook(headings=()))) is RefusalCode.FILE_EMPTY
    book = read(saved(workbook()))
    assert (book.row_count, len(book.frame), book.refusals) == (0, 0, ())
