"""The real bot in a local workspace, and a fictional book: what people type, press and read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import inf
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlmodel import Session

from bot.clients import create_client
from bot.digests.delivery import Office as Workspace
from bot.digests.message import WeeklyMessage, WeeklyWriter
from bot.door import MOMENT_S
from bot.listeners.people import Profile
from bot.manifest import manifest
from bot.runtime import Runtime
from bot.service import Service
from bot.settings import Settings
from bot.usecases.firms import add_member, ensure_firm, link
from domain.access import Member, Role, Standing
from sandbox.client import PATIENCE_S, SandboxClient
from sandbox.server import Sandbox
from sandbox.world import TEAM
from storage.firms import mark_placed
from storage.journal import Kind, by_member
from storage.search import index_all
from storage.store import open_store
from storage.tables import ClientRow, HoldingRow, SatisfactionRow, WalletRow
from tests.firms import save_client, save_twin

Json = dict[str, Any]

TUESDAY = datetime(2026, 11, 24, 9, tzinfo=UTC)
"""No digest is due today to people linked this morning."""
MEASURED = date(2026, 10, 5)
PATIENCE = ("One moment", "Einen Moment")
ANNA, EMILY, JONAS, VOGT = "U0ANNA", "U0EMILY", "U0JONAS", "U0VOGT"
TOM, LENA, MARIO = "U0TOM", "U0LENA", "U0MARIO"
"""A colleague without a role, a guest of one channel, a guest of several."""
MEMBERS = (
    ("anna", "Anna Berger", Role.ADVISOR, ANNA),
    ("emily", "Emily Carter", Role.ADVISOR, EMILY),
    ("jonas", "Jonas Keller", Role.ADVISOR, JONAS),
    ("vogt", "Katharina Vogt", Role.LEAD, VOGT),
)
BOOKS = {
    "anna": {
        "Maria Huber": "grow",
        "Lindenhof GmbH": "fix",
        "Jürgen Müller": "move",
        "R&D GmbH": "model",
        "Hans Bergmann": "grow",
        "Petra Bergmann": "unknown",
        "Anton Lechner": "fix",
        "Clara Wendt": "model",
        "Rosa Kammerer": "grow",
        "Viktor Amsel": "fix",
        "Gerda Sommer": "move",
        "Otto Winter": "grow",
        "*Stern* & <!channel>": "model",
    },
    "emily": {"Oliver Hughes": "grow", "Daisy Fairfax": "fix", "Harry Bloom": "fix"},
    "jonas": {f"Mandat {n:02}": "grow" for n in range(1, 41)},
    "vogt": {"Ludwig Steiner": "model"},
}
READERS = {"anna": {ANNA, VOGT}, "emily": {EMILY, VOGT}, "jonas": {JONAS, VOGT}, "vogt": {VOGT}}
REVENUE = {"grow": 9000, "fix": 16_000, "move": 1200, "model": 5000}
SCORES = {
    "grow": ("csi", 8200),
    "fix": ("school", 450),
    "move": ("csi", 3000),
    "model": ("csi", 9500),
}
"""Scale and score, in hundredths."""
SHARES = {"grow": 30, "fix": 90, "move": 20, "model": 80}


def open_firm(runtime: Runtime) -> tuple[int, dict[str, Member], dict[str, int]]:
    """Save the firm with its linked members and their books; return ids by key and by name.

    Its twin, with the same people, stands in the same store.
    """
    firm = ensure_firm(
        TEAM,
        "Birkenhof Beratung",
        runtime,
        currency="EUR",
        zone="Europe/Berlin",
        locale="de-DE",
    )
    assert firm.id is not None
    members: dict[str, Member] = {}
    clients: dict[str, int] = {}
    for key, name, role, account in MEMBERS:
        add_member(firm.id, runtime, key=key, name=name, role=role, team="Birkenhof")
        members[key] = link(firm.id, key, account, runtime)
    with runtime.store.write(firm.id) as session:
        for key, book in BOOKS.items():
            for name, kind in book.items():
                number = f"{key}-{len(clients)}"
                clients[name] = save_placed(session, number, name, members[key].member_id, kind)
        index_all(session)
        mark_placed(session, TUESDAY.date())  # what the night does has tests of its own
    save_twin(runtime.store, MEMBERS, "Birkenhof")
    return firm.id, members, clients


def save_placed(session: Session, number: str, name: str, advisor_id: int, kind: str) -> int:
    """Save a client of a kind of `REVENUE`, or one of whom nothing is known."""
    if kind == "unknown":
        return save_client(session, number, name, advisor_id)
    cents = REVENUE[kind] * 100
    client_id = save_client(session, number, name, advisor_id, revenue_cents=cents)
    scale, score = SCORES[kind]
    recorded: dict[str, Any] = {"recorded_by": "Anna Berger", "recorded_at": TUESDAY}
    session.add(
        SatisfactionRow(
            client_id=client_id,
            score_hundredths=score,
            scale=scale,
            measured_on=MEASURED,
            **recorded,
        )
    )
    session.add(HoldingRow(client_id=client_id, managed_cents=12_000_000, held_on=MEASURED))
    share = SHARES[kind] * 100
    wallet: dict[str, Any] = {"wallet_cents": 40_000_000} if kind == "grow" else {"share_bp": share}
    session.add(
        WalletRow(client_id=client_id, source="stated", known_on=MEASURED, **wallet, **recorded)
    )
    return client_id


@dataclass(frozen=True, slots=True)
class Office:
    """The workspace, the store behind the bot, and what a person can do."""

    sandbox: Sandbox
    runtime: Runtime
    firm_id: int
    members: dict[str, Member]
    clients: dict[str, int]
    pressed: dict[tuple[str, str, str], float] = field(default_factory=dict)

    @property
    def people(self) -> SandboxClient:
        """Return who acts as people do."""
        return self.sandbox.client

    def ask(
        self, who: str, command: str, place: str | None = None, *, patient: bool = True
    ) -> Json:
        """Type a command; return what answers it, behind a "one moment" if the machine is busy."""
        place = place or direct(who)
        seen = len(self.people.messages(who, place))
        assert self.people.say(who, place, command)["outcome"] == "acked"
        answer = self.next_message(who, place, seen)
        if patient and answer["text"].startswith(PATIENCE):
            return self.next_message(who, place, seen + 1)
        return answer

    def press(self, who: str, label: str, message: Json, place: str | None = None) -> None:
        """Press the first button of a message that is called so."""
        block_id, action_id = button(message["blocks"], label)
        self.people.click(who, block_id, action_id, place=place or direct(who), ts=message["ts"])

    def press_for_message(self, who: str, label: str, message: Json) -> Json:
        """Press a button in a direct message; return the message that answers it."""
        seen = len(self.people.messages(who, direct(who)))
        self.press(who, label, message)
        return self.next_message(who, direct(who), seen)

    def press_in_view(self, who: str, label: str, view: Json) -> None:
        """Press a button on the Home tab or in a modal; at once again it is a double click.

        Home may be drawn anew just then: whoever finds the button gone presses it where it is now.
        """
        block_id, action_id = button(view["blocks"], label)
        again = who, label, view["id"]
        since_s = monotonic() - self.pressed.get(again, -inf)
        sleep(max(0.0, 2 * MOMENT_S - since_s))
        clicked = self.people.click(who, block_id, action_id, view_id=view["id"])
        if clicked["outcome"] == "error" and view["type"] == "home":
            block_id, action_id = button(self.people.home(who)["blocks"], label)
            clicked = self.people.click(who, block_id, action_id, view_id=view["id"])
        assert clicked["outcome"] != "error", clicked
        self.pressed[again] = monotonic()

    def next_message(self, who: str, place: str, seen: int) -> Json:
        """Wait for the message after so many."""
        message: Json = self.people.wait_for(lambda: self.people.messages(who, place)[seen:])[0]
        return message

    def modals(self, who: str, count: int = 1) -> list[Json]:
        """Wait until a person has so many modals open; return them, the lowest first."""

        def opened() -> Any:
            views = self.people.views(who)
            return views if len(views) == count else None

        return list(self.people.wait_for(opened))

    def modal_saying(self, who: str, words: str) -> Json:
        """Wait until a person's topmost modal holds these words."""

        def found() -> Any:
            views = self.people.views(who)
            return views[-1] if views and words in text_of(views[-1]) else None

        view: Json = self.people.wait_for(found)
        return view

    def close_modals(self, who: str) -> None:
        """Close whatever a person has open."""
        for view in self.people.views(who)[-1:]:
            self.people.close(who, view["id"], clear=True)

    def home(self, who: str, words: str) -> Json:
        """Open the Home tab and wait until it is drawn anew and holds these words."""
        before = self.people.home(who)
        self.people.open_home(who)

        def shown() -> Any:
            view = self.people.home(who)
            is_new = view and (not before or view["hash"] != before["hash"])
            return view if is_new and words in text_of(view) else None

        view: Json = self.people.wait_for(shown)
        return view

    def row(self, name: str) -> ClientRow:
        """Return a client's row."""
        with self.runtime.store.read(self.firm_id) as session:
            return session.get_one(ClientRow, self.clients[name])

    def give_to(self, name: str, key: str) -> None:
        """Give a client to another advisor."""
        with self.runtime.store.write(self.firm_id) as session:
            row = session.get_one(ClientRow, self.clients[name])
            row.advisor_id = self.members[key].member_id
            session.add(row)

    def leaks(self, after: int = 0) -> list[str]:
        """List what was shown of a client to somebody who may not see that client."""
        return [
            f"{name} -> {sorted(others)} in {entry['name']}"
            for entry in self.people.transcript(after)
            for key, book in BOOKS.items()
            for name in book
            if (others := set(entry.get("audience") or ()) - READERS[key])
            and name in _said_in(entry)
        ]

    def unwitnessed(self, after: int = 0, *, since: int = 0) -> list[str]:
        """List what was shown of a client to somebody without an entry on that in the journal.

        What was shown is read first: each entry stands before what it is about is shown.
        """
        shown = self.people.transcript(after)
        actors = {who: by_member(self.members[key].member_id) for key, _, _, who in MEMBERS}
        seen = {
            (actor, client_id)
            for kept in self.runtime.journal.entries(self.firm_id, after=since)
            for actor in [kept.actor]
            for client_id in self.clients.values()
            if kept.kind in (Kind.VIEW, Kind.MESSAGE) and kept.names_client(client_id)
        }
        return [
            f"{name} -> {reader} in {entry['name']}"
            for entry in shown
            for name, client_id in self.clients.items()
            for reader in entry.get("audience") or ()
            if reader in actors and (actors[reader], client_id) not in seen
            if name in _said_in(entry)
        ]

    def problems(self, after: int = 0) -> list[str]:
        """List what the workspace's judges found wrong, and what it refused.

        The bot may ask about a place that it cannot see: the refusal is an answer, too.
        """
        return [
            f"{entry['name']}: {entry['problems'] or entry['response']}"
            for entry in self.people.transcript(after)
            if (entry["problems"] or not entry["ok"]) and entry["name"] != "conversations.info"
        ]


