"""An import in plain sentences, for the terminal and for Slack.

Sentences hold what stands in the file; control characters are made visible, nothing else is
escaped.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal

from bot.reports import Newcomers
from bot.views import acceptance, explain
from bot.views import import_texts as texts
from bot.words import Words
from domain.model import Criterion, Scale
from storage.files.findings import (
    Fact,
    Facts,
    Note,
    NoteCode,
    Problem,
    ProblemCode,
    Question,
    QuestionKind,
    Refusal,
    RefusalCode,
)
from storage.importing import (
    LONGEST_ID,
    Change,
    EarlierImport,
    ImportPlan,
    ImportResult,
    ImportTouchedError,
    Listed,
)
from storage.importing import Note as PlanNote
from storage.importing import Problem as PlanProblem
from storage.importing import ProblemCode as PlanProblemCode
from storage.tables import ImportRow

if TYPE_CHECKING:
    from storage.files.book_file import BookFile

SHOWN_CHARS = 80
"""So much of a value from the file is repeated."""
NAMED = 20
"""So many new clients that miss the criteria are named."""
HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode's categories of characters that show nothing, or change how others are shown."""
AMOUNTS = ("limit", "found", "expected")
"""Facts that are counts; other whole numbers are lines and years."""


def field_name(field: str, words: Words) -> str:
    """Name a field of the file."""
    return words.say(texts.FIELDS[field]) if field in texts.FIELDS else field


def visible(value: str, limit: int = SHOWN_CHARS) -> str:
    """Repeat a value on one line, cut, with control and reversing characters spelled out."""
    spelled = "".join(
        f"<U+{ord(c):04X}>" if unicodedata.category(c) in HIDDEN else c for c in value[:limit]
    )
    return spelled if len(value) <= limit else f"{spelled}…"


# what the reader found


def refusal(found: Refusal, words: Words) -> str:
    """Say why nothing of the file can be read."""
    text = texts.REFUSALS[found.code]
    facts = _facts(found.facts, words)
    if found.code is RefusalCode.UNREADABLE and found.row:
        text = texts.UNREADABLE_FROM
    if found.code is RefusalCode.WRONG_CONTAINER:
        container = str(found.facts["container"])
        facts["container"] = words.say(texts.CONTAINERS[container])
    if found.code is RefusalCode.NO_SUCH_HEADING and found.facts["field"] not in texts.FIELDS:
        text = texts.NO_SUCH_FIELD
        facts["accepted"] = ", ".join(texts.FIELDS)
    where = {
        "column": visible(found.column or ""),
        "row": found.row,
        "value": visible(found.value or ""),
    }
    return words.say(text, **where, **facts)


def problem(found: Problem, words: Words) -> str:
    """Say where a row is wrong, what was read, why, and what would be accepted."""
    place = _place(found.row, found.column, words)
    return _sentence(place, found.value, problem_reason(found, words), words)


def problem_reason(found: Problem, words: Words) -> str:
    """Say why a row is refused, and what would be accepted."""
    off_scale = found.code is ProblemCode.OUT_OF_RANGE and "scale" in found.facts
    text = texts.OFF_SCALE if off_scale else texts.PROBLEMS[found.code]
    return words.say(text, **_facts(found.facts, words))


def plan_problem(found: PlanProblem, words: Words, mapping: Mapping[str, str]) -> str:
    """Say where a row that reads well cannot be kept, why, and what would be accepted."""
    place = _place(found.row, plan_problem_column(found, mapping), words)
    return _sentence(place, found.value, plan_problem_reason(found, words), words)


def plan_problem_reason(found: PlanProblem, words: Words) -> str:
    """Say why a row is not kept, and what would be accepted."""
    facts: dict[str, str] = {}
    if found.code is PlanProblemCode.ID_TOO_LONG:
        facts["limit"] = words.number(LONGEST_ID)
    if found.code is PlanProblemCode.SPONSOR_WITHOUT_RELATION:
        facts["accepted"] = ", ".join(words.say(each) for each in texts.RELATIONS.values())
    return words.say(texts.PLAN_PROBLEMS[found.code], **facts)


