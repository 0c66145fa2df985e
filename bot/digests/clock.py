"""The clock: a tick in every process asks what is due and offers it; the ledger keeps it single."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Lock
from time import monotonic
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from bot.digests.connection import ask_again, try_again
from bot.digests.delivery import TOO_LATE, DigestDesk, Office, Reader, say_once
from bot.digests.held import record_held
from bot.digests.housekeeping import keep_house, record_head
from bot.digests.kinds import WEEKLY
from bot.digests.nightly import place_nightly
from bot.digests.nights import is_to_be_placed
from bot.digests.points import Point
from bot.digests.pulse import Pulse
from bot.digests.status import MISSED_TICKS, count_overdue
from bot.digests.tasks import Chore, Dispatcher, Task
from bot.digests.weekly import (
    LAST_ZONE,
    is_due_somewhere,
    is_too_late,
    weeks_owed,
)
from bot.usecases.reminders import digest_plan
from bot.usecases.workdays import workdays_of
from domain.access import Action, Member, Scope, Standing, scope_of
from domain.notices import Choices
from storage import deliveries
from storage.deliveries import Owed
from storage.firms import UNINSTALLED, list_firms, list_members
from storage.notices import choices_of, chosen_since, holidays_of
from storage.store import WORKER_PATIENCE_S
from storage.tables import FirmRow

log = structlog.get_logger()

WORKERS = 8
STANDSTILL_S = 60.0
AGAIN_S = 10.0
AT_ONCE = 50
"""Members whose zones are asked before what they are owed is kept, so that a restart goes on."""


class LocalDispatcher:
    """Works in a few threads of this process; a task already under way is not taken twice."""

    def __init__(self, work: Callable[[Task], None], *, workers: int = WORKERS) -> None:
        self._do = work
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="digest")
        self._chores = ThreadPoolExecutor(1, thread_name_prefix="chore")
        """A thread of their own, so that a book that takes long keeps no message waiting."""
        self._under_way: set[Task] = set()
        self._tried: dict[Task, int] = {}
        """The last bucket of tasks that no ledger spaces out."""
        self._lock = Lock()

    def submit(self, task: Task, bucket: int) -> None:
        """Take a task; the ledger says when a delivery is tried again, of others the bucket."""
        with self._lock:
            is_spaced = task.what is not Chore.DELIVER
            if task in self._under_way or (is_spaced and self._tried.get(task) == bucket):
                return
            self._under_way.add(task)
            if is_spaced:
                self._tried[task] = bucket
        try:
            (self._chores if is_spaced else self._pool).submit(self._work, task)
        except RuntimeError:  # closed: whoever runs next takes it from the store
            self._forget(task)

    def close(self) -> None:
        """Finish the tasks under way; those still waiting stay in the store."""
        for pool in (self._pool, self._chores):
            pool.shutdown(wait=True, cancel_futures=True)

    def _work(self, task: Task) -> None:
        try:
            self._do(task)
        except Exception:
            log.exception("task interrupted", what=task.what.value, of=task.of)
        finally:
            self._forget(task)

    def _forget(self, task: Task) -> None:
        with self._lock:
            self._under_way.discard(task)


def work_on(task: Task, desk: DigestDesk) -> None:
    """Do a piece of work as far as it can be done now."""
    match task.what:
        case Chore.DELIVER:
            say_once(task.of, desk)
        case Chore.PLACE:
            keep_house(task.of, desk)
            place_nightly(task.of, desk)
        case Chore.LEAVE if desk.leave is not None:
            desk.leave(task.of)


def dispatcher_for(desk: DigestDesk) -> Dispatcher:
    """Make the dispatcher that the settings name."""
    work = partial(work_on, desk=desk)
    if desk.runtime.settings.dispatcher == "local":
        return LocalDispatcher(work)
    from bot.digests.fleet import FleetDispatcher  # of the extra "fleet", which one machine lacks

    return FleetDispatcher(work, desk.runtime.settings.database_url)


class DigestClock:
    """Ticks from `start` to `stop`."""

    def __init__(self, desk: DigestDesk, dispatcher: Dispatcher) -> None:
        self._desk = desk
        self._dispatcher = dispatcher
        self._one_at_a_time = Lock()
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._ticked_at = monotonic()
        self._pulse = Pulse(desk)

    def start(self) -> None:
        """Tick now and then every `settings.tick_s` seconds, in threads of the scheduler."""
        self._scheduler.add_job(
            self._tick,
            "interval",
            seconds=self._desk.runtime.settings.tick_s,
            next_run_time=datetime.now(UTC),
            misfire_grace_time=None,  # the default drops a tick that is a second late
            coalesce=True,
            max_instances=1,
        )
        try_again(self._desk.runtime)
        self._ticked_at = monotonic()
        self._scheduler.start()

    def wake(self) -> None:
        """Tick once more at once: somebody moved the clock. Returns immediately."""
        self._scheduler.add_job(self._tick, misfire_grace_time=None)

    def stop(self) -> None:
        """Stop ticking and finish the deliveries under way."""
        self._desk.placer.close()
        self._scheduler.shutdown(wait=True)
        self._dispatcher.close()
        self._pulse.stop()

    @property
    def stands_still(self) -> bool:
        """Tell whether it has not ticked for so long that something must be wrong with it."""
        longest = max(STANDSTILL_S, MISSED_TICKS * self._desk.runtime.settings.tick_s)
        return monotonic() - self._ticked_at > longest

    def _tick(self) -> None:
        with self._one_at_a_time:
            self._ticked_at = monotonic()
            self._pulse.beat()
            try:
                tick(self._desk, self._dispatcher)
            except Exception:
                log.exception("tick failed")
                self._tick_again_soon()

    def _tick_again_soon(self) -> None:
        """After a failure, of the store say, the next tick would come late."""
        if self._desk.runtime.settings.tick_s > AGAIN_S:
            soon = datetime.now(UTC) + timedelta(seconds=AGAIN_S)
            self._scheduler.add_job(self._tick, "date", run_date=soon, misfire_grace_time=None)


def tick(desk: DigestDesk, dispatcher: Dispatcher) -> None:
    """Record what has become due and offer everything that can be worked on now."""
    with desk.runtime.store.read(None) as session:
        now, firms = desk.now(session), list_firms(session)
    chores: list[Task] = []
    for firm in firms:
        try:
            chores += _look_at(firm, desk, now)
        except Exception:  # one firm's trouble is not the others'
            log.exception("due digests not recorded", firm=firm.id)
    with desk.runtime.store.read(None) as session:
        ready = deliveries.ready(session, now=now)
    if late := count_overdue(desk.runtime):
        log.error("ALERT: deliveries have not ended", overdue=late)
    bucket = int(now.timestamp() // desk.runtime.settings.bucket_s)
    messages = [Task(Chore.DELIVER, delivery_id) for delivery_id in ready]
    for task in (*messages, *chores):
        dispatcher.submit(task, bucket)


def _look_at(firm: FirmRow, desk: DigestDesk, now: datetime) -> list[Task]:
    """Record what a firm's people are owed; return what else is to be done for the firm."""
    if firm.id is None:
        return []
    if firm.disconnected_why == UNINSTALLED and desk.leave is not None:
        return [Task(Chore.LEAVE, firm.id)]
    if firm.disconnected_at is not None:
        ask_again(firm.id, desk)
    zone = ZoneInfo(firm.zone)
    for record in (record_due, record_held, record_head, *desk.recorders):
        record(firm.id, zone, desk=desk, now=now)
    return [Task(Chore.PLACE, firm.id)] if is_to_be_placed(firm.placed_on, zone, now=now) else []


