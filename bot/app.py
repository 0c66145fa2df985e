"""Builds the Bolt app. It cannot tell Slack from the local workspace: only addresses differ."""

from typing import Any

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_bolt.oauth import OAuthFlow
from slack_sdk import WebClient

from bot.door import Door
from bot.errors import sentence_for
from bot.listeners import EVENTS, LEAVE_EVENTS
from bot.listeners.entrance import ClientFor
from bot.listeners.router import Router
from bot.runtime import Runtime
from bot.words import Words


class LetIn(Authorize):
    """Lets Bolt hand every signed request on: who may do what is found out behind it."""

    def __init__(self) -> None:
        pass

    def __call__(
        self, *, enterprise_id: str | None, team_id: str | None, **_others: Any
    ) -> AuthorizeResult:
        """Name the workspace; no token is needed to hand a request on."""
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


def create_app(
    runtime: Runtime,
    client: WebClient,
    client_for: ClientFor | None = None,
    flow: OAuthFlow | None = None,
) -> App:
    """Build the app with all its listeners.

    Without `client_for` one client speaks to all; with a flow workspaces install it themselves.
    """
    secret = runtime.settings.slack_signing_secret
    app = Door(
        runtime,
        events=(*EVENTS, *LEAVE_EVENTS),
        client=client,
        authorize=LetIn() if flow else None,
        oauth_flow=flow,
        signing_secret=secret.get_secret_value() if secret else None,
        process_before_response=True,
        request_verification_enabled=runtime.settings.mode == "http",
    )

    @app.error
    def unforeseen(error: Exception) -> None:
        sentence_for(error, Words())

    Router(runtime, client_for or (lambda _workspace_ids: client)).register(app)
    return app
