"""Client events: make and change them, invite, keep replies and who came."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, time, timedelta
from uuid import uuid4

from sqlmodel import Session, select

from bot.reports import Asker
from bot.runtime import Runtime
from bot.service_reports import EventReport, EventsReport, Guest
from bot.usecases.assessing import assess_books
from bot.usecases.recording import check_reach, reached_by_batch
from bot.usecases.services import Owed, owed_to
from domain.access import Action, Member, Scope, scope_of
from domain.events import (
    Candidate,
    ClientEvent,
    EventGoneError,
    EventServiceError,
    Invitation,
    InvitationState,
    NotYourEventError,
    PastEventError,
    SeatsError,
    by_urgency,
    check_invitable,
    is_entitled,
    moved,
    record_of,
    seats_left,
)
from domain.model import Tier
from domain.rulebook import RuleBook
from domain.service_model import Family
from storage.clients import names_of
from storage.edits import Edit, begin_edit, undo
from storage.events import invitations_to, list_events, load_event, save_event
from storage.firms import current_rules
from storage.tables import InvitationRow, ServiceRecordRow

PAST_DAYS = 60
"""So long an event is listed after its day: who came is still to be noted."""
MOST_SEATS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """What a person plans."""

    name: str
    on: date
    at: time
    ends_at: time
    zone: str
    place: str
    seats: int
    service: str
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventChanged:
    """An event after invitations or replies; `batch` takes them back."""

    report: EventReport
    names: tuple[str, ...]
    batch: str


def events_of(member: Member, firm_id: int, runtime: Runtime, *, today: date) -> EventsReport:
    """List the events of a member's team with figures; no client is named."""
    with runtime.store.read(firm_id) as session:
        rules = current_rules(session)
        found = list_events(session, member.team, since=today - timedelta(days=PAST_DAYS))
        invitations = invitations_to(session, [each.event_id for each in found])
    ahead = [each for each in found if each.on >= today]
    past = [each for each in reversed(found) if each.on < today]
    return EventsReport(
        team=member.team,
        today=today,
        rules=rules,
        events=tuple(
            _figures(each, invitations[each.event_id], member, rules, today=today)
            for each in (*ahead, *past)
        ),
    )


def open_event(
    event_id: int, member: Member, asker: Asker, runtime: Runtime, *, today: date
) -> EventReport:
    """Report on an event of the member's team, with guests and candidates within reach.

    Raises EventGoneError.
    """
    with runtime.store.read(asker.firm_id) as session:
        return _report(session, event_id, member, asker, today=today)


def plan_event(
    draft: EventDraft, member: Member, firm_id: int, runtime: Runtime, *, today: date
) -> int:
    """Make an event of the member's team and return its id.

    Raises PastEventError, SeatsError and EventServiceError.
    """
    with runtime.store.write(firm_id) as session:
        _check_draft(draft, current_rules(session), today=today)
        event = ClientEvent(
            event_id=0,
            team=member.team,
            owner_id=member.member_id,
            uid=uuid4().hex,
            **asdict(draft),
        )
        return save_event(session, event, by=member.name, at=runtime.now()).event_id


def change_event(
    event_id: int,
    draft: EventDraft,
    member: Member,
    firm_id: int,
    runtime: Runtime,
    *,
    today: date,
) -> None:
    """Change an event; calendars that have its file take the newer one.

    Raises what `plan_event` does, EventGoneError and NotYourEventError.
    """
    with runtime.store.write(firm_id) as session:
        event = _changeable(session, event_id, member)
        _check_draft(draft, current_rules(session), today=today)
        plan = asdict(draft) | {"zone": event.zone}  # the form showed the times of that zone
        save_event(session, replace(event, **plan), by=member.name, at=runtime.now())


def cancel_event(event_id: int, member: Member, firm_id: int, runtime: Runtime) -> None:
    """Cancel an event; invitations stay on record.

    Raises EventGoneError and NotYourEventError.
    """
    with runtime.store.write(firm_id) as session:
        event = _changeable(session, event_id, member)
        save_event(session, replace(event, is_cancelled=True), by=member.name, at=runtime.now())


