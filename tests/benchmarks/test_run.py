"""Every benchmark runs; how fast is never asked here."""

from importlib import import_module

import pytest

from benchmarks.__main__ import NAMES, page, table
from benchmarks.measure import Extent

TINY = Extent(size=240, rounds=1)


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_shows_ours_beside_a_peer(name: str) -> None:
    figures = list(import_module(f"benchmarks.{name}").figures(TINY))
    assert figures
    assert all(each.ours > 0 and each.theirs > 0 for each in figures)
    assert table(figures).row_count == len(figures)
    assert page(figures, TINY.size).count("\n| ") == len(figures) + 1
