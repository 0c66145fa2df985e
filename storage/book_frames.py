"""A firm's clients as frames, straight from their columns, and where they were last placed.

For whole books, not for one client.

The database joins each column to one text and pyarrow reads that: a third of the time.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as csv
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from domain.frames import COLUMNS, NONE, BookFrames, Roster, categorical, last_of
from domain.model import Quadrant, Tier
from storage.joined import joined
from storage.tables import (
    ClientRow,
    DecisionRow,
    HoldingRow,
    LegacyRow,
    OverrideRow,
    PlacementRow,
    SatisfactionRow,
    StrategicRow,
    TraitRow,
    WalletRow,
)

BATCH = 10_000
"""Placements written at once; each is an object until it is."""

TABLES: dict[str, type[SQLModel]] = {
    "clients": ClientRow,
    "satisfactions": SatisfactionRow,
    "wallets": WalletRow,
    "holdings": HoldingRow,
    "criteria": StrategicRow,
    "ties": LegacyRow,
    "overrides": OverrideRow,
    "decisions": DecisionRow,
    "traits": TraitRow,
}


def load_frames(session: Session, advisor_ids: Collection[int] | None = None) -> BookFrames:
    """Return the clients of the session's firm with what `domain.book` reads of them.

    Of some advisors' clients alone: their sponsors come along, whose tiers may count for theirs.
    """
    whose = None if advisor_ids is None else _with_sponsors(session, advisor_ids)
    frames = {
        name: read_frame(session, TABLES[name], COLUMNS[name], whose=whose) for name in TABLES
    }
    return BookFrames(**frames)


def clients_of(session: Session, advisor_ids: Collection[int]) -> "sa.Select[tuple[int]]":
    """Select the ids of these advisors' clients."""
    client = ClientRow.__table__.c  # type: ignore[attr-defined]
    of_firm = client.firm_id == session.info["firm_id"]
    return sa.select(client.id).where(of_firm, client.advisor_id.in_(sorted(advisor_ids)))


def _with_sponsors(session: Session, advisor_ids: Collection[int]) -> Any:
    theirs, tie = clients_of(session, advisor_ids), LegacyRow.__table__.c  # type: ignore[attr-defined]
    of_firm = tie.firm_id == session.info["firm_id"]
    return theirs.union(sa.select(tie.sponsor_id).where(of_firm, tie.client_id.in_(theirs)))


def client_versions(session: Session) -> "pd.Series[int]":
    """Return the version of each of the firm's clients."""
    return read_frame(session, ClientRow, "client_id version").set_index("client_id")["version"]


def note_placed(
    session: Session,
    placed: pd.DataFrame,
    versions: "pd.Series[int]",
    *,
    rule_version: int,
    today: date,
) -> pd.DataFrame:
    """Keep who of a placed book is placed elsewhere than last noted, and return those rows.

    They say as well where a client was last noted (last_tier, last_quadrant), and whether it never
    was (is_first). Clients that have another version than those placed are left out.
    """
    placed = _beside_last(session, placed)
    stays = ~placed["is_first"]
    for axis in ("tier", "quadrant"):
        stays &= placed[axis].cat.codes == placed[f"last_{axis}"].cat.codes
    moved = placed.loc[~stays]
    if moved.empty:
        return moved
    now, then = (each.reindex(moved.index) for each in (client_versions(session), versions))
    moved = moved.loc[now == then]
    for start in range(0, len(moved), BATCH):
        _keep(session, moved.iloc[start : start + BATCH], rule_version=rule_version, today=today)
    return moved


def _keep(session: Session, moved: pd.DataFrame, *, rule_version: int, today: date) -> None:
    columns = (moved.index.tolist(), _words(moved["tier"]), _words(moved["quadrant"]))
    rows = [
        {
            "firm_id": session.info["firm_id"],
            "client_id": client_id,
            "seen_on": today,
            "tier": tier,
            "quadrant": quadrant,
            "rule_version": rule_version,
        }
        for client_id, tier, quadrant in zip(*columns, strict=True)
    ]
    session.connection().execute(sa.insert(PlacementRow.__table__), rows)  # type: ignore[attr-defined]


def _beside_last(session: Session, placed: pd.DataFrame) -> pd.DataFrame:
    """Add where each client was last noted."""
    noted = read_frame(session, PlacementRow, "client_id tier: quadrant:")
    place = Roster(placed.index.to_numpy(np.int64)).places(noted["client_id"])
    known = np.flatnonzero(place != NONE)
    last = last_of(place[known], len(placed))
    beside: dict[str, Any] = {"is_first": last == NONE}
    for axis, kinds in (("tier", list(Tier)), ("quadrant", list(Quadrant))):
        # Not astype: dtypes with the same words are equal to pandas, whatever their order.
        codes = noted[axis].cat.set_categories(list(kinds)).cat.codes.to_numpy()[known]
        beside[f"last_{axis}"] = categorical(np.append(codes, NONE)[last], kinds)
    return placed.assign(**beside)


def _words(column: "pd.Series[Any]") -> list[str | None]:
    words: list[str | None] = column.astype(object).where(column.notna(), None).tolist()
    return words


def read_frame(
    session: Session, table: type[SQLModel], columns: str, *, whose: Any = None
) -> pd.DataFrame:
    """Read columns, written as in `COLUMNS`, of all the firm's rows in the order of their ids.

    With `whose`, a selection of clients' ids, only the rows that belong to these.
    """
    of = table.__table__.c  # type: ignore[attr-defined]
    cells = {"id": of.id} | {each: _cell(of, each.rstrip("?:")) for each in columns.split()}
    texts_of = (joined(session, each) for each in cells.values())
    rows = sa.select(*texts_of).where(of.firm_id == session.info["firm_id"])
    if whose is not None:
        rows = rows.where(of.get("client_id", of.id).in_(whose))
    texts = session.connection().execute(rows).one()
    read = {name: _read(name, text) for name, text in zip(cells, texts, strict=True)}
    ids = read.pop("id").to_numpy()
    frame = pd.DataFrame({name.rstrip("?:"): column for name, column in read.items()})
    return frame.take(np.argsort(ids)).reset_index(drop=True)


def _cell(of: Any, name: str) -> sa.ColumnElement[Any]:
    if name == "sponsor_supports":
        return sa.null()  # every sponsor is a client of the firm, so nobody's tier has to be stated
    cell: sa.ColumnElement[Any] = of.get(name, of.id)
    return cell


def _read(column: str, text: str | None) -> "pd.Series[Any]":
    """Read a joined column: a number or a day, with ``?`` maybe unknown; with ``:`` a word."""
    values: Any = pa.chunked_array([], pa.null()) if text is None else _cells(text)
    if pa.types.is_date(values.type):
        values = values.cast(pa.int32())
    if not column.endswith(":"):
        values = values.cast(pa.int64())
    types = {pa.int64(): pd.Int64Dtype()} if column.endswith("?") else {}
    read: pd.Series[Any] = values.to_pandas(types_mapper=types.get)
    return read.astype("category") if column.endswith(":") else read


def _cells(text: str) -> Any:
    lines = text.replace(",", "\n") + "\n"
    return csv.read_csv(
        pa.py_buffer(lines.encode()),
        csv.ReadOptions(column_names=["value"]),
        csv.ParseOptions(ignore_empty_lines=False),
        csv.ConvertOptions(auto_dict_encode=True, null_values=[""], strings_can_be_null=True),
    )["value"]