def invite(
    event_id: int,
    client_ids: Sequence[int],
    member: Member,
    asker: Asker,
    runtime: Runtime,
    *,
    today: date,
) -> EventChanged:
    """Invite clients within the asker's reach; who is invited already stays so.

    Raises EventGoneError, ClientGoneError, EventFullError, EventOverError, EventCancelledError.
    """
    with runtime.store.write(asker.firm_id) as session:
        event = _event_of(session, event_id, member)
        known = invitations_to(session, [event_id])[event_id]
        invited = {each.client_id for each in known}
        new = [each for each in dict.fromkeys(client_ids) if each not in invited]
        check_invitable(event, known, len(new), today=today)
        batch = uuid4().hex
        for client_id in new:
            check_reach(session, client_id, asker)
            edit = begin_edit(session, client_id, by=asker.name, at=runtime.now(), batch=batch)
            _put(edit, event, InvitationState.INVITED, today=today)
        return _changed(session, event_id, new, batch, member, asker, today=today)


def note_states(
    event_id: int,
    states: Mapping[int, InvitationState],
    member: Member,
    asker: Asker,
    runtime: Runtime,
    *,
    today: date,
) -> EventChanged:
    """Keep replies, or who came: coming delivers the event's service, a refusal declines it.

    Raises EventGoneError, ClientGoneError, NotInvitedError, EventToComeError and
    EventCancelledError.
    """
    with runtime.store.write(asker.firm_id) as session:
        event = _event_of(session, event_id, member)
        known = {each.client_id: each for each in invitations_to(session, [event_id])[event_id]}
        batch = uuid4().hex
        changed = []
        for client_id, state in states.items():
            check_reach(session, client_id, asker)
            before = known.get(client_id)
            now = moved(event, before, state, today=today)
            if before is None or before.state is state:
                continue
            changed.append(client_id)
            edit = begin_edit(session, client_id, by=asker.name, at=runtime.now(), batch=batch)
            _put(edit, event, state, today=today)
            _put_record(edit, event, before.state, now)
        return _changed(session, event_id, changed, batch, member, asker, today=today)


def take_back(
    event_id: int, batch: str, member: Member, asker: Asker, runtime: Runtime, *, today: date
) -> EventReport:
    """Take invitations or replies back.

    Raises EventGoneError, ClientGoneError, NothingToUndoError and ChangedMeanwhileError.
    """
    with runtime.store.write(asker.firm_id) as session:
        reached_by_batch(session, batch, asker)
        undo(session, batch, at=runtime.now())
        session.flush()
        return _report(session, event_id, member, asker, today=today)


def guests_came(report: EventReport, came: Iterable[int]) -> dict[int, InvitationState]:
    """Say of each guest who had not declined whether she came."""
    present = set(came)
    return {
        each.client_id: (
            InvitationState.CAME if each.client_id in present else InvitationState.MISSED
        )
        for each in report.guests
        if each.invitation.state is not InvitationState.DECLINED or each.client_id in present
    }


def event_services(rules: RuleBook) -> tuple[str, ...]:
    """List the keys of the service model's events."""
    return tuple(each.key for each in rules.services.services if each.family is Family.EVENTS)


def entitled_tiers(service: str, rules: RuleBook) -> tuple[Tier, ...]:
    """List the tiers to which the service model promises an event."""
    found = rules.services.find(service)
    return tuple(tier for tier in rules.method.tiers if found and found.for_tier(tier))


def _check_draft(draft: EventDraft, rules: RuleBook, *, today: date) -> None:
    if draft.on < today:
        raise PastEventError
    if not 1 <= draft.seats <= MOST_SEATS:
        raise SeatsError
    if draft.service not in event_services(rules):
        raise EventServiceError


def _event_of(session: Session, event_id: int, member: Member) -> ClientEvent:
    event = load_event(session, event_id)
    if event is None or event.team != member.team:
        raise EventGoneError
    return event


