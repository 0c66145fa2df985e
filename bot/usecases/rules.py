"""Change the firm's rule book: show what a file would change, then keep it as one more version."""

from dataclasses import replace
from datetime import date

from bot.reports import RulesPreview
from bot.runtime import Runtime
from domain.errors import DomainError
from domain.rulebook import RuleBook
from domain.rulefile import from_toml
from storage.clients import names_of
from storage.firms import current_rules, save_rules
from storage.store import WORKER_PATIENCE_S


class RulesChangedMeanwhileError(DomainError):
    """Somebody saved another version after the preview."""


def rules_in_force(firm_id: int, runtime: Runtime) -> RuleBook:
    """Return the firm's rule book."""
    with runtime.store.read(firm_id) as session:
        return current_rules(session)


def preview_rules(text: str, *, firm_id: int, runtime: Runtime, today: date) -> RulesPreview:
    """Say what a rule book written as TOML would change; nothing is saved.

    What the file does not name stays as it is. Raises RuleBookError.
    """
    from domain.what_if import compare, effect_of, field_split
    from storage.book_frames import load_frames

    with runtime.store.read(firm_id) as session:
        before = current_rules(session)
        read = from_toml(text, before)
        after = replace(read, version=before.version + 1, valid_from=today)
        book = load_frames(session)
        effect = effect_of(before, after, book, today=today)
        named = {each for move in (*effect.tiers, *effect.fields) for each in move.first}
        return RulesPreview(
            before=before,
            after=after,
            effect=effect,
            methods=compare(book, after, today=today),
            split=field_split(book, after, today=today),
            names=names_of(session, sorted(named)),
        )


def keep_rules(preview: RulesPreview, *, firm_id: int, runtime: Runtime, by: str) -> None:
    """Keep what a preview showed as the next version; earlier ones are never changed.

    Raises RulesChangedMeanwhileError.
    """
    with runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        if current_rules(session).version != preview.before.version:
            raise RulesChangedMeanwhileError
        save_rules(session, preview.after, by=by, at=runtime.now())
