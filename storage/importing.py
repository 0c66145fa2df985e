"""Brings a client file into the store: first a plan that changes nothing, then all of it or none.

An empty cell means unknown and never erases what is known. Values without a day of their own are
kept as of the day of the import, and only when they differ from the last one known. Clients that
are not in the file stay as they are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from math import log10
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz
from sqlmodel import Session, SQLModel, col, select

from domain.access import Member
from domain.model import WalletSource
from storage.bulk import FACTS, FIGURES, Key, Known, Row, known_clients, upsert, values_of
from storage.firms import list_members
from storage.search import fold, index_names, name_words
from storage.tables import (
    ClientRow,
    FirmRow,
    HoldingRow,
    ImportRow,
    LegacyRow,
    SatisfactionRow,
    StrategicRow,
    WalletRow,
)

if TYPE_CHECKING:
    from storage.files.book_file import BookFile

SHOWN = 5
"""So many examples of each kind are shown."""
LONGEST_ID = 64
MOVED_SHARE = 0.2
"""More amounts than this share moved by a power of ten look like another number format."""
MOVED_WITHIN = 0.3
"""How far, in powers of ten, a factor may be from 100 or 1000 (50 to 200, 500 to 2000)."""
OTHER_NAME = 50
"""Names less alike than this, out of 100, are another client's."""

KEYS: dict[str, tuple[type[SQLModel], tuple[str, ...]]] = {
    "satisfaction": (SatisfactionRow, ("client_id", "measured_on", "scale")),
    "wallet": (WalletRow, ("client_id", "source", "known_on")),
    "managed": (HoldingRow, ("client_id", "held_on")),
    "criterion": (StrategicRow, ("client_id", "criterion")),
    "sponsor": (LegacyRow, ("client_id", "sponsor_id")),
}
"""Dated facts to their tables, and what makes a row of them unique."""


class ProblemCode(StrEnum):
    """Why a row that reads well cannot be kept."""

    ADVISOR_UNKNOWN = "advisor_unknown"
    ADVISOR_AMBIGUOUS = "advisor_ambiguous"
    ADVISOR_INACTIVE = "advisor_inactive"
    ADVISOR_MISSING = "advisor_missing"
    NOT_IN_YOUR_BOOK = "not_in_your_book"
    SAME_ID = "same_id"
    ID_TOO_LONG = "id_too_long"
    SPONSOR_UNKNOWN = "sponsor_unknown"
    SPONSOR_WITHOUT_RELATION = "sponsor_without_relation"
    RELATION_WITHOUT_SPONSOR = "relation_without_sponsor"


class NoteCode(StrEnum):
    """What is worth a second look before anything is kept."""

    NAME_REPLACED = "name_replaced"
    """The client number is known under quite another name."""
    NAME_UNDER_OTHER_ID = "name_under_other_id"
    """A new client bears the name of a known one."""
    AMOUNTS_MOVED = "amounts_moved"
    """Many amounts are 100 or 1000 times what they were; blocks until accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One row that is not kept, and why."""

    code: ProblemCode
    row: int
    """The line in the file."""
    value: str = ""
    """As it stands in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something possible but odd."""

    code: NoteCode
    count: int
    rows: tuple[int, ...]
    """The first five."""
    field: str | None = None
    factor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a row of the file would change of a client, as the store keeps it."""

    row: int
    external_id: str
    name: str
    values: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """Field to the value before (None: unknown) and after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """How many there are, and the first five."""

    count: int = 0
    first: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierImport:
    """When and by whom the very same file was imported before."""

    by: str
    at: datetime
    file_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What an import would do."""

    file: "BookFile"
    advisors_allowed: frozenset[int] | None
    default_advisor: int | None
    today: date
    earlier: EarlierImport | None
    new: Listed
    changed: Listed
    unchanged: int
    not_in_file: Listed
    problems: tuple[Problem, ...]
    notes: tuple[Note, ...]
    changes: tuple[Change, ...]
    """All of them, new clients included."""

    @property
    def refused_rows(self) -> int:
        """Rows that are not kept: those that cannot be read and those with a problem."""
        return self.file.refused_rows + len({problem.row for problem in self.problems})

    @property
    def looks_implausible(self) -> bool:
        """Whether the amounts look as if read in another number format."""
        return any(note.code is NoteCode.AMOUNTS_MOVED for note in self.notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """A finished import."""

    created: int
    changed: int
    unchanged: int
    earlier: EarlierImport | None
    """The same file's last import before, if this one found nothing to change."""
    touched: tuple[int, ...]
    """Ids of the clients that are new or changed; their placements may have changed."""
    import_id: int | None = None


