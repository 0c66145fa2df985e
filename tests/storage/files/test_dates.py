"""Dates as they stand in German and English files."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.files.dates import read_dates
from storage.files.findings import NoteCode, ProblemCode, QuestionKind, RefusalCode
from storage.files.options import DateOrder, ReadOptions
from tests.storage.files.reading import TODAY, codes, column, values

FIRST_OF_MARCH = date(2026, 3, 1)


@pytest.mark.parametrize(
    "written",
    [
        "01.03.2026",
        "1.3.2026",
        "01. 03. 2026",
        "2026-03-01",
        "2026/03/01",
        "1. März 2026",
        "1. Mrz 2026",
        "1. Mär. 2026",
        "1 März 2026",
        "March 1, 2026",
        "Mar 1 2026",
        "March 1st, 2026",
        "1 March 2026",
        "1st March 2026",
        "1-Mar-2026",
        "1.\u00a0März 2026",
    ],
)
def test_the_first_of_march(written: str) -> None:
    book = column("Kunde seit", written)
    assert book.problems == ()
    assert [day.date() for day in values(book, "client_since")] == [FIRST_OF_MARCH]


def test_austrian_january() -> None:
    book = column("Kunde seit", "1 Jänner 2026", "2. Feber 2026")
    assert [day.date() for day in values(book, "client_since")] == [
        date(2026, 1, 1),
        date(2026, 2, 2),
    ]


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T08:00:00Z",
        "2026-03-01T08:00:00+01:00",
        "2026-03-01 23:59:59.123",
        "01.03.2026 08:00",
        "01.03.2026, 08:00 Uhr",
        "2026-03-01 8:00 AM",
    ],
)
def test_a_time_is_dropped_and_said(written: str) -> None:
    book = column("Kunde seit", written, "2026-03-02")
    assert values(book, "client_since")[0].date() == FIRST_OF_MARCH
    (note,) = book.notes
    assert (note.code, note.column, note.count) == (NoteCode.TIMES_DROPPED, "Kunde seit", 1)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("31.02.2026", ProblemCode.NO_SUCH_DAY),
        ("29.02.2025", ProblemCode.NO_SUCH_DAY),
        ("00.00.0000", ProblemCode.NO_SUCH_DAY),
        ("2026-13-01", ProblemCode.NO_SUCH_DAY),
        ("13/13/2026", ProblemCode.NO_SUCH_DAY),
        ("1.3.26", ProblemCode.TWO_DIGIT_YEAR),
        ("01.03.26", ProblemCode.TWO_DIGIT_YEAR),
        ("01/13/26", ProblemCode.TWO_DIGIT_YEAR),
        ("46082", ProblemCode.DATE_AS_DIGITS),
        ("20260301", ProblemCode.DATE_AS_DIGITS),
        ("01.03.2206", ProblemCode.YEAR_OUT_OF_RANGE),
        ("01.03.1026", ProblemCode.YEAR_OUT_OF_RANGE),
        ("Q1 2026", ProblemCode.NOT_A_DATE),
        ("KW 12", ProblemCode.NOT_A_DATE),
        ("nächste Woche", ProblemCode.NOT_A_DATE),
        ("asap", ProblemCode.NOT_A_DATE),
        ("1. Brumaire 2026", ProblemCode.NOT_A_DATE),
        ("25:00", ProblemCode.NOT_A_DATE),
        ("#N/A", ProblemCode.EXCEL_ERROR),
        ("=HEUTE()", ProblemCode.FORMULA),
    ],
)
def test_what_is_no_date_costs_its_row_only(written: str, code: ProblemCode) -> None:
    book = column("Kunde seit", "2020-01-01", written)
    assert len(book.frame) == 1
    (problem,) = book.problems
    assert (problem.code, problem.row, problem.value) == (code, 3, written)


def test_leap_day() -> None:
    assert values(column("seit", "29.02.2024"), "client_since")[0].date() == date(2024, 2, 29)


def test_unknown_dates_stay_unknown() -> None:
    assert values(column("seit", "", "-", "k.A.", "2020-01-01"), "client_since")[:3] == [None] * 3


# day first or month first


def test_a_slash_date_alone_is_asked() -> None:
    book = column("since", "03/04/2026")
    (question,) = book.questions
    assert question.kind == QuestionKind.DATE_ORDER
    assert question.examples[0].readings == {"dmy": "2026-04-03", "mdy": "2026-03-04"}
    assert book.frame.empty


@pytest.mark.parametrize(
    ("telling", "expected"),
    [("25/12/2025", date(2026, 4, 3)), ("12/25/2025", date(2026, 3, 4))],
)
def test_christmas_settles_the_column(telling: str, expected: date) -> None:
    book = column("since", "03/04/2026", telling)
    assert values(book, "client_since")[0].date() == expected


def test_the_same_number_twice_needs_no_order() -> None:
    assert values(column("since", "03/03/2026"), "client_since")[0].date() == date(2026, 3, 3)


def test_both_orders_in_one_column_are_refused_with_both_rows() -> None:
    book = column("since", "2020-01-01", "25/12/2025", "12/25/2025")
    (refusal,) = book.refusals
    assert refusal.code == RefusalCode.BOTH_DATE_ORDERS
    assert refusal.row == 3
    assert refusal.facts == {"other_row": 4, "other_value": "12/25/2025"}


def test_after_a_choice_the_other_order_costs_its_row() -> None:
    book = column("since", "03/04/2026", "12/25/2025", date_order="dmy")
    assert [day.date() for day in values(book, "client_since")] == [date(2026, 4, 3)]
    assert codes(book) == [ProblemCode.OTHER_DATE_ORDER]
    assert book.formats == {"client_since": "dmy"}


# what a date can mean


def test_satisfaction_cannot_have_been_asked_tomorrow() -> None:
    book = column("Zufriedenheit am", "22.11.2026", "23.11.2026")
    assert len(book.frame) == 1
    (problem,) = book.problems
    assert (problem.code, problem.row) == (ProblemCode.IN_THE_FUTURE, 3)
    assert problem.facts == {"today": "2026-11-22"}


def test_a_client_from_next_year_is_read_with_a_note() -> None:
    book = column("Kunde seit", "01.01.2027")
    assert len(book.frame) == 1
    assert [note.code for note in book.notes] == [NoteCode.DATE_AHEAD]


# laws

days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
ENGLISH = "January February March April May June July August September October November December"


def _named(day: date, names: str) -> str:
    return names.split()[day.month - 1]


@given(found=st.lists(days, min_size=1, max_size=20))
def test_every_day_in_every_clear_format_is_read_back(found: list[date]) -> None:
    for texts in (
        [day.isoformat() for day in found],
        [f"{day:%d.%m.%Y}" for day in found],
        [f"{day.day}.{day.month}.{day.year}" for day in found],
        [f"{day.day}. {_named(day, GERMAN)} {day.year}" for day in found],
        [f"{_named(day, ENGLISH)} {day.day}, {day.year}" for day in found],
        [f"{day.isoformat()}T12:34:56Z" for day in found],
    ):
        read = read_dates(pa.array(texts), options=ReadOptions(), today=TODAY)
        assert read.values.to_pylist() == found


@pytest.mark.parametrize(("order", "pattern"), [("dmy", "%d/%m/%Y"), ("mdy", "%m/%d/%Y")])
@given(found=st.lists(days, min_size=1, max_size=20))
def test_every_slash_date_is_read_back_in_the_chosen_order(
    order: DateOrder, pattern: str, found: list[date]
) -> None:
    texts = pa.array([day.strftime(pattern) for day in found])
    assert (
        read_dates(texts, options=ReadOptions(date_order=order), today=TODAY).values.to_pylist()
        == found
    )


@given(found=st.lists(days, min_size=1, max_size=20))
def test_without_a_choice_a_slash_date_is_read_right_or_asked(found: list[date]) -> None:
    read = read_dates(
        pa.array([day.strftime("%d/%m/%Y") for day in found]), options=ReadOptions(), today=TODAY
    )
    assert read.doubt is not None or read.values.to_pylist() == found


@given(texts=st.lists(st.text(max_size=15), min_size=1, max_size=20))
def test_whatever_stands_in_a_cell_is_read_or_refused(texts: list[str]) -> None:
    read = read_dates(pa.array(texts), options=ReadOptions(date_order="mdy"), today=TODAY)
    for places, why in read.refusals.found:
        assert all(why(int(place), texts[int(place)]) for place in places)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("01.03.26", date(2026, 3, 1)),
        ("1.3.27", date(2027, 3, 1)),
        ("01.03.28", date(1928, 3, 1)),
        ("31/12/85", date(1985, 12, 31)),
        ("01.03.2026", date(2026, 3, 1)),
        ("01.03.26 08:00", date(2026, 3, 1)),
    ],
)
def test_two_digit_years_are_read_where_that_is_chosen(written: str, day: date) -> None:
    book = column("Kunde seit", written, two_digit_years=True)
    assert book.frame["client_since"].dt.date.tolist() == [day]


def test_compact_dates_are_read_where_that_is_chosen() -> None:
    book = column("Kunde seit", "20260301", "20261331", "46082", compact_dates=True)
    assert book.frame["client_since"].dt.date.tolist() == [FIRST_OF_MARCH]
    assert codes(book) == [ProblemCode.NO_SUCH_DAY, ProblemCode.DATE_AS_DIGITS]
