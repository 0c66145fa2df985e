"""The way to a practice that works by segments: what is done, by facts where there are facts.

Source: Commonwealth (write the criteria, agree on a service model, check capacity, decide about N,
tell the clients). The points, what proves each and the guiding questions are ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.capacity import HoursFit
from domain.rulebook import RuleBook


class Point(StrEnum):
    """What has to be done, in this order."""

    CRITERIA = "criteria"
    MODEL = "model"
    CAPACITY = "capacity"
    NOT_IDEAL = "not_ideal"
    TOLD = "told"
    REVIEWED = "reviewed"


BY_PERSON = (Point.MODEL, Point.TOLD)
"""Points of which no record can tell: a person ticks them off, with the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A point that a person ticked off."""

    point: Point
    on: date
    by: str
    rule_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeFacts:
    """What the records of a firm tell."""

    criteria_on: date | None
    """When somebody first saved a rule book of the firm's own."""
    model_version: int
    """The version since which the service model is as it is now."""
    fit: HoursFit
    """Of all advisors' hours together."""
    not_ideal: int
    """Clients of the lowest tier."""
    decided: int
    """Those of them about whom a decision stands."""
    to_review: int
    """Clients of the tiers that are owed a review meeting."""
    reviewed: int
    """Those of them who had one since the first rule book."""
    first_review_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointState:
    """How a point stands."""

    point: Point
    is_done: bool
    on: date | None = None
    by: str = ""
    """Empty: by the records."""
    is_outdated: bool = False
    """It was ticked off, and the service model changed since."""
    done: int | None = None
    of: int | None = None
    """Where clients are counted: so many of so many."""


def unchanged_since(versions: Sequence[RuleBook]) -> int:
    """Return the version since which the service model is as in the last one; oldest first."""
    since = versions[-1].version
    for each in reversed(versions):
        if each.services != versions[-1].services:
            break
        since = each.version
    return since


def checklist(facts: PracticeFacts, ticks: Mapping[Point, Tick]) -> tuple[PointState, ...]:
    """Say how each point stands."""
    return tuple(_state(point, facts, ticks.get(point)) for point in Point)


def _state(point: Point, facts: PracticeFacts, tick: Tick | None) -> PointState:
    match point:
        case Point.CRITERIA:
            on = facts.criteria_on
            return PointState(point=point, is_done=on is not None, on=on)
        case Point.CAPACITY:
            return PointState(point=point, is_done=facts.fit is not HoursFit.TOO_MUCH)
        case Point.NOT_IDEAL:
            return PointState(
                point=point,
                is_done=facts.decided == facts.not_ideal,
                done=facts.decided,
                of=facts.not_ideal,
            )
        case Point.REVIEWED:
            return PointState(
                point=point,
                is_done=facts.first_review_on is not None,
                on=facts.first_review_on,
                done=facts.reviewed,
                of=facts.to_review,
            )
        case Point.MODEL | Point.TOLD:
            return _ticked(point, facts, tick)


def _ticked(point: Point, facts: PracticeFacts, tick: Tick | None) -> PointState:
    if tick is None:
        return PointState(point=point, is_done=False)
    is_outdated = tick.rule_version < facts.model_version
    return PointState(
        point=point, is_done=not is_outdated, on=tick.on, by=tick.by, is_outdated=is_outdated
    )
