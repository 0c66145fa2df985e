"""Who may see and do what, and where it may be said: deny by default, stated once, as data.

Rights are those of whoever acts now; a place only takes rights away; an unknown place counts as
shared with another firm; a client outside one's scope is answered like no client at all.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a linked member of the firm is here."""

    ADVISOR = "advisor"
    LEAD = "lead"


class Standing(StrEnum):
    """What the workspace says of a person, before any role."""

    MEMBER = "member"
    GUEST = "guest"
    EXTERNAL = "external"
    DEACTIVATED = "deactivated"
    BOT = "bot"
    UNKNOWN = "unknown"


class Action(StrEnum):
    """What a person asks the assistant to do."""

    SEE_CLIENT = "see_client"
    SEE_PRIORITIES = "see_priorities"
    RECORD = "record"
    MOVE_CLIENT = "move_client"
    GET_DIGEST = "get_digest"
    RUN_EVENTS = "run_events"
    """Change and cancel client events; a team's events are seen by all of it."""
    CHANGE_RULES = "change_rules"
    """Change the firm's rule book; clients are named within the scope only."""
    SEE_HOURS = "see_hours"
    """See the utilisation of single advisors; all together are no single one."""


class Scope(StrEnum):
    """How much of the firm's book an action reaches."""

    NOTHING = "nothing"
    OWN = "own"
    TEAM = "team"


class Place(StrEnum):
    """Where something was asked, as far as it matters."""

    DIRECT = "direct"
    """A direct message with the assistant, App Home, or a modal opened from there."""
    FIRM = "firm"
    """A channel or group whose every member belongs to the firm's workspace."""
    SHARED = "shared"
    """Shared with another firm, or about to be."""
    UNKNOWN = "unknown"


SCOPES = {
    Role.ADVISOR: {
        Action.SEE_CLIENT: Scope.OWN,
        Action.SEE_PRIORITIES: Scope.OWN,
        Action.RECORD: Scope.OWN,
        Action.MOVE_CLIENT: Scope.NOTHING,
        Action.GET_DIGEST: Scope.OWN,
        Action.RUN_EVENTS: Scope.OWN,
        Action.CHANGE_RULES: Scope.NOTHING,
        Action.SEE_HOURS: Scope.OWN,
    },
    Role.LEAD: {
        Action.SEE_CLIENT: Scope.TEAM,
        Action.SEE_PRIORITIES: Scope.TEAM,
        Action.RECORD: Scope.TEAM,
        Action.MOVE_CLIENT: Scope.TEAM,
        Action.GET_DIGEST: Scope.OWN,
        Action.RUN_EVENTS: Scope.TEAM,
        Action.CHANGE_RULES: Scope.TEAM,
        Action.SEE_HOURS: Scope.TEAM,
    },
}

NEEDS_CONSENT = frozenset({Action.SEE_HOURS})
"""Actions that compare people: beyond oneself only with the works council's consent on record.

Germany, BetrVG § 87 (1) no. 6.
"""
FEWEST_TOGETHER = 3
"""Without that consent the hours of so many advisors may be shown together, not of fewer (ours)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person of the firm: an advisor or lead, linked to a Slack account or not yet."""

    member_id: int
    key: str
    name: str
    role: Role
    team: str
    slack_user_id: str | None = None
    is_active: bool = True
    locale: str | None = None
    """Chosen here; None: as in Slack."""
    full_text: bool = False
    """Names and amounts may stand in notifications."""
    strict: bool = False
    """Answers come by direct message even in the firm's own channels."""


def scope_of(member: Member, action: Action, *, has_consent: bool = False) -> Scope:
    """Return how far a member may go with an action; `has_consent` is the works council's."""
    if not member.is_active:
        return Scope.NOTHING
    scope = SCOPES[member.role].get(action, Scope.NOTHING)
    if action in NEEDS_CONSENT and not has_consent and scope is Scope.TEAM:
        return Scope.OWN
    return scope


def advisors_within(
    member: Member, action: Action, firm: tuple[Member, ...], *, has_consent: bool = False
) -> frozenset[int]:
    """Return the ids of the advisors whose clients the member may reach with an action."""
    team = {each.member_id for each in firm if each.team == member.team}
    return reach_of(member, action, team, has_consent=has_consent)


def reach_of(
    member: Member, action: Action, team: Collection[int], *, has_consent: bool = False
) -> frozenset[int]:
    """Return the same, given the ids of the member's team."""
    scope = scope_of(member, action, has_consent=has_consent)
    if scope is Scope.NOTHING:
        return frozenset()
    return frozenset({member.member_id, *(team if scope is Scope.TEAM else ())})


def may_answer_in(place: Place, *, strict: bool = False) -> bool:
    """Tell whether an answer with client data may appear, to the asker alone, in a place.

    `strict` is for who wants answers in direct messages only.
    """
    return place is Place.DIRECT or (place is Place.FIRM and not strict)
