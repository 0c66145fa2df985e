"""What was done for the fictional clients in two years, what is booked, and a team's events.

Deterministic for a day, like the book itself. Most promises are kept; a few are late, so that a
Monday has something to do.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.usecases.assessing import assess_books
from bot.usecases.events import entitled_tiers
from bot.usecases.services import Owed, owed_to
from domain.calendar import add_months
from domain.entitlements import owed_by
from domain.events import InvitationState
from domain.issues import bulk_services, promised_to
from domain.model import Tier
from domain.priorities import Assessment
from domain.rulebook import RuleBook
from domain.service_model import Clock, Service, interval_of
from domain.servicing import DueState, Outcome
from storage.tables import (
    AppointmentRow,
    ClientEventRow,
    ClientRow,
    InvitationRow,
    IssueRow,
    ServiceOverrideRow,
    ServiceRecordRow,
    SnoozeRow,
)

YEARS = 2
"""So long ago the fictional firm adopted its rules."""
LATE_OF_100 = 3
"""So many of a hundred services were not delivered in time."""
BOOKED, PUT_OFF = 5, 2
"""So many of an advisor's services are booked, and put off."""
EVENTS: tuple[tuple[str, str, str, int, int], ...] = (
    # name, service, place, days from today, seats
    ("Kaminabend", "small_event", "Birkenhof, Kaminzimmer", 24, 40),
    ("Marktausblick", "large_event", "Stadthalle, Kleiner Saal", 66, 120),
    ("Weinprobe", "small_event", "Birkenhof, Gewölbekeller", -38, 30),
)
MARIA = "Maria Huber"
"""The dissatisfied client of the tour: her review is overdue."""
COMPANIES = ("GmbH", "KG", "Ltd", "Söhne")


@dataclass(frozen=True, slots=True)
class _Book:
    """One advisor's book while its history is made up."""

    session: Session
    rules: RuleBook
    today: date
    at: datetime
    by: str
    chance: random.Random

    def noted(self) -> dict[str, Any]:
        return {
            "firm_id": self.session.info["firm_id"],
            "recorded_by": self.by,
            "recorded_at": self.at,
        }


def add_services(
    session: Session, advisor_id: int, by: str, rules: RuleBook, *, today: date, at: datetime
) -> None:
    """Make up what was done, booked and put off for an advisor's clients."""
    book = _Book(session, rules, today, at, by, random.Random(f"services of {by}"))
    found = assess_books(session, {advisor_id}, rules, today=today)
    _insert(session, ServiceRecordRow, _deliveries(found, book))
    owed = owed_to(session, found, rules, today)
    _insert(session, ServiceRecordRow, _caught_up(owed, book))
    _insert(session, AppointmentRow, _appointments(owed, book))
    _insert(session, SnoozeRow, _snoozes(owed, book))
    _insert(session, ServiceOverrideRow, _agreements(owed, book))


def add_events(
    session: Session, owner_id: int, team: str, rules: RuleBook, *, today: date, at: datetime
) -> list[int]:
    """Plan a team's events; return their ids."""
    ids = []
    for rank, (name, service, place, days, seats) in enumerate(EVENTS):
        row = ClientEventRow(
            team=team,
            owner_id=owner_id,
            name=name,
            day=_weekday(today + timedelta(days=days)),
            at=time(18, 30),
            ends_at=time(22),
            zone="Europe/Berlin",
            place=place,
            seats=seats,
            service=service,
            tiers=[each.value for each in entitled_tiers(service, rules)],
            uid=UUID(int=rank + 1).hex,
            saved_by="demo",
            saved_at=at,
        )
        session.add(row)
        session.flush()
        ids.append(row.id or 0)
    return ids


def add_guests(
    session: Session,
    event_ids: Sequence[int],
    advisor_id: int,
    by: str,
    rules: RuleBook,
    *,
    today: date,
    at: datetime,
) -> None:
    """Invite some of an advisor's best clients to the first event and the past one."""
    book = _Book(session, rules, today, at, by, random.Random(f"guests of {by}"))
    best = session.exec(
        select(ClientRow.id)
        .where(ClientRow.advisor_id == advisor_id)
        .order_by(col(ClientRow.revenue_cents).desc())
        .limit(12)
    ).all()
    ahead = (InvitationState.INVITED, InvitationState.ACCEPTED, InvitationState.ACCEPTED)
    past = (InvitationState.CAME, InvitationState.CAME, InvitationState.DECLINED)
    rows = []
    for event_id, some, states in ((event_ids[0], best[:7], ahead), (event_ids[2], best[5:], past)):
        for client_id in some:
            rows.append(
                {
                    **book.noted(),
                    "client_id": client_id,
                    "event_id": event_id,
                    "state": book.chance.choice(states),
                    "changed_on": today - timedelta(days=book.chance.randint(2, 9)),
                }
            )
    _insert(session, InvitationRow, rows)


def add_issues(session: Session, by: str, rules: RuleBook, *, today: date, at: datetime) -> None:
    """Let the newsletter have gone out each month, this month's not yet."""
    (newsletter, *_) = bulk_services(rules)
    rows = [
        IssueRow(
            service=newsletter.key,
            sent_on=_weekday(add_months(today, -month) + timedelta(days=2)),
            tiers=[each.value for each in promised_to(newsletter.key, rules)],
            minutes=80 + 10 * (month % 4),
            batch=UUID(int=month).hex,
            recorded_by=by,
            recorded_at=at,
        )
        for month in range(1, 12 * YEARS)
    ]
    session.add_all(rows)


