"""Who may see and do what, and where it may be said: deny by default, stated once, as data.

Rights are those of whoever acts now; a place only takes rights away; an unknown place counts as
shared with another firm; a client outside one's scope is answered like no client at all.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import DomainError


class Role(StrEnum):
    """What a linked member of the firm is here."""

    ADVISOR = "advisor"
    ASSISTANT = "assistant"
    """Acts for the advisors who are named in grants, as far and as long as these say."""
    LEAD = "lead"
    COMPLIANCE = "compliance"
    """Reads single clients, each time for a reason that is kept."""
    ADMIN = "admin"
    """Sets up people and settings; sees no client."""


class Standing(StrEnum):
    """What the workspace says of a person, before any role."""

    MEMBER = "member"
    """Also who runs the workspace: running Slack is no role here."""
    GUEST = "guest"
    EXTERNAL = "external"
    DEACTIVATED = "deactivated"
    BOT = "bot"
    UNKNOWN = "unknown"


class Welcome(StrEnum):
    """What somebody without a role is told."""

    HOW_TO_BE_LINKED = "how to be linked"
    NEUTRAL = "one neutral sentence"
    NOTHING = "nothing"
    LATER = "try again"


WELCOMES = {
    Standing.MEMBER: Welcome.HOW_TO_BE_LINKED,
    Standing.GUEST: Welcome.NEUTRAL,
    Standing.EXTERNAL: Welcome.NEUTRAL,
    Standing.DEACTIVATED: Welcome.NEUTRAL,
    Standing.BOT: Welcome.NOTHING,
    Standing.UNKNOWN: Welcome.LATER,
}


class Action(StrEnum):
    """What a person asks the assistant to do."""

    SEE_CLIENT = "see_client"
    SEE_PRIORITIES = "see_priorities"
    """See lists of clients: priorities, what is due, events, the book."""
    GET_DIGEST = "get_digest"
    RECORD = "record"
    IMPORT = "import"
    EXPORT = "export"
    """Get clients' data as a file."""
    CONFIRM_EXPORT = "confirm_export"
    """Confirm or decline that somebody else gets the whole firm's; nobody does so for oneself."""
    RUN_EVENTS = "run_events"
    """Change and cancel client events; a team's events are seen by all of it."""
    MOVE_CLIENT = "move_client"
    SEE_HOURS = "see_hours"
    """See the utilisation of single advisors; all together are no single one."""
    TEAM_POSTS = "team_posts"
    """Choose and cancel what a team's channel is told."""
    TRY_RULES = "try_rules"
    """Work out a change of the rule book and see its effect; clients are named within the scope.
    """
    CHANGE_RULES = "change_rules"
    """Save a change of the rule book."""
    TICK_PRACTICE = "tick_practice"
    """Tick points of the practice checklist off."""
    SEE_PEOPLE = "see_people"
    """See roles, links, grants and channels."""
    ADMINISTER = "administer"
    """Change roles, links, grants and the firm's settings."""
    REQUEST_ERASURE = "request_erasure"
    APPROVE_ERASURE = "approve_erasure"
    ERASE = "erase"
    SEE_LOG = "see_log"
    EXPORT_LOG = "export_log"
    HELP = "help"
    """Help, and one's own settings."""


class Scope(StrEnum):
    """How much of the firm's book an action reaches."""

    NOTHING = "nothing"
    OWN = "own"
    GRANTED = "granted"
    """The books of the advisors named in grants that hold and allow the action."""
    TEAM = "team"
    FIRM = "firm"


class Proviso(StrEnum):
    """What an action needs besides the right."""

    REASON = "reason"
    """A reason is asked first, and kept."""
    SECOND_PERSON = "second person"
    """Somebody else confirms."""
    APPROVAL = "approval"
    """Compliance has approved."""
    IDS_ONLY = "ids only"
    """Numbers in place of names."""


@dataclass(frozen=True, slots=True)
class Right:
    """How far an action goes, and on which condition."""

    scope: Scope
    proviso: Proviso | None = None


NO, OWN, GRANTED = Right(Scope.NOTHING), Right(Scope.OWN), Right(Scope.GRANTED)
TEAM, FIRM = Right(Scope.TEAM), Right(Scope.FIRM)


