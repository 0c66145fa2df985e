"""Who is in a channel: people come and go, the app hears of it, and each sees what is theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import Queue

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.client import SandboxClient
from sandbox.server import Sandbox
from sandbox.wire import Json
from tests.sandbox.conftest import MANIFEST, PATIENCE_S

EVENTS = ["member_joined_channel", "member_left_channel", "channel_left", "group_left"]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    settings = {"event_subscriptions": {"bot_events": EVENTS}}
    with Sandbox(MANIFEST | {"settings": settings}, deadline_s=PATIENCE_S) as running:
        yield running


@pytest.fixture
def heard(app: App, connect: Callable[[], object]) -> Queue[Json]:
    events: Queue[Json] = Queue()
    for name in EVENTS:
        app.event(name)(lambda event: events.put(event))
    connect()
    return events


def members(api: WebClient, place: str) -> set[str]:
    return set(api.conversations_members(channel=place)["members"])


def test_the_bot_posts_in_a_channel_once_somebody_has_added_it(
    api: WebClient, people: SandboxClient, heard: Queue[Json]
) -> None:
    with pytest.raises(SlackApiError, match="not_in_channel"):
        api.chat_postMessage(channel="C0PUB", text="Hi")
    assert people.invite("U0ANNA", "C0PUB", "U0BOT")["outcome"] == "joined"
    event = heard.get(timeout=PATIENCE_S)
    told = (event["type"], event["user"], event["channel_type"], event["inviter"])
    assert told == ("member_joined_channel", "U0BOT", "C", "U0ANNA")
    api.chat_postMessage(channel="C0PUB", text="Hi")
    api.chat_postEphemeral(channel="C0PUB", user="U0TOM", text="For Tom")
    assert "U0BOT" in members(api, "C0PUB")
    texts = [message["text"] for message in people.messages("U0ANNA", "C0PUB")]
    assert texts == ["<@U0BOT> has joined the channel", "Hi"]
    assert people.messages("U0TOM", "C0PUB")[-1]["text"] == "For Tom"
    # When it is taken out again, it can neither see nor write
    people.remove("U0ANNA", "C0PUB", "U0BOT")
    assert heard.get(timeout=PATIENCE_S)["type"] == "channel_left"
    with pytest.raises(SlackApiError, match="not_in_channel"):
        api.chat_postMessage(channel="C0PUB", text="Still here?")


def test_a_colleague_comes_and_goes(
    api: WebClient, people: SandboxClient, heard: Queue[Json], sandbox: Sandbox
) -> None:
    people.invite("U0ANNA", "C0TEAM", "U0MARIO")
    assert heard.get(timeout=PATIENCE_S)["user"] == "U0MARIO"
    assert "U0MARIO" in members(api, "C0TEAM")
    people.remove("U0MARIO", "C0TEAM", "U0MARIO")
    left = heard.get(timeout=PATIENCE_S)
    assert (left["type"], left["user"]) == ("member_left_channel", "U0MARIO")
    assert "U0MARIO" not in members(api, "C0TEAM")


@pytest.mark.parametrize(
    ("who", "place", "whom"),
    [
        ("U0LENA", "C0GUEST", "U0TOM"),  # a guest invites nobody
        ("U0ANNA", "C0TEAM", "U0EXT"),  # another firm's people come to shared channels only
        ("U0ANNA", "C0TEAM", "U0OLD"),  # a former colleague comes nowhere
        ("U0ANNA", "C0OLD", "U0TOM"),  # nor anybody into an archive
        ("U0ANNA", "C0TEAM", "U0JONAS"),  # who is there already
        ("U0ANNA", "D0ANNA", "U0JONAS"),  # a direct message stays one
    ],
)
def test_not_everybody_is_let_in(people: SandboxClient, who: str, place: str, whom: str) -> None:
    assert people.invite(who, place, whom)["outcome"] == "error"


def test_an_open_channel_can_be_joined_and_the_general_one_not_left(people: SandboxClient) -> None:
    people.remove("U0TOM", "C0PUB", "U0TOM")
    assert people.invite("U0TOM", "C0PUB", "U0TOM")["outcome"] == "joined"
    assert people.remove("U0TOM", "C0GENERAL", "U0TOM")["outcome"] == "error"
