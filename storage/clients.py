"""Reads clients with all their dated facts as domain values."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlmodel import Session, col, select

from domain.cutoffs import BookCutoffs
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
from storage.tables import (
    ClientRow,
    DecisionRow,
    DiagnosisRow,
    Fact,
    HoldingRow,
    LegacyRow,
    OverrideRow,
    SatisfactionRow,
    StrategicRow,
    TraitRow,
    WalletRow,
)

BATCH = 900
"""Ids per query: SQLite allows 999 variables in older builds."""

FactRow = TypeVar("FactRow", bound=Fact)


class ChangedMeanwhileError(Exception):
    """Somebody else changed the client after the editor had read it."""


def load_book(
    session: Session, advisor_ids: Iterable[int], rules: RuleBook, *, today: date
) -> list[Client]:
    """Return the clients of these advisors, former ones included, by name."""
    rows = session.exec(
        select(ClientRow)
        .where(col(ClientRow.advisor_id).in_(sorted(advisor_ids)))
        .order_by(ClientRow.name, col(ClientRow.id))
    ).all()
    return _values(session, rows, rules, today=today)


def load_clients(
    session: Session, client_ids: Sequence[int], rules: RuleBook, *, today: date
) -> list[Client]:
    """Return the clients with these ids, in this order; ids that are none are left out."""
    rows = {row.id: row for row in _by_ids(session, client_ids)}
    found = [rows[each] for each in client_ids if each in rows]
    return _values(session, found, rules, today=today)


def names_of(
    session: Session, client_ids: Sequence[int], reach: frozenset[int] | None = None
) -> dict[int, str]:
    """Return the names of clients by id; with `reach`, of these advisors' clients only."""
    return {
        _id(row): row.name
        for row in _by_ids(session, client_ids)
        if reach is None or row.advisor_id in reach
    }


def client_numbered(session: Session, external_id: str) -> ClientRow | None:
    """Return the client with a client number."""
    return session.exec(select(ClientRow).where(ClientRow.external_id == external_id)).one_or_none()


def advisor_of(session: Session, client_id: int) -> int | None:
    """Return the id of the advisor responsible for a client."""
    return session.exec(select(ClientRow.advisor_id).where(ClientRow.id == client_id)).one_or_none()


def client_version(session: Session, client_id: int) -> int | None:
    """Return the version that an editor must name to change the client."""
    return session.exec(select(ClientRow.version).where(ClientRow.id == client_id)).one_or_none()


def hundredths(value: Decimal) -> int:
    """Write a decimal with at most two places as whole hundredths.

    Raises ValueError for more places: nothing is rounded silently.
    """
    whole = value * 100
    if whole != int(whole):
        raise ValueError("more than two decimal places")
    return int(whole)


def _values(
    session: Session, rows: Sequence[ClientRow], rules: RuleBook, *, today: date
) -> list[Client]:
    ids = [_id(row) for row in rows]
    ties = _facts(session, LegacyRow, ids)
    sponsor_ids = sorted({tie.sponsor_id for each in ties.values() for tie in each})
    sponsors = _sponsors(session, sponsor_ids, rules, today=today)
    satisfactions = _facts(session, SatisfactionRow, ids)
    wallets = _facts(session, WalletRow, ids)
    holdings = _facts(session, HoldingRow, ids)
    strategic = _facts(session, StrategicRow, ids)
    overrides = _facts(session, OverrideRow, ids)
    decisions = _facts(session, DecisionRow, ids)
    traits = _facts(session, TraitRow, ids)
    diagnoses = _facts(session, DiagnosisRow, ids)
    return [
        Client(
            client_id=_id(row),
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
            former_since=row.former_since,
            satisfactions=_each(satisfactions[_id(row)], _satisfaction),
            wallets=_each(wallets[_id(row)], _wallet),
            holdings=_each(holdings[_id(row)], _holding),
            strategic=_each(strategic[_id(row)], _strategic),
            legacy=tuple(
                LegacyTie(relation=Relation(tie.relation), sponsor=sponsors[tie.sponsor_id])
                for tie in ties[_id(row)]
            ),
            overrides=_each(overrides[_id(row)], _override),
            decisions=_each(decisions[_id(row)], _decision),
            traits=_each(traits[_id(row)], _trait),
            diagnoses=_each(diagnoses[_id(row)], _diagnosis),
        )
        for row in rows
    ]


