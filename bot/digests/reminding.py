"""Reminders: one message a person and working day, unless nothing comes up or the digest comes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.digests.clock import gets_digest, zone_of
from bot.digests.delivery import DigestDesk, Office, OfficeOf
from bot.digests.kinds import REMINDER
from bot.digests.message import WeeklyMessage, is_zone_told, with_zone
from bot.digests.weekly import LAST_ZONE
from bot.runtime import Runtime
from bot.usecases.reminders import reminders_of
from bot.usecases.workdays import workdays_of
from bot.views import reminder
from bot.words import Words
from domain.access import Member
from domain.calendar import local_instant, monday_of
from domain.notices import Choices
from storage import deliveries, notices
from storage.deliveries import Owed
from storage.firms import list_members
from storage.store import WORKER_PATIENCE_S

ZONE_KEPT = timedelta(hours=1)


class ReminderRecorder:
    """Looks once at each person's day when its time has come, and records what is to be said."""

    def __init__(self) -> None:
        self._zones: dict[int, tuple[datetime, ZoneInfo]] = {}

    def __call__(
        self, firm_id: int, firm_zone: ZoneInfo, *, desk: DigestDesk, now: datetime
    ) -> None:
        """Record the reminders of a firm that have become due."""
        with desk.runtime.store.read(firm_id) as session:
            members, linked = list_members(session, at=now), deliveries.linked_since(session)
            looked, chosen = notices.last_looked(session), notices.choices_of(session)
            workday = workdays_of(notices.holidays_of(session))
        office = desk.office_of(firm_id)
        for member in filter(gets_digest, members):
            choices = chosen.get(member.member_id, Choices())
            zone = self._zone(member, office, now)
            today = now.astimezone(zone).date()
            due_at = local_instant(today, choices.at, zone)
            last, since = looked.get(member.member_id), linked.get(member.member_id)
            is_early = now < due_at or (since is not None and since > due_at)
            is_looked_at = last is not None and last >= today
            if is_early or is_looked_at or not choices.kinds_on(today, workday):
                continue
            says = choices.digest_day(monday_of(today), workday) != today
            _record(firm_id, member, today, zone, due_at, desk=desk, now=now, says=says)

    def _zone(self, member: Member, office: Office, now: datetime) -> ZoneInfo:
        """Return a member's zone; asked every minute of the day, the workspace would be busy."""
        known = self._zones.get(member.member_id)
        if known is not None and abs(now - known[0]) < ZONE_KEPT:
            return known[1]
        zone = zone_of(member, office)
        if zone is not LAST_ZONE:
            self._zones[member.member_id] = now, zone
        return zone


def _record(
    firm_id: int,
    member: Member,
    today: date,
    zone: ZoneInfo,
    due_at: datetime,
    *,
    desk: DigestDesk,
    now: datetime,
    says: bool,
) -> None:
    """Keep what comes up and, unless the digest says it today, that a message is owed."""
    report = reminders_of(firm_id, member, desk.runtime, today=today, zone=zone)
    owed = Owed(member_id=member.member_id, kind=REMINDER, period=today.isoformat(), due_at=due_at)
    with desk.runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        keys = [each.key for each in report.items]
        notices.note_reminded(session, member.member_id, today, keys)
        if keys and says:
            deliveries.owe(session, [owed], now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderWriter:
    """Writes reminders in each reader's language; what was booked meanwhile is left out."""

    runtime: Runtime
    office_of: OfficeOf

    def __call__(
        self, *, firm_id: int, member: Member, period: str, due_at: datetime, late: bool
    ) -> WeeklyMessage:
        """Write a member's reminder of a day."""
        office = self.office_of(firm_id)
        reader = office.profile_of(member.slack_user_id or "")
        zone, today = reader.zone or office.zone, date.fromisoformat(period)
        report = reminders_of(firm_id, member, self.runtime, today=today, zone=zone)
        words = Words(member.locale or reader.locale, office.currency)
        message = WeeklyMessage(
            text=reminder.reminder_text(report, words, late=late, names=member.full_text),
            blocks=reminder.reminder(report, words, late=late),
        )
        if is_zone_told(firm_id, member, reader, self.runtime, due_at=due_at):
            return with_zone(message, office, words)
        return message
