"""The hiring sum: its form with every number, the answer with what stands beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot import actions
from bot.reports import CapacityReport, HireReport
from bot.views.blocks import TITLE_CHARS, Block, context, divider, escape, plain, section
from bot.views.capacity_words import fit_sentence, percent
from bot.views.inputs import Choice, checks, field, radio, select, text
from bot.words import Words, say
from domain.capacity import Load
from domain.hiring import (
    Alternative,
    HireAnswer,
    TermsProblem,
    Verdict,
    Way,
    lowest_tier,
)
from domain.model import Tier

TIERS, HALF = "tiers", "half"
ROUGH_DIGITS = 3
"""The worth of freed hours is a guess at what they would be used for: no more digits are said."""
TERMS_PROBLEMS = {
    TermsProblem.PAY: say("Please enter more than nothing."),
    TermsProblem.ON_COST: say("Please enter a factor from 1 to 5, such as 1.15."),
    TermsProblem.WORKPLACE: say("Please enter an amount, such as 1250000."),
    TermsProblem.HOURS: say("Please enter more than nothing."),
    TermsProblem.NOBODY: say("There is no client in this part of the book."),
}


class HireField(StrEnum):
    """The form's fields."""

    PART = "hire_part"
    TIERS = "hire_tiers"
    PAY = "hire_pay"
    ON_COST = "hire_on_cost"
    WORKPLACE = "hire_workplace"
    REFILL = "hire_refill"
    HOURS = "hire_hours"
    RESERVE = "hire_reserve"
    MINIMUM = "hire_minimum"
    GOAL = "hire_goal"


@dataclass(frozen=True, slots=True, kw_only=True)
class HireEntries:
    """What the form is filled with."""

    part: str
    tiers: tuple[Tier, ...]
    refill: Tier
    numbers: Mapping[HireField, str]


def first_entries(report: CapacityReport, words: Words) -> HireEntries:
    """Fill the form for the first time; what a person costs is left to the asker."""
    rules = report.rules
    below = [each for each in rules.method.tiers if each not in (Tier.A_PLUS, Tier.A, Tier.B)]
    return HireEntries(
        part=TIERS,
        tiers=tuple(below),
        refill=Tier.A,
        numbers={
            HireField.HOURS: typed(rules.capacity.client_hours_per_year, words),
            HireField.RESERVE: typed(rules.capacity.growth_reserve_pct, words),
            HireField.MINIMUM: typed(rules.acceptance.minimum_revenue, words),
        },
    )


def hire_modal(
    report: CapacityReport,
    entries: HireEntries,
    words: Words,
    *,
    found: HireReport | None = None,
) -> dict[str, Any]:
    """Ask for the numbers; with an answer, show it above them, so that each can be changed."""
    above = answer_blocks(found, words) if found else [context(_what_it_is(words))]
    return {
        "type": "modal",
        "callback_id": actions.HIRE_FORM,
        "private_metadata": json.dumps({"team": report.is_team}),
        "title": plain(words.say("Shall we hire?"), TITLE_CHARS),
        "submit": plain(
            words.say("Work out anew") if found else words.say("Work out"), TITLE_CHARS
        ),
        "close": plain(words.say("Close"), TITLE_CHARS),
        "blocks": [*above, *_fields(report, entries, words)],
    }


def answer_blocks(found: HireReport, words: Words) -> list[Block]:
    """Show the answer, its sum and the alternatives."""
    return [
        section(f"*{escape(verdict_line(found.answer, words))}*"),
        section("\n".join(f"• {escape(each)}" for each in sum_lines(found, words))),
        section(
            "\n".join(
                [
                    f"*{escape(words.say('What else could be done'))}*",
                    *(f"• {escape(each)}" for each in alternative_lines(found, words)),
                ]
            )
        ),
        divider(),
    ]


def verdict_line(answer: HireAnswer, words: Words) -> str:
    """Say yes or no, and by how much."""
    hours = {
        "needed": words.hours(answer.part.planned.total),
        "person": words.hours(answer.person_hours),
    }
    match answer.verdict:
        case Verdict.YES:
            return words.say("Yes, with a margin of {money}.", money=words.money(answer.margin))
        case Verdict.COSTS_MORE:
            return words.say("No, by {money}.", money=words.money(-answer.margin))
        case Verdict.TOO_MANY_HOURS:
            return words.say(
                "No: {needed} are more than the {person} of one person, though the money suffices "
                "with a margin of {money}.",
                money=words.money(answer.margin),
                **hours,
            )
        case Verdict.BOTH:
            return words.say(
                "No, by {money}, and {needed} are more than the {person} of one person.",
                money=words.money(-answer.margin),
                **hours,
            )


