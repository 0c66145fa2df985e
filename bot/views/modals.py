"""Modals: the frame of a form, the confirmation after it, one sentence in place of both."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot import actions
from bot.views import explain
from bot.views.blocks import TITLE_CHARS, Block, button, context, escape, fields, plain, section
from bot.views.blocks import actions as row
from bot.views.client_card import card_lines, figures
from bot.views.forms import Form, FormContext, form_fields, form_name
from bot.views.inputs import Choice, checks, client_search, field, refilled, select
from bot.words import Words
from domain.errors import ScoreOutOfScaleError
from domain.model import Quadrant
from domain.priorities import Assessment

FRAME = ("type", "title", "submit", "close", "callback_id", "private_metadata")
"""What a view that Slack sends has of the one that was opened, beside its blocks."""


class TicketError(ValueError):
    """A form came back with other metadata than it was opened with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a form carries along: ids only, and rights are checked again when it comes back."""

    client_id: int
    version: int

    def write(self) -> str:
        """Write the ticket as private metadata."""
        return json.dumps({"client": self.client_id, "version": self.version})

    @classmethod
    def read(cls, text: str) -> "Ticket":
        """Read private metadata back.

        Raises TicketError if it is none of ours.
        """
        try:
            plain_values = json.loads(text)
            return cls(client_id=int(plain_values["client"]), version=int(plain_values["version"]))
        except (KeyError, TypeError, ValueError) as error:
            raise TicketError from error


def form_modal(form: Form, form_context: FormContext) -> dict[str, Any]:
    """Show a form for a client."""
    report, words = form_context.report, form_context.words
    assessment = report.assessment
    ticket = Ticket(client_id=assessment.client.client_id, version=report.version)
    who = f"*{escape(assessment.client.name)}* · {escape(explain.segment_name(assessment, words))}"
    return {
        **form_frame(form_name(form, words), words),
        "callback_id": f"{actions.FORM}:{form}",
        "private_metadata": ticket.write(),
        "blocks": [section(who), *form_fields(form, form_context)],
    }


def changed_modal(
    form: Form, form_context: FormContext, state: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Show a form again with what was entered, and what somebody else's change left stored."""
    report, words = form_context.report, form_context.words
    view = form_modal(form, form_context)
    who, *inputs = view["blocks"]
    warning = words.say(
        "⚠ Somebody changed this client meanwhile. Your entry is still here and not saved yet: "
        "compare it with what is stored now, then save once more."
    )
    return {
        **view,
        "blocks": [
            who,
            section(escape(warning)),
            fields(figures(report, words)),
            context(" ".join(card_lines(report, words))),
            *(refilled(each, state) for each in inputs),
        ],
    }


def recorded_modal(
    before: Assessment, after: Assessment, batch: str, words: Words, *, taken_back: bool = False
) -> dict[str, Any]:
    """Confirm what was recorded or taken back, and tell a move; each can be undone."""
    blocks = [section(f"*{escape(moved_sentence(before, after, words))}*")]
    if after.client.former_since is None:
        step = explain.next_step(after, words)
        if after.quadrant.quadrant is not Quadrant.MOVE or after.awaits_decision:
            step = words.say("Next: {step}", step=step)
        blocks += [section(escape(step)), context(" ".join(explain.quadrant_because(after, words)))]
    buttons = [
        button(
            words.say("Open the card"),
            actions.OPEN_CLIENT,
            str(after.client.client_id),
            about=after.client.name,
        )
    ]
    if not taken_back:
        buttons.append(button(words.say("Undo"), actions.UNDO, batch, about=after.client.name))
    title = words.say("Taken back") if taken_back else words.say("Saved")
    return {**page_frame(title, words), "blocks": [*blocks, row(*buttons)]}


def find_client_modal(words: Words) -> dict[str, Any]:
    """Ask for a client, searched while one types."""
    return {
        **form_frame(words.say("Find a client"), words, submit=words.say("Open")),
        "callback_id": actions.FIND_CLIENT_MODAL,
        "blocks": [
            field(
                actions.CLIENT_OPTIONS,
                words.say("Client"),
                client_search(words.say("Type two letters of the name")),
            )
        ],
    }


