"""The buttons of digests and reminders: what is said of a name, and what one wants to be told."""

from bot.listeners.calls import Call, FieldErrors, OpenModal, Reply, Say, UpdateModal
from bot.listeners.entered import Entered
from bot.usecases.digest import handle_name, name_again
from bot.usecases.reminders import choose_notices, notice_settings
from bot.views import digest, modals, notices
from bot.views import notices_form as form
from bot.views.blocks import Block
from domain.access import Action
from domain.handling import Handling
from domain.model import Quadrant
from domain.notices import Choices, Notice, Often


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


def handle_notices(call: Call) -> Reply:
    """Open what the caller wants to be told."""
    found = notice_settings(call.firm_id, call.member, call.runtime)
    zone = call.zone.key
    return OpenModal(view=form.notices_modal(found.choices, found.holidays, call.words, zone=zone))


def handle_notices_modal(call: Call) -> Reply:
    """Keep what the caller wants to be told."""
    entered, words = Entered(call.state, call.words), call.words
    choices = _choices(entered)
    away_from, away_until = choices.away_from, choices.away_until
    if away_from and not away_until:
        entered.need(form.AWAY_UNTIL)
    elif away_from and away_until and away_until < away_from:
        entered.wrong[form.AWAY_UNTIL] = words.say("The last day comes before the first one.")
    if entered.wrong:
        return FieldErrors(sentences=entered.wrong)
    choose_notices(call.firm_id, call.member, choices, call.runtime, zone=call.zone)
    sentence = words.say("Your settings hold from now on.")
    return UpdateModal(view=modals.message_modal(words.say("Saved"), sentence, words))


def _choices(entered: Entered) -> Choices:
    known = Choices()
    return Choices(
        digest=form.DIGEST in entered.ticked(form.DIGEST),
        digest_weekday=_weekday(entered, form.DIGEST_DAY),
        digest_at=entered.time(form.DIGEST_AT) or known.digest_at,
        often={kind: entered.choice(kind, Often) or Often.DAILY for kind in Notice},
        weekday=_weekday(entered, form.WEEKLY_DAY),
        at=entered.time(form.AT) or known.at,
        away_from=entered.day(form.AWAY_FROM, required=False),
        away_until=entered.day(form.AWAY_UNTIL, required=False),
    )


def _weekday(entered: Entered, name: str) -> int:
    chosen = entered.mark(name)
    return chosen if chosen is not None and chosen < form.WEEKDAYS else 0


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
