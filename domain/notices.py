"""What a person wants to be told, when, and when not; defaults are ours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any

IsWorkday = Callable[[date], bool]
"""Tells whether people work on a day: no weekend, no public holiday."""

SATURDAY = 5
"""As `date.weekday` counts."""
MOST_DAYS_OFF = 30
"""No calendar has so many days without work in a row."""


class Notice(StrEnum):
    """What reminders are about; each has its own frequency."""

    SERVICES = "services"
    """Reviews with their lead, services due and overdue."""
    APPOINTMENTS = "appointments"
    """Tomorrow's, and those of which nobody said what came of them."""
    EVENTS = "events"
    RECHECKS = "rechecks"
    """Strategic clients to look at again, tiers set by hand that end."""


class Often(StrEnum):
    """How often a kind is said."""

    DAILY = "daily"
    """On the working day on which something comes up."""
    WEEKLY = "weekly"
    NEVER = "never"
    """Only in the digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """One person's choices; weekdays as `date.weekday` counts, times on the person's own clock."""

    digest: bool = True
    digest_weekday: int = 0
    digest_at: time = time(8)
    often: Mapping[Notice, Often] = field(
        default_factory=lambda: dict.fromkeys(Notice, Often.DAILY)
    )
    weekday: int = 0
    """Of the kinds that are said once a week."""
    at: time = time(8)
    away_from: date | None = None
    away_until: date | None = None
    """The last day away; None: nothing is paused."""

    def is_away(self, day: date) -> bool:
        """Tell whether nothing is to be said on a day."""
        if self.away_until is None:
            return False
        return (self.away_from or date.min) <= day <= self.away_until

    def kinds_on(self, day: date, is_workday: IsWorkday) -> frozenset[Notice]:
        """Return what reminders of a day are about; a weekly one moves to the next working day."""
        if self.is_away(day) or not is_workday(day):
            return frozenset()
        monday = day - timedelta(days=day.weekday())
        weekly = next_workday(monday + timedelta(days=self.weekday), is_workday)
        wanted = {Often.DAILY, Often.WEEKLY} if day == weekly else {Often.DAILY}
        return frozenset(kind for kind in Notice if self.often.get(kind, Often.DAILY) in wanted)

    def digest_day(self, monday: date, is_workday: IsWorkday) -> date | None:
        """Return the day of a week's digest: a working day at home, or None if there is none."""
        if not self.digest:
            return None
        day = next_workday(monday + timedelta(days=self.digest_weekday), is_workday)
        while self.is_away(day):
            day = next_workday(day + timedelta(days=1), is_workday)
            if day >= monday + timedelta(days=7):
                return None
        return day


def next_workday(day: date, is_workday: IsWorkday) -> date:
    """Return the day itself, or the first working day after it."""
    days = (day + timedelta(days=n) for n in range(MOST_DAYS_OFF))
    return next(filter(is_workday, days), day)


def workday_before(day: date, is_workday: IsWorkday) -> date:
    """Return the last working day before a day."""
    days = (day - timedelta(days=n) for n in range(1, MOST_DAYS_OFF))
    return next(filter(is_workday, days), day)


def is_weekday(day: date) -> bool:
    """Tell whether a day is from Monday to Friday."""
    return day.weekday() < SATURDAY


def to_plain(choices: Choices) -> dict[str, Any]:
    """Write choices as plain values."""
    return {
        "digest": choices.digest,
        "digest_weekday": choices.digest_weekday,
        "digest_at": choices.digest_at.isoformat("minutes"),
        "often": {kind.value: often.value for kind, often in choices.often.items()},
        "weekday": choices.weekday,
        "at": choices.at.isoformat("minutes"),
        "away_from": choices.away_from.isoformat() if choices.away_from else None,
        "away_until": choices.away_until.isoformat() if choices.away_until else None,
    }


def from_plain(plain: Mapping[str, Any]) -> Choices:
    """Read choices back."""
    return Choices(
        digest=plain["digest"],
        digest_weekday=plain["digest_weekday"],
        digest_at=time.fromisoformat(plain["digest_at"]),
        often={Notice(kind): Often(often) for kind, often in plain["often"].items()},
        weekday=plain["weekday"],
        at=time.fromisoformat(plain["at"]),
        away_from=date.fromisoformat(plain["away_from"]) if plain["away_from"] else None,
        away_until=date.fromisoformat(plain["away_until"]) if plain["away_until"] else None,
    )
