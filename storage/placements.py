"""The history of placements: one row whenever a client was first seen elsewhere than before."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.model import Tier
from domain.priorities import Assessment
from domain.servicing import TierSpan
from storage.joined import BATCH, among
from storage.store import Prepared
from storage.tables import PlacementRow

_SEEN = Prepared(
    sa.select(col(PlacementRow.client_id), col(PlacementRow.seen_on), col(PlacementRow.tier))
    .where(among(PlacementRow.client_id, "ids"))
    .order_by(col(PlacementRow.id))
)


_LATEST = (
    sa.select(sa.func.max(PlacementRow.id))
    .where(among(PlacementRow.client_id, "ids"))
    .group_by(col(PlacementRow.client_id))
)
_LAST = Prepared(
    sa.select(
        col(PlacementRow.client_id), col(PlacementRow.tier), col(PlacementRow.quadrant)
    ).where(col(PlacementRow.id).in_(_LATEST))
)


def note_placements(
    session: Session, assessments: Sequence[Assessment], *, rule_version: int, today: date
) -> int:
    """Keep who is placed elsewhere than last noted; return how many are."""
    last = _last_noted(session, [each.client.client_id for each in assessments])
    moved = [
        each
        for each in assessments
        if last.get(each.client.client_id) != (each.tier.tier, each.quadrant.quadrant)
    ]
    session.add_all(
        PlacementRow(
            client_id=each.client.client_id,
            seen_on=today,
            tier=each.tier.tier,
            quadrant=each.quadrant.quadrant,
            rule_version=rule_version,
        )
        for each in moved
    )
    return len(moved)


def tier_spans(session: Session, client_ids: Sequence[int]) -> dict[int, tuple[TierSpan, ...]]:
    """Return the tiers that each of these clients was noted in, the oldest first."""
    found: dict[int, list[TierSpan]] = {each: [] for each in client_ids}
    for client_id, seen_on, name in _SEEN.rows(session, ids=client_ids):
        spans, tier = found[client_id], Tier(name) if name else None
        if not spans or spans[-1].tier is not tier:
            spans.append(TierSpan(tier=tier, first_day=seen_on))
    return {client_id: tuple(spans) for client_id, spans in found.items()}


def _last_noted(
    session: Session, client_ids: Sequence[int]
) -> dict[int, tuple[str | None, str | None]]:
    return {
        client_id: (tier, quadrant)
        for start in range(0, len(client_ids), BATCH)
        for client_id, tier, quadrant in _LAST.rows(session, ids=client_ids[start : start + BATCH])
    }
