"""Days, months, weeks, and clock times in zones whose clocks jump."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import add_months, iso_week, local_instant, monday_of

ZONES = sorted(available_timezones())
days = st.dates(date(1990, 1, 1), date(2037, 12, 31))
EIGHT = time(8)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 8, 31), 18, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 12, 15), 0, date(2026, 12, 15)),
    ],
)
def test_a_month_after_the_31st_is_the_last_of_a_shorter_month(day, months, expected):
    assert add_months(day, months) == expected


@given(day=days, months=st.integers(-48, 48))
def test_a_later_day_is_never_earlier_some_months_on(day, months):
    assert add_months(day, months) <= add_months(day + timedelta(days=1), months)


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 11, 23), "2026-W48"),
        (date(2026, 11, 22), "2026-W47"),
        (date(2027, 1, 1), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(2024, 12, 30), "2025-W01"),
        (date(2026, 1, 1), "2026-W01"),
    ],
)
def test_a_week_is_named_by_the_year_its_thursday_is_in(day, week):
    assert iso_week(day) == week


@given(days)
def test_a_week_has_one_monday(day):
    monday = monday_of(day)
    assert monday.weekday() == 0
    assert iso_week(monday) == iso_week(day)
    assert timedelta(0) <= day - monday < timedelta(days=7)


def at(zone, day, hour, minute=0):
    return local_instant(day, time(hour, minute), ZoneInfo(zone))


def test_eight_in_berlin_is_seven_utc_in_winter_and_six_in_summer():
    assert at("Europe/Berlin", date(2026, 11, 23), 8) == datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert at("Europe/Berlin", date(2026, 7, 6), 8) == datetime(2026, 7, 6, 6, tzinfo=UTC)


def test_a_time_that_the_night_lacks_moves_forward_by_the_gap():
    # 29 March 2026: after 01:59 comes 03:00, so 02:30 is said at 03:30, which is 01:30 UTC.
    assert at("Europe/Berlin", date(2026, 3, 29), 2, 30) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_of_a_time_that_comes_twice_the_first_one_counts():
    # 25 October 2026: 02:30 comes in summer time, 00:30 UTC, and again in winter time.
    instant = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert at("Europe/Berlin", date(2026, 10, 25), 2, 30) == instant
    second = time(2, 30, fold=1)
    assert local_instant(date(2026, 10, 25), second, ZoneInfo("Europe/Berlin")) == instant


def test_a_day_that_a_zone_left_out_is_the_next_one():
    # Samoa went from 29 to 31 December 2011.
    assert at("Pacific/Apia", date(2011, 12, 30), 8) == at("Pacific/Apia", date(2011, 12, 31), 8)


@given(zone=st.sampled_from(ZONES), day=days, minute=st.integers(0, 24 * 60 - 1))
def test_clocks_show_the_time_asked_for_or_one_after_the_gap(zone, day, minute):
    wall = datetime.combine(day, time(*divmod(minute, 60)))
    shown = local_instant(day, wall.time(), ZoneInfo(zone)).astimezone(ZoneInfo(zone))
    assert shown.replace(tzinfo=None) >= wall
    if shown.replace(tzinfo=None) == wall:
        assert shown.fold == 0


@pytest.mark.parametrize("year", [2011, 2026])
def test_every_week_has_exactly_one_monday_morning_in_every_zone(year):
    first = monday_of(date(year, 1, 1))
    mondays = [first + timedelta(weeks=week) for week in range(54)]
    for zone in map(ZoneInfo, ZONES):
        instants = [local_instant(monday, EIGHT, zone) for monday in mondays]
        gaps = [later - sooner for sooner, later in pairwise(instants)]
        assert min(gaps) >= timedelta(days=6)
        assert max(gaps) <= timedelta(days=8)
        local = [instant.astimezone(zone).date() for instant in instants]
        assert len({iso_week(day) for day in local}) == len(mondays)
