"""Working days of a firm: Monday to Friday without the public holidays of its place."""

from collections.abc import Container
from datetime import date
from functools import cache

from domain.notices import IsWorkday, is_weekday


class PlaceUnknownError(ValueError):
    """No calendar of public holidays is known under this name."""


def workdays_of(place: str) -> IsWorkday:
    """Return what tells the working days of a place such as DE-BY; of none: weekdays."""
    if not place:
        return is_weekday
    days_off = _days_off(place)
    return lambda day: is_weekday(day) and day not in days_off


def check_place(place: str) -> str:
    """Return the name of a place as it is kept.

    Raises PlaceUnknownError.
    """
    named = place.strip().upper()
    if named:
        try:
            _days_off(named)
        except (NotImplementedError, KeyError, ValueError) as unknown:
            raise PlaceUnknownError(place) from unknown
    return named


@cache
def _days_off(place: str) -> Container[date]:
    from holidays import country_holidays  # the answer path does without it

    country, _, region = place.partition("-")
    found: Container[date] = country_holidays(country, subdiv=region or None)
    return found
