"""What the page and the tests ask for: everything under /ui/."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox.interactivity import Interactivity, RefusedError
from sandbox.texts import text
from sandbox.views import View
from sandbox.wire import Json
from sandbox.workspace import Workspace
from sandbox.world import Person, Place

MAX_WAIT_S = 30.0


@dataclass(slots=True)
class Ask:
    """One request of the page, on behalf of a person."""

    params: Json
    workspace: Workspace

    @property
    def person(self) -> Person:
        """The person acting or looking."""
        person: Person = _known(self.workspace.world.people, self.params.get("as"))
        return person

    @property
    def place(self) -> Place:
        """The place it is about, which the person must be able to see."""
        place: Place = _known(self.workspace.world.places, self.params.get("place"))
        if not self.workspace.world.can_see(self.person, place):
            raise web.HTTPNotFound(text="no such place")
        return place

    @property
    def view(self) -> View:
        """The open view it is about."""
        view = self.workspace.views.of(self.person.id, str(self.params.get("view_id")))
        if view is None:
            raise RefusedError("gone")
        return view

    @property
    def ids(self) -> tuple[str, str]:
        """Block and action."""
        return str(self.params.get("block_id")), str(self.params.get("action_id"))


class Ui:
    """Serves the page's requests."""

    def __init__(
        self, workspace: Workspace, interactivity: Interactivity, connected: Callable[[], bool]
    ) -> None:
        self._workspace, self._does, self._connected = workspace, interactivity, connected
        self._read: dict[tuple[str, str], str] = {}
        self.stopping = asyncio.Event()

    def routes(self, at: str = "") -> list[web.RouteDef]:
        """Return the routes, each behind the workspace's own address."""
        looks = {
            "state": self._state,
            "messages": self._messages,
            "views": self._views,
            "home": self._home,
        }
        acts = {
            "say": self._say,
            "click": self._click,
            "view/submit": self._submit,
            "view/close": self._close,
            "home/open": self._open_home,
            "shortcut": self._shortcut,
            "file": self._file,
            "members": self._members,
            "options": self._options,
            "clock": self._clock,
            "uninstall": self._uninstall,
        }
        return [
            *(web.get(f"{at}/ui/{name}", self._looking(look)) for name, look in looks.items()),
            *(web.post(f"{at}/ui/{name}", self._acting(act)) for name, act in acts.items()),
            web.get(f"{at}/ui/transcript", self._transcript),
            web.get(f"{at}/ui/events", self._events),
        ]

    def _looking(
        self, look: Callable[[Ask], Json]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return web.json_response(look(Ask(dict(request.query), self._workspace)))

        return handle

    def _acting(
        self, act: Callable[[Ask], Awaitable[Json]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            ask = Ask(await _body(request), self._workspace)
            person = ask.person
            try:
                if not person.can_act:
                    raise RefusedError("cannot_act")
                answer = await act(ask)
            except RefusedError as refusal:
                answer = {"outcome": "error", "detail": text(str(refusal), person.locale)}
            return web.json_response(answer)

        return handle

    # looking

    def _state(self, ask: Ask) -> Json:
        world, manifest = self._workspace.world, self._workspace.manifest
        me = ask.person
        app = {
            "name": manifest.name,
            "bot_user_id": world.bot_user_id,
            "home": manifest.home,
            "commands": [
                {key: c.get(key, "") for key in ("command", "description", "usage_hint")}
                for c in manifest.commands.values()
            ],
            "shortcuts": [
                {key: s.get(key, "") for key in ("name", "type", "callback_id", "description")}
                for s in manifest.shortcuts.values()
            ],
            "connected": self._connected(),
        }
        return {
            "workspace": {"id": world.team_id, "name": world.team_name, "domain": world.domain},
            "now": self._workspace.clock.now().timestamp(),
            "zone": me.zone.key,
            "app": app,
            "people": [self._shown_person(p) for p in world.people.values()],
            "me": self._shown_person(me),
            "places": [
                self._shown_place(p, me) for p in world.places.values() if world.can_see(me, p)
            ],
        }

    def _shown_person(self, person: Person) -> Json:
        shown = ("id", "name", "display", "kind", "title", "locale", "tz", "team_id")
        external = person.team_id != self._workspace.world.team_id
        return {key: getattr(person, key) for key in shown} | {"external": external}

    def _shown_place(self, place: Place, me: Person) -> Json:
        seen = self._workspace.board.seen_by(place.id, me.id)
        read = self._read.get((me.id, place.id), "")
        return {
            "id": place.id,
            "kind": place.kind,
            "name": self._workspace.world.name_for(place, me.id),
            "members": sorted(place.members),
            "is_ext_shared": place.is_ext_shared,
            "is_archived": place.is_archived,
            "can_post": me.can_act and me.id in place.members and not place.is_archived,
            "unread": sum(m.ts > read and m.user != me.id for m in seen),
            "last_ts": seen[-1].ts if seen else None,
        }

    def _messages(self, ask: Ask) -> Json:
        place, me = ask.place, ask.person
        messages = self._workspace.board.for_page(place.id, me.id)
        if messages:
            self._read[me.id, place.id] = messages[-1]["ts"]
        return {"messages": messages}

    def _views(self, ask: Ask) -> Json:
        views = self._workspace.views
        return {"views": [views.as_json(view) for view in views.stacks[ask.person.id]]}

    def _home(self, ask: Ask) -> Json:
        home = self._workspace.views.homes.get(ask.person.id)
        return {"view": self._workspace.views.as_json(home) if home else None}

    # acting

    async def _say(self, ask: Ask) -> Json:
        return await self._does.say(ask.person, ask.place, str(ask.params.get("text", "")))

    async def _click(self, ask: Ask) -> Json:
        given = ask.params.get("action") or {}
        if ask.params.get("view_id"):
            values = ask.params.get("values") or {}
            return await self._does.click_in_view(ask.person, ask.view, ask.ids, given, values)
        ts = str(ask.params.get("ts"))
        return await self._does.click_in_message(ask.person, ask.place, ts, ask.ids, given)

    async def _submit(self, ask: Ask) -> Json:
        return await self._does.submit(ask.person, ask.view, ask.params.get("values") or {})

    async def _close(self, ask: Ask) -> Json:
        return await self._does.close(ask.person, ask.view, clear=bool(ask.params.get("clear")))

    async def _open_home(self, ask: Ask) -> Json:
        return await self._does.open_home(ask.person, ask.params.get("tab", "home"))

    async def _shortcut(self, ask: Ask) -> Json:
        ts = ask.params.get("ts")
        place = ask.place if ts else None
        return await self._does.shortcut(ask.person, str(ask.params.get("callback_id")), place, ts)

    async def _file(self, ask: Ask) -> Json:
        place = ask.place if ask.params.get("place") else None
        data = base64.b64decode(str(ask.params.get("base64", "")))
        name = PurePosixPath(str(ask.params.get("name"))).name or "file"
        return await self._does.upload(ask.person, place, name, data)

    async def _members(self, ask: Ask) -> Json:
        other = _known(self._workspace.world.people, ask.params.get("person"))
        act = self._does.remove if ask.params.get("leave") else self._does.invite
        return act(ask.person, ask.place, other)

    async def _uninstall(self, ask: Ask) -> Json:
        return self._does.uninstall(ask.person)

    async def _options(self, ask: Ask) -> Json:
        value = str(ask.params.get("value", ""))
        if ask.params.get("view_id"):
            return await self._does.options_in_view(ask.person, ask.view, ask.ids, value)
        ts = str(ask.params.get("ts"))
        return await self._does.options_in_message(ask.person, ask.place, ts, ask.ids, value)

    async def _clock(self, ask: Ask) -> Json:
        clock = self._workspace.clock
        if "advance_s" in ask.params:
            clock.advance(timedelta(seconds=float(ask.params["advance_s"])))
        elif ask.params.get("to") == "monday":
            clock.jump_to(next_monday(clock.now(), ask.person.zone))
        else:
            clock.jump_to(datetime.fromisoformat(str(ask.params.get("to"))))
        return {"now": clock.now().timestamp()}

    # streams

    async def _transcript(self, request: web.Request) -> web.StreamResponse:
        after = int(request.query.get("after", 0))
        wait_s = min(float(request.query.get("wait", 0)), MAX_WAIT_S)
        most = int(request.query["most"]) if "most" in request.query else None
        transcript = self._workspace.transcript
        waiting = asyncio.create_task(transcript.wait_after(after, wait_s, most))
        stopping = asyncio.create_task(self.stopping.wait())
        await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        entries = waiting.result() if waiting.done() else []
        waiting.cancel()
        return web.json_response({"entries": entries, "recorded": len(transcript)})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        person = Ask(dict(request.query), self._workspace).person
        news: asyncio.Queue[Json] = asyncio.Queue()

        def hear(what: Json, only: frozenset[str] | None) -> None:
            if only is None or person.id in only:
                news.put_nowait(what)

        stream = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        self._workspace.listeners.add(hear)
        try:
            await stream.prepare(request)
            news.put_nowait({"type": "connected", "value": self._connected()})
            await self._stream(stream, news)
        except ConnectionError:
            pass  # the page was closed
        finally:
            self._workspace.listeners.discard(hear)
        return stream

    async def _stream(self, stream: web.StreamResponse, news: asyncio.Queue[Json]) -> None:
        stopping = asyncio.create_task(self.stopping.wait())
        try:
            while not self.stopping.is_set():
                following = asyncio.create_task(news.get())
                await asyncio.wait({following, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not following.done():
                    following.cancel()
                    return
                await stream.write(f"data: {json.dumps(following.result())}\n\n".encode())
        finally:
            stopping.cancel()


def next_monday(now: datetime, zone: ZoneInfo) -> datetime:
    """Return five seconds past eight on the next Monday morning of a zone."""
    local = now.astimezone(zone)
    monday = local.replace(hour=8, minute=0, second=5, microsecond=0)
    monday += timedelta(days=-local.weekday() % 7)
    return monday if monday > local else monday + timedelta(days=7)


async def _body(request: web.Request) -> Json:
    try:
        body = await request.json()
    except ValueError:
        raise web.HTTPBadRequest(text="JSON expected") from None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="a JSON object expected")
    return body


def _known(things: dict[str, Any], name: Any) -> Any:
    if name not in things:
        raise web.HTTPNotFound(text=f"unknown: {name}")
    return things[name]
