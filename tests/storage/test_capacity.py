"""What capacity reads from the store: logged time, agreed services, months, consent, ticks."""

from datetime import UTC, date, datetime
from decimal import Decimal

from domain.access import Member
from domain.book_months import BookMonth
from domain.capacity import Hours, Logged
from domain.practice import Point, Tick
from storage.capacity import (
    agreed_services,
    consent_of,
    drop_tick,
    list_months,
    list_ticks,
    logged_between,
    note_month,
    reviews_since,
    save_consent,
    save_tick,
)
from storage.store import Store
from storage.tables import FirmRow, ServiceOverrideRow, ServiceRecordRow
from tests.firms import save_client, save_firm

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST, LAST = date(2025, 11, 24), date(2026, 11, 23)


def a_record(client_id: int, on: date, **more: object) -> ServiceRecordRow:
    given = {"service": "review", "outcome": "delivered", "recorded_by": "x", "recorded_at": NOON}
    return ServiceRecordRow(client_id=client_id, happened_on=on, **{**given, **more})


def a_month(month: date, **more: object) -> BookMonth:
    given: dict[str, object] = {
        "clients": 115,
        "ideal_clients": 23,
        "revenue": Decimal("529000.01"),
        "hours": Decimal("916.05"),
        "ideal_hours": Decimal("406.9"),
    }
    return BookMonth(month=month, **{**given, **more})  # type: ignore[arg-type]


def test_logged_time_counts_what_was_delivered_within_the_days(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    anna, jonas = members["anna"].member_id, members["jonas"].member_id
    with store.write(firm.id) as session:
        huber = save_client(session, "K1", "Maria Huber", anna)
        other = save_client(session, "K2", "Otto Winter", jonas)
        session.add(a_record(huber, FIRST, advisor_minutes=150, staff_minutes=90))
        session.add(a_record(huber, LAST, advisor_minutes=30))
        session.add(a_record(huber, LAST))
        session.add(a_record(huber, date(2025, 11, 23), advisor_minutes=999))
        session.add(a_record(huber, LAST, outcome="declined", advisor_minutes=999))
        session.add(a_record(other, LAST, advisor_minutes=999))
    with store.read(firm.id) as session:
        logged = logged_between(session, {anna}, FIRST, LAST)
    hours = Hours(advisor=Decimal(3), staff=Decimal("1.5"))
    assert logged == {huber: Logged(deliveries=3, hours=hours, untimed=1)}


def test_services_agreed_with_single_clients_hold_until_their_last_day(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    anna, jonas = members["anna"].member_id, members["jonas"].member_id
    with store.write(firm.id) as session:
        huber = save_client(session, "K1", "Maria Huber", anna)
        other = save_client(session, "K2", "Otto Winter", jonas)
        for client_id, last_day in ((huber, LAST), (other, LAST), (huber, FIRST)):
            session.add(
                ServiceOverrideRow(
                    client_id=client_id,
                    service="review",
                    per_year_hundredths=1200,
                    reason="sells the firm",
                    by="Lena Brandt",
                    first_day=FIRST,
                    last_day=last_day,
                )
            )
    with store.read(firm.id) as session:
        assert set(agreed_services(session, LAST)) == {huber, other}
        mine = agreed_services(session, LAST, {anna})
        assert [each.per_year for each in mine.pop(huber)] == [12]
        assert mine == {}


def test_a_month_is_kept_as_last_seen(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    anna, jonas = members["anna"].member_id, members["jonas"].member_id
    october, november = a_month(date(2026, 10, 1)), a_month(date(2026, 11, 1))
    with store.write(firm.id) as session:
        note_month(session, anna, november)
        note_month(session, anna, october)
        note_month(session, anna, a_month(date(2026, 11, 1), clients=116))
        note_month(session, jonas, november)
    with store.read(firm.id) as session:
        since = date(2026, 1, 1)
        found = list_months(session, {anna}, since)
        assert found == {anna: [october, a_month(date(2026, 11, 1), clients=116)]}
        assert list_months(session, {anna}, date(2026, 12, 1)) == {anna: []}


def test_consent_is_recorded_with_who_and_when_and_withdrawn(store: Store, firm: FirmRow) -> None:
    assert firm.id is not None
    other = save_firm(store, "T0002", "Südwind Beratung")
    with store.write(None) as session:
        save_consent(session, firm.id, by="Ines Ott", at=NOON)
    with store.read(firm.id) as session:
        assert consent_of(session, firm.id) == ("Ines Ott", NOON)
        assert consent_of(session, other.id or 0) is None
    with store.write(None) as session:
        save_consent(session, firm.id, by=None, at=NOON)
    with store.read(firm.id) as session:
        assert consent_of(session, firm.id) is None


def test_a_point_is_ticked_once_and_taken_back(store: Store, firm: FirmRow) -> None:
    ticks = [Tick(point=Point.TOLD, on=on, by="Vogt", rule_version=1) for on in (FIRST, LAST)]
    with store.write(firm.id) as session:
        for tick in ticks:
            save_tick(session, tick, at=NOON)
    with store.read(firm.id) as session:
        assert list_ticks(session) == {Point.TOLD: ticks[1]}
    with store.write(firm.id) as session:
        drop_tick(session, Point.TOLD)
        drop_tick(session, Point.TOLD)
    with store.read(firm.id) as session:
        assert list_ticks(session) == {}


def test_review_meetings_count_from_a_day_on(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    with store.write(firm.id) as session:
        huber = save_client(session, "K1", "Maria Huber", members["anna"].member_id)
        winter = save_client(session, "K2", "Otto Winter", members["anna"].member_id)
        session.add(a_record(huber, date(2026, 3, 2)))
        session.add(a_record(huber, date(2026, 9, 1)))
        session.add(a_record(winter, date(2026, 2, 28)))
        session.add(a_record(winter, date(2026, 4, 1), service="check_in"))
    with store.read(firm.id) as session:
        assert reviews_since(session, date(2026, 3, 2)) == ({huber}, date(2026, 3, 2))
        assert reviews_since(session, date(2027, 1, 1)) == (set(), None)
