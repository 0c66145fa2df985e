"""How somebody without a role gets one with a code; everything else such people are refused."""

from typing import Any

from bot import actions
from bot.listeners.calls import Call, FieldErrors, OpenModal, PublishHome, Reply, Say, UpdateModal
from bot.listeners.entered import Entered
from bot.listeners.entrance import Refusal
from bot.runtime import Runtime
from bot.usecases.people import CodeRefusedError, TooManyTriesError, link_by_code
from bot.views import modals, people, refusals
from bot.views.home import closed_home


def answer_visitor(
    refusal: Refusal,
    name: str,
    user_id: str,
    state: dict[str, dict[str, Any]],
    runtime: Runtime,
    *,
    is_home: bool,
) -> Reply:
    """Answer somebody without a role: the closed Home, the form for a code, or the refusal."""
    if is_home:
        view = closed_home(user_id, refusal.words, is_member=refusal.may_link)
        return PublishHome(view=view)
    if refusal.may_link and name == actions.CODE:
        return OpenModal(view=people.code_form(refusal.words))
    if refusal.may_link and name == actions.CODE_FORM:
        return _link(refusal, user_id, state, runtime)
    return Say(text=refusal.sentence)


def handle_code(call: Call) -> Reply:
    """Tell somebody who has a role that no code is needed."""
    return Say(text=call.words.say("You are linked as {name} already.", name=call.member.name))


def _link(
    refusal: Refusal, user_id: str, state: dict[str, dict[str, Any]], runtime: Runtime
) -> Reply:
    words, entered = refusal.words, Entered(state, refusal.words)
    typed = entered.text(people.CODE)
    if entered.wrong:
        return FieldErrors(sentences=entered.wrong)
    try:
        member = link_by_code(refusal.firm_id, typed, user_id, runtime)
    except CodeRefusedError:
        return FieldErrors(sentences={people.CODE: refusals.code_refused(words)})
    except TooManyTriesError:
        return FieldErrors(sentences={people.CODE: refusals.too_many_tries(words)})
    said = words.say("You are linked as {name}. Your page is on the Home tab.", name=member.name)
    return UpdateModal(view=modals.message_modal(words.say("Linked"), said, words))
