"""Turns whatever went wrong into one sentence for the person, and a reference for the log."""

import secrets

import structlog
from sqlalchemy.exc import DataError, OperationalError

from bot.logs import trace_of
from bot.usecases.firms import AlreadyLinkedError, FirmUnclearError, MemberUnknownError
from bot.usecases.people import LinkedAlreadyError, OwnRightsError
from bot.usecases.recording import ClientGoneError, NotOverruledError, NotSetError
from bot.usecases.services import ServiceUnknownError
from bot.views import notices, refusals
from bot.words import Words
from domain.access import NotAllowedError
from domain.errors import DomainError
from domain.events import EventError
from storage.clients import ChangedMeanwhileError
from storage.edits import NothingToUndoError
from storage.store import is_away

log = structlog.get_logger()


class OutdatedError(ValueError):
    """What came back is not what a button or a form of ours carries."""


FINAL = (
    ChangedMeanwhileError,
    ClientGoneError,
    EventError,
    LinkedAlreadyError,
    MemberUnknownError,
    NotAllowedError,
    NotOverruledError,
    NotSetError,
    NothingToUndoError,
    OutdatedError,
    OwnRightsError,
    ServiceUnknownError,
)
"""What will be no better when the same is tried again."""


class PersonUnknownError(Exception):
    """Slack did not say who somebody is, so nothing can be shown."""


def sentence_for(error: Exception, words: Words) -> str:
    """Return what the person reads; what nobody foresaw is logged under a reference id."""
    if isinstance(error, ClientGoneError):
        return notices.client_gone(words)
    if isinstance(error, NotAllowedError):
        return refusals.not_allowed(error.member, error.action, words)
    if isinstance(error, OwnRightsError):
        return refusals.own_rights(words)
    if isinstance(error, LinkedAlreadyError | MemberUnknownError):
        return notices.form_outdated(words)
    if isinstance(error, NotOverruledError):
        return notices.not_overruled(words)
    if isinstance(error, ChangedMeanwhileError):
        return notices.changed_meanwhile(words)
    if isinstance(error, ServiceUnknownError):
        return notices.service_gone(words)
    if isinstance(error, EventError):
        return notices.event_refused(error, words)
    if isinstance(error, NotSetError):
        return notices.nothing_there(words)
    if isinstance(error, OutdatedError | OverflowError | DataError):
        return notices.outdated(words)
    if isinstance(error, PersonUnknownError):
        return notices.person_unknown(words)
    if isinstance(error, NothingToUndoError):
        return notices.nothing_to_undo(words)
    if isinstance(error, OperationalError) and "locked" in str(error.orig):
        log.warning("store_busy", error=type(error).__name__)
        return notices.busy(words)
    if is_away(error):
        log.warning("store_away", error=type(error).__name__)
        return notices.store_away(words)
    return notices.failed(reference_for(error), words)


def reference_for(error: Exception) -> str:
    """Log what nobody foresaw; return the id under which it stands there."""
    reference = secrets.token_hex(4)
    log.error("unexpected", reference=reference, error=type(error).__name__, trace=trace_of(error))
    return reference


def is_final(error: Exception) -> bool:
    """Tell whether trying the same again is of no use."""
    return isinstance(error, FINAL)


def operator_sentence(error: DomainError) -> str:
    """Say what an operator can correct."""
    match error:
        case FirmUnclearError(workspace_ids=[]):
            return 'There is no firm yet. Run: tierwise firm add T0123ABCD "Name of the firm"'
        case FirmUnclearError(named=str(named), workspace_ids=known):
            return f"There is no firm {named}. Known: {', '.join(known)}"
        case FirmUnclearError(workspace_ids=several):
            return f"There are several firms. Say which one: --firm {' | '.join(several)}"
        case MemberUnknownError(key=key, known=known):
            return f"There is no member “{key}”. Known: {', '.join(known) or 'nobody yet'}"
        case AlreadyLinkedError(member=member):
            return f"This Slack account is linked to {member.name} ({member.key}). Unlink it first."
    return f"{type(error).__name__}: {error}"
