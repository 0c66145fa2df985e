"""Compares a client file with the store: what an import would change, without changing anything.

Clients that are not in the file stay as they are, unless the person says otherwise. Rows are
compared a block at a time, so that a file may be larger than what the program may hold.
"""

import hashlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from numpy.typing import NDArray
from rapidfuzz import fuzz
from sqlmodel import Session, col, select

from domain.access import Member
from storage.bulk import UNKNOWN, Ints, Known, Mask
from storage.comparing import Block, Comparison
from storage.firms import list_members
from storage.importing import (
    LONGEST_ID,
    MOST_PROBLEMS,
    SHOWN,
    Change,
    EarlierImport,
    ImportPlan,
    Listed,
    Note,
    NoteCode,
    Problem,
    ProblemCode,
    Progress,
)
from storage.search import fold, name_words
from storage.tables import ClientRow, ImportRow

if TYPE_CHECKING:
    from storage.files.book_file import BookFile

BLOCK = 10_000
"""Rows compared at a time."""
MOVED_SHARE = 0.2
"""More amounts than this share moved by a power of ten look like another number format."""
MOVED_WITHIN = 0.3
"""How far, in powers of ten, a factor may be from 100 or 1000 (50 to 200, 500 to 2000)."""
OTHER_NAME = 50
"""Names less alike than this, out of 100, are another client's."""
POWERS = (2, 3, -2, -3)

Take = Callable[[Comparison, Ints], None]
"""Told of each block which rows change something."""


def plan_import(
    session: Session,
    file: "BookFile",
    *,
    advisors_allowed: frozenset[int] | None,
    today: date,
    default_advisor: int | None = None,
    remove_missing: bool = False,
    progress: Progress | None = None,
    take: Take | None = None,
) -> ImportPlan:
    """Say what a file would change, without changing anything.

    Rows of advisors outside `advisors_allowed` are refused (None: the whole firm is allowed). New
    clients without an advisor in the file go to `default_advisor`, or are refused. `take` is told
    every change.
    """
    planner = _Planner(session, file, advisors_allowed, default_advisor, today)
    return planner.plan(remove_missing=remove_missing, progress=progress, take=take)


@dataclass(slots=True)
class _Count:
    """Counts, and keeps the first five."""

    count: int = 0
    first: list[Any] = field(default_factory=list)

    def add_all(self, items: Any, shown: Callable[[int], Any] = int) -> None:
        self.count += len(items)
        self.first += [shown(int(item)) for item in items[: SHOWN - len(self.first)]]

    def listed(self) -> Listed:
        return Listed(count=self.count, first=tuple(self.first))


