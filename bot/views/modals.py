"""Modals: what an advisor fills in, and the confirmation after it."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot import actions
from bot.views import explain
from bot.views.blocks import Block, context, escape, plain, section
from bot.words import Words
from domain.errors import ScoreOutOfScaleError
from domain.model import Quadrant, Scale
from domain.priorities import Assessment

TITLE_CHARS = 24
SCALE, SCORE, MEASURED_ON = "scale", "score", "measured_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a modal carries along: ids only, and rights are checked again when it comes back."""

    client_id: int
    version: int

    def write(self) -> str:
        """Write the ticket as private metadata."""
        return json.dumps({"client": self.client_id, "version": self.version})

    @classmethod
    def read(cls, text: str) -> "Ticket":
        """Read private metadata back."""
        plain_values = json.loads(text)
        return cls(client_id=int(plain_values["client"]), version=int(plain_values["version"]))


def satisfaction_modal(
    client_name: str, ticket: Ticket, words: Words, *, scale: Scale, today: date
) -> dict[str, Any]:
    """Ask for a satisfaction: scale, score, day."""
    options = [_option(explain.scale_name(each, words), each.value) for each in Scale]
    return {
        "type": "modal",
        "callback_id": actions.SATISFACTION_MODAL,
        "private_metadata": ticket.write(),
        "title": plain(words.say("Record satisfaction"), TITLE_CHARS),
        "submit": plain(words.say("Save"), TITLE_CHARS),
        "close": plain(words.say("Cancel"), TITLE_CHARS),
        "blocks": [
            section(f"*{escape(client_name)}*"),
            _input(
                SCALE,
                words.say("Scale"),
                {
                    "type": "static_select",
                    "action_id": SCALE,
                    "options": options,
                    "initial_option": next(o for o in options if o["value"] == scale.value),
                },
            ),
            _input(
                SCORE,
                words.say("Score"),
                {"type": "plain_text_input", "action_id": SCORE, "max_length": 10},
                hint=words.say("A number on the scale above, such as 72 or 2.5."),
            ),
            _input(
                MEASURED_ON,
                words.say("Asked on"),
                {
                    "type": "datepicker",
                    "action_id": MEASURED_ON,
                    "initial_date": today.isoformat(),
                },
            ),
        ],
    }


def recorded_modal(before: Quadrant | None, after: Assessment, words: Words) -> dict[str, Any]:
    """Confirm what was recorded, and tell a move; from FIX to MODEL is a success."""
    client = after.client
    field = explain.quadrant_name(after.quadrant.quadrant, words)
    if before is after.quadrant.quadrant:
        moved = words.say("{name} stays {field}.", name=client.name, field=field)
    else:
        moved = words.say(
            "{name} is now {field}, before: {before}.",
            name=client.name,
            field=field,
            before=explain.quadrant_name(before, words),
        )
    if (before, after.quadrant.quadrant) == (Quadrant.FIX, Quadrant.MODEL):
        moved += " " + words.say("Well done: this relation is repaired.")
    return {
        "type": "modal",
        "title": plain(words.say("Saved"), TITLE_CHARS),
        "close": plain(words.say("Close"), TITLE_CHARS),
        "blocks": [
            section(f"*{escape(moved)}*\n{escape(explain.next_step(after, words))}"),
            context(" ".join(explain.quadrant_because(after, words))),
        ],
    }


def not_a_score(words: Words) -> str:
    """Say what a score looks like."""
    return words.say("Please enter a number with at most two decimals, such as 72 or 2.5.")


def out_of_scale(error: ScoreOutOfScaleError, words: Words) -> str:
    """Say where the chosen scale begins and ends."""
    return words.say(
        "This scale goes from {low} to {high}.",
        low=words.number(error.minimum),
        high=words.number(error.maximum),
    )


def in_the_future(words: Words) -> str:
    """Say that the day is still to come."""
    return words.say("This day is still to come.")


def message_modal(title: str, sentence: str, words: Words) -> dict[str, Any]:
    """Say one sentence in place of a form."""
    return {
        "type": "modal",
        "title": plain(title, TITLE_CHARS),
        "close": plain(words.say("Close"), TITLE_CHARS),
        "blocks": [section(escape(sentence))],
    }


def blocks_modal(blocks: list[Block], text: str) -> dict[str, Any]:
    """Show as a modal what elsewhere is a message; Home has no messages."""
    return {
        "type": "modal",
        "title": plain("Tierwise", TITLE_CHARS),
        "blocks": blocks or [section(text)],
    }


def _input(block_id: str, label: str, element: Block, *, hint: str = "") -> Block:
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, 2000),
        "element": element,
    }
    if hint:
        block["hint"] = plain(hint, 2000)
    return block


def _option(text: str, value: str) -> Block:
    return {"text": plain(text, 75), "value": value}
