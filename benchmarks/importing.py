"""A client file: read and checked, then kept, the first time and again with a few changes."""

import csv
import io
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pydantic import BaseModel, BeforeValidator, ValidationError

from benchmarks.firms import NOW, TODAY, build_firm, names_of
from benchmarks.measure import Extent, Figure, in_turns
from bot.runtime import Runtime
from bot.settings import Settings
from bot.usecases.importing import keep, place_touched, preview_file
from domain.access import Role
from storage.files.book_file import BookFile, read_book
from storage.files.options import TERMINAL_LIMITS, ReadOptions
from storage.firms import save_member

HEADINGS = (
    "Kundennummer", "Kunde", "Berater", "Ertrag", "Einkommen", "Sparquote", "Kunde seit",
    "Verwaltetes Vermögen", "Gesamtvermögen", "Stand Gesamtvermögen",
    "Zufriedenheit", "Skala", "Befragt am",
)  # fmt: skip
ADVISORS = 10
WRONG = 200
"""Every so many rows one cell cannot be read."""
CHANGED = 20
"""Every so many rows have another revenue the second time."""
KEPT = 5
"""Keeping is measured with a part of the rows: the program's own batches are smaller still."""


def figures(extent: Extent) -> Iterator[Figure]:
    """Compare reading and checking, then keeping."""
    yield from _reading(extent)
    yield from _keeping(extent)


def _reading(extent: Extent) -> Iterator[Figure]:
    data = file_of(extent.size, wrong=True)
    errors = {"ours": _read(data).refused_rows, "pydantic": _row_by_row(data)}
    if len(set(errors.values())) > 1:
        raise ValueError(f"not the same errors were found: {errors}")
    taken = in_turns(
        {"ours": partial(_read, data), "pyarrow": partial(_strings, data)}, extent.rounds
    )
    slow = in_turns({"pydantic": partial(_row_by_row, data)}, 1)
    for beside, theirs, most, first in (
        ("pyarrow, strings only", taken["pyarrow"], 14, 2.2),
        ("csv and pydantic, row by row", slow["pydantic"], 1 / 8, 1 / 15),
    ):
        yield Figure(
            topic="import",
            what=f"reading and checking {extent.size:,} rows",
            ours=taken["ours"],
            beside=beside,
            theirs=theirs,
            most=most,
            first=first,
        )


def _keeping(extent: Extent) -> Iterator[Figure]:
    rows = extent.size // KEPT
    first, second = file_of(rows), file_of(rows, changed=True)
    taken: dict[str, list[float]] = {}
    for _ in range((extent.rounds + 1) // 2):
        with TemporaryDirectory() as folder:
            for name, seconds in _kept_twice(Path(folder), first, second).items():
                taken.setdefault(name, []).append(seconds)
    medians = {name: float(np.median(each)) for name, each in taken.items()}
    new, again = f"{rows:,} new clients", f"{rows:,} again, {rows // CHANGED:,} changed"
    for what, step, beside, most, first in (
        (f"{new}: compared, staged, switched", "new: kept", "plain executemany", 12, 1.15),
        (f"{again}: the same", "again: kept", "executemany ON CONFLICT of all", 5, 0.7),
        (f"{new}: from file to placement", "new: all", "pyarrow, plain executemany", 12, 10),
        (f"{again}: the same", "again: all", "pyarrow, executemany ON CONFLICT of all", 10, None),
    ):
        yield Figure(
            topic="import",
            what=what,
            ours=medians[step],
            beside=beside,
            theirs=medians[f"peer, {step}"],
            most=most,
            first=first,
        )


def _kept_twice(folder: Path, first: bytes, second: bytes) -> dict[str, float]:
    """Keep a list and then its changes; say how long each step took, and the peer's."""
    store, firm_id = build_firm(folder, [])
    with store.write(firm_id) as session:
        for number in range(ADVISORS):
            save_member(session, key=f"a{number}", name="", role=Role.ADVISOR, team="all")
    runtime = Runtime(settings=Settings(), store=store, clock=lambda: NOW)
    taken: dict[str, float] = {}
    for name, data in (("new", first), ("again", second)):
        began = perf_counter()
        seen = preview_file(data, firm_id=firm_id, runtime=runtime, today=TODAY)
        if seen.plan is None or seen.plan.refused_rows:
            raise ValueError(f"not read: {seen.file.questions or seen.file.refusals}")
        read = perf_counter()
        result = keep(
            seen.plan, file_name="list.csv", firm_id=firm_id, runtime=runtime, by="benchmark"
        )
        taken[f"{name}: kept"] = perf_counter() - read
        place_touched(result, firm_id=firm_id, runtime=runtime, today=TODAY)
        taken[f"{name}: all"] = perf_counter() - began
        began = perf_counter()
        tables = _converted(data)
        read = perf_counter()
        _upsert_all(folder / "peer.db", tables, firm_id, is_first=name == "new")
        taken[f"peer, {name}: kept"] = perf_counter() - read
        taken[f"peer, {name}: all"] = perf_counter() - began
    store.close()
    return taken


def file_of(
    rows: int, *, wrong: bool = False, changed: bool = False, advisors: int = ADVISORS
) -> bytes:
    """Write a list as a German CRM exports it."""
    chance, names = np.random.default_rng(5), names_of(rows)
    text = io.StringIO()
    write = csv.writer(text, delimiter=";").writerow
    write(HEADINGS)
    money = (100 * chance.lognormal(9, 1, (rows, 4))).astype(np.int64)
    for number, name in enumerate(names):
        revenue, income, managed, more = (int(each) for each in money[number])
        if changed and number % CHANGED == 0:
            revenue += 100
        since = date(2010 + number % 15, 1 + number % 12, 1 + number % 28)
        write(
            (
                f"K{number:07d}",
                name,
                f"a{number % advisors}",
                "unklar" if wrong and number % WRONG == 0 else _german(revenue),
                _german(income * 10),
                f"{(20 + number * 37 % 300) / 10:.1f}".replace(".", ","),
                f"{since:%d.%m.%Y}",
                _german(managed * 100),
                _german((managed + more) * 100),
                "15.01.2026",
                f"{1 + number % 5}",
                "csat",
                "20.01.2026",
            )
        )
    return text.getvalue().encode()


def _german(cents: int) -> str:
    return f"{cents / 100:,.2f}".translate(str.maketrans(",.", ".,"))


def _read(data: bytes) -> BookFile:
    return read_book(data, options=ReadOptions(), limits=TERMINAL_LIMITS, today=TODAY)


def _strings(data: bytes) -> Any:
    return arrow_csv.read_csv(
        pa.py_buffer(data),
        parse_options=arrow_csv.ParseOptions(delimiter=";"),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(HEADINGS, pa.string()), strings_can_be_null=False
        ),
    )


