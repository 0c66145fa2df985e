"""ABSLN: which tier a client is in, because of what, and what would change it.

Source: Commonwealth Financial Network, "Building a Client Segmentation and Service Model" (2023).
Revenue decides A+, A and B; below B a client is S, L or N by qualitative criteria, in that order.
A firm may take the plain A, B, C, D by revenue or by what is managed instead.
`book.place_book` reads the same rules over a whole book; a property test holds the two equal.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.cutoffs import BookCutoffs, Rung, rungs_of
from domain.model import Client, Criterion, LegacyTie, Override, StrategicCase, Tier, WalletSource
from domain.quadrants import managed_by
from domain.rulebook import RuleBook, StrategicLimits, TierMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueReason:
    """The client's revenue reaches a tier's cut-off, or misses the lowest one."""

    revenue: Decimal
    cutoff: Decimal
    reached: bool
    lowest: Tier = Tier.B
    """The lowest tier by revenue, where it is not reached."""
    top_pct: Decimal | None = None
    """By ranking: the cut-off is where this part of the firm's clients ends today, per cent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedReason:
    """What is managed reaches a plain tier's cut-off, or misses the lowest one."""

    managed: Decimal
    cutoff: Decimal
    reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueUnknownReason:
    """No revenue is known, so no tier can be given: unknown is not zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedUnknownReason:
    """It is not known what is managed, so no plain tier can be given by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategicReason:
    """A criterion of tier S holds: set by a person (`case`), or computed from a known figure."""

    criterion: Criterion
    case: StrategicCase | None = None
    value: Decimal | None = None
    limit: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyReason:
    """A relation to a sponsor; it goes up for review when the sponsor left or fell below A."""

    tie: LegacyTie
    needs_review: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoCriterionReason:
    """Neither a strategic criterion nor a sponsor is known: not ideal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideReason:
    """A person set the tier; `computed` is what the rule alone would give."""

    override: Override
    computed: Tier | None


TierReason = (
    RevenueReason
    | RevenueUnknownReason
    | ManagedReason
    | ManagedUnknownReason
    | StrategicReason
    | LegacyReason
    | NoCriterionReason
    | OverrideReason
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreRevenueChange:
    """So much more revenue a year would make the client `tier`."""

    tier: Tier
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LessRevenueChange:
    """Losing more than so much revenue a year would make the client `tier`."""

    tier: Tier
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreManagedChange:
    """So much more under management would make the client `tier`."""

    tier: Tier
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LessManagedChange:
    """Losing more than so much under management would make the client `tier`."""

    tier: Tier
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionChange:
    """A strategic criterion, or a sponsor of tier A+ or A, would make the client S or L."""

    tier: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideEndChange:
    """After its last day the override ends and the client is `tier` by the rule."""

    tier: Tier | None
    last_day: date


TierChange = (
    MoreRevenueChange
    | LessRevenueChange
    | MoreManagedChange
    | LessManagedChange
    | CriterionChange
    | OverrideEndChange
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPlacement:
    """A client's tier (``None``: not placed) with its because and what would change it."""

    tier: Tier | None
    reasons: tuple[TierReason, ...]
    changes: tuple[TierChange, ...]

    @property
    def is_overridden(self) -> bool:
        """Tell whether a person set the tier."""
        return any(isinstance(reason, OverrideReason) for reason in self.reasons)

    @property
    def computed_tier(self) -> Tier | None:
        """Return what the rule alone gives."""
        overrides = [each for each in self.reasons if isinstance(each, OverrideReason)]
        return overrides[0].computed if overrides else self.tier

    @property
    def needs_review(self) -> bool:
        """Tell whether a legacy client's sponsor no longer supports the tier."""
        legacy = [reason for reason in self.reasons if isinstance(reason, LegacyReason)]
        return self.tier is Tier.L and bool(legacy) and all(each.needs_review for each in legacy)


def tier_of(
    client: Client, rules: RuleBook, *, today: date, cutoffs: BookCutoffs | None = None
) -> TierPlacement:
    """Place a client in a tier, by the rule and then by an override in force today.

    `cutoffs` are the firm's, needed where tiers are given by percentiles.
    """
    by_rule = _tier_by_rule(client, rules, today=today, rungs=rungs_of(rules, cutoffs))
    override = override_on(client, today)
    if override is None:
        return by_rule
    return TierPlacement(
        tier=override.tier,
        reasons=(OverrideReason(override=override, computed=by_rule.tier), *by_rule.reasons),
        changes=(OverrideEndChange(tier=by_rule.tier, last_day=override.last_day),),
    )


def override_on(client: Client, today: date) -> Override | None:
    """Return the override in force; of several the one that began last."""
    holding = [each for each in client.overrides if each.holds_on(today)]
    return max(reversed(holding), key=lambda each: each.first_day) if holding else None


def strategic_reasons(
    client: Client, limits: StrategicLimits, *, today: date
) -> tuple[StrategicReason, ...]:
    """List the criteria of tier S that hold, those set by people before computed ones."""
    cases = {case.criterion: case for case in client.strategic if case.noted_on <= today}
    computed = {
        reason.criterion: reason for reason in _computed_criteria(client, limits, today=today)
    }
    return (
        *(StrategicReason(criterion=each, case=cases[each]) for each in Criterion if each in cases),
        *(computed[each] for each in Criterion if each in computed and each not in cases),
    )


