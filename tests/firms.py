"""A fictional firm and clients for tests."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, select

from domain.access import Member, Role
from storage.firms import find_firm, list_members, save_member
from storage.search import index_all
from storage.store import Store
from storage.tables import ClientRow, FirmRow, HoldingRow, MemberRow

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MEMBERS = (
    ("anna", "Anna Berger", Role.ADVISOR),
    ("jonas", "Jonas Keller", Role.ADVISOR),
    ("emily", "Emily Carter", Role.ADVISOR),
    ("vogt", "Petra Vogt", Role.LEAD),
)
NAMES = ("Maria Huber", "Hans Bergmann")
"""Of clients of each of the twin's people, as many tests have them."""


TWIN = "T0ZWILLING"
FAR = datetime(2099, 1, 1, tzinfo=UTC)
"""Before that the twin is owed no message, and its book need not be placed."""


def save_twin(store: Store, members: Sequence[tuple[str, str, Role, str]], team: str) -> None:
    """Save another firm with the same people, accounts and clients, once: it must never be seen.

    Whatever forgets to ask for the firm finds each person, number and name twice.
    """
    with store.write(None) as session:
        if find_firm(session, TWIN) is not None:
            return
        twin = FirmRow(workspace_id=TWIN, name="Zwilling", created_at=NOW, placed_on=FAR.date())
        session.add(twin)
        session.flush()
        firm_id = twin.id
    with store.write(firm_id) as session:
        people = [
            MemberRow(
                key=key, name=person, role=role, team=team, slack_user_id=account, linked_at=FAR
            )
            for key, person, role, account in members
        ]
        session.add_all(people)
        session.flush()
        clients = [client for each in people for client in _twin_clients(each)]
        session.add_all(clients)
        session.flush()
        session.add_all(
            HoldingRow(client_id=each.id, managed_cents=7_777_700, held_on=NOW.date())
            for each in clients
        )
        index_all(session)


def _twin_clients(advisor: MemberRow) -> list[ClientRow]:
    """Make the clients of one of the twin's people."""
    named = [(f"{advisor.key}-{number}", name) for number, name in enumerate(NAMES)]
    named.append((f"100{advisor.id}", f"Kunde von {advisor.key}"))
    figures = {"revenue_cents": 77_700, "revenue_on": NOW.date()}
    return [
        ClientRow(external_id=number, name=name, advisor_id=advisor.id, **figures)
        for number, name in named
    ]


def save_firm(store: Store, workspace_id: str, name: str) -> FirmRow:
    """Save a firm with the usual members, beside its twin; a second firm is saved likewise."""
    accounts = [(key, person, role, f"U0{key.upper()}") for key, person, role in MEMBERS]
    save_twin(store, accounts, "private clients")
    with store.write(None) as session:
        session.add(FirmRow(workspace_id=workspace_id, name=name, created_at=NOW))
    with store.read(None) as session:
        saved = session.exec(select(FirmRow).where(FirmRow.workspace_id == workspace_id)).one()
    with store.write(saved.id) as session:
        for key, person, role in MEMBERS:
            save_member(session, key=key, name=person, role=role, team="private clients")
    return saved


def members_of(store: Store, firm: FirmRow) -> dict[str, Member]:
    """Return a firm's members by key."""
    with store.read(firm.id) as session:
        return {member.key: member for member in list_members(session)}


def save_client(
    session: Session, external_id: str, name: str, advisor_id: int, **figures: Any
) -> int:
    """Save a client and return its id."""
    row = ClientRow(external_id=external_id, name=name, advisor_id=advisor_id, **figures)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id
