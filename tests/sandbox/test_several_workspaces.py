"""Several workspaces with equal ids and one app: who installs it, and who takes it out again."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.server import Sandbox
from sandbox.wire import Json
from sandbox.world import TEAM, default_world, twin_of
from tests.sandbox.conftest import MANIFEST, PATIENCE_S

SOUTH = "T0SUEDSTERN"
BACK = "https://tierwise.example/slack/oauth_redirect"
OAUTH: Json = MANIFEST["oauth_config"] | {"redirect_urls": [BACK]}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    twin = twin_of(default_world(), SOUTH, "Südstern Beratung", "suedstern")
    manifest = MANIFEST | {"oauth_config": OAUTH}
    with Sandbox(manifest, more=[twin], installed=False, deadline_s=PATIENCE_S) as running:
        yield running


def address(sandbox: Sandbox, **other: str) -> str:
    """Return the address to which an app sends whoever wants to install it."""
    asked = {
        "client_id": sandbox.workspace.keys.client_id,
        "scope": "chat:write,commands",
        "state": "a state",
    }
    return f"{sandbox.base_url}/oauth/v2/authorize?{urlencode(asked | other)}"


def install(sandbox: Sandbox, who: str) -> Json:
    """Install the app as somebody; return what it gets for the code."""
    sent = sandbox.client.consent(address(sandbox), who)
    code = parse_qs(urlsplit(sent).query)["code"][0]
    keys = sandbox.workspace.keys
    stranger = WebClient(base_url=sandbox.api_url, timeout=PATIENCE_S)
    answer = stranger.oauth_v2_access(
        client_id=keys.client_id, client_secret=keys.client_secret, code=code
    )
    assert isinstance(answer.data, dict)
    return answer.data


def test_each_workspace_has_a_token_of_its_own_and_equal_ids_do_not_meet(sandbox: Sandbox) -> None:
    north = install(sandbox, f"{TEAM}/U0VOGT")
    south = install(sandbox, f"{SOUTH}/U0VOGT")
    assert (north["team"]["id"], south["team"]["id"]) == (TEAM, SOUTH)
    assert north["access_token"] != south["access_token"]
    api = WebClient(south["access_token"], base_url=sandbox.api_url, timeout=PATIENCE_S)
    assert api.users_info(user="U0ANNA")["user"]["team_id"] == SOUTH
    api.chat_postMessage(channel="U0ANNA", text="Only in the south")
    assert sandbox.client.messages("U0ANNA", "D0ANNA") == []
    (message,) = sandbox.client_of(SOUTH).messages("U0ANNA", "D0ANNA")
    assert message["text"] == "Only in the south"


def test_taking_the_app_out_of_one_workspace_leaves_the_other_as_it_is(sandbox: Sandbox) -> None:
    north = install(sandbox, f"{TEAM}/U0VOGT")["access_token"]
    south = install(sandbox, f"{SOUTH}/U0VOGT")["access_token"]
    people = sandbox.client_of(SOUTH)
    assert people.uninstall("U0ANNA")["outcome"] == "error"
    assert people.uninstall("U0VOGT")["outcome"] == "uninstalled"
    with pytest.raises(SlackApiError, match="account_inactive"):
        WebClient(south, base_url=sandbox.api_url, timeout=PATIENCE_S).auth_test()
    assert WebClient(north, base_url=sandbox.api_url, timeout=PATIENCE_S).auth_test()["ok"]
    assert people.say("U0ANNA", "D0ANNA", "/segment Huber")["outcome"] == "error"
    # Installed anew, it has another token
    assert install(sandbox, f"{SOUTH}/U0VOGT")["access_token"] not in (north, south)


def test_whoever_says_no_is_sent_back_with_that(sandbox: Sandbox) -> None:
    sent = sandbox.client.consent(address(sandbox), f"{TEAM}/U0VOGT", allow=False)
    assert sent.startswith(f"{BACK}?")
    assert parse_qs(urlsplit(sent).query) == {"error": ["access_denied"], "state": ["a state"]}


@pytest.mark.parametrize(
    ("other", "who", "why"),
    [
        ({"client_id": "1.2"}, "U0VOGT", "invalid_client_id"),
        ({"scope": "admin"}, "U0VOGT", "invalid_scope"),
        ({"redirect_uri": "https://evil.example/"}, "U0VOGT", "bad_redirect_uri"),
        ({}, "U0LENA", "cannot install"),
        ({}, "U0OLD", "cannot install"),
        ({}, "U0NOBODY", "cannot install"),
    ],
)
def test_what_is_not_as_in_the_manifest_gets_no_code(
    sandbox: Sandbox, other: dict[str, str], who: str, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        sandbox.client.consent(address(sandbox, **other), f"{TEAM}/{who}")
