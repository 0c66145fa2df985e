"""`tierwise import`: shows what a file would change, asks, and keeps all of it or nothing."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress as ProgressBar
from sqlalchemy.exc import OperationalError

from bot.runtime import Runtime
from bot.usecases.importing import ImportPreview, keep, place_touched, preview_file, undo_last
from bot.usecases.rules import RulesChangedMeanwhileError
from bot.views import import_report, import_values, notices, terminal_import
from bot.views.refused_rows import refused_rows_csv
from bot.words import Words
from domain.access import Member
from storage.files.book_file import cells_of
from storage.files.options import TERMINAL_LIMITS, ReadOptions
from storage.firms import list_members
from storage.importing import (
    ImportPlan,
    ImportRefusedError,
    ImportResult,
    ImportTouchedError,
    NothingToUndoError,
    PlanOutdatedError,
    Progress,
)
from storage.mappings import LONGEST_NAME, remember_options, remembered_options, with_answers
from storage.store import WORKER_PATIENCE_S

NAME_CHARS = 200
"""So much of a file's name is kept."""


class Outcome(StrEnum):
    """How an import ended; only the first three are what was asked for."""

    IMPORTED = "imported"
    NOTHING_TO_DO = "nothing_to_do"
    DRY_RUN = "dry_run"
    NOT_READABLE = "not_readable"
    ROWS_REFUSED = "rows_refused"
    IMPLAUSIBLE = "implausible"
    SWEEPING = "sweeping"
    NOT_CONFIRMED = "not_confirmed"
    OUTDATED = "outdated"
    BUSY = "busy"


DONE = (Outcome.IMPORTED, Outcome.NOTHING_TO_DO, Outcome.DRY_RUN)


class FileUnusableError(Exception):
    """A file that was named cannot be read or written; the text is for the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was typed after `tierwise import`."""

    path: Path
    options: ReadOptions
    advisor: Member | None
    dry_run: bool
    good_rows_only: bool
    accept_implausible: bool
    yes: bool
    as_json: bool
    error_file: Path | None
    mapping: str | None
    """The source whose answers are used and remembered."""
    remove_missing: bool
    remove_many: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose clients are imported, and how the answer is written."""

    runtime: Runtime
    firm_id: int
    zone: ZoneInfo
    words: Words
    console: Console

    @property
    def today(self) -> date:
        """The firm's day."""
        return self.runtime.today(self.zone)


def import_clients(request: Request, desk: Desk) -> bool:
    """Import a file, and tell whether what was asked for is done. Raises FileUnusableError."""
    words = desk.words
    request = replace(request, options=_options(request, desk))
    with busy(words.say("Reading the file …")) as progress:
        preview = _preview(request, desk, progress)
    advisors = _advisors(desk)
    values = import_values.preview_values(
        preview.file, preview.plan, words, advisors=advisors, newcomers=preview.newcomers
    )
    if request.error_file:
        _write_errors(request, values["problems"], preview.file.separator, words)
    if not request.as_json:
        _show(preview, request, desk, advisors)
    outcome, sentences = _finish(preview, request, desk)
    if outcome in (Outcome.IMPORTED, Outcome.NOTHING_TO_DO):
        sentences += _remember(request, desk)
    if request.as_json:
        values |= {"outcome": outcome.value, "sentences": sentences}
        desk.console.print_json(json.dumps(values, ensure_ascii=False))
    else:
        desk.console.print("\n" + "\n".join(sentences), markup=False, soft_wrap=True)
    return outcome in DONE


def undo_last_import(desk: Desk) -> bool:
    """Take the last import back, and tell whether that is done."""
    words = desk.words
    try:
        with busy(words.say("Taking the import back …")):
            run = undo_last(firm_id=desk.firm_id, runtime=desk.runtime, by="operator")
    except NothingToUndoError:
        sentence = words.say("There is no import that could be taken back; only the last one can.")
        return _told(sentence, desk, is_done=False)
    except ImportTouchedError as error:
        return _told(import_report.touched(error, words), desk, is_done=False)
    except OperationalError:
        return _told(notices.busy(words), desk, is_done=False)
    return _told(import_report.undone(run, words, zone=desk.zone), desk, is_done=True)


