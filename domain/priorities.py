"""Who comes first and what it is worth: untapped money, revenue at risk, the weekly list.

Source of the order: maix-analytics / AG Analytics (a simple priority list for every account
manager). Revenue at risk and the weekly list's make-up are ours. Money is per year, in the firm's
currency, rounded to the cent.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from statistics import median

from domain.cutoffs import BookCutoffs
from domain.model import Client, DecisionKind, Diagnosis, Quadrant, Tier
from domain.quadrants import (
    HUNDREDTH,
    Missing,
    QuadrantPlacement,
    ShareReading,
    quadrant_of,
    share_reading,
)
from domain.relations import RelationUse, relation_use
from domain.rulebook import MatrixLimits, RuleBook
from domain.segmentation import TierPlacement, tier_of


class Conflict(StrEnum):
    """Where tier and field pull in opposite directions; neither overwrites the other."""

    TOP_IN_FIX = "top_in_fix"
    TOP_IN_MOVE = "top_in_move"
    STRATEGIC_IN_MOVE = "strategic_in_move"
    NOT_IDEAL_IN_FIX = "not_ideal_in_fix"
    NOT_IDEAL_IN_GROW = "not_ideal_in_grow"


CONFLICTS = {
    (Tier.A_PLUS, Quadrant.FIX): Conflict.TOP_IN_FIX,
    (Tier.A_PLUS, Quadrant.MOVE): Conflict.TOP_IN_MOVE,
    (Tier.S, Quadrant.MOVE): Conflict.STRATEGIC_IN_MOVE,
    (Tier.N, Quadrant.FIX): Conflict.NOT_IDEAL_IN_FIX,
    (Tier.N, Quadrant.GROW): Conflict.NOT_IDEAL_IN_GROW,
}

SETTLES_MOVE = (DecisionKind.WATCH, DecisionKind.PRIORITISE, DecisionKind.HAND_OVER)
"""Decisions that answer what a client in MOVE asks; ending makes a former client instead."""
SETTLES_N = (DecisionKind.KEEP, DecisionKind.HAND_OVER, DecisionKind.END)
"""Decisions that answer what a client of tier N asks (Commonwealth)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Untapped:
    """Revenue a year that the money placed elsewhere would bring, at a revenue rate."""

    amount: Decimal
    elsewhere: Decimal
    """Wallet minus managed."""
    rate: Decimal
    """Revenue per unit of managed money."""
    is_estimate: bool
    """The book's median rate stands in for the client's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """All that the rules say of one client on one day."""

    client: Client
    tier: TierPlacement
    quadrant: QuadrantPlacement
    untapped: Untapped | None
    at_risk: Decimal | None
    conflict: Conflict | None
    awaits_decision: bool
    """In MOVE, with no decision that still stands."""
    awaits_tier_decision: bool
    """Of tier N, with no decision that still stands."""
    relation_use: RelationUse | None
    """In MODEL: what the relation is good for, where trust or referrals are known."""
    diagnosis: Diagnosis | None
    """In FIX: the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Priorities:
    """A book's clients by field, each field in its own order, and who is not placed."""

    grow: tuple[Assessment, ...]
    fix: tuple[Assessment, ...]
    move: tuple[Assessment, ...]
    model: tuple[Assessment, ...]
    not_placed: tuple[Assessment, ...]

    def of(self, quadrant: Quadrant) -> tuple[Assessment, ...]:
        """Return the clients of a field in its order."""
        fields = {
            Quadrant.GROW: self.grow,
            Quadrant.FIX: self.fix,
            Quadrant.MOVE: self.move,
            Quadrant.MODEL: self.model,
        }
        return fields[quadrant]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyList:
    """The names of the week, how many more ask for attention, and the one missing answer."""

    names: tuple[Assessment, ...]
    more: int
    ask: Assessment | None


def own_rate(client: Client, share: ShareReading, limits: MatrixLimits) -> Decimal | None:
    """Return the client's revenue per unit managed, or None where it means nothing."""
    if limits.managed_is_revenue:
        return Decimal(1)
    too_little = share.share_pct < limits.own_rate_from_share_pct
    if client.revenue is None or not share.managed or too_little:
        return None
    return client.revenue / share.managed


def median_rate(clients: Iterable[Client], rules: RuleBook, *, today: date) -> Decimal | None:
    """Return the median revenue rate of a book's present clients, None where no rate is known."""
    rates = []
    for client in clients:
        if client.is_former_on(today):
            continue
        share = share_reading(client, rules.matrix, today=today)
        if isinstance(share, Missing):
            continue
        rate = own_rate(client, share, rules.matrix)
        if rate is not None:
            rates.append(rate)
    return median(rates) if rates else None


def untapped_money(
    client: Client, share: ShareReading, limits: MatrixLimits, *, book_rate: Decimal | None
) -> Untapped | None:
    """Return (wallet - managed) × revenue rate; None where an amount or any rate is unknown."""
    if share.wallet is None or share.managed is None:
        return None
    own = own_rate(client, share, limits)
    rate = own if own is not None else book_rate
    if rate is None:
        return None
    elsewhere = share.wallet - share.managed
    return Untapped(
        amount=_cents(elsewhere * rate),
        elsewhere=_cents(elsewhere),
        rate=rate,
        is_estimate=own is None,
    )


def revenue_at_risk(revenue: Decimal, satisfaction_index: Decimal) -> Decimal:
    """Return revenue × (1 - satisfaction / 100)."""
    return _cents(revenue * (100 - satisfaction_index) / 100)


