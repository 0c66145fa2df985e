"""The reminder of a day: sizes, what a locked screen shows, and every line read aloud."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.service_reports import ReminderReport
from bot.views.reminder import reminder, reminder_text
from bot.words import Words
from domain.model import DecisionKind, Tier
from domain.notices import is_weekday
from domain.reminders import Item, Topic, service_items
from tests.domain.examples import TODAY
from tests.views import examples
from tests.views.examples import LONG_NAME, ODD_NAME, RULES
from tests.views.judges import assert_blocks, assert_harmless


def overdue(size: int, name: str = "Mandat {n}") -> list[Item]:
    """List the services of so many clients to whom nothing was ever delivered."""
    return [
        item
        for n in range(size)
        for item in service_items(
            n + 1,
            name.format(n=n),
            examples.owed(examples.assessed(examples.grow(name.format(n=n), n + 1))),
            RULES.services,
            is_weekday,
        )
    ]


def other(topic: Topic, name: str, **facts: Any) -> Item:
    known = {"of": 3, "name": name, "on": date(2026, 12, 16), "moments": (TODAY,)}
    return Item(topic=topic, **known | facts)


def day_of(*items: Item) -> ReminderReport:
    return ReminderReport(items=items, rules=RULES, today=TODAY, zone=ZoneInfo("Europe/Berlin"))


def mixed(name: str) -> ReminderReport:
    return day_of(
        *overdue(1, name)[:2],
        other(Topic.INVITE, "Kaminabend"),
        other(Topic.REPLIES, "Kaminabend", count=1),
        other(Topic.EVENT, "Kaminabend", count=2),
        other(Topic.RECHECK, name),
        other(Topic.OVERRIDE, name, tier=Tier.S, tier_after=Tier.B),
        other(Topic.DECISION, name, decision=DecisionKind.WATCH),
    )


DAYS = {
    "nothing any more": day_of(),
    "one": day_of(*overdue(1)[:1]),
    "every kind": mixed("Maria Huber"),
    "odd name": mixed(ODD_NAME),
    "500": day_of(*overdue(500)),
}
days = pytest.mark.parametrize("report", DAYS.values(), ids=DAYS)


@days
def test_the_reminder_of_a_day(
    report: ReminderReport, words: Words, snapshot: SnapshotAssertion
) -> None:
    blocks, text = reminder(report, words), reminder_text(report, words)
    assert_blocks(blocks, "message")
    assert_harmless(text)
    assert_harmless(reminder_text(report, words, names=True))
    assert {"text": text, "blocks": blocks} == snapshot


def test_names_of_any_length_fit(words: Words) -> None:
    blocks = reminder(day_of(*overdue(20, LONG_NAME)), words, late=True)
    assert_blocks(blocks, "message")
    assert len(blocks) <= 48


@days
def test_a_locked_screen_shows_counts_and_no_name(report: ReminderReport, words: Words) -> None:
    text = reminder_text(report, words)
    assert not [item.name for item in report.items if item.name in text]
