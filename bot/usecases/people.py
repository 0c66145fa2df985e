"""Who has which role, acts for whom, and is linked to which account; the operator's and admins'."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.reports import PeopleReport
from bot.runtime import Runtime
from bot.usecases.firms import AlreadyLinkedError, MemberUnknownError
from domain.access import LONGEST_GRANT_DAYS, Action, Grant, Member, Role, demand
from domain.errors import DomainError
from storage.access import (
    drop_grant,
    note_try,
    save_code,
    save_grant,
    tries_since,
    use_code,
)
from storage.firms import (
    end_membership,
    link_member,
    list_members,
    member_by_key,
    member_by_slack_id,
    save_member,
)
from storage.journal import OPERATOR, Entry, Kind, by_account, by_member

CODE_HOLDS = timedelta(minutes=10)
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that look alike."""
CODE_GROUPS, GROUP_LETTERS = 3, 4
"""60 bits: nobody guesses one in ten minutes."""
MOST_TRIES = 5
TRIES_KEPT = timedelta(hours=1)
"""After so many wrong codes within so long somebody has to wait (ours)."""


class KeyTakenError(DomainError):
    """Another member has this short name."""


class OwnRightsError(DomainError):
    """Nobody changes the own rights."""


class GrantUnfitError(DomainError):
    """A grant that cannot be: who is no assistant or advisor, or when it would end."""

    def __init__(self, problem: str, name: str = "") -> None:
        super().__init__(f"{problem} {name}".strip())
        self.problem = problem
        self.name = name


HAVE_BOOKS = (Role.ADVISOR, Role.LEAD)
RIGHT_NAMES = ("may_record", "may_get_digest", "may_import")
NO_ASSISTANT, NO_BOOK, IS_OVER, TOO_LONG = "no assistant", "no book", "over", "too long"


class LinkedAlreadyError(DomainError):
    """The member has an account already."""

    def __init__(self, member: Member) -> None:
        super().__init__(member.key)
        self.member = member


class CodeRefusedError(DomainError):
    """A code that was never made, has been used, is too old, or is somebody else's: all alike."""


