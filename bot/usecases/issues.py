"""Issues of bulk services: when the next one is due, keeping that one was sent, taking it back."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from bot.runtime import Runtime
from bot.service_reports import IssueRecorded, IssuesReport
from bot.usecases.recording import FutureDayError
from bot.usecases.services import ServiceUnknownError
from domain.access import Action, Member, Scope, scope_of
from domain.errors import DomainError
from domain.issues import Issue, due_issues
from domain.model import Tier
from storage.edits import NothingToUndoError
from storage.firms import all_rules
from storage.issues import drop_issue, list_issues, save_issue


class IssueKnownError(DomainError):
    """The issue of that day is on record already."""


class NoReceiverError(DomainError):
    """An issue that goes to nobody."""


def keeps_issues(member: Member) -> bool:
    """Tell whether a member may keep that an issue was sent: it concerns everybody's clients."""
    return scope_of(member, Action.RECORD) is Scope.TEAM


def issues_of(firm_id: int, runtime: Runtime, *, today: date) -> IssuesReport:
    """Report when the firm's next issues are due."""
    with runtime.store.read(firm_id) as session:
        return _report(session, today=today)


def record_issue(
    service: str,
    *,
    on: date,
    tiers: Sequence[Tier] | None,
    minutes: int | None,
    note: str,
    by: str,
    firm_id: int,
    runtime: Runtime,
    today: date,
) -> IssueRecorded:
    """Keep that an issue was sent on a day; without tiers, to all to whom it is promised.

    Raises FutureDayError, ServiceUnknownError, NoReceiverError and IssueKnownError.
    """
    if on > today:
        raise FutureDayError
    with runtime.store.write(firm_id) as session:
        due = _report(session, today=today).find(service)
        if due is None:
            raise ServiceUnknownError
        whom = due.tiers if tiers is None else tuple(each for each in due.tiers if each in tiers)
        if not whom:
            raise NoReceiverError
        issue = Issue(service=service, on=on, tiers=whom, minutes=minutes, note=note, by=by)
        batch = save_issue(session, issue, at=runtime.now())
        if batch is None:
            raise IssueKnownError
        return IssueRecorded(
            report=_report(session, today=today), service=service, issue=issue, batch=batch
        )


def take_issue_back(
    batch: str, *, firm_id: int, runtime: Runtime, today: date
) -> tuple[IssuesReport, str]:
    """Take back that an issue was sent; return when it is due then, and its service.

    Raises NothingToUndoError.
    """
    with runtime.store.write(firm_id) as session:
        service = drop_issue(session, batch)
        if service is None:
            raise NothingToUndoError
        return _report(session, today=today), service


def _report(session: Session, *, today: date) -> IssuesReport:
    versions = all_rules(session)
    issues = list_issues(session)
    return IssuesReport(
        today=today,
        rules=versions[-1],
        due=due_issues(versions[-1], issues, adopted_on=versions[0].valid_from, today=today),
    )
