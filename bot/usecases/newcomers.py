"""The new clients of an import, held against the criteria before they are kept."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlmodel import Session, col, select

from bot.reports import Newcomer, Newcomers
from domain.acceptance import Fit, acceptance_of, is_new
from domain.model import Client, Criterion, StrategicCase
from domain.rulebook import RuleBook
from storage.bulk import batches
from storage.importing import ImportPlan
from storage.tables import ClientRow

if TYPE_CHECKING:
    from storage.files.book_file import BookFile

LISTED = 100
"""So many that miss the criteria are named; the rest is counted."""


def newcomers_of(
    session: Session, file: "BookFile", plan: ImportPlan, rules: RuleBook, *, today: date
) -> Newcomers:
    """Hold those new clients of a plan who came within the firm's period against the criteria.

    Of a sponsor nothing is said here: whether one speaks for a client is known once both are kept.
    """
    counts = dict.fromkeys(Fit, 0)
    missing: list[Newcomer] = []
    for row in _new_rows(session, file, plan):
        client = _client(row, today)
        if not is_new(client, rules.acceptance, today=today):
            continue
        found = acceptance_of(client, rules, today=today)
        counts[found.fit] += 1
        if found.warns and len(missing) < LISTED:
            missing.append(
                Newcomer(
                    row=row["row"], external_id=client.external_id, name=client.name,
                    acceptance=found,
                )
            )  # fmt: skip
    return Newcomers(
        counts=counts,
        missing=tuple(missing),
        undated=_undated(session, file, plan),
        criteria=rules.acceptance,
    )


def _new_rows(session: Session, file: "BookFile", plan: ImportPlan) -> Iterator[dict[str, Any]]:
    """Give the rows, as plain values, that become clients who have a first day."""
    if not plan.new.count or "client_since" not in file.frame:
        return
    dated = file.frame[file.frame["client_since"].notna()]
    yield from _kept(session, dated, plan)


def _undated(session: Session, file: "BookFile", plan: ImportPlan) -> int:
    if not plan.new.count or "client_since" not in file.frame:
        return plan.new.count
    undated = file.frame[file.frame["client_since"].isna()]
    return sum(1 for _ in _kept(session, undated, plan))


def _kept(session: Session, frame: pd.DataFrame, plan: ImportPlan) -> Iterator[dict[str, Any]]:
    known = _known(session, frame["client_id"].tolist())
    refused = {each.row for each in plan.problems}
    for row in frame.to_dict("records"):
        if row["client_id"] not in known and row["row"] not in refused:
            yield {str(name): value for name, value in row.items() if pd.notna(value)}


def _known(session: Session, numbers: Sequence[str]) -> set[str]:
    if session.exec(select(ClientRow.id).limit(1)).first() is None:
        return set()
    found: set[str] = set()
    for some in batches(numbers):
        found |= set(
            session.exec(select(ClientRow.external_id).where(col(ClientRow.external_id).in_(some)))
        )
    return found


def _client(row: dict[str, Any], today: date) -> Client:
    return Client(
        client_id=0,
        external_id=row["client_id"],
        name=row["name"],
        advisor_id=0,
        revenue=_hundredths(row.get("revenue")),
        income=_hundredths(row.get("income")),
        saving_rate_pct=_hundredths(row.get("saving_rate")),
        business_share_pct=_hundredths(row.get("business_share")),
        client_since=row["client_since"].date() if "client_since" in row else None,
        strategic=tuple(_cases(row, today)),
    )


def _cases(row: dict[str, Any], today: date) -> Iterable[StrategicCase]:
    if "criterion" in row:
        yield StrategicCase(criterion=Criterion(row["criterion"]), noted_on=today, reason="")


def _hundredths(whole: Any) -> Decimal | None:
    return None if whole is None else Decimal(int(whole)) / 100
