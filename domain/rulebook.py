"""The rule book: every criterion, cut-off and limit as one dated, versioned value.

Source and unit stand beside each number. *ours* marks a default of this product that neither of
the two published methods gives. `rulefile` writes and reads it.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.errors import RuleBookError, RuleProblem
from domain.limits import falling, within
from domain.model import ABSLN, PLAIN, Tier
from domain.service_model import CapacityRules, ServiceModel


class TierMethod(StrEnum):
    """How a client gets its tier; practices differ (Commonwealth)."""

    ABSOLUTE = "absolute"
    """ABSLN, A+, A and B by revenue cut-offs."""
    PERCENTILE = "percentile"
    """ABSLN, A+, A and B by the place in the ranking of the firm's clients by revenue."""
    PLAIN_REVENUE = "abcd_revenue"
    """Plain A, B, C, D by revenue."""
    PLAIN_MANAGED = "abcd_managed"
    """Plain A, B, C, D by what is managed (assets under management)."""

    @property
    def is_plain(self) -> bool:
        """Tell whether the tiers are A, B, C, D."""
        return self in (TierMethod.PLAIN_REVENUE, TierMethod.PLAIN_MANAGED)

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """List the tiers that the method gives."""
        return PLAIN if self.is_plain else ABSLN


class MatrixMode(StrEnum):
    """What high and low on the matrix' axes are measured by."""

    ABSOLUTE = "absolute"
    MEDIAN = "median"
    """The median of the firm's placed clients, with a band."""


