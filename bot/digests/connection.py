"""Whether Slack takes us at a firm: noted once, asked again now and then, and what follows."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from slack_sdk.errors import SlackClientError
from sqlmodel import Session

from bot.clients import SILENT
from bot.digests.weekly import TOO_LATE
from bot.runtime import Runtime
from storage import deliveries, firms, pauses
from storage.store import WORKER_PATIENCE_S

if TYPE_CHECKING:
    from bot.digests.delivery import DigestDesk

log = structlog.get_logger()

INSTALLATION = "installation: "
"""Begins the reason of what is held because Slack refuses all of the app."""
ASKING = "auth.test"
NEEDED = frozenset({"chat:write", "im:history", "im:write", "users:read"})
"""The scopes without which no message is said."""


def note_refusal(session: Session, why: str, *, now: datetime) -> None:
    """Hold what is due at the session's firm, and tell whoever looks after the program, once."""
    deliveries.hold_all(session, INSTALLATION + why)
    if firms.disconnect(session, why, at=now):
        log.error("ALERT: disconnected from Slack", firm=session.info["firm_id"], reason=why)


def note_connected(firm_id: int, runtime: Runtime) -> None:
    """Let out what was held because Slack refused the app, unless it is too late."""
    with runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        now = runtime.shared_now(session)
        is_news = firms.connect(session)
        deliveries.release(session, INSTALLATION, due_after=now - TOO_LATE, now=now)
    if is_news:
        log.info("connected_again", firm=firm_id)


def try_again(runtime: Runtime) -> None:
    """Trust Slack to take us again wherever it refused us: whoever started us may know why."""
    with runtime.store.read(None) as session:
        known = firms.list_firms(session)
    for firm in known:
        if firm.id is not None and firm.disconnected_why != firms.UNINSTALLED:
            note_connected(firm.id, runtime)


def ask_again(firm_id: int, desk: "DigestDesk") -> None:
    """Ask a workspace that refused us, at most every ten minutes, whether it takes us again."""
    if not _has_turn(firm_id, desk):
        return
    try:
        answer = desk.office_of(firm_id).client.auth_test()
    except (SlackClientError, OSError):
        return
    granted = {name.lower(): value for name, value in answer.headers.items()}.get("x-oauth-scopes")
    if granted is None or set(granted.split(",")) >= NEEDED:
        note_connected(firm_id, desk.runtime)


def _has_turn(firm_id: int, desk: "DigestDesk") -> bool:
    with desk.runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        now = desk.now(session)
        return pauses.take_turn(session, ASKING, gap=SILENT - timedelta(seconds=1), now=now)
