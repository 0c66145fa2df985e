"""The gate in front of the bot: who sent it is known from the raw body before anything reads it."""

import hmac
import re
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from slack_bolt import App, BoltResponse

from bot.requests import MalformedError, request_of

PATH = "/slack/events"
MAX_BODY = 2**20
"""Bytes; a form with everything in it has a tenth of that."""
FRESH_S = 300
"""A request that is older, or from the future, may have been caught on its way."""
HANDED_ON = {
    "HTTP_X_SLACK_SIGNATURE": "x-slack-signature",
    "HTTP_X_SLACK_RETRY_NUM": "x-slack-retry-num",
    "HTTP_X_SLACK_RETRY_REASON": "x-slack-retry-reason",
}

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]


class RefusedError(Exception):
    """A request that gets a status and nothing else."""

    def __init__(self, status: HTTPStatus, *headers: tuple[str, str]) -> None:
        self.status, self.headers = status, headers


class Gate:
    """Lets in what Slack signed, whole, fresh and well formed; pages for others are separate."""

    def __init__(self, app: App, secret: str, pages: Mapping[str, Wsgi]) -> None:
        self._app = app
        self._pages = pages
        self._secret = secret.encode()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        page = self._pages.get(environ["PATH_INFO"])
        if page is not None and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return page(environ, start_response)
        try:
            response = self._admit(environ, allowed="GET" if page is not None else "POST")
        except RefusedError as refused:
            start_response(_line(refused.status), [("Content-Length", "0"), *refused.headers])
            return []
        return _send(response, start_response)

    def _admit(self, environ: Environ, *, allowed: str) -> BoltResponse:
        if allowed == "POST" and environ["PATH_INFO"] != PATH:
            raise RefusedError(HTTPStatus.NOT_FOUND)
        if environ["REQUEST_METHOD"] != allowed:
            raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, ("Allow", allowed))
        body = _body_of(environ)
        if not self._is_signed(environ, body):
            raise RefusedError(HTTPStatus.UNAUTHORIZED)
        headers = {ours: environ[name] for name, ours in HANDED_ON.items() if name in environ}
        try:
            request = request_of(body, headers)
        except MalformedError:
            raise RefusedError(HTTPStatus.BAD_REQUEST) from None
        return self._app.dispatch(request)

    def _is_signed(self, environ: Environ, body: bytes) -> bool:
        stamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
        if not re.fullmatch("[0-9]{1,12}", stamp) or abs(time.time() - int(stamp)) > FRESH_S:
            return False
        right = hmac.new(self._secret, f"v0:{stamp}:".encode() + body, "sha256").hexdigest()
        given = environ.get("HTTP_X_SLACK_SIGNATURE", "")
        return hmac.compare_digest(given.encode(), f"v0={right}".encode())


def _body_of(environ: Environ) -> bytes:
    """Read the body; whoever does not send it whole in time is cut off by the server."""
    if "HTTP_TRANSFER_ENCODING" in environ:  # Slack says how long a body is
        raise RefusedError(HTTPStatus.BAD_REQUEST)
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > MAX_BODY:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    body: bytes = environ["wsgi.input"].read(length)
    if len(body) < length:
        raise RefusedError(HTTPStatus.REQUEST_TIMEOUT)
    return body


def _send(response: BoltResponse, start_response: StartResponse) -> Iterable[bytes]:
    body = (response.body or "").encode()
    headers = [(name, value) for name, values in response.headers.items() for value in values]
    start_response(
        _line(HTTPStatus(response.status)), [*headers, ("Content-Length", str(len(body)))]
    )
    return [body]


def _line(status: HTTPStatus) -> str:
    return f"{status.value} {status.phrase}"