def _said_in(entry: Json) -> str:
    """Return what the bot said in an entry; an echo of what was just typed is no news."""
    if entry["direction"] == "bot→workspace":
        return json.dumps(entry["request"], ensure_ascii=False)
    typed = (entry["request"] or {}).get("text") or "\0"
    return json.dumps(entry["response"], ensure_ascii=False).replace(typed, "")


@contextmanager
def open_office(path: Path) -> Iterator[Office]:
    """Run the bot over Socket Mode on the migrated store at a path."""
    with Sandbox(manifest(), deadline_s=PATIENCE_S) as sandbox:
        sandbox.clock.jump_to(TUESDAY)
        settings = Settings(
            database_url=f"sqlite:///{path}",
            mode="socket",
            tick_s=3600,
            slack_bot_token=SecretStr(sandbox.bot_token),
            slack_app_token=SecretStr(sandbox.app_token),
            slack_api_url=sandbox.api_url,
        )
        store = open_store(settings.database_url)
        runtime = Runtime(settings=settings, store=store, clock=sandbox.clock.now)
        firm_id, members, clients = open_firm(runtime)
        service = Service(runtime)
        service.start()
        yield Office(sandbox, runtime, firm_id, members, clients)
        # Both at once: the socket closes at once when its other end does, else in seconds
        stopping = Thread(target=service.stop)
        stopping.start()
    stopping.join()


