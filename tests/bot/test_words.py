"""Every text exists in German, and numbers and days read as the reader is used to."""

import re
from datetime import date
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from bot.words import Words
from tests.catalogue import german, texts_in_code

PLACEHOLDER = re.compile(r"\{\w+\}")


def test_every_text_of_the_code_is_in_the_german_catalogue_and_no_other():
    # Given the texts of the code and those of the catalogue
    said = {message.id for message in texts_in_code() if message.id}
    known = {message.id for message in german() if message.id}
    # Then they are the same, and none is left untranslated
    assert said == known
    assert not [m.id for m in german() if m.id and not m.string]


def test_a_translation_fills_in_the_same_facts():
    for message in german():
        if message.id:
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            wanted = {name for each in ids for name in PLACEHOLDER.findall(each)}
            for string in strings:
                assert set(PLACEHOLDER.findall(string)) == wanted, message.id


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("de-DE", "1.234,50\N{NO-BREAK SPACE}€ · 12,5\N{NO-BREAK SPACE}% · 03.03.2026"),
        ("de-AT", "1.234,50\N{NO-BREAK SPACE}€ · 12,5\N{NO-BREAK SPACE}% · 03.03.2026"),
        ("en-GB", "€1,234.50 · 12.5% · 3 Mar 2026"),
        ("en-US", "€1,234.50 · 12.5% · 3 Mar 2026"),
        ("fr-FR", "€1,234.50 · 12.5% · 3 Mar 2026"),
        ("tr-TR", "€1,234.50 · 12.5% · 3 Mar 2026"),
        ("klingon", "€1,234.50 · 12.5% · 3 Mar 2026"),
    ],
)
def test_figures_are_written_in_the_readers_format(locale, expected):
    words = Words(locale)
    money = words.money(Decimal("1234.50"))
    written = f"{money} · {words.percent(Decimal('12.5'))} · {words.day(date(2026, 3, 3))}"
    assert written == expected


LOCALES = ("de-DE", "de-AT", "de-CH", "en-GB", "en-US", "en-ZA", "en-IN", "en-CH")
AMOUNTS = st.decimals(-(10**13), 10**13, places=4) | st.integers(-(10**15), 10**15).map(Decimal)


@given(amount=AMOUNTS, day=st.dates(), locale=st.sampled_from(LOCALES))
def test_figures_and_days_are_written_as_the_locales_of_the_world_say(amount, day, locale):
    # Given what Babel, slower, writes by the Unicode consortium's patterns
    words = Words(locale)
    cents, known = "" if amount == int(amount) else ".00", words.locale
    pattern = f"#,##0{cents}\N{NO-BREAK SPACE}¤" if known.language == "de" else f"¤#,##0{cents}"
    days = "dd.MM.yyyy" if known.language == "de" else "d MMM yyyy"
    # Then ours is the same
    assert words.number(amount) == format_decimal(amount, "#,##0.##", known)
    assert words.hours(amount) == f"{format_decimal(amount, '#,##0.#', known)}\N{NO-BREAK SPACE}h"
    assert words.day(day) == format_date(day, days, known)
    for currency in ("EUR", "CHF", "USD", "GBP", "XXX"):
        by_babel = format_currency(amount, currency, pattern, known, currency_digits=False)
        assert words.money(amount, currency) == by_babel


def test_a_whole_amount_is_written_without_cents_and_a_computed_one_is_rounded():
    words = Words("de-DE", "CHF")
    assert words.money(Decimal("9000.00")) == "9.000\N{NO-BREAK SPACE}CHF"
    assert words.about(Decimal("1239.61")) == "1.240\N{NO-BREAK SPACE}CHF"


def test_one_and_many_are_told_apart():
    one = Words("de").say_n("{n} decision open", "{n} decisions open", 1)
    many = Words("de").say_n("{n} decision open", "{n} decisions open", 2)
    assert one == "1 Entscheidung offen (MOVE)"
    assert many == "2 Entscheidungen offen (MOVE)"
