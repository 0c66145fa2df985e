"""Keeps what an import plan says: staged in short steps, then all of it at once; and takes it back.

Staged rows are written a thousand at a time, so that other writers never wait long. The switch at
the end is one transaction of a few statements: it checks that no client moved since the plan was
compared, and moves everything over. A process that dies before leaves nothing but staged rows,
which a later import clears away.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, func, select

from domain.access import Member
from storage.bulk import CLIENT_COLUMNS, FACTS, FIGURES, Row, batches
from storage.firms import list_members
from storage.importing import (
    SHOWN,
    ImportPlan,
    ImportRefusedError,
    ImportResult,
    ImportTouchedError,
    NothingToUndoError,
    PlanOutdatedError,
    Progress,
)
from storage.planning import Planned, plan_import
from storage.search import forget_names, index_names, name_tokens
from storage.store import WORKER_PATIENCE_S, Store
from storage.tables import (
    ClientRow,
    Fact,
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
                session.connection().execute(sa.insert(STAGE), self.rows)
                self._keep_words(session)
            self.rows = []

    def _keep_words(self, session: Session) -> None:
        """Add new words to the vocabulary beforehand: a word that nobody bears finds nobody."""
        if not self.new_words:
            return
        insert = sqlite.insert if _is_sqlite(session) else postgresql.insert
        words = [{"firm_id": self.firm_id, "token": each} for each in sorted(self.new_words)]
        session.connection().execute(insert(VOCAB).on_conflict_do_nothing(), words)
        self.new_words = set()

    def _row(self, planned: Planned) -> Row:
        change, known = planned.change, planned.known or {}
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
                file_name=file_name[:200],
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
        is_new = STAGE.c.client_id.is_(None)
        created = {**figures, "external_id": STAGE.c.external_id, "firm_id": STAGE.c.firm_id}
        yield sa.insert(CLIENT).from_select(
            [*created, "version"],
            sa.select(*created.values(), sa.literal(1)).where(mine, is_new).order_by(STAGE.c.id),
        )
        yield (
            sa.update(CLIENT)
            .values(**figures, version=CLIENT.c.version + 1)
            .where(CLIENT.c.id == STAGE.c.client_id, mine)
        )
        recorded = {"recorded_by": sa.literal(by), "recorded_at": sa.literal(self.at, CLIENT_AT)}
        for name, (table, keys) in FACT_TABLES.items():
            values = {column: STAGE.c[column] for column in FACTS[name]}
            extra = recorded if name in RECORDED else {}
            day = FACTS[name][-2] if name == "managed" else keys[-1 if name == "wallet" else 1]
            yield self._merge(table, {**values, **extra}, keys, STAGE.c[day], mine, is_sqlite)
        noted = {
            "criterion": STAGE.c.criterion,
            "noted_on": sa.literal(self.today, sa.Date()),
            "reason": sa.literal(""),
        }
        keys = ("client_id", "criterion")
        yield self._merge(StrategicRow, noted, keys, STAGE.c.criterion, mine, is_sqlite)
        sponsor = CLIENT.alias("sponsor")
        sponsor_id = (
            sa.select(sponsor.c.id)
            .where(sponsor.c.firm_id == STAGE.c.firm_id, sponsor.c.external_id == STAGE.c.sponsor)
            .scalar_subquery()
        )
        tie = {"sponsor_id": sponsor_id, "relation": STAGE.c.relation}
        keys = ("client_id", "sponsor_id")
        yield self._merge(LegacyRow, tie, keys, STAGE.c.sponsor, mine, is_sqlite)
        yield from self._names(mine, is_sqlite=is_sqlite)

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
        row = {"firm_id": STAGE.c.firm_id, "client_id": CLIENT.c.id, **values}
        source = sa.select(*row.values()).where(mine, given.is_not(None), _same_client())
        insert = sqlite.insert if is_sqlite else postgresql.insert
        into = insert(table.__table__).from_select(list(row), source)  # type: ignore[attr-defined]
        update = {name: into.excluded[name] for name in row if name not in (*keys, "firm_id")}
        return into.on_conflict_do_update(index_elements=keys, set_=update)

    def _names(self, mine: Any, *, is_sqlite: bool) -> Iterator[Any]:
        renamed = sa.select(STAGE.c.client_id).where(
            mine, STAGE.c.client_id.is_not(None), STAGE.c.words.is_not(None)
        )
        yield sa.delete(TOKEN).where(TOKEN.c.client_id.in_(renamed))
        word = _each(STAGE.c.words, is_sqlite=is_sqlite)
        bearers = STAGE.join(CLIENT, _same_client()).join(word, sa.true())
        yield sa.insert(TOKEN).from_select(
            ["firm_id", "client_id", "token"],
            sa.select(STAGE.c.firm_id, CLIENT.c.id, word.c.value)
            .select_from(bearers)
            .where(mine, STAGE.c.words.is_not(None)),
        )

    def clear(self) -> None:
        """Drop the staged rows."""
        _clear(self.store, self.firm_id, STAGE.c.stage == self.stage)
        _forget_unused_words(self.store, self.firm_id)


CLIENT_AT = SatisfactionRow.__table__.c.recorded_at.type  # type: ignore[attr-defined]
_STAGED = tuple(column.name for column in STAGE.columns if column.name != "id")


def _same_client() -> Any:
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


def _touched(store: Store, firm_id: int, stage: str) -> tuple[int, ...]:
    with store.read(firm_id) as session:
        staged = sa.select(CLIENT.c.id).where(
            STAGE.c.stage == stage, STAGE.c.firm_id == firm_id, _same_client()
        )
        return tuple(session.connection().execute(staged.order_by(STAGE.c.id)).scalars())


def _clear_all_but(store: Store, firm_id: int, stage: str, *, before: datetime) -> None:
    """Drop what earlier imports staged: only the last import can be taken back."""
    with store.read(firm_id) as session:
        last = set(session.exec(select(ImportRow.stage).where(col(ImportRow.stage).is_not(None))))
    done = STAGE.c.stage.in_([each for each in last if each != stage])
    _clear(store, firm_id, sa.or_(done, STAGE.c.staged_at < before))
    _forget_unused_words(store, firm_id)
    with store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        runs: Any = ImportRow.__table__  # type: ignore[attr-defined]
        old = sa.and_(runs.c.firm_id == firm_id, runs.c.stage.is_not(None), runs.c.stage != stage)
        session.connection().execute(sa.update(runs).where(old).values(stage=None))


def _forget_unused_words(store: Store, firm_id: int) -> None:
    borne = sa.select(TOKEN.c.id).where(
        TOKEN.c.firm_id == VOCAB.c.firm_id, TOKEN.c.token == VOCAB.c.token
    )
    unused = sa.delete(VOCAB).where(VOCAB.c.firm_id == firm_id, ~borne.exists())
    with store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        session.connection().execute(unused)


def _clear(store: Store, firm_id: int, which: Any) -> None:
    some = sa.select(STAGE.c.id).where(STAGE.c.firm_id == firm_id, which).limit(STEP)
    while True:
        with store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
            gone = session.connection().execute(sa.delete(STAGE).where(STAGE.c.id.in_(some)))
        if gone.rowcount < STEP:
            return


# taking back


def undo_import(store: Store, firm_id: int, *, by: str, at: datetime) -> ImportRow:
    """Take the last import back, all of it or nothing, and return it.

    Raises NothingToUndoError, and ImportTouchedError if one of its clients was changed since.
    """
    with store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        run = session.exec(
            select(ImportRow).order_by(col(ImportRow.id).desc()).limit(1).with_for_update()
        ).one_or_none()
        if run is None or run.undone_at is not None or run.stage is None:
            raise NothingToUndoError
        _refuse_if_touched(session, run.stage)
        session.expunge(run)
        for rows in _staged(session, run.stage):
            _restore(session, rows, by=by, at=at)
        for rows in _staged(session, run.stage):
            _remove(session, [row.external_id for row in rows if row.client_id is None])
        runs: Any = ImportRow.__table__  # type: ignore[attr-defined]
        undone = sa.update(runs).where(runs.c.id == run.id)
        session.connection().execute(undone.values(stage=None, undone_by=by, undone_at=at))
    _clear(store, firm_id, STAGE.c.stage == run.stage)
    return run


def _refuse_if_touched(session: Session, stage: str) -> None:
    firm_id = session.info["firm_id"]
    mine = sa.and_(STAGE.c.stage == stage, STAGE.c.firm_id == firm_id)
    since = CLIENT.c.version.is_distinct_from(func.coalesce(STAGE.c.known_version, 0) + 1)
    touched = sa.select(STAGE.c.name).select_from(STAGE.outerjoin(CLIENT, _same_client()))
    names = session.connection().execute(touched.where(mine, since)).scalars().all()
    if not names:
        tie: Any = LegacyRow.__table__  # type: ignore[attr-defined]
        tied = CLIENT.alias("tied")
        ours = sa.select(STAGE.c.external_id).where(mine)
        names = (
            session.connection()
            .execute(
                sa.select(STAGE.c.name)
                .where(mine, STAGE.c.client_id.is_(None), _same_client())
                .where(tie.c.sponsor_id == CLIENT.c.id, tied.c.id == tie.c.client_id)
                .where(tied.c.external_id.not_in(ours))
            )
            .scalars()
            .all()
        )
    if names:
        raise ImportTouchedError(len(names), tuple(names[:SHOWN]))


def _staged(session: Session, stage: str) -> Iterator[Sequence[ImportStageRow]]:
    last = 0
    while True:
        rows = session.exec(
            select(ImportStageRow)
            .where(ImportStageRow.stage == stage, col(ImportStageRow.id) > last)
            .order_by(col(ImportStageRow.id))
            .limit(STEP)
        ).all()
        if not rows:
            return
        last = rows[-1].id or last
        yield rows
        session.expunge_all()


def _restore(session: Session, rows: Sequence[ImportStageRow], *, by: str, at: datetime) -> None:
    """Give known clients back what they had; facts that the import added are deleted."""
    connection = session.connection()
    known = [row for row in rows if row.client_id is not None]
    figures = []
    for row in known:
        before = row.before["client"]
        values = {name: _typed(name, before[name]) for name in FIGURE_COLUMNS}
        figures.append({**values, "of": row.client_id})
    if figures:
        back: Row = {name: sa.bindparam(name) for name in FIGURE_COLUMNS}
        update = sa.update(CLIENT).where(CLIENT.c.id == sa.bindparam("of"))
        connection.execute(update.values(**back, version=CLIENT.c.version + 1), figures)
    for name, (table, keys) in FACT_TABLES.items():
        for row in known:
            if name in row.before:
                _restore_fact(session, table.__table__, name, keys, row, by=by, at=at)  # type: ignore[attr-defined]
    for row in known:
        _restore_ties(session, row)
    index_names(session, [row.client_id for row in known if row.words and row.client_id])


def _restore_fact(
    session: Session,
    table: Any,
    name: str,
    keys: Sequence[str],
    row: ImportStageRow,
    *,
    by: str,
    at: datetime,
) -> None:
    here = sa.and_(*(table.c[key] == getattr(row, key) for key in keys))
    before = row.before[name]
    if before is None:
        session.connection().execute(sa.delete(table).where(here))
        return
    columns = [column for column in FACTS[name] if column not in keys]
    values = dict(zip(columns, before, strict=True))
    if name in RECORDED:
        values |= {"recorded_by": by, "recorded_at": at}
    session.connection().execute(sa.update(table).where(here).values(**values))


def _restore_ties(session: Session, row: ImportStageRow) -> None:
    strategic: Any = StrategicRow.__table__  # type: ignore[attr-defined]
    ties: Any = LegacyRow.__table__  # type: ignore[attr-defined]
    if row.criterion is not None:
        here = sa.and_(
            strategic.c.client_id == row.client_id, strategic.c.criterion == row.criterion
        )
        session.connection().execute(sa.delete(strategic).where(here))
    if row.sponsor is not None:
        sponsor = sa.select(CLIENT.c.id).where(
            CLIENT.c.firm_id == row.firm_id, CLIENT.c.external_id == row.sponsor
        )
        here = sa.and_(
            ties.c.client_id == row.client_id, ties.c.sponsor_id == sponsor.scalar_subquery()
        )
        before = row.before["sponsor"]
        session.connection().execute(
            sa.update(ties).where(here).values(relation=before)
            if before
            else sa.delete(ties).where(here)
        )


def _remove(session: Session, numbers: Sequence[str]) -> None:
    """Remove clients that the import brought, with all that hangs on them."""
    for some in batches(numbers):
        ids = session.exec(select(ClientRow.id).where(col(ClientRow.external_id).in_(some))).all()
        present = [each for each in ids if each is not None]
        forget_names(session, present)
        for table in Fact.__subclasses__():
            facts: Any = table.__table__  # type: ignore[attr-defined]
            session.connection().execute(sa.delete(facts).where(facts.c.client_id.in_(present)))
        ties: Any = LegacyRow.__table__  # type: ignore[attr-defined]
        session.connection().execute(sa.delete(ties).where(ties.c.sponsor_id.in_(present)))
        session.connection().execute(sa.delete(CLIENT).where(CLIENT.c.id.in_(present)))


def _typed(name: str, value: Any) -> Any:
    is_day = isinstance(CLIENT.c[name].type, sa.Date)
    return date.fromisoformat(value) if is_day and value else value
