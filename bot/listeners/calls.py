"""What a handler gets, and what it gives back: Slack's payloads end here."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import OutdatedError
from bot.listeners.conversation import Conversation
from bot.reports import Asker
from bot.runtime import Runtime
from bot.usecases.firms import member_asker
from bot.usecases.records import Unsay
from bot.views.blocks import Block
from bot.words import DEFAULT, Words
from domain.access import Action, Member, Place, ReasonNeededError, Standing, demand, needs_reason
from storage.journal import Act


def _unknown_standing(_slack_user_id: str) -> Standing:
    return Standing.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One thing that a linked member did in Slack."""

    runtime: Runtime
    firm_id: int
    member: Member
    words: Words
    zone: ZoneInfo
    slack_locale: str = DEFAULT
    """The language in Slack, which one chosen here outranks."""
    name: str = ""
    """The command, or the whole name of the button or form."""
    text: str = ""
    """What was typed after a command or into a search, or a button's value."""
    state: dict[str, dict[str, Any]] = field(default_factory=dict)
    """A submitted modal's inputs by block and action id."""
    message: dict[str, Any] = field(default_factory=dict)
    """The message whose button was clicked; empty elsewhere."""
    metadata: str = ""
    """The private metadata of the modal that was submitted or typed in."""
    look_at: Callable[[str], Place] = lambda _channel_id: Place.UNKNOWN
    """Says what a channel is for a message that all of it reads."""
    reason: str = ""
    """Why the caller wants to read a client, where the role asks for that."""
    standing_of: Callable[[str], Standing] = _unknown_standing
    """Asks what the workspace says of somebody else."""
    unsay: Unsay = lambda said: (0, len(said))
    """Deletes our own messages in the workspace."""

    @property
    def today(self) -> date:
        """Return the caller's day."""
        return self.runtime.today(self.zone)

    @property
    def carried(self) -> dict[str, Any]:
        """Return what a form carries along.

        Raises OutdatedError.
        """
        try:
            values = json.loads(self.metadata)
        except ValueError:
            values = None
        if not isinstance(values, dict):
            raise OutdatedError
        return values

    def asker(self, action: Action) -> Asker:
        """Return the caller with the books that an action may reach, as of now."""
        self.demand(action)
        if needs_reason(self.member, action) and not self.reason:
            raise ReasonNeededError
        return member_asker(self.firm_id, self.member, self.runtime, action=action)

    def demand(self, action: Action) -> None:
        """Raise NotAllowedError unless the caller may do something at all."""
        demand(self.member, action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A message for the caller's eyes only."""

    text: str
    blocks: list[Block] = field(default_factory=list)
    replace: bool = False
    """Takes the place of the message whose button was clicked."""
    about_clients: bool = False
    """Holds client data: in a place that is not the firm's own it goes by direct message."""
    about: frozenset[int] = frozenset()
    """Clients whom it names without a button that does; the others are read from the buttons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFile:
    """A file for the caller alone: it goes by direct message, wherever it was asked for."""

    name: str
    data: bytes
    text: str
    more: tuple[tuple[str, bytes], ...] = ()
    """Further files of the same message, by name."""
    alt: str = ""
    """What a picture shows, for who cannot see it."""
    about: frozenset[int] = frozenset()
    """Clients whose data it holds."""
    refused: Callable[[], None] = lambda: None
    """What to do when Slack does not take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenModal:
    """A modal to open; it always holds client data."""

    view: dict[str, Any]
    about: frozenset[int] = frozenset()
    """As that of `Say`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateModal:
    """The submitted modal becomes another one."""

    view: dict[str, Any]
    about: frozenset[int] = frozenset()
    """As that of `Say`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldErrors:
    """The submitted modal stays open with a sentence under each wrong field."""

    sentences: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishHome:
    """The caller's App Home."""

    view: dict[str, Any]
    about: frozenset[int] = frozenset()
    """As that of `Say`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a searched list offers: values and what people read for them."""

    choices: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Longer work, one at a time, that speaks for itself in the direct message it came from."""

    run: Callable[[Conversation], None]
    act: Act = field(default_factory=Act)
    """Whose work it is; the router says so."""


Reply = Errand | Options | Say | SendFile | OpenModal | UpdateModal | FieldErrors | PublishHome


def whole(text: str) -> int:
    """Read a number that a button carries.

    Raises OutdatedError.
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise OutdatedError
    return int(text)
