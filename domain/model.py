"""Clients and what is known of them: values only, each fact with the day it was known.

Money is ``Decimal`` in the firm's currency, shares and rates are per cent (0 to 100). Facts stand
in the order they were recorded: of one day the one recorded last counts, as a correction.
The words are those of ``docs/glossary.md``.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Tier(StrEnum):
    """What service a client gets (Commonwealth, ABSLN)."""

    A_PLUS = "A+"
    A = "A"
    B = "B"
    S = "S"
    L = "L"
    N = "N"


class Quadrant(StrEnum):
    """What to do next with a client: satisfaction × share of wallet."""

    GROW = "GROW"
    FIX = "FIX"
    MODEL = "MODEL"
    MOVE = "MOVE"


class Criterion(StrEnum):
    """Why a client may become ideal (tier S)."""

    HIGH_SAVER = "high_saver"
    ILLIQUID_OWNER = "illiquid_owner"
    HENRY = "henry"


class Relation(StrEnum):
    """How a legacy client (tier L) belongs to a sponsor of tier A+ or A."""

    CHILD = "child"
    WIDOWED = "widowed"
    FRIEND = "friend"


class Scale(StrEnum):
    """How a satisfaction score was asked; see ``quadrants.SCALES`` for the limits."""

    CSI = "csi"
    CSAT = "csat"
    NPS = "nps"
    SCHOOL = "school"


class WalletSource(StrEnum):
    """Where knowledge of a client's wallet comes from, the best source first."""

    DOCUMENTED = "documented"
    STATED = "stated"
    ESTIMATE = "estimate"


class DecisionKind(StrEnum):
    """What was decided about a client in MOVE (watch, prioritise) or of tier N (the others)."""

    WATCH = "watch"
    PRIORITISE = "prioritise"
    KEEP = "keep"
    HAND_OVER = "hand_over"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfaction:
    """One measured satisfaction, raw, on the scale it was asked on."""

    score: Decimal
    scale: Scale
    measured_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletFact:
    """What one source said about a client's wallet: an amount, our share of it, or both."""

    source: WalletSource
    known_on: date
    wallet: Decimal | None = None
    share_pct: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What we managed for a client (sales teams: sold in a year) on a day."""

    managed: Decimal
    held_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A tier set by a person against the rule, until a last day (inclusive)."""

    tier: Tier
    reason: str
    by: str
    first_day: date
    last_day: date

    def holds_on(self, day: date) -> bool:
        """Tell whether the override is in force on a day."""
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategicCase:
    """A criterion of tier S that a person or an import set, as an investment to re-check."""

    criterion: Criterion
    noted_on: date
    reason: str = ""
    target_tier: Tier | None = None
    recheck_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sponsor:
    """The client on whose account a legacy client is kept; `tier` is the sponsor's own."""

    client_id: int
    name: str
    tier: Tier | None
    is_former: bool = False
    advisor_id: int | None = None

    @property
    def supports(self) -> bool:
        """Tell whether the sponsor still is a client of tier A+ or A."""
        return not self.is_former and self.tier in (Tier.A_PLUS, Tier.A)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyTie:
    """The relation that makes a client legacy (tier L)."""

    relation: Relation
    sponsor: Sponsor


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided about a client, why, and when to look again."""

    kind: DecisionKind
    reason: str
    by: str
    decided_on: date
    recheck_on: date | None = None

    def settles_on(self, day: date) -> bool:
        """Tell whether the decision still stands on a day, its re-check day not reached."""
        return self.decided_on <= day and (self.recheck_on is None or day < self.recheck_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A household or a company with all that the rules read; unknown is ``None``, never 0."""

    client_id: int
    external_id: str
    name: str
    advisor_id: int
    revenue: Decimal | None = None
    revenue_on: date | None = None
    income: Decimal | None = None
    saving_rate_pct: Decimal | None = None
    business_share_pct: Decimal | None = None
    client_since: date | None = None
    former_since: date | None = None
    satisfactions: tuple[Satisfaction, ...] = ()
    wallets: tuple[WalletFact, ...] = ()
    holdings: tuple[Holding, ...] = ()
    strategic: tuple[StrategicCase, ...] = ()
    legacy: tuple[LegacyTie, ...] = ()
    overrides: tuple[Override, ...] = ()
    decisions: tuple[Decision, ...] = ()

    def is_former_on(self, day: date) -> bool:
        """Tell whether the relationship has ended by a day."""
        return self.former_since is not None and self.former_since <= day

    def managed_on(self, day: date) -> Decimal | None:
        """Return what we managed for the client on a day, as last known by then."""
        known = [h for h in self.holdings if h.held_on <= day]
        return max(reversed(known), key=lambda h: h.held_on).managed if known else None

    def wallet_on(self, day: date, source: WalletSource) -> WalletFact | None:
        """Return what a source last said about the wallet by a day."""
        known = [w for w in self.wallets if w.source is source and w.known_on <= day]
        return max(reversed(known), key=lambda w: w.known_on) if known else None
