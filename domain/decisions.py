"""Decisions that act: which ones a client asks for, what follows from one, and which are open.

Sources: maix-analytics / AG Analytics for MOVE (assess the single client, then only watch, or
prioritise); Commonwealth for tier N (go on with less, hand over, end). The reason and the day to
look again are ours.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.errors import DomainError
from domain.model import Client, Decision, DecisionKind
from domain.priorities import SETTLES_MOVE, SETTLES_N, Assessment


class Question(StrEnum):
    """What a decision answers."""

    MOVE = "move"
    NOT_IDEAL = "not_ideal"


CHOICES = {Question.MOVE: SETTLES_MOVE, Question.NOT_IDEAL: SETTLES_N}
"""The decisions that answer each question."""

NEEDS_RECHECK = (DecisionKind.WATCH, DecisionKind.PRIORITISE)
"""Decisions that are no verdict: they stand until a day to look again."""


class Gap(StrEnum):
    """What a decision lacks."""

    REASON = "reason"
    RECHECK = "recheck"
    ADVISOR = "advisor"
    OTHER_ADVISOR = "other_advisor"
    """The client is with that advisor already."""
    LATER_DAY = "later_day"
    """The day to look again is not after the decision."""


class DecisionIncompleteError(DomainError):
    """A decision that cannot be carried out as it is."""

    def __init__(self, kind: DecisionKind, gap: Gap) -> None:
        super().__init__(f"{kind}: {gap}")
        self.kind = kind
        self.gap = gap


@dataclass(frozen=True, slots=True, kw_only=True)
class MovesTo:
    """The client is another advisor's from a day on."""

    advisor_id: int
    from_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BecomesFormer:
    """From this day on the client is a former one, and all services stop."""

    from_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedWithLess:
    """The client stays, served as tier N is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComesFirst:
    """The client stays in MOVE, and gets time although the field does not ask for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyWatched:
    """The client stays in MOVE, and nothing is done but watching."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LooksAgain:
    """On this day the decision no longer stands, and is asked for again."""

    on: date


Consequence = MovesTo | BecomesFormer | ServedWithLess | ComesFirst | OnlyWatched | LooksAgain


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDecision:
    """A question that a client asks and nobody has answered, or whose answer has lapsed."""

    assessment: Assessment
    question: Question
    choices: tuple[DecisionKind, ...]
    lapsed: Decision | None
    """The last answer, whose day to look again has come."""


def check_decision(decision: Decision, client: Client) -> None:
    """Refuse a decision about a client that lacks something.

    Raises DecisionIncompleteError.
    """
    gap = _gap(decision, client)
    if gap is not None:
        raise DecisionIncompleteError(decision.kind, gap)


def consequences_of(decision: Decision) -> tuple[Consequence, ...]:
    """Say what follows from a decision."""
    what: tuple[Consequence, ...]
    match decision.kind:
        case DecisionKind.WATCH:
            what = (OnlyWatched(),)
        case DecisionKind.PRIORITISE:
            what = (ComesFirst(),)
        case DecisionKind.KEEP:
            what = (ServedWithLess(),)
        case DecisionKind.HAND_OVER:
            to = decision.to_advisor_id
            what = () if to is None else (MovesTo(advisor_id=to, from_day=decision.decided_on),)
        case DecisionKind.END:
            return (BecomesFormer(from_day=decision.decided_on),)
    return what if decision.recheck_on is None else (*what, LooksAgain(on=decision.recheck_on))


def carried_out(client: Client, decision: Decision) -> Client:
    """Return the client as she is after a decision, which is on record then.

    Raises DecisionIncompleteError.
    """
    check_decision(decision, client)
    after = replace(client, decisions=(*client.decisions, decision))
    for each in consequences_of(decision):
        match each:
            case MovesTo(advisor_id=advisor_id):
                after = replace(after, advisor_id=advisor_id)
            case BecomesFormer(from_day=day):
                after = replace(after, former_since=day)
    return after


def open_decisions(assessments: Iterable[Assessment], *, today: date) -> list[OpenDecision]:
    """List the decisions that a book asks for, the highest revenue first, unknown ones last.

    Whoever is of tier N and in MOVE asks twice: handing over answers both.
    """
    found = []
    for each in assessments:
        if each.awaits_decision:
            found.append(_open(each, Question.MOVE, today))
        if each.awaits_tier_decision:
            found.append(_open(each, Question.NOT_IDEAL, today))

    def order(opened: OpenDecision) -> tuple[bool, Decimal, str, int]:
        client = opened.assessment.client
        return (
            client.revenue is None,
            -(client.revenue or Decimal(0)),
            client.name,
            client.client_id,
        )

    return sorted(found, key=order)


def _open(assessment: Assessment, question: Question, today: date) -> OpenDecision:
    answers = [
        each
        for each in assessment.client.decisions
        if each.kind in CHOICES[question] and each.decided_on <= today
    ]
    return OpenDecision(
        assessment=assessment,
        question=question,
        choices=CHOICES[question],
        lapsed=max(reversed(answers), key=lambda each: each.decided_on) if answers else None,
    )


def _gap(decision: Decision, client: Client) -> Gap | None:
    if not decision.reason.strip():
        return Gap.REASON
    if decision.kind in NEEDS_RECHECK and decision.recheck_on is None:
        return Gap.RECHECK
    if decision.recheck_on is not None and decision.recheck_on <= decision.decided_on:
        return Gap.LATER_DAY
    if decision.kind is DecisionKind.HAND_OVER:
        if decision.to_advisor_id is None:
            return Gap.ADVISOR
        if decision.to_advisor_id == client.advisor_id:
            return Gap.OTHER_ADVISOR
    return None
