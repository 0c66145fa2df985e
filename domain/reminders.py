"""What is to be said to whom on which day: the moments of each thing, and what was said before.

A thing comes up at one or two moments and is said at most twice; after that it stands in the
digest only. What is booked, put off or settled has no moment. All figures are ours.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from domain.events import ClientEvent, Invitation, InvitationState
from domain.model import DecisionKind, Tier
from domain.notices import IsWorkday, Notice, workday_before
from domain.rechecks import DecisionRecheck, EndingOverride, StrategicRecheck
from domain.service_model import Family, ServiceModel
from domain.servicing import DueService

MOST_SAID = 2
"""So often a thing is said; then only in the digest."""
LOOKS_BACK = timedelta(days=7)
"""What came up earlier and was never said stands in the digest only: no flood on the first day."""
INVITE_DAYS, REPLY_DAYS = 42, (14, 5)
"""So long before an event somebody should be invited, and replies be in."""
RECHECK_DAYS = 14
"""So long before their day re-checks and tiers set by hand come up first."""


class Topic(StrEnum):
    """What is said of a thing."""

    SERVICE = "service"
    APPOINTMENT = "appointment"
    UNREPORTED = "unreported"
    INVITE = "invite"
    REPLIES = "replies"
    EVENT = "event"
    RECHECK = "recheck"
    OVERRIDE = "override"
    DECISION = "decision"


NOTICES = {
    Topic.SERVICE: Notice.SERVICES,
    Topic.APPOINTMENT: Notice.APPOINTMENTS,
    Topic.UNREPORTED: Notice.APPOINTMENTS,
    Topic.INVITE: Notice.EVENTS,
    Topic.REPLIES: Notice.EVENTS,
    Topic.EVENT: Notice.EVENTS,
    Topic.RECHECK: Notice.RECHECKS,
    Topic.OVERRIDE: Notice.RECHECKS,
    Topic.DECISION: Notice.RECHECKS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A thing that a person may have to be reminded of."""

    topic: Topic
    of: int
    """The id of the client, or of the event."""
    name: str
    """The client's or the event's."""
    on: date
    """The day that it is about."""
    moments: tuple[date, ...]
    """The days on which it comes up."""
    until: date | None = None
    """The last day on which it may be said; None: as long as it stands."""
    service: str = ""
    count: int = 0
    """Replies that are missing."""
    due: DueService | None = None
    tier: Tier | None = None
    tier_after: Tier | None = None
    decision: DecisionKind | None = None

    @property
    def key(self) -> str:
        """Name the thing: the next time of a service is another one."""
        return f"{self.topic}:{self.of}:{self.decision or self.service}:{self.on.isoformat()}"

    @property
    def notice(self) -> Notice:
        """Return the kind whose frequency a person chooses."""
        return NOTICES[self.topic]


def service_items(
    client_id: int, name: str, dues: Iterable[DueService], model: ServiceModel, workday: IsWorkday
) -> list[Item]:
    """List what comes up of a client's services: reviews with their lead, others when due.

    Tomorrow's appointment comes up on the last working day before it, a passed one the day after.
    """
    found = []
    for due in dues:
        about: dict[str, Any] = {"of": client_id, "name": name, "service": due.service, "due": due}
        if due.is_reminded:
            service = model.find(due.service)
            is_early = service is not None and service.family in (Family.PLANNING, Family.FLOOR)
            moments = (due.remind_on, due.due_on) if is_early else (due.due_on, due.overdue_on)
            found.append(Item(topic=Topic.SERVICE, on=due.due_on, moments=moments, **about))
        if due.appointment is not None and due.appointment.service == due.service:
            on = due.appointment.on
            eve = workday_before(on, workday)
            found.append(Item(topic=Topic.APPOINTMENT, on=on, moments=(eve,), until=on, **about))
        if due.unreported is not None:
            on = due.unreported.on
            moments = (on + timedelta(days=1), on + LOOKS_BACK)
            found.append(Item(topic=Topic.UNREPORTED, on=on, moments=moments, **about))
    return found


