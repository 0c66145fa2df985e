"""The clocks of `clocks` over many clients at once; days are counted from 1970-01-01."""

from dataclasses import dataclass
from datetime import MAXYEAR, date
from decimal import Decimal
from functools import cache

import numpy as np

from domain.clocks import BITS, GOLDEN, FixedMonths, fixed_months, lead_days_of
from domain.frames import NONE, Ints, epoch_day
from domain.service_model import Clock, Service, interval_of

UNKNOWN = np.iinfo(np.int64).min
"""A day that is not known."""
YEAR_0 = 1970 * 12
"""Months from January of year 0 to 1970-01-01."""
USUAL_MONTHS = range(12 * 1900, 12 * 2100)
USUAL_DAYS = range(epoch_day(date(1900, 1, 1)), epoch_day(date(2100, 1, 1)))
"""Nearly all days lie among them, and are read from tables."""


@dataclass(frozen=True, slots=True)
class Many:
    """What the clocks read of clients: their ids, birthdays (or UNKNOWN) and clocks' days."""

    client_id: Ints
    born_on: Ints
    last: Ints
    """The day a service was last settled, or NONE."""
    start: Ints
    not_before: Ints


def next_days(service: Service, per_year: Decimal, many: Many) -> Ints:
    """Return the days on which a service is due next, or UNKNOWN."""
    if service.clock is Clock.ROLLING:
        base = np.where(many.last == NONE, many.start, many.last)
        due = interval_after(base, per_year)
        first = base + 1 + spread(many.client_id, due - base)
        return np.maximum(np.where(many.last == NONE, first, due), many.not_before)
    ahead = lead_days_of(service, per_year) + 1
    base = np.where(many.last == NONE, many.start, many.last + ahead)
    day = np.maximum(base, many.not_before)
    if service.clock is Clock.ANCHORED:
        return _months_from(service, per_year, many.client_id, day)
    if service.clock is Clock.BIRTHDAY:
        known = many.born_on != UNKNOWN
        return np.where(known, _birthdays_from(np.where(known, many.born_on, 0), day), UNKNOWN)
    return np.full(len(day), UNKNOWN, dtype=np.int64)


def interval_after(day: Ints, per_year: Decimal) -> Ints:
    """Return the days one interval later."""
    interval = interval_of(per_year)
    after = plus_months(day, interval.months) if interval.months else day
    return after + interval.days


def plus_months(day: Ints, months: Ints | int) -> Ints:
    """Return the same days so many months later, or the last of a shorter month."""
    firsts, month = _first_days(), _month_of(day)
    first = firsts[month + months]
    after: Ints = np.minimum(first + (day - firsts[month]), firsts[month + months + 1] - 1)
    return after


def spread(client_id: Ints, places: Ints | int) -> Ints:
    """Return each client's own place, as `clocks.spread_of` does."""
    # The product may wrap: its low bits stay what they are.
    place: Ints = (client_id * GOLDEN & ((1 << BITS) - 1)) * places >> BITS
    return place


def _months_from(service: Service, per_year: Decimal, client_id: Ints, day: Ints) -> Ints:
    fixed = fixed_months(service, per_year)
    if fixed.starts == 1 and _are_usual(day):
        return _same_for_all(fixed)[day - USUAL_DAYS.start]
    return _fixed_from(fixed, spread(client_id, fixed.starts), day)


def _fixed_from(fixed: FixedMonths, own: Ints | int, day: Ints) -> Ints:
    base = own if fixed.first is None else fixed.first - 1 + 12 * own
    firsts, before = _first_days(), _month_of(day)
    month = before + (day > firsts[before])
    waits = [(base + each - month) % fixed.period for each in fixed.offsets]
    days: Ints = firsts[month + np.minimum.reduce(waits)]
    return days


@cache
def _same_for_all(fixed: FixedMonths) -> Ints:
    """Return the next of fixed months by usual day, where each client's are the same."""
    return _fixed_from(fixed, 0, np.array(USUAL_DAYS))


def _birthdays_from(born_on: Ints, day: Ints) -> Ints:
    years = _month_of(day) // 12 - _month_of(born_on) // 12
    this_year = plus_months(born_on, 12 * years)
    return np.where(this_year >= day, this_year, plus_months(born_on, 12 * years + 12))


def _month_of(day: Ints) -> Ints:
    """Return the months from January of year 0 to days."""
    if _are_usual(day):
        return _months_by_day()[day - USUAL_DAYS.start]
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + YEAR_0


def _are_usual(day: Ints) -> bool:
    first, last = USUAL_DAYS[0], USUAL_DAYS[-1]
    return bool(day.min(initial=first) >= first and day.max(initial=last) <= last)


@cache
def _months_by_day() -> Ints:
    """Return the month of each usual day."""
    firsts, numbers = _first_days(), np.array(USUAL_MONTHS)
    return np.repeat(numbers, firsts[numbers + 1] - firsts[numbers])


@cache
def _first_days() -> Ints:
    """Return the first day of each month, counted from January of year 0 on."""
    months = np.arange(12 * MAXYEAR + 13) - YEAR_0
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
