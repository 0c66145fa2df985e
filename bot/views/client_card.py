"""The client card: tier and field, what to do next, why, and what would change it."""

from collections import Counter

from bot import actions
from bot.reports import ClientReport
from bot.views import acceptance, explain
from bot.views.blocks import (
    Block,
    button,
    context,
    escape,
    fields,
    header,
    menu,
    section,
)
from bot.views.blocks import (
    actions as row,
)
from bot.views.due import evidence_button
from bot.views.forms import Form, form_name
from bot.views.service_words import because, by_urgency, counted, name_by_key, stand
from bot.words import Words
from domain.acceptance import Acceptance
from domain.model import Quadrant, Tier, Trait, TraitKind
from domain.priorities import Assessment
from domain.quadrants import Missing, ShareReading

MENU = (Form.DECISION, Form.OVERRIDE, Form.STRATEGIC, Form.SPONSOR, Form.TRAITS)
"""What stands in the menu beside the buttons, unless it has one; Slack shows five at most."""

SERVICES = 3
"""So many services the card shows."""


def client_card(report: ClientReport, words: Words) -> list[Block]:
    """Show a client; the first lines are the answer."""
    assessment = report.assessment
    if _is_former(report):
        return [
            header(headline(report, words)),
            section(escape(_say_next(report, words))),
            fields(figures(report, words)),
            context(_small_print(report, words)),
        ]
    card = [
        header(headline(report, words)),
        section(
            f"*{escape(_say_next(report, words))}*\n{escape(explain.worth(assessment, words))}"
        ),
    ]
    if assessment.conflict:
        card.append(section(f"⚠ {escape(explain.conflict_sentence(assessment.conflict, words))}"))
    if report.acceptance:
        verdict, reasons = _fit(report.acceptance, report, words)
        card.append(section(_because(verdict, reasons, [])))
    card += [
        section(_because(_tier_label(report, words), *_tier_sentences(report, words))),
        section(_because(_quadrant_label(report, words), *_quadrant_sentences(report, words))),
        fields(figures(report, words)),
        *([_edits(report, words)] if report.may_change else []),
        *_services(report, words),
        context(_small_print(report, words)),
    ]
    return card


def _edits(report: ClientReport, words: Words) -> Block:
    """Make the buttons that record something of the client."""
    client = report.assessment.client
    buttons, others = _forms(report.assessment)
    return row(
        *(
            button(
                form_name(form, words),
                f"{actions.EDIT}:{form}",
                f"{form}:{client.client_id}",
                about=client.name,
                primary=form is buttons[0],
            )
            for form in buttons
        ),
        menu(
            [(f"{form}:{client.client_id}", form_name(form, words)) for form in others],
            f"{actions.EDIT}:more",
        ),
    )


def client_card_text(report: ClientReport, words: Words) -> str:
    """Say the whole card as text: it is all that screen readers get."""
    sentences = [
        headline(report, words) + ".",
        *card_lines(report, words),
        *(f"{label}: {value}." for label, value in figures(report, words)),
        _small_print(report, words),
    ]
    return escape(" ".join(sentences))


def card_lines(report: ClientReport, words: Words) -> list[str]:
    """Say the card's sentences in order: next step, worth, tension, tier, field."""
    assessment = report.assessment
    if _is_former(report):
        return [_say_next(report, words)]
    lines = [_say_next(report, words), explain.worth(assessment, words) + "."]
    if assessment.conflict:
        lines.append(explain.conflict_sentence(assessment.conflict, words))
    if report.acceptance:
        verdict, fits_because = _fit(report.acceptance, report, words)
        lines.append(f"{verdict}. {' '.join(fits_because)}")
    for label, (reasons, changes) in (
        (_tier_label(report, words), _tier_sentences(report, words)),
        (_quadrant_label(report, words), _quadrant_sentences(report, words)),
    ):
        lines.append(f"{label}. {' '.join((*reasons, *changes))}")
    if report.due:
        lines.append(_services_title(report, words) + ".")
        lines += _service_lines(report, words)
    return lines


def _services(report: ClientReport, words: Words) -> list[Block]:
    """Show what is due and next, with the most urgent one to log."""
    if not report.due:
        return []
    client, first = report.assessment.client, by_urgency(report.due)[0]
    title = f"*{escape(_services_title(report, words))}*"
    name = name_by_key(first.service, report.rules.services, words)
    log = button(
        words.say("Log"),
        f"{actions.SERVICE}:log",
        f"log:{client.client_id}:{first.service}",
        about=f"{client.name}, {name}",
    )
    return [
        section("\n".join((title, *map(escape, _service_lines(report, words))))),
        row(
            *([log] if report.may_change else []),
            button(
                words.say("All services"),
                f"{actions.SERVICE}:show",
                f"show:{client.client_id}:",
                about=client.name,
            ),
            evidence_button(client, words),
        ),
    ]


def _services_title(report: ClientReport, words: Words) -> str:
    return words.say(
        "Services: {counts}", counts=counted(Counter(each.state for each in report.due), words)
    )


def _service_lines(report: ClientReport, words: Words) -> list[str]:
    """Say the most urgent services, and what was agreed against the tier."""
    first = by_urgency(report.due)
    shown = [
        each
        for rank, each in enumerate(first)
        if rank < SERVICES or each.entitlement.override is not None
    ]
    return [
        f"{name_by_key(each.service, report.rules.services, words)}: "
        f"{stand(each, words, today=report.today)}"
        + (f" {because(each, words)}." if each.entitlement.override else "")
        for each in shown
    ]


