"""When a firm's book is placed each night, and for how many nights it was not."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.calendar import local_instant
from storage.tables import FirmRow

PLACED_AT = time(1)
"""In the firm's zone; between two and three o'clock some nights have no such time."""
PLACING_TAKES = timedelta(hours=1)
"""Longer than a large book among many others takes: what is still not placed then is missing."""


def is_to_be_placed(placed_on: date | None, zone: ZoneInfo, *, now: datetime) -> bool:
    """Tell whether a firm's book is to be placed; what a night missed is done in the morning."""
    today = now.astimezone(zone).date()
    is_done = placed_on is not None and placed_on >= today
    return not is_done and now >= local_instant(today, PLACED_AT, zone)


def nights_missed(firm: FirmRow, *, now: datetime, has_run: bool) -> int | None:
    """Count the nights since a firm's book was placed.

    None is unknown: no night has passed since the firm was set up, or no program has run yet.
    """
    zone = ZoneInfo(firm.zone)
    since = firm.placed_on or firm.created_at.astimezone(zone).date()
    missed = max(0, (_last_night(now - PLACING_TAKES, zone) - since).days)
    is_known = firm.placed_on is not None or (has_run and missed > 0)
    return missed if is_known else None


def _last_night(now: datetime, zone: ZoneInfo) -> date:
    today = now.astimezone(zone).date()
    is_over = now >= local_instant(today, PLACED_AT, zone)
    return today if is_over else today - timedelta(days=1)
