"""Writes the Monday message of one member, as of the moment it is built."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.digests.delivery import OfficeOf
from bot.runtime import Runtime
from bot.usecases.capacity import follow_book
from bot.usecases.digest import digest_of
from bot.views import digest
from bot.words import Words
from domain.access import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyMessage:
    """What is said."""

    text: str
    blocks: list[dict[str, Any]]
    about: frozenset[int] = frozenset()
    """Clients whom it names without a button that does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyWriter:
    """Writes digests in each reader's language and day, the one chosen here before Slack's."""

    runtime: Runtime
    office_of: OfficeOf

    def __call__(
        self, *, firm_id: int, member: Member, period: str, due_at: datetime, late: bool
    ) -> WeeklyMessage:
        """Write a member's digest."""
        office = self.office_of(firm_id)
        reader = office.profile_of(member.slack_user_id or "")
        now = self.runtime.now().astimezone(reader.zone or office.zone)
        report = digest_of(firm_id, member, self.runtime, now=now)
        follow_book(firm_id, member.member_id, report.book, self.runtime, today=now.date())
        words = Words(member.locale or reader.locale, office.currency)
        return WeeklyMessage(
            text=digest.digest_text(report, words, late=late, names=member.full_text),
            blocks=digest.digest(report, words, late=late),
            about=digest.digest_about(report),
        )
