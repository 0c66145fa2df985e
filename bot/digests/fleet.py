"""Several replicas: the same tasks over DBOS on PostgreSQL, a durable queue for all of them.

What is said once is the ledger's business here as well. The queue starts each task once per
bucket, whichever replica takes it; a replica that dies leaves the rest to the next bucket.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import structlog
from dbos import DBOS, SetWorkflowID
from sqlalchemy.engine import make_url

from bot.digests.clock import WORKERS
from bot.digests.tasks import Chore, Task

log = structlog.get_logger()

QUEUE, CHORES = "tasks", "chores"
"""Messages, and what may take long and keeps no message waiting."""
KEPT = timedelta(days=1)
"""How long the engine's own rows are kept; the ledger keeps what was said."""
AT_ONCE = 1_000
CHORES_POLLED_S = 5.0


class FleetDispatcher:
    """Hands tasks to whichever replica is free."""

    def __init__(
        self, work: Callable[[Task], None], address: str, *, workers: int = WORKERS
    ) -> None:
        url = make_url(address).set(drivername="postgresql")
        DBOS(
            config={
                "name": "tierwise",
                "system_database_url": url.render_as_string(hide_password=False),
                "executor_id": uuid4().hex,  # two of the same name would do each other's work
                "application_version": "1",  # so that an update strands nothing
                "log_level": "WARNING",
            }
        )

        @DBOS.workflow(name="work")
        def run(what: str, of: int) -> None:
            try:
                work(Task(Chore(what), of))
            except Exception:
                log.exception("task interrupted", what=what, of=of)

        self._run = run
        self._swept: date | None = None
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=workers)
        DBOS.register_queue(CHORES, worker_concurrency=1, polling_interval_sec=CHORES_POLLED_S)

    def submit(self, task: Task, bucket: int) -> None:
        """Queue a task; the same one again in the same bucket is the same work."""
        self._sweep_daily()
        with SetWorkflowID(f"{task.what}:{task.of}@{bucket}"):
            queue = QUEUE if task.what is Chore.DELIVER else CHORES
            DBOS.enqueue_workflow(queue, self._run, task.what.value, task.of)

    def close(self) -> None:
        """Finish what is under way here; what still waits is another replica's."""
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=30)

    def _sweep_daily(self) -> None:
        today = datetime.now(UTC).date()
        if today != self._swept:
            self._swept = today
            sweep()


def sweep(*, kept: timedelta = KEPT) -> int:
    """Delete the engine's rows of older buckets, ended or not; return how many."""
    before = (datetime.now(UTC) - kept).isoformat()
    deleted = 0
    while True:
        found = DBOS.list_workflows(
            end_time=before,
            limit=AT_ONCE,
            load_input=False,
            load_output=False,
        )
        if not found:
            return deleted
        DBOS.delete_workflows([each.workflow_id for each in found])
        deleted += len(found)
