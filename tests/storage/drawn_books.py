"""Saves drawn clients as rows."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from domain.model import Client
from storage.tables import (
    DecisionRow,
    HoldingRow,
    LegacyRow,
    OverrideRow,
    SatisfactionRow,
    StrategicRow,
    TraitRow,
    WalletRow,
)
from tests.firms import NOW, save_client


def save_book(session: Session, clients: Iterable[Client], advisors: list[int]) -> list[int]:
    """Save drawn clients; only facts that the store can keep apart, and ties within the book.

    Returns their ids.
    """
    every = list(clients)
    ids = {}
    for client in every:
        ids[client.client_id] = save_client(
            session,
            client.external_id,
            client.name,
            advisors[client.advisor_id % len(advisors)],
            revenue_cents=_hundredths(client.revenue),
            income_cents=_hundredths(client.income),
            saving_rate_bp=_hundredths(client.saving_rate_pct),
            business_share_bp=_hundredths(client.business_share_pct),
            former_since=client.former_since,
        )
    for client in every:
        for row in _facts(client, ids):
            session.add(row)
            session.flush()
    return list(ids.values())


def _facts(client: Client, ids: dict[int, int]) -> Iterable[Any]:
    whose: dict[str, Any] = {"client_id": ids[client.client_id]}
    said = whose | {"recorded_by": "test", "recorded_at": NOW}
    for score in {(s.measured_on, s.scale): s for s in client.satisfactions}.values():
        yield SatisfactionRow(
            **said,
            score_hundredths=int(score.score * 100),
            scale=score.scale,
            measured_on=score.measured_on,
        )
    for wallet in {(w.known_on, w.source): w for w in client.wallets}.values():
        yield WalletRow(
            **said,
            source=wallet.source,
            known_on=wallet.known_on,
            wallet_cents=_hundredths(wallet.wallet),
            share_bp=_hundredths(wallet.share_pct),
            providers=wallet.providers,
            rank_hundredths=_hundredths(wallet.rank),
        )
    for holding in {h.held_on: h for h in client.holdings}.values():
        cents = int(holding.managed * 100)
        yield HoldingRow(**whose, managed_cents=cents, held_on=holding.held_on)
    for case in {s.criterion: s for s in client.strategic}.values():
        days: dict[str, Any] = {"noted_on": case.noted_on, "recheck_on": case.recheck_on}
        yield StrategicRow(**whose, criterion=case.criterion, **days)
    for tie in client.legacy:
        if tie.sponsor.client_id in ids:
            sponsor_id = ids[tie.sponsor.client_id]
            yield LegacyRow(**whose, relation=tie.relation, sponsor_id=sponsor_id)
    for each in client.overrides:
        days = {"first_day": each.first_day, "last_day": each.last_day}
        yield OverrideRow(**whose, tier=each.tier, reason="", by="test", **days)
    for made in client.decisions:
        days = {"decided_on": made.decided_on, "recheck_on": made.recheck_on}
        yield DecisionRow(**whose, kind=made.kind, reason="", by="test", **days)
    for trait in {(t.kind, t.noted_on): t for t in client.traits}.values():
        seen: dict[str, Any] = {
            "kind": trait.kind,
            "value": trait.value,
            "noted_on": trait.noted_on,
        }
        yield TraitRow(**said, **seen)


def _hundredths(value: Decimal | None) -> int | None:
    return None if value is None else int(value * 100)
