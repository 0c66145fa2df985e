"""The buttons of the Monday digest: done, put off, not relevant, and taking that back."""

from bot.listeners.calls import Call, Reply, Say
from bot.usecases.digest import handle_name, name_again
from bot.views import digest, notices
from bot.views.blocks import Block
from domain.access import Action
from domain.handling import Handling
from domain.model import Quadrant


def handle_said(call: Call) -> Reply:
    """Keep what was said of a name, and say so in the digest itself."""
    how, _, of = call.text.partition(":")
    client_id, _, field = of.partition(":")
    if how not in list(Handling) or not client_id.isdecimal():
        return Say(text=notices.form_outdated(call.words))
    said = handle_name(
        int(client_id),
        Handling(how),
        _field(field),
        asker=call.asker(Action.RECORD),
        runtime=call.runtime,
        today=call.today,
    )
    line = digest.said_line(said, call.words)
    return _in_message(call, said.client_id, line, digest.said_text(said, call.words))


def handle_said_undo(call: Call) -> Reply:
    """Take back what was said of a name; its buttons come back."""
    batch, _, field = call.text.partition(":")
    client_id, name = name_again(batch, asker=call.asker(Action.RECORD), runtime=call.runtime)
    buttons = digest.name_buttons(client_id, name, _field(field), call.words)
    return _in_message(call, client_id, buttons, call.words.say("Taken back"))


def _in_message(call: Call, client_id: int, block: Block, sentence: str) -> Say:
    """Change the message that was clicked; without one, say it."""
    if not call.message.get("blocks"):
        return Say(text=sentence, about_clients=True)
    return Say(
        text=str(call.message.get("text") or sentence),
        blocks=digest.replace_buttons(call.message["blocks"], client_id, block),
        replace=True,
        about_clients=True,
    )


def _field(name: str) -> Quadrant | None:
    return Quadrant(name) if name in list(Quadrant) else None
