"""A million clients come in through the terminal, and once more with some of them changed."""

import os
import pty
import shutil
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import func, select

from benchmarks.importing import ADVISORS, CHANGED, file_of
from domain.access import Role
from storage.firms import find_firm, save_member
from storage.store import open_store
from storage.tables import ClientRow, ImportRow
from tests.firms import save_firm

ROWS = 1_000_000
MOST_KILOBYTES = 1 << 20
TIERWISE = "from bot.cli import main; main()"

pytestmark = pytest.mark.soak


@pytest.fixture
def address(tmp_path: Path, sqlite_template: Path) -> str:
    """Give the address of a store with one firm and ten advisors."""
    shutil.copy(sqlite_template, tmp_path / "store.db")
    address = f"sqlite:///{tmp_path / 'store.db'}"
    with closing(open_store(address)) as store:
        firm = save_firm(store, "T0001", "Nordlicht Vermögen")
        with store.write(firm.id) as session:
            for number in range(ADVISORS):
                save_member(session, key=f"a{number}", name="", role=Role.ADVISOR, team="all")
    return address


def imported(path: Path, address: str) -> tuple[str, int]:
    """Import a file at a terminal; return what was printed, and the most memory taken."""
    ours, theirs = pty.openpty()
    typed = (sys.executable, "-c", TIERWISE, "--database", address, "--locale", "en-GB", "import")
    child = os.posix_spawn(
        sys.executable,
        (*typed, str(path), "--yes"),
        {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        file_actions=[(os.POSIX_SPAWN_DUP2, theirs, each) for each in range(3)],
    )
    os.close(theirs)
    printed: list[bytes] = []
    reader = threading.Thread(target=_read, args=(ours, printed))
    reader.start()
    _, status, usage = os.wait4(child, 0)
    reader.join()
    os.close(ours)
    text = b"".join(printed).decode()
    assert os.waitstatus_to_exitcode(status) == 0, text
    return text, usage.ru_maxrss


def _read(terminal: int, printed: list[bytes]) -> None:
    while True:
        try:
            part = os.read(terminal, 1 << 16)
        except OSError:  # Linux says so when the other side is closed
            return
        if not part:
            return
        printed.append(part)


def test_a_million_clients_are_imported_within_a_gigabyte_and_again_with_changes(
    address: str, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(file_of(ROWS))
    text, kilobytes = imported(path, address)
    assert "Importing …" in text, "a bar shows how far it is"
    assert f"Imported: {ROWS:,} new, 0 changed, 0 unchanged." in text
    assert kilobytes <= MOST_KILOBYTES
    path.write_bytes(file_of(ROWS, changed=True))
    text, kilobytes = imported(path, address)
    assert f"Imported: 0 new, {ROWS // CHANGED:,} changed, " in text
    assert kilobytes <= MOST_KILOBYTES
    with closing(open_store(address)) as store:
        with store.read(None) as session:
            firm = find_firm(session, "T0001")
        assert firm is not None
        with store.read(firm.id) as session:
            assert session.exec(select(func.count()).select_from(ClientRow)).one() == ROWS
            assert session.exec(select(func.count()).select_from(ImportRow)).one() == 2
