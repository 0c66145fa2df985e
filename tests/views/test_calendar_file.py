"""Calendar files say the right hour in the right zone, and the newer word replaces the older."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from icalendar import Calendar

from bot.service_reports import Booking
from bot.views.calendar_file import appointment_file, event_file
from domain.events import ClientEvent
from domain.model import Tier

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
DINNER = ClientEvent(
    event_id=1,
    team="Birkenhof",
    owner_id=1,
    name="Dinner, with music; and Söhne",
    on=date(2027, 6, 10),
    at=time(18, 30),
    ends_at=time(23, 0),
    zone="Europe/Berlin",
    place="Birkenhof",
    seats=40,
    service="small_event",
    tiers=(Tier.A,),
    uid="abc",
)
TALK = Booking(
    client="Maria Huber",
    service="review",
    on=date(2026, 12, 10),
    at=time(9, 30),
    zone="Europe/London",
    minutes=150,
    is_cancelled=False,
    uid="def",
    sequence=0,
)


def read(data: bytes) -> tuple[Any, Any]:
    """Read a calendar as a calendar program does."""
    calendar = Calendar.from_ical(data)
    (entry,) = calendar.walk("VEVENT")
    return calendar, entry


def instant(entry: Any, name: str) -> datetime:
    return entry.decoded(name).astimezone(UTC)


def test_an_event_is_at_its_hour_in_summer_and_in_winter() -> None:
    _, summer = read(event_file(DINNER, now=NOW))
    # Berlin is two hours ahead of UTC in June, one in December
    assert instant(summer, "dtstart") == datetime(2027, 6, 10, 16, 30, tzinfo=UTC)
    assert instant(summer, "dtend") == datetime(2027, 6, 10, 21, 0, tzinfo=UTC)
    _, winter = read(event_file(replace(DINNER, on=date(2026, 12, 17)), now=NOW))
    assert instant(winter, "dtstart") == datetime(2026, 12, 17, 17, 30, tzinfo=UTC)


def test_the_file_brings_its_time_zone_along() -> None:
    calendar, entry = read(event_file(DINNER, now=NOW))
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == entry["DTSTART"].params["TZID"] == "Europe/Berlin"


def test_a_dinner_that_goes_on_after_midnight_ends_the_next_day() -> None:
    _, entry = read(event_file(replace(DINNER, ends_at=time(0, 30)), now=NOW))
    assert instant(entry, "dtend") - instant(entry, "dtstart") == timedelta(hours=6)


def test_words_come_through_as_they_are() -> None:
    _, entry = read(event_file(DINNER, now=NOW))
    assert str(entry["SUMMARY"]) == "Dinner, with music; and Söhne"
    assert str(entry["LOCATION"]) == "Birkenhof"


def test_a_changed_event_replaces_the_one_in_the_calendar() -> None:
    _, first = read(event_file(DINNER, now=NOW))
    _, second = read(event_file(replace(DINNER, sequence=1, place="Gasthof"), now=NOW))
    assert first["UID"] == second["UID"] == "abc@tierwise"
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)


def test_a_cancelled_event_takes_itself_out_of_the_calendar() -> None:
    calendar, entry = read(event_file(replace(DINNER, is_cancelled=True, sequence=2), now=NOW))
    assert (calendar["METHOD"], entry["STATUS"]) == ("CANCEL", "CANCELLED")
    assert entry["UID"] == "abc@tierwise"


def test_an_appointment_is_in_its_advisors_zone() -> None:
    _, entry = read(appointment_file(TALK, "Review meeting: Maria Huber", now=NOW))
    assert instant(entry, "dtstart") == datetime(2026, 12, 10, 9, 30, tzinfo=UTC)
    assert entry.decoded("duration") == timedelta(minutes=150)


def test_an_appointment_without_a_time_takes_the_day() -> None:
    booking = replace(TALK, at=None)
    _, entry = read(appointment_file(booking, "Review meeting: Maria Huber", now=NOW))
    assert entry.decoded("dtstart") == date(2026, 12, 10)
    assert entry.decoded("dtend") == date(2026, 12, 11)
