"""Runs alternatives in turns and says how they compare; only ratios of one run mean anything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from statistics import median
from time import perf_counter

Run = Callable[[], object]
"""What is timed; one that returns a float has timed itself, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is measured."""

    size: int = 100_000
    """Clients of a firm, or rows of a file."""
    rounds: int = 3
    """A slow alternative runs so often, a fast one by multiples of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Ours beside a peer or a floor: seconds, unless `unit` says otherwise."""

    topic: str
    what: str
    ours: float
    beside: str
    theirs: float
    most: float
    """The largest ratio, ours : theirs, that meets the target."""
    first: float | None = None
    """What was aimed at before there was a program, where it was given up for a reason."""
    unit: str = "s"
    at_least: bool = False
    """True: the ratio must reach `most` instead."""

    @property
    def ratio(self) -> float:
        """Return ours in terms of theirs."""
        return self.ours / self.theirs

    @property
    def is_met(self) -> bool:
        """Tell whether the target is met."""
        return self.ratio >= self.most if self.at_least else self.ratio <= self.most


def in_turns(
    runs: Mapping[str, Run],
    rounds: int,
    *,
    times: int = 1,
    before: Callable[[], object] = lambda: None,
) -> dict[str, float]:
    """Return each alternative's median seconds; each runs once before, unmeasured.

    They run in turns, each round in another order, so that a slow minute hits them all. With
    `times` each turn is so many runs in a row, for what is quicker than a cold cache. `before`
    prepares each turn, unmeasured.
    """
    taken: dict[str, list[float]] = {name: [] for name in runs}
    chance, names = Random(1), list(runs)
    for number in range(-1, rounds):
        chance.shuffle(names)
        for name in names:
            before()
            seconds = median(timed(runs[name]) for _ in range(times))
            if number >= 0:
                taken[name].append(seconds)
    return {name: median(each) for name, each in taken.items()}


def timed(run: Run) -> float:
    """Return how long a run takes."""
    start = perf_counter()
    own = run()
    return own if isinstance(own, float) else perf_counter() - start
