"""Takes our own messages back in Slack: those that named a client who was erased."""

from collections.abc import Sequence

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.clients import FirmClient, create_client
from bot.runtime import Runtime
from bot.tokens import Tokens
from storage.tables import FirmRow

log = structlog.get_logger()

GONE = ("message_not_found", "channel_not_found")
"""What Slack says of a message that somebody deleted before."""


def unsay(client: WebClient | None, said: Sequence[tuple[str, str]]) -> tuple[int, int]:
    """Delete messages by channel and time stamp; return how many are gone, and how many are not."""
    if client is None:
        return 0, len(said)
    gone = sum(_is_deleted(client, channel, ts) for channel, ts in said)
    return gone, len(said) - gone


def _is_deleted(client: WebClient, channel: str, ts: str) -> bool:
    try:
        client.chat_delete(channel=channel, ts=ts)
    except SlackApiError as refusal:
        code = refusal.response.get("error")
        log.info("message_not_deleted", error=code)
        return code in GONE
    except (SlackClientError, OSError) as error:
        log.info("message_not_deleted", error=type(error).__name__)
        return False
    return True


def client_of(firm: FirmRow, runtime: Runtime) -> FirmClient | None:
    """Return the client that speaks to a firm's workspace; None: there is no token for it."""
    settings = runtime.settings
    if settings.slack_bot_token is not None:
        return create_client(settings)
    if not settings.slack_client_id:
        return None
    tokens = Tokens(settings.slack_client_id, runtime.store, settings.token_key)
    return FirmClient(settings, lambda: tokens.of_workspace(firm.workspace_id), runtime.now)