class _Planner:
    """Compares the rows of one file with what the store knows."""

    def __init__(
        self,
        session: Session,
        file: "BookFile",
        allowed: frozenset[int] | None,
        default_advisor: int | None,
        today: date,
    ) -> None:
        self.session, self.file, self.today = session, file, today
        self.allowed, self.default_advisor = allowed, default_advisor
        self.advisors = _Advisors(list_members(session))
        self.known_count = session.exec(self._present(sa.func.count())).one()
        self.is_first = session.exec(select(ClientRow.id).limit(1)).first() is None
        self.problems: list[Problem] = []
        self.problem_rows = 0
        self.new, self.changed, self.absent = _Count(), _Count(), _Count()
        self.unchanged = 0
        self.replaced = _Count()
        self.compared: Counter[str] = Counter()
        self.moved: defaultdict[tuple[str, int], _Count] = defaultdict(_Count)
        self.new_names, self.new_rows = array("q"), array("q")
        self.digest = hashlib.blake2b(digest_size=16)
        self.take: Take | None = None
        self.repeated_ids: set[str] = set()
        if len(file.frame):
            ids = file.frame["client_id"]
            self.repeated_ids = set(ids[ids.duplicated(keep=False)])

    def plan(
        self, *, remove_missing: bool, progress: Progress | None, take: Take | None
    ) -> ImportPlan:
        self.take = take
        self.sponsors = self._kept_sponsors()
        done, rows = 0, len(self.file.frame)
        for block, known in self._blocks():
            self._plan_block(block, known)
            done += block.size
            if progress:
                progress(done, rows)
        self._look_for_absent(remove_missing=remove_missing)
        for problem in self.problems:
            self.digest.update(repr(problem).encode())
        return ImportPlan(
            file=self.file,
            advisors_allowed=self.allowed,
            default_advisor=self.default_advisor,
            today=self.today,
            earlier=_earlier(self.session, self.file.file_hash),
            new=self.new.listed(),
            changed=self.changed.listed(),
            unchanged=self.unchanged,
            not_in_file=self.absent.listed(),
            problems=tuple(self.problems),
            problem_rows=self.problem_rows,
            notes=tuple(self._notes()),
            remove_missing=remove_missing,
            known=self.known_count,
            digest=self.digest.digest(),
        )

    # rows

    def _blocks(self) -> Iterator[tuple[Block, Known]]:
        """Give the file's good rows, with what is known of their clients."""
        frame = self.file.frame
        for start in range(0, len(frame), BLOCK):
            block = Block(frame.iloc[start : start + BLOCK])
            yield block, Known(self.session, [] if self.is_first else block.numbers)

    def _plan_block(self, block: Block, known: Known) -> None:
        settled = self._settled(block, known)
        sponsors = block.texts("sponsor")
        lost = [sponsor is not None and sponsor not in self.sponsors for sponsor in sponsors]
        settled.refuse(np.array(lost, bool), ProblemCode.SPONSOR_UNKNOWN, sponsors)
        self._note_problems(settled)
        found = Comparison(self.session, block, known, settled.advisors, today=self.today)
        good = ~settled.is_bad
        changes = np.flatnonzero(good & found.is_changed)
        self.unchanged += int((good & ~found.is_changed).sum())
        new, changed = (changes[found.is_new[changes] == is_new] for is_new in (True, False))
        self.new.add_all(new, found.change_at)
        self.changed.add_all(changed, found.change_at)
        self._keep(found, changes)
        self._look_at(found, good & ~found.is_new, changed)
        if not self.is_first:
            names = block.columns["name"][new]
            self.new_names.extend(hash(fold(name)) for name in names)
            self.new_rows.extend(block.lines[new].tolist())

    def _keep(self, found: Comparison, rows: Ints) -> None:
        if len(rows):
            self.digest.update(found.digest(rows))
            if self.take:
                self.take(found, rows)

    def _note_problems(self, settled: "_Settled") -> None:
        self.problem_rows += int(settled.is_bad.sum())
        self.problems += settled.problems(MOST_PROBLEMS - len(self.problems))

    def _settled(self, block: Block, known: Known) -> "_Settled":
        """Settle each row's advisor, and find the rows that contradict themselves or the store."""
        numbers = block.columns["client_id"]
        settled = _Settled(block)
        too_long = np.array([len(number) > LONGEST_ID for number in numbers], bool)
        cut = np.array([number[:LONGEST_ID] for number in numbers], object)
        settled.refuse(too_long, ProblemCode.ID_TOO_LONG, cut)
        if self.repeated_ids:
            again = np.array([number in self.repeated_ids for number in numbers], bool)
            settled.refuse(again, ProblemCode.SAME_ID, numbers)
        at = known.places(block.numbers)
        theirs = np.full(block.size, UNKNOWN)
        theirs[at >= 0] = known.columns["advisor_id"][at[at >= 0]]
        self._settle_advisors(settled, theirs)
        if self.allowed is not None:
            allowed = list(self.allowed)
            outside = ~np.isin(settled.advisors, allowed)
            outside |= (theirs != UNKNOWN) & ~np.isin(theirs, allowed)
            settled.refuse(outside, ProblemCode.NOT_IN_YOUR_BOOK, numbers)
        sponsors, relations = block.texts("sponsor"), block.texts("relation")
        tied, related = sponsors != np.array(None), relations != np.array(None)
        settled.refuse(tied & ~related, ProblemCode.SPONSOR_WITHOUT_RELATION, sponsors)
        settled.refuse(related & ~tied, ProblemCode.RELATION_WITHOUT_SPONSOR, relations)
        return settled

    def _settle_advisors(self, settled: "_Settled", theirs: Ints) -> None:
        """Take the advisor that the file names, else the client's, else the default one."""
        written = settled.block.texts("advisor")
        default = UNKNOWN if self.default_advisor is None else self.default_advisor
        settled.advisors = np.where(theirs == UNKNOWN, default, theirs)
        for name in {name for name in written if name}:
            found, where = self.advisors.find(name), written == name
            if isinstance(found, ProblemCode):
                settled.refuse(where, found, written)
            else:
                settled.advisors[where] = found
        missing = settled.advisors == UNKNOWN
        settled.refuse(missing, ProblemCode.ADVISOR_MISSING, np.full(settled.block.size, ""))

    def _kept_sponsors(self) -> set[str]:
        """Return the sponsors that are known or kept; one that is refused takes others along."""
        frame = self.file.frame
        if "sponsor" not in frame or not frame["sponsor"].notna().any():
            return set()
        wanted = set(frame["sponsor"].dropna())
        known = set() if self.is_first else set(Known(self.session, sorted(wanted)).numbers)
        kept: dict[str, str | None] = {}
        for block, present in self._blocks():
            good = ~self._settled(block, present).is_bad
            sponsors = block.texts("sponsor")
            for at in np.flatnonzero(good):
                if block.numbers[at] in wanted:
                    kept[block.numbers[at]] = sponsors[at]
        while lost := [each for each, by in kept.items() if by and by not in known | kept.keys()]:
            for each in lost:
                del kept[each]
        return known | kept.keys()

    # clients that are not in the file

    def _present(self, *columns: Any) -> Any:
        """Select from the clients that this import could be about and that have not left."""
        query = select(*columns).select_from(ClientRow)
        if self.allowed is not None:
            query = query.where(col(ClientRow.advisor_id).in_(self.allowed))
        left = col(ClientRow.former_since)
        return query.where(sa.or_(left.is_(None), left > self.today))

    def _look_for_absent(self, *, remove_missing: bool) -> None:
        if self.is_first:
            return
        frame = self.file.frame
        there = pa.array(frame["client_id"] if len(frame) else [], pa.string())
        of: Any = ClientRow.__table__  # type: ignore[attr-defined]
        query = self._present(of.c.external_id).where(of.c.firm_id == self.session.info["firm_id"])
        rows = self.session.connection().execute(query, execution_options={"yield_per": BLOCK})
        parts = [pa.array(part, pa.string()) for part in rows.scalars().partitions()]
        known_numbers = pa.chunked_array(parts, pa.string())
        is_there = pc.is_in(known_numbers, value_set=there)
        absent: list[str] = known_numbers.filter(pc.invert(is_there)).to_pylist()
        self.absent.count = len(absent)
        for start in range(0, len(absent), BLOCK):
            some = absent[start : start + BLOCK]
            if remove_missing:
                self._leave(Known(self.session, some))
            elif start == 0:
                known = Known(self.session, some[:SHOWN])
                names = zip(known.numbers, known.columns["name"], strict=True)
                self.absent.first = [Change(row=0, external_id=n, name=name) for n, name in names]

    def _leave(self, known: Known) -> None:
        """Make clients former ones, as if the file said so."""
        gone = pd.DataFrame({"row": np.zeros(len(known.numbers), np.int64)})
        gone["client_id"], gone["name"] = known.numbers, known.columns["name"]
        gone["former_since"] = pd.Timestamp(self.today)
        found = Comparison(
            self.session, Block(gone), known, known.columns["advisor_id"], today=self.today
        )
        rows = np.arange(len(gone))
        self.absent.first += [found.change_at(at) for at in rows[: SHOWN - len(self.absent.first)]]
        self._keep(found, rows)

    # oddities

    def _look_at(self, found: Comparison, known: Mask, changed: Ints) -> None:
        lines = found.block.lines
        renamed = changed[found.figures["name"][changed]]
        names = found.known_column("name")[renamed], found.given_column("name")[renamed]
        is_other = [_is_other_name(*each) for each in zip(*names, strict=True)]
        self.replaced.add_all(lines[renamed][np.array(is_other, bool)])
        is_changed = np.zeros_like(known)
        is_changed[changed] = True
        for name, given, last, differs in _movable(found):
            self.compared[name] += int((known & (given != 0) & (given != UNKNOWN)).sum())
            powers = _powers_moved(last, given, is_changed & differs)
            for power in POWERS:
                self.moved[name, power].add_all(lines[np.flatnonzero(powers == power)])

    def _notes(self) -> Iterator[Note]:
        if self.replaced.count:
            yield _note(NoteCode.NAME_REPLACED, self.replaced)
        again = self._names_again()
        if again.count:
            yield _note(NoteCode.NAME_UNDER_OTHER_ID, again)
        for (name, power), found in self.moved.items():
            if found.count > MOVED_SHARE * self.compared[name]:
                factor = 10 ** abs(power)
                yield _note(NoteCode.AMOUNTS_MOVED, found, field=name, factor=factor)

    def _names_again(self) -> _Count:
        """Find new clients with the name of a known one, by hashes: names need much room."""
        found = _Count()
        if self.is_first or not self.new_rows:
            return found
        query = select(ClientRow.name)
        if self.allowed is not None:
            query = query.where(col(ClientRow.advisor_id).in_(self.allowed))
        known = array("q", (hash(fold(name)) for name in self.session.exec(query)))
        again = np.isin(np.array(self.new_names), np.array(known))
        found.add_all(np.array(self.new_rows)[again])
        return found