def record_due(firm_id: int, firm_zone: ZoneInfo, *, desk: DigestDesk, now: datetime) -> None:
    """Record the weekly digests of a firm that have become due, those far too late as held."""
    with desk.runtime.store.read(firm_id) as session:
        members = list_members(session, at=now)
        begun = _later(deliveries.linked_since(session), chosen_since(session))
        recorded = deliveries.last_periods(session, WEEKLY)
        chosen, workday = choices_of(session), workdays_of(holidays_of(session))
    plans = {
        member.member_id: digest_plan(chosen.get(member.member_id, Choices()), workday)
        for member in members
    }
    waiting = [
        member
        for member in members
        if gets_digest(member)
        and is_due_somewhere(now, recorded.get(member.member_id), **plans[member.member_id])
    ]
    office = desk.office_of(firm_id)
    for first in range(0, len(waiting), AT_ONCE):
        owed: list[Owed] = []
        for member in waiting[first : first + AT_ONCE]:
            zone = zone_of(member, office)
            weeks = weeks_owed(
                now,
                zone=zone,
                plan=plans[member.member_id],
                since=begun.get(member.member_id),
                last_period=recorded.get(member.member_id),
            )
            owed += [
                Owed(
                    member_id=member.member_id,
                    kind=WEEKLY,
                    period=each.period,
                    due_at=each.due_at,
                    held_reason=TOO_LATE if is_too_late(now, each.due_at) else None,
                )
                for each in weeks
            ]
        if owed:
            with desk.runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
                deliveries.owe(session, owed, now=now)
                desk.reach(Point.BEFORE_OWED)
            desk.reach(Point.OWED)


def gets_digest(member: Member) -> bool:
    is_linked = member.slack_user_id is not None
    return is_linked and scope_of(member, Action.GET_DIGEST) is not Scope.NOTHING


def zone_of(member: Member, office: Office) -> ZoneInfo:
    """Return a member's zone; as long as the workspace does not answer, the last one on earth."""
    reader: Reader | None = None
    try:
        reader = office.profile_of(member.slack_user_id or "")
    except Exception:
        log.exception("profile not known", member=member.member_id)
    if reader is None or reader.standing is Standing.UNKNOWN:
        return LAST_ZONE
    return reader.zone or office.zone


def _later(one: dict[int, datetime], other: dict[int, datetime]) -> dict[int, datetime]:
    """Return the later of two instants for each member."""
    return {
        each: max(at for at in (one.get(each), other.get(each)) if at is not None)
        for each in one.keys() | other.keys()
    }
