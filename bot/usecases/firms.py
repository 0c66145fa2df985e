"""Set up firms and members; the operator's own use cases."""

from collections.abc import Collection

from bot.reports import Asker
from bot.runtime import Runtime
from domain.access import Action, Member, Role, Scope, reach_of, scope_of
from domain.errors import DomainError
from domain.rulebook import RuleBook
from storage.clients import has_clients
from storage.firms import (
    find_firm,
    firm_by_id,
    link_member,
    list_firms,
    list_members,
    member_by_key,
    member_by_slack_id,
    member_ids,
    save_member,
    save_preferences,
    save_rules,
    team_ids,
)
from storage.journal import OPERATOR, Entry, Kind, by_member
from storage.store import note_change
from storage.tables import FirmRow

RESERVED, NOT_RESERVED = "rules reserved", "rules open to leads"
"""What the journal says of a change."""


class FirmUnclearError(DomainError):
    """There is no firm yet, or several and none was named, or none is so named."""

    def __init__(self, workspace_ids: list[str], named: str | None = None) -> None:
        super().__init__(workspace_ids)
        self.workspace_ids = workspace_ids
        self.named = named


class MemberUnknownError(DomainError):
    """No member has this key."""

    def __init__(self, key: str, known: list[str]) -> None:
        super().__init__(key)
        self.key = key
        self.known = known


class BothRolesError(DomainError):
    """Clients and administration in one hand, though the firm has others who could hold the one."""

    def __init__(self, name: str, others: list[str]) -> None:
        super().__init__(name)
        self.name = name
        self.others = others


class AlreadyLinkedError(DomainError):
    """The Slack account belongs to another member."""

    def __init__(self, member: Member) -> None:
        super().__init__(member.key)
        self.member = member


class CurrencyFixedError(DomainError):
    """Amounts are kept in the firm's currency already."""


def ensure_firm(
    workspace_id: str, name: str, runtime: Runtime, *, currency: str, zone: str, locale: str
) -> FirmRow:
    """Return the workspace's firm; a new one begins with the default rule book."""
    with runtime.store.write(None) as session:
        firm = find_firm(session, workspace_id)
        if firm is not None:
            session.expunge(firm)
            return firm
        firm = FirmRow(
            workspace_id=workspace_id,
            name=name,
            currency=currency,
            zone=zone,
            locale=locale,
            created_at=runtime.now(),
        )
        session.add(firm)
        session.flush()
        session.refresh(firm)
        session.expunge(firm)
    with runtime.store.write(firm.id) as session:
        rules = RuleBook(valid_from=runtime.now().date())
        save_rules(session, rules, by="default", at=runtime.now())
    return firm


def change_firm(
    firm_id: int,
    runtime: Runtime,
    *,
    name: str | None = None,
    zone: str | None = None,
    currency: str | None = None,
    rules_reserved: bool | None = None,
) -> FirmRow:
    """Change what a firm is called and assumes; its currency only before it has clients.

    `rules_reserved` keeps changes of the rule book for admins.
    """
    with runtime.store.write(firm_id) as session:
        firm = firm_by_id(session, firm_id)
        if currency is not None and currency.upper() != firm.currency:
            if has_clients(session):
                raise CurrencyFixedError
            firm.currency = currency.upper()
        firm.name, firm.zone = name or firm.name, zone or firm.zone
        if rules_reserved is not None and rules_reserved != firm.rules_reserved:
            firm.rules_reserved = rules_reserved
            said = RESERVED if rules_reserved else NOT_RESERVED
            note_change(session, [said], at=runtime.now(), what="firm settings")
        session.flush()
        session.expunge(firm)
    return firm


def choose_firm(workspace_id: str | None, runtime: Runtime) -> FirmRow:
    """Return the firm that was named, or the only one."""
    with runtime.store.read(None) as session:
        firms = list_firms(session)
    chosen = [f for f in firms if workspace_id in (None, f.workspace_id)]
    if len(chosen) != 1:
        raise FirmUnclearError([each.workspace_id for each in firms], workspace_id)
    return chosen[0]


def add_member(
    firm_id: int,
    runtime: Runtime,
    *,
    key: str,
    name: str,
    role: Role,
    team: str,
    is_admin: bool | None = None,
) -> Member:
    """Add a member, or change the one who has this key; None leaves administration as it is.

    Raises BothRolesError.
    """
    with runtime.store.write(firm_id) as session:
        known = member_by_key(session, key)
        had = known is not None and known.is_admin
        both = (had if is_admin is None else is_admin) and role is not Role.ADMIN
        others = [each.name for each in list_members(session) if each.is_active and each.key != key]
        if both and not had and others:
            raise BothRolesError(name, others)
        member = save_member(session, key=key, name=name, role=role, team=team, is_admin=both)
        _note(runtime, firm_id, Kind.ROLE, member, *member.roles)
        return member


def link(firm_id: int, key: str, slack_user_id: str | None, runtime: Runtime) -> Member:
    """Link a member to a Slack account, or unlink with None."""
    with runtime.store.write(firm_id) as session:
        holder = member_by_slack_id(session, slack_user_id) if slack_user_id else None
        if holder is not None and holder.key != key:
            raise AlreadyLinkedError(holder)
        member = link_member(session, key, slack_user_id, at=runtime.now())
        if member is None:
            raise MemberUnknownError(key, [each.key for each in list_members(session)])
        _note(runtime, firm_id, Kind.LINK, member, slack_user_id or "none")
        return member


def find_member(firm_id: int, key: str, runtime: Runtime) -> Member:
    """Return the member with a key."""
    with runtime.store.read(firm_id) as session:
        member = member_by_key(session, key)
        if member is None:
            raise MemberUnknownError(key, [each.key for each in list_members(session)])
        return member


def member_now(firm_id: int, member: Member, runtime: Runtime) -> Member:
    """Return a member as of now, with the grants that hold."""
    with runtime.store.read(firm_id) as session:
        found = list_members(session, at=runtime.now())
    return next(each for each in found if each.member_id == member.member_id)


def member_asker(
    firm_id: int, member: Member, runtime: Runtime, *, action: Action = Action.SEE_CLIENT
) -> Asker:
    """Return a member as asker, with the books that an action may reach as of now."""
    ids: Collection[int] = ()
    scope = scope_of(member, action)
    if scope in (Scope.TEAM, Scope.FIRM):
        with runtime.store.read(firm_id) as session:
            ids = team_ids(session, member.team) if scope is Scope.TEAM else member_ids(session)
    return Asker(
        firm_id=firm_id,
        name=member.name,
        reach=reach_of(member, action, ids),
        member=member,
    )


def change_preferences(
    firm_id: int,
    member: Member,
    runtime: Runtime,
    *,
    locale: str | None,
    full_text: bool,
    strict: bool,
) -> None:
    """Keep a member's own settings."""
    with runtime.store.write(firm_id) as session:
        save_preferences(
            session, member.member_id, locale=locale, full_text=full_text, strict=strict
        )


def operator(firm_id: int, runtime: Runtime) -> Asker:
    """Return the asker at the terminal: whoever runs the host reaches the whole firm."""
    with runtime.store.read(firm_id) as session:
        reach = frozenset(each.member_id for each in list_members(session))
    return Asker(firm_id=firm_id, name="operator", reach=reach)


def _note(runtime: Runtime, firm_id: int, kind: Kind, member: Member, *fields: str) -> None:
    """Write down what the operator is about to change of a member."""
    whose = by_member(member.member_id)
    runtime.note(firm_id, Entry(kind=kind, actor=OPERATOR, fields=(whose, *fields)))
