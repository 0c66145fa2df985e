"""The same answers as plain values, for `--json` and for whoever compares them with Slack's."""

from decimal import Decimal
from typing import Any

from bot.reports import (
    ClientReport,
    HelpReport,
    LookUpReport,
    NotFoundReport,
    SeveralReport,
    WeekReport,
)
from bot.views import acceptance, explain
from bot.views.services_plain import service_values
from bot.words import Words
from domain.priorities import Assessment


def look_up_values(report: LookUpReport, words: Words) -> dict[str, Any]:
    """Give the answer to a look-up; `result` says which kind it is."""
    match report:
        case ClientReport():
            return {"result": "client", **client_values(report, words)}
        case SeveralReport():
            return {
                "result": "several",
                "query": report.query,
                "clients": [_brief(each, words) for each in report.hits],
                "has_more": report.has_more,
            }
        case NotFoundReport():
            return {"result": "none", "query": report.query, "near": [n for _, n in report.near]}
        case HelpReport():
            return {"result": "help"}


def client_values(report: ClientReport, words: Words) -> dict[str, Any]:
    """Give all that the card shows. Money and per cent are text, so that no digit is lost."""
    assessment, client = report.assessment, report.assessment.client
    placement = assessment.quadrant
    satisfaction, share = placement.satisfaction, placement.share
    return {
        **_brief(assessment, words),
        "advisor": report.advisor,
        "tier_overruled": assessment.tier.is_overridden,
        "tier_because": explain.tier_because(report, words),
        "tier_changes": explain.tier_changes(assessment, words),
        "quadrant_because": explain.quadrant_because(assessment, words),
        "quadrant_changes": explain.quadrant_changes(assessment, words),
        "missing": [each.value for each in placement.missing],
        "conflict": assessment.conflict.value if assessment.conflict else None,
        "new_client": _new_client(report, words),
        "revenue": _text(client.revenue),
        "revenue_on": client.revenue_on.isoformat() if client.revenue_on else None,
        "managed": _text(client.managed_on(report.today)),
        "wallet": _text(share.wallet) if share else None,
        "share_pct": _text(share.share_pct) if share else None,
        "share_known_on": share.fact.known_on.isoformat() if share else None,
        "satisfaction_index": _text(satisfaction.index) if satisfaction else None,
        "satisfaction_on": satisfaction.value.measured_on.isoformat() if satisfaction else None,
        "services": [service_values(each) for each in report.due],
        "as_of": report.today.isoformat(),
        "rule_book": report.rules.version,
    }


def _new_client(report: ClientReport, words: Words) -> dict[str, Any] | None:
    found, client = report.acceptance, report.assessment.client
    if found is None:
        return None
    return {
        "since": client.client_since.isoformat() if client.client_since else None,
        "fit": found.fit.value,
        "misses_criteria": found.warns,
        "because": acceptance.because(found, report.rules.acceptance, words),
    }


def week_values(report: WeekReport, words: Words) -> dict[str, Any]:
    """Give a week's list."""
    found = report.priorities
    return {
        "whose": report.whose,
        "as_of": report.today.isoformat(),
        "rule_book": report.rules.version,
        "clients": report.clients,
        "counts": {
            "GROW": len(found.grow),
            "FIX": len(found.fix),
            "MOVE": len(found.move),
            "MODEL": len(found.model),
            "not_placed": len(found.not_placed),
        },
        "names": [_brief(each, words) for each in report.week.names],
        "more": report.week.more,
        "ask": _brief(report.week.ask, words) if report.week.ask else None,
    }


def _brief(assessment: Assessment, words: Words) -> dict[str, Any]:
    return {
        "client_id": assessment.client.external_id,
        "name": assessment.client.name,
        "tier": assessment.tier.tier.value if assessment.tier.tier else None,
        "quadrant": assessment.quadrant.quadrant.value if assessment.quadrant.quadrant else None,
        "next_step": explain.next_step(assessment, words),
        "worth": explain.worth(assessment, words),
        "untapped": _text(assessment.untapped.amount) if assessment.untapped else None,
        "untapped_is_estimate": bool(assessment.untapped and assessment.untapped.is_estimate),
        "at_risk": _text(assessment.at_risk),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.quantize(Decimal('0.01')):f}"
