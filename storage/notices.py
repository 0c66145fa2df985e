"""What people want to be told, what reminders named, whose holidays count, channels of teams."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from domain.notices import Choices, from_plain, to_plain
from storage.deliveries import has_failed
from storage.store import insert_new
from storage.tables import FirmRow, NoticeChoiceRow, RemindedRow

LOOKED = "looked"
"""Stands in the place of a thing on each day that was looked at, so that it is not again."""
ZONE = "zone"
"""Stands there once a member was told that the firm's zone counts for want of one in Slack."""
KEPT = timedelta(days=400)
"""Longer than the moments of a thing lie apart: what was said before that changes nothing."""


def choices_of(session: Session) -> Mapping[int, Choices]:
    """Return the choices of the session's firm's members; whoever made none is not there."""
    rows = session.exec(select(NoticeChoiceRow))
    return {row.member_id: from_plain(row.choices) for row in rows}


def choices_by(session: Session, member_id: int) -> Choices:
    """Return the choices of one member."""
    made = select(NoticeChoiceRow.choices).where(NoticeChoiceRow.member_id == member_id)
    choices = session.exec(made).one_or_none()
    return Choices() if choices is None else from_plain(choices)


def chosen_since(session: Session) -> dict[int, datetime]:
    """Return since when each member's choices hold; whoever made none is not there."""
    rows = session.exec(select(NoticeChoiceRow.member_id, NoticeChoiceRow.changed_at))
    return dict(rows.all())


def save_choices(session: Session, member_id: int, choices: Choices, *, at: datetime) -> None:
    """Keep a member's choices."""
    row = session.exec(
        select(NoticeChoiceRow).where(NoticeChoiceRow.member_id == member_id)
    ).one_or_none()
    if row is None:
        row = NoticeChoiceRow(member_id=member_id, choices={}, changed_at=at)
        session.add(row)
    row.choices, row.changed_at = to_plain(choices), at
    session.flush()


def holidays_of(session: Session) -> str:
    """Return whose public holidays count in the session's firm, such as DE-BY; empty: nobody's."""
    return session.exec(select(FirmRow.holidays).where(FirmRow.id == session.info["firm_id"])).one()


def save_holidays(session: Session, place: str) -> None:
    """Keep whose public holidays count."""
    session.exec(
        select(FirmRow).where(FirmRow.id == session.info["firm_id"])
    ).one().holidays = place


def last_looked(session: Session) -> dict[int, date]:
    """Return the last day that was looked at, by member."""
    newest = func.max(RemindedRow.day)
    found = session.exec(
        select(col(RemindedRow.member_id), newest)
        .where(RemindedRow.item == LOOKED)
        .group_by(col(RemindedRow.member_id))
    )
    return dict(found.all())


def looked_before(session: Session, member_id: int, day: date) -> date | None:
    """Return the last day before another that was looked at for one member."""
    newest = select(func.max(RemindedRow.day)).where(
        RemindedRow.member_id == member_id, RemindedRow.item == LOOKED, RemindedRow.day < day
    )
    return session.exec(newest).one()


def note_reminded(session: Session, member_id: int, day: date, items: Iterable[str]) -> None:
    """Keep that a day was looked at, and what is said on it; what is long past is dropped."""
    session.exec(
        sa.delete(RemindedRow).where(
            col(RemindedRow.member_id) == member_id,
            col(RemindedRow.day) < day - KEPT,
            col(RemindedRow.item) != ZONE,
        )
    )
    _note(session, member_id, day, (LOOKED, *items))


def note_zone_told(session: Session, member_id: int, day: date) -> bool:
    """Keep that a message of a day says whose zone counts; False if an earlier one said it.

    One that was held or given up said nothing.
    """
    days = session.exec(
        select(col(RemindedRow.day)).where(
            RemindedRow.member_id == member_id, RemindedRow.item == ZONE
        )
    ).all()
    if day not in days and any(not has_failed(session, member_id, each) for each in days):
        return False
    _note(session, member_id, day, (ZONE,))
    return True


def reminded(session: Session, member_id: int) -> dict[str, list[date]]:
    """Return the days on which each thing was said to a member."""
    found: defaultdict[str, list[date]] = defaultdict(list)
    rows = session.exec(
        select(col(RemindedRow.item), col(RemindedRow.day))
        .where(RemindedRow.member_id == member_id, RemindedRow.item != LOOKED)
        .order_by(col(RemindedRow.day))
    )
    for item, day in rows:
        found[item].append(day)
    return dict(found)


def _note(session: Session, member_id: int, day: date, items: Iterable[str]) -> None:
    firm_id = session.info["firm_id"]
    rows = [
        {"firm_id": firm_id, "member_id": member_id, "item": item, "day": day} for item in items
    ]
    insert_new(session, RemindedRow.__table__, rows)  # type: ignore[attr-defined]
