"""What goes over the wire: JSON, errors as the Web API words them, masking and signing."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]

TOKEN = re.compile(r"\b(xox[a-z]|xapp)-[\w-]+|(?<=ticket=)[\w-]+")
SECRET = ("token", "client_secret")


class ApiError(Exception):
    """A refusal with the code that the Web API would give."""

    def __init__(self, code: str, messages: Sequence[str] = (), **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.messages = list(messages)
        self.extra = extra

    def as_json(self) -> Json:
        """Return the body of the refusal."""
        answer: Json = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            answer["response_metadata"] = {"messages": self.messages}
        return answer


def masked(value: Any) -> Any:
    """Return a copy of ``value`` that holds no token."""
    if isinstance(value, dict):
        return {k: "…" if k in SECRET else masked(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [masked(v) for v in value]
    if isinstance(value, str):
        return TOKEN.sub("…", value)
    return value


def escaped(text: str) -> str:
    """Escape what a person typed, as it reaches the app."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Sign a request body."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def parsed(value: Any, *, otherwise: str) -> Any:
    """Read an argument that may be JSON in a string; refuse with ``otherwise`` when it is not."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ApiError(otherwise) from None


def flag(value: Any) -> bool:
    """Read a boolean argument as forms and JSON carry it."""
    return value in (True, 1, "1", "true", "True")
