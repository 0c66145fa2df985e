"""The bot's digest desk at work in a real local workspace, with the firm's members linked."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.digests.delivery import DigestDesk
from bot.digests.held import HeldWriter
from bot.digests.kinds import HELD
from bot.offices import Offices
from bot.runtime import Runtime
from bot.settings import Settings
from domain.access import Member
from sandbox.client import PATIENCE_S
from sandbox.server import Sandbox
from sandbox.world import TEAM
from storage.firms import link_member
from storage.store import Store
from storage.tables import FirmRow
from tests.firms import members_of, save_firm

ACCOUNTS = {"anna": "U0ANNA", "jonas": "U0JONAS", "emily": "U0EMILY", "vogt": "U0VOGT"}
MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)
"""Monday at eight in Berlin."""
LINKED = datetime(2026, 11, 2, 9, tzinfo=UTC)
SETTLE = timedelta(seconds=60)
FENCE = timedelta(seconds=5)
SCOPES = ("chat:write", "im:history", "im:write", "users:read")


def manifest(*scopes: str) -> dict[str, Any]:
    """Return a manifest with no more than these scopes."""
    return {
        "display_information": {"name": "Tierwise"},
        "features": {"app_home": {"home_tab_enabled": True, "messages_tab_enabled": True}},
        "oauth_config": {"scopes": {"bot": list(scopes)}},
        "settings": {},
    }


by_each_carrier = pytest.mark.parametrize(
    "database_address", ["sqlite", "postgres", "fleet"], indirect=True
)
"""Messages are carried by threads of a process, on either database, and by the fleet's queue."""


@dataclass(frozen=True, slots=True)
class Page:
    """A composed digest."""

    text: str
    blocks: list[dict[str, Any]]
    about: frozenset[int] = frozenset()


@dataclass(slots=True)
class Writer:
    """Composes a digest, notes that it did, and may be asked to do more meanwhile."""

    written: list[str] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    blocks: list[dict[str, Any]] | None = None

    def __call__(
        self, *, firm_id: int, member: Member, period: str, due_at: datetime, late: bool
    ) -> Page:
        self.meanwhile()
        text = f"{period} for {member.name}" + (", late" if late else "")
        self.written.append(text)
        block = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
        return Page(text, [block] if self.blocks is None else self.blocks)


@dataclass(slots=True)
class Office:
    """A workspace, a firm in the store, and the desk between them."""

    sandbox: Sandbox
    store: Store
    firm_id: int
    members: dict[str, Member]
    writer: Writer
    dispatcher: str = "local"

    def desk(self) -> DigestDesk:
        """Return a desk as one more process of the bot would have it."""
        settings = Settings.model_validate(
            {
                "SLACK_BOT_TOKEN": self.sandbox.bot_token,
                "SLACK_API_URL": self.sandbox.api_url,
                "TIERWISE_TICK_S": 3600,
                "TIERWISE_DISPATCHER": self.dispatcher,
                "TIERWISE_DATABASE_URL": self.store.engine.url.render_as_string(
                    hide_password=False
                ),
            }
        )
        runtime = Runtime(settings=settings, store=self.store, clock=self.sandbox.clock.now)
        office_of = Offices(runtime, {TEAM: self.sandbox.bot_token}.get).of
        return DigestDesk(
            runtime=runtime,
            office_of=office_of,
            compose=self.writer,
            writers={HELD: HeldWriter(runtime=runtime, office_of=office_of)},
        )

    def inbox(self, account: str = "U0ANNA") -> list[str]:
        """Return the texts of the messages that a person has from the bot."""
        place = "D" + account[1:]
        return [each["text"] for each in self.sandbox.client.messages(account, place)]

    def calls(self, method: str) -> int:
        """Count how often a method was called."""
        return sum(each["name"] == method for each in self.sandbox.client.transcript())


@pytest.fixture
def open_office(store: Store) -> Iterator[Callable[..., Office]]:
    """Open an office whose app has these scopes."""
    with ExitStack() as stack:

        def start(*scopes: str) -> Office:
            sandbox = stack.enter_context(Sandbox(manifest(*scopes), deadline_s=PATIENCE_S))
            sandbox.clock.jump_to(MONDAY)
            firm: FirmRow = save_firm(store, TEAM, "Birkenhof Beratung")
            assert firm.id is not None
            with store.write(firm.id) as session:
                for key, account in ACCOUNTS.items():
                    link_member(session, key, account, at=LINKED)
            return Office(sandbox, store, firm.id, members_of(store, firm), Writer())

        yield start


@pytest.fixture
def office(request: pytest.FixtureRequest, open_office: Callable[..., Office]) -> Office:
    """Open an office on Monday at eight."""
    opened = open_office(*SCOPES)
    drawn = getattr(request.node, "callspec", None)  # a test that names its database has none
    if drawn is not None and drawn.params.get("database_address") == "fleet":
        opened.dispatcher = "fleet"
    return opened
