"""What is owed to one client and when: values, and rules that say why."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum

from domain.errors import DomainError
from domain.model import Tier
from domain.service_model import LEAST_PER_YEAR, MOST_PER_YEAR, Interval


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


class Ground(StrEnum):
    """What a service is owed by."""

    TIER = "tier"
    OVERRIDE = "override"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """One service owed to one client, how often a year, and by what."""

    service: str
    per_year: Decimal
    ground: Ground
    by_tier: Decimal
    """What the tier alone gives."""
    floor: Decimal
    """What contract or law owes beyond what counts for it."""
    override: ServiceOverride | None = None
    """In force, even where the floor owes more."""
    covered_by: tuple[str, ...] = ()
    """Services owed that count for the floor."""


class DueState(StrEnum):
    """Where a service stands today."""

    SETTLED = "settled"
    """Its next time is further off than its lead."""
    UPCOMING = "upcoming"
    """Its preparation has begun."""
    DUE = "due"
    OVERDUE = "overdue"
    BOOKED = "booked"
    SNOOZED = "snoozed"


class Basis(StrEnum):
    """What a due day is counted from."""

    LAST = "last"
    """The last time it was settled, and the interval."""
    START = "start"
    """Never settled: the first time, spread over one interval from the start of the promise."""
    ANCHOR = "anchor"
    """A fixed month."""
    BIRTHDAY = "birthday"
    CHANGE = "change"
    """It would be due earlier, but was not owed, or not so often, before this day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How a service was last settled: by which record of which service."""

    on: date
    outcome: Outcome
    """Delivered, declined, or no answer on enough days."""
    record: ServiceRecord
    """The delivery, the refusal, or the last attempt; of another service, if that counts for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueService:
    """When a service is next due to a client, where it stands today, and why."""

    service: str
    state: DueState
    remind_on: date
    """From this day on it is upcoming."""
    due_on: date
    overdue_on: date
    basis: Basis
    entitlement: Entitlement
    interval: Interval
    started_on: date
    """The day from which the service is promised."""
    last: Settlement | None = None
    attempts: tuple[date, ...] = ()
    """Days without an answer since the service was last settled."""
    misses: int = 0
    """Times in a row that it was not delivered: declined, unanswered, not tried."""
    appointment: Appointment | None = None
    """The next one."""
    unreported: Appointment | None = None
    """The last one that has passed, of which nobody has said what came of it."""
    snooze: Snooze | None = None


class PromiseState(StrEnum):
    """What became of a promise."""

    DELIVERED = "delivered"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    NOT_TRIED = "not_tried"
    CANCELLED = "cancelled"
    """An appointment was cancelled, and nothing else happened."""
    OPEN = "open"
    NOT_YET_DUE = "not_yet_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days from the first one on, the end excluded."""

    first_day: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One time that a service was promised, and what became of it."""

    service: str
    due_on: date
    state: PromiseState
    entitlement: Entitlement
    """As it was on the day it was due."""
    rule_version: int
    settled_on: date | None = None
    records: tuple[ServiceRecord, ...] = ()
    """All that was recorded of it, in order."""
