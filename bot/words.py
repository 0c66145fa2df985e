"""Words for one reader: texts in his language, numbers and days in his format.

English is written in the code; ``locales/de`` holds the German. Catalogues are read as text, so
there is no compiled file to forget.
"""

import gettext
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_day_names, get_month_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol

CATALOGUES = Path(__file__).parent / "locales"
LANGUAGES = ("en", "de")
DEFAULT = "en-GB"


def say(text: str) -> str:
    """Mark a text for the German catalogue; `Words.say` puts it into the reader's language."""
    return text


class Words:
    """Texts and formats for a locale such as ``de-AT``; unknown locales read English."""

    def __init__(self, locale: str = DEFAULT, currency: str = "EUR") -> None:
        self.locale = _babel_locale(locale)
        self.currency = currency
        self.language = self.locale.language
        self._catalogue = _catalogue(self.language)
        self._signs = _signs(self.locale)

    def say(self, text: str, /, **facts: object) -> str:
        """Return a text in the reader's language with facts filled in."""
        return self._catalogue.gettext(text).format(**facts)

    def say_n(self, one: str, many: str, n: int, /, **facts: object) -> str:
        """Return the singular or plural text for a count, which may stand in it as ``{n}``."""
        return self._catalogue.ngettext(one, many, n).format(n=self.number(n), **facts)

    def number(self, value: Decimal | int) -> str:
        """Write a number, at most two decimals."""
        return self._figure(value, most=2)

    def typed(self, value: Decimal | int) -> str:
        """Write a number as a person types it: no grouping, no digit lost."""
        return f"{value:f}".replace(".", get_decimal_symbol(self.locale))

    def money(self, amount: Decimal | int, currency: str | None = None) -> str:
        """Write an amount; whole amounts without cents."""
        cents = 0 if amount == int(amount) else 2
        figure = self._figure(amount, most=cents, least=cents)
        symbol = _symbol(currency or self.currency, self.locale)
        if self.language == "de":
            return f"{figure}\N{NO-BREAK SPACE}{symbol}"
        sign = "-" if figure.startswith("-") else ""
        return f"{sign}{symbol}{figure.removeprefix('-')}"

    def about(self, amount: Decimal) -> str:
        """Write a computed amount in whole units: its cents would feign exactness."""
        return self.money(round(amount))

    def hours(self, value: Decimal) -> str:
        """Write hours to the tenth."""
        return f"{self._figure(value, most=1)}\N{NO-BREAK SPACE}h"

    def percent(self, value: Decimal | int) -> str:
        """Write a value that is already per cent."""
        space = "\N{NO-BREAK SPACE}" if self.language == "de" else ""
        return f"{self.number(value)}{space}%"

    def day(self, value: date) -> str:
        """Write a day, such as 3 Mar 2026 or 03.03.2026."""
        if self.language == "de":
            return f"{value.day:02}.{value.month:02}.{value.year:04}"
        return f"{value.day} {_months(self.locale)[value.month]} {value.year:04}"

    def month(self, value: date) -> str:
        """Write a month with its year."""
        return _date(value, "LLLL yyyy", self.locale)

    def month_name(self, month: int) -> str:
        """Name a month, 1 to 12."""
        return _date(date(2000, month, 1), "LLLL", self.locale)

    def long_day(self, value: date) -> str:
        """Write a day with its weekday."""
        pattern = "EEEE, d. MMMM" if self.language == "de" else "EEEE, d MMMM"
        return _date(value, pattern, self.locale)

    def weekday(self, number: int) -> str:
        """Name a day of the week; Monday is 0."""
        return str(get_day_names(locale=self.locale)[number])

    def time(self, value: time) -> str:
        """Write a time of day, such as 18:00."""
        return _time(value, self.locale)

    def _figure(self, value: Decimal | int, *, most: int, least: int = 0) -> str:
        """Write a number with so many decimals; Babel takes forty times as long over it."""
        if isinstance(value, int):
            whole, decimals = f"{value:,}", "0" * least
        else:
            whole, _, decimals = f"{value:,.{most}f}".partition(".")
            decimals = decimals[:least] + decimals[least:].rstrip("0")
        return (f"{whole}.{decimals}" if decimals else whole).translate(self._signs)


@lru_cache(maxsize=1_000)
def _date(value: date, pattern: str, locale: Locale) -> str:
    return str(format_date(value, format=pattern, locale=locale))


@lru_cache(maxsize=1_000)
def _time(value: time, locale: Locale) -> str:
    return str(format_time(value, format="short", locale=locale))


@lru_cache
def _months(locale: Locale) -> Mapping[int, str]:
    return get_month_names("abbreviated", locale=locale)


_symbol = lru_cache(get_currency_symbol)


@lru_cache
def _signs(locale: Locale) -> dict[int, str]:
    return str.maketrans({",": get_group_symbol(locale), ".": get_decimal_symbol(locale)})


@lru_cache(maxsize=64)
def _babel_locale(locale: str) -> Locale:
    try:
        found = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        found = None
    if found is None or found.language not in LANGUAGES:
        return Locale.parse(DEFAULT.replace("-", "_"))
    return found


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> gettext.NullTranslations:
    source = CATALOGUES / language / "LC_MESSAGES" / "tierwise.po"
    if not source.exists():
        return gettext.NullTranslations()
    compiled = BytesIO()
    with source.open("rb") as lines:
        write_mo(compiled, read_po(lines, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
