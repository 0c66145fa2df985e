"""The services of advisors' clients as frames, straight from their columns."""

from collections.abc import Collection
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlmodel import Session, col

from domain.frames import NONE, Roster, epoch_day
from domain.rulebook import RuleBook
from domain.service_frames import COLUMNS, ServiceFrames
from storage.book_frames import clients_of, read_frame
from storage.tables import (
    AppointmentRow,
    ClientRow,
    LastServiceRow,
    PlacementRow,
    ServiceOverrideRow,
    SnoozeRow,
)


def load_service_frames(
    session: Session, advisor_ids: Collection[int], rules: RuleBook, *, today: date
) -> ServiceFrames:
    """Return these advisors' clients with what `domain.service_frames` reads of them.

    A day after today (it is later elsewhere) counts as today; `settled_ahead` says whose.
    """
    whose = clients_of(session, advisor_ids)

    def read(table: Any, columns: str) -> pd.DataFrame:
        return read_frame(session, table, columns, whose=whose)

    clients = read(ClientRow, COLUMNS["clients"])
    booked = read(AppointmentRow, "client_id service: day is_cancelled:")
    is_off = booked["is_cancelled"].astype(str).str.lower().isin(("1", "true"))
    return ServiceFrames(
        clients=clients,
        last=_last(clients, read(LastServiceRow, "client_id service: day"), rules, today),
        spans=_changes(read(PlacementRow, "client_id tier: seen_on")),
        overrides=read(ServiceOverrideRow, COLUMNS["overrides"]),
        appointments=booked[~is_off].rename(columns={"day": "on"}).reset_index(drop=True),
        snoozes=read(SnoozeRow, COLUMNS["snoozes"]),
    )


def settled_ahead(session: Session, advisor_ids: Collection[int], *, today: date) -> set[int]:
    """Return the clients for whom something was recorded on a day after today."""
    ahead = sa.select(col(LastServiceRow.client_id)).where(
        col(LastServiceRow.day) > today,
        col(LastServiceRow.client_id).in_(clients_of(session, advisor_ids)),
    )
    return set(session.scalars(ahead))


def _last(clients: pd.DataFrame, last: pd.DataFrame, rules: RuleBook, today: date) -> pd.DataFrame:
    """Spread the last days over a column for each service, with a row for each client."""
    place = Roster(clients["client_id"].to_numpy(np.int64)).places(last["client_id"])
    day, spread = last["day"].to_numpy(np.int64), {}
    for service in rules.services.services:
        mine = np.flatnonzero(last["service"] == service.key)
        spread[service.key] = np.full(len(clients), NONE, dtype=np.int64)
        spread[service.key][place[mine]] = np.minimum(day[mine], epoch_day(today))
    return pd.DataFrame(spread)


def _changes(noted: pd.DataFrame) -> pd.DataFrame:
    """Keep of a client's placements those that changed the tier."""
    ordered = noted.rename(columns={"seen_on": "first_day"}).sort_values("client_id", kind="stable")
    client, tier = ordered["client_id"].to_numpy(), ordered["tier"].cat.codes.to_numpy()
    is_change = np.ones(len(ordered), dtype=bool)
    is_change[1:] = (client[1:] != client[:-1]) | (tier[1:] != tier[:-1])
    return ordered[is_change].reset_index(drop=True)
