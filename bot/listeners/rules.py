"""Changing the rule book: a part's form, the effect of what was entered, the confirmation.

What is entered becomes a draft in the store, and only a draft whose effect was shown is saved; see
``bot.usecases.rule_drafts``. A whole firm's effect may take longer than an acknowledgement: the
router then shows "one moment" and brings it.
"""

from collections.abc import Collection
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot import actions
from bot.listeners.calls import Call, FieldErrors, OpenModal, Reply, Say, UpdateModal
from bot.listeners.entered import Entered
from bot.listeners.rule_services import field_of, read_service
from bot.reports import DraftReport, RulesSection
from bot.usecases import rule_drafts
from bot.usecases.rules import rules_history
from bot.views import modals, notices
from bot.views.rule_forms import (
    RulesTicket,
    effect_modal,
    history_modal,
    kept_modal,
    section_modal,
)
from bot.views.rule_labels import (
    Section,
    keys_in,
    place_of,
    problem_named,
    saved_by,
    section_with,
    value_at,
)
from bot.views.service_editing import GENERAL, NEW, key_of
from domain.access import Action, may
from domain.errors import RuleBookError
from domain.model import Tier
from domain.rule_drafts import flat


def handle_rules_section(call: Call) -> Reply:
    """Open the form of the part that a button names."""
    view = _form(call)
    return Say(text=notices.form_outdated(call.words)) if view is None else OpenModal(view=view)


def handle_rules_more(call: Call) -> Reply:
    """Show a part's form in place of the effect; the draft so far is filled in."""
    view = _form(call)
    if view is None:
        return _sentence(notices.form_outdated(call.words), call)
    return UpdateModal(view=view)


def handle_rules_form(call: Call) -> Reply:
    """Keep what was entered as a draft and show its effect, or say what is wrong."""
    try:
        ticket = RulesTicket.read(call.metadata)
        filled = rule_drafts.open_section(call.firm_id, call.member, call.runtime)
    except ValueError:
        return _sentence(notices.form_outdated(call.words), call)
    entered = Entered(call.state, call.words)
    is_service = ticket.section is Section.SERVICES and ticket.service != GENERAL
    if is_service and _is_unknown(ticket.service, filled):
        return _sentence(notices.form_outdated(call.words), call)
    if is_service:
        values = read_service(ticket.service, filled, entered)
    else:
        values = _values(ticket.section, filled, entered)
    if entered.wrong:
        return FieldErrors(sentences=entered.wrong)
    try:
        return _drafted(values, ticket.base, call)
    except RuleBookError as error:
        fields = [field_of(key, ticket.service) for key in values]
        return _field_error(error, fields, ticket.service, call)
    except rule_drafts.NothingChangedError:
        first = field_of(next(iter(values)), ticket.service)
        return FieldErrors(sentences={first: call.words.say("Nothing is changed yet.")})
    except rule_drafts.DraftUnfitError as error:
        return _unfit(error, ticket.section, call)


def handle_rules_remove(call: Call) -> Reply:
    """Show what it does when no tier gets a service any more."""
    try:
        filled = rule_drafts.open_section(call.firm_id, call.member, call.runtime)
        if _is_unknown(call.text, filled):
            return _sentence(notices.form_outdated(call.words), call)
        nothing = {key_of(call.text, f"per_year.{tier}"): "0" for tier in Tier}
        return _drafted(nothing, filled.in_force.version, call)
    except RuleBookError as error:
        return _sentence(problem_named(error, call.words), call)
    except rule_drafts.NothingChangedError:
        return _sentence(call.words.say("The rule book says this already."), call)
    except rule_drafts.DraftUnfitError as error:
        return _unfit(error, Section.SERVICES, call)


def handle_rules_keep(call: Call) -> Reply:
    """Save the draft whose effect was shown, or show what it would do by now."""
    try:
        kept = rule_drafts.keep_draft(
            call.firm_id, call.member, call.metadata, runtime=call.runtime, today=call.today
        )
    except rule_drafts.DraftGoneError:
        return _sentence(call.words.say("This draft was saved or discarded already."), call)
    except rule_drafts.DraftUnfitError as error:
        return _unfit(error, None, call)
    if isinstance(kept, DraftReport):
        return _effect(kept, call)
    return UpdateModal(view=kept_modal(kept, call.words))


