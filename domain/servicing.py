"""What is owed to one client and when: values, and rules that say why.

Source: Commonwealth (services by tier, two clocks, review first). The floor, outcomes that settle,
two limits and all figures are ours; see docs/rules.md. `service_frames` reads the same rules over
whole books, a property test holds the two equal; `evidence` looks back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.clocks import lead_days_of, next_due
from domain.entitlements import Entitlement, Era, Ground, entitlements, era_on, eras_of
from domain.model import Client, Tier
from domain.rulebook import RuleBook
from domain.service_history import (
    Appointment,
    Channel,
    Outcome,
    PerYearError,
    ServiceHistory,
    ServiceOverride,
    ServiceRecord,
    Snooze,
    TierSpan,
)
from domain.service_model import (
    Clock,
    Family,
    Interval,
    Service,
    ServiceModel,
    interval_of,
)

__all__ = [
    "Appointment",
    "Basis",
    "Channel",
    "DueService",
    "DueState",
    "Entitlement",
    "Ground",
    "Outcome",
    "PerYearError",
    "ServiceHistory",
    "ServiceOverride",
    "ServiceRecord",
    "Settlement",
    "Snooze",
    "TierSpan",
    "due_services",
    "entitlements",
    "last_settled",
]


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
    outcome: Outcome | None
    """Delivered, declined, or no answer on enough days; None: an imported list names the day."""
    record: ServiceRecord | None
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
    """Where its clock starts if it was never settled."""
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

    @property
    def is_reminded(self) -> bool:
        """Tell whether somebody is to be reminded: it has begun, and is not booked or put off."""
        return self.state in (DueState.UPCOMING, DueState.DUE, DueState.OVERDUE)

    @property
    def is_booked_along(self) -> bool:
        """Tell whether the appointment is one of another service, which counts for this one."""
        return self.appointment is not None and self.appointment.service != self.service


REVIEW, CHECK_IN = "review", "check_in"
"""The services of which imported lists name the last day: the review, and the contact."""
CLIENT_CLOCKS = (Clock.ROLLING, Clock.ANCHORED, Clock.BIRTHDAY)
"""The clocks by which a service is due to a client."""


def due_services(
    client: Client,
    tier: Tier | None,
    history: ServiceHistory,
    rules: RuleBook,
    *,
    adopted_on: date,
    today: date,
    spans: Sequence[TierSpan] = (),
    earlier: Sequence[RuleBook] = (),
) -> tuple[DueService, ...]:
    """Say of each service owed to a client when it is due next and where it stands, soonest first.

    `adopted_on` is the day of the firm's first rule book. `spans` are the tiers the client had and
    `earlier` the rule books before, oldest first: without them both have always been as they are.
    """
    if client.is_former_on(today):
        return ()
    spans = _with_present(spans, tier, today)
    eras = eras_of(history.overrides, spans, (*earlier, rules), last_day=today)
    present, start = eras[-1], clock_start(client, adopted_on)
    found = []
    for key, owed in present.owed.items():
        service = present.rules.services.find(key)
        if service is None or service.clock not in CLIENT_CLOCKS:
            continue
        past = _past_so_far(key, client, history.records, eras, today)
        clock = running_clock(key, client, eras, past.last, start, today=today)
        if clock is not None and not client.is_former_on(clock.due_on):
            found.append(_due_service(service, clock, owed, past, history, present.rules, today))
    return tuple(sorted(found, key=lambda each: each.due_on))


def last_settled(
    records: Iterable[ServiceRecord], rule_books: Sequence[RuleBook], *, today: date
) -> dict[str, date]:
    """Return the day each service was last settled, by key; the state kept for whole books.

    `rule_books` are all versions, oldest first: each record is read by the rules of its day, so
    that a new version changes nothing of what was recorded before it.
    """
    recorded = tuple(records)
    eras = [
        Era(first_day=each.valid_from if number else date.min, rules=each, owed={})
        for number, each in enumerate(rule_books)
    ]
    keys = dict.fromkeys(s.key for rules in rule_books for s in rules.services.services)
    pasts = {key: past_of(key, recorded, eras, today=today) for key in keys}
    return {key: past.last.on for key, past in pasts.items() if past.last is not None}


def clock_start(client: Client, adopted_on: date) -> date:
    """Return the day from which services are promised to a client."""
    return max(client.client_since or adopted_on, adopted_on)


def _with_present(spans: Sequence[TierSpan], tier: Tier | None, today: date) -> list[TierSpan]:
    """Let the tiers end with the present one: a change that nobody has stored is of today."""
    known = sorted((each for each in spans if each.first_day <= today), key=lambda s: s.first_day)
    if not known or known[-1].tier is not tier:
        known.append(TierSpan(tier=tier, first_day=today))
    return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """How a service was settled so far, and what has happened since."""

    settlements: tuple[Settlement, ...]
    attempts: tuple[date, ...]
    misses: int

    @property
    def last(self) -> Settlement | None:
        """Return the last settlement."""
        return self.settlements[-1] if self.settlements else None


def past_of(
    key: str, records: Sequence[ServiceRecord], eras: Sequence[Era], *, today: date
) -> Past:
    """Read a service's records: what settles, by the rules of its day, and what does not."""
    settlements: list[Settlement] = []
    attempts: list[date] = []
    misses, settled_on = 0, None
    told_by = {key}.union(*(era.rules.services.keys_counting_for(key) for era in eras))
    told = (each for each in records if each.service in told_by and each.on <= today)
    for record in sorted(told, key=lambda each: each.on):
        model = era_on(eras, record.on).rules.services
        outcome = _told_by(record, key, model)
        if outcome is Outcome.NOT_TRIED:
            misses += 1
        if outcome is Outcome.NO_ANSWER and record.on not in (*attempts, settled_on):
            attempts.append(record.on)
        if outcome in (Outcome.DELIVERED, Outcome.DECLINED) or (
            outcome is Outcome.NO_ANSWER and len(attempts) >= model.attempts_that_settle
        ):
            settlements.append(Settlement(on=record.on, outcome=outcome, record=record))
            misses = 0 if outcome is Outcome.DELIVERED else misses + 1
            attempts, settled_on = [], record.on
    return Past(settlements=tuple(settlements), attempts=tuple(attempts), misses=misses)


