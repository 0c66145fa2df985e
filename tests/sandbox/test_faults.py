"""What may go wrong between the app and the workspace, on order."""

from __future__ import annotations

from http.client import RemoteDisconnected

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from sandbox.client import SandboxClient
from sandbox.faults import Fault, rate_limited
from sandbox.server import Sandbox
from tests.sandbox.conftest import MANIFEST, PATIENCE_S


@pytest.fixture
def api(sandbox: Sandbox) -> WebClient:
    """A client that does not try again by itself."""
    return WebClient(
        sandbox.bot_token, base_url=sandbox.api_url, timeout=PATIENCE_S, retry_handlers=[]
    )


def test_a_call_too_many_says_how_long_to_wait(api: WebClient, sandbox: Sandbox) -> None:
    sandbox.faults.order("chat.postMessage", rate_limited(30))
    with pytest.raises(SlackApiError) as refused:
        api.chat_postMessage(channel="D0ANNA", text="Hi")
    response = refused.value.response
    assert (response.status_code, response.headers["Retry-After"]) == (429, "30")
    assert api.chat_postMessage(channel="D0ANNA", text="Hi")["ok"]


def test_the_sdk_retries_by_itself_after_the_wait(sandbox: Sandbox) -> None:
    patient = WebClient(
        sandbox.bot_token,
        base_url=sandbox.api_url,
        retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=1)],
    )
    sandbox.faults.order("auth.test", rate_limited(0))
    assert patient.auth_test()["ok"]


def test_an_answer_can_get_lost_after_the_message_was_posted(
    api: WebClient, sandbox: Sandbox, people: SandboxClient
) -> None:
    sandbox.faults.order("chat.postMessage", Fault(drop=True, done_first=True))
    with pytest.raises((RemoteDisconnected, ConnectionError)):
        api.chat_postMessage(channel="D0ANNA", text="Hi")
    (message,) = people.messages("U0ANNA", "D0ANNA")
    assert message["text"] == "Hi"


def test_a_server_error_leaves_nothing_behind(
    api: WebClient, sandbox: Sandbox, people: SandboxClient
) -> None:
    sandbox.faults.order("chat.postMessage", Fault(status=500), times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError):
            api.chat_postMessage(channel="D0ANNA", text="Hi")
    assert people.messages("U0ANNA", "D0ANNA") == []


def test_a_second_message_within_a_second_is_one_too_many(api: WebClient, sandbox: Sandbox) -> None:
    sandbox.faults.seconds_between_posts = 60
    api.chat_postMessage(channel="D0ANNA", text="One")
    api.chat_postMessage(channel="D0TOM", text="Elsewhere")
    with pytest.raises(SlackApiError) as refused:
        api.chat_postMessage(channel="D0ANNA", text="Two")
    assert refused.value.response["error"] == "ratelimited"
    assert refused.value.response.headers["Retry-After"] == "1"


def test_an_uninstalled_app_is_told_and_gets_nothing_any_more() -> None:
    events = ["app_uninstalled", "tokens_revoked"]
    manifest = MANIFEST | {"settings": {"event_subscriptions": {"bot_events": events}}}
    with Sandbox(manifest) as sandbox:
        api = WebClient(sandbox.bot_token, base_url=sandbox.api_url)
        sandbox.uninstall()
        sandbox.client.wait_for(lambda: sandbox.client.recorded() >= 4)
        names = {entry["name"] for entry in sandbox.client.transcript()}
        assert names == set(events), "each is tried, and tried again at once"
        with pytest.raises(SlackApiError, match="account_inactive"):
            api.auth_test()