def assess(
    client: Client,
    rules: RuleBook,
    *,
    book_rate: Decimal | None,
    today: date,
    cutoffs: BookCutoffs | None = None,
) -> Assessment:
    """Say all that the rules say of a client; `book_rate` is `median_rate` of its book.

    `cutoffs` are the firm's, needed where the rule book asks for them.
    """
    tier = tier_of(client, rules, today=today, cutoffs=cutoffs)
    placement = quadrant_of(client, rules, today=today, cutoffs=cutoffs)
    satisfaction, share = placement.satisfaction, placement.share
    standing = {d.kind for d in client.decisions if d.settles_on(today)}
    field = placement.quadrant
    return Assessment(
        client=client,
        tier=tier,
        quadrant=placement,
        untapped=untapped_money(client, share, rules.matrix, book_rate=book_rate)
        if share
        else None,
        at_risk=revenue_at_risk(client.revenue, satisfaction.index)
        if satisfaction and client.revenue is not None
        else None,
        conflict=CONFLICTS.get((tier.tier, placement.quadrant))
        if tier.tier and placement.quadrant
        else None,
        awaits_decision=field is Quadrant.MOVE and standing.isdisjoint(SETTLES_MOVE),
        awaits_tier_decision=tier.tier is Tier.N and standing.isdisjoint(SETTLES_N),
        relation_use=relation_use(client, rules.relation, today=today)
        if field is Quadrant.MODEL
        else None,
        diagnosis=client.diagnosis_on(today) if field is Quadrant.FIX else None,
    )


def assess_book(
    clients: Sequence[Client],
    rules: RuleBook,
    *,
    today: date,
    cutoffs: BookCutoffs | None = None,
) -> list[Assessment]:
    """Assess the present clients of one advisor's book, in the order given."""
    rate = median_rate(clients, rules, today=today)
    return [
        assess(client, rules, book_rate=rate, today=today, cutoffs=cutoffs)
        for client in clients
        if not client.is_former_on(today)
    ]


def prioritise(assessments: Iterable[Assessment]) -> Priorities:
    """Order a book: GROW by untapped money, FIX by revenue at risk, the others by revenue.

    MOVE lists only who awaits a decision. Unknown amounts come last, ties go by name.
    """
    every = list(assessments)

    def field(quadrant: Quadrant) -> list[Assessment]:
        return [each for each in every if each.quadrant.quadrant is quadrant]

    return Priorities(
        grow=_ranked(field(Quadrant.GROW)),
        fix=_ranked(field(Quadrant.FIX)),
        move=_ranked(each for each in field(Quadrant.MOVE) if each.awaits_decision),
        model=_ranked(field(Quadrant.MODEL)),
        not_placed=_ranked(each for each in every if each.quadrant.quadrant is None),
    )


def money_at_stake(assessment: Assessment) -> Decimal | None:
    """Return the amount that ranks a client within its field."""
    if assessment.quadrant.quadrant is Quadrant.GROW:
        return assessment.untapped.amount if assessment.untapped else None
    if assessment.quadrant.quadrant is Quadrant.FIX:
        return assessment.at_risk
    return assessment.client.revenue


def weekly_list(
    priorities: Priorities, rules: RuleBook, *, quiet: Set[int] = frozenset()
) -> WeeklyList:
    """Choose the week's names: a few of each field, free places to the next GROW or FIX by money.

    GROW and FIX lead, then MOVE, then MODEL. `more` counts who of GROW, FIX and MOVE is left out.
    `quiet` are the ids of clients whose names stay away: somebody has seen to them.
    """
    shape, priorities = rules.digest, without(priorities, quiet)
    places = {
        Quadrant.GROW: shape.grow,
        Quadrant.FIX: shape.fix,
        Quadrant.MOVE: shape.move,
        Quadrant.MODEL: shape.model,
    }
    chosen = {quadrant: priorities.of(quadrant)[:count] for quadrant, count in places.items()}
    free = shape.names - sum(len(names) for names in chosen.values())
    waiting = _ranked(
        each
        for quadrant in (Quadrant.GROW, Quadrant.FIX)
        for each in priorities.of(quadrant)[places[quadrant] :]
    )[:free]
    for quadrant in (Quadrant.GROW, Quadrant.FIX):
        chosen[quadrant] += tuple(e for e in waiting if e.quadrant.quadrant is quadrant)
    asking = (Quadrant.GROW, Quadrant.FIX, Quadrant.MOVE)
    return WeeklyList(
        names=tuple(each for names in chosen.values() for each in names),
        more=sum(len(priorities.of(quadrant)) - len(chosen[quadrant]) for quadrant in asking),
        ask=next((e for e in priorities.not_placed if _answerable(e)), None),
    )


def without(priorities: Priorities, client_ids: Set[int]) -> Priorities:
    """Leave clients out of the fields; who is not placed stays."""

    def others(field: tuple[Assessment, ...]) -> tuple[Assessment, ...]:
        return tuple(each for each in field if each.client.client_id not in client_ids)

    return replace(
        priorities,
        grow=others(priorities.grow),
        fix=others(priorities.fix),
        move=others(priorities.move),
        model=others(priorities.model),
    )


def _answerable(assessment: Assessment) -> bool:
    """Tell whether one answer of the client would place it."""
    return len(assessment.quadrant.missing) == 1 and assessment.quadrant.missing[0] in (
        Missing.SATISFACTION,
        Missing.SATISFACTION_EXPIRED,
        Missing.WALLET,
        Missing.WALLET_EXPIRED,
    )


def _ranked(assessments: Iterable[Assessment]) -> tuple[Assessment, ...]:
    def order(each: Assessment) -> tuple[bool, Decimal, str, int]:
        amount = money_at_stake(each)
        return (amount is None, -(amount or Decimal(0)), each.client.name, each.client.client_id)

    return tuple(sorted(assessments, key=order))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(HUNDREDTH, rounding=ROUND_HALF_EVEN)
