"""The reminder of a day: one message, each thing with what can be done about it."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from bot import actions
from bot.service_reports import ReminderReport
from bot.views import explain
from bot.views.blocks import Block, button, context, cut, divider, escape, header, section
from bot.views.blocks import actions as row
from bot.views.due import service_buttons
from bot.views.service_words import name_by_key, stand
from bot.words import Words, say
from domain.notices import Notice
from domain.reminders import Item, Topic
from domain.rulebook import RuleBook

SHOWN = 12
"""So many things are shown; the others are counted: a message has at most 50 blocks."""
NAME_CHARS = 80
CLIENTS = (Topic.SERVICE, Topic.APPOINTMENT, Topic.UNREPORTED)
NOTICE_NAMES = {
    Notice.SERVICES: say("Reviews and services"),
    Notice.APPOINTMENTS: say("Appointments"),
    Notice.EVENTS: say("Client events"),
    Notice.RECHECKS: say("Re-checks and tiers set by hand"),
}


def reminder(report: ReminderReport, words: Words, *, late: bool = False) -> list[Block]:
    """Write the message of a day."""
    blocks = [header(_title(report, words, late=late))]
    blocks.append(section(f"*{escape(_summary(report.items, words))}*"))
    ordered = [each for kind in Notice for each in report.items if each.notice is kind]
    shown: Notice | None = None
    for item in ordered[:SHOWN]:
        if item.notice is not shown:
            blocks += [divider(), context(notice_name(item.notice, words))]
            shown = item.notice
        blocks += _item(item, report, words)
    more = len(ordered) - SHOWN
    if more > 0:
        blocks.append(context(words.say_n("… and {n} more", "… and {n} more", more)))
    blocks.append(
        row(
            button(words.say("All that is due"), actions.SHOW_DUE, "me"),
            button(words.say("Messages and times"), actions.NOTICES, "me"),
        )
    )
    blocks.append(context(_small_print(report, words)))
    return blocks


def reminder_text(
    report: ReminderReport, words: Words, *, late: bool = False, names: bool = False
) -> str:
    """Say how much comes up: lock screens show it. With `names`, for who wants that, each thing."""
    lines = [f"{_title(report, words, late=late)}. {_summary(report.items, words)}."]
    if names:
        lines += [item_line(each, report.rules, words, today=report.today) for each in report.items]
    return escape("\n".join(lines))


def item_line(item: Item, rules: RuleBook, words: Words, *, today: date) -> str:
    """Say a thing in one line."""
    return f"{_label(item, rules, words)}: {_sentence(item, words, today=today)}"


def notice_name(kind: Notice, words: Words) -> str:
    """Name what reminders are about."""
    return words.say(NOTICE_NAMES[kind])


def reminder_values(report: ReminderReport, words: Words) -> dict[str, Any]:
    """Give the reminder as plain values."""
    return {
        "day": report.today.isoformat(),
        "items": [
            {
                "topic": each.topic.value,
                "kind": each.notice.value,
                "name": each.name,
                "service": each.service or None,
                "on": each.on.isoformat(),
                "sentence": _sentence(each, words, today=report.today),
            }
            for each in report.items
        ],
        "message": {
            "text": reminder_text(report, words),
            "blocks": reminder(report, words) if report.items else [],
        },
    }


def _item(item: Item, report: ReminderReport, words: Words) -> list[Block]:
    sentence = _sentence(item, words, today=report.today)
    said = f"*{escape(_label(item, report.rules, words))}*\n{escape(sentence)}"
    if item.topic in CLIENTS and item.due is not None:
        service = name_by_key(item.service, report.rules.services, words)
        about = f"{item.name}, {service}"
        buttons = service_buttons(
            item.due, item.of, report.rules.services, about=about, words=words
        )
        return [section(said), buttons]
    if item.notice is Notice.EVENTS:
        link = button(
            words.say("Open"), f"{actions.EVENT}:open", f"open:{item.of}", about=item.name
        )
    else:
        link = button(words.say("Open"), actions.OPEN_CLIENT, str(item.of), about=item.name)
    return [section(said, accessory=link)]


def _label(item: Item, rules: RuleBook, words: Words) -> str:
    name = cut(item.name, NAME_CHARS)
    if not item.service:
        return name
    return f"{name} · {name_by_key(item.service, rules.services, words)}"


def _sentence(item: Item, words: Words, *, today: date) -> str:
    day, facts = words.day(item.on), {"day": words.day(item.on)}
    match item.topic:
        case Topic.SERVICE | Topic.UNREPORTED if item.due is not None:
            return stand(item.due, words, today=today)
        case Topic.APPOINTMENT if item.due is not None and item.due.appointment is not None:
            at = item.due.appointment.at
            return words.say("Appointment on {day}.", day=f"{day}, {words.time(at)}" if at else day)
        case Topic.INVITE:
            return words.say("On {day}; nobody is invited yet.", **facts)
        case Topic.REPLIES:
            return words.say_n(
                "On {day}; {n} of your clients has not replied.",
                "On {day}; {n} of your clients have not replied.",
                item.count,
                **facts,
            )
        case Topic.EVENT:
            return words.say_n(
                "On {day}; {n} of your clients comes.",
                "On {day}; {n} of your clients come.",
                item.count,
                **facts,
            )
        case Topic.RECHECK:
            return words.say("Strategic: to look at again on {day}.", **facts)
        case Topic.DECISION if item.decision is not None:
            decision = explain.decision_name(item.decision, words)
            return words.say("“{decision}”: to look at again on {day}.", decision=decision, **facts)
        case Topic.OVERRIDE if item.tier is not None:
            after = explain.tier_name(item.tier_after, words)
            return words.say(
                "{tier} set by hand ends on {day}, then {after}.",
                tier=item.tier.value,
                after=after,
                **facts,
            )
    raise ValueError(f"{item.topic} without what it is about")


def _title(report: ReminderReport, words: Words, *, late: bool) -> str:
    day = words.long_day(report.today)
    if late:
        return words.say("For {day} (late)", day=day)
    return words.say("For {day}", day=day)


def _summary(items: Sequence[Item], words: Words) -> str:
    if not items:
        return words.say("Nothing comes up today")
    counts = Counter(each.notice for each in items)
    services, appointments = counts[Notice.SERVICES], counts[Notice.APPOINTMENTS]
    events, rechecks = counts[Notice.EVENTS], counts[Notice.RECHECKS]
    parts = [
        (services, words.say_n("{n} service", "{n} services", services)),
        (appointments, words.say_n("{n} appointment", "{n} appointments", appointments)),
        (events, words.say_n("{n} client event", "{n} client events", events)),
        (rechecks, words.say_n("{n} re-check", "{n} re-checks", rechecks)),
    ]
    return " · ".join(sentence for count, sentence in parts if count)


def _small_print(report: ReminderReport, words: Words) -> str:
    return " · ".join(
        (
            words.say("As of {day}", day=words.day(report.today)),
            words.say("Each thing comes at most twice; then it stands in the Monday digest only."),
        )
    )
