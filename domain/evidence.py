"""What was promised to a client in a period, and what became of each promise.

A promise is one time that a service was due, by the tier, the override and the rule book in force
then. It ends when it is settled, when the next one has come, or when the service is no longer owed.
The UK regulator's review of ongoing advice (FCA, 2025) asks firms to tell apart what was delivered,
declined or unanswered, and never tried; how promises are counted is ours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from domain.clocks import lead_days_of, next_due
from domain.entitlements import Entitlement, Era, era_on, eras_of
from domain.issues import Issue, received
from domain.model import Client
from domain.rulebook import RuleBook
from domain.service_history import Outcome, ServiceHistory, ServiceRecord, TierSpan
from domain.service_model import Clock, Service, interval_of
from domain.servicing import (
    CLIENT_CLOCKS,
    Settlement,
    clock_start,
    named_settlements,
    past_of,
)

SLIDING = (Clock.ROLLING, Clock.ISSUE)
"""The clocks that begin anew with each delivery."""


class PromiseState(StrEnum):
    """What became of a promise."""

    DELIVERED = "delivered"
    DECLINED = "declined"
    NAMED = "named"
    """An imported list names the day; nobody here recorded it."""
    NO_ANSWER = "no_answer"
    """Tried without an answer, on enough days to settle it or on fewer."""
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

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day < self.end


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
    """What was recorded of the service since the promise before, in order."""


def evidence(
    client: Client,
    history: ServiceHistory,
    *,
    rule_books: Sequence[RuleBook],
    spans: Sequence[TierSpan],
    adopted_on: date,
    period: Period,
    today: date,
    issues: Sequence[Issue] = (),
) -> tuple[Promise, ...]:
    """List each promise to a client that is due in a period, exactly once, by its due day.

    `rule_books` are all versions and `spans` all tiers of the client, oldest first, `issues` all
    that the firm sent. What lies ahead is listed as if each promise were kept on its day.
    """
    last_day = max(today, period.end - timedelta(days=1))
    eras = eras_of(history.overrides, spans, rule_books, last_day=last_day)
    keys = dict.fromkeys(s.key for rules in rule_books for s in rules.services.services)
    found = [
        promise
        for key in keys
        for sent in ([each for each in issues if each.service == key],)
        for promise in _Walk(
            key,
            client,
            replace(history, records=(*history.records, *received(sent, spans))),
            eras,
            adopted_on,
            last_day,
            today,
            first_issue=min((each.on for each in sent), default=None),
        ).promises()
        if promise.due_on in period and not client.is_former_on(promise.due_on)
    ]
    return tuple(sorted(found, key=lambda each: each.due_on))


class _Walk:
    """One service of one client from the start of its clock to the last day asked for."""

    def __init__(
        self,
        key: str,
        client: Client,
        history: ServiceHistory,
        eras: Sequence[Era],
        adopted_on: date,
        last_day: date,
        today: date,
        *,
        first_issue: date | None,
    ) -> None:
        self.key, self.client, self.today, self.last_day = key, client, today, last_day
        self.end = client.former_since or date.max
        """From this day on nothing is promised any more."""
        self.eras = eras
        self.history = history
        self.first_issue = first_issue
        """Of a bulk service: the first one on record, no matter to whom it went."""
        self.start = clock_start(client, adopted_on)
        self.era = era_on(eras, self.start)
        service = self._service()
        is_first = False
        if first_issue is not None and service is not None and service.clock is Clock.ISSUE:
            is_first, self.start = first_issue >= self.start, max(first_issue, self.start)
        past = past_of(key, history.records, eras, today=today)
        recorded = {each.on: each for each in past.settlements}
        named = {each.on: each for each in named_settlements(key, client, eras, today=today)}
        every = sorted({**named, **recorded}.items())
        self.settlements = [each for on, each in every if on < self.end]
        before = [s for s in self.settlements if s.on < self.start]
        self.era = era_on(eras, self.start)
        self.last = before[-1].on if before else None
        """The day on which it was last settled."""
        self.kept = self.last
        """The day on which a promise was last settled."""
        self.began = self.start
        """Where the clock starts if it was never settled."""
        self.opened = self.start
        """What is recorded from this day on belongs to the open promise."""
        self.due = self._next(self.start)
        if is_first and self.due is not None:
            self.due = self.start

    def promises(self) -> Iterator[Promise]:
        """Give the promises in the order in which they end."""
        changes = [(era.first_day, 0, era) for era in self.eras if era.first_day > self.start]
        settled = [(s.on, 1, s) for s in self.settlements if s.on >= self.start]
        ahead = [each for each in changes if each[0] > self.today]
        so_far: list[tuple[date, int, Era | Settlement]] = [*changes, *settled]
        for day, _, event in sorted(so_far, key=lambda each: each[:2]):
            if day <= self.today:
                yield from self._passed(day)
                if isinstance(event, Era):
                    yield from self._changed(event)
                else:
                    yield from self._settled(event)
        yield from self._passed(min(self.today, self.end))
        yield from self._ahead([era for _, _, era in ahead])

    def _passed(self, day: date) -> Iterator[Promise]:
        """Close promises unsettled when the next one had come by a day."""
        while self.due is not None:
            due, last = self.due, self.last
            self.last = due
            following = self._next(due)
            turn = None if following is None else self._turn(due, following)
            if turn is None or turn > day:
                self.last = last
                return
            yield self._closed(due, turn)
            self.opened, self.kept, self.due = turn, None, following

    def _changed(self, era: Era) -> Iterator[Promise]:
        """Go on by other rules, or with another number of times a year."""
        due, day = self.due, era.first_day
        self.era = era
        if due is None:
            self.began, self.kept = day, None
        new = self._next(day if due is None else min(due, day))
        if due is not None and due < day and (new is None or new > due):
            self.era = era_on(self.eras, due)
            yield self._closed(due, day)
            self.era, self.opened, self.kept = era, day, None
        self.due = new

    def _settled(self, settlement: Settlement) -> Iterator[Promise]:
        """End a promise, unless it was only just settled: then the contact is one more."""
        due, self.last = self.due, settlement.on
        if due is None:
            return
        following = self._next(settlement.on)
        if following != due and (due <= settlement.on or not self._is_extra(settlement.on)):
            outcome = settlement.outcome
            state = PromiseState(outcome) if outcome else PromiseState.NAMED
            yield self._promise(due, state, settlement.on, settlement.on)
            self.opened, self.kept = settlement.on + timedelta(days=1), settlement.on
        self.due = following

    def _ahead(self, changes: Sequence[Era]) -> Iterator[Promise]:
        """Give the promise that is open and those not yet due, each as if kept on its day."""
        changes = [*changes]
        while self.due is not None or changes:
            if changes and (self.due is None or changes[0].first_day <= self.due):
                yield from self._changed(changes.pop(0))
                continue
            if self.due is None or self.due > self.last_day:
                return
            if self.due > self.today:
                yield self._promise(self.due, PromiseState.NOT_YET_DUE, None, self.today)
            elif self.end <= self.today:
                yield self._closed(self.due, self.end)
            else:
                yield self._promise(self.due, PromiseState.OPEN, None, self.today)
            self.last = self.due
            self.opened = self.today + timedelta(days=1)
            self.due = self._next(self.due)

    def _next(self, not_before: date) -> date | None:
        """Return the next due day by the rules in force, and never before a day."""
        service, owed = self._service(), self.era.owed.get(self.key)
        if service is None or owed is None:
            return None
        return next_due(
            service,
            owed.per_year,
            client_id=self.client.client_id,
            born_on=self.client.born_on,
            last=self.last,
            start=self.began,
            not_before=max(not_before, self.began),
        )

    def _turn(self, due: date, following: date) -> date:
        """Return from which day on a settlement is one of the next promise, not of this one."""
        service, owed = self._service(), self.era.owed.get(self.key)
        if service is None or owed is None or service.clock in SLIDING:
            return following
        if service.clock is Clock.BIRTHDAY:
            return due + timedelta(days=self.era.rules.services.overdue_least_days)
        return following - timedelta(days=lead_days_of(service, owed.per_year))

    def _service(self) -> Service | None:
        service = self.era.rules.services.find(self.key)
        if service is not None and service.clock is Clock.ISSUE:
            return service if self.first_issue is not None else None
        return service if service is not None and service.clock in CLIENT_CLOCKS else None

    def _is_extra(self, day: date) -> bool:
        """Tell whether the last promise was settled less than half an interval before.

        Fixed days are promised one by one, whatever comes between.
        """
        service, owed = self._service(), self.era.owed.get(self.key)
        if self.kept is None or owed is None or service is None:
            return False
        if service.clock not in SLIDING:
            return False
        return 2 * (day - self.kept) < interval_of(owed.per_year).after(self.kept) - self.kept

    def _closed(self, due: date, day: date) -> Promise:
        """End the open promise unsettled, before a day."""
        return self._promise(due, self._unsettled(day), None, day - timedelta(days=1))

    def _unsettled(self, end: date) -> PromiseState:
        told = {record.outcome for record in self._recorded(end - timedelta(days=1))}
        if Outcome.NO_ANSWER in told:
            return PromiseState.NO_ANSWER
        cancelled = Outcome.CANCELLED in told or any(
            each.service == self.key and each.cancelled and self.opened <= each.on < end
            for each in self.history.appointments
        )
        if cancelled and Outcome.NOT_TRIED not in told:
            return PromiseState.CANCELLED
        return PromiseState.NOT_TRIED

    def _promise(
        self, due: date, state: PromiseState, settled_on: date | None, last_day: date
    ) -> Promise:
        era = era_on(self.eras, due) if due < self.era.first_day else self.era
        owed = era.owed[self.key]
        return Promise(
            service=self.key,
            due_on=due,
            state=state,
            entitlement=owed,
            rule_version=era.rules.version,
            settled_on=settled_on,
            records=self._recorded(last_day),
        )

    def _recorded(self, last_day: date) -> tuple[ServiceRecord, ...]:
        """Return the records since the promise before: of the service, or of what counts for it."""
        model = self.era.rules.services
        keys = {self.key, *(each.key for each in model.counting_for(self.key))}
        found = [
            record
            for record in self.history.records
            if record.service in keys
            and (record.service == self.key or record.outcome is Outcome.DELIVERED)
            and self.opened <= record.on <= min(last_day, self.today)
        ]
        return tuple(sorted(found, key=lambda each: each.on))
