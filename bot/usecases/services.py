"""What is due, and recording what came of it: delivered, put off, booked, agreed otherwise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlmodel import Session, col, select

from bot.reports import Asker
from bot.runtime import Runtime
from bot.service_reports import (
    Booking,
    DueEntry,
    DueReport,
    EvidenceReport,
    Page,
    ServiceRecorded,
    ServiceReport,
)
from bot.usecases.assessing import assess_books, assess_clients
from bot.usecases.recording import (
    Change,
    ClientGoneError,
    FutureDayError,
    NotSetError,
    PastDayError,
    check_reach,
    reached_by_batch,
)
from domain.access import Action, Member, advisors_within, own_books, whose_books
from domain.errors import DomainError
from domain.evidence import Period, evidence
from domain.issues import DueIssue, due_issues
from domain.model import Client, Tier
from domain.priorities import Assessment
from domain.rulebook import RuleBook
from domain.service_model import Clock
from domain.servicing import (
    Channel,
    DueService,
    DueState,
    Outcome,
    ServiceHistory,
    ServiceOverride,
    TierSpan,
    due_services,
    entitlements,
)
from storage.clients import hundredths, names_of
from storage.edits import Edit, begin_edit, undo
from storage.firms import all_rules, current_rules, list_members, rules_before
from storage.issues import list_issues
from storage.placements import tier_spans
from storage.services import load_histories
from storage.tables import (
    AppointmentRow,
    ServiceOverrideRow,
    ServiceRecordRow,
    SnoozeRow,
)

SHOWN = (DueState.OVERDUE, DueState.DUE, DueState.BOOKED, DueState.UPCOMING)
"""What a list of what is due shows, in this order."""


class ServiceUnknownError(DomainError):
    """The service model has no such service, or it is none of a single client."""


class PeriodError(DomainError):
    """A period begins before it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A client with what was recorded and what is owed."""

    assessment: Assessment
    history: ServiceHistory
    due: tuple[DueService, ...]

    def find(self, service: str) -> DueService | None:
        """Return how a service stands; None if it is not owed."""
        return next((each for each in self.due if each.service == service), None)


def owed_to(
    session: Session, assessments: Sequence[Assessment], rules: RuleBook, today: date
) -> list[Owed]:
    """Say of each client what is owed and how it stands."""
    placed = [(each.client, each.tier.tier) for each in assessments]
    return [
        Owed(assessment=each, history=history, due=due)
        for each, (history, due) in zip(
            assessments, dues_of(session, placed, rules, today), strict=True
        )
    ]


def dues_of(
    session: Session, placed: Sequence[tuple[Client, Tier | None]], rules: RuleBook, today: date
) -> list[tuple[ServiceHistory, tuple[DueService, ...]]]:
    """Return of clients with their tiers what was recorded, and how what is owed stands."""
    ids = [client.client_id for client, _ in placed]
    histories, spans = load_histories(session, ids), tier_spans(session, ids)
    earlier = rules_before(session, rules.version)
    found = []
    for client, tier in placed:
        history = histories[client.client_id]
        due = due_services(
            client,
            tier,
            history,
            rules,
            adopted_on=(*earlier, rules)[0].valid_from,
            today=today,
            spans=spans[client.client_id],
            earlier=earlier,
        )
        found.append((history, due))
    return found


def due_of_book(
    firm_id: int,
    member: Member,
    runtime: Runtime,
    *,
    today: date,
    team: bool = False,
    page: Page | None = None,
) -> DueReport:
    """Report what is due in a member's own book, or in all books within the member's scope.

    With `page` a team's report has these entries only, which takes a fraction of the time.
    """
    with runtime.store.read(firm_id) as session:
        rules, firm = current_rules(session), list_members(session)
        advisors = (
            advisors_within(member, Action.SEE_PRIORITIES, firm)
            if team
            else own_books(member, Action.SEE_PRIORITIES)
        )
        if team and page is not None:
            from bot.usecases.team_due import due_page  # imports pandas

            return due_page(session, advisors, member, firm, rules, today=today, page=page)
        found = assess_books(session, advisors, rules, today=today)
        owed = owed_to(session, found, rules, today)
    return due_report(owed, member, firm, rules, today=today, team=team)


def due_report(
    owed: Sequence[Owed],
    member: Member,
    firm: Sequence[Member],
    rules: RuleBook,
    *,
    today: date,
    team: bool = False,
) -> DueReport:
    """Report what of all that is owed is to be shown."""
    return DueReport(
        whose=member.team if team else whose_books(member, firm),
        is_team=team,
        today=today,
        rules=rules,
        clients=len(owed),
        entries=_in_order(owed, {each.member_id: each.name for each in firm}),
        overrides=tuple(
            (each.assessment.client, override)
            for each in owed
            for override in each.history.overrides
            if override.holds_on(today)
        ),
        only_seen=frozenset(each.member_id for each in firm)
        - advisors_within(member, Action.RECORD, firm),
    )


def services_of(client_id: int, asker: Asker, runtime: Runtime, *, today: date) -> ServiceReport:
    """Report on a client's services.

    Raises ClientGoneError.
    """
    with runtime.store.read(asker.firm_id) as session:
        check_reach(session, client_id, asker)
        report = _report(session, client_id, today=today)
    return replace(report, may_change=asker.may_change(report.client.advisor_id))


def evidence_of(
    client_id: int, first_day: date, last_day: date, *, asker: Asker, runtime: Runtime, today: date
) -> EvidenceReport:
    """Report what was promised to a client from one day to another (inclusive), and what was done.

    Raises ClientGoneError, and PeriodError if the days are the wrong way round.
    """
    if last_day < first_day:
        raise PeriodError
    with runtime.store.read(asker.firm_id) as session:
        check_reach(session, client_id, asker)
        rule_books = all_rules(session)
        (found,) = assess_clients(session, [client_id], rule_books[-1], today=today)
        now = TierSpan(tier=found.tier.tier, first_day=today)
        promises = evidence(
            found.client,
            load_histories(session, [client_id])[client_id],
            rule_books=rule_books,
            spans=tier_spans(session, [client_id])[client_id] or (now,),
            adopted_on=rule_books[0].valid_from,
            period=Period(first_day=first_day, end=last_day + timedelta(days=1)),
            today=today,
            issues=list_issues(session),
        )
        advisors = {each.member_id: each.name for each in list_members(session)}
    return EvidenceReport(
        client=found.client,
        advisor=advisors[found.client.advisor_id],
        first_day=first_day,
        last_day=last_day,
        today=today,
        rules=rule_books[-1],
        promises=promises,
    )


def record_service(
    client_id: int,
    service: str,
    change: Change,
    *,
    asker: Asker,
    runtime: Runtime,
    today: date,
) -> ServiceRecorded:
    """Record something of a client's service. Nothing is overwritten, so no version is asked for.

    Raises ClientGoneError and ServiceUnknownError.
    """
    with runtime.store.write(asker.firm_id) as session:
        check_reach(session, client_id, asker)
        found = current_rules(session).services.find(service)
        if found is None or found.clock is Clock.ISSUE:
            raise ServiceUnknownError
        edit = begin_edit(session, client_id, by=asker.name, at=runtime.now())
        change(edit)
        session.flush()
        return ServiceRecorded(
            report=_report(session, client_id, today=today), service=service, batch=edit.batch
        )


def take_back(batch: str, *, asker: Asker, runtime: Runtime, today: date) -> ServiceReport:
    """Take back what was recorded of a service.

    Raises ClientGoneError, NothingToUndoError and ChangedMeanwhileError.
    """
    with runtime.store.write(asker.firm_id) as session:
        client_id = reached_by_batch(session, batch, asker)[0]
        undo(session, batch, at=runtime.now())
        session.flush()
        return _report(session, client_id, today=today)


def delivery(
    service: str,
    outcome: Outcome,
    *,
    on: date,
    advisor_minutes: int | None = None,
    staff_minutes: int | None = None,
    note: str = "",
    channel: Channel | None = None,
    today: date,
) -> Change:
    """Keep what came of a service on a day; a second entry of that day and outcome corrects it."""
    if on > today:
        raise FutureDayError

    def change(edit: Edit) -> None:
        row = ServiceRecordRow(
            client_id=edit.client_id,
            service=service,
            outcome=outcome,
            happened_on=on,
            advisor_minutes=advisor_minutes,
            staff_minutes=staff_minutes,
            note=note,
            channel=channel,
            recorded_by=edit.by,
            recorded_at=edit.at,
        )
        edit.put(row, key=("service", "happened_on", "outcome", "event_id"))

    return change


def appointment(
    service: str, *, on: date, at: time | None, zone: str, minutes: int, today: date
) -> Change:
    """Book a service; an appointment to come for the same service moves, and its calendar entry."""
    if on < today:
        raise PastDayError

    def change(edit: Edit) -> None:
        known = _booked(edit.session, edit.client_id, service, today)
        if known is not None:
            _amend(edit, known, day=on, at=at, minutes=minutes)
            return
        row = AppointmentRow(
            client_id=edit.client_id,
            service=service,
            day=on,
            at=at,
            zone=zone,
            minutes=minutes,
            uid=uuid4().hex,
            recorded_by=edit.by,
            recorded_at=edit.at,
        )
        edit.put(row)

    return change


def cancelled_appointment(service: str, *, today: date) -> Change:
    """Cancel the appointment to come for a service."""

    def change(edit: Edit) -> None:
        known = _booked(edit.session, edit.client_id, service, today)
        if known is None:
            raise NotSetError
        _amend(edit, known, is_cancelled=True)

    return change


def snooze(service: str, *, until: date, reason: str, today: date) -> Change:
    """Put a service off until a day."""
    if until <= today:
        raise PastDayError

    def change(edit: Edit) -> None:
        row = SnoozeRow(
            client_id=edit.client_id,
            service=service,
            until=until,
            reason=reason,
            recorded_by=edit.by,
            recorded_at=edit.at,
        )
        edit.put(row)

    return change


def service_override(
    service: str, per_year: Decimal, *, reason: str, last_day: date, today: date
) -> Change:
    """Agree on another number of times a year until a last day; an earlier word ends.

    Raises PastDayError, and PerYearError for a number that nobody promises.
    """
    if last_day < today:
        raise PastDayError
    ServiceOverride(
        service=service,
        per_year=per_year,
        reason=reason,
        by="",
        first_day=today,
        last_day=last_day,
    )

    def change(edit: Edit) -> None:
        for row in _overrides(edit.session, edit.client_id, service, today):
            _end(edit, row, today)
        row = ServiceOverrideRow(
            client_id=edit.client_id,
            service=service,
            per_year_hundredths=hundredths(per_year),
            reason=reason,
            by=edit.by,
            first_day=today,
            last_day=last_day,
        )
        edit.put(row)

    return change


def lifted_override(service: str, *, today: date) -> Change:
    """Let the tier decide again from today on."""

    def change(edit: Edit) -> None:
        rows = _overrides(edit.session, edit.client_id, service, today)
        if not rows:
            raise NotSetError
        for row in rows:
            _end(edit, row, today)

    return change


def booking_of(appointment_id: int, asker: Asker, runtime: Runtime) -> Booking:
    """Return an appointment as calendars know it.

    Raises ClientGoneError.
    """
    with runtime.store.read(asker.firm_id) as session:
        row = session.exec(
            select(AppointmentRow).where(AppointmentRow.id == appointment_id)
        ).one_or_none()
        if row is None:
            raise ClientGoneError
        check_reach(session, row.client_id, asker)
        return Booking(
            client=names_of(session, [row.client_id])[row.client_id],
            service=row.service,
            on=row.day,
            at=row.at,
            zone=row.zone,
            minutes=row.minutes,
            is_cancelled=row.is_cancelled,
            uid=row.uid,
            sequence=row.sequence,
        )


def _report(session: Session, client_id: int, *, today: date) -> ServiceReport:
    rules = current_rules(session)
    found = assess_clients(session, [client_id], rules, today=today)
    (owed,) = owed_to(session, found, rules, today)
    return ServiceReport(
        client=owed.assessment.client,
        tier=owed.assessment.tier.tier,
        advisor={m.member_id: m.name for m in list_members(session)}[
            owed.assessment.client.advisor_id
        ],
        today=today,
        rules=rules,
        history=owed.history,
        due=owed.due,
        issues=_issues_for(session, owed, rules, today),
    )


def _issues_for(session: Session, owed: Owed, rules: RuleBook, today: date) -> tuple[DueIssue, ...]:
    """Return when the next issues of the bulk services that a client gets are due."""
    client, tier = owed.assessment.client, owed.assessment.tier.tier
    gets = {each.service for each in entitlements(client, tier, owed.history, rules, today=today)}
    adopted_on = (*rules_before(session, rules.version), rules)[0].valid_from
    found = due_issues(rules, list_issues(session), adopted_on=adopted_on, today=today)
    return tuple(each for each in found if each.service in gets)


def _in_order(owed: Sequence[Owed], advisors: dict[int, str]) -> tuple[DueEntry, ...]:
    """List what is to be shown: by state, the day that came first first."""
    entries = [
        entry
        for each in owed
        for entry in listed(each.assessment.client, each.assessment.tier.tier, each.due, advisors)
    ]
    return tuple(sorted(entries, key=urgency))


def listed(
    client: Client, tier: Tier | None, dues: Iterable[DueService], advisors: dict[int, str]
) -> list[DueEntry]:
    """Return of what is owed to a client what is to be shown."""
    return [
        DueEntry(client=client, tier=tier, advisor=advisors[client.advisor_id], due=due)
        for due in dues
        if due.state in SHOWN and not due.is_booked_along
    ]


def urgency(entry: DueEntry) -> tuple[int, date, str, int]:
    """Order entries: by state, by day, by name."""
    due = entry.due
    day = due.due_on
    if due.state is DueState.BOOKED and due.appointment is not None:
        day = due.appointment.on
    return SHOWN.index(due.state), day, entry.client.name, entry.client.client_id


def _booked(session: Session, client_id: int, service: str, today: date) -> AppointmentRow | None:
    return session.exec(
        select(AppointmentRow)
        .where(
            AppointmentRow.client_id == client_id,
            AppointmentRow.service == service,
            AppointmentRow.day >= today,
            col(AppointmentRow.is_cancelled).is_(False),
        )
        .order_by(col(AppointmentRow.day))
    ).first()


def _amend(edit: Edit, row: AppointmentRow, **values: Any) -> None:
    """Change an appointment, so that calendars take the newer one."""
    edit.amend(row, **values, sequence=row.sequence + 1, recorded_by=edit.by, recorded_at=edit.at)


def _overrides(
    session: Session, client_id: int, service: str, today: date
) -> Sequence[ServiceOverrideRow]:
    return session.exec(
        select(ServiceOverrideRow).where(
            ServiceOverrideRow.client_id == client_id,
            ServiceOverrideRow.service == service,
            ServiceOverrideRow.last_day >= today,
        )
    ).all()


def _end(edit: Edit, row: ServiceOverrideRow, today: date) -> None:
    """End an override yesterday; one that began today goes altogether."""
    if row.first_day >= today:
        edit.drop(row)
    else:
        edit.amend(row, last_day=today - timedelta(days=1))