def _changeable(session: Session, event_id: int, member: Member) -> ClientEvent:
    event = _event_of(session, event_id, member)
    if not _may_change(event, member):
        raise NotYourEventError
    return event


def _may_change(event: ClientEvent, member: Member) -> bool:
    scope = scope_of(member, Action.RUN_EVENTS)
    return scope is Scope.TEAM or (scope is Scope.OWN and event.owner_id == member.member_id)


def _figures(
    event: ClientEvent,
    invitations: Sequence[Invitation],
    member: Member,
    rules: RuleBook,
    *,
    today: date,
) -> EventReport:
    counts = Counter(each.state for each in invitations)
    return EventReport(
        event=event,
        seats_left=seats_left(event, invitations),
        counts={state: counts[state] for state in InvitationState},
        may_change=_may_change(event, member),
        today=today,
        rules=rules,
    )


def _report(
    session: Session, event_id: int, member: Member, asker: Asker, *, today: date
) -> EventReport:
    event, rules = _event_of(session, event_id, member), current_rules(session)
    invitations = invitations_to(session, [event_id])[event_id]
    owed = owed_to(session, assess_books(session, asker.reach, rules, today=today), rules, today)
    invited = {each.client_id for each in invitations}
    return replace(
        _figures(event, invitations, member, rules, today=today),
        guests=tuple(_guests(session, invitations, owed)),
        candidates=tuple(_candidates(event, owed, invited, rules)),
    )


def _guests(
    session: Session, invitations: Sequence[Invitation], owed: Sequence[Owed]
) -> list[Guest]:
    """List the guests out of the asker's books, by name."""
    mine = {each.assessment.client.client_id: each.assessment for each in owed}
    guests = [
        Guest(
            client_id=each.client_id,
            external_id=mine[each.client_id].client.external_id,
            name=mine[each.client_id].client.name,
            tier=mine[each.client_id].tier.tier,
            invitation=each,
        )
        for each in invitations
        if each.client_id in mine
    ]
    return sorted(guests, key=lambda each: (each.name, each.client_id))


def _candidates(
    event: ClientEvent, owed: Sequence[Owed], invited: set[int], rules: RuleBook
) -> list[Candidate]:
    found = []
    for each in owed:
        client, tier = each.assessment.client, each.assessment.tier.tier
        due = each.find(event.service)
        if client.client_id not in invited and is_entitled(client, tier, due, event):
            found.append(Candidate(client=client, tier=tier, due=due))
    return by_urgency(found, rules.method.tiers)


def _put(edit: Edit, event: ClientEvent, state: InvitationState, *, today: date) -> None:
    row = InvitationRow(
        client_id=edit.client_id,
        event_id=event.event_id,
        state=state,
        changed_on=today,
        recorded_by=edit.by,
        recorded_at=edit.at,
    )
    edit.put(row, key=("event_id",))


def _put_record(edit: Edit, event: ClientEvent, before: InvitationState, now: Invitation) -> None:
    """Keep what a reply or the attendance says of the service; a correction takes its place."""
    same = select(ServiceRecordRow).where(
        ServiceRecordRow.client_id == edit.client_id, ServiceRecordRow.event_id == event.event_id
    )
    known = edit.session.exec(same).one_or_none()
    record = record_of(event, before, now)
    if record is not None:
        row = ServiceRecordRow(
            client_id=edit.client_id,
            service=record.service,
            outcome=record.outcome,
            happened_on=record.on,
            event_id=event.event_id,
            recorded_by=edit.by,
            recorded_at=edit.at,
        )
        edit.put(row, key=("event_id",))
    elif known is not None:
        edit.drop(known)


def _changed(
    session: Session,
    event_id: int,
    client_ids: Sequence[int],
    batch: str,
    member: Member,
    asker: Asker,
    *,
    today: date,
) -> EventChanged:
    session.flush()
    names = names_of(session, client_ids)
    return EventChanged(
        report=_report(session, event_id, member, asker, today=today),
        names=tuple(names[each] for each in client_ids),
        batch=batch,
    )
