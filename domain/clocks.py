"""The clocks of services: when one is due next, for one client.

Rolling, anchored and on the birthday (Commonwealth's two clocks, and a date). How first dues and
own months are spread, how long a lead may be, and what a delivery ahead of a fixed month settles
are ours.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil, floor

from domain.calendar import add_months
from domain.service_model import YEAR_DAYS, Clock, Service, interval_of

GOLDEN = 2_654_435_769
"""2^32 ÷ the golden ratio: its multiples by running numbers spread evenly, however many there are
(Knuth's multiplicative hashing)."""
BITS = 32


def spread_of(client_id: int, places: int) -> int:
    """Return a client's own place of so many, from 0 on, the same whenever it is asked."""
    return (client_id * GOLDEN % (1 << BITS)) * places >> BITS


def lead_days_of(service: Service, per_year: Decimal) -> int:
    """Return how many days ahead a service begins: its lead, at most half of its interval."""
    return min(service.lead_days, floor(YEAR_DAYS / (2 * per_year)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedMonths:
    """Months that come again and again, so many years apart, counted from the first of them."""

    years: int
    first: int | None
    """1 to 12; None: a month of each client's own."""
    offsets: tuple[int, ...]

    @property
    def period(self) -> int:
        """Return after how many months they come again."""
        return 12 * self.years

    @property
    def starts(self) -> int:
        """Return how many starts are spread over the clients: every month, or every year."""
        return self.years if self.first else self.period

    def base_of(self, client_id: int) -> int:
        """Return a client's first month, counted from January of year 0."""
        own = spread_of(client_id, self.starts)
        return self.first - 1 + 12 * own if self.first else own


def fixed_months(service: Service, per_year: Decimal) -> FixedMonths:
    """Return the fixed months of an anchored service that comes so often a year.

    Of more surge months than that, evenly chosen ones; of fewer, months evenly from the first one.
    Every few years: in a year of the client's own.
    """
    months, times = service.months, min(ceil(per_year), 12)
    if len(months) >= times:
        chosen = [months[each * len(months) // times] for each in range(times)]
        offsets = tuple(month - chosen[0] for month in chosen)
    else:
        offsets = tuple(12 * each // times for each in range(times))
    return FixedMonths(
        years=max(round(1 / per_year), 1), first=months[0] if months else None, offsets=offsets
    )


def month_from(fixed: FixedMonths, client_id: int, day: date) -> date:
    """Return the first day of a client's first fixed month that begins on a day or later."""
    month = day.year * 12 + day.month - 1 + (day.day > 1)
    base = fixed.base_of(client_id)
    wait = min((base + each - month) % fixed.period for each in fixed.offsets)
    year, index = divmod(month + wait, 12)
    return date(year, index + 1, 1)


def birthday_from(born_on: date, day: date) -> date:
    """Return the first birthday on a day or later; 29 February is the 28th in common years."""
    this_year = add_months(born_on, 12 * (day.year - born_on.year))
    return (
        this_year if this_year >= day else add_months(born_on, 12 * (day.year - born_on.year + 1))
    )


def next_due(
    service: Service,
    per_year: Decimal,
    *,
    client_id: int,
    born_on: date | None,
    last: date | None,
    start: date,
    not_before: date,
) -> date | None:
    """Return the day on which a service is due next; None where no day can be given.

    `last` is the day it was last settled, `start` the day its clock starts if it never was.
    """
    if service.clock is Clock.ISSUE:
        return max(interval_of(per_year).after(last or start), not_before)
    if service.clock is Clock.ROLLING:
        if last is None:
            return max(first_due(client_id, per_year, start), not_before)
        return max(interval_of(per_year).after(last), not_before)
    ahead = timedelta(days=lead_days_of(service, per_year) + 1)
    day = max(start if last is None else last + ahead, not_before)
    if service.clock is Clock.ANCHORED:
        return month_from(fixed_months(service, per_year), client_id, day)
    if service.clock is Clock.BIRTHDAY and born_on is not None:
        return birthday_from(born_on, day)
    return None


def first_due(client_id: int, per_year: Decimal, start: date) -> date:
    """Return a rolling service's first due day: within one interval, each day taken alike."""
    days = (interval_of(per_year).after(start) - start).days
    return start + timedelta(days=1 + spread_of(client_id, days))
