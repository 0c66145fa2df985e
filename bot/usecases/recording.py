"""Record what an advisor learned or decided about a client, and take it back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, select

from bot.reports import Asker
from bot.runtime import Runtime
from bot.usecases.assessing import assess_clients
from domain.decisions import BecomesFormer, MovesTo, check_decision, consequences_of
from domain.errors import DomainError
from domain.model import (
    Criterion,
    Decision,
    DecisionKind,
    Relation,
    Satisfaction,
    Tier,
    Trait,
    TraitKind,
    WalletFact,
)
from domain.priorities import Assessment
from domain.quadrants import index_of
from storage.clients import advisor_of, hundredths, load_clients
from storage.edits import Edit, begin_edit, clients_of_batch, undo
from storage.firms import current_rules
from storage.placements import note_placements
from storage.tables import (
    DecisionRow,
    DiagnosisRow,
    Fact,
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

    def __init__(self, client_id: int | None = None) -> None:
        super().__init__(client_id)
        self.client_id = client_id


class FutureDayError(DomainError):
    """Something cannot have been seen after today."""


class PastDayError(DomainError):
    """A last day, or a day to look again, has to be still to come."""


class NotSetError(DomainError):
    """What is not on record cannot be withdrawn."""


class NotOverruledError(DomainError):
    """No tier set by hand is in force."""


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
        check_reach(session, client_id, asker)
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
        client_id = reached_by_batch(session, batch, asker)[0]
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
    return _keep(
        SatisfactionRow,
        key=("measured_on", "scale"),
        score_hundredths=hundredths(value.score),
        scale=value.scale,
        measured_on=value.measured_on,
    )


def wallet(fact: WalletFact, *, today: date) -> Change:
    """Keep what a source said about the wallet; the same source's word of that day is corrected."""
    if fact.known_on > today:
        raise FutureDayError
    return _keep(
        WalletRow,
        key=("source", "known_on"),
        source=fact.source,
        known_on=fact.known_on,
        wallet_cents=None if fact.wallet is None else hundredths(fact.wallet),
        share_bp=None if fact.share_pct is None else hundredths(fact.share_pct),
        providers=fact.providers,
        rank_hundredths=None if fact.rank is None else hundredths(fact.rank),
    )


def traits(values: dict[str, int], *, noted_on: date) -> Change:
    """Keep trust, coachability and referrals as seen on a day."""
    seen = [Trait(kind=TraitKind(k), value=v, noted_on=noted_on) for k, v in values.items()]
    kept = [
        _keep(TraitRow, key=("kind", "noted_on"), kind=t.kind, value=t.value, noted_on=noted_on)
        for t in seen
    ]

    def change(edit: Edit) -> None:
        for each in kept:
            each(edit)

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
    if not holds:
        return _withdraw(criterion)
    return _keep(
        StrategicRow,
        key=("criterion",),
        criterion=criterion,
        noted_on=today,
        reason=reason,
        target_tier=target,
        recheck_on=recheck_on,
    )


def legacy_tie(relation: Relation, sponsor_id: int, *, asker: Asker) -> Change:
    """Tie a client to a sponsor whom the asker may see."""
    keep = _keep(LegacyRow, key=("sponsor_id",), relation=relation, sponsor_id=sponsor_id)

    def change(edit: Edit) -> None:
        if sponsor_id == edit.client_id:
            raise OwnSponsorError
        check_reach(edit.session, sponsor_id, asker)
        keep(edit)

    return change


def override(tier: Tier, *, reason: str, last_day: date, today: date) -> Change:
    """Set a tier by hand until a last day."""
    if last_day < today:
        raise PastDayError
    return _keep(OverrideRow, tier=tier, reason=reason, first_day=today, last_day=last_day)


def lift_override(*, today: date) -> Change:
    """Let the rule hold again: whatever was set by hand ended yesterday, and stays on record."""

    def change(edit: Edit) -> None:
        in_force = select(OverrideRow).where(
            OverrideRow.client_id == edit.client_id,
            OverrideRow.first_day <= today,
            OverrideRow.last_day >= today,
        )
        held = edit.session.exec(in_force).all()
        if not held:
            raise NotOverruledError
        for each in held:
            edit.amend(each, last_day=today - timedelta(days=1))

    return change


def decision(
    kind: DecisionKind,
    *,
    reason: str,
    recheck_on: date | None,
    advisor_id: int | None,
    today: date,
) -> Change:
    """Keep a decision and let it act: ending makes a former client, handing over moves her.

    The change raises DecisionIncompleteError if something is missing.
    """

    def change(edit: Edit) -> None:
        made = Decision(
            kind=kind,
            reason=reason,
            by=edit.by,
            decided_on=today,
            recheck_on=recheck_on,
            to_advisor_id=advisor_id,
        )
        rules = current_rules(edit.session)
        check_decision(made, load_clients(edit.session, [edit.client_id], rules, today=today)[0])
        keep = _keep(
            DecisionRow,
            kind=kind,
            reason=reason,
            decided_on=today,
            recheck_on=recheck_on,
            advisor_id=advisor_id,
        )
        keep(edit)
        for each in consequences_of(made):
            match each:
                case BecomesFormer(from_day=day):
                    edit.set_client(former_since=day)
                case MovesTo(advisor_id=to):
                    edit.set_client(advisor_id=to)

    return change


def diagnosis(cause: str, action: str, *, today: date) -> Change:
    """Keep why a client is dissatisfied and what is done about it."""
    return _keep(DiagnosisRow, cause=cause, action=action, noted_on=today)


def _keep(table: type[Fact], *, key: tuple[str, ...] = (), **values: Any) -> Change:
    """Keep a fact, with the columns of its table that say by whom and when."""

    def change(edit: Edit) -> None:
        signature: dict[str, Any] = {"by": edit.by, "recorded_by": edit.by, "recorded_at": edit.at}
        signed = {name: each for name, each in signature.items() if name in table.model_fields}
        edit.put(table(client_id=edit.client_id, **signed, **values), key=key)

    return change


def _withdraw(criterion: Criterion) -> Change:
    def change(edit: Edit) -> None:
        same = select(StrategicRow).where(
            StrategicRow.client_id == edit.client_id, StrategicRow.criterion == criterion
        )
        known = edit.session.exec(same).one_or_none()
        if known is None:
            raise NotSetError
        edit.drop(known)

    return change


def reached_by_batch(session: Session, batch: str, asker: Asker) -> list[int]:
    """Return whom a batch of changes is about, at least one client.

    Raises ClientGoneError unless all of them are in the asker's books.
    """
    client_ids = clients_of_batch(session, batch)
    if not client_ids:
        raise ClientGoneError
    for each in client_ids:
        check_reach(session, each, asker)
    return client_ids


def check_reach(session: Session, client_id: int, asker: Asker) -> None:
    """Raise ClientGoneError unless the client is in one of the asker's books."""
    if advisor_of(session, client_id) not in asker.reach:
        raise ClientGoneError(client_id)


def _note(session: Session, client_id: int, *, today: date) -> Assessment:
    rules = current_rules(session)
    assessments = assess_clients(session, [client_id], rules, today=today)
    note_placements(session, assessments, rule_version=rules.version, today=today)
    return assessments[0]