def add_birthdays(session: Session, *, today: date) -> None:
    """Give most persons a day of birth; companies have none."""
    chance = random.Random("birthdays")
    for row in session.exec(select(ClientRow).order_by(ClientRow.external_id)):
        days = chance.randint(28 * 365, 86 * 365)
        is_company = row.name.endswith(COMPANIES)
        if not is_company and chance.random() < 0.85:
            row.born_on = today - timedelta(days=days)
    session.flush()


def _deliveries(found: Sequence[Assessment], book: _Book) -> Iterator[dict[str, Any]]:
    """Make up two years of deliveries, the last one at a random point of the interval."""
    for each in found:
        for owed in owed_by(book.rules.services, each.tier.tier, (), book.today).values():
            service = book.rules.services.find(owed.service)
            if service is None or service.clock not in (Clock.ROLLING, Clock.ANCHORED):
                continue
            step = (interval_of(owed.per_year).after(book.today) - book.today).days
            since = book.chance.randint(3, max(step - 5, 4))
            if service.clock is Clock.ROLLING and book.chance.randrange(100) < LATE_OF_100:
                since = step + book.chance.randint(0, step // 2)
            if each.client.name == MARIA and service.key in ("review", "check_in"):
                since = step + step // 3
            day = book.today - timedelta(days=since)
            while day > book.today - timedelta(days=365 * YEARS):
                yield _record(each.client.client_id, service, day, book)
                day -= timedelta(days=step + book.chance.randint(-6, 9))


def _caught_up(owed: Sequence[Owed], book: _Book) -> Iterator[dict[str, Any]]:
    """Deliver what a fixed day made late: birthdays, and reviews of a fixed month."""
    for each in owed:
        for due in each.due:
            service = book.rules.services.find(due.service)
            is_open = due.state in (DueState.DUE, DueState.OVERDUE)
            if service is None or service.clock is Clock.ROLLING or not is_open:
                continue
            if book.chance.randrange(100) >= LATE_OF_100:
                client_id = each.assessment.client.client_id
                yield _record(client_id, service, min(due.due_on, book.today), book)


def _record(client_id: int, service: Service, day: date, book: _Book) -> dict[str, Any]:
    luck = book.chance.random()
    outcome = Outcome.DECLINED if luck < 0.04 else Outcome.DELIVERED
    was_done = outcome is Outcome.DELIVERED
    return {
        **book.noted(),
        "client_id": client_id,
        "service": service.key,
        "outcome": outcome.value,
        "happened_on": day,
        "advisor_minutes": _about(service.advisor_hours, book) if was_done else None,
        "staff_minutes": _about(service.staff_hours, book) if was_done else None,
        "note": "",
    }


def _about(hours: Decimal, book: _Book) -> int:
    return round(hours * 60 * book.chance.randint(80, 125) / 100)


def _appointments(owed: Sequence[Owed], book: _Book) -> Iterator[dict[str, Any]]:
    """Book some of the reviews that are due or coming up."""
    wanted = [
        (each, due)
        for each in owed
        for due in each.due
        if due.service == "review" and due.state in (DueState.UPCOMING, DueState.DUE)
    ]
    for rank, (each, due) in enumerate(wanted[:BOOKED]):
        yield {
            **book.noted(),
            "client_id": each.assessment.client.client_id,
            "service": due.service,
            "day": _weekday(book.today + timedelta(days=2 + 3 * rank)),
            "at": time(9 + 2 * (rank % 4), 30 if rank % 2 else 0),
            "zone": "Europe/Berlin",
            "minutes": 90,
            "is_cancelled": False,
            "uid": UUID(int=book.chance.getrandbits(120)).hex,
            "sequence": 0,
        }


def _snoozes(owed: Sequence[Owed], book: _Book) -> Iterator[dict[str, Any]]:
    late = [
        (each, due)
        for each in owed
        for due in each.due
        if due.state is DueState.DUE and due.service == "check_in"
    ]
    for each, due in late[:PUT_OFF]:
        yield {
            **book.noted(),
            "client_id": each.assessment.client.client_id,
            "service": due.service,
            "until": book.today + timedelta(days=10),
            "reason": "Im Urlaub, nach der Rückkehr anrufen",
        }


AGREED = (
    # times a year, why; all together as many as tier B has, so that the book's hours stay
    (6, "Übergabe der Firma an die Tochter"),
    (0, "möchte nur schriftlich von uns hören"),
    (0, "ruft lieber selbst an"),
)
"""Check-in calls promised to three clients of tier B, who has two a year."""


def _agreements(owed: Sequence[Owed], book: _Book) -> Iterator[dict[str, Any]]:
    """Promise one client of tier B more than the tier does, and two others less."""
    some = [each for each in owed if each.assessment.tier.tier is Tier.B]
    for each, (times, reason) in zip(some[3:], AGREED, strict=False):
        yield {
            "firm_id": book.session.info["firm_id"],
            "client_id": each.assessment.client.client_id,
            "service": "check_in",
            "per_year_hundredths": times * 100,
            "reason": reason,
            "by": book.by,
            "first_day": book.today - timedelta(days=40),
            "last_day": book.today + timedelta(days=180),
        }


def _insert(session: Session, table: Any, rows: Any) -> None:
    found = list(rows)
    if found:
        session.connection().execute(sa.insert(table.__table__), found)


def _weekday(day: date) -> date:
    """Move a day of the weekend to the Monday after it."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day
