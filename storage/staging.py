"""Keeps what an import plan says: staged in short steps, then all of it at once.

Staged rows are written some thousand at a time, so that other writers never wait long. The switch
at the end is one transaction of a few statements: it checks that no client moved since the plan
was compared, and moves everything over. A process that dies before leaves nothing but staged rows,
which a later import clears away.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, func, select

from domain.access import Member
from storage.bulk import (
    CLIENT_COLUMNS,
    FACTS,
    FIGURES,
    Ints,
    Row,
    insert,
    is_sqlite,
    plain,
)
from storage.comparing import DAYS, Comparison, FactChange, only
from storage.firms import list_members
from storage.importing import (
    ImportPlan,
    ImportRefusedError,
    ImportResult,
    PlanOutdatedError,
    Progress,
)
from storage.journal import Kind
from storage.planning import plan_import
from storage.search import add_words, name_tokens
from storage.store import WORKER_PATIENCE_S, Store, note_change
from storage.tables import (
    ClientRow,
    FirmRow,
    ImportRow,
    ImportStageRow,
    LegacyRow,
    NameTokenRow,
    NameVocabRow,
    SatisfactionRow,
    StrategicRow,
)

STEP = 2_000
"""Rows staged in one transaction."""
TRIES = 3
LONGEST_FILE_NAME = 200
STALE = timedelta(days=1)
"""What was staged longer ago belongs to no import that is still going on."""

STAGE: Any = ImportStageRow.__table__  # type: ignore[attr-defined]
CLIENT: Any = ClientRow.__table__  # type: ignore[attr-defined]
TOKEN: Any = NameTokenRow.__table__  # type: ignore[attr-defined]
VOCAB: Any = NameVocabRow.__table__  # type: ignore[attr-defined]
FIGURE_COLUMNS = tuple(name for name in CLIENT_COLUMNS if name != "external_id")
NOTHING_BEFORE: Row = {"client": None}


class _MovedError(Exception):
    """Clients or members changed while the rows were staged."""


def apply_import(
    store: Store,
    firm_id: int,
    plan: ImportPlan,
    *,
    by: str,
    at: datetime,
    file_name: str,
    good_rows_only: bool = False,
    accept_implausible: bool = False,
    accept_sweeping: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Keep what a plan says, all of it or nothing.

    Raises ImportRefusedError if rows are refused, amounts implausible or removals sweeping and that
    was not accepted (refused rows cannot be accepted where missing clients are removed: they might
    be the missing ones). Raises PlanOutdatedError if the plan shown no longer holds. A second
    import of the same file finds nothing to change.
    """
    for _ in range(TRIES):
        stager = _Stager(store, firm_id, at=at)
        present, members = stager.fill(plan, progress)
        if not present.changes and present.earlier:
            return _result(present, touched=())
        if present.digest != plan.digest:
            stager.clear()
            raise PlanOutdatedError(present)
        refused = present.refused_rows and (present.remove_missing or not good_rows_only)
        implausible = present.looks_implausible and not accept_implausible
        if refused or implausible or (present.is_sweeping and not accept_sweeping):
            stager.clear()
            raise ImportRefusedError
        touched = _touched(store, firm_id, stager.stage)
        try:
            import_id = stager.switch(present, members, touched, by=by, file_name=file_name)
        except _MovedError:
            stager.clear()
            continue
        _clear_all_but(store, firm_id, stager.stage, before=at - STALE)
        return _result(present, touched=touched, id_=import_id)
    raise PlanOutdatedError(present)


