"""Client events: who is entitled, whom to invite first and why, replies, who came.

Commonwealth's service model names events as services of a tier; order and states are ours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from enum import StrEnum

from domain.errors import DomainError
from domain.model import Client, Tier
from domain.servicing import DueService, DueState, Ground, Outcome, ServiceRecord


class InvitationState(StrEnum):
    """What came of an invitation."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CAME = "came"
    MISSED = "missed"


SEATED = (InvitationState.INVITED, InvitationState.ACCEPTED, InvitationState.CAME)
"""Who holds a seat: an open invitation does, or two could accept the last one."""
REPLIES = (InvitationState.INVITED, InvitationState.ACCEPTED, InvitationState.DECLINED)
ATTENDANCE = (InvitationState.CAME, InvitationState.MISSED)


class EventError(DomainError):
    """Something about an event that cannot be."""


class EventGoneError(EventError):
    """There is no such event of the asker's team."""


class NotYourEventError(EventError):
    """Only who made an event, or a lead, changes it."""


class PastEventError(EventError):
    """An event is planned for a day to come."""


class EventServiceError(EventError):
    """The service is none of the service model's events."""


class SeatsError(EventError):
    """An event has at least one seat, and no more than a large hall."""


class EventFullError(EventError):
    """There are fewer seats left than clients to invite."""

    def __init__(self, left: int, wanted: int) -> None:
        super().__init__(f"{left} seats left, {wanted} wanted")
        self.left = left
        self.wanted = wanted


class EventCancelledError(EventError):
    """The event was cancelled."""


class EventOverError(EventError):
    """The event has taken place; nobody can be invited to it any more."""


class EventToComeError(EventError):
    """Who came to an event is not known before its day."""


class NotInvitedError(EventError):
    """The client was not invited to the event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientEvent:
    """A dinner, a seminar."""

    event_id: int
    team: str
    owner_id: int
    """Who made it, and may change it."""
    name: str
    on: date
    at: time
    ends_at: time
    """Not after `at`: the event ends on the next day."""
    zone: str
    """Whose clocks show these times; an IANA name."""
    place: str
    seats: int
    service: str
    """Which of the service model's events it delivers."""
    tiers: tuple[Tier, ...]
    uid: str
    """Names the event in calendars, for good."""
    sequence: int = 0
    """Grows with every change."""
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A client's invitation to an event, and since when its state holds."""

    client_id: int
    event_id: int
    state: InvitationState
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A client who may be invited, with the reasons: the tier, and since when it is owed."""

    client: Client
    tier: Tier | None
    due: DueService | None
    """None: nothing of this kind is owed; the event's tiers alone entitle the client."""


def seats_left(event: ClientEvent, invitations: Iterable[Invitation]) -> int:
    """Return how many seats nobody holds; never below none, if seats were taken away."""
    held = sum(each.state in SEATED for each in invitations)
    return max(event.seats - held, 0)


def is_entitled(
    client: Client, tier: Tier | None, due: DueService | None, event: ClientEvent
) -> bool:
    """Tell whether a client may be invited: by tier, or because it was agreed with her."""
    if client.is_former_on(event.on):
        return False
    is_agreed = due is not None and due.entitlement.ground is Ground.OVERRIDE
    return tier in event.tiers or is_agreed


def by_urgency(candidates: Iterable[Candidate], tiers: Sequence[Tier]) -> list[Candidate]:
    """Order candidates: owed the longest first; then by tier, next due day, revenue and name."""

    def urgency(each: Candidate) -> tuple[bool, date, int, date, int, str]:
        is_open = each.due is not None and each.due.state in (DueState.OVERDUE, DueState.DUE)
        due_on = each.due.due_on if each.due else date.max
        rank = tiers.index(each.tier) if each.tier in tiers else len(tiers)
        revenue = -int(each.client.revenue or 0)
        since = due_on if is_open else date.max
        return (not is_open, since, rank, due_on, revenue, each.client.name)

    return sorted(candidates, key=urgency)


def check_invitable(
    event: ClientEvent, invitations: Sequence[Invitation], wanted: int, *, today: date
) -> None:
    """Raise if so many more clients cannot be invited."""
    _check_held(event)
    if event.on < today:
        raise EventOverError
    left = seats_left(event, invitations)
    if wanted > left:
        raise EventFullError(left, wanted)


def moved(
    event: ClientEvent, invitation: Invitation | None, state: InvitationState, *, today: date
) -> Invitation:
    """Return the invitation with another state.

    Raises NotInvitedError, EventCancelledError, and EventToComeError for attendance before the day.
    """
    if invitation is None:
        raise NotInvitedError
    _check_held(event)
    if state in ATTENDANCE and today < event.on:
        raise EventToComeError
    return replace(invitation, state=state, on=today)


def record_of(event: ClientEvent, before: InvitationState, now: Invitation) -> ServiceRecord | None:
    """Return what an invitation says of the service: came delivers it, declined declines it.

    Who had accepted and stayed away has declined; who never replied gave no answer.
    """
    match now.state:
        case InvitationState.CAME:
            outcome, on = Outcome.DELIVERED, event.on
        case InvitationState.DECLINED:
            outcome, on = Outcome.DECLINED, min(now.on, event.on)
        case InvitationState.MISSED:
            unanswered = before is InvitationState.INVITED
            outcome, on = (Outcome.NO_ANSWER if unanswered else Outcome.DECLINED), event.on
        case _:
            return None
    return ServiceRecord(service=event.service, outcome=outcome, on=on, event_id=event.event_id)


def _check_held(event: ClientEvent) -> None:
    if event.is_cancelled:
        raise EventCancelledError
