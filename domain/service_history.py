"""What was recorded, booked, put off and agreed with one client; `servicing` hands these out."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum

from domain.errors import DomainError
from domain.model import Tier
from domain.service_model import LEAST_PER_YEAR, MOST_PER_YEAR


class Outcome(StrEnum):
    """What came of a service."""

    DELIVERED = "delivered"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    """One dated attempt; so many of them settle (`ServiceModel.attempts_that_settle`)."""
    NOT_TRIED = "not_tried"
    CANCELLED = "cancelled"


class Channel(StrEnum):
    """How the client was reached; messages are no contact unless the rule book says so."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    CALL = "call"
    EMAIL = "email"
    VOICEMAIL = "voicemail"

    @property
    def is_message(self) -> bool:
        """Tell whether nobody talked with the client."""
        return self in (Channel.EMAIL, Channel.VOICEMAIL)


class PerYearError(DomainError):
    """Nothing is promised so often a year, or so seldom."""

    def __init__(self, per_year: Decimal) -> None:
        super().__init__(f"{per_year} times a year")
        self.per_year = per_year


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRecord:
    """What came of one service on a day, as somebody recorded it."""

    service: str
    outcome: Outcome
    on: date
    advisor_minutes: int | None = None
    staff_minutes: int | None = None
    note: str = ""
    by: str = ""
    record_id: int | None = None
    event_id: int | None = None
    channel: Channel | None = None
    """Not given: it was a real contact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A day on which a service is booked with the client."""

    service: str
    on: date
    at: time | None = None
    by: str = ""
    cancelled: bool = False
    minutes: int | None = None
    appointment_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """Somebody asked not to be reminded before a day."""

    service: str
    until: date
    """The first day on which it is shown again."""
    reason: str = ""
    by: str = ""
    snooze_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOverride:
    """How often a year one client gets a service against its tier, until a last day (inclusive)."""

    service: str
    per_year: Decimal
    reason: str
    by: str
    first_day: date
    last_day: date
    override_id: int | None = None

    def __post_init__(self) -> None:
        if self.per_year and not LEAST_PER_YEAR <= self.per_year <= MOST_PER_YEAR:
            raise PerYearError(self.per_year)

    def holds_on(self, day: date) -> bool:
        """Tell whether the override is in force on a day."""
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHistory:
    """All that was recorded, booked, put off and agreed with one client, as it was entered."""

    records: tuple[ServiceRecord, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    snoozes: tuple[Snooze, ...] = ()
    overrides: tuple[ServiceOverride, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TierSpan:
    """The tier that a client has had from a day on, until the next span; None: not placed."""

    tier: Tier | None
    first_day: date