def plan_problem_column(found: PlanProblem, mapping: Mapping[str, str]) -> str | None:
    """Give the heading of the column that a problem is about, if the file has it."""
    return mapping.get(texts.PLAN_PROBLEM_FIELDS[found.code])


def question(found: Question, words: Words) -> list[str]:
    """Ask what only the person can settle, with values from the file and each reading."""
    asked = words.say(texts.QUESTIONS[found.kind], column=visible(found.column or ""))
    if found.kind is QuestionKind.ENCODING:
        return [asked, *_in_each_encoding(found, words)]
    examples = [_example(found, number, words) for number in range(len(found.examples))]
    return [asked, *examples, *_about_other_columns(found, words)]


def choice(kind: QuestionKind, value: str, words: Words) -> str:
    """Name one answer to a question."""
    match kind:
        case QuestionKind.NUMBER_FORMAT | QuestionKind.DATE_ORDER:
            return words.say(texts.FORMATS[value])
        case QuestionKind.PERCENT_AS:
            return words.say(texts.PERCENT_READINGS[value])
        case QuestionKind.SATISFACTION_SCALE:
            return explain.scale_name(Scale(value), words)
        case QuestionKind.COLUMNS:
            return field_name(value, words)
        case QuestionKind.HIDDEN_ROWS:
            return words.say(texts.HIDDEN_ROWS[value])
        case QuestionKind.SEPARATOR if value == "\t":
            return words.say("tab")
    return value


def note(found: Note, words: Words) -> str:
    """Say what was read with a remark, and where."""
    facts = dict(_facts(found.facts, words))
    text = words.say(texts.NOTES[found.code], **facts)
    if found.code is NoteCode.MORE_PROBLEMS:
        rows = words.say_n("{n} row", "{n} rows", found.count)
        return f"{rows}: {text}"
    if found.code in texts.ABOUT_THE_FILE:
        return words.say("In the file: {remark}", remark=text)
    return _noted(found.column, found.count, found.rows, text, words)


def plan_note(found: PlanNote, words: Words) -> str:
    """Say what is worth a second look before anything is kept."""
    facts = {
        "field": field_name(found.field or "", words),
        "factor": words.number(found.factor or 0),
    }
    text = words.say(texts.PLAN_NOTES[found.code], **facts)
    return _noted(None, found.count, found.rows, text, words)


def how_read(book: "BookFile", words: Words) -> list[str]:
    """Say how the file was read: encoding, separator, columns, formats, what was left out."""
    columns = (
        f"{field} ← {heading}" + (f", {form}" if form else "")
        for field, heading, form in columns_read(book, words)
    )
    return [marks_read(book, words), *columns, *left_out(book, words)]


def marks_read(book: "BookFile", words: Words) -> str:
    """Say in which encoding and with which separator the file was read, or from which sheet."""
    if book.sheet is not None:
        return words.say("Read from the sheet “{sheet}”.", sheet=visible(book.sheet))
    return words.say(
        "Read as {encoding}, separated by “{separator}”.",
        encoding=book.encoding,
        separator=choice(QuestionKind.SEPARATOR, book.separator or "", words),
    )


def columns_read(book: "BookFile", words: Words) -> list[tuple[str, str, str]]:
    """List which field came from which heading, and in which format if its values show one."""
    formats = {field: words.say(texts.FORMATS[found]) for field, found in book.formats.items()}
    return [
        (field_name(field, words), _quoted(heading, words), formats.get(field, ""))
        for field, heading in book.mapping.items()
    ]


def left_out(book: "BookFile", words: Words) -> list[str]:
    """Name the headings that were not read, if there are any."""
    if not book.ignored:
        return []
    headings = ", ".join(_quoted(heading, words) for heading in book.ignored)
    return [words.say("Not read: {headings}", headings=headings)]