def _by_role(
    advisor: Right, assistant: Right, lead: Right, compliance: Right, admin: Right
) -> dict[Role, Right]:
    return {
        Role.ADVISOR: advisor,
        Role.ASSISTANT: assistant,
        Role.LEAD: lead,
        Role.COMPLIANCE: compliance,
        Role.ADMIN: admin,
    }


RIGHTS = {
    #                                advisor  assistant  lead  compliance  admin
    Action.SEE_CLIENT: _by_role(OWN, GRANTED, TEAM, Right(Scope.FIRM, Proviso.REASON), NO),
    Action.SEE_PRIORITIES: _by_role(OWN, GRANTED, TEAM, NO, NO),
    Action.GET_DIGEST: _by_role(OWN, GRANTED, OWN, NO, NO),
    Action.RECORD: _by_role(OWN, GRANTED, TEAM, NO, NO),
    Action.IMPORT: _by_role(OWN, GRANTED, TEAM, NO, FIRM),
    Action.EXPORT: _by_role(OWN, NO, TEAM, NO, Right(Scope.FIRM, Proviso.SECOND_PERSON)),
    Action.CONFIRM_EXPORT: _by_role(NO, NO, NO, FIRM, FIRM),
    Action.RUN_EVENTS: _by_role(OWN, GRANTED, TEAM, NO, NO),
    Action.MOVE_CLIENT: _by_role(NO, NO, TEAM, NO, FIRM),
    Action.SEE_HOURS: _by_role(OWN, NO, TEAM, NO, NO),
    Action.TEAM_POSTS: _by_role(NO, NO, TEAM, NO, FIRM),
    Action.TRY_RULES: _by_role(NO, NO, TEAM, NO, FIRM),
    Action.CHANGE_RULES: _by_role(NO, NO, TEAM, NO, FIRM),
    Action.TICK_PRACTICE: _by_role(NO, NO, TEAM, NO, FIRM),
    Action.SEE_PEOPLE: _by_role(NO, NO, TEAM, FIRM, FIRM),
    Action.ADMINISTER: _by_role(NO, NO, NO, NO, FIRM),
    Action.REQUEST_ERASURE: _by_role(OWN, NO, TEAM, NO, NO),
    Action.APPROVE_ERASURE: _by_role(NO, NO, NO, FIRM, NO),
    Action.ERASE: _by_role(NO, NO, NO, NO, Right(Scope.FIRM, Proviso.APPROVAL)),
    Action.SEE_LOG: _by_role(OWN, NO, TEAM, FIRM, Right(Scope.FIRM, Proviso.IDS_ONLY)),
    Action.EXPORT_LOG: _by_role(NO, NO, NO, FIRM, NO),
    Action.HELP: _by_role(OWN, OWN, OWN, OWN, OWN),
}
"""The whole table; whoever has no role has no right (`WELCOMES` says what such people are told)."""

NEEDS_CONSENT = frozenset({Action.SEE_HOURS})
"""Actions that compare people: beyond oneself only with the works council's consent on record.

Germany, BetrVG § 87 (1) no. 6.
"""
RESERVABLE = frozenset({Action.CHANGE_RULES})
"""Actions that a firm may keep for its admins (`Member.rules_reserved`)."""
FEWEST_TOGETHER = 3
"""Without that consent the hours of so many advisors may be shown together, not of fewer (ours)."""
LONGEST_GRANT_DAYS = 366
"""An assistant acts for at most so long before somebody says it again (ours)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An assistant acts for an advisor until an instant; seeing is what every grant allows."""

    advisor_id: int
    until: datetime
    may_record: bool = False
    may_get_digest: bool = False
    may_import: bool = False

    def allows(self, action: Action) -> bool:
        """Tell whether an action is among what was granted."""
        if action in (Action.RECORD, Action.RUN_EVENTS):
            return self.may_record
        if action is Action.GET_DIGEST:
            return self.may_get_digest
        return self.may_import if action is Action.IMPORT else True


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person of the firm who has a role, linked to a Slack account or not yet."""

    member_id: int
    key: str
    name: str
    role: Role
    team: str
    slack_user_id: str | None = None
    is_active: bool = True
    is_admin: bool = False
    """Administers besides the role: what a firm of one person needs."""
    rules_reserved: bool = False
    """The member's firm keeps changes of its rule book for admins."""
    grants: tuple[Grant, ...] = ()
    """What an assistant was granted and what holds when the member was read."""
    locale: str | None = None
    """Chosen here; None: as in Slack."""
    full_text: bool = False
    """Names and amounts may stand in notifications."""
    strict: bool = False
    """Answers come by direct message even in the firm's own channels."""

    @property
    def roles(self) -> tuple[Role, ...]:
        """Return the role, and administration where it is held besides."""
        both = self.is_admin and self.role is not Role.ADMIN
        return (self.role, Role.ADMIN) if both else (self.role,)


