"""Over the fleet's queue a digest is said once as well."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import select

from bot.digests.clock import tick, work_on
from bot.digests.fleet import FleetDispatcher, sweep
from sandbox.faults import Fault
from storage.firms import mark_placed
from storage.tables import DeliveryRow
from tests.digests.conftest import MONDAY, SETTLE, Office

SOON_S = 60.0
TEXT = "2026-W48 for Anna Berger"


@pytest.fixture
def database_address(postgres_address: str) -> str:
    """A fleet has PostgreSQL."""
    return postgres_address


@contextmanager
def fleet(office: Office) -> Iterator[FleetDispatcher]:
    address = office.store.engine.url.render_as_string(hide_password=False)
    dispatcher = FleetDispatcher(partial(work_on, desk=office.desk()), address)
    try:
        yield dispatcher
    finally:
        dispatcher.close()


def wait_until_sent(office: Office, count: int) -> None:
    def sent() -> bool:
        with office.store.read(None) as session:
            rows = session.exec(select(DeliveryRow).where(DeliveryRow.state == "sent")).all()
        return len(rows) == count

    office.sandbox.client.wait_for(sent, timeout=SOON_S)


def test_a_digest_offered_again_and_again_is_said_once_and_a_lost_answer_is_found(
    office: Office,
) -> None:
    with office.store.write(office.firm_id) as session:
        mark_placed(session, MONDAY.date())  # the queue carries messages only
    office.sandbox.faults.order("chat.postMessage", Fault(drop=True, done_first=True))
    with fleet(office) as dispatcher:
        for _ in range(3):
            tick(office.desk(), dispatcher)
        wait_until_sent(office, 2)
        # The one without an answer is looked for in the next bucket
        office.sandbox.clock.advance(max(SETTLE, timedelta(minutes=5)))
        tick(office.desk(), dispatcher)
        wait_until_sent(office, 3)
        assert sweep(kept=timedelta(seconds=-60)) == 4
    inboxes = [office.inbox(account) for account in ("U0ANNA", "U0JONAS", "U0VOGT")]
    assert [len(inbox) for inbox in inboxes] == [1, 1, 1]
    assert office.inbox() == [TEXT]
    assert office.calls("chat.postMessage") == 3
