"""Record what an advisor learned or decided about a client, and take it back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, select

from bot.reports import Asker
from bot.runtime import Runtime
from bot.usecases.assessing import assess_clients
from domain.errors import DomainError
from domain.model import (
    Criterion,
    DecisionKind,
    Relation,
    Satisfaction,
    Tier,
    Trait,
    TraitKind,
    WalletFact,
    WalletSource,
)
from domain.priorities import Assessment
from domain.quadrants import index_of
from storage.clients import advisor_of, hundredths
from storage.edits import Edit, begin_edit, client_of_batch, undo
from storage.firms import current_rules
from storage.placements import note_placements
from storage.tables import (
    DecisionRow,
    DiagnosisRow,
    LegacyRow,
    OverrideRow,
    SatisfactionRow,
    StrategicRow,
    TraitRow,
    WalletRow,
)

Change = Callable[[Edit], None]


class ClientGoneError(DomainError):
    """The client is not, or no longer, in the asker's book."""


class FutureDayError(DomainError):
    """Something cannot have been seen after today."""


class PastDayError(DomainError):
    """A last day, or a day to look again, has to be still to come."""


class NotSetError(DomainError):
    """What is not on record cannot be withdrawn."""


class OwnSponsorError(DomainError):
    """A client cannot be her own sponsor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What recording changed; `batch` takes it back."""

    before: Assessment
    after: Assessment
    batch: str


def record(
    client_id: int,
    change: Change,
    *,
    version: int,
    asker: Asker,
    runtime: Runtime,
    today: date,
) -> Recorded:
    """Make a change and tell whether the client moved.

    Raises ClientGoneError, and ChangedMeanwhileError when the client is no longer at `version`.
    """
    with runtime.store.write(asker.firm_id) as session:
        _check_reach(session, client_id, asker)
        before = _note(session, client_id, today=today)
        edit = begin_edit(session, client_id, by=asker.name, at=runtime.now(), version=version)
        change(edit)
        session.flush()
        after = _note(session, client_id, today=today)
        return Recorded(before=before, after=after, batch=edit.batch)


def take_back(batch: str, *, asker: Asker, runtime: Runtime, today: date) -> Recorded:
    """Take a recorded change back.

    Raises ClientGoneError, NothingToUndoError, and ChangedMeanwhileError when the same fact was
    changed again since.
    """
    with runtime.store.write(asker.firm_id) as session:
        client_id = client_of_batch(session, batch)
        if client_id is None:
            raise ClientGoneError
        _check_reach(session, client_id, asker)
        before = _note(session, client_id, today=today)
        undo(session, batch, at=runtime.now())
        session.flush()
        after = _note(session, client_id, today=today)
        return Recorded(before=before, after=after, batch=batch)


def satisfaction(value: Satisfaction, *, today: date) -> Change:
    """Keep a measured satisfaction; one of the same day and scale is corrected."""
    index_of(value.score, value.scale)
    if value.measured_on > today:
        raise FutureDayError

    def change(edit: Edit) -> None:
        row = SatisfactionRow(
            client_id=edit.client_id,
            score_hundredths=hundredths(value.score),
            scale=value.scale,
            measured_on=value.measured_on,
            recorded_by=edit.by,
            recorded_at=edit.at,
        )
        edit.put(row, key=("measured_on", "scale"))

    return change


def wallet(
    source: WalletSource,
    *,
    amount: Decimal | None,
    share_pct: Decimal | None,
    known_on: date,
    today: date,
) -> Change:
    """Keep what a source said about the wallet; the same source's word of that day is corrected."""
    if known_on > today:
        raise FutureDayError

    def change(edit: Edit) -> None:
        row = WalletRow(
            client_id=edit.client_id,
            source=source,
            known_on=known_on,
            wallet_cents=None if amount is None else hundredths(amount),
            share_bp=None if share_pct is None else hundredths(share_pct),
            recorded_by=edit.by,
            recorded_at=edit.at,
        )
        edit.put(row, key=("source", "known_on"))

    return change


def provider_rule(providers: int, rank: Decimal, *, known_on: date, today: date) -> Change:
    """Keep how many providers a client uses and which place is ours: the share follows from it.

    Raises ProviderRankError for a place that is none.
    """
    fact = WalletFact(source=WalletSource.RULE, known_on=known_on, providers=providers, rank=rank)
    if known_on > today:
        raise FutureDayError

    def change(edit: Edit) -> None:
        row = WalletRow(
            client_id=edit.client_id,
            source=fact.source,
            known_on=known_on,
            providers=providers,
            rank_hundredths=hundredths(rank),
            recorded_by=edit.by,
            recorded_at=edit.at,
        )
        edit.put(row, key=("source", "known_on"))

    return change


