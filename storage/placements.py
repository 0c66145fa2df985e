"""The history of placements: one row whenever a client was first seen elsewhere than before."""

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.model import Tier
from domain.priorities import Assessment
from domain.servicing import TierSpan
from storage.joined import among
from storage.store import Prepared
from storage.tables import PlacementRow

_SEEN = Prepared(
    sa.select(col(PlacementRow.client_id), col(PlacementRow.seen_on), col(PlacementRow.tier))
    .where(among(PlacementRow.client_id, "ids"))
    .order_by(col(PlacementRow.id))
)


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


def tier_spans(session: Session, client_ids: Sequence[int]) -> dict[int, tuple[TierSpan, ...]]:
    """Return the tiers that each of these clients was noted in, the oldest first."""
    found: dict[int, list[TierSpan]] = {each: [] for each in client_ids}
    for client_id, seen_on, name in _SEEN.rows(session, ids=client_ids):
        spans, tier = found[client_id], Tier(name) if name else None
        if not spans or spans[-1].tier is not tier:
            spans.append(TierSpan(tier=tier, first_day=seen_on))
    return {client_id: tuple(spans) for client_id, spans in found.items()}


def last_placement(session: Session, client_id: int) -> PlacementRow | None:
    """Return where the client was last noted."""
    return session.exec(
        select(PlacementRow)
        .where(PlacementRow.client_id == client_id)
        .order_by(col(PlacementRow.id).desc())
        .limit(1)
    ).one_or_none()