# what would change


def problems(book: "BookFile", plan: ImportPlan | None, words: Words) -> list[str]:
    """List in the order of the file why rows are refused."""
    found = [(each.row, problem(each, words)) for each in book.problems]
    if plan:
        mapping = book.mapping
        found += [(each.row, plan_problem(each, words, mapping)) for each in plan.problems]
    return [sentence for _, sentence in sorted(found, key=_line)]


def notes(book: "BookFile", plan: ImportPlan | None, words: Words) -> list[str]:
    """List what is worth a second look; what was found in comparing with the store comes first."""
    compared = [plan_note(each, words) for each in plan.notes] if plan else []
    return [*compared, *(note(each, words) for each in book.notes)]


def summary(
    plan: ImportPlan, words: Words, *, advisors: Mapping[int, str], zone: ZoneInfo
) -> list[str]:
    """Say what an import would change: counts, and the first of each with their lines."""
    lines = []
    if plan.file.row_count == 0:
        lines.append(words.say("There is no client in the file."))
    if plan.earlier:
        lines.append(earlier(plan.earlier, words, zone=zone, is_the_same=not plan.changes))
    lines.append(words.say_n("{n} new client", "{n} new clients", plan.new.count))
    lines += _first(plan.new, words)
    lines.append(words.say_n("{n} changed client", "{n} changed clients", plan.changed.count))
    for each in plan.changed.first:
        lines.append(f"  {_client(each, words)}: {'; '.join(changes(each, words, advisors))}")
    lines += _more(plan.changed, words)
    lines.append(words.say_n("{n} unchanged client", "{n} unchanged clients", plan.unchanged))
    lines.append(_not_in_file(plan, words))
    lines += _first(plan.not_in_file, words)
    lines.append(words.say_n("{n} refused row", "{n} refused rows", plan.refused_rows))
    return lines


def newcomers(found: Newcomers, words: Words) -> list[str]:
    """Say how an import's new clients fit, and name the first who miss the criteria."""
    fits = [
        f"{acceptance.fit_name(fit, words)} {words.number(n)}"
        for fit, n in found.counts.items()
        if n
    ]
    lines = [words.say("New clients: {fits}", fits=", ".join(fits))] if fits else []
    for each in found.missing[:NAMED]:
        place = _place(each.row, None, words)
        who = f"{visible(each.external_id)} {visible(each.name)}"
        why = acceptance.because(each.acceptance, found.criteria, words)
        lines.append(f"  ⚠ {place}: {who}. {' '.join(why)}")
    more = found.misses - min(len(found.missing), NAMED)
    if more:
        lines.append("  " + words.say_n("… and {n} more", "… and {n} more", more))
    if found.undated:
        lines.append(
            words.say_n(
                "Of {n} client the file does not say since when: not held against the criteria.",
                "Of {n} clients the file does not say since when: not held against the criteria.",
                found.undated,
            )
        )
    return lines


def _not_in_file(plan: ImportPlan, words: Words) -> str:
    if plan.remove_missing:
        return words.say_n(
            "{n} client not in the file becomes a former client",
            "{n} clients not in the file become former clients",
            plan.removed,
        )
    return words.say_n(
        "{n} client not in the file stays as before",
        "{n} clients not in the file stay as before",
        plan.not_in_file.count,
    )


def changes(change: Change, words: Words, advisors: Mapping[int, str]) -> list[str]:
    """Say what a row changes of a client, field by field, before and after."""
    return [
        f"{field_name(field, words)} {_value(field, before, words, advisors)} → "
        f"{_value(field, after, words, advisors)}"
        for field, (before, after) in change.values.items()
    ]


