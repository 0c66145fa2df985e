"""A file of the whole firm: asked for by one person, confirmed by another, fetched once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WAITS_FOR = timedelta(days=7)
"""So long a request waits for somebody else (ours)."""
HOLDS_FOR = timedelta(hours=24)
"""So long the file can be fetched once it is confirmed (ours)."""


class Stage(StrEnum):
    """How a request stands."""

    WAITS = "waits"
    CONFIRMED = "confirmed"
    FETCHED = "fetched"
    DECLINED = "declined"
    """By somebody else, or withdrawn by who asked."""
    LAPSED = "lapsed"
    """Not confirmed, or not fetched, in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """Who asked for the file and why, and what became of it."""

    request_id: int
    asked_by: int
    asked_at: datetime
    reason: str
    decided_by: int | None = None
    decided_at: datetime | None = None
    is_confirmed: bool = False
    fetched_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """Return when it is too late for the next step."""
        return self.decided_at + HOLDS_FOR if self.decided_at else self.asked_at + WAITS_FOR

    def stage(self, now: datetime) -> Stage:
        """Tell how it stands; at the very instant at which it ends it is too late."""
        if self.fetched_at is not None:
            return Stage.FETCHED
        if self.decided_at is not None and not self.is_confirmed:
            return Stage.DECLINED
        if now >= self.ends_at:
            return Stage.LAPSED
        return Stage.CONFIRMED if self.is_confirmed else Stage.WAITS

    def awaits(self, member_id: int, now: datetime) -> bool:
        """Tell whether the next step is a member's, who may confirm and fetch at all."""
        is_own = member_id == self.asked_by
        return self.stage(now) is (Stage.CONFIRMED if is_own else Stage.WAITS)
