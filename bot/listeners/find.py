"""The shortcut "Find a client": a list that is searched while one types."""

from bot import actions
from bot.listeners.calls import Call, FieldErrors, OpenModal, Options, Reply, UpdateModal
from bot.listeners.reasons import handle_look_up
from bot.listeners.segment import show_client
from bot.listeners.witness import note_denied
from bot.usecases import lookup
from bot.views import modals, notices
from domain.access import Action, needs_reason


def handle_find_client(call: Call) -> Reply:
    """Open the search; who needs a reason gives name and reason at once."""
    if needs_reason(call.member, Action.SEE_CLIENT):
        return handle_look_up(call)
    return OpenModal(view=modals.find_client_modal(call.words))


def handle_client_options(call: Call) -> Reply:
    """Offer the asker's own clients whose names fit what was typed so far."""
    found = lookup.names_like(call.text, call.asker(Action.SEE_CLIENT), call.runtime)
    return Options(choices=[(str(client_id), name) for client_id, name in found])


def handle_find_client_modal(call: Call) -> Reply:
    """Show the chosen client in place of the search."""
    chosen = call.state.get(actions.CLIENT_OPTIONS, {}).get(actions.CLIENT_OPTIONS, {})
    client_id = str((chosen.get("selected_option") or {}).get("value", ""))
    report = (
        lookup.open_client(
            int(client_id), call.asker(Action.SEE_CLIENT), call.runtime, today=call.today
        )
        if client_id.isdecimal()
        else None
    )
    if report is None:
        note_denied(int(client_id) if client_id.isdecimal() else None, call)
        return FieldErrors(sentences={actions.CLIENT_OPTIONS: notices.client_gone(call.words)})
    card = show_client(report, call.words)
    return UpdateModal(view=modals.blocks_modal(card.blocks, card.text), about=card.about)