def _computed_criteria(
    client: Client, limits: StrategicLimits, *, today: date
) -> list[StrategicReason]:
    found = []
    rate, income, owned = client.saving_rate_pct, client.income, client.business_share_pct
    if (
        rate is not None
        and income is not None
        and rate >= limits.saver_from_rate_pct
        and income >= limits.well_paid_from_income
    ):
        found.append(
            StrategicReason(
                criterion=Criterion.HIGH_SAVER, value=rate, limit=limits.saver_from_rate_pct
            )
        )
    if owned is not None and owned >= limits.owner_from_business_share_pct:
        found.append(
            StrategicReason(
                criterion=Criterion.ILLIQUID_OWNER,
                value=owned,
                limit=limits.owner_from_business_share_pct,
            )
        )
    wallet = latest_wallet_amount(client, today=today)
    if (
        income is not None
        and wallet is not None
        and income >= limits.henry_from_income
        and wallet < limits.henry_below_wallet
    ):
        found.append(
            StrategicReason(criterion=Criterion.HENRY, value=income, limit=limits.henry_from_income)
        )
    return found


def latest_wallet_amount(client: Client, *, today: date) -> Decimal | None:
    """Return the wallet's amount as last said by any source; of one day the best source counts."""
    known = [w for w in client.wallets if w.wallet is not None and w.known_on <= today]
    best_last = list(WalletSource)[::-1]
    if not known:
        return None
    return max(reversed(known), key=lambda w: (w.known_on, best_last.index(w.source))).wallet


def _tier_by_rule(
    client: Client, rules: RuleBook, *, today: date, rungs: tuple[Rung, ...]
) -> TierPlacement:
    by_managed = rules.method is TierMethod.PLAIN_MANAGED
    amount = managed_by(client, rules.matrix, today) if by_managed else client.revenue
    if amount is None:
        unknown = ManagedUnknownReason() if by_managed else RevenueUnknownReason()
        return TierPlacement(tier=None, reasons=(unknown,), changes=())
    if rules.method.is_plain:
        below = TierPlacement(tier=Tier.D, reasons=(), changes=())
    else:
        below = _tier_below_b(client, rules, today=today)
    reached = next((rung for rung in rungs if amount >= rung.begins_at), None)
    changes = _changes_by_amount(amount, rungs, reached, below.tier, by_managed=by_managed)
    if reached is None:
        reasons = (_missed(amount, rungs[-1], by_managed=by_managed),) if rungs else ()
        return TierPlacement(
            tier=below.tier,
            reasons=(*reasons, *below.reasons),
            changes=(*changes, *below.changes),
        )
    reason = (
        ManagedReason(managed=amount, cutoff=reached.begins_at, reached=True)
        if by_managed
        else RevenueReason(
            revenue=amount, cutoff=reached.begins_at, reached=True, top_pct=reached.top_pct
        )
    )
    return TierPlacement(tier=reached.tier, reasons=(reason,), changes=changes)


def _missed(amount: Decimal, lowest: Rung, *, by_managed: bool) -> TierReason:
    if by_managed:
        return ManagedReason(managed=amount, cutoff=lowest.begins_at, reached=False)
    return RevenueReason(
        revenue=amount,
        cutoff=lowest.begins_at,
        reached=False,
        lowest=lowest.tier,
        top_pct=lowest.top_pct,
    )


def _changes_by_amount(
    amount: Decimal,
    rungs: tuple[Rung, ...],
    reached: Rung | None,
    below: Tier | None,
    *,
    by_managed: bool,
) -> tuple[TierChange, ...]:
    """Say what more leads to the next higher tier, and what loss to a lower one."""
    more, less = (
        (MoreManagedChange, LessManagedChange)
        if by_managed
        else (MoreRevenueChange, LessRevenueChange)
    )
    changes: list[TierChange] = []
    higher = [rung for rung in rungs if rung.begins_at > amount]
    if higher:
        # In a small ranking several tiers may begin at one amount: the highest of them is reached.
        nearest = min(rung.begins_at for rung in higher)
        tier = next(rung.tier for rung in higher if rung.begins_at == nearest)
        changes.append(more(tier=tier, amount=nearest - amount))
    if reached is not None and reached.keeps_from is not None:
        lower = reached.falls_to or below
        if lower is not None:
            changes.append(less(tier=lower, amount=amount - reached.keeps_from))
    return tuple(changes)


def _tier_below_b(client: Client, rules: RuleBook, *, today: date) -> TierPlacement:
    strategic = strategic_reasons(client, rules.strategic, today=today)
    legacy = tuple(
        LegacyReason(tie=tie, needs_review=not tie.sponsor.supports) for tie in client.legacy
    )
    if strategic:
        return TierPlacement(tier=Tier.S, reasons=(*strategic, *legacy), changes=())
    if legacy:
        return TierPlacement(tier=Tier.L, reasons=legacy, changes=(CriterionChange(tier=Tier.S),))
    return TierPlacement(
        tier=Tier.N,
        reasons=(NoCriterionReason(),),
        changes=(CriterionChange(tier=Tier.S), CriterionChange(tier=Tier.L)),
    )
