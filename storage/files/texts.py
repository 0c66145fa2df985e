"""Columns of free text: ids, names, advisors; kept as written, in one Unicode form."""

from string import ascii_letters, digits
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storage.files.cells import (
    EXCEL_ERROR,
    Column,
    Mask,
    Reason,
    Refusals,
    Remark,
    beyond_latin,
    blank,
    first_bytes,
    longer,
    mask,
    matches,
    scattered,
    with_letters,
)
from storage.files.findings import NoteCode, ProblemCode

DASHES = pa.array(["-", "–", "—"])
CONTROL = r"[\x00-\x1f\x7f-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}]"
GUARDED = r"^'[=+\-@\t\r]"
LETTER_OR_DIGIT = r"[\p{L}\p{N}]"
LETTERS_AND_DIGITS = list(f"{ascii_letters}{digits}".encode())
SCIENTIFIC = r"^\d(?:[.,]\d+)?[Ee]\+\d{1,3}$"
DOUBLE_ENCODED = "ÂÃâ"


def read_name(cells: Any, *, limit: int) -> Column:
    """Read names: required, with a letter or digit in them."""
    texts, refusals = _read(cells, limit)
    refusals.add(mask(pc.equal(texts, "")), ProblemCode.MISSING)
    unclear = mask(pc.is_valid(texts)) & ~np.isin(first_bytes(texts), LETTERS_AND_DIGITS)
    refusals.add(unclear & ~matches(texts, LETTER_OR_DIGIT, among=unclear), ProblemCode.NO_LETTERS)
    return _column(texts, refusals)


def read_id(cells: Any, *, limit: int, required: bool) -> Column:
    """Read ids as text: 00123 keeps its zeros."""
    texts, refusals = _read(cells, limit)
    absent = _absent(texts)
    refusals.add(absent & required, ProblemCode.MISSING)
    plus = mask(pc.match_substring(texts, "+"))
    refusals.add(matches(texts, SCIENTIFIC, among=plus), ProblemCode.SCIENTIFIC_ID)
    return _column(blank(texts, absent), refusals)


def read_text(cells: Any, *, limit: int) -> Column:
    """Read a text that may be missing."""
    texts, refusals = _read(cells, limit)
    return _column(blank(texts, _absent(texts)), refusals)


def repaired(text: str) -> str | None:
    """Undo UTF-8 read as cp1252: MÃ¼ller is Müller; None if the text is sound."""
    try:
        once = text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return None
    return once if once != text else None


def _read(cells: Any, limit: int) -> tuple[Any, Refusals]:
    cells = _unguarded(cells)
    odd = beyond_latin(cells)
    texts = cells
    if odd.any():
        texts = scattered(cells, odd, pc.utf8_normalize(cells.filter(pa.array(odd)), form="NFC"))
    refusals = Refusals.none(len(texts))
    refusals.add(matches(texts, "\ufffd", among=odd), ProblemCode.BROKEN_CHARACTER)
    refusals.explain(matches(texts, CONTROL, among=odd), _control_character)
    hashed = first_bytes(texts) == ord("#")
    refusals.add(matches(texts, EXCEL_ERROR, among=hashed), ProblemCode.EXCEL_ERROR)
    refusals.explain(
        longer(texts, limit),
        lambda text: (ProblemCode.TEXT_TOO_LONG, {"limit": limit, "found": len(text)}),
    )
    return texts, refusals


def _unguarded(cells: Any) -> Any:
    """Drop the apostrophe that keeps a spreadsheet from calculating what our own files hold."""
    guarded = matches(cells, GUARDED, among=first_bytes(cells) == ord("'"))
    if not guarded.any():
        return cells
    return scattered(cells, guarded, pc.utf8_slice_codeunits(cells.filter(pa.array(guarded)), 1))


def _absent(texts: Any) -> Mask:
    return mask(pc.or_(pc.equal(texts, ""), pc.is_in(texts, value_set=DASHES)))


def _column(texts: Any, refusals: Refusals) -> Column:
    suspects = np.flatnonzero(with_letters(texts, DOUBLE_ENCODED))
    repairs = {int(i): fixed for i in suspects if (fixed := repaired(texts[int(i)].as_py()))}
    remarks: tuple[Remark, ...] = ()
    if repairs:
        where = np.zeros(len(texts), bool)
        where[list(repairs)] = True
        facts = {"suggestion": next(iter(repairs.values()))}
        remarks = (Remark(code=NoteCode.LOOKS_DOUBLE_ENCODED, where=where, facts=facts),)
    return Column(values=blank(texts, refusals.bad), refusals=refusals, remarks=remarks)


def _control_character(text: str) -> Reason:
    first = next((c for c in text if matches(pa.array([c]), CONTROL)[0]), "")
    return ProblemCode.CONTROL_CHARACTER, {"character": f"U+{ord(first):04X}"}
