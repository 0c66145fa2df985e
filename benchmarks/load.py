"""``python -m benchmarks.load``: people ask over signed HTTP while a list is imported.

The bot runs under gunicorn as an operator starts it, the local workspace in another process.
Requests leave at fixed times, and a wait counts from the planned time: a bot that stands still
cannot hide it.
"""

import argparse
import asyncio
import hmac
import json
import math
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import aiohttp
from rich.console import Console
from rich.table import Table

from benchmarks.firms import names_of
from benchmarks.importing import file_of
from bot import actions
from bot.manifest import manifest
from bot.runtime import Runtime
from bot.settings import Settings
from bot.usecases.firms import add_member, ensure_firm, link
from domain.access import Role
from sandbox.server import Sandbox
from sandbox.world import TEAM
from storage.migrate import migrate
from storage.store import open_store

PROGRAM = (sys.executable, "-m", "bot")
ADVISORS = 400
PEOPLE = ("U0ANNA", "U0EMILY", "U0JONAS", "U0VOGT")
ACK_S = 3.0
P99_S = 0.5
START_S = 60.0
SHARES = (50, 75, 90, 95, 99, 99.9, 100)


@dataclass(frozen=True, slots=True)
class Load:
    """How much is asked."""

    per_s: float
    seconds: float
    burst: int
    clients: int
    rows: int


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where the local workspace is, and its secrets."""

    api_url: str
    bot_token: str
    signing_secret: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: when it was to leave, and what became of it."""

    at_s: float
    kind: str
    status: int
    taken_s: float
    is_late: bool
    """A word of patience came first, the answer after it."""


def _serve(workspace_of: Connection, url: str) -> None:
    with Sandbox(manifest("http", url=url)) as sandbox:
        workspace_of.send(Workspace(sandbox.api_url, sandbox.bot_token, sandbox.signing_secret))
        workspace_of.recv()


