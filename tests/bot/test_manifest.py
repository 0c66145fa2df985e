"""manifest.yaml says exactly what the program does: its commands, its events, its scopes."""

import ast
import re
from pathlib import Path

import yaml
from slack_sdk import WebClient

from bot.listeners import COMMANDS, EVENTS, LEAVE_EVENTS, METHODS, SHORTCUTS
from bot.manifest import manifest, scopes, write
from sandbox.methods import METHODS as SLACKS_METHODS

ROOT = Path(__file__).parents[2]
WEB_API = {name for name in dir(WebClient) if re.fullmatch("[a-z]+_[a-zA-Z0-9_]+", name)}
UPLOAD = ("files.getUploadURLExternal", "files.completeUploadExternal")
"""What `files_upload_v2` of Slack's client calls; it is no method itself."""
NOT_BY_BOT_TOKEN = {"files.upload_v2", "api.call", "apps.connections_open"}
"""The one above, the door that all calls pass, and what the app's own token opens."""
URL = "https://tierwise.example/slack/events"


def test_the_file_in_the_repository_is_the_one_that_the_program_writes() -> None:
    assert (ROOT / "manifest.yaml").read_text("utf-8") == write(manifest())


def test_it_names_exactly_the_commands_shortcuts_and_events_that_are_answered() -> None:
    content = yaml.safe_load((ROOT / "manifest.yaml").read_text("utf-8"))
    named = [each["command"] for each in content["features"]["slash_commands"]]
    assert named == list(COMMANDS)
    assert content["settings"]["event_subscriptions"]["bot_events"] == sorted(
        (*EVENTS, *LEAVE_EVENTS)
    )
    assert [each["callback_id"] for each in content["features"]["shortcuts"]] == list(SHORTCUTS)


def test_every_method_that_the_code_calls_is_in_the_table_and_no_other() -> None:
    called = {name for file in (ROOT / "bot").rglob("*.py") for name in methods_called(file)}
    assert called == set(METHODS)


def test_the_scopes_are_those_of_the_methods_and_of_the_commands() -> None:
    content = yaml.safe_load((ROOT / "manifest.yaml").read_text("utf-8"))
    assert content["oauth_config"]["scopes"] == {"bot": scopes()}
    wanted = {scope for each in METHODS.values() for scope in each}
    assert set(scopes()) == wanted | {"commands"}
    # The local workspace, which knows nothing of our table, wants the same
    for name in METHODS:
        scope = SLACKS_METHODS[name].scope
        assert scope is None or METHODS[name] == (scope,)


def test_nothing_is_asked_for_that_reads_channels_or_addresses() -> None:
    forbidden = re.compile(r"(channels|groups|mpim):history|users:read\.email|admin|\.public")
    assert [each for each in scopes() if forbidden.search(each)] == []


def test_slack_takes_its_lengths() -> None:
    for content in (manifest(), manifest("http", url=URL)):
        shown = content["display_information"]
        assert len(shown["name"]) <= 35
        assert len(shown["description"]) <= 140
        assert 175 <= len(shown["long_description"]) <= 4000
        assert re.fullmatch("#[0-9a-f]{6}", shown["background_color"])
        assert re.fullmatch(r"[\w .-]{1,80}", content["features"]["bot_user"]["display_name"])
        assert len(content["features"]["slash_commands"]) <= 50
        for each in content["features"]["slash_commands"]:
            assert re.fullmatch("/[a-z_-]{1,31}", each["command"])
            assert 1 <= len(each["description"]) <= 2000
            assert 1 <= len(each["usage_hint"]) <= 1000
        for each in content["features"]["shortcuts"]:
            assert 1 <= len(each["name"]) <= 24
            assert 1 <= len(each["description"]) <= 150


def test_over_http_every_door_has_the_address() -> None:
    content = manifest("http", url=URL)
    assert [each["url"] for each in content["features"]["slash_commands"]] == [URL] * len(COMMANDS)
    settings = content["settings"]
    assert settings["event_subscriptions"]["request_url"] == URL
    assert settings["interactivity"] == {
        "is_enabled": True,
        "request_url": URL,
        "message_menu_options_url": URL,
    }
    assert settings["socket_mode_enabled"] is False
    # While in socket mode there is none to give
    assert "url" not in str(manifest()["settings"])
    assert manifest()["settings"]["socket_mode_enabled"] is True


def methods_called(file: Path) -> set[str]:
    """Find the Web API methods that a file calls or hands on: `client.chat_postMessage`."""
    called = {
        node.attr.replace("_", ".", 1)
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in WEB_API
    }
    return (called - NOT_BY_BOT_TOKEN).union(UPLOAD if "files.upload_v2" in called else ())
