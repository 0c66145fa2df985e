"""Clients with services, drawn at random from 2023 to 2027: histories, tiers, rule books."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import strategies as st

from domain.calendar import add_months
from domain.model import Client, Tier
from domain.rulebook import RuleBook
from domain.service_model import Clock, Family, Service, ServiceModel, per_year_of
from domain.servicing import (
    Appointment,
    Channel,
    Outcome,
    ServiceHistory,
    ServiceOverride,
    ServiceRecord,
    Snooze,
    TierSpan,
)
from tests.domain.examples import a_client

KEYS = ("review", "suitability", "check_in", "plan_update", "birthday", "surge", "own_month")
ADOPTED = date(2024, 3, 1)
TIMES = [Decimal(n) for n in ("0", "0.5", "1", "2", "3", "4", "8", "12", "52")]
TIERS = [*Tier, None]
FIRST, LAST = date(2023, 1, 1), date(2027, 12, 31)
TURNS = [add_months(FIRST, number) + timedelta(days=n) for number in range(60) for n in (-1, 0)]
"""Days on which much happens at once."""
days = st.dates(FIRST, LAST) | st.sampled_from(TURNS)
chances = st.integers(0, 2**32).map(Random)
"""Where books are drawn from: hypothesis itself would take a hundred times as long."""


@dataclass(frozen=True)
class Case:
    """One client on one day, with all that its due services depend on."""

    client: Client
    history: ServiceHistory
    tier: Tier | None
    spans: tuple[TierSpan, ...]


def a_day(random: Random) -> date:
    if random.random() < 0.5:
        return random.choice(TURNS)
    return FIRST + timedelta(days=random.randrange((LAST - FIRST).days))


def a_rule_history(random: Random) -> tuple[RuleBook, ...]:
    """Draw one to three versions of a rule book, oldest first."""
    starts = sorted({a_day(random) for _ in range(random.choice((0, 0, 1, 2)))})
    return tuple(
        replace(RuleBook(), version=number, valid_from=first, services=_model(random))
        for number, first in enumerate([date(2020, 1, 1), *starts], 1)
    )


def a_case(random: Random, number: int = 0) -> Case:
    """Draw a client; present and stored tier may differ."""

    def maybe(chance: float) -> date | None:
        return a_day(random) if random.random() < chance else None

    client = a_client(
        last_review_on=maybe(0.3),
        last_contact_on=maybe(0.3),
        client_id=random.randrange(10**9) * 16 + number,
        client_since=maybe(0.5),
        former_since=maybe(0.2),
        born_on=random.choice(
            (None, date(1964, 2, 29), date(1930 + number, 12, 28), a_day(random))
        ),
    )
    starts = sorted({a_day(random) for _ in range(random.choice((0, 0, 1, 2, 4)))})
    return Case(
        client=client,
        history=a_history(random),
        tier=random.choice(TIERS),
        spans=tuple(TierSpan(tier=random.choice(TIERS), first_day=first) for first in starts),
    )


def a_history(random: Random) -> ServiceHistory:
    def several(most: int) -> range:
        return range(random.choice((0, random.randint(0, most))))

    def key() -> str:
        return random.choice(KEYS)

    return ServiceHistory(
        records=tuple(
            ServiceRecord(
                service=key(),
                outcome=random.choice([Outcome.DELIVERED, *Outcome]),
                on=a_day(random),
                channel=random.choice([None, None, *Channel]),
            )
            for _ in several(20)
        ),
        appointments=tuple(
            Appointment(service=key(), on=a_day(random), cancelled=random.random() < 0.3)
            for _ in several(4)
        ),
        snoozes=tuple(Snooze(service=key(), until=a_day(random)) for _ in several(4)),
        overrides=tuple(_override(random) for _ in several(4)),
    )


def _override(random: Random) -> ServiceOverride:
    first, last = sorted((a_day(random), a_day(random)))
    return ServiceOverride(
        service=random.choice([key for key in KEYS if key != "birthday"]),
        per_year=random.choice(TIMES),
        reason="asked for it",
        by="Lena Brandt",
        first_day=first,
        last_day=last,
    )


def _model(random: Random) -> ServiceModel:
    return ServiceModel(
        services=tuple(_service(random, key) for key in KEYS),
        attempts_that_settle=random.choice((1, 3)),
        messages_count=random.random() < 0.5,
    )


def _service(random: Random, key: str) -> Service:
    """Draw one service; a key keeps its clock."""
    default = ServiceModel().find(key)
    clock = default.clock if default else Clock.ANCHORED
    most = {Clock.ANCHORED: 12, Clock.BIRTHDAY: 1}.get(clock, 365)
    months = sorted(random.sample(range(1, 13), random.randint(1, 4))) if key == "surge" else []
    floors = ["0"] if clock is Clock.BIRTHDAY else ["0", "0", "1", "0.5"]
    often = {tier: min(random.choice(TIMES), Decimal(most)) for tier in Tier}
    return Service(
        key=key,
        family=default.family if default else Family.EVENTS,
        clock=clock,
        months=tuple(months),
        lead_days=random.choice((0, 7, 42, 90)),
        counts_for=tuple(
            k for k in (default.counts_for if default else ()) if random.random() < 0.7
        ),
        floor_per_year=Decimal(random.choice(floors)),
        per_year=per_year_of(often),
    )