def _sponsors(
    session: Session, sponsor_ids: Sequence[int], rules: RuleBook, *, today: date
) -> dict[int, Sponsor]:
    """Return sponsors with their own tiers; a sponsor's sponsor does not matter (A+ and A only)."""
    overrides = _facts(session, OverrideRow, sponsor_ids)
    cutoffs = load_cutoffs(session, rules, today=today) if sponsor_ids else BookCutoffs()
    found = {}
    for row in _by_ids(session, sponsor_ids):
        alone = Client(
            client_id=_id(row),
            external_id=row.external_id,
            name=row.name,
            advisor_id=row.advisor_id,
            revenue=_hundredth(row.revenue_cents),
            overrides=_each(overrides[_id(row)], _override),
        )
        found[_id(row)] = Sponsor(
            client_id=_id(row),
            name=row.name,
            tier=tier_of(alone, rules, today=today, cutoffs=cutoffs).tier,
            is_former=row.former_since is not None and row.former_since <= today,
            advisor_id=row.advisor_id,
        )
    return found


def _by_ids(session: Session, ids: Sequence[int]) -> list[ClientRow]:
    found: list[ClientRow] = []
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        found += session.exec(select(ClientRow).where(col(ClientRow.id).in_(batch)))
    return found


def _facts(
    session: Session, table: type[FactRow], ids: Sequence[int]
) -> defaultdict[int, list[FactRow]]:
    found: defaultdict[int, list[FactRow]] = defaultdict(list)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        for row in session.exec(
            select(table).where(col(table.client_id).in_(batch)).order_by(table.id)  # type: ignore[attr-defined]
        ):
            found[row.client_id].append(row)
    return found


Value = TypeVar("Value")


def _each(rows: Sequence[FactRow], value_of: Callable[[FactRow], Value]) -> tuple[Value, ...]:
    return tuple(value_of(row) for row in rows)


def _satisfaction(row: SatisfactionRow) -> Satisfaction:
    return Satisfaction(
        score=Decimal(row.score_hundredths) / 100,
        scale=Scale(row.scale),
        measured_on=row.measured_on,
    )


def _wallet(row: WalletRow) -> WalletFact:
    return WalletFact(
        source=WalletSource(row.source),
        known_on=row.known_on,
        wallet=_hundredth(row.wallet_cents),
        share_pct=_hundredth(row.share_bp),
        providers=row.providers,
        rank=_hundredth(row.rank_hundredths),
    )


def _holding(row: HoldingRow) -> Holding:
    return Holding(managed=Decimal(row.managed_cents) / 100, held_on=row.held_on)


def _strategic(row: StrategicRow) -> StrategicCase:
    return StrategicCase(
        criterion=Criterion(row.criterion),
        noted_on=row.noted_on,
        reason=row.reason,
        target_tier=Tier(row.target_tier) if row.target_tier else None,
        recheck_on=row.recheck_on,
    )


def _override(row: OverrideRow) -> Override:
    return Override(
        tier=Tier(row.tier),
        reason=row.reason,
        by=row.by,
        first_day=row.first_day,
        last_day=row.last_day,
    )


def _decision(row: DecisionRow) -> Decision:
    return Decision(
        kind=DecisionKind(row.kind),
        reason=row.reason,
        by=row.by,
        decided_on=row.decided_on,
        recheck_on=row.recheck_on,
        to_advisor_id=row.advisor_id,
    )


def _trait(row: TraitRow) -> Trait:
    return Trait(kind=TraitKind(row.kind), value=row.value, noted_on=row.noted_on)


def _diagnosis(row: DiagnosisRow) -> Diagnosis:
    return Diagnosis(cause=row.cause, action=row.action, noted_on=row.noted_on, by=row.recorded_by)


def _hundredth(whole: int | None) -> Decimal | None:
    return None if whole is None else Decimal(whole) / 100


def _id(row: ClientRow) -> int:
    if row.id is None:
        raise ValueError("a client that was never saved has no id")
    return row.id
