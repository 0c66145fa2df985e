"""What every entry point is given: the store, the settings, and the one door to the clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bot.previews import Previews
from bot.settings import Settings
from storage.store import Store


def system_clock() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Handed down from the entry point; nothing below reads environment or clock by itself."""

    settings: Settings
    store: Store
    clock: Callable[[], datetime] = field(default=system_clock)
    previews: Previews = field(default_factory=Previews)

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        return self.clock()

    def today(self, zone: ZoneInfo) -> date:
        """Return the day that people in a zone have now."""
        return self.clock().astimezone(zone).date()
