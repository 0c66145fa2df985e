"""The Monday digest: one message with the week's names, what is due, what went well, what waits."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from bot import actions
from bot.service_reports import DigestReport, DueEntry, Said
from bot.views import explain, lists
from bot.views.blocks import Block, button, context, cut, divider, escape, header, menu, section
from bot.views.blocks import actions as row
from bot.views.reminder import item_line
from bot.views.service_words import name_by_key, stand
from bot.views.team import tally_said, team_lines
from bot.words import Words, say
from domain.calendar import monday_of
from domain.decisions import OpenDecision
from domain.handling import PUT_OFF, Handling, Success
from domain.model import Quadrant
from domain.notices import Notice
from domain.priorities import Assessment
from domain.rechecks import DecisionRecheck, EndingOverride, LegacyReview, StrategicRecheck
from domain.reminders import Item
from domain.servicing import DueState

T = TypeVar("T")
Again = StrategicRecheck | EndingOverride | DecisionRecheck | LegacyReview
"""What is to be looked at again."""

NAMED = 3
"""So many due services, successes and waiting clients are named; the others are counted."""
CHOICES = {
    Handling.DONE: say("Done"),
    Handling.TWO_WEEKS: say("Put off two weeks"),
    Handling.THREE_MONTHS: say("Put off three months"),
    Handling.WRONG_FIGURES: say("Not relevant: figures are wrong"),
    Handling.NOT_WANTED: say("Not relevant: client does not want it"),
    Handling.IN_HAND: say("Not relevant: somebody else sees to it"),
}
NAME_CHARS = 80
"""A message holds some 13,000 characters in all, so that a name of 200 is cut."""
FIRST_STEPS = {
    Quadrant.GROW: say("First: a talk about money that lies elsewhere."),
    Quadrant.FIX: say("First: a call to someone who is dissatisfied."),
    Quadrant.MOVE: say("First: a decision that is open."),
    Quadrant.MODEL: say("First: a referral to ask for."),
}


def digest(report: DigestReport, words: Words, *, late: bool = False) -> list[Block]:
    """Write the Monday message: the week's names first, each with one next step."""
    week = report.week
    blocks = [header(_title(report, words, late=late))]
    blocks.append(section(f"*{escape(lists.week_summary(week, words))}*"))
    for quadrant, each in lists.with_headings(week.week.names):
        if quadrant is not None:
            blocks += [divider(), context(lists.quadrant_line(quadrant, words))]
        name = cut(lists.name_line(each, week, words), NAME_CHARS)
        blocks.append(section(f"*{escape(name)}*\n{escape(lists.reason(each, words))}"))
        blocks.append(
            name_buttons(each.client.client_id, each.client.name, each.quadrant.quadrant, words)
        )
    blocks += lists.question(week, words)
    for title, lines, link in parts_of(report, words):
        said = "\n".join((f"*{escape(title)}*", *map(escape, lines)))
        blocks += [divider(), section(said, accessory=link)]
    chosen = button(words.say("Messages and times"), actions.NOTICES, "me")
    blocks.append(row(*([_more(report, words)] if week.week.names else []), chosen))
    blocks.append(context(_as_of(report, words)))
    return blocks


def digest_text(
    report: DigestReport, words: Words, *, late: bool = False, names: bool = False
) -> str:
    """Say what awaits: counts and the first step, for lock screens show it.

    With `names`, for who wants that, all that the message says.
    """
    week = report.week
    summary = lists.week_summary(week, words).removesuffix(".") + "."
    lines = [_title(report, words, late=late) + ".", summary]
    if names:
        lines += [
            f"{lists.name_line(each, week, words)}: {lists.reason(each, words)}"
            for each in week.week.names
        ]
        for title, said, _ in parts_of(report, words):
            lines += [title, *said]
        return escape("\n".join(lines))
    if week.week.names:
        lines.append(_first_step(week.week.names[0], words))
    near = report.due.near
    if near:
        lines.append(
            words.say_n(
                "{n} service is due this week.", "{n} services are due this week.", len(near)
            )
        )
    if report.team is not None and report.team.total is not None:
        lines.append(words.say("The team: {counts}.", counts=tally_said(report.team.total, words)))
    return " ".join(lines)


