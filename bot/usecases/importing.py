"""Import a client file: read, plan, and keep it whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlmodel import Session

from bot.runtime import Runtime
from bot.usecases.assessing import assess_clients
from domain.rulebook import RuleBook
from storage.firms import current_rules
from storage.importing import ImportPlan, ImportResult, apply_import, plan_import
from storage.placements import note_placements
from storage.store import WORKER_PATIENCE_S

if TYPE_CHECKING:
    from storage.files.book_file import BookFile
    from storage.files.options import Limits, ReadOptions

PLACED_AT_ONCE = 5_000
"""So many moved clients are placed in one go; more wait for the nightly run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPreview:
    """A file as read and, where it could be read, what it would change."""

    file: "BookFile"
    plan: ImportPlan | None


def preview_file(
    data: bytes,
    *,
    firm_id: int,
    runtime: Runtime,
    today: date,
    options: "ReadOptions | None" = None,
    limits: "Limits | None" = None,
    advisors_allowed: frozenset[int] | None = None,
    default_advisor: int | None = None,
) -> ImportPreview:
    """Say what a file would change; nothing is changed. None for the allowed advisors: all."""
    from storage.files.book_file import read_book
    from storage.files.options import TERMINAL_LIMITS, ReadOptions

    file = read_book(
        data, options=options or ReadOptions(), limits=limits or TERMINAL_LIMITS, today=today
    )
    if not file.is_readable:
        return ImportPreview(file=file, plan=None)
    with runtime.store.read(firm_id) as session:
        plan = plan_import(
            session,
            file,
            advisors_allowed=advisors_allowed,
            today=today,
            default_advisor=default_advisor,
        )
    return ImportPreview(file=file, plan=plan)


def keep(
    plan: ImportPlan,
    *,
    file_name: str,
    firm_id: int,
    runtime: Runtime,
    by: str,
    good_rows_only: bool = False,
    accept_implausible: bool = False,
) -> ImportResult:
    """Keep what a plan showed, in one transaction, and note who is placed elsewhere now.

    Raises ImportRefusedError and PlanOutdatedError as `storage.importing.apply_import` does.
    """
    with runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        result = apply_import(
            session,
            plan,
            by=by,
            at=runtime.now(),
            file_name=file_name,
            good_rows_only=good_rows_only,
            accept_implausible=accept_implausible,
        )
        rules = current_rules(session)
        if len(result.touched) <= PLACED_AT_ONCE:
            _note(session, result.touched, rules, today=plan.today)
        session.expunge_all()
    return result


def _note(session: Session, touched: Sequence[int], rules: RuleBook, *, today: date) -> None:
    assessments = assess_clients(session, touched, rules, today=today)
    note_placements(session, assessments, rule_version=rules.version, today=today)
