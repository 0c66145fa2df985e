"""Names mistyped in ten ways: our search in the store beside RapidFuzz over every name."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory
from time import perf_counter

from rapidfuzz import fuzz, process
from sqlmodel import col, select

from benchmarks.firms import build_firm, names_of
from benchmarks.measure import Extent, Figure, in_turns
from storage.firms import list_members
from storage.search import find_clients, fold, name_words
from storage.store import FirmSession
from storage.tables import ClientRow
from tests.storage.names import KINDS, queries

SHOWN = 5

Search = Callable[[str], list[str]]


def figures(extent: Extent) -> Iterator[Figure]:
    """Compare times and recall in the whole firm, and times in one of a tenth of its size."""
    names = names_of(extent.size)
    for size, most in ((extent.size // 10, 1 / 4), (extent.size, 1 / 20)):
        with TemporaryDirectory() as folder:
            store, firm_id = build_firm(Path(folder), names[:size], with_index=True)
            with store.read(firm_id) as session:
                desk = _Desk(session, names[:size])
                yield desk.in_the_store(extent, most)
                if size == extent.size:
                    yield from desk.by_kind(extent)
            store.close()


@dataclass(slots=True)
class _Judged:
    """Seconds and finds by kind of query."""

    seconds: list[float] = field(default_factory=list)
    found: defaultdict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))

    def judge(self, search: Search, name: str, query: str, kind: str) -> None:
        start = perf_counter()
        found = search(query)
        self.seconds.append(perf_counter() - start)
        self.found[kind].append(any(_fits(name, each, query, kind) for each in found))

    def recall(self) -> dict[str, float]:
        return {kind: 100 * mean(each) for kind, each in self.found.items()}


class _Desk:
    """Asks for the names of one firm."""

    def __init__(self, session: FirmSession, names: Sequence[str]) -> None:
        self.session, self.names = session, names
        self.folded = [fold(name) for name in names]
        self.advisors = [member.member_id for member in list_members(session)]

    def in_the_store(self, extent: Extent, most: float) -> Figure:
        asked = [query for kind in KINDS for _, query in queries([*self.names], kind, 2)]
        turns = {"ours": iter(asked * 4 * extent.rounds), "theirs": iter(asked * 4 * extent.rounds)}
        taken = in_turns(
            {
                "ours": lambda: self.ours(next(turns["ours"])),
                "theirs": lambda: self.select_and_compare(next(turns["theirs"])),
            },
            min(len(asked), 4 * extent.rounds),
        )
        return Figure(
            topic="search",
            what=f"in a firm of {len(self.names):,}",
            ours=taken["ours"],
            beside="SELECT of its names, WRatio",
            theirs=taken["theirs"],
            most=most,
        )

    def by_kind(self, extent: Extent) -> Iterator[Figure]:
        """Ask in ten ways; RapidFuzz gets fewer of the same queries, since it takes its time."""
        ours, theirs = _Judged(), _Judged()
        for kind in KINDS:
            for number, (name, query) in enumerate(
                queries([*self.names], kind, 12 * extent.rounds)
            ):
                ours.judge(self.ours, name, query, kind)
                if number < 2 * extent.rounds:
                    theirs.judge(self.wratio, name, query, kind)
        overall, other = mean(ours.recall().values()), mean(theirs.recall().values())
        worst, least = min((share, kind) for kind, share in ours.recall().items())
        what = f"of {len(self.names):,} names"
        yield Figure(
            topic="search",
            what=f"{what}, in the store",
            ours=median(ours.seconds),
            beside="WRatio, all folded names in memory",
            theirs=median(theirs.seconds),
            most=1 / 15,
            first=1 / 50,
        )
        for asked, share, beside, bound, most in (
            (f"found among five, {what}", overall, "all", 100.0, 0.98),
            (f"found among five, worst kind: {least}", worst, "all", 100.0, 0.95),
            (f"found among five, {what}", overall, "WRatio", other, (other + 4) / other),
        ):
            yield Figure(
                topic="search",
                what=asked,
                ours=share,
                beside=beside,
                theirs=bound,
                most=most,
                unit="%",
                at_least=True,
            )

    def ours(self, query: str) -> list[str]:
        result = find_clients(self.session, query, self.advisors, limit=SHOWN)
        return [hit.name for hit in (*result.hits, *result.near)][:SHOWN]

    def select_and_compare(self, query: str) -> list[str]:
        firm_id = self.session.info["firm_id"]
        rows = select(ClientRow.id, ClientRow.name).where(col(ClientRow.firm_id) == firm_id)
        self.session.exec(rows).all()
        return self.wratio(query)

    def wratio(self, query: str) -> list[str]:
        best = process.extract(fold(query), self.folded, scorer=fuzz.WRatio, limit=SHOWN)
        return [self.names[position] for _, _, position in best]


def _fits(name: str, found: str, query: str, kind: str) -> bool:
    """Tell whether a client found is one that the query may mean."""
    if kind == "beginnings":
        return _begin(name_words(found), name_words(query))
    if kind == "last name with a typo":
        return fold(name.split()[-1]) in fold(found)
    return fold(name) == fold(found)


def _begin(words: Collection[str], beginnings: Collection[str]) -> bool:
    return all(any(word.startswith(each) for word in words) for each in beginnings)