class NotAllowedError(DomainError):
    """The member has no right to an action at all."""

    def __init__(self, member: Member, action: Action) -> None:
        super().__init__(action)
        self.member = member
        self.action = action


class ReasonNeededError(DomainError):
    """The member reads clients for a reason only, and gave none yet."""


def right_of(member: Member, action: Action, *, has_consent: bool = False) -> Right:
    """Return how far a member may go with an action; `has_consent` is the works council's.

    Administration held besides a role adds what the role lacks; it widens no reach into clients.
    """
    if not member.is_active:
        return NO
    is_reserved = action in RESERVABLE and member.rules_reserved
    roles = [each for each in member.roles if each is Role.ADMIN or not is_reserved]
    rights = (RIGHTS[action][role] for role in roles)
    right = next((each for each in rights if each.scope is not Scope.NOTHING), NO)
    if right.scope is Scope.GRANTED and not any(each.allows(action) for each in member.grants):
        return NO
    if action in NEEDS_CONSENT and not has_consent and right.scope is Scope.TEAM:
        return OWN
    return right


def scope_of(member: Member, action: Action, *, has_consent: bool = False) -> Scope:
    """Return how much of the firm's book a member may reach with an action."""
    return right_of(member, action, has_consent=has_consent).scope


def may(member: Member, action: Action) -> bool:
    """Tell whether a member may do something at all."""
    return scope_of(member, action) is not Scope.NOTHING


def demand(member: Member, action: Action) -> None:
    """Raise NotAllowedError unless a member may do something at all."""
    if not may(member, action):
        raise NotAllowedError(member, action)


def needs_reason(member: Member, action: Action) -> bool:
    """Tell whether a reason is asked first."""
    return right_of(member, action).proviso is Proviso.REASON


def needs_second_person(member: Member, action: Action) -> bool:
    """Tell whether somebody else confirms first."""
    return right_of(member, action).proviso is Proviso.SECOND_PERSON


def advisors_within(
    member: Member, action: Action, firm: Iterable[Member], *, has_consent: bool = False
) -> frozenset[int]:
    """Return the ids of the advisors whose clients the member may reach with an action."""
    scope = scope_of(member, action, has_consent=has_consent)
    ids = {each.member_id for each in firm if scope is Scope.FIRM or each.team == member.team}
    return reach_of(member, action, ids, has_consent=has_consent)


def reach_of(
    member: Member, action: Action, ids: Collection[int], *, has_consent: bool = False
) -> frozenset[int]:
    """Return the same, given the ids of the member's team or, for a right to it, of the firm."""
    match scope_of(member, action, has_consent=has_consent):
        case Scope.NOTHING:
            return frozenset()
        case Scope.GRANTED:
            return frozenset(each.advisor_id for each in member.grants if each.allows(action))
        case Scope.OWN:
            return frozenset({member.member_id})
        case Scope.TEAM | Scope.FIRM:
            return frozenset({member.member_id, *ids})


def own_books(member: Member, action: Action) -> frozenset[int]:
    """Return whose clients "mine" are: an assistant's are those of the advisors in the grants."""
    return reach_of(member, action, ())


def whose_books(member: Member, firm: Iterable[Member]) -> str:
    """Name whose clients "mine" are: the member's own or, for an assistant, those of others."""
    if member.role is not Role.ASSISTANT:
        return member.name
    books = own_books(member, Action.SEE_PRIORITIES)
    return ", ".join(each.name for each in firm if each.member_id in books) or member.name


