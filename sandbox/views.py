"""Modals, stacked per person, and Home tabs."""

from __future__ import annotations

import copy
import secrets
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.forms import initial_state, with_ids
from sandbox.wire import ApiError, Json

MAX_STACK = 3
KEPT = ("type", "title", "submit", "close", "callback_id", "private_metadata", "external_id")


@dataclass(slots=True)
class View:
    """A view as the app gave it, and what the person entered so far."""

    id: str
    person_id: str
    body: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    values: Json = field(default_factory=dict)
    served: dict[str, list[Json]] = field(default_factory=dict)
    """Options that the app served for an external select, by action id."""

    @property
    def blocks(self) -> list[Json]:
        """The blocks, each with its id."""
        blocks: list[Json] = self.body["blocks"]
        return blocks

    @property
    def notifies_on_close(self) -> bool:
        """Whether the app wants to hear when the person closes it."""
        return bool(self.body.get("notify_on_close"))


class Views:
    """Everybody's open modals and Home tabs."""

    def __init__(self, clock: Clock, team_id: str, app_id: str, bot_id: str) -> None:
        self._clock = clock
        self._owner = {
            "team_id": team_id,
            "app_id": app_id,
            "app_installed_team_id": team_id,
            "bot_id": bot_id,
        }
        self.stacks: dict[str, list[View]] = defaultdict(list)
        self.homes: dict[str, View] = {}

    def open(self, person_id: str, body: Json, *, on_top_of: str | None = None) -> View:
        """Open a modal as a new stack, or on top of the stack that ``on_top_of`` belongs to."""
        stack = self.stacks[person_id]
        if on_top_of is None or all(v.id != on_top_of for v in stack):
            stack.clear()
        if len(stack) >= MAX_STACK:
            raise ApiError("push_limit_reached")
        view = self._made(person_id, body)
        if stack:
            view.root_id, view.previous_id = stack[0].root_id, stack[-1].id
        stack.append(view)
        return view

    def publish(self, person_id: str, body: Json, known_hash: str | None) -> View:
        """Show a Home tab."""
        home = self.homes.get(person_id)
        if home is None:
            home = self.homes[person_id] = self._made(person_id, body)
        else:
            self.replace(home, body, known_hash)
        return home

    def replace(self, view: View, body: Json, known_hash: str | None = None) -> None:
        """Put new content into a view; inputs that keep block and action id keep their value."""
        if known_hash and known_hash != view.hash:
            raise ApiError("hash_conflict")
        self._check_external_id(view.person_id, body, view)
        entered = view.values
        view.body = self._filled(body)
        view.hash = self._hash()
        view.values = initial_state(view.blocks, kept=entered)

    def find(self, view_id: str | None, external_id: str | None = None) -> View:
        """Return an open view by either of its ids."""
        for view in self._all():
            if view.id == view_id or (external_id and view.body.get("external_id") == external_id):
                return view
        raise ApiError("not_found")

    def of(self, person_id: str, view_id: str) -> View | None:
        """Return a person's own open view."""
        return next((v for v in self._all() if v.id == view_id and v.person_id == person_id), None)

    def close(self, view: View, *, whole_stack: bool = False) -> list[View]:
        """Close a modal and what lies on it, or everything; returns what was closed."""
        stack = self.stacks[view.person_id]
        start = 0 if whole_stack or view.body.get("clear_on_close") else stack.index(view)
        closed = stack[start:]
        del stack[start:]
        return closed

    def done(self, view: View, *, whole_stack: bool) -> None:
        """Take a form away that was sent, or everything; what was opened on it meanwhile stays."""
        stack = self.stacks[view.person_id]
        if whole_stack:
            stack.clear()
        elif view in stack:
            stack.remove(view)

    def as_json(self, view: View) -> Json:
        """Return a view as payloads and answers carry it."""
        body = view.body
        shown: Json = {"id": view.id, "blocks": view.blocks} | self._owner
        shown |= {key: body.get(key, None if key in ("submit", "close") else "") for key in KEPT}
        shown |= {key: bool(body.get(key)) for key in ("clear_on_close", "notify_on_close")}
        shown |= {"state": {"values": view.values}, "hash": view.hash}
        shown |= {"root_view_id": view.root_id, "previous_view_id": view.previous_id}
        return copy.deepcopy(shown)

    def _all(self) -> Iterator[View]:
        for stack in self.stacks.values():
            yield from stack
        yield from self.homes.values()

    def _made(self, person_id: str, body: Json) -> View:
        self._check_external_id(person_id, body, None)
        view_id = "V" + secrets.token_hex(5).upper()
        filled = self._filled(body)
        values = initial_state(filled["blocks"])
        return View(view_id, person_id, filled, self._hash(), root_id=view_id, values=values)

    def _filled(self, body: Json) -> Json:
        return body | {"blocks": with_ids(body.get("blocks", []))}

    def _check_external_id(self, person_id: str, body: Json, own: View | None) -> None:
        external_id = body.get("external_id")
        if external_id and any(
            v.body.get("external_id") == external_id for v in self._all() if v is not own
        ):
            raise ApiError("duplicate_external_id")

    def _hash(self) -> str:
        return f"{int(self._clock.now().timestamp())}.{secrets.token_hex(4)}"
