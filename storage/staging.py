"""Keeps what an import plan says: staged in short steps, then all of it at once.

Staged rows are written a thousand at a time, so that other writers never wait long. The switch at
the end is one transaction of a few statements: it checks that no client moved since the plan was
compared, and moves everything over. A process that dies before leaves nothing but staged rows,
which a later import clears away.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, func, select

from domain.access import Member
from storage.bulk import BATCH, CLIENT_COLUMNS, FACTS, FIGURES, Row
from storage.firms import list_members
from storage.importing import (
    ImportPlan,
    ImportRefusedError,
    ImportResult,
    PlanOutdatedError,
    Progress,
)
from storage.planning import Planned, plan_import
from storage.search import add_words, name_tokens
from storage.store import WORKER_PATIENCE_S, Store
from storage.tables import (
    ClientRow,
    FirmRow,
    HoldingRow,
    ImportRow,
    ImportStageRow,
    LegacyRow,
    NameTokenRow,
    NameVocabRow,
    SatisfactionRow,
    StrategicRow,
    WalletRow,
)

STEP = 1_000
"""Rows staged, or cleared away, in one transaction."""
TRIES = 3
LONGEST_FILE_NAME = 200
STALE = timedelta(days=1)
"""What was staged longer ago belongs to no import that is still going on."""

STAGE: Any = ImportStageRow.__table__  # type: ignore[attr-defined]
CLIENT: Any = ClientRow.__table__  # type: ignore[attr-defined]
TOKEN: Any = NameTokenRow.__table__  # type: ignore[attr-defined]
VOCAB: Any = NameVocabRow.__table__  # type: ignore[attr-defined]
FIGURE_COLUMNS = tuple(name for name in CLIENT_COLUMNS if name != "external_id")
FACT_TABLES: dict[str, tuple[type[SQLModel], tuple[str, ...]]] = {
    "satisfaction": (SatisfactionRow, ("client_id", "measured_on", "scale")),
    "wallet": (WalletRow, ("client_id", "source", "known_on")),
    "managed": (HoldingRow, ("client_id", "held_on")),
}
"""Dated facts to their tables, and what makes a row of them unique."""
RECORDED = ("satisfaction", "wallet")
DAYS = {"satisfaction": "measured_on", "wallet": "known_on", "managed": "held_on"}


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
        try:
            import_id = stager.switch(present, members, by=by, file_name=file_name)
        except _MovedError:
            stager.clear()
            continue
        _clear_all_but(store, firm_id, stager.stage, before=at - STALE)
        return _result(present, touched=_touched(store, firm_id, stager.stage), id_=import_id)
    raise PlanOutdatedError(present)


class _Stager:
    """Writes the changes of one plan into the stage, and moves them over."""

    def __init__(self, store: Store, firm_id: int, *, at: datetime) -> None:
        self.store, self.firm_id, self.at = store, firm_id, at
        self.stage = uuid4().hex
        self.rows: list[Row] = []
        self.words: set[str] = set()
        self.new_words: set[str] = set()
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
        self._write()
        return present, members

    def _take(self, planned: Planned) -> None:
        self.rows.append(self._row(planned))
        if len(self.rows) >= STEP:
            self._write()

    def _write(self) -> None:
        if self.rows:
            with self.store.write(self.firm_id, patience_s=WORKER_PATIENCE_S) as session:
                self._number(session)
                session.connection().execute(sa.insert(STAGE), self.rows)
                self._keep_words(session)
            self.rows = []

    def _number(self, session: Session) -> None:
        """Give new clients their ids, and keep the words of their names: the switch has less to do.

        Nobody finds them by these words before the clients are there.
        """
        new = [row for row in self.rows if row["client_id"] is None]
        for row, client_id in zip(new, _free_ids(session, len(new)), strict=True):
            row["client_id"] = client_id
        words = [
            {"firm_id": self.firm_id, "client_id": row["client_id"], "token": token}
            for row in new
            for token in row["words"]
        ]
        if words:
            session.connection().execute(sa.insert(TOKEN), words)
        for row in new:
            row["words"] = None

    def _keep_words(self, session: Session) -> None:
        """Add new words to the vocabulary beforehand: a word that nobody bears finds nobody."""
        add_words(session, self.new_words)
        self.new_words = set()

    def _row(self, planned: Planned) -> Row:
        change, known = planned.change, planned.known or {}
        self.kinds |= change.values.keys()
        self.kinds.add("known" if known else "new")
        if known and "name" in change.values:
            self.kinds.add("renamed")
        row: Row = dict.fromkeys(_STAGED)
        row |= {name: known.get(name) for name in FIGURE_COLUMNS}
        row |= {
            "firm_id": self.firm_id,
            "stage": self.stage,
            "staged_at": self.at,
            "client_id": known.get("id"),
            "known_version": known.get("version"),
            "external_id": change.external_id,
        }
        before: Row = {"client": _plain(known) if known else None}
        for name, (_, after) in change.values.items():
            if name in FIGURES:
                row[FIGURES[name]] = after
            elif name in FACTS:
                row |= zip(FACTS[name], after, strict=True)
                before[name] = planned.before[name]
            elif name == "sponsor":
                row["sponsor"], row["relation"] = after
                before[name] = planned.before[name]
            else:
                row["advisor_id" if name == "advisor" else name] = after
        if "revenue" in change.values:
            row["revenue_on"] = self.today
        if "name" in change.values:
            tokens = name_tokens(change.name)
            row["words"] = sorted(tokens)
            self.new_words |= tokens - self.words
            self.words |= tokens
        return row | {"before": before}

    # the switch

    def switch(
        self, plan: ImportPlan, members: Sequence[Member], *, by: str, file_name: str
    ) -> int | None:
        """Move the staged rows over in one transaction. Raises _MovedError."""
        with self.store.write(self.firm_id, patience_s=WORKER_PATIENCE_S) as session:
            firm = select(FirmRow.id).where(FirmRow.id == self.firm_id)
            session.exec(firm.with_for_update()).one()
            connection = session.connection()
            mine = sa.and_(STAGE.c.stage == self.stage, STAGE.c.firm_id == self.firm_id)
            if connection.scalar(self._moved(mine)) or list_members(session) != members:
                raise _MovedError
            for statement in self._statements(mine, by=by, is_sqlite=_is_sqlite(session)):
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
            return run.id

    def _moved(self, mine: Any) -> Any:
        """Tell whether a client is not as it was when the change was planned."""
        same = sa.and_(
            CLIENT.c.firm_id == STAGE.c.firm_id, CLIENT.c.external_id == STAGE.c.external_id
        )
        moved = CLIENT.c.version.is_distinct_from(STAGE.c.known_version)
        source = STAGE.outerjoin(CLIENT, same)
        return sa.select(sa.literal(1)).select_from(source).where(mine, moved).limit(1)

    def _statements(self, mine: Any, *, by: str, is_sqlite: bool) -> Iterator[Any]:
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
                yield self._merge(table, values, keys, given, mine, is_sqlite)
        if "renamed" in self.kinds:
            yield from self._names(mine, is_sqlite=is_sqlite)

    def _facts(self, by: str) -> dict[str, tuple[type[SQLModel], Sequence[str], Row, Any]]:
        """Give each fact's table, unique key, columns, and the column that shows it is staged."""
        recorded = {"recorded_by": sa.literal(by), "recorded_at": sa.literal(self.at, CLIENT_AT)}
        facts: dict[str, tuple[type[SQLModel], Sequence[str], Row, Any]] = {}
        for name, (table, keys) in FACT_TABLES.items():
            values = {column: STAGE.c[column] for column in FACTS[name]}
            extra = recorded if name in RECORDED else {}
            facts[name] = (table, keys, {**values, **extra}, STAGE.c[DAYS[name]])
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
        is_sqlite: bool,
    ) -> Any:
        """Insert the staged rows that give this fact, or correct those of the same keys."""
        row = {"firm_id": STAGE.c.firm_id, "client_id": STAGE.c.client_id, **values}
        source = sa.select(*row.values()).where(mine, given.is_not(None))
        insert = sqlite.insert if is_sqlite else postgresql.insert
        into = insert(table.__table__).from_select(list(row), source)  # type: ignore[attr-defined]
        update = {name: into.excluded[name] for name in row if name not in (*keys, "firm_id")}
        return into.on_conflict_do_update(index_elements=keys, set_=update)

    def _names(self, mine: Any, *, is_sqlite: bool) -> Iterator[Any]:
        renamed = sa.and_(mine, STAGE.c.words.is_not(None))
        ids = sa.select(STAGE.c.client_id).where(renamed)
        yield sa.delete(TOKEN).where(TOKEN.c.client_id.in_(ids))
        word = _each(STAGE.c.words, is_sqlite=is_sqlite)
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
_STAGED = tuple(column.name for column in STAGE.columns if column.name != "id")


