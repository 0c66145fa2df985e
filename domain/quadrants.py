"""GROW, FIX, MODEL, MOVE: which field a client is in, because of what, and what would change it.

Source: maix-analytics / AG Analytics, "Customer Prioritization and Segmentation": satisfaction
index × share of wallet. The limits, ages and the memory of the last side are ours.

A side is remembered within one series: for satisfaction the scores that count today (NPS only
where nothing better is known), for share of wallet the statements of the source that counts today.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from domain.calendar import add_months
from domain.cutoffs import BookCutoffs, sides_in_force
from domain.errors import ScoreOutOfScaleError
from domain.model import Client, Quadrant, Satisfaction, Scale, WalletFact, WalletSource
from domain.rulebook import MatrixLimits, MatrixMode, RuleBook, SideLimits

HUNDREDTH = Decimal("0.01")


class Level(StrEnum):
    """A side of an axis."""

    HIGH = "high"
    LOW = "low"


class Axis(StrEnum):
    """An axis of the matrix."""

    SATISFACTION = "satisfaction"
    SHARE = "share"


class Age(StrEnum):
    """How far a value can still be relied on."""

    FRESH = "fresh"
    OLD = "old"
    EXPIRED = "expired"


class Missing(StrEnum):
    """Why a client is not placed."""

    SATISFACTION = "satisfaction"
    SATISFACTION_EXPIRED = "satisfaction_expired"
    WALLET = "wallet"
    WALLET_EXPIRED = "wallet_expired"
    MANAGED = "managed"
    WALLET_BELOW_MANAGED = "wallet_below_managed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleLimits:
    """A scale's ends; with `best_is_low` the smallest score is the best."""

    minimum: Decimal
    maximum: Decimal
    best_is_low: bool = False


SCALES = {
    Scale.CSI: ScaleLimits(minimum=Decimal(0), maximum=Decimal(100)),
    Scale.CSAT: ScaleLimits(minimum=Decimal(1), maximum=Decimal(5)),
    Scale.NPS: ScaleLimits(minimum=Decimal(0), maximum=Decimal(10)),
    Scale.SCHOOL: ScaleLimits(minimum=Decimal(1), maximum=Decimal(6), best_is_low=True),
}
FIELDS = {
    (Level.HIGH, Level.LOW): Quadrant.GROW,
    (Level.LOW, Level.HIGH): Quadrant.FIX,
    (Level.HIGH, Level.HIGH): Quadrant.MODEL,
    (Level.LOW, Level.LOW): Quadrant.MOVE,
}
"""The matrix: (satisfaction, share of wallet) to field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SatisfactionReading:
    """The satisfaction that counts today; `kept` when only the last side decided."""

    value: Satisfaction
    index: Decimal
    age: Age
    level: Level
    kept: bool

    @property
    def is_nps_only(self) -> bool:
        """Tell whether nothing better than a recommendation score is known."""
        return self.value.scale is Scale.NPS


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareReading:
    """The share of wallet that counts today, per cent, and the amounts behind it if known."""

    fact: WalletFact
    share_pct: Decimal
    wallet: Decimal | None
    managed: Decimal | None
    age: Age
    level: Level
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChange:
    """When the value on `axis` reaches (or, `reaches` false, falls under) `limit`: `quadrant`."""

    axis: Axis
    reaches: bool
    limit: Decimal
    quadrant: Quadrant


@dataclass(frozen=True, slots=True, kw_only=True)
class QuadrantPlacement:
    """A client's field (``None``: not placed, `missing` says why) with readings and changes."""

    quadrant: Quadrant | None
    satisfaction: SatisfactionReading | None
    share: ShareReading | None
    missing: tuple[Missing, ...]
    changes: tuple[LevelChange, ...]
    by_median: bool = False
    """High and low are measured by the firm's medians."""


