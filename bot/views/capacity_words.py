"""What hours and revenue of a book say, as lines of plain text and rows of a table."""

from dataclasses import dataclass
from decimal import Decimal

from bot.reports import CapacityReport
from bot.views.service_words import name_by_key
from bot.words import Words
from domain.access import FEWEST_TOGETHER
from domain.book_months import BookMonth, a_year_before
from domain.capacity import HoursFit, Load, Mismatch, MismatchKind, Utilisation
from domain.model import Quadrant

UNKNOWN = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One part of a book, as cells of a table."""

    name: str
    cells: tuple[str, ...]
    starts_group: bool = False


def title(report: CapacityReport, words: Words) -> str:
    """Name whose hours these are."""
    if not report.whose:
        return words.say("Capacity of the firm")
    if report.is_team:
        return words.say("Capacity of the team {team}", team=report.whose)
    return words.say("Capacity of {name}", name=report.whose)


def fit_lines(report: CapacityReport, words: Words) -> list[str]:
    """Say how many hours are planned, whether they fit, and how many were logged."""
    if not report.load.total.clients:
        return [words.say("There is no client here yet.")]
    used, planned = report.used, report.load.total.planned
    who = words.say("the advisors") if report.is_team else words.say("the advisor")
    lines = [
        words.say(
            "{hours} of {who} are planned a year: {all} of {year}, "
            "{rest} of the {left} beside the growth reserve.",
            hours=words.hours(used.needed),
            who=who,
            all=percent(used.of_all_pct, words),
            year=words.hours(used.client_hours),
            rest=percent(used.of_rest_pct, words),
            left=words.hours(used.after_reserve),
        ),
        fit_sentence(used, words),
        words.say("Others in the firm: {hours} a year.", hours=words.hours(planned.staff)),
        _logged_line(report, words),
    ]
    if report.issue_hours:
        took = words.hours(report.issue_hours)
        lines.append(words.say("Issues for all at once took {hours} besides.", hours=took))
    unknown = report.load.total.clients - report.load.total.revenue_known
    if unknown:
        lines.append(
            words.say_n(
                "The revenue of {n} client is not known, and not in the sums.",
                "The revenue of {n} clients is not known, and not in the sums.",
                unknown,
            )
        )
    if report.load.without_tier:
        lines.append(
            words.say_n(
                "{n} client has no tier: only the least that is owed is planned.",
                "{n} clients have no tier: only the least that is owed is planned.",
                report.load.without_tier,
            )
        )
    return lines


def fit_sentence(used: Utilisation, words: Words) -> str:
    """Say whether planned hours fit into a year."""
    match used.fit:
        case HoursFit.FITS:
            return words.say("That fits, and the growth reserve is free.")
        case HoursFit.RESERVE_USED:
            return words.say(
                "That fits, but {over} of the growth reserve are in use.",
                over=words.hours(used.over),
            )
        case HoursFit.TOO_MUCH:
            return words.say(
                "That does not fit: {over} too many.",
                over=words.hours(used.needed - used.client_hours),
            )


def columns(words: Words) -> tuple[str, ...]:
    """Name the columns of `rows`, after the part itself."""
    return (
        words.say("Clients"),
        words.say("Hours"),
        words.say("Revenue"),
        words.say("an hour"),
        words.say("More possible"),
    )


def rows(report: CapacityReport, words: Words) -> list[Row]:
    """List tiers, fields, halves and the whole book with what each takes and brings."""
    load = report.load
    found = [_row(tier.value, part, report, words) for tier, part in load.tiers.items()]
    fields = [
        _row(
            quadrant.value if quadrant else words.say("not placed"),
            part,
            report,
            words,
            starts_group=quadrant is Quadrant.GROW,
        )
        for quadrant, part in load.quadrants.items()
    ]
    upper = _row(words.say("upper half"), load.upper_half, report, words, starts_group=True)
    lower = _row(words.say("lower half"), load.lower_half, report, words)
    return [*found, *fields, upper, lower, _row(words.say("together"), load.total, report, words)]


def mismatch_lines(report: CapacityReport, words: Words) -> list[str]:
    """Say which tiers' hours do not fit their revenue, and what would mend it."""
    return [_mismatch_line(each, report, words) for each in report.mismatches]


