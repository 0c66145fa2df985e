"""What a change of the rule book does, before and after side by side, as lines of plain text."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.reports import RulesPreview
from bot.views.capacity_words import fit_sentence
from bot.views.rules import method_name, mode_name
from bot.views.service_words import name_by_key, times_a_year
from bot.words import Words
from domain.capacity import Hours, Load
from domain.model import NOT_PLACED, Quadrant

if TYPE_CHECKING:  # the answer path imports no pandas
    from domain.what_if import Move

NOBODY = Load(clients=0, revenue=Decimal(0), planned=Hours())


def moved_line(found: RulesPreview, words: Words) -> str:
    """Say how many clients move."""
    return words.say_n(
        "{n} of {all} clients moves.", "{n} of {all} clients move.", found.effect.moved,
        all=words.number(found.effect.clients),
    )  # fmt: skip


def move_lines(found: RulesPreview, words: Words) -> list[str]:
    """Say who moves from where to where, tiers first, each by revenue."""
    moves = (*found.effect.tiers, *found.effect.fields)
    return [move_line(each, found.names, words) for each in moves]


def tier_lines(found: RulesPreview, words: Words) -> list[tuple[str, str]]:
    """Say of each tier how many clients and how much revenue it has and would have."""
    old, new = found.capacity.before, found.capacity.after
    lines = [
        (tier.value, _side_by_side(old.tiers.get(tier, NOBODY), new.tiers.get(tier, NOBODY), words))
        for tier in {**old.tiers, **new.tiers}
    ]
    if old.without_tier or new.without_tier:
        counts = _both(words.number(old.without_tier), words.number(new.without_tier))
        lines.append((words.say("no tier"), counts))
    return lines


def field_lines(found: RulesPreview, words: Words) -> list[tuple[str, str]]:
    """Say the same of each field, and how much more is possible in GROW."""
    lines = []
    after = found.capacity.after.quadrants
    for quadrant, old in found.capacity.before.quadrants.items():
        new = after[quadrant]
        line = _side_by_side(old, new, words)
        if quadrant is Quadrant.GROW:
            money = _both(words.about(old.untapped), words.about(new.untapped))
            line += " · " + words.say("{money} more possible", money=money)
        lines.append((words.say("not placed") if quadrant is None else quadrant.value, line))
    return lines


def hours_lines(found: RulesPreview, words: Words) -> list[str]:
    """Say whom the service model touches, what it takes, whether it fits, and what stays owed."""
    effect = found.capacity
    touched = words.say_n(
        "{n} of {all} clients is owed something else, or it takes other hours.",
        "{n} of {all} clients are owed something else, or it takes other hours.",
        effect.touched, all=words.number(found.effect.clients),
    )  # fmt: skip
    staff = (effect.before.total.planned.staff, effect.after.total.planned.staff)
    return [
        touched,
        _advisor_hours(found, words),
        words.say(
            "Hours of others: {hours} a year",
            hours=_both(*(words.number(round(each)) for each in staff)),
        ),
        *_freed(found, words),
        fit_sentence(effect.used_after, words),
        *_floor_lines(found, words),
    ]


def _freed(found: RulesPreview, words: Words) -> list[str]:
    freed = found.capacity.freed
    sentences = []
    for hours, of_whom in (
        (freed.advisor, words.say("of the advisors")),
        (freed.staff, words.say("of others")),
    ):
        if hours > 0:
            said = words.say("{hours} {whose} freed", hours=words.hours(hours), whose=of_whom)
            sentences.append(said)
        elif hours < 0:
            said = words.say("{hours} {whose} more", hours=words.hours(-hours), whose=of_whom)
            sentences.append(said)
    return [words.say("A year: {changes}", changes=", ".join(sentences))] if sentences else []


def _floor_lines(found: RulesPreview, words: Words) -> list[str]:
    """Say what may not be cut, by service, with the tiers that would not get it otherwise."""
    kept: dict[tuple[str, Decimal], list[str]] = {}
    for each in found.capacity.floor:
        kept.setdefault((each.service, each.per_year), []).append(each.tier.value)
    return [
        words.say(
            "The floor stays: {service} {often} for {tiers} is owed whatever the tier says.",
            service=name_by_key(service, found.after.services, words),
            often=times_a_year(per_year, words),
            tiers=", ".join(tiers),
        )
        for (service, per_year), tiers in kept.items()
    ]


def _advisor_hours(found: RulesPreview, words: Words) -> str:
    used = (found.capacity.used_before, found.capacity.used_after)
    hours = _both(*(words.number(round(each.needed)) for each in used))
    share = _both(*(words.percent(Decimal(round(each.of_all_pct))) for each in used))
    return words.say(
        "Hours of the advisors: {hours} a year, {share} of their time for clients",
        hours=hours,
        share=share,
    )


def method_lines(found: RulesPreview, words: Words) -> list[str]:
    """Say where each method and each kind of limits would put the clients."""
    tiers = [
        f"{method_name(method, words)}: {_counts(counts, words)}"
        for method, counts in found.methods.counts.items()
    ]
    fields = [
        f"{mode_name(mode, words)}: {_counts(counts, words)}"
        for mode, counts in found.split.items()
    ]
    return [
        words.say("Tiers by method:") + " " + "; ".join(tiers),
        words.say("Fields by limits:") + " " + "; ".join(fields),
    ]


def _side_by_side(old: Load, new: Load, words: Words) -> str:
    clients = _both(words.number(old.clients), words.number(new.clients))
    revenue = _both(words.about(old.revenue), words.about(new.revenue))
    return words.say_n(
        "{clients} client · {revenue} a year",
        "{clients} clients · {revenue} a year",
        max(old.clients, new.clients),
        clients=clients,
        revenue=revenue,
    )


def _both(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


def move_line(move: "Move", names: Mapping[int, str], words: Words) -> str:
    """Say how many clients go from where to where, and name the first by money."""
    known = [names[each] for each in move.first if each in names]
    clients = words.say_n("{n} client", "{n} clients", move.clients)
    money = words.say("{money} a year", money=words.about(Decimal(move.revenue_cents) / 100))
    line = f"{_place(move.before, words)} → {_place(move.after, words)}: {clients}, {money}"
    if not known:
        return line
    who, rest = ", ".join(known), move.clients - len(known)
    if rest:
        who = words.say("{names} and {n} more", names=who, n=words.number(rest))
    return f"{line} ({who})"


def _counts(counts: Mapping[str, int], words: Words) -> str:
    named = {name: n for name, n in counts.items() if n or name != NOT_PLACED}
    return ", ".join(f"{_place(name, words)} {words.number(n)}" for name, n in named.items())


def _place(name: str | None, words: Words) -> str:
    return words.say("not placed") if name in (None, NOT_PLACED) else str(name)
