"""When the weekly digest is due: pure, one per person and ISO week of the person's local date."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypedDict
from zoneinfo import ZoneInfo

from domain.calendar import iso_week, local_instant, monday_of

DayOf = Callable[[date], date | None]
"""Names the day of the digest of the week of a Monday, or None if there is none."""
AT = time(8)


class Plan(TypedDict):
    """When digests are due."""

    day_of: DayOf
    at: time


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


def _on_monday(monday: date) -> date:
    return monday


def due_digest(
    now: datetime, *, zone: ZoneInfo, day_of: DayOf = _on_monday, at: time = AT
) -> Due | None:
    """Return the digest of the week that `zone` has now, or None if its time is yet to come.

    One of last week that a holiday moved into this week counts until this week's own.
    """
    monday = monday_of(now.astimezone(zone).date())
    due = _digest_of(monday, zone=zone, day_of=day_of, at=at)
    if due is not None and due.due_at <= now:
        return due
    moved = _digest_of(monday - timedelta(weeks=1), zone=zone, day_of=day_of, at=at)
    is_moved = moved is not None and moved.due_at >= local_instant(monday, time(), zone)
    return moved if moved is not None and is_moved and moved.due_at <= now else None


def missed_digests(
    last_period: str, due: Due, *, zone: ZoneInfo, day_of: DayOf = _on_monday, at: time = AT
) -> list[Due]:
    """Return the digests between the last recorded week and the one due now, oldest first."""
    monday = _monday(last_period) + timedelta(weeks=1)
    missed = []
    while monday < _monday(due.period):
        each = _digest_of(monday, zone=zone, day_of=day_of, at=at)
        if each is not None:
            missed.append(each)
        monday += timedelta(weeks=1)
    return missed


def weeks_owed(
    now: datetime,
    *,
    zone: ZoneInfo,
    plan: Plan,
    since: datetime | None,
    last_period: str | None,
) -> list[Due]:
    """List what is owed by a plan that holds since an instant, weeks that were missed first."""
    due = due_digest(now, zone=zone, **plan)
    if due is None or (since is not None and since > due.due_at):
        return []
    missed = missed_digests(last_period, due, zone=zone, **plan) if last_period else []
    return [each for each in (*missed, due) if since is None or since <= each.due_at]


def due_at_once(now: datetime, *, zone: ZoneInfo, before: Plan, after: Plan) -> Due | None:
    """Return the digest of the present week that would be lost by a change of plan made now.

    Moved over the present to an earlier day it comes at once; one whose time has come already, and
    that no clock may have seen yet, keeps its time.
    """
    monday = monday_of(now.astimezone(zone).date())
    old = _digest_of(monday, zone=zone, **before)
    new = _digest_of(monday, zone=zone, **after)
    if old is None or new is None:
        return None
    if old.due_at <= now:
        return old
    return Due(period=new.period, due_at=now) if new.due_at <= now else None


def is_due_somewhere(
    now: datetime, last_period: str | None, *, day_of: DayOf = _on_monday, at: time = AT
) -> bool:
    """Tell whether a digest after the last recorded one is due where days begin first on earth.

    Elsewhere nobody's zone has to be asked.
    """
    due = due_digest(now, zone=FIRST_ZONE, day_of=day_of, at=at)
    return due is not None and (last_period is None or last_period < due.period)


def is_late(now: datetime, due_at: datetime) -> bool:
    """Tell whether a digest that leaves now is to be marked late."""
    return now - due_at > ON_TIME


def is_too_late(now: datetime, due_at: datetime) -> bool:
    """Tell whether a digest is so late that it is held instead of delivered."""
    return now - due_at > TOO_LATE


def _digest_of(monday: date, *, zone: ZoneInfo, day_of: DayOf, at: time) -> Due | None:
    day = day_of(monday)
    if day is None:
        return None
    return Due(period=iso_week(monday), due_at=local_instant(day, at, zone))


def _monday(period: str) -> date:
    year, week = period.split("-W")
    return date.fromisocalendar(int(year), int(week), 1)
