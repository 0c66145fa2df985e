"""The rules of `servicing` over whole books: integers in, when each service is due and its state.

Most clients' days are read from one table a service, by tier and last day: a due day and a state
are one look-up each. Those whose tier, rules or agreements changed since, or of whom nothing was
delivered yet, are read once more, by their changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.clocks import lead_days_of
from domain.entitlements import owed_by
from domain.frames import NONE, Ints, categorical, epoch_day, frame, ints
from domain.model import Client, Tier
from domain.rulebook import RuleBook
from domain.service_days import UNKNOWN, Many, interval_after, next_days
from domain.service_history import ServiceHistory, TierSpan
from domain.service_model import Clock, Service, ServiceModel
from domain.servicing import CHECK_IN, CLIENT_CLOCKS, REVIEW, DueState, last_settled

Days = npt.NDArray[np.int32]
"""Half as long as the others: due days are the bulk of what is read."""
States = npt.NDArray[np.int8]
Times = tuple[Decimal, ...]
"""How often a year a service is owed, by tier."""
STATES = list(DueState)
SETTLED, UPCOMING, DUE, OVERDUE, BOOKED, SNOOZED = range(len(STATES))
REMINDED = (DueState.UPCOMING, DueState.DUE, DueState.OVERDUE)
TIERS = list(Tier)
NEVER = 1 << 30
"""The due day of what is not owed."""
SCALE = 10_000
"""Times a year are counted in ten thousandths."""
LONG_AGO = -(1 << 40)
TABLE_DAYS = 1024
"""So many last days, today's the latest, stand in a table; older ones are rare."""

