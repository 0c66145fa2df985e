"""What was said of names on the week's list, and from where to where clients came."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlmodel import Session, col, func, select

from domain.handling import QUIET_DAYS, Handled, Handling
from domain.model import Quadrant
from storage.joined import BATCH
from storage.tables import ClientRow, DeliveryRow, HandledRow, PlacementRow


def handled_since(session: Session, advisor_ids: Iterable[int], *, today: date) -> list[Handled]:
    """Return what was said of these advisors' clients and may hold today, the last word only."""
    first = today - timedelta(days=max(QUIET_DAYS.values()))
    rows = session.exec(
        select(HandledRow)
        .join(ClientRow, col(HandledRow.client_id) == col(ClientRow.id))
        .where(col(ClientRow.advisor_id).in_(sorted(advisor_ids)), HandledRow.handled_on > first)
        .order_by(col(HandledRow.id))
    )
    last = {row.client_id: row for row in rows}
    return [
        Handled(
            client_id=row.client_id,
            how=Handling(row.how),
            quadrant=Quadrant(row.quadrant) if row.quadrant else None,
            on=row.handled_on,
        )
        for row in last.values()
    ]


def noted_fields(
    session: Session, client_ids: Sequence[int], *, since: date, before: date
) -> dict[int, tuple[Quadrant | None, Quadrant | None]]:
    """Return the clients noted in [since, before) with their fields before that time and last.

    A client who was never noted earlier has come from nowhere and is left out.
    """
    found: dict[int, tuple[Quadrant | None, Quadrant | None]] = {}
    for start in range(0, len(client_ids), BATCH):
        chosen = col(PlacementRow.client_id).in_(client_ids[start : start + BATCH])
        moved = session.exec(
            select(PlacementRow.client_id, PlacementRow.quadrant)
            .where(chosen, PlacementRow.seen_on >= since, PlacementRow.seen_on < before)
            .order_by(col(PlacementRow.id))
        )
        last = dict(moved.all())
        newest = (
            select(func.max(PlacementRow.id))
            .where(col(PlacementRow.client_id).in_(last), PlacementRow.seen_on < since)
            .group_by(col(PlacementRow.client_id))
        )
        earlier = session.exec(
            select(PlacementRow.client_id, PlacementRow.quadrant).where(
                col(PlacementRow.id).in_(newest)
            )
        )
        for client_id, quadrant in earlier:
            found[client_id] = (_field(quadrant), _field(last[client_id]))
    return found


def last_said(session: Session, member_id: int, kind: str, *, before: str) -> str | None:
    """Return the period of the last message of a kind that a member got before a period."""
    return session.exec(
        select(func.max(DeliveryRow.period)).where(
            DeliveryRow.member_id == member_id,
            DeliveryRow.kind == kind,
            DeliveryRow.state == "sent",
            DeliveryRow.period < before,
        )
    ).one()


def _field(quadrant: str | None) -> Quadrant | None:
    return Quadrant(quadrant) if quadrant else None
