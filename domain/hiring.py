"""Shall we hire? Full cost against the revenue handed over and the hours needed, and what else.

Source: Commonwealth (a service advisor for part of the book; cut, hand over, end, raise the client
minimum). The sum, its answer and the figures beside the alternatives are ours. Money and hours are
per year; what a person costs is entered by whoever asks, there is no default for it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.capacity import (
    ZERO,
    Hours,
    Load,
    Utilisation,
    Workload,
    at_floor,
    hours_of,
    utilisation_of,
)
from domain.errors import DomainError
from domain.model import Tier
from domain.priorities import Assessment
from domain.rulebook import RuleBook
from domain.service_model import Clock


class TermsProblem(StrEnum):
    """What of the terms of a hiring sum cannot be."""

    PAY = "pay"
    ON_COST = "on_cost"
    WORKPLACE = "workplace"
    HOURS = "hours"
    NOBODY = "nobody"
    """No client is in the part to be handed over."""


class HireTermsError(DomainError):
    """A hiring sum that cannot be done; `problem` names the figure."""

    def __init__(self, problem: TermsProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class HireTerms:
    """What is asked: the part of the book, what the person costs, what freed time is worth."""

    pay: Decimal
    """Gross pay a year."""
    on_cost_factor: Decimal
    """Pay × factor is what the employer pays, 1.15 for 15 % on top."""
    workplace: Decimal
    """Desk, licences, training a year."""
    tiers: tuple[Tier, ...] = ()
    """Whom to hand over; none: the lower half by revenue."""
    refill: Tier = Tier.A
    """The tier whose revenue per hour a freed hour would bring."""
    goal_hours: Decimal | None = None
    """Hours the advisor wants freed; None: until the growth reserve is whole again."""

    def __post_init__(self) -> None:
        if self.pay <= 0:
            raise HireTermsError(TermsProblem.PAY)
        if not 1 <= self.on_cost_factor <= 5:
            raise HireTermsError(TermsProblem.ON_COST)
        if self.workplace < 0:
            raise HireTermsError(TermsProblem.WORKPLACE)
        if self.goal_hours is not None and self.goal_hours < 0:
            raise HireTermsError(TermsProblem.HOURS)

    @property
    def cost(self) -> Decimal:
        """Return the full cost."""
        return self.pay * self.on_cost_factor + self.workplace


class Verdict(StrEnum):
    """The answer: a part pays for the person, and one person can serve it, or not."""

    YES = "yes"
    COSTS_MORE = "costs_more"
    """than the part brings."""
    TOO_MANY_HOURS = "too_many_hours"
    """for one person."""
    BOTH = "both"


class Way(StrEnum):
    """What can be done instead of hiring."""

    CUT = "cut"
    """Serve the lowest tier at its floor."""
    HAND_OVER = "hand_over"
    """Give the lowest tier to a junior advisor."""
    END = "end"
    """End the lowest tier's relationships."""
    RAISE_MINIMUM = "raise_minimum"
    """Ask clients under the client minimum for it, and part with those who decline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One thing that can be done instead: the hours it frees, the money at stake."""

    way: Way
    clients: int
    freed: Decimal
    """Hours of the advisor."""
    freed_at_most: Decimal
    """If clients of the lowest tier also stop calling; else the same."""
    at_stake: Decimal
    """Revenue of the clients concerned."""
    gain: Decimal
    """Revenue more, if all of them agree."""
    after: Utilisation
    """The advisor's year then."""
    reaches_goal: bool
    """The goal of time is reached by the hours that are ours to free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HireAnswer:
    """The sum, its answer, and what stands beside it."""

    terms: HireTerms
    part: Load
    cost: Decimal
    margin: Decimal
    """Revenue handed over minus cost; negative: no."""
    break_even_pay: Decimal
    """Pay at which cost and revenue handed over are the same."""
    verdict: Verdict
    person_hours: Decimal
    """Hours a year that the person has for clients."""
    before: Utilisation
    after: Utilisation
    refill_rate: Decimal | None
    """Revenue per hour of the refill tier; None where it has none."""
    refill_value: Decimal | None
    """What the freed hours would bring at it: beside the answer, not in it."""
    goal_hours: Decimal
    alternatives: tuple[Alternative, ...]

    @property
    def freed(self) -> Decimal:
        """Return the advisor's hours that handing the part over frees."""
        return self.part.planned.advisor

    @property
    def reaches_goal(self) -> bool:
        """Tell whether handing the part over frees as much time as wanted."""
        return self.freed >= self.goal_hours


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderMinimum:
    """Clients of the lowest tier whose revenue is known and under the client minimum."""

    clients: int
    revenue: Decimal
    minimum: Decimal