def index_of(score: Decimal, scale: Scale) -> Decimal:
    """Convert a raw score to the index of 0 to 100, (x - min) / (max - min), best always 100.

    Raises ScoreOutOfScaleError for a score that the scale does not know.
    """
    limits = SCALES[scale]
    if not limits.minimum <= score <= limits.maximum:
        raise ScoreOutOfScaleError(score, limits.minimum, limits.maximum)
    distance = limits.maximum - score if limits.best_is_low else score - limits.minimum
    return distance * 100 / (limits.maximum - limits.minimum)


def age_of(known_on: date, limits: MatrixLimits, *, today: date) -> Age:
    """Tell how far a value of a day can be relied on; the last day of each age belongs to it."""
    if today <= add_months(known_on, limits.fresh_months):
        return Age.FRESH
    if today <= add_months(known_on, limits.usable_months):
        return Age.OLD
    return Age.EXPIRED


def side_of(values: Iterable[Decimal], limits: SideLimits) -> tuple[Level, bool]:
    """Replay values, the oldest first; return today's side and whether it was only kept."""
    level: Level | None = None
    kept = False
    for value in values:
        kept = limits.low_under <= value < limits.high_from
        if not kept:
            level = Level.HIGH if value >= limits.high_from else Level.LOW
        elif level is None:
            level = Level.HIGH if value >= limits.first_high_from else Level.LOW
    if level is None:
        raise ValueError("no values to replay")
    return level, kept


def share_pct(managed: Decimal, wallet: Decimal) -> Decimal:
    """Return our share of a wallet in per cent, rounded down to hundredths."""
    return (managed * 100 / wallet).quantize(HUNDREDTH, rounding=ROUND_DOWN)


def rule_share_pct(providers: int, rank: Decimal) -> Decimal:
    """Return our share of wallet by the Wallet Allocation Rule, rounded down to hundredths.

    Keiningham et al.: (1 - rank ÷ (providers + 1)) × 2 ÷ providers, of which 1 is all.
    """
    share = (providers + 1 - rank) * 200 / (providers * (providers + 1))
    return share.quantize(HUNDREDTH, rounding=ROUND_DOWN)


def quadrant_of(
    client: Client, rules: RuleBook, *, today: date, cutoffs: BookCutoffs | None = None
) -> QuadrantPlacement:
    """Place a client in the matrix; what is unknown or expired is named, never guessed.

    `cutoffs` are the firm's, needed where the limits are its medians.
    """
    limits = sides_in_force(rules.matrix, cutoffs)
    by_median = limits.mode is MatrixMode.MEDIAN
    satisfaction = satisfaction_reading(client, limits, today=today)
    share = share_reading(client, limits, today=today)
    missing = tuple(each for each in (satisfaction, share) if isinstance(each, Missing))
    if isinstance(satisfaction, Missing) or isinstance(share, Missing):
        return QuadrantPlacement(
            quadrant=None,
            satisfaction=None if isinstance(satisfaction, Missing) else satisfaction,
            share=None if isinstance(share, Missing) else share,
            missing=missing,
            changes=(),
            by_median=by_median,
        )
    return QuadrantPlacement(
        quadrant=FIELDS[satisfaction.level, share.level],
        satisfaction=satisfaction,
        share=share,
        missing=(),
        changes=(
            _change(
                Axis.SATISFACTION,
                satisfaction.level,
                limits.satisfaction,
                FIELDS[_other(satisfaction.level), share.level],
            ),
            _change(
                Axis.SHARE,
                share.level,
                limits.share,
                FIELDS[satisfaction.level, _other(share.level)],
            ),
        ),
        by_median=by_median,
    )


