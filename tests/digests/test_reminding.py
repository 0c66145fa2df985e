"""Reminders on their way: one message a person and day, none on the digest's, none of a holiday."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.digests.clock import tick
from bot.digests.delivery import DigestDesk, say_once
from bot.digests.reminding import REMINDER, ReminderRecorder, ReminderWriter
from domain.events import ClientEvent
from domain.model import Tier
from domain.notices import Choices, Notice, Often
from storage.events import save_event
from storage.notices import save_choices, save_holidays
from tests.digests.conftest import MONDAY, Office
from tests.digests.test_clock import Notebook

ZONE = ZoneInfo("Europe/Berlin")
TUESDAY = MONDAY + timedelta(days=1)
ABOUT_DINNER = "Für Dienstag, 24. November. 1 Veranstaltung."


def desk_of(office: Office) -> DigestDesk:
    desk = office.desk()
    writer = ReminderWriter(runtime=desk.runtime, office_of=desk.office_of)
    return replace(desk, writers={REMINDER: writer}, recorders=(ReminderRecorder(),))


def deliver(office: Office) -> None:
    """Tick once and finish all that was offered."""
    desk, notebook = desk_of(office), Notebook()
    tick(desk, notebook)
    for delivery_id in notebook.offered:
        say_once(delivery_id, desk)


def plan_dinner(office: Office, on: date) -> None:
    """Let Anna plan a dinner to which nobody is invited yet."""
    event = ClientEvent(
        event_id=0,
        team=office.members["anna"].team,
        owner_id=office.members["anna"].member_id,
        name="Kaminabend",
        on=on,
        at=time(18),
        ends_at=time(22),
        zone="Europe/Berlin",
        place="",
        seats=20,
        service="small_event",
        tiers=(Tier.A,),
        uid="dinner",
    )
    with office.store.write(office.firm_id) as session:
        save_event(session, event, by="Anna Berger", at=MONDAY)


def choose(office: Office, choices: Choices) -> None:
    with office.store.write(office.firm_id) as session:
        save_choices(session, office.members["anna"].member_id, choices, at=MONDAY)


def test_a_reminder_comes_once_on_its_day_at_eight(office: Office) -> None:
    # Given a dinner four weeks after Tuesday
    plan_dinner(office, date(2026, 12, 22))
    office.sandbox.clock.jump_to(TUESDAY - timedelta(minutes=1))
    deliver(office)
    assert ABOUT_DINNER not in office.inbox()
    # When it strikes eight, and a minute later
    for moment in (TUESDAY, TUESDAY + timedelta(minutes=1)):
        office.sandbox.clock.jump_to(moment)
        deliver(office)
    # Then Anna got one message, and nobody else any
    assert [text for text in office.inbox() if "Für" in text] == [ABOUT_DINNER]
    assert [text for text in office.inbox("U0JONAS") if "Für" in text] == []


def test_on_the_digest_s_day_there_is_no_second_message_and_none_after_it(office: Office) -> None:
    plan_dinner(office, date(2026, 12, 21))  # four weeks after Monday
    for day in range(3):
        office.sandbox.clock.jump_to(MONDAY + timedelta(days=day))
        deliver(office)
    assert office.inbox() == ["2026-W48 for Anna Berger"]


def test_what_comes_up_on_a_public_holiday_is_said_on_the_next_working_day(
    office: Office,
) -> None:
    # Given Bavaria's Epiphany, a Wednesday, four weeks before a dinner
    with office.store.write(office.firm_id) as session:
        save_holidays(session, "DE-BY")
    plan_dinner(office, date(2027, 2, 3))
    for day in (5, 6, 7):
        office.sandbox.clock.jump_to(datetime(2027, 1, day, 8, 30, tzinfo=ZONE))
        deliver(office)
    said = [text for text in office.inbox() if "Für" in text]
    assert said == ["Für Donnerstag, 7. Januar. 1 Veranstaltung."]


def test_whoever_wants_no_word_on_events_gets_none(office: Office) -> None:
    often = {**dict.fromkeys(Notice, Often.DAILY), Notice.EVENTS: Often.NEVER}
    choose(office, Choices(often=often))
    plan_dinner(office, date(2026, 12, 22))
    office.sandbox.clock.jump_to(TUESDAY)
    deliver(office)
    assert ABOUT_DINNER not in office.inbox()


def test_whoever_is_away_hears_of_it_on_the_first_day_back(office: Office) -> None:
    choose(office, Choices(away_from=date(2026, 11, 24), away_until=date(2026, 11, 25)))
    plan_dinner(office, date(2026, 12, 22))
    for day in (1, 2, 3):
        office.sandbox.clock.jump_to(MONDAY + timedelta(days=day))
        deliver(office)
    said = [text for text in office.inbox() if "Für" in text]
    assert said == ["Für Donnerstag, 26. November. 1 Veranstaltung."]
