"""Threads that answer, firm by firm in turn: one that asks a lot does not keep others waiting."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Got = TypeVar("Got")


class CrowdedError(Exception):
    """So much waits already that nothing more is taken."""


class FairPool:
    """Like an executor, but with a queue for each firm, and an end to all queues together."""

    def __init__(self, threads: int, *, most_waiting: int, name: str) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most_waiting = most_waiting
        self._queues: dict[str, deque[Callable[[], None]]] = {}
        self._turns: deque[str] = deque()
        """The firms with something waiting, the next one first."""
        self._waiting = 0
        self._busy = 0
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """Return how much waits."""
        return self._waiting

    @property
    def busy(self) -> int:
        """Return how much is being done."""
        return self._busy

    def waiting_of(self, firm: str) -> int:
        """Return how much of a firm waits."""
        with self._lock:
            return len(self._queues.get(firm, ()))

    def submit(
        self, firm: str, do: Callable[Given, Got], *args: Given.args, **kwargs: Given.kwargs
    ) -> "Future[Got]":
        """Do something for a firm when it is its turn.

        Raises CrowdedError.
        """
        future: Future[Got] = Future()
        work = partial(_fulfil, future, partial(do, *args, **kwargs))
        with self._lock:
            if self._waiting >= self._most_waiting:
                raise CrowdedError
            self._waiting += 1
            if firm not in self._queues:
                self._queues[firm] = deque()
                self._turns.append(firm)
            self._queues[firm].append(work)
        self._threads.submit(self._do_next)
        return future

    def _do_next(self) -> None:
        with self._lock:
            self._waiting -= 1
            self._busy += 1
            firm = self._turns.popleft()
            work = self._queues[firm].popleft()
            if self._queues[firm]:
                self._turns.append(firm)
            else:
                del self._queues[firm]
        try:
            work()
        finally:
            with self._lock:
                self._busy -= 1


def _fulfil(future: "Future[Got]", do: Callable[[], Got]) -> None:
    try:
        future.set_result(do())
    except BaseException as error:
        future.set_exception(error)
