"""Rule books as plain values for the store and as TOML for people; what is wrong names its key."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from domain.errors import RuleBookError, RuleProblem
from domain.model import Tier
from domain.rulebook import RuleBook
from domain.service_model import Family, PerYear, Service, ServiceModel, per_year_of

MOST = Decimal(10) ** 16
"""No amount of a rule book is larger."""

Rules = TypeVar("Rules")


def to_plain(rules: Any) -> dict[str, Any]:
    """Write a rule book as plain values (numbers as text, so that no cent is lost)."""
    return {name: _plain(value) for name, value in _parts(rules)}


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
    for name, value in _parts(rules):
        key = section + name
        keys.append(key)
        if is_dataclass(value):
            keys += keys_of(value, key + ".")
    return keys


def _parts(rules: Any) -> Iterator[tuple[str, Any]]:
    """List a section's names and values; each service is a section named by its key."""
    for each in fields(rules):
        value = getattr(rules, each.name)
        if isinstance(rules, ServiceModel) and each.name == "services":
            yield from ((service.key, service) for service in value)
        elif not (isinstance(rules, Service) and each.name == "key"):
            yield each.name, value


def _lines(rules: Any, section: str, notes: Mapping[str, str]) -> Iterator[str]:
    values = [(section + name, name, value) for name, value in _parts(rules)]
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
            return json.dumps(value.value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case int():
            return str(value)
        case ((Tier(), _), *_):
            return f"{{ {', '.join(f'{_toml(tier)} = {_toml(n)}' for tier, n in value)} }}"
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
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
        case ((Tier(), _), *_):
            return {tier.value: str(times) for tier, times in value}
        case tuple():
            return [_plain(each) for each in value]
        case _ if is_dataclass(value):
            return to_plain(value)
    return value


def _read(kind: type[Rules], plain: Any, base: Rules, section: str) -> Rules:
    if not isinstance(plain, Mapping):
        raise RuleBookError(RuleProblem.WRONG_KIND, section, _shown(plain))
    if isinstance(base, ServiceModel):
        services = _read_services(plain, base, section)
        plain = {name: value for name, value in plain.items() if name in _settings(base)}
        base = _made(kind, {**_values(base), "services": services}, section)
    kinds = {name: each for name, each in get_type_hints(kind).items() if name in _settings(base)}
    prefix = f"{section}." if section else ""
    for name in plain:
        if name not in kinds:
            raise RuleBookError(RuleProblem.UNKNOWN_NAME, f"{prefix}{name}")
    read = {
        name: _value(kinds[name], each, getattr(base, name), prefix + name)
        for name, each in plain.items()
    }
    return _made(kind, {**_values(base), **read}, section)


def _read_services(plain: Mapping[str, Any], base: ServiceModel, section: str) -> Any:
    """Read the services: those of `base`, changed where they are named, then new ones."""
    named = {name: each for name, each in plain.items() if name not in _settings(base)}
    for name, each in named.items():
        if not isinstance(each, Mapping):
            raise RuleBookError(RuleProblem.UNKNOWN_NAME, f"{section}.{name}")
    known = {each.key: each for each in base.services}
    added = {
        key: _new_service(key, each, f"{section}.{key}")
        for key, each in named.items()
        if key not in known
    }
    return tuple(
        _read(Service, named.get(key, {}), each, f"{section}.{key}")
        for key, each in {**known, **added}.items()
    )


def _new_service(key: str, plain: Mapping[str, Any], section: str) -> Service:
    for needed in ("name", "family", "per_year"):
        if needed not in plain:
            raise RuleBookError(RuleProblem.MISSING, f"{section}.{needed}")
    values = {"key": key, "family": Family.CONTACT, "per_year": per_year_of({})}
    return _made(Service, values, section)


def _settings(rules: Any) -> set[str]:
    """Return the names that a section has whatever services there are."""
    names = {each.name for each in fields(rules)}
    return names - {"services"} if isinstance(rules, ServiceModel) else names - {"key"}


def _values(rules: Any) -> dict[str, Any]:
    return {each.name: getattr(rules, each.name) for each in fields(rules)}


def _made(kind: type[Rules], values: Mapping[str, Any], section: str) -> Rules:
    try:
        return kind(**values)
    except RuleBookError as error:
        raise (error.within(section) if section else error) from None


def _value(kind: Any, plain: Any, base: Any, key: str) -> Any:
    if is_dataclass(kind):
        return _read(type(base), plain, base, key)
    if kind == PerYear:
        return _per_year(plain, base, key)
    value = _simple(kind, plain)
    if value is None:
        raise RuleBookError(RuleProblem.WRONG_KIND, key, _shown(plain))
    if isinstance(value, Decimal | int) and not -MOST <= value <= MOST:
        raise RuleBookError(RuleProblem.OUT_OF_RANGE, key, _shown(plain))
    return value


def _per_year(plain: Any, base: PerYear, key: str) -> PerYear:
    if not isinstance(plain, Mapping):
        raise RuleBookError(RuleProblem.WRONG_KIND, key, _shown(plain))
    times = dict(base)
    for name, each in plain.items():
        if name not in list(Tier):
            raise RuleBookError(RuleProblem.UNKNOWN_NAME, f"{key}.{name}")
        times[Tier(name)] = _value(Decimal, each, None, f"{key}.{name}")
    return per_year_of(times)


def _simple(kind: Any, plain: Any) -> Any:
    """Read a value of a kind, or None if it is of another."""
    if kind is bool or isinstance(plain, bool):
        return plain if kind is bool and isinstance(plain, bool) else None
    if kind in (int, str):
        return plain if isinstance(plain, kind) else None
    if get_origin(kind) is tuple:
        each, *_ = get_args(kind)
        read = [_simple(each, one) for one in plain] if isinstance(plain, list | tuple) else [None]
        return None if None in read else tuple(read)
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