def _past_so_far(
    key: str, client: Client, records: Sequence[ServiceRecord], eras: Sequence[Era], today: date
) -> Past:
    """Read a service's records, and the days that an imported list names: the later one counts."""
    past = past_of(key, records, eras, today=today)
    named = named_settlements(key, client, eras, today=today)
    if not named or (past.last is not None and past.last.on >= named[-1].on):
        return past
    since = past_of(key, [r for r in records if r.on > named[-1].on], eras, today=today)
    return Past(
        settlements=(*past.settlements, named[-1]), attempts=since.attempts, misses=since.misses
    )


def named_settlements(
    key: str, client: Client, eras: Sequence[Era], *, today: date
) -> list[Settlement]:
    """Return the days that an imported list names as a service's last, or as of what counts for it.

    They move the clock and are no deliveries: nobody here recorded them.
    """
    named = [
        day
        for source, day in named_days(client)
        if day <= today
        and _told_by(_named(source, day), key, era_on(eras, day).rules.services) is not None
    ]
    return [Settlement(on=day, outcome=None, record=None) for day in sorted(set(named))]


def named_days(client: Client) -> list[tuple[str, date]]:
    """Return the services and days that an imported list names as the last."""
    days = ((REVIEW, client.last_review_on), (CHECK_IN, client.last_contact_on))
    return [(service, day) for service, day in days if day is not None]


def _named(service: str, day: date) -> ServiceRecord:
    return ServiceRecord(service=service, outcome=Outcome.DELIVERED, on=day)


def _told_by(record: ServiceRecord, key: str, model: ServiceModel) -> Outcome | None:
    """Return what a record says of a service; None: nothing."""
    if record.service != key:
        done = model.find(record.service)
        if done is None or key not in done.counts_for or record.outcome is not Outcome.DELIVERED:
            return None
    service = model.find(key)
    if service is None:
        return None
    is_message = record.channel is not None and record.channel.is_message
    if (
        record.outcome is Outcome.DELIVERED
        and service.family is Family.CONTACT
        and is_message
        and not model.messages_count
    ):
        return None
    return record.outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningClock:
    """When a service is due next, and what that is counted from."""

    due_on: date
    started_on: date
    basis: Basis


def running_clock(
    key: str,
    client: Client,
    eras: Sequence[Era],
    last: Settlement | None,
    start: date,
    *,
    today: date,
) -> RunningClock | None:
    """Follow a service's clock since it was last settled, through all changes of what is owed.

    A change keeps the last delivery and applies the new interval, but makes nothing due before its
    own day that was not due already.
    """
    since = max(start, last.on) if last else start
    clock: RunningClock | None = None
    for era in (
        era_on(eras, since),
        *(e for e in eras if since < e.first_day <= today),
    ):
        began = clock.started_on if clock else max(era.first_day, start)
        not_before = min(clock.due_on, era.first_day) if clock else began
        clock = _clock_in(era, key, client, last, began, not_before, today)
    return clock


