"""What a team's books ask for in all, and the channel in which the team is told."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.digests.kinds import HELD, TEAM
from bot.digests.weekly import Plan, due_at_once
from bot.runtime import Runtime
from bot.service_reports import TeamSummary
from bot.usecases.assessing import assess_books
from bot.usecases.services import owed_to
from bot.usecases.workdays import workdays_of
from domain.access import Action, Member, Place, Showing, advisors_within
from domain.calendar import iso_week, local_instant, monday_of
from domain.decisions import open_decisions
from domain.handling import quiet_clients
from domain.model import Quadrant
from domain.notices import IsWorkday
from domain.rulebook import RuleBook
from domain.servicing import DueState
from domain.team_posts import Tally, TeamChannel, may_be_summed, post_showing
from storage import team_channels
from storage.capacity import consent_of
from storage.clients import count_books
from storage.deliveries import Owed, call_off, count_failed, owe
from storage.firms import current_rules, list_members
from storage.handling import handled_since
from storage.notices import holidays_of

WEEK = timedelta(days=7)
TAKEN_AWAY = "the channel was taken away"
PLACE = "channel: "
"""Begins the reason why nothing is said in a channel, before the kind of place."""


def tallies_of(
    session: Session, advisors: frozenset[int], rules: RuleBook, *, today: date
) -> dict[int, Tally]:
    """Count what each book asks for that has any client; names that were seen to are left out."""
    found = assess_books(session, advisors, rules, today=today)
    quiet = quiet_clients(handled_since(session, advisors, today=today), found, today=today)
    fields = Counter(
        (each.client.advisor_id, each.quadrant.quadrant)
        for each in found
        if each.client.client_id not in quiet
    )
    decisions = Counter(
        each.assessment.client.advisor_id for each in open_decisions(found, today=today)
    )
    overdue = Counter(
        each.assessment.client.advisor_id
        for each in owed_to(session, found, rules, today)
        for due in each.due
        if due.state is DueState.OVERDUE
    )
    return {
        advisor: Tally(
            grow=fields[advisor, Quadrant.GROW],
            fix=fields[advisor, Quadrant.FIX],
            decisions=decisions[advisor],
            overdue=overdue[advisor],
        )
        for advisor in sorted({each.client.advisor_id for each in found})
    }


def team_summary(
    session: Session, lead: Member, rules: RuleBook, *, now: datetime, firm_id: int
) -> TeamSummary | None:
    """Sum a lead's team up; single advisors only with the works council's consent.

    None if nobody else is in the team.
    """
    firm = list_members(session)
    team = advisors_within(lead, Action.SEE_PRIORITIES, firm)
    if team == {lead.member_id}:
        return None
    has_consent = consent_of(session, firm_id) is not None
    shown = advisors_within(lead, Action.SEE_HOURS, firm, has_consent=has_consent)
    tallies = tallies_of(session, team, rules, today=now.date())
    names = {each.member_id: each.name for each in firm}
    single = [(names[each], tally) for each, tally in tallies.items() if each in shown]
    is_summed = may_be_summed(len(tallies), has_consent=has_consent)
    return TeamSummary(
        team=lead.team,
        books=len(tallies),
        total=sum(tallies.values(), Tally()) if is_summed else None,
        single=tuple(sorted(single)) if has_consent else (),
        failed=count_failed(session, team, since=now - WEEK, but=HELD),
    )


def team_total(session: Session, team: str, *, today: date) -> tuple[int, Tally]:
    """Return how many books a team has, and what they ask for together."""
    members = frozenset(
        each.member_id for each in list_members(session) if each.team == team and each.is_active
    )
    tallies = tallies_of(session, members, current_rules(session), today=today)
    return len(tallies), sum(tallies.values(), Tally())


def channel_of(firm_id: int, team: str, runtime: Runtime) -> TeamChannel | None:
    """Return a team's channel."""
    with runtime.store.read(firm_id) as session:
        return team_channels.channel_of(session, team)


def what_is_shown(
    firm_id: int, team: str, place: Place, runtime: Runtime, *, in_public: bool
) -> Showing:
    """Return what a team would be told in a place."""
    with runtime.store.read(firm_id) as session:
        members = [each for each in list_members(session) if each.team == team and each.is_active]
        return post_showing(
            place,
            in_public=in_public,
            books=count_books(session, [each.member_id for each in members]),
            has_consent=consent_of(session, firm_id) is not None,
        )


def next_post(firm_id: int, channel: TeamChannel, runtime: Runtime) -> date:
    """Return the day of a channel's next post."""
    with runtime.store.read(firm_id) as session:
        now = runtime.shared_now(session)
        workday = workdays_of(holidays_of(session))
        last = team_channels.last_weeks(session).get(channel.team_channel_id, "")
    zone = ZoneInfo(channel.zone)
    monday = monday_of(now.astimezone(zone).date())
    day = channel.post_day(monday, workday)
    is_past = iso_week(monday) <= last or local_instant(day, channel.at, zone) < now
    return channel.post_day(monday + WEEK, workday) if is_past else day


def choose_channel(
    firm_id: int,
    member: Member,
    runtime: Runtime,
    *,
    team: str,
    channel_id: str,
    weekday: int,
    at: time,
    zone: ZoneInfo,
    in_public: bool,
) -> TeamChannel:
    """Keep a team's channel; this week's post is not lost by another day."""
    with runtime.store.write(firm_id) as session:
        now = runtime.shared_now(session)
        before = team_channels.channel_of(session, team)
        workday = workdays_of(holidays_of(session))
        kept = team_channels.save_channel(
            session,
            team,
            channel_id=channel_id,
            chosen_by=member.member_id,
            chosen_at=now,
            weekday=weekday,
            at=at,
            zone=zone.key,
            in_public=in_public,
        )
        if before is not None and before.paused is None:
            due = due_at_once(
                now,
                zone=zone,
                before=post_plan(before, workday),
                after=post_plan(kept, workday),
            )
            if due is not None and before.chosen_at <= due.due_at:
                owe(session, [post_owed(kept, due.period, due.due_at)], now=now)
    return kept


def drop_channel(firm_id: int, team: str, runtime: Runtime) -> None:
    """Let a team have no channel; what is still to be said there is not said."""
    with runtime.store.write(firm_id) as session:
        dropped = team_channels.take_away(session, team)
        if dropped is not None:
            call_off(session, dropped, TAKEN_AWAY, now=runtime.shared_now(session))


def post_plan(channel: TeamChannel, workday: IsWorkday) -> Plan:
    """Say when a channel's posts are due."""
    return Plan(day_of=lambda monday: channel.post_day(monday, workday), at=channel.at)


def post_owed(
    channel: TeamChannel, period: str, due_at: datetime, held_reason: str | None = None
) -> Owed:
    """Say what a channel is owed in a week."""
    return Owed(
        member_id=channel.chosen_by,
        team_channel_id=channel.team_channel_id,
        kind=f"{TEAM}:{channel.team_channel_id}",
        period=period,
        due_at=due_at,
        held_reason=held_reason,
    )
