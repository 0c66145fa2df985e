"""The service model: which services a firm owes its tiers, how often, and the hours they take.

Source: Commonwealth (services × tiers, hours, capacity). All numbers are ours, firms change them:
for comparison, 25 h a year for a top client (Littlechild), 12 h of the advisor and 9 h of staff
(a case in ThinkAdvisor), some 1,000 hours with clients in an advisor's year (two time studies).
Months are 1 to 12, hours are those of one delivery, tiers C and D of the plain scheme are served as
L and N.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property, lru_cache
from math import ceil

from domain.calendar import add_months
from domain.errors import RuleBookError, RuleProblem
from domain.limits import within
from domain.model import Tier

YEAR_DAYS = 365
LEAST_PER_YEAR = Decimal("0.1")
"""Once in ten years: what is rarer is not promised."""
MOST_PER_YEAR = Decimal(365)
KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")
LONGEST_NAME = 60


class Family(StrEnum):
    """The rows' headings of a service model."""

    INVESTMENT = "investment"
    PLANNING = "planning"
    CONTACT = "contact"
    EVENTS = "events"
    MARKETING = "marketing"
    FLOOR = "floor"


class Clock(StrEnum):
    """What a service's next due day is counted from."""

    ROLLING = "rolling"
    """The last time it was settled, plus the interval."""
    ANCHORED = "anchored"
    """Fixed months, which do not slide: the firm's, or one of each client's own."""
    BIRTHDAY = "birthday"
    """The client's birthday."""
    ISSUE = "issue"
    """Bulk: due once per issue for the firm, never per client."""
    NEVER = "never"
    """Planned, never due."""


PerYear = tuple[tuple[Tier, Decimal], ...]
"""How often a year each tier gets a service, all tiers named."""


def per_year_of(times: Mapping[Tier, Decimal | int | str]) -> PerYear:
    """Write down how often a year each tier gets a service; a tier not named gets none."""
    return tuple((tier, Decimal(times.get(tier, 0))) for tier in Tier)


def served_too(tier: Tier, asked: Collection[Tier]) -> Tier:
    """Return the tier, of those asked about, that says how a tier of the other scheme is served."""
    alike = {
        Tier.C: Tier.L,
        Tier.D: Tier.N,
        Tier.L: Tier.C,
        Tier.N: Tier.D,
        Tier.A_PLUS: Tier.A,
    }
    return tier if tier in asked else alike.get(tier, tier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The time between two deliveries: whole months or, where they do not come out even, days."""

    months: int = 0
    days: int = 0

    def after(self, day: date) -> date:
        """Return the day one interval later; a month after the 31st ends with the month."""
        return add_months(day, self.months) + timedelta(days=self.days)


@lru_cache(maxsize=1_000)
def interval_of(per_year: Decimal) -> Interval:
    """Return the interval of a service that comes so often a year, more than never."""
    months = Fraction(12) / Fraction(per_year)
    if months.denominator == 1:
        return Interval(months=int(months))
    days = (YEAR_DAYS / per_year).to_integral_value(ROUND_HALF_UP)
    return Interval(days=max(int(days), 1))


@lru_cache(maxsize=1_000)
def _part_of_interval(pct: Decimal, per_year: Decimal) -> int:
    """Return so many per cent of the interval, in whole days, any part of one counting."""
    return ceil(YEAR_DAYS * Fraction(pct) / 100 / Fraction(per_year))


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One row of the service model; an empty `name` is a default service that has its own words."""

    key: str
    family: Family
    name: str = ""
    advisor_hours: Decimal = Decimal(0)
    """The advisor's hours per delivery, preparation and follow-up included."""
    staff_hours: Decimal = Decimal(0)
    """Others' hours per delivery."""
    clock: Clock = Clock.ROLLING
    months: tuple[int, ...] = ()
    """Anchored: one fixed month, or surge months; none: a month of each client's own."""
    lead_days: int = 0
    """So many days before it is due, its preparation begins."""
    counts_for: tuple[str, ...] = ()
    """Services that are delivered along with this one, by key."""
    floor_per_year: Decimal = Decimal(0)
    """Owed at least so often a year by contract or law, whatever tier or override say."""
    per_year: PerYear = ()

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key):
            raise RuleBookError(RuleProblem.WRONG_KIND, "key", self.key)
        if len(self.name) > LONGEST_NAME or not self.name.isprintable():
            raise RuleBookError(RuleProblem.WRONG_KIND, "name", self.name)
        for hours in ("advisor_hours", "staff_hours"):
            within(self, hours, least=0, most=1000)
        within(self, "lead_days", least=0, most=366)
        within(self, "floor_per_year", least=0, most=12)
        self._check_months()
        self._check_times("floor_per_year", self.floor_per_year)
        for tier, times in self.per_year:
            self._check_times(f"per_year.{tier}", times)

    def for_tier(self, tier: Tier | None) -> Decimal:
        """Return how often a year a tier gets the service; without a tier, never."""
        return next((times for each, times in self.per_year if each == tier), Decimal(0))

    def _check_months(self) -> None:
        rising = list(self.months) == sorted(set(self.months))
        if not rising or not all(1 <= month <= 12 for month in self.months):
            raise RuleBookError(RuleProblem.WRONG_KIND, "months", _listed(self.months))
        if self.months and self.clock is not Clock.ANCHORED:
            raise RuleBookError(RuleProblem.WRONG_KIND, "months", _listed(self.months))

    def _check_times(self, key: str, times: Decimal) -> None:
        """Refuse what is out of range; fixed months come whole times a year, or every few years."""
        most = MOST_PER_YEAR
        if self.clock is Clock.ANCHORED:
            most = Decimal(12)
        elif self.clock is Clock.BIRTHDAY:
            most = Decimal(1)
        even = self.clock is not Clock.ANCHORED or times < 1 or times == int(times)
        if times and not (LEAST_PER_YEAR <= times <= most and even):
            raise RuleBookError(RuleProblem.OUT_OF_RANGE, key, str(times))


