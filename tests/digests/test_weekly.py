"""When the weekly digest is due."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digests.weekly import (
    FIRST_ZONE,
    LAST_ZONE,
    Due,
    due_digest,
    is_due_somewhere,
    is_late,
    is_too_late,
    missed_digests,
)

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(sorted(available_timezones() - {"localtime"}))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("zone", "due_at"),
    [
        ("Europe/Berlin", utc(2026, 11, 23, 7)),
        ("America/New_York", utc(2026, 11, 23, 13)),
        ("Asia/Kathmandu", utc(2026, 11, 23, 2, 15)),  # UTC+5:45
        ("America/St_Johns", utc(2026, 11, 23, 11, 30)),  # UTC-3:30
        ("Australia/Lord_Howe", utc(2026, 11, 22, 21)),  # UTC+11 in summer
        ("Pacific/Kiritimati", utc(2026, 11, 22, 18)),  # UTC+14
    ],
)
def test_the_digest_is_due_on_monday_at_eight_where_the_reader_is(
    zone: str, due_at: datetime
) -> None:
    week = Due(period="2026-W48", due_at=due_at)
    assert due_digest(due_at, zone=ZoneInfo(zone)) == week
    assert due_digest(due_at - timedelta(microseconds=1), zone=ZoneInfo(zone)) != week


def test_before_monday_at_eight_nothing_is_due_and_all_week_long_the_same_digest_is() -> None:
    assert due_digest(utc(2026, 11, 23, 6, 59), zone=BERLIN) is None
    sunday_night = datetime(2026, 11, 29, 23, 59, tzinfo=BERLIN)
    assert due_digest(sunday_night, zone=BERLIN) == Due(
        period="2026-W48", due_at=utc(2026, 11, 23, 7)
    )


def test_lord_howe_moves_its_clocks_by_half_an_hour_and_keeps_eight_o_clock() -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    # Summer time ends on Sunday 5 April 2026: UTC+11 before, UTC+10:30 after
    assert due_digest(utc(2026, 3, 30, 12), zone=zone) == Due(
        period="2026-W14", due_at=utc(2026, 3, 29, 21)
    )
    assert due_digest(utc(2026, 4, 6, 12), zone=zone) == Due(
        period="2026-W15", due_at=utc(2026, 4, 5, 21, 30)
    )


def test_a_time_that_the_monday_lacks_moves_forward_by_the_gap() -> None:
    # Given Tehran on Monday 22 March 2021, when clocks went from 00:00 to 01:00
    tehran = ZoneInfo("Asia/Tehran")
    due = due_digest(utc(2021, 3, 22, 12), zone=tehran, at=time(0, 30))
    # Then 00:30 is read as 01:30 summer time (UTC+4:30)
    assert due == Due(period="2021-W12", due_at=utc(2021, 3, 21, 21))


def test_of_a_time_that_comes_twice_on_a_monday_the_first_counts() -> None:
    # Given Tehran on Monday 21 September 2015, when 23:30 came twice: at UTC+4:30, then UTC+3:30
    tehran = ZoneInfo("Asia/Tehran")
    first = Due(period="2015-W39", due_at=utc(2015, 9, 21, 19))
    assert due_digest(utc(2015, 9, 21, 19), zone=tehran, at=time(23, 30)) == first
    assert due_digest(utc(2015, 9, 21, 20), zone=tehran, at=time(23, 30)) == first


def friday_of(monday: date) -> date:
    return monday + timedelta(days=4)


def test_a_day_that_a_zone_skips_whole_still_gives_one_digest() -> None:
    # Given Samoa without a Friday 30 December 2011: its clocks went from UTC-10 to UTC+14
    apia = ZoneInfo("Pacific/Apia")
    due = due_digest(utc(2011, 12, 31, 12), zone=apia, day_of=friday_of, at=time(8))
    # Then the lacking Friday 08:00 moves forward by the gap, to Saturday 08:00
    assert due == Due(period="2011-W52", due_at=utc(2011, 12, 30, 18))


@given(zone=ZONES, first=st.dates(date(2024, 1, 1), date(2027, 1, 4)))
def test_each_week_has_exactly_one_digest_at_eight_o_clock_in_every_zone(
    zone: str, first: date
) -> None:
    where = ZoneInfo(zone)
    start = datetime.combine(first, time(), tzinfo=UTC)
    ticks = (start + timedelta(hours=6 * n) for n in range(4 * 7 * 26))
    dues = {due for tick in ticks if (due := due_digest(tick, zone=where))}
    periods = sorted(due.period for due in dues)
    assert len(periods) == len(set(periods))
    assert 26 <= len(periods) <= 27
    for due in dues:
        local = due.due_at.astimezone(where)
        assert (local.weekday(), local.time()) == (0, time(8))


def test_in_all_zones_and_seven_years_no_week_is_left_out_or_doubled() -> None:
    mondays = [date(2020, 12, 28) + timedelta(weeks=n) for n in range(7 * 53)]
    for zone in sorted(available_timezones() - {"localtime"}):
        where = ZoneInfo(zone)
        found = [
            due_digest(datetime.combine(day, time(20), tzinfo=where), zone=where) for day in mondays
        ]
        assert [due and due.period for due in found] == [
            f"{day.isocalendar().year}-W{day.isocalendar().week:02d}" for day in mondays
        ], zone


@settings(deadline=None)
@given(zones=st.lists(ZONES, min_size=2, max_size=4))
def test_whoever_moves_in_mid_week_gets_each_week_once(zones: list[str]) -> None:
    # Given a reader who is in another zone every 31 hours, and a ledger with one row per week
    start = utc(2026, 3, 16)
    ledger: dict[str, datetime] = {}
    for hour in range(24 * 28):
        zone = ZoneInfo(zones[hour // 31 % len(zones)])
        if due := due_digest(start + timedelta(hours=hour), zone=zone):
            ledger.setdefault(due.period, due.due_at)
    # Then the four weeks whose Monday lies in the time have one digest each
    assert {"2026-W12", "2026-W13", "2026-W14", "2026-W15"} <= set(ledger)
    assert set(ledger) <= {f"2026-W{week}" for week in range(11, 17)}


def test_up_to_forty_eight_hours_late_is_delivered_and_marked_and_later_is_too_late() -> None:
    due_at = utc(2026, 11, 23, 7)
    assert not is_late(due_at + timedelta(minutes=5), due_at)
    assert is_late(due_at + timedelta(hours=1, seconds=1), due_at)
    assert not is_too_late(due_at + timedelta(hours=48), due_at)
    assert is_too_late(due_at + timedelta(hours=48, microseconds=1), due_at)


def test_after_three_weeks_of_standstill_the_weeks_between_are_named() -> None:
    due = due_digest(utc(2026, 11, 24, 9), zone=BERLIN)
    assert due is not None
    assert missed_digests("2026-W45", due, zone=BERLIN) == [
        Due(period="2026-W46", due_at=utc(2026, 11, 9, 7)),
        Due(period="2026-W47", due_at=utc(2026, 11, 16, 7)),
    ]
    assert missed_digests("2026-W47", due, zone=BERLIN) == []
    assert missed_digests("2026-W48", due, zone=BERLIN) == []


def test_the_year_of_fifty_three_weeks_loses_none() -> None:
    due = due_digest(utc(2027, 1, 12), zone=BERLIN)
    assert due is not None
    assert [each.period for each in missed_digests("2026-W52", due, zone=BERLIN)] == [
        "2026-W53",
        "2027-W01",
    ]


def test_a_week_is_new_on_earth_when_the_first_zone_has_monday_at_eight() -> None:
    assert not is_due_somewhere(utc(2026, 11, 22, 17, 59), "2026-W47")
    assert is_due_somewhere(utc(2026, 11, 22, 18), "2026-W47")
    assert not is_due_somewhere(utc(2026, 11, 22, 18), "2026-W48")


def test_a_digest_that_a_holiday_moves_into_the_next_week_comes_there() -> None:
    # Given Fridays as the day of the digest, and Christmas on one
    def day_of(monday: date) -> date:
        return date(2026, 12, 28) if monday == date(2026, 12, 21) else friday_of(monday)

    assert due_digest(utc(2026, 12, 28, 6), zone=BERLIN, day_of=day_of) is None
    moved = Due(period="2026-W52", due_at=utc(2026, 12, 28, 7))
    assert due_digest(utc(2026, 12, 28, 7), zone=BERLIN, day_of=day_of) == moved
    own = Due(period="2026-W53", due_at=utc(2027, 1, 1, 7))
    assert due_digest(utc(2027, 1, 1, 7), zone=BERLIN, day_of=day_of) == own


def test_a_week_without_a_digest_is_neither_due_nor_missed() -> None:
    def day_of(monday: date) -> date | None:
        return None if monday == date(2026, 11, 16) else monday

    assert due_digest(utc(2026, 11, 20), zone=BERLIN, day_of=day_of) is None
    due = Due(period="2026-W48", due_at=utc(2026, 11, 23, 7))
    missed = missed_digests("2026-W45", due, zone=BERLIN, day_of=day_of)
    assert [each.period for each in missed] == ["2026-W46"]


@given(zone=ZONES, hour=st.integers(0, 24 * 7 * 60))
def test_no_zone_is_before_the_first_or_after_the_last(zone: str, hour: int) -> None:
    now = utc(2026, 1, 1) + timedelta(hours=hour)
    for each in (ZoneInfo(zone), LAST_ZONE):
        due = due_digest(now, zone=each)
        first = due_digest(now, zone=FIRST_ZONE)
        # Where days begin first it is due as well, unless there the next week has begun
        if due and first:
            assert due.period <= first.period
    assert FIRST_ZONE.utcoffset(now) == timedelta(hours=14)
