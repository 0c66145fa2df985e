"""The state of the workspace, and what may happen to it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.clock import Clock
from sandbox.files import File, Files, file_json
from sandbox.forms import with_ids
from sandbox.handles import Handles, ResponseUrl
from sandbox.manifest import Manifest
from sandbox.messages import Board, Message
from sandbox.transcript import Transcript
from sandbox.validate import message_problems, view_problems
from sandbox.views import View, Views
from sandbox.wire import ApiError, Json, flag, parsed
from sandbox.world import Person, Place, World

MAX_TEXT = 40_000
DEADLINE_S = 3.0
Listener = Callable[[Json, "frozenset[str] | None"], None]


@dataclass(frozen=True, slots=True)
class AppKeys:
    """What the app proves itself with, and the workspace to the app."""

    app_token: str
    signing_secret: str
    client_id: str
    client_secret: str

    @staticmethod
    def made_for(app_id: str) -> AppKeys:
        """Make new ones."""
        return AppKeys(
            app_token=f"xapp-1-{app_id}-{secrets.token_hex(12)}",
            signing_secret=secrets.token_hex(16),
            client_id=f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}",
            client_secret=secrets.token_hex(16),
        )


def new_token() -> str:
    """Make a token of a bot."""
    return f"xoxb-{secrets.token_hex(12)}"


class Workspace:
    """People, places, messages, views, handles and the transcript of one run."""

    def __init__(
        self,
        world: World,
        manifest: Manifest,
        clock: Clock,
        deadline_s: float = DEADLINE_S,
        keys: AppKeys | None = None,
    ) -> None:
        self.world, self.manifest, self.clock = world, manifest, clock
        self.deadline_s = deadline_s
        self.keys = keys or AppKeys.made_for(world.app_id)
        self.is_installed = True
        self.tokens = [new_token()]
        """Of the bot; the last one counts, those before it are of earlier installations."""
        self.board = Board(clock)
        self.views = Views(clock, world.team_id, world.app_id, world.bot_id)
        self.handles = Handles(clock, deadline_s)
        self.files = Files(clock)
        self.transcript = Transcript(clock, lambda: self.tell({"type": "transcript"}))
        self.listeners: set[Listener] = set()

    def tell(self, news: Json, only: frozenset[str] | None = None) -> None:
        """Tell the open pages that something changed; ``only`` these people's pages."""
        for listener in tuple(self.listeners):
            listener(news, only)

    # the app

    @property
    def bot_token(self) -> str:
        """The bot's token, whether it is worth anything now or not."""
        return self.tokens[-1]

    def install(self) -> str:
        """Install the app, unless it is there, and return its token."""
        if not self.is_installed:
            self.tokens.append(new_token())
            self.is_installed = True
        return self.bot_token

    def check_bot(self, token: str) -> None:
        """Refuse a token that is none, or of an installation that is over."""
        if token not in self.tokens:
            raise ApiError("invalid_auth")
        if token != self.bot_token or not self.is_installed:
            raise ApiError("account_inactive")

    # places

    def place(self, place_id: Any) -> Place:
        """Return a place, or refuse."""
        place = self.world.places.get(str(place_id))
        if place is None:
            raise ApiError("channel_not_found")
        return place

    def destination(self, channel: Any) -> Place:
        """Return the place to post to: a channel, or a person's direct message with the bot.

        A message to a former colleague is accepted, though nobody reads it (python-slack-sdk#1156).
        """
        person = self.world.people.get(str(channel))
        if person is None:
            return self.place(channel)
        if person.kind in ("external", "bot"):
            raise ApiError("channel_not_found")
        return self.world.dm_with_bot(person.id)

    def check_may_post(self, place: Place) -> None:
        """Refuse where the bot may not post."""
        if place.is_archived:
            raise ApiError("is_archived")
        if self.world.bot_user_id not in place.members:
            if place.kind != "public":
                raise ApiError("channel_not_found")
            if "chat:write.public" not in self.manifest.scopes:
                raise ApiError("not_in_channel")
        if place.kind == "dm" and not self.manifest.messages_tab:
            raise ApiError("messages_tab_disabled")

    # messages

    def post(self, place: Place, content: Json, *, only_for: str | None = None) -> Message:
        """Post a checked message as the bot."""
        message = Message(
            ts=self.board.next_ts(),
            user=self.world.bot_user_id,
            bot_id=self.world.bot_id,
            text=content["text"],
            blocks=content["blocks"],
            metadata=content.get("metadata"),
            thread_ts=content.get("thread_ts"),
            client_msg_id=content.get("client_msg_id"),
            files=content.get("files", []),
            only_for=only_for,
        )
        self.board.add(place.id, message)
        self.messages_changed(place)
        return message

    def edit(self, place: Place, message: Message, content: Json) -> None:
        """Put new content into a message."""
        message.text, message.blocks = content["text"], content["blocks"]
        message.metadata = content.get("metadata", message.metadata)
        message.edited_ts = self.board.next_ts()
        self.messages_changed(place)

    def say(self, person: Person, place: Place, text: str, files: Sequence[Json] = ()) -> Message:
        """Post what a person wrote."""
        subtype = "file_share" if files else None
        message = Message(self.board.next_ts(), person.id, text, files=[*files], subtype=subtype)
        self.board.add(place.id, message)
        self.messages_changed(place)
        return message

    def came_or_went(self, person: Person, place: Place, *, joined: bool) -> None:
        """Change who is in a channel, and say so there."""
        (place.members.add if joined else place.members.discard)(person.id)
        ts, words = self.board.next_ts(), "joined" if joined else "left"
        subtype = "channel_join" if joined else "channel_leave"
        text = f"<@{person.id}> has {words} the channel"
        self.board.add(place.id, Message(ts, person.id, text, kind="system", subtype=subtype))
        self.messages_changed(place)
        self.tell({"type": "places"})

    def remove(self, place: Place, message: Message) -> None:
        """Delete a message."""
        self.board.remove(place.id, message)
        self.messages_changed(place)

    def notice(self, person: Person, place: Place, text: str) -> None:
        """Show a person a failure of a command, where it was typed."""
        self.board.add(
            place.id,
            Message(
                ts=self.board.next_ts(),
                user=self.world.bot_user_id,
                text=text,
                only_for=person.id,
                kind="command_error",
            ),
        )
        self.messages_changed(place)

    def shared(self, file: File, place: Place, base_url: str) -> Json:
        """Share a file in a place; returns it as messages carry it."""
        file.places.add(place.id)
        return file_json(file, base_url)

    def app_may_read(self, file: File) -> bool:
        """Whether the app can read a file: its own, given in a form, or shared where it is."""
        if "files:read" not in self.manifest.scopes:
            return False
        bot = self.world.bot_user_id
        return file.for_app or any(bot in self.world.places[p].members for p in file.places)

    def messages_changed(self, place: Place) -> None:
        """Tell the pages of those who see the place."""
        audience = frozenset(self.world.audience(place)) | place.members
        self.tell({"type": "messages", "place": place.id}, audience)

    def respond(self, response: ResponseUrl, params: Json) -> tuple[Place, list[str] | None]:
        """Do what was sent to a response address; returns the place and who sees the message."""
        place = self.world.places[response.place_id]
        original = self.board.find(place.id, response.ts) if response.ts else None
        if flag(params.get("delete_original")):
            if original is not None:
                self.remove(place, original)
            return place, None
        content = self.content(params, whole_length=False)
        if flag(params.get("replace_original")) and original is not None:
            self.edit(place, original, content)
            return place, self.audience_of(place, original)
        shown_to_all = params.get("response_type") == "in_channel"
        message = self.post(place, content, only_for=None if shown_to_all else response.person_id)
        return place, self.audience_of(place, message)

    def audience_of(self, place: Place, message: Message) -> list[str]:
        """Return the ids of the people who can see a message."""
        return [message.only_for] if message.only_for else self.world.audience(place)

    def content(self, params: Json, *, whole_length: bool = True) -> Json:
        """Read and check text, blocks and metadata of a message."""
        blocks = _objects(params.get("blocks"), "invalid_blocks_format")
        attachments = _objects(params.get("attachments"), "invalid_attachments")
        text = params.get("text") or ""
        if not isinstance(text, str):
            raise ApiError("invalid_arguments", ["[ERROR] must be a string [json-pointer:/text]"])
        if params.get("markdown_text"):
            if text or blocks:
                raise ApiError("markdown_text_conflict")
            text = params["markdown_text"]
        if not (text or blocks or attachments):
            raise ApiError("no_text")
        problems, too_long = message_problems(blocks)
        if problems:
            errors = [p.removeprefix("[ERROR] ") for p in problems]
            raise ApiError("invalid_blocks", problems, errors=errors)
        if too_long and whole_length:
            raise ApiError("msg_blocks_too_long")
        content: Json = {"text": text[:MAX_TEXT], "blocks": with_ids(blocks)}
        content |= {k: params[k] for k in ("thread_ts", "client_msg_id") if params.get(k)}
        if "metadata" in params:
            content["metadata"] = _metadata(params["metadata"])
        return content

    # views

    def checked_view(self, view: Any, kind: str) -> Json:
        """Read and check a view that the app wants to show."""
        body = parsed(view, otherwise="invalid_arguments")
        if not isinstance(body, dict):
            raise ApiError(
                "invalid_arguments", ["[ERROR] must provide an object [json-pointer:/view]"]
            )
        problems = view_problems(body, kind)
        if "view_too_large" in problems:
            raise ApiError("view_too_large")
        if problems:
            raise ApiError("invalid_arguments", problems)
        return body

    def views_changed(self, view: View) -> None:
        """Tell the page of the person who has the view open."""
        kind = "home" if view.body["type"] == "home" else "views"
        self.tell({"type": kind}, frozenset({view.person_id}))


def _objects(value: Any, otherwise: str) -> list[Json]:
    objects = parsed(value or [], otherwise=otherwise)
    if not isinstance(objects, list) or not all(isinstance(o, dict) for o in objects):
        raise ApiError(otherwise)
    return objects


def _metadata(value: Any) -> Json | None:
    metadata = parsed(value or {}, otherwise="invalid_metadata_format")
    if metadata == {}:
        return None
    if (
        not isinstance(metadata, dict)
        or not isinstance(metadata.get("event_type"), str)
        or not isinstance(metadata.get("event_payload"), dict)
    ):
        raise ApiError("invalid_metadata_format")
    if len(str(metadata)) > 16_384:
        raise ApiError("metadata_too_large")
    return metadata