class _Stager:
    """Writes the changes of one plan into the stage, and moves them over."""

    def __init__(self, store: Store, firm_id: int, *, at: datetime) -> None:
        self.store, self.firm_id, self.at = store, firm_id, at
        self.stage = uuid4().hex
        self.words: set[str] = set()
        self.parts: dict[str, set[str]] = {}
        self.kinds: set[str] = set()
        """What there is to switch: new, known, renamed, and the facts by name."""
        self.today = at.date()

    def fill(
        self, plan: ImportPlan, progress: Progress | None
    ) -> tuple[ImportPlan, Sequence[Member]]:
        """Compare the file anew and stage every change."""
        self.today = plan.today
        with self.store.read(self.firm_id) as session:
            self.words = set(session.exec(select(NameVocabRow.token)))
            members = list_members(session)
            present = plan_import(
                session,
                plan.file,
                advisors_allowed=plan.advisors_allowed,
                today=plan.today,
                default_advisor=plan.default_advisor,
                remove_missing=plan.remove_missing,
                progress=progress,
                take=self._take,
            )
        return present, members

    def _take(self, found: Comparison, rows: Ints) -> None:
        columns = self._columns(found, rows)
        for start in range(0, len(rows), STEP):
            some = slice(start, start + STEP)
            self._write(
                {k: v[some] if isinstance(v, list) else v for k, v in columns.items()},
                is_new=found.is_new[rows][some].tolist(),
                is_renamed=found.figures["name"][rows][some].tolist(),
            )

    def _write(self, columns: Row, *, is_new: list[bool], is_renamed: list[bool]) -> None:
        """Stage rows, and keep the words of their names: the switch has less to do.

        Nobody finds a new client by these words before it is there.
        """
        tokens = [
            self._words(name) if renamed else []
            for name, renamed in zip(columns["name"], is_renamed, strict=True)
        ]
        columns["words"] = [
            words if renamed and not new else None
            for words, renamed, new in zip(tokens, is_renamed, is_new, strict=True)
        ]
        with self.store.write(
            self.firm_id, patience_s=WORKER_PATIENCE_S, references_checked=True
        ) as session:
            free = iter(_free_ids(session, sum(is_new)))
            ids = zip(columns["client_id"], is_new, strict=True)
            columns["client_id"] = [next(free) if new else known for known, new in ids]
            insert(session, STAGE, columns, len(is_new))
            owned = sorted(  # as the index has them
                (word, client_id)
                for client_id, words, new in zip(columns["client_id"], tokens, is_new, strict=True)
                if new
                for word in words
            )
            self._keep_words(session, owned, {word for words in tokens for word in words})

    def _words(self, name: str) -> list[str]:
        """Return the words of a name; most parts of names were met before."""
        found: set[str] = set()
        for part in name.split():
            if part not in self.parts:
                self.parts[part] = name_tokens(part)
            found |= self.parts[part]
        return sorted(found)

    def _keep_words(
        self, session: Session, owned: Sequence[tuple[str, int]], words: set[str]
    ) -> None:
        """Keep new clients' words, and add new ones to the vocabulary: nobody's finds nobody."""
        postings = {
            "firm_id": self.firm_id,
            "client_id": [client_id for _, client_id in owned],
            "token": [word for word, _ in owned],
        }
        insert(session, TOKEN, postings, len(owned))
        add_words(session, words - self.words)
        self.words |= words

    def _columns(self, found: Comparison, rows: Ints) -> dict[str, Any]:
        """Give the staged rows in columns: a client's figures as they will be, and what changes."""
        is_new = found.is_new[rows]
        self.kinds |= {"new"} if is_new.any() else set()
        self.kinds |= {"known"} if not is_new.all() else set()
        if (found.figures["name"][rows] & ~is_new).any():
            self.kinds.add("renamed")
        columns: dict[str, Any] = {
            "firm_id": self.firm_id,
            "stage": self.stage,
            "staged_at": self.at,
            "client_id": found.ids[rows].tolist(),
            "known_version": plain(found.known_column("version")[rows]),
            "external_id": [found.block.numbers[at] for at in rows.tolist()],
            "advisor_id": found.advisors[rows].tolist(),
            "revenue_on": plain(self._revenue_days(found)[rows], days=True),
        }
        for field, column in FIGURES.items():
            columns[column] = plain(found.merged_column(field)[rows], days=field in DAYS)
        for name, fact in found.facts.items():
            if fact.where[rows].any():
                self.kinds.add(name)
                columns |= _fact_columns(fact, rows)
        for name, where, fields in (
            ("criterion", found.criterion, ("criterion",)),
            ("sponsor", found.tie, ("sponsor", "relation")),
        ):
            if where[rows].any():
                self.kinds.add(name)
                given = {each: only(found.block.texts(each), where) for each in fields}
                columns |= {each: values[rows].tolist() for each, values in given.items()}
        columns["before"] = [_before(found, at) for at in rows.tolist()]
        return columns

    def _revenue_days(self, found: Comparison) -> Ints:
        known: Ints = found.known_column("revenue_on")
        return np.where(found.figures["revenue"], found.today, known)

    # the switch

    def switch(
        self,
        plan: ImportPlan,
        members: Sequence[Member],
        touched: Sequence[int],
        *,
        by: str,
        file_name: str,
    ) -> int | None:
        """Move the staged rows over in one transaction. Raises _MovedError."""
        try:
            return self._switch(plan, members, touched, by=by, file_name=file_name)
        except IntegrityError as error:  # a number is taken now, or a sponsor gone
            raise _MovedError from error

    def _switch(
        self,
        plan: ImportPlan,
        members: Sequence[Member],
        touched: Sequence[int],
        *,
        by: str,
        file_name: str,
    ) -> int | None:
        # Each row's client and advisor are compared here: their references need no second check.
        with self.store.write(
            self.firm_id, patience_s=WORKER_PATIENCE_S, references_checked=True
        ) as session:
            firm = select(FirmRow.id).where(FirmRow.id == self.firm_id)
            session.exec(firm.with_for_update()).one()
            connection = session.connection()
            mine = sa.and_(STAGE.c.stage == self.stage, STAGE.c.firm_id == self.firm_id)
            if self._has_moved(connection, mine) or list_members(session) != members:
                raise _MovedError
            for statement in self._statements(mine, by=by, on_sqlite=is_sqlite(session)):
                connection.execute(statement)
            run = ImportRow(
                file_hash=plan.file.file_hash,
                file_name=_storable(file_name),
                created=plan.new.count,
                changed=plan.changed.count + plan.removed,
                unchanged=plan.unchanged,
                imported_by=by,
                imported_at=self.at,
                stage=self.stage,
            )
            session.add(run)
            session.flush()
            note_change(
                session, [f"import {run.id}"], touched, at=self.at, kind=Kind.IMPORT, what="import"
            )
            return run.id

    def _has_moved(self, connection: sa.Connection, mine: Any) -> bool:
        """Tell whether a known client is not as it was when its change was planned."""
        if "known" not in self.kinds:
            return False
        same = sa.and_(CLIENT.c.id == STAGE.c.client_id, CLIENT.c.firm_id == STAGE.c.firm_id)
        moved = sa.or_(
            CLIENT.c.version.is_distinct_from(STAGE.c.known_version),
            CLIENT.c.external_id != STAGE.c.external_id,
        )
        is_known = STAGE.c.known_version.is_not(None)
        source = sa.select(sa.literal(1)).select_from(STAGE.outerjoin(CLIENT, same))
        return connection.scalar(source.where(mine, is_known, moved).limit(1)) is not None

    def _statements(self, mine: Any, *, by: str, on_sqlite: bool) -> Iterator[Any]:
        figures = {name: STAGE.c[name] for name in FIGURE_COLUMNS}
        is_new = STAGE.c.known_version.is_(None)
        created = {
            "id": STAGE.c.client_id,
            "external_id": STAGE.c.external_id,
            "firm_id": STAGE.c.firm_id,
            **figures,
        }
        if "new" in self.kinds:
            yield sa.insert(CLIENT).from_select(
                [*created, "version"],
                sa.select(*created.values(), sa.literal(1)).where(mine, is_new),
            )
        if "known" in self.kinds:
            yield (
                sa.update(CLIENT)
                .values(**figures, version=CLIENT.c.version + 1)
                .where(CLIENT.c.id == STAGE.c.client_id, mine, ~is_new)
            )
        for name, (table, keys, values, given) in self._facts(by).items():
            if name in self.kinds:
                yield self._merge(table, values, keys, given, mine, on_sqlite)
        if "renamed" in self.kinds:
            yield from self._names(mine, on_sqlite=on_sqlite)

    def _facts(self, by: str) -> dict[str, tuple[type[SQLModel], Sequence[str], Row, Any]]:
        """Give each fact's table, unique key, columns, and the column that shows it is staged."""
        recorded = {"recorded_by": sa.literal(by), "recorded_at": sa.literal(self.at, CLIENT_AT)}
        facts: dict[str, tuple[type[SQLModel], Sequence[str], Row, Any]] = {}
        for name, kind in FACTS.items():
            keys = (kind.key,) if kind.key else ()
            columns = (*keys, kind.day, *kind.values)
            values: Row = {each: STAGE.c[kind.stage_column(each)] for each in columns}
            values |= {mark: sa.literal(value) for mark, value in kind.marks.items()}
            extra = recorded if kind.is_recorded else {}
            given = STAGE.c[kind.stage_column(kind.day)]
            facts[name] = (kind.table, kind.unique, {**values, **extra}, given)
        noted = {
            "criterion": STAGE.c.criterion,
            "noted_on": sa.literal(self.today, sa.Date()),
            "reason": sa.literal(""),
        }
        facts["criterion"] = (StrategicRow, ("client_id", "criterion"), noted, STAGE.c.criterion)
        sponsor = CLIENT.alias("sponsor")
        sponsor_id = (
            sa.select(sponsor.c.id)
            .where(sponsor.c.firm_id == STAGE.c.firm_id, sponsor.c.external_id == STAGE.c.sponsor)
            .scalar_subquery()
        )
        tie = {"sponsor_id": sponsor_id, "relation": STAGE.c.relation}
        facts["sponsor"] = (LegacyRow, ("client_id", "sponsor_id"), tie, STAGE.c.sponsor)
        return facts

    def _merge(
        self,
        table: type[SQLModel],
        values: dict[str, Any],
        keys: Sequence[str],
        given: Any,
        mine: Any,
        on_sqlite: bool,
    ) -> Any:
        """Insert the staged rows that give this fact, or correct those of the same keys."""
        row = {"firm_id": STAGE.c.firm_id, "client_id": STAGE.c.client_id, **values}
        source = sa.select(*row.values()).where(mine, given.is_not(None))
        into_table = sqlite.insert if on_sqlite else postgresql.insert
        into = into_table(table.__table__).from_select(list(row), source)  # type: ignore[attr-defined]
        update = {name: into.excluded[name] for name in row if name not in (*keys, "firm_id")}
        return into.on_conflict_do_update(index_elements=keys, set_=update)

    def _names(self, mine: Any, *, on_sqlite: bool) -> Iterator[Any]:
        renamed = sa.and_(mine, STAGE.c.words.is_not(None))
        ids = sa.select(STAGE.c.client_id).where(renamed)
        yield sa.delete(TOKEN).where(TOKEN.c.client_id.in_(ids))
        word = _each(STAGE.c.words, on_sqlite=on_sqlite)
        yield sa.insert(TOKEN).from_select(
            ["firm_id", "client_id", "token"],
            sa.select(STAGE.c.firm_id, STAGE.c.client_id, word.c.value)
            .select_from(STAGE.join(word, sa.true()))
            .where(renamed),
        )

    def clear(self) -> None:
        """Drop the staged rows."""
        clear_stage(self.store, self.firm_id, STAGE.c.stage == self.stage)
        _forget_unused_words(self.store, self.firm_id)