def under_minimum(
    book: Iterable[Assessment], rules: RuleBook, *, minimum: Decimal | None = None
) -> UnderMinimum:
    """Find whom a client minimum concerns: S and L are kept for other reasons than revenue."""
    least = rules.acceptance.minimum_revenue if minimum is None else minimum
    found = [
        each.client.revenue
        for each in book
        if each.tier.tier is lowest_tier(rules)
        and each.client.revenue is not None
        and each.client.revenue < least
    ]
    return UnderMinimum(clients=len(found), revenue=sum(found, ZERO), minimum=least)


def lowest_tier(rules: RuleBook) -> Tier:
    """Return the tier that gets least: N, or D of the plain scheme."""
    return rules.method.tiers[-1]


def shall_we_hire(
    load: Workload,
    terms: HireTerms,
    under: UnderMinimum,
    rules: RuleBook,
    *,
    advisors: int = 1,
) -> HireAnswer:
    """Work out whether to hire somebody for part of a book, and what else could be done.

    Raises HireTermsError where the part is empty.
    """
    part = load.of(terms.tiers) if terms.tiers else load.lower_half
    if not part.clients:
        raise HireTermsError(TermsProblem.NOBODY)
    refill = load.tiers.get(terms.refill)
    rate = refill.revenue_per_hour if refill else None
    before = utilisation_of(load.total.planned.advisor, rules.capacity, advisors=advisors)
    after = utilisation_of(before.needed - part.planned.advisor, rules.capacity, advisors=advisors)
    goal = before.over if terms.goal_hours is None else terms.goal_hours
    person_hours = rules.capacity.client_hours_per_year
    margin = part.revenue - terms.cost
    return HireAnswer(
        terms=terms,
        part=part,
        cost=terms.cost,
        margin=margin,
        break_even_pay=(part.revenue - terms.workplace) / terms.on_cost_factor,
        verdict=_verdict(margin, part.planned, person_hours),
        person_hours=person_hours,
        before=before,
        after=after,
        refill_rate=rate,
        refill_value=None if rate is None else part.planned.advisor * rate,
        goal_hours=goal,
        alternatives=tuple(_alternatives(load, under, rules, goal=goal, advisors=advisors)),
    )


def _verdict(margin: Decimal, needed: Hours, person_hours: Decimal) -> Verdict:
    costs_more, takes_more = margin < 0, needed.total > person_hours
    if costs_more and takes_more:
        return Verdict.BOTH
    if costs_more:
        return Verdict.COSTS_MORE
    return Verdict.TOO_MANY_HOURS if takes_more else Verdict.YES


def _alternatives(
    load: Workload, under: UnderMinimum, rules: RuleBook, *, goal: Decimal, advisors: int
) -> Iterator[Alternative]:
    tier = lowest_tier(rules)
    lowest, each = load.tiers[tier], hours_of(rules.services, tier).advisor
    whole, less = (
        each * lowest.clients,
        each - hours_of(at_floor(rules.services, tier), tier).advisor,
    )
    calls = _never_due_hours(rules, tier) * lowest.clients
    missing = under.minimum * under.clients - under.revenue
    for way, clients, freed, more, at_stake, gain in (
        (Way.CUT, lowest.clients, less * lowest.clients, calls, lowest.revenue, ZERO),
        (Way.HAND_OVER, lowest.clients, whole, ZERO, lowest.revenue, ZERO),
        (Way.END, lowest.clients, whole, ZERO, lowest.revenue, ZERO),
        (Way.RAISE_MINIMUM, under.clients, each * under.clients, ZERO, under.revenue, missing),
    ):
        needed = load.total.planned.advisor - freed
        yield Alternative(
            way=way,
            clients=clients,
            freed=freed,
            freed_at_most=freed + more,
            at_stake=at_stake,
            gain=gain,
            after=utilisation_of(needed, rules.capacity, advisors=advisors),
            reaches_goal=freed >= goal,
        )


def _never_due_hours(rules: RuleBook, tier: Tier) -> Decimal:
    """Return the advisor's hours per client for what is planned but never due, such as calls."""
    return sum(
        (
            each.advisor_hours * each.for_tier(tier)
            for each in rules.services.services
            if each.clock is Clock.NEVER
        ),
        ZERO,
    )
