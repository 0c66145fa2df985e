"""How deliveries stand, as plain values."""

from datetime import timedelta
from typing import Any

from bot.runtime import Runtime
from bot.settings import Settings
from storage import heartbeats
from storage.deliveries import digest_status, overdue
from storage.heartbeats import Life

OVERDUE_AFTER = timedelta(minutes=15)
"""What is due and recorded for longer has gone out or says why not; else something is wrong."""

SILENT_AFTER = timedelta(minutes=5)
"""A program that gave no sign of life for so long is gone."""
MISSED_TICKS = 5


def silent_after(settings: Settings) -> timedelta:
    """Return after how long without a sign of life a program counts as gone."""
    return max(SILENT_AFTER, MISSED_TICKS * timedelta(seconds=settings.tick_s))


def life(runtime: Runtime) -> Life:
    """Tell whether any program runs."""
    with runtime.store.read(None) as session:
        return heartbeats.life(
            session, now=runtime.shared_now(session), patience=silent_after(runtime.settings)
        )


def nothing_runs(found: Life) -> str | None:
    """Say since when no program runs; None if one does."""
    if found.running:
        return None
    if found.seen_at is None:
        return "No program has run yet: nothing is sent. Start it: tierwise run"
    since = f"{found.seen_at:%Y-%m-%d %H:%M} UTC"
    return f"No program has run since {since}: nothing is sent. Start it: tierwise run"


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
