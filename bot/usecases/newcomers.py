"""The new clients of an import, held against the criteria before they are kept."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlmodel import Session

from bot.reports import Newcomer, Newcomers
from domain.acceptance import Fit, acceptance_of, is_new
from domain.model import Client, Criterion, StrategicCase
from domain.rulebook import AcceptanceRules, RuleBook
from storage.bulk import known_numbers
from storage.importing import ImportPlan

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
    for row in _new_rows(session, file, plan, rules.acceptance, today=today):
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


def _new_rows(
    session: Session, file: "BookFile", plan: ImportPlan, criteria: AcceptanceRules, *, today: date
) -> Iterator[dict[str, Any]]:
    """Give the rows, as plain values, that become clients whose first day may be recent enough."""
    if not plan.new.count or "client_since" not in file.frame:
        return
    earliest = today - timedelta(days=31 * (criteria.new_for_months + 1))
    recent = file.frame[file.frame["client_since"] >= pd.Timestamp(earliest)]
    for row in _kept(session, recent, plan).to_dict("records"):
        yield {str(name): value for name, value in row.items() if pd.notna(value)}


def _undated(session: Session, file: "BookFile", plan: ImportPlan) -> int:
    if not plan.new.count or "client_since" not in file.frame:
        return plan.new.count
    return len(_kept(session, file.frame[file.frame["client_since"].isna()], plan))


def _kept(session: Session, frame: pd.DataFrame, plan: ImportPlan) -> pd.DataFrame:
    known = known_numbers(session, frame["client_id"].tolist())
    refused = {each.row for each in plan.problems}
    return frame[~frame["client_id"].isin(known) & ~frame["row"].isin(refused)]


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
