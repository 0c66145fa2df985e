"""The clock sees what is due, in each person's own time, whoever else is looking."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event

from sqlmodel import select
from structlog.testing import capture_logs

from bot.digests.clock import DigestClock, LocalDispatcher, dispatcher_for, tick, work_on
from bot.digests.delivery import OfficeOf, say_once
from bot.digests.status import count_overdue
from bot.digests.tasks import Chore, Task
from bot.listeners.people import Profile
from domain.access import Standing
from sandbox.faults import Fault
from storage.deliveries import digest_status
from storage.firms import link_member
from storage.tables import DeliveryRow
from tests.digests.conftest import MONDAY, Office, by_each_carrier
from tests.firms import save_firm

TEXT = "2026-W48 for Anna Berger"
SOON_S = 60.0


class Notebook:
    """A dispatcher that notes which deliveries it is offered."""

    def __init__(self) -> None:
        self.offered: list[int] = []

    def submit(self, task: Task, bucket: int) -> None:
        if task.what is Chore.DELIVER:
            self.offered.append(task.of)

    def close(self) -> None:
        pass


@contextmanager
def ticking(office: Office) -> Iterator[DigestClock]:
    """Let a process of the bot keep time; it follows the workspace's clock."""
    desk = office.desk()
    clock = DigestClock(desk, dispatcher_for(desk))
    office.sandbox.clock.on_move(clock.wake)
    clock.start()
    yield clock
    clock.stop()


def of_people(office: Office, profile: Profile) -> OfficeOf:
    """Give a workspace that says the same of everybody."""
    said = replace(office.desk().office_of(office.firm_id), profile_of=lambda _: profile)
    return lambda _: said


def deliver(office: Office, **changes: object) -> None:
    """Tick once and finish all that was offered."""
    desk = replace(office.desk(), **changes)  # type: ignore[arg-type]
    notebook = Notebook()
    tick(desk, notebook)
    for delivery_id in notebook.offered:
        say_once(delivery_id, desk)


def recorded(office: Office, key: str = "anna") -> list[tuple[str, str, str | None]]:
    with office.store.read(office.firm_id) as session:
        rows = session.exec(
            select(DeliveryRow)
            .where(DeliveryRow.member_id == office.members[key].member_id)
            .order_by(DeliveryRow.period)
        ).all()
    return [(row.period, row.state, row.reason) for row in rows]


def wait_for_mail(office: Office, account: str) -> None:
    office.sandbox.client.wait_for(lambda: office.inbox(account), timeout=SOON_S)


@by_each_carrier
def test_everybody_gets_the_digest_at_eight_o_clock_of_their_own_monday(office: Office) -> None:
    office.sandbox.clock.jump_to(MONDAY - timedelta(hours=9))
    with ticking(office):
        assert office.inbox() == []
        office.sandbox.clock.jump_to(MONDAY)
        for account in ("U0ANNA", "U0JONAS", "U0VOGT"):
            wait_for_mail(office, account)
        # In London it is seven
        assert office.inbox("U0EMILY") == []
        office.sandbox.clock.advance(timedelta(hours=1))
        wait_for_mail(office, "U0EMILY")
    inboxes = [office.inbox(account) for account in ("U0ANNA", "U0JONAS", "U0EMILY")]
    assert [len(inbox) for inbox in inboxes] == [1, 1, 1]
    assert office.inbox() == [TEXT]


@by_each_carrier
def test_a_clock_that_is_moved_back_and_forth_says_nothing_twice(office: Office) -> None:
    with ticking(office):
        wait_for_mail(office, "U0ANNA")
        for jump in (timedelta(hours=-1), timedelta(hours=2), timedelta(hours=-1)):
            office.sandbox.clock.advance(jump)
        # A week too early is a week's digest too early, and it is not said again in its own time
        office.sandbox.clock.advance(timedelta(days=7))
        office.sandbox.client.wait_for(lambda: len(office.inbox()) == 2, timeout=SOON_S)
        office.sandbox.clock.advance(timedelta(days=-7))
        office.sandbox.clock.advance(timedelta(days=7))
    deliver(office)
    assert office.inbox() == [TEXT, "2026-W49 for Anna Berger"]


def test_two_processes_that_keep_time_say_each_digest_once(office: Office) -> None:
    office.sandbox.clock.jump_to(MONDAY + timedelta(hours=1))
    with ticking(office), ticking(office):
        for account in ("U0ANNA", "U0JONAS", "U0VOGT", "U0EMILY"):
            wait_for_mail(office, account)
    assert office.calls("chat.postMessage") == 4


def test_a_machine_that_slept_on_monday_delivers_on_tuesday_and_says_that_it_is_late(
    office: Office,
) -> None:
    office.sandbox.clock.jump_to(MONDAY + timedelta(days=1))
    deliver(office)
    assert office.inbox() == [f"{TEXT}, late"]


