"""The Monday digest: one snapshot of a member's book, and what is said of the names on it."""

from datetime import date, datetime, timedelta

from bot.digests.kinds import WEEKLY
from bot.reports import Asker
from bot.runtime import Runtime
from bot.service_reports import DigestReport, Said
from bot.usecases.assessing import assess_books
from bot.usecases.priorities import week_report
from bot.usecases.recording import check_reach, reached_by_batch
from bot.usecases.reminders import items_of
from bot.usecases.services import due_report, owed_to
from bot.usecases.team import team_summary
from domain.access import Action, Member, Scope, own_books, scope_of
from domain.calendar import iso_week
from domain.decisions import open_decisions
from domain.handling import Handling, quiet_until, successes
from domain.model import Quadrant
from domain.rechecks import (
    decision_rechecks,
    ending_overrides,
    legacy_reviews,
    strategic_rechecks,
)
from storage.clients import names_of
from storage.edits import begin_edit, undo
from storage.firms import current_rules, members_among
from storage.handling import handled_since, last_said, noted_fields
from storage.tables import HandledRow

AHEAD_DAYS = 14
"""So long before their day re-checks and tiers set by hand stand in the digest (ours)."""


def digest_of(firm_id: int, member: Member, runtime: Runtime, *, now: datetime) -> DigestReport:
    """Report on a member's own book as it stands at one instant; `now` is in the reader's zone."""
    today = now.date()
    with runtime.store.read(firm_id) as session:
        rules, books = current_rules(session), own_books(member, Action.GET_DIGEST)
        advisors = members_among(session, books | own_books(member, Action.SEE_PRIORITIES))
        found = assess_books(session, books, rules, today=today)
        owed = owed_to(session, found, rules, today)
        handled = handled_since(session, books, today=today)
        last = last_said(session, member.member_id, WEEKLY, before=iso_week(today))
        since = date.fromisoformat(f"{last}-1") if last else today - timedelta(days=7)
        ids = [each.client.client_id for each in found]
        noted = noted_fields(session, ids, since=since, before=today)
        is_lead = scope_of(member, Action.SEE_PRIORITIES) is Scope.TEAM
        team = team_summary(session, member, rules, now=now, firm_id=firm_id) if is_lead else None
        coming = items_of(session, member, found, owed, rules, today=today)
    return DigestReport(
        week=week_report(found, member, advisors, rules, today=today, handled=handled),
        due=due_report(owed, member, advisors, rules, today=today),
        decisions=tuple(open_decisions(found, today=today)),
        rechecks=tuple(strategic_rechecks(found, today=today, within_days=AHEAD_DAYS)),
        reviews=tuple(legacy_reviews(found)),
        overrides=tuple(ending_overrides(found, today=today, within_days=AHEAD_DAYS)),
        decided=tuple(
            each
            for each in decision_rechecks(found, today=today, within_days=AHEAD_DAYS)
            if each.due_on > today
        ),
        successes=tuple(successes(found, noted)),
        team=team,
        reminders=coming,
        as_of=now,
        book=tuple(found),
    )


def handle_name(
    client_id: int,
    how: Handling,
    quadrant: Quadrant | None,
    *,
    asker: Asker,
    runtime: Runtime,
    today: date,
) -> Said:
    """Keep what is said of a name; the last word of a day counts.

    Raises ClientGoneError.
    """
    with runtime.store.write(asker.firm_id) as session:
        check_reach(session, client_id, asker)
        edit = begin_edit(session, client_id, by=asker.name, at=runtime.now())
        edit.put(
            HandledRow(
                client_id=client_id,
                how=how,
                quadrant=quadrant,
                handled_on=today,
                recorded_by=asker.name,
                recorded_at=edit.at,
            ),
            key=("handled_on",),
        )
        return Said(
            client_id=client_id,
            client=names_of(session, [client_id])[client_id],
            how=how,
            quadrant=quadrant,
            until=quiet_until(how, today),
            batch=edit.batch,
        )


def name_again(batch: str, *, asker: Asker, runtime: Runtime) -> tuple[int, str]:
    """Take back what was said of a name; return the client's id and name.

    Raises ClientGoneError, NothingToUndoError and ChangedMeanwhileError.
    """
    with runtime.store.write(asker.firm_id) as session:
        client_id = reached_by_batch(session, batch, asker)[0]
        undo(session, batch, at=runtime.now())
        return client_id, names_of(session, [client_id])[client_id]