def sum_lines(found: HireReport, words: Words) -> list[str]:
    """Say how the answer comes about, and what freed time is worth beside it."""
    answer, terms = found.answer, found.answer.terms
    part = words.say("the lower half")
    if terms.tiers:
        part = ", ".join(each.value for each in terms.tiers)
    lines = [
        words.say(
            "Handed over: {part}, {clients} with {revenue}. The person costs {cost}: "
            "{pay} × {factor} + {workplace}.",
            part=part,
            clients=words.say_n("{n} client", "{n} clients", answer.part.clients),
            revenue=words.money(answer.part.revenue),
            cost=words.money(answer.cost),
            pay=words.money(terms.pay),
            factor=words.number(terms.on_cost_factor),
            workplace=words.money(terms.workplace),
        ),
        words.say("Break-even is at a pay of {pay}.", pay=words.about(answer.break_even_pay)),
        words.say(
            "The part needs {advisor} of the advisor, {both} with others' time; "
            "the person has {person}.",
            advisor=words.hours(answer.part.planned.advisor),
            both=words.hours(answer.part.planned.total),
            person=words.hours(answer.person_hours),
        ),
        words.say(
            "The advisor's year would fall from {before} to {after}.",
            before=percent(answer.before.of_all_pct, words),
            after=percent(answer.after.of_all_pct, words),
        )
        + " "
        + fit_sentence(answer.after, words),
        _goal(answer.freed, answer.goal_hours, words),
    ]
    if answer.refill_rate is not None and answer.refill_value is not None:
        lines.append(
            words.say(
                "Beside the answer, not in it: filled with {tier} at {rate} an hour, the {hours} "
                "freed would be worth about {money}.",
                tier=terms.refill.value,
                rate=words.about(answer.refill_rate),
                hours=words.hours(answer.freed),
                money=words.money(roughly(answer.refill_value)),
            )
        )
    return [*lines, per_hour_line(found, words)]


def per_hour_line(found: HireReport, words: Words) -> str:
    """Compare the parts of the book by the hour: the smaller total may be the better hour."""
    tiers = found.capacity.load.tiers
    rated = [
        f"{tier.value} {words.about(part.revenue_per_hour)}"
        for tier, part in tiers.items()
        if part.clients and part.revenue_per_hour is not None
    ]
    return words.say("Revenue an hour: {tiers}.", tiers=", ".join(rated))


def alternative_lines(found: HireReport, words: Words) -> list[str]:
    """Say what else frees hours, with what is at stake and the year after it."""
    return [
        f"{_way(each, found, words)} {_year(each, words)} "
        f"{_goal(each.freed, found.answer.goal_hours, words)}"
        for each in found.answer.alternatives
    ]


def terms_problem(problem: TermsProblem, words: Words) -> str:
    """Say what of the terms cannot be."""
    return words.say(TERMS_PROBLEMS[problem])


def hire_values(found: HireReport) -> dict[str, Any]:
    """Give the sum as plain values; money and hours are text, so that no digit is lost."""
    answer = found.answer
    return {
        "whose": found.capacity.whose,
        "as_of": found.capacity.today.isoformat(),
        "answer": answer.verdict.value,
        "part": [each.value for each in answer.terms.tiers] or "lower_half",
        "clients": answer.part.clients,
        "revenue": _cents(answer.part.revenue),
        "cost": _cents(answer.cost),
        "margin": _cents(answer.margin),
        "break_even_pay": _cents(answer.break_even_pay),
        "advisor_hours": _tenth(answer.part.planned.advisor),
        "hours_with_staff": _tenth(answer.part.planned.total),
        "person_hours": _tenth(answer.person_hours),
        "freed_hours": _tenth(answer.freed),
        "goal_hours": _tenth(answer.goal_hours),
        "reaches_goal": answer.reaches_goal,
        "utilisation_before_pct": _tenth(answer.before.of_all_pct),
        "utilisation_after_pct": _tenth(answer.after.of_all_pct),
        "refill": answer.terms.refill.value,
        "refill_rate": None if answer.refill_rate is None else _cents(answer.refill_rate),
        "refill_value": None if answer.refill_value is None else _cents(answer.refill_value),
        "alternatives": [
            {
                "way": each.way.value,
                "clients": each.clients,
                "freed_hours": _tenth(each.freed),
                "freed_hours_at_most": _tenth(each.freed_at_most),
                "at_stake": _cents(each.at_stake),
                "gain": _cents(each.gain),
                "utilisation_after_pct": _tenth(each.after.of_all_pct),
                "reaches_goal": each.reaches_goal,
            }
            for each in answer.alternatives
        ],
        "per_hour": {tier.value: _rate(part) for tier, part in found.capacity.load.tiers.items()},
    }


