"""MODEL: which use of a strong relation to suggest, because of what, and what would change it.

Source: maix-analytics / AG Analytics (use the relation: referral, reference, learn what works).
Which one fits whom is ours, from the traits of Commonwealth's book analysis.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.model import Client, Trait, TraitKind
from domain.rulebook import RelationRules


class Use(StrEnum):
    """What a strong relation is good for."""

    REFERRAL = "referral"
    REFERENCE = "reference"
    LEARN = "learn"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationUse:
    """A suggested use, the trait that decided, and from which value on it would be `next_use`."""

    use: Use
    because: Trait
    limit: int
    """The value that the trait reaches; for LEARN, the one it misses."""
    next_use: Use | None
    """What more of `next_kind` would make of it."""
    next_kind: TraitKind | None
    next_from: int | None


def relation_use(client: Client, rules: RelationRules, *, today: date) -> RelationUse | None:
    """Suggest a use of the relation; None where neither trust nor referrals say anything."""
    referrals = client.trait_on(today, TraitKind.REFERRALS)
    if referrals is not None and referrals.value >= rules.referrer_from_referrals:
        return RelationUse(
            use=Use.REFERRAL,
            because=referrals,
            limit=rules.referrer_from_referrals,
            next_use=None,
            next_kind=None,
            next_from=None,
        )
    trust = client.trait_on(today, TraitKind.TRUST)
    if trust is None:
        return None
    if trust.value >= rules.reference_from_trust:
        return RelationUse(
            use=Use.REFERENCE,
            because=trust,
            limit=rules.reference_from_trust,
            next_use=Use.REFERRAL,
            next_kind=TraitKind.REFERRALS,
            next_from=rules.referrer_from_referrals,
        )
    return RelationUse(
        use=Use.LEARN,
        because=trust,
        limit=rules.reference_from_trust,
        next_use=Use.REFERENCE,
        next_kind=TraitKind.TRUST,
        next_from=rules.reference_from_trust,
    )