class Place(StrEnum):
    """Where something was asked or is to be said, as far as it matters."""

    DIRECT = "direct"
    """A direct message with the assistant, App Home, or a modal opened from there."""
    PRIVATE = "private"
    """A private channel of the firm's own people."""
    GUESTS = "guests"
    """The same with at least one guest, or somebody whom Slack does not name."""
    PUBLIC = "public"
    GENERAL = "general"
    """The channel that everybody is in."""
    GROUP = "group"
    """A direct message among several."""
    ORGANISATION = "organisation"
    """Shared with other workspaces of one's own organisation."""
    SHARED = "shared"
    """Shared with another firm, or about to be."""
    UNKNOWN = "unknown"
    """Archived, without the assistant, or impossible to ask about."""


class Content(StrEnum):
    """What is to appear."""

    ANSWER = "answer"
    """To what a person asked, for that person's eyes only."""
    MODAL = "modal"
    POST = "post"
    """Unasked, for everybody in the place."""
    FILE = "file"


class Showing(StrEnum):
    """What becomes of it."""

    FULL = "full"
    DIRECTLY = "directly"
    """It goes by direct message, and the place is told so."""
    COUNTS = "counts"
    """The team's counts and a button; no client field."""
    SHORT = "short"
    """One sentence and a button."""
    COUNTS_IF_ENABLED = "counts, if enabled"
    """The team's counts where somebody switched that on for the channel, else nothing."""
    REFUSED = "refused"
    HELD = "held"
    """Not now, with the reason; it is tried again."""


SHOWINGS = {
    Place.DIRECT: {
        Content.ANSWER: Showing.FULL,
        Content.MODAL: Showing.FULL,
        Content.POST: Showing.FULL,
        Content.FILE: Showing.FULL,
    },
    Place.PRIVATE: {
        Content.ANSWER: Showing.FULL,
        Content.MODAL: Showing.FULL,
        Content.POST: Showing.COUNTS,
        Content.FILE: Showing.DIRECTLY,
    },
    Place.GUESTS: {
        Content.ANSWER: Showing.FULL,
        Content.MODAL: Showing.FULL,
        Content.POST: Showing.SHORT,
        Content.FILE: Showing.DIRECTLY,
    },
    Place.PUBLIC: {
        Content.ANSWER: Showing.FULL,
        Content.MODAL: Showing.FULL,
        Content.POST: Showing.COUNTS_IF_ENABLED,
        Content.FILE: Showing.DIRECTLY,
    },
    Place.GENERAL: {
        Content.ANSWER: Showing.FULL,
        Content.MODAL: Showing.FULL,
        Content.POST: Showing.REFUSED,
        Content.FILE: Showing.REFUSED,
    },
    Place.GROUP: {
        Content.ANSWER: Showing.FULL,
        Content.MODAL: Showing.FULL,
        Content.POST: Showing.REFUSED,
        Content.FILE: Showing.REFUSED,
    },
    Place.ORGANISATION: {
        Content.ANSWER: Showing.DIRECTLY,
        Content.MODAL: Showing.FULL,
        Content.POST: Showing.REFUSED,
        Content.FILE: Showing.REFUSED,
    },
    Place.SHARED: {
        Content.ANSWER: Showing.DIRECTLY,
        Content.MODAL: Showing.REFUSED,
        Content.POST: Showing.REFUSED,
        Content.FILE: Showing.REFUSED,
    },
    Place.UNKNOWN: {
        Content.ANSWER: Showing.DIRECTLY,
        Content.MODAL: Showing.REFUSED,
        Content.POST: Showing.HELD,
        Content.FILE: Showing.REFUSED,
    },
}
"""What may appear where, for a person who has the right to it."""


def showing(place: Place, content: Content, *, strict: bool = False) -> Showing:
    """Return what becomes of something in a place.

    `strict` is for who wants client data in direct messages only, even in the firm's channels.
    """
    shown = SHOWINGS[place][content]
    if not strict or place is Place.DIRECT or shown is not Showing.FULL:
        return shown
    return Showing.REFUSED if content is Content.MODAL else Showing.DIRECTLY
