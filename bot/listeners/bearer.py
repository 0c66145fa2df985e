"""Brings answers to where they may be read: the place, the direct message, a modal, Home."""

from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.listeners.calls import (
    Call,
    Errand,
    FieldErrors,
    OpenModal,
    Options,
    PublishHome,
    Reply,
    Say,
    SendFile,
    UpdateModal,
)
from bot.listeners.conversation import Conversation
from bot.listeners.entrance import ClientFor
from bot.listeners.origins import Origin
from bot.listeners.people import place_of
from bot.listeners.responses import may_post_to, post
from bot.listeners.witness import note_denied, note_view
from bot.settings import Settings
from bot.views import modals, notices
from bot.words import Words
from domain.access import Content, Place, Showing, showing

log = structlog.get_logger()

DIRECTLY = f"{Place.DIRECT}:"
"""In the direct message with the caller, wherever it was asked for."""
RESPONSE_S = 5.0
"""How long Slack may take for an answer that comes later."""
# https://docs.slack.dev/reference/methods/views.open, section "Errors"
LOST_TRIGGERS = frozenset(
    {
        "exchanged_trigger_id",
        "expired_trigger_id",
        "invalid_trigger_id",
        "trigger_exchanged",
        "trigger_expired",
    }
)
LOST_VIEWS = frozenset({"hash_conflict", "not_found", "view_not_found"})


