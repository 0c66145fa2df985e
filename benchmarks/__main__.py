"""``python -m benchmarks [NAME …] [--write]``; ``SIZE=1000000`` measures the large sizes."""

import argparse
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Extent, Figure

NAMES = (
    "bolt_ack",
    "segment",
    "search",
    "placing",
    "servicing",
    "importing",
    "digests",
    "start",
    "pictures",
)
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HEADINGS = ("", "ours", "beside", "theirs", "ratio", "target", "met")
NOTES = """\
- `/segment` leaves out, on both sides, what Slack takes to say who somebody is and what a place is.
- “All histories” does in pandas what ours does: it replays each client's scores and shares of
  wallet, the best source first, and reads overrides, sponsors and decisions; its tiers and fields
  are ours. Row by row it leaves out the medians and sponsors, which lie in other rows. “Last values
  only” is what is usually written instead: it does less, and places some clients otherwise. So does
  the peer of reading, placing and writing.
- The peers of keeping insert without comparing. Ours compares each value with what is known, stages
  every change so that it can be taken back, indexes names, and looks whether anybody changed a
  client meanwhile; "from file to placement" adds reading, checking, the preview, and who moved.
- RapidFuzz answers fewer of the same queries, so its recall is known to a few points only. Both
  depend on the made-up names, which hold a third of invented last names.
- The peers of due services list what is due within 14 days. Ours tells upcoming, due and overdue
  apart, reads leads and a service of fixed months as well, and lists more rows.
- `apply` is measured on a tenth of the clients and counted ten times, it and pydantic only once.
- Most targets were set before the program was written; those beside last values only, beside Bolt
  with 40 more commands, the eager import and `--version` were chosen with this page.

A target that names a first one replaced it: the first was set for less than people rely on, or
would have cost a plain program what nobody feels.

- Each request is remembered on disk before it takes effect, so that nothing takes effect twice,
  not even after a crash. That is most of an empty acknowledgement; without it the first target
  was met.
- A whole `/segment` asks for the caller's rights, places the client with reasons, reads what is
  due, and writes down on disk who saw whom before it answers; the first targets came from a trial
  that found a name, a tier and a field. A third of the time is Bolt's, SQLAlchemy's and SQLite's
  own, the rest lies in many small steps: what is left to win nobody would feel.
- Fewer candidates, or a copy of all names in memory, would make the search faster, and find less
  or be out of date.
- The loop makes a list of tuples, and of fewer services than ours puts into a frame; read as arrays
  alone, ours meets what was aimed at.
- Placing replays each client's history in integers; row by row stands two orders of magnitude
  behind already. What is left of reading is SQLite's own work for the most part.
- Reading checks numbers and days in either language, says of each bad cell what is wrong with it,
  and keeps the cents; pyarrow only cuts text into cells. Keeping can be taken back.
- A Monday message has 34 blocks in the reader's language, with what is due, open and to look at
  again; the first targets meant ten names. Writing it is a twentieth of the work: assessing the
  book is the rest, and Slack takes messages more slowly than one core makes them.
- Starting reads almost fifty tables, the texts and a scheduler besides the three libraries.
"""
UNITS = {"s": 1.0, "ms": 1e3, "µs": 1e6}


def main() -> None:
    """Measure what was named, or everything, and show it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=str(NAMES))
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name} as well")
    given = parser.parse_args()
    size = int(os.environ.get("SIZE", Extent().size))
    console, figures = Console(), []
    for name in given.names or NAMES:
        with console.status(name):
            figures += list(import_module(f"benchmarks.{name}").figures(Extent(size=size)))
    console.print(table(figures))
    if given.write:
        PAGE.write_text(page(figures, size) + _kept(), encoding="utf-8")


def _kept() -> str:
    """Return the sections of the page that other measurements wrote."""
    _, heading, rest = PAGE.read_text(encoding="utf-8").partition("\n## ")
    return heading + rest


def table(figures: Iterable[Figure]) -> Table:
    """Show figures on a terminal; what misses its target stands out."""
    shown = Table(*HEADINGS)
    for each in figures:
        shown.add_row(*_cells(each), style="" if each.is_met else "bold red")
    return shown


def _cells(each: Figure) -> Sequence[str]:
    bound = "≥" if each.at_least else "≤"
    first = f" (first: {_ratio(each.first)})" if each.first else ""
    return (
        f"{each.topic}: {each.what}",
        _amount(each.ours, each.unit),
        each.beside,
        _amount(each.theirs, each.unit),
        _ratio(each.ratio),
        f"{bound} {_ratio(each.most)}{first}",
        "yes" if each.is_met else "no",
    )


def _amount(value: float, unit: str) -> str:
    if unit != "s":
        return f"{value:,.1f} {unit}"
    scaled, unit = next(
        ((value * each, name) for name, each in UNITS.items() if value * each >= 1),
        (value * 1e6, "µs"),
    )
    return f"{scaled:.3g} {unit}"


def _ratio(value: float) -> str:
    return f"{value:.3g}" if value >= 0.1 else f"1/{1 / value:.0f}"


def page(figures: Iterable[Figure], size: int) -> str:
    """Write figures as a page of the documentation."""
    day = datetime.now(UTC).date().isoformat()
    machine = f"{os.cpu_count()} × {platform.machine()}, {platform.system()}"
    lines = [
        "# How fast it is",
        "",
        f"Measured on {day} by `make bench` ({machine}, Python {platform.python_version()}, "
        f"SQLite, {size:,} clients). Ours and what it is compared with ran in turns in one run; "
        "medians. Only the ratios mean anything elsewhere: the machine was shared.",
        "",
        f"| {' | '.join(HEADINGS)} |",
        f"|{'---|' * len(HEADINGS)}",
        *(f"| {' | '.join(_cells(each))} |" for each in figures),
        "",
        NOTES,
    ]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    main()
