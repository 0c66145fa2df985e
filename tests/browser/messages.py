"""The messages that come by themselves, to people with no, one, seven and five hundred clients.

Each size in both languages: the Monday digest, a day's reminder, and the post in a team's channel.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle, islice
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Locator
from pydantic import SecretStr

from bot.manifest import manifest
from bot.runtime import Runtime
from bot.service import Service
from bot.settings import Settings
from bot.usecases.capacity import record_consent
from bot.usecases.firms import add_member, ensure_firm, link
from bot.usecases.team import choose_channel
from domain.access import Member, Role
from domain.events import ClientEvent
from domain.model import Tier
from sandbox.client import PATIENCE_S
from sandbox.server import Sandbox
from sandbox.world import BOT, TEAM, Person, Place
from storage.events import save_event
from storage.migrate import migrate
from storage.search import index_all
from storage.store import open_store
from storage.tables import DecisionRow
from tests.bot.office import save_placed
from tests.browser.desk import sit_down

SIZES = (0, 1, 7, 500)
ZONES = {"de": ("de-DE", "Europe/Berlin"), "en": ("en-GB", "Europe/London")}
SUNDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONDAYS = datetime(2026, 11, 23, 7, 31, tzinfo=UTC), datetime(2026, 11, 23, 8, 31, tzinfo=UTC)
"""A minute after half past eight, in Berlin and in London."""
TUESDAYS = datetime(2026, 11, 24, 7, 1, tzinfo=UTC), datetime(2026, 11, 24, 8, 1, tzinfo=UTC)
TUESDAY = date(2026, 11, 24)
ADOPTED_DAYS = 200
"""So many days ago the firm adopted its rules: first services come due these days."""
FAMILIES = ("Amsel", "Birkner", "Carlsen", "Dorn", "Eberle", "Falk", "Gruber", "Hollmann")
KINDS = ("grow", "fix", "move", "model", "grow", "unknown", "fix")


@dataclass(frozen=True)
class Reader:
    """Somebody with so many clients who reads a language; leads a team of one."""

    language: str
    clients: int

    @property
    def name(self) -> str:
        return f"{self.language}{self.clients}"

    @property
    def account(self) -> str:
        return f"U0{self.name.upper()}"

    @property
    def direct(self) -> str:
        return f"D0{self.name.upper()}"

    @property
    def channel(self) -> str:
        return f"C0{self.name.upper()}"


READERS = [Reader(language, size) for language in ZONES for size in SIZES]


@contextmanager
def office(folder: Path) -> Iterator[Sandbox]:
    """Run the bot for these people; moving the clock brings what is due."""
    with Sandbox(manifest(), deadline_s=PATIENCE_S) as sandbox:
        sandbox.clock.jump_to(SUNDAY - timedelta(days=3))
        settings = Settings(
            database_url=f"sqlite:///{folder / 'messages.db'}",
            mode="socket",
            tick_s=2,
            fence_s=30,
            slack_bot_token=SecretStr(sandbox.bot_token),
            slack_app_token=SecretStr(sandbox.app_token),
            slack_api_url=sandbox.api_url,
        )
        store = open_store(settings.database_url)
        migrate(store)
        runtime = Runtime(settings=settings, store=store, clock=sandbox.clock.now)
        fill(sandbox, runtime)
        service = Service(runtime)
        sandbox.clock.on_move(service.clock.wake)
        with service:
            yield sandbox


def fill(sandbox: Sandbox, runtime: Runtime) -> None:
    """Add the people, their clients, a dinner each, and a channel each."""
    years_ago = replace(runtime, clock=lambda: runtime.now() - timedelta(days=ADOPTED_DAYS))
    firm = ensure_firm(
        TEAM, "Birkenhof", years_ago, currency="EUR", zone="Europe/Berlin", locale="de-DE"
    )
    firm_id = firm.id or 0
    record_consent(firm_id, runtime, by="Katharina Vogt")
    world = sandbox.workspace.world
    for reader in READERS:
        locale, zone = ZONES[reader.language]
        title = f"{reader.clients} Kunden" if locale == "de-DE" else f"{reader.clients} clients"
        world.add_people([Person(reader.account, reader.name, title, locale=locale, tz=zone)])
        world.add_places(
            [Place(reader.channel, f"team-{reader.name}", "private", {reader.account, BOT})]
        )
        team = f"{title} ({reader.language})"
        add_member(firm_id, runtime, key=reader.name, name=title, role=Role.LEAD, team=team)
        member = link(firm_id, reader.name, reader.account, runtime)
        add_clients(firm_id, member, reader.clients, runtime)
        plan_dinner(firm_id, member, runtime)
        choose_channel(
            firm_id,
            member,
            runtime,
            team=member.team,
            channel_id=reader.channel,
            weekday=0,
            at=time(8, 30),
            zone=ZoneInfo(zone),
            in_public=False,
        )


def add_clients(firm_id: int, member: Member, count: int, runtime: Runtime) -> None:
    """Add so many clients; one is to be looked at again on Tuesday."""
    kinds = list(islice(cycle(KINDS), count))
    with runtime.store.write(firm_id) as session:
        for number, kind in enumerate(kinds):
            name = f"{FAMILIES[number % len(FAMILIES)]} {number + 1}"
            client = save_placed(session, f"{member.key}-{number}", name, member.member_id, kind)
            if number == 0:
                session.add(
                    DecisionRow(
                        client_id=client,
                        kind="watch",
                        reason="wait",
                        by=member.name,
                        decided_on=date(2026, 8, 3),
                        recheck_on=TUESDAY,
                    )
                )
        index_all(session)


def plan_dinner(firm_id: int, member: Member, runtime: Runtime) -> None:
    """Plan a dinner four weeks after Tuesday to which nobody is invited yet."""
    dinner = ClientEvent(
        event_id=0,
        team=member.team,
        owner_id=member.member_id,
        name="Kaminabend",
        on=TUESDAY + timedelta(days=28),
        at=time(18),
        ends_at=time(22),
        zone="Europe/Berlin",
        place="",
        seats=20,
        service="small_event",
        tiers=(Tier.A,),
        uid=member.key,
    )
    with runtime.store.write(firm_id) as session:
        save_event(session, dinner, by=member.name, at=runtime.now())


def take_messages(folder: Path, chromium: Browser) -> None:
    """Take each message of each reader."""
    with tempfile.TemporaryDirectory() as store, office(Path(store)) as sandbox:
        for count, moments in ((1, MONDAYS), (2, TUESDAYS)):
            for moment, language in zip(moments, ZONES, strict=True):
                sandbox.clock.jump_to(moment)
                for reader in (each for each in READERS if each.language == language):
                    wait_for_mail(sandbox, reader, reader.channel, 1)
                    wait_for_mail(sandbox, reader, reader.direct, count)
        for reader in READERS:
            take(folder, sandbox, chromium, reader)


def wait_for_mail(sandbox: Sandbox, reader: Reader, place: str, count: int) -> None:
    """Wait until so many messages stand in a place."""
    people = sandbox.client
    people.wait_for(lambda: len(people.messages(reader.account, place)) >= count)


def take(folder: Path, sandbox: Sandbox, chromium: Browser, reader: Reader) -> None:
    """Take a reader's messages, each by itself, at a desk and on a telephone."""
    for size, width, scheme in (("desk", 1180, "light"), ("phone", 390, "dark")):
        desk = sit_down(
            chromium,
            sandbox,
            person=reader.account,
            locale=reader.language,
            size=(width, 5000),
            scheme=scheme,  # type: ignore[arg-type]
        )
        messages = desk.page.get_by_test_id("message")
        messages.nth(1).wait_for()
        for name, message in (("digest", messages.nth(0)), ("reminder", messages.nth(1))):
            picture(folder, message, f"{name}-{reader.clients}.{reader.language}.{size}")
        desk.page.goto(f"{sandbox.page_url}#as={reader.account}&place={reader.channel}")
        desk.page.reload()
        messages.first.wait_for()
        picture(folder, messages.first, f"team-{reader.clients}.{reader.language}.{size}")
        desk.page.close()


def picture(folder: Path, message: Locator, name: str) -> None:
    """Take one message as a whole."""
    message.screenshot(path=folder / f"{name}.png", animations="disabled")
