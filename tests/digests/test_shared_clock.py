"""Replicas whose own clocks differ: who may speak, and when, goes by the database's clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from bot import runtime
from bot.digests.clock import tick
from bot.digests.delivery import DigestDesk, say_once
from bot.digests.points import Point
from storage.deliveries import Owed, owe
from storage.tables import DeliveryRow
from tests.digests.conftest import Office

AHEAD = timedelta(hours=1)
NEAR = timedelta(minutes=5)


@pytest.fixture
def database_address(postgres_address: str) -> str:
    """Replicas share a PostgreSQL."""
    return postgres_address


@pytest.fixture
def own_clock(monkeypatch: pytest.MonkeyPatch) -> list[timedelta]:
    """Let the machine's own clock go wrong by what is written here."""
    ahead = [timedelta()]
    monkeypatch.setattr(runtime, "system_clock", lambda: datetime.now(UTC) + ahead[0])
    return ahead


def replica(office: Office) -> DigestDesk:
    """A desk that nobody gave a clock to move."""
    desk = office.desk()
    return replace(desk, runtime=replace(desk.runtime, clock=None))


def owe_anna(office: Office) -> int:
    now = datetime.now(UTC)
    owed = Owed(
        member_id=office.members["anna"].member_id, kind="weekly", period="2026-W48", due_at=now
    )
    with office.store.write(office.firm_id) as session:
        owe(session, [owed], now=now - NEAR)
    with office.store.read(office.firm_id) as session:
        (row,) = session.exec(select(DeliveryRow)).all()
    assert row.id is not None
    return row.id


@pytest.mark.parametrize("ahead", [AHEAD, -AHEAD])
def test_a_replica_whose_clock_is_wrong_takes_nothing_from_one_that_is_at_work(
    office: Office, own_clock: list[timedelta], ahead: timedelta
) -> None:
    delivery_id = owe_anna(office)
    other = replica(office)

    def meanwhile(point: Point) -> None:
        if point is Point.KEPT:
            own_clock[0] = ahead
            say_once(delivery_id, other)

    say_once(delivery_id, replace(replica(office), reach=meanwhile))
    assert office.inbox() == ["2026-W48 for Anna Berger"]
    with office.store.read(None) as session:
        (row,) = session.exec(select(DeliveryRow)).all()
    assert (row.state, row.attempts) == ("sent", 1)


def test_a_replica_whose_clock_is_ahead_offers_nothing_early(
    office: Office, own_clock: list[timedelta]
) -> None:
    delivery_id = owe_anna(office)
    with office.store.write(office.firm_id) as session:
        row = session.get_one(DeliveryRow, delivery_id)
        row.next_try_at = datetime.now(UTC) + NEAR
    own_clock[0] = AHEAD
    say_once(delivery_id, replica(office))
    assert office.inbox() == []


def test_the_clock_that_replicas_share_is_the_database_s(
    office: Office, own_clock: list[timedelta]
) -> None:
    own_clock[0] = AHEAD
    desk = replica(office)
    assert abs(desk.now() - datetime.now(UTC)) < NEAR
    assert desk.runtime.now() - datetime.now(UTC) > NEAR
    with office.store.read(None) as session:
        assert abs(desk.now(session) - datetime.now(UTC)) < NEAR


class Nobody:
    """A dispatcher that does nothing."""

    def submit(self, delivery_id: int, bucket: int) -> None: ...
    def close(self) -> None: ...


def test_what_becomes_due_is_recorded_by_the_shared_clock(
    office: Office, own_clock: list[timedelta]
) -> None:
    own_clock[0] = timedelta(days=3650)
    tick(replica(office), Nobody())
    soon = datetime.now(UTC) + NEAR
    with office.store.read(None) as session:
        rows = session.exec(select(DeliveryRow)).all()
    assert all(row.due_at < soon for row in rows)