def _clock_in(
    era: Era,
    key: str,
    client: Client,
    last: Settlement | None,
    started_on: date,
    not_before: date,
    today: date,
) -> RunningClock | None:
    """Read a service's clock by the rules of one era."""
    service, owed = era.rules.services.find(key), era.owed.get(key)
    if service is None or owed is None or service.clock not in CLIENT_CLOCKS:
        return None
    if service.clock is Clock.BIRTHDAY:
        # Nobody is congratulated late: after the days of grace the next birthday counts.
        passed = today - timedelta(days=era.rules.services.overdue_least_days - 1)
        not_before = max(not_before, passed)
    due_on = next_due(
        service,
        owed.per_year,
        client_id=client.client_id,
        born_on=client.born_on,
        last=last.on if last else None,
        start=started_on,
        not_before=not_before,
    )
    if due_on is None:
        return None
    return RunningClock(
        due_on=due_on, started_on=started_on, basis=_basis(service, owed, last, due_on)
    )


def _basis(service: Service, owed: Entitlement, last: Settlement | None, due_on: date) -> Basis:
    if service.clock is Clock.ANCHORED:
        return Basis.ANCHOR
    if service.clock is Clock.BIRTHDAY:
        return Basis.BIRTHDAY
    if last is None:
        return Basis.START
    return Basis.LAST if due_on == interval_of(owed.per_year).after(last.on) else Basis.CHANGE


def overdue_on_of(service: Service, per_year: Decimal, due_on: date, model: ServiceModel) -> date:
    """Return the day on which a service is overdue; a birthday is over by then."""
    if service.clock is Clock.BIRTHDAY:
        return due_on + timedelta(days=model.overdue_least_days)
    return due_on + timedelta(days=model.overdue_days_of(per_year))


def _due_service(
    service: Service,
    clock: RunningClock,
    owed: Entitlement,
    past: Past,
    history: ServiceHistory,
    rules: RuleBook,
    today: date,
) -> DueService:
    remind_on = clock.due_on - timedelta(days=lead_days_of(service, owed.per_year))
    overdue_on = overdue_on_of(service, owed.per_year, clock.due_on, rules.services)
    state = state_on(today, remind_on, clock.due_on, overdue_on)
    appointment = _booked(service, history, past.last, rules.services, today)
    snooze = _snoozed(service, history, today)
    if appointment is not None:
        state = DueState.BOOKED
    elif snooze is not None and state is not DueState.SETTLED:
        state = DueState.SNOOZED
    return DueService(
        service=service.key,
        state=state,
        remind_on=remind_on,
        due_on=clock.due_on,
        overdue_on=overdue_on,
        basis=clock.basis,
        entitlement=owed,
        interval=interval_of(owed.per_year),
        started_on=clock.started_on,
        last=past.last,
        attempts=past.attempts,
        misses=past.misses,
        appointment=appointment,
        unreported=_unreported(service, history, today),
        snooze=snooze,
    )


def state_on(today: date, remind_on: date, due_on: date, overdue_on: date) -> DueState:
    if today < remind_on:
        return DueState.SETTLED
    if today < due_on:
        return DueState.UPCOMING
    return DueState.DUE if today < overdue_on else DueState.OVERDUE


def _booked(
    service: Service,
    history: ServiceHistory,
    last: Settlement | None,
    model: ServiceModel,
    today: date,
) -> Appointment | None:
    """Return the next appointment for a service, or for one that counts for it."""
    keys = {service.key, *model.keys_counting_for(service.key)}
    ahead = [
        each
        for each in history.appointments
        if each.service in keys
        and not each.cancelled
        and each.on >= today
        and (last is None or last.on < each.on)
    ]
    return min(ahead, key=lambda each: each.on, default=None)


def _unreported(service: Service, history: ServiceHistory, today: date) -> Appointment | None:
    own = [r.on for r in history.records if r.service == service.key and r.on <= today]
    passed = [
        each
        for each in history.appointments
        if each.service == service.key
        and not each.cancelled
        and max(own, default=date.min) < each.on < today
    ]
    return max(passed, key=lambda each: each.on, default=None)


def _snoozed(service: Service, history: ServiceHistory, today: date) -> Snooze | None:
    put_off = [s for s in history.snoozes if s.service == service.key and s.until > today]
    return max(put_off, key=lambda each: each.until, default=None)