def handle_rules_back(call: Call) -> Reply:
    """Show what going back to an earlier version would do."""
    chosen = Entered(call.state, call.words).mark(actions.RULES_VERSION)
    version = chosen if chosen is not None else int(call.metadata) if _is_number(call) else None
    if version is None:
        return _sentence(notices.form_outdated(call.words), call)
    try:
        report = rule_drafts.draft_version(
            call.firm_id, call.member, version, runtime=call.runtime, today=call.today
        )
    except rule_drafts.VersionUnknownError:
        return _sentence(notices.form_outdated(call.words), call)
    except rule_drafts.NothingChangedError:
        return _sentence(call.words.say("The rule book says this already."), call)
    return _effect(report, call)


def handle_rules_drop(call: Call) -> Reply:
    """Forget the draft."""
    rule_drafts.drop_draft(call.firm_id, call.member, call.runtime)
    return _sentence(call.words.say("The draft is discarded; the rules are as before."), call)


def handle_rules_history(call: Call) -> Reply:
    """List the versions."""
    versions = rules_history(call.firm_id, call.runtime)
    may_try = may(call.member, Action.TRY_RULES)
    return OpenModal(view=history_modal(versions, call.words, may_change=may_try))


def _form(call: Call) -> dict[str, Any] | None:
    part, _, service = call.text.partition(":")
    if part not in list(Section):
        return None
    filled = rule_drafts.open_section(call.firm_id, call.member, call.runtime)
    if service not in ("", GENERAL) and _is_unknown(service, filled):
        service = ""
    return section_modal(Section(part), filled, call.words, service=service)


def _drafted(values: dict[str, Any], base: int, call: Call) -> Reply:
    try:
        report = rule_drafts.draft_changes(
            call.firm_id,
            call.member,
            values,
            base_version=base,
            runtime=call.runtime,
            today=call.today,
        )
    except rule_drafts.VersionUnknownError:
        return _sentence(notices.form_outdated(call.words), call)
    return _effect(report, call)


def _is_unknown(service: str, filled: RulesSection) -> bool:
    return service != NEW and not isinstance(filled.values["services"].get(service), dict)


def _effect(report: DraftReport, call: Call) -> Reply:
    about = frozenset(report.preview.names)
    may_keep = may(call.member, Action.CHANGE_RULES)
    view = effect_modal(report, call.words, may_keep=may_keep)
    return UpdateModal(view=view, about=about)


def _field_error(error: RuleBookError, fields: Collection[str], service: str, call: Call) -> Reply:
    sentence = problem_named(error, call.words)
    for key in (error.key, error.value):
        if field_of(key, service) in fields:
            return FieldErrors(sentences={field_of(key, service): sentence})
    return _sentence(sentence, call)


def _unfit(error: rule_drafts.DraftUnfitError, part: Section | None, call: Call) -> Reply:
    """Show the form again, the entry in it, where it contradicts what was saved meanwhile."""
    words = call.words
    filled = rule_drafts.open_section(call.firm_id, call.member, call.runtime)
    warnings = [
        words.say(
            "{by} saved rule book {version} meanwhile. Your entry is kept, but the two do not fit "
            "together:",
            by=saved_by(each.by, words),
            version=words.number(each.version),
        )
        for each in error.meanwhile
    ]
    warnings.append(problem_named(error.problem, words))
    shown = section_with(error.problem.key) or part or Section.TIERS
    service = place_of(error.problem.key)
    if service not in ("", GENERAL) and _is_unknown(service, filled):
        service = ""
    return UpdateModal(
        view=section_modal(shown, filled, words, service=service, warnings=tuple(warnings))
    )


def _values(part: Section, filled: RulesSection, entered: Entered) -> dict[str, Any]:
    """Read a form that has a field for each key; what was left as it stood is not read anew."""
    known = flat(filled.values)
    return {
        key: _value(key, value_at(filled.in_force, key), known[key], entered)
        for key in keys_in(part, filled.in_force)
    }


def _value(key: str, present: Any, known: Any, entered: Entered) -> Any:
    match present:
        case bool():
            return entered.chosen(key) == "yes"
        case StrEnum():
            return entered.chosen(key) or known
        case _ if entered.is_still(key, Decimal(known)):
            return known
        case int():
            count = entered.count(key)
            if count is None and key not in entered.wrong:
                entered.need(key)
            return count
    amount = entered.amount(key)
    if amount is None and key not in entered.wrong:
        entered.need(key)
    return None if amount is None else str(amount)


def _is_number(call: Call) -> bool:
    return call.metadata.isdecimal() and len(call.metadata) < 9


def _sentence(sentence: str, call: Call) -> Reply:
    title = call.words.say("Rules")
    return UpdateModal(view=modals.message_modal(title, sentence, call.words))
