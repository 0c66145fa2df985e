"""Separators, quotes and lines: how a file is cut into cells."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.files.findings import ProblemCode, QuestionKind, RefusalCode
from storage.files.options import Limits
from tests.storage.files.reading import codes, read, values


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_seen_in_the_headings(separator: str) -> None:
    book = read(separator.join(("id", "name", "advisor")) + "\n" + separator.join("123") + "\n")
    assert book.separator == separator
    assert values(book, "advisor") == ["3"]


def test_a_comma_inside_a_heading_does_not_mislead() -> None:
    book = read("Kundennummer;Kunde;Notiz, kurz, intern, neu\n1;Meier;x\n")
    assert book.separator == ";"


def test_the_line_that_excel_writes_for_its_separator_is_obeyed() -> None:
    book = read("sep=|\nid|name\n1|A;B\n|\n|x\n")
    assert values(book, "name") == ["A;B"]
    assert [problem.row for problem in book.problems] == [5]


def test_one_column_only_is_asked() -> None:
    book = read("Kundennummer#Kunde\n1#Meier\n")
    (question,) = book.questions
    assert question.kind == QuestionKind.SEPARATOR
    assert [example.value for example in question.examples] == ["Kundennummer#Kunde", "1#Meier"]
    answered = read("Kundennummer#Kunde\n1#Meier\n", separator="#")
    assert values(answered, "name") == ["Meier"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_all_systems(end: str) -> None:
    book = read(end.join(("id;name", "1;A", "2;", "3;C")))
    assert values(book, "client_id") == ["1", "3"]
    assert [problem.row for problem in book.problems] == [3]


def test_mixed_line_ends_and_a_line_end_inside_quotes_keep_the_line_numbers() -> None:
    book = read('id;name;Notiz\r\n1;A;"eins\nzwei\r\ndrei"\n\n2;;x\r3;C;y\r\n4;;z')
    assert values(book, "client_id") == ["1", "3"]
    assert book.frame["row"].tolist() == [2, 7]
    assert [problem.row for problem in book.problems] == [6, 8]


def test_a_heading_over_two_lines() -> None:
    book = read('id;name;"AUM\n(EUR)"\n1;A;5\n2;;6\n')
    assert book.mapping["managed"] == "AUM\n(EUR)"
    assert [problem.row for problem in book.problems] == [4]


def test_blank_lines_and_rows_of_empty_cells_are_no_clients() -> None:
    book = read("\n\nid;name\n1;A\n\n;\n   \n2;B\n;;\n")
    assert values(book, "name") == ["A", "B"]
    assert book.frame["row"].tolist() == [4, 8]
    assert codes(book) == [ProblemCode.CELLS_TOO_MANY]
    assert book.row_count == 3


def test_rows_with_too_few_or_too_many_cells_shift_nothing() -> None:
    book = read("id;name;AUM\n1;A;100\n2;B\n3;C;D;300\n4;E;400\n")
    assert values(book, "managed") == [10000, 40000]
    few, many = book.problems
    assert (few.code, few.row, few.value) == (ProblemCode.CELLS_MISSING, 3, "2;B")
    assert few.facts == {"expected": 3, "found": 2}
    assert (many.code, many.row, many.value) == (ProblemCode.CELLS_TOO_MANY, 4, "3;C;D;300")
    assert (book.row_count, book.refused_rows) == (4, 2)


def test_quotes_inside_quotes_and_inches_inside_a_name() -> None:
    book = read('id;name\n1;"Huber ""Bau"" AG"\n2;19" Rack GmbH\n3;C\n')
    assert values(book, "name") == ['Huber "Bau" AG', '19" Rack GmbH', "C"]


def test_a_quote_that_is_never_closed_is_found_where_it_opens() -> None:
    book = read('id;name;AUM\n1;A;5\n2;"B;6\n3;C;7\n')
    (problem,) = book.problems
    assert (problem.code, problem.row) == (ProblemCode.QUOTE_NOT_CLOSED, 3)


def test_a_quote_that_is_never_closed_in_the_last_column() -> None:
    (refusal,) = read('id;name;AUM\n1;A;5\n2;B;"6\n3;C;7\n').refusals
    assert (refusal.code, refusal.row) == (RefusalCode.UNREADABLE, 3)


def test_a_cell_of_200_kilobytes_costs_its_row_only() -> None:
    book = read("id;name;Notiz\n1;A;" + "x" * 200_000 + "\n2;B;y\n")
    assert values(book, "name") == ["B"]
    (problem,) = book.problems
    assert (problem.code, problem.row, problem.column) == (ProblemCode.CELL_TOO_LONG, 2, "Notiz")
    assert problem.facts["found"] == 200_000


def test_a_cell_larger_than_a_block_is_read_in_one_piece() -> None:
    book = read("id;name;Notiz\n1;A;" + "x" * 9_000_000 + "\n2;B;y\n")
    assert codes(book) == [ProblemCode.CELL_TOO_LONG]
    assert values(book, "name") == ["B"]


def test_a_nul_byte_costs_its_row_only() -> None:
    book = read("id;name\n1;A\x00B\n2;B\n")
    (problem,) = book.problems
    assert (problem.code, problem.row) == (ProblemCode.CONTROL_CHARACTER, 2)
    assert problem.facts == {"character": "U+0000"}
    assert values(book, "name") == ["B"]


def test_a_header_only_is_a_file_of_no_clients() -> None:
    for content in ("id;name", "id;name\n", "id;name\n\n\n"):
        book = read(content)
        assert book.is_readable
        assert (book.row_count, len(book.frame)) == (0, 0)


def test_more_rows_or_columns_than_allowed_are_refused_with_the_limit() -> None:
    limits = Limits(file_bytes=10_000, rows=2, columns=3)
    assert read("id;name\n1;A\n2;B\n", limits=limits).is_readable
    (rows,) = read("id;name\n1;A\n2;B\n3;C\n", limits=limits).refusals
    assert rows.code == RefusalCode.TOO_MANY_ROWS
    assert rows.facts == {"found": 3, "limit": 2}
    (columns,) = read("id;name;x;y\n1;A;;\n", limits=limits).refusals
    assert columns.code == RefusalCode.TOO_MANY_COLUMNS
    assert columns.facts == {"found": 4, "limit": 3}


cells = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\x00", exclude_categories=("Cs", "Cc")),
    min_size=1,
    max_size=8,
).map(lambda text: f"x{text}x")


@given(
    names=st.lists(cells | st.just("a\nb") | st.just('"') | st.just(";"), max_size=12),
    separator=st.sampled_from(";,\t|"),
    quoted=st.booleans(),
)
def test_what_a_spreadsheet_writes_is_cut_as_it_was(
    names: list[str], separator: str, quoted: bool
) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, "unix" if quoted else "excel", delimiter=separator)
    writer.writerow(("id", "advisor", "name"))
    lines = []
    for number, name in enumerate(names):
        lines.append(buffer.getvalue().count("\n") + 1)
        writer.writerow((number, name, f"Kunde {number}"))
    book = read(buffer.getvalue(), separator=separator)
    good = {line: number for number, line in enumerate(lines) if "\n" not in names[number]}
    assert book.frame["row"].tolist() == list(good)
    assert [problem.row for problem in book.problems] == [
        line for line in lines if line not in good
    ]
    if names:
        assert values(book, "name") == [f"Kunde {number}" for number in good.values()]
        assert values(book, "advisor") == [
            unicodedata.normalize("NFC", names[number]) for number in good.values()
        ]
