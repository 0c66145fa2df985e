"""A whole book placed at once: who moved is noted, by `tierwise place` and after large imports."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select
from typer.testing import CliRunner

from bot import cli
from bot.runtime import Runtime
from bot.settings import Settings
from bot.usecases.importing import PLACED_ONE_BY_ONE
from bot.usecases.placing import place_book
from bot.usecases.rules import RulesChangedMeanwhileError
from domain.access import Member
from domain.rulebook import RuleBook
from storage.firms import save_rules
from storage.store import Store, open_store
from storage.tables import ClientRow, FirmRow, PlacementRow
from tests.firms import NOW, members_of, save_client, save_firm

TODAY = date(2026, 3, 2)


class Book:
    """A firm's clients, placed by the use case."""

    def __init__(self, store: Store, firm: FirmRow, advisor: Member) -> None:
        self.store, self.firm_id, self.advisor = store, firm.id or 0, advisor
        self.runtime = Runtime(settings=Settings(), store=store)

    def add(self, number: str, name: str, euros: int | None) -> int:
        cents = None if euros is None else euros * 100
        with self.store.write(self.firm_id) as session:
            return save_client(session, number, name, self.advisor.member_id, revenue_cents=cents)

    def bring(self, client_id: int, euros: int) -> None:
        with self.store.write(self.firm_id) as session:
            row = session.get(ClientRow, client_id)
            assert row is not None
            row.revenue_cents, row.version = euros * 100, row.version + 1

    def place(self, **options: Any) -> Any:
        return place_book(self.firm_id, self.runtime, today=TODAY, **options)

    def noted(self) -> list[tuple[int, str | None]]:
        with self.store.read(self.firm_id) as session:
            rows = session.exec(select(PlacementRow).order_by(col(PlacementRow.id))).all()
            return [(row.client_id, row.tier) for row in rows]


@pytest.fixture
def book(store: Store, firm: FirmRow, members: dict[str, Member]) -> Book:
    return Book(store, firm, members["anna"])


def test_who_moved_since_the_last_time_is_noted_and_named(book):
    # Given three clients, of tier A, N, and without known revenue, noted once
    rich, small = book.add("1", "Anna Huber", 9_000), book.add("2", "Bernd Keller", 100)
    unknown = book.add("3", "Carla Wendt", None)
    first = book.place()
    assert (first.clients, first.moved, first.first, first.tiers) == (3, 0, 3, ())
    # When the second one brings 16,000 a year
    book.bring(small, 16_000)
    found = book.place()
    # Then that one moved from N to A+, and nobody else
    assert (found.clients, found.moved, found.first, found.fields) == (3, 1, 0, ())
    (move,) = found.tiers
    assert (move.before, move.after, move.clients, move.revenue_cents) == ("N", "A+", 1, 1_600_000)
    assert [found.names[each] for each in move.first] == ["Bernd Keller"]
    assert book.noted() == [(rich, "A"), (small, "N"), (unknown, None), (small, "A+")]
    # And a third time nobody moves
    assert book.place().moved == 0


def test_a_client_changed_while_the_book_is_placed_is_left_to_that_change(book):
    kept, changed = book.add("1", "Anna Huber", 9_000), book.add("2", "Bernd Keller", 100)

    def change_after_reading(done: int, _total: int) -> None:
        if done == 1:
            book.bring(changed, 16_000)

    book.place(progress=change_after_reading)
    assert book.noted() == [(kept, "A")]


def test_nobody_is_noted_by_rules_that_were_replaced_meanwhile(book):
    book.add("1", "Anna Huber", 9_000)

    def save_after_reading(done: int, _total: int) -> None:
        if done == 1:
            with book.store.write(book.firm_id) as session:
                save_rules(session, RuleBook(version=2), by="lead", at=NOW)

    with pytest.raises(RulesChangedMeanwhileError):
        book.place(progress=save_after_reading)
    assert book.noted() == []


def test_a_firm_without_clients_has_nobody_to_note(book):
    assert book.place().clients == 0


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path) -> tuple[Book, str]:
    """Give a firm in a SQLite file, and its address."""
    path = tmp_path / "store.db"
    path.write_bytes(sqlite_template.read_bytes())
    store = open_store(f"sqlite:///{path}")
    firm = save_firm(store, "T0001", "Nordlicht Vermögen")
    return Book(store, firm, members_of(store, firm)["anna"]), f"sqlite:///{path}"


def run(address: str, *arguments: str, locale: str = "en-GB") -> str:
    typed = ["--database", address, "--locale", locale, *arguments]
    result = CliRunner().invoke(cli.app, typed, env={"COLUMNS": "120"})
    assert result.exit_code == 0, result.output
    return result.stdout


def test_an_operator_places_the_book_and_reads_who_moved(desk):
    book, address = desk
    client = book.add("1", "[b]Sonnenhof[/b] GmbH", 100)
    assert "1 client was noted for the first time." in run(address, "place")
    book.bring(client, 9_000)
    shown = run(address, "place", locale="de-DE")
    assert "1 von 1 Kunden" in shown
    assert "N → A: 1 Kunde" in shown
    assert "[b]Sonnenhof[/b] GmbH" in shown


def test_the_same_is_given_as_values(desk):
    book, address = desk
    client = book.add("1", "Anna Huber", 100)
    run(address, "place")
    book.bring(client, 9_000)
    assert json.loads(run(address, "place", "--json")) == {
        "clients": 1,
        "moved": 1,
        "first": 0,
        "tiers": [
            {
                "before": "N",
                "after": "A",
                "clients": 1,
                "revenue": "9000.00",
                "first": ["Anna Huber"],
            }
        ],
        "fields": [],
    }


@pytest.mark.parametrize("count", [3, PLACED_ONE_BY_ONE + 1])
def test_whoever_an_import_moved_is_noted_however_many_they_are(desk, tmp_path, count):
    book, address = desk
    file = tmp_path / "list.csv"
    rows = [
        f"K{number};Client {number};anna;{9_000 if number % 2 else 100}" for number in range(count)
    ]
    file.write_text("\n".join(["id;name;advisor;revenue", *rows]), "utf-8")
    run(address, "import", str(file), "--yes")
    tiers = [tier for _, tier in book.noted()]
    assert (tiers.count("A"), tiers.count("N"), len(tiers)) == (count // 2, (count + 1) // 2, count)