def _told(sentence: str, desk: Desk, *, is_done: bool) -> bool:
    desk.console.print(sentence, markup=False, soft_wrap=True)
    return is_done


def _options(request: Request, desk: Desk) -> ReadOptions:
    """Return the answers typed now, over those remembered for the source."""
    if request.mapping is None:
        return request.options
    if not 0 < len(request.mapping) <= LONGEST_NAME:
        raise FileUnusableError(
            desk.words.say("A source's name has 1 to {limit} characters.", limit=LONGEST_NAME)
        )
    with desk.runtime.store.read(desk.firm_id) as session:
        remembered = remembered_options(session, request.mapping)
    return with_answers(remembered, request.options) if remembered else request.options


def _remember(request: Request, desk: Desk) -> list[str]:
    if request.mapping is None:
        return []
    with desk.runtime.store.write(desk.firm_id, patience_s=WORKER_PATIENCE_S) as session:
        remember_options(
            session, request.mapping, request.options, by="operator", at=desk.runtime.now()
        )
    source = import_report.visible(request.mapping)
    return [desk.words.say("Remembered how files of “{source}” are read.", source=source)]


def _preview(request: Request, desk: Desk, progress: Progress | None) -> ImportPreview:
    if request.error_file and _is_same(request.error_file, request.path):
        raise FileUnusableError(
            desk.words.say("The list of refused rows would replace the file itself.")
        )
    advisor = request.advisor
    return preview_file(
        _read(request.path, desk.words),
        firm_id=desk.firm_id,
        runtime=desk.runtime,
        today=desk.today,
        options=request.options,
        advisors_allowed=frozenset({advisor.member_id}) if advisor else None,
        default_advisor=advisor.member_id if advisor else None,
        remove_missing=request.remove_missing,
        progress=progress,
    )


def _show(
    preview: ImportPreview, request: Request, desk: Desk, advisors: Mapping[int, str]
) -> None:
    for part in terminal_import.preview(
        preview.file,
        preview.plan,
        desk.words,
        advisors=advisors,
        zone=desk.zone,
        error_file=str(request.error_file) if request.error_file else None,
        newcomers=preview.newcomers,
    ):
        desk.console.print(part, soft_wrap=True)


def _finish(preview: ImportPreview, request: Request, desk: Desk) -> tuple[Outcome, list[str]]:
    """Keep the plan if nothing speaks against it, and say how it ended."""
    words, plan = desk.words, preview.plan
    unchanged = words.say("Nothing was changed.")
    if plan is None:
        return Outcome.NOT_READABLE, [unchanged]
    if plan.refused_rows and request.remove_missing:
        advice = words.say(
            "Clients can be removed only if every row of the file can be imported; otherwise those "
            "of refused rows would count as missing."
        )
        return Outcome.ROWS_REFUSED, [unchanged, advice]
    if plan.refused_rows and not request.good_rows_only:
        advice = words.say(
            "Please correct the refused rows, or import only the others with --good-rows-only."
        )
        return Outcome.ROWS_REFUSED, [unchanged, advice]
    if plan.looks_implausible and not request.accept_implausible:
        advice = words.say(
            "Many amounts look like another number format. If they are right, add "
            "--accept-implausible."
        )
        return Outcome.IMPLAUSIBLE, [unchanged, advice]
    if not plan.changes:
        left_out = import_report.not_imported(plan.refused_rows, words)
        return Outcome.NOTHING_TO_DO, [words.say("There is nothing to change."), *left_out]
    if request.dry_run:
        return Outcome.DRY_RUN, [words.say("A dry run: nothing was changed.")]
    if plan.is_sweeping and not request.remove_many and request.yes:
        advice = words.say(
            "More than a tenth of the clients would become former clients. If that is right, add "
            "--remove-many."
        )
        return Outcome.SWEEPING, [unchanged, advice]
    if not request.yes:
        if request.as_json or not sys.stdin.isatty():
            advice = words.say("Nobody can be asked here; --yes imports without asking.")
            return Outcome.NOT_CONFIRMED, [unchanged, advice]
        if not typer.confirm("\n" + words.say("Import this now?")):
            return Outcome.NOT_CONFIRMED, [unchanged]
        if plan.is_sweeping and not request.remove_many:
            question = words.say_n(
                "Really make {n} client a former client?",
                "Really make {n} clients former clients?",
                plan.removed,
            )
            if not typer.confirm(question):
                return Outcome.NOT_CONFIRMED, [unchanged]
    return _keep(plan, request, desk)


