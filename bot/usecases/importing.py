"""Import a client file: read, plan, keep it whole or not at all, and take the last one back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from bot.reports import Newcomers
from bot.runtime import Runtime
from bot.usecases.assessing import assess_clients
from bot.usecases.placing import place_book
from storage.firms import current_rules
from storage.importing import ImportPlan, ImportResult, Progress
from storage.placements import note_placements
from storage.planning import plan_import
from storage.staging import apply_import
from storage.store import WORKER_PATIENCE_S
from storage.tables import ImportRow
from storage.undoing import undo_import

if TYPE_CHECKING:
    from storage.files.book_file import BookFile
    from storage.files.options import Limits, ReadOptions

PLACED_ONE_BY_ONE = 200
"""For more touched clients than this the whole book is placed at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPreview:
    """A file as read and, where it could be read, what it would change."""

    file: "BookFile"
    plan: ImportPlan | None
    newcomers: Newcomers | None = None
    """How the new clients fit the firm's criteria."""


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
    remove_missing: bool = False,
    progress: Progress | None = None,
) -> ImportPreview:
    """Say what a file would change; nothing is changed. None for the allowed advisors: all."""
    from bot.usecases.newcomers import newcomers_of
    from storage.files.book_file import read_book
    from storage.files.options import TERMINAL_LIMITS, ReadOptions

    file = read_book(
        data, options=options or ReadOptions(), limits=limits or TERMINAL_LIMITS, today=today
    )
    del data  # a large file, and no longer needed
    if not file.is_readable:
        return ImportPreview(file=file, plan=None)
    with runtime.store.read(firm_id) as session:
        plan = plan_import(
            session,
            file,
            advisors_allowed=advisors_allowed,
            today=today,
            default_advisor=default_advisor,
            remove_missing=remove_missing,
            progress=progress,
        )
        newcomers = newcomers_of(session, file, plan, current_rules(session), today=today)
    return ImportPreview(file=file, plan=plan, newcomers=newcomers)


def keep(
    plan: ImportPlan,
    *,
    file_name: str,
    firm_id: int,
    runtime: Runtime,
    by: str,
    good_rows_only: bool = False,
    accept_implausible: bool = False,
    accept_sweeping: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Keep what a plan showed, all at once; `place_touched` then notes who is placed elsewhere.

    Raises ImportRefusedError and PlanOutdatedError as `storage.staging.apply_import` does.
    """
    result = apply_import(
        runtime.store,
        firm_id,
        plan,
        by=by,
        at=runtime.now(),
        file_name=file_name,
        good_rows_only=good_rows_only,
        accept_implausible=accept_implausible,
        accept_sweeping=accept_sweeping,
        progress=progress,
    )
    plan.file.forget_rows()
    return result


def place_touched(
    result: ImportResult,
    *,
    firm_id: int,
    runtime: Runtime,
    today: date,
    progress: Progress | None = None,
) -> None:
    """Note which of an import's clients are placed elsewhere now."""
    touched = result.touched
    if len(touched) > PLACED_ONE_BY_ONE:
        place_book(firm_id, runtime, today=today, progress=progress)
    elif touched:
        _note(touched, firm_id, runtime, today=today)


def undo_last(
    *, firm_id: int, runtime: Runtime, by: str, import_id: int | None = None
) -> ImportRow:
    """Take the last import back; with `import_id` only if that is the last.

    Raises NothingToUndoError and ImportTouchedError as `storage.undoing.undo_import` does.
    """
    return undo_import(runtime.store, firm_id, by=by, at=runtime.now(), import_id=import_id)


def imported_by(import_id: int, *, firm_id: int, runtime: Runtime) -> str | None:
    """Name who made an import."""
    with runtime.store.read(firm_id) as session:
        run = session.get(ImportRow, import_id)
        return run.imported_by if run and run.firm_id == firm_id else None


def _note(touched: Sequence[int], firm_id: int, runtime: Runtime, *, today: date) -> None:
    with runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        rules = current_rules(session)
        assessments = assess_clients(session, touched, rules, today=today)
        note_placements(session, assessments, rule_version=rules.version, today=today)
