"""Changing the rule book in Slack: the form of a part, the effect, the confirmation, the history.

A part's form comes from its keys alone; the service model asks first which service.
"""

import json
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot import actions
from bot.reports import DraftReport, RulesSection, RulesVersion
from bot.views.blocks import Block, button, context, cut, escape, header, section
from bot.views.blocks import actions as row
from bot.views.inputs import Choice, field, option, radio, select, text
from bot.views.modals import form_frame, page_frame
from bot.views.rule_effect import (
    field_lines,
    hours_lines,
    method_lines,
    move_lines,
    moved_line,
    tier_lines,
)
from bot.views.rule_labels import (
    Section,
    change_lines,
    key_name,
    keys_in,
    saved_by,
    section_name,
    shown,
    value_at,
)
from bot.views.rules import notes
from bot.views.rules_card import try_only
from bot.views.service_editing import (
    GENERAL,
    NEW,
    drafted_name,
    service_chooser,
    service_fields,
)
from bot.words import Words
from domain.rule_drafts import differing, flat
from domain.rulebook import RuleBook
from domain.rulefile import to_plain

VERSIONS = 20
"""So many versions the history shows."""
MOVES = 8
"""So many moves the effect lists, the largest first."""
NUMBER_CHARS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesTicket:
    """What a part's form carries along; rights are checked again when it comes back."""

    section: Section
    base: int
    """The version that the form was filled with."""
    service: str = ""
    """Of the service model: whose form it is."""

    def write(self) -> str:
        """Write the ticket as private metadata."""
        return json.dumps({"section": self.section, "base": self.base, "service": self.service})

    @classmethod
    def read(cls, metadata: str) -> "RulesTicket":
        """Read private metadata back.

        Raises ValueError if it is none of ours.
        """
        try:
            plain = json.loads(metadata)
            return cls(
                section=Section(plain["section"]),
                base=int(plain["base"]),
                service=str(plain["service"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError("no ticket of a rule book's form") from error


def section_modal(
    part: Section,
    filled: RulesSection,
    words: Words,
    *,
    service: str = "",
    warnings: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Show the form of a part, filled with what holds and the person's own draft over it.

    The service model without a service asks for one first.
    """
    said = [section(escape(f"⚠ {each}")) for each in warnings]
    if filled.has_draft:
        said.append(context(words.say("Your draft, which is not saved yet, is filled in.")))
    title = section_name(part, words)
    if part is Section.SERVICES and not service:
        blocks = [*said, *service_chooser(filled.values, words)]
        return {**page_frame(title, words), "blocks": blocks}
    if part is Section.SERVICES and service != GENERAL:
        name = words.say("Add a service")
        if service != NEW:
            name = drafted_name(service, filled.values, words)
        fields = service_fields(service, filled.values, filled.in_force, words)
        fields = [header(name), *fields]
    else:
        fields = _fields(part, filled, words)
    ticket = RulesTicket(section=part, base=filled.in_force.version, service=service)
    return {
        **form_frame(title, words, submit=words.say("Show the effect")),
        "callback_id": actions.RULES_FORM,
        "private_metadata": ticket.write(),
        "blocks": [*said, *fields],
    }


def effect_modal(report: DraftReport, words: Words, *, may_keep: bool) -> dict[str, Any]:
    """Show what the draft would change; only from here it can be saved, by who may."""
    found = report.preview
    if not found.changes_rules:
        sentence = words.say("The rule book says this already.")
        return {**page_frame(words.say("Effect"), words), "blocks": [section(escape(sentence))]}
    title, n = words.say("Effect"), words.number(found.after.version)
    save: dict[str, Any] = {
        **form_frame(title, words, submit=words.say("Save rule book {n}", n=n)),
        "close": page_frame("", words)["close"],
        "callback_id": actions.RULES_KEEP,
        "private_metadata": report.marker,
    }
    return {
        **(save if may_keep else page_frame(title, words)),
        "blocks": [
            *([] if may_keep else [section(escape(f"⚠ {try_only(words)}"))]),
            *_meanwhile(report, words),
            header(words.say("What changes")),
            _lines(
                [
                    escape(each)
                    for each in change_lines(_changes(report), words, found.after.services)
                ]
            ),
            header(words.say("What it does")),
            *_effect(report, words),
            row(_other_sections(words), button(words.say("Discard"), actions.RULES_DROP, "draft")),
            context(words.say("Nothing is saved yet. The draft stays yours when this is closed.")),
        ],
    }


def kept_modal(rules: RuleBook, words: Words) -> dict[str, Any]:
    """Confirm what was saved; submitting goes back, over the effect of going back."""
    sentence = words.say(
        "Rule book {version} holds from {day} on.",
        version=rules.version,
        day=words.day(rules.valid_from),
    )
    return {
        **form_frame(words.say("Saved"), words, submit=words.say("Take back")),
        "close": page_frame("", words)["close"],
        "callback_id": actions.RULES_BACK,
        "private_metadata": str(rules.version - 1),
        "blocks": [
            section(f"*{escape(sentence)}*"),
            context(words.say("To take it back shows first what that would change.")),
        ],
    }


def history_modal(
    versions: tuple[RulesVersion, ...], words: Words, *, may_change: bool
) -> dict[str, Any]:
    """List the versions with who changed what; who may change them can go back to one."""
    blocks = [_lines(_version_lines(each, words)) for each in versions[:VERSIONS]]
    if len(versions) > VERSIONS:
        older = words.number(len(versions) - VERSIONS)
        blocks.append(context(words.say("… and {n} older ones: tierwise rules history", n=older)))
    title = words.say("History of the rules")
    earlier = [(str(each.version), _version_title(each, words)) for each in versions[1:VERSIONS]]
    if not may_change or not earlier:
        return {**page_frame(title, words), "blocks": blocks}
    return {
        **form_frame(title, words, submit=words.say("Show the effect")),
        "callback_id": actions.RULES_BACK,
        "private_metadata": "history",
        "blocks": [
            field(actions.RULES_VERSION, words.say("Go back to"), select(earlier)),
            *blocks,
        ],
    }


def _fields(part: Section, filled: RulesSection, words: Words) -> list[Block]:
    values, said = flat(filled.values), notes(words)
    fields = []
    for key in keys_in(part, filled.in_force):
        element = _element(key, value_at(filled.in_force, key), values[key], words)
        # A choice explains itself; its note names the values as they stand in a file
        hint = "" if element["type"] == "radio_buttons" else said.get(key, "")
        fields.append(field(key, key_name(key, words), element, hint=hint))
    return fields


def _element(key: str, present: Any, plain: Any, words: Words) -> Block:
    match present:
        case bool():
            choices = [("yes", words.say("yes")), ("no", words.say("no"))]
            return radio(choices, initial="yes" if plain else "no")
        case StrEnum():
            kinds = [(each.value, shown(key, each.value, words)) for each in type(present)]
            return radio(kinds, initial=plain)
        case int() | Decimal():
            return text(initial=words.typed(Decimal(plain)), longest=NUMBER_CHARS)
    raise ValueError(f"{key} needs a form of its own")


def _changes(report: DraftReport) -> list[tuple[str, Any, Any]]:
    found = report.preview
    old, new = to_plain(found.before), to_plain(found.after)
    before = flat(old)
    return [(key, before.get(key), value) for key, value in flat(differing(old, new)).items()]


def _meanwhile(report: DraftReport, words: Words) -> list[Block]:
    blocks: list[Block] = []
    model = report.preview.after.services
    for each in report.meanwhile:
        sentence = words.say(
            "⚠ {by} saved rule book {version} meanwhile. Your entry is kept and not saved yet: "
            "here it stands against what holds now.",
            by=saved_by(each.by, words),
            version=words.number(each.version),
        )
        lines = [f"*{escape(sentence)}*", *map(escape, change_lines(each.changes, words, model))]
        blocks.append(section("\n".join(lines)))
    if report.clashes:
        lines = [
            words.say(
                "{name}: yours {mine}, now {now}, before {before}",
                name=key_name(each.key, words, model),
                mine=shown(each.key, each.mine, words),
                now=shown(each.key, each.now, words),
                before=shown(each.key, each.before, words),
            )
            for each in report.clashes
        ]
        title = words.say("Changed by both")
        blocks.append(section("\n".join((f"*{escape(title)}*", *map(escape, lines)))))
    return blocks


def _effect(report: DraftReport, words: Words) -> list[Block]:
    found = report.preview
    moves = move_lines(found, words)[:MOVES]
    hours = _lines([escape(each) for each in hours_lines(found, words)])
    moved = section(f"*{escape(moved_line(found, words))}*")
    if not moves:
        return [hours, moved]
    return [
        moved,
        _lines([escape(each) for each in moves]),
        _lines([f"*{escape(name)}*: {escape(line)}" for name, line in tier_lines(found, words)]),
        _lines([f"*{escape(name)}*: {escape(line)}" for name, line in field_lines(found, words)]),
        hours,
        *(context(each) for each in method_lines(found, words)),
    ]


def _version_title(version: RulesVersion, words: Words) -> str:
    return words.say(
        "Rule book {version} of {day}",
        version=version.version,
        day=words.day(version.valid_from),
    )


def _version_lines(version: RulesVersion, words: Words) -> list[str]:
    title = f"*{escape(_version_title(version, words))}* · {escape(saved_by(version.by, words))}"
    return [title, *map(escape, change_lines(version.changes, words))]


def _other_sections(words: Words) -> Block:
    choices: list[Choice] = [(each.value, section_name(each, words)) for each in Section]
    return {
        "type": "static_select",
        "action_id": actions.RULES_MORE,
        "placeholder": {"type": "plain_text", "text": cut(words.say("Change more"), 150)},
        "options": [option(*each) for each in choices],
    }


def _lines(lines: list[str]) -> Block:
    return section("\n".join(lines) or "–")
