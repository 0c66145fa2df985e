"""Reads one sheet of a workbook in a process that may neither grow nor take long.

Takes the file's bytes on standard input and a request as JSON; writes the cells as CSV, and what
else there is to say as JSON on standard error. `storage.files.workbook` starts it.

A cell that is no text begins with U+0001 and its kind: n number, p percent, f formula without a
value. A text that begins with U+0001 itself has the kind s.
"""

import csv
import io
import json
import resource
import sys
import zipfile
from typing import IO, Any
from xml.parsers.expat import ExpatError

from storage.files.sheets import (
    Relations,
    Row,
    Sheet,
    Strings,
    Styles,
    UnsafeXmlError,
    Workbook,
    Xml,
    column_letters,
    ranges,
)

MARK = "\x01"
MOST_ENTRIES = 1_000
MOST_UNPACKED = 200_000_000
MOST_RATIO = 100
SMALL = 1_000_000
"""A part up to this size may be packed as tightly as it likes: empty rows shrink well."""
MOST_CELLS = 5_000_000
MOST_SHEETS = 20
MOST_WRITTEN = 200_000_000
MEMORY = 512 << 20
CPU_S = 20
SHOWN_ROWS = 5


class RefusedError(Exception):
    """The workbook is refused: the code and facts of a refusal."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


class AskedError(Exception):
    """Only the person can settle something: the kind, choices and examples of a question."""

    def __init__(self, kind: str, choices: list[str], examples: list[tuple[int, str]]) -> None:
        super().__init__(kind)
        self.kind, self.choices, self.examples = kind, choices, examples


class _EnoughError(Exception):
    """The sheet has rows enough to know that it holds data."""


class _Part:
    """A part of the archive; counts what really comes out of it, whatever the directory says."""

    left = MOST_UNPACKED

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.source = archive.open(name)

    def read(self, size: int) -> bytes:
        data = self.source.read(size)
        _Part.left -= len(data)
        if _Part.left < 0:
            raise RefusedError("too_large_inside", limit=MOST_UNPACKED)
        return data


class _Book:
    """An opened workbook: its sheets, texts and formats."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = set(archive.namelist())
        self.workbook = Workbook()
        root = self._relations("_rels/.rels", "")
        main = next((path for kind, path in root.values() if kind == "officeDocument"), "")
        if main not in self.names:
            raise RefusedError("wrong_container", container=_container(self.names))
        if main.endswith(".bin"):
            raise RefusedError("wrong_container", container="xlsb")
        self._feed(self.workbook, main)
        if not self.workbook.sheets:
            raise RefusedError("wrong_container", container=_container(self.names))
        folder, _, file = main.rpartition("/")
        self.targets = self._relations(f"{folder}/_rels/{file}.rels", folder)
        self.strings, self.styles = Strings(), Styles()
        for kind, path in self.targets.values():
            if kind == "sharedStrings" and path in self.names:
                self._feed(self.strings, path)
            elif kind == "styles" and path in self.names:
                self._feed(self.styles, path)

    def sheets(self) -> list[tuple[str, str, bool]]:
        """List the sheets with cells: name, part, whether hidden."""
        found = []
        for name, relation, is_hidden in self.workbook.sheets:
            kind, path = self.targets.get(relation, ("", ""))
            if kind == "worksheet" and path in self.names:
                found.append((name, path, is_hidden))
        return found

    def read(self, path: str, currency: str, take: Any) -> Sheet:
        """Read a sheet, row by row."""
        sheet = Sheet(
            self.strings.found,
            self.styles.formats,
            starts_1904=self.workbook.starts_1904,
            currency=currency,
            take=take,
        )
        self._feed(sheet, path)
        return sheet

    def first_row(self, path: str) -> Row | None:
        """Return the first row of a sheet that has data: two rows, or one of two cells."""
        rows: list[Row] = []

        def take(row: Row) -> None:
            rows.append(row)
            if len(rows) > 1 or len(row.cells) > 1:
                raise _EnoughError

        try:
            self.read(path, "", take)
        except _EnoughError:
            return rows[0]
        return None

    def _relations(self, path: str, folder: str) -> dict[str, tuple[str, str]]:
        if path not in self.names:
            return {}
        relations = Relations()
        self._feed(relations, path)
        return {key: (kind, _join(folder, to)) for key, (kind, to) in relations.targets.items()}

    def _feed(self, part: Xml, path: str) -> None:
        part.feed(_Part(self.archive, path))  # type: ignore[arg-type]


