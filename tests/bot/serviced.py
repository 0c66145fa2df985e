"""A firm that adopted its rules two years ago, and what was done for one client since."""

from datetime import date
from typing import Any

from sqlmodel import select

from storage.services import note_last_services
from storage.tables import RuleBookRow, ServiceRecordRow
from tests.bot.office import TUESDAY, Office

ADOPTED = date(2024, 1, 1)
LAST = {
    "review": date(2025, 8, 3),
    "check_in": date(2026, 5, 24),
    "portfolio_check": date(2025, 12, 1),
    "plan_update": date(2026, 2, 2),
    "tax_insurance_estate": date(2026, 2, 2),
    "large_event": date(2026, 9, 1),
}
"""For a client of tier B, on 24 November 2026: the review is overdue since 3 August (once a year,
overdue after a quarter of the interval), the call is due today (twice a year), the portfolio check
is upcoming on 1 December (14 days of lead), nothing else is near."""


def adopt_early(office: Office) -> None:
    """Let the firm's first rule book be two years old."""
    with office.runtime.store.write(office.firm_id) as session:
        row = session.exec(select(RuleBookRow).order_by(RuleBookRow.version)).first()
        assert row is not None
        row.valid_from = ADOPTED
        row.body = {**row.body, "valid_from": ADOPTED.isoformat()}


def serve(office: Office, name: str, last: dict[str, date] | None = None) -> None:
    """Record when each service was last delivered to a client."""
    client_id = office.clients[name]
    recorded: dict[str, Any] = {"recorded_by": "Katharina Vogt", "recorded_at": TUESDAY}
    with office.runtime.store.write(office.firm_id) as session:
        for service, day in (LAST if last is None else last).items():
            row = ServiceRecordRow(
                client_id=client_id,
                service=service,
                outcome="delivered",
                happened_on=day,
                **recorded,
            )
            session.add(row)
        session.flush()
        note_last_services(session, client_id)
