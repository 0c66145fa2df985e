"""What was recorded, booked, put off and agreed for clients, and when each service was settled."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.rulebook import RuleBook
from domain.servicing import (
    Appointment,
    Channel,
    Outcome,
    ServiceHistory,
    ServiceOverride,
    ServiceRecord,
    Snooze,
    last_settled,
)
from storage.firms import all_rules, save_rules
from storage.joined import BATCH, among
from storage.store import Prepared
from storage.tables import (
    AppointmentRow,
    LastServiceRow,
    ServiceOverrideRow,
    ServiceRecordRow,
    SnoozeRow,
)

Cells = dict[str, Any]
"""Columns of one of the four tables, under names that all four share."""


def _cells() -> tuple[Cells, Cells, Cells, Cells]:
    """Give the four tables' columns their shared names, so that one statement reads them all."""
    record: Any = ServiceRecordRow
    appointment: Any = AppointmentRow
    snooze: Any = SnoozeRow
    override: Any = ServiceOverrideRow
    return (
        {
            **_common(record),
            "day": record.happened_on,
            "word": record.outcome,
            "text": record.note,
            "by": record.recorded_by,
            "number": record.advisor_minutes,
            "staff_minutes": record.staff_minutes,
            "event_id": record.event_id,
            "channel": record.channel,
        },
        {
            **_common(appointment),
            "day": appointment.day,
            "by": appointment.recorded_by,
            "at": appointment.at,
            "number": appointment.minutes,
            "is_cancelled": appointment.is_cancelled,
        },
        {
            **_common(snooze),
            "day": snooze.until,
            "text": snooze.reason,
            "by": snooze.recorded_by,
        },
        {
            **_common(override),
            "day": override.first_day,
            "text": override.reason,
            "by": override.by,
            "number": override.per_year_hundredths,
            "last_day": override.last_day,
        },
    )


def _common(of: Any) -> Cells:
    return {"client_id": of.client_id, "id": of.id, "service": of.service}


def _statement() -> sa.CompoundSelect[Any]:
    every = _cells()
    kinds = {name: cell.type for cells in every for name, cell in cells.items()}
    selects = []
    for kind, cells in enumerate(every):
        columns = (
            (cells[name] if name in cells else sa.cast(sa.null(), kinds[name])).label(name)
            for name in kinds
        )
        mine = sa.select(sa.literal(kind).label("kind"), *columns)
        selects.append(mine.where(among(cells["client_id"], "ids")))
    return sa.union_all(*selects).order_by("kind", "id")


_HISTORIES = Prepared(_statement())


def load_histories(session: Session, client_ids: Sequence[int]) -> dict[int, ServiceHistory]:
    """Return the history of each of these clients, in one statement for each 900 of them."""
    found: dict[int, tuple[list[Any], ...]] = {each: ([], [], [], []) for each in client_ids}
    for start in range(0, len(client_ids), BATCH):
        for row in _HISTORIES.rows(session, ids=client_ids[start : start + BATCH]):
            found[row.client_id][row.kind].append(READERS[row.kind](row))
    return {
        client_id: ServiceHistory(
            records=tuple(records),
            appointments=tuple(appointments),
            snoozes=tuple(snoozes),
            overrides=tuple(overrides),
        )
        for client_id, (records, appointments, snoozes, overrides) in found.items()
    }


def keep_version(session: Session, rules: RuleBook, *, by: str, at: datetime) -> None:
    """Keep a rule book as one more version, and read anew what was recorded since it holds."""
    save_rules(session, rules, by=by, at=at)
    since = select(ServiceRecordRow.client_id).where(
        ServiceRecordRow.happened_on >= rules.valid_from
    )
    note_last_services(session, *session.exec(since.distinct()).all())


def note_last_services(session: Session, *client_ids: int) -> None:
    """Keep the day each service was last settled, after records came, changed or went."""
    rules = all_rules(session)
    settled = {
        (client_id, service): day
        for client_id, history in load_histories(session, client_ids).items()
        for service, day in last_settled(history.records, rules, today=date.max).items()
    }
    for start in range(0, len(client_ids), BATCH):
        some = client_ids[start : start + BATCH]
        noted = select(LastServiceRow).where(col(LastServiceRow.client_id).in_(some))
        for row in session.exec(noted).all():
            day = settled.pop((row.client_id, row.service), None)
            if day is None:
                session.delete(row)
            else:
                row.day = day
    session.add_all(
        LastServiceRow(client_id=client_id, service=service, day=day)
        for (client_id, service), day in settled.items()
    )


def _record(row: Any) -> ServiceRecord:
    return ServiceRecord(
        service=row.service,
        outcome=Outcome(row.word),
        on=row.day,
        advisor_minutes=row.number,
        staff_minutes=row.staff_minutes,
        note=row.text,
        by=row.by,
        record_id=row.id,
        event_id=row.event_id,
        channel=Channel(row.channel) if row.channel else None,
    )


def _appointment(row: Any) -> Appointment:
    return Appointment(
        service=row.service,
        on=row.day,
        at=row.at,
        by=row.by,
        cancelled=row.is_cancelled,
        minutes=row.number,
        appointment_id=row.id,
    )


def _snooze(row: Any) -> Snooze:
    return Snooze(service=row.service, until=row.day, reason=row.text, by=row.by, snooze_id=row.id)


def _override(row: Any) -> ServiceOverride:
    return ServiceOverride(
        service=row.service,
        per_year=Decimal(row.number) / 100,
        reason=row.text,
        by=row.by,
        first_day=row.day,
        last_day=row.last_day,
        override_id=row.id,
    )


READERS = (_record, _appointment, _snooze, _override)
"""In the order of the tables in the statement."""
