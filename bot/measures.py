"""What this process measures of itself; no client and no person is in it."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

BOUNDS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
"""Slack gives up after the last."""


@dataclass(slots=True)
class Times:
    """How long one kind of thing took."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    """How many were within each bound but not within the one before, and how many beyond all."""
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.total_s += seconds


class Measures:
    """Counts; any thread may."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._times: dict[str, Times] = {}
        self._events: Counter[str] = Counter()
        self._watched: dict[str, Callable[[], float]] = {}

    def acknowledged(self, kind: str, seconds: float) -> None:
        """Count an acknowledgement and its time."""
        with self._lock:
            self._times.setdefault(kind, Times()).add(seconds)

    def repeated(self) -> None:
        """Count a request that had come before."""
        self._count("repeated")

    def hurried(self) -> None:
        """Count a request of somebody who asks too fast."""
        self._count("hurried")

    def crowded(self) -> None:
        """Count a request for which there was no room."""
        self._count("crowded")

    def watch(self, name: str, measure: Callable[[], float]) -> None:
        """Have something measured whenever somebody looks."""
        self._watched[name] = measure

    def now(self) -> Mapping[str, float]:
        """Return what is watched, as of now."""
        return {name: measure() for name, measure in self._watched.items()}

    def times(self) -> Mapping[str, Times]:
        """Return the times of acknowledgements by kind."""
        with self._lock:
            return {
                kind: Times(counts=[*each.counts], total_s=each.total_s)
                for kind, each in self._times.items()
            }

    def turned_away(self) -> Mapping[str, int]:
        """Return how many requests were turned away, by reason."""
        with self._lock:
            return dict(self._events)

    def _count(self, what: str) -> None:
        with self._lock:
            self._events[what] += 1