def field_line(report: CapacityReport, words: Words) -> str:
    """Say whether time goes where the potential is."""
    load = report.load
    grow = load.quadrants[Quadrant.GROW]
    time, money = load.hours_share_pct(grow), load.untapped_share_pct(grow)
    if time is None or money is None:
        return words.say("How much growth is possible is not known yet.")
    return words.say(
        "GROW holds {money} of the possible growth and gets {time} of the time.",
        money=percent(money, words),
        time=percent(time, words),
    )


def lower_half_line(report: CapacityReport, words: Words) -> str:
    """Say what the lower half of the book brings and takes."""
    half = report.load.lower_half
    if not half.clients:
        return ""
    return words.say(
        "The lower half by revenue, {clients}, brings {revenue} and takes {hours}: "
        "{share} of the revenue, {time} of the time.",
        clients=words.say_n("{n} client", "{n} clients", half.clients),
        revenue=words.about(half.revenue),
        hours=words.hours(half.planned.advisor),
        share=percent(report.load.revenue_share_pct(half), words),
        time=percent(report.load.hours_share_pct(half), words),
    )


def ideal_line(report: CapacityReport, words: Words) -> str:
    """Say how many clients are ideal, the time with them and what an hour brings, then and now."""
    if not report.months or not report.load.total.clients:
        return ""
    now, then = report.months[-1], a_year_before(report.months)
    line = words.say(
        "Ideal clients (A+ and A): {clients} of the book, {time} of the time; "
        "an hour brings {money}.",
        **_ideal_facts(now, words),
    )
    if then is None:
        return line + " " + words.say("How that develops is followed from this month on.")
    before = words.say(
        "In {month}: {clients}, {time}, {money}.",
        month=words.month(then.month),
        **_ideal_facts(then, words),
    )
    return f"{line} {before}"


def alike_line(report: CapacityReport, words: Words) -> str:
    """Say whether everybody gets the same."""
    alike = report.alike
    if alike is None:
        return ""
    facts = {
        "top": words.number(round(alike.top, 1)),
        "rest": words.number(round(alike.rest, 1)),
    }
    if alike.is_actual and alike.are_alike:
        return words.say(
            "Everybody gets the same: {top} services a year for A+, A and B, {rest} for the rest, "
            "as delivered in the last twelve months.",
            **facts,
        )
    if alike.is_actual:
        return words.say(
            "Delivered in the last twelve months: {top} services for each of A+, A and B, "
            "{rest} for the rest.",
            **facts,
        )
    if alike.are_alike:
        return words.say(
            "Everybody gets the same: {top} services a year for A+, A and B, {rest} for the rest, "
            "as planned.",
            **facts,
        )
    return words.say(
        "Planned: {top} services a year for each of A+, A and B, {rest} for the rest.", **facts
    )


def single_lines(report: CapacityReport, words: Words) -> list[str]:
    """Say each advisor's utilisation, where they may be compared; else why they are not."""
    if not report.is_team:
        return []
    if not report.has_consent:
        return [no_consent(words)]
    return [
        words.say(
            "{name}: {hours}, {all} and {rest}",
            name=name,
            hours=words.hours(used.needed),
            all=percent(used.of_all_pct, words),
            rest=percent(used.of_rest_pct, words),
        )
        for name, used in report.single
    ]


def no_consent(words: Words) -> str:
    """Say why single advisors are not shown."""
    return words.say(
        "Advisors are not compared: the works council's consent is not on record (BetrVG § 87). "
        "Whoever runs Tierwise records it: tierwise firm consent"
    )


def too_few(words: Words) -> str:
    """Say why a small team's hours are not shown either."""
    return words.say(
        "The hours of fewer than {n} advisors together would tell single ones.",
        n=words.number(FEWEST_TOGETHER),
    )


