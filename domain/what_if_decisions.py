"""What decisions on clients who are not ideal would do to a book's hours: before and after.

Commonwealth asks to hand over or to end what fits nowhere; to see both sides first is ours.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from domain.capacity import Hours, Load, Utilisation, cells_of, utilisation_of, workload_of
from domain.decisions import OpenDecision, Question
from domain.priorities import Assessment
from domain.rulebook import RuleBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A book before the decisions, or after them."""

    load: Load
    used: Utilisation


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionsEffect:
    """What would change if some clients were handed over and others ended."""

    before: Side
    after: Side
    handed_over: Load
    """Leaves the book and stays in the firm, with whoever takes it."""
    ended: Load
    """Leaves the firm."""

    @property
    def freed(self) -> Decimal:
        """Return the advisor's hours that are freed."""
        return self.before.used.needed - self.after.used.needed


def not_ideal(decisions: Iterable[OpenDecision]) -> list[Assessment]:
    """List whom nobody has decided about though they are of the lowest tier."""
    return [each.assessment for each in decisions if each.question is Question.NOT_IDEAL]


def decisions_effect(
    book: Collection[Assessment],
    rules: RuleBook,
    *,
    hand_over: Collection[int],
    end: Collection[int],
    extra: Mapping[int, Hours],
    advisors: int = 1,
) -> DecisionsEffect:
    """Work out what handing over and ending clients, by their ids, would do to a book.

    `extra` are the hours that single clients have beyond their tier's.
    """

    def load(some: Iterable[Assessment]) -> Load:
        return workload_of(cells_of(some, extra=extra), rules).total

    def side(some: Iterable[Assessment]) -> Side:
        found = load(some)
        used = utilisation_of(found.planned.advisor, rules.capacity, advisors=advisors)
        return Side(load=found, used=used)

    leaving = {*hand_over, *end}
    return DecisionsEffect(
        before=side(book),
        after=side(each for each in book if each.client.client_id not in leaving),
        handed_over=load(each for each in book if each.client.client_id in hand_over),
        ended=load(each for each in book if each.client.client_id in end),
    )
