"""Reads clients with all their dated facts as domain values."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.model import (
    Client,
    Criterion,
    Decision,
    DecisionKind,
    Diagnosis,
    Holding,
    LegacyTie,
    Override,
    Relation,
    Satisfaction,
    Scale,
    Sponsor,
    StrategicCase,
    Tier,
    Trait,
    TraitKind,
    WalletFact,
    WalletSource,
)
from domain.rulebook import RuleBook
from domain.segmentation import tier_of
from storage.cutoffs import load_cutoffs
from storage.joined import Listed, among
from storage.store import Prepared
from storage.tables import (
    ClientRow,
    DecisionRow,
    DiagnosisRow,
    Fact,
    HoldingRow,
    LegacyRow,
    MemberRow,
    OverrideRow,
    SatisfactionRow,
    StrategicRow,
    TraitRow,
    WalletRow,
)

Value = TypeVar("Value")


def _columns(table: Any, names: str) -> list[Any]:
    return [getattr(table, name) for name in names.split()]


def _facts(table: type[Fact], columns: str, name: str) -> Any:
    """Select a client's facts of one kind as JSON, so that one statement brings all kinds."""
    rows = sa.select(Listed(*_columns(table, f"id {columns}")))
    mine = rows.where(col(table.client_id) == col(ClientRow.id)).correlate(ClientRow)
    return mine.scalar_subquery().label(name)


_FIGURES = (
    *_columns(ClientRow, "id external_id name advisor_id revenue_cents former_since"),
    _facts(OverrideRow, "tier reason by first_day last_day", "overrides"),
)
_WHOLE: Any = sa.select(
    *_FIGURES,
    *_columns(ClientRow, "revenue_on income_cents saving_rate_bp business_share_bp"),
    *_columns(ClientRow, "client_since born_on last_review_on last_contact_on"),
    _facts(SatisfactionRow, "score_hundredths scale measured_on", "satisfactions"),
    _facts(WalletRow, "source known_on wallet_cents share_bp providers rank_hundredths", "wallets"),
    _facts(HoldingRow, "managed_cents held_on", "holdings"),
    _facts(StrategicRow, "criterion noted_on reason target_tier recheck_on", "strategic"),
    _facts(LegacyRow, "relation sponsor_id", "ties"),
    _facts(DecisionRow, "kind reason by decided_on recheck_on advisor_id", "decisions"),
    _facts(TraitRow, "kind value noted_on", "traits"),
    _facts(DiagnosisRow, "cause action noted_on recorded_by", "diagnoses"),
)
_THESE = among(ClientRow.id, "ids")
_THIS: Any = col(ClientRow.id) == sa.bindparam("id")

_BOOK = Prepared(
    _WHOLE.where(among(ClientRow.advisor_id, "advisor_ids")).order_by(ClientRow.name, ClientRow.id)
)
_CLIENTS = Prepared(_WHOLE.where(_THESE))
_SPONSORS = Prepared(sa.select(*_FIGURES).where(_THESE))
_NAMED: Any = sa.select(*_columns(ClientRow, "id name advisor_id"))
_NAMES = Prepared(_NAMED.where(_THESE))
_NUMBERED = Prepared(_NAMED.where(col(ClientRow.external_id) == sa.bindparam("number")))
_ADVISOR = Prepared(sa.select(col(ClientRow.advisor_id)).where(_THIS))
_VERSION = Prepared(sa.select(col(ClientRow.version)).where(_THIS))
_VERSION_AND_ADVISOR = Prepared(
    sa.select(col(ClientRow.version), col(MemberRow.name))
    .join(MemberRow, col(MemberRow.id) == col(ClientRow.advisor_id))
    .where(_THIS)
)


class ChangedMeanwhileError(Exception):
    """Somebody else changed the client after the editor had read it."""


def load_book(
    session: Session, advisor_ids: Iterable[int], rules: RuleBook, *, today: date
) -> list[Client]:
    """Return the clients of these advisors, former ones included, by name."""
    rows = _BOOK.rows(session, advisor_ids=sorted(advisor_ids))
    return _values(session, rows, rules, today=today)


