"""New clients against the firm's criteria: on the card, in the book, in the terminal, by import."""

import json
from collections.abc import Iterator
from datetime import date

import pytest
from sqlmodel import col, select
from typer.testing import CliRunner

from bot import cli
from storage.search import index_all
from storage.tables import ClientRow, RuleBookRow, RuleDraftRow
from tests.bot.office import ANNA, EMILY, VOGT, Json, Office, direct, elements, text_of
from tests.firms import save_client

NEW = (
    ("neu-1", "Nora Lenz", 120_000, date(2026, 9, 1)),
    ("neu-2", "Tilo Brandt", 950_000, date(2026, 6, 1)),
    ("neu-3", "Ida Moor", None, date(2026, 11, 2)),
    ("alt-1", "Alma Roth", 120_000, date(2019, 1, 1)),
)
"""Number, name, revenue in cents, and since when; today is 24 November 2026."""


@pytest.fixture(autouse=True)
def new_clients(office: Office) -> Iterator[None]:
    """Give Anna three new clients and an old one; afterwards they are gone, and saved rules too."""
    anna = office.members["anna"].member_id
    with office.runtime.store.write(office.firm_id) as session:
        for number, name, cents, since in NEW:
            save_client(session, number, name, anna, revenue_cents=cents, client_since=since)
        index_all(session)
    yield
    office.close_modals(VOGT)
    numbers = [number for number, *_ in NEW]
    with office.runtime.store.write(office.firm_id) as session:
        for table in (RuleBookRow, RuleDraftRow):
            for row in session.exec(select(table)):
                if isinstance(row, RuleDraftRow) or row.version > 1:
                    session.delete(row)
        for client in session.exec(
            select(ClientRow).where(col(ClientRow.external_id).in_(numbers))
        ):
            session.delete(client)
        index_all(session)


def terminal(office: Office, *typed: str) -> Json:
    """Type a command at the terminal of the same store; give its JSON."""
    address = office.runtime.settings.database_url
    result = CliRunner().invoke(cli.app, ["--database", address, *typed, "--json"])
    assert result.exit_code == 0, result.output
    values: Json = json.loads(result.output)
    return values


def test_the_card_of_a_new_client_below_the_minimum_warns_and_says_why(office: Office) -> None:
    card = office.ask(ANNA, "/segment Nora Lenz")
    for shown in (card["text"], text_of(card)):
        assert "⚠ Neuer Kunde: unter dem Mindestertrag" in shown
        assert (
            "Der Ertrag von 1.200\u00a0€ im Jahr liegt unter dem Mindestertrag von 3.000\u00a0€. "
            "Dazu fehlen 1.800\u00a0€ im Jahr." in shown
        )


def test_the_card_of_a_new_client_who_fits_says_so_without_a_warning(office: Office) -> None:
    card = office.ask(ANNA, "/segment Tilo Brandt")["text"]
    assert "Neuer Kunde: ideal" in card
    assert "⚠" not in card


def test_of_a_new_client_without_revenue_nothing_is_guessed(office: Office) -> None:
    card = office.ask(ANNA, "/segment Ida Moor")["text"]
    assert "⚠ Neuer Kunde: Ertrag nicht bekannt" in card


def test_a_client_of_many_years_is_not_held_against_the_criteria(office: Office) -> None:
    assert "Neuer Kunde" not in office.ask(ANNA, "/segment Alma Roth")["text"]


def test_the_book_lists_the_new_clients_who_miss_the_criteria(office: Office) -> None:
    book = office.ask(ANNA, "/book")["text"]
    assert "Neue Kunden, die die Kriterien verfehlen · 2" in book
    assert "Nora Lenz: Der Ertrag von 1.200" in book
    assert "Neue Kunden: ideal 1, unter dem Mindestertrag 1, Ertrag nicht bekannt 1" in book


def test_the_terminal_says_the_same_as_the_card_and_the_book(office: Office) -> None:
    card = terminal(office, "segment", "neu-1")["new_client"]
    assert (card["since"], card["fit"], card["misses_criteria"]) == (
        "2026-09-01", "below_minimum", True,
    )  # fmt: skip
    assert terminal(office, "segment", "alt-1")["new_client"] is None
    book = terminal(office, "book", "--advisor", "anna")["new_clients"]
    assert [(each["client_id"], each["fit"]) for each in book] == [
        ("neu-3", "unknown"), ("neu-1", "below_minimum"), ("neu-2", "ideal"),
    ]  # fmt: skip


def test_a_lower_client_minimum_accepts_her(office: Office) -> None:
    card = office.ask(VOGT, "/book rules")
    block, element = next(
        (b, e) for b, e in elements(card["blocks"]) if e.get("value") == "acceptance"
    )
    ids = block["block_id"], element["action_id"]
    office.people.click(VOGT, *ids, place=direct(VOGT), ts=card["ts"])
    (form,) = office.modals(VOGT)
    key = "acceptance.minimum_revenue"
    office.people.submit(VOGT, form["id"], {key: {key: {"value": "1000"}}})
    effect = office.modal_saying(VOGT, "Mindestertrag eines Kunden im Jahr: 3.000 → 1.000")
    office.people.submit(VOGT, effect["id"], {})
    office.modal_saying(VOGT, "Regelwerk 2 gilt ab dem 24.11.2026.")
    said = office.ask(ANNA, "/segment Nora Lenz")["text"]
    assert "Neuer Kunde: erreicht den Mindestertrag" in said


def test_an_english_reader_reads_it_in_english(office: Office) -> None:
    with office.runtime.store.write(office.firm_id) as session:
        row = session.exec(select(ClientRow).where(ClientRow.name == "Oliver Hughes")).one()
        row.client_since = date(2026, 10, 1)
        session.add(row)
    card = office.ask(EMILY, "/segment Oliver Hughes")["text"]
    assert "New client: ideal. Revenue of €9,000 a year reaches €8,000" in card
