"""A team's weekly post: recorded like a digest, its place looked at twice.

The place is asked about while the message is written, and once more right before it is posted. What
is said depends on it, so each try is written anew.
"""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from bot.digests.answers import Verdict, read_failure
from bot.digests.delivery import (
    BETWEEN_POSTS,
    TOO_LATE,
    Attempt,
    DigestDesk,
    Letter,
    Outcome,
    call,
    not_built,
    not_posted,
)
from bot.digests.weekly import is_late, is_too_late, weeks_owed
from bot.listeners.people import post_place
from bot.runtime import Runtime
from bot.usecases.team import PLACE, TAKEN_AWAY, post_owed, post_plan, team_total
from bot.usecases.workdays import workdays_of
from bot.views import team
from bot.words import Words
from domain.access import Place, Showing
from domain.team_posts import SHOWN, Tally, TeamChannel, post_showing
from storage import deliveries
from storage.capacity import consent_of
from storage.deliveries import State
from storage.firms import list_members
from storage.notices import holidays_of
from storage.store import WORKER_PATIENCE_S
from storage.team_channels import channel_by_id, last_weeks, list_channels

CHANGED = "the channel changed meanwhile"
COUNTED = "counted"
"""Keeps what was counted: for a large team that alone may outlast a claim."""


def record_team_posts(
    firm_id: int, firm_zone: ZoneInfo, *, desk: DigestDesk, now: datetime
) -> None:
    """Record the weekly posts of a firm's teams that have become due."""
    with desk.runtime.store.read(firm_id) as session:
        channels = [each for each in list_channels(session) if each.paused is None]
        recorded, workday = last_weeks(session), workdays_of(holidays_of(session))
    owed = [
        post_owed(
            channel,
            each.period,
            each.due_at,
            TOO_LATE if is_too_late(now, each.due_at) else None,
        )
        for channel in channels
        for each in weeks_owed(
            now,
            zone=ZoneInfo(channel.zone),
            plan=post_plan(channel, workday),
            since=channel.chosen_at,
            last_period=recorded.get(channel.team_channel_id),
        )
        if each.period > recorded.get(channel.team_channel_id, "")
    ]
    if owed:
        with desk.runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
            deliveries.owe(session, owed, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a post may need, whatever of it the place allows."""

    books: int
    total: Tally
    has_consent: bool
    locale: str
    """Of whoever chose the channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamLetters:
    """Writes a team's post for its channel as that is now."""

    runtime: Runtime

    def __call__(self, attempt: Attempt) -> Letter | Outcome:
        """Get the post ready, or say why it cannot go there."""
        claim = attempt.claim
        channel = self._channel(attempt)
        if channel is None:
            return Outcome(state=State.HELD, reason=TAKEN_AWAY)
        try:
            facts = self._facts(attempt, channel)
        except Exception:
            return not_built(claim)
        shown = _shown(attempt, channel, facts)
        if isinstance(shown, Outcome):
            return shown
        post = team.team_post(
            channel.team,
            facts.total if shown is Showing.COUNTS else None,
            Words(facts.locale),
            monday=date.fromisoformat(f"{claim.period}-1"),
            late=is_late(attempt.desk.now(), claim.due_at),
        )
        is_plain = claim.body is not None and not claim.body["blocks"]  # Slack refused them
        return Letter(
            to=channel.channel_id,
            place=channel.channel_id,
            locale=facts.locale,
            body={
                "text": post.text,
                "blocks": [] if is_plain else post.blocks,
                COUNTED: {"books": facts.books, **asdict(facts.total)},
            },
            recheck=partial(self._recheck, attempt, channel, facts, shown),
        )

    def _recheck(
        self, attempt: Attempt, channel: TeamChannel, facts: Facts, shown: Showing
    ) -> Outcome | None:
        """Look at the place once more; what is said depends on it."""
        found = _shown(attempt, channel, facts)
        if isinstance(found, Outcome):
            return found
        if found is shown and self._channel(attempt) == channel:
            return None
        return Outcome(state=State.DUE, reason=CHANGED, wait=BETWEEN_POSTS)

    def _channel(self, attempt: Attempt) -> TeamChannel | None:
        claim = attempt.claim
        with self.runtime.store.read(claim.firm_id) as session:
            return channel_by_id(session, claim.team_channel_id or 0)

    def _facts(self, attempt: Attempt, channel: TeamChannel) -> Facts:
        firm_id = attempt.claim.firm_id
        today = attempt.desk.now().astimezone(ZoneInfo(channel.zone)).date()
        counted = dict((attempt.claim.body or {}).get(COUNTED) or {})
        with self.runtime.store.read(firm_id) as session:
            if counted:
                books, total = counted.pop("books"), Tally(**counted)
            else:
                books, total = team_total(session, channel.team, today=today)
            has_consent = consent_of(session, firm_id) is not None
            people = {each.member_id: each for each in list_members(session)}
        chooser = people[channel.chosen_by]
        locale = chooser.locale or attempt.office.profile_of(chooser.slack_user_id or "").locale
        return Facts(books=books, total=total, has_consent=has_consent, locale=locale)


def _shown(attempt: Attempt, channel: TeamChannel, facts: Facts) -> Showing | Outcome:
    """Return what the place allows now; where it allows nothing, hold the post for good."""
    office = attempt.office
    place = post_place(office.client, office.profile_of, channel.channel_id)
    shown = post_showing(
        place,
        in_public=channel.in_public,
        books=facts.books,
        has_consent=facts.has_consent,
    )
    if shown in SHOWN:
        return shown
    later = _ask_later(attempt, channel.channel_id) if place is Place.UNKNOWN else None
    reason = f"{PLACE}{place}"
    return later or Outcome(state=State.HELD, reason=reason, verdict=Verdict.REFUSED)


def _ask_later(attempt: Attempt, channel_id: str) -> Outcome | None:
    """Tell whether a place is unknown only since Slack does not answer; None if it does."""
    ask = partial(attempt.office.client.conversations_info, channel=channel_id)
    try:
        call(attempt, "conversations.info", channel_id, ask)
    except Exception as error:
        failure = read_failure(error)
        if failure.verdict is not Verdict.REFUSED:
            # Whatever it is, it concerns this place and not all that the firm is owed
            return replace(not_posted(attempt, failure), verdict=None)
    return None
