"""When the weekly digest is due: pure, one per person and ISO week of the person's local date."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.calendar import iso_week, local_instant, monday_of

MONDAY = 0
"""As `date.weekday` counts."""
AT = time(8)

ON_TIME = timedelta(hours=1)
"""A digest that leaves later than this after its time is marked late."""
TOO_LATE = timedelta(hours=48)
"""Up to and including this a late digest is still delivered; afterwards it is held."""

FIRST_ZONE = ZoneInfo("Etc/GMT-14")
"""Where each day begins first on earth (the sign is POSIX's: this is UTC+14)."""
LAST_ZONE = ZoneInfo("Etc/GMT+12")
"""Where each day begins last: whoever's zone cannot be asked is not disturbed before that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A digest whose time has come."""

    period: str
    """ISO week, such as ``2026-W48``."""
    due_at: datetime


def due_digest(
    now: datetime, *, zone: ZoneInfo, weekday: int = MONDAY, at: time = AT
) -> Due | None:
    """Return the digest of the week that `zone` has now, or None if its time is yet to come."""
    monday = monday_of(now.astimezone(zone).date())
    due = _digest_of(monday, zone=zone, weekday=weekday, at=at)
    return due if due.due_at <= now else None


def missed_digests(
    last_period: str, due: Due, *, zone: ZoneInfo, weekday: int = MONDAY, at: time = AT
) -> list[Due]:
    """Return the digests between the last recorded week and the one due now, oldest first."""
    monday = _monday(last_period) + timedelta(weeks=1)
    missed = []
    while monday < _monday(due.period):
        missed.append(_digest_of(monday, zone=zone, weekday=weekday, at=at))
        monday += timedelta(weeks=1)
    return missed


def newest_period(now: datetime, *, weekday: int = MONDAY, at: time = AT) -> str:
    """Name the latest week whose digest is due anywhere on earth.

    Whoever has that one needs no look at a zone.
    """
    offset = timedelta(days=weekday, hours=at.hour, minutes=at.minute)
    return iso_week((now.astimezone(FIRST_ZONE) - offset).date())


def is_late(now: datetime, due_at: datetime) -> bool:
    """Tell whether a digest that leaves now is to be marked late."""
    return now - due_at > ON_TIME


def is_too_late(now: datetime, due_at: datetime) -> bool:
    """Tell whether a digest is so late that it is held instead of delivered."""
    return now - due_at > TOO_LATE


def _digest_of(monday: date, *, zone: ZoneInfo, weekday: int, at: time) -> Due:
    day = monday + timedelta(days=weekday)
    return Due(period=iso_week(day), due_at=local_instant(day, at, zone))


def _monday(period: str) -> date:
    year, week = period.split("-W")
    return date.fromisocalendar(int(year), int(week), 1)