def test_a_machine_that_slept_until_thursday_holds_the_digest_and_says_why(office: Office) -> None:
    office.sandbox.clock.jump_to(MONDAY + timedelta(days=3))
    deliver(office)
    assert office.inbox() == []
    assert recorded(office) == [("2026-W48", "held", "too late")]
    with office.store.read(None) as session:
        held = [row for row in digest_status(session) if row.kind == "weekly"]
    assert {row.reason for row in held} == {"too late"}


def test_the_lead_is_told_once_what_was_held_and_why(office: Office) -> None:
    office.sandbox.clock.jump_to(MONDAY + timedelta(days=3))
    for _ in range(3):
        deliver(office)
        office.sandbox.clock.advance(timedelta(minutes=5))
    (notice,) = office.inbox("U0VOGT")
    assert notice.splitlines()[0] == "Nachrichten, die nicht zugestellt wurden, und warum:"
    assert "• Anna Berger: sie wäre mehr als 48 Stunden zu spät gekommen" in notice.splitlines()
    # What fails after that is told in a notice of its own
    office.sandbox.clock.jump_to(MONDAY + timedelta(days=7))
    office.sandbox.faults.order("chat.postMessage", Fault(error="user_disabled"))
    deliver(office)
    office.sandbox.clock.advance(timedelta(minutes=5))
    deliver(office)
    again = [text for text in office.inbox("U0VOGT") if "Anna Berger: Slack sagt: user" in text]
    assert len(again) == 1


def test_what_has_not_ended_after_a_quarter_of_an_hour_raises_the_alarm(office: Office) -> None:
    notebook = Notebook()
    tick(office.desk(), notebook)  # nobody works on what it offers
    office.sandbox.clock.advance(timedelta(minutes=14))
    assert count_overdue(office.desk().runtime) == 0
    office.sandbox.clock.advance(timedelta(minutes=2))
    with capture_logs() as logs:
        tick(office.desk(), notebook)
    assert [(each["log_level"], each["overdue"]) for each in logs] == [("error", 3)]
    assert count_overdue(office.desk().runtime) == 3


def test_after_three_weeks_of_standstill_one_digest_comes_and_the_others_are_accounted_for(
    office: Office,
) -> None:
    deliver(office)
    office.sandbox.clock.jump_to(MONDAY + timedelta(weeks=3))
    deliver(office)
    assert office.inbox() == [TEXT, "2026-W51 for Anna Berger"]
    assert recorded(office) == [
        ("2026-W48", "sent", None),
        ("2026-W49", "held", "too late"),
        ("2026-W50", "held", "too late"),
        ("2026-W51", "sent", None),
    ]


@by_each_carrier
def test_late_missed_and_held_digests_fare_alike_whoever_carries_them(office: Office) -> None:
    # Given a machine that slept until Tuesday, and after that for three weeks
    office.sandbox.clock.jump_to(MONDAY + timedelta(days=1))
    with ticking(office):
        wait_for_mail(office, "U0ANNA")
        office.sandbox.clock.jump_to(MONDAY + timedelta(weeks=3))
        office.sandbox.client.wait_for(lambda: len(office.inbox()) == 2, timeout=SOON_S)
    # Then each week is accounted for, and each message came once
    assert office.inbox() == [f"{TEXT}, late", "2026-W51 for Anna Berger"]
    assert recorded(office) == [
        ("2026-W48", "sent", None),
        ("2026-W49", "held", "too late"),
        ("2026-W50", "held", "too late"),
        ("2026-W51", "sent", None),
    ]


def test_whoever_is_linked_after_eight_o_clock_gets_the_first_digest_next_monday(
    office: Office,
) -> None:
    with office.store.write(office.firm_id) as session:
        link_member(session, "anna", "U0ANNA", at=MONDAY + timedelta(microseconds=1))
        link_member(session, "jonas", "U0JONAS", at=MONDAY)
    office.sandbox.clock.jump_to(MONDAY + timedelta(hours=2))
    deliver(office)
    assert (office.inbox(), len(office.inbox("U0JONAS"))) == ([], 1)
    office.sandbox.clock.jump_to(MONDAY + timedelta(weeks=1))
    deliver(office)
    assert office.inbox() == ["2026-W49 for Anna Berger"]


def test_members_without_an_account_are_owed_nothing(office: Office) -> None:
    with office.store.write(office.firm_id) as session:
        link_member(session, "anna", None, at=MONDAY)
    deliver(office)
    assert recorded(office) == []


def test_where_slack_names_no_zone_the_firm_s_zone_counts(office: Office) -> None:
    nowhere = Profile(standing=Standing.MEMBER, zone=None)
    office.sandbox.clock.jump_to(MONDAY - timedelta(seconds=30))
    deliver(office, office_of=of_people(office, nowhere))
    assert office.inbox() == []
    office.sandbox.clock.jump_to(MONDAY)
    deliver(office, office_of=of_people(office, nowhere))
    assert office.inbox() == [TEXT]


