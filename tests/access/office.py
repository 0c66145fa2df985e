"""A firm with every role and every kind of place, driven over signed HTTP, each act to its end.

Threads are left out: a request is over when it is answered, so that what came of it can be looked
at without waiting. Whoever acts may be anybody, also people whom a workspace would not let act.
"""

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partialmethod
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
import structlog
from pydantic import SecretStr

from bot.gate import PATH, Gate
from bot.listeners.people import People
from bot.manifest import manifest
from bot.runtime import Runtime
from bot.service import Service
from bot.settings import Settings
from bot.usecases.firms import add_member, ensure_firm, link
from bot.usecases.people import give_grant
from domain.access import Member, Role
from sandbox.client import PATIENCE_S
from sandbox.delivery import Courier, Taken
from sandbox.interactivity import Interactivity
from sandbox.server import Sandbox
from sandbox.views import View
from sandbox.world import BOT, TEAM, Person, PersonKind, Place
from storage.firms import list_members
from storage.search import index_all
from storage.store import open_store
from storage.tables import ClientRow, HoldingRow, MemberRow, SatisfactionRow, WalletRow
from tests.firms import save_client

Json = dict[str, Any]

TUESDAY = datetime(2026, 11, 24, 9, tzinfo=UTC)
MEASURED = date(2026, 10, 5)
NORD, SUED = "Nord", "Süd"
MEMBERS = (
    ("anna", "Anna Berger", Role.ADVISOR, NORD, "U0ANNA"),
    ("jonas", "Jonas Keller", Role.ADVISOR, NORD, "U0JONAS"),
    ("vogt", "Katharina Vogt", Role.LEAD, NORD, "U0VOGT"),
    ("emily", "Emily Carter", Role.ADVISOR, SUED, "U0EMILY"),
    ("pia", "Pia Sommer", Role.ASSISTANT, NORD, "U0PIA"),
    ("clara", "Clara Falk", Role.COMPLIANCE, "", "U0CLARA"),
    ("ida", "Ida Frank", Role.ADMIN, "", "U0IDA"),
    ("exner", "Ruth Exner", Role.ADVISOR, NORD, "U0EXNER"),
)
CANARIES = {
    "anna": "Quirina Zobel",
    "jonas": "Balthasar Wuchtel",
    "vogt": "Ottokar Prell",
    "emily": "Xenia Thornbury",
    "exner": "Nepomuk Haag",
}
"""One client of each book; nothing else is called so."""
NUMBERS = {key: f"K-{number}" for number, key in enumerate(CANARIES, 4711)}


