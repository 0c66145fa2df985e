"""Firms, their members and their rule books."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access import Grant, Member, Role
from domain.rulebook import RuleBook
from domain.rulefile import from_plain, to_plain
from storage.access import drop_codes, drop_grants_about, drop_grants_to, grants_at, grants_to
from storage.joined import among
from storage.store import Prepared, note_change
from storage.tables import FirmRow, MemberRow, RuleBookRow

_FIRM: Any = select(FirmRow).where(FirmRow.workspace_id == sa.bindparam("workspace"))
_RESERVED = (
    sa.select(col(FirmRow.rules_reserved))
    .where(col(FirmRow.id) == col(MemberRow.firm_id))
    .scalar_subquery()
    .label("rules_reserved")
)
_PEOPLE: Any = sa.select(*(getattr(MemberRow, name) for name in MemberRow.model_fields), _RESERVED)
_MEMBERS = Prepared(_PEOPLE.order_by(MemberRow.name))
_THESE = Prepared(_PEOPLE.where(among(MemberRow.id, "ids")).order_by(MemberRow.name))
_LINKED = Prepared(_PEOPLE.where(MemberRow.slack_user_id == sa.bindparam("user")))
_KEYED = Prepared(_PEOPLE.where(MemberRow.key == sa.bindparam("key")))
_TEAM = Prepared(sa.select(col(MemberRow.id)).where(col(MemberRow.team) == sa.bindparam("team")))
_EVERYBODY = Prepared(sa.select(col(MemberRow.id)))
_CALLERS = Prepared(
    sa.select(
        col(FirmRow.id).label("firm"),
        *(col(each) for each in (FirmRow.workspace_id, FirmRow.currency, FirmRow.zone)),
        col(FirmRow.rules_reserved),
        *(getattr(MemberRow, name) for name in MemberRow.model_fields),
    )
    .select_from(FirmRow)
    .join(
        MemberRow,
        sa.and_(
            col(MemberRow.firm_id) == col(FirmRow.id),
            col(MemberRow.slack_user_id) == sa.bindparam("user"),
        ),
        isouter=True,
    )
    .where(among(FirmRow.workspace_id, "workspaces"))
)
_VERSIONS: Any = sa.select(sa.cast(RuleBookRow.body, sa.Text)).order_by(col(RuleBookRow.version))
_DEFAULT_RULES = RuleBook()
_ALL_RULES = Prepared(_VERSIONS)
_RULES_BEFORE = Prepared(_VERSIONS.where(col(RuleBookRow.version) < sa.bindparam("version")))
_RULES = Prepared(_VERSIONS.order_by(None).order_by(col(RuleBookRow.version).desc()).limit(1))


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmOfCaller:
    """What an answer needs to know of the firm of whoever asks."""

    id: int
    workspace_id: str
    currency: str
    zone: str


UNINSTALLED = "app_uninstalled"
"""Why a firm is disconnected whose people took the app out of their workspace."""


def find_firm(session: Session, workspace_id: str) -> FirmRow | None:
    """Return the firm of a Slack workspace or organisation."""
    firm: FirmRow | None = session.exec(_FIRM, params={"workspace": workspace_id}).one_or_none()
    return firm


def firm_by_id(session: Session, firm_id: int) -> FirmRow:
    """Return a firm."""
    return session.exec(select(FirmRow).where(FirmRow.id == firm_id)).one()


def mark_placed(session: Session, day: date) -> bool:
    """Note that the book of the session's firm is placed as of a day; False if it was before.

    Until the end of the session nobody else can.
    """
    earlier = sa.or_(col(FirmRow.placed_on).is_(None), col(FirmRow.placed_on) < day)
    done = session.exec(
        sa.update(FirmRow)
        .where(col(FirmRow.id) == session.info["firm_id"], earlier)
        .values(placed_on=day)
    )
    return done.rowcount == 1


def disconnect(session: Session, why: str, *, at: datetime) -> bool:
    """Note that Slack no longer takes us at the session's firm; False if that is known.

    The first reason stays, except that the app was uninstalled: that is not to be forgotten.
    """
    is_news = (
        col(FirmRow.disconnected_why) != UNINSTALLED
        if why == UNINSTALLED
        else col(FirmRow.disconnected_at).is_(None)
    )
    done = session.exec(
        sa.update(FirmRow)
        .where(col(FirmRow.id) == session.info["firm_id"], is_news)
        .values(disconnected_at=at, disconnected_why=why)
    )
    return done.rowcount == 1


def connect(session: Session) -> bool:
    """Note that Slack takes us again at the session's firm; False if that is known."""
    row = (col(FirmRow.id) == session.info["firm_id"], col(FirmRow.disconnected_at).is_not(None))
    connected = {"disconnected_at": None, "disconnected_why": ""}
    return session.exec(sa.update(FirmRow).where(*row).values(**connected)).rowcount == 1


def list_firms(session: Session) -> list[FirmRow]:
    """Return all firms of this store."""
    return list(session.exec(select(FirmRow).order_by(col(FirmRow.id))))


def list_members(session: Session, *, at: datetime | None = None) -> tuple[Member, ...]:
    """Return the session's firm's members by name, each with the grants that hold at an instant.

    Without an instant nobody has any.
    """
    grants = grants_at(session, at) if at else {}
    return tuple(_member(row, grants.get(row.id, ())) for row in _MEMBERS.rows(session))


def members_among(session: Session, ids: Collection[int]) -> tuple[Member, ...]:
    """Return the members with these ids by name, without what was granted to them."""
    return tuple(_member(row) for row in _THESE.rows(session, ids=sorted(ids)))


