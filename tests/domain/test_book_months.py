"""A book over time: ideal clients, the time with them, and what an hour brings."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.book_months import BookMonth, a_year_before, book_month, together
from tests.domain.test_capacity import example

NOVEMBER = BookMonth(
    month=date(2026, 11, 1),
    clients=115,
    ideal_clients=23,
    revenue=Decimal(529_000),
    hours=Decimal("916.00"),
    ideal_hours=Decimal("406.90"),
)


def in_month(year: int, month: int) -> BookMonth:
    return replace(NOVEMBER, month=date(year, month, 1))


def test_the_worked_example_is_a_fifth_ideal_clients_with_44_percent_of_the_time() -> None:
    month = book_month(example(), today=date(2026, 11, 23))
    assert month == NOVEMBER
    assert month.ideal_pct == 20
    assert month.ideal_time_pct is not None
    assert round(month.ideal_time_pct, 1) == Decimal("44.4")
    assert month.revenue_per_hour is not None
    assert round(month.revenue_per_hour, 2) == Decimal("577.51")


def test_an_empty_book_has_no_shares() -> None:
    empty = replace(NOVEMBER, clients=0, hours=Decimal(0))
    assert (empty.ideal_pct, empty.ideal_time_pct, empty.revenue_per_hour) == (None, None, None)


def test_a_team_is_added_up_in_the_months_that_all_its_books_have() -> None:
    anna = [in_month(2026, 9), in_month(2026, 10), in_month(2026, 11)]
    jonas = [in_month(2026, 10), in_month(2026, 11)]
    team = together([anna, jonas])
    assert [each.month for each in team] == [date(2026, 10, 1), date(2026, 11, 1)]
    assert (team[0].clients, team[0].hours) == (230, 1832)
    assert together([]) == ()


@pytest.mark.parametrize(
    ("months", "then"),
    [
        ([in_month(2025, 10), in_month(2025, 11), in_month(2026, 11)], date(2025, 11, 1)),
        ([in_month(2026, 2), in_month(2026, 7), in_month(2026, 11)], date(2026, 2, 1)),
        ([in_month(2026, 11)], None),
        ([], None),
    ],
)
def test_now_is_compared_with_a_year_before_or_the_oldest_since(
    months: list[BookMonth], then: date | None
) -> None:
    found = a_year_before(tuple(months))
    assert (found.month if found else None) == then