class InlinePool:
    """Does at once what a pool of threads would do."""

    def __init__(self, *_sizes: object, **_names: object) -> None:
        pass

    def submit(self, work: Callable[..., Any], *values: Any, **named: Any) -> Future[Any]:
        """Do it, and return how it ended."""
        done: Future[Any] = Future()
        try:
            done.set_result(work(*values, **named))
        except Exception as error:
            done.set_exception(error)
        return done


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@dataclass(slots=True)
class Office:
    """The workspace, the store behind the bot, and what anybody can do."""

    sandbox: Sandbox
    runtime: Runtime
    firm_id: int
    service: Service
    clients: dict[str, int]
    """Ids of the canaries, by the key of the advisor whose book they began in."""
    _asked: list[People]

    def become(self, user_id: str, kind: PersonKind) -> None:
        """Change what the workspace says of a person; a minute later everybody knows."""
        self.person(user_id).kind = kind
        for each in self._asked:
            each._kept.clear()

    @property
    def _does(self) -> Interactivity:
        return self.sandbox._first.does

    @property
    def _courier(self) -> Courier:
        return self.sandbox._first.courier

    def members(self) -> tuple[Member, ...]:
        """Return everybody with the grants that hold now."""
        with self.runtime.store.read(self.firm_id) as session:
            return list_members(session, at=self.runtime.now())

    def member(self, key: str) -> Member:
        """Return a member with the grants that hold now."""
        return next(each for each in self.members() if each.key == key)

    def person(self, user_id: str) -> Person:
        return self.sandbox.world.people[user_id]

    def place(self, place_id: str) -> Place:
        return self.sandbox.world.places[place_id]

    def seen(self) -> int:
        """Return how far the record goes."""
        return len(self.sandbox.workspace.transcript._entries)

    def entries(self, after: int) -> list[Json]:
        """Return what was recorded since."""
        return self.sandbox.workspace.transcript._entries[after:]

    def command(self, user_id: str, place_id: str, typed: str) -> None:
        """Type a command, whoever it is and wherever."""
        person, place = self.person(user_id), self.place(place_id)
        name, _, text = typed.partition(" ")
        does = self._does
        payload = does._payloads.command(person, place, name, text)
        self._ask(
            "slash_commands",
            name,
            payload,
            lambda given: does._command_answered(person, place, typed, given),
        )

    def press(self, user_id: str, place_id: str, action_id: str, value: str) -> None:
        """Press a button in a place; nobody asks whether it was ever shown there."""
        button = {"type": "button", "action_id": action_id, "value": value}
        button["text"] = {"type": "plain_text", "text": "x"}  # type: ignore[assignment]
        blocks = [{"type": "actions", "block_id": "b", "elements": [button]}]
        workspace, does = self.sandbox.workspace, self._does
        place = self.place(place_id)
        message = workspace.post(place, {"text": "x", "blocks": blocks}, only_for=user_id)
        done = {**button, "block_id": "b", "action_ts": "1.0"}
        person = self.person(user_id)
        payload = does._payloads.message_action(person, place, message, done)
        self._interact(payload)

    def press_in_view(self, user_id: str, view: View, action_id: str, value: str) -> None:
        """Press a button in a modal or on the Home tab."""
        done = {"type": "button", "action_id": action_id, "value": value, "block_id": "b"}
        payload = self._does._payloads.view_action(self.person(user_id), view, done)
        self._interact(payload)

    def submit(self, user_id: str, view: View, values: Json) -> Json:
        """Send a form with these values; return the answer's form."""
        does = self._does
        for block_id, actions in values.items():
            view.values.setdefault(block_id, {}).update(actions)
        payload = does._payloads.submission(self.person(user_id), view)
        taken = self._ask(
            "interactive", "view_submission", payload, lambda given: does._submitted(view, given)
        )
        return taken.more or {}

    def options(self, user_id: str, action_id: str, typed: str, metadata: str = "") -> list[str]:
        """Type into a searched list; return what is offered."""
        body = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []}
        view = self.sandbox.workspace.views.open(user_id, body | {"private_metadata": metadata})
        does = self._does
        ids = {"block_id": action_id, "action_id": action_id}
        where = does._payloads.suggestion_in_view(view)
        payload = does._payloads.suggestion(self.person(user_id), ids, typed, where)
        found: list[str] = []

        def take(given: Any) -> Taken:
            found.extend(each["text"]["text"] for each in (given or {}).get("options", []))
            return Taken(audience=[user_id])

        self._ask("interactive", "block_suggestion", payload, take)
        return found

    def shortcut(self, user_id: str, callback_id: str) -> None:
        """Use a global shortcut."""
        self._interact(self._does._payloads.shortcut(self.person(user_id), callback_id))

    def home(self, user_id: str) -> View | None:
        """Open the Home tab; return what it shows then."""
        place = "D" + user_id[1:]
        event = {"type": "app_home_opened", "user": user_id, "channel": place, "tab": "home"}
        self._tell(event | {"event_ts": "1.0"})
        return self.sandbox.workspace.views.homes.get(user_id)

    def upload(self, user_id: str, place_id: str, name: str, data: bytes) -> None:
        """Put a file into a place where the bot is, or is not."""
        place, workspace = self.place(place_id), self.sandbox.workspace
        file = workspace.files.add(name, user_id, data, for_app=False)
        workspace.shared(file, place, self.sandbox.base_url)
        event = {"type": "file_shared", "file_id": file.id, "file": {"id": file.id}}
        self._tell(event | {"user_id": user_id, "channel_id": place_id, "event_ts": "1.0"})

    def modals(self, user_id: str) -> list[View]:
        """Return what a person has open."""
        return self.sandbox.workspace.views.stacks[user_id]

    def close_modals(self, user_id: str) -> None:
        """Close whatever a person has open."""
        self.sandbox.workspace.views.stacks[user_id].clear()

    def _interact(self, payload: Json) -> None:
        self._ask("interactive", str(payload["type"]), payload, lambda _: Taken())

    def _ask(self, envelope: Any, name: str, payload: Json, take: Callable[[Any], Taken]) -> Taken:
        _, taken = self.sandbox._do(
            self._courier.ask(envelope, name, payload, take), timeout=PATIENCE_S
        )
        assert taken.outcome not in ("timeout", "error"), taken
        return taken

    def _tell(self, event: Json) -> None:
        payload = self._does._payloads.event(event)
        self.sandbox._do(self._courier._tell(payload), timeout=PATIENCE_S)