def _service(
    key: str,
    family: Family,
    hours: str,
    times: str,
    *,
    clock: Clock = Clock.ROLLING,
    **more: object,
) -> Service:
    """Write one line of the default model: hours advisor/staff, times for A+, A, B, S, L, N."""
    advisor, staff = map(Decimal, hours.split("/"))
    a_plus, a, b, s, legacy, n = map(Decimal, times.split())
    return Service(
        key=key,
        family=family,
        advisor_hours=advisor,
        staff_hours=staff,
        clock=clock,
        per_year=per_year_of(
            {
                Tier.A_PLUS: a_plus,
                Tier.A: a,
                Tier.B: b,
                Tier.S: s,
                Tier.L: legacy,
                Tier.N: n,
                Tier.C: legacy,
                Tier.D: n,
            }
        ),
        **more,  # type: ignore[arg-type]
    )


DEFAULT_SERVICES = (
    _service(
        "review",
        Family.PLANNING,
        "2.5/1.5",
        "4 2 1 1 1 0",
        lead_days=42,
        counts_for=("suitability", "check_in"),
    ),
    _service(
        "suitability",
        Family.FLOOR,
        "1/1",
        "0 0 0 0 0 1",
        clock=Clock.ANCHORED,
        lead_days=42,
        counts_for=("check_in",),
        floor_per_year=Decimal(1),
    ),
    _service("plan_update", Family.PLANNING, "3/1", "1 1 0.5 1 0 0", lead_days=42),
    _service("check_in", Family.CONTACT, "0.5/0.1", "8 4 2 2 1 0", lead_days=7),
    _service("portfolio_check", Family.INVESTMENT, "0.5/0.5", "4 2 1 1 1 1", lead_days=14),
    _service("tax_insurance_estate", Family.PLANNING, "1/0.5", "1 1 0.5 0 0 0", lead_days=42),
    _service("small_event", Family.EVENTS, "1/0.5", "2 1 0 1 0 0", lead_days=56),
    _service("large_event", Family.EVENTS, "0.2/0.2", "1 1 1 1 1 0", lead_days=84),
    _service(
        "newsletter",
        Family.MARKETING,
        "0/0.02",
        "12 12 12 12 12 12",
        clock=Clock.ISSUE,
        lead_days=7,
    ),
    _service(
        "birthday", Family.MARKETING, "0.1/0.2", "1 1 1 1 1 0", clock=Clock.BIRTHDAY, lead_days=7
    ),
    _service("reactive", Family.CONTACT, "1/1", "4 2 1 1 0.5 0.5", clock=Clock.NEVER),
)
"""The default model (ours)."""