def satisfaction_reading(
    client: Client, limits: MatrixLimits, *, today: date
) -> SatisfactionReading | Missing:
    """Return the satisfaction that counts today, or what is missing of it."""
    known = sorted(
        (each for each in client.satisfactions if each.measured_on <= today),
        key=lambda each: (each.measured_on, each.scale),
    )
    if not known:
        return Missing.SATISFACTION
    usable = [e for e in known if age_of(e.measured_on, limits, today=today) is not Age.EXPIRED]
    if not usable:
        return Missing.SATISFACTION_EXPIRED
    nps_only = all(each.scale is Scale.NPS for each in usable)
    series = [each for each in known if (each.scale is Scale.NPS) == nps_only]
    level, kept = side_of((index_of(e.score, e.scale) for e in series), limits.satisfaction)
    latest = series[-1]
    return SatisfactionReading(
        value=latest,
        index=index_of(latest.score, latest.scale),
        age=age_of(latest.measured_on, limits, today=today),
        level=level,
        kept=kept,
    )


def share_reading(client: Client, limits: MatrixLimits, *, today: date) -> ShareReading | Missing:
    """Return the share of wallet that counts today, or what is missing of it."""
    if not any(fact.known_on <= today for fact in client.wallets):
        return Missing.WALLET
    fact = _counting_fact(client, limits, today=today)
    if fact is None:
        return Missing.WALLET_EXPIRED
    managed = managed_by(client, limits, today)
    today_share = _share_by(fact, managed)
    if isinstance(today_share, Missing):
        return today_share
    level, kept = side_of(
        (*_past_shares(client, limits, fact.source, today=today), today_share), limits.share
    )
    wallet = fact.wallet if fact.wallet is not None else _wallet_by(managed, today_share)
    if managed is None and fact.wallet is not None:
        managed = fact.wallet * today_share / 100
    return ShareReading(
        fact=fact,
        share_pct=today_share,
        wallet=wallet,
        managed=managed,
        age=age_of(fact.known_on, limits, today=today),
        level=level,
        kept=kept,
    )


def _counting_fact(client: Client, limits: MatrixLimits, *, today: date) -> WalletFact | None:
    for source in WalletSource:
        fact = client.wallet_on(today, source)
        if fact is not None and age_of(fact.known_on, limits, today=today) is not Age.EXPIRED:
            return fact
    return None


def managed_by(client: Client, limits: MatrixLimits, day: date) -> Decimal | None:
    """Return what is managed as of a day; for sales teams, the yearly sales."""
    return client.revenue if limits.managed_is_revenue else client.managed_on(day)


def _share_by(fact: WalletFact, managed: Decimal | None) -> Decimal | Missing:
    if fact.wallet is not None and managed is not None and fact.wallet < managed:
        return Missing.WALLET_BELOW_MANAGED
    if fact.source is WalletSource.RULE and fact.providers is not None and fact.rank is not None:
        return rule_share_pct(fact.providers, fact.rank)
    if fact.share_pct is not None:
        return fact.share_pct
    if fact.wallet is None:
        return Missing.WALLET
    if managed is None:
        return Missing.MANAGED
    if fact.wallet == 0:
        return Missing.WALLET_BELOW_MANAGED
    return share_pct(managed, fact.wallet)


def _past_shares(
    client: Client, limits: MatrixLimits, source: WalletSource, *, today: date
) -> list[Decimal]:
    """List the shares that the source gave on each day on which it or the holding changed."""
    days = {w.known_on for w in client.wallets if w.source is source}
    if not limits.managed_is_revenue:
        days |= {holding.held_on for holding in client.holdings}
    shares = []
    for day in sorted(each for each in days if each <= today):
        fact = client.wallet_on(day, source)
        share = _share_by(fact, managed_by(client, limits, day)) if fact is not None else None
        if isinstance(share, Decimal):
            shares.append(share)
    return shares


def _wallet_by(managed: Decimal | None, share: Decimal) -> Decimal | None:
    return None if managed is None or share == 0 else managed * 100 / share


def _other(level: Level) -> Level:
    return Level.LOW if level is Level.HIGH else Level.HIGH


def _change(axis: Axis, level: Level, limits: SideLimits, quadrant: Quadrant) -> LevelChange:
    reaches = level is Level.LOW
    limit = limits.high_from if reaches else limits.low_under
    return LevelChange(axis=axis, reaches=reaches, limit=limit, quadrant=quadrant)
