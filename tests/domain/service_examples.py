"""Clients and their services to start a test from.

Client 0 is the first in every spread: due one day after the start, its own month is January. Of
client 1 the place is 0.618 of all, of client 2 0.236, of client 3 0.854 (multiples of the golden
ratio).
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from domain.model import Tier
from domain.rulebook import RuleBook
from domain.service_model import ServiceModel
from domain.servicing import (
    Channel,
    DueService,
    Outcome,
    ServiceHistory,
    ServiceOverride,
    ServiceRecord,
    due_services,
)
from tests.domain.examples import a_client

ADOPTED = date(2020, 1, 1)
CLIENT_FACTS = ("client_since", "former_since", "born_on", "last_review_on", "last_contact_on")
RULES = RuleBook(valid_from=ADOPTED)


def day(text: str) -> date:
    return date.fromisoformat(text)


def done(service: str, on: str, channel: Channel | None = None) -> ServiceRecord:
    return told(service, Outcome.DELIVERED, on, channel)


def told(service: str, outcome: Outcome, on: str, channel: Channel | None = None) -> ServiceRecord:
    return ServiceRecord(service=service, outcome=outcome, on=day(on), channel=channel)


def agreed(service: str, per_year: Any, first: str, last: str) -> ServiceOverride:
    return ServiceOverride(
        service=service,
        per_year=Decimal(per_year),
        reason="asked for it",
        by="Lena Brandt",
        first_day=day(first),
        last_day=day(last),
    )


def rules_with(key: str, *, base: RuleBook = RULES, **changes: Any) -> RuleBook:
    """Return a rule book in which one service differs."""
    model = base.services
    services = tuple(replace(s, **changes) if s.key == key else s for s in model.services)
    return replace(base, services=replace(model, services=services))


def model_with(**changes: Any) -> RuleBook:
    return replace(RULES, services=replace(ServiceModel(), **changes))


def due_all(
    tier: Tier | None, *records: ServiceRecord, today: str, **given: Any
) -> list[DueService]:
    """Read a client's due services; `given` are facts of client, history and rules."""
    client = a_client(
        client_id=given.pop("client_id", 0),
        **{name: given.pop(name) for name in CLIENT_FACTS
           if name in given},
    )  # fmt: skip
    history = ServiceHistory(
        records=records,
        **{name: given.pop(name) for name in ("appointments", "snoozes", "overrides")
           if name in given},
    )  # fmt: skip
    rules = given.pop("rules", RULES)
    adopted_on = given.pop("adopted_on", ADOPTED)
    return list(
        due_services(client, tier, history, rules, adopted_on=adopted_on, today=day(today), **given)
    )


def due(
    service: str, tier: Tier | None, *records: ServiceRecord, today: str, **given: Any
) -> DueService | None:
    """Read one due service of a client."""
    found = [d for d in due_all(tier, *records, today=today, **given) if d.service == service]
    return found[0] if found else None
