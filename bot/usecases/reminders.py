"""What a member is reminded of on a day, and what everybody wants to be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.digests.kinds import WEEKLY
from bot.digests.weekly import Plan, due_at_once
from bot.runtime import Runtime
from bot.service_reports import ReminderReport
from bot.usecases.assessing import assess_books
from bot.usecases.services import Owed, owed_to
from bot.usecases.workdays import check_place, workdays_of
from domain.access import Action, Member, own_books
from domain.events import seats_left
from domain.notices import Choices, IsWorkday
from domain.priorities import Assessment
from domain.rechecks import decision_rechecks, ending_overrides, strategic_rechecks
from domain.reminders import (
    RECHECK_DAYS,
    Item,
    event_items,
    recheck_items,
    service_items,
    to_say,
)
from domain.rulebook import RuleBook
from storage.deliveries import Owed as DeliveryOwed
from storage.deliveries import linked_since, owe
from storage.events import invitations_to, list_events
from storage.firms import current_rules
from storage.notices import (
    choices_by,
    holidays_of,
    looked_before,
    reminded,
    save_choices,
    save_holidays,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSettings:
    """What a person chose, and whose public holidays count."""

    choices: Choices
    holidays: str


def reminders_of(
    firm_id: int, member: Member, runtime: Runtime, *, today: date, zone: ZoneInfo
) -> ReminderReport:
    """Report what a member is reminded of on a day."""
    with runtime.store.read(firm_id) as session:
        rules = current_rules(session)
        books = own_books(member, Action.GET_DIGEST)
        found = assess_books(session, books, rules, today=today)
        owed = owed_to(session, found, rules, today)
        items = items_of(session, member, found, owed, rules, today=today)
    return ReminderReport(items=items, rules=rules, today=today, zone=zone)


def items_of(
    session: Session,
    member: Member,
    found: Sequence[Assessment],
    owed: Sequence[Owed],
    rules: RuleBook,
    *,
    today: date,
) -> tuple[Item, ...]:
    """Choose what a member is told today out of all that comes up in the book."""
    choices = choices_by(session, member.member_id)
    workday = workdays_of(holidays_of(session))
    looked = looked_before(session, member.member_id, today)
    said = {
        item: [day for day in days if day < today]
        for item, days in reminded(session, member.member_id).items()
    }
    items = [
        *(
            item
            for each in owed
            for item in service_items(
                each.assessment.client.client_id,
                each.assessment.client.name,
                each.due,
                rules.services,
                workday,
            )
        ),
        *_event_items(session, member, found, workday, today=today),
        *recheck_items(
            strategic_rechecks(found, today=today, within_days=RECHECK_DAYS),
            ending_overrides(found, today=today, within_days=RECHECK_DAYS),
            decision_rechecks(found, today=today, within_days=RECHECK_DAYS),
        ),
    ]
    return to_say(
        items,
        said,
        choices.kinds_on(today, workday),
        today=today,
        last_looked=looked,
    )


def notice_settings(firm_id: int, member: Member, runtime: Runtime) -> NoticeSettings:
    """Return what a member chose."""
    with runtime.store.read(firm_id) as session:
        return NoticeSettings(
            choices=choices_by(session, member.member_id),
            holidays=holidays_of(session),
        )


def choose_notices(
    firm_id: int, member: Member, choices: Choices, runtime: Runtime, *, zone: ZoneInfo
) -> None:
    """Keep what a member wants to be told; this week's digest is not lost by it."""
    with runtime.store.write(firm_id) as session:
        now = runtime.shared_now(session)
        before = choices_by(session, member.member_id)
        workday = workdays_of(holidays_of(session))
        save_choices(session, member.member_id, choices, at=now)
        due = due_at_once(
            now,
            zone=zone,
            before=digest_plan(before, workday),
            after=digest_plan(choices, workday),
        )
        linked_at = linked_since(session).get(member.member_id)
        if due is not None and (linked_at is None or linked_at <= due.due_at):
            digest = DeliveryOwed(
                member_id=member.member_id, kind=WEEKLY, period=due.period, due_at=due.due_at
            )
            owe(session, [digest], now=now)


def digest_plan(choices: Choices, workday: IsWorkday) -> Plan:
    """Say when a person's digests are due."""
    return Plan(day_of=lambda monday: choices.digest_day(monday, workday), at=choices.digest_at)


def choose_holidays(firm_id: int, place: str, runtime: Runtime) -> str:
    """Keep whose public holidays move messages, such as DE-BY, and return it; empty: nobody's.

    Raises PlaceUnknownError.
    """
    kept = check_place(place)
    with runtime.store.write(firm_id) as session:
        save_holidays(session, kept)
    return kept


def _event_items(
    session: Session,
    member: Member,
    found: Sequence[Assessment],
    workday: IsWorkday,
    *,
    today: date,
) -> list[Item]:
    events = list_events(session, member.team, since=today)
    invitations = invitations_to(session, [each.event_id for each in events])
    own = frozenset(each.client.client_id for each in found)
    return [
        item
        for event in events
        for item in event_items(
            event,
            invitations[event.event_id],
            own=own,
            is_owner=event.owner_id == member.member_id,
            seats_left=seats_left(event, invitations[event.event_id]),
            workday=workday,
        )
    ]
