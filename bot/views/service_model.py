"""The service model as a table: services by tier, times a year, with the hours of one delivery."""

from bot.views.blocks import Block, escape, section
from bot.views.service_words import family_name, service_name
from bot.words import Words
from domain.rulebook import RuleBook
from domain.service_model import Family, Service

NAME_CHARS = 31
LINES = 25
"""So many lines surely fit into a paragraph of 3,000 characters."""


def service_matrix(rules: RuleBook, words: Words, *, change: Block | None = None) -> list[Block]:
    """Show the service model; figures stand below each other in Slack's fixed-width type.

    `change` is the button beside it. What nobody gets is left out.
    """
    rows = [
        [words.say("Times a year"), "h", *rules.method.tiers],
        *(
            [service_name(each, words), _hours(each, words), *_times(each, rules, words)]
            for family in Family
            for each in _given(rules)
            if each.family is family
        ),
        [words.say("Hours a year, advisor"), "", *_totals(rules, words, of_advisor=True)],
        [words.say("Hours a year, others"), "", *_totals(rules, words, of_advisor=False)],
    ]
    widths = [max(len(row[at][:NAME_CHARS]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell[:NAME_CHARS].ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    title = words.say("Service model (h: hours of one delivery, advisor/others)")
    tables = (
        "\n".join(escape(line) for line in lines[start : start + LINES])
        for start in range(0, len(lines), LINES)
    )
    heading = section(f"*{escape(title)}*", accessory=change)
    return [heading, *(section(f"```\n{each}\n```") for each in tables)]


def service_lines(rules: RuleBook, words: Words) -> list[str]:
    """Say the service model line by line."""
    return [
        words.say(
            "{family}: {service}, {hours} h; {times}",
            family=family_name(each.family, words),
            service=service_name(each, words),
            hours=_hours(each, words),
            times=", ".join(
                f"{tier} {times}"
                for tier, times in zip(rules.method.tiers, _times(each, rules, words), strict=True)
            ),
        )
        for each in _given(rules)
    ]


def _given(rules: RuleBook) -> list[Service]:
    """List the services that somebody gets."""
    return [
        each
        for each in rules.services.services
        if each.floor_per_year or any(each.for_tier(tier) for tier in rules.method.tiers)
    ]


def _times(service: Service, rules: RuleBook, words: Words) -> list[str]:
    owed = (service.for_tier(tier) for tier in rules.method.tiers)
    return [words.number(each) if each else "–" for each in owed]


def _hours(service: Service, words: Words) -> str:
    return f"{words.number(service.advisor_hours)}/{words.number(service.staff_hours)}"


def _totals(rules: RuleBook, words: Words, *, of_advisor: bool) -> list[str]:
    model = rules.services
    return [
        words.number(model.advisor_hours_of(tier) if of_advisor else model.staff_hours_of(tier))
        for tier in rules.method.tiers
    ]
