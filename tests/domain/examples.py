"""Fictional clients to start a test from: a name and a number, the facts as the test needs them."""

from datetime import date
from decimal import Decimal
from typing import Any

from domain.model import (
    Client,
    Decision,
    DecisionKind,
    Holding,
    LegacyTie,
    Override,
    Relation,
    Satisfaction,
    Scale,
    Sponsor,
    StrategicCase,
    Tier,
    WalletFact,
    WalletSource,
)

TODAY = date(2026, 11, 23)
"""A Monday."""


def a_client(revenue: Any = None, **facts: Any) -> Client:
    """Return a client of whom nothing is known but the facts given."""
    number = facts.pop("client_id", 1)
    return Client(
        client_id=number,
        external_id=f"K{number}",
        name=facts.pop("name", f"Client {number}"),
        advisor_id=facts.pop("advisor_id", 7),
        revenue=None if revenue is None else Decimal(revenue),
        **facts,
    )


def a_score(score: Any, on: date = TODAY, scale: Scale = Scale.CSI) -> Satisfaction:
    return Satisfaction(score=Decimal(score), scale=scale, measured_on=on)


def a_wallet(
    wallet: Any = None,
    share: Any = None,
    on: date = TODAY,
    source: WalletSource = WalletSource.STATED,
) -> WalletFact:
    return WalletFact(
        source=source,
        known_on=on,
        wallet=None if wallet is None else Decimal(wallet),
        share_pct=None if share is None else Decimal(share),
    )


def a_holding(managed: Any, on: date = TODAY) -> Holding:
    return Holding(managed=Decimal(managed), held_on=on)


def an_override(tier: Tier, first_day: date, last_day: date) -> Override:
    return Override(
        tier=tier, reason="new owner", by="Lena Brandt", first_day=first_day, last_day=last_day
    )


def a_tie(sponsor_tier: Tier | None, *, is_former: bool = False, sponsor_id: int = 90) -> LegacyTie:
    sponsor = Sponsor(
        client_id=sponsor_id, name="Familie Adler", tier=sponsor_tier, is_former=is_former
    )
    return LegacyTie(relation=Relation.CHILD, sponsor=sponsor)


def a_case(criterion: Any, on: date = TODAY) -> StrategicCase:
    return StrategicCase(criterion=criterion, noted_on=on, reason="sells the firm next year")


def a_decision(kind: DecisionKind, on: date = TODAY, recheck_on: date | None = None) -> Decision:
    return Decision(
        kind=kind, reason="talked to them", by="Lena Brandt", decided_on=on, recheck_on=recheck_on
    )


def in_field(satisfaction: Any, share: Any, **facts: Any) -> Client:
    """Return a client with a satisfaction index and a stated share of wallet of today."""
    return a_client(
        facts.pop("revenue", 5000),
        satisfactions=(a_score(satisfaction),),
        wallets=(a_wallet(share=share),),
        **facts,
    )
