"""The rule book's keys and values in a reader's words; its parts as people change them."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import reduce
from typing import Any

from bot.views.rules import method_name, mode_name, problem
from bot.views.service_editing import GENERAL, PREFIX, default_name, value_name
from bot.views.service_words import clock_name, family_name, service_name
from bot.words import Words, say
from domain.errors import RuleBookError
from domain.rule_drafts import flat
from domain.rulebook import MatrixMode, RuleBook, TierMethod
from domain.rulefile import to_plain
from domain.service_model import Clock, Family, ServiceModel

SAVERS = {"default": say("as delivered"), "operator": say("at the terminal")}


class Section(StrEnum):
    """Parts of the rule book, each with a form of its own; the names stand in buttons."""

    TIERS = "tiers"
    FIELDS = "fields"
    STRATEGIC = "strategic"
    ACCEPTANCE = "acceptance"
    PERIODS = "periods"
    LISTS = "lists"
    CAPACITY = "capacity"
    SERVICES = "services"


SECTION_NAMES = {
    Section.TIERS: say("Tiers"),
    Section.FIELDS: say("Fields"),
    Section.STRATEGIC: say("Strategic criteria"),
    Section.ACCEPTANCE: say("New clients"),
    Section.PERIODS: say("Days and periods"),
    Section.LISTS: say("Weekly list"),
    Section.CAPACITY: say("Capacity"),
    Section.SERVICES: say("Service model"),
}
PREFIXES: dict[Section, tuple[str, ...]] = {
    Section.TIERS: ("method", "cutoffs.", "percentiles.", "abcd."),
    Section.FIELDS: ("matrix.",),
    Section.STRATEGIC: ("strategic.",),
    Section.ACCEPTANCE: ("acceptance.",),
    Section.PERIODS: ("decisions.",),
    Section.LISTS: ("digest.", "relation."),
    Section.CAPACITY: ("capacity.",),
    Section.SERVICES: ("services.",),
}
"""Which keys stand in which part."""


def section_name(section: Section, words: Words) -> str:
    """Name a part, as its button and its form's title do."""
    return words.say(SECTION_NAMES[section])


def keys_in(section: Section, rules: RuleBook) -> list[str]:
    """List a part's keys; of the service model, those that hold for all services."""
    keys = [each for each in flat(to_plain(rules)) if not _is_of_one_service(each)]
    return [key for prefix in PREFIXES[section] for key in keys if key.startswith(prefix)]


def _is_of_one_service(key: str) -> bool:
    return key.startswith(PREFIX) and key.count(".") > 1


def section_with(key: str) -> Section | None:
    """Return the part in which a key stands."""
    fitting = (each for each, prefixes in PREFIXES.items() if key.startswith(prefixes))
    return next(fitting, None)


def place_of(key: str) -> str:
    """Return which of the service model's forms has a key; none for other parts' keys."""
    if not key.startswith(PREFIX):
        return ""
    return key.split(".")[1] if _is_of_one_service(key) else GENERAL


def value_at(rules: RuleBook, key: str) -> Any:
    """Return the value at a key such as ``matrix.share.high_from``."""
    return reduce(getattr, key.split("."), rules)


def key_name(key: str, words: Words, model: ServiceModel | None = None) -> str:
    """Name a key; one without a name in this language is shown as it stands in the file.

    `model` has the firm's own names of services.
    """
    named = _names(words).get(key)
    if named is None and key.count(".") >= 2 and key.startswith(PREFIX):
        service, _, name = key.removeprefix(PREFIX).partition(".")
        found = model.find(service) if model else None
        called = service_name(found, words) if found else default_name(service, words)
        return f"{called}, {value_name(name, words)}"
    return named or key


def shown(key: str, value: Any, words: Words) -> str:
    """Write a plain value for people."""
    match value:
        case None:
            return "–"
        case bool():
            return words.say("yes") if value else words.say("no")
        case int():
            return words.number(value)
        case _ if key == "method":
            return method_name(TierMethod(value), words)
        case _ if key == "matrix.mode":
            return mode_name(MatrixMode(value), words)
        case _ if key.startswith(PREFIX) and isinstance(value, str | list):
            return _service_value(key.rpartition(".")[2], value, words)
        case list():
            return ", ".join(map(str, value))
    return str(value) if _number(value) is None else words.number(Decimal(value))


def change_lines(
    changes: Sequence[tuple[str, Any, Any]], words: Words, model: ServiceModel | None = None
) -> list[str]:
    """Say what changes, a line a key; of something new, what it has."""
    return [
        f"{key_name(key, words, model)}: {shown(key, old, words)} → {shown(key, new, words)}"
        for key, old, new in changes
        if old is not None or new not in ("", "0", 0, [])
    ]


