"""From the bytes of a workbook to columns of text with typed numbers; parsed in a limited child."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from storage.files.cells import mask
from storage.files.findings import (
    Example,
    Note,
    NoteCode,
    OpenQuestionError,
    Problem,
    ProblemCode,
    Question,
    QuestionKind,
    Refusal,
    RefusalCode,
    RefusedFileError,
)
from storage.files.options import Limits, ReadOptions
from storage.files.sheets import ranges
from storage.files.tables import Table, Typed

ZIP = b"PK\x03\x04"
PATIENCE_S = 40.0
"""The child may calculate for 20 s; on a busy machine that takes longer by the clock."""
ROOT = Path(__file__).parents[2]
MARK = "\x01"
LONGEST_ROW = 8 << 20
"""200 cells of 32,767 characters, most of them of one byte."""


def read_workbook(
    data: bytes, *, options: ReadOptions, limits: Limits
) -> tuple[str, Table, tuple[Note, ...]]:
    """Return the name of the sheet that was read, its cells, and what there is to say about them.

    Raises RefusedFileError or OpenQuestionError.
    """
    request = {
        "sheet": options.sheet,
        "hidden_rows": options.hidden_rows,
        "currency": options.currency,
        "columns": limits.columns,
        "rows": limits.rows,
    }
    with tempfile.TemporaryFile() as output:
        answer = _ask_child(data, request, output)
        if "refusal" in answer:
            code = RefusalCode(answer["refusal"])
            facts = {
                key: tuple(value) if isinstance(value, list) else value
                for key, value in answer["facts"].items()
            }
            raise RefusedFileError(Refusal(code=code, facts=facts))
        if "question" in answer:
            raise OpenQuestionError(_question(answer))
        output.seek(0)
        notes = tuple(_notes(answer, options.hidden_rows))
        return answer["sheet"], _table(output, answer, options, limits), notes


def _ask_child(data: bytes, request: dict[str, Any], output: Any) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "storage.files.xlsx_child", json.dumps(request)],
            input=data,
            stdout=output,
            stderr=subprocess.PIPE,
            timeout=PATIENCE_S,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PATH": os.defpath},
            check=True,
        )
        answer: dict[str, Any] = json.loads(done.stderr)
    except (subprocess.SubprocessError, ValueError, BrokenPipeError) as error:
        raise RefusedFileError(Refusal(code=RefusalCode.TOO_SLOW)) from error
    return answer


def _question(answer: dict[str, Any]) -> Question:
    return Question(
        kind=QuestionKind(answer["question"]),
        examples=tuple(Example(row=row, value=value) for row, value in answer["examples"]),
        choices=tuple(answer["choices"]),
    )


def _table(output: Any, answer: dict[str, Any], options: ReadOptions, limits: Limits) -> Table:
    if not answer["width"]:
        raise RefusedFileError(Refusal(code=RefusalCode.FILE_EMPTY))
    names = [str(number) for number in range(answer["width"] + 1)]
    cells = pa_csv.read_csv(
        output,
        read_options=pa_csv.ReadOptions(column_names=names, block_size=LONGEST_ROW),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=pa_csv.ConvertOptions(
            column_types={**dict.fromkeys(names, pa.string()), "0": pa.int64()},
            strings_can_be_null=False,
        ),
    )
    lines, *columns = (_joined(column) for column in cells.columns)
    headings = tuple(_plain(column[0].as_py()).strip() for column in columns)
    if options.header:
        lines, columns = lines[1:], [column[1:] for column in columns]
    else:
        headings = tuple(str(number) for number in range(1, len(columns) + 1))
    rows = lines.to_numpy()
    merged = dict(_merged(rows, answer["merged"], len(columns)))
    kept = ~np.isin(rows, list(merged))
    columns = [column.filter(pa.array(kept)) for column in columns] if merged else columns
    typed = {at: found for at, column in enumerate(columns) if (found := _typed(column))}
    problems = [
        Problem(code=ProblemCode.MERGED_CELLS, row=row, value=where, facts={"range": where})
        for row, where in sorted(merged.items())
    ]
    return Table(
        headings=headings,
        columns=tuple(_text(column) for column in columns),
        lines=rows[kept],
        ragged=tuple(problems[: limits.problems]),
        ragged_count=len(problems),
        typed=typed,
    )


def _merged(rows: Any, references: list[str], width: int) -> Iterator[tuple[int, str]]:
    """Give the rows that a merged range covers; one above the rows or beside them is harmless."""
    present = set(rows.tolist())
    for reference, covered, columns in ranges(references):
        if columns.start < width:
            yield from ((row, reference) for row in present.intersection(covered))


def _typed(column: Any) -> Typed | None:
    """Return what the cells say about their kind, if any is more than text."""
    marked = pc.starts_with(column, MARK)
    if not pc.any(marked).as_py():
        return None
    kinds = pc.if_else(marked, pc.utf8_slice_codeunits(column, 1, 2), "")
    is_percent = mask(pc.equal(kinds, "p"))
    is_number = mask(pc.equal(kinds, "n")) | is_percent
    digits = pc.if_else(pa.array(is_number), pc.utf8_slice_codeunits(column, 2), None)
    return Typed(
        values=pc.cast(digits, pa.float64()).to_numpy(zero_copy_only=False),
        is_percent=is_percent,
        is_unvalued=mask(pc.equal(kinds, "f")),
    )


def _text(column: Any) -> Any:
    """Return the cells as they are shown to people."""
    marked = pc.starts_with(column, MARK)
    if not pc.any(marked).as_py():
        return column
    percent = pc.starts_with(column, MARK + "p")
    plain = pc.if_else(marked, pc.utf8_slice_codeunits(column, 2), column)
    return pc.if_else(percent, pc.binary_join_element_wise(plain, "%", " "), plain)


def _plain(text: str) -> str:
    return text[2:] if text.startswith(MARK) else text


def _joined(column: Any) -> Any:
    joined = column.combine_chunks()
    return joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined


def _notes(answer: dict[str, Any], chosen: str | None) -> Iterator[Note]:
    for code, key in (
        (NoteCode.MACROS_IGNORED, "macros"),
        (NoteCode.LINKS_NOT_FOLLOWED, "links"),
        (NoteCode.OBJECTS_IGNORED, "objects"),
    ):
        if answer[key]:
            yield Note(code=code)
    for code, key in (
        (NoteCode.HIDDEN_SHEETS, "hidden_sheets"),
        (NoteCode.HIDDEN_COLUMNS, "hidden_columns"),
    ):
        if answer[key]:
            names = {"names": tuple(answer[key])}
            yield Note(code=code, count=len(answer[key]), facts=names)
    if answer["unheaded"]:
        yield Note(code=NoteCode.CELLS_WITHOUT_HEADING, count=answer["unheaded"])
    if answer["hidden_rows"]:
        rows = tuple(answer["first_hidden"])
        facts = {"choice": chosen or ""}
        yield Note(code=NoteCode.HIDDEN_ROWS, count=answer["hidden_rows"], rows=rows, facts=facts)