COLUMNS = {
    "clients": "client_id client_since? former_since? born_on? last_review_on? last_contact_on?",
    "spans": "client_id tier: first_day",
    "overrides": "client_id service: per_year_hundredths first_day last_day",
    "appointments": "client_id service: on",
    "snoozes": "client_id service: until",
}
"""Each frame's columns, written as in `frames.COLUMNS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFrames:
    """A book's services as frames, facts in the order they were recorded."""

    clients: pd.DataFrame
    """client_id, client_since?, former_since?, born_on?, and the days that an imported list names,
    last_review_on?, last_contact_on?: one row each."""
    last: pd.DataFrame
    """One column for each service: the day it was last settled by what is on record here, or NONE;
    rows as `clients`."""
    spans: pd.DataFrame = field(default_factory=lambda: frame(COLUMNS["spans"], ()))
    """client_id, tier (missing: not placed), first_day: the tiers that clients had."""
    overrides: pd.DataFrame = field(default_factory=lambda: frame(COLUMNS["overrides"], ()))
    """client_id, service, per_year_hundredths, first_day, last_day"""
    appointments: pd.DataFrame = field(default_factory=lambda: frame(COLUMNS["appointments"], ()))
    """client_id, service, on: those not cancelled."""
    snoozes: pd.DataFrame = field(default_factory=lambda: frame(COLUMNS["snoozes"], ()))
    """client_id, service, until"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueBook:
    """When each service of a book is due, and its state: a row for each service."""

    client_id: Ints
    services: tuple[str, ...]
    due_on: Days
    """NEVER where it is not owed."""
    state: States
    """Places in `DueState`; NONE where it is not owed."""

    def rows(self, states: Iterable[DueState] = REMINDED) -> pd.DataFrame:
        """List what is in one of some states, by service: client_id, service, state, due_on."""
        codes = [STATES.index(each) for each in states]
        is_listed = [_is_one_of(codes, each) for each in self.state]
        ends = np.cumsum([0, *(np.count_nonzero(each) for each in is_listed)])
        client, due_on = np.empty(ends[-1], np.int64), np.empty(ends[-1], np.int32)
        state, service = np.empty(ends[-1], np.int8), np.empty(ends[-1], np.int8)
        for place, listed in enumerate(is_listed):
            part, rows = slice(*ends[place : place + 2]), np.flatnonzero(listed)
            service[part] = place
            for source, target in (
                (self.client_id, client),
                (self.due_on[place], due_on),
                (self.state[place], state),
            ):
                np.take(source, rows, out=target[part], mode="clip")
        return pd.DataFrame(
            {
                "client_id": client,
                "service": categorical(service, self.services),
                "state": categorical(state, STATES),
                "due_on": due_on,
            },
            copy=False,
        )


def service_frames_of(
    clients: Sequence[Client],
    histories: Sequence[ServiceHistory],
    rules: RuleBook,
    *,
    today: date,
    spans: Sequence[Sequence[TierSpan]] = (),
    earlier: Sequence[RuleBook] = (),
) -> ServiceFrames:
    """Make frames of values, for small books; `earlier` are the rule books before."""

    def day(each: date | None) -> int | None:
        return None if each is None else epoch_day(each)

    pairs = list(zip(clients, histories, strict=True))
    keys = [each.key for each in rules.services.services]
    books = (*earlier, rules)
    settled = [last_settled(history.records, books, today=today) for history in histories]
    return ServiceFrames(
        clients=frame(
            COLUMNS["clients"],
            (
                (
                    c.client_id,
                    day(c.client_since),
                    day(c.former_since),
                    day(c.born_on),
                    day(c.last_review_on),
                    day(c.last_contact_on),
                )
                for c in clients
            ),
        ),
        last=pd.DataFrame(
            {
                key: [epoch_day(each[key]) if key in each else NONE for each in settled]
                for key in keys
            },
            dtype=np.int64,
        ),
        spans=frame(
            COLUMNS["spans"],
            (
                (c.client_id, each.tier.value if each.tier else None, epoch_day(each.first_day))
                for c, own in zip(clients, spans or [()] * len(clients), strict=True)
                for each in own
            ),
        ),
        overrides=frame(
            COLUMNS["overrides"],
            (
                (
                    c.client_id,
                    o.service,
                    int(o.per_year * 100),
                    epoch_day(o.first_day),
                    epoch_day(o.last_day),
                )
                for c, h in pairs
                for o in h.overrides
            ),
        ),
        appointments=frame(
            COLUMNS["appointments"],
            (
                (c.client_id, a.service, epoch_day(a.on))
                for c, h in pairs
                for a in h.appointments
                if not a.cancelled
            ),
        ),
        snoozes=frame(
            COLUMNS["snoozes"],
            ((c.client_id, s.service, epoch_day(s.until)) for c, h in pairs for s in h.snoozes),
        ),
    )


def due_book(
    book: ServiceFrames,
    tier: "pd.Series[str]",
    rules: RuleBook,
    *,
    adopted_on: date,
    today: date,
    earlier: Sequence[RuleBook] = (),
) -> DueBook:
    """Read when each service of a book is due; the answers are those of `due_services`.

    `tier` has each client's present tier as a word, missing where not placed; `earlier` are the
    rule books before, oldest first.
    """
    return _Reader(book, tier, (*earlier, rules), adopted_on, today).read()


class _Reader:
    """Reads one book on one day."""

    def __init__(
        self,
        book: ServiceFrames,
        tier: "pd.Series[str]",
        versions: Sequence[RuleBook],
        adopted_on: date,
        today: date,
    ) -> None:
        begun = [each for each in versions if each.valid_from <= today] or versions[:1]
        self.book, self.versions, self.day = book, _that_differ(begun), today
        self.model, self.today = self.versions[-1].services, epoch_day(today)
        self.client_id = ints(book.clients["client_id"])
        self.tier = _tier_codes(tier)
        self.place = self.tier + 1
        """The tier's place where those without one come first."""
        self.start = self._days("client_since", UNKNOWN, at_least=epoch_day(adopted_on))
        self.born_on = self._days("born_on", UNKNOWN)
        self.former = self._days("former_since", NEVER)
        self.named = {
            source: self._days(column, NONE)
            for source, column in ((REVIEW, "last_review_on"), (CHECK_IN, "last_contact_on"))
            if not _is_empty(book.clients[column])
        }
        """The days that an imported list names, by the service it speaks of."""
        self.services = [s for s in self.model.services if s.clock in CLIENT_CLOCKS]

    def read(self) -> DueBook:
        """Read every service, first as if nothing had changed, then those where it did."""
        shape = (len(self.services), len(self.client_id))
        due, state = np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.int8)
        index, is_rest = np.empty(shape[1], dtype=np.int64), np.empty(shape[1], dtype=bool)
        last = []
        tables = _tables(self.model, self.today)
        row = self.place * TABLE_DAYS - (self.today - TABLE_DAYS + 1)
        sure = np.maximum(self.start, self.today - TABLE_DAYS + 1)
        changes = _Changes(self)
        for place, service in enumerate(self.services):
            last.append(self._last(service))
            times, days, states = tables[service.key]
            if service.clock is Clock.ROLLING:
                np.add(row, last[place], out=index)
                np.take(days, index, out=due[place], mode="clip")
                np.take(states, index, out=state[place], mode="clip")
                rest = np.flatnonzero(np.less(last[place], sure, out=is_rest))
            else:
                due[place], state[place] = NEVER, NONE
                is_owed = np.array(times, dtype=bool).take(self.place)
                if service.clock is Clock.BIRTHDAY:
                    is_owed &= self.born_on != UNKNOWN
                rest = np.flatnonzero(is_owed)
            if len(changes.rows):
                rest = rest[~changes.touched[rest]]
            self._read_rest(service, times, rest, last[place], due[place], state[place])
            changes.read(service, last[place], due[place], state[place])
        self._stop(due, state)
        self._hold_back(last, state)
        return DueBook(
            client_id=self.client_id,
            services=tuple(each.key for each in self.services),
            due_on=due,
            state=state,
        )

    def _days(self, name: str, missing: int, *, at_least: int = UNKNOWN) -> Ints:
        column = self.book.clients[name]
        if _is_empty(column):
            return np.broadcast_to(np.int64(max(missing, at_least)), len(column))
        days: Ints = column.to_numpy(np.int64, na_value=missing)
        return days if at_least == UNKNOWN else np.maximum(days, at_least)

    def _last(self, service: Service) -> Ints:
        """Return when a service was last settled: on record here, or named by an imported list."""
        if service.key in self.book.last:
            last = ints(self.book.last[service.key])
            if last.max(initial=NONE) > self.today:
                raise ValueError(f"{service.key} was settled after the day it is asked of")
        else:
            last = np.full(len(self.client_id), NONE, dtype=np.int64)
        for source, named in self.named.items():
            last = np.maximum(last, self._counting(source, service.key, named))
        return last

    def _counting(self, source: str, key: str, named: Ints) -> Ints:
        """Return the days on which one service counts for another by the rules of that day."""
        found = np.full(len(named), NONE, dtype=np.int64)
        begins = [NONE, *(epoch_day(each.valid_from) for each in self.versions[1:])]
        for first, end, rules in zip(begins, [*begins[1:], NEVER], self.versions, strict=True):
            done, asked = rules.services.find(source), rules.services.find(key)
            if asked and (source == key or (done and key in done.counts_for)):
                within = (first <= named) & (named < end) & (named <= self.today)
                found[within] = named[within]
        return found

    def _read_rest(
        self,
        service: Service,
        times: Times,
        rest: Ints,
        last: Ints,
        due: Days,
        state: States,
    ) -> None:
        """Read clients by the clock itself: nothing delivered since the start, or fixed days."""
        if not len(rest):
            return
        due[rest], state[rest] = NEVER, NONE
        tier = self.place[rest]
        for per_year in {*times} - {0}:
            rows = rest[np.array([each == per_year for each in times]).take(tier)]
            start = self.start[rows]
            days = self.next(service, per_year, rows, last[rows], start, start)
            due[rows] = np.where(days == UNKNOWN, NEVER, days)
            state[rows] = _states(self.model, service, per_year, due[rows], self.today)

    def next(
        self,
        service: Service,
        per_year: Decimal,
        rows: Ints,
        last: Ints,
        start: Ints,
        not_before: Ints,
        model: ServiceModel | None = None,
    ) -> Ints:
        """Return when a service is due next to some clients."""
        if service.clock is Clock.BIRTHDAY:
            grace = (model or self.model).overdue_least_days
            not_before = np.maximum(not_before, self.today - grace + 1)
        many = Many(self.client_id[rows], self.born_on[rows], last, start, not_before)
        return next_days(service, per_year, many)

    def _stop(self, due: Days, state: States) -> None:
        """Let nothing be due to former clients."""
        rows = np.flatnonzero(self.former != NEVER)
        over = (self.former[rows] <= self.today) | (due[:, rows] >= self.former[rows])
        due[:, rows] = np.where(over, NEVER, due[:, rows])
        state[:, rows] = np.where(over, np.int8(NONE), state[:, rows])

    def _hold_back(self, last: Sequence[Ints], state: States) -> None:
        """Mark what is put off, then what is booked."""
        self._put_off(state)
        self._book(last, state)

    def _put_off(self, state: States) -> None:
        snoozes = self.book.snoozes
        if snoozes.empty:
            return
        row = self.rows_of(snoozes)
        ahead = (ints(snoozes["until"]) > self.today) & (row != NONE)
        for place, service in enumerate(self.services):
            rows = row[ahead & (snoozes["service"] == service.key).to_numpy(bool)]
            rows = rows[state[place, rows] >= UPCOMING]
            state[place, rows] = SNOOZED

    def _book(self, last: Sequence[Ints], state: States) -> None:
        booked = self.book.appointments
        if booked.empty:
            return
        row, on = self.rows_of(booked), ints(booked["on"])
        ahead = (on >= self.today) & (row != NONE)
        for place, service in enumerate(self.services):
            keys = [service.key, *self.model.keys_counting_for(service.key)]
            chosen = np.flatnonzero(ahead & booked["service"].isin(keys).to_numpy(bool))
            chosen = chosen[last[place][row[chosen]] < on[chosen]]
            rows = row[chosen]
            state[place, rows[state[place, rows] != NONE]] = BOOKED

    def rows_of(self, facts: pd.DataFrame) -> Ints:
        """Return each fact's client by place in the book, or NONE."""
        if facts.empty:
            return np.empty(0, dtype=np.int64)
        place = pd.Index(self.client_id).get_indexer(pd.Index(facts["client_id"]))
        return place.astype(np.int64)


