"""What capacity is read from besides clients: logged time, agreed services, months, consent."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from domain.book_months import BookMonth
from domain.capacity import Hours, Logged
from domain.practice import Point, Tick
from domain.service_history import Outcome, ServiceOverride
from storage.tables import (
    BookMonthRow,
    ClientRow,
    FirmRow,
    PracticeTickRow,
    ServiceOverrideRow,
    ServiceRecordRow,
)

REVIEW = "review"
"""The key of the review meeting in a service model."""


def logged_between(
    session: Session, advisor_ids: Collection[int], first_day: date, last_day: date
) -> dict[int, Logged]:
    """Return what was delivered to each client of these books, both days included."""
    record = ServiceRecordRow
    minutes = col(record.advisor_minutes), col(record.staff_minutes)
    rows = session.execute(
        sa.select(col(record.client_id), func.count(), *(func.sum(each) for each in minutes))
        .add_columns(func.count(func.coalesce(*minutes)))
        .join(ClientRow, col(ClientRow.id) == record.client_id)
        .where(
            col(ClientRow.advisor_id).in_(advisor_ids),
            col(record.outcome) == Outcome.DELIVERED,
            col(record.happened_on).between(first_day, last_day),
        )
        .group_by(col(record.client_id))
    )
    return {
        client_id: Logged(
            deliveries=deliveries,
            hours=Hours(advisor=Decimal(advisor or 0) / 60, staff=Decimal(staff or 0) / 60),
            untimed=deliveries - timed,
        )
        for client_id, deliveries, advisor, staff, timed in rows
    }


def agreed_services(
    session: Session, today: date, advisor_ids: Collection[int] | None = None
) -> dict[int, list[ServiceOverride]]:
    """Return the service overrides in force by client: of some books, or of the whole firm."""
    row = ServiceOverrideRow
    found = select(row).where(row.first_day <= today, row.last_day >= today).order_by(col(row.id))
    if advisor_ids is not None:
        found = found.join(ClientRow, col(ClientRow.id) == row.client_id)
        found = found.where(col(ClientRow.advisor_id).in_(advisor_ids))
    agreed: dict[int, list[ServiceOverride]] = {}
    for each in session.exec(found):
        agreed.setdefault(each.client_id, []).append(
            ServiceOverride(
                service=each.service,
                per_year=Decimal(each.per_year_hundredths) / 100,
                reason=each.reason,
                by=each.by,
                first_day=each.first_day,
                last_day=each.last_day,
                override_id=each.id,
            )
        )
    return agreed


def list_months(
    session: Session, advisor_ids: Collection[int], since: date
) -> dict[int, list[BookMonth]]:
    """Return the months of each of these books from a day on, the oldest first."""
    row = BookMonthRow
    found: dict[int, list[BookMonth]] = {each: [] for each in sorted(advisor_ids)}
    for each in session.exec(
        select(row)
        .where(col(row.advisor_id).in_(advisor_ids), row.month >= since)
        .order_by(col(row.month))
    ):
        found[each.advisor_id].append(
            BookMonth(
                month=each.month,
                clients=each.clients,
                ideal_clients=each.ideal_clients,
                revenue=Decimal(each.revenue_cents) / 100,
                hours=Decimal(each.hours_hundredths) / 100,
                ideal_hours=Decimal(each.ideal_hours_hundredths) / 100,
            )
        )
    return found


def note_month(session: Session, advisor_id: int, month: BookMonth) -> None:
    """Keep a book's figures of a month, in place of what was seen earlier in it."""
    row = session.exec(
        select(BookMonthRow).where(
            BookMonthRow.advisor_id == advisor_id, BookMonthRow.month == month.month
        )
    ).one_or_none()
    values = {
        "clients": month.clients,
        "ideal_clients": month.ideal_clients,
        "revenue_cents": int(month.revenue * 100),
        "hours_hundredths": round(month.hours * 100),
        "ideal_hours_hundredths": round(month.ideal_hours * 100),
    }
    if row is None:
        session.add(BookMonthRow(advisor_id=advisor_id, month=month.month, **values))
        return
    for name, value in values.items():
        setattr(row, name, value)


def consent_of(session: Session, firm_id: int) -> tuple[str, datetime] | None:
    """Return who recorded the works council's consent, and when."""
    firm = session.exec(select(FirmRow).where(FirmRow.id == firm_id)).one()
    if firm.council_consent_by is None or firm.council_consent_at is None:
        return None
    return firm.council_consent_by, firm.council_consent_at


def save_consent(session: Session, firm_id: int, *, by: str | None, at: datetime) -> None:
    """Record the works council's consent; with `by` None, that it is withdrawn."""
    firm = session.exec(select(FirmRow).where(FirmRow.id == firm_id)).one()
    firm.council_consent_by = by
    firm.council_consent_at = at if by else None


def reviews_since(session: Session, day: date) -> tuple[set[int], date | None]:
    """Return the clients who had a review meeting from a day on, and the day of the first one."""
    rows = session.exec(
        select(ServiceRecordRow.client_id, func.min(ServiceRecordRow.happened_on))
        .where(
            ServiceRecordRow.service == REVIEW,
            ServiceRecordRow.outcome == Outcome.DELIVERED,
            ServiceRecordRow.happened_on >= day,
        )
        .group_by(col(ServiceRecordRow.client_id))
    ).all()
    return {client_id for client_id, _ in rows}, min((on for _, on in rows), default=None)


def list_ticks(session: Session) -> dict[Point, Tick]:
    """Return the points of the practice checklist that people ticked off."""
    return {
        Point(row.point): Tick(
            point=Point(row.point), on=row.done_on, by=row.ticked_by, rule_version=row.rule_version
        )
        for row in session.exec(select(PracticeTickRow))
    }


def save_tick(session: Session, tick: Tick, *, at: datetime) -> None:
    """Tick a point off, in place of an earlier tick."""
    drop_tick(session, tick.point)
    session.add(
        PracticeTickRow(
            point=tick.point,
            done_on=tick.on,
            rule_version=tick.rule_version,
            ticked_by=tick.by,
            ticked_at=at,
        )
    )
    session.flush()


def drop_tick(session: Session, point: Point) -> None:
    """Take a tick back."""
    row = session.exec(select(PracticeTickRow).where(PracticeTickRow.point == point)).one_or_none()
    if row is not None:
        session.delete(row)
        session.flush()
