"""An import in Slack: the preview with its questions and buttons, and what became of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot import actions
from bot.reports import Newcomers
from bot.views import blocks as build
from bot.views import import_report as report
from bot.views import import_values
from bot.views.blocks import Block, escape
from bot.views.inputs import OPTION_CHARS
from bot.words import Words
from storage.files.findings import Question, QuestionKind
from storage.importing import ImportPlan, ImportResult, ProblemCode

if TYPE_CHECKING:
    from storage.files.book_file import BookFile
    from storage.files.options import ReadOptions

SHOWN_LINES = 10
"""So many lines of a part are shown; refused rows are all in the file that is sent."""
TEXT_CHARS = 3000
NAME_CHARS = 200
LISTED = ("new", "changed", "not_in_file")
"""The parts of a plan that name clients."""
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMessage:
    """What is shown, and the same for screen readers."""

    text: str
    blocks: list[Block] = field(default_factory=list)


def preview(
    book: "BookFile",
    plan: ImportPlan | None,
    words: Words,
    *,
    file_name: str,
    advisors: Mapping[int, str],
    zone: ZoneInfo,
    token: str,
    newcomers: Newcomers | None = None,
) -> ImportMessage:
    """Show how a file was read, what keeps it from being imported, and what it would change."""
    title = words.say("Import of “{file}”", file=report.visible(file_name))
    parts = list(_parts(book, plan, words, advisors=advisors, zone=zone, newcomers=newcomers))
    blocks = [build.header(title), *(_part(name, lines) for name, lines in parts)]
    for question in book.questions:
        blocks += _question(question, token, words)
    end = _end(book, plan, words)
    blocks.append(build.section(escape(end)))
    if plan and plan.changes:
        blocks.append(_buttons(plan, token, words))
    lines = [title, *(line for _, part in parts for line in part)]
    lines += [line for each in book.questions for line in report.question(each, words)]
    return ImportMessage(text=shown("\n".join([*lines, end])), blocks=blocks)


def counted(plan: ImportPlan) -> ImportPlan:
    """Leave out of a plan whatever the store knows of single clients; how many they are stays."""
    only = {name: replace(getattr(plan, name), first=()) for name in LISTED}
    return replace(plan, notes=(), **only)


def imported(
    result: ImportResult,
    words: Words,
    *,
    file_name: str,
    zone: ZoneInfo,
    refused_rows: int,
    remarks: Sequence[str] = (),
) -> ImportMessage:
    """Say what an import changed, with a button that takes it back."""
    title = words.say("Import of “{file}”", file=report.visible(file_name))
    lines = report.imported(result, words, zone=zone, refused_rows=refused_rows)
    blocks = [build.header(title), build.section(escape("\n".join([*lines, *remarks])))]
    if result.import_id is not None and not result.earlier:
        undo = build.button(
            words.say("Undo"), actions.IMPORT_UNDO, str(result.import_id), about=title
        )
        blocks.append(build.actions(undo))
    return ImportMessage(text=shown("\n".join([title, *lines, *remarks])), blocks=blocks)


def told_problems(book: "BookFile", plan: ImportPlan | None, words: Words) -> list[dict[str, Any]]:
    """Give why rows are refused; those of other books are only counted."""
    other = ProblemCode.NOT_IN_YOUR_BOOK.value
    return [
        each for each in import_values.problem_values(book, plan, words) if each["code"] != other
    ]


def with_answer(options: "ReadOptions", kind: str, choice: str) -> "ReadOptions":
    """Add an answer to a question; one that was never offered changes nothing."""
    known = {each.value for each in QuestionKind} - {QuestionKind.COLUMNS.value}
    answer: dict[str, Any] = {kind: choice} if kind in known else {}
    return replace(options, **answer)


def kept_name(file_name: str) -> str:
    """Return a file's name as it is kept: cut, and with nothing hidden in it."""
    return report.visible(file_name, NAME_CHARS - 1)[:NAME_CHARS]


def shown(text: str) -> str:
    """Return plain sentences as a message's text."""
    return build.cut(escape(text), TEXT_CHARS)


def expired(words: Words) -> str:
    """Say that a preview can no longer be confirmed."""
    return words.say(
        "This preview is no longer valid: it was used already, or is older than 30 minutes. "
        "Nothing was changed. Please put the file here again."
    )


def not_yours(words: Words) -> str:
    """Say that somebody else's preview or import was pressed."""
    return words.say("Only the person who put the file here may do that. Nothing was changed.")


def outdated(words: Words) -> str:
    """Say why an import was not done."""
    return words.say(
        "Clients of this file were changed meanwhile. Nothing was imported; below is what the "
        "import would do now."
    )