CLIENT_AT = SatisfactionRow.__table__.c.recorded_at.type  # type: ignore[attr-defined]


def _fact_columns(fact: FactChange, rows: Ints) -> Row:
    """Give a fact's staged columns; they are empty where it does not change."""
    kind, where = fact.kind, fact.where[rows]
    given = {kind.day: fact.days, **fact.values}
    columns: Row = {
        kind.stage_column(column): plain(only(values[rows], where), days=column == kind.day)
        for column, values in given.items()
    }
    if kind.key:
        columns[kind.stage_column(kind.key)] = only(fact.keys[rows], where).tolist()
    return columns


def _before(found: Comparison, at: int) -> Row:
    """Say what stood there before: the client, and each fact that is written."""
    if found.is_new[at]:
        return NOTHING_BEFORE
    before: Row = {"client": found.known_row(at)}
    for name, fact in found.facts.items():
        if fact.where[at]:
            before[name] = fact.before_at(at)
    if found.tie[at]:
        before["sponsor"] = found.old_ties.get(at)
    return before


def _storable(file_name: str) -> str:
    """Cut a file's name, without what a database cannot hold: NUL and halves of characters."""
    return re.sub("[\0\ud800-\udfff]", "\ufffd", file_name)[:LONGEST_FILE_NAME]


