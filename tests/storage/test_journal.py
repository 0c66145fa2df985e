"""The journal: what is in it stays as it was written, and whoever changes it is found out."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from storage.journal import Entry, Journal, Kind, as_ranges, by_member
from storage.sealing import Flaw, verify
from storage.store import Store, open_store

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIRM = 1
LOOK = Entry(
    kind=Kind.VIEW,
    actor=by_member(3),
    what="/segment",
    client_ids=(7,),
    place="direct:D0ANNA",
)


@pytest.fixture
def journal(store: Store) -> Journal:
    """Give the journal beside an empty store, with ten looks in it."""
    for minute in range(10):
        store.journal.append(FIRM, LOOK, at=NOON + timedelta(minutes=minute))
    return store.journal


class Intruder:
    """Somebody who may do anything in the database, its safeguards included."""

    def __init__(self, journal: Journal) -> None:
        self._engine = journal._engine
        self._in = "" if self._engine.dialect.name == "sqlite" else "journal."

    def do(self, statement: str) -> None:
        with self._engine.begin() as connection:
            connection.exec_driver_sql(statement.replace("~", self._in))

    def without_guards(self, statement: str) -> None:
        if self._in:
            self.do("ALTER TABLE ~entry DISABLE TRIGGER ALL")
        else:
            self.do("DROP TRIGGER entry_stays")
            self.do("DROP TRIGGER entry_kept")
        self.do(statement)


@pytest.fixture
def intruder(journal: Journal) -> Intruder:
    """Give somebody with all of the database's rights."""
    return Intruder(journal)


def test_what_was_written_is_read_back_in_order(journal: Journal) -> None:
    kept = list(journal.entries(FIRM))
    assert [each.seq for each in kept] == list(range(1, 11))
    assert kept[3].instant == NOON + timedelta(minutes=3)
    assert (kept[3].actor, kept[3].what, kept[3].place) == ("member:3", "/segment", "direct:D0ANNA")
    assert kept[3].names_client(7)
    assert not kept[3].names_client(70)
    assert verify(journal, FIRM).is_whole


def test_each_firm_has_a_chain_of_its_own(journal: Journal) -> None:
    journal.append(2, LOOK, at=NOON)
    assert [each.seq for each in journal.entries(2)] == [1]
    assert journal.firm_ids() == (FIRM, 2)
    assert verify(journal, 2).is_whole


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ~entry SET actor = 'member:4' WHERE seq = 5",
        "DELETE FROM ~entry WHERE seq = 5",
        "DELETE FROM ~entry",
    ],
)
def test_an_entry_can_neither_be_changed_nor_removed(
    journal: Journal, intruder: Intruder, statement: str
) -> None:
    with pytest.raises(DBAPIError, match="only added to"):
        intruder.do(statement)
    assert verify(journal, FIRM).entries == 10


@pytest.mark.parametrize(
    "column", ["at", "kind", "actor", "what", "client_ids", "fields", "place", "template", "hash"]
)
def test_one_changed_byte_is_found_in_whatever_column(
    journal: Journal, intruder: Intruder, column: str
) -> None:
    intruder.without_guards(f"UPDATE ~entry SET {column} = {column} || ' ' WHERE seq = 5")
    assert (5, Flaw.CHANGED) in verify(journal, FIRM).flaws


def test_one_flipped_byte_of_the_file_is_found(sqlite_address: str) -> None:
    store = open_store(sqlite_address)
    store.journal.append(FIRM, LOOK, at=NOON)
    path = store.journal.path
    store.close()
    assert path is not None
    content = path.read_bytes()
    assert content.count(b"member:3") == 1
    path.write_bytes(content.replace(b"member:3", b"member:2"))
    store = open_store(sqlite_address)
    assert verify(store.journal, FIRM).flaws == ((1, Flaw.CHANGED),)
    store.close()


def test_a_removed_entry_is_missed(journal: Journal, intruder: Intruder) -> None:
    intruder.without_guards("DELETE FROM ~entry WHERE seq = 5")
    assert verify(journal, FIRM).flaws == ((6, Flaw.MISSING),)


def test_a_cut_tail_is_missed(journal: Journal, intruder: Intruder) -> None:
    intruder.without_guards("DELETE FROM ~entry WHERE seq > 8")
    assert verify(journal, FIRM).flaws == ((10, Flaw.CUT),)


def test_a_tail_cut_together_with_its_head_is_missed_by_what_was_noted_elsewhere(
    journal: Journal, intruder: Intruder
) -> None:
    noted = {10: journal.head(FIRM).hash}
    kept = next(journal.entries(FIRM, after=7))
    intruder.without_guards("DELETE FROM ~entry WHERE seq > 8")
    intruder.do(f"UPDATE ~head SET seq = 8, hash = '{kept.hash}'")
    assert verify(journal, FIRM).is_whole
    assert verify(journal, FIRM, noted).flaws == ((10, Flaw.CUT),)
    journal.append(FIRM, LOOK, LOOK, at=NOON)
    assert verify(journal, FIRM, noted).flaws == ((10, Flaw.REPLACED),)


