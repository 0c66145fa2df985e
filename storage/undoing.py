"""Takes the last import back, from what its staged rows say stood there before: all or nothing."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from storage.bulk import FACTS, FactKind, Row, batches
from storage.importing import SHOWN, ImportTouchedError, NothingToUndoError
from storage.joined import BATCH
from storage.journal import Kind
from storage.search import forget_names, index_names
from storage.staging import (
    CLIENT,
    FIGURE_COLUMNS,
    STAGE,
    clear_stage,
    same_client,
    touched_by,
)
from storage.store import WORKER_PATIENCE_S, Store, note_change
from storage.tables import ClientRow, Fact, ImportRow, ImportStageRow, LegacyRow, StrategicRow


def undo_import(
    store: Store, firm_id: int, *, by: str, at: datetime, import_id: int | None = None
) -> ImportRow:
    """Take the last import back, all of it or nothing, and return it.

    Raises NothingToUndoError, also if the last one is not `import_id` where that is given, and
    ImportTouchedError if one of its clients was changed since.
    """
    with store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        run = session.exec(
            select(ImportRow).order_by(col(ImportRow.id).desc()).limit(1).with_for_update()
        ).one_or_none()
        if run is None or run.undone_at is not None or run.stage is None:
            raise NothingToUndoError
        if import_id not in (None, run.id):
            raise NothingToUndoError
        _refuse_if_touched(session, run.stage)
        session.expunge(run)
        note_change(
            session,
            [f"import {run.id}"],
            touched_by(session, run.stage),
            at=at,
            kind=Kind.IMPORT,
            what="import undone",
        )
        for rows in _staged(session, run.stage):
            _restore(session, rows, by=by, at=at)
        for rows in _staged(session, run.stage):
            _remove(session, [row.external_id for row in rows if row.known_version is None])
        runs: Any = ImportRow.__table__  # type: ignore[attr-defined]
        undone = sa.update(runs).where(runs.c.id == run.id)
        session.connection().execute(undone.values(stage=None, undone_by=by, undone_at=at))
    clear_stage(store, firm_id, STAGE.c.stage == run.stage)
    return run


def _refuse_if_touched(session: Session, stage: str) -> None:
    firm_id = session.info["firm_id"]
    mine = sa.and_(STAGE.c.stage == stage, STAGE.c.firm_id == firm_id)
    since = CLIENT.c.version.is_distinct_from(func.coalesce(STAGE.c.known_version, 0) + 1)
    touched = sa.select(STAGE.c.name).select_from(STAGE.outerjoin(CLIENT, same_client()))
    names = session.connection().execute(touched.where(mine, since)).scalars().all()
    if not names:
        tie: Any = LegacyRow.__table__  # type: ignore[attr-defined]
        tied = CLIENT.alias("tied")
        ours = sa.select(STAGE.c.external_id).where(mine)
        names = (
            session.connection()
            .execute(
                sa.select(STAGE.c.name)
                .where(mine, STAGE.c.known_version.is_(None), same_client())
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
            .limit(BATCH)
        ).all()
        if not rows:
            return
        last = rows[-1].id or last
        yield rows
        session.expunge_all()


def _restore(session: Session, rows: Sequence[ImportStageRow], *, by: str, at: datetime) -> None:
    """Give known clients back what they had; facts that the import added are deleted."""
    connection = session.connection()
    known = [row for row in rows if row.known_version is not None]
    figures = []
    for row in known:
        before = row.before["client"]
        values = {name: _typed(name, before[name]) for name in FIGURE_COLUMNS}
        figures.append({**values, "of": row.client_id})
    if figures:
        back: Row = {name: sa.bindparam(name) for name in FIGURE_COLUMNS}
        update = sa.update(CLIENT).where(CLIENT.c.id == sa.bindparam("of"))
        connection.execute(update.values(**back, version=CLIENT.c.version + 1), figures)
    for name, kind in FACTS.items():
        for row in known:
            if name in row.before:
                _restore_fact(session, kind, row, row.before[name], by=by, at=at)
    for row in known:
        _restore_ties(session, row)
    index_names(session, [row.client_id for row in known if row.words])


def _restore_fact(
    session: Session,
    kind: FactKind,
    row: ImportStageRow,
    before: Sequence[Any] | None,
    *,
    by: str,
    at: datetime,
) -> None:
    table: Any = kind.table.__table__  # type: ignore[attr-defined]
    here = sa.and_(
        *(
            table.c[column] == (kind.marks.get(column) or getattr(row, kind.stage_column(column)))
            for column in kind.unique
        )
    )
    if before is None:
        session.connection().execute(sa.delete(table).where(here))
        return
    values: Row = dict(zip(kind.values, before, strict=True))
    if kind.is_recorded:
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
