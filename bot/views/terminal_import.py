"""An import in the terminal: the preview, and how to repeat the command with an answer."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bot.reports import Newcomers
from bot.views import import_report as report
from bot.words import Words
from storage.files.findings import Question, QuestionKind, Refusal, RefusalCode
from storage.importing import ImportPlan, ProblemCode

if TYPE_CHECKING:
    from storage.files.book_file import BookFile

SHOWN_PROBLEMS = 20
OPTIONS = {
    QuestionKind.ENCODING: "--encoding",
    QuestionKind.SEPARATOR: "--separator",
    QuestionKind.NUMBER_FORMAT: "--number-format",
    QuestionKind.DATE_ORDER: "--date-order",
    QuestionKind.PERCENT_AS: "--percent-as",
    QuestionKind.SATISFACTION_SCALE: "--satisfaction-scale",
    QuestionKind.SHEET: "--sheet",
    QuestionKind.HIDDEN_ROWS: "--hidden-rows",
}


def preview(
    book: "BookFile",
    plan: ImportPlan | None,
    words: Words,
    *,
    advisors: Mapping[int, str],
    zone: ZoneInfo,
    error_file: str | None,
    newcomers: Newcomers | None = None,
) -> Iterator[RenderableType]:
    """Show how a file was read, what keeps it from being imported, and what it would change."""
    if book.mapping:
        yield from _how_read(book, words)
    yield from (Text(report.refusal(each, words), style="red") for each in book.refusals)
    for each in book.questions:
        asked, *examples = report.question(each, words)
        yield Text(asked, style="yellow")
        yield from (Text(f"  {example}") for example in examples)
    yield from _problems(book, plan, words, error_file)
    yield from _section(words.say("Worth a second look"), report.notes(book, plan, words))
    if plan:
        lines = report.summary(plan, words, advisors=advisors, zone=zone)
        yield from _section(words.say("What would change"), lines)
    if newcomers:
        lines = report.newcomers(newcomers, words)
        yield from _section(words.say("New clients and the criteria"), lines)
    for hint in hints(book, plan, words):
        yield Text(hint, style="bold")


def hints(book: "BookFile", plan: ImportPlan | None, words: Words) -> list[str]:
    """Name the options with which to repeat the command."""
    options = list(dict.fromkeys(_options(book.questions, book.refusals)))
    lines = []
    if options:
        lines.append(words.say("Repeat the command with: {options}", options=" ".join(options)))
    if any(each.kind is QuestionKind.COLUMNS for each in book.questions):
        lines.append(
            words.say(
                "If the first row is a client already: {options}",
                options="--no-header --column client_id=1 --column name=2",
            )
        )
    codes = {each.code for each in plan.problems} if plan else set()
    if ProblemCode.ADVISOR_MISSING in codes:
        lines.append(words.say("If all of the file is one member's book: --advisor KEY"))
    return lines


def _options(questions: Sequence[Question], refusals: Sequence[Refusal]) -> Iterator[str]:
    for question in questions:
        if question.kind is QuestionKind.COLUMNS:
            yield "--column client_id=… --column name=…"
        else:
            likely = (question.elsewhere,) if question.elsewhere else question.choices
            choices = "|".join(shlex.quote(_typed(each)) for each in likely)
            yield f"{OPTIONS[question.kind]} {choices}"
    for refusal in refusals:
        match refusal.code:
            case RefusalCode.BOTH_NUMBER_FORMATS:
                yield "--number-format de|en|ch"
            case RefusalCode.BOTH_DATE_ORDERS:
                yield "--date-order dmy|mdy"
            case RefusalCode.COLUMN_MISSING | RefusalCode.HEADING_TWICE:
                yield f"--column {refusal.facts['field']}=…"


def _typed(choice: str) -> str:
    return "tab" if choice == "\t" else choice


def _how_read(book: "BookFile", words: Words) -> Iterator[RenderableType]:
    yield Text(report.marks_read(book, words))
    table = Table.grid(padding=(0, 2))
    for row in report.columns_read(book, words):
        table.add_row("", *(Text(cell) for cell in row))
    yield table
    yield from (Text(line) for line in report.left_out(book, words))


def _problems(
    book: "BookFile", plan: ImportPlan | None, words: Words, error_file: str | None
) -> Iterator[RenderableType]:
    lines = report.problems(book, plan, words)
    shown, more = lines[:SHOWN_PROBLEMS], len(lines) - SHOWN_PROBLEMS
    if more > 0 and not error_file:
        shown.append(
            words.say_n(
                "… and {n} more; --errors FILE.csv lists all",
                "… and {n} more; --errors FILE.csv lists all",
                more,
            )
        )
    elif more > 0:
        shown.append(words.say_n("… and {n} more", "… and {n} more", more))
    yield from _section(words.say("Rows that cannot be imported"), shown)
    if error_file and lines:
        yield Text(words.say("All of them are listed in {file}", file=report.visible(error_file)))


def _section(title: str, lines: Sequence[str]) -> Iterator[RenderableType]:
    if lines:
        yield Text(f"\n{title}", style="bold")
        yield from (Text(f"  {line}") for line in lines)
