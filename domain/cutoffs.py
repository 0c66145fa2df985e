"""Limits that depend on the firm's other clients: places in a ranking, and medians.

They are computed once for a firm (`book.cutoffs_of`, or `rank_rungs` of its revenues) and handed to
the readers, so that placing one client stays pure. Former clients do not count.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from domain.model import Tier
from domain.rulebook import (
    Ladder,
    MatrixLimits,
    MatrixMode,
    PercentileCutoffs,
    RuleBook,
    SideLimits,
    TierMethod,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Where a tier begins, and under which amount a client of it falls to which other one."""

    tier: Tier
    begins_at: Decimal
    keeps_from: Decimal | None
    """None: no loss makes a client fall."""
    falls_to: Tier | None
    """None: below the tiers by amount."""
    top_pct: Decimal | None = None
    """In a ranking: how much of it lies within this tier and those above, per cent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookCutoffs:
    """What a rule book leaves to the firm's own clients, as of one day."""

    rungs: tuple[Rung, ...] = ()
    """By percentiles; empty where no revenue is known."""
    satisfaction: SideLimits | None = None
    share: SideLimits | None = None
    """By median; None where nobody is placed, and the fixed limits hold."""


def rungs_of(rules: RuleBook, cutoffs: BookCutoffs | None) -> tuple[Rung, ...]:
    """Return the tiers by amount with their limits in force, the highest first."""
    if rules.method is TierMethod.PERCENTILE:
        return _needed(cutoffs).rungs
    if rules.method.is_plain:
        return _fixed(rules.abcd.descending(rules.method))
    return _fixed(rules.cutoffs.descending())


def sides_in_force(limits: MatrixLimits, cutoffs: BookCutoffs | None) -> MatrixLimits:
    """Return the matrix' limits with the medians in their place, if the rule book asks for them."""
    if limits.mode is MatrixMode.ABSOLUTE:
        return limits
    medians = _needed(cutoffs)
    return replace(
        limits,
        satisfaction=medians.satisfaction or limits.satisfaction,
        share=medians.share or limits.share,
    )


def rank_rungs(revenues: Sequence[Decimal], percentiles: PercentileCutoffs) -> tuple[Rung, ...]:
    """Return where the tiers begin in a ranking: each takes its first ceil(p × n), ties included.

    `revenues` are those of all present clients with a known one, in any order.
    """
    ranking = sorted(revenues, reverse=True)
    if not ranking:
        return ()
    ends = [
        (tier, pct, min(math.ceil(pct * len(ranking) / 100), len(ranking)))
        for tier, pct in percentiles.so_far()
    ]
    rungs = []
    for tier, pct, end in ends:
        # Who falls under the first revenue after the tier's end has as many before himself as
        # the tier has places.
        keeps_from = ranking[end] if end < len(ranking) and ranking[end] > 0 else None
        before = sum(each >= keeps_from for each in ranking) - 1 if keeps_from is not None else 0
        falls_to = next((lower for lower, _, places in ends if places > before), None)
        rungs.append(
            Rung(
                tier=tier,
                begins_at=ranking[end - 1],
                keeps_from=keeps_from,
                falls_to=falls_to,
                top_pct=pct,
            )
        )
    return tuple(rungs)


def median_sides(median: Decimal, band: Decimal) -> SideLimits:
    """Return the limits around a median: high from the upper end of the band, low under the lower.

    Without a last side the median itself decides. Limits stay within 0 and 100.
    """
    return SideLimits(
        high_from=min(median + band, Decimal(100)),
        low_under=max(median - band, Decimal(0)),
        first_high_from=median,
    )


def _fixed(ladder: Ladder) -> tuple[Rung, ...]:
    lower = [tier for tier, _ in ladder[1:]]
    return tuple(
        Rung(tier=tier, begins_at=amount, keeps_from=amount, falls_to=next_lower)
        for (tier, amount), next_lower in zip(ladder, [*lower, None], strict=True)
    )


def _needed(cutoffs: BookCutoffs | None) -> BookCutoffs:
    if cutoffs is None:
        raise ValueError("this rule book's limits depend on the firm's clients: pass its cutoffs")
    return cutoffs
