"""Instants as people read them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.words import Words


def moment(at: datetime, words: Words, zone: ZoneInfo) -> str:
    """Write day and time in a zone."""
    local = at.astimezone(zone)
    return f"{words.day(local.date())}, {local:%H:%M}"