@dataclass(frozen=True, kw_only=True)  # without slots: it remembers its services by key
class ServiceModel:
    """All services of a firm, and when one of them is settled or overdue."""

    services: tuple[Service, ...] = DEFAULT_SERVICES
    attempts_that_settle: int = 3
    """Without an answer on so many days, a service counts as offered, and its clock runs on."""
    overdue_after_pct: Decimal = Decimal(25)
    """Overdue when this part of the interval has passed since the due day, per cent, but"""
    overdue_least_days: int = 14
    """not before so many days,"""
    overdue_most_days: int = 91
    """and at the latest after so many."""
    messages_count: bool = False
    """Whether an e-mail or a voicemail counts as a contact."""

    def __post_init__(self) -> None:
        within(self, "attempts_that_settle", least=1, most=20)
        within(self, "overdue_after_pct", least=0, most=100)
        within(self, "overdue_least_days", least=1)
        within(self, "overdue_most_days", most=366)
        if self.overdue_least_days > self.overdue_most_days:
            raise RuleBookError(RuleProblem.NOT_ABOVE, "overdue_most_days", "overdue_least_days")
        keys = [each.key for each in self.services]
        for key in keys:
            if keys.count(key) > 1:
                raise RuleBookError(RuleProblem.WRONG_KIND, "services", key)
        for each in self.services:
            for other in each.counts_for:
                if other not in keys or each.key in self._reached_from(other):
                    raise RuleBookError(RuleProblem.WRONG_KIND, f"{each.key}.counts_for", other)

    def __hash__(self) -> int:
        return self._hash

    def find(self, key: str) -> Service | None:
        """Return the service with a key."""
        return self._by_key.get(key)

    def counting_for(self, key: str) -> tuple[Service, ...]:
        """List the services whose delivery counts for this one."""
        return self._counting.get(key, ())

    def keys_counting_for(self, key: str) -> list[str]:
        """List the same by key."""
        return [each.key for each in self.counting_for(key)]

    def overdue_days_of(self, per_year: Decimal) -> int:
        """Return how many days after its due day a service is overdue, so often a year."""
        days = _part_of_interval(self.overdue_after_pct, per_year)
        return min(max(days, self.overdue_least_days), self.overdue_most_days)

    def advisor_hours_of(self, tier: Tier) -> Decimal:
        """Return the advisor's planned hours a year for one client of a tier."""
        return sum((s.advisor_hours * s.for_tier(tier) for s in self.services), Decimal(0))

    def staff_hours_of(self, tier: Tier) -> Decimal:
        """Return others' planned hours a year for one client of a tier."""
        return sum((s.staff_hours * s.for_tier(tier) for s in self.services), Decimal(0))

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(getattr(self, each.name) for each in fields(self)))

    @cached_property
    def _by_key(self) -> dict[str, Service]:
        return {each.key: each for each in self.services}

    @cached_property
    def _counting(self) -> dict[str, tuple[Service, ...]]:
        return {
            key: tuple(each for each in self.services if key in each.counts_for)
            for key in self._by_key
        }

    def _reached_from(self, key: str) -> set[str]:
        """Follow what counts for what: a service that counted for itself would owe nothing."""
        reached, ahead = set[str](), [key]
        while ahead:
            each = ahead.pop()
            if each not in reached:
                reached.add(each)
                found = self.find(each)
                ahead += found.counts_for if found else ()
        return reached


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityRules:
    """What an advisor can do in a year, and when hours and revenue do not fit together (ours)."""

    client_hours_per_year: Decimal = Decimal(1000)
    """Hours a year that an advisor has for clients."""
    growth_reserve_pct: Decimal = Decimal(10)
    """Part of it kept free for growth, per cent."""
    mismatch_above: Decimal = Decimal("1.5")
    """Share of hours ÷ share of revenue above which a tier takes too much."""
    mismatch_below: Decimal = Decimal("0.67")
    """Share of hours ÷ share of revenue below which a tier gets too little."""
    equal_service_within_pct: Decimal = Decimal(10)
    """Deliveries per client that differ by less, per cent: everybody gets the same service."""

    def __post_init__(self) -> None:
        within(self, "client_hours_per_year", above=0, most=8760)
        within(self, "growth_reserve_pct", least=0, most=99)
        within(self, "mismatch_above", least=1)
        within(self, "mismatch_below", least=0, most=1)
        within(self, "equal_service_within_pct", least=0, most=100)


def _listed(values: tuple[object, ...]) -> str:
    return ", ".join(map(str, values))
