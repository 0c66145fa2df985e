"""What assistants were granted, and the one-time codes with which people link themselves."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, func, select

from domain.access import Grant
from storage.tables import GrantRow, LinkCodeRow, LinkTryRow


def grants_at(session: Session, instant: datetime) -> dict[int, tuple[Grant, ...]]:
    """Return the grants of the session's firm that hold at an instant, by assistant."""
    held: dict[int, tuple[Grant, ...]] = {}
    for row in session.exec(
        select(GrantRow).where(col(GrantRow.until) > instant).order_by(col(GrantRow.id))
    ):
        held[row.assistant_id] = (*held.get(row.assistant_id, ()), _grant(row))
    return held


def grants_to(session: Session, assistant_id: int, instant: datetime) -> tuple[Grant, ...]:
    """Return what an assistant was granted and what holds at an instant."""
    rows = session.exec(
        select(GrantRow)
        .where(GrantRow.assistant_id == assistant_id, col(GrantRow.until) > instant)
        .order_by(col(GrantRow.id))
    )
    return tuple(map(_grant, rows))


def save_grant(session: Session, assistant_id: int, grant: Grant, *, by: str, at: datetime) -> None:
    """Keep a grant in place of an earlier one for the same advisor."""
    drop_grant(session, assistant_id, grant.advisor_id)
    session.add(
        GrantRow(
            assistant_id=assistant_id,
            advisor_id=grant.advisor_id,
            until=grant.until,
            may_record=grant.may_record,
            may_get_digest=grant.may_get_digest,
            may_import=grant.may_import,
            given_by=by,
            given_at=at,
        )
    )
    session.flush()


def drop_grant(session: Session, assistant_id: int, advisor_id: int) -> bool:
    """Take a grant back; tell whether there was one."""
    row = session.exec(
        select(GrantRow).where(
            GrantRow.assistant_id == assistant_id, GrantRow.advisor_id == advisor_id
        )
    ).one_or_none()
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def drop_grants_to(session: Session, assistant_id: int) -> None:
    """Take back whatever an assistant was granted."""
    session.exec(delete(GrantRow).where(col(GrantRow.assistant_id) == assistant_id))


def drop_grants_about(session: Session, member_id: int) -> None:
    """Take back whatever a member was granted, and whatever others were granted for the member."""
    session.exec(
        delete(GrantRow).where(
            (col(GrantRow.assistant_id) == member_id) | (col(GrantRow.advisor_id) == member_id)
        )
    )


def save_code(
    session: Session,
    member_id: int,
    code_hash: str,
    *,
    slack_user_id: str | None,
    by: str,
    expires_at: datetime,
) -> None:
    """Keep a code by its hash; earlier ones for the same member hold no longer."""
    drop_codes(session, member_id)
    session.add(
        LinkCodeRow(
            member_id=member_id,
            code_hash=code_hash,
            slack_user_id=slack_user_id,
            made_by=by,
            expires_at=expires_at,
        )
    )
    session.flush()


def drop_codes(session: Session, member_id: int) -> None:
    """Forget the codes that were made for a member."""
    session.exec(delete(LinkCodeRow).where(col(LinkCodeRow.member_id) == member_id))


def use_code(session: Session, code_hash: str, slack_user_id: str, instant: datetime) -> int | None:
    """Use a code up and return the member it was made for; None if it does not hold."""
    row = session.exec(select(LinkCodeRow).where(LinkCodeRow.code_hash == code_hash)).one_or_none()
    if row is None or row.used_at is not None or row.expires_at <= instant:
        return None
    if row.slack_user_id not in (None, slack_user_id):
        return None
    row.used_at = instant
    session.flush()
    return row.member_id


def note_try(session: Session, slack_user_id: str, instant: datetime, *, kept: timedelta) -> None:
    """Keep that somebody entered a code in vain; what is older than `kept` is forgotten."""
    session.exec(delete(LinkTryRow).where(col(LinkTryRow.tried_at) <= instant - kept))
    session.add(LinkTryRow(slack_user_id=slack_user_id, tried_at=instant))
    session.flush()


def tries_since(session: Session, slack_user_id: str, instant: datetime) -> int:
    """Count how often somebody entered a code in vain after an instant."""
    counted = select(func.count()).select_from(LinkTryRow)
    return session.exec(
        counted.where(LinkTryRow.slack_user_id == slack_user_id, col(LinkTryRow.tried_at) > instant)
    ).one()


def _grant(row: GrantRow) -> Grant:
    return Grant(
        advisor_id=row.advisor_id,
        until=row.until,
        may_record=row.may_record,
        may_get_digest=row.may_get_digest,
        may_import=row.may_import,
    )
