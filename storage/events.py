"""Client events and who is invited to them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from domain.events import ClientEvent, Invitation, InvitationState
from domain.model import Tier
from storage.tables import ClientEventRow, InvitationRow


def list_events(session: Session, team: str, *, since: date) -> list[ClientEvent]:
    """Return a team's events from a day on, the next one first."""
    rows = session.exec(
        select(ClientEventRow)
        .where(ClientEventRow.team == team, ClientEventRow.day >= since)
        .order_by(col(ClientEventRow.day), col(ClientEventRow.at), col(ClientEventRow.id))
    )
    return [_event(row) for row in rows]


def load_event(session: Session, event_id: int) -> ClientEvent | None:
    """Return an event."""
    row = session.exec(select(ClientEventRow).where(ClientEventRow.id == event_id)).one_or_none()
    return _event(row) if row else None


def save_event(session: Session, event: ClientEvent, *, by: str, at: datetime) -> ClientEvent:
    """Keep a new event (id 0), or change a known one: calendars then take the newer version."""
    row = session.exec(
        select(ClientEventRow).where(ClientEventRow.id == event.event_id)
    ).one_or_none()
    if row is None:
        row = ClientEventRow(uid=event.uid, saved_by=by, saved_at=at, **_columns(event))
        session.add(row)
    else:
        for name, value in _columns(event).items():
            setattr(row, name, value)
        row.sequence, row.saved_by, row.saved_at = row.sequence + 1, by, at
    session.flush()
    return _event(row)


def invitations_to(
    session: Session, event_ids: Sequence[int]
) -> defaultdict[int, list[Invitation]]:
    """Return the invitations to each of these events, in the order in which they were made."""
    found: defaultdict[int, list[Invitation]] = defaultdict(list)
    rows = session.exec(
        select(InvitationRow)
        .where(col(InvitationRow.event_id).in_(event_ids))
        .order_by(col(InvitationRow.id))
    )
    for row in rows:
        found[row.event_id].append(
            Invitation(
                client_id=row.client_id,
                event_id=row.event_id,
                state=InvitationState(row.state),
                on=row.changed_on,
            )
        )
    return found


def _columns(event: ClientEvent) -> dict[str, Any]:
    return {
        "team": event.team,
        "owner_id": event.owner_id,
        "name": event.name,
        "day": event.on,
        "at": event.at,
        "ends_at": event.ends_at,
        "zone": event.zone,
        "place": event.place,
        "seats": event.seats,
        "service": event.service,
        "tiers": [each.value for each in event.tiers],
        "is_cancelled": event.is_cancelled,
    }


def _event(row: ClientEventRow) -> ClientEvent:
    if row.id is None:
        raise ValueError("an event that was never saved has no id")
    return ClientEvent(
        event_id=row.id,
        team=row.team,
        owner_id=row.owner_id,
        name=row.name,
        on=row.day,
        at=row.at,
        ends_at=row.ends_at,
        zone=row.zone,
        place=row.place,
        seats=row.seats,
        service=row.service,
        tiers=tuple(Tier(each) for each in row.tiers),
        is_cancelled=row.is_cancelled,
        uid=row.uid,
        sequence=row.sequence,
    )
