"""Checks that the sections of a rule book share; what they refuse names its key."""

from decimal import Decimal
from itertools import pairwise

from domain.errors import RuleBookError, RuleProblem


def within(
    rules: object,
    name: str,
    *,
    above: int | Decimal | None = None,
    least: int | Decimal | None = None,
    most: int | Decimal | None = None,
) -> None:
    """Refuse a figure out of its range."""
    value = getattr(rules, name)
    too_low = (above is not None and value <= above) or (least is not None and value < least)
    if too_low or (most is not None and value > most):
        raise RuleBookError(RuleProblem.OUT_OF_RANGE, name, str(value))


def falling(rules: object, *names: str) -> None:
    """Refuse cut-offs that do not fall from one name to the next."""
    for higher, lower in pairwise(names):
        if getattr(rules, higher) <= getattr(rules, lower):
            raise RuleBookError(RuleProblem.NOT_ABOVE, higher, lower)