def same_client() -> Any:
    return sa.and_(CLIENT.c.firm_id == STAGE.c.firm_id, CLIENT.c.external_id == STAGE.c.external_id)


def _each(words: Any, *, on_sqlite: bool) -> Any:
    """Take a list of words apart, a row each."""
    if on_sqlite:
        return func.json_each(words).table_valued("value")
    return func.json_array_elements_text(words).table_valued("value").render_derived()


def _result(plan: ImportPlan, *, touched: tuple[int, ...], id_: int | None = None) -> ImportResult:
    return ImportResult(
        created=plan.new.count,
        changed=plan.changed.count,
        unchanged=plan.unchanged,
        removed=plan.removed,
        earlier=None if touched else plan.earlier,
        touched=touched,
        import_id=id_,
    )


def _free_ids(session: Session, count: int) -> Sequence[int]:
    """Reserve ids for new clients: the staged rows themselves keep others from taking them."""
    connection = session.connection()
    if not is_sqlite(session):
        ids = func.nextval(func.pg_get_serial_sequence("client", "id"))
        each = func.generate_series(1, count).table_valued("n")
        return connection.execute(sa.select(ids).select_from(each)).scalars().all()
    taken = connection.scalar(sa.select(func.max(CLIENT.c.id))) or 0
    staged = connection.scalar(sa.select(func.max(STAGE.c.client_id))) or 0
    first = max(taken, staged) + 1
    return range(first, first + count)