def load_clients(
    session: Session, client_ids: Sequence[int], rules: RuleBook, *, today: date
) -> list[Client]:
    """Return the clients with these ids, in this order; ids that are none are left out."""
    rows = {row.id: row for row in _CLIENTS.rows(session, ids=client_ids)}
    found = [rows[each] for each in client_ids if each in rows]
    return _values(session, found, rules, today=today)


def names_of(
    session: Session, client_ids: Sequence[int], reach: frozenset[int] | None = None
) -> dict[int, str]:
    """Return the names of clients by id; with `reach`, of these advisors' clients only."""
    rows = _NAMES.rows(session, ids=client_ids)
    return {row.id: row.name for row in rows if reach is None or row.advisor_id in reach}


def client_numbered(session: Session, external_id: str) -> tuple[int, str, int] | None:
    """Return id, name and advisor's id of the client with a client number."""
    return next((tuple(row) for row in _NUMBERED.rows(session, number=external_id)), None)


def count_books(session: Session, advisor_ids: Sequence[int]) -> int:
    """Count the advisors among these who have any client, former ones left out."""
    present = col(ClientRow.former_since).is_(None)
    counted = sa.select(sa.func.count(sa.distinct(col(ClientRow.advisor_id)))).where(
        col(ClientRow.advisor_id).in_(advisor_ids), present
    )
    return int(session.exec(counted).scalar_one())  # type: ignore[call-overload]


def has_clients(session: Session) -> bool:
    """Tell whether the session's firm has any client, former ones included."""
    return session.exec(select(ClientRow.id).limit(1)).one_or_none() is not None


def advisor_of(session: Session, client_id: int) -> int | None:
    """Return the id of the advisor responsible for a client."""
    return next(iter(_ADVISOR.cells(session, id=client_id)), None)


def client_version(session: Session, client_id: int) -> int | None:
    """Return the version that an editor must name to change the client."""
    return next(iter(_VERSION.cells(session, id=client_id)), None)


def version_and_advisor(session: Session, client_id: int) -> tuple[int, str]:
    """Return a client's version and the name of the advisor responsible."""
    ((version, advisor),) = _VERSION_AND_ADVISOR.rows(session, id=client_id)
    return version, advisor


def hundredths(value: Decimal) -> int:
    """Write a decimal with at most two places as whole hundredths.

    Raises ValueError for more places: nothing is rounded silently.
    """
    whole = value * 100
    if whole != int(whole):
        raise ValueError("more than two decimal places")
    return int(whole)


def _values(session: Session, rows: Sequence[Any], rules: RuleBook, *, today: date) -> list[Client]:
    ties = {row.id: _each(row.ties, _tie) for row in rows}
    sponsor_ids = sorted({sponsor_id for each in ties.values() for _, sponsor_id in each})
    sponsors = _sponsors(session, sponsor_ids, rules, today=today) if sponsor_ids else {}
    return [
        Client(
            client_id=row.id,
            external_id=row.external_id,
            name=row.name,
            advisor_id=row.advisor_id,
            revenue=_hundredth(row.revenue_cents),
            revenue_on=row.revenue_on,
            income=_hundredth(row.income_cents),
            saving_rate_pct=_hundredth(row.saving_rate_bp),
            business_share_pct=_hundredth(row.business_share_bp),
            client_since=row.client_since,
            born_on=row.born_on,
            last_review_on=row.last_review_on,
            last_contact_on=row.last_contact_on,
            former_since=row.former_since,
            satisfactions=_each(row.satisfactions, _satisfaction),
            wallets=_each(row.wallets, _wallet),
            holdings=_each(row.holdings, _holding),
            strategic=_each(row.strategic, _strategic),
            legacy=tuple(
                LegacyTie(relation=relation, sponsor=sponsors[sponsor_id])
                for relation, sponsor_id in ties[row.id]
            ),
            overrides=_each(row.overrides, _override),
            decisions=_each(row.decisions, _decision),
            traits=_each(row.traits, _trait),
            diagnoses=_each(row.diagnoses, _diagnosis),
        )
        for row in rows
    ]


