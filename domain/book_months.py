"""A book over time: share of ideal clients, revenue per hour, time with ideal clients, by month.

Source: Commonwealth (watch whether the share of ideal clients grows, and what an hour brings).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.capacity import IDEAL, ZERO, Workload
from domain.quadrants import HUNDREDTH


@dataclass(frozen=True, slots=True, kw_only=True)
class BookMonth:
    """A book, or several together, as last seen in a month."""

    month: date
    """Its first day."""
    clients: int
    ideal_clients: int
    revenue: Decimal
    hours: Decimal
    """Planned hours a year of the advisor, to the hundredth."""
    ideal_hours: Decimal
    """Those with ideal clients."""

    @property
    def ideal_pct(self) -> Decimal | None:
        """Return the share of ideal clients, per cent."""
        return Decimal(self.ideal_clients) / self.clients * 100 if self.clients else None

    @property
    def ideal_time_pct(self) -> Decimal | None:
        """Return the share of the planned time that goes to ideal clients, per cent."""
        return self.ideal_hours / self.hours * 100 if self.hours else None

    @property
    def revenue_per_hour(self) -> Decimal | None:
        """Return the revenue per planned hour."""
        return self.revenue / self.hours if self.hours else None


def book_month(load: Workload, *, today: date) -> BookMonth:
    """Return a book's figures for the month of a day."""
    ideal = load.of(IDEAL)
    return BookMonth(
        month=today.replace(day=1),
        clients=load.total.clients,
        ideal_clients=ideal.clients,
        revenue=load.total.revenue,
        hours=load.total.planned.advisor.quantize(HUNDREDTH),
        ideal_hours=ideal.planned.advisor.quantize(HUNDREDTH),
    )


def together(books: Iterable[Iterable[BookMonth]]) -> tuple[BookMonth, ...]:
    """Add up several books, the oldest month first; a month that a book lacks is left out.

    A team that looks smaller only because nobody looked would say something untrue.
    """
    every = [{each.month: each for each in book} for book in books]
    if not every:
        return ()
    months = sorted(set.intersection(*(set(book) for book in every)))
    return tuple(_sum([book[month] for book in every]) for month in months)


def a_year_before(months: tuple[BookMonth, ...]) -> BookMonth | None:
    """Return the month to compare the last one with: a year before it, else the oldest since."""
    if not months:
        return None
    last = months[-1].month
    first = next(each for each in months if each.month >= last.replace(year=last.year - 1))
    return None if first.month == last else first


def _sum(months: list[BookMonth]) -> BookMonth:
    return BookMonth(
        month=months[0].month,
        clients=sum(each.clients for each in months),
        ideal_clients=sum(each.ideal_clients for each in months),
        revenue=sum((each.revenue for each in months), ZERO),
        hours=sum((each.hours for each in months), ZERO),
        ideal_hours=sum((each.ideal_hours for each in months), ZERO),
    )
