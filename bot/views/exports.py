"""A file of the whole firm: who asked and why, to confirm, to fetch."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot import actions
from bot.reports import ExportsReport
from bot.views.blocks import Block, button, context, divider, escape, section
from bot.views.blocks import actions as row
from bot.views.inputs import field, text
from bot.views.modals import form_frame, page_frame
from bot.views.moments import moment
from bot.words import Words, say
from domain.exports import HOLDS_FOR, WAITS_FOR, ExportRequest, Stage

REASON = "export_reason"
CONFIRM, DECLINE = "confirm", "decline"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLOSED_SENTENCES = {
    Stage.WAITS: say("Nobody has confirmed this yet."),
    Stage.CONFIRMED: say("Somebody has confirmed this already."),
    Stage.FETCHED: say("This file was fetched already. Another has to be asked for."),
    Stage.DECLINED: say("This was declined or withdrawn. It has to be asked for again."),
    Stage.LAPSED: say("This is too old. It has to be asked for again."),
}


def exports_modal(
    found: ExportsReport, words: Words, zone: ZoneInfo, *, may_ask: bool
) -> dict[str, Any]:
    """List requests, each with its next step for the reader."""
    blocks: list[Block] = []
    for each in found.requests:
        blocks += [*_request(each, found, words, zone), divider()]
    if not found.requests:
        blocks.append(section(escape(words.say("Nobody asked for a file of all clients."))))
    if may_ask:
        blocks.append(row(button(words.say("Ask for the file"), actions.EXPORT_ASK, "all")))
    how = words.say(
        "An admin asks; compliance or another admin confirms within {days} days. Then the file "
        "comes once, by direct message, to who asked, within {hours} hours.",
        days=WAITS_FOR // DAY,
        hours=HOLDS_FOR // HOUR,
    )
    return {
        **page_frame(words.say("Export of all clients"), words),
        "blocks": [*blocks, context(how)],
    }


def ask_modal(words: Words) -> dict[str, Any]:
    """Ask what a file of the whole firm is for."""
    said = words.say(
        "The file (CSV) lists all clients of the firm with names and figures. Somebody else reads "
        "who asked and why, and confirms or declines."
    )
    return {
        **form_frame(words.say("Export of all clients"), words, submit=words.say("Ask")),
        "callback_id": actions.EXPORT_ASK,
        "blocks": [section(escape(said)), field(REASON, words.say("Reason"), text(lines=True))],
    }


def file_text(count: int, words: Words) -> str:
    """Say what is in the file."""
    return words.say(
        "All clients of the firm: {n}. Whoever has the file is answerable for it.",
        n=words.number(count),
    )


def same_person(words: Words) -> str:
    """Say that nobody confirms for oneself."""
    return words.say("Who asks for this file cannot confirm it. Somebody else has to.")


def closed(stage: Stage, words: Words) -> str:
    """Say why the next step of a request cannot be taken."""
    return words.say(CLOSED_SENTENCES[stage])


def _request(
    each: ExportRequest, found: ExportsReport, words: Words, zone: ZoneInfo
) -> list[Block]:
    stage, is_own = each.stage(found.now), each.asked_by == found.reader_id
    name = found.names.get(each.asked_by, "–")
    lines = [
        words.say(
            "Asked for by {name}, {time}", name=name, time=moment(each.asked_at, words, zone)
        ),
        words.say("Reason: {reason}", reason=each.reason),
        *_became(each, stage, found, words, zone),
    ]
    number = str(each.request_id)
    fetch = None
    if stage is Stage.CONFIRMED and is_own:
        fetch = button(words.say("Fetch the file"), actions.EXPORT_FETCH, number, primary=True)
    blocks = [section("\n".join(map(escape, lines)), accessory=fetch)]
    if stage is Stage.WAITS:
        label = words.say("Withdraw") if is_own else words.say("Decline")
        confirm = button(
            words.say("Confirm"), f"{actions.EXPORT_DECIDE}:{CONFIRM}", number, about=name
        )
        decline = button(label, f"{actions.EXPORT_DECIDE}:{DECLINE}", number, about=name)
        blocks.append(row(decline) if is_own else row(confirm, decline))
    return blocks


def _became(
    each: ExportRequest, stage: Stage, found: ExportsReport, words: Words, zone: ZoneInfo
) -> list[str]:
    ends = moment(each.ends_at, words, zone)
    lines = []
    if each.decided_at is not None and each.decided_by is not None:
        name = found.names.get(each.decided_by, "–")
        time = moment(each.decided_at, words, zone)
        if each.is_confirmed:
            lines.append(words.say("Confirmed by {name}, {time}", name=name, time=time))
        elif each.decided_by == each.asked_by:
            lines.append(words.say("Withdrawn by {name}, {time}", name=name, time=time))
        else:
            lines.append(words.say("Declined by {name}, {time}", name=name, time=time))
    if each.fetched_at is not None:
        time = moment(each.fetched_at, words, zone)
        lines.append(words.say("Fetched, {time}", time=time))
    elif stage is Stage.WAITS:
        lines.append(words.say("Waits for somebody else until {time}", time=ends))
    elif stage is Stage.CONFIRMED:
        lines.append(words.say("To be fetched until {time}", time=ends))
    elif stage is Stage.LAPSED:
        lines.append(words.say("Too old since {time}", time=ends))
    return lines