def settings_modal(
    words: Words, *, locale: str | None, full_text: bool, strict: bool
) -> dict[str, Any]:
    """Ask for a person's own settings."""
    languages: list[Choice] = [
        ("slack", words.say("As in Slack")),
        ("de-DE", "Deutsch"),
        ("en-GB", "English"),
    ]
    boxes: list[Choice] = [
        ("full_text", words.say("Names and amounts may stand in notifications")),
        ("strict", words.say("Answers always come by direct message, never in a channel")),
    ]
    ticked = [name for name, on in (("full_text", full_text), ("strict", strict)) if on]
    return {
        **form_frame(words.say("Settings"), words),
        "callback_id": actions.SETTINGS_MODAL,
        "blocks": [
            field("locale", words.say("Language"), select(languages, initial=locale or "slack")),
            field("boxes", words.say("Privacy"), checks(boxes, initial=ticked), optional=True),
        ],
    }


def out_of_scale(error: ScoreOutOfScaleError, words: Words) -> str:
    """Say where the chosen scale begins and ends."""
    return words.say(
        "This scale goes from {low} to {high}.",
        low=words.number(error.minimum),
        high=words.number(error.maximum),
    )


def message_modal(title: str, sentence: str, words: Words) -> dict[str, Any]:
    """Say one sentence in place of a form."""
    return {**page_frame(title, words), "blocks": [section(escape(sentence))]}


def reopened_modal(view: Mapping[str, Any], sentences: Mapping[str, str]) -> dict[str, Any]:
    """Show a form again as it was sent, with a sentence below each wrong field."""
    entered = (view.get("state") or {}).get("values") or {}
    blocks: list[Block] = []
    for block in view.get("blocks") or []:
        blocks.append(refilled(block, entered))
        if sentence := sentences.get(block.get("block_id", "")):
            blocks.append(section(escape(f"⚠ {sentence}")))
    return {name: view[name] for name in FRAME if view.get(name)} | {"blocks": blocks}


def blocks_modal(blocks: list[Block], text: str) -> dict[str, Any]:
    """Show as a modal what elsewhere is a message; Home has no messages."""
    return {
        "type": "modal",
        "title": plain("Tierwise", TITLE_CHARS),
        "blocks": blocks or [section(text)],
    }


def moved_sentence(before: Assessment, after: Assessment, words: Words) -> str:
    """Say what a change did to a client."""
    name = after.client.name
    was, now = explain.segment_name(before, words), explain.segment_name(after, words)
    if after.client.former_since is not None and before.client.former_since is None:
        return words.say("{name} is no longer a client.", name=name)
    if before.client.advisor_id != after.client.advisor_id:
        return words.say("{name} was handed over.", name=name)
    if was == now:
        return words.say("{name} stays {segment}.", name=name, segment=now)
    moved = words.say(
        "{name} is now {segment}, before: {before}.", name=name, segment=now, before=was
    )
    if (before.quadrant.quadrant, after.quadrant.quadrant) == (Quadrant.FIX, Quadrant.MODEL):
        moved += " " + words.say("Well done: this relation is repaired.")
    return moved


def form_frame(title: str, words: Words, *, submit: str | None = None) -> dict[str, Any]:
    """Make a modal that is submitted, without its blocks."""
    return {
        "type": "modal",
        "title": plain(title, TITLE_CHARS),
        "submit": plain(submit or words.say("Save"), TITLE_CHARS),
        "close": plain(words.say("Cancel"), TITLE_CHARS),
    }


def page_frame(title: str, words: Words) -> dict[str, Any]:
    """Make a modal that is only read, without its blocks."""
    return {
        "type": "modal",
        "title": plain(title, TITLE_CHARS),
        "close": plain(words.say("Close"), TITLE_CHARS),
    }