class _Settled:
    """The advisor of each row of a block, and the rows that are refused; the first reason holds."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.advisors: Ints = np.full(block.size, UNKNOWN)
        self.is_bad: Mask = np.zeros(block.size, bool)
        self.found: list[tuple[int, ProblemCode, str]] = []

    def refuse(self, where: Mask, code: ProblemCode, values: NDArray[Any]) -> None:
        """Refuse rows that no other reason has refused before."""
        fresh = np.flatnonzero(where & ~self.is_bad)
        self.is_bad[fresh] = True
        self.found += [(at, code, values[at]) for at in fresh.tolist()]

    def problems(self, limit: int) -> list[Problem]:
        """Describe so many of them, in the order of the file."""
        lines = self.block.lines
        first = sorted(self.found)[: max(0, limit)]
        return [Problem(code=code, row=int(lines[at]), value=value) for at, code, value in first]


class _Advisors:
    """Finds a member by key or by name; a name that two members bear is nobody's."""

    def __init__(self, members: Iterable[Member]) -> None:
        self.by_key: dict[str, Member] = {}
        self.by_name: defaultdict[tuple[str, ...], list[Member]] = defaultdict(list)
        for member in members:
            self.by_key[member.key.casefold()] = member
            self.by_name[tuple(sorted(name_words(member.name)))].append(member)
        self.found: dict[str, int | ProblemCode] = {}

    def find(self, written: str) -> int | ProblemCode:
        if written not in self.found:
            self.found[written] = self._find(written)
        return self.found[written]

    def _find(self, written: str) -> int | ProblemCode:
        member = self.by_key.get(written.strip().casefold())
        if member is None:
            named = self.by_name.get(tuple(sorted(name_words(written))), [])
            if len(named) != 1:
                return ProblemCode.ADVISOR_AMBIGUOUS if named else ProblemCode.ADVISOR_UNKNOWN
            member = named[0]
        return member.member_id if member.is_active else ProblemCode.ADVISOR_INACTIVE


