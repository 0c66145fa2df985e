"""Whom the firm takes on: a new client against the client minimum and the ideal client.

A client is new from the day she came, for as long as the rule book says; of whom that day is not
known it is not known either whether she is new, and nothing is said.
Source: Commonwealth (acceptance criteria for new clients); the amounts are ours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.calendar import add_months
from domain.model import Client
from domain.priorities import Assessment
from domain.rulebook import AcceptanceRules, RuleBook
from domain.segmentation import LegacyReason, StrategicReason, strategic_reasons


class Fit(StrEnum):
    """How a new client fits what the firm looks for; the last two warn."""

    IDEAL = "ideal"
    ACCEPTED = "accepted"
    BELOW_MINIMUM = "below_minimum"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """How a new client fits, because of what, and what would change it."""

    fit: Fit
    revenue: Decimal | None
    limit: Decimal | None
    """The amount that is reached, or missed under the minimum; None where revenue is unknown."""
    next_fit: Fit | None
    more: Decimal | None
    """So much more revenue a year would make it `next_fit`."""
    speaks_for: tuple[StrategicReason | LegacyReason, ...]
    """What may justify taking the client on all the same."""

    @property
    def warns(self) -> bool:
        """Tell whether the client misses the criteria."""
        return self.fit in (Fit.BELOW_MINIMUM, Fit.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """A new client of a book, and how she fits."""

    assessment: Assessment
    acceptance: Acceptance


def is_new(client: Client, criteria: AcceptanceRules, *, today: date) -> bool:
    """Tell whether a client came within the time in which she counts as new."""
    since = client.client_since
    if since is None or client.is_former_on(today):
        return False
    return today < add_months(since, criteria.new_for_months)


def new_clients(
    assessments: Iterable[Assessment], rules: RuleBook, *, today: date
) -> list[NewClient]:
    """List a book's new clients: those that miss the criteria first, then by name."""
    found = [
        NewClient(assessment=each, acceptance=acceptance_of(each.client, rules, today=today))
        for each in assessments
        if is_new(each.client, rules.acceptance, today=today)
    ]
    return sorted(found, key=lambda n: (not n.acceptance.warns, n.assessment.client.name))


def acceptance_of(client: Client, rules: RuleBook, *, today: date) -> Acceptance:
    """Hold a new client's expected revenue against the criteria for new clients."""
    criteria, revenue = rules.acceptance, client.revenue
    fit = _fit(revenue, criteria)
    limits = {
        Fit.IDEAL: criteria.ideal_revenue,
        Fit.ACCEPTED: criteria.minimum_revenue,
        Fit.BELOW_MINIMUM: criteria.minimum_revenue,
        Fit.UNKNOWN: None,
    }
    more = next_fit = None
    if revenue is not None and fit is not Fit.IDEAL:
        aim = criteria.ideal_revenue if fit is Fit.ACCEPTED else criteria.minimum_revenue
        more, next_fit = aim - revenue, _fit(aim, criteria)
    return Acceptance(
        fit=fit,
        revenue=revenue,
        limit=limits[fit],
        next_fit=next_fit,
        more=more,
        speaks_for=_speaks_for(client, rules, today) if fit is Fit.BELOW_MINIMUM else (),
    )


def _fit(revenue: Decimal | None, criteria: AcceptanceRules) -> Fit:
    if revenue is None:
        return Fit.UNKNOWN
    if revenue >= criteria.ideal_revenue:
        return Fit.IDEAL
    return Fit.ACCEPTED if revenue >= criteria.minimum_revenue else Fit.BELOW_MINIMUM


def _speaks_for(
    client: Client, rules: RuleBook, today: date
) -> tuple[StrategicReason | LegacyReason, ...]:
    supported = (
        LegacyReason(tie=tie, needs_review=False) for tie in client.legacy if tie.sponsor.supports
    )
    return (*strategic_reasons(client, rules.strategic, today=today), *supported)
