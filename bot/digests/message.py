"""Writes the Monday message of one member, as of the moment it is built."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.digests.delivery import ProfileOf
from bot.runtime import Runtime
from bot.usecases.capacity import follow_book
from bot.usecases.priorities import week_of
from bot.views import lists
from bot.words import Words
from domain.access import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyMessage:
    """What is said."""

    text: str
    blocks: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyWriter:
    """Writes digests in each reader's language and day, the one chosen here before Slack's."""

    runtime: Runtime
    profile_of: ProfileOf
    firm_zone: ZoneInfo
    currency: str

    def __call__(
        self, *, firm_id: int, member: Member, period: str, due_at: datetime, late: bool
    ) -> WeeklyMessage:
        """Write a member's digest."""
        reader = self.profile_of(member.slack_user_id or "")
        today = self.runtime.today(reader.zone or self.firm_zone)
        report = week_of(firm_id, member, self.runtime, today=today)
        follow_book(firm_id, member.member_id, self.runtime, today=today)
        words = Words(member.locale or reader.locale, self.currency)
        return WeeklyMessage(
            text=lists.digest_text(report, words, late=late, names=member.full_text),
            blocks=lists.digest(report, words, late=late),
        )
