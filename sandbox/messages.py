"""Messages and where they stand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

from sandbox.clock import Clock
from sandbox.wire import ApiError, Json

MessageKind = Literal["message", "command_error", "system"]


@dataclass(slots=True)
class Message:
    """One message; ``only_for`` is the one person who sees an ephemeral one."""

    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    bot_id: str | None = None
    metadata: Json | None = None
    only_for: str | None = None
    thread_ts: str | None = None
    edited_ts: str | None = None
    kind: MessageKind = "message"
    subtype: str | None = None
    client_msg_id: str | None = None
    files: list[Json] = field(default_factory=list)
    state: dict[str, Json] = field(default_factory=dict)
    """What each person has chosen in it, by person and block."""
    served: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    """Options that the app served for an external select, by person and action id."""

    def as_json(self, *, metadata: bool = True) -> Json:
        """Return the message as the Web API shows it."""
        shown: Json = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text}
        optional = {
            "subtype": self.subtype,
            "bot_id": self.bot_id,
            "blocks": self.blocks or None,
            "files": self.files or None,
            "thread_ts": self.thread_ts,
            "client_msg_id": self.client_msg_id,
            "metadata": self.metadata if metadata else None,
            "edited": {"user": self.user, "ts": self.edited_ts} if self.edited_ts else None,
        }
        return shown | {key: value for key, value in optional.items() if value is not None}

    def for_page(self, replies: int) -> Json:
        """Return the message as the page draws it."""
        shown = self.as_json() | {"ephemeral": self.only_for is not None, "kind": self.kind}
        shown["edited"] = self.edited_ts is not None
        return shown | ({"reply_count": replies} if replies else {})


class Board:
    """All messages by place, oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._messages: dict[str, list[Message]] = defaultdict(list)
        self._last_micros = 0

    def next_ts(self) -> str:
        """Return a time stamp that no message has yet."""
        micros = int(self._clock.now().timestamp() * 1_000_000)
        self._last_micros = micros = max(micros, self._last_micros + 1)
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def add(self, place_id: str, message: Message) -> None:
        """Put a message into a place."""
        self._messages[place_id].append(message)

    def find(self, place_id: str, ts: str) -> Message | None:
        """Return the message of that time stamp."""
        return next((m for m in self._messages[place_id] if m.ts == ts), None)

    def own(self, place_id: str, ts: str, bot_user_id: str, otherwise: str) -> Message:
        """Return a lasting message of the bot, or refuse as the Web API does."""
        message = self.find(place_id, ts)
        if message is None or message.only_for is not None:
            raise ApiError("message_not_found")
        if message.user != bot_user_id:
            raise ApiError(otherwise)
        return message

    def remove(self, place_id: str, message: Message) -> None:
        """Take a message away."""
        self._messages[place_id].remove(message)

    def lasting(self, place_id: str) -> list[Message]:
        """Return the messages that history keeps."""
        return [m for m in self._messages[place_id] if m.only_for is None]

    def seen_by(self, place_id: str, person_id: str) -> list[Message]:
        """Return the messages that a person who is in the place sees."""
        return [m for m in self._messages[place_id] if m.only_for in (None, person_id)]

    def for_page(self, place_id: str, person_id: str) -> list[Json]:
        """Return what the page draws for a person."""
        seen = self.seen_by(place_id, person_id)
        return [m.for_page(sum(r.thread_ts == m.ts for r in seen)) for m in seen]
