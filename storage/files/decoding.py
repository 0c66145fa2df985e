"""From the bytes of a file to UTF-8 with plain line ends; an encoding is never guessed."""

import codecs
import re
from collections.abc import Iterator

from storage.files.findings import (
    Example,
    OpenQuestionError,
    Question,
    QuestionKind,
    Refusal,
    RefusalCode,
    RefusedFileError,
)

BLOCK = 1 << 20
PREVIEW_LINES = 3
MARKED = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CONTAINERS = (
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0", "ole2"),
    (b"%PDF", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"PAR1", "parquet"),
    (b"SQLite format 3", "sqlite"),
)
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
HTML = re.compile(rb"\s*<(?:!doctype|html|table|\?xml)", re.IGNORECASE)
UTF8_PAIR = re.compile(rb"[\xc3-\xf4][\x80-\xbf]")
BEYOND_ASCII = re.compile(rb"[^\n]*[\x80-\xff][^\n]*")


def container_of(data: bytes) -> str | None:
    """Name the kind of file if its first bytes show that it is not plain text."""
    for start, container in CONTAINERS:
        if data.startswith(start):
            return container
    return "html" if HTML.match(data[:200]) else None


def decode(data: bytes, *, chosen: str | None) -> tuple[bytes, str]:
    """Return the text as UTF-8 with ``\\n`` at line ends, and the encoding it was read in.

    A byte order mark or valid UTF-8 settles the encoding. Bytes that the chosen encoding does
    not know become U+FFFD, which costs their rows only.
    """
    container = container_of(data)
    if container == "ole2" and ENCRYPTED in data:
        raise RefusedFileError(Refusal(code=RefusalCode.PROTECTED))
    if container:
        facts = {"container": container}
        raise RefusedFileError(Refusal(code=RefusalCode.WRONG_CONTAINER, facts=facts))
    for mark, encoding in MARKED:
        if data.startswith(mark):
            data, chosen = data[len(mark) :], encoding
            break
    is_utf8 = chosen in (None, "utf-8") and _is_utf8(data)
    if chosen is None:
        _ask_unless_utf8(data, is_utf8=is_utf8)
    text = _with_plain_ends(data if is_utf8 else b"".join(_recoded(data, chosen or "utf-8")))
    if not text.strip():
        raise RefusedFileError(Refusal(code=RefusalCode.FILE_EMPTY))
    return text, chosen or "utf-8"


def _ask_unless_utf8(data: bytes, *, is_utf8: bool) -> None:
    if data[:4000].count(0) * 5 > len(data[:4000]):
        raise OpenQuestionError(_question(data, ("utf-16-le", "utf-16-be")))
    if not is_utf8:
        eight_bit = ("cp1252", "cp850", "mac_roman")
        damaged = ("utf-8",) if UTF8_PAIR.search(data) else ()
        raise OpenQuestionError(_question(data, eight_bit + damaged))


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in _blocks(data):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _with_plain_ends(text: bytes) -> bytes:
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return text


def _recoded(data: bytes, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for block in _blocks(data):
        yield decoder.decode(block).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _blocks(data: bytes) -> Iterator[memoryview]:
    view = memoryview(data)
    return (view[start : start + BLOCK] for start in range(0, len(data), BLOCK))


def _question(data: bytes, choices: tuple[str, ...]) -> Question:
    examples = _wide_preview(data) if "utf-16-le" in choices else _preview(data, choices)
    return Question(kind=QuestionKind.ENCODING, examples=examples, choices=choices)


def _preview(data: bytes, choices: tuple[str, ...]) -> tuple[Example, ...]:
    """Show the first lines with letters beyond ASCII, in each encoding."""
    examples = []
    for match in BEYOND_ASCII.finditer(data):
        line = match.group().strip()[:200]
        readings = {choice: line.decode(choice, "replace") for choice in choices}
        row = data.count(b"\n", 0, match.start()) + 1
        value = line.decode("ascii", "backslashreplace")
        examples.append(Example(row=row, value=value, readings=readings))
        if len(examples) == PREVIEW_LINES:
            break
    return tuple(examples)


def _wide_preview(data: bytes) -> tuple[Example, ...]:
    start = data[:400]
    readings = {
        choice: start.decode(choice, "replace").splitlines()[0]
        for choice in ("utf-16-le", "utf-16-be")
    }
    return (Example(row=1, value=start[:80].hex(" "), readings=readings),)
