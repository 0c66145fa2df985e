"""Who reads clients for a reason only is asked for it, then shown what was asked for."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot import actions
from bot.listeners.calls import Call, FieldErrors, OpenModal, Reply, Say
from bot.listeners.entered import Entered
from bot.listeners.records import handle_erasure_look, show_client_log
from bot.listeners.segment import handle_open_client, handle_segment
from bot.listeners.services import handle_due, handle_service
from bot.views import notices, people

READING: dict[str, Callable[[Call], Reply]] = {
    "/segment": handle_segment,
    "/due": handle_due,
    actions.OPEN_CLIENT: handle_open_client,
    actions.SERVICE: handle_service,
    actions.ERASURE_LOOK: handle_erasure_look,
    actions.CLIENT_LOG: show_client_log,
}
"""What may be asked for, by the name of the command or button."""


def ask_reason(call: Call) -> OpenModal:
    """Ask why, and remember what was asked for."""
    asked = json.dumps({"name": call.name, "text": call.text})
    return OpenModal(view=people.reason_modal(asked, call.words, whom=False))


def reason_in(name: str, state: dict[str, dict[str, Any]]) -> str:
    """Return the reason that a submitted form gives, if it is the one that asks for it."""
    if name != actions.REASON_FORM:
        return ""
    return str((state.get(people.REASON, {}).get(people.REASON) or {}).get("value") or "").strip()


def handle_look_up(call: Call) -> Reply:
    """Ask for a client's name and the reason."""
    asked = json.dumps({"name": "/segment", "text": ""})
    return OpenModal(view=people.reason_modal(asked, call.words, whom=True))


def handle_reason(call: Call) -> Reply:
    """Show what was asked for; the reason is on the call, where the journal finds it."""
    entered = Entered(call.state, call.words)
    name, text = _asked(call.metadata)
    handler = READING.get(name.partition(":")[0])
    if people.WHOM in call.state:
        text = entered.text(people.WHOM)
    entered.text(people.REASON)
    if entered.wrong:
        return FieldErrors(sentences=entered.wrong)
    if handler is None:
        return Say(text=notices.form_outdated(call.words))
    return handler(replace(call, name=name, text=text, state={}, metadata=""))


def _asked(metadata: str) -> tuple[str, str]:
    """Read back what was asked for; nothing, if it is none of ours."""
    try:
        asked = json.loads(metadata)
        return str(asked["name"]), str(asked["text"])
    except (KeyError, TypeError, ValueError):
        return "", ""
