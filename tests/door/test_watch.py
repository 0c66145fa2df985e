"""What the operator's own watch reads at the local port."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlmodel import Session

from bot.health import health_page
from bot.measures import Measures
from bot.runtime import Runtime
from bot.service import Trouble
from bot.settings import Settings
from bot.watch import Watch
from domain.access import Member
from storage.store import Store
from storage.tables import DeliveryRow, FirmRow
from tests.bot.office import ANNA, BOOKS, TUESDAY
from tests.bot.web import Web, command_of, free_port, open_web, opener

Values = dict[str, float]


def read(port: int, page: str) -> str:
    """Ask the local port for a page."""
    with opener.open(f"http://127.0.0.1:{port}{page}", timeout=60) as answer:
        return str(answer.read().decode())


def values(port: int) -> Values:
    """Return all measurements by name and labels."""
    return {
        sample.name + "".join(f"[{each}]" for each in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(read(port, "/metrics"))
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def watched(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Web, int]]:
    """Run the bot with a local port for the watch."""
    port = free_port()
    folder = tmp_path_factory.mktemp("watched")
    with open_web(folder, sqlite_template, TIERWISE_METRICS_PORT=str(port)) as web:
        yield web, port


def test_acknowledgements_are_counted_with_their_times(watched: tuple[Web, int]) -> None:
    web, port = watched
    kind = "[command]"
    before = values(port).get(f"tierwise_acknowledgement_seconds_count{kind}", 0)
    for _ in range(3):
        web.ask_as(ANNA, "/segment", "Maria Huber")
    after = values(port)
    assert after[f"tierwise_acknowledgement_seconds_count{kind}"] == before + 3
    assert after[f"tierwise_acknowledgement_seconds_bucket{kind}[3.0]"] == before + 3
    assert 0 < after[f"tierwise_acknowledgement_seconds_sum{kind}"] < 3 * (before + 3)
    assert after["tierwise_waiting"] == 0


def test_what_came_twice_is_counted(watched: tuple[Web, int]) -> None:
    web, port = watched
    body = command_of(ANNA)
    before = values(port).get("tierwise_turned_away_total[repeated]", 0)
    for _ in range(3):
        web.post(body, web.signed(body))
    assert values(port)["tierwise_turned_away_total[repeated]"] == before + 2


def test_nobody_and_nothing_of_anybody_stands_in_a_measurement(watched: tuple[Web, int]) -> None:
    web, port = watched
    web.ask_as(ANNA, "/segment", "Maria Huber")
    said = read(port, "/metrics")
    names = [name for book in BOOKS.values() for name in book]
    assert not [each for each in (ANNA, web.office.sandbox.world.team_id, *names) if each in said]
    labels = set(re.findall(r"(\w+)=\"", said))
    assert labels <= {"kind", "le", "state", "why"}


def test_health_stands_at_both_ports(watched: tuple[Web, int]) -> None:
    web, port = watched
    assert read(port, "/health") == read(web.port, "/health") == "ok"
    with pytest.raises(HTTPError, match="404") as refused:
        read(port, "/anything")
    refused.value.close()


def test_what_does_not_work_is_named_and_the_status_says_so() -> None:
    said: list[str] = []
    page = health_page(lambda: [Trouble.OVERDUE, Trouble.LINE])
    body = b"".join(page({}, lambda status, _headers: said.append(status)))
    assert said == ["503 Service Unavailable"]
    assert body.decode().splitlines() == [Trouble.OVERDUE, Trouble.LINE]


def test_due_is_set_against_ended(store: Store, firm: FirmRow, members: dict[str, Member]) -> None:
    # Given a message sent, one held and one that should have gone out an hour ago
    with store.write(firm.id) as session:
        _owe(session, members["anna"], "sent")
        _owe(session, members["jonas"], "held")
        _owe(session, members["emily"], "due")
    runtime = Runtime(settings=Settings(), store=store, clock=lambda: TUESDAY)
    port = free_port()
    watch = Watch(port, runtime, lambda: [Trouble.OVERDUE])
    watch.start()
    try:
        said = values(port)
    finally:
        watch.stop()
    states = {state: said[f"tierwise_deliveries[{state}]"] for state in ("sent", "held", "due")}
    assert states == {"sent": 1, "held": 1, "due": 1}
    assert said["tierwise_deliveries_overdue"] == 1
    assert said["tierwise_troubles"] == 1


def _owe(session: Session, member: Member, state: str) -> None:
    due_at = TUESDAY - timedelta(hours=1)
    session.add(
        DeliveryRow(
            member_id=member.member_id,
            kind="weekly",
            period="2026-W48",
            due_at=due_at,
            next_try_at=due_at,
            marker=f"marker-{member.key}",
            state=state,
        )
    )


def test_times_fall_into_the_bound_they_do_not_exceed() -> None:
    measures = Measures()
    for seconds in (0.01, 0.011, 3.0, 3.5):
        measures.acknowledged("command", seconds)
    times = measures.times()["command"]
    assert times.counts == [1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1]
    assert times.total_s == pytest.approx(6.521)
