"""How deliveries stand, as plain values."""

from datetime import timedelta
from typing import Any

from bot.runtime import Runtime
from storage.deliveries import digest_status, overdue

OVERDUE_AFTER = timedelta(minutes=15)
"""What is due and recorded for longer has gone out or says why not; else something is wrong."""


def status_values(firm_id: int, runtime: Runtime) -> list[dict[str, Any]]:
    """List a firm's deliveries, what is held or waiting with its reason."""
    with runtime.store.read(firm_id) as session:
        return [
            {
                "kind": each.kind,
                "period": each.period,
                "member": each.member,
                "team": each.team,
                "state": each.state.value,
                "reason": each.reason,
                "due_at": each.due_at.isoformat(timespec="minutes"),
            }
            for each in digest_status(session)
        ]


def count_overdue(runtime: Runtime, firm_id: int | None = None) -> int:
    """Count the deliveries that should have ended and have not, of one firm or of all."""
    with runtime.store.read(firm_id) as session:
        return overdue(session, now=runtime.shared_now(session), patience=OVERDUE_AFTER)
