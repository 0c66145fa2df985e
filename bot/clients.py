"""The client that speaks to one workspace; once its token is refused, it falls silent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.punctual import PunctualClient
from bot.runtime import system_clock
from bot.settings import Settings

SILENT = timedelta(minutes=10)
"""How long a workspace that refused the token is not called again."""
# https://docs.slack.dev/reference/methods/auth.test, section "Errors"
DEAD = frozenset(
    {
        "account_inactive",
        "enterprise_is_restricted",
        "invalid_auth",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)
"""What Slack says of a token with which nothing can be called."""
BY_APP_TOKEN = "apps.connections.open"  # noqa: S105  a method


@dataclass(frozen=True, slots=True)
class Refusal:
    """That a token was refused."""

    token: str | None
    since: datetime
    error: SlackApiError


class FirmClient(PunctualClient):
    """Speaks with the token that is stored now; it repeats nothing by itself, lest it post twice.

    Another process may have stored a new token: that is looked up before it falls silent.
    """

    def __init__(
        self,
        settings: Settings,
        token_of: Callable[[], str | None],
        now: Callable[[], datetime] = system_clock,
    ) -> None:
        super().__init__(
            token=token_of(),
            base_url=settings.slack_api_url,
            timeout=settings.call_timeout_s,
            retry_handlers=[],
        )
        self._token_of = token_of
        self._now = now
        self._refusal: Refusal | None = None

    def api_call(self, api_method: str, **arguments: Any) -> SlackResponse:
        """Call Slack, unless it refused this token a short while ago."""
        if api_method == BY_APP_TOKEN:
            return super().api_call(api_method, **arguments)
        self._check()
        used = self.token
        try:
            return super().api_call(api_method, **arguments)
        except SlackApiError as error:
            if not is_dead(error):
                raise
            self._refusal = Refusal(used, self._now(), error)
            self._check()  # raises, unless there is another token
            return super().api_call(api_method, **arguments)  # a refused call did nothing

    def _check(self) -> None:
        refusal = self._refusal
        if refusal is None and self.token:
            return
        token = self._token_of()
        is_new = refusal is None or token != refusal.token
        if token and (is_new or not _is_recent(refusal, self._now())):
            self.token, self._refusal = token, None
            return
        answer = refusal.error.response if refusal else self._without_token()
        raise SlackApiError("not called", answer)  # type: ignore[no-untyped-call]

    def _without_token(self) -> SlackResponse:
        return SlackResponse(
            client=self,
            http_verb="POST",
            api_url=self.base_url,
            req_args={},
            data={"ok": False, "error": "not_authed"},
            headers={},
            status_code=200,
        )


def create_client(settings: Settings) -> FirmClient:
    """Make the client that has the token of the settings."""
    token = settings.slack_bot_token
    return FirmClient(settings, lambda: token.get_secret_value() if token else None)


def is_dead(error: SlackApiError) -> bool:
    """Tell whether a refusal is one of the token itself."""
    data = error.response.data
    return isinstance(data, dict) and data.get("error") in DEAD


def _is_recent(refusal: Refusal | None, now: datetime) -> bool:
    return refusal is not None and timedelta() <= now - refusal.since < SILENT
