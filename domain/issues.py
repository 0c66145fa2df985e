"""Bulk services: an issue goes out once, to all clients of some tiers, and never to one alone.

An issue is due one interval after the last one; the first one, after the day the firm adopted its
rules. What was promised is known from the first issue on record on: of what went out before nothing
is known, so that it was neither kept nor broken. Ours.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from domain.clocks import lead_days_of
from domain.entitlements import owed_by
from domain.model import Tier
from domain.rulebook import RuleBook
from domain.service_history import Outcome, ServiceRecord, TierSpan
from domain.service_model import Clock, Service, interval_of
from domain.servicing import DueState, state_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One issue that was sent, as somebody recorded it."""

    service: str
    on: date
    tiers: tuple[Tier, ...]
    """To whom it went."""
    minutes: int | None = None
    """All the time it took."""
    note: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueIssue:
    """When the firm's next issue of a bulk service is due."""

    service: str
    state: DueState
    remind_on: date
    due_on: date
    overdue_on: date
    per_year: Decimal
    tiers: tuple[Tier, ...]
    """To whom it is promised."""
    last: Issue | None = None

    @property
    def is_near(self) -> bool:
        """Tell whether it is late, due, or in preparation."""
        return self.state is not DueState.SETTLED


def bulk_services(rules: RuleBook) -> tuple[Service, ...]:
    """List the bulk services that somebody gets."""
    services = rules.services.services
    return tuple(s for s in services if s.clock is Clock.ISSUE and promised_to(s.key, rules))


def promised_to(service: str, rules: RuleBook) -> tuple[Tier, ...]:
    """List the tiers to which a service is promised."""
    return tuple(
        t for t in rules.method.tiers if service in owed_by(rules.services, t, (), date.max)
    )


def due_issues(
    rules: RuleBook, issues: Iterable[Issue], *, adopted_on: date, today: date
) -> tuple[DueIssue, ...]:
    """Say when each bulk service's next issue is due: as often as the tier that gets most."""
    last = last_issues(issues, today=today)
    found = []
    for service in bulk_services(rules):
        tiers = promised_to(service.key, rules)
        owed = (owed_by(rules.services, tier, (), today)[service.key] for tier in tiers)
        per_year = max(each.per_year for each in owed)
        sent = last.get(service.key)
        due_on = interval_of(per_year).after(sent.on if sent else adopted_on)
        remind_on = due_on - timedelta(days=lead_days_of(service, per_year))
        overdue_on = due_on + timedelta(days=rules.services.overdue_days_of(per_year))
        found.append(
            DueIssue(
                service=service.key,
                state=state_on(today, remind_on, due_on, overdue_on),
                remind_on=remind_on,
                due_on=due_on,
                overdue_on=overdue_on,
                per_year=per_year,
                tiers=tiers,
                last=sent,
            )
        )
    return tuple(sorted(found, key=lambda each: each.due_on))


def last_issues(issues: Iterable[Issue], *, today: date) -> dict[str, Issue]:
    """Return the last issue of each bulk service, by key."""
    sent = sorted((each for each in issues if each.on <= today), key=lambda each: each.on)
    return {each.service: each for each in sent}


def received(issues: Iterable[Issue], spans: Sequence[TierSpan]) -> tuple[ServiceRecord, ...]:
    """Return the issues that went to a client of these tiers, as records of hers.

    `spans` are in order and not empty; the first tier holds before too.
    """
    first_days = [each.first_day for each in spans]
    return tuple(
        ServiceRecord(
            service=each.service,
            outcome=Outcome.DELIVERED,
            on=each.on,
            note=each.note,
            by=each.by,
        )
        for each in issues
        if spans[max(bisect_right(first_days, each.on) - 1, 0)].tier in each.tiers
    )