def _plain(text: str) -> str:
    return text.replace(".", "").replace(",", ".")


def _day(text: str) -> date:
    return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007


Amount = Annotated[Decimal, BeforeValidator(_plain)]
Day = Annotated[date, BeforeValidator(_day)]


class _ClientLine(BaseModel):
    """A row as pydantic is usually asked to check it."""

    number: str
    name: str
    advisor: str
    revenue: Amount
    income: Amount
    saving_rate: Amount
    client_since: Day
    managed: Amount
    wallet: Amount
    wallet_on: Day
    satisfaction: Decimal
    scale: str
    satisfaction_on: Day


def _row_by_row(data: bytes) -> int:
    """Check each row; return how many are wrong."""
    lines = csv.reader(io.StringIO(data.decode()), delimiter=";")
    next(lines)
    fields, wrong = list(_ClientLine.model_fields), 0
    for line in lines:
        try:
            _ClientLine.model_validate(dict(zip(fields, line, strict=True)))
        except ValidationError:
            wrong += 1
    return wrong


def _converted(data: bytes) -> dict[str, list[tuple[Any, ...]]]:
    """Give the rows for each of the peer's two tables, nothing checked."""
    table = _strings(data)
    columns = [table[heading].to_pylist() for heading in HEADINGS]
    for at in (3, 4, 5, 7, 8):
        columns[at] = [round(float(_plain(each)) * 100) for each in columns[at]]
    client = list(zip(*columns[:7], strict=True))
    return {"client": client, "fact": list(zip(columns[0], *columns[7:], strict=True))}


def _upsert_all(
    path: Path, tables: Mapping[str, list[tuple[Any, ...]]], firm_id: int, *, is_first: bool
) -> None:
    """Keep every row, without comparing or looking after anything; the first time plainly."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, columns in PEER_TABLES.items():
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS {name} (firm_id, {', '.join(columns)},"
                " UNIQUE (firm_id, number))"
            )
            changes = ", ".join(f"{each} = excluded.{each}" for each in columns)
            upsert = "" if is_first else f" ON CONFLICT (firm_id, number) DO UPDATE SET {changes}"
            marks = ", ".join("?" * len(columns))
            connection.executemany(
                f"INSERT INTO {name} VALUES ({firm_id}, {marks}){upsert}", tables[name]
            )


PEER_TABLES = {
    "client": ("number", "name", "advisor", "revenue", "income", "rate", "since"),
    "fact": ("number", "managed", "wallet", "wallet_on", "score", "scale", "asked_on"),
}
