"""`tierwise demo`: the local workspace, the real bot over Socket Mode, a fictional book."""

import signal
import socket
import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from rich.console import Console
from sqlmodel import select

from bot.demo.book import lists_of, new_list
from bot.demo.months import months_before
from bot.demo.services import (
    YEARS,
    add_birthdays,
    add_events,
    add_guests,
    add_issues,
    add_services,
)
from bot.manifest import manifest
from bot.runtime import Runtime
from bot.service import Service
from bot.settings import Settings
from bot.usecases.capacity import capacity_of
from bot.usecases.firms import add_member, ensure_firm, find_member, link
from bot.usecases.importing import keep, place_touched, preview_file
from bot.usecases.people import give_grant
from domain.access import LONGEST_GRANT_DAYS, Member, Role
from sandbox.server import Sandbox
from sandbox.world import TEAM as TEAM_ID
from sandbox.world import Person
from storage.capacity import note_month
from storage.firms import current_rules, list_members
from storage.migrate import migrate
from storage.services import note_last_services
from storage.store import WORKER_PATIENCE_S, open_store
from storage.tables import ClientRow

MEMBERS = (
    # key, name, role, Slack account in the local workspace, prefix of the client numbers
    ("berger", "Anna Berger", Role.ADVISOR, "U0ANNA", "B"),
    ("keller", "Jonas Keller", Role.ADVISOR, "U0JONAS", "K"),
    ("carter", "Emily Carter", Role.ADVISOR, "U0EMILY", "C"),
    ("vogt", "Katharina Vogt", Role.LEAD, "U0VOGT", "V"),
)
STAFF = (
    # account in the local workspace, key, role here
    (Person("U0PIA", "pia.sommer", "Pia Sommer", title="Assistenz"), "sommer", Role.ASSISTANT),
    (
        Person(
            "U0CLAIRE",
            "claire.dunmore",
            "Claire Dunmore",
            locale="en-GB",
            tz="Europe/London",
            title="Compliance",
        ),
        "dunmore",
        Role.COMPLIANCE,
    ),
    (Person("U0IDA", "ida.frank", "Ida Frank", title="Verwaltung"), "frank", Role.ADMIN),
)
"""Who has no book."""
TEAM = "Birkenhof"
FIRM = "Birkenhof Beratung"
ZONE = ZoneInfo("Europe/Berlin")
TICK_S = 1.0


def run_demo(*, port: int, folder: Path, console: Console | None = None) -> int:
    """Serve until ctrl-C; returns the process's exit code."""
    console = console or Console(highlight=False)
    if _is_taken(port):
        console.print(
            f"Port {port} is taken, perhaps by another demo. "
            f"Stop that one, or choose another: tierwise demo --port {port + 1}"
        )
        return 2
    stopped = threading.Event()

    def stop(_signal: int, _frame: Any) -> None:
        stopped.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    with Sandbox(manifest(), port=port) as sandbox:
        console.print("Making a fictional book …")
        runtime = demo_runtime(sandbox, folder)
        with demo_service(runtime, sandbox):
            _say_what_to_try(console, sandbox, runtime, folder)
            stopped.wait()
    console.print("Stopped.")
    return 0


def demo_runtime(sandbox: Sandbox, folder: Path) -> Runtime:
    """Make an empty store for the local workspace, on its clock."""
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in (*folder.glob("demo.*db*"), *folder.glob("demo.erased.jsonl")):
        leftover.unlink()
    settings = Settings(
        database_url=f"sqlite:///{folder / 'demo.db'}",
        mode="socket",
        tick_s=TICK_S,
        slack_bot_token=SecretStr(sandbox.bot_token),
        slack_app_token=SecretStr(sandbox.app_token),
        slack_signing_secret=SecretStr(sandbox.signing_secret),
        slack_api_url=sandbox.api_url,
    )
    store = open_store(settings.database_url)
    migrate(store)
    return Runtime(settings=settings, store=store, clock=sandbox.clock.now)


def demo_service(runtime: Runtime, sandbox: Sandbox) -> Service:
    """Make the bot with its fictional members and books; a moved clock is noticed at once."""
    adopted = replace(runtime, clock=lambda: sandbox.clock.now() - timedelta(days=365 * YEARS))
    firm = ensure_firm(TEAM_ID, FIRM, adopted, currency="EUR", zone=ZONE.key, locale="de-DE")
    service = Service(runtime)
    if firm.id is None:
        raise ValueError("the firm was not saved")
    fill(firm.id, runtime)
    sandbox.world.add_people(replace(person) for person, *_ in STAFF)
    _staff(firm.id, runtime)
    sandbox.clock.on_move(service.clock.wake)
    return service


