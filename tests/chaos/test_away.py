"""The database crashes and comes back: everybody is answered, and nothing promised is lost."""

from sandbox.client import PATIENCE_S
from tests.chaos.away import crash, database, office, said_once, unfinished, wait_until

PEOPLE = 30
SOON = {"tick_s": 1, "call_timeout_s": 4, "fence_s": 4, "settle_s": 10}


def test_while_the_database_is_away_people_are_told_and_afterwards_all_goes_on() -> None:
    with database() as server, office(server.address, PEOPLE, PATIENCE_S, **SOON) as running:
        crash(server, running, away_s=3)
        wait_until(lambda: not unfinished(running.runtime.store), PATIENCE_S)
        said_once(running, PEOPLE)
