"""Reads the form of one service: values by key, as a rule file names them."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot.listeners.entered import Entered
from bot.reports import RulesSection
from bot.views.service_editing import NEW, PREFIX, drafted_name, key_of
from domain.model import Tier
from domain.service_model import DEFAULT_SERVICES, Clock, Family, served_too

KEY_CHARS = 28


def read_service(service: str, filled: RulesSection, entered: Entered) -> dict[str, Any]:
    """Read a service's form; a new one gets a key from its name."""
    known: Mapping[str, Any] = filled.values["services"].get(service, {})
    values: dict[str, Any] = {
        "name": _name(service, filled, entered),
        "family": entered.choice(key_of(service, "family"), Family),
        "advisor_hours": _number(service, "advisor_hours", known, entered),
        "staff_hours": _number(service, "staff_hours", known, entered),
        "lead_days": _days(service, known, entered),
        "floor_per_year": _number(service, "floor_per_year", known, entered),
        **_clock(service, entered),
        "counts_for": entered.ticked(key_of(service, "counts_for")),
        **_times(service, filled, entered),
    }
    key = _new_key(values["name"], filled) if service == NEW else service
    return {key_of(key, name): value for name, value in values.items()}


def field_of(key: str, service: str) -> str:
    """Return the form's field for a value's key."""
    if service != NEW or not key.startswith(PREFIX):
        return key
    _, _, name = key.removeprefix(PREFIX).partition(".")
    return key_of(NEW, name)


def _name(service: str, filled: RulesSection, entered: Entered) -> str:
    field = key_of(service, "name")
    is_default = service in {each.key for each in DEFAULT_SERVICES}
    name = entered.text(field, required=not is_default)
    others = {
        drafted_name(key, filled.values, entered.words).casefold()
        for key, value in filled.values["services"].items()
        if isinstance(value, Mapping) and key != service
    }
    if name and name.casefold() in others:
        entered.wrong[field] = entered.words.say("There is a service with this name already.")
    return name


def _times(service: str, filled: RulesSection, entered: Entered) -> dict[str, Any]:
    known = filled.values["services"].get(service, {}).get("per_year", {})
    tiers = filled.in_force.method.tiers
    times = {tier: _number(service, f"per_year.{tier}", known, entered, tier) for tier in tiers}
    if service == NEW:
        times = {tier: times.get(served_too(tier, tiers), "0") for tier in Tier}
    return {f"per_year.{tier}": each for tier, each in times.items()}


def _clock(service: str, entered: Entered) -> dict[str, Any]:
    field = key_of(service, "months")
    clock = entered.choice(key_of(service, "clock"), Clock)
    months = sorted(int(each) for each in entered.ticked(field) if each.isdecimal())
    if months and clock is not Clock.ANCHORED:
        entered.wrong[field] = entered.words.say(
            "Months hold only where it is counted from fixed months: choose that, or no months."
        )
    return {"clock": clock, "months": months}


def _number(
    service: str, name: str, known: Mapping[str, Any], entered: Entered, within: str = ""
) -> str | None:
    """Return a number as text; one that was left as it stood is not read anew."""
    field, before = key_of(service, name), known.get(within or name)
    if before is not None and entered.is_still(field, Decimal(before)):
        return str(before)
    number = entered.amount(field)
    if number is None and field not in entered.wrong:
        entered.need(field)
    return None if number is None else str(number)


def _days(service: str, known: Mapping[str, Any], entered: Entered) -> int | None:
    field = key_of(service, "lead_days")
    days = entered.count(field)
    if days is None and field not in entered.wrong:
        entered.need(field)
    return days


def _new_key(name: str, filled: RulesSection) -> str:
    """Make a key from a name; one that stands in the rule book already gets a number."""
    spelled = name.casefold()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        spelled = spelled.replace(umlaut, letters)
    ascii_only = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_")[:KEY_CHARS]
    stem = stem if stem[:1].isalpha() else f"service_{stem}"[:KEY_CHARS].rstrip("_")
    taken = {NEW, *filled.values["services"]}
    keys = (stem, *(f"{stem}_{n}" for n in range(2, 1000)))
    return next(each for each in keys if each not in taken)
