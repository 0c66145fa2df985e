"""A workspace takes the app away: nothing more is said there, and what was known of it goes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from slack_bolt import Ack, App
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.clients import is_dead
from bot.digests.connection import note_connected, note_refusal
from bot.listeners import LEAVE_EVENTS
from bot.listeners.origins import workspaces_of
from bot.offices import Offices
from bot.runtime import Runtime
from storage.firms import UNINSTALLED, find_firm, firm_by_id
from storage.leaving import remove_firm
from storage.store import WORKER_PATIENCE_S

log = structlog.get_logger()

REVOKED = "token_revoked"


class Leaving:
    """Notes first that a firm leaves, so that whoever is killed meanwhile goes on later."""

    def __init__(self, runtime: Runtime, offices: Offices, *, deletes: bool) -> None:
        self._runtime = runtime
        self._offices = offices
        self._deletes = deletes
        self._work = ThreadPoolExecutor(1, thread_name_prefix="leaving")

    def register(self, app: App) -> None:
        """Listen to the events that say so."""
        for event in LEAVE_EVENTS:
            app.event(event)(self._on_event)

    def _on_event(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        self._work.submit(self.note, body)

    @property
    def leave(self) -> Callable[[int], None] | None:
        """Return what deletes a firm that left; None where its data stays."""
        return self._finish if self._deletes else None

    def note(self, body: dict[str, Any]) -> None:
        """Note that the app was uninstalled, or its token revoked; what is due is held."""
        try:
            self._hold(body)
        except Exception:  # the token is refused anyway, which is noted when it is used next
            log.exception("leaving_not_noted")

    def _hold(self, body: dict[str, Any]) -> None:
        event = body.get("event") or {}
        is_gone = event.get("type") == UNINSTALLED
        if not is_gone and not (event.get("tokens") or {}).get("bot"):
            return  # of single people, whose tokens we do not have
        with self._runtime.store.read(None) as session:
            found = (find_firm(session, each) for each in workspaces_of(body))
            firm = next((each for each in found if each is not None), None)
        if firm is None or firm.id is None:
            log.info("unknown_workspace", workspace=workspaces_of(body))
            return
        with self._runtime.store.write(firm.id, patience_s=WORKER_PATIENCE_S) as session:
            now = self._runtime.shared_now(session)
            note_refusal(session, UNINSTALLED if is_gone else REVOKED, now=now)
        if is_gone and self._deletes:
            self._finish(firm.id)

    def _finish(self, firm_id: int) -> None:
        """Delete a firm once Slack itself says that its token is dead: an event may be old."""
        with self._runtime.store.read(firm_id) as session:
            workspace_id = firm_by_id(session, firm_id).workspace_id
        try:
            self._offices.client((workspace_id,)).auth_test()
        except SlackApiError as refusal:
            if not is_dead(refusal):
                return
        except (SlackClientError, OSError):
            return  # asked again at the next tick
        else:
            note_connected(firm_id, self._runtime)
            return
        rows = remove_firm(self._runtime.store, firm_id, workspace_id)
        self._offices.forget(workspace_id)
        log.warning("firm_removed", firm=firm_id, workspace=workspace_id, rows=rows)