def touched_by(session: Session, stage: str) -> tuple[int, ...]:
    """Return the ids of the clients that an import changes."""
    staged = sa.select(STAGE.c.client_id).where(
        STAGE.c.stage == stage, STAGE.c.firm_id == session.info["firm_id"]
    )
    return tuple(session.connection().execute(staged.order_by(STAGE.c.id)).scalars().all())


def _touched(store: Store, firm_id: int, stage: str) -> tuple[int, ...]:
    with store.read(firm_id) as session:
        return touched_by(session, stage)


def _clear_all_but(store: Store, firm_id: int, stage: str, *, before: datetime) -> None:
    """Drop what earlier imports staged: only the last import can be taken back."""
    with store.read(firm_id) as session:
        last = set(session.exec(select(ImportRow.stage).where(col(ImportRow.stage).is_not(None))))
    done = STAGE.c.stage.in_([each for each in last if each != stage])
    clear_stage(store, firm_id, sa.or_(done, STAGE.c.staged_at < before))
    _forget_unused_words(store, firm_id)
    with store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        runs: Any = ImportRow.__table__  # type: ignore[attr-defined]
        old = sa.and_(runs.c.firm_id == firm_id, runs.c.stage.is_not(None), runs.c.stage != stage)
        session.connection().execute(sa.update(runs).where(old).values(stage=None))


def _forget_unused_words(store: Store, firm_id: int) -> None:
    """Drop words that nobody bears, from the vocabulary."""
    borne = sa.select(TOKEN.c.id).where(
        TOKEN.c.firm_id == VOCAB.c.firm_id, TOKEN.c.token == VOCAB.c.token
    )
    unused = sa.delete(VOCAB).where(VOCAB.c.firm_id == firm_id, ~borne.exists())
    with store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        session.connection().execute(unused)


def clear_stage(store: Store, firm_id: int, which: Any) -> None:
    """Drop staged rows in steps, and the words of new clients that never came with them."""
    mine = sa.and_(STAGE.c.firm_id == firm_id, which)
    some = sa.select(STAGE.c.id).where(mine).order_by(STAGE.c.id).limit(STEP).subquery()
    ends = sa.select(func.min(some.c.id), func.max(some.c.id))
    present = sa.select(CLIENT.c.id).where(CLIENT.c.id == TOKEN.c.client_id)
    while True:
        with store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
            connection = session.connection()
            first, last = connection.execute(ends).one()
            if first is None:
                return
            here = sa.and_(mine, STAGE.c.id.between(first, last))
            of_them = TOKEN.c.client_id.in_(sa.select(STAGE.c.client_id).where(here))
            connection.execute(sa.delete(TOKEN).where(of_them, ~present.exists()))
            connection.execute(sa.delete(STAGE).where(here))