def _note(
    code: NoteCode, found: _Count, *, field: str | None = None, factor: int | None = None
) -> Note:
    rows = tuple(found.first)
    return Note(code=code, count=found.count, rows=rows, field=field, factor=factor)


def _earlier(session: Session, file_hash: str) -> EarlierImport | None:
    run = session.exec(
        select(ImportRow)
        .where(ImportRow.file_hash == file_hash, col(ImportRow.undone_at).is_(None))
        .order_by(col(ImportRow.id).desc())
        .limit(1)
    ).one_or_none()
    if run is None:
        return None
    return EarlierImport(by=run.imported_by, at=run.imported_at, file_name=run.file_name)


def _is_other_name(before: str, after: str) -> bool:
    return fuzz.token_sort_ratio(fold(before), fold(after)) < OTHER_NAME


def _movable(found: Comparison) -> Iterator[tuple[str, Ints, Ints, Mask]]:
    """Give the amounts in which another number format would show: as given, as known last."""
    yield (
        "revenue",
        found.given_column("revenue"),
        found.known_column("revenue_cents"),
        found.figures["revenue"],
    )
    if managed := found.facts.get("managed"):
        amounts = found.block.whole("managed"), managed.last["managed_cents"]
        yield "managed", *amounts, managed.where


def _powers_moved(before: Ints, after: Ints, where: Mask) -> Ints:
    """Return 2, 3, -2 or -3 where an amount moved by about 100 or 1000 times, else 0."""
    powers = np.zeros(len(before), np.int64)
    at = np.flatnonzero(where & (before > 0) & (after > 0))
    moved = np.log10(after[at] / before[at])
    rounded = np.rint(moved).astype(np.int64)
    near = np.isin(rounded, POWERS) & (np.abs(moved - rounded) <= MOVED_WITHIN)
    powers[at[near]] = rounded[near]
    return powers