def _keep(plan: ImportPlan, request: Request, desk: Desk) -> tuple[Outcome, list[str]]:
    words = desk.words
    try:
        with busy(words.say("Importing …")) as progress:
            result = keep(
                plan,
                file_name=import_report.visible(request.path.name, NAME_CHARS),
                firm_id=desk.firm_id,
                runtime=desk.runtime,
                by=request.advisor.name if request.advisor else "operator",
                good_rows_only=request.good_rows_only,
                accept_implausible=request.accept_implausible,
                accept_sweeping=plan.is_sweeping,
                progress=progress,
            )
    except (PlanOutdatedError, ImportRefusedError):
        sentence = words.say(
            "Clients of this file were changed meanwhile. Nothing was imported; please repeat "
            "the command and look at the preview again."
        )
        return Outcome.OUTDATED, [sentence]
    except OperationalError:
        return Outcome.BUSY, [notices.busy(words)]
    refused = plan.refused_rows
    sentences = import_report.imported(result, words, zone=desk.zone, refused_rows=refused)
    sentences += _place(result, desk)
    return Outcome.NOTHING_TO_DO if result.earlier else Outcome.IMPORTED, sentences


def _place(result: ImportResult, desk: Desk) -> list[str]:
    """Note who is placed elsewhere now; what was imported stands, whatever happens here."""
    try:
        with busy(desk.words.say("Placing clients …")) as progress:
            place_touched(
                result,
                firm_id=desk.firm_id,
                runtime=desk.runtime,
                today=desk.today,
                progress=progress,
            )
    except (OperationalError, RulesChangedMeanwhileError):
        return [
            desk.words.say("Who moved could not be noted just now; `tierwise place` does it later.")
        ]
    return []


def _advisors(desk: Desk) -> dict[int, str]:
    with desk.runtime.store.read(desk.firm_id) as session:
        return {each.member_id: each.name for each in list_members(session)}


def _read(path: Path, words: Words) -> bytes:
    """Read a file, one byte more than is allowed at most: enough to see that it is too large."""
    shown = import_report.visible(str(path), NAME_CHARS)
    try:
        with path.open("rb") as file:
            return file.read(TERMINAL_LIMITS.file_bytes + 1)
    except FileNotFoundError:
        sentence = words.say("There is no file “{file}”.", file=shown)
    except IsADirectoryError:
        sentence = words.say("“{file}” is a folder, not a file.", file=shown)
    except (OSError, ValueError):
        sentence = words.say("The file “{file}” cannot be opened.", file=shown)
    raise FileUnusableError(sentence)


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _write_errors(
    request: Request, problems: list[dict[str, Any]], separator: str | None, words: Words
) -> None:
    """Write why rows are refused, and the rows as they are, so that they can be corrected there.

    The file is written as the other one was, so that a spreadsheet reads it.
    """
    path = request.error_file
    if path is None:
        return
    headings, cells = _cells(request, problems, words)
    content = refused_rows_csv(problems, headings, cells, words, separator=separator)
    try:
        path.write_bytes(content)
    except OSError as error:
        shown = import_report.visible(str(path), NAME_CHARS)
        sentence = words.say("The list of refused rows cannot be written to “{file}”.", file=shown)
        raise FileUnusableError(sentence) from error


def _cells(
    request: Request, problems: list[dict[str, Any]], words: Words
) -> tuple[tuple[str, ...], dict[int, list[str]]]:
    if not problems:
        return (), {}
    rows = {each["row"] for each in problems}
    data = _read(request.path, words)
    return cells_of(data, rows, options=request.options, limits=TERMINAL_LIMITS)


@contextmanager
def busy(sentence: str) -> Iterator[Progress | None]:
    """Show on a terminal how far the work is; standard output stays free of it."""
    errors = Console(stderr=True)
    if not errors.is_terminal:
        yield None
        return
    with ProgressBar(console=errors, transient=True) as bar:
        task = bar.add_task(sentence, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
