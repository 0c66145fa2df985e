"""Turns whatever went wrong into one sentence for the person, and a reference for the log."""

import secrets

import structlog
from sqlalchemy.exc import OperationalError

from bot.usecases.firms import AlreadyLinkedError, FirmUnclearError, MemberUnknownError
from bot.usecases.recording import ClientGoneError
from bot.views import notices
from bot.words import Words
from domain.errors import DomainError
from storage.clients import ChangedMeanwhileError

log = structlog.get_logger()


def sentence_for(error: Exception, words: Words) -> str:
    """Return what the person reads; what nobody foresaw is logged under a reference id."""
    if isinstance(error, ClientGoneError):
        return notices.client_gone(words)
    if isinstance(error, ChangedMeanwhileError):
        return notices.changed_meanwhile(words)
    if isinstance(error, OperationalError):
        log.warning("store_busy", error=type(error).__name__)
        return notices.busy(words)
    reference = secrets.token_hex(4)
    log.error("unexpected", reference=reference, error=type(error).__name__, trace=_trace(error))
    return notices.failed(reference, words)


def operator_sentence(error: DomainError) -> str:
    """Say what an operator can correct."""
    match error:
        case FirmUnclearError(workspace_ids=[]):
            return "There is no firm yet. Run: tierwise firm add T0123ABCD “Name of the firm”"
        case FirmUnclearError(workspace_ids=several):
            return f"There are several firms. Say which one: --firm {' | '.join(several)}"
        case MemberUnknownError(key=key, known=known):
            return f"There is no member “{key}”. Known: {', '.join(known) or 'nobody yet'}"
        case AlreadyLinkedError(member=member):
            return f"This Slack account is linked to {member.name} ({member.key}). Unlink it first."
    return f"{type(error).__name__}: {error}"


def _trace(error: Exception) -> list[str]:
    """Name the places the error came through; its text may hold what a client is called."""
    places = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return places
