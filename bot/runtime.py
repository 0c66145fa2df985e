"""What every entry point is given: the store, the settings, and the one door to the clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.measures import Measures
from bot.previews import Previews
from bot.settings import Settings
from storage.journal import Entry, Journal
from storage.store import Store


def system_clock() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Handed down from the entry point; nothing below reads environment or clock by itself."""

    settings: Settings
    store: Store
    clock: Callable[[], datetime] | None = None
    """A clock that can be moved, for the demo and for tests; it holds for everybody."""
    previews: Previews = field(default_factory=Previews)
    measures: Measures = field(default_factory=Measures)

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        return (self.clock or system_clock)()

    def shared_now(self, session: Session | None = None) -> datetime:
        """Return the present instant by the clock that all who use the store share.

        The clocks of two machines differ; who may speak, and when, is decided by one.
        """
        if self.clock is not None:
            return self.clock()
        return self.store.now(session) or self.now()

    @property
    def journal(self) -> Journal:
        """Return the journal that lies beside the store."""
        return self.store.journal

    def note(self, firm_id: int, *entries: Entry) -> None:
        """Write down, as of now, what somebody is about to see or do."""
        self.journal.append(firm_id, *entries, at=self.now())

    def today(self, zone: ZoneInfo) -> date:
        """Return the day that people in a zone have now."""
        return self.now().astimezone(zone).date()