def weekly_message(
    office: Office, member: Member, *, locale: str = "de-DE", zone: str = "Europe/Berlin"
) -> WeeklyMessage:
    """Write a member's digest as it would leave now."""
    profile = Profile(standing=Standing.MEMBER, locale=locale, zone=ZoneInfo(zone))
    workspace = Workspace(
        client=create_client(office.runtime.settings),
        profile_of=lambda _: profile,
        zone=ZoneInfo(zone),
        currency="EUR",
    )
    write = WeeklyWriter(runtime=office.runtime, office_of=lambda _: workspace)
    return write(
        firm_id=office.firm_id, member=member, period="2026-W48", due_at=TUESDAY, late=False
    )


def direct(who: str) -> str:
    """Name the direct message that a person has with the bot."""
    return "D" + who[1:]


def button(blocks: list[Json], label: str) -> tuple[str, str]:
    """Return block and action of the first button that is called so, or that acts on that name."""
    for block, element in elements(blocks):
        if element["type"] != "button":
            continue
        if label in (element["text"]["text"], element.get("accessibility_label", "")):
            return block["block_id"], element["action_id"]
    raise AssertionError(f"no button “{label}” in {json.dumps(blocks, ensure_ascii=False)}")


def buttons(shown: Json) -> list[str]:
    """List the buttons of a message or view."""
    return [
        element["text"]["text"]
        for _, element in elements(shown["blocks"])
        if element["type"] == "button"
    ]


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Find what can be pressed, with its block."""
    for block in blocks:
        inside = block.get("elements", []) if block["type"] == "actions" else []
        for element in (*inside, *([block["accessory"]] if "accessory" in block else [])):
            yield block, element


def text_of(shown: Json) -> str:
    """Return everything that a message or view shows, its text included."""
    blocks = [{**block, "block_id": None} for block in shown["blocks"]]
    return json.dumps([shown.get("text"), shown.get("title"), blocks], ensure_ascii=False)
