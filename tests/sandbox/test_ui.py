"""The page's side: who gets in, what changes are told, and the clock."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime

import pytest
from slack_sdk import WebClient

from sandbox.client import SandboxClient
from sandbox.server import Sandbox
from tests.sandbox.conftest import MANIFEST, PATIENCE_S


def get(url: str, **headers: str) -> int:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
            return int(response.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return int(refused.code)


def test_only_the_page_with_its_key_gets_in(sandbox: Sandbox) -> None:
    state = f"{sandbox.base_url}/ui/state?as=U0ANNA"
    key = {"X-Sandbox-Key": sandbox.key}
    assert get(state) == 403
    assert get(state, **{"X-Sandbox-Key": "wrong"}) == 403
    assert get(state, **key, Host="evil.example") == 403
    assert get(state, **key, Origin="https://evil.example") == 403
    assert get(state, **key, Origin=sandbox.base_url) == 200


def test_a_person_sees_the_places_they_may_see(people: SandboxClient) -> None:
    def places(person: str) -> dict[str, str]:
        return {p["id"]: p["name"] for p in people.state(person)["places"]}

    assert set(places("U0TOM")) == {"C0GENERAL", "C0TEAM", "C0PUB", "C0OLD", "D0TOM"}
    assert places("U0TOM")["D0TOM"] == "Tierwise"
    assert set(places("U0EXT")) == {"C0SHARED"}
    assert set(places("U0MARIO")) == {"C0GENERAL", "D0MARIO"}


def test_unread_messages_are_counted_until_they_are_read(
    api: WebClient, people: SandboxClient
) -> None:
    def unread() -> int:
        return int(
            next(p["unread"] for p in people.state("U0ANNA")["places"] if p["id"] == "D0ANNA")
        )

    api.chat_postMessage(channel="D0ANNA", text="One")
    api.chat_postMessage(channel="D0ANNA", text="Two")
    assert unread() == 2
    people.messages("U0ANNA", "D0ANNA")
    assert unread() == 0


def test_the_state_lists_commands_and_shortcuts_for_the_composer(people: SandboxClient) -> None:
    app = people.state("U0ANNA")["app"]
    assert app["commands"][0] == {
        "command": "/segment",
        "description": "Look a client up",
        "usage_hint": "[name]",
    }
    assert [s["type"] for s in app["shortcuts"]] == ["global", "message"]
    assert (app["home"], app["connected"]) == (True, False)


def test_the_clock_jumps_to_monday_morning_of_the_person(
    sandbox: Sandbox, people: SandboxClient
) -> None:
    sandbox.clock.jump_to(datetime(2026, 10, 22, 12, tzinfo=UTC))  # a Thursday in summer time
    monday = datetime.fromtimestamp(people.clock_to("monday", "U0EMILY"), UTC)
    assert monday.replace(microsecond=0) == datetime(2026, 10, 26, 8, 0, 5, tzinfo=UTC)
    sandbox.clock.jump_to(datetime(2026, 10, 22, 12, tzinfo=UTC))
    monday = datetime.fromtimestamp(people.clock_to("monday", "U0ANNA"), UTC)
    assert monday.replace(microsecond=0) == datetime(2026, 10, 26, 7, 0, 5, tzinfo=UTC)


def test_messages_carry_the_time_of_the_workspace(api: WebClient, people: SandboxClient) -> None:
    people.clock_to("2027-01-04T08:00:00+01:00")
    ts = float(api.chat_postMessage(channel="D0ANNA", text="Monday")["ts"])
    assert ts == pytest.approx(datetime(2027, 1, 4, 7, tzinfo=UTC).timestamp(), abs=5)


def test_an_open_page_hears_what_concerns_its_person(api: WebClient, sandbox: Sandbox) -> None:
    url = f"{sandbox.base_url}/ui/events?as=U0ANNA&key={sandbox.key}"
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as stream:

        def heard() -> dict[str, object]:
            line = stream.readline().decode()
            assert stream.readline() == b"\n"
            news: dict[str, object] = json.loads(line.removeprefix("data: "))
            return news

        assert heard() == {"type": "connected", "value": False}
        api.chat_postMessage(channel="D0TOM", text="Not for Anna")
        assert heard() == {"type": "transcript"}
        api.chat_postMessage(channel="D0ANNA", text="For Anna")
        assert heard() == {"type": "messages", "place": "D0ANNA"}


def test_waiting_for_the_transcript_ends_with_the_next_entry(
    api: WebClient, people: SandboxClient
) -> None:
    timer = threading.Timer(0.1, lambda: api.chat_postMessage(channel="D0ANNA", text="Hi"))
    timer.start()
    start = time.monotonic()
    (entry,) = people.transcript(0, wait=PATIENCE_S)
    timer.join()
    assert entry["name"] == "chat.postMessage"
    assert time.monotonic() - start < PATIENCE_S


def test_a_taken_port_is_refused_at_the_start(sandbox: Sandbox) -> None:
    port = int(sandbox.base_url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        Sandbox(MANIFEST, port=port).start()


def test_stopping_does_not_wait_for_an_open_page() -> None:
    sandbox = Sandbox(MANIFEST).start()
    url = f"{sandbox.base_url}/ui/events?as=U0ANNA&key={sandbox.key}"
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as stream:
        stream.readline()
        start = time.monotonic()
        sandbox.stop()
        assert time.monotonic() - start < PATIENCE_S
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(sandbox.base_url.rpartition(":")[2]))) != 0
