"""Tells the lead, once, of messages that were held or given up."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.digests.delivery import DigestDesk, OfficeOf
from bot.digests.kinds import HELD
from bot.digests.reasons import reason_said
from bot.runtime import Runtime
from bot.views.blocks import escape
from bot.words import Words
from domain.access import Member, Role
from storage import deliveries
from storage.deliveries import Failed, Owed
from storage.firms import list_members
from storage.store import WORKER_PATIENCE_S

NAMED = 10


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said."""

    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    about: frozenset[int] = frozenset()


def record_held(firm_id: int, firm_zone: ZoneInfo, *, desk: DigestDesk, now: datetime) -> None:
    """Owe the leads of a firm a notice of what failed since the last one."""
    with desk.runtime.store.read(firm_id) as session:
        failed = deliveries.untold(session, but=HELD)
        members = list_members(session)
    leads = [each for each in members if each.role is Role.LEAD and each.slack_user_id]
    if not (failed and leads):
        return
    owed = [
        Owed(member_id=each.member_id, kind=HELD, period=now.isoformat(), due_at=now)
        for each in leads
    ]
    with desk.runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        if deliveries.tell_of(session, [each.id for each in failed], now=now):
            deliveries.owe(session, owed, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldWriter:
    """Writes which messages failed and why, as of the instant that the notice is about."""

    runtime: Runtime
    office_of: OfficeOf

    def __call__(
        self, *, firm_id: int, member: Member, period: str, due_at: datetime, late: bool
    ) -> Notice:
        """Write the notice; nothing of a client stands in it."""
        profile_of = self.office_of(firm_id).profile_of
        words = Words(member.locale or profile_of(member.slack_user_id or "").locale)
        with self.runtime.store.read(firm_id) as session:
            failed = deliveries.told_at(session, due_at)
        lines = [
            f"• {escape(_whose(each, words))}: {escape(reason_said(each.reason, words))}"
            + (f" ({count})" if count > 1 else "")
            for each, count in Counter(failed).most_common(NAMED)
        ]
        more = len(set(failed)) - len(lines)
        if more > 0:
            lines.append(words.say_n("… and {n} more", "… and {n} more", more))
        head = words.say("Messages that were not delivered, and why:")
        tail = words.say(
            "The terminal shows all of them: {command}", command="tierwise digest status"
        )
        return Notice("\n".join([head, *lines, tail]))


def _whose(failed: Failed, words: Words) -> str:
    if failed.team is None:
        return failed.member
    return words.say("Channel of the team {team}", team=failed.team)