class ImportRefusedError(Exception):
    """The plan has refused rows or implausible amounts that nobody has accepted."""


class PlanOutdatedError(Exception):
    """The store changed after the plan was shown; `plan` is what the import would do now."""

    def __init__(self, plan: ImportPlan) -> None:
        super().__init__("the store changed after the plan was made")
        self.plan = plan


def plan_import(
    session: Session,
    file: "BookFile",
    *,
    advisors_allowed: frozenset[int] | None,
    today: date,
    default_advisor: int | None = None,
) -> ImportPlan:
    """Say what a file would change, without changing anything.

    Rows of advisors outside `advisors_allowed` are refused (None: the whole firm is allowed). New
    clients without an advisor in the file go to `default_advisor`, or are refused.
    """
    return _Planner(session, file, advisors_allowed, default_advisor, today).plan()


def apply_import(
    session: Session,
    plan: ImportPlan,
    *,
    by: str,
    at: datetime,
    file_name: str,
    good_rows_only: bool = False,
    accept_implausible: bool = False,
) -> ImportResult:
    """Keep what a plan says, all of it or, if the session's block ends with an error, nothing.

    Needs a writing session. Raises ImportRefusedError if rows are refused or amounts implausible
    and that was not accepted, PlanOutdatedError if the plan shown no longer holds. A second import
    of the same file waits for the first and then finds nothing to change.
    """
    _let_no_other_import_in(session)
    present = plan_import(
        session,
        plan.file,
        advisors_allowed=plan.advisors_allowed,
        today=plan.today,
        default_advisor=plan.default_advisor,
    )
    if not present.changes and present.earlier:
        return _result(present, touched=())
    if present.changes != plan.changes or present.problems != plan.problems:
        raise PlanOutdatedError(present)
    refused = present.refused_rows and not good_rows_only
    if refused or (present.looks_implausible and not accept_implausible):
        raise ImportRefusedError
    touched = _Writer(session, present, by=by, at=at).write()
    run = ImportRow(
        file_hash=plan.file.file_hash,
        file_name=file_name[:200],
        created=present.new.count,
        changed=present.changed.count,
        unchanged=present.unchanged,
        imported_by=by,
        imported_at=at,
    )
    session.add(run)
    session.flush()
    return _result(present, touched=touched, import_id=run.id)


def _let_no_other_import_in(session: Session) -> None:
    firm = select(FirmRow.id).where(FirmRow.id == session.info["firm_id"])
    session.exec(firm.with_for_update()).one()


