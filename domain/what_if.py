"""What a change of rules does to a book, before it is saved: who moves, and how much revenue."""

from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from domain.book import BookFrames, place_book
from domain.model import NOT_PLACED, Quadrant, Tier
from domain.rulebook import MatrixMode, RuleBook, TierMethod

FIRST = 5
"""So many clients of a move are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Clients that go from one tier or field to another; None: not placed."""

    before: str | None
    after: str | None
    clients: int
    revenue_cents: int
    first: tuple[int, ...]
    """Ids of those with the highest revenue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What changing the rules does to the present clients of a book, the largest move first."""

    clients: int
    moved: int
    """Clients whose tier or field changes."""
    tiers: tuple[Move, ...]
    fields: tuple[Move, ...]
    tiers_before: dict[str, int]
    tiers_after: dict[str, int]
    fields_before: dict[str, int]
    fields_after: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Where each method would put a book's clients, and who moves against the method in force."""

    counts: dict[TierMethod, dict[str, int]]
    moves: dict[TierMethod, tuple[Move, ...]]


def effect_of(before: RuleBook, after: RuleBook, book: BookFrames, *, today: date) -> Effect:
    """Say which clients of a firm change tier or field, with overrides in force."""
    old, new = (place_book(book, rules, today=today) for rules in (before, after))
    tiers, fields = _differs(old["tier"], new["tier"]), _differs(old["quadrant"], new["quadrant"])
    return Effect(
        clients=len(old),
        moved=int((tiers | fields).sum()),
        tiers=moves_between(old["tier"], new["tier"], old["revenue_cents"]),
        fields=moves_between(old["quadrant"], new["quadrant"], old["revenue_cents"]),
        tiers_before=_counts(old["tier"], before.method.tiers),
        tiers_after=_counts(new["tier"], after.method.tiers),
        fields_before=_counts(old["quadrant"], tuple(Quadrant)),
        fields_after=_counts(new["quadrant"], tuple(Quadrant)),
    )


def compare(book: BookFrames, rules: RuleBook, *, today: date) -> Comparison:
    """Give a book its tiers by every method, overrides aside."""
    placed = {
        method: place_book(book, replace(rules, method=method), today=today)
        for method in TierMethod
    }
    own = placed[rules.method]
    return Comparison(
        counts={m: _counts(frame["computed_tier"], m.tiers) for m, frame in placed.items()},
        moves={
            m: moves_between(own["computed_tier"], frame["computed_tier"], own["revenue_cents"])
            for m, frame in placed.items()
            if m is not rules.method
        },
    )


def field_split(
    book: BookFrames, rules: RuleBook, *, today: date
) -> dict[MatrixMode, dict[str, int]]:
    """Count a book's clients by field, with fixed limits and with the firm's medians."""
    split = {}
    for mode in MatrixMode:
        by_mode = replace(rules, matrix=replace(rules.matrix, mode=mode))
        placed = place_book(book, by_mode, today=today)
        split[mode] = _counts(placed["quadrant"], tuple(Quadrant))
    return split


def _counts(places: pd.Series, expected: tuple[Tier, ...] | tuple[Quadrant, ...]) -> dict[str, int]:
    """Count clients by place: those a rule gives, and what else there is."""
    found = places.value_counts()
    counts = {each.value: int(found.get(each.value, 0)) for each in expected}
    others = {str(each): int(n) for each, n in found.items() if n and str(each) not in counts}
    return {**counts, **others, NOT_PLACED: int(places.isna().sum())}


def _differs(before: pd.Series, after: pd.Series) -> pd.Series:
    return before.cat.codes != after.cat.codes


def moves_between(before: pd.Series, after: pd.Series, revenue: pd.Series) -> tuple[Move, ...]:
    """Group who is elsewhere than before, indexed by client, by from where to where."""
    moved = pd.DataFrame(
        {"before": before.cat.codes, "after": after.cat.codes, "cents": revenue.fillna(0)}
    )[_differs(before, after)]
    moved = moved.reset_index(names="client_id").sort_values(
        ["cents", "client_id"], ascending=[False, True]
    )
    found = [
        Move(
            before=_name(before, rows["before"]),
            after=_name(after, rows["after"]),
            clients=len(rows),
            revenue_cents=int(rows["cents"].sum()),
            first=tuple(int(each) for each in rows["client_id"].head(FIRST)),
        )
        for _, rows in moved.groupby(["before", "after"], sort=False)
    ]
    return tuple(
        sorted(found, key=lambda m: (-m.revenue_cents, -m.clients, m.before or "", m.after or ""))
    )


def _name(places: pd.Series, codes: pd.Series) -> str | None:
    code = int(codes.iloc[0])
    return None if code < 0 else str(places.cat.categories[code])
