"""Forms of the service model: which service, then its own fields, named as in a rule file."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot import actions
from bot.views.blocks import Block, button, context, cut, plain
from bot.views.blocks import actions as row
from bot.views.inputs import OPTION_CHARS, Choice, field, option, select, several, text
from bot.views.service_words import clock_name, family_name, name_by_key
from bot.words import Words
from domain.rulebook import RuleBook
from domain.service_model import DEFAULT_SERVICES, LONGEST_NAME, Clock, Family, ServiceModel

NEW = "new_service"
"""Stands for the key of a service that is being added."""
GENERAL = "general"
"""Stands for what holds for all services together."""
PREFIX = "services."
NUMBER_CHARS = 10
OPTIONS = 98
"""A list has at most a hundred options."""


def key_of(service: str, name: str) -> str:
    """Return the rule file's key of a service's value."""
    return f"{PREFIX}{service}.{name}"


def service_chooser(values: Mapping[str, Any], words: Words) -> list[Block]:
    """Ask which service; what is chosen opens its form in the same place."""
    choices: list[Choice] = [
        *(
            (key, drafted_name(key, values, words))
            for key, value in values["services"].items()
            if isinstance(value, Mapping)
        )
    ][:OPTIONS]
    choices += [
        (NEW, words.say("Add a service")),
        (GENERAL, words.say("When a service counts as done or overdue")),
    ]
    return [
        {
            "type": "section",
            "text": plain(words.say("Which service?"), OPTION_CHARS),
            "accessory": {
                "type": "static_select",
                "action_id": actions.RULES_MORE,
                "placeholder": plain(words.say("Choose a service"), OPTION_CHARS),
                "options": [option(f"services:{key}", label) for key, label in choices],
            },
        },
        context(words.say("Nothing is saved before its effect was shown and confirmed.")),
    ]


def drafted_name(service: str, values: Mapping[str, Any], words: Words) -> str:
    """Name a service of a rule book's plain values."""
    given = values["services"].get(service, {}).get("name")
    return str(given) if given else default_name(service, words)


def default_name(service: str, words: Words) -> str:
    """Name a service by the words of a default one, or by its key."""
    named = name_by_key(service, ServiceModel(), words)
    return named if named != service else cut(service.replace("_", " ").capitalize(), OPTION_CHARS)


def service_fields(
    service: str, values: Mapping[str, Any], rules: RuleBook, words: Words
) -> list[Block]:
    """Ask for everything about one service, filled with what is drafted or holds."""
    known = values["services"].get(service, {})
    times = known.get("per_year", {})
    return [
        _name(service, known, words),
        _choices(service, "family", known, words),
        *(
            _number(service, f"per_year.{tier}", times.get(tier, "0"), words)
            for tier in rules.method.tiers
        ),
        _number(service, "advisor_hours", known.get("advisor_hours", "0"), words),
        _number(service, "staff_hours", known.get("staff_hours", "0"), words),
        _number(service, "lead_days", known.get("lead_days", 0), words),
        _choices(service, "clock", known, words),
        _months(service, known, words),
        _floor(service, known, words),
        *_counted_along(service, known, values, words),
        *_removal(service, rules, words),
    ]


def value_name(name: str, words: Words) -> str:
    """Name a value of a service, by its key in a rule file."""
    if name.startswith("per_year."):
        return words.say("Times a year, {tier}", tier=name.removeprefix("per_year."))
    names = {
        "name": words.say("Name"),
        "family": words.say("Kind"),
        "advisor_hours": words.say("Hours of the advisor each time"),
        "staff_hours": words.say("Hours of others each time"),
        "lead_days": words.say("Prepared ahead, days"),
        "clock": words.say("Counted from"),
        "months": words.say("Fixed months"),
        "floor_per_year": words.say("Floor: owed at least, times a year"),
        "counts_for": words.say("Counts for these services too"),
    }
    return names.get(name, name)


def _name(service: str, known: Mapping[str, Any], words: Words) -> Block:
    is_default = service in {each.key for each in DEFAULT_SERVICES}
    hint = words.say(
        "Left empty: “{name}”, in each reader's language.", name=default_name(service, words)
    )
    return field(
        key_of(service, "name"),
        value_name("name", words),
        text(initial=known.get("name", ""), longest=LONGEST_NAME),
        hint=hint if is_default else "",
        optional=is_default,
    )


def _number(service: str, name: str, value: Any, words: Words) -> Block:
    entry = text(initial=words.typed(Decimal(value)), longest=NUMBER_CHARS)
    return field(key_of(service, name), value_name(name, words), entry)


def _choices(service: str, name: str, known: Mapping[str, Any], words: Words) -> Block:
    if name == "family":
        kinds = [(each.value, family_name(each, words)) for each in Family]
        chosen = known.get(name, Family.CONTACT.value)
    else:
        kinds = [(each.value, clock_name(each, words)) for each in Clock]
        chosen = known.get(name, Clock.ROLLING.value)
    return field(key_of(service, name), value_name(name, words), select(kinds, initial=chosen))


def _months(service: str, known: Mapping[str, Any], words: Words) -> Block:
    months = [(str(each), words.month_name(each)) for each in range(1, 13)]
    chosen = [str(each) for each in known.get("months", [])]
    return field(
        key_of(service, "months"),
        value_name("months", words),
        several(months, words.say("Choose months"), initial=chosen),
        hint=words.say("For fixed months only. None: a month of each client's own."),
        optional=True,
    )


def _floor(service: str, known: Mapping[str, Any], words: Words) -> Block:
    block = _number(service, "floor_per_year", known.get("floor_per_year", "0"), words)
    hint = words.say("What contract or law owes every client, whatever the tier.")
    return {**block, "hint": plain(hint, OPTION_CHARS * 2)}


def _counted_along(
    service: str, known: Mapping[str, Any], values: Mapping[str, Any], words: Words
) -> list[Block]:
    others: list[Choice] = [
        (key, drafted_name(key, values, words))
        for key, value in values["services"].items()
        if isinstance(value, Mapping) and key != service
    ]
    if not others:
        return []
    return [
        field(
            key_of(service, "counts_for"),
            value_name("counts_for", words),
            several(others, words.say("Choose services"), initial=known.get("counts_for", [])),
            optional=True,
        )
    ]


def _removal(service: str, rules: RuleBook, words: Words) -> list[Block]:
    present = rules.services.find(service)
    if present is None or not any(times for _, times in present.per_year):
        return []
    said = words.say("Remove: no tier gets it any more. Its records stay; a floor is owed still.")
    return [row(button(words.say("Remove"), actions.RULES_REMOVE, service)), context(said)]
