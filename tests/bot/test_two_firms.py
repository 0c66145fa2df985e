"""Two firms with equal ids on one program: each is served, and one that leaves leaves alone."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.leaving import firm_tables
from storage.tables import Table
from tests.bot.hosting import NORTH, SOUTH, Hosting, open_hosting
from tests.digests.conftest import MONDAY

HEAD = "Kundennummer;Kunde;Berater;Ertrag;Verwaltetes Vermögen;Zufriedenheit;Skala;Befragt am\n"
BOOKS = {
    NORTH: HEAD + "1001;Maria Huber;anna;9.600;80.000;82;KZI;01.10.2026\n",
    SOUTH: HEAD + "1001;Otto Sailer;anna;2.400;30.000;64;KZI;01.10.2026\n",
}
CLIENTS = {NORTH: "Maria Huber", SOUTH: "Otto Sailer"}


@pytest.fixture(scope="module")
def running(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosting]:
    with open_hosting(tmp_path_factory.mktemp("hosting"), sqlite_template) as opened:
        yield opened


def rows_of(hosting: Hosting, firm_id: int) -> dict[str, list[str]]:
    """Return every row of a firm, by table."""
    with hosting.runtime.store.read(None) as session:
        return {
            table.name: sorted(
                str(tuple(row))
                for row in session.connection().execute(
                    sa.select(table).where(table.c.firm_id == firm_id)
                )
            )
            for table in firm_tables()
        }


def said(hosting: Hosting, team: str) -> str:
    """Return everything that the program said in a workspace."""
    return str([e for e in hosting.people(team).transcript() if e["direction"] == "bot→workspace"])


def test_two_firms_live_side_by_side_and_one_leaves_nothing_behind(running: Hosting) -> None:
    # Given two workspaces with the same ids of people and places, which install Tierwise
    for team, name in ((NORTH, "Birkenhof Beratung"), (SOUTH, "Südstern Beratung")):
        page = running.install(team)
        assert page.status == 200
        assert f"Tierwise ist in {name} installiert" in page.html
        (word,) = running.people(team).messages("U0VOGT", "D0VOGT")
        assert f"tierwise --firm {team} member add" in word["text"]
        assert "member link KEY U0VOGT" in word["text"]
    # Before anybody has a role there, nobody is answered
    assert "keine Rolle" in running.ask(SOUTH, "U0ANNA", "/segment Sailer")["text"]
    # When each has its people and its list, with the same client number in both
    for team, book in BOOKS.items():
        running.staff(team, book)
    # Then each is answered of its own clients
    for team, other in ((NORTH, SOUTH), (SOUTH, NORTH)):
        assert CLIENTS[team] in running.ask(team, "U0ANNA", f"/segment {CLIENTS[team]}")["text"]
        assert "1001" not in running.ask(team, "U0ANNA", f"/segment {CLIENTS[other]}")["text"]
    # And each gets the week's message on Monday
    running.sandbox.clock.jump_to(MONDAY + timedelta(weeks=1, minutes=1))
    for team, client in CLIENTS.items():
        assert client in str(running.weekly_message(team)["blocks"])
    running.wait_until_quiet()
    north, south = running.firm_id(NORTH), running.firm_id(SOUTH)
    assert CLIENTS[SOUTH] not in said(running, NORTH)
    assert CLIENTS[NORTH] not in said(running, SOUTH)
    assert {name for name, rows in rows_of(running, south).items() if rows} >= {
        *("client", "member", "holding", "satisfaction", "delivery", "name_token", "rule_book")
    }
    before, calls = rows_of(running, north), running.people(NORTH).recorded()
    # When an owner takes the app out of the second workspace
    assert running.people(SOUTH).uninstall("U0VOGT")["outcome"] == "uninstalled"
    running.sandbox.client.wait_for(lambda: running.firm(SOUTH) is None)
    # Then nothing of that firm is left in any table, nor in the journal
    with running.runtime.store.read(None) as session:
        for table in Table.metadata.sorted_tables:
            kept = str(session.connection().execute(sa.select(table)).all())
            assert SOUTH not in kept, table.name
            assert "Sailer" not in kept, table.name
    assert rows_of(running, south) == {table.name: [] for table in firm_tables()}
    assert south not in running.runtime.store.journal.firm_ids()
    for file in Path(str(running.runtime.store.engine.url.database)).parent.iterdir():
        assert b"Sailer" not in file.read_bytes(), file.name
    # And nothing of the other was touched: it is answered as before
    assert rows_of(running, north) == before
    assert running.people(NORTH).recorded() == calls
    assert "Maria Huber" in running.ask(NORTH, "U0ANNA", "/segment Huber")["text"]
    assert running.people(SOUTH).say("U0ANNA", "D0ANNA", "/segment x")["outcome"] == "error"


def test_whoever_comes_back_begins_anew_with_another_token(running: Hosting) -> None:
    # Given a firm that left, and came back by another person's hand
    token = running.sandbox.workspaces[SOUTH].bot_token
    running.install(SOUTH, "U0TOM")
    assert running.sandbox.workspaces[SOUTH].bot_token != token
    # Then it knows nobody and no client
    answer = running.ask(SOUTH, "U0ANNA", "/segment Sailer")["text"]
    assert "keine Rolle" in answer
    assert "Sailer" not in answer
    (word,) = running.people(SOUTH).messages("U0TOM", "D0TOM")
    assert "member link KEY U0TOM" in word["text"]


def test_tokens_lie_sealed_in_the_store(running: Hosting) -> None:
    running.install(NORTH)
    with running.runtime.store.read(None) as session:
        kept = [
            str(session.connection().execute(sa.select(t)).all())
            for t in Table.metadata.sorted_tables
        ]
    assert "xoxb-" not in str(kept)
    assert running.sandbox.workspaces[NORTH].bot_token not in str(kept)


def test_installing_again_keeps_people_and_clients_and_says_so(running: Hosting) -> None:
    before = running.firm_id(NORTH)
    assert running.install(NORTH, "U0ANNA").status == 200
    assert running.firm_id(NORTH) == before
    running.sandbox.client.wait_for(
        lambda: (
            "wieder mit Birkenhof Beratung verbunden"
            in running.people(NORTH).messages("U0ANNA", "D0ANNA")[-1]["text"]
        )
    )
    assert "Maria Huber" in running.ask(NORTH, "U0ANNA", "/segment Huber")["text"]
    with running.runtime.store.read(None) as session:
        bots = session.connection().execute(sa.text("SELECT team_id FROM slack_bots")).scalars()
        assert sorted(bots) == sorted([NORTH, SOUTH])
