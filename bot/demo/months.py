"""A year behind each fictional book, so that its development can be seen: made up, and steady."""

from datetime import date
from decimal import Decimal

from domain.book_months import BookMonth

MONTHS = 12
HOURS_OF_A = Decimal("15.3")
"""Planned hours a year for a client of tier A."""
HOURS_OF_B = Decimal("7.3")


def months_before(now: BookMonth) -> list[BookMonth]:
    """Return the months before this one: fewer clients, fewer ideal ones, less an hour."""
    return [_earlier(now, back) for back in range(MONTHS, 0, -1)]


def _earlier(now: BookMonth, back: int) -> BookMonth:
    ideal, others = back // 4, back // 3
    year, month = divmod(now.month.year * 12 + now.month.month - 1 - back, 12)
    return BookMonth(
        month=date(year, month + 1, 1),
        clients=now.clients - ideal - others,
        ideal_clients=now.ideal_clients - ideal,
        revenue=now.revenue - 3_900 * back,
        hours=now.hours - ideal * HOURS_OF_A - others * HOURS_OF_B,
        ideal_hours=now.ideal_hours - ideal * HOURS_OF_A,
    )
