"""What is let in of what Slack sends: known fields have Slack's own form, and texts are text.

Bolt and the SDK trust every field to be there and of its type. Here that is found out first, for
signed requests as for Socket Mode, so that nothing behind has to doubt it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from slack_bolt import App, BoltRequest, BoltResponse

DEEPEST = 50
"""Slack's own payloads nest about ten levels deep."""
MOST_FIELDS = 100
_UNFIT = re.compile("[\0\ud800-\udfff]")
"""What no database and no answer to Slack can hold."""


class MalformedError(ValueError):
    """What came is nothing that Slack sends."""


@dataclass(frozen=True, slots=True)
class Each:
    """A dictionary whose keys are anybody's, and whose values have one shape."""

    of: Any


_NAMED = {"id": str, "team_id": str, "channel_id": str, "name": str}
_CHOICE = {"value": str, "text": {"text": str}}
_ENTERED = {
    "type": str,
    "value": str,
    "selected_option": _CHOICE,
    "selected_options": [_CHOICE],
    "selected_date": str,
    "selected_time": str,
    "selected_user": str,
    "selected_users": [str],
    "selected_channel": str,
    "selected_conversation": str,
    "files": [{"id": str}],
}
_VIEW = {
    "id": str,
    "type": str,
    "hash": str,
    "callback_id": str,
    "private_metadata": str,
    "previous_view_id": str,
    "root_view_id": str,
    "app_installed_team_id": str,
    "blocks": [{"block_id": str, "type": str}],
    "state": {"values": Each(Each(_ENTERED))},
}
_MESSAGE = {"ts": str, "text": str, "user": str, "blocks": [dict], "bot_id": str}
_SHAPE = {
    "type": str,
    "subtype": str,
    "token": str,
    "team_id": str,
    "user_id": str,
    "enterprise_id": str,
    "channel_id": str,
    "api_app_id": str,
    "command": str,
    "text": str,
    "trigger_id": str,
    "response_url": str,
    "callback_id": str,
    "action_id": str,
    "block_id": str,
    "action_ts": str,
    "value": str,
    "event_id": str,
    "challenge": str,
    "ssl_check": str,
    "bot_id": str,
    "is_enterprise_install": (bool, str),
    "user": _NAMED,
    "team": {"id": str, "enterprise_id": str},
    "enterprise": {"id": str},
    "channel": _NAMED,
    "container": {"type": str, "message_ts": str, "channel_id": str, "view_id": str},
    "authorizations": [
        {"enterprise_id": str, "team_id": str, "user_id": str, "is_enterprise_install": bool}
    ],
    "actions": [{**_ENTERED, "action_id": str, "block_id": str}],
    "view": _VIEW,
    "message": _MESSAGE,
    "event": {
        "type": str,
        "subtype": str,
        "tab": str,
        "channel": (str, _NAMED),
        "channel_id": str,
        "user": (str, _NAMED),
        "user_id": str,
        "team": (str, _NAMED),
        "team_id": str,
        "file_id": str,
        "bot_id": str,
        "bot_profile": dict,
        "event_ts": str,
        "view": _VIEW,
        "tokens": {"bot": [str], "oauth": [str]},
    },
}
"""The fields that Bolt or we read, all of which may be missing or null."""


NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "block_actions": (("actions", "action_id"),),
    "block_suggestion": (("action_id",),),
    "command": (("command",),),
    "event_callback": (("event", "type"),),
    "message_action": (("callback_id",),),
    "shortcut": (("callback_id",),),
    "ssl_check": (("ssl_check",),),
    "url_verification": (("challenge",),),
    "view_closed": (("view", "type"), ("view", "callback_id")),
    "view_submission": (("view", "type"), ("view", "callback_id")),
}
"""The kinds of requests there are, each with the fields without which it is none."""


def kind_of(body: Mapping[str, Any]) -> str:
    """Name the kind of a request; one that is not in `NEEDED` is nothing we know."""
    for kind in ("command", "ssl_check"):
        if kind in body:
            return kind
    return body.get("type") or ""


def read_body(raw: bytes) -> object:
    """Read the body of a request: JSON, a form, or a form with JSON in its payload.

    Raises MalformedError.
    """
    try:
        text = raw.decode()
        if text.startswith("{"):
            return _json(text)
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
        form = dict(fields)
        if len(form) < len(fields):
            raise MalformedError("a field twice")
        if "payload" in form:
            return _json(form["payload"])
    except (ValueError, RecursionError) as error:
        raise MalformedError(type(error).__name__) from None
    if not form.keys() & {"command", "ssl_check"}:
        raise MalformedError("neither a command nor a payload")
    return form


def read_payload(payload: object) -> dict[str, Any]:
    """Return a payload without what cannot be stored or shown.

    Raises MalformedError if it is none of Slack's.
    """
    if not isinstance(payload, dict) or not _fits(payload, _SHAPE):
        raise MalformedError("not of Slack's form")
    cleaned: dict[str, Any] = _clean(payload, DEEPEST)
    if not all(_holds(cleaned, path) for path in NEEDED.get(kind_of(cleaned), ())):
        raise MalformedError("incomplete")
    return cleaned


def request_of(raw: bytes, headers: Mapping[str, str]) -> BoltRequest:
    """Make Bolt's request of a body whose sender is known by now.

    Raises MalformedError.
    """
    return _request(read_body(raw), headers)


def answer_payload(
    app: App, payload: object, headers: Mapping[str, str | Sequence[str]] | None
) -> BoltResponse:
    """Let the app answer what came over a socket."""
    try:
        return app.dispatch(_request(payload, headers or {}))
    except MalformedError:
        return BoltResponse(status=400, body="")


def _request(body: object, headers: Mapping[str, str | Sequence[str]]) -> BoltRequest:
    if not isinstance(body, dict):
        raise MalformedError("not of Slack's form")
    try:
        # In this mode Bolt takes what was read as it is. Left to read a form by itself, it loses
        # every command that has the word "payload" in its text.
        return BoltRequest(mode="socket_mode", body=body, headers=dict(headers))
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise MalformedError(type(error).__name__) from None


def _json(text: str) -> object:
    return json.loads(text, parse_constant=_refuse_constant)


def _refuse_constant(_name: str) -> NoReturn:
    raise MalformedError("a number that is none")


def _fits(value: Any, shape: Any) -> bool:
    if value is None:
        return True
    if isinstance(shape, tuple):
        return any(_fits(value, each) for each in shape)
    if isinstance(shape, Each):
        return isinstance(value, dict) and all(_fits(each, shape.of) for each in value.values())
    if isinstance(shape, list):
        return isinstance(value, list) and all(
            each is not None and _fits(each, shape[0]) for each in value
        )
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(
            _fits(value[name], inner) for name, inner in shape.items() if name in value
        )
    return isinstance(value, shape)


def _holds(value: Any, path: tuple[str, ...]) -> bool:
    """Tell whether there is something at the end of a path; of a list its first counts."""
    for name in path:
        value = value.get(name)
        if isinstance(value, list):
            value = value[0] if value else None
        if value is None:
            return False
    return True


def _clean(value: Any, deepest: int) -> Any:
    if isinstance(value, str):
        return _UNFIT.sub("", value)
    if isinstance(value, dict | list) and deepest == 0:
        raise MalformedError("nested too deeply")
    if isinstance(value, dict):
        return {_clean(name, 0): _clean(each, deepest - 1) for name, each in value.items()}
    if isinstance(value, list):
        return [_clean(each, deepest - 1) for each in value]
    return value