def event_items(
    event: ClientEvent,
    invitations: Sequence[Invitation],
    *,
    own: Collection[int],
    is_owner: bool,
    seats_left: int,
    workday: IsWorkday,
) -> list[Item]:
    """List what comes up of an event: to invite (its owner), own clients' replies, its eve."""
    if event.is_cancelled:
        return []
    about: dict[str, Any] = {
        "of": event.event_id,
        "name": event.name,
        "on": event.on,
        "until": event.on,
    }
    mine = [each for each in invitations if each.client_id in own]
    missing = sum(each.state is InvitationState.INVITED for each in mine)
    guests = sum(each.state is InvitationState.ACCEPTED for each in mine)
    found = []
    if is_owner and seats_left and not invitations:
        found.append(Item(topic=Topic.INVITE, moments=_before(event.on, INVITE_DAYS, 28), **about))
    if missing:
        moments = _before(event.on, *REPLY_DAYS)
        found.append(Item(topic=Topic.REPLIES, moments=moments, count=missing, **about))
    if is_owner or guests:
        eve = workday_before(event.on, workday)
        found.append(Item(topic=Topic.EVENT, moments=(eve,), count=guests, **about))
    return found


def recheck_items(
    rechecks: Iterable[StrategicRecheck],
    overrides: Iterable[EndingOverride],
    decisions: Iterable[DecisionRecheck],
) -> list[Item]:
    """List strategic clients and decisions to look at again, and tiers set by hand that end."""
    again = [
        Item(
            topic=Topic.RECHECK,
            of=each.assessment.client.client_id,
            name=each.assessment.client.name,
            on=each.due_on,
            moments=_before(each.due_on, RECHECK_DAYS, 0),
        )
        for each in rechecks
    ]
    ending = [
        Item(
            topic=Topic.OVERRIDE,
            of=each.assessment.client.client_id,
            name=each.assessment.client.name,
            on=each.override.last_day,
            moments=_before(each.override.last_day, RECHECK_DAYS, 1),
            until=each.override.last_day,
            tier=each.override.tier,
            tier_after=each.tier_after,
        )
        for each in overrides
    ]
    decided = [
        Item(
            topic=Topic.DECISION,
            of=each.assessment.client.client_id,
            name=each.assessment.client.name,
            on=each.due_on,
            moments=_before(each.due_on, RECHECK_DAYS, 0),
            decision=each.decision.kind,
        )
        for each in decisions
    ]
    return [*again, *ending, *decided]


def to_say(
    items: Iterable[Item],
    said: Mapping[str, Sequence[date]],
    kinds: Collection[Notice],
    *,
    today: date,
    last_looked: date | None = None,
) -> tuple[Item, ...]:
    """Choose what a person is told today, the soonest day first.

    `said` has the days on which each thing was said before today, `last_looked` the day of the last
    look: what came up since then, a holiday long perhaps, is said now.
    """
    since = min(last_looked or today, today - LOOKS_BACK)
    chosen = [
        each
        for each in items
        if each.notice in kinds
        and (each.until is None or today <= each.until)
        and _comes_up(each, said.get(each.key, ()), since=since, today=today)
    ]
    return tuple(sorted(chosen, key=lambda each: (each.on, each.name, each.of, each.key)))


def _comes_up(item: Item, said: Sequence[date], *, since: date, today: date) -> bool:
    """Tell whether the latest moment so far is fresh and has not been said yet."""
    latest = max((each for each in item.moments if each <= today), default=None)
    if latest is None or latest <= since or len(said) >= MOST_SAID:
        return False
    return all(day < latest for day in said)


def _before(day: date, *days: int) -> tuple[date, ...]:
    return tuple(day - timedelta(days=each) for each in days)
