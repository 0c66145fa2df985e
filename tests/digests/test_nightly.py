"""Each firm's book is placed once a night, so that a move which nobody recorded is noted."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Barrier
from time import monotonic, sleep
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select
from structlog.testing import capture_logs

from bot.digests.clock import LocalDispatcher, tick, work_on
from bot.digests.fleet import FleetDispatcher
from bot.digests.message import WeeklyWriter
from bot.digests.nightly import failed_books, place_nightly
from bot.digests.nights import is_to_be_placed, nights_missed
from bot.digests.placer import Placer
from bot.digests.tasks import Chore, Task
from bot.usecases.placing import AlreadyPlacedError, place_book
from bot.usecases.rules import RulesChangedMeanwhileError
from domain.rulebook import RuleBook
from storage.firms import firm_by_id, save_rules
from storage.tables import FirmRow, HoldingRow, PlacementRow, SatisfactionRow, WalletRow
from tests.bot.processes import environment
from tests.digests.conftest import MONDAY, Office
from tests.firms import save_client

BERLIN, AUCKLAND = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Auckland")
TUESDAY_NIGHT = datetime(2026, 11, 24, 0, tzinfo=UTC)
"""One o'clock in Berlin."""
SOON_S = 60.0


def save_fix(office: Office, name: str = "Lindenhof GmbH") -> int:
    """Save a client of Anna's who is with us and dissatisfied."""
    recorded = {"recorded_by": "Anna Berger", "recorded_at": MONDAY}
    day = date(2026, 10, 5)
    with office.store.write(office.firm_id) as session:
        anna = office.members["anna"].member_id
        client_id = save_client(session, name, name, anna, revenue_cents=1_600_000)
        about = {"client_id": client_id}
        session.add(
            SatisfactionRow(
                score_hundredths=3000, scale="csi", measured_on=day, **about, **recorded
            )
        )
        session.add(HoldingRow(managed_cents=9_000_000, held_on=day, **about))
        session.add(WalletRow(source="stated", known_on=day, share_bp=9000, **about, **recorded))
    return client_id


def please(office: Office, client_id: int) -> None:
    """Let the client be satisfied, past everything that would note it."""
    with office.store.write(office.firm_id) as session:
        row = session.exec(
            select(SatisfactionRow).where(SatisfactionRow.client_id == client_id)
        ).one()
        row.score_hundredths = 9500


def place_now(office: Office) -> None:
    """Place the book as the process does that a night starts."""
    runtime = office.desk().runtime
    today = runtime.today(BERLIN)
    place_book(office.firm_id, runtime, today=today, once=True)


def noted(office: Office) -> list[tuple[str, str | None]]:
    with office.store.read(office.firm_id) as session:
        rows = session.exec(select(PlacementRow).order_by(col(PlacementRow.id))).all()
    return [(row.seen_on.isoformat(), row.quadrant) for row in rows]


def placed_on(office: Office) -> date | None:
    with office.store.read(office.firm_id) as session:
        return firm_by_id(session, office.firm_id).placed_on


@pytest.mark.parametrize(
    ("now", "zone", "placed", "is_due"),
    [
        (datetime(2026, 11, 23, 23, 59, tzinfo=UTC), BERLIN, date(2026, 11, 23), False),
        (TUESDAY_NIGHT, BERLIN, date(2026, 11, 23), True),
        (TUESDAY_NIGHT, BERLIN, date(2026, 11, 24), False),
        (TUESDAY_NIGHT, BERLIN, None, True),
        (TUESDAY_NIGHT - timedelta(seconds=1), BERLIN, None, False),
        (datetime(2026, 11, 23, 12, tzinfo=UTC), AUCKLAND, date(2026, 11, 23), True),
        # Clocks that were ahead and are put back
        (TUESDAY_NIGHT, BERLIN, date(2026, 11, 25), False),
        # A night without a time between two and three
        (datetime(2026, 3, 29, 0, tzinfo=UTC), BERLIN, date(2026, 3, 28), True),
    ],
)
def test_a_book_is_placed_at_one_o_clock_of_its_firm(
    now: datetime, zone: ZoneInfo, placed: date | None, is_due: bool
) -> None:
    assert is_to_be_placed(placed, zone, now=now) is is_due