def _result(
    plan: ImportPlan, *, touched: tuple[int, ...], import_id: int | None = None
) -> ImportResult:
    return ImportResult(
        created=plan.new.count,
        changed=plan.changed.count,
        unchanged=plan.unchanged,
        earlier=None if touched else plan.earlier,
        touched=touched,
        import_id=import_id,
    )


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
        self.file, self.allowed, self.default_advisor = file, allowed, default_advisor
        self.today = today
        self.rows = _plain_rows(file)
        counts = Counter(row["client_id"] for row in self.rows)
        self.repeated_ids = {each for each, count in counts.items() if count > 1}
        self.problems: list[Problem] = []
        self.notes: list[Note] = []
        self.advisors = _Advisors(list_members(session))
        self.known = Known(session)
        self.earlier = _earlier(session, file.file_hash)

    def plan(self) -> ImportPlan:
        good = self._with_sponsors([row for row in self.rows if self._is_good(row)])
        changes = [each for row in good if (each := self._change(row))]
        known = self.known.clients
        new = [each for each in changes if each.external_id not in known]
        changed = [each for each in changes if each.external_id in known]
        self._look_for_oddities(good, new, changed)
        return ImportPlan(
            file=self.file,
            advisors_allowed=self.allowed,
            default_advisor=self.default_advisor,
            today=self.today,
            earlier=self.earlier,
            new=_listed(new),
            changed=_listed(changed),
            unchanged=len(good) - len(changes),
            not_in_file=_listed(list(self._absent())),
            problems=tuple(sorted(self.problems, key=lambda problem: problem.row)),
            notes=tuple(self.notes),
            changes=tuple(changes),
        )

    def _is_good(self, row: Row) -> bool:
        """Settle the row's advisor and refuse the row if anything contradicts."""
        external_id = row["client_id"]
        if len(external_id) > LONGEST_ID:
            return self._refuse(ProblemCode.ID_TOO_LONG, row, external_id[:LONGEST_ID])
        if external_id in self.repeated_ids:
            return self._refuse(ProblemCode.SAME_ID, row, external_id)
        known = self.known.clients.get(external_id)
        if row.get("advisor"):
            found = self.advisors.find(row["advisor"])
            if isinstance(found, ProblemCode):
                return self._refuse(found, row, row["advisor"])
            row["advisor_id"] = found
        else:
            row["advisor_id"] = known["advisor_id"] if known else self.default_advisor
        if row["advisor_id"] is None:
            return self._refuse(ProblemCode.ADVISOR_MISSING, row)
        concerned = {row["advisor_id"], *([known["advisor_id"]] if known else [])}
        if self.allowed is not None and not concerned <= self.allowed:
            return self._refuse(ProblemCode.NOT_IN_YOUR_BOOK, row, external_id)
        if row.get("sponsor") and not row.get("relation"):
            return self._refuse(ProblemCode.SPONSOR_WITHOUT_RELATION, row, row["sponsor"])
        if row.get("relation") and not row.get("sponsor"):
            return self._refuse(ProblemCode.RELATION_WITHOUT_SPONSOR, row, row["relation"])
        return True

    def _refuse(self, code: ProblemCode, row: Row, value: str = "") -> bool:
        self.problems.append(Problem(code=code, row=row["row"], value=value))
        return False

    def _with_sponsors(self, rows: list[Row]) -> list[Row]:
        """Leave out rows whose sponsor is neither known nor kept, until none is left out."""
        while True:
            there = {row["client_id"] for row in rows} | self.known.clients.keys()
            lost = [row for row in rows if row.get("sponsor") and row["sponsor"] not in there]
            if not lost:
                return rows
            for row in lost:
                self._refuse(ProblemCode.SPONSOR_UNKNOWN, row, row["sponsor"])
            refused = {row["row"] for row in lost}
            rows = [row for row in rows if row["row"] not in refused]

    def _change(self, row: Row) -> Change | None:
        known = self.known.clients.get(row["client_id"])
        values = dict(self._changed_figures(row, known or {}))
        values.update(self._changed_facts(row, known["id"] if known else None))
        if not values:
            return None
        return Change(row=row["row"], external_id=row["client_id"], name=row["name"], values=values)

    def _changed_figures(self, row: Row, known: Row) -> Iterator[tuple[str, tuple[Any, Any]]]:
        for column, name in FIGURES.items():
            value = row.get(column)
            if value is not None and value != known.get(name):
                yield column, (known.get(name), value)
        if row["advisor_id"] != known.get("advisor_id"):
            yield "advisor", (known.get("advisor_id"), row["advisor_id"])

    def _changed_facts(
        self, row: Row, client_id: int | None
    ) -> Iterator[tuple[str, tuple[Any, Any]]]:
        if row.get("satisfaction") is not None:
            key, value = (row["satisfaction_scale"],), (row["satisfaction"],)
            yield from self._dated("satisfaction", client_id, key, value, row)
        wallet = (row.get("wallet"), row.get("wallet_share"))
        if wallet != (None, None):
            key = (row.get("wallet_source") or WalletSource.ESTIMATE.value,)
            yield from self._dated("wallet", client_id, key, wallet, row)
        if row.get("managed") is not None:
            yield from self._dated("managed", client_id, (), (row["managed"],), row)
        if row.get("criterion") and row["criterion"] not in self.known.criteria[client_id]:
            yield "criterion", (None, row["criterion"])
        if row.get("sponsor"):
            tie = (row["sponsor"], row["relation"])
            if tie not in self.known.ties[client_id]:
                yield "sponsor", (None, tie)

    def _dated(
        self, name: str, client_id: int | None, key: Key, value: Key, row: Row
    ) -> Iterator[tuple[str, tuple[Any, Any]]]:
        """Compare with the value of that day, or without a day with the last one known."""
        history = self.known.facts[name].get((client_id, *key), {})
        day = row.get(f"{name}_on")
        last = history.get(day) if day else history[max(history)] if history else None
        merged = _merged(value, last)
        if merged != last:
            yield name, (last, (*key, day or self.today, *merged))

    def _absent(self) -> Iterator[Change]:
        there = {row["client_id"] for row in self.rows}
        for external_id, known in self.known.clients.items():
            is_mine = self.allowed is None or known["advisor_id"] in self.allowed
            ended = known["former_since"] is not None and known["former_since"] <= self.today
            if is_mine and not ended and external_id not in there:
                yield Change(row=0, external_id=external_id, name=known["name"])

    def _look_for_oddities(
        self, good: Sequence[Row], new: Sequence[Change], changed: Sequence[Change]
    ) -> None:
        other = [each for each in changed if _is_other_name(each)]
        self._note(NoteCode.NAME_REPLACED, other)
        visible = (
            known
            for known in self.known.clients.values()
            if self.allowed is None or known["advisor_id"] in self.allowed
        )
        names = {fold(known["name"]) for known in visible}
        again = [each for each in new if fold(each.name) in names]
        self._note(NoteCode.NAME_UNDER_OTHER_ID, again)
        for name in ("revenue", "managed"):
            compared = sum(1 for row in good if row.get(name) and self._is_known(row))
            self._look_for_moved(name, changed, compared)

    def _is_known(self, row: Row) -> bool:
        return row["client_id"] in self.known.clients

    def _look_for_moved(self, name: str, changed: Sequence[Change], compared: int) -> None:
        moved: defaultdict[int, list[Change]] = defaultdict(list)
        for each in changed:
            before, after = each.values.get(name, (None, None))
            if name == "managed" and before is not None:
                before, after = before[0], after[-1]
            if power := _power_moved(before, after):
                moved[power].append(each)
        for power, changes in moved.items():
            if len(changes) > MOVED_SHARE * compared:
                self._note(NoteCode.AMOUNTS_MOVED, changes, name=name, factor=10 ** abs(power))

    def _note(
        self,
        code: NoteCode,
        changes: Sequence[Change],
        *,
        name: str | None = None,
        factor: int | None = None,
    ) -> None:
        if changes:
            rows = tuple(each.row for each in changes[:SHOWN])
            note = Note(code=code, count=len(changes), rows=rows, field=name, factor=factor)
            self.notes.append(note)


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


