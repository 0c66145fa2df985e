"""What a client is owed by tier, override or floor, on one day and over time.

Source: Commonwealth (services by tier); override and floor are ours.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from domain.model import Client, Tier
from domain.rulebook import RuleBook
from domain.service_history import ServiceHistory, ServiceOverride, TierSpan
from domain.service_model import Service, ServiceModel


class Ground(StrEnum):
    """What a service is owed by."""

    TIER = "tier"
    OVERRIDE = "override"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """One service owed to one client, how often a year, and by what."""

    service: str
    per_year: Decimal
    ground: Ground
    by_tier: Decimal
    """What the tier alone gives."""
    floor: Decimal
    """What contract or law owes beyond what counts for it."""
    override: ServiceOverride | None = None
    """In force, even where the floor owes more."""
    covered_by: tuple[str, ...] = ()
    """Services owed that count for the floor."""


def entitlements(
    client: Client, tier: Tier | None, history: ServiceHistory, rules: RuleBook, *, today: date
) -> tuple[Entitlement, ...]:
    """List what is owed to a client today, in the service model's order; to a former one nothing.

    Owed is the larger of the floor and what the override, else the tier gives; the floor is less
    what is owed of services that count for it.
    """
    if client.is_former_on(today):
        return ()
    return tuple(owed_by(rules.services, tier, history.overrides, today).values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Era:
    """Days from the first one on, until the next era, in which one client is owed the same."""

    first_day: date
    rules: RuleBook
    owed: Mapping[str, Entitlement]


def eras_of(
    overrides: Sequence[ServiceOverride],
    spans: Sequence[TierSpan],
    rule_books: Sequence[RuleBook],
    *,
    last_day: date,
) -> list[Era]:
    """List the times in which a client was owed the same; the first tier and rules hold before too.

    `spans` and `rule_books` are in order of their first days and not empty.
    """
    tier_days = [each.first_day for each in spans]
    rule_days = [each.valid_from for each in rule_books]
    changes = {*tier_days[1:], *rule_days[1:]}
    for each in overrides:
        changes |= {each.first_day, each.last_day + timedelta(days=1)}
    eras = []
    for day in (date.min, *sorted(day for day in changes if date.min < day <= last_day)):
        span = spans[max(bisect_right(tier_days, day) - 1, 0)]
        rules = rule_books[max(bisect_right(rule_days, day) - 1, 0)]
        owed = owed_by(rules.services, span.tier, overrides, day)
        eras.append(Era(first_day=day, rules=rules, owed=owed))
    return eras


def era_on(eras: Sequence[Era], day: date) -> Era:
    """Return the era that a day lies in."""
    if len(eras) == 1:
        return eras[0]
    return eras[bisect_right(eras, day, key=lambda each: each.first_day) - 1]


def owed_by(
    model: ServiceModel, tier: Tier | None, overrides: Sequence[ServiceOverride], day: date
) -> Mapping[str, Entitlement]:
    """Return what a client of a tier is owed on a day, by service."""
    holding = tuple(each for each in overrides if each.holds_on(day))
    return _owed(model, tier, holding) if holding else _owed_by_tier(model, tier)


@lru_cache(maxsize=1_000)
def _owed_by_tier(model: ServiceModel, tier: Tier | None) -> Mapping[str, Entitlement]:
    """Return the same where nothing else was agreed: most clients of a tier share it."""
    return MappingProxyType(_owed(model, tier, ()))


def _owed(
    model: ServiceModel, tier: Tier | None, overrides: Sequence[ServiceOverride]
) -> dict[str, Entitlement]:
    found: dict[str, Entitlement] = {}

    def owed(service: Service) -> Entitlement:
        if service.key not in found:
            counting = [owed(each) for each in model.counting_for(service.key)]
            found[service.key] = _entitlement(service, tier, overrides, counting)
        return found[service.key]

    every = [owed(service) for service in model.services]
    return {each.service: each for each in every if each.per_year}


def _entitlement(
    service: Service,
    tier: Tier | None,
    overrides: Sequence[ServiceOverride],
    counting: Sequence[Entitlement],
) -> Entitlement:
    holding = [each for each in overrides if each.service == service.key]
    override = max(reversed(holding), key=lambda each: each.first_day, default=None)
    by_tier = service.for_tier(tier)
    agreed = override.per_year if override else by_tier
    covered = sum((each.per_year for each in counting), Decimal(0))
    floor = max(service.floor_per_year - covered, Decimal(0))
    ground = Ground.OVERRIDE if override else Ground.TIER
    return Entitlement(
        service=service.key,
        per_year=max(agreed, floor),
        ground=Ground.FLOOR if floor > agreed else ground,
        by_tier=by_tier,
        floor=floor,
        override=override,
        covered_by=tuple(each.service for each in counting if each.per_year)
        if service.floor_per_year
        else (),
    )
