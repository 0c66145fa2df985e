"""How fast one person may ask: far more than anybody clicks, far less than a script can."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import ceil
from threading import Lock
from time import monotonic

MOST_PEOPLE = 10_000
"""Beyond that, whoever was quiet for longest is forgotten: their allowance is full anyway."""


@dataclass(slots=True)
class Allowance:
    """What one person has left."""

    left: float
    at: float
    is_told: bool = False


class Pace:
    """Allowances of people, in this process."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = monotonic) -> None:
        """Allow so many a minute in the long run, and half of them at once."""
        self._at_once, self._per_s, self._clock = per_minute // 2, per_minute / 60, clock
        self._people: OrderedDict[Hashable, Allowance] = OrderedDict()
        self._lock = Lock()

    def wait_s(self, person: Hashable) -> int:
        """Take one of a person's requests; whole seconds to wait if that was one too many, or 0."""
        now = self._clock()
        with self._lock:
            known = self._people.pop(person, None) or Allowance(self._at_once, now)
            known.left = min(self._at_once, known.left + (now - known.at) * self._per_s)
            known.at = now
            self._people[person] = known
            if len(self._people) > MOST_PEOPLE:
                self._people.popitem(last=False)
            if known.left < 1:
                return ceil((1 - known.left) / self._per_s)
            known.left -= 1
            known.is_told = False
            return 0

    def is_told(self, person: Hashable) -> bool:
        """Tell whether a person who has to wait was told so already; from now on, yes."""
        with self._lock:
            known = self._people[person]
            was_told, known.is_told = known.is_told, True
        return was_told
