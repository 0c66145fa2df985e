"""Nobody is kept waiting by somebody who asks too much."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from bot.listeners.pace import Pace
from bot.listeners.pool import CrowdedError, FairPool
from sandbox.world import TEAM
from tests.bot.office import ANNA, EMILY, Office, direct


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_thirty_at_once_then_one_a_second() -> None:
    clock = Clock()
    pace = Pace(60, clock=clock)
    assert [pace.wait_s("anna") for _ in range(30)] == [0] * 30
    assert pace.wait_s("anna") == 1
    clock.now = 0.9
    assert pace.wait_s("anna") == 1
    clock.now = 1.0
    assert pace.wait_s("anna") == 0
    assert pace.wait_s("anna") == 1


def test_everybody_has_an_allowance_of_their_own() -> None:
    pace = Pace(2, clock=Clock())
    assert [pace.wait_s(who) for who in ("anna", "emily", "anna")] == [0, 0, 30]


def test_an_allowance_never_grows_beyond_what_it_was() -> None:
    clock = Clock()
    pace = Pace(4, clock=clock)
    clock.now = 1_000_000.0
    assert [pace.wait_s("anna") for _ in range(3)] == [0, 0, 15]


def test_who_has_to_wait_is_told_once_and_again_after_the_next_time() -> None:
    clock = Clock()
    pace = Pace(2, clock=clock)
    pace.wait_s("anna")
    pace.wait_s("anna")
    assert [pace.is_told("anna"), pace.is_told("anna")] == [False, True]
    clock.now = 30.0
    pace.wait_s("anna")
    pace.wait_s("anna")
    assert not pace.is_told("anna")


def test_a_firm_that_asks_little_comes_next_to_one_that_asks_much() -> None:
    # Given one thread, busy, a hundred questions of one firm and then one of another
    pool, done, free = FairPool(1, most_waiting=1000, name="test"), [], threading.Event()
    pool.submit("loud", free.wait)
    for number in range(100):
        pool.submit("loud", done.append, ("loud", number))
    last = pool.submit("quiet", done.append, ("quiet", 0))
    free.set()
    last.result(timeout=60)
    # Then the other firm waited for one question at most
    assert done.index(("quiet", 0)) <= 1


def test_what_one_firm_asks_is_answered_in_its_order() -> None:
    pool, done = FairPool(1, most_waiting=1000, name="test"), []
    futures = [pool.submit("firm", done.append, number) for number in range(50)]
    for each in futures:
        each.result(timeout=60)
    assert done == list(range(50))
    assert pool.waiting == 0


def test_ten_thousand_may_wait_and_the_next_is_refused() -> None:
    pool, free = FairPool(1, most_waiting=10_000, name="test"), threading.Event()
    started = threading.Event()

    def hold() -> None:
        started.set()
        free.wait()

    pool.submit("firm", hold)
    started.wait()
    waiting: list[Future[Any]] = [pool.submit(f"firm {n % 7}", int) for n in range(10_000)]
    with pytest.raises(CrowdedError):
        pool.submit("another", int)
    free.set()
    for each in waiting:
        each.result(timeout=60)
    assert pool.submit("another", int).result(timeout=60) == 0


def test_an_error_reaches_who_waits_for_it() -> None:
    pool = FairPool(1, most_waiting=10, name="test")
    with pytest.raises(ValueError, match="none"):
        pool.submit("firm", int, "none").result(timeout=60)
    assert pool.submit("firm", int).result(timeout=60) == 0


def test_a_person_who_asks_too_fast_is_told_when_to_go_on(
    running: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.ask(ANNA, "/segment Maria Huber")
    monkeypatch.setattr("bot.listeners.pace.Pace.wait_s", lambda _self, who: 7 * (who[1] == ANNA))
    answer = running.ask(ANNA, "/segment Maria Huber")
    assert answer["text"] == "Das war viel auf einmal. Weiter geht es in 7 Sekunden."
    assert "Harry Bloom" in running.ask(EMILY, "/segment Harry Bloom")["text"]


def test_when_too_much_waits_people_are_asked_to_come_back(
    running: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = running.ask(EMILY, "/segment Harry Bloom")
    running.press(EMILY, "Record satisfaction", card)
    (form,) = running.modals(EMILY)

    def crowded(*_work: Any, **_asked: Any) -> None:
        raise CrowdedError

    monkeypatch.setattr("bot.listeners.pool.FairPool.submit", crowded)
    sentence = "Too much is waiting at the moment. Nothing was changed; please repeat in a minute."
    assert running.ask(EMILY, "/segment Harry Bloom", patient=False)["text"] == sentence
    # And a form stays as it was filled in
    outcome = running.people.submit(EMILY, form["id"], {"score": {"score": {"value": "2"}}})
    assert list(outcome["errors"].values()) == [sentence]
    monkeypatch.undo()
    assert running.people.submit(EMILY, form["id"])["outcome"] == "updated"
    running.close_modals(EMILY)


class Crowd:
    """Requests of the firm that are being answered or wait, until they are let go."""

    def __init__(self, pool: FairPool) -> None:
        self.pool = pool
        self._free = threading.Event()

    def come(self, count: int) -> None:
        """Let so many more come."""
        for _ in range(count):
            self.pool.submit(TEAM, self._free.wait)

    def go(self) -> None:
        """Let all be answered."""
        self._free.set()


@pytest.fixture
def crowd(running: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crowd]:
    """Give the running bot's own pool, empty, where patience is long enough for a slow machine."""
    pools: list[FairPool] = []
    submit = FairPool.submit

    def noted(pool: FairPool, firm: str, do: Callable[..., Any], *args: Any, **asked: Any) -> Any:
        pools.append(pool)
        return submit(pool, firm, do, *args, **asked)

    monkeypatch.setattr(FairPool, "submit", noted)
    running.ask(EMILY, "/segment Harry Bloom")
    monkeypatch.undo()
    monkeypatch.setattr("bot.listeners.router.ANSWER_S", 300.0)
    crowd = Crowd(pools[0])
    running.people.wait_for(lambda: crowd.pool.busy == crowd.pool.waiting == 0)
    yield crowd
    crowd.go()


def test_beside_ten_others_a_word_of_patience_comes_at_once_and_the_answer_after_it(
    running: Office, crowd: Crowd
) -> None:
    # Given six who are being answered and four who wait
    crowd.come(10)
    before = running.people.recorded()
    seen = len(running.people.messages(EMILY, direct(EMILY)))
    # When one more asks, the acknowledgement does not wait
    waiting = running.ask(EMILY, "/segment Harry Bloom", patient=False)
    assert waiting["text"] == "One moment …"
    assert crowd.pool.waiting == 5
    # Then the card follows by itself, once it is its turn
    crowd.go()
    assert "Harry Bloom" in running.next_message(EMILY, direct(EMILY), seen + 1)["text"]
    assert "response_url" in {entry["name"] for entry in running.people.transcript(before)}


def test_beside_nine_others_the_answer_is_still_inside_its_acknowledgement(
    running: Office, crowd: Crowd
) -> None:
    crowd.come(9)
    before = running.people.recorded()
    with ThreadPoolExecutor(1) as asking:
        answer = asking.submit(running.ask, EMILY, "/segment Harry Bloom", patient=False)
        running.people.wait_for(lambda: crowd.pool.waiting == 4)
        assert not answer.done()
        crowd.go()
        assert "Harry Bloom" in answer.result()["text"]
    assert "response_url" not in {entry["name"] for entry in running.people.transcript(before)}