def digest_about(report: DigestReport) -> frozenset[int]:
    """Return the ids of the clients that the digest names."""
    again = [
        *(each.assessment for each in report.rechecks),
        *(each.assessment for each in report.overrides),
        *(each.assessment for each in report.decided),
        *(each.assessment for each in report.reviews),
    ]
    coming = [each for each in report.reminders if each.notice is not Notice.SERVICES]
    return frozenset(
        [
            *(each.client.client_id for each in report.week.week.names),
            *(each.client.client_id for each in report.due.near[:NAMED]),
            *(each.of for each in coming[:NAMED] if each.notice is not Notice.EVENTS),
            *(each.assessment.client.client_id for each in report.successes[:NAMED]),
            *(each.assessment.client.client_id for each in report.decisions[:NAMED]),
            *(each.client.client_id for each in again[:NAMED]),
        ]
    )


def name_buttons(client_id: int, name: str, quadrant: Quadrant | None, words: Words) -> Block:
    """Make the buttons of a name: open it, or say what became of it."""
    of = f"{client_id}:{quadrant or ''}"
    others = [(f"{how}:{of}", _choice(how, words)) for how in Handling if how is not Handling.DONE]
    buttons = row(
        button(words.say("Open"), actions.OPEN_CLIENT, str(client_id), about=name),
        button(words.say("Done"), f"{actions.HANDLE}:done", f"{Handling.DONE}:{of}", about=name),
        menu(others, f"{actions.HANDLE}:more"),
    )
    return {**buttons, "block_id": _block_id(client_id)}


def replace_buttons(blocks: list[Any], client_id: int, new: Block) -> list[Any]:
    """Put something else in the place of a name's buttons; the rest of the message stays."""
    place = _block_id(client_id)
    return [
        {**new, "block_id": place} if each.get("block_id") == place else each for each in blocks
    ]


def said_line(said: Said, words: Words) -> Block:
    """Say in place of a name's buttons what was kept, and offer to take it back."""
    undo = button(
        words.say("Undo"),
        actions.HANDLE_UNDO,
        f"{said.batch}:{said.quadrant or ''}",
        about=said.client,
    )
    return section(f"✓ {escape(said_text(said, words))}", accessory=undo)


def said_text(said: Said, words: Words) -> str:
    """Say what was kept of a name."""
    kept, until = f"{_choice(said.how, words)}.", words.day(said.until)
    if said.how in PUT_OFF:
        rest = words.say("Not on the list before {day}.", day=until)
        return f"{kept} {rest}"
    rest = words.say("Not on the list before {day}, unless the field changes.", day=until)
    return f"{kept} {rest}"


def _choice(how: Handling, words: Words) -> str:
    return words.say(CHOICES[how])


def _block_id(client_id: int) -> str:
    return f"{actions.HANDLE}:{client_id}"


def _title(report: DigestReport, words: Words, *, late: bool) -> str:
    monday = words.long_day(monday_of(report.week.today))
    if late:
        return words.say("Your week from {day} (late)", day=monday)
    return words.say("Your week from {day}", day=monday)


def _first_step(first: Assessment, words: Words) -> str:
    quadrant = first.quadrant.quadrant
    return words.say(FIRST_STEPS[quadrant]) if quadrant else ""


def _more(report: DigestReport, words: Words) -> Block:
    more = report.week.week.more
    label = words.say_n("See {n} more", "See {n} more", more) if more else words.say("Open my list")
    return button(label, actions.SHOW_PRIORITIES, "me")


