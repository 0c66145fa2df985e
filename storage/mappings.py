"""How files of one source are read: answers once given, remembered under the source's name."""

from dataclasses import asdict, fields, replace
from datetime import datetime

from sqlmodel import Session, select

from storage.files.options import ReadOptions
from storage.tables import ImportMappingRow

LONGEST_NAME = 64
NOT_REMEMBERED = ("currency",)
"""The firm's, not the file's."""


def remembered_options(session: Session, name: str) -> ReadOptions | None:
    """Return the answers that are remembered for a source."""
    row = _row(session, name)
    if row is None:
        return None
    known = {each.name for each in fields(ReadOptions)}
    return ReadOptions(**{key: value for key, value in row.options.items() if key in known})


def remember_options(
    session: Session, name: str, options: ReadOptions, *, by: str, at: datetime
) -> None:
    """Keep the answers for a source; they replace earlier ones."""
    answers = {key: value for key, value in asdict(options).items() if key not in NOT_REMEMBERED}
    row = _row(session, name)
    if row is None:
        row = ImportMappingRow(name=name, options=answers, saved_by=by, saved_at=at)
        session.add(row)
    row.options, row.saved_by, row.saved_at = answers, by, at


def with_answers(remembered: ReadOptions, given: ReadOptions) -> ReadOptions:
    """Return the remembered answers; what is given now beats them."""
    blank = ReadOptions()
    now = {
        each.name: getattr(given, each.name)
        for each in fields(ReadOptions)
        if getattr(given, each.name) != getattr(blank, each.name)
    }
    columns = {**remembered.columns, **given.columns}
    return replace(remembered, **{**now, "columns": columns, "currency": given.currency})


def _row(session: Session, name: str) -> ImportMappingRow | None:
    return session.exec(select(ImportMappingRow).where(ImportMappingRow.name == name)).one_or_none()
