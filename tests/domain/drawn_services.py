"""Histories, tiers and rule books of services drawn by hypothesis, from 2023 to 2027."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from domain.model import Tier
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

KEYS = ("review", "suitability", "check_in", "plan_update", "birthday", "surge", "own_month")
days = st.dates(date(2023, 1, 1), date(2027, 12, 31))
times = st.sampled_from([Decimal(n) for n in ("0", "0.5", "1", "2", "3", "4", "8", "12", "52")])
tiers = st.sampled_from([*Tier, None])


@st.composite
def services(draw, key: str) -> Service:
    """Draw one service; a key keeps its clock."""
    default = ServiceModel().find(key)
    clock = {"surge": Clock.ANCHORED, "own_month": Clock.ANCHORED}.get(key)
    if default is not None:
        clock = default.clock
    most = {Clock.ANCHORED: 12, Clock.BIRTHDAY: 1}.get(clock or Clock.ROLLING, 365)
    often = {tier: min(draw(times), Decimal(most)) for tier in Tier}
    if clock is Clock.BIRTHDAY:
        often = {tier: Decimal(n >= 1) for tier, n in often.items()}
    months = draw(st.sets(st.integers(1, 12), min_size=1, max_size=4)) if key == "surge" else ()
    return Service(
        key=key,
        family=default.family if default else Family.EVENTS,
        clock=clock or Clock.ROLLING,
        months=tuple(sorted(months)),
        lead_days=draw(st.integers(0, 90)),
        counts_for=default.counts_for if default else (),
        floor_per_year=draw(st.sampled_from([Decimal(0), Decimal(1), Decimal("0.5")]))
        if clock is not Clock.BIRTHDAY
        else Decimal(0),
        per_year=per_year_of(often),
    )


@st.composite
def rule_versions(draw) -> tuple[RuleBook, ...]:
    """Draw one to three versions of a rule book, oldest first."""
    starts = sorted(draw(st.sets(days, max_size=2)))
    books = []
    for number, first in enumerate([date(2020, 1, 1), *starts], 1):
        model = ServiceModel(
            services=tuple(draw(services(key)) for key in KEYS),
            attempts_that_settle=draw(st.integers(1, 3)),
        )
        books.append(replace(RuleBook(), version=number, valid_from=first, services=model))
    return tuple(books)


@st.composite
def tier_spans(draw) -> tuple[TierSpan, ...]:
    starts = sorted(draw(st.sets(days, min_size=1, max_size=4)))
    return tuple(TierSpan(tier=draw(tiers), first_day=first) for first in starts)


@st.composite
def overrides(draw) -> ServiceOverride:
    first, last = sorted((draw(days), draw(days)))
    return ServiceOverride(
        service=draw(st.sampled_from([key for key in KEYS if key != "birthday"])),
        per_year=draw(times),
        reason="asked for it",
        by="Lena Brandt",
        first_day=first,
        last_day=last,
    )


@st.composite
def histories(draw) -> ServiceHistory:
    keys, outcomes = st.sampled_from(KEYS), st.sampled_from(list(Outcome))
    records = st.builds(
        ServiceRecord,
        service=keys,
        outcome=st.just(Outcome.DELIVERED) | outcomes,
        on=days,
        channel=st.none() | st.sampled_from(list(Channel)),
    )
    return ServiceHistory(
        records=tuple(draw(st.lists(records, max_size=12))),
        appointments=tuple(
            draw(
                st.lists(
                    st.builds(Appointment, service=keys, on=days, cancelled=st.booleans()),
                    max_size=2,
                )
            )
        ),
        snoozes=tuple(draw(st.lists(st.builds(Snooze, service=keys, until=days), max_size=2))),
        overrides=tuple(draw(st.lists(overrides(), max_size=3))),
    )
