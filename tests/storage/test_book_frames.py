"""A firm's frames from the store: what its clients' values give, and who is noted as moved."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pandas as pd
from sqlmodel import Session, select

from domain.access import Member
from domain.book import place_book
from domain.frames import COLUMNS, frames_of
from domain.model import Client
from domain.rulebook import RuleBook
from storage.book_frames import client_versions, load_frames, note_placed
from storage.clients import load_book
from storage.store import Store
from storage.tables import (
    ClientRow,
    DecisionRow,
    FirmRow,
    HoldingRow,
    LegacyRow,
    OverrideRow,
    PlacementRow,
    SatisfactionRow,
    StrategicRow,
    TraitRow,
    WalletRow,
)
from tests.domain.drawn import a_book
from tests.domain.examples import TODAY, in_field
from tests.firms import NOW, save_client, save_firm

RULES = RuleBook()


def test_a_firms_frames_are_those_of_its_clients(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    advisors = [member.member_id for member in members.values()]
    with store.write(firm.id) as session:
        _save(session, a_book(Random(5), 120, RULES, TODAY), advisors)
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
        _save(session, a_book(Random(6), 120, RULES, TODAY), advisors)
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
        _save(session, clients, [members["anna"].member_id])
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


def _save(session: Session, clients: Iterable[Client], advisors: list[int]) -> None:
    """Save drawn clients; only facts that the store can keep apart, and ties within the book."""
    every = list(clients)
    ids = {}
    for client in every:
        ids[client.client_id] = save_client(
            session,
            client.external_id,
            client.name,
            advisors[client.advisor_id % len(advisors)],
            revenue_cents=_hundredths(client.revenue),
            income_cents=_hundredths(client.income),
            saving_rate_bp=_hundredths(client.saving_rate_pct),
            business_share_bp=_hundredths(client.business_share_pct),
            former_since=client.former_since,
        )
    for client in every:
        for row in _facts(client, ids):
            session.add(row)
            session.flush()


def _facts(client: Client, ids: dict[int, int]) -> Iterable[Any]:
    whose: dict[str, Any] = {"client_id": ids[client.client_id]}
    said = whose | {"recorded_by": "test", "recorded_at": NOW}
    for score in {(s.measured_on, s.scale): s for s in client.satisfactions}.values():
        yield SatisfactionRow(
            **said,
            score_hundredths=int(score.score * 100),
            scale=score.scale,
            measured_on=score.measured_on,
        )
    for wallet in {(w.known_on, w.source): w for w in client.wallets}.values():
        yield WalletRow(
            **said,
            source=wallet.source,
            known_on=wallet.known_on,
            wallet_cents=_hundredths(wallet.wallet),
            share_bp=_hundredths(wallet.share_pct),
            providers=wallet.providers,
            rank_hundredths=_hundredths(wallet.rank),
        )
    for holding in {h.held_on: h for h in client.holdings}.values():
        cents = int(holding.managed * 100)
        yield HoldingRow(**whose, managed_cents=cents, held_on=holding.held_on)
    for case in {s.criterion: s for s in client.strategic}.values():
        days: dict[str, Any] = {"noted_on": case.noted_on, "recheck_on": case.recheck_on}
        yield StrategicRow(**whose, criterion=case.criterion, **days)
    for tie in client.legacy:
        if tie.sponsor.client_id in ids:
            sponsor_id = ids[tie.sponsor.client_id]
            yield LegacyRow(**whose, relation=tie.relation, sponsor_id=sponsor_id)
    for each in client.overrides:
        days = {"first_day": each.first_day, "last_day": each.last_day}
        yield OverrideRow(**whose, tier=each.tier, reason="", by="test", **days)
    for made in client.decisions:
        days = {"decided_on": made.decided_on, "recheck_on": made.recheck_on}
        yield DecisionRow(**whose, kind=made.kind, reason="", by="test", **days)
    for trait in {(t.kind, t.noted_on): t for t in client.traits}.values():
        seen: dict[str, Any] = {
            "kind": trait.kind,
            "value": trait.value,
            "noted_on": trait.noted_on,
        }
        yield TraitRow(**said, **seen)


def _hundredths(value: Decimal | None) -> int | None:
    return None if value is None else int(value * 100)
