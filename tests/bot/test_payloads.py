"""The watch over all payloads finds what is broken, whoever planted it."""

import contextlib
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.manifest import manifest
from sandbox.server import Sandbox
from tests.payloads import watched

Json = dict[str, Any]


def _section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}, **more}


def _button(action_id: str) -> Json:
    label = {"type": "plain_text", "text": "Open"}
    return {"type": "button", "action_id": action_id, "text": label, "value": "1"}


PLANTED = {
    "a header beyond 150 characters": [
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    ],
    "a section beyond 3,000 characters": [_section("x" * 3001)],
    "eleven fields": [{"type": "section", "fields": [{"type": "plain_text", "text": "x"}] * 11}],
    "a block type that is none": [{"type": "headline", "text": "x"}],
    "one action id twice in a block": [
        {"type": "actions", "elements": [_button("open"), _button("open")]}
    ],
    "one block id twice": [_section("x", block_id="same"), _section("y", block_id="same")],
    "fifty-one blocks": [_section("x")] * 51,
    "a mention out of a name": [_section("Hello <!channel>")],
    "a text that Slack may turn into links": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "see #allgemein"}}
    ],
    "markup in a header": [{"type": "header", "text": {"type": "mrkdwn", "text": "*x*"}}],
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_broken_payload_is_found(kind: str) -> None:
    planted = manifest()
    planted["display_information"]["name"] = "Planted"
    with watched("Planted") as objections, Sandbox(planted) as sandbox:
        client = WebClient(sandbox.bot_token, base_url=sandbox.api_url)
        with contextlib.suppress(SlackApiError):  # the workspace refuses most of them at once
            client.chat_postMessage(channel="U0ANNA", text="x", blocks=PLANTED[kind])
    assert objections


def test_a_sound_payload_is_not_objected_to() -> None:
    sound = manifest()
    sound["display_information"]["name"] = "Sound"
    with watched("Sound") as objections, Sandbox(sound) as sandbox:
        client = WebClient(sandbox.bot_token, base_url=sandbox.api_url)
        client.chat_postMessage(channel="U0ANNA", text="x", blocks=[_section("Guten Morgen")])
    assert objections == []
