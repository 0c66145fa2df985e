"""From text to headings and columns of text, each row with its line in the file."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from storage.files.findings import (
    SHOWN_CHARS,
    Example,
    OpenQuestionError,
    Problem,
    ProblemCode,
    Question,
    QuestionKind,
    Refusal,
    RefusalCode,
    RefusedFileError,
)
from storage.files.headings import read_heading
from storage.files.options import SEPARATORS, ReadOptions

HEAD_BYTES = 100_000
BLOCK = 1 << 20
SEPARATOR_LINE = re.compile(r"sep=(.)\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What the cells of a spreadsheet's column are, where they are more than text."""

    values: NDArray[np.float64]
    """The numbers, in per cent where the cell says so; NaN elsewhere."""
    is_percent: NDArray[np.bool_]
    is_unvalued: NDArray[np.bool_]
    """Formulas whose value was never stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file cut into cells. ``lines[i]`` is the line in the file where row ``i`` begins."""

    headings: tuple[str, ...]
    columns: tuple[Any, ...]
    """One pyarrow string array per heading."""
    lines: NDArray[np.int64]
    ragged: tuple[Problem, ...] = ()
    """The first rows with more or fewer cells than the heading; they are not in the columns."""
    ragged_count: int = 0
    typed: Mapping[int, Typed] = field(default_factory=dict)
    """By the column's place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The row of headings, and where the rows below it begin."""

    separator: str
    headings: tuple[str, ...]
    offset: int
    first_line: int


def read_header(text: bytes, *, options: ReadOptions) -> Header:
    """Find separator and headings; a line ``sep=;`` or the person's choice comes first."""
    head = text[:HEAD_BYTES].decode("utf-8", "ignore")
    blank = re.match(r"(?:[^\S\n]*\n)*", head)
    start = blank.end() if blank else 0
    marked = SEPARATOR_LINE.match(head, start)
    if marked:
        start = marked.end()
    chosen = options.separator or (marked.group(1) if marked else None)
    separator = chosen or _best_separator(head[start:])
    if separator is None:
        raise OpenQuestionError(_separator_question(head[start:]))
    cells, lines = _first_record(head[start:], separator)
    above = head.count("\n", 0, start)
    if not options.header:
        headings = tuple(str(number) for number in range(1, len(cells) + 1))
        return Header(
            separator=separator,
            headings=headings,
            offset=len(head[:start].encode()),
            first_line=above + 1,
        )
    below = _after_lines(head, start, lines)
    return Header(
        separator=separator,
        headings=tuple(cell.strip("\ufeff \t\n\u00a0\u202f") for cell in cells),
        offset=len(head[:below].encode()),
        first_line=above + lines + 1,
    )


def _best_separator(head: str) -> str | None:
    """Choose the separator under which most headings are known, then the one that cuts most."""
    records = {separator: _first_record(head, separator)[0] for separator in SEPARATORS}
    cutting = {separator: cells for separator, cells in records.items() if len(cells) > 1}
    return max(
        cutting,
        key=lambda separator: (_known(cutting[separator]), len(cutting[separator])),
        default=None,
    )


def _known(cells: list[str]) -> int:
    return sum(read_heading(cell) is not None for cell in cells)


def _first_record(head: str, separator: str) -> tuple[list[str], int]:
    reader = csv.reader(io.StringIO(head, newline="\n"), delimiter=separator)
    try:
        return next(reader, []), reader.line_num
    except csv.Error as error:
        facts = {"reason": str(error)}
        raise RefusedFileError(Refusal(code=RefusalCode.UNREADABLE, row=1, facts=facts)) from error


def _after_lines(head: str, start: int, lines: int) -> int:
    for _ in range(lines):
        end = head.find("\n", start)
        start = len(head) if end < 0 else end + 1
    return start


def _separator_question(head: str) -> Question:
    lines = head.splitlines()[:3]
    examples = tuple(
        Example(row=row, value=line[:SHOWN_CHARS]) for row, line in enumerate(lines, start=1)
    )
    return Question(kind=QuestionKind.SEPARATOR, examples=examples, choices=SEPARATORS)


@dataclass(frozen=True, slots=True)
class _Ragged:
    """A row that has not as many cells as the heading."""

    number: int
    """Among all rows, from 0."""
    cells: int
    height: int
    text: str