def member_ids(session: Session) -> tuple[int, ...]:
    """Return the ids of all members of the session's firm."""
    return tuple(_EVERYBODY.cells(session))


def team_ids(session: Session, team: str) -> tuple[int, ...]:
    """Return the ids of a team's members."""
    return tuple(_TEAM.cells(session, team=team))


def find_caller(
    session: Session, workspace_ids: Sequence[str], slack_user_id: str, *, at: datetime
) -> tuple[FirmOfCaller | None, Member | None]:
    """Return the firm of the first workspace or organisation that has one, and who asks there.

    An assistant comes with what was granted and holds at the instant. For a session of no firm:
    whose it is, is found out here.
    """
    rows = _CALLERS.rows(session, workspaces=workspace_ids, user=slack_user_id)
    found = {row.workspace_id: row for row in rows}
    row = next((found[each] for each in workspace_ids if each in found), None)
    if row is None:
        return None, None
    firm = FirmOfCaller(
        id=row.firm, workspace_id=row.workspace_id, currency=row.currency, zone=row.zone
    )
    if row.id is None:
        return firm, None
    is_assistant = row.role == Role.ASSISTANT
    return firm, _member(row, grants_to(session, row.id, at) if is_assistant else ())


def member_by_slack_id(session: Session, slack_user_id: str) -> Member | None:
    """Return the member that a Slack account is linked to."""
    rows = _LINKED.rows(session, user=slack_user_id)
    return _member(rows[0]) if rows else None


def member_by_key(session: Session, key: str) -> Member | None:
    """Return the member with a key such as ``berger``."""
    rows = _KEYED.rows(session, key=key)
    return _member(rows[0]) if rows else None


def save_member(
    session: Session, *, key: str, name: str, role: Role, team: str, is_admin: bool = False
) -> Member:
    """Add a member, or change the one with this key; the link stays as it is.

    Somebody who had left is back; whoever is no assistant any more acts for nobody.
    """
    row = session.exec(select(MemberRow).where(MemberRow.key == key)).one_or_none()
    if row is None:
        row = MemberRow(key=key, name=name, role=role, team=team)
        session.add(row)
    if row.id is not None and role != Role.ASSISTANT:
        drop_grants_to(session, row.id)
    row.name, row.role, row.team = name, role, team
    row.is_admin, row.is_active = is_admin, True
    session.flush()
    return _member(_KEYED.rows(session, key=key)[0])


def end_membership(session: Session, member_id: int) -> None:
    """Keep that a member has left: no role, no link, nothing granted; the clients stay."""
    row = session.exec(select(MemberRow).where(MemberRow.id == member_id)).one()
    row.is_active, row.is_admin = False, False
    row.slack_user_id = row.linked_at = None
    drop_grants_about(session, member_id)
    drop_codes(session, member_id)
    session.flush()


def link_member(
    session: Session, key: str, slack_user_id: str | None, *, at: datetime
) -> Member | None:
    """Link a member to a Slack account (None: unlink); None if there is no such member."""
    row = session.exec(select(MemberRow).where(MemberRow.key == key)).one_or_none()
    if row is None:
        return None
    row.slack_user_id = slack_user_id
    row.linked_at = at if slack_user_id else None
    session.flush()
    return _member(_KEYED.rows(session, key=key)[0])


def save_preferences(
    session: Session, member_id: int, *, locale: str | None, full_text: bool, strict: bool
) -> None:
    """Keep a member's own settings."""
    row = session.exec(select(MemberRow).where(MemberRow.id == member_id)).one()
    row.locale, row.full_text, row.strict = locale, full_text, strict


def current_rules(session: Session) -> RuleBook:
    """Return the firm's newest rule book, or the default one if none was saved."""
    bodies = _RULES.cells(session)
    return _rules(bodies[0]) if bodies else _DEFAULT_RULES


@lru_cache(maxsize=64)
def _rules(body: str) -> RuleBook:
    return from_plain(json.loads(body))


def all_rules(session: Session) -> tuple[RuleBook, ...]:
    """Return all versions of the firm's rule book, the oldest first; at least the default one."""
    return tuple(map(_rules, _ALL_RULES.cells(session))) or (_DEFAULT_RULES,)


def rules_before(session: Session, version: int) -> tuple[RuleBook, ...]:
    """Return the versions of the firm's rule book before one of them, the oldest first."""
    return tuple(map(_rules, _RULES_BEFORE.cells(session, version=version)))


def save_rules(session: Session, rules: RuleBook, *, by: str, at: datetime) -> None:
    """Keep a rule book as one more version; versions are never changed."""
    note_change(session, [f"version {rules.version}"], at=at, what="rules")
    session.add(
        RuleBookRow(
            version=rules.version,
            valid_from=rules.valid_from,
            body=to_plain(rules),
            saved_by=by,
            saved_at=at,
        )
    )
    session.flush()


def _member(row: Any, grants: tuple[Grant, ...] = ()) -> Member:
    if row.id is None:
        raise ValueError("a member that was never saved has no id")
    return Member(
        member_id=row.id,
        key=row.key,
        name=row.name,
        role=Role(row.role),
        team=row.team,
        slack_user_id=row.slack_user_id,
        is_active=row.is_active,
        is_admin=row.is_admin,
        rules_reserved=row.rules_reserved,
        grants=grants,
        locale=row.locale,
        full_text=row.full_text,
        strict=row.strict,
    )