def test_removing_the_oldest_entries_unsaid_is_found(journal: Journal, intruder: Intruder) -> None:
    last = next(journal.entries(FIRM, after=2))
    intruder.without_guards("DELETE FROM ~entry WHERE seq <= 3")
    intruder.do(f"UPDATE ~head SET base_seq = 3, base_hash = '{last.hash}'")
    assert verify(journal, FIRM).flaws == ((3, Flaw.UNEXPLAINED_START),)


def test_entries_go_after_their_term_and_the_journal_says_so(journal: Journal) -> None:
    last = next(journal.entries(FIRM, after=2))
    gone = Entry(kind=Kind.PURGE, actor="clock", fields=(str(last.seq), last.hash))
    journal.append(FIRM, gone, at=NOON)
    journal.drop_until(FIRM, last)
    assert [each.seq for each in journal.entries(FIRM)] == list(range(4, 12))
    assert verify(journal, FIRM).is_whole


def test_a_reason_can_be_removed_and_the_seals_hold(journal: Journal) -> None:
    entry = Entry(kind=Kind.ERASE, actor=by_member(3), reason="Maria Huber asked for it")
    journal.append(FIRM, entry, at=NOON)
    (kept,) = journal.entries(FIRM, after=10)
    assert kept.reason == "Maria Huber asked for it"
    journal.drop_reasons(FIRM, [11])
    (kept,) = journal.entries(FIRM, after=10)
    assert kept.reason is None
    assert verify(journal, FIRM).is_whole


def test_a_changed_reason_is_found(journal: Journal, intruder: Intruder) -> None:
    entry = Entry(kind=Kind.ERASE, actor=by_member(3), reason="asked for")
    journal.append(FIRM, entry, at=NOON)
    intruder.do("UPDATE ~reason SET reason = 'was ordered to'")
    assert verify(journal, FIRM).flaws == ((11, Flaw.REASON_CHANGED),)


def test_a_request_is_new_once(journal: Journal) -> None:
    assert journal.first_time("Ev0001", at=NOON)
    assert not journal.first_time("Ev0001", at=NOON + timedelta(hours=1))
    journal.forget_requests(before=NOON + timedelta(hours=1))
    assert journal.first_time("Ev0001", at=NOON + timedelta(days=2))


DOORKEEPER = """
import os, signal, sys
from datetime import UTC, datetime
from storage.store import open_store

assert open_store(sys.argv[1]).journal.first_time("Ev0001", "click", at=datetime.now(UTC))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_program_let_in_before_it_was_killed_is_known_to_the_next(journal: Journal) -> None:
    assert journal.first_time("Ev0000", at=NOON)
    address = journal._engine.url.render_as_string(hide_password=False)
    store_address = address.replace(".journal.db", ".db")
    killed = subprocess.run([sys.executable, "-c", DOORKEEPER, store_address], cwd=Path.cwd())
    assert killed.returncode == -signal.SIGKILL
    assert not journal.first_time("Ev0001", at=NOON)
    assert not journal.first_time("Ev0002", "click", at=NOON)


def test_of_requests_that_come_at_once_one_is_the_first(journal: Journal) -> None:
    keys = [f"Ev{number}" for number in range(40)] * 8
    with ThreadPoolExecutor(8) as threads:
        firsts = list(threads.map(lambda key: journal.first_time(key, at=NOON), keys))
    let_in = [key for key, is_first in zip(keys, firsts, strict=True) if is_first]
    assert sorted(let_in) == sorted(set(keys))


def test_who_cannot_remember_a_request_in_time_says_so(sqlite_address: str) -> None:
    journal = open_store(sqlite_address).journal
    assert journal.first_time("Ev0001", at=NOON)
    with journal._engine.begin(), pytest.raises(DBAPIError, match="locked"):
        journal.first_time("Ev0002", at=NOON)
    assert journal.first_time("Ev0002", at=NOON)
    assert not journal.first_time("Ev0001", at=NOON)
    journal.close()


WRITER = """
import sys
from datetime import UTC, datetime
from storage.journal import Entry, Kind
from storage.store import open_store

store = open_store(sys.argv[1])
for n in range(200):
    entry = Entry(kind=Kind.VIEW, actor=f"member:{sys.argv[2]}", client_ids=(n,))
    store.journal.append(1, entry, at=datetime.now(UTC))
store.close()
"""


def test_programs_that_write_at_once_do_not_fork_the_chain(store: Store) -> None:
    address = store.engine.url.render_as_string(hide_password=False)
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, address, str(number)], cwd=Path.cwd())
        for number in (1, 2, 3)
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    kept = list(store.journal.entries(FIRM))
    assert [each.seq for each in kept] == list(range(1, 601))
    assert {each.actor for each in kept} == {"member:1", "member:2", "member:3"}
    assert verify(store.journal, FIRM).is_whole


def test_a_whole_book_is_written_in_a_few_characters() -> None:
    assert as_ranges([*range(1, 100_001), 100_005, 100_003]) == "1-100000,100003,100005"


def test_the_journal_does_not_wait_for_a_writer_of_the_store(sqlite_address: str) -> None:
    store = open_store(sqlite_address)
    with store.write(None) as session:
        session.connection().execute(sa.text("UPDATE firm SET name = name"))
        store.journal.append(FIRM, LOOK, at=NOON)
    assert store.journal.head(FIRM).seq == 1
    store.close()
