"""A fictional firm and clients for tests."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, select

from domain.access import Member, Role
from storage.firms import list_members, save_member
from storage.store import Store
from storage.tables import ClientRow, FirmRow

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MEMBERS = (
    ("anna", "Anna Berger", Role.ADVISOR),
    ("jonas", "Jonas Keller", Role.ADVISOR),
    ("emily", "Emily Carter", Role.ADVISOR),
    ("vogt", "Petra Vogt", Role.LEAD),
)


def save_firm(store: Store, workspace_id: str, name: str) -> FirmRow:
    """Save a firm with the usual members; a test that needs a second firm calls it again."""
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
