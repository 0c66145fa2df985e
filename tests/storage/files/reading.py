"""Reads a file made inside a test."""

from datetime import date
from typing import Any

from storage.files.book_file import BookFile, read_book
from storage.files.findings import ProblemCode
from storage.files.options import TERMINAL_LIMITS, Limits, ReadOptions

TODAY = date(2026, 11, 22)


def read(
    content: str | bytes,
    *,
    encoding: str = "utf-8",
    limits: Limits = TERMINAL_LIMITS,
    options: ReadOptions | None = None,
    **choices: Any,
) -> BookFile:
    """Read a file as the terminal would."""
    data = content.encode(encoding) if isinstance(content, str) else content
    return read_book(data, options=options or ReadOptions(**choices), limits=limits, today=TODAY)


def column(heading: str, *values: str, **choices: Any) -> BookFile:
    """Read a file with one column beside id and name; values may hold commas and semicolons."""
    quoted = (value.replace('"', '""') for value in values)
    rows = (f'{number};Kunde {number};"{value}"\n' for number, value in enumerate(quoted, start=1))
    return read(f"Kundennummer;Name;{heading}\n" + "".join(rows), **choices)


def values(book: BookFile, field: str) -> list[Any]:
    """Return a column as plain values, None for the unknown."""
    found = book.frame[field].astype(object)
    return found.where(found.notna(), None).tolist()


def codes(book: BookFile) -> list[ProblemCode]:
    """Return why rows were refused, in the order of the file."""
    return [problem.code for problem in book.problems]
