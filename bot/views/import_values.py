"""An import as plain values, for `--json`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.reports import Newcomers
from bot.views import acceptance
from bot.views import import_report as report
from bot.words import Words
from storage.importing import Change, ImportPlan, Listed

if TYPE_CHECKING:
    from storage.files.book_file import BookFile


def preview_values(
    book: "BookFile",
    plan: ImportPlan | None,
    words: Words,
    *,
    advisors: Mapping[int, str],
    newcomers: Newcomers | None = None,
) -> dict[str, Any]:
    """Give how a file was read, what keeps it from being imported, and what it would change."""
    return {
        "encoding": book.encoding,
        "separator": book.separator,
        "columns": book.mapping,
        "formats": book.formats,
        "not_read": list(book.ignored),
        "rows": book.row_count,
        "refused_rows": plan.refused_rows if plan else book.refused_rows,
        "refusals": [
            {
                "code": each.code.value,
                "row": each.row,
                "column": each.column,
                "value": each.value,
                "sentence": report.refusal(each, words),
            }
            for each in book.refusals
        ],
        "questions": [
            {
                "kind": each.kind.value,
                "column": each.column,
                "others": list(each.others),
                "elsewhere": each.elsewhere,
                "choices": list(each.choices),
                "examples": [
                    {"row": one.row, "value": one.value, "readings": dict(one.readings)}
                    for one in each.examples
                ],
                "sentence": report.question(each, words)[0],
            }
            for each in book.questions
        ],
        "problems": problem_values(book, plan, words),
        "notes": report.notes(book, plan, words),
        "plan": plan_values(plan, words, advisors=advisors) if plan else None,
        "new_clients": newcomer_values(newcomers, words) if newcomers else None,
    }


def problem_values(book: "BookFile", plan: ImportPlan | None, words: Words) -> list[dict[str, Any]]:
    """Give each refused row's line, column, value and reason, in the order of the file."""
    found: list[dict[str, Any]] = [
        {
            "row": each.row,
            "column": each.column,
            "value": each.value,
            "code": each.code.value,
            "reason": report.problem_reason(each, words),
        }
        for each in book.problems
    ]
    found += [
        {
            "row": each.row,
            "column": report.plan_problem_column(each, book.mapping),
            "value": each.value,
            "code": each.code.value,
            "reason": report.plan_problem_reason(each, words),
        }
        for each in (plan.problems if plan else ())
    ]
    return sorted(found, key=_row)


def plan_values(plan: ImportPlan, words: Words, *, advisors: Mapping[int, str]) -> dict[str, Any]:
    """Give what an import would change: counts, and the first of each."""

    def listed(found: Listed) -> dict[str, Any]:
        return {"count": found.count, "first": [client(each) for each in found.first]}

    def client(change: Change) -> dict[str, Any]:
        return {
            "row": change.row or None,
            "client_id": change.external_id,
            "name": change.name,
            "changes": report.changes(change, words, advisors),
        }

    return {
        "imported_before": plan.earlier.at.isoformat() if plan.earlier else None,
        "new": listed(plan.new),
        "changed": listed(plan.changed),
        "unchanged": plan.unchanged,
        "not_in_file": listed(plan.not_in_file),
        "removed": plan.removed,
    }


def newcomer_values(found: Newcomers, words: Words) -> dict[str, Any]:
    """Give how the new clients fit the criteria."""
    return {
        "fits": {fit.value: n for fit, n in found.counts.items()},
        "miss_criteria": found.misses,
        "undated": found.undated,
        "first": [
            {
                "row": each.row,
                "client_id": each.external_id,
                "name": each.name,
                "fit": each.acceptance.fit.value,
                "because": acceptance.because(each.acceptance, found.criteria, words),
            }
            for each in found.missing
        ],
    }


def _row(values: dict[str, Any]) -> int:
    row: int = values["row"]
    return row
