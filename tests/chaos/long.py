"""The long form of the chaos test: `make chaos`. What is random follows from the seed."""

import time

import pytest

from bot.digests.points import Point
from sandbox.faults import Fault
from tests.chaos.away import crash, database, said_once, unfinished, wait_until
from tests.chaos.away import office as office_at_work
from tests.chaos.office import MIXTURE, freeze_at_random, kill_at_random, office

PEOPLE = 1000
KILLS = 20
FREEZES = 20
PATIENCE_S = 1800
LEASE_S = 3


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_one_process_on_sqlite_killed_twenty_times(sqlite_address: str, seed: int) -> None:
    killed(sqlite_address, processes=1, seed=seed)


@pytest.mark.parametrize("seed", [6, 7])
def test_two_processes_on_postgresql_killed_twenty_times(postgres_address: str, seed: int) -> None:
    killed(postgres_address, processes=2, seed=seed)


@pytest.mark.parametrize("seed", [9, 10])
def test_two_replicas_of_a_fleet_killed_twenty_times(postgres_address: str, seed: int) -> None:
    fleet = {"TIERWISE_DISPATCHER": "fleet", "TIERWISE_BUCKET_S": 10}
    killed(postgres_address, processes=2, seed=seed, **fleet)


def killed(address: str, *, processes: int, seed: int, **timing: object) -> None:
    with office(address, PEOPLE) as chaos:
        chaos.timing |= timing
        chaos.sandbox.faults.at_random(MIXTURE, share=0.1, seed=seed)
        kill_at_random(chaos, kills=KILLS, processes=processes, every_s=3, seed=seed)
        chaos.finish(PATIENCE_S)
        assert chaos.tally() == (0, 0)


@pytest.mark.parametrize("seed", [8])
def test_two_processes_frozen_twenty_times_beyond_their_lease(
    postgres_address: str, seed: int
) -> None:
    with office(postgres_address, people=600) as chaos:
        chaos.timing |= {"TIERWISE_SETTLE_S": LEASE_S, "TIERWISE_FENCE_S": 1}
        chaos.sandbox.faults.at_random(MIXTURE, share=0.1, seed=seed)
        for _ in range(2):
            chaos.start()
        freeze_at_random(chaos, times=FREEZES, for_s=LEASE_S + 1.5, every_s=1, seed=seed)
        chaos.finish(PATIENCE_S)
        assert chaos.tally() == (0, 0)


@pytest.mark.parametrize("point", list(Point))
def test_a_process_that_dies_at_this_point_leaves_nothing_lost_or_doubled(
    sqlite_address: str, point: Point
) -> None:
    with office(sqlite_address, people=3) as chaos:
        # Given a first answer that got lost, so that the way also leads past looking
        chaos.sandbox.faults.order("chat.postMessage", Fault(drop=True, done_first=True))
        dying = chaos.start(f"{point}:kill")
        assert dying.wait(PATIENCE_S) == -9
        chaos.processes.remove(dying)
        chaos.start()
        chaos.finish(PATIENCE_S)
        assert chaos.tally() == (0, 0)


def test_the_database_is_away_for_a_minute_under_load() -> None:
    people = 60
    with database() as server, office_at_work(server.address, people, deadline_s=3) as running:
        work = crash(server, running, away_s=60, windows=10)
        store, back = running.runtime.store, time.monotonic()
        wait_until(lambda: all(row.attempts for row in unfinished(store)), 60)
        wait_until(lambda: not unfinished(store), 420 - (time.monotonic() - back))
        said_once(running, people)
    assert work.slowest_ms() < 3000, f"of {len(work.asked)}"
