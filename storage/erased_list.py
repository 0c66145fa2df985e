"""The list of erasures beside the store: a backup from before has the clients, the list has not.

It holds ids, times, proofs and the slow hashes by which a client is recognised; no names. Whoever
restores a backup has the clients on it erased again.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from storage.erasing import erase_again
from storage.store import Store
from storage.tables import ErasureRow, FirmRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What became of a list: how many clients were erased again, and who is to be looked at."""

    erased: int
    doubtful: tuple[int, ...]
    """Ids of clients who are not recognised as those who were erased: renamed, or others."""


def keep_list(store: Store, path: Path) -> None:
    """Add to the list what was erased and is not on it."""
    with store.read(None) as session:
        rows = session.exec(
            select(FirmRow.workspace_id, ErasureRow)
            .where(FirmRow.id == ErasureRow.firm_id, col(ErasureRow.erased_at).is_not(None))
            .order_by(col(ErasureRow.erased_at))
        ).all()
    known = {each["proof"] for each in read_list(path)}
    lines = [json.dumps(_entry(*row)) + "\n" for row in rows if row[1].proof not in known]
    if lines:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "a") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())


def read_list(path: Path) -> list[dict[str, Any]]:
    """Return the list's entries; a line that was cut off is left out."""
    if not path.exists():
        return []
    found = []
    for line in path.read_text().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def erase_listed(store: Store, path: Path, *, at: datetime) -> Again:
    """Erase those of the list's clients again whom a restored store still has."""
    with store.read(None) as session:
        firms = {row.workspace_id: row.id for row in session.exec(select(FirmRow))}
    erased, doubtful = 0, []
    for entry in read_list(path):
        firm_id = firms.get(entry["workspace"])
        if firm_id is None:
            continue
        is_done = erase_again(store, _record(entry, firm_id), at=at)
        erased += is_done is True
        if is_done is None:
            doubtful.append(entry["client"])
    if erased:
        store.wipe()
        store.journal.wipe()
    return Again(erased=erased, doubtful=tuple(doubtful))


def _entry(workspace: str, row: ErasureRow) -> dict[str, Any]:
    times = ("requested_at", "approved_at", "erased_at", "purge_on")
    return {
        "workspace": workspace,
        "client": row.client_id,
        "requested_by": row.requested_by,
        "approved_by": row.approved_by,
        **{name: getattr(row, name).isoformat() for name in times},
        "salt": row.salt,
        "marks": row.marks,
        "proof": row.proof,
    }


def _record(entry: dict[str, Any], firm_id: int) -> ErasureRow:
    named = {name: value for name, value in entry.items() if name not in ("workspace", "client")}
    return ErasureRow.model_validate(
        {**named, "firm_id": firm_id, "client_id": entry["client"], "counts": {}}
    )