def percent(value: Decimal | None, words: Words) -> str:
    """Write a share in whole per cent."""
    return UNKNOWN if value is None else words.percent(Decimal(round(value)))


def _ideal_facts(month: BookMonth, words: Words) -> dict[str, str]:
    rate = month.revenue_per_hour
    return {
        "clients": percent(month.ideal_pct, words),
        "time": percent(month.ideal_time_pct, words),
        "money": UNKNOWN if rate is None else words.about(rate),
    }


def _logged_line(report: CapacityReport, words: Words) -> str:
    logged = report.load.total.logged
    if not logged.deliveries:
        return words.say("Nothing delivered is on record for the last twelve months.")
    line = words.say_n(
        "{n} delivery is on record for the last twelve months, with {hours} of the advisor "
        "and {others} of others.",
        "{n} deliveries are on record for the last twelve months, with {hours} of the advisor "
        "and {others} of others.",
        logged.deliveries,
        hours=words.hours(logged.hours.advisor),
        others=words.hours(logged.hours.staff),
    )
    if logged.untimed:
        line += " " + words.say_n(
            "{n} of them has no time.", "{n} of them have no time.", logged.untimed
        )
    return line


def _with_share(amount: str, share: Decimal | None, words: Words) -> str:
    return f"{amount} · {percent(share, words)}"


def _row(
    name: str, part: Load, report: CapacityReport, words: Words, *, starts_group: bool = False
) -> Row:
    load = report.load
    rate = part.revenue_per_hour
    return Row(
        name=name,
        cells=(
            words.number(part.clients),
            _with_share(words.hours(part.planned.advisor), load.hours_share_pct(part), words),
            _with_share(words.about(part.revenue), load.revenue_share_pct(part), words)
            if part.revenue_known
            else UNKNOWN,
            UNKNOWN if rate is None else words.about(rate),
            words.about(part.untapped) if part.untapped else UNKNOWN,
        ),
        starts_group=starts_group,
    )


def _mismatch_line(found: Mismatch, report: CapacityReport, words: Words) -> str:
    part = report.load.tiers[found.tier]
    facts = {
        "tier": found.tier.value,
        "time": percent(report.load.hours_share_pct(part), words),
        "money": percent(report.load.revenue_share_pct(part), words),
    }
    if found.kind is MismatchKind.INVESTMENT:
        return words.say(
            "{tier} is an investment: {time} of the time for {money} of the revenue. At the book's "
            "average these {hours} would bring {worth}.",
            hours=words.hours(part.planned.advisor),
            worth=words.about(found.at_book_rate),
            **facts,
        )
    if found.kind is MismatchKind.TOO_LITTLE_TIME:
        line = words.say("{tier} gets {time} of the time for {money} of the revenue.", **facts)
        if found.fitting_hours_per_client is not None:
            line += " " + words.say(
                "There is room for up to {more} a client instead of {now}.",
                more=words.hours(found.fitting_hours_per_client),
                now=words.hours(found.hours_per_client),
            )
        return line
    line = words.say("{tier} takes {time} of the time for {money} of the revenue.", **facts)
    mended = []
    if found.fitting_hours_per_client is not None:
        mended.append(
            words.say(
                "{less} a client instead of {now}",
                less=words.hours(found.fitting_hours_per_client),
                now=words.hours(found.hours_per_client),
            )
        )
    if found.fitting_average_revenue is not None:
        mended.append(
            words.say(
                "{more} a client instead of {now}",
                more=words.about(found.fitting_average_revenue),
                now=words.about(found.average_revenue),
            )
        )
    if mended:
        either = words.say("or")
        line += " " + words.say("It would fit with {what}.", what=f" {either} ".join(mended))
    if found.first:
        services = ", ".join(
            f"{name_by_key(key, report.rules.services, words)} {words.hours(hours)}"
            for key, hours in found.first
        )
        line += " " + words.say("Most of it: {services}.", services=services)
    return line
