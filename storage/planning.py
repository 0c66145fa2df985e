"""Compares a client file with the store: what an import would change, without changing anything.

An empty cell means unknown and never erases what is known. Values without a day of their own count
as of the day of the import, and only when they differ from the last one known. Clients that are not
in the file stay as they are, unless the person says otherwise. Rows are compared a block at a time,
so that a file may be larger than what the program may hold.
"""

import hashlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import log10
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlmodel import Session, col, select

from domain.access import Member
from domain.model import WalletSource
from storage.bulk import FIGURES, Key, Known, Row
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
MOVABLE = ("revenue", "managed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A change with all it takes to make it, and to take it back."""

    change: Change
    known: Row | None
    """The client's row as it is; None: the client is new."""
    before: Mapping[str, Any]
    """Of dated facts and ties: what stood in the very row that the change writes."""


Take = Callable[[Planned], None]


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

    def add(self, item: Any) -> None:
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(item)

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

    def plan(
        self, *, remove_missing: bool, progress: Progress | None, take: Take | None
    ) -> ImportPlan:
        self.take = take
        self.sponsors = self._kept_sponsors()
        done, rows = 0, len(self.file.frame)
        for known, block in self._blocks():
            for row in block:
                self._plan_row(row, known)
            done += len(block)
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

    def _blocks(self) -> Iterator[tuple[Known, list[Row]]]:
        """Give the file's good rows as plain values, an empty cell as None, with what is known."""
        frame = self.file.frame
        self.repeated_ids: set[str] = set()
        if len(frame):
            ids = frame["client_id"]
            self.repeated_ids = set(ids[ids.duplicated(keep=False)])
        for start in range(0, len(frame), BLOCK):
            columns: dict[str, list[Any]] = {}
            for name in frame.columns:
                values = frame[name].iloc[start : start + BLOCK]
                if values.dtype.kind == "M":
                    values = values.dt.date
                columns[name] = values.astype(object).where(values.notna(), None).tolist()
            names = list(columns)
            block = [
                dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)
            ]
            yield Known(self.session, [] if self.is_first else columns["client_id"]), block

    def _plan_row(self, row: Row, known: Known) -> None:
        found = self._settled(row, known)
        if isinstance(found, Problem):
            self._refuse(found)
            return
        sponsor = row.get("sponsor")
        if sponsor and sponsor not in self.sponsors:
            self._refuse(_problem(ProblemCode.SPONSOR_UNKNOWN, row, sponsor))
            return
        planned = self._planned(row, known)
        client = known.clients.get(row["client_id"])
        if client:
            self.compared.update(name for name in MOVABLE if row.get(name))
        if planned is None:
            self.unchanged += 1
            return
        self._keep(planned)
        if client is None:
            self.new.add(planned.change)
            self.new_names.append(hash(fold(planned.change.name)))
            self.new_rows.append(planned.change.row)
        else:
            self.changed.add(planned.change)
            self._look_at(planned.change)

    def _keep(self, planned: Planned) -> None:
        change = planned.change
        self.digest.update(repr((change.external_id, change.row, change.values)).encode())
        if self.take:
            self.take(planned)

    def _refuse(self, problem: Problem) -> None:
        self.problem_rows += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def _settled(self, row: Row, known: Known) -> Problem | None:
        """Settle the row's advisor, or say what contradicts."""
        external_id = row["client_id"]
        if len(external_id) > LONGEST_ID:
            return _problem(ProblemCode.ID_TOO_LONG, row, external_id[:LONGEST_ID])
        if external_id in self.repeated_ids:
            return _problem(ProblemCode.SAME_ID, row, external_id)
        client = known.clients.get(external_id)
        if row.get("advisor"):
            found = self.advisors.find(row["advisor"])
            if isinstance(found, ProblemCode):
                return _problem(found, row, row["advisor"])
            row["advisor_id"] = found
        else:
            row["advisor_id"] = client["advisor_id"] if client else self.default_advisor
        if row["advisor_id"] is None:
            return _problem(ProblemCode.ADVISOR_MISSING, row)
        concerned = {row["advisor_id"], *([client["advisor_id"]] if client else [])}
        if self.allowed is not None and not concerned <= self.allowed:
            return _problem(ProblemCode.NOT_IN_YOUR_BOOK, row, external_id)
        if row.get("sponsor") and not row.get("relation"):
            return _problem(ProblemCode.SPONSOR_WITHOUT_RELATION, row, row["sponsor"])
        if row.get("relation") and not row.get("sponsor"):
            return _problem(ProblemCode.RELATION_WITHOUT_SPONSOR, row, row["relation"])
        return None

    def _kept_sponsors(self) -> set[str]:
        """Return the sponsors that are known or kept; one that is refused takes others along."""
        frame = self.file.frame
        if "sponsor" not in frame or not frame["sponsor"].notna().any():
            return set()
        wanted = set(frame["sponsor"].dropna())
        known = set() if self.is_first else set(Known(self.session, sorted(wanted)).clients)
        kept: dict[str, str | None] = {}
        for present, block in self._blocks():
            for row in block:
                if row["client_id"] in wanted and self._settled(row, present) is None:
                    kept[row["client_id"]] = row.get("sponsor")
        while lost := [each for each, by in kept.items() if by and by not in known | kept.keys()]:
            for each in lost:
                del kept[each]
        return known | kept.keys()

    # changes

    def _planned(self, row: Row, known: Known) -> Planned | None:
        client = known.clients.get(row["client_id"])
        values = dict(self._changed_figures(row, client or {}))
        before: Row = {}
        values.update(self._changed_facts(row, known, client["id"] if client else None, before))
        if not values:
            return None
        number, name = row["client_id"], row["name"]
        change = Change(row=row["row"], external_id=number, name=name, values=values)
        return Planned(change=change, known=client, before=before)

    def _changed_figures(self, row: Row, known: Row) -> Iterator[tuple[str, tuple[Any, Any]]]:
        for column, name in FIGURES.items():
            value = row.get(column)
            if value is not None and value != known.get(name):
                yield column, (known.get(name), value)
        if row["advisor_id"] != known.get("advisor_id"):
            yield "advisor", (known.get("advisor_id"), row["advisor_id"])

    def _changed_facts(
        self, row: Row, known: Known, client_id: int | None, before: Row
    ) -> Iterator[tuple[str, tuple[Any, Any]]]:
        wallet = (row.get("wallet"), row.get("wallet_share"))
        source = row.get("wallet_source") or WalletSource.ESTIMATE.value
        for name, key, value in (
            ("satisfaction", (row.get("satisfaction_scale"),), (row.get("satisfaction"),)),
            ("wallet", (source,), wallet),
            ("managed", (), (row.get("managed"),)),
        ):
            if any(each is not None for each in value):
                history = known.facts[name].get((client_id, *key), {})
                day = row.get(f"{name}_on")
                last = history.get(day) if day else history[max(history)] if history else None
                merged = _merged(value, last)
                if merged != last:
                    before[name] = history.get(day or self.today)
                    yield name, (last, (*key, day or self.today, *merged))
        if row.get("criterion") and row["criterion"] not in known.criteria[client_id]:
            before["criterion"] = None
            yield "criterion", (None, row["criterion"])
        if row.get("sponsor"):
            tie = known.ties[client_id].get(row["sponsor"])
            if tie != row["relation"]:
                before["sponsor"] = tie
                yield "sponsor", (None, (row["sponsor"], row["relation"]))

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
        numbers = pa.array(self.session.exec(self._present(ClientRow.external_id)), pa.string())
        frame = self.file.frame
        there = pa.array(frame["client_id"] if len(frame) else [], pa.string())
        absent = numbers.filter(pc.invert(pc.is_in(numbers, value_set=there)))
        for start in range(0, len(absent), BLOCK):
            some = absent[start : start + BLOCK].to_pylist()
            if not remove_missing:
                some = some[:SHOWN] if start == 0 else []
            known = Known(self.session, some).clients
            for number in some:
                self._leave_out(known[number], remove_missing=remove_missing)
        self.absent.count = len(absent)

    def _leave_out(self, client: Row, *, remove_missing: bool) -> None:
        ended = (client["former_since"], self.today)
        values = {"former_since": ended} if remove_missing else {}
        change = Change(
            row=0, external_id=client["external_id"], name=client["name"], values=values
        )
        self.absent.add(change)
        if remove_missing:
            self._keep(Planned(change=change, known=client, before={}))

    # oddities

    def _look_at(self, change: Change) -> None:
        if _is_other_name(change):
            self.replaced.add(change.row)
        for name in MOVABLE:
            before, after = change.values.get(name, (None, None))
            if name == "managed" and before is not None:
                before, after = before[0], after[-1]
            if power := _power_moved(before, after):
                self.moved[name, power].add(change.row)

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
        for row in np.array(self.new_rows)[again].tolist():
            found.add(row)
        return found


class _Advisors:
    """Finds a member by key or by name; a name that two members bear is nobody's."""

    def __init__(self, members: Iterable[Member]) -> None:
        self.by_key: dict[str, Member] = {}
        self.by_name: defaultdict[Key, list[Member]] = defaultdict(list)
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


def _problem(code: ProblemCode, row: Row, value: str = "") -> Problem:
    return Problem(code=code, row=row["row"], value=value)


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


def _merged(value: Key, last: Key | None) -> Key:
    if last is None:
        return value
    return tuple(old if new is None else new for new, old in zip(value, last, strict=True))


def _is_other_name(change: Change) -> bool:
    before, after = change.values.get("name", (None, None))
    return before is not None and fuzz.token_sort_ratio(fold(before), fold(after)) < OTHER_NAME


def _power_moved(before: int | None, after: int | None) -> int | None:
    """Return 2, 3, -2 or -3 if an amount moved by about 100 or 1000 times."""
    if not before or not after or before < 0 or after < 0:
        return None
    moved = log10(after / before)
    power = round(moved)
    return power if abs(power) in (2, 3) and abs(moved - power) <= MOVED_WITHIN else None