def earlier(found: EarlierImport, words: Words, *, zone: ZoneInfo, is_the_same: bool) -> str:
    """Say when the very same file was imported before."""
    at = _local(found.at, zone)
    facts = {"day": words.day(at.date()), "time": f"{at:%H:%M}", "by": visible(found.by)}
    if is_the_same:
        return words.say(
            "This file was already imported on {day} at {time} by {by}: 0 changes.", **facts
        )
    return words.say(
        "This file was already imported on {day} at {time} by {by}; what has changed since would "
        "be set back.",
        **facts,
    )


def imported(result: ImportResult, words: Words, *, zone: ZoneInfo, refused_rows: int) -> list[str]:
    """Say what an import changed."""
    if result.earlier:
        return [earlier(result.earlier, words, zone=zone, is_the_same=True)]
    lines = [
        words.say(
            "Imported: {created} new, {changed} changed, {unchanged} unchanged.",
            created=words.number(result.created),
            changed=words.number(result.changed),
            unchanged=words.number(result.unchanged),
        )
    ]
    if result.removed:
        lines.append(
            words.say_n(
                "{n} client is a former client now.",
                "{n} clients are former clients now.",
                result.removed,
            )
        )
    return [*lines, *not_imported(refused_rows, words)]


def not_imported(refused_rows: int, words: Words) -> list[str]:
    """Say how many rows were left out, if any."""
    if not refused_rows:
        return []
    return [words.say_n("{n} row was not imported.", "{n} rows were not imported.", refused_rows)]


def undone(run: ImportRow, words: Words, *, zone: ZoneInfo) -> str:
    """Say which import was taken back."""
    at = _local(run.imported_at, zone)
    return words.say(
        "The import of “{file}” on {day} at {time} is taken back: {created} new clients are gone, "
        "{changed} are as before.",
        file=visible(run.file_name),
        day=words.day(at.date()),
        time=f"{at:%H:%M}",
        created=words.number(run.created),
        changed=words.number(run.changed),
    )


def touched(error: ImportTouchedError, words: Words) -> str:
    """Say why an import cannot be taken back."""
    names = ", ".join(visible(name) for name in error.names)
    more = " …" if error.count > len(error.names) else ""
    return words.say_n(
        "Nothing was taken back: {n} client was changed since the import: {names}",
        "Nothing was taken back: {n} clients were changed since the import: {names}",
        error.count,
        names=names + more,
    )


# parts of sentences


def _place(row: int, column: str | None, words: Words) -> str:
    if column is None:
        return words.say("Line {row}", row=row)
    return words.say("Line {row}, column “{column}”", row=row, column=visible(column))


def _sentence(place: str, value: str, why: str, words: Words) -> str:
    if not value:
        return f"{place}: {why}"
    return f"{place}, {_quoted(value, words)}: {why}"


def _quoted(value: str, words: Words) -> str:
    return words.say("“{text}”", text=visible(value))


def _in_each_encoding(found: Question, words: Words) -> Iterator[str]:
    for example in found.examples:
        place = _place(example.row, None, words)
        for encoding, reading in example.readings.items():
            yield f"{place}, {encoding}: {_quoted(reading, words)}"


def _about_other_columns(found: Question, words: Words) -> Iterator[str]:
    if found.others:
        columns = ", ".join(_quoted(heading, words) for heading in found.others)
        yield words.say(texts.ASKED_OF_SEVERAL, columns=columns)
    if found.elsewhere:
        yield words.say(texts.SHOWN_ELSEWHERE, choice=choice(found.kind, found.elsewhere, words))


def _example(found: Question, number: int, words: Words) -> str:
    example = found.examples[number]
    if found.kind is QuestionKind.COLUMNS:
        place = words.say("Column {number}", number=number + 1)
    else:
        place = _place(example.row, None, words)
    if not example.readings:
        return f"{place}: {_quoted(example.value, words)}"
    readings = "; ".join(
        f"{choice(found.kind, each, words)}: {_reading(found.kind, reading, words)}"
        for each, reading in example.readings.items()
    )
    return f"{place}, {_quoted(example.value, words)} – {readings}"