Ladder = tuple[tuple[Tier, Decimal], ...]
"""Tiers with the amounts they begin at, the highest first."""


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
        falling(self, "a_plus_from_revenue", "a_from_revenue", "b_from_revenue")
        within(self, "b_from_revenue", above=0)

    def descending(self) -> Ladder:
        """List the revenue tiers with their cut-offs, the highest first."""
        return (
            (Tier.A_PLUS, self.a_plus_from_revenue),
            (Tier.A, self.a_from_revenue),
            (Tier.B, self.b_from_revenue),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentileCutoffs:
    """How much of the firm's ranking by revenue a tier takes, per cent (ours)."""

    a_plus_top_pct: Decimal = Decimal(5)
    a_next_pct: Decimal = Decimal(15)
    b_next_pct: Decimal = Decimal(30)

    def __post_init__(self) -> None:
        for name in ("a_plus_top_pct", "a_next_pct", "b_next_pct"):
            within(self, name, above=0, most=100)
        if self.a_plus_top_pct + self.a_next_pct + self.b_next_pct > 100:
            raise RuleBookError(RuleProblem.TOO_MUCH, "b_next_pct", "a_next_pct")

    def so_far(self) -> Ladder:
        """List the revenue tiers with the part of the ranking down to their end, per cent."""
        a = self.a_plus_top_pct + self.a_next_pct
        return (
            (Tier.A_PLUS, self.a_plus_top_pct),
            (Tier.A, a),
            (Tier.B, a + self.b_next_pct),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainCutoffs:
    """Where A, B and C begin in the plain scheme; the rest is D (ours, to be set by the firm)."""

    a_from_revenue: Decimal = Decimal(10_000)
    b_from_revenue: Decimal = Decimal(5_000)
    c_from_revenue: Decimal = Decimal(2_000)
    a_from_managed: Decimal = Decimal(1_000_000)
    b_from_managed: Decimal = Decimal(500_000)
    c_from_managed: Decimal = Decimal(250_000)

    def __post_init__(self) -> None:
        for measure in ("revenue", "managed"):
            falling(self, *(f"{tier}_from_{measure}" for tier in "abc"))
            within(self, f"c_from_{measure}", above=0)

    def descending(self, method: TierMethod) -> Ladder:
        """List A, B and C with their cut-offs, the highest first."""
        if method is TierMethod.PLAIN_MANAGED:
            amounts = (self.a_from_managed, self.b_from_managed, self.c_from_managed)
        else:
            amounts = (self.a_from_revenue, self.b_from_revenue, self.c_from_revenue)
        return tuple(zip(PLAIN, amounts, strict=False))


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

    def __post_init__(self) -> None:
        for name in ("well_paid_from_income", "henry_from_income", "henry_below_wallet"):
            within(self, name, least=0)
        for name in ("saver_from_rate_pct", "owner_from_business_share_pct"):
            within(self, name, least=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideLimits:
    """Where an axis of the matrix is high and where low; between them the last side is kept."""

    high_from: Decimal
    low_under: Decimal
    first_high_from: Decimal
    """Between the limits and with no last side, high begins here."""

    def __post_init__(self) -> None:
        within(self, "high_from", least=0, most=100)
        within(self, "low_under", least=0, most=100)
        if self.low_under > self.first_high_from:
            raise RuleBookError(RuleProblem.NOT_ABOVE, "first_high_from", "low_under")
        if self.first_high_from > self.high_from:
            raise RuleBookError(RuleProblem.NOT_ABOVE, "high_from", "first_high_from")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixLimits:
    """The four fields' limits (ours; the matrix is maix-analytics')."""

    mode: MatrixMode = MatrixMode.ABSOLUTE
    """With the median, the limits below give way to the firm's own median ± `median_band`."""
    median_band: Decimal = Decimal(5)
    """Points above and below the median between which the last side is kept."""
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

    def __post_init__(self) -> None:
        within(self, "median_band", least=0, most=50)
        within(self, "own_rate_from_share_pct", least=0, most=100)
        within(self, "fresh_months", least=0)
        within(self, "usable_months", least=0, most=1200)
        if self.fresh_months > self.usable_months:
            raise RuleBookError(RuleProblem.NOT_ABOVE, "usable_months", "fresh_months")


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationRules:
    """Which use of a strong relation is suggested in MODEL (ours)."""

    referrer_from_referrals: int = 1
    """Who has given so many referrals is asked for the next one."""
    reference_from_trust: int = 4
    """Who trusts us so much, of 5, is asked for a reference; under it we ask and learn."""

    def __post_init__(self) -> None:
        within(self, "referrer_from_referrals", least=1)
        within(self, "reference_from_trust", least=1, most=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceRules:
    """Whom the firm takes on: criteria Commonwealth's, amounts ours (those of tiers B and A)."""

    minimum_revenue: Decimal = Decimal(3_000)
    """Expected revenue per year under which a new client gets a warning."""
    ideal_revenue: Decimal = Decimal(8_000)
    """Expected revenue per year of an ideal client."""
    new_for_months: int = 12
    """So long after she came a client counts as new, and is held against the criteria."""

    def __post_init__(self) -> None:
        within(self, "minimum_revenue", least=0)
        within(self, "new_for_months", least=0, most=120)
        if self.ideal_revenue < self.minimum_revenue:
            raise RuleBookError(RuleProblem.NOT_ABOVE, "ideal_revenue", "minimum_revenue")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRules:
    """When decisions come up again (ours): what forms offer first, and what is listed ahead."""

    recheck_after_days: int = 182
    """The day to look again that a form offers."""
    override_for_days: int = 365
    """The last day that a form offers for a tier set by hand."""
    listed_ahead_days: int = 90
    """So long before their day strategic clients and tiers set by hand are listed."""

    def __post_init__(self) -> None:
        within(self, "recheck_after_days", least=1, most=3660)
        within(self, "override_for_days", least=1, most=3660)
        within(self, "listed_ahead_days", least=0, most=3660)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRules:
    """How many names of each field the weekly list has (ours)."""

    names: int = 7
    """At most ten: with their buttons more do not fit into one message (Slack: 50 blocks)."""
    grow: int = 3
    fix: int = 2
    move: int = 1
    model: int = 1

    def __post_init__(self) -> None:
        for name in ("names", "grow", "fix", "move", "model"):
            within(self, name, least=0, most=10)
        if self.grow + self.fix + self.move + self.model > self.names:
            raise RuleBookError(RuleProblem.TOO_MUCH, "grow", "names")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """One version of a firm's rules; every decision shown names it."""

    version: int = 1
    valid_from: date = date(2026, 1, 1)
    method: TierMethod = TierMethod.ABSOLUTE
    cutoffs: TierCutoffs = field(default_factory=TierCutoffs)
    percentiles: PercentileCutoffs = field(default_factory=PercentileCutoffs)
    abcd: PlainCutoffs = field(default_factory=PlainCutoffs)
    strategic: StrategicLimits = field(default_factory=StrategicLimits)
    matrix: MatrixLimits = field(default_factory=MatrixLimits)
    relation: RelationRules = field(default_factory=RelationRules)
    acceptance: AcceptanceRules = field(default_factory=AcceptanceRules)
    decisions: DecisionRules = field(default_factory=DecisionRules)
    digest: DigestRules = field(default_factory=DigestRules)
    services: ServiceModel = field(default_factory=ServiceModel)
    capacity: CapacityRules = field(default_factory=CapacityRules)

    @property
    def asks_the_book(self) -> bool:
        """Tell whether a limit depends on the firm's other clients (see `cutoffs.BookCutoffs`)."""
        by_rank = self.method is TierMethod.PERCENTILE
        return by_rank or self.matrix.mode is MatrixMode.MEDIAN
