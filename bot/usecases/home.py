"""What a member reads in the morning: what is due, who comes first, what waits, which events."""

from datetime import date

from bot.runtime import Runtime
from bot.service_reports import MorningReport
from bot.usecases.assessing import assess_books
from bot.usecases.events import events_of
from bot.usecases.issues import issues_of, keeps_issues
from bot.usecases.priorities import week_report
from bot.usecases.services import due_report, owed_to
from domain.access import Action, Member, may, own_books
from domain.decisions import open_decisions
from storage.firms import current_rules, list_members
from storage.handling import handled_since


def morning_of(firm_id: int, member: Member, runtime: Runtime, *, today: date) -> MorningReport:
    """Report on a member's own books; they are assessed once for all parts."""
    with runtime.store.read(firm_id) as session:
        rules, firm = current_rules(session), list_members(session)
        books = own_books(member, Action.SEE_PRIORITIES)
        found = assess_books(session, books, rules, today=today)
        owed = owed_to(session, found, rules, today)
        handled = handled_since(session, books, today=today)
    return MorningReport(
        week=week_report(found, member, firm, rules, today=today, handled=handled),
        due=due_report(owed, member, firm, rules, today=today),
        tensions=tuple(each for each in found if each.conflict is not None),
        decisions=tuple(open_decisions(found, today=today)),
        issues=issues_of(firm_id, runtime, today=today) if keeps_issues(member) else None,
        events=events_of(member, firm_id, runtime, today=today),
        may_choose_channel=may(member, Action.TEAM_POSTS),
    )