def read_table(text: bytes, header: Header, *, max_problems: int) -> Table:
    """Cut the rows below the header into columns of text; nothing is read as a number here.

    pyarrow keeps a blank line as a row of empty cells, so that lines can be counted.
    """
    body = pa.py_buffer(text).slice(header.offset)
    if body.size == 0:
        empty = tuple(pa.array([], pa.string()) for _ in header.headings)
        return Table(headings=header.headings, columns=empty, lines=np.zeros(0, np.int64))
    chunked, skipped = _parse(body, header)
    columns = tuple(_joined(chunked.pop(0)) for _ in header.headings)  # one copy at a time
    kept = np.ones(len(columns[0]) + len(skipped), bool)
    kept[[row.number for row in skipped]] = False
    heights = np.ones(len(kept), np.int64)
    if text.count(b"\n", header.offset) > len(kept) or skipped:
        heights[kept] = _heights(columns)
    heights[~kept] = [row.height for row in skipped]
    starts = header.first_line + np.cumsum(heights) - heights
    open_end = text.count(b'"', header.offset) % 2 == 1 and heights[-1] > 1
    if open_end and kept[-1]:
        # a quotation mark opened in the last column swallows the rest without any error
        raise RefusedFileError(Refusal(code=RefusalCode.UNREADABLE, row=int(starts[-1])))
    ragged = [row for row in skipped if row.text]
    return Table(
        headings=header.headings,
        columns=columns,
        lines=starts[kept],
        ragged=tuple(
            _problem(row, header, starts, open_end=open_end and row is skipped[-1])
            for row in ragged[:max_problems]
        ),
        ragged_count=len(ragged),
    )


def _problem(row: _Ragged, header: Header, starts: NDArray[np.int64], *, open_end: bool) -> Problem:
    expected = len(header.headings)
    few = row.cells < expected
    code = ProblemCode.CELLS_MISSING if few else ProblemCode.CELLS_TOO_MANY
    return Problem(
        code=ProblemCode.QUOTE_NOT_CLOSED if open_end else code,
        row=int(starts[row.number]),
        value=row.text,
        facts={"expected": expected, "found": row.cells},
    )


def _parse(body: Any, header: Header) -> tuple[list[Any], list[_Ragged]]:
    """Parse with blocks; a row larger than a block makes the whole file one block."""
    skipped: list[_Ragged] = []
    try:
        return _parse_blocks(body, header, BLOCK, None).columns, skipped
    except pa.ArrowInvalid:
        pass  # ragged rows, which a second reading numbers, or a very long one
    for block in (BLOCK, body.size + 1):
        skipped.clear()
        try:
            return _parse_blocks(body, header, block, skipped).columns, skipped
        except pa.ArrowInvalid as error:
            reason = str(error)
    raise RefusedFileError(Refusal(code=RefusalCode.UNREADABLE, facts={"reason": reason}))


def _parse_blocks(body: Any, header: Header, block: int, skipped: list[_Ragged] | None) -> Any:
    """Parse; collect ragged rows in `skipped`, or raise at the first one."""

    def skip(row: Any) -> str:
        shown, height = row.text.strip()[:SHOWN_CHARS], row.text.count("\n") + 1
        if skipped is not None:
            skipped.append(_Ragged(row.number - 1, row.actual_columns, height, shown))
        return "error" if skipped is None else "skip"

    names = [str(number) for number in range(len(header.headings))]
    return pa_csv.read_csv(
        pa.BufferReader(body),
        # only the single thread numbers the rows it skips
        read_options=pa_csv.ReadOptions(
            column_names=names, use_threads=skipped is None, block_size=block
        ),
        parse_options=pa_csv.ParseOptions(
            delimiter=header.separator,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=skip,
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types={name: pa.string() for name in names},
            strings_can_be_null=False,
            check_utf8=False,
        ),
    )


def _joined(column: Any) -> Any:
    joined = column.combine_chunks()
    return joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined


def _heights(columns: tuple[Any, ...]) -> NDArray[np.int64]:
    """Count the lines each row takes: quoted cells may hold line ends."""
    heights = np.ones(len(columns[0]), np.int64)
    for column in columns:
        if pc.any(pc.match_substring(column, "\n")).as_py():
            heights += pc.count_substring(column, "\n").to_numpy(zero_copy_only=False)
    return heights