class _Writer:
    """Writes the changes of one plan in a few statements, not client by client."""

    def __init__(self, session: Session, plan: ImportPlan, *, by: str, at: datetime) -> None:
        self.session, self.plan = session, plan
        self.firm_id = session.info["firm_id"]
        self.recorded = {"firm_id": self.firm_id, "recorded_by": by, "recorded_at": at}

    def write(self) -> tuple[int, ...]:
        self._write_clients()
        ids = {number: key for key, number in self._ids()}
        self._write_facts(ids)
        renamed = [c.external_id for c in self.plan.changes if "name" in c.values]
        index_names(self.session, [ids[number] for number in renamed])
        self.session.expire_all()
        return tuple(ids[change.external_id] for change in self.plan.changes)

    def _ids(self) -> Sequence[Any]:
        return values_of(self.session, ClientRow.id, ClientRow.external_id)

    def _write_clients(self) -> None:
        known = known_clients(self.session)
        rows = []
        for change in self.plan.changes:
            row = {"firm_id": self.firm_id, "version": 1, "external_id": change.external_id}
            row |= dict.fromkeys((*FIGURES.values(), "revenue_on", "advisor_id"))
            row |= {k: v for k, v in known.get(change.external_id, {}).items() if k != "id"}
            row |= {
                FIGURES[name]: after
                for name, (_, after) in change.values.items()
                if name in FIGURES
            }
            if "revenue" in change.values:
                row["revenue_on"] = self.plan.today
            if "advisor" in change.values:
                row["advisor_id"] = change.values["advisor"][1]
            rows.append(row)
        version = ClientRow.__table__.c.version + 1  # type: ignore[attr-defined]
        upsert(self.session, ClientRow, rows, ("firm_id", "external_id"), version=version)

    def _write_facts(self, ids: Mapping[str, int]) -> None:
        kept: defaultdict[str, list[Row]] = defaultdict(list)
        for change in self.plan.changes:
            client = {"firm_id": self.firm_id, "client_id": ids[change.external_id]}
            for name, (_, after) in change.values.items():
                if name in FACTS:
                    kept[name].append(client | dict(zip(FACTS[name], after, strict=True)))
                elif name == "criterion":
                    noted = {"criterion": after, "noted_on": self.plan.today, "reason": ""}
                    kept[name].append(client | noted)
                elif name == "sponsor":
                    tie = {"sponsor_id": ids[after[0]], "relation": after[1]}
                    kept[name].append(client | tie)
        for name in ("satisfaction", "wallet"):
            kept[name] = [row | self.recorded for row in kept[name]]
        for name, (table, keys) in KEYS.items():
            upsert(self.session, table, kept[name], keys)


def _plain_rows(file: "BookFile") -> list[Row]:
    """Return the file's good rows as plain values, an empty cell as None."""
    columns: dict[str, list[Any]] = {}
    for name in file.frame.columns:
        values = file.frame[name]
        if values.dtype.kind == "M":
            values = values.dt.date
        columns[name] = values.astype(object).where(values.notna(), None).tolist()
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _earlier(session: Session, file_hash: str) -> EarlierImport | None:
    run = session.exec(
        select(ImportRow)
        .where(ImportRow.file_hash == file_hash)
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


def _listed(changes: Sequence[Change]) -> Listed:
    return Listed(count=len(changes), first=tuple(changes[:SHOWN]))
