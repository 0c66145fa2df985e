"""The same figures for whole firms, over frames, and what a change of rules does to the hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd

from domain.book import BookFrames, place_book
from domain.capacity import (
    Cell,
    Hours,
    Utilisation,
    Workload,
    extra_hours,
    hours_of,
    times_owed,
    utilisation_of,
    workload_of,
)
from domain.model import Quadrant, Tier
from domain.rulebook import RuleBook
from domain.service_history import ServiceOverride


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorKept:
    """A service that a tier would not get any more, and gets because of the floor."""

    tier: Tier
    service: str
    per_year: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityEffect:
    """What a change of rules does to the hours of a firm's advisors, before and after."""

    before: Workload
    after: Workload
    used_before: Utilisation
    used_after: Utilisation
    advisors: int
    touched: int
    """Clients who would be owed something else than now, or whose hours change."""
    floor: tuple[FloorKept, ...]
    """What may not be cut, for the tiers that have clients."""

    @property
    def freed(self) -> Hours:
        """Return the hours freed; negative: more are needed."""
        return self.before.total.planned - self.after.total.planned


def cells_in(placed: pd.DataFrame, *, extra: Mapping[int, Hours] | None = None) -> list[Cell]:
    """Count the clients of `place_book` by tier, field and half, as `capacity.cells_of` does.

    The halves are those of all clients in the frame together. `extra` are the few who have hours
    of their own, by id.
    """
    revenue = placed["revenue_cents"]
    known = np.flatnonzero(revenue.notna().to_numpy())
    cents = revenue.to_numpy(dtype=np.int64, na_value=0)
    order = known[np.lexsort((placed.index.to_numpy()[known], cents[known]))]
    lower = np.zeros(len(placed), dtype=bool)
    lower[order[: len(order) // 2]] = True
    frame = pd.DataFrame(
        {
            "tier": placed["tier"].cat.codes.to_numpy(),
            "quadrant": placed["quadrant"].cat.codes.to_numpy(),
            "lower": lower,
            "cents": cents,
            "known": revenue.notna().to_numpy(),
            "untapped": placed["untapped_cents"].to_numpy(dtype=np.int64, na_value=0),
        }
    )
    groups = frame.groupby(["tier", "quadrant", "lower"], as_index=False).agg(
        clients=("cents", "size"),
        cents=("cents", "sum"),
        known=("known", "sum"),
        untapped=("untapped", "sum"),
    )
    more = _extra_by_group(frame, placed.index, extra or {})
    tiers, quadrants = placed["tier"].cat.categories, placed["quadrant"].cat.categories
    return [
        Cell(
            tier=Tier(tiers[tier]) if tier >= 0 else None,
            quadrant=Quadrant(quadrants[quadrant]) if quadrant >= 0 else None,
            is_lower_half=bool(is_lower),
            clients=int(clients),
            revenue=Decimal(int(sum_cents)) / 100,
            revenue_known=int(priced),
            untapped=Decimal(int(sum_untapped)) / 100,
            extra=more.get((tier, quadrant, is_lower), Hours()),
        )
        for tier, quadrant, is_lower, clients, sum_cents, priced, sum_untapped in groups.itertuples(
            index=False
        )
    ]


def _extra_by_group(
    frame: pd.DataFrame, ids: pd.Index, extra: Mapping[int, Hours]
) -> dict[tuple[int, int, bool], Hours]:
    found: dict[tuple[int, int, bool], Hours] = {}
    for position, hours in zip(ids.get_indexer(pd.Index(list(extra))), extra.values(), strict=True):
        if position >= 0:
            row = frame.iloc[position]
            key = (int(row["tier"]), int(row["quadrant"]), bool(row["lower"]))
            found[key] = found.get(key, Hours()) + hours
    return found


def capacity_effect(
    before: RuleBook,
    after: RuleBook,
    book: BookFrames,
    *,
    today: date,
    overrides: Mapping[int, Sequence[ServiceOverride]] | None = None,
) -> CapacityEffect:
    """Say what a change of cut-offs, services or hours does to a firm's capacity.

    `overrides` are those of services in force, by client.
    """
    old, new = (place_book(book, rules, today=today) for rules in (before, after))
    loads = [
        workload_of(cells_in(p, extra=_extra(p, r, overrides or {}, today)), r)
        for p, r in ((old, before), (new, after))
    ]
    advisors = int(old["advisor_id"].nunique())
    used = [
        utilisation_of(load.total.planned.advisor, rules.capacity, advisors=max(advisors, 1))
        for load, rules in zip(loads, (before, after), strict=True)
    ]
    return CapacityEffect(
        before=loads[0],
        after=loads[1],
        used_before=used[0],
        used_after=used[1],
        advisors=advisors,
        touched=_touched(old["tier"], new["tier"], before, after),
        floor=_floor_kept(after, loads[1]),
    )


def _extra(
    placed: pd.DataFrame,
    rules: RuleBook,
    overrides: Mapping[int, Sequence[ServiceOverride]],
    today: date,
) -> dict[int, Hours]:
    tiers = placed["tier"].reindex(list(overrides))
    return {
        client_id: extra_hours(
            rules.services, None if pd.isna(tier) else Tier(tier), agreed, today=today
        )
        for tier, (client_id, agreed) in zip(tiers, overrides.items(), strict=True)
        if client_id in placed.index
    }


def _touched(old: pd.Series, new: pd.Series, before: RuleBook, after: RuleBook) -> int:
    """Count whose promises differ: each kind of promise gets a number, and numbers compare."""
    promises: dict[object, int] = {}

    def numbers(placed: pd.Series, rules: RuleBook) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        of_tier = [
            promises.setdefault(_promise(rules, Tier(tier)), len(promises))
            for tier in placed.cat.categories
        ]
        return np.array([*of_tier, -1])[placed.cat.codes.to_numpy()]

    return int((numbers(old, before) != numbers(new, after)).sum())


def _promise(rules: RuleBook, tier: Tier) -> object:
    owed = times_owed(rules.services, tier)
    hours = hours_of(rules.services, tier)
    return frozenset((key, times) for key, times in owed.items() if times), hours


def _floor_kept(rules: RuleBook, load: Workload) -> tuple[FloorKept, ...]:
    return tuple(
        FloorKept(tier=tier, service=each.key, per_year=owed[each.key])
        for tier, part in load.tiers.items()
        if part.clients
        for owed in (times_owed(rules.services, tier),)
        for each in rules.services.services
        if owed[each.key] > each.for_tier(tier)
    )