class _Changes:
    """The eras of clients whose tier, rules or agreements are not what they always were."""

    def __init__(self, reader: _Reader) -> None:
        self.reader = reader
        book, today, count = reader.book, reader.today, len(reader.client_id)
        row, first, tier = self._spans()
        overrides = book.overrides
        own = reader.rows_of(overrides)
        begins, ends = ints(overrides["first_day"]), ints(overrides["last_day"])
        versions = np.array([epoch_day(each.valid_from) for each in reader.versions])
        by_rules = np.flatnonzero((versions[1:, None] > reader.start).any(axis=0))
        self.touched = np.zeros(count, dtype=bool)
        for each in (row[first > reader.start[row]], own[own != NONE], by_rules):
            self.touched[each] = True
        self.rows = rows = np.flatnonzero(self.touched)
        if not len(rows):
            return
        changes = [
            (rows, np.full(len(rows), LONG_AGO)),
            (row[self.touched[row]], first[self.touched[row]]),
            (own[own != NONE], begins[own != NONE]),
            (own[own != NONE], ends[own != NONE] + 1),
            *((rows, np.full(len(rows), day)) for day in versions[1:]),
        ]
        every = np.unique(np.concatenate([np.stack(each, axis=1) for each in changes]), axis=0)
        every = every[every[:, 1] <= today]
        self.row, self.first = every[:, 0], every[:, 1]
        """Of each era, by client and first day."""
        self.version = np.maximum(np.searchsorted(versions, self.first, side="right") - 1, 0)
        self.tier = self._tiers(row, first, tier)
        self.owed = self._owed(own, begins, ends)

    def _spans(self) -> tuple[Ints, Ints, Ints]:
        """Return the changes of tier by client and day, the first tier as of long ago."""
        reader, spans = self.reader, self.reader.book.spans
        row, first = reader.rows_of(spans), ints(spans["first_day"])
        if not len(row):
            return row, first, first
        tier = _tier_codes(spans["tier"])
        kept = np.flatnonzero((row != NONE) & (first <= reader.today))
        kept = kept[np.lexsort((first[kept], row[kept]))]
        row, first, tier = row[kept], first[kept], tier[kept]
        present = np.full(len(reader.client_id), NONE - 1, dtype=np.int64)
        present[row] = tier
        # A change that nobody has stored yet is of today.
        moved = np.flatnonzero((present != reader.tier) & (present != NONE - 1))
        row = np.concatenate([row, moved])
        first = np.concatenate([first, np.full(len(moved), reader.today)])
        tier = np.concatenate([tier, reader.tier[moved]])
        order = np.lexsort((first, row))
        row, first, tier = row[order], first[order], tier[order]
        opens = np.ones(len(row), dtype=bool)
        opens[1:] = row[1:] != row[:-1]
        return row, np.where(opens, LONG_AGO, first), tier

    def _tiers(self, row: Ints, first: Ints, tier: Ints) -> Ints:
        """Return each era's tier: that of the client's last span begun by then, or the present."""
        found = self.reader.tier[self.row].copy()
        if len(row):
            key = (row << 42) + first - LONG_AGO
            place = np.searchsorted(key, (self.row << 42) + self.first - LONG_AGO, "right") - 1
            has = (place >= 0) & (row[place] == self.row)
            found[has] = tier[place[has]]
        return np.asarray(found, dtype=np.int64)

    def _owed(self, own: Ints, begins: Ints, ends: Ints) -> dict[tuple[int, str], Ints]:
        """Return how often a year each era owes each service, by version and key."""
        found: dict[tuple[int, str], Ints] = {}
        for number, rules in enumerate(self.reader.versions):
            eras = np.flatnonzero(self.version == number)
            agreed = {
                service.key: self._agreed(service, eras, own, begins, ends)
                for service in rules.services.services
            }
            for key, times in _with_floor(rules.services, agreed).items():
                found[number, key] = np.zeros(len(self.row), dtype=np.int64)
                found[number, key][eras] = times
        return found

    def _agreed(self, service: Service, eras: Ints, own: Ints, begins: Ints, ends: Ints) -> Ints:
        """Return what the override, else the tier gives in some eras."""
        by_tier = np.array([_scaled(service.for_tier(tier)) for tier in (None, *TIERS)])
        times = by_tier[self.tier[eras] + 1]
        overrides = self.reader.book.overrides
        mine = np.flatnonzero((overrides["service"] == service.key).to_numpy(bool) & (own != NONE))
        if not len(mine) or not len(eras):
            return times
        mine = mine[np.argsort(begins[mine], kind="stable")]
        often = ints(overrides["per_year_hundredths"]) * (SCALE // 100)
        left = np.searchsorted(self.row[eras], own[mine], "left")
        count = np.searchsorted(self.row[eras], own[mine], "right") - left
        which = np.repeat(mine, count)
        era = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        era += np.repeat(left, count)
        day = self.first[eras][era]
        holds = (begins[which] <= day) & (day <= ends[which])
        # Of several that hold, the one that began last comes last, and stays.
        times[era[holds]] = often[which[holds]]
        return times

    def read(self, service: Service, last: Ints, due: Days, state: States) -> None:
        """Follow a service's clock through the eras of the clients who have them."""
        reader, rows = self.reader, self.rows
        if not len(rows):
            return
        begins = np.searchsorted(self.row, rows, "left")
        count = np.searchsorted(self.row, rows, "right") - begins
        since = np.minimum(np.maximum(reader.start[rows], last[rows]), reader.today)
        at = np.full(len(rows), NEVER)
        began = np.zeros(len(rows), dtype=np.int64)
        often = np.zeros(len(rows), dtype=np.int64)
        for number in range(count.max()):
            era = np.where(number < count, begins + number, NONE)
            following = np.where(
                number + 1 < count, self.first[np.minimum(era + 1, len(self.first) - 1)], NEVER
            )
            live = np.flatnonzero((era != NONE) & (following > since))
            first = self.first[era[live]]
            runs = at[live] != NEVER
            began[live] = np.where(runs, began[live], np.maximum(first, reader.start[rows[live]]))
            floor = np.where(runs, np.minimum(at[live], first), began[live])
            at[live], often[live] = self._in_eras(
                service.key, era[live], rows[live], last[rows[live]], began[live], floor
            )
        due[rows] = at
        state[rows] = NONE
        for times in np.unique(often[at != NEVER]):
            chosen = np.flatnonzero((often == times) & (at != NEVER))
            per_year = Decimal(int(times)) / SCALE
            state[rows[chosen]] = _states(reader.model, service, per_year, at[chosen], reader.today)

    def _in_eras(
        self, key: str, era: Ints, rows: Ints, last: Ints, began: Ints, floor: Ints
    ) -> tuple[Ints, Ints]:
        """Return when a service is due by the rules of one era each, and how often a year."""
        due = np.full(len(era), NEVER)
        often = np.zeros(len(era), dtype=np.int64)
        for number, rules in enumerate(self.reader.versions):
            service = rules.services.find(key)
            if service is None or service.clock not in CLIENT_CLOCKS:
                continue
            mine = self.version[era] == number
            often[mine] = self.owed[number, key][era[mine]]
            for times in np.unique(often[mine]):
                chosen = np.flatnonzero(mine & (often == times))
                if times and len(chosen):
                    days = self.reader.next(
                        service,
                        Decimal(int(times)) / SCALE,
                        rows[chosen],
                        last[chosen],
                        began[chosen],
                        floor[chosen],
                        rules.services,
                    )
                    due[chosen] = np.where(days == UNKNOWN, NEVER, days)
        return due, often


@lru_cache(maxsize=8)
def _tables(model: ServiceModel, today: int) -> Mapping[str, tuple[Times, Days, States]]:
    """Return, by service, how often a year those without a tier, then those of each, are owed it;
    and when it is due and in what state it is, by these and by last day, if it is a rolling one."""
    owed = [owed_by(model, tier, (), date.max) for tier in (None, *TIERS)]
    last, found = np.arange(today - TABLE_DAYS, today) + 1, {}
    for service in model.services:
        times = tuple(
            each[service.key].per_year if service.key in each else Decimal(0) for each in owed
        )
        shape = (len(times), TABLE_DAYS)
        due, state = np.full(shape, NEVER, np.int32), np.full(shape, NONE, np.int8)
        for row, per_year in enumerate(times if service.clock is Clock.ROLLING else ()):
            if per_year:
                due[row] = interval_after(last, per_year)
                state[row] = _states(model, service, per_year, due[row], today)
        found[service.key] = times, due.ravel(), state.ravel()
    return found


def _states(
    model: ServiceModel, service: Service, per_year: Decimal, due: Ints | Days, today: int
) -> States:
    """Return the states on a day of what is due on some days."""
    grace = model.overdue_least_days
    if per_year and service.clock is not Clock.BIRTHDAY:
        grace = model.overdue_days_of(per_year)
    reached: States = (today >= due - lead_days_of(service, per_year)).astype(np.int8)
    reached += today >= due
    reached += today >= due + grace
    reached[due == NEVER] = NONE
    return reached


def _with_floor(model: ServiceModel, agreed: dict[str, Ints]) -> dict[str, Ints]:
    """Return what is owed: the larger of what was agreed and the floor, less what counts for it."""
    owed: dict[str, Ints] = {}

    def of(service: Service) -> Ints:
        if service.key not in owed:
            covered = sum((of(each) for each in model.counting_for(service.key)), np.int64(0))
            floor = _scaled(service.floor_per_year) - covered
            owed[service.key] = np.maximum(agreed[service.key], floor)
        return owed[service.key]

    for service in model.services:
        of(service)
    return owed


def _scaled(per_year: Decimal) -> int:
    scaled = int(per_year * SCALE)
    if scaled != per_year * SCALE:
        raise ValueError(f"{per_year} times a year is finer than ten thousandths")
    return scaled


def _is_empty(column: "pd.Series[Any]") -> bool:
    """Tell whether nothing is known: so are most columns of most books."""
    return bool(column.array.isna().all())


def _is_one_of(codes: Sequence[int], state: States) -> npt.NDArray[np.bool_]:
    chosen = np.zeros(len(state), dtype=bool)
    for code in codes:
        chosen |= state == code
    return chosen


def _that_differ(versions: Sequence[RuleBook]) -> list[RuleBook]:
    """Leave out rule books whose service model is that of the one before."""
    kept = [versions[0]]
    for each in versions[1:]:
        if each.services != kept[-1].services:
            kept.append(each)
    return kept


def _tier_codes(tier: "pd.Series[str]") -> Ints:
    """Return each tier's place in `TIERS`, NONE where missing; another word is an error."""
    words = pd.Categorical(tier.array)
    places = {each.value: place for place, each in enumerate(TIERS)}
    known = [places.get(each) for each in words.categories]
    if None in known:
        raise ValueError(f"{tier.name} has values other than {', '.join(TIERS)}")
    # A missing word's code is -1, the last place
    codes: Ints = np.array([*known, NONE], dtype=np.int64).take(words.codes, mode="wrap")
    return codes
