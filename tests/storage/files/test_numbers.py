"""Numbers as they stand in German, English and Swiss files."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.files.digits import read_usual
from storage.files.findings import NoteCode, ProblemCode, QuestionKind, RefusalCode
from storage.files.numbers import hundredths, read_numbers
from storage.files.options import NumberFormat, ReadOptions
from tests.storage.files.reading import codes, column, values


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("1.234,56", 123456),
        ("1,234.56", 123456),
        ("1234,5", 123450),
        ("1234.5", 123450),
        ("1.234.567", 123456700),
        ("1,234,567", 123456700),
        ("1 234,56", 123456),
        ("1\u00a0234,56", 123456),
        ("1\u202f234,56", 123456),
        ("1\u2009234,56", 123456),
        ("1'234.56", 123456),
        ("1’234.56", 123456),
        ("1'234", 123400),
        ("€ 1.234,56", 123456),
        ("1.234,56 EUR", 123456),
        ("1.234,56\u00a0€", 123456),
        ("1'234.–", 123400),
        ("1234,--", 123400),
        ("0,5", 50),
        (",5", 50),
        ("0", 0),
        ("00012", 1200),
        ("10000000000000", 10**15),
        ("9999999999999,99", 10**15 - 1),
    ],
)
def test_an_amount_is_read_as_the_person_meant_it(written: str, cents: int) -> None:
    assert values(column("AUM", written), "managed") == [cents]


@pytest.mark.parametrize(
    "written", ["-1.234,56", "1.234,56-", "(1.234,56)", "−1.234,56", "€ -1.234,56", "-1.234,56 €"]
)
def test_a_negative_revenue_is_read_and_negative_assets_are_refused(written: str) -> None:
    assert values(column("Umsatz", written), "revenue") == [-123456]
    assert codes(column("AUM", written)) == [ProblemCode.NEGATIVE]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1.234,567", ProblemCode.TOO_MANY_DECIMALS),
        ("1234,5678", ProblemCode.TOO_MANY_DECIMALS),
        ("0,125", ProblemCode.TOO_MANY_DECIMALS),
        ("1e309", ProblemCode.NOT_A_NUMBER),
        ("1E5", ProblemCode.NOT_A_NUMBER),
        ("Infinity", ProblemCode.NOT_A_NUMBER),
        ("inf", ProblemCode.NOT_A_NUMBER),
        ("NaN", ProblemCode.NOT_A_NUMBER),
        ("9999999999999999,99", ProblemCode.TOO_LARGE),
        ("9" * 400, ProblemCode.TOO_LARGE),
        ("1.23.45", ProblemCode.NOT_A_NUMBER),
        ("12.34,56", ProblemCode.NOT_A_NUMBER),
        ("1,234,56", ProblemCode.NOT_A_NUMBER),
        ("1 2", ProblemCode.NOT_A_NUMBER),
        ("(5", ProblemCode.NOT_A_NUMBER),
        ("5)", ProblemCode.NOT_A_NUMBER),
        ("viel", ProblemCode.NOT_A_NUMBER),
        ("١٢٣", ProblemCode.NOT_A_NUMBER),
        ("1234\u0000", ProblemCode.NOT_A_NUMBER),
        ("=B2*12", ProblemCode.FORMULA),
        ("#DIV/0!", ProblemCode.EXCEL_ERROR),
        ("#N/A", ProblemCode.EXCEL_ERROR),
        ("#NV", ProblemCode.EXCEL_ERROR),
        ("CHF 1'234.–", ProblemCode.OTHER_CURRENCY),
        ("$1,234.56", ProblemCode.OTHER_CURRENCY),
        ("1.234,56 USD", ProblemCode.OTHER_CURRENCY),
    ],
)
def test_what_is_no_amount_costs_its_row_only(written: str, code: ProblemCode) -> None:
    book = column("AUM", "100,00", written)
    assert values(book, "managed") == [10000]
    (problem,) = book.problems
    assert (problem.code, problem.row, problem.column) == (code, 3, "AUM")
    assert problem.value == written[:200]


@pytest.mark.parametrize("written", ["", "-", "–", "n/a", "k.A.", "K. A.", "NULL", "unbekannt"])
def test_unknown_is_not_zero(written: str) -> None:
    assert values(column("AUM", "0", written), "managed") == [0, None]


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        ("1,2 Mio", "1200000"),
        ("1.2M", "1200000"),
        ("250k", "250000"),
        ("1,5 Mrd.", "1500000000"),
        ("250 T€", "250000"),
        ("1,25 Mio. €", "1250000"),
    ],
)
def test_a_shortened_amount_is_refused_with_the_number_written_out(
    written: str, suggestion: str
) -> None:
    (problem,) = column("AUM", written).problems
    assert problem.code == ProblemCode.WRITTEN_SHORT
    assert problem.facts == {"suggestion": suggestion}


def test_the_firms_own_currency_may_be_francs() -> None:
    book = column("AUM", "CHF 1'234.–", "Fr. 5.50", "€ 3", currency="CHF")
    assert values(book, "managed") == [123400, 550]
    assert book.problems[0].facts == {"found": "EUR", "expected": "CHF"}


def test_a_foreign_currency_is_named() -> None:
    (problem,) = column("AUM", "$1,234.56").problems
    assert problem.facts == {"found": "USD", "expected": "EUR"}


# which mark is the decimal one


@pytest.mark.parametrize("written", ["1.234", "1,234", "-1.234", "€ 12.345"])
def test_one_mark_with_three_digits_after_it_is_asked(written: str) -> None:
    book = column("Umsatz", written)
    (question,) = book.questions
    assert question.kind == QuestionKind.NUMBER_FORMAT
    assert question.column == "Umsatz"
    assert question.choices == ("de", "en", "ch")
    assert (question.examples[0].row, question.examples[0].value) == (2, written)
    assert book.frame.empty
    assert not book.is_readable


def test_the_question_shows_what_each_answer_would_mean() -> None:
    (question,) = column("AUM", "1.234").questions
    assert question.examples[0].readings == {"de": "1234", "en": "1.234", "ch": "1.234"}


def test_a_german_neighbor_settles_it() -> None:
    book = column("AUM", "1.234", "2.000,50")
    assert values(book, "managed") == [123400, 200050]
    assert book.formats == {"managed": "de"}


def test_beside_an_english_neighbor_three_decimals_are_refused() -> None:
    book = column("AUM", "1.234", "2,000.50")
    assert codes(book) == [ProblemCode.TOO_MANY_DECIMALS]
    assert values(book, "managed") == [200050]
    assert book.formats == {"managed": "en"}


def test_a_column_that_needs_both_marks_is_refused_with_both_rows() -> None:
    book = column("AUM", "5", "1.234,56", "1,234.56")
    (refusal,) = book.refusals
    assert refusal.code == RefusalCode.BOTH_NUMBER_FORMATS
    assert (refusal.row, refusal.value) == (3, "1.234,56")
    assert refusal.facts == {"other_row": 4, "other_value": "1,234.56"}
    assert book.frame.empty


@pytest.mark.parametrize(
    ("chosen", "cents"), [("de", [123400]), ("en", []), ("ch", [])], ids=["de", "en", "ch"]
)
def test_the_choice_settles_what_the_column_leaves_open(
    chosen: NumberFormat, cents: list[int]
) -> None:
    book = column("AUM", "1.234", number_format=chosen)
    assert values(book, "managed") == cents
    assert codes(book) == ([] if cents else [ProblemCode.TOO_MANY_DECIMALS])


def test_after_a_choice_a_value_in_the_other_format_costs_its_row() -> None:
    book = column("AUM", "1.234", "12.50", number_format="de")
    assert values(book, "managed") == [123400]
    assert codes(book) == [ProblemCode.OTHER_NUMBER_FORMAT]


def test_a_choice_does_not_overrule_a_column_that_leaves_nothing_open() -> None:
    assert values(column("AUM", "12.50", number_format="de"), "managed") == [1250]


def test_a_comma_groups_nothing_in_switzerland() -> None:
    book = column("AUM", "1,234", "1'000.50", number_format="ch")
    assert codes(book) == [ProblemCode.OTHER_NUMBER_FORMAT]
    assert book.formats == {"managed": "ch"}


def test_an_id_keeps_its_leading_zeros() -> None:
    book = column("AUM", "1")
    assert values(book, "client_id") == ["1"]


# percents


def test_percents_with_and_without_sign() -> None:
    book = column("Share of Wallet", "12 %", "12", "45,5\u00a0%", "0,5 %", "100%", "0")
    assert values(book, "wallet_share") == [1200, 1200, 4550, 50, 10000, 0]


@pytest.mark.parametrize("written", [("0,12",), ("0,12", "12"), ("1",), ("1", "0,5")])
def test_a_percent_that_may_be_a_fraction_is_asked(written: tuple[str, ...]) -> None:
    (question,) = column("Sparquote", *written).questions
    assert question.kind == QuestionKind.PERCENT_AS
    assert question.choices == ("percent", "fraction")


def test_a_one_among_larger_percents_is_one_percent() -> None:
    assert values(column("Sparquote", "1", "45"), "saving_rate") == [100, 4500]


def test_the_person_says_that_they_are_fractions() -> None:
    book = column("Sparquote", "0,12", "1", "15 %", percent_as="fraction")
    assert values(book, "saving_rate") == [1200, 10000, 1500]
    assert [note.code for note in book.notes] == [NoteCode.READ_AS_FRACTION]


def test_the_person_says_that_they_are_percents() -> None:
    book = column("Sparquote", "0,12", "12", percent_as="percent")
    assert values(book, "saving_rate") == [12, 1200]


def test_a_share_beyond_the_whole_is_refused() -> None:
    book = column("Share of Wallet", "101", "-1", "100")
    assert codes(book) == [ProblemCode.OUT_OF_RANGE, ProblemCode.NEGATIVE]


def test_rounding_a_percent_is_said() -> None:
    book = column("Share of Wallet", "33,3333", "33,33")
    assert values(book, "wallet_share") == [3333, 3333]
    (note,) = book.notes
    assert (note.code, note.count, note.rows) == (NoteCode.ROUNDED, 1, (2,))


# laws

cents_of = st.integers(-(10**15), 10**15)


def written(cents: int, *, group: str, mark: str) -> str:
    """Write an amount the way a spreadsheet of that country would."""
    whole, rest = divmod(abs(cents), 100)
    return ("-" if cents < 0 else "") + f"{whole:,}".replace(",", group) + f"{mark}{rest:02d}"


@pytest.mark.parametrize(
    ("group", "mark"),
    [(".", ","), (",", "."), ("'", "."), ("’", "."), (" ", ","), ("\u202f", ","), ("", ",")],
    ids=["de", "en", "ch", "ch typographic", "din", "narrow space", "plain"],
)
@given(cents=st.lists(cents_of, min_size=1, max_size=20))
def test_every_amount_written_in_a_countrys_format_is_read_back_to_the_cent(
    group: str, mark: str, cents: list[int]
) -> None:
    cells = pa.array([written(value, group=group, mark=mark) for value in cents])
    numbers = read_numbers(cells, chosen=None, currency="EUR")
    assert hundredths(numbers.values).to_pylist() == cents


@given(cents=st.lists(cents_of, min_size=1, max_size=20))
def test_a_number_is_never_read_as_something_else_than_one_of_its_two_meanings(
    cents: list[int],
) -> None:
    for group, mark in ((".", ","), (",", ".")):
        texts = [written(value, group=group, mark=mark)[:-3] for value in cents]
        for chosen in (None, "de", "en"):
            numbers = read_numbers(pa.array(texts), chosen=chosen, currency="EUR")
            for text, value in zip(texts, numbers.values.tolist(), strict=True):
                meanings = {Decimal(text.replace(group, ""))}
                if text.count(group) == 1:
                    meanings.add(Decimal(text.replace(group, ".")))
                assert np.isnan(value) or Decimal(str(value)) in meanings


@given(texts=st.lists(st.text(max_size=12), min_size=1, max_size=20))
def test_whatever_stands_in_a_cell_is_read_or_refused_and_never_crashes(texts: list[str]) -> None:
    numbers = read_numbers(pa.array(texts), chosen="de", currency="EUR")
    assert len(numbers.values) == len(texts)
    assert np.isnan(numbers.values[numbers.refusals.bad]).all()
    assert not np.isinf(numbers.values).any()


def test_options_start_without_any_choice() -> None:
    options = ReadOptions()
    assert options.number_format is None
    assert options.date_order is None
    assert options.encoding is None


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("1,2 Mio", 120_000_000),
        ("1.2M", 120_000_000),
        ("250k", 25_000_000),
        ("€ 1,5 Mrd.", 150_000_000_000),
        ("250 Tsd. EUR", 25_000_000),
        ("1200", 120_000),
    ],
)
def test_abbreviated_amounts_are_read_where_that_is_chosen(written: str, cents: int) -> None:
    assert values(column("AUM", written, short_amounts=True), "managed") == [cents]


@pytest.mark.parametrize("written", ["1.234 Mio", "1,2 Mio USD", "viel k", "k"])
def test_an_abbreviation_that_is_open_or_foreign_stays_refused(written: str) -> None:
    book = column("AUM", written, short_amounts=True)
    assert book.refused_rows == 1


ENDS = ("", ",5", ",50", ".5", ".50", ",505", ",", ".")
WHOLE = (
    "", "0", "7", "1234", "12.345", "12,345", "1.234.567", "1,234,567", "1.234,567", "12.34",
    "9.007.199.254.740", "123456789012345", "1.23.456", ".234", "1..234",
)  # fmt: skip


def test_an_amount_means_the_same_whether_it_stands_among_usual_ones_or_odd_ones() -> None:
    # a currency sign takes a cell the long way
    for number_format in (None, "de", "en", "ch"):
        written = [whole + end for whole in WHOLE for end in ENDS]
        short = read_numbers(pa.array(written), chosen=number_format, currency="EUR")
        long = read_numbers(
            pa.array([f"{text} €" for text in written]), chosen=number_format, currency="EUR"
        )
        usual = read_usual(pa.array(written)).is_read
        assert usual.sum() > 20
        assert np.array_equal(short.values[usual], long.values[usual], equal_nan=True)
        assert np.array_equal(short.refusals.bad[usual], long.refusals.bad[usual])
        assert np.array_equal(short.long[usual], long.long[usual])
        assert short.number_format == long.number_format


@given(st.lists(st.text("0123456789.,\x00 -", max_size=22), min_size=1, max_size=30))
def test_what_is_read_by_its_bytes_is_what_its_digits_say(texts: list[str]) -> None:
    usual = read_usual(pa.array(texts))
    for number, text in enumerate(texts):
        if not usual.is_read[number]:
            continue
        mark = "," if usual.comma[number] else "." if usual.point[number] else None
        whole, _, decimals = text.rpartition(mark) if mark else (text, "", "")
        groups = whole.split("." if mark == "," else ",")
        assert all(len(group) == 3 for group in groups[1:])
        assert usual.values[number] == float("".join(groups) + "." + decimals)
