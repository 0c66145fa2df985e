"""Reminders on their way: one message a person and day, none on the digest's, none of a holiday."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot.digests.clock import tick
from bot.digests.delivery import DigestDesk, say_once
from bot.digests.kinds import REMINDER, WEEKLY
from bot.digests.reminding import ReminderRecorder, ReminderWriter
from bot.usecases.reminders import choose_notices
from domain.events import ClientEvent
from domain.model import Tier
from domain.notices import Choices, Notice, Often
from storage.events import save_event
from storage.notices import note_reminded, reminded, save_choices, save_holidays
from storage.tables import DecisionRow, DeliveryRow
from tests.digests.conftest import LINKED, MONDAY, Office
from tests.digests.test_clock import TEXT, Notebook
from tests.firms import save_client

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


def choose(office: Office, choices: Choices, at: datetime = LINKED) -> None:
    with office.store.write(office.firm_id) as session:
        save_choices(session, office.members["anna"].member_id, choices, at=at)


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


def test_who_was_away_for_weeks_hears_of_what_came_up_meanwhile(office: Office) -> None:
    # Given three weeks away, and a dinner four weeks ahead in the first of them
    away = {"away_from": date(2026, 11, 25), "away_until": date(2026, 12, 15)}
    choose(office, Choices(digest=False, **away))
    plan_dinner(office, date(2026, 12, 25))
    for day in (datetime(2026, 11, 24, 8, tzinfo=ZONE), datetime(2026, 12, 16, 8, tzinfo=ZONE)):
        office.sandbox.clock.jump_to(day)
        deliver(office)
    # Then the message counts it, although it came up longer ago than a week
    said = [text for text in office.inbox() if "Für" in text]
    assert said == ["Für Mittwoch, 16. Dezember. 1 Veranstaltung."]


def test_a_decision_comes_up_two_weeks_before_its_day_and_on_it(office: Office) -> None:
    with office.store.write(office.firm_id) as session:
        anna = office.members["anna"].member_id
        client_id = save_client(session, "H-1", "Maria Huber", anna)
        session.add(
            DecisionRow(
                client_id=client_id,
                kind="watch",
                reason="wait",
                by="Anna Berger",
                decided_on=date(2026, 10, 1),
                recheck_on=date(2026, 12, 9),
            )
        )
    choose(office, Choices(digest=False))
    for day in range(1, 17):
        office.sandbox.clock.jump_to(MONDAY + timedelta(days=day))
        deliver(office)
    assert [text for text in office.inbox() if "Wiedervorlage" in text] == [
        "Für Mittwoch, 25. November. 1 Wiedervorlage.",
        "Für Mittwoch, 9. Dezember. 1 Wiedervorlage.",
    ]


def test_what_was_said_long_ago_is_dropped(office: Office) -> None:
    anna = office.members["anna"].member_id
    first, last = date(2026, 11, 24), date(2027, 12, 30)
    with office.store.write(office.firm_id) as session:
        for day in (first, date(2026, 11, 25), last):
            note_reminded(session, anna, day, [f"service:1:review:{day}"])
    with office.store.read(office.firm_id) as session:
        kept = reminded(session, anna)
    assert sorted(kept) == ["service:1:review:2026-11-25", "service:1:review:2027-12-30"]


MONDAYS, FRIDAYS = Choices(), Choices(digest_weekday=4)
THURSDAY = MONDAY + timedelta(days=3)


def change(office: Office, choices: Choices, at: datetime) -> None:
    """Let Anna change her choices, as the form does."""
    office.sandbox.clock.jump_to(at)
    runtime = office.desk().runtime
    choose_notices(office.firm_id, office.members["anna"], choices, runtime, zone=ZONE)


def weeks_said(office: Office) -> list[str]:
    """Return for which weeks Anna got a digest; none was held."""
    with office.store.read(office.firm_id) as session:
        rows = session.exec(
            select(DeliveryRow).where(
                DeliveryRow.member_id == office.members["anna"].member_id,
                DeliveryRow.kind == WEEKLY,
            )
        ).all()
    assert {row.state for row in rows} <= {"sent"}
    return sorted(row.period for row in rows)


def test_a_digest_moved_to_a_day_that_has_passed_comes_at_once(office: Office) -> None:
    # Given digests on Fridays, of which last week's came
    choose(office, FRIDAYS)
    office.sandbox.clock.jump_to(MONDAY - timedelta(days=3))
    deliver(office)
    # When Anna moves them to Mondays, on Thursday
    change(office, MONDAYS, THURSDAY)
    deliver(office)
    # Then this week's comes at once and not late, and the next on Monday
    assert office.inbox()[-1] == TEXT
    for hours in (0, 4 * 24):
        office.sandbox.clock.jump_to(THURSDAY + timedelta(hours=hours))
        deliver(office)
    assert weeks_said(office) == ["2026-W47", "2026-W48", "2026-W49"]


@pytest.mark.parametrize(
    ("before", "after", "changed_at", "weeks"),
    [
        # Moved on: what came on Monday does not come again on Friday
        (MONDAYS, FRIDAYS, MONDAY + timedelta(hours=3), ["2026-W48", "2026-W49"]),
        # Moved back and forth on one day
        (FRIDAYS, MONDAYS, MONDAY - timedelta(hours=3), ["2026-W48", "2026-W49"]),
        # Seconds after eight, before any clock has ticked
        (MONDAYS, FRIDAYS, MONDAY + timedelta(seconds=20), ["2026-W48", "2026-W49"]),
        (MONDAYS, MONDAYS, MONDAY + timedelta(seconds=20), ["2026-W48", "2026-W49"]),
        # Wanted again after a time without: the weeks before were not wanted
        (Choices(digest=False), MONDAYS, THURSDAY, ["2026-W49"]),
        (MONDAYS, Choices(digest=False), MONDAY - timedelta(hours=1), []),
        # Back early from a holiday
        (
            Choices(away_from=MONDAY.date(), away_until=date(2026, 12, 4)),
            MONDAYS,
            THURSDAY,
            ["2026-W49"],
        ),
    ],
)
def test_no_change_loses_holds_or_doubles_a_week_s_digest(
    office: Office,
    before: Choices,
    after: Choices,
    changed_at: datetime,
    weeks: list[str],
) -> None:
    choose(office, before, at=MONDAY - timedelta(days=2))
    if changed_at - MONDAY > timedelta(minutes=1):
        office.sandbox.clock.jump_to(MONDAY)
        deliver(office)
    change(office, after, changed_at)
    for days in (0, 1, 3, 4, 7, 11):
        moment = MONDAY + timedelta(days=days, minutes=1)
        if moment > changed_at:
            office.sandbox.clock.jump_to(moment)
            deliver(office)
    assert weeks_said(office) == weeks