def _reading(kind: QuestionKind, reading: str, words: Words) -> str:
    """Write how a choice reads a value: a number without grouping, so that no two look alike."""
    try:
        if kind is QuestionKind.NUMBER_FORMAT:
            return str(format_decimal(Decimal(reading), "0.######", words.locale))
        if kind is QuestionKind.DATE_ORDER:
            return words.day(date.fromisoformat(reading))
    except (InvalidOperation, ValueError):
        return _quoted(reading, words)
    return _quoted(reading, words)


def _noted(column: str | None, count: int, rows: Sequence[int], text: str, words: Words) -> str:
    listed = ", ".join(str(row) for row in rows) + (" …" if count > len(rows) else "")
    where = words.say_n("{n} row (line {lines})", "{n} rows (lines {lines})", count, lines=listed)
    if column is not None:
        where = f"{where}, {_quoted(column, words)}"
    return f"{where}: {text}"


def _first(found: Listed, words: Words) -> list[str]:
    return [*(f"  {_client(each, words)}" for each in found.first), *_more(found, words)]


def _more(found: Listed, words: Words) -> Iterator[str]:
    more = found.count - len(found.first)
    if found.first and more > 0:
        yield "  " + words.say_n("… and {n} more", "… and {n} more", more)


def _client(change: Change, words: Words) -> str:
    named = f"{visible(change.external_id)} {visible(change.name)}"
    return f"{_place(change.row, None, words)}: {named}" if change.row else named


def _value(field: str, value: Any, words: Words, advisors: Mapping[int, str]) -> str:
    """Write a value of a change; of dated facts the last part is what was observed."""
    if value is None:
        return words.say("not known")
    match field:
        case "revenue" | "income":
            return words.money(_hundredths(value))
        case "managed":
            return words.money(_hundredths(value[-1]))
        case "satisfaction":
            return words.number(_hundredths(value[-1]))
        case "trust" | "coachability" | "referrals":
            return words.number(value[-1])
        case "provider_rank":
            place = words.number(_hundredths(value[-1]))
            return words.say("{place} of {providers}", place=place, providers=value[-2])
        case "wallet":
            return _wallet(value[-2], value[-1], words)
        case "saving_rate" | "business_share":
            return words.percent(_hundredths(value))
        case "client_since" | "former_since" | "born_on" | "last_review_on" | "last_contact_on":
            return words.day(value)
        case "advisor":
            return visible(advisors.get(value, ""))
        case "criterion":
            return explain.criterion_name(Criterion(value), words)
        case "sponsor":
            return f"{visible(value[0])} ({words.say(texts.RELATIONS[value[1]])})"
    return _quoted(str(value), words)


def _wallet(cents: int | None, share: int | None, words: Words) -> str:
    known = []
    if cents is not None:
        known.append(words.money(_hundredths(cents)))
    if share is not None:
        known.append(words.percent(_hundredths(share)))
    return ", ".join(known)


def _hundredths(value: int) -> Decimal:
    return Decimal(value) / 100


def _facts(facts: Facts, words: Words) -> dict[str, str]:
    return {name: _fact(name, value, words) for name, value in facts.items()}


def _fact(name: str, value: Fact, words: Words) -> str:
    if isinstance(value, tuple):
        return ", ".join(visible(each) for each in value)
    if isinstance(value, int):
        return words.number(value) if name in AMOUNTS else str(value)
    match name:
        case "field":
            return field_name(value, words)
        case "scale":
            return explain.scale_name(Scale(value), words)
        case "choice":
            return words.say(texts.HIDDEN_ROWS[value])
        case "number_format" | "date_order":
            return words.say(texts.FORMATS[value])
        case "today":
            return words.day(date.fromisoformat(value))
    return visible(value)


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    """Give an instant in a zone; SQLite returns it without one."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone)


def _line(found: tuple[int, str]) -> int:
    return found[0]
