"""Change the rule book in Slack: draft, effect, confirmation, one more version.

One path for every part of the rule book:

1. `open_section` gives a form its values: the rule book in force, the asker's own draft over it.
2. `draft_changes` keeps what was entered as the asker's draft, in the store, and returns the effect
   on the firm's clients. `draft_version` does the same with the values of an earlier version.
3. `keep_draft` saves the draft as the next version, if it is still the one whose effect was shown.
   Where somebody else saved a version meanwhile, it saves nothing, lays the draft over that version
   and returns the effect on what holds now, with what both changed.

A further part of the rule book needs a form and its reader only (``bot.views.rule_forms``,
``bot.listeners.rules``): a reader returns changed values by key, and everything after it is done
here, whatever the keys are.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlmodel import Session

from bot.reports import DraftReport, RulesSection, RulesVersion
from bot.runtime import Runtime
from bot.usecases.rules import preview_of, versions_of
from domain.access import Action, Member, advisors_within, demand
from domain.errors import DomainError, RuleBookError
from domain.rule_drafts import clashes, differing, flat, laid_over, nested
from domain.rulebook import RuleBook
from domain.rulefile import from_plain, to_plain
from storage.firms import current_rules, list_members
from storage.rule_books import (
    draft_of,
    empty_draft,
    lock_rules,
    rules_numbered,
    save_draft,
    saved_rules,
)
from storage.services import keep_version
from storage.tables import RuleDraftRow


class NothingChangedError(DomainError):
    """The draft says what the rule book says already."""


class DraftGoneError(DomainError):
    """There is no draft, or no longer the one whose effect was shown."""


class VersionUnknownError(DomainError):
    """The rule book has no such version."""


class DraftUnfitError(DomainError):
    """The draft contradicts a version that somebody else saved meanwhile."""

    def __init__(self, problem: RuleBookError, meanwhile: tuple[RulesVersion, ...]) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.meanwhile = meanwhile


def open_section(firm_id: int, member: Member, runtime: Runtime) -> RulesSection:
    """Return the rule book in force, and its values with the asker's own draft over them.

    Raises NotAllowedError.
    """
    demand(member, Action.TRY_RULES)
    with runtime.store.read(firm_id) as session:
        rules = current_rules(session)
        draft = draft_of(session, member.member_id)
        changes = draft.changes if draft else {}
        return RulesSection(
            in_force=rules,
            values=laid_over(to_plain(rules), changes),
            has_draft=bool(changes),
        )


def draft_changes(
    firm_id: int,
    member: Member,
    entered: Mapping[str, Any],
    *,
    base_version: int,
    runtime: Runtime,
    today: date,
) -> DraftReport:
    """Keep values by key as the asker's draft, and say what they would change.

    `base_version` is the version that the form was filled with; keys that were not in the form
    keep what the draft had. Raises NotAllowedError, RuleBookError, NothingChangedError,
    VersionUnknownError and DraftUnfitError.
    """
    demand(member, Action.TRY_RULES)
    with runtime.store.write(firm_id) as session:
        lock_rules(session)
        base = _numbered(session, base_version)
        draft = draft_of(session, member.member_id)
        others = {
            key: value
            for key, value in flat(draft.changes if draft else {}).items()
            if key not in entered
        }
        wanted = laid_over(laid_over(to_plain(base), nested(others)), nested(entered))
        changes = differing(to_plain(base), to_plain(from_plain(wanted, base)))
        save_draft(session, member.member_id, changes, base_version=base_version, at=runtime.now())
    if not changes:
        raise NothingChangedError
    return _report(firm_id, member, runtime, today=today)


def draft_version(
    firm_id: int, member: Member, version: int, *, runtime: Runtime, today: date
) -> DraftReport:
    """Make an earlier version's values the asker's draft, and say what they would change.

    Raises NotAllowedError, VersionUnknownError and NothingChangedError.
    """
    demand(member, Action.TRY_RULES)
    with runtime.store.write(firm_id) as session:
        lock_rules(session)
        rules = current_rules(session)
        changes = differing(to_plain(rules), to_plain(_numbered(session, version)))
        save_draft(session, member.member_id, changes, base_version=rules.version, at=runtime.now())
    if not changes:
        raise NothingChangedError
    return _report(firm_id, member, runtime, today=today)


def keep_draft(
    firm_id: int, member: Member, marker: str, *, runtime: Runtime, today: date
) -> RuleBook | DraftReport:
    """Save the asker's draft as the next version, or say what it would change by now.

    The latter when somebody else saved a version since the effect was shown: nothing is saved then.
    Raises NotAllowedError, DraftGoneError and DraftUnfitError.
    """
    demand(member, Action.CHANGE_RULES)
    with runtime.store.write(firm_id) as session:
        lock_rules(session)
        draft = draft_of(session, member.member_id)
        if draft is None or not draft.changes:
            raise DraftGoneError
        rules = current_rules(session)
        if _marker(draft, rules) == marker:
            after = replace(
                from_plain(draft.changes, rules), version=rules.version + 1, valid_from=today
            )
            keep_version(session, after, by=member.name, at=runtime.now())
            empty_draft(session, member.member_id)
            return after
    return _report(firm_id, member, runtime, today=today)


def drop_draft(firm_id: int, member: Member, runtime: Runtime) -> None:
    """Forget the asker's draft.

    Raises NotAllowedError.
    """
    demand(member, Action.TRY_RULES)
    with runtime.store.write(firm_id) as session:
        empty_draft(session, member.member_id)


def _report(firm_id: int, member: Member, runtime: Runtime, *, today: date) -> DraftReport:
    with runtime.store.read(firm_id) as session:
        draft = draft_of(session, member.member_id)
        if draft is None:
            raise DraftGoneError
        rules = current_rules(session)
        later = [each for each in saved_rules(session) if each.rules.version >= draft.base_version]
        meanwhile = versions_of(later)[:-1]
        try:
            wanted = from_plain(draft.changes, rules)
        except RuleBookError as error:
            raise DraftUnfitError(error, meanwhile) from None
        base = later[-1].rules if later else rules
        reach = advisors_within(member, Action.SEE_PRIORITIES, list_members(session))
        return DraftReport(
            preview=preview_of(session, rules, wanted, today=today, reach=reach),
            marker=_marker(draft, rules),
            meanwhile=meanwhile,
            clashes=clashes(to_plain(base), to_plain(rules), draft.changes),
        )


def _marker(draft: RuleDraftRow, rules: RuleBook) -> str:
    """Name a draft together with the version that it is laid over."""
    return f"{draft.revision}/{rules.version}"


def _numbered(session: Session, version: int) -> RuleBook:
    found = rules_numbered(session, version)
    if found is not None:
        return found.rules
    rules = current_rules(session)
    if rules.version != version:
        raise VersionUnknownError
    return rules  # a firm that never saved one has the default
