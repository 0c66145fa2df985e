"""Writes down whose data an answer shows, before anybody sees it: no record, no answer."""

from functools import lru_cache
from importlib.metadata import version

from bot.listeners.calls import (
    Call,
    OpenModal,
    Options,
    PublishHome,
    Reply,
    Say,
    SendFile,
    UpdateModal,
)
from bot.listeners.origins import Origin
from bot.shown import clients_in
from bot.views.blocks import Block
from storage.journal import Entry, Kind, by_account, by_member


def note_view(reply: Reply, call: Call, place: str) -> None:
    """Write down what the caller is about to see, unless it holds nothing of any client."""
    client_ids = _about(reply)
    if client_ids or (isinstance(reply, Say) and reply.about_clients):
        _note(Kind.VIEW, call, client_ids, shape=_shape(reply), place=place)


def note_said(blocks: list[Block], about: frozenset[int], call: Call, place: str) -> None:
    """Write down what longer work is about to say."""
    if client_ids := about | clients_in(blocks):
        _note(Kind.VIEW, call, client_ids, shape="message", place=place)


def note_file(about: frozenset[int], call: Call, place: str) -> None:
    """Write down what longer work is about to send as a file."""
    if about:
        _note(Kind.VIEW, call, about, shape="file", place=place)


def note_denied(client_id: int | None, call: Call, *, place: str = "") -> None:
    """Write down that somebody asked for a client outside of their books, or in a wrong place."""
    client_ids = frozenset(() if client_id is None else (client_id,))
    _note(Kind.DENIED, call, client_ids, shape="", place=place)


def refusal_entry(origin: Origin, what: str) -> Entry:
    """Return what is written down when somebody without a role here asks for something."""
    actor = by_account(origin.user_id)
    return Entry(kind=Kind.DENIED, actor=actor, what=what, place=origin.channel_id or "")


def _note(kind: Kind, call: Call, client_ids: frozenset[int], *, shape: str, place: str) -> None:
    entry = Entry(
        kind=kind,
        actor=by_member(call.member.member_id),
        what=call.name,
        client_ids=tuple(client_ids),
        fields=(shape,) if shape else (),
        place=place,
        template=f"{_version()} {call.words.locale}",
        reason=call.reason,
    )
    call.runtime.note(call.firm_id, entry)


def _about(reply: Reply) -> frozenset[int]:
    match reply:
        case Say():
            return reply.about | clients_in(reply.blocks)
        case OpenModal() | UpdateModal() | PublishHome():
            return reply.about | clients_in(reply.view)
        case SendFile():
            return reply.about
        case Options():
            return frozenset(int(value) for value, _ in reply.choices if value.isdecimal())
        case _:
            return frozenset()


def _shape(reply: Reply) -> str:
    match reply:
        case PublishHome():
            return "home"
        case OpenModal() | UpdateModal():
            return "modal"
        case Options():
            return "list"
        case SendFile():
            return "file"
        case _:
            return "message"


@lru_cache
def _version() -> str:
    return version("tierwise")
