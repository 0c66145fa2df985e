"""What a person must look at again: S, overrides and decisions by their day, L by its sponsor.

Source: Commonwealth (S is an investment to re-check, L hangs on its sponsor); that an override ends
and a decision names a day to look again is ours. Each list has its soonest day first, then goes by
name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from domain.decisions import CHOICES
from domain.model import Decision, LegacyTie, Override, StrategicCase, Tier
from domain.priorities import Assessment
from domain.segmentation import LegacyReason, override_on


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategicRecheck:
    """An S client whose investment is to be looked at."""

    assessment: Assessment
    case: StrategicCase
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyReview:
    """An L client none of whose sponsors is a present client of tier A+ or A any more."""

    assessment: Assessment
    ties: tuple[LegacyTie, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingOverride:
    """A tier set by a person that ends soon, and what the rule gives after it."""

    assessment: Assessment
    override: Override
    tier_after: Tier | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecheck:
    """A decision that stands until a day to look again."""

    assessment: Assessment
    decision: Decision
    due_on: date


def decision_rechecks(
    assessments: Iterable[Assessment], *, today: date, within_days: int = 0
) -> list[DecisionRecheck]:
    """List the decisions whose day to look again has come, or comes within so many days.

    Of each question the last answer counts, whatever became of the client's field meanwhile: the
    day was set by a person.
    """
    last = today + timedelta(days=within_days)
    found = []
    for each in assessments:
        answers: list[Decision] = []
        for choices in CHOICES.values():
            made = [d for d in each.client.decisions if d.kind in choices and d.decided_on <= today]
            answer = max(reversed(made), key=lambda d: d.decided_on) if made else None
            if answer is not None and answer not in answers:  # handing over answers both
                answers.append(answer)
        found += [
            DecisionRecheck(assessment=each, decision=answer, due_on=answer.recheck_on)
            for answer in answers
            if answer.recheck_on is not None and answer.recheck_on <= last
        ]
    return sorted(found, key=lambda each: (each.due_on, each.assessment.client.name))


def strategic_rechecks(
    assessments: Iterable[Assessment], *, today: date, within_days: int = 0
) -> list[StrategicRecheck]:
    """List the S clients whose day to look again has come, or comes within so many days."""
    last = today + timedelta(days=within_days)
    found = []
    for each in assessments:
        if each.tier.tier is not Tier.S:
            continue
        dated = [
            (case.recheck_on, case)
            for case in each.client.strategic
            if case.recheck_on is not None and case.noted_on <= today
        ]
        if dated:
            due_on, case = min(dated, key=lambda pair: pair[0])
            if due_on <= last:
                found.append(StrategicRecheck(assessment=each, case=case, due_on=due_on))
    return sorted(found, key=lambda each: (each.due_on, each.assessment.client.name))


def legacy_reviews(assessments: Iterable[Assessment]) -> list[LegacyReview]:
    """List the L clients whose sponsor has left or fell below A, by name."""
    found = [
        LegacyReview(
            assessment=each,
            ties=tuple(r.tie for r in each.tier.reasons if isinstance(r, LegacyReason)),
        )
        for each in assessments
        if each.tier.needs_review
    ]
    return sorted(found, key=lambda each: each.assessment.client.name)


def ending_overrides(
    assessments: Iterable[Assessment], *, today: date, within_days: int
) -> list[EndingOverride]:
    """List the overrides in force whose last day is within so many days, today included."""
    last = today + timedelta(days=within_days)
    found = []
    for each in assessments:
        override = override_on(each.client, today)
        if override is not None and override.last_day <= last:
            found.append(
                EndingOverride(
                    assessment=each, override=override, tier_after=each.tier.computed_tier
                )
            )
    return sorted(found, key=lambda each: (each.override.last_day, each.assessment.client.name))