def fill(firm_id: int, runtime: Runtime) -> None:
    """Add the members and import their books, last year's lists before today's."""
    today = runtime.today(ZONE)
    for key, name, role, _account, _prefix in MEMBERS:
        add_member(firm_id, runtime, key=key, name=name, role=role, team=TEAM)
    for key, _name, _role, account, prefix in MEMBERS:
        for text in lists_of(key, prefix=prefix, today=today, with_huber=prefix == "B"):
            _import(text, firm_id, runtime, today)
        link(firm_id, key, account, runtime)
    _serve(firm_id, runtime, today)
    for key, *_ in MEMBERS:
        _add_a_year(firm_id, find_member(firm_id, key, runtime), runtime, today)


def _staff(firm_id: int, runtime: Runtime) -> None:
    """Add who has no book; the assistant acts for Anna in all, and sees Emily's clients."""
    for person, key, role in STAFF:
        team = TEAM if role is Role.ASSISTANT else ""
        add_member(firm_id, runtime, key=key, name=person.display, role=role, team=team)
        link(firm_id, key, person.id, runtime)
    for advisor, is_all in (("berger", True), ("carter", False)):
        give_grant(
            firm_id,
            "sommer",
            advisor,
            runtime,
            until=runtime.now() + timedelta(days=LONGEST_GRANT_DAYS),
            may_record=is_all,
            may_get_digest=is_all,
            may_import=is_all,
            by="demo",
        )


def _serve(firm_id: int, runtime: Runtime, today: date) -> None:
    """Add days of birth, two years of services, and the team's events."""
    at = runtime.now()
    with runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        rules = current_rules(session)
        members = {each.key: each.member_id for each in list_members(session)}
        add_birthdays(session, today=today)
        add_issues(session, "Katharina Vogt", rules, today=today, at=at)
        events = add_events(session, members["vogt"], TEAM, rules, today=today, at=at)
        for key, name, _role, _account, _prefix in MEMBERS:
            add_services(session, members[key], name, rules, today=today, at=at)
            add_guests(session, events, members[key], name, rules, today=today, at=at)
        clients = session.exec(select(ClientRow.id)).all()
        note_last_services(session, *(each for each in clients if each is not None))


def _import(text: str, firm_id: int, runtime: Runtime, today: date) -> None:
    preview = preview_file(text.encode("utf-8-sig"), firm_id=firm_id, runtime=runtime, today=today)
    if preview.plan is None or preview.plan.problems:
        raise ValueError("the fictional book cannot be read")
    result = keep(preview.plan, file_name="demo.csv", firm_id=firm_id, runtime=runtime, by="demo")
    place_touched(result, firm_id=firm_id, runtime=runtime, today=today)


def _add_a_year(firm_id: int, member: Member, runtime: Runtime, today: date) -> None:
    """Give a book the months before this one."""
    now = capacity_of(firm_id, member, runtime, today=today).months[-1]
    with runtime.store.write(firm_id) as session:
        for month in months_before(now):
            note_month(session, member.member_id, month)


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _say_what_to_try(console: Console, sandbox: Sandbox, runtime: Runtime, folder: Path) -> None:
    address = runtime.settings.database_url
    sample = folder / "kundenliste.csv"
    sample.write_text(new_list("berger", prefix="B", today=runtime.today(ZONE)), "utf-8-sig")
    console.print(
        f"\n  Open   [bold]{sandbox.page_url}[/bold]\n"
        "\n  You are Anna Berger, advisor, in a local workspace. Three things to try:\n"
        "  1. Type   [bold]/segment Huber[/bold]   what a client is, why, and what to do next\n"
        "  2. Type   [bold]/priorities[/bold]      who comes first this week\n"
        "  3. Click  [bold]Monday 08:00[/bold]     the week's list arrives as a direct message\n"
        "\n  You can be somebody else there, too: Katharina Vogt leads the team, Pia Sommer "
        "assists,\n  Claire Dunmore is compliance, Ida Frank administers; each has another Home "
        "tab.\n"
        "\n  In another terminal you can import a client list:\n"
        f"     .venv/bin/tierwise --database {address} import {sample}\n"
        "\n  Ctrl-C ends it.\n",
        soft_wrap=True,
    )