def _sponsors(
    session: Session, sponsor_ids: Sequence[int], rules: RuleBook, *, today: date
) -> dict[int, Sponsor]:
    """Return sponsors with their own tiers; a sponsor's sponsor does not matter (A+ and A only)."""
    cutoffs = load_cutoffs(session, rules, today=today)
    found = {}
    for row in _SPONSORS.rows(session, ids=sponsor_ids):
        alone = Client(
            client_id=row.id,
            external_id=row.external_id,
            name=row.name,
            advisor_id=row.advisor_id,
            revenue=_hundredth(row.revenue_cents),
            overrides=_each(row.overrides, _override),
        )
        found[alone.client_id] = Sponsor(
            client_id=alone.client_id,
            name=alone.name,
            tier=tier_of(alone, rules, today=today, cutoffs=cutoffs).tier,
            is_former=row.former_since is not None and row.former_since <= today,
            advisor_id=alone.advisor_id,
        )
    return found


def _each(listed: str | None, value_of: Callable[..., Value]) -> tuple[Value, ...]:
    """Read the facts of `_of_client` in the order of their ids."""
    return tuple(value_of(*cells) for _, *cells in sorted(json.loads(listed or "[]")))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _satisfaction(score: int, scale: str, measured_on: str) -> Satisfaction:
    return Satisfaction(
        score=Decimal(score) / 100,
        scale=Scale(scale),
        measured_on=date.fromisoformat(measured_on),
    )


def _wallet(
    source: str,
    known_on: str,
    cents: int | None,
    share_bp: int | None,
    providers: int | None,
    rank: int | None,
) -> WalletFact:
    return WalletFact(
        source=WalletSource(source),
        known_on=date.fromisoformat(known_on),
        wallet=_hundredth(cents),
        share_pct=_hundredth(share_bp),
        providers=providers,
        rank=_hundredth(rank),
    )


def _holding(cents: int, held_on: str) -> Holding:
    return Holding(managed=Decimal(cents) / 100, held_on=date.fromisoformat(held_on))


def _strategic(
    criterion: str, noted_on: str, reason: str, target_tier: str | None, recheck_on: str | None
) -> StrategicCase:
    return StrategicCase(
        criterion=Criterion(criterion),
        noted_on=date.fromisoformat(noted_on),
        reason=reason,
        target_tier=Tier(target_tier) if target_tier else None,
        recheck_on=_day(recheck_on),
    )


def _tie(relation: str, sponsor_id: int) -> tuple[Relation, int]:
    return Relation(relation), sponsor_id


def _override(tier: str, reason: str, by: str, first_day: str, last_day: str) -> Override:
    return Override(
        tier=Tier(tier),
        reason=reason,
        by=by,
        first_day=date.fromisoformat(first_day),
        last_day=date.fromisoformat(last_day),
    )


def _decision(
    kind: str, reason: str, by: str, decided_on: str, recheck_on: str | None, to: int | None
) -> Decision:
    return Decision(
        kind=DecisionKind(kind),
        reason=reason,
        by=by,
        decided_on=date.fromisoformat(decided_on),
        recheck_on=_day(recheck_on),
        to_advisor_id=to,
    )


def _trait(kind: str, value: int, noted_on: str) -> Trait:
    return Trait(kind=TraitKind(kind), value=value, noted_on=date.fromisoformat(noted_on))


def _diagnosis(cause: str, action: str, noted_on: str, by: str) -> Diagnosis:
    return Diagnosis(cause=cause, action=action, noted_on=date.fromisoformat(noted_on), by=by)


def _hundredth(whole: int | None) -> Decimal | None:
    return None if whole is None else Decimal(whole) / 100
