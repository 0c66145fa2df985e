"""The practice checklist: how each point stands, and questions that help with it."""

import json
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from bot import actions
from bot.reports import PracticeReport
from bot.views.blocks import TITLE_CHARS, Block, button, context, escape, header, plain, section
from bot.views.inputs import day, field
from bot.words import Words, say
from domain.capacity import HoursFit
from domain.practice import BY_PERSON, Point, PointState

DONE, OPEN = "☑", "☐"
TICK, TAKE_BACK = "tick", "back"
ON = "practice_on"
POINT_NAMES = {
    Point.CRITERIA: say("Criteria are written down"),
    Point.MODEL: say("The service model is agreed on"),
    Point.CAPACITY: say("The hours fit"),
    Point.NOT_IDEAL: say("Every client who does not fit is decided about"),
    Point.TOLD: say("The clients know what they get"),
    Point.REVIEWED: say("The first review meetings were held"),
}


def practice(report: PracticeReport, words: Words, *, may_tick: bool) -> list[Block]:
    """Show the checklist; who may change the rules may tick points off."""
    blocks = [header(_title(report, words))]
    for state in report.points:
        line = section(_line(state, report, words), accessory=_button(state, words, may_tick))
        blocks += [line, context(" ".join(questions(state.point, words)))]
    return [*blocks, context(_whose(words))]


def practice_text(report: PracticeReport, words: Words) -> str:
    """Say the checklist as text."""
    lines = [_title(report, words)]
    for state in report.points:
        lines.append(_line(state, report, words).replace("*", ""))
        lines.append(escape(" ".join(questions(state.point, words))))
    return "\n".join([*lines, _whose(words)])


def practice_table(report: PracticeReport, words: Words) -> RenderableType:
    """Show the checklist in the terminal."""
    lines: list[RenderableType] = [Text(_title(report, words), style="bold")]
    for state in report.points:
        mark = DONE if state.is_done else OPEN
        name = point_name(state.point, words)
        lines.append(Text(f"{mark} {name} [{state.point}]: {status(state, report, words)}"))
        lines += [Text(f"    {each}", style="dim") for each in questions(state.point, words)]
    return Group(*lines, Text(_whose(words), style="dim"))


def practice_values(report: PracticeReport) -> dict[str, Any]:
    """Give the checklist as plain values."""
    return {
        "as_of": report.today.isoformat(),
        "points": [
            {
                "point": each.point.value,
                "is_done": each.is_done,
                "on": each.on.isoformat() if each.on else None,
                "by": each.by or None,
                "is_outdated": each.is_outdated,
                "done": each.done,
                "of": each.of,
            }
            for each in report.points
        ],
    }


def tick_modal(point: Point, report: PracticeReport, words: Words) -> dict[str, Any]:
    """Ask on which day a point was done."""
    return {
        "type": "modal",
        "callback_id": actions.PRACTICE_FORM,
        "private_metadata": json.dumps({"point": point.value}),
        "title": plain(words.say("Tick off"), TITLE_CHARS),
        "submit": plain(words.say("Save"), TITLE_CHARS),
        "close": plain(words.say("Cancel"), TITLE_CHARS),
        "blocks": [
            section(f"*{escape(point_name(point, words))}*"),
            field(ON, words.say("Done on"), day(report.today)),
        ],
    }


def point_name(point: Point, words: Words) -> str:
    """Name a point."""
    return words.say(POINT_NAMES[point])


def status(state: PointState, report: PracticeReport, words: Words) -> str:
    """Say how a point stands, and from what that is known."""
    match state.point:
        case Point.CRITERIA if state.on:
            return words.say("the firm's own rule book since {day}", day=words.day(state.on))
        case Point.CRITERIA:
            return words.say("still the rule book that Tierwise began with")
        case Point.CAPACITY:
            fits = {
                HoursFit.FITS: words.say(
                    "all advisors' hours together, the growth reserve is free"
                ),
                HoursFit.RESERVE_USED: words.say(
                    "all advisors' hours together, the growth reserve is in use"
                ),
                HoursFit.TOO_MUCH: words.say("more is promised than there is time for"),
            }
            return fits[report.fit]
        case Point.NOT_IDEAL:
            return words.say(
                "{done} of {all} clients of tier {tier}",
                done=words.number(state.done or 0),
                all=words.number(state.of or 0),
                tier=report.lowest.value,
            )
        case Point.REVIEWED:
            held = words.say(
                "{done} of {all} clients who are owed one",
                done=words.number(state.done or 0),
                all=words.number(state.of or 0),
            )
            since = words.say("the first on {day}", day=words.day(state.on)) if state.on else ""
            return f"{held}, {since}" if since else held
        case Point.MODEL | Point.TOLD:
            return _ticked(state, words)


def questions(point: Point, words: Words) -> tuple[str, ...]:
    """Ask what helps with a point; the questions are ours."""
    asked = {
        Point.CRITERIA: (
            words.say("Could a new colleague put any client into a tier without asking?"),
            words.say("Which criterion would you still defend if a client read it?"),
        ),
        Point.MODEL: (
            words.say("Who in the team has said yes to which hours?"),
            words.say("What does a top client get that nobody else gets?"),
        ),
        Point.CAPACITY: (
            words.say("What would you drop if ten more clients came tomorrow?"),
            words.say("Which tier gets more time than it brings, and is that meant?"),
        ),
        Point.NOT_IDEAL: (
            words.say("Would you take this client on today?"),
            words.say("Who could serve her better than you?"),
        ),
        Point.TOLD: (
            words.say("What will the client notice first, and who says it beforehand?"),
            words.say("How do you say it to somebody who will get less?"),
        ),
        Point.REVIEWED: (
            words.say("What did the first meetings show that the plan did not know?"),
            words.say("Which promise was hardest to keep?"),
        ),
    }
    return asked[point]


def _title(report: PracticeReport, words: Words) -> str:
    done = sum(each.is_done for each in report.points)
    return words.say(
        "The way to a practice by segments: {done} of {all}",
        done=words.number(done),
        all=words.number(len(report.points)),
    )


def _line(state: PointState, report: PracticeReport, words: Words) -> str:
    mark = DONE if state.is_done else OPEN
    name = escape(point_name(state.point, words))
    return f"{mark} *{name}* · {escape(status(state, report, words))}"


def _ticked(state: PointState, words: Words) -> str:
    if state.on is None:
        return words.say("not ticked off yet")
    facts = {"day": words.day(state.on), "by": state.by}
    if state.is_outdated:
        return words.say(
            "ticked off on {day} by {by}; the service model was changed since", **facts
        )
    return words.say("ticked off on {day} by {by}", **facts)


def _button(state: PointState, words: Words, may_tick: bool) -> Block | None:
    if not may_tick or state.point not in BY_PERSON:
        return None
    act, label = (
        (TAKE_BACK, words.say("Take back"))
        if state.is_done
        else (
            TICK,
            words.say("Tick off"),
        )
    )
    name = point_name(state.point, words)
    return button(label, actions.PRACTICE_TICK, f"{act}:{state.point}", about=name)


def _whose(words: Words) -> str:
    return words.say(
        "The steps are Commonwealth's; what proves each of them, and the questions, are ours."
    )
