"""The week's list of an advisor's book, or of a lead's team."""

from collections.abc import Sequence
from datetime import date

from bot.reports import WeekReport
from bot.runtime import Runtime
from bot.usecases.assessing import assess_books
from domain.access import Action, Member, advisors_within, own_books, whose_books
from domain.handling import Handled, quiet_clients
from domain.priorities import Assessment, prioritise, weekly_list
from domain.rulebook import RuleBook
from storage.firms import current_rules, list_members
from storage.handling import handled_since


def week_of(
    firm_id: int, member: Member, runtime: Runtime, *, today: date, team: bool = False
) -> WeekReport:
    """Report the priorities of a member's own book, or of all books within the member's scope.

    Each book is assessed by itself, so that a team's list shows the same figures as its members'.
    """
    with runtime.store.read(firm_id) as session:
        rules = current_rules(session)
        firm = list_members(session)
        advisors = (
            advisors_within(member, Action.SEE_PRIORITIES, firm)
            if team
            else own_books(member, Action.SEE_PRIORITIES)
        )
        assessments = assess_books(session, advisors, rules, today=today)
        handled = handled_since(session, advisors, today=today)
    return week_report(assessments, member, firm, rules, today=today, handled=handled, team=team)


def week_report(
    assessments: Sequence[Assessment],
    member: Member,
    firm: Sequence[Member],
    rules: RuleBook,
    *,
    today: date,
    handled: Sequence[Handled] = (),
    team: bool = False,
) -> WeekReport:
    """Report who of all assessed clients comes first; whom somebody has seen to stays back."""
    priorities = prioritise(assessments)
    quiet = quiet_clients(handled, assessments, today=today)
    return WeekReport(
        whose=member.team if team else whose_books(member, firm),
        is_team=team,
        week=weekly_list(priorities, rules, quiet=quiet),
        priorities=priorities,
        clients=len(assessments),
        rules=rules,
        today=today,
        advisors={each.member_id: each.name for each in firm},
    )