def parts_of(report: DigestReport, words: Words) -> Iterator[tuple[str, list[str], Block | None]]:
    """Yield the parts after the names, each with title, lines and a button; empty ones not."""
    near = report.due.near
    if near:
        overdue = sum(each.due.state is DueState.OVERDUE for each in near)
        title = words.say("Due this week: {n}", n=words.number(len(near)))
        if overdue:
            late = words.say_n("{n} of them overdue", "{n} of them overdue", overdue)
            title = f"{title}, {late}"
        link = button(words.say("See all"), actions.SHOW_DUE, "me", about=title)
        yield title, _named(near, lambda each: _due_line(each, report, words), words), link
    coming = [each for each in report.reminders if each.notice is not Notice.SERVICES]
    if coming:
        title = words.say("Coming up: {n}", n=words.number(len(coming)))
        yield title, _named(coming, lambda each: _item_line(each, report, words), words), None
    if report.successes:
        title = words.say("Well done since the last digest")
        yield title, _named(report.successes, _gain, words), None
    link = button(words.say("See the book"), actions.SHOW_BOOK, "me")
    if report.decisions:
        title = words.say("Open decisions: {n}", n=words.number(len(report.decisions)))
        yield title, _named(report.decisions, lambda each: _asked(each, words), words), link
    again: tuple[Again, ...] = (
        *report.rechecks,
        *report.overrides,
        *report.decided,
        *report.reviews,
    )
    if again:
        title = words.say("To look at again: {n}", n=words.number(len(again)))
        lines = _named(again, lambda each: _again(each, words), words)
        yield title, lines, None if report.decisions else link
    if report.team is not None:
        title = words.say("Team {team}", team=report.team.team)
        link = button(words.say("Open the team's list"), actions.SHOW_PRIORITIES, "team")
        yield title, list(team_lines(report.team, words)), link


def _again(each: Again, words: Words) -> str:
    client = _short(each.assessment)
    match each:
        case StrategicRecheck():
            return words.say(
                "{client}: strategic, look again on {day}",
                client=client,
                day=words.day(each.due_on),
            )
        case EndingOverride():
            return words.say(
                "{client}: {tier} set by hand until {day}, then {after}",
                client=client,
                tier=each.override.tier.value,
                day=words.day(each.override.last_day),
                after=explain.tier_name(each.tier_after, words),
            )
        case DecisionRecheck():
            return words.say(
                "{client}: “{decision}”, look again on {day}",
                client=client,
                decision=explain.decision_name(each.decision.kind, words),
                day=words.day(each.due_on),
            )
        case LegacyReview():
            return words.say("{client}: the sponsor left or fell below A", client=client)


def _named(found: Sequence[T], line: Callable[[T], str], words: Words) -> list[str]:
    """Write the lines of the first; the others are counted."""
    said = [line(each) for each in found[:NAMED]]
    more = len(found) - NAMED
    return [*said, words.say_n("… and {n} more", "… and {n} more", more)] if more > 0 else said


def _item_line(item: Item, report: DigestReport, words: Words) -> str:
    return item_line(item, report.week.rules, words, today=report.week.today)


def _gain(success: Success) -> str:
    return f"{_short(success.assessment)}: {success.before} → {success.after}"


def _asked(decision: OpenDecision, words: Words) -> str:
    return f"{_short(decision.assessment)}: {explain.asked(decision, words)}"


def _due_line(entry: DueEntry, report: DigestReport, words: Words) -> str:
    service = name_by_key(entry.due.service, report.due.rules.services, words)
    when = stand(entry.due, words, today=report.due.today)
    return f"{cut(entry.client.name, NAME_CHARS)} · {service}: {when}"


def _short(assessment: Assessment) -> str:
    return cut(assessment.client.name, NAME_CHARS)


def _as_of(report: DigestReport, words: Words) -> str:
    return " · ".join(
        (
            words.say(
                "As of {day}, {time}",
                day=words.day(report.as_of.date()),
                time=words.time(report.as_of.time()),
            ),
            words.say_n("{n} client in the book", "{n} clients in the book", report.week.clients),
            words.say("rule book {version}", version=report.week.rules.version),
        )
    )
