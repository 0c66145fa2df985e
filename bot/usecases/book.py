"""A whole book at a glance: what is in it, what waits, and what other methods would say."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from bot.reports import BookReport, PartReport
from bot.runtime import Runtime
from bot.usecases.assessing import assess_books
from domain.acceptance import new_clients
from domain.access import Action, Member, advisors_within, own_books, whose_books
from domain.decisions import open_decisions
from domain.model import Quadrant
from domain.priorities import Assessment
from domain.rechecks import ending_overrides, legacy_reviews, strategic_rechecks
from storage.firms import current_rules, list_members


def book_of(
    firm_id: int, member: Member, runtime: Runtime, *, today: date, team: bool = False
) -> BookReport:
    """Report on a member's own book, or on all books within the member's scope."""
    from domain.book import frames_of
    from domain.what_if import compare, field_split

    with runtime.store.read(firm_id) as session:
        rules = current_rules(session)
        firm = list_members(session)
        advisors = (
            advisors_within(member, Action.SEE_PRIORITIES, firm)
            if team
            else own_books(member, Action.SEE_PRIORITIES)
        )
        found = assess_books(session, advisors, rules, today=today)
    ahead_days = rules.decisions.listed_ahead_days
    frames = frames_of([each.client for each in found])
    return BookReport(
        whose=member.team if team else whose_books(member, firm),
        is_team=team,
        today=today,
        rules=rules,
        tiers=_parts(found, [*rules.method.tiers, None], by_tier=True),
        fields=_parts(found, [*Quadrant, None], by_tier=False),
        decisions=tuple(open_decisions(found, today=today)),
        rechecks=tuple(strategic_rechecks(found, today=today, within_days=ahead_days)),
        reviews=tuple(legacy_reviews(found)),
        overrides=tuple(ending_overrides(found, today=today, within_days=ahead_days)),
        new_clients=tuple(new_clients(found, rules, today=today)),
        comparison=compare(frames, rules, today=today),
        splits=field_split(frames, rules, today=today),
    )


def _parts(
    found: list[Assessment], names: Iterable[str | None], *, by_tier: bool
) -> tuple[PartReport, ...]:
    parts = []
    for name in names:
        part = [
            each
            for each in found
            if (each.tier.tier if by_tier else each.quadrant.quadrant) == name
        ]
        parts.append(
            PartReport(
                name=name,
                clients=len(part),
                revenue=_sum(each.client.revenue for each in part),
                untapped=_sum(each.untapped.amount for each in part if each.untapped),
                at_risk=_sum(each.at_risk for each in part),
            )
        )
    return tuple(part for part in parts if part.clients or part.name)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((each for each in amounts if each is not None), Decimal(0))
