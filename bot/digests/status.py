"""How deliveries stand, as plain values."""

from typing import Any

from bot.runtime import Runtime
from storage.deliveries import digest_status


def status_values(firm_id: int, runtime: Runtime) -> list[dict[str, Any]]:
    """List a firm's deliveries, what is held or waiting with its reason."""
    with runtime.store.read(firm_id) as session:
        return [
            {
                "period": each.period,
                "member": each.member,
                "state": each.state.value,
                "reason": each.reason,
                "due_at": each.due_at.isoformat(timespec="minutes"),
            }
            for each in digest_status(session)
        ]