@contextmanager
def open_office(path: Path) -> Iterator[Office]:
    """Run the bot behind its gate on the migrated store at a path."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for module in ("listeners.router", "listeners.pool", "digests.clock"):
            patch.setattr(f"bot.{module}.ThreadPoolExecutor", InlinePool)
        asked: list[People] = []
        patch.setattr(People, "__init__", partialmethod(_made, People.__init__, asked))
        sandbox = stack.enter_context(Sandbox(manifest(), deadline_s=PATIENCE_S))
        sandbox.clock.jump_to(TUESDAY)
        add_people_and_places(sandbox)
        settings = Settings(
            database_url=f"sqlite:///{path}",
            mode="http",
            tick_s=3600,
            requests_per_minute=100_000,
            slack_bot_token=SecretStr(sandbox.bot_token),
            slack_signing_secret=SecretStr(sandbox.signing_secret),
            slack_api_url=sandbox.api_url,
        )
        store = open_store(settings.database_url)
        stack.callback(store.close)
        runtime = Runtime(settings=settings, store=store, clock=sandbox.clock.now)
        firm_id, clients = open_firm(runtime)
        service = Service(runtime)
        gate = Gate(service.app, sandbox.signing_secret, {})
        stack.enter_context(_served(gate, sandbox))
        yield Office(sandbox, runtime, firm_id, service, clients, asked)


def _made(
    self: People, begin: Callable[..., None], asked: list[People], *values: Any, **named: Any
) -> None:
    begin(self, *values, **named)
    asked.append(self)


@contextmanager
def _served(gate: Gate, sandbox: Sandbox) -> Iterator[None]:
    server = make_server("127.0.0.1", 0, gate, _Server, _Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        sandbox.send_events_to(f"http://127.0.0.1:{server.server_port}{PATH}")
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def add_people_and_places(sandbox: Sandbox) -> None:
    """Add whom and what the demo's workspace lacks."""
    world = sandbox.world
    world.add_people(
        [
            Person("U0PIA", "pia.sommer", "Pia Sommer"),
            Person("U0CLARA", "clara.falk", "Clara Falk"),
            Person("U0IDA", "ida.frank", "Ida Frank"),
            Person("U0EXNER", "ruth.exner", "Ruth Exner"),
            Person("U0OWNER", "olga.own", "Olga Own", "owner"),
            Person("U0ROBOT", "robot", "Robot", "bot"),
        ]
    )
    ours = {
        each.id
        for each in world.people.values()
        if each.kind in ("member", "owner") and each.team_id == TEAM
    }
    everybody = set(world.people)
    world.add_places(
        [
            Place("C1PRIVATE", "p", "private", ours | {BOT}),
            Place("C1GUESTS", "g", "private", everybody - {"U0EXT"}),
            Place("C1PUBLIC", "o", "public", everybody - {"U0EXT"}),
            Place("C1GENERAL", "a", "public", everybody - {"U0EXT"}, is_general=True),
            Place("C1GROUP", "m", "mpim", ours | {BOT}),
            Place("C1ORG", "s", "private", everybody, is_org_shared=True),
            Place("C1SHARED", "x", "private", everybody, is_ext_shared=True),
            Place("C1PENDING", "y", "private", everybody, is_pending_ext_shared=True),
            Place("C1ARCHIVED", "z", "private", everybody, is_archived=True),
            Place("C1WITHOUT", "w", "public", everybody - {"U0EXT", BOT}),
        ]
    )
    for each in ("U0EXT", "U0ROBOT"):
        world.dm_with_bot(each)


def open_firm(runtime: Runtime) -> tuple[int, dict[str, int]]:
    """Save the firm with its members and one client in each book; return ids."""
    firm = ensure_firm(
        TEAM, "Birkenhof", runtime, currency="EUR", zone="Europe/Berlin", locale="de-DE"
    )
    assert firm.id is not None
    ids: dict[str, int] = {}
    for key, name, role, team, account in MEMBERS:
        member = add_member(firm.id, runtime, key=key, name=name, role=role, team=team)
        ids[key] = member.member_id
        link(firm.id, key, account, runtime)
    give_grant(
        firm.id,
        "pia",
        "anna",
        runtime,
        until=runtime.now() + timedelta(days=30),
        may_record=True,
        may_get_digest=True,
        may_import=True,
        by="operator",
    )
    with runtime.store.write(firm.id) as session:
        clients = {key: _save(session, key, ids[key]) for key in CANARIES}
        index_all(session)
        session.get_one(MemberRow, ids["exner"]).is_active = False
    return firm.id, clients


def _save(session: Any, key: str, advisor_id: int) -> int:
    recorded: Json = {"recorded_by": "Anna Berger", "recorded_at": TUESDAY}
    client_id = save_client(session, NUMBERS[key], CANARIES[key], advisor_id, revenue_cents=900_000)
    session.add_all(
        [
            SatisfactionRow(
                client_id=client_id,
                score_hundredths=8200,
                scale="csi",
                measured_on=MEASURED,
                **recorded,
            ),
            HoldingRow(client_id=client_id, managed_cents=12_000_000, held_on=MEASURED),
            WalletRow(
                client_id=client_id,
                source="stated",
                known_on=MEASURED,
                wallet_cents=40_000_000,
                **recorded,
            ),
        ]
    )
    return client_id


def canaries_in(said: Any) -> set[str]:
    """Return the keys of the books whose client is named."""
    text = json.dumps(said, ensure_ascii=False)
    return {key for key, name in CANARIES.items() if name in text}


def give_to(office: Office, key: str, to: str) -> None:
    """Give a canary to another advisor's book."""
    with office.runtime.store.write(office.firm_id) as session:
        row = session.get_one(ClientRow, office.clients[key])
        row.advisor_id = office.member(to).member_id
        session.add(row)


def quiet_logs() -> None:
    """Let the log keep what went wrong only."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
