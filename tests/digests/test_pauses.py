"""Until when Slack is not called: known to every process."""

from datetime import UTC, datetime, timedelta

from storage.pauses import pause, paused_until, take_turn
from storage.store import Store
from storage.tables import FirmRow
from tests.firms import save_firm

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
POST, LOOK = "chat.postMessage", "conversations.history"


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def kept_until(store: Store, firm: FirmRow, method: str, channel: str) -> datetime | None:
    with store.read(firm.id) as session:
        return paused_until(session, method, channel, now=NOW)


def test_slack_asks_to_wait_for_one_method_in_one_conversation_of_one_firm(
    store: Store, firm: FirmRow
) -> None:
    other = save_firm(store, "T0002", "Birkenhof Beratung")
    with store.write(firm.id) as session:
        pause(session, POST, "U1", later(30), now=NOW)
    assert kept_until(store, firm, POST, "U1") == later(30)
    assert kept_until(store, firm, POST, "U2") is None
    assert kept_until(store, firm, LOOK, "U1") is None
    assert kept_until(store, other, POST, "U1") is None


def test_asked_twice_the_longer_wait_counts(store: Store, firm: FirmRow) -> None:
    with store.write(firm.id) as session:
        pause(session, POST, "U1", later(30), now=NOW)
        pause(session, POST, "U1", later(5), now=NOW)
    assert kept_until(store, firm, POST, "U1") == later(30)


def test_asked_in_two_conversations_at_once_it_is_the_whole_workspace(
    store: Store, firm: FirmRow
) -> None:
    with store.write(firm.id) as session:
        pause(session, POST, "U1", later(30), now=NOW)
        pause(session, POST, "U2", later(40), now=NOW)
    assert kept_until(store, firm, POST, "U3") == later(40)
    assert kept_until(store, firm, LOOK, "U3") is None


def test_a_conversation_takes_one_message_a_second(store: Store, firm: FirmRow) -> None:
    def ask(channel: str, seconds: float) -> bool:
        with store.write(firm.id) as session:
            return take_turn(session, channel, gap=timedelta(seconds=1), now=later(seconds))

    asked = [("U1", 0.0), ("U1", 0.9), ("U2", 0.9), ("U1", 1.0), ("U1", 1.5)]
    assert [ask(*each) for each in asked] == [True, False, True, True, False]
