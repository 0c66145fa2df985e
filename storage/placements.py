"""The history of placements: one row whenever a client was first seen elsewhere than before."""

from collections.abc import Iterable
from datetime import date

from sqlmodel import Session, col, select

from domain.priorities import Assessment
from storage.tables import PlacementRow


def note_placements(
    session: Session, assessments: Iterable[Assessment], *, rule_version: int, today: date
) -> int:
    """Keep who is placed elsewhere than last noted; return how many are."""
    moved = 0
    for each in assessments:
        last = last_placement(session, each.client.client_id)
        tier, quadrant = each.tier.tier, each.quadrant.quadrant
        if last is not None and (last.tier, last.quadrant) == (tier, quadrant):
            continue
        session.add(
            PlacementRow(
                client_id=each.client.client_id,
                seen_on=today,
                tier=tier,
                quadrant=quadrant,
                rule_version=rule_version,
            )
        )
        moved += 1
    return moved


def last_placement(session: Session, client_id: int) -> PlacementRow | None:
    """Return where the client was last noted."""
    return session.exec(
        select(PlacementRow)
        .where(PlacementRow.client_id == client_id)
        .order_by(col(PlacementRow.id).desc())
        .limit(1)
    ).one_or_none()