def _storable(file_name: str) -> str:
    """Cut a file's name, without what a database cannot hold: NUL and halves of characters."""
    return re.sub("[\0\ud800-\udfff]", "\ufffd", file_name)[:LONGEST_FILE_NAME]


def same_client() -> Any:
    return sa.and_(CLIENT.c.firm_id == STAGE.c.firm_id, CLIENT.c.external_id == STAGE.c.external_id)


def _each(words: Any, *, is_sqlite: bool) -> Any:
    """Take a list of words apart, a row each."""
    if is_sqlite:
        return func.json_each(words).table_valued("value")
    return func.json_array_elements_text(words).table_valued("value").render_derived()


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _plain(known: Row) -> Row:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in known.items()
    }


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
    if not _is_sqlite(session):
        ids = func.nextval(func.pg_get_serial_sequence("client", "id"))
        each = func.generate_series(1, count).table_valued("n")
        return connection.execute(sa.select(ids).select_from(each)).scalars().all()
    taken = connection.scalar(sa.select(func.max(CLIENT.c.id))) or 0
    staged = connection.scalar(sa.select(func.max(STAGE.c.client_id))) or 0
    first = max(taken, staged) + 1
    return range(first, first + count)


def _touched(store: Store, firm_id: int, stage: str) -> tuple[int, ...]:
    with store.read(firm_id) as session:
        staged = sa.select(STAGE.c.client_id).where(
            STAGE.c.stage == stage, STAGE.c.firm_id == firm_id
        )
        return tuple(session.connection().execute(staged.order_by(STAGE.c.id)).scalars())


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
    some = (
        sa.select(STAGE.c.id, STAGE.c.client_id)
        .where(STAGE.c.firm_id == firm_id, which)
        .order_by(STAGE.c.id)
        .limit(BATCH)
    )
    present = sa.select(CLIENT.c.id).where(CLIENT.c.id == TOKEN.c.client_id)
    while True:
        with store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
            connection = session.connection()
            rows = connection.execute(some).all()
            ids = [row.client_id for row in rows]
            words = sa.delete(TOKEN).where(TOKEN.c.client_id.in_(ids), ~present.exists())
            connection.execute(words)
            connection.execute(sa.delete(STAGE).where(STAGE.c.id.in_([row.id for row in rows])))
        if len(rows) < BATCH:
            return
