"""Drafts of a rule book: changes that somebody is about to make, over whatever holds by then.

A draft is the values that differ, by section as in a rule file (``rulefile.from_plain`` reads them
over any version). So somebody else's version in between loses nothing: the draft is laid over it,
and what both changed is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Plain = Mapping[str, Any]
"""A rule book, or a part of it, as ``rulefile.to_plain`` writes it."""

STAMPS = ("version", "valid_from")
"""What every saving sets anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A value that the draft and a version saved meanwhile both changed, each in its way."""

    key: str
    before: Any
    now: Any
    mine: Any


def differing(before: Plain, after: Plain) -> dict[str, Any]:
    """Return the values of `after` that `before` has not, by section; version and day aside."""
    found: dict[str, Any] = {}
    for name, value in after.items():
        old = before.get(name)
        if name in STAMPS or value == old:
            continue
        is_section = isinstance(value, Mapping) and isinstance(old, Mapping)
        found[name] = differing(old, value) if is_section else value  # type: ignore[arg-type]
    return found


def laid_over(plain: Plain, changes: Plain) -> dict[str, Any]:
    """Return plain values with changes in their places."""
    result = dict(plain)
    for name, value in changes.items():
        old = result.get(name)
        is_section = isinstance(value, Mapping) and isinstance(old, Mapping)
        result[name] = laid_over(old, value) if is_section else value  # type: ignore[arg-type]
    return result


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by key, such as ``matrix.share.high_from``, by section."""
    result: dict[str, Any] = {}
    for key, value in values.items():
        *sections, name = key.split(".")
        part = result
        for each in sections:
            part = part.setdefault(each, {})
        part[name] = value
    return result


def flat(plain: Plain, section: str = "") -> dict[str, Any]:
    """Return values by key, the sections joined by points."""
    found: dict[str, Any] = {}
    for name, value in plain.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{section}{name}.")
        else:
            found[section + name] = value
    return found


def clashes(before: Plain, now: Plain, changes: Plain) -> tuple[Clash, ...]:
    """Name what was changed since `before` in another way than by the draft's changes."""
    old, new = flat(before), flat(now)
    return tuple(
        Clash(key=key, before=old.get(key), now=new.get(key), mine=mine)
        for key, mine in flat(changes).items()
        if new.get(key) not in (old.get(key), mine)
    )
