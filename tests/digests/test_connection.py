"""When Slack no longer takes the app: nothing is lost, hardly anything is called, one is told."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.digests.clock import tick
from bot.digests.connection import note_connected
from bot.digests.delivery import DigestDesk, say_once
from sandbox.faults import Fault
from storage.firms import firm_by_id
from tests.digests.conftest import MONDAY, Office
from tests.digests.test_clock import Notebook, recorded

TEXT = "2026-W48 for Anna Berger"


def run(desk: DigestDesk) -> None:
    """Tick once and finish all that was offered."""
    notebook = Notebook()
    tick(desk, notebook)
    for delivery_id in notebook.offered:
        say_once(delivery_id, desk)


def calls(office: Office) -> int:
    """Count all calls of the bot."""
    return sum(each["direction"] == "bot→workspace" for each in office.sandbox.client.transcript())


@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "account_inactive"])
def test_a_dead_token_is_used_twice_in_ten_minutes_and_then_all_goes_out_once(
    office: Office, code: str
) -> None:
    # Given a Monday on which Slack begins to refuse the token
    desk = office.desk()
    office.sandbox.faults.all_calls = code
    with capture_logs() as logs:
        run(desk)
        first = calls(office)
        # When ten minutes pass, minute by minute, and it is Tuesday before it works again
        for _ in range(10):
            office.sandbox.clock.advance(timedelta(minutes=1))
            run(desk)
        assert calls(office) - first <= 2
    told = [each for each in logs if each["event"] == "ALERT: disconnected from Slack"]
    assert len(told) <= 1
    office.sandbox.clock.jump_to(MONDAY + timedelta(hours=30))
    office.sandbox.faults.clear()
    run(desk)
    office.sandbox.clock.advance(timedelta(minutes=1))
    run(desk)
    # Then each got the week's message, once
    assert office.inbox() == [TEXT + ", late"]
    assert {state for week, state, _ in recorded(office) if week == "2026-W48"} == {"sent"}


def test_what_was_due_while_the_app_was_away_goes_out_if_it_is_no_older_than_two_days(
    office: Office,
) -> None:
    desk = office.desk()
    office.sandbox.faults.order("chat.postMessage", Fault(error="account_inactive"))
    with capture_logs() as logs:
        run(desk)
    assert [(e["firm"], e["reason"]) for e in logs if e["event"].startswith("ALERT: disc")] == [
        (office.firm_id, "account_inactive")
    ]
    assert {(state, why) for _, state, why in recorded(office)} == {
        ("held", "installation: account_inactive")
    }
    office.sandbox.clock.jump_to(MONDAY + timedelta(hours=47, minutes=59))
    note_connected(office.firm_id, desk.runtime)
    run(desk)
    assert office.inbox() == [TEXT]  # as it was first written


def test_without_the_scope_to_post_nobody_is_called_again_and_again(
    office: Office,
) -> None:
    desk = office.desk()
    office.sandbox.faults.order("chat.postMessage", Fault(error="missing_scope"), times=1)
    run(desk)
    assert office.calls("chat.postMessage") == 1
    with office.store.read(office.firm_id) as session:
        assert firm_by_id(session, office.firm_id).disconnected_why == "missing_scope"
    # Ten minutes later Slack says that the scopes are all there
    office.sandbox.clock.advance(timedelta(minutes=10))
    run(desk)
    office.sandbox.clock.advance(timedelta(minutes=1))
    run(desk)
    assert office.inbox() == [TEXT]
