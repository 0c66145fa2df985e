"""Rule books as plain values for the store and as TOML for people; what is wrong names its key."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar, get_type_hints

from domain.errors import RuleBookError, RuleProblem
from domain.rulebook import RuleBook

MOST = Decimal(10) ** 16
"""No amount of a rule book is larger."""

Rules = TypeVar("Rules")


def to_plain(rules: Any) -> dict[str, Any]:
    """Write a rule book as plain values (numbers as text, so that no cent is lost)."""
    return {each.name: _plain(getattr(rules, each.name)) for each in fields(rules)}


def from_plain(plain: Mapping[str, Any], base: RuleBook | None = None) -> RuleBook:
    """Read a rule book back from `to_plain`; what it does not name is as in `base`, or a default.

    Raises RuleBookError for unknown names and for values that cannot be or contradict each other.
    """
    return _read(RuleBook, plain, base or RuleBook(), "")


def from_toml(text: str, base: RuleBook) -> RuleBook:
    """Read a rule book that a person wrote; what the file does not name stays as in `base`.

    Raises RuleBookError.
    """
    try:
        plain = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, InvalidOperation, RecursionError) as error:
        raise RuleBookError(RuleProblem.NOT_TOML, "", str(error)) from None
    return from_plain(plain, base)


def to_toml(rules: RuleBook, notes: Mapping[str, str] | None = None) -> str:
    """Write a rule book as TOML, with `notes` by key beside the values and above the sections."""
    return "\n".join(_lines(rules, "", notes or {})) + "\n"


def keys_of(rules: Any, section: str = "") -> list[str]:
    """List the keys of a rule book and its sections, such as ``cutoffs.a_from_revenue``."""
    keys = []
    for each in fields(rules):
        key, value = section + each.name, getattr(rules, each.name)
        keys.append(key)
        if is_dataclass(value):
            keys += keys_of(value, key + ".")
    return keys


def _lines(rules: Any, section: str, notes: Mapping[str, str]) -> Iterator[str]:
    values = [(section + each.name, each.name, getattr(rules, each.name)) for each in fields(rules)]
    for key, name, value in values:
        if not is_dataclass(value):
            note = f"  # {_one_line(notes[key])}" if notes.get(key) else ""
            yield f"{name} = {_toml(value)}{note}"
    for key, _, value in values:
        if is_dataclass(value):
            yield ""
            if notes.get(key):
                yield f"# {_one_line(notes[key])}"
            yield f"[{key}]"
            yield from _lines(value, key + ".", notes)


def _toml(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case StrEnum():
            return f'"{value.value}"'
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case int():
            return str(value)
    raise ValueError(f"a rule book has no {type(value).__name__}")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _plain(value: Any) -> Any:
    match value:
        case StrEnum():
            return value.value
        case Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case _ if is_dataclass(value):
            return to_plain(value)
    return value


def _read(kind: type[Rules], plain: Any, base: Rules, section: str) -> Rules:
    if not isinstance(plain, Mapping):
        raise RuleBookError(RuleProblem.WRONG_KIND, section, _shown(plain))
    kinds = get_type_hints(kind)
    prefix = f"{section}." if section else ""
    for name in plain:
        if name not in kinds:
            raise RuleBookError(RuleProblem.UNKNOWN_NAME, f"{prefix}{name}")
    values = {
        name: _value(each, plain[name], getattr(base, name), prefix + name)
        if name in plain
        else getattr(base, name)
        for name, each in kinds.items()
    }
    try:
        return kind(**values)
    except RuleBookError as error:
        raise (error.within(section) if section else error) from None


def _value(kind: Any, plain: Any, base: Any, key: str) -> Any:
    if is_dataclass(kind):
        return _read(type(base), plain, base, key)
    value = _simple(kind, plain)
    if value is None:
        raise RuleBookError(RuleProblem.WRONG_KIND, key, _shown(plain))
    if isinstance(value, Decimal | int) and not -MOST <= value <= MOST:
        raise RuleBookError(RuleProblem.OUT_OF_RANGE, key, _shown(plain))
    return value


def _simple(kind: Any, plain: Any) -> Any:
    """Read a value of a kind, or None if it is of another."""
    if kind is bool or isinstance(plain, bool):
        return plain if kind is bool and isinstance(plain, bool) else None
    if kind is int:
        return plain if isinstance(plain, int) else None
    if kind is date and isinstance(plain, date):
        return None if isinstance(plain, datetime) else plain
    try:
        if kind is Decimal and isinstance(plain, int | Decimal | str):
            number = Decimal(plain)
            return number if number.is_finite() else None
        if kind is date and isinstance(plain, str):
            return date.fromisoformat(plain)
        if issubclass(kind, StrEnum) and isinstance(plain, str):
            return kind(plain)
    except (ValueError, InvalidOperation):
        return None
    return None


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"