def test_while_slack_does_not_say_where_people_are_nobody_is_disturbed_early(
    office: Office,
) -> None:
    unknown = Profile(standing=Standing.UNKNOWN)
    office.sandbox.clock.jump_to(MONDAY + timedelta(hours=1))
    deliver(office, office_of=of_people(office, unknown))
    assert "2026-W48" not in [period for period, _, _ in recorded(office)]
    # On the evening of that Monday it is eight o'clock everywhere: now it is owed, and waits
    office.sandbox.clock.jump_to(datetime(2026, 11, 23, 20, tzinfo=UTC))
    deliver(office, office_of=of_people(office, unknown))
    assert ("2026-W48", "due", "profile not known") in recorded(office)


def test_a_firm_whose_zone_is_wrong_does_not_keep_the_others_waiting(office: Office) -> None:
    broken = save_firm(office.store, "T0BROKEN", "Zeitlos GmbH")
    with office.store.write(None) as session:
        row = session.merge(broken)
        row.zone = "Mars/Olympus"
    deliver(office)
    assert office.inbox() == [TEXT]


def test_whoever_has_this_week_s_digest_is_not_looked_up_again(office: Office) -> None:
    office.sandbox.clock.jump_to(MONDAY + timedelta(hours=1))
    deliver(office)
    before = office.calls("users.info")
    deliver(office)
    assert office.calls("users.info") == before


@by_each_carrier
def test_an_app_installed_anew_delivers_what_was_held_meanwhile(office: Office) -> None:
    office.sandbox.faults.all_calls = "token_revoked"
    office.sandbox.clock.jump_to(datetime(2026, 11, 23, 20, tzinfo=UTC))
    deliver(office)
    assert recorded(office) == [("2026-W48", "held", "installation: token_revoked")]
    office.sandbox.faults.clear()
    with ticking(office):
        wait_for_mail(office, "U0ANNA")
    assert office.inbox() == [TEXT]


def deliver_task(number: int) -> Task:
    return Task(Chore.DELIVER, number)


def test_what_is_under_way_is_not_taken_twice_and_holds_nobody_up() -> None:
    started: list[int] = []
    go_on, second_done = Event(), Event()

    def work(task: Task) -> None:
        started.append(task.of)
        if task.of == 1:
            go_on.wait(SOON_S)
        else:
            second_done.set()

    dispatcher = LocalDispatcher(work, workers=2)
    for number in (1, 1, 1, 2):
        dispatcher.submit(deliver_task(number), 0)
    assert second_done.wait(SOON_S)
    go_on.set()
    dispatcher.close()
    assert sorted(started) == [1, 2]


def test_a_delivery_that_fails_does_not_stop_the_others_and_may_be_offered_again() -> None:
    started: list[int] = []
    done = Event()

    def work(task: Task) -> None:
        started.append(task.of)
        if task.of == 1:
            raise ValueError("broken")
        done.set()

    dispatcher = LocalDispatcher(work, workers=1)
    dispatcher.submit(deliver_task(1), 0)
    dispatcher.submit(deliver_task(2), 0)
    assert done.wait(SOON_S)
    dispatcher.submit(deliver_task(1), 1)
    dispatcher.submit(deliver_task(3), 1)
    dispatcher.close()
    assert started[:2] == [1, 2]
    dispatcher.submit(deliver_task(4), 1)  # after the end it is left to the ledger
    assert 4 not in started


def test_a_placement_that_fails_is_tried_again_in_the_next_bucket_only() -> None:
    tried, others = 0, 100
    book = Task(Chore.PLACE, 1)
    done = {number: Event() for number in range(3)}

    def work(task: Task) -> None:
        nonlocal tried
        if task.of >= others:
            done[task.of - others].set()
            return
        tried += 1
        raise ValueError("broken")

    dispatcher = LocalDispatcher(work)
    counts = []
    for number, bucket in enumerate((0, 0, 1)):
        dispatcher.submit(book, bucket)
        dispatcher.submit(Task(Chore.PLACE, others + number), bucket)
        assert done[number].wait(SOON_S)  # the only thread of chores is done with the book by then
        counts.append(tried)
    dispatcher.close()
    assert counts == [1, 1, 2]


def test_a_book_that_takes_long_keeps_no_message_waiting() -> None:
    go_on, said = Event(), Event()

    def work(task: Task) -> None:
        if task.what is Chore.PLACE:
            go_on.wait(SOON_S)
        else:
            said.set()

    dispatcher = LocalDispatcher(work, workers=1)
    for number in range(10):
        dispatcher.submit(Task(Chore.PLACE, number), 0)
    dispatcher.submit(deliver_task(1), 0)
    assert said.wait(SOON_S)
    go_on.set()
    dispatcher.close()


def test_the_ledger_carries_over_what_a_stopped_process_left(office: Office) -> None:
    tick(office.desk(), Notebook())
    dispatcher = LocalDispatcher(partial(work_on, desk=office.desk()))
    tick(office.desk(), dispatcher)
    wait_for_mail(office, "U0ANNA")
    dispatcher.close()
    assert office.inbox() == [TEXT]
