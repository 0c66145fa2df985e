"""A firm's frames from the store: what its clients' values give, and who is noted as moved."""

from datetime import date
from random import Random

import pandas as pd
from sqlmodel import select

from domain.access import Member
from domain.book import place_book
from domain.frames import COLUMNS, frames_of
from domain.rulebook import RuleBook
from storage.book_frames import client_versions, load_frames, note_placed
from storage.clients import load_book
from storage.store import Store
from storage.tables import (
    ClientRow,
    FirmRow,
    PlacementRow,
)
from tests.domain.drawn import a_book
from tests.domain.examples import TODAY, in_field
from tests.firms import save_client, save_firm
from tests.storage.drawn_books import save_book

RULES = RuleBook()


def test_a_firms_frames_are_those_of_its_clients(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    advisors = [member.member_id for member in members.values()]
    with store.write(firm.id) as session:
        save_book(session, a_book(Random(5), 120, RULES, TODAY), advisors)
    with store.read(firm.id) as session:
        clients = load_book(session, advisors, RULES, today=TODAY)
        expected = frames_of(sorted(clients, key=lambda client: client.client_id))
        found = load_frames(session)
    for name in COLUMNS:
        _assert_same(getattr(found, name), getattr(expected, name))


def test_a_book_is_placed_alike_whichever_way_it_was_read(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    advisors = [member.member_id for member in members.values()]
    with store.write(firm.id) as session:
        save_book(session, a_book(Random(6), 120, RULES, TODAY), advisors)
    with store.read(firm.id) as session:
        clients = load_book(session, advisors, RULES, today=TODAY)
        frames = load_frames(session)
    expected = place_book(frames_of(clients), RULES, today=TODAY).sort_index()
    pd.testing.assert_frame_equal(place_book(frames, RULES, today=TODAY), expected)


def test_a_firm_without_clients_has_empty_frames(store: Store, firm: FirmRow) -> None:
    with store.read(firm.id) as session:
        found = load_frames(session)
    assert place_book(found, RULES, today=TODAY).empty
    for name in COLUMNS:
        _assert_same(getattr(found, name), getattr(frames_of([]), name))


def test_another_firms_clients_are_in_no_frame(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    other = save_firm(store, "T0002", "Südstern Beratung")
    with store.write(firm.id) as session:
        save_client(session, "1", "Anna Huber", members["anna"].member_id)
    with store.read(other.id) as session:
        assert load_frames(session).clients.empty


def test_only_who_moved_is_noted_anew(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    anna = members["anna"].member_id
    # Given three clients, noted where they are placed: tier A, tier N, and not placed at all
    with store.write(firm.id) as session:
        a = save_client(session, "1", "Anna Huber", anna, revenue_cents=900_000)
        n = save_client(session, "2", "Bernd Keller", anna, revenue_cents=10_000)
        unknown = save_client(session, "3", "Carla Wendt", anna)
    assert _note(store, firm, TODAY) == [a, n, unknown]
    assert _note(store, firm, TODAY) == []
    # When the second one brings as much as the first
    with store.write(firm.id) as session:
        row = session.get(ClientRow, n)
        assert row is not None
        row.revenue_cents = 900_000
    # Then that one alone is noted, once
    assert _note(store, firm, TODAY) == [n]
    assert _note(store, firm, TODAY) == []
    with store.read(firm.id) as session:
        rows = session.exec(select(PlacementRow).order_by(PlacementRow.id)).all()  # type: ignore[arg-type]
    assert [(row.client_id, row.tier) for row in rows] == [
        (a, "A"), (n, "N"), (unknown, None), (n, "A"),
    ]  # fmt: skip


def test_where_clients_were_noted_is_read_alike_whichever_was_noted_first(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    # Given a client in each field, in an order that is not the matrix' own
    sides = {"MOVE": (40, 20), "MODEL": (80, 80), "FIX": (40, 80), "GROW": (80, 20)}
    clients = [in_field(*each, client_id=number) for number, each in enumerate(sides.values())]
    with store.write(firm.id) as session:
        save_book(session, clients, [members["anna"].member_id])
    # When the book is noted, and noted again
    assert len(_note(store, firm, TODAY)) == 4
    # Then nobody has moved
    assert _note(store, firm, TODAY) == []
    with store.read(firm.id) as session:
        noted = session.exec(select(PlacementRow.quadrant)).all()
    assert noted == list(sides)


def _note(store: Store, firm: FirmRow, today: date) -> list[int]:
    with store.write(firm.id) as session:
        placed, versions = (
            place_book(load_frames(session), RULES, today=today),
            client_versions(session),
        )
        moved = note_placed(session, placed, versions, rule_version=RULES.version, today=today)
        return [int(each) for each in moved.index]


def _assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Compare words by their text, whatever their order as categories."""
    words = [name for name, kind in expected.dtypes.items() if kind == "category"]
    texts = dict.fromkeys(words, object)
    expected = expected.drop(columns="sponsor_supports", errors="ignore").astype(texts)
    found = found.drop(columns="sponsor_supports", errors="ignore").astype(texts)
    pd.testing.assert_frame_equal(found, expected)
