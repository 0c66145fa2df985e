"""Sentences on new clients: how one fits what the firm looks for, and what would change it."""

from collections.abc import Sequence

from bot.views.explain import criterion_name
from bot.words import Words, say
from domain.acceptance import Acceptance, Fit, NewClient
from domain.rulebook import AcceptanceRules
from domain.segmentation import LegacyReason, StrategicReason

FIT_NAMES = {
    Fit.IDEAL: say("ideal"),
    Fit.ACCEPTED: say("reaches the client minimum"),
    Fit.BELOW_MINIMUM: say("below the client minimum"),
    Fit.UNKNOWN: say("revenue not known"),
}


def fit_name(fit: Fit, words: Words) -> str:
    """Name how a new client fits."""
    return words.say(FIT_NAMES[fit])


def verdict(found: Acceptance, words: Words) -> str:
    """Say in a few words how a new client fits, a miss marked."""
    line = words.say("New client: {fit}", fit=fit_name(found.fit, words))
    return f"⚠ {line}" if found.warns else line


def because(found: Acceptance, criteria: AcceptanceRules, words: Words) -> list[str]:
    """Say why, what would change it, and what speaks for the client all the same."""
    if found.revenue is None:
        return [
            words.say(
                "No revenue is known, so nobody can say whether the client minimum of {minimum} "
                "is reached.",
                minimum=words.money(criteria.minimum_revenue),
            )
        ]
    facts = {"revenue": words.money(found.revenue), "limit": words.money(found.limit or 0)}
    reasons = {
        Fit.IDEAL: words.say(
            "Revenue of {revenue} a year reaches {limit}, where an ideal client begins.", **facts
        ),
        Fit.ACCEPTED: words.say(
            "Revenue of {revenue} a year reaches the client minimum of {limit}.", **facts
        ),
        Fit.BELOW_MINIMUM: words.say(
            "Revenue of {revenue} a year is below the client minimum of {limit}.", **facts
        ),
    }
    return [reasons[found.fit], *_change(found, words), *_speaks_for(found, words)]


def counts(found: Sequence[NewClient], words: Words) -> str:
    """Count new clients by how they fit."""
    parts = [
        f"{fit_name(fit, words)} {words.number(n)}"
        for fit in Fit
        if (n := sum(each.acceptance.fit is fit for each in found))
    ]
    return ", ".join(parts)


def _change(found: Acceptance, words: Words) -> list[str]:
    if found.more is None:
        return []
    more = words.money(found.more)
    if found.next_fit is Fit.IDEAL:
        return [words.say("{more} more a year makes an ideal client.", more=more)]
    return [words.say("{more} more a year reaches it.", more=more)]


def _speaks_for(found: Acceptance, words: Words) -> list[str]:
    named = []
    for each in found.speaks_for:
        match each:
            case StrategicReason(criterion=criterion):
                named.append(criterion_name(criterion, words))
            case LegacyReason():
                named.append(words.say("a relation to a client of the firm"))
    if not named:
        return []
    return [
        words.say("All the same, this speaks for the client: {reasons}.", reasons="; ".join(named))
    ]
