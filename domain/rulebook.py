"""The rule book: every criterion, cut-off and limit as one dated, versioned value.

Source and unit stand beside each number. *ours* marks a default of this product that neither of
the two published methods gives.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from domain.errors import RuleBookError
from domain.model import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class TierCutoffs:
    """Revenue per year from which a tier begins; a value on a cut-off is in the higher tier.

    The tiers are Commonwealth's; the amounts are ours, between those of several practices that
    publish theirs (15k/8k/3k, 11k/5k/1.5k, 10k/5k/2k).
    """

    a_plus_from_revenue: Decimal = Decimal(15_000)
    a_from_revenue: Decimal = Decimal(8_000)
    b_from_revenue: Decimal = Decimal(3_000)

    def __post_init__(self) -> None:
        if not self.a_plus_from_revenue > self.a_from_revenue > self.b_from_revenue > 0:
            raise RuleBookError("cut-offs must fall from A+ over A to B and stay above zero")

    def descending(self) -> tuple[tuple[Tier, Decimal], ...]:
        """List the revenue tiers with their cut-offs, the highest first."""
        return (
            (Tier.A_PLUS, self.a_plus_from_revenue),
            (Tier.A, self.a_from_revenue),
            (Tier.B, self.b_from_revenue),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategicLimits:
    """When known figures alone make a client strategic (ours; the criteria are Commonwealth's)."""

    well_paid_from_income: Decimal = Decimal(80_000)
    """Income per year from which a high saving rate counts as "well paid"."""
    saver_from_rate_pct: Decimal = Decimal(20)
    """Saved part of the income, per cent."""
    owner_from_business_share_pct: Decimal = Decimal(50)
    """Part of the net worth that lies in the own business, per cent."""
    henry_from_income: Decimal = Decimal(150_000)
    """Income per year of a high earner who is not rich yet (HENRY)."""
    henry_below_wallet: Decimal = Decimal(250_000)
    """Wallet under which a high earner is not rich yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideLimits:
    """Where an axis of the matrix is high and where low; between them the last side is kept."""

    high_from: Decimal
    low_under: Decimal
    first_high_from: Decimal
    """Between the limits and with no last side, high begins here."""

    def __post_init__(self) -> None:
        if not 0 <= self.low_under <= self.first_high_from <= self.high_from <= 100:
            raise RuleBookError("limits must rise from low over first to high within 0 and 100")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixLimits:
    """The four fields' limits (ours; the matrix is maix-analytics')."""

    satisfaction: SideLimits = SideLimits(
        high_from=Decimal(70), low_under=Decimal(60), first_high_from=Decimal(65)
    )
    """Satisfaction index, 0 to 100."""
    share: SideLimits = SideLimits(
        high_from=Decimal(50), low_under=Decimal(45), first_high_from=Decimal(50)
    )
    """Share of wallet, per cent."""
    fresh_months: int = 12
    """Up to this age a value is fresh."""
    usable_months: int = 18
    """Up to this age a value is old but used, marked; after it, unknown."""
    own_rate_from_share_pct: Decimal = Decimal(5)
    """Under this share a client's own revenue rate means nothing; the book's median stands in."""
    managed_is_revenue: bool = False
    """For sales teams: what is managed is the yearly sales, and the revenue rate is 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRules:
    """How many names of each field the weekly list has (ours)."""

    names: int = 7
    grow: int = 3
    fix: int = 2
    move: int = 1
    model: int = 1

    def __post_init__(self) -> None:
        if min(self.names, self.grow, self.fix, self.move, self.model) < 0:
            raise RuleBookError("the weekly list cannot have fewer than no names")
        if self.grow + self.fix + self.move + self.model > self.names:
            raise RuleBookError("the fields' names exceed the weekly list's")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """One version of a firm's rules; every decision shown names it."""

    version: int = 1
    valid_from: date = date(2026, 1, 1)
    cutoffs: TierCutoffs = field(default_factory=TierCutoffs)
    strategic: StrategicLimits = field(default_factory=StrategicLimits)
    matrix: MatrixLimits = field(default_factory=MatrixLimits)
    digest: DigestRules = field(default_factory=DigestRules)


def to_plain(rules: RuleBook) -> dict[str, Any]:
    """Write a rule book as plain values (numbers as text, so that no cent is lost)."""
    return {name: _plain(value) for name, value in asdict(rules).items()}


def from_plain(plain: Mapping[str, Any]) -> RuleBook:
    """Read a rule book back from `to_plain`; unknown names are an error, missing ones default."""
    full = _filled(plain, to_plain(RuleBook()))
    matrix = full["matrix"]
    sides = {axis: SideLimits(**_decimals(matrix[axis])) for axis in ("satisfaction", "share")}
    own_rate_from = Decimal(matrix["own_rate_from_share_pct"])
    return RuleBook(
        version=int(full["version"]),
        valid_from=date.fromisoformat(full["valid_from"]),
        cutoffs=TierCutoffs(**_decimals(full["cutoffs"])),
        strategic=StrategicLimits(**_decimals(full["strategic"])),
        matrix=MatrixLimits(**{**matrix, **sides, "own_rate_from_share_pct": own_rate_from}),
        digest=DigestRules(**full["digest"]),
    )


def _filled(plain: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what is missing from the defaults, at each depth."""
    if unknown := sorted(plain.keys() - defaults.keys()):
        raise RuleBookError(f"a rule book has no {', '.join(unknown)}")
    return {
        name: _filled(plain.get(name, {}), default)
        if isinstance(default, dict)
        else plain.get(name, default)
        for name, default in defaults.items()
    }


def _decimals(plain: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in plain.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
