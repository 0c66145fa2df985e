"""A firm's whole book: read, placed by the rules, and what moved written back."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from benchmarks.firms import TODAY, build_firm, names_of
from benchmarks.measure import Extent, Figure, in_turns
from domain.book import place_book
from domain.frames import COLUMNS, BookFrames
from domain.rulebook import RuleBook
from storage.book_frames import TABLES, load_frames, note_placed
from storage.store import Store

RULES = RuleBook()
ROW_WISE = 10
"""Row by row is measured on this part of the book, and counted so many times."""
SUPPORTS = "sponsor_supports"


def figures(extent: Extent) -> Iterator[Figure]:
    """Compare reading, placing, and all of it end to end."""
    with TemporaryDirectory() as folder:
        store, firm_id = build_firm(Path(folder), names_of(extent.size))
        with store.read(firm_id) as session:
            frames = load_frames(session)
        yield from _computing(frames, extent)
        yield _reading(store, firm_id, extent)
        yield _end_to_end(store, firm_id, extent)
        store.close()


def _computing(frames: BookFrames, extent: Extent) -> Iterator[Figure]:
    wide = _one_row_each(frames)
    part = wide.head(len(wide) // ROW_WISE)
    taken = in_turns(
        {
            "ours": partial(place_book, frames, RULES, today=TODAY),
            "pandas": lambda: _by_conditions(_one_row_each(frames)),
        },
        extent.rounds,
    )
    rows = in_turns({"rows": lambda: part.apply(_by_row, axis=1)}, 1)
    what = f"{len(wide):,} clients"
    for beside, theirs, most in (
        ("pandas: merge, groupby, np.select", taken["pandas"], 0.25),
        ("pandas: apply row by row", rows["rows"] * len(wide) / len(part), 1 / 500),
    ):
        yield Figure(
            topic="placing",
            what=what,
            ours=taken["ours"],
            beside=beside,
            theirs=theirs,
            most=most,
        )


def _reading(store: Store, firm_id: int, extent: Extent) -> Figure:
    def ours() -> None:
        with store.read(firm_id) as session:
            load_frames(session)

    taken = in_turns({"ours": ours, "theirs": lambda: _read_sql(store, firm_id)}, extent.rounds)
    return Figure(
        topic="placing",
        what="reading the firm's frames",
        ours=taken["ours"],
        beside="pandas.read_sql of the same columns",
        theirs=taken["theirs"],
        most=0.3,
    )


def _end_to_end(store: Store, firm_id: int, extent: Extent) -> Figure:
    """Read, place and write back, after one client in twenty came to bring something else."""

    def change_some() -> None:
        with store.write(firm_id) as session:
            session.connection().exec_driver_sql(
                "UPDATE client SET revenue_cents = (revenue_cents * 7919 + id) % 3000000"
                " WHERE id % 20 = 0"
            )

    def ours() -> None:
        with store.write(firm_id) as session:
            placed = place_book(load_frames(session), RULES, today=TODAY)
            note_placed(session, placed, rule_version=RULES.version, today=TODAY)

    def theirs() -> None:
        placed = _by_conditions(_one_row_each(_read_sql(store, firm_id)))
        with store.engine.begin() as connection:
            columns = placed[["client_id", "tier", "quadrant"]]
            columns.to_sql("placed", connection, if_exists="replace", index=False)

    taken = in_turns({"ours": ours, "theirs": theirs}, extent.rounds, before=change_some)
    return Figure(
        topic="placing",
        what="read, place, write who moved",
        ours=taken["ours"],
        beside="read_sql, np.select, to_sql",
        theirs=taken["theirs"],
        most=0.3,
    )


def _read_sql(store: Store, firm_id: int) -> BookFrames:
    """Read as pandas is usually asked to."""
    read = {}
    with store.engine.connect() as connection:
        for name, table in TABLES.items():
            of = table.__table__.c  # type: ignore[attr-defined]
            named = [each.rstrip("?:") for each in COLUMNS[name].split()]
            columns = [of.get(each, of.id).label(each) for each in named if each != SUPPORTS]
            rows = sa.select(*columns).where(of.firm_id == firm_id).order_by(of.id)
            days = [each.name for each in columns if isinstance(each.type, sa.Date)]
            read[name] = pd.read_sql(rows, connection, parse_dates=days)
    return BookFrames(**read)


def _one_row_each(book: BookFrames) -> pd.DataFrame:
    """Merge what was last known into one row a client; without sides, overrides and sources."""
    frame = book.clients
    for facts, on in (
        ("satisfactions", "measured_on"),
        ("wallets", "known_on"),
        ("holdings", "held_on"),
    ):
        last = getattr(book, facts).sort_values(["client_id", on])
        frame = frame.merge(last.groupby("client_id").last().reset_index(), how="left")
    for facts in ("criteria", "ties"):
        frame[facts] = frame["client_id"].isin(getattr(book, facts)["client_id"])
    return frame


def _by_conditions(frame: pd.DataFrame) -> pd.DataFrame:
    """Place by tier and quadrant, and count the money, as an analyst writes it down."""
    revenue = frame["revenue_cents"]
    conditions = [revenue >= 1_500_000, revenue >= 800_000, revenue >= 300_000]
    conditions += [frame["criteria"] & revenue.notna(), frame["ties"] & revenue.notna()]
    conditions = [*conditions, revenue.notna()]
    frame["tier"] = _chosen(conditions, ["A+", "A", "B", "S", "L", "N"])
    frame["index"] = (frame["score_hundredths"] - 100) / 400
    frame["share"] = frame["managed_cents"] / frame["wallet_cents"]
    content, ours = frame["index"] >= 0.65, frame["share"] >= 0.5
    known = frame["index"].notna() & frame["share"].notna()
    frame["quadrant"] = _chosen(
        [known & content & ~ours, known & ~content & ours, known & content & ours, known],
        ["GROW", "FIX", "MODEL", "MOVE"],
    )
    rate = (revenue / frame["managed_cents"]).astype(float)
    rate = rate.fillna(rate.groupby(frame["advisor_id"]).transform("median"))
    frame["untapped_cents"] = (frame["wallet_cents"] - frame["managed_cents"]) * rate
    frame["at_risk_cents"] = revenue * (1 - frame["index"])
    return frame


def _chosen(conditions: list["pd.Series[bool]"], words: list[str]) -> Any:
    return np.select([each.fillna(False).to_numpy(bool) for each in conditions], words, "")


def _by_row(client: "pd.Series[Any]") -> tuple[str, str]:
    """Place one client."""
    revenue = client["revenue_cents"]
    if pd.isna(revenue):
        tier = ""
    elif revenue >= 300_000:
        tier = "A+" if revenue >= 1_500_000 else "A" if revenue >= 800_000 else "B"
    else:
        tier = "S" if client["criteria"] else "L" if client["ties"] else "N"
    index = (client["score_hundredths"] - 100) / 400
    share = client["managed_cents"] / client["wallet_cents"]
    if pd.isna(index) or pd.isna(share):
        return tier, ""
    high = ("MODEL", "GROW") if index >= 0.65 else ("FIX", "MOVE")
    return tier, high[share < 0.5]