def saved_by(by: str, words: Words) -> str:
    """Name who saved a version."""
    return words.say(SAVERS[by]) if by in SAVERS else by


def problem_named(error: RuleBookError, words: Words) -> str:
    """Say what is wrong with a rule book, its keys in the reader's words."""
    key, value = key_name(error.key, words), key_name(error.value, words)
    return problem(RuleBookError(error.problem, key, value), words)


def _service_value(name: str, value: str | list[Any], words: Words) -> str:
    match value:
        case list() if name == "months":
            return ", ".join(words.month_name(each) for each in value) or "–"
        case list():
            return ", ".join(default_name(each, words) for each in value) or "–"
        case _ if name == "clock":
            return clock_name(Clock(value), words)
        case _ if name == "family":
            return family_name(Family(value), words)
    number = None if name == "name" else _number(value)
    return (value or "–") if number is None else words.number(number)


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _names(words: Words) -> dict[str, str]:
    say = words.say
    return {
        "method": say("How tiers are given"),
        "cutoffs.a_plus_from_revenue": say("A+ from, revenue a year"),
        "cutoffs.a_from_revenue": say("A from, revenue a year"),
        "cutoffs.b_from_revenue": say("B from, revenue a year"),
        "percentiles.a_plus_top_pct": say("A+: first part of the ranking, per cent"),
        "percentiles.a_next_pct": say("A: next part, per cent"),
        "percentiles.b_next_pct": say("B: next part, per cent"),
        "abcd.a_from_revenue": say("Plain A from, revenue a year"),
        "abcd.b_from_revenue": say("Plain B from, revenue a year"),
        "abcd.c_from_revenue": say("Plain C from, revenue a year"),
        "abcd.a_from_managed": say("Plain A from, managed"),
        "abcd.b_from_managed": say("Plain B from, managed"),
        "abcd.c_from_managed": say("Plain C from, managed"),
        "strategic.well_paid_from_income": say("Well paid from, income a year"),
        "strategic.saver_from_rate_pct": say("High saving rate from, per cent"),
        "strategic.owner_from_business_share_pct": say(
            "Business owner from, part of the net worth in per cent"
        ),
        "strategic.henry_from_income": say("High earner from, income a year"),
        "strategic.henry_below_wallet": say("Not rich yet below, wallet"),
        "matrix.mode": say("Limits of the fields"),
        "matrix.median_band": say("Band around the median, points to both sides"),
        "matrix.satisfaction.high_from": say("Satisfaction high from"),
        "matrix.satisfaction.low_under": say("Satisfaction low under"),
        "matrix.satisfaction.first_high_from": say("Satisfaction high from, with no last side"),
        "matrix.share.high_from": say("Share of wallet high from, per cent"),
        "matrix.share.low_under": say("Share of wallet low under, per cent"),
        "matrix.share.first_high_from": say(
            "Share of wallet high from, with no last side, per cent"
        ),
        "matrix.fresh_months": say("A value is fresh for, months"),
        "matrix.usable_months": say("A value is used for, months"),
        "matrix.own_rate_from_share_pct": say("Own revenue rate counts from, share in per cent"),
        "matrix.managed_is_revenue": say("What is managed is the yearly revenue"),
        "relation.referrer_from_referrals": say("Next referral is asked for from, referrals"),
        "relation.reference_from_trust": say("Reference is asked for from, trust"),
        "acceptance.minimum_revenue": say("Client minimum, revenue a year"),
        "acceptance.ideal_revenue": say("Ideal client from, revenue a year"),
        "acceptance.new_for_months": say("A client is new for, months"),
        "decisions.recheck_after_days": say("Look again after, days"),
        "decisions.override_for_days": say("A tier set by hand holds for, days"),
        "decisions.listed_ahead_days": say("Listed ahead, days"),
        "digest.names": say("Names in the weekly list, at most"),
        "digest.grow": say("Of these GROW, at most"),
        "digest.fix": say("Of these FIX, at most"),
        "digest.move": say("Of these MOVE, at most"),
        "digest.model": say("Of these MODEL, at most"),
        "services.attempts_that_settle": say("Tries without an answer that settle a service"),
        "services.overdue_after_pct": say("Overdue after this part of its interval, per cent"),
        "services.overdue_least_days": say("Overdue at the earliest after, days"),
        "services.overdue_most_days": say("Overdue at the latest after, days"),
        "services.messages_count": say("E-mail and voicemail count as contact"),
        "capacity.client_hours_per_year": say("Hours for clients a year and advisor"),
        "capacity.growth_reserve_pct": say("Kept free for growth, per cent"),
        "capacity.mismatch_above": say("A tier takes too much above, share of hours ÷ revenue"),
        "capacity.mismatch_below": say("A tier gets too little below, share of hours ÷ revenue"),
        "capacity.equal_service_within_pct": say("Everybody gets the same within, per cent"),
    }