class TooManyTriesError(DomainError):
    """Somebody entered too many wrong codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChange:
    """What is to become of a member; with a name it is somebody new."""

    key: str
    name: str
    role: Role
    team: str
    account: str | None
    has_left: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCode:
    """A code to hand to the person, and until when it holds."""

    member: Member
    code: str
    expires_at: datetime


def actor(member: Member) -> str:
    """Name a member as the one who changes something."""
    return by_member(member.member_id)


def people_of(firm_id: int, runtime: Runtime) -> PeopleReport:
    """Report who has which role, link and grants."""
    now = runtime.now()
    with runtime.store.read(firm_id) as session:
        return PeopleReport(members=list_members(session, at=now), now=now)


def change_person(firm_id: int, admin: Member, change: PersonChange, runtime: Runtime) -> Member:
    """Change a member's role, team and account, or add a member, as an admin does in Slack.

    Clients and administration come into one hand at the terminal only. Raises NotAllowedError,
    OwnRightsError, KeyTakenError, MemberUnknownError and AlreadyLinkedError.
    """
    with runtime.store.write(firm_id) as session:
        if change.name:
            demand(admin, Action.ADMINISTER)
            if member_by_key(session, change.key) is not None:
                raise KeyTakenError(change.key)
            name = change.name
        else:
            name = _changeable(session, admin, change.key).name
        member = save_member(session, key=change.key, name=name, role=change.role, team=change.team)
        if change.has_left:
            end_membership(session, member.member_id)
        else:
            _link(session, member, change.account, runtime.now())
        role = "none" if change.has_left else change.role.value
        _note(runtime, firm_id, Kind.ROLE, actor(admin), f"member:{member.member_id}", role)
        if change.account != member.slack_user_id or change.has_left:
            account = "none" if change.has_left else change.account or "none"
            _note(runtime, firm_id, Kind.LINK, actor(admin), f"member:{member.member_id}", account)
        return member


def end(firm_id: int, key: str, runtime: Runtime) -> Member:
    """Keep that a member has left; the clients stay in that member's book until they are moved.

    Raises MemberUnknownError.
    """
    with runtime.store.write(firm_id) as session:
        member = _known(session, key)
        end_membership(session, member.member_id)
        _note(runtime, firm_id, Kind.ROLE, OPERATOR, f"member:{member.member_id}", "none")
        return member


def give_grant(
    firm_id: int,
    assistant: str,
    advisor: str,
    runtime: Runtime,
    *,
    until: datetime,
    may_record: bool,
    may_get_digest: bool,
    may_import: bool,
    by: str,
    admin: Member | None = None,
) -> tuple[Member, Member]:
    """Let an assistant act for an advisor until an instant; return both.

    Raises MemberUnknownError, GrantUnfitError and, for somebody in Slack, NotAllowedError and
    OwnRightsError.
    """
    now = runtime.now()
    with runtime.store.write(firm_id) as session:
        helper = _changeable(session, admin, assistant) if admin else _known(session, assistant)
        whose = _known(session, advisor)
        if helper.role is not Role.ASSISTANT or not helper.is_active:
            raise GrantUnfitError(NO_ASSISTANT, helper.name)
        if whose.role not in HAVE_BOOKS or not whose.is_active:
            raise GrantUnfitError(NO_BOOK, whose.name)
        if until <= now:
            raise GrantUnfitError(IS_OVER)
        if until > now + timedelta(days=LONGEST_GRANT_DAYS):
            raise GrantUnfitError(TOO_LONG)
        grant = Grant(
            advisor_id=whose.member_id,
            until=until,
            may_record=may_record,
            may_get_digest=may_get_digest,
            may_import=may_import,
        )
        save_grant(session, helper.member_id, grant, by=by, at=now)
        _note(
            runtime,
            firm_id,
            Kind.GRANT,
            by,
            f"member:{helper.member_id}",
            f"for:{whose.member_id}",
            f"until:{until.isoformat()}",
            *(name for name in RIGHT_NAMES if getattr(grant, name)),
        )
        return helper, whose


def revoke_grant(
    firm_id: int,
    assistant: str,
    advisor: str,
    runtime: Runtime,
    *,
    by: str,
    admin: Member | None = None,
) -> bool:
    """Take a grant back at once; tell whether there was one.

    Raises MemberUnknownError and, for somebody in Slack, NotAllowedError and OwnRightsError.
    """
    with runtime.store.write(firm_id) as session:
        helper = _changeable(session, admin, assistant) if admin else _known(session, assistant)
        whose = _known(session, advisor)
        ends = drop_grant(session, helper.member_id, whose.member_id)
        if ends:
            fields = (f"member:{helper.member_id}", f"for:{whose.member_id}", "ended")
            _note(runtime, firm_id, Kind.GRANT, by, *fields)
        return ends


def make_code(
    firm_id: int,
    key: str,
    runtime: Runtime,
    *,
    by: str,
    slack_user_id: str | None = None,
    admin: Member | None = None,
) -> LinkCode:
    """Make a code with which one person links the own account to a member, once, soon.

    Raises MemberUnknownError, LinkedAlreadyError and, for somebody in Slack, NotAllowedError and
    OwnRightsError.
    """
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_GROUPS * GROUP_LETTERS))
    expires_at = runtime.now() + CODE_HOLDS
    with runtime.store.write(firm_id) as session:
        member = _changeable(session, admin, key) if admin else _known(session, key)
        if member.slack_user_id is not None or not member.is_active:
            raise LinkedAlreadyError(member)
        save_code(
            session,
            member.member_id,
            _hashed(letters),
            slack_user_id=slack_user_id,
            by=by,
            expires_at=expires_at,
        )
        _note(runtime, firm_id, Kind.LINK, by, f"member:{member.member_id}", "code")
    groups = (letters[at : at + GROUP_LETTERS] for at in range(0, len(letters), GROUP_LETTERS))
    return LinkCode(member=member, code="-".join(groups), expires_at=expires_at)


def link_by_code(firm_id: int, typed: str, slack_user_id: str, runtime: Runtime) -> Member:
    """Link an account with a code; every reason to refuse one looks alike.

    Raises CodeRefusedError and TooManyTriesError.
    """
    now = runtime.now()
    with runtime.store.write(firm_id) as session:
        if tries_since(session, slack_user_id, now - TRIES_KEPT) >= MOST_TRIES:
            raise TooManyTriesError
        member = _claimed(session, typed, slack_user_id, now)
        if member is None:
            note_try(session, slack_user_id, now, kept=TRIES_KEPT)
        else:
            link_member(session, member.key, slack_user_id, at=now)
            fields = (f"member:{member.member_id}", slack_user_id)
            _note(runtime, firm_id, Kind.LINK, by_account(slack_user_id), *fields)
    if member is None:  # the try above is kept
        raise CodeRefusedError
    return member


def _claimed(session: Session, typed: str, slack_user_id: str, now: datetime) -> Member | None:
    if member_by_slack_id(session, slack_user_id) is not None:
        return None
    letters = "".join(each for each in typed.upper() if each.isalnum())
    member_id = use_code(session, _hashed(letters), slack_user_id, now)
    member = next((m for m in list_members(session) if m.member_id == member_id), None)
    if member is None or member.slack_user_id is not None or not member.is_active:
        return None
    return member


def _known(session: Session, key: str) -> Member:
    member = member_by_key(session, key)
    if member is None:
        raise MemberUnknownError(key, [each.key for each in list_members(session)])
    return member


def _changeable(session: Session, admin: Member, key: str) -> Member:
    """Return a member whose rights an admin may change: anybody's but the own."""
    demand(admin, Action.ADMINISTER)
    member = _known(session, key)
    if member.member_id == admin.member_id:
        raise OwnRightsError
    return member


def _hashed(letters: str) -> str:
    return hashlib.sha256(letters.encode()).hexdigest()


def _link(session: Session, member: Member, account: str | None, at: datetime) -> None:
    if account == member.slack_user_id:
        return
    holder = member_by_slack_id(session, account) if account else None
    if holder is not None and holder.key != member.key:
        raise AlreadyLinkedError(holder)
    link_member(session, member.key, account, at=at)


def _note(runtime: Runtime, firm_id: int, kind: Kind, by: str, *fields: str) -> None:
    """Write down what is about to be kept."""
    runtime.note(firm_id, Entry(kind=kind, actor=by, fields=fields))
