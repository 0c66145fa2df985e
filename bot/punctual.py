"""The Web API client whose calls end: its time-out is for the whole of a call.

The SDK's time-out is for each piece that arrives; an answer that comes byte by byte would hold a
thread for as long as it likes.
"""

import io
import socket
from functools import partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from time import monotonic
from typing import Any
from urllib.request import HTTPHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from slack_sdk import WebClient

LONGEST_ANSWER = 10 * 2**20
"""Bytes; a page of messages has a tenth of that."""


class AnswerTooLongError(ConnectionError):
    """An answer was larger than any of Slack's."""


class _Arriving(io.RawIOBase):
    """What comes over a socket until an instant of the monotonic clock."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, until: float) -> None:
        self._sock, self._raw, self._until = sock, raw, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_left(self._until))
        got: int | None = self._raw.readinto(buffer)
        return got

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, until: float, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Arriving(sock, self.fp.detach(), until))


class _Connection(HTTPConnection):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._until = monotonic() + float(self.timeout or 0)
        self.response_class = partial(_Response, until=self._until)  # type: ignore[assignment]

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(_left(self._until))


class _SecureConnection(_Connection, HTTPSConnection):
    pass


class _Handler(HTTPHandler):
    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_Connection, req)


class _SecureHandler(HTTPSHandler):
    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_SecureConnection, req, context=self._context)  # type: ignore[attr-defined]


class PunctualClient(WebClient):
    """A Web API client whose `timeout` holds for a call as a whole."""

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        proxy = self.proxy
        through = [ProxyHandler({"http": proxy, "https": proxy})] if proxy else []
        opener = build_opener(*through, _Handler(), _SecureHandler(context=self.ssl))
        with opener.open(req, timeout=self.timeout) as response:
            body = response.read(LONGEST_ANSWER + 1)
            if len(body) > LONGEST_ANSWER:
                raise AnswerTooLongError(f"more than {LONGEST_ANSWER} bytes")
            charset = response.headers.get_content_charset() or "utf-8"
            text = body.decode(charset, errors="replace")
            return {"status": response.status, "headers": response.headers, "body": text}


def _left(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError("the call took too long")
    return left
