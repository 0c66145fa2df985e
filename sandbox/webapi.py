"""The HTTP side of the Web API: arguments, tokens, scopes, and the response addresses."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BasicAuth, web

from sandbox.call import Call, check_scope
from sandbox.faults import Faults, dripped, failed
from sandbox.methods import METHODS, Method
from sandbox.sockets import Sockets
from sandbox.wire import ApiError, Json
from sandbox.workspace import Workspace

IN_STRINGS = ("blocks", "view", "message", "metadata")
RESPONSE_STATUS = {"expired_url": 404, "used_url": 404}


@dataclass(slots=True)
class WebApi:
    """Answers the app's calls."""

    workspace: Workspace
    sockets: Sockets
    base_url: str
    faults: Faults
    _later: set[asyncio.Task[None]] = field(default_factory=set)

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Answer one call of a method, or let it go wrong as a test ordered."""
        name = request.match_info["method"]
        fault = self.faults.next(name)
        if fault is None:
            return await self._call(request, name)
        await arguments(request)  # which can be read once the app has hung up
        await asyncio.sleep(fault.delay_s)
        if not fault.fails:
            answer = await self._call(request, name)
            return await dripped(request, answer, fault.drip_s) if fault.drip_s else answer
        if fault.done_first:
            await self._call(request, name)
        elif fault.done_after_s is not None:
            self._do_later(request, name, fault.done_after_s)
        else:
            told = {"fault": fault.error or fault.status}
            sent = _readable(await arguments(request))
            self.workspace.transcript.record("bot→workspace", "api", name, sent, told, ok=False)
        return await failed(request, fault)

    def _do_later(self, request: web.Request, name: str, seconds: float) -> None:
        async def do() -> None:
            await asyncio.sleep(seconds)
            await self._call(request, name)

        task = asyncio.create_task(do())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _call(self, request: web.Request, name: str) -> web.Response:
        start = time.monotonic()
        params: Json = {}
        call = Call(self.workspace, params, self.base_url)
        try:
            method = METHODS.get(name)
            if method is None:
                raise ApiError("unknown_method", req_method=name)
            params |= await arguments(request)
            if method.token is not None:
                self._check_token(request, params, method)
            if method.scope:
                check_scope(self.workspace, method.scope)
            if name == "chat.postMessage" and self.faults.too_soon(str(params.get("channel"))):
                raise ApiError("ratelimited")
            answer = {"ok": True, **self._run(method, call, request.host)}
            problems: list[str] = []
        except ApiError as refusal:
            answer = refusal.as_json()
            problems = refusal.messages or [refusal.code]
        self.workspace.transcript.record(
            "bot→workspace",
            "api",
            name,
            _readable(params),
            answer,
            ok=bool(answer["ok"]),
            ms=round((time.monotonic() - start) * 1000),
            problems=problems,
            place=call.place.id if call.place else None,
            audience=call.audience,
        )
        if answer.get("error") == "ratelimited":
            headers = {"Retry-After": "1"}
            return web.json_response(answer, status=429, headers=headers)
        scopes = ",".join(sorted(self.workspace.manifest.scopes))
        return web.json_response(answer, headers={"x-oauth-scopes": scopes})

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """Take a message sent to a response address."""
        params: Json = {}
        place, audience, status = None, None, 200
        answer: Json = {"ok": True}
        problems: list[str] = []
        try:
            params |= await arguments(request)
            response = self.workspace.handles.use_response(request.match_info["id"])
            place, audience = self.workspace.respond(response, params)
        except ApiError as refusal:
            answer, status = refusal.as_json(), RESPONSE_STATUS.get(refusal.code, 400)
            problems = refusal.messages or [refusal.code]
        self.workspace.transcript.record(
            "bot→workspace",
            "response_url",
            "response_url",
            params,
            answer,
            ok=status == 200,
            problems=problems,
            place=place.id if place else None,
            audience=audience,
        )
        if status != 200:
            return web.json_response(answer, status=status)
        return web.Response(text="ok")

    def _run(self, method: Method, call: Call, host: str) -> Json:
        if method.run is None:
            return {"url": self.sockets.ticket_url(host)}
        return method.run(call)

    def _check_token(self, request: web.Request, params: Json, method: Method) -> None:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        token = bearer or str(params.get("token") or "")
        if not token:
            raise ApiError("not_authed")
        app_token = self.workspace.keys.app_token
        if (token == app_token) != (method.token == "app"):
            raise ApiError("not_allowed_token_type" if self._is_known(token) else "invalid_auth")
        if method.token == "bot":
            self.workspace.check_bot(token)

    def _is_known(self, token: str) -> bool:
        return token in (self.workspace.keys.app_token, *self.workspace.tokens)


async def arguments(request: web.Request) -> Json:
    """Read the arguments of a call: query, then a form or a JSON body, which may be empty."""
    params: Json = dict(request.query) | _basic(request)
    if request.content_type != "application/json":
        form = await request.post()
        return params | {k: v for k, v in form.items() if isinstance(v, str)}
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        raise ApiError("invalid_json") from None
    if not isinstance(body, dict):
        raise ApiError("json_not_object")
    return params | {k: v for k, v in body.items() if v is not None}


def _basic(request: web.Request) -> Json:
    """Read the app's own id and secret, which may come as a user and password."""
    try:
        given = BasicAuth.decode(request.headers.get("Authorization", ""))
    except ValueError:
        return {}
    return {"client_id": given.login, "client_secret": given.password}


def _readable(params: Json) -> Json:
    """Return arguments with the JSON in strings opened, for the transcript."""
    return {k: _opened(v) if k in IN_STRINGS else v for k, v in params.items()}


def _opened(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