class Bearer:
    """Speaks to Slack for the router."""

    def __init__(self, settings: Settings, client_for: ClientFor) -> None:
        self._settings = settings
        self._client_for = client_for

    def client(self, origin: Origin) -> WebClient:
        """Return the client that speaks to the workspace of a request."""
        return self._client_for(origin.workspace_ids)

    def conversation(self, origin: Origin, ts: str | None = None) -> Conversation:
        """Return the conversation that a request came from, in which longer work may speak."""
        channel = origin.channel_id or origin.user_id
        return Conversation(self.client(origin), self._settings, channel, ts)

    def place(self, origin: Origin) -> Place:
        """Ask what the place of a request is, now."""
        return place_of(self.client(origin), origin.channel_id, origin.user_id)

    def in_place(self, reply: Reply, origin: Origin, call: Call) -> Reply:
        """Send client data by direct message where the place is not private enough."""
        content = _content(reply)
        if content is None:
            note_view(reply, call, origin.channel_id or "")
            return reply
        place, words = self.place(origin), call.words
        shown = showing(place, content, strict=call.member.strict)
        where = f"{place}:{origin.channel_id or ''}"
        if shown is Showing.REFUSED:
            note_denied(None, call, place=where)
            chosen = showing(place, content) is not Showing.REFUSED
            if isinstance(reply, SendFile) and place in (Place.GENERAL, Place.GROUP):
                return Say(text=notices.files_directly(words))
            return Say(text=notices.ask_directly(words, chosen=chosen))
        if isinstance(reply, SendFile):
            note_view(reply, call, DIRECTLY)
            return self._send_file(reply, origin, words)
        if isinstance(reply, Say) and shown is Showing.DIRECTLY:
            note_view(reply, call, DIRECTLY)
            self.say_directly(reply, origin)
            return Say(text=notices.sent_directly(words))
        note_view(reply, call, where)
        return reply

    def bring(self, reply: Reply | None, origin: Origin, words: Words) -> None:
        """Bring an answer that is not in the acknowledgement; an errand speaks for itself."""
        if isinstance(reply, UpdateModal) and origin.view is not None:
            self.update_view(str(origin.view["id"]), reply, origin)
        elif isinstance(reply, Say) and (origin.response_url or not origin.trigger_id):
            self._respond(reply, origin)
        elif isinstance(reply, Say | OpenModal) and origin.trigger_id:
            try:
                self._show_modal(reply, origin)
            except SlackApiError as error:
                if error.response["error"] not in LOST_TRIGGERS:
                    raise
                said = reply if isinstance(reply, Say) else Say(text=notices.trigger_lost(words))
                self._respond(said, origin)

    def update_view(self, view_id: str, reply: Reply, origin: Origin) -> None:
        """Show a reply in a modal that is open; if it was closed, in the direct message."""
        try:
            self.client(origin).views_update(view_id=view_id, view=as_view(reply))
        except SlackApiError as error:
            if error.response["error"] not in LOST_VIEWS:
                raise
            self.say_directly(as_message(reply), origin)

    def say_directly(self, reply: Say, origin: Origin) -> None:
        """Say something in the person's direct message."""
        self.client(origin).chat_postMessage(
            channel=origin.user_id,
            text=reply.text,
            blocks=reply.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )

    def publish_home(self, reply: PublishHome, origin: Origin) -> None:
        """Show a person's App Home."""
        self.client(origin).views_publish(user_id=origin.user_id, view=reply.view)

    def _send_file(self, reply: SendFile, origin: Origin, words: Words) -> Say:
        client = self.client(origin)
        first = {"filename": reply.name, "content": reply.data, "alt_txt": reply.alt or None}
        more = [{"filename": name, "content": data} for name, data in reply.more]
        try:
            direct = client.conversations_open(users=origin.user_id)["channel"]["id"]
            client.files_upload_v2(
                channel=direct, file_uploads=[first, *more], initial_comment=reply.text
            )
        except SlackApiError:
            reply.refused()
            raise
        return Say(text=notices.sent_directly(words))

    def _show_modal(self, reply: Say | OpenModal, origin: Origin) -> None:
        """Open a modal, or go on in the one that is open: Slack stacks no more than three."""
        client, view = self.client(origin), as_view(reply)
        below = origin.view or {}
        if below.get("type") != "modal":
            client.views_open(trigger_id=origin.trigger_id, view=view)
        elif _is_third(below) or (isinstance(reply, Say) and reply.replace):
            client.views_update(view_id=below["id"], view=view)
        else:
            client.views_push(trigger_id=origin.trigger_id, view=view)

    def _respond(self, reply: Say, origin: Origin) -> None:
        """Answer where it was asked; where that cannot be any more, in the direct message."""
        message: dict[str, Any] = {"text": reply.text, "response_type": "ephemeral"}
        if reply.blocks:
            message["blocks"] = reply.blocks
        if reply.replace:
            message["replace_original"] = True
        if not may_post_to(origin.response_url, self._settings.slack_api_url):
            log.warning("refused_response_url")
        elif post(origin.response_url, message, timeout_s=RESPONSE_S):
            return
        self.say_directly(reply, origin)


def as_view(reply: Reply) -> dict[str, Any]:
    """Show any reply as a modal: Home and modals have no messages."""
    match reply:
        case OpenModal() | UpdateModal() | PublishHome():
            return reply.view
        case Say():
            return modals.blocks_modal(reply.blocks, reply.text)
        case FieldErrors():
            return modals.blocks_modal([], "\n".join(reply.sentences.values()))
        case Options() | SendFile() | Errand():
            raise ValueError("a searched list, a file or an errand is no view")


def _content(reply: Reply) -> Content | None:
    """Tell what kind of client data a reply is; None: it holds none."""
    match reply:
        case SendFile():
            return Content.FILE
        case OpenModal():
            return Content.MODAL
        case Say(about_clients=True):
            return Content.ANSWER
        case _:
            return None


def as_message(reply: Reply) -> Say:
    """Show what was meant for a modal as a message: all but its fields."""
    if isinstance(reply, Say):
        return reply
    view = as_view(reply)
    shown = [block for block in view["blocks"] if block["type"] != "input"]
    return Say(text=view["title"]["text"], blocks=shown)


def _is_third(view: dict[str, Any]) -> bool:
    """Tell whether a modal lies on two others."""
    below = view.get("previous_view_id")
    return below is not None and below != view.get("root_view_id")
