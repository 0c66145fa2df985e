"""Builds the Bolt app. It cannot tell Slack from the local workspace: only addresses differ."""

from slack_bolt import App
from slack_sdk import WebClient

from bot.errors import sentence_for
from bot.listeners.router import Router
from bot.runtime import Runtime
from bot.settings import Settings
from bot.words import Words


def create_client(settings: Settings) -> WebClient:
    """Make the client that speaks to Slack; it repeats nothing by itself, lest it post twice."""
    token = settings.slack_bot_token
    return WebClient(
        token=token.get_secret_value() if token else None,
        base_url=settings.slack_api_url,
        timeout=settings.call_timeout_s,
        retry_handlers=[],
    )


def create_app(runtime: Runtime, client: WebClient | None = None) -> App:
    """Build the app with all its listeners."""
    client = client or create_client(runtime.settings)
    secret = runtime.settings.slack_signing_secret
    app = App(
        client=client,
        signing_secret=secret.get_secret_value() if secret else None,
        process_before_response=True,
        request_verification_enabled=runtime.settings.mode == "http",
    )

    @app.error
    def unforeseen(error: Exception) -> None:
        sentence_for(error, Words())

    Router(runtime, lambda _workspace_ids: client).register(app)
    return app
