"""What an app asks before it does anything: its token, whether it is reached, what it may show."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.client import SandboxClient
from sandbox.server import Sandbox
from sandbox.wire import Json
from tests.sandbox.conftest import PATIENCE_S

TOO_LONG = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}


@pytest.fixture
def stranger(sandbox: Sandbox) -> WebClient:
    """A client without a token."""
    return WebClient(base_url=sandbox.api_url, timeout=PATIENCE_S)


def exchange(client: WebClient, sandbox: Sandbox, code: str, **wrong: str) -> Json:
    keys = sandbox.workspace.keys
    own = {"client_id": keys.client_id, "client_secret": keys.client_secret}
    answer = client.oauth_v2_access(code=code, **own | wrong)
    assert isinstance(answer.data, dict)
    return answer.data


def test_the_code_of_an_installation_is_worth_the_token_once(
    stranger: WebClient, sandbox: Sandbox, people: SandboxClient
) -> None:
    code = sandbox.install("U0VOGT")
    installed = exchange(stranger, sandbox, code)
    token = WebClient(installed["access_token"], base_url=sandbox.api_url)
    assert token.auth_test()["team_id"] == installed["team"]["id"] == "T0TIERWISE"
    assert installed["authed_user"] == {"id": "U0VOGT"}
    with pytest.raises(SlackApiError, match="invalid_code"):
        exchange(stranger, sandbox, code)
    secrets = (sandbox.bot_token, sandbox.workspace.keys.client_secret)
    assert not any(secret in str(people.transcript()) for secret in secrets)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"client_secret": "guessed"}, "bad_client_secret"),
    ],
)
def test_a_stranger_gets_no_token(
    stranger: WebClient, sandbox: Sandbox, wrong: dict[str, str], error: str
) -> None:
    with pytest.raises(SlackApiError, match=error):
        exchange(stranger, sandbox, sandbox.install("U0VOGT"), **wrong)


def test_a_code_is_forgotten_after_ten_minutes(
    stranger: WebClient, sandbox: Sandbox, people: SandboxClient
) -> None:
    code = sandbox.install("U0VOGT")
    people.advance(601)
    with pytest.raises(SlackApiError, match="code_expired"):
        exchange(stranger, sandbox, code)


def test_the_address_is_asked_now_and_then_whether_it_serves(
    serve: Callable[[], bool], sandbox: Sandbox, people: SandboxClient
) -> None:
    serve()
    assert sandbox.check_tls()
    assert people.transcript()[-1]["name"] == "ssl_check"


@pytest.mark.parametrize(
    ("name", "given", "where"),
    [
        ("blocks", [TOO_LONG], "/0/text/text"),
        ("message", {"text": "Hi", "blocks": [TOO_LONG]}, "/blocks/0/text/text"),
        ("view", {"type": "home", "blocks": [TOO_LONG]}, "/blocks/0/text/text"),
        ("view", {"type": "page", "blocks": []}, "/type"),
    ],
)
def test_blocks_can_be_judged_without_a_token(
    stranger: WebClient, name: str, given: object, where: str
) -> None:
    with pytest.raises(SlackApiError) as refused:
        stranger.api_call("blocks.validate", json={name: given})
    assert refused.value.response["error"] == f"invalid_{name}"
    (problem,) = refused.value.response["errors"]
    assert problem["pointer"] == where


def test_sound_blocks_are_let_pass_and_two_things_at_once_are_not(stranger: WebClient) -> None:
    divider = [{"type": "divider"}]
    assert stranger.api_call("blocks.validate", json={"blocks": divider})["ok"]
    both = {"blocks": divider, "message": {"blocks": divider}}
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        stranger.api_call("blocks.validate", json=both)