def file_refused(problem: str, limit: int, words: Words) -> str:
    """Say why a file is not taken from Slack; the codes are the conversation's."""
    match problem:
        case "kept_elsewhere":
            return words.say(
                "This file is kept outside of Slack and is not fetched from there. Please put the "
                "file itself here. Nothing was changed."
            )
        case "not_a_file":
            return words.say(
                "This is a snippet or a post, not a file. Please save the list as CSV or XLSX and "
                "put the file here. Nothing was changed."
            )
        case "too_large":
            return words.say(
                "The file is larger than {limit} MB. Please split it into several files, each "
                "with the heading line, or have it imported in the terminal. Nothing was changed.",
                limit=words.number(limit // MEGABYTE),
            )
        case "gone":
            return words.say("The file is no longer there. Nothing was changed.")
    return words.say(
        "The file could not be fetched as a whole. Nothing was changed; please put it here again."
    )


def _parts(
    book: "BookFile",
    plan: ImportPlan | None,
    words: Words,
    *,
    advisors: Mapping[int, str],
    zone: ZoneInfo,
    newcomers: Newcomers | None,
) -> Iterator[tuple[str, list[str]]]:
    """Name the parts of a preview that have lines, each with its lines."""
    if book.refusals:
        yield words.say("Not readable"), [report.refusal(each, words) for each in book.refusals]
    if plan:
        lines = report.summary(plan, words, advisors=advisors, zone=zone)
        yield words.say("What would change"), lines
    problems = _problems(book, plan, words)
    if problems:
        yield words.say("Rows that cannot be imported"), problems
    notes = report.notes(book, plan, words)
    if notes:
        yield words.say("Worth a second look"), _first(notes, words)
    fits = report.newcomers(newcomers, words) if newcomers else []
    if fits:
        yield words.say("New clients and the criteria"), _first(fits, words)
    if book.mapping:
        yield words.say("How the file was read"), report.how_read(book, words)


def _problems(book: "BookFile", plan: ImportPlan | None, words: Words) -> list[str]:
    others = sum(
        each.code is ProblemCode.NOT_IN_YOUR_BOOK for each in (plan.problems if plan else ())
    )
    if plan and others:
        ours = tuple(e for e in plan.problems if e.code is not ProblemCode.NOT_IN_YOUR_BOOK)
        plan = replace(plan, problems=ours)
    lines = _first(report.problems(book, plan, words), words)
    if others:
        lines.append(
            words.say_n(
                "{n} row is not of your book and is left out.",
                "{n} rows are not of your book and are left out.",
                others,
            )
        )
    return lines


def _first(lines: Sequence[str], words: Words) -> list[str]:
    more = len(lines) - SHOWN_LINES
    if more <= 0:
        return list(lines)
    rest = words.say_n("… and {n} more", "… and {n} more", more)
    return [*lines[:SHOWN_LINES], rest]


def _part(title: str, lines: Sequence[str]) -> Block:
    listed = (f"•{each[1:]}" if each.startswith("  ") else each for each in lines)
    return build.section(f"*{escape(title)}*\n" + escape("\n".join(listed)))


def _question(question: Question, token: str, words: Words) -> list[Block]:
    """Ask, with a list to choose the answer from; which columns are which only the file can say."""
    asked, *examples = report.question(question, words)
    block = build.section(f"*{escape(asked)}*\n" + escape("\n".join(examples[:SHOWN_LINES])))
    if question.kind is QuestionKind.COLUMNS:
        hint = words.say(
            "Please give the columns headings such as “Client number” and “Name” in the file, and "
            "put it here again."
        )
        return [block, build.section(escape(hint))]
    options = [
        {
            "text": build.plain(report.choice(question.kind, each, words), OPTION_CHARS),
            "value": f"{token}:{question.kind}:{each}",
        }
        for each in question.choices
    ]
    element: Block = {
        "type": "static_select",
        "action_id": f"{actions.IMPORT_ANSWER}:{question.kind}",
        "placeholder": build.plain(words.say("Choose"), OPTION_CHARS),
        "options": options,
    }
    return [block, build.actions(element)]


def _end(book: "BookFile", plan: ImportPlan | None, words: Words) -> str:
    if book.refusals:
        return words.say("Nothing was changed. Please correct the file and put it here again.")
    if plan is None:
        return words.say("Nothing was changed yet. Once answered, the file is read again.")
    if not plan.changes:
        return words.say("There is nothing to change.")
    if plan.looks_implausible:
        return words.say(
            "Many amounts look like another number format. Nothing was changed yet; please "
            "import only if they are right."
        )
    return words.say("Nothing was changed yet. Only you can import this, within 30 minutes.")


def _buttons(plan: ImportPlan, token: str, words: Words) -> Block:
    if plan.looks_implausible:
        label = words.say("The amounts are right: import")
    elif plan.refused_rows:
        label = words.say("Import the good rows only")
    else:
        label = words.say("Import")
    drop = build.button(words.say("Discard"), actions.IMPORT_DROP, token)
    return build.actions(build.button(label, actions.IMPORT, token, primary=True), drop)
