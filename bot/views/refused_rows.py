"""The refused rows of a file, as a file: why, and each row as it is, to be corrected there."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from bot.views.safe_files import inert
from bot.words import Words


def refused_rows_csv(
    problems: Sequence[Mapping[str, Any]],
    headings: Sequence[str],
    cells: Mapping[int, Sequence[str]],
    words: Words,
    *,
    separator: str | None,
) -> bytes:
    """Write refused rows as the file itself was written, so that a spreadsheet reads them."""
    heading = [words.say("Line"), words.say("Column"), words.say("Value"), words.say("Reason")]
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=separator or ";")
    writer.writerow([_inert(cell) for cell in (*heading, *headings)])
    for each in problems:
        why = (each["row"], each["column"] or "", each["value"], each["reason"])
        writer.writerow([_inert(cell) for cell in (*why, *cells.get(each["row"], ()))])
    return out.getvalue().encode("utf-8-sig")


def _inert(cell: object) -> object:
    return inert(cell) if isinstance(cell, str) else cell
