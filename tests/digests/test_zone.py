"""Whose clocks count for somebody whose Slack profile names no zone that exists."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.digests.clock import tick, zone_of
from bot.digests.delivery import DigestDesk, say_once
from bot.digests.kinds import REMINDER
from bot.digests.message import WeeklyWriter
from bot.digests.points import Point
from bot.digests.reminding import ReminderRecorder, ReminderWriter
from domain.access import Member
from sandbox.faults import Fault
from tests.digests.conftest import MONDAY, Office
from tests.digests.test_clock import Notebook
from tests.digests.test_reminding import plan_dinner

NO_ZONES = (
    None,
    "",
    " ",
    "W. Europe Standard Time",
    "Central European Time",
    "GMT+1:00",
    "europe/berlin/",
    "Europe",
    "Europe/Bonn",
    "../../etc/passwd",
    "Europe/Berlin\0",
    "Z" * 500,
    "localtime",
    "Factory",
    "right/Europe/Berlin",
    7200,
    {"name": "Europe/Berlin"},
)
SAID = (
    "Slack nennt zu diesem Konto keine bekannte Zeitzone; es gilt die der Firma: Europe/Berlin. "
    "Ändern lässt sie sich in den Slack-Einstellungen unter „Sprache und Region“."
)


class DiedError(BaseException):
    """The process died here."""


def live_in(office: Office, zone: object) -> None:
    """Let Anna's profile name this zone."""
    office.sandbox.workspace.world.people["U0ANNA"].tz = zone  # type: ignore[assignment]


def desk_of(office: Office) -> DigestDesk:
    """Return a desk that writes real messages."""
    desk = office.desk()
    given = {"runtime": desk.runtime, "office_of": desk.office_of}
    writers = {**desk.writers, REMINDER: ReminderWriter(**given)}
    weekly = WeeklyWriter(**given)
    return replace(desk, compose=weekly, writers=writers, recorders=(ReminderRecorder(),))


def deliver(office: Office, desk: DigestDesk) -> None:
    notebook = Notebook()
    tick(desk, notebook)
    for delivery_id in notebook.offered:
        say_once(delivery_id, desk)


def anna(office: Office) -> Member:
    return replace(office.members["anna"], slack_user_id="U0ANNA")


def test_a_zone_that_does_not_exist_is_the_firm_s(office: Office) -> None:
    found = {}
    for zone in NO_ZONES:
        live_in(office, zone)
        desk = office.desk()
        found[repr(zone)] = zone_of(anna(office), desk.office_of(office.firm_id)).key
    assert found == dict.fromkeys(map(repr, NO_ZONES), "Europe/Berlin")
    live_in(office, "Europe/Lisbon")
    assert zone_of(anna(office), office.desk().office_of(office.firm_id)).key == "Europe/Lisbon"


@pytest.mark.parametrize("zone", [None, "W. Europe Standard Time"])
def test_whoever_has_none_is_told_once_that_the_firm_s_counts(
    office: Office, zone: str | None
) -> None:
    live_in(office, zone)
    deliver(office, desk_of(office))
    office.sandbox.clock.jump_to(MONDAY + timedelta(weeks=1))
    deliver(office, desk_of(office))
    first, second = (SAID in text for text in office.inbox())
    assert (first, second) == (True, False)
    assert not any(SAID in text for text in office.inbox("U0JONAS"))


def test_a_reminder_says_it_when_it_comes_before_the_first_digest(office: Office) -> None:
    live_in(office, "W. Europe Standard Time")
    friday = MONDAY - timedelta(days=3)
    plan_dinner(office, (friday + timedelta(days=28)).date())
    for moment in (friday, MONDAY):
        office.sandbox.clock.jump_to(moment)
        deliver(office, desk_of(office))
    assert [SAID in text for text in office.inbox()] == [True, False]


def test_a_message_that_was_held_leaves_it_to_the_next_one_to_say(office: Office) -> None:
    live_in(office, None)
    office.sandbox.faults.order("chat.postMessage", Fault(error="messages_tab_disabled"))
    for week in range(3):
        office.sandbox.clock.jump_to(MONDAY + timedelta(weeks=week))
        deliver(office, desk_of(office))
    assert [SAID in text for text in office.inbox()] == [True, False]


def test_a_process_that_dies_while_it_writes_leaves_it_to_the_next_one_to_say(
    office: Office,
) -> None:
    live_in(office, None)

    def die(point: Point) -> None:
        if point is Point.BEFORE_KEPT:
            raise DiedError

    desk = desk_of(office)
    with pytest.raises(DiedError):
        deliver(office, replace(desk, reach=die))
    office.sandbox.clock.advance(timedelta(minutes=2))
    deliver(office, desk_of(office))
    assert [SAID in text for text in office.inbox()] == [True]
