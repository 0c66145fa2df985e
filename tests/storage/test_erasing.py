"""Erasing a client: no trace of the name is left, the journal holds, and terms are kept."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from domain.access import Member
from domain.exports import ExportRequest
from storage.clients import names_of
from storage.edits import begin_edit
from storage.erasing import (
    ErasedAlreadyError,
    NotApprovedError,
    SamePersonError,
    approve,
    ask_to_erase,
    end,
    erase,
    erased_as,
    proof_of,
    purge_erased,
)
from storage.exports import list_exports, lock_export, mark_fetched
from storage.journal import Entry, Kind
from storage.retention import Records, TermError, purge, purge_journal, set_term, terms_of
from storage.sealing import verify
from storage.search import find_clients, index_names
from storage.store import WORKER_PATIENCE_S, Store
from storage.tables import (
    ClientEventRow,
    ClientRow,
    DeliveryRow,
    DiagnosisRow,
    ErasureRow,
    ExportRow,
    FirmRow,
    HoldingRow,
    ImportRow,
    ImportStageRow,
    Table,
)
from tests.firms import save_client

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PURGE_ON = date(2031, 11, 24)
NAME = "Xaveria *Hübner* & Söhne"
"""With all that Slack and JSON write otherwise."""
OTHER = "Karl Sommer"
REASON = "Frau Hübner hat darum gebeten"


class Case:
    """A client whose name stands wherever a name may come to stand."""

    def __init__(self, store: Store, firm_id: int, members: dict[str, Member]) -> None:
        self.store, self.firm_id = store, firm_id
        anna = members["anna"].member_id
        by: dict[str, Any] = {"recorded_by": "anna", "recorded_at": NOW}
        with store.write(firm_id) as session:
            self.client_id = save_client(session, "N-4711", NAME, anna, revenue_cents=900_000)
            self.other_id = save_client(session, "N-1", OTHER, anna)
            index_names(session, [self.client_id, self.other_id])
            session.add(
                HoldingRow(client_id=self.client_id, managed_cents=100, held_on=date(2026, 1, 1))
            )
        with store.write(firm_id) as session:
            edit = begin_edit(session, self.client_id, by="anna", at=NOW)
            edit.set_client(name=f"{NAME} ")
            edit.set_client(name=NAME)
            other = begin_edit(session, self.other_id, by="anna", at=NOW)
            cause = f"Schwager von {NAME}"
            other.put(
                DiagnosisRow(
                    client_id=self.other_id, cause=cause, action="", noted_on=NOW.date(), **by
                )
            )
        body = {
            "text": NAME,
            "blocks": [{"text": "Xaveria \u2060*\u2060Hübner\u2060*\u2060 &amp;"}],
        }
        with store.write(firm_id) as session:
            for period, state in (("2026-W47", "sent"), ("2026-W48", "due")):
                session.add(
                    DeliveryRow(
                        member_id=anna,
                        kind="weekly",
                        period=period,
                        due_at=NOW,
                        marker=period,
                        state=state,
                        next_try_at=NOW,
                        body=body,
                    )
                )
            session.add(
                ImportStageRow(
                    stage="s",
                    staged_at=NOW,
                    client_id=self.client_id,
                    external_id="N-4711",
                    name=NAME,
                    advisor_id=anna,
                    before={"client": {"name": NAME}},
                )
            )
            session.add(
                ImportRow(
                    file_hash="x",
                    file_name=f"{NAME}.csv",
                    created=1,
                    changed=0,
                    unchanged=0,
                    imported_by="anna",
                    imported_at=NOW,
                )
            )
            session.add(
                ClientEventRow(
                    team="team",
                    owner_id=anna,
                    name=f"Essen mit {NAME}",
                    day=NOW.date(),
                    at=NOW.time(),
                    ends_at=NOW.time(),
                    zone="Europe/Berlin",
                    seats=2,
                    service="dinner",
                    tiers=[],
                    uid="u",
                    saved_by="anna",
                    saved_at=NOW,
                )
            )
            session.add(ExportRow(member_id=anna, asked_at=NOW, reason=f"Wunsch von {NAME}"))
        look = Entry(kind=Kind.VIEW, actor="member:1", client_ids=(self.client_id,), reason=NAME)
        store.journal.append(firm_id, look, at=NOW)

    def ask(self) -> None:
        with self.store.write(self.firm_id) as session:
            ask_to_erase(session, self.client_id, by="member:1", reason="asked for", at=NOW)

    def approve(self, by: str = "member:2") -> None:
        with self.store.write(self.firm_id) as session:
            approve(session, self.client_id, by=by, at=NOW)

    def erase(self) -> ErasureRow:
        self.ask()
        self.approve()
        done = erase(self.store, self.firm_id, self.client_id, at=NOW, purge_on=PURGE_ON)
        assert done.is_clean
        return done.record


@pytest.fixture
def case(store: Store, firm: FirmRow, members: dict[str, Member]) -> Case:
    """Give a client to be erased, in a store of each kind."""
    assert firm.id is not None
    return Case(store, firm.id, members)


def hits(store: Store, folder: Path) -> list[str]:
    """List where a word of the name still stands: in each file byte by byte, or row by row."""
    words = ("Xaveria", "xaveria", "Hübner", "hubner", "huebner", "H\\u00fcbner", "N-4711")
    if store.engine.dialect.name == "sqlite":
        files = [each for each in folder.iterdir() if each.is_file()]
        return [
            f"{word} in {file.name}"
            for file in files
            for word in words
            if word.encode() in file.read_bytes()
        ]
    found = []
    with store.engine.connect() as connection:
        names = [f'"{each.name}"' for each in Table.metadata.sorted_tables]
        for table in (*names, "journal.entry", "journal.reason"):
            rows = connection.execute(sa.text(f"SELECT t::text FROM {table} t")).scalars()
            found += [f"{word} in {table}" for row in rows for word in words if word in row]
    return found


def test_after_an_erasure_no_word_of_the_name_is_left_anywhere(case: Case, tmp_path: Path) -> None:
    assert hits(case.store, tmp_path)
    case.erase()
    assert hits(case.store, tmp_path) == []
    case.store.close()
    assert hits(case.store, tmp_path) == []


def test_the_journal_still_verifies_and_says_what_was_done_by_whom(case: Case) -> None:
    record = case.erase()
    assert verify(case.store.journal, case.firm_id).is_whole
    kept = [e for e in case.store.journal.entries(case.firm_id) if e.kind == Kind.ERASE]
    assert [each.fields for each in kept] == [
        "requested", "approved", ",".join(sorted(("erased", str(record.proof))))
    ]  # fmt: skip
    assert kept[0].reason == "asked for"
    assert record.proof == proof_of(record)


def test_she_is_found_no_more_and_figures_stay_without_her_name(case: Case) -> None:
    case.erase()
    with case.store.read(case.firm_id) as session:
        reach = {1, 2, 3, 4}
        assert find_clients(session, "Xaveria", reach, limit=5).hits == ()
        assert names_of(session, [case.client_id]) == {case.client_id: f"#{case.client_id}"}
        row = session.get_one(ClientRow, case.client_id)
        assert (row.revenue_cents, row.former_since) == (900_000, NOW.date())
        note = session.exec(select(DiagnosisRow.cause)).one()
        assert note == "Schwager von […]"
        assert names_of(session, [case.other_id]) == {case.other_id: OTHER}


def test_messages_are_forgotten_and_one_still_to_be_sent_is_written_anew(case: Case) -> None:
    case.erase()
    with case.store.read(case.firm_id) as session:
        bodies = session.exec(select(DeliveryRow.body).order_by(DeliveryRow.period)).all()
    assert bodies == [None, None]


def test_nobody_is_erased_without_the_approval_of_somebody_else(case: Case) -> None:
    with pytest.raises(NotApprovedError):
        case.approve()
    case.ask()
    with pytest.raises(NotApprovedError):
        erase(case.store, case.firm_id, case.client_id, at=NOW, purge_on=PURGE_ON)
    with pytest.raises(SamePersonError):
        case.approve(by="member:1")
    with case.store.read(case.firm_id) as session:
        assert session.get_one(ClientRow, case.client_id).name == NAME


def test_what_was_withdrawn_begins_anew_and_what_is_done_is_not_withdrawn(case: Case) -> None:
    def end_it(by: str) -> None:
        with case.store.write(case.firm_id) as session:
            end(session, case.client_id, by=by, reason="", at=NOW)

    with pytest.raises(NotApprovedError):
        end_it("member:1")
    for by in ("member:1", "member:2"):
        case.ask()
        case.approve()
        end_it(by)
        with pytest.raises(NotApprovedError):
            erase(case.store, case.firm_id, case.client_id, at=NOW, purge_on=PURGE_ON)
        with pytest.raises(NotApprovedError):
            case.approve()
        case.ask()
        with pytest.raises(NotApprovedError):  # the earlier approval does not count
            erase(case.store, case.firm_id, case.client_id, at=NOW, purge_on=PURGE_ON)
    case.erase()
    with pytest.raises(ErasedAlreadyError):
        end_it("member:1")


def test_while_one_fetches_a_file_nobody_else_can(case: Case) -> None:
    seen: list[ExportRequest | None] = []
    is_in = Event()

    def look() -> None:
        with case.store.write(case.firm_id, patience_s=WORKER_PATIENCE_S) as session:
            is_in.set()
            seen.append(lock_export(session, request.request_id))

    with case.store.write(case.firm_id) as session:
        (request,) = list_exports(session, at_most=20)
        lock_export(session, request.request_id)
        second = Thread(target=look)
        second.start()
        is_in.wait(1)  # SQLite lets no second writer in
        second.join(0.5)  # PostgreSQL has it wait for the row
        mark_fetched(session, request.request_id, NOW, at=NOW)
    second.join()
    assert [each and each.fetched_at for each in seen] == [NOW]


def test_who_types_the_name_or_number_again_is_told_when_it_was_erased(case: Case) -> None:
    case.erase()
    with case.store.read(case.firm_id) as session:
        for typed in (NAME, NAME.upper(), "N-4711"):
            found = erased_as(session, typed)
            assert found is not None
            assert found.erased_at == NOW
        assert erased_as(session, OTHER) is None


def test_what_had_to_be_kept_goes_when_its_term_is_over(case: Case) -> None:
    case.erase()
    day = datetime(2031, 11, 23, tzinfo=UTC)
    assert purge_erased(case.store, case.firm_id, now=day) == 0
    assert purge_erased(case.store, case.firm_id, now=day + timedelta(days=1)) == 1
    with case.store.read(case.firm_id) as session:
        assert session.exec(select(ClientRow.id)).all() == [case.other_id]
        assert session.exec(select(HoldingRow)).all() == []
        assert session.exec(select(ErasureRow.purged_at)).one() == day + timedelta(days=1)


def test_what_is_older_than_its_term_is_removed_and_nothing_younger(case: Case) -> None:
    before = case.store.journal.head(case.firm_id).seq
    later = datetime(2031, 11, 25, tzinfo=UTC)
    case.store.journal.append(case.firm_id, Entry(kind=Kind.VIEW, actor="member:1"), at=later)
    assert purge(case.store, case.firm_id, now=NOW)[Records.JOURNAL] == 0
    with case.store.read(case.firm_id) as session:
        assert len(list_exports(session, at_most=20)) == 1
    gone = purge(case.store, case.firm_id, now=later)
    assert gone[Records.JOURNAL] == before
    assert gone[Records.EDITS] == 3
    assert gone[Records.MESSAGES] == 1
    assert gone[Records.IMPORTS] == 1
    with case.store.read(case.firm_id) as session:
        assert list_exports(session, at_most=20) == []
    assert verify(case.store.journal, case.firm_id).is_whole
    kinds = [each.kind for each in case.store.journal.entries(case.firm_id)]
    assert kinds == [Kind.VIEW, Kind.PURGE]


def test_a_firm_sets_its_own_terms(case: Case) -> None:
    with case.store.write(case.firm_id) as session:
        set_term(session, Records.MESSAGES, 12)
        with pytest.raises(TermError):
            set_term(session, Records.EDITS, 0)
    with case.store.read(case.firm_id) as session:
        assert terms_of(session)[Records.MESSAGES] == 12
        assert terms_of(session)[Records.JOURNAL] == 60
    later = NOW + timedelta(days=200)
    assert purge(case.store, case.firm_id, now=later)[Records.MESSAGES] == 0


def test_a_long_journal_is_shortened_in_steps(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.retention.AT_ONCE", 2)
    count = case.store.journal.head(case.firm_id).seq
    late = NOW + timedelta(days=1)
    assert purge_journal(case.store.journal, case.firm_id, late, at=late) == count
    assert verify(case.store.journal, case.firm_id).is_whole