SUNDAY_NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "placed", "has_run", "missed"),
    [
        # Tuesday, two o'clock: the night's hour is over
        (datetime(2026, 11, 24, 1, tzinfo=UTC), date(2026, 11, 24), True, 0),
        (datetime(2026, 11, 24, 1, tzinfo=UTC), date(2026, 11, 23), True, 1),
        (datetime(2026, 11, 24, 0, 59, tzinfo=UTC), date(2026, 11, 23), True, 0),
        (datetime(2026, 11, 24, 0, 59, tzinfo=UTC), date(2026, 11, 22), True, 1),
        (datetime(2026, 11, 24, 1, tzinfo=UTC), date(2026, 11, 20), False, 4),
        # Placed ahead, by a clock that was put back
        (datetime(2026, 11, 24, 1, tzinfo=UTC), date(2026, 11, 25), True, 0),
        # Never placed, and set up on Sunday: Monday's night is the first
        (datetime(2026, 11, 23, 0, 59, tzinfo=UTC), None, True, None),
        (datetime(2026, 11, 23, 1, tzinfo=UTC), None, True, 1),
        (datetime(2026, 11, 26, 9, tzinfo=UTC), None, True, 4),
        # No program has run yet
        (datetime(2026, 11, 26, 9, tzinfo=UTC), None, False, None),
    ],
)
def test_nights_that_did_not_place_the_book_are_counted_and_what_is_unknown_is_not(
    now: datetime, placed: date | None, has_run: bool, missed: int | None
) -> None:
    firm = FirmRow(workspace_id="T1", name="Ulm", created_at=SUNDAY_NOON, placed_on=placed)
    assert nights_missed(firm, now=now, has_run=has_run) == missed


def test_a_client_who_came_from_fix_to_model_overnight_stands_in_the_digest(
    office: Office,
) -> None:
    # Given a client in FIX the week before, and a night in which that is seen
    client_id = save_fix(office)
    desk = office.desk()
    office.sandbox.clock.jump_to(MONDAY - timedelta(days=8))
    place_now(office)
    # When the client is satisfied in the week, and another night passes
    please(office, client_id)
    office.sandbox.clock.jump_to(MONDAY - timedelta(days=3))
    place_now(office)
    assert noted(office) == [("2026-11-15", "FIX"), ("2026-11-20", "MODEL")]
    # Then Monday's message says so
    office.sandbox.clock.jump_to(MONDAY)
    writer = WeeklyWriter(runtime=desk.runtime, office_of=desk.office_of)
    anna = replace(office.members["anna"], slack_user_id="U0ANNA", full_text=True)
    said = writer(firm_id=office.firm_id, member=anna, period="2026-W48", due_at=MONDAY, late=False)
    assert "Lindenhof GmbH: FIX → MODEL" in said.text


def test_several_at_once_note_a_move_once(office: Office) -> None:
    save_fix(office)
    office.sandbox.clock.jump_to(TUESDAY_NIGHT)
    start = Barrier(4)

    def race(_number: int) -> None:
        start.wait(SOON_S)
        with suppress(AlreadyPlacedError):
            place_now(office)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(race, range(4)))
    assert noted(office) == [("2026-11-24", "FIX")]


def test_the_clock_has_each_book_placed_once_a_day(office: Office) -> None:
    save_fix(office)
    office.sandbox.clock.jump_to(TUESDAY_NIGHT)
    for _ in range(3):
        with closing(LocalDispatcher(partial(work_on, desk=office.desk()))) as dispatcher:
            tick(office.desk(), dispatcher)
            office.sandbox.client.wait_for(lambda: placed_on(office), timeout=SOON_S)
    assert (noted(office), placed_on(office)) == ([("2026-11-24", "FIX")], date(2026, 11, 24))


def test_a_firm_without_clients_is_done_at_once(office: Office) -> None:
    office.sandbox.clock.jump_to(TUESDAY_NIGHT)
    place_nightly(office.firm_id, office.desk())
    assert (noted(office), placed_on(office)) == ([], date(2026, 11, 24))


