"""`/book practice`: the checklist, and ticking off what no record can tell."""

from bot.listeners.calls import Call, FieldErrors, OpenModal, Reply, Say, UpdateModal
from bot.listeners.entered import Entered
from bot.usecases.practice import practice_of, take_tick_back, tick_off
from bot.usecases.recording import FutureDayError
from bot.views import modals, notices, practice
from domain.access import Action, may
from domain.practice import BY_PERSON, Point


def handle_practice(call: Call) -> Reply:
    """Show the checklist."""
    return _shown(call)


def handle_practice_tick(call: Call) -> Reply:
    """Ask for the day on which a point was done, or take its tick back."""
    act, _, name = call.text.partition(":")
    if name not in BY_PERSON:
        return Say(text=notices.form_outdated(call.words))
    if act == practice.TAKE_BACK:
        take_tick_back(call.firm_id, Point(name), call.runtime)
        return _shown(call, replace=True)
    report = practice_of(call.firm_id, call.runtime, today=call.today)
    return OpenModal(view=practice.tick_modal(Point(name), report, call.words))


def handle_practice_form(call: Call) -> Reply:
    """Tick a point off."""
    name = call.carried.get("point")
    if name not in BY_PERSON:
        return Say(text=notices.form_outdated(call.words))
    entered = Entered(call.state, call.words)
    on = entered.day(practice.ON)
    if on is None:
        return FieldErrors(sentences=entered.wrong)
    try:
        tick_off(
            call.firm_id,
            Point(name),
            call.runtime,
            on=on,
            by=call.member.name,
            today=call.today,
        )
    except FutureDayError:
        sentence = call.words.say("This day is still to come.")
        return FieldErrors(sentences={practice.ON: sentence})
    shown = _shown(call)
    return UpdateModal(view=modals.blocks_modal(shown.blocks, shown.text))


def _shown(call: Call, *, replace: bool = False) -> Say:
    report = practice_of(call.firm_id, call.runtime, today=call.today)
    may_tick = may(call.member, Action.TICK_PRACTICE)
    return Say(
        text=practice.practice_text(report, call.words),
        blocks=practice.practice(report, call.words, may_tick=may_tick),
        replace=replace,
    )
