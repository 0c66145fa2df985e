"""Writes the Monday message of one member, as of the moment it is built."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.digests.delivery import Office, OfficeOf, Reader
from bot.runtime import Runtime
from bot.usecases.capacity import follow_book
from bot.usecases.digest import digest_of
from bot.views import digest
from bot.views.blocks import context, escape
from bot.views.notices import zone_of_the_firm
from bot.words import Words
from domain.access import Member, Standing
from storage.notices import note_zone_told
from storage.store import WORKER_PATIENCE_S


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
        message = WeeklyMessage(
            text=digest.digest_text(report, words, late=late, names=member.full_text),
            blocks=digest.digest(report, words, late=late),
            about=digest.digest_about(report),
        )
        if is_zone_told(firm_id, member, reader, self.runtime, due_at=due_at):
            return with_zone(message, office, words)
        return message


def is_zone_told(
    firm_id: int, member: Member, reader: Reader, runtime: Runtime, *, due_at: datetime
) -> bool:
    """Tell whether the message due then is the one that says that the firm's zone counts.

    It is kept by day, so that a message that is written again after a crash says it again.
    """
    if reader.standing is not Standing.MEMBER or reader.zone is not None:
        return False
    with runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        return note_zone_told(session, member.member_id, due_at.date())


def with_zone(message: WeeklyMessage, office: Office, words: Words) -> WeeklyMessage:
    """Let a message say that the firm's zone counts."""
    said = escape(zone_of_the_firm(office.zone.key, words))
    return replace(message, text=f"{message.text}\n{said}", blocks=[*message.blocks, context(said)])