def test_rules_saved_meanwhile_leave_the_book_to_the_next_try(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_fix(office)
    office.sandbox.clock.jump_to(TUESDAY_NIGHT)
    from domain import book

    place = book.place_book

    def place_while_rules_change(*args: object, **options: object) -> object:
        with office.store.write(office.firm_id) as session:
            rules = RuleBook(version=7, valid_from=date(2026, 11, 24))
            save_rules(session, rules, by="Petra Vogt", at=TUESDAY_NIGHT)
        return place(*args, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(book, "place_book", place_while_rules_change)
        with pytest.raises(RulesChangedMeanwhileError):
            place_now(office)
    assert (noted(office), placed_on(office)) == ([], None)
    place_now(office)
    assert noted(office) == [("2026-11-24", "FIX")]


PLACE = """
import json, sys
import bot.service
from bot.digests.clock import work_on
from bot.digests.delivery import DigestDesk
from bot.digests.tasks import Chore, Task
from bot.runtime import Runtime
from bot.settings import Settings
from storage.store import open_store

address, firm_id = json.load(sys.stdin)
runtime = Runtime(settings=Settings(database_url=address), store=open_store(address))
desk = DigestDesk(runtime=runtime, office_of=None, compose=None)
work_on(Task(Chore.PLACE, firm_id), desk)
print(*(each for each in ("pandas", "numpy", "pyarrow") if each in sys.modules))
"""


def test_after_a_night_the_program_is_as_small_as_before(office: Office) -> None:
    save_fix(office)
    address = office.store.engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", PLACE],
        input=json.dumps([address, office.firm_id]),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SOON_S,
        check=True,
    )
    assert placed_on(office) is not None
    assert done.stdout.splitlines()[-1] == ""


def children() -> list[int]:
    """List the processes that place a book for this one."""
    found = []
    for each in Path("/proc/self/task").glob("*/children"):
        for pid in each.read_text().split():
            with suppress(OSError):
                if b"placing_child" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(int(pid))
    return found


def kill_child() -> None:
    """Kill the process that places a book as soon as there is one."""
    until = monotonic() + SOON_S
    while not (found := children()):
        assert monotonic() < until
        sleep(0.01)
    os.kill(found[0], signal.SIGKILL)


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_a_placement_that_dies_or_hangs_raises_the_alarm_and_is_tried_again(
    office: Office,
) -> None:
    save_fix(office)
    office.sandbox.clock.jump_to(TUESDAY_NIGHT)
    desk = office.desk()
    # Given one that is killed, and one that is not done in time
    with capture_logs() as logs, ThreadPoolExecutor(1) as pool:
        killed = pool.submit(kill_child)
        place_nightly(office.firm_id, desk)
        killed.result()
        assert failed_books(desk) == 1
        place_nightly(office.firm_id, replace(desk, placer=Placer(limit_s=0)))
    alarms = [each for each in logs if each["event"] == "ALERT: book not placed"]
    assert [each["why"] for each in alarms] == ["ended with -9", "not done after 0 s"]
    assert (noted(office), placed_on(office), children()) == ([], None, [])
    # When it is tried again
    place_nightly(office.firm_id, desk)
    assert (noted(office), failed_books(desk)) == ([("2026-11-24", "FIX")], 0)


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_a_program_that_ends_waits_for_no_book_and_raises_no_alarm(office: Office) -> None:
    save_fix(office)
    office.sandbox.clock.jump_to(TUESDAY_NIGHT)
    desk = office.desk()
    dispatcher = LocalDispatcher(partial(work_on, desk=desk))
    with capture_logs() as logs:
        dispatcher.submit(Task(Chore.PLACE, office.firm_id), 0)
        until = monotonic() + SOON_S
        while not children():
            assert monotonic() < until
            sleep(0.01)
        desk.placer.close()
        dispatcher.close()
    assert [each for each in logs if each["log_level"] in ("error", "warning")] == []
    assert (placed_on(office), children()) == (None, [])


class TestFleet:
    """Over the fleet's queue."""

    @pytest.fixture
    def database_address(self, postgres_address: str) -> str:
        return postgres_address

    def test_the_book_is_placed_by_whichever_replica_is_free(self, office: Office) -> None:
        save_fix(office)
        office.sandbox.clock.jump_to(TUESDAY_NIGHT)
        address = office.store.engine.url.render_as_string(hide_password=False)
        work = partial(work_on, desk=office.desk())
        with closing(FleetDispatcher(work, address)) as dispatcher:
            for _ in range(3):
                tick(office.desk(), dispatcher)
            office.sandbox.client.wait_for(lambda: placed_on(office), timeout=SOON_S)
        assert noted(office) == [("2026-11-24", "FIX")]
