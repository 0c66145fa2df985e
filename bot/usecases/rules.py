"""The firm's rule book: what a change would do, and keeping it as one more version."""

from dataclasses import replace
from datetime import date

from sqlmodel import Session

from bot.reports import RulesPreview, RulesVersion
from bot.runtime import Runtime
from domain.errors import DomainError
from domain.rule_drafts import differing, flat
from domain.rulebook import RuleBook
from domain.rulefile import from_toml, to_plain
from storage.capacity import agreed_services
from storage.clients import names_of
from storage.firms import current_rules
from storage.rule_books import SavedRules, lock_rules, saved_rules
from storage.services import keep_version
from storage.store import WORKER_PATIENCE_S


class RulesChangedMeanwhileError(DomainError):
    """Somebody saved another version after the preview."""


def rules_in_force(firm_id: int, runtime: Runtime) -> RuleBook:
    """Return the firm's rule book."""
    with runtime.store.read(firm_id) as session:
        return current_rules(session)


def rules_history(firm_id: int, runtime: Runtime) -> tuple[RulesVersion, ...]:
    """Return all versions with who saved what, the newest first."""
    with runtime.store.read(firm_id) as session:
        return versions_of(saved_rules(session))


def versions_of(saved: list[SavedRules]) -> tuple[RulesVersion, ...]:
    """Say what each version, the newest first, changed of the one before it."""
    earlier = [*saved[1:], None]
    return tuple(_version(new, old) for new, old in zip(saved, earlier, strict=True))


def preview_rules(text: str, *, firm_id: int, runtime: Runtime, today: date) -> RulesPreview:
    """Say what a rule book written as TOML would change; nothing is saved.

    What the file does not name stays as it is. Raises RuleBookError.
    """
    with runtime.store.read(firm_id) as session:
        before = current_rules(session)
        return preview_of(session, before, from_toml(text, before), today=today)


def preview_of(
    session: Session,
    before: RuleBook,
    wanted: RuleBook,
    *,
    today: date,
    reach: frozenset[int] | None = None,
) -> RulesPreview:
    """Say what a rule book would change of the one in force; clients are named within reach."""
    from domain.capacity_frames import capacity_effect
    from domain.what_if import compare, effect_of, field_split
    from storage.book_frames import load_frames

    after = replace(wanted, version=before.version + 1, valid_from=today)
    book = load_frames(session)
    effect = effect_of(before, after, book, today=today)
    named = {each for move in (*effect.tiers, *effect.fields) for each in move.first}
    return RulesPreview(
        before=before,
        after=after,
        effect=effect,
        capacity=capacity_effect(
            before, after, book, today=today, overrides=agreed_services(session, today)
        ),
        methods=compare(book, after, today=today),
        split=field_split(book, after, today=today),
        names=names_of(session, sorted(named), reach),
    )


def keep_rules(preview: RulesPreview, *, firm_id: int, runtime: Runtime, by: str) -> None:
    """Keep what a preview showed as the next version; earlier ones are never changed.

    Raises RulesChangedMeanwhileError.
    """
    with runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        lock_rules(session)
        if current_rules(session).version != preview.before.version:
            raise RulesChangedMeanwhileError
        keep_version(session, preview.after, by=by, at=runtime.now())


def _version(new: SavedRules, old: SavedRules | None) -> RulesVersion:
    before = flat(to_plain(old.rules)) if old else {}
    changes = flat(differing(to_plain(old.rules), to_plain(new.rules))) if old else {}
    return RulesVersion(
        version=new.rules.version,
        valid_from=new.rules.valid_from,
        by=new.by,
        at=new.at,
        changes=tuple((key, before.get(key), value) for key, value in changes.items()),
    )