def typed(value: Decimal, words: Words) -> str:
    """Write a number as a person would type it: no thousands, the reader's decimal sign."""
    plain_number = f"{value.normalize():f}"
    return plain_number.replace(".", ",") if words.language == "de" else plain_number


def roughly(amount: Decimal) -> Decimal:
    """Round to the digits that a guess deserves."""
    return amount.quantize(Decimal(1).scaleb(max(amount.adjusted() - ROUGH_DIGITS + 1, 0)))


def _what_it_is(words: Words) -> str:
    return words.say(
        "Full cost against the revenue handed over and the hours needed. The answer can be no. "
        "The question is Commonwealth's, the sum is ours."
    )


def _way(each: Alternative, found: HireReport, words: Words) -> str:
    facts = {
        "tier": lowest_tier(found.rules).value,
        "hours": words.hours(each.freed),
        "most": words.hours(each.freed_at_most),
        "money": words.about(each.at_stake),
    }
    match each.way:
        case Way.CUT:
            return words.say(
                "Serve {tier} at the least that is owed: frees {hours}, up to {most} if their "
                "requests stop too; {money} at stake.",
                **facts,
            )
        case Way.HAND_OVER:
            return words.say(
                "Hand {tier} over to a junior advisor: frees {hours}; {money} go along.", **facts
            )
        case Way.END:
            return words.say("End {tier}: frees {hours}; {money} at stake.", **facts)
        case Way.RAISE_MINIMUM:
            return words.say_n(
                "Ask for the client minimum of {minimum}: {n} client of {tier} is under it. "
                "If all agree, {gain} more; if all leave, {hours} freed and {money} less.",
                "Ask for the client minimum of {minimum}: {n} clients of {tier} are under it. "
                "If all agree, {gain} more; if all leave, {hours} freed and {money} less.",
                each.clients,
                minimum=words.money(found.rules.acceptance.minimum_revenue),
                gain=words.about(each.gain),
                **facts,
            )


def _year(each: Alternative, words: Words) -> str:
    return words.say(
        "Then {needed} are planned, {all} of the year.",
        needed=words.hours(each.after.needed),
        all=percent(each.after.of_all_pct, words),
    )


def _goal(freed: Decimal, goal: Decimal, words: Words) -> str:
    if not goal:
        return words.say("The growth reserve is free already.")
    if freed >= goal:
        return words.say("That reaches the goal of {goal} freed.", goal=words.hours(goal))
    return words.say("That misses the goal of {goal} freed.", goal=words.hours(goal))


def _fields(report: CapacityReport, entries: HireEntries, words: Words) -> list[Block]:
    tiers: list[Choice] = [(each.value, each.value) for each in report.load.tiers]
    parts: list[Choice] = [
        (TIERS, words.say("By tiers")),
        (HALF, words.say("The lower half by revenue")),
    ]
    chosen = [each.value for each in entries.tiers]

    def number(name: HireField, label: str, hint: str = "", *, optional: bool = False) -> Block:
        element = text(initial=entries.numbers.get(name, ""), longest=20)
        return field(name, label, element, hint=hint, optional=optional)

    return [
        field(HireField.PART, words.say("Part to hand over"), radio(parts, initial=entries.part)),
        field(HireField.TIERS, words.say("Tiers"), checks(tiers, initial=chosen), optional=True),
        number(HireField.PAY, words.say("Pay a year"), words.say("Gross, such as 95000")),
        number(
            HireField.ON_COST,
            words.say("On-cost factor"),
            words.say("1.15 if the employer pays 15% on top"),
        ),
        number(
            HireField.WORKPLACE,
            words.say("Workplace a year"),
            words.say("Desk, licences, training; 0 if nothing is added"),
        ),
        field(
            HireField.REFILL,
            words.say("Freed hours are filled with clients of tier"),
            select(tiers, initial=entries.refill.value),
        ),
        number(HireField.HOURS, words.say("Hours for clients a year and person")),
        number(HireField.RESERVE, words.say("Growth reserve, per cent")),
        number(HireField.MINIMUM, words.say("Client minimum, revenue a year")),
        number(
            HireField.GOAL,
            words.say("Hours to be freed"),
            words.say("Left empty: until the growth reserve is free again"),
            optional=True,
        ),
    ]


def _rate(part: Load) -> str | None:
    return None if part.revenue_per_hour is None else _cents(part.revenue_per_hour)


def _cents(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.01')):f}"


def _tenth(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.1')):f}"
