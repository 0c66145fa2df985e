"""The firms' workspaces: for each a client with its token, and what it says of its people."""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock
from zoneinfo import ZoneInfo

from bot.clients import FirmClient
from bot.digests.delivery import Office
from bot.listeners.people import People
from bot.runtime import Runtime
from storage.firms import firm_by_id

TokenOf = Callable[[str], str | None]
"""Gives the bot's token in a workspace or organisation; None: it is not installed there."""


class Offices:
    """Clients are made once; a new token finds its way into them by itself."""

    def __init__(self, runtime: Runtime, token_of: TokenOf) -> None:
        self._runtime = runtime
        self._token_of = token_of
        self._known: dict[str, tuple[FirmClient, People]] = {}
        self._lock = Lock()

    def client(self, workspace_ids: Sequence[str]) -> FirmClient:
        """Return the client for the first of these ids where the bot is installed."""
        clients = [self._of(each)[0] for each in workspace_ids]
        return next((each for each in clients if each.token), clients[0])

    def people(self, workspace_id: str) -> People:
        """Return who is asked about the people of a workspace."""
        return self._of(workspace_id)[1]

    def of(self, firm_id: int) -> Office:
        """Return a firm's workspace with its zone and currency of now."""
        with self._runtime.store.read(firm_id) as session:
            firm = firm_by_id(session, firm_id)
        client, people = self._of(firm.workspace_id)
        return Office(
            client=client,
            profile_of=people.profile,
            zone=ZoneInfo(firm.zone),
            currency=firm.currency,
            refusal=firm.disconnected_why,
        )

    def forget(self, workspace_id: str) -> None:
        """Forget a workspace that left, and what it said of its people."""
        with self._lock:
            self._known.pop(workspace_id, None)

    def _of(self, workspace_id: str) -> tuple[FirmClient, People]:
        with self._lock:
            if workspace_id not in self._known:
                client = FirmClient(
                    self._runtime.settings,
                    partial(self._token_of, workspace_id),
                    self._runtime.now,
                )
                self._known[workspace_id] = client, People(client, workspace_id)
            return self._known[workspace_id]