def traits(values: dict[str, int], *, noted_on: date) -> Change:
    """Keep trust, coachability and referrals as seen on a day."""
    for kind, value in values.items():
        Trait(kind=TraitKind(kind), value=value, noted_on=noted_on)  # refuses what is out of range

    def change(edit: Edit) -> None:
        for kind, value in values.items():
            row = TraitRow(
                client_id=edit.client_id,
                kind=kind,
                value=value,
                noted_on=noted_on,
                recorded_by=edit.by,
                recorded_at=edit.at,
            )
            edit.put(row, key=("kind", "noted_on"))

    return change


def strategic_case(
    criterion: Criterion,
    *,
    holds: bool,
    reason: str,
    target: Tier | None,
    recheck_on: date | None,
    today: date,
) -> Change:
    """Set a criterion of tier S, or note that it no longer holds."""
    if recheck_on is not None and recheck_on <= today:
        raise PastDayError

    def change(edit: Edit) -> None:
        row = StrategicRow(
            client_id=edit.client_id,
            criterion=criterion,
            noted_on=today,
            reason=reason,
            target_tier=target,
            recheck_on=recheck_on,
        )
        if holds:
            edit.put(row, key=("criterion",))
            return
        same = select(StrategicRow).where(
            StrategicRow.client_id == edit.client_id, StrategicRow.criterion == criterion
        )
        known = edit.session.exec(same).one_or_none()
        if known is None:
            raise NotSetError
        edit.drop(known)

    return change


def legacy_tie(relation: Relation, sponsor_id: int, *, asker: Asker) -> Change:
    """Tie a client to a sponsor whom the asker may see."""

    def change(edit: Edit) -> None:
        if sponsor_id == edit.client_id:
            raise OwnSponsorError
        _check_reach(edit.session, sponsor_id, asker)
        edit.put(
            LegacyRow(client_id=edit.client_id, relation=relation, sponsor_id=sponsor_id),
            key=("sponsor_id",),
        )

    return change


def override(tier: Tier, *, reason: str, last_day: date, today: date) -> Change:
    """Set a tier by hand until a last day."""
    if last_day < today:
        raise PastDayError

    def change(edit: Edit) -> None:
        edit.put(
            OverrideRow(
                client_id=edit.client_id,
                tier=tier,
                reason=reason,
                by=edit.by,
                first_day=today,
                last_day=last_day,
            )
        )

    return change


def decision(
    kind: DecisionKind,
    *,
    reason: str,
    recheck_on: date | None,
    advisor_id: int | None,
    today: date,
) -> Change:
    """Keep a decision and let it act: ending makes a former client, handing over moves her."""
    if recheck_on is not None and recheck_on <= today:
        raise PastDayError

    def change(edit: Edit) -> None:
        edit.put(
            DecisionRow(
                client_id=edit.client_id,
                kind=kind,
                reason=reason,
                by=edit.by,
                decided_on=today,
                recheck_on=recheck_on,
                advisor_id=advisor_id,
            )
        )
        if kind is DecisionKind.END:
            edit.set_client(former_since=today)
        if kind is DecisionKind.HAND_OVER and advisor_id is not None:
            edit.set_client(advisor_id=advisor_id)

    return change


def diagnosis(cause: str, action: str, *, today: date) -> Change:
    """Keep why a client is dissatisfied and what is done about it."""

    def change(edit: Edit) -> None:
        edit.put(
            DiagnosisRow(
                client_id=edit.client_id,
                cause=cause,
                action=action,
                noted_on=today,
                recorded_by=edit.by,
                recorded_at=edit.at,
            )
        )

    return change


def _check_reach(session: Session, client_id: int, asker: Asker) -> None:
    if advisor_of(session, client_id) not in asker.reach:
        raise ClientGoneError


def _note(session: Session, client_id: int, *, today: date) -> Assessment:
    rules = current_rules(session)
    assessments = assess_clients(session, [client_id], rules, today=today)
    note_placements(session, assessments, rule_version=rules.version, today=today)
    return assessments[0]
