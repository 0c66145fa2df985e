"""A book's hours against its revenue in the terminal, and as plain values."""

from decimal import Decimal
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bot.reports import CapacityReport, HireReport
from bot.views import capacity_words as said
from bot.views.capacity import small_print
from bot.views.hiring import alternative_lines, sum_lines, verdict_line
from bot.views.what_if_decisions import effect_lines, effect_rows
from bot.words import Words
from domain.capacity import Load, Workload
from domain.what_if_decisions import DecisionsEffect


def capacity_table(report: CapacityReport, words: Words) -> RenderableType:
    """Show hours and revenue of a book."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("")
    for label in said.columns(words):
        table.add_column(label, justify="right")
    for each in said.rows(report, words):
        if each.starts_group:
            table.add_row()
        table.add_row(escape(each.name), *each.cells)
    findings = [
        *said.mismatch_lines(report, words),
        said.field_line(report, words),
        said.lower_half_line(report, words),
        said.ideal_line(report, words),
        said.alike_line(report, words),
        *said.single_lines(report, words),
    ]
    return Group(
        Text(said.title(report, words), style="bold"),
        *(Text(each) for each in said.fit_lines(report, words)),
        Text(),
        table,
        Text(),
        *(Text(each) for each in findings if each),
        Text(small_print(report, words), style="dim"),
    )


def hire_table(found: HireReport, words: Words) -> RenderableType:
    """Show the hiring sum and what stands beside it."""
    return Group(
        Text(verdict_line(found.answer, words), style="bold"),
        *(Text(each) for each in sum_lines(found, words)),
        Text(),
        Text(words.say("What else could be done"), style="bold"),
        *(Text(each) for each in alternative_lines(found, words)),
    )


def what_if_table(report: CapacityReport, effect: DecisionsEffect, words: Words) -> RenderableType:
    """Show a book before and after decisions that nobody has made."""
    heading, *rows = effect_rows(effect, words)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for place, label in enumerate(heading):
        table.add_column(label, justify="right" if place else "left")
    for row in rows:
        table.add_row(*map(escape, row))
    return Group(
        Text(said.title(report, words), style="bold"),
        table,
        Text(),
        *(Text(each) for each in effect_lines(effect, words)),
        Text(words.say("Nothing is saved."), style="dim"),
    )


def capacity_values(report: CapacityReport) -> dict[str, Any]:
    """Give hours and revenue of a book; money, hours and per cent are text."""
    load, used, alike = report.load, report.used, report.alike
    return {
        "whose": report.whose,
        "as_of": report.today.isoformat(),
        "rule_book": report.rules.version,
        "advisors": report.advisors,
        "client_hours": _tenth(used.client_hours),
        "hours_after_reserve": _tenth(used.after_reserve),
        "utilisation_pct": _tenth(used.of_all_pct),
        "utilisation_after_reserve_pct": _tenth(used.of_rest_pct),
        "fit": used.fit.value,
        "together": _part(load.total, load),
        "tiers": {tier.value: _part(part, load) for tier, part in load.tiers.items()},
        "fields": {
            quadrant.value if quadrant else "not_placed": _part(part, load)
            for quadrant, part in load.quadrants.items()
        },
        "lower_half": _part(load.lower_half, load),
        "without_tier": load.without_tier,
        "mismatches": [
            {
                "tier": each.tier.value,
                "kind": each.kind.value,
                "ratio": f"{each.ratio.quantize(Decimal('0.01')):f}",
                "hours_per_client": _tenth(each.hours_per_client),
                "fitting_hours_per_client": _tenth(each.fitting_hours_per_client),
                "average_revenue": _cents(each.average_revenue),
                "fitting_average_revenue": _cents(each.fitting_average_revenue),
            }
            for each in report.mismatches
        ],
        "everybody_gets_the_same": alike.are_alike if alike else None,
        "months": [
            {
                "month": each.month.isoformat()[:7],
                "clients": each.clients,
                "ideal_pct": _tenth(each.ideal_pct),
                "ideal_time_pct": _tenth(each.ideal_time_pct),
                "revenue_per_hour": _cents(each.revenue_per_hour),
            }
            for each in report.months
        ],
        "single": {name: _tenth(each.of_all_pct) for name, each in report.single}
        if report.has_consent
        else None,
    }


def _part(part: Load, load: Workload) -> dict[str, Any]:
    return {
        "clients": part.clients,
        "revenue": _cents(part.revenue),
        "average_revenue": _cents(part.average_revenue),
        "advisor_hours": _tenth(part.planned.advisor),
        "staff_hours": _tenth(part.planned.staff),
        "logged_advisor_hours": _tenth(part.logged.hours.advisor),
        "logged_staff_hours": _tenth(part.logged.hours.staff),
        "deliveries": part.logged.deliveries,
        "revenue_per_hour": _cents(part.revenue_per_hour),
        "hours_pct": _tenth(load.hours_share_pct(part)),
        "revenue_pct": _tenth(load.revenue_share_pct(part)),
        "untapped": _cents(part.untapped),
    }


def _cents(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.quantize(Decimal('0.01')):f}"


def _tenth(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.quantize(Decimal('0.1')):f}"
