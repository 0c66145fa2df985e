"""Clients and what is known of them: values only, each fact with the day it was known.

Money is ``Decimal`` in the firm's currency, shares and rates are per cent (0 to 100). Facts stand
in the order they were recorded: of one day the one recorded last counts, as a correction.
The words are those of ``docs/glossary.md``.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.errors import ProviderRankError, TraitOutOfRangeError


class Tier(StrEnum):
    """What service a client gets: Commonwealth's ABSLN, or plain A, B, C, D."""

    A_PLUS = "A+"
    A = "A"
    B = "B"
    S = "S"
    L = "L"
    N = "N"
    C = "C"
    D = "D"


ABSLN = (Tier.A_PLUS, Tier.A, Tier.B, Tier.S, Tier.L, Tier.N)
PLAIN = (Tier.A, Tier.B, Tier.C, Tier.D)


class Quadrant(StrEnum):
    """What to do next with a client: satisfaction × share of wallet."""

    GROW = "GROW"
    FIX = "FIX"
    MODEL = "MODEL"
    MOVE = "MOVE"


NOT_PLACED = "not_placed"
"""What stands for no tier or no field where clients are counted."""


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
    RULE = "rule"
    """The Wallet Allocation Rule: how many providers the client uses, and our place among them."""


class DecisionKind(StrEnum):
    """What was decided about a client in MOVE (watch, prioritise) or of tier N (the others)."""

    WATCH = "watch"
    PRIORITISE = "prioritise"
    KEEP = "keep"
    HAND_OVER = "hand_over"
    END = "end"


class TraitKind(StrEnum):
    """What else the book analysis asks of a client: two judgements of 1 to 5, and a count."""

    TRUST = "trust"
    COACHABILITY = "coachability"
    REFERRALS = "referrals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfaction:
    """One measured satisfaction, raw, on the scale it was asked on."""

    score: Decimal
    scale: Scale
    measured_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletFact:
    """What one source said about a client's wallet: an amount, our share of it, or both.

    The Wallet Allocation Rule knows neither: it reads the share from `providers` and `rank`, our
    place in the client's preference (ties share the mean place).
    """

    source: WalletSource
    known_on: date
    wallet: Decimal | None = None
    share_pct: Decimal | None = None
    providers: int | None = None
    rank: Decimal | None = None

    def __post_init__(self) -> None:
        if self.providers is None and self.rank is None:
            return
        if self.providers is None or self.rank is None or not 1 <= self.rank <= self.providers:
            raise ProviderRankError(self.providers, self.rank)


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
class Trait:
    """Trust or coachability from 1 to 5, or how many referrals were given, as seen on a day."""

    kind: TraitKind
    value: int
    noted_on: date

    def __post_init__(self) -> None:
        minimum, maximum = (0, None) if self.kind is TraitKind.REFERRALS else (1, 5)
        if self.value < minimum or (maximum is not None and self.value > maximum):
            raise TraitOutOfRangeError(self.kind, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Why a client is dissatisfied, and what is done about it."""

    cause: str
    action: str
    noted_on: date
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided about a client, why, and when to look again."""

    kind: DecisionKind
    reason: str
    by: str
    decided_on: date
    recheck_on: date | None = None
    to_advisor_id: int | None = None
    """To whom a client is handed over."""

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
    born_on: date | None = None
    last_review_on: date | None = None
    """As an imported list says; when it is held here, that is recorded."""
    last_contact_on: date | None = None
    """The same."""
    former_since: date | None = None
    satisfactions: tuple[Satisfaction, ...] = ()
    wallets: tuple[WalletFact, ...] = ()
    holdings: tuple[Holding, ...] = ()
    strategic: tuple[StrategicCase, ...] = ()
    legacy: tuple[LegacyTie, ...] = ()
    overrides: tuple[Override, ...] = ()
    decisions: tuple[Decision, ...] = ()
    traits: tuple[Trait, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()

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

    def trait_on(self, day: date, kind: TraitKind) -> Trait | None:
        """Return a trait as last seen by a day."""
        known = [t for t in self.traits if t.kind is kind and t.noted_on <= day]
        return max(reversed(known), key=lambda t: t.noted_on) if known else None

    def diagnosis_on(self, day: date) -> Diagnosis | None:
        """Return the last diagnosis by a day."""
        known = [d for d in self.diagnoses if d.noted_on <= day]
        return max(reversed(known), key=lambda d: d.noted_on) if known else None