@contextmanager
def open_workspace(url: str) -> Iterator[Workspace]:
    """Run the local workspace in a process of its own."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there, url))
    process.start()
    yield here.recv()
    here.send("done")
    process.join()


def build_firm(address: str) -> None:
    """Make a firm with many advisors, four of them linked."""
    store = open_store(address)
    migrate(store)
    runtime = Runtime(settings=Settings(), store=store)
    firm = ensure_firm(
        TEAM, "Birkenhof", runtime, currency="EUR", zone="Europe/Berlin", locale="de-DE"
    )
    firm_id = int(firm.id or 0)
    for number in range(ADVISORS):
        add_member(firm_id, runtime, key=f"a{number}", name="", role=Role.ADVISOR, team="all")
    for number, account in enumerate(PEOPLE):
        link(firm_id, f"a{number}", account, runtime)
    store.close()


def importing(address: str, path: Path) -> tuple[str, ...]:
    """Return what imports a list, as typed at the terminal."""
    return (*PROGRAM, "--database", address, "import", str(path), "--yes")


@contextmanager
def open_bot(address: str, port: int, workspace: Workspace, log: Path) -> Iterator[None]:
    """Run the bot under gunicorn until it is told to end."""
    environment = {
        **os.environ,
        "TIERWISE_MODE": "http",
        "TIERWISE_HTTP_PORT": str(port),
        "TIERWISE_DATABASE_URL": address,
        "TIERWISE_REQUESTS_PER_MINUTE": "100000",
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_SIGNING_SECRET": workspace.signing_secret,
        "SLACK_API_URL": workspace.api_url,
    }
    with log.open("wb") as said:
        process = subprocess.Popen((*PROGRAM, "run"), env=environment, stderr=said)
    until = time.monotonic() + START_S
    while '"event": "started"' not in log.read_text():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(log.read_text())
        time.sleep(0.1)
    yield
    process.send_signal(signal.SIGTERM)
    process.wait()


def planned(load: Load) -> list[float]:
    """Return the seconds at which requests leave: evenly, and a burst amid the import."""
    evenly = [number / load.per_s for number in range(int(load.per_s * load.seconds))]
    return sorted([*evenly, *[load.seconds / 3] * load.burst])


def body_of(number: int, clients: int, names: Sequence[str]) -> tuple[str, bytes]:
    """Write the request with a number: mostly look-ups, lists and opened cards."""
    chance, whose = Random(number), number % len(PEOPLE)
    who = PEOPLE[whose]
    own = whose + ADVISORS * chance.randrange(clients // ADVISORS)
    kind = chance.choices(("/segment", "/priorities", "/due", "card", "home"), (50, 15, 15, 15, 5))[
        0
    ]
    trigger = f"{number}.{time.time_ns()}"
    if kind.startswith("/"):
        text = names[own] if kind == "/segment" else ""
        form = {"command": kind, "text": text, "user_id": who, "team_id": TEAM}
        form |= {"channel_id": f"D{who[1:]}", "trigger_id": trigger, "response_url": ""}
        return kind, urlencode(form).encode()
    if kind == "home":
        event = {"type": "app_home_opened", "user": who, "tab": "home", "channel": f"D{who[1:]}"}
        whole = {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{trigger}"}
        return kind, json.dumps({**whole, "event": event}).encode()
    click = {"action_id": actions.OPEN_CLIENT, "block_id": "b", "type": "button"}
    click |= {"value": str(1 + own), "action_ts": str(time.time())}
    clicked: dict[str, Any] = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": who, "team_id": TEAM},
        "container": {"type": "message", "message_ts": trigger, "channel_id": f"D{who[1:]}"},
        "channel": {"id": f"D{who[1:]}"},
        "trigger_id": trigger,
        "response_url": "",
    }
    return kind, urlencode({"payload": json.dumps({**clicked, "actions": [click]})}).encode()


async def ask_all(load: Load, url: str, secret: str, began: float) -> list[Asked]:
    """Send everything at its time, whatever became of what went before."""
    names = names_of(load.rows)
    limit = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=limit) as session:
        return await asyncio.gather(
            *(
                _ask(session, url, secret, began, at_s, *body_of(number, load.clients, names))
                for number, at_s in enumerate(planned(load))
            )
        )


async def _ask(
    session: aiohttp.ClientSession,
    url: str,
    secret: str,
    began: float,
    at_s: float,
    kind: str,
    body: bytes,
) -> Asked:
    await asyncio.sleep(began + at_s - time.monotonic())
    stamp = str(int(time.time()))
    signed = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, "sha256").hexdigest()
    headers = {
        "Content-Type": "application/json"
        if kind == "home"
        else "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signed}",
    }
    try:
        async with session.post(url, data=body, headers=headers) as response:
            said, status = await response.text(), response.status
    except aiohttp.ClientError:
        said, status = "", 0
    is_late = '"text": "Einen Moment' in said or '"text": "One moment' in said
    return Asked(at_s, kind, status, time.monotonic() - began - at_s, is_late)


def share(times: Sequence[float], percent: float) -> float:
    """Return the time within which so many per cent were acknowledged."""
    return sorted(times)[max(0, math.ceil(len(times) * percent / 100) - 1)]


def show(load: Load, asked: Sequence[Asked], imported_s: tuple[float, float]) -> bool:
    """Print the whole distribution; whether every acknowledgement came in time."""
    console = Console(width=110)
    times = [each.taken_s for each in asked]
    table = Table("acknowledged", "requests", *(f"{each:g} %" for each in SHARES), "One moment")
    kinds = {"all": asked} | {
        kind: [each for each in asked if each.kind == kind] for kind in {e.kind for e in asked}
    }
    during = [each for each in asked if imported_s[0] <= each.at_s <= imported_s[1]]
    for name, some in {**kinds, "while importing": during}.items():
        if some:
            shares = (f"{share([e.taken_s for e in some], each) * 1000:.0f} ms" for each in SHARES)
            late = sum(each.is_late for each in some)
            table.add_row(name, str(len(some)), *shares, str(late))
    console.print(table)
    failed = [each for each in asked if each.status != 200]
    slow = [each for each in asked if each.taken_s >= ACK_S]
    console.print(f"{load.per_s:g}/s for {load.seconds:g} s, a burst of {load.burst} at once")
    console.print(
        f"import of {load.rows:,} rows: second {imported_s[0]:.0f} to {imported_s[1]:.0f}"
    )
    console.print(f"load of the machine at the end: {os.getloadavg()[0]:.1f}")
    console.print(f"other answers than 200: {dict(Counter(each.status for each in failed))}")
    console.print(f"not acknowledged: {len(failed)}; beyond {ACK_S:g} s: {len(slow)}")
    console.print(f"99 % within {share(times, 99) * 1000:.0f} ms, target {P99_S * 1000:.0f} ms")
    return not failed and not slow and share(times, 99) <= P99_S


def run(load: Load) -> bool:
    """Measure once, in a folder that is gone afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/slack/events"
    with TemporaryDirectory() as folder, open_workspace(url) as workspace:
        address = f"sqlite:///{folder}/load.db"
        build_firm(address)
        path = Path(folder) / "first.csv"
        lines = file_of(load.rows, advisors=ADVISORS).splitlines(keepends=True)
        path.write_bytes(b"".join(lines[: load.clients + 1]))
        subprocess.run(importing(address, path), stdout=subprocess.DEVNULL, check=True)
        with open_bot(address, port, workspace, Path(folder) / "log"):
            warm = Load(10, 2, 0, load.clients, load.rows)
            asyncio.run(ask_all(warm, url, workspace.signing_secret, time.monotonic()))
            asked, imported_s = asyncio.run(
                _under_load(load, Path(folder), address, url, workspace)
            )
    return show(load, asked, imported_s)


async def _under_load(
    load: Load, folder: Path, address: str, url: str, workspace: Workspace
) -> tuple[list[Asked], tuple[float, float]]:
    """Ask, and a quarter of the way in begin to import."""
    path = folder / "second.csv"
    path.write_bytes(file_of(load.rows, changed=True, advisors=ADVISORS))
    began = time.monotonic() + 1
    asking = asyncio.create_task(ask_all(load, url, workspace.signing_secret, began))
    await asyncio.sleep(1 + load.seconds / 4)
    first_s = time.monotonic() - began
    process = await asyncio.create_subprocess_exec(
        *importing(address, path), stdout=asyncio.subprocess.DEVNULL
    )
    if await process.wait():
        raise RuntimeError("the second list was not imported")
    last_s = time.monotonic() - began
    return await asking, (first_s, last_s)


def main() -> None:
    """Run as an operator says; ends with 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-second", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--burst", type=int, default=50)
    parser.add_argument("--clients", type=int, default=3_000)
    parser.add_argument("--rows", type=int, default=50_000)
    given = parser.parse_args()
    load = Load(given.per_second, given.seconds, given.burst, given.clients, given.rows)
    sys.exit(0 if run(load) else 1)


if __name__ == "__main__":
    main()
