"""A firm's whole book: read, placed by the rules, and what moved written back."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import sqlalchemy as sa

from benchmarks import by_pandas
from benchmarks.firms import TODAY, build_firm, names_of
from benchmarks.measure import Extent, Figure, in_turns
from domain.book import oldest_usable, place_book
from domain.frames import COLUMNS, BookFrames, epoch_day
from domain.rulebook import RuleBook
from storage.book_frames import TABLES, client_versions, load_frames, note_placed
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
    clients, days = len(frames.clients), (epoch_day(TODAY), oldest_usable(RULES.matrix, TODAY))
    part = _first(frames, clients // ROW_WISE)
    taken = in_turns(
        {
            "ours": partial(place_book, frames, RULES, today=TODAY),
            "all": lambda: by_pandas.replayed(frames, *days),
            "last": lambda: by_pandas.by_conditions(by_pandas.last_known(frames)),
        },
        extent.rounds,
        times=3,
    )
    rows = in_turns(
        {
            "all": lambda: by_pandas.histories(part).apply(by_pandas.replay_row, axis=1, args=days),
            "last": lambda: by_pandas.last_known(part).apply(by_pandas.by_row, axis=1),
        },
        1,
    )
    for beside, theirs, most, first in (
        ("pandas, all histories: sort, groupby, merge", taken["all"], 0.25, None),
        ("pandas, last values only: groupby, np.select", taken["last"], 1.0, None),
        ("pandas, all histories: apply row by row", rows["all"] * ROW_WISE, 1 / 100, 1 / 500),
        ("pandas, last values only: apply row by row", rows["last"] * ROW_WISE, 1 / 10, None),
    ):
        yield Figure(
            topic="placing",
            what=f"{clients:,} clients",
            ours=taken["ours"],
            beside=beside,
            theirs=theirs,
            most=most,
            first=first,
        )


def _first(frames: BookFrames, clients: int) -> BookFrames:
    """Return the first clients with all that is known of them."""
    ids = frames.clients["client_id"].head(clients)
    every = {name: getattr(frames, name) for name in COLUMNS}
    return BookFrames(**{name: each[each["client_id"].isin(ids)] for name, each in every.items()})


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
        with store.read(firm_id) as session:
            versions, frames = client_versions(session), load_frames(session)
        placed = place_book(frames, RULES, today=TODAY)
        with store.write(firm_id) as session:
            note_placed(session, placed, versions, rule_version=RULES.version, today=TODAY)

    def theirs() -> None:
        placed = by_pandas.by_conditions(by_pandas.last_known(_read_sql(store, firm_id)))
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
        most=0.35,
        first=0.3,
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
