"""Calendar files (.ics): client events and appointments, as calendars import and update them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from bot.service_reports import Booking
from domain.events import ClientEvent

MAKER = "-//Tierwise//Tierwise//EN"


def event_file(event: ClientEvent, *, now: datetime) -> bytes:
    """Write a client event; it names no client."""
    entry, zone = Event(), ZoneInfo(event.zone)
    entry.add("dtstart", datetime.combine(event.on, event.at, tzinfo=zone))
    entry.add("dtend", _end(event, zone))
    if event.place:
        entry.add("location", event.place)
    return _calendar(
        entry,
        event.name,
        uid=event.uid,
        sequence=event.sequence,
        is_cancelled=event.is_cancelled,
        now=now,
    )


def appointment_file(booking: Booking, summary: str, *, now: datetime) -> bytes:
    """Write an appointment; without a time it takes the whole day."""
    entry = Event()
    if booking.at is None:
        entry.add("dtstart", booking.on)
        entry.add("dtend", booking.on + timedelta(days=1))
    else:
        entry.add(
            "dtstart", datetime.combine(booking.on, booking.at, tzinfo=ZoneInfo(booking.zone))
        )
        entry.add("duration", timedelta(minutes=booking.minutes))
    return _calendar(
        entry,
        summary,
        uid=booking.uid,
        sequence=booking.sequence,
        is_cancelled=booking.is_cancelled,
        now=now,
    )


def _calendar(
    entry: Event, summary: str, *, uid: str, sequence: int, is_cancelled: bool, now: datetime
) -> bytes:
    entry.add("summary", summary)
    entry.add("uid", f"{uid}@tierwise")
    entry.add("sequence", sequence)
    entry.add("dtstamp", now)
    entry.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if is_cancelled else "PUBLISH")
    calendar.add_component(entry)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _end(event: ClientEvent, zone: ZoneInfo) -> datetime:
    day = event.on if event.ends_at > event.at else event.on + timedelta(days=1)
    return datetime.combine(day, event.ends_at, tzinfo=zone)