def headline(report: ClientReport, words: Words) -> str:
    """Name the client and the segment."""
    assessment = report.assessment
    if _is_former(report):
        former = words.say("former client")
        return f"{assessment.client.name} · {former}"
    tier = assessment.tier.tier.value if assessment.tier.tier else words.say("no tier")
    if assessment.tier.is_overridden:
        tier = words.say("{tier} (overruled)", tier=tier)
    quadrant = explain.quadrant_name(assessment.quadrant.quadrant, words)
    return f"{assessment.client.name} · {tier} · {quadrant}"


def _say_next(report: ClientReport, words: Words) -> str:
    former_since = report.assessment.client.former_since
    if former_since is not None and _is_former(report):
        return words.say(
            "No longer a client since {day}: nothing is due.", day=words.day(former_since)
        )
    step = explain.next_step(report.assessment, words)
    placement = report.assessment.quadrant.quadrant
    if placement is Quadrant.MOVE and not report.assessment.awaits_decision:
        return step
    return words.say("Next: {step}", step=step)


def _is_former(report: ClientReport) -> bool:
    return report.assessment.client.is_former_on(report.today)


def _tier_label(report: ClientReport, words: Words) -> str:
    return words.say("Tier: {tier}", tier=explain.marked_tier(report.assessment, words))


def _quadrant_label(report: ClientReport, words: Words) -> str:
    quadrant = report.assessment.quadrant.quadrant
    return words.say("Field: {field}", field=explain.quadrant_name(quadrant, words))


def _tier_sentences(report: ClientReport, words: Words) -> tuple[list[str], list[str]]:
    return (
        explain.tier_because(report, words),
        explain.tier_changes(report.assessment, words),
    )


def _quadrant_sentences(report: ClientReport, words: Words) -> tuple[list[str], list[str]]:
    return (
        explain.quadrant_because(report.assessment, words),
        explain.quadrant_changes(report.assessment, words),
    )


def _forms(assessment: Assessment) -> tuple[list[Form], list[Form]]:
    """Part the forms into buttons, the one that the next step asks for first, and a menu."""
    quadrant, missing = assessment.quadrant.quadrant, assessment.quadrant.missing
    first = Form.SATISFACTION
    if quadrant is Quadrant.FIX:
        first = Form.DIAGNOSIS
    elif quadrant is Quadrant.MOVE or (quadrant is not None and assessment.tier.tier is Tier.N):
        first = Form.DECISION
    elif missing and missing[0] not in (Missing.SATISFACTION, Missing.SATISFACTION_EXPIRED):
        first = Form.WALLET
    buttons = [first, *(f for f in (Form.SATISFACTION, Form.WALLET) if f is not first)]
    if assessment.tier.is_overridden:
        buttons.append(Form.LIFT)
    return buttons, [form for form in MENU if form not in buttons]


def _fit(found: Acceptance, report: ClientReport, words: Words) -> tuple[str, list[str]]:
    """Say how a new client fits, and why."""
    criteria = report.rules.acceptance
    return acceptance.verdict(found, words), acceptance.because(found, criteria, words)


def _because(label: str, reasons: list[str], changes: list[str]) -> str:
    lines = [f"*{escape(label)}*", escape(" ".join(reasons))]
    if changes:
        lines.append("→ " + escape(" ".join(changes)))
    return "\n".join(lines)


def figures(report: ClientReport, words: Words) -> list[tuple[str, str]]:
    """List the figures behind the segment, each with its day."""
    client, placement = report.assessment.client, report.assessment.quadrant
    unknown = words.say("not known")
    revenue = unknown if client.revenue is None else words.money(client.revenue)
    if client.revenue is not None and client.revenue_on is not None:
        revenue += " · " + words.day(client.revenue_on)
    satisfaction = placement.satisfaction
    holding = max(
        (each for each in client.holdings if each.held_on <= report.today),
        key=lambda each: each.held_on,
        default=None,
    )
    return [
        (words.say("Revenue a year"), revenue),
        (
            words.say("Managed"),
            f"{words.money(holding.managed)} · {words.day(holding.held_on)}"
            if holding
            else unknown,
        ),
        (words.say("Wallet"), _wallet(placement.share, words) or unknown),
        (
            words.say("Share of wallet"),
            words.percent(round(placement.share.share_pct, 1)) if placement.share else unknown,
        ),
        (
            words.say("Satisfaction"),
            words.say(
                "{index} of 100 · {day}",
                index=words.number(round(satisfaction.index, 1)),
                day=words.day(satisfaction.value.measured_on),
            )
            if satisfaction
            else unknown,
        ),
        (words.say("Advisor"), report.advisor),
        *_traits(report, words),
    ]


def _traits(report: ClientReport, words: Words) -> list[tuple[str, str]]:
    seen = (report.assessment.client.trait_on(report.today, kind) for kind in TraitKind)
    return [
        (
            _capital(explain.trait_name(each.kind, words)),
            f"{_mark(each, words)} · {words.day(each.noted_on)}",
        )
        for each in seen
        if each is not None
    ]


def _mark(trait: Trait, words: Words) -> str:
    value = words.number(trait.value)
    if trait.kind is TraitKind.REFERRALS:
        return value
    return words.say("{value} of 5", value=value)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _wallet(share: ShareReading | None, words: Words) -> str:
    if share is None or share.wallet is None:
        return ""
    return f"{words.about(share.wallet)} · {words.day(share.fact.known_on)}"


def _small_print(report: ClientReport, words: Words) -> str:
    return words.say(
        "As of {day} · rule book {version} of {since}",
        day=words.day(report.today),
        version=report.rules.version,
        since=words.day(report.rules.valid_from),
    )