class _Writer:
    """Writes the rows of one sheet as CSV of the heading's width, each after its number."""

    def __init__(self, output: IO[str], request: dict[str, Any]) -> None:
        self.write = csv.writer(output, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow
        self.request = request
        self.width = 0
        self.cells = self.written = self.last_row = self.last_column = 0
        self.rows = self.unheaded = 0
        self.hidden: list[int] = []

    def take(self, row: Row) -> None:
        """Write a row unless it is hidden and those are to be left out."""
        self.last_row = max(self.last_row, row.number)
        self.last_column = max(self.last_column, row.cells[-1].column + 1)
        self.cells += len(row.cells)
        if self.cells > MOST_CELLS or self.last_row * self.last_column > MOST_CELLS:
            last = f"{column_letters(self.last_column - 1)}{self.last_row}"
            raise RefusedError("sheet_range_too_large", range=f"A1:{last}", limit=MOST_CELLS)
        if row.is_hidden and self.width:
            self.hidden.append(row.number)
            if self.request["hidden_rows"] != "read":
                return
        self.width = self.width or row.cells[-1].column + 1
        if self.width > self.request["columns"]:
            raise RefusedError("too_many_columns", found=self.width, limit=self.request["columns"])
        self.rows += 1
        if self.rows > self.request["rows"] + 1:
            facts = {"found": self.rows - 1, "limit": self.request["rows"]}
            raise RefusedError("too_many_rows", **facts)
        texts = [""] * self.width
        for cell in row.cells:
            if cell.column >= self.width:
                self.unheaded += 1
            elif cell.kind == "s" and not cell.text.startswith(MARK):
                texts[cell.column] = cell.text
            else:
                texts[cell.column] = f"{MARK}{cell.kind}{cell.text}"
        self.written += sum(map(len, texts))
        if self.written > MOST_WRITTEN:
            raise RefusedError("too_large_inside", limit=MOST_WRITTEN)
        self.write([row.number, *texts])


def read(data: bytes, request: dict[str, Any], output: IO[str]) -> dict[str, Any]:
    """Write the chosen sheet's rows to `output` and return what else there is to say."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        _check_directory(archive)
        book = _Book(archive)
        sheets = book.sheets()
        if len(sheets) > MOST_SHEETS:
            raise RefusedError("too_many_sheets", found=len(sheets), limit=MOST_SHEETS)
        name, path = _choose(book, sheets, request["sheet"])
        writer = _Writer(output, request)
        sheet = book.read(path, request["currency"], writer.take)
    if writer.hidden and request["hidden_rows"] is None:
        examples = [(row, "") for row in writer.hidden[:SHOWN_ROWS]]
        raise AskedError("hidden_rows", ["leave_out", "read"], examples)
    first, last = 0, writer.width
    hidden_columns = sorted(
        column_letters(each)
        for low, high in sheet.facts.hidden_columns
        for each in range(max(low, first), min(high + 1, last))
    )
    return {
        "sheet": name,
        "width": writer.width,
        "unheaded": writer.unheaded,
        "hidden_rows": len(writer.hidden),
        "first_hidden": writer.hidden[:SHOWN_ROWS],
        "hidden_columns": hidden_columns,
        "hidden_sheets": [each for each, _, is_hidden in sheets if is_hidden and each != name],
        "merged": [each for each, _, _ in ranges(sheet.facts.merged)][:MOST_ENTRIES],
        "macros": any(each.lower().endswith("vbaproject.bin") for each in book.names),
        "links": any("/externalLinks/" in each for each in book.names),
        "objects": any("/embeddings/" in each for each in book.names),
    }


def _check_directory(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise RefusedError("too_many_parts", found=len(entries), limit=MOST_ENTRIES)
    if any(each.flag_bits & 1 for each in entries):
        raise RefusedError("protected")
    unpacked = sum(each.file_size for each in entries)
    tight = any(each.file_size > max(SMALL, MOST_RATIO * each.compress_size) for each in entries)
    if unpacked > MOST_UNPACKED or tight:
        raise RefusedError("too_large_inside", limit=MOST_UNPACKED)


def _choose(
    book: _Book, sheets: list[tuple[str, str, bool]], chosen: str | None
) -> tuple[str, str]:
    if chosen is not None:
        for name, path, _ in sheets:
            if name == chosen:
                return name, path
        names = [name for name, _, _ in sheets]
        raise RefusedError("no_such_sheet", sheet=chosen, accepted=names)
    rows = {name: book.first_row(path) for name, path, _ in sheets}
    full = [(name, path, hidden) for name, path, hidden in sheets if rows[name]]
    shown = [(name, path) for name, path, hidden in full if not hidden]
    if len(shown) == 1:
        return shown[0]
    if not full:
        raise RefusedError("file_empty")
    names = [name for name, _ in shown] or [name for name, _, _ in full]
    examples = [(row.number, _line(row)) for name in names if (row := rows[name])]
    raise AskedError("sheet", names, examples)


def _line(row: Row) -> str:
    return " | ".join(cell.text for cell in row.cells)[:200]


def _container(names: set[str]) -> str:
    if any(name.startswith("word/") for name in names):
        return "docx"
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    return "zip"


def _join(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    parts = [part for part in folder.split("/") if part]
    for part in target.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def main() -> None:
    """Read under limits, and say in JSON what came of it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MOST_WRITTEN, 2 * MOST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    request = json.loads(sys.argv[1])
    sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="")  # type: ignore[union-attr]
    try:
        answer = read(sys.stdin.buffer.read(), request, sys.stdout)
    except RefusedError as error:
        answer = {"refusal": error.code, "facts": error.facts}
    except AskedError as error:
        answer = {"question": error.kind, "choices": error.choices, "examples": error.examples}
    except UnsafeXmlError:
        answer = {"refusal": "unsafe_xml", "facts": {}}
    except MemoryError:
        answer = {"refusal": "too_large_inside", "facts": {"limit": MOST_UNPACKED}}
    except (zipfile.BadZipFile, ExpatError, ValueError, LookupError, EOFError, OSError,
            NotImplementedError, RuntimeError):  # fmt: skip
        answer = {"refusal": "damaged", "facts": {}}
    except Exception as error:
        if type(error).__module__ != "zlib":
            raise
        answer = {"refusal": "damaged", "facts": {}}
    sys.stdout.flush()
    sys.stderr.write(json.dumps(answer))


if __name__ == "__main__":
    main()
