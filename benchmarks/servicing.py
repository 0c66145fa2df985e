"""What is due to a whole book: eight services for each client, by tier and last delivery."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.firms import NOW, TODAY, build_firm, names_of
from benchmarks.measure import Extent, Figure, in_turns, timed
from bot.runtime import Runtime
from bot.service_reports import Page
from bot.settings import Settings
from bot.usecases.services import due_of_book
from bot.views.due import PAGE
from domain.access import Role
from domain.frames import EPOCH, Ints, epoch_day
from domain.model import ABSLN
from domain.rulebook import RuleBook
from domain.service_frames import COLUMNS, ServiceFrames, due_book
from domain.service_model import Clock, interval_of
from storage.firms import list_members

RULES = RuleBook()
ROLLING = [each for each in RULES.services.services if each.clock is Clock.ROLLING]
SERVICES = [*ROLLING, next(each for each in RULES.services.services if each.key == "suitability")]
ADOPTED = date(2016, 1, 1)
TEAM = 10_000
SOON = 14
"""The peers list what is due within so many days."""


def figures(extent: Extent) -> Iterator[Figure]:
    """Compare with one pass over the days, and with the usual ways."""
    book, tier = _book(extent.size)
    last = np.stack([book.last[each.key].to_numpy() for each in SERVICES])
    codes = tier.cat.codes.to_numpy(np.int64)
    cadence, holidays = _cadence(), _holidays()
    read = partial(due_book, book, tier, RULES, adopted_on=ADOPTED, today=TODAY)
    taken = in_turns(
        {
            "array": read,
            "frame": lambda: read().rows(),
            "floor": lambda: _one_pass(last),
            "busday": lambda: _busday_offset(last, codes, cadence, holidays),
            "merge": lambda: _merge(book, tier, cadence, holidays),
            "loop": partial(_loop, last, codes, cadence),
        },
        3 * extent.rounds,
    )
    what = f"{extent.size:,} clients × {len(SERVICES)} services"
    for ours, beside, theirs, most, first in (
        ("array", "one pass: add, compare", taken["floor"], 8, None),
        ("frame", "one pass: add, compare", taken["floor"], 14, None),
        ("array", "np.busday_offset", taken["busday"], 0.4, None),
        ("frame", "pandas: merge, np.busday_offset", taken["merge"], 0.2, None),
        ("array", "Python loop", taken["loop"], 1 / 20, None),
        ("frame", "Python loop", taken["loop"], 1 / 15, 1 / 20),
    ):
        yield Figure(
            topic="due services",
            what=f"{what}, {'every state' if ours == 'array' else 'listed'}",
            ours=taken[ours],
            beside=beside,
            theirs=theirs,
            most=most,
            first=first,
        )
    yield _page(min(TEAM, extent.size), extent.rounds)


def _page(clients: int, rounds: int) -> Figure:
    """Compare a page of a team's list with reading the whole team client by client."""
    with TemporaryDirectory() as folder:
        store, firm_id = build_firm(Path(folder), names_of(clients))
        runtime = Runtime(settings=Settings(), store=store, clock=lambda: NOW)
        with store.read(firm_id) as session:
            lead = next(each for each in list_members(session) if each.role is Role.LEAD)
        due = partial(due_of_book, firm_id, lead, runtime, today=TODAY, team=True)
        page = in_turns({"page": partial(due, page=Page(0, PAGE))}, rounds)["page"]
        whole = timed(due)
        store.close()
    return Figure(
        topic="/due",
        what=f"a page of a team with {clients:,} clients",
        ours=page,
        beside="the same list client by client",
        theirs=whole,
        most=1 / 5,
    )


def _book(size: int) -> tuple[ServiceFrames, "pd.Series[Any]"]:
    """Make a book whose services were delivered on time or up to a tenth of their interval late."""
    chance, today = np.random.default_rng(1), epoch_day(TODAY)
    clients = pd.DataFrame({"client_id": np.arange(1, size + 1)})
    for name in COLUMNS["clients"].split()[1:]:
        clients[name.rstrip("?")] = pd.array([pd.NA] * size, dtype="Int64")
    keys = [each.key for each in SERVICES]
    codes = chance.choice(len(ABSLN), size, p=[0.04, 0.16, 0.28, 0.13, 0.17, 0.22])
    tier = pd.Series(pd.Categorical.from_codes(codes, categories=[t.value for t in ABSLN]))
    most = np.minimum(_cadence() * 11 // 10, 730)[codes].T
    days = {key: today - chance.integers(0, each) for key, each in zip(keys, most, strict=True)}
    return ServiceFrames(clients=clients, last=pd.DataFrame(days)), tier


def _cadence() -> Ints:
    """Return the days between two deliveries by tier and service; what is not owed is far off."""
    return np.array(
        [
            [
                (interval_of(n).after(TODAY) - TODAY).days if (n := s.for_tier(tier)) else 40_000
                for s in SERVICES
            ]
            for tier in ABSLN
        ]
    )


def _holidays() -> list[str]:
    return [f"{year}-{day}" for year in range(2016, 2060) for day in ("01-01", "05-01", "12-25")]


def _one_pass(last: Ints) -> int:
    return int(np.count_nonzero(last + 90 <= epoch_day(TODAY) + SOON))


def _busday_offset(last: Ints, codes: Ints, cadence: Ints, holidays: list[str]) -> Any:
    days = (last + cadence[codes].T).astype("datetime64[D]")
    due = np.busday_offset(days, 0, roll="forward", holidays=holidays)
    return due <= np.datetime64(TODAY + timedelta(days=SOON))


def _merge(
    book: ServiceFrames, tier: "pd.Series[Any]", cadence: Ints, holidays: list[str]
) -> pd.DataFrame:
    """Do it as an analyst writes it down: one row for each client and service, cadences merged."""
    wide = book.last.assign(client_id=book.clients["client_id"], tier=tier.to_numpy())
    rows = wide.melt(["client_id", "tier"], var_name="service", value_name="last")
    by_tier = pd.DataFrame(cadence, [t.value for t in ABSLN], [s.key for s in SERVICES])
    long = by_tier.rename_axis("tier").reset_index().melt("tier", None, "service", "days")
    merged = rows.merge(long, on=["tier", "service"])
    days = (merged["last"] + merged["days"]).to_numpy().astype("datetime64[D]")
    merged["due_on"] = np.busday_offset(days, 0, roll="forward", holidays=holidays)
    return merged[merged["due_on"] <= pd.Timestamp(TODAY + timedelta(days=SOON))]


def _loop(last: Ints, codes: Ints, cadence: Ints) -> float:
    """Take each client's services one by one, over ready dates; times itself."""
    dates = [[EPOCH + timedelta(days=int(day)) for day in days] for days in last.T.tolist()]
    often = [[timedelta(days=int(day)) for day in days] for days in cadence.tolist()]
    tiers, soon = codes.tolist(), TODAY + timedelta(days=SOON)
    start = perf_counter()
    found = []
    for client, (tier, days) in enumerate(zip(tiers, dates, strict=True)):
        for service, (day, interval) in enumerate(zip(days, often[tier], strict=True)):
            due_on = day + interval
            if due_on <= soon:
                found.append((client, service, due_on))
    return perf_counter() - start
