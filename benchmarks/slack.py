"""Signed requests without a network: Slack's own answers are kept ones."""

from collections.abc import Sequence
from itertools import count
from time import perf_counter, time
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web import SlackResponse

from benchmarks.firms import TEAM_ID, USER_ID
from bot.app import create_app
from bot.runtime import Runtime
from bot.settings import Settings
from storage.store import Store

SECRET, TOKEN = "fictional", "xoxb-fictional"
_numbers = count(1)
"""A trigger that came before would be taken for a repetition, and not be answered."""
ANSWERS: dict[str, dict[str, Any]] = {
    "auth.test": {"team_id": TEAM_ID, "user_id": "U0BOT", "bot_id": "B0BOT"},
    "users.info": {"user": {"id": USER_ID, "team_id": TEAM_ID, "locale": "de-DE"}},
    "conversations.info": {"channel": {"id": "D0001", "is_im": True, "user": USER_ID}},
}


class KeptClient(WebClient):
    """Answers the two questions about people and places at once, as Slack would after a while."""

    def api_call(self, api_method: str, **_arguments: Any) -> SlackResponse:
        """Return the kept answer of a method."""
        return SlackResponse(
            client=self,
            http_verb="POST",
            api_url=api_method,
            req_args={},
            data={"ok": True, **ANSWERS[api_method]},
            headers={},
            status_code=200,
        )


def our_app(store: Store) -> App:
    """Build the whole app, signatures checked."""
    settings = Settings(
        mode="http",
        requests_per_minute=1_000_000,
        slack_bot_token=SecretStr(TOKEN),
        slack_signing_secret=SecretStr(SECRET),
    )
    return create_app(Runtime(settings=settings, store=store), KeptClient(token=TOKEN))


def bare_app(*, before_response: bool) -> App:
    """Build an app of Bolt's own, with its default runner or with ours."""
    return App(
        client=KeptClient(token=TOKEN),
        signing_secret=SECRET,
        process_before_response=before_response,
    )


def command(name: str, text: str = "") -> BoltRequest:
    """Write a signed slash command."""
    body = urlencode(
        {
            "command": name,
            "text": text,
            "user_id": USER_ID,
            "team_id": TEAM_ID,
            "channel_id": "D0001",
            "response_url": "https://hooks.slack.com/commands/fictional",
            "trigger_id": f"fictional-{next(_numbers)}",
        }
    )
    stamp = str(int(time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=body)
    headers: dict[str, str | Sequence[str]] = {
        "content-type": ["application/x-www-form-urlencoded"],
        "x-slack-request-timestamp": [stamp],
        "x-slack-signature": [signature or ""],
    }
    return BoltRequest(body=body, headers=headers)


def ask(app: App, name: str, text: str = "") -> float:
    """Send a command through the whole app and return the seconds until its answer."""
    request = command(name, text)
    start = perf_counter()
    response = app.dispatch(request)
    taken = perf_counter() - start
    if response.status != 200:
        raise ValueError(f"{name} was answered with {response.status}")
    return taken


def check_card(app: App, name: str, text: str) -> None:
    """Refuse to have measured apologies: see that a command is answered with blocks."""
    response = app.dispatch(command(name, text))
    if '"blocks"' not in str(response.body):
        raise ValueError(f"{name} {text} was answered with {response.body}")
