"""The ledger: one row per person and week, worked on by one at a time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import cast

import pytest
from sqlmodel import select

from domain.access import Member
from storage.deliveries import (
    Claim,
    Owed,
    State,
    claim,
    conclude,
    digest_status,
    hold_all,
    keep_body,
    last_periods,
    owe,
    ready,
    release,
)
from storage.store import WORKER_PATIENCE_S, Store, open_store
from storage.tables import DeliveryRow, FirmRow
from tests.digests.conftest import SETTLE

MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)
RACERS = 6


def weekly(member: Member, period: str = "2026-W48", held_reason: str | None = None) -> Owed:
    return Owed(
        member_id=member.member_id,
        kind="weekly",
        period=period,
        due_at=MONDAY,
        held_reason=held_reason,
    )


def owe_one(store: Store, firm: FirmRow, member: Member) -> int:
    with store.write(firm.id) as session:
        owe(session, [weekly(member)], now=MONDAY)
    with store.read(firm.id) as session:
        (row,) = session.exec(
            select(DeliveryRow).where(DeliveryRow.member_id == member.member_id)
        ).all()
    assert row.id is not None
    return row.id


def claim_at(store: Store, delivery_id: int, now: datetime, worker: str = "one") -> Claim | None:
    with store.write(None) as session:
        return claim(session, delivery_id, worker, now, lease=SETTLE)


def row_of(store: Store, delivery_id: int) -> DeliveryRow:
    with store.read(None) as session:
        return session.exec(select(DeliveryRow).where(DeliveryRow.id == delivery_id)).one()


@pytest.fixture
def delivery(store: Store, firm: FirmRow, members: dict[str, Member]) -> int:
    return owe_one(store, firm, members["anna"])


@pytest.fixture
def together(database_address: str) -> Iterator[Callable[..., list[object]]]:
    """Run a function at the same moment in several threads, each with a store of its own."""
    with ExitStack() as stack:
        stores = [open_store(database_address) for _ in range(RACERS)]
        for each in stores:
            stack.callback(each.close)
            with each.read(None) as session:  # connected, so that all start at once
                session.exec(select(FirmRow)).all()
        pool = stack.enter_context(ThreadPoolExecutor(RACERS))
        start = Barrier(RACERS)

        def run(work: Callable[[Store, str], object]) -> list[object]:
            def one(number: int) -> object:
                start.wait()
                return work(stores[number], f"worker {number}")

            return list(pool.map(one, range(RACERS)))

        yield run


def test_a_week_is_owed_once_however_often_it_is_recorded(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    owe_one(store, firm, members["anna"])
    with store.write(firm.id) as session:
        owe(session, [weekly(members["anna"]), weekly(members["jonas"])], now=MONDAY)
    with store.read(firm.id) as session:
        rows = session.exec(select(DeliveryRow)).all()
        assert last_periods(session, "weekly") == {
            members["anna"].member_id: "2026-W48",
            members["jonas"].member_id: "2026-W48",
        }
    assert len(rows) == 2
    assert len({row.marker for row in rows}) == 2
    assert {(row.state, row.body, row.attempts) for row in rows} == {("due", None, 0)}


def test_replicas_that_record_at_the_same_moment_record_each_person_once(
    store: Store,
    firm: FirmRow,
    members: dict[str, Member],
    together: Callable[..., list[object]],
) -> None:
    def record(own: Store, _worker: str) -> None:
        with own.write(firm.id, patience_s=WORKER_PATIENCE_S) as session:
            owe(session, [weekly(each) for each in members.values()], now=MONDAY)

    together(record)
    with store.read(firm.id) as session:
        assert len(session.exec(select(DeliveryRow)).all()) == len(members)


def test_of_several_workers_exactly_one_gets_each_claim(
    store: Store,
    firm: FirmRow,
    members: dict[str, Member],
    together: Callable[..., list[object]],
) -> None:
    weeks = [weekly(members["anna"], f"2026-W{week}") for week in range(10, 40)]
    with store.write(firm.id) as session:
        owe(session, weeks, now=MONDAY)
    with store.read(None) as session:
        offered = ready(session, now=MONDAY)

    def claim_all(own: Store, worker: str) -> list[int]:
        won = []
        for delivery_id in offered:
            with own.write(None, patience_s=WORKER_PATIENCE_S) as session:
                if claim(session, delivery_id, worker, MONDAY, lease=SETTLE):
                    won.append(delivery_id)
        return won

    won = [delivery for each in cast(list[list[int]], together(claim_all)) for delivery in each]
    assert sorted(won) == sorted(offered)
    assert len(won) == len(weeks)


@pytest.mark.parametrize("other", ["one", "two"])
def test_a_claim_that_was_never_concluded_can_be_taken_over_after_the_settle_time(
    store: Store, delivery: int, other: str
) -> None:
    # Given a claim of worker one, which may later be taken over even by a thread of its own
    first = claim_at(store, delivery, MONDAY)
    assert first is not None
    assert not first.is_unanswered
    # When another asks a moment before the settle time is over, and when it is
    assert claim_at(store, delivery, MONDAY + SETTLE - timedelta(seconds=1), other) is None
    second = claim_at(store, delivery, MONDAY + SETTLE, other)
    # Then the second one knows that the first attempt has no answer, and when it began
    assert second is not None
    assert second.is_unanswered
    assert second.tried_at == MONDAY
    # And the first one, waking up, can no longer write
    with store.write(None) as session:
        assert not keep_body(session, first, {"text": "x", "blocks": []}, "U0ANNA")
        assert not conclude(session, first, State.SENT, ts="1.0", channel="D0ANNA")
    assert row_of(store, delivery).state == "claimed"


def test_a_message_without_an_answer_is_looked_for_by_whoever_claims_it_next(
    store: Store, delivery: int
) -> None:
    first = claim_at(store, delivery, MONDAY)
    assert first is not None
    with store.write(None) as session:
        conclude(session, first, State.UNKNOWN, next_try_at=MONDAY + SETTLE, reason="http_500")
    assert claim_at(store, delivery, MONDAY + timedelta(seconds=59)) is None
    second = claim_at(store, delivery, MONDAY + SETTLE)
    assert second is not None
    assert second.is_unanswered
    # When it was not found and goes due again, the next claim is an ordinary one
    with store.write(None) as session:
        conclude(session, second, State.DUE, next_try_at=MONDAY + SETTLE)
    third = claim_at(store, delivery, MONDAY + SETTLE)
    assert third is not None
    assert not third.is_unanswered


def test_once_sent_it_is_never_offered_or_claimed_again_and_its_words_are_gone(
    store: Store, delivery: int
) -> None:
    claimed = claim_at(store, delivery, MONDAY)
    assert claimed is not None
    with store.write(None) as session:
        assert keep_body(session, claimed, {"text": "Frau Huber", "blocks": []}, "U0ANNA")
        assert conclude(session, claimed, State.SENT, ts="1.000001", channel="D0ANNA")
    row = row_of(store, delivery)
    assert (row.state, row.ts, row.channel, row.body) == ("sent", "1.000001", "D0ANNA", None)
    with store.read(None) as session:
        assert ready(session, now=MONDAY + timedelta(days=365)) == []
    assert claim_at(store, delivery, MONDAY + timedelta(days=365)) is None


def test_only_what_may_be_tried_now_is_offered(store: Store, delivery: int) -> None:
    with store.read(None) as session:
        assert ready(session, now=MONDAY) == [delivery]
    claim_at(store, delivery, MONDAY)
    with store.read(None) as session:
        assert ready(session, now=MONDAY) == []
        assert ready(session, now=MONDAY + SETTLE) == [delivery]


def test_what_a_dead_installation_held_goes_out_again_unless_it_is_too_old(
    store: Store, firm: FirmRow, delivery: int
) -> None:
    with store.write(firm.id) as session:
        hold_all(session, "installation: token_revoked")
    with store.write(None) as session:
        later = MONDAY + timedelta(hours=49)
        assert release(session, "installation: ", due_after=MONDAY + SETTLE, now=later) == 0
        assert release(session, "user", due_after=MONDAY, now=MONDAY) == 0
        assert release(session, "installation: ", due_after=MONDAY, now=later) == 1
    assert row_of(store, delivery).state == "due"


def test_the_status_names_what_failed_first_and_says_why(
    store: Store, firm: FirmRow, members: dict[str, Member], delivery: int
) -> None:
    with store.write(firm.id) as session:
        owe(session, [weekly(members["jonas"], held_reason="too late")], now=MONDAY)
    with store.read(None) as session:
        status = digest_status(session)
    assert [(row.firm, row.member, row.state, row.reason) for row in status] == [
        ("Nordlicht Vermögen", "Jonas Keller", State.HELD, "too late"),
        ("Nordlicht Vermögen", "Anna Berger", State.DUE, None),
    ]
