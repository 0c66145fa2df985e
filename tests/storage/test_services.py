"""What was done, booked, put off and agreed comes back as it was; the last day is kept on write."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from domain.access import Member
from domain.model import Tier
from domain.rulebook import RuleBook
from domain.service_model import ServiceModel
from domain.servicing import (
    Appointment,
    Channel,
    Outcome,
    ServiceHistory,
    ServiceOverride,
    ServiceRecord,
    Snooze,
    TierSpan,
)
from storage.bulk import BATCH
from storage.edits import Edit, begin_edit, undo
from storage.firms import all_rules, save_rules
from storage.placements import tier_spans
from storage.services import keep_version, load_histories
from storage.store import Store
from storage.tables import (
    AppointmentRow,
    FirmRow,
    LastServiceRow,
    PlacementRow,
    ServiceOverrideRow,
    ServiceRecordRow,
    SnoozeRow,
)
from tests.firms import members_of, save_client, save_firm
from tests.statements import noting

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BY = "Anna Berger"
NOTED: dict[str, Any] = {"recorded_by": BY, "recorded_at": AT}


@pytest.fixture
def maria(store: Store, firm: FirmRow, members: dict[str, Member]) -> int:
    with store.write(firm.id) as session:
        return save_client(session, "K-1", "Maria Huber", members["anna"].member_id)


def record(client_id: int, service: str, day: date, outcome: str = "delivered") -> ServiceRecordRow:
    return ServiceRecordRow(
        client_id=client_id, service=service, outcome=outcome, happened_on=day, **NOTED
    )


def changed(store: Store, firm: FirmRow, client_id: int, *rows: Any, key: Any = ()) -> str:
    with store.write(firm.id) as session:
        edit = begin_edit(session, client_id, by=BY, at=AT)
        for row in rows:
            edit.put(row, key=key)
        return edit.batch


def last_days(store: Store, firm: FirmRow) -> dict[str, date]:
    with store.read(firm.id) as session:
        return {row.service: row.day for row in session.exec(select(LastServiceRow))}


def test_a_history_comes_back_as_it_was_entered(store: Store, firm: FirmRow, maria: int) -> None:
    # Given one of each kind, with all that can be said of it
    changed(
        store,
        firm,
        maria,
        ServiceRecordRow(
            client_id=maria,
            service="check_in",
            outcome="delivered",
            happened_on=date(2026, 2, 27),
            advisor_minutes=30,
            staff_minutes=6,
            note="Daughter starts at university",
            channel="voicemail",
            **NOTED,
        ),
        record(maria, "review", date(2026, 1, 9), "no_answer"),
        AppointmentRow(
            client_id=maria,
            service="review",
            day=date(2026, 4, 1),
            at=time(9, 30),
            minutes=90,
            zone="Europe/Berlin",
            uid="abc",
            **NOTED,
        ),
        AppointmentRow(
            client_id=maria,
            service="plan_update",
            day=date(2026, 5, 1),
            minutes=60,
            is_cancelled=True,
            zone="Europe/Berlin",
            uid="def",
            **NOTED,
        ),
        SnoozeRow(
            client_id=maria,
            service="review",
            until=date(2026, 3, 20),
            reason="On holiday",
            **NOTED,
        ),
        ServiceOverrideRow(
            client_id=maria,
            service="check_in",
            per_year_hundredths=1250,
            reason="Widowed",
            by=BY,
            first_day=date(2026, 3, 2),
            last_day=date(2027, 3, 1),
        ),
    )
    # When the history is read
    with store.read(firm.id) as session:
        history = load_histories(session, [maria])[maria]
    # Then nothing was lost
    first, second = history.records
    assert first == ServiceRecord(
        service="check_in",
        outcome=Outcome.DELIVERED,
        on=date(2026, 2, 27),
        advisor_minutes=30,
        staff_minutes=6,
        note="Daughter starts at university",
        by=BY,
        record_id=first.record_id,
        channel=Channel.VOICEMAIL,
    )
    assert (second.outcome, second.advisor_minutes, second.note) == (Outcome.NO_ANSWER, None, "")
    booked, off = history.appointments
    assert booked == Appointment(
        service="review",
        on=date(2026, 4, 1),
        at=time(9, 30),
        by=BY,
        minutes=90,
        appointment_id=booked.appointment_id,
    )
    assert (off.cancelled, off.at) == (True, None)
    (snooze,) = history.snoozes
    assert snooze == Snooze(
        service="review",
        until=date(2026, 3, 20),
        reason="On holiday",
        by=BY,
        snooze_id=snooze.snooze_id,
    )
    (override,) = history.overrides
    assert override == ServiceOverride(
        service="check_in",
        per_year=Decimal("12.5"),
        reason="Widowed",
        by=BY,
        first_day=date(2026, 3, 2),
        last_day=date(2027, 3, 1),
        override_id=override.override_id,
    )


def test_a_client_of_whom_nothing_is_known_has_an_empty_history(
    store: Store, firm: FirmRow, maria: int
) -> None:
    with store.read(firm.id) as session:
        assert load_histories(session, [maria]) == {maria: ServiceHistory()}


def test_a_whole_book_is_read_in_one_statement_for_900_clients(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    with store.write(firm.id) as session:
        ids = [
            save_client(session, f"K-{n}", f"Client {n}", members["anna"].member_id)
            for n in range(BATCH + 1)
        ]
        for client_id in ids:
            session.add(record(client_id, "review", date(2026, 2, 1)))
    said: list[str] = []
    with noting(store.engine, said.append), store.read(firm.id) as session:
        histories = load_histories(session, ids)
    assert len([each for each in said if "service_record" in each]) == 2
    assert all(len(each.records) == 1 for each in histories.values())


def test_another_firm_reads_no_history(store: Store, firm: FirmRow, maria: int) -> None:
    changed(store, firm, maria, record(maria, "review", date(2026, 2, 1)))
    other = save_firm(store, "T0002", "Südstern Beratung")
    with store.read(other.id) as session:
        assert load_histories(session, [maria])[maria].records == ()


def test_the_last_settlement_is_kept_as_records_come_change_and_go(
    store: Store, firm: FirmRow, maria: int
) -> None:
    first, refused, second = date(2025, 11, 3), date(2026, 1, 12), date(2026, 2, 27)
    changed(store, firm, maria, record(maria, "review", first))
    # A review meeting is a suitability review and a contact as well
    settled = {"review": first, "suitability": first, "check_in": first}
    assert last_days(store, firm) == settled
    # A refusal settles the review, and nothing else
    changed(store, firm, maria, record(maria, "review", refused, "declined"))
    assert last_days(store, firm) == {**settled, "review": refused}
    latest = changed(store, firm, maria, record(maria, "review", second))
    assert last_days(store, firm) == dict.fromkeys(settled, second)
    # An older one recorded late does not turn the clock back
    changed(store, firm, maria, record(maria, "review", first - timedelta(days=90)))
    assert last_days(store, firm) == dict.fromkeys(settled, second)
    with store.write(firm.id) as session:
        undo(session, latest, at=AT)
    assert last_days(store, firm) == {**settled, "review": refused}


def test_a_correction_that_is_no_delivery_any_more_takes_the_last_day_away(
    store: Store, firm: FirmRow, maria: int
) -> None:
    day = date(2026, 2, 27)
    changed(store, firm, maria, record(maria, "check_in", day))
    corrected = changed(
        store, firm, maria, record(maria, "check_in", day, "no_answer"), key=("happened_on",)
    )
    assert last_days(store, firm) == {}
    with store.write(firm.id) as session:
        undo(session, corrected, at=AT)
    assert last_days(store, firm) == {"check_in": day}


def without_counting(version: int, first_day: date) -> RuleBook:
    """Write a rule book by which a review meeting is no contact, and one attempt settles."""
    model = ServiceModel()
    services = tuple(replace(each, counts_for=()) for each in model.services)
    return RuleBook(
        version=version,
        valid_from=first_day,
        services=replace(model, services=services, attempts_that_settle=1),
    )


def test_a_new_rule_book_leaves_what_was_settled_before_it_as_it_was(
    store: Store, firm: FirmRow, maria: int
) -> None:
    # Given a review in January, which counts as a contact, and a call in vain
    with store.write(firm.id) as session:
        keep_version(session, RuleBook(valid_from=date(2025, 1, 1)), by=BY, at=AT)
    met = date(2026, 1, 12)
    changed(store, firm, maria, record(maria, "review", met))
    changed(store, firm, maria, record(maria, "plan_update", date(2026, 2, 2), "no_answer"))
    settled = {"review": met, "suitability": met, "check_in": met}
    # When a rule book holds from March on that counts otherwise
    with store.write(firm.id) as session:
        keep_version(session, without_counting(2, date(2026, 3, 2)), by=BY, at=AT)
    # Then nothing of that has changed, also once something else is recorded
    assert last_days(store, firm) == settled
    changed(store, firm, maria, record(maria, "portfolio_check", date(2026, 3, 3)))
    assert last_days(store, firm) == {**settled, "portfolio_check": date(2026, 3, 3)}


def test_what_was_recorded_since_a_rule_book_holds_is_read_anew_by_it(
    store: Store, firm: FirmRow, maria: int
) -> None:
    # Given a review and an attempt this morning
    with store.write(firm.id) as session:
        keep_version(session, RuleBook(valid_from=date(2025, 1, 1)), by=BY, at=AT)
    today = date(2026, 3, 2)
    changed(store, firm, maria, record(maria, "review", today))
    changed(store, firm, maria, record(maria, "plan_update", today, "no_answer"))
    assert last_days(store, firm) == {"review": today, "suitability": today, "check_in": today}
    # When the rule book changes at noon, with effect of today
    with store.write(firm.id) as session:
        keep_version(session, without_counting(2, today), by=BY, at=AT)
    # Then the review is only a review, and the one attempt is enough
    assert last_days(store, firm) == {"review": today, "plan_update": today}


def test_a_change_of_several_clients_is_taken_back_together(
    store: Store, firm: FirmRow, maria: int
) -> None:
    with store.write(firm.id) as session:
        karl = save_client(session, "K-2", "Karl Voss", members_of(store, firm)["anna"].member_id)
    with store.write(firm.id) as session:
        one = begin_edit(session, maria, by=BY, at=AT)
        one.put(record(maria, "review", date(2026, 2, 1)))
        two = begin_edit(session, karl, by=BY, at=AT, batch=one.batch)
        two.put(record(karl, "review", date(2026, 2, 1)))
        batch = one.batch
    with store.write(firm.id) as session:
        undo(session, batch, at=AT)
    with store.read(firm.id) as session:
        assert session.exec(select(ServiceRecordRow)).all() == []
    assert last_days(store, firm) == {}


def test_an_appointment_that_was_moved_is_where_it_was_after_the_undo(
    store: Store, firm: FirmRow, maria: int
) -> None:
    changed(
        store,
        firm,
        maria,
        AppointmentRow(
            client_id=maria,
            service="review",
            day=date(2026, 4, 1),
            at=time(9, 30),
            minutes=90,
            zone="Europe/Berlin",
            uid="abc",
            **NOTED,
        ),
    )

    def moved(edit: Edit) -> None:
        row = edit.session.exec(select(AppointmentRow)).one()
        edit.amend(row, day=date(2026, 4, 8), at=None)

    with store.write(firm.id) as session:
        edit = begin_edit(session, maria, by=BY, at=AT)
        moved(edit)
        batch = edit.batch
    with store.write(firm.id) as session:
        undo(session, batch, at=AT)
    with store.read(firm.id) as session:
        row = session.exec(select(AppointmentRow)).one()
        assert (row.day, row.at) == (date(2026, 4, 1), time(9, 30))


def test_all_versions_of_the_rule_book_come_back_the_oldest_first(
    store: Store, firm: FirmRow
) -> None:
    with store.write(firm.id) as session:
        assert all_rules(session) == (RuleBook(),)
        first = RuleBook(valid_from=date(2026, 1, 15))
        second = RuleBook(version=2, valid_from=date(2026, 3, 1))
        save_rules(session, second, by=BY, at=AT)
        save_rules(session, first, by=BY, at=AT)
        assert all_rules(session) == (first, second)


def test_a_clients_tiers_come_back_as_spans_of_time(
    store: Store, firm: FirmRow, maria: int
) -> None:
    seen = (("A", "GROW", 1), ("A", "FIX", 2), ("B", "FIX", 3), (None, None, 4))
    with store.write(firm.id) as session:
        for tier, quadrant, month in seen:
            row = PlacementRow(
                client_id=maria,
                seen_on=date(2026, month, 1),
                tier=tier,
                quadrant=quadrant,
                rule_version=1,
            )
            session.add(row)
            session.flush()
        # A change of the field alone is none of the tier
        assert tier_spans(session, [maria, 999]) == {
            maria: (
                TierSpan(tier=Tier.A, first_day=date(2026, 1, 1)),
                TierSpan(tier=Tier.B, first_day=date(2026, 3, 1)),
                TierSpan(tier=None, first_day=date(2026, 4, 1)),
            ),
            999: (),
        }
