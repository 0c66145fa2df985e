"""A client file changes what it says and nothing else, all of it or nothing."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event  # noqa: F401 - sa.event
from sqlmodel import col, func, select

from domain.access import Member
from domain.model import Client, Criterion, Relation, Scale, TraitKind, WalletSource
from domain.rulebook import RuleBook
from storage.clients import load_book
from storage.files.book_file import BookFile, read_book
from storage.files.options import TERMINAL_LIMITS, ReadOptions
from storage.importing import (
    ImportPlan,
    ImportRefusedError,
    ImportResult,
    NoteCode,
    PlanOutdatedError,
    ProblemCode,
)
from storage.migrate import migrate
from storage.planning import plan_import
from storage.search import find_clients
from storage.staging import apply_import
from storage.store import Store, open_store
from storage.tables import ClientRow, FirmRow, ImportRow, MemberRow, NameTokenRow
from storage.undoing import undo_import
from tests.firms import NOW, save_firm

TODAY = date(2026, 3, 2)
LATER = date(2026, 4, 1)
HEADER = (
    "client_id;name;advisor;revenue;managed;wallet;wallet_source;wallet_on;satisfaction;"
    "satisfaction_scale;satisfaction_on;income;client_since;criterion;relation;sponsor"
)
HUBER = (
    "1001;Familie Huber;anna;6000;400000;500000;stated;2026-01-15;82;csi;2026-02-01;;2015-04-01;;;"
)
KELLER = "1002;Jonas Keller GmbH;jonas;2500,50;100000;;;;4,5;csat;2026-02-03;;2020-01-01;henry;;"
LENA = "1003;Lena Huber;Anna Berger;300;;;;;;;;;;;child;1001"


def book_file(*rows: str, header: str = HEADER, day: date = TODAY) -> BookFile:
    data = "\n".join((header, *rows)).encode()
    options = ReadOptions(separator=";", number_format="de")
    return read_book(data, options=options, limits=TERMINAL_LIMITS, today=day)


class Desk:
    """Imports files into one firm."""

    def __init__(self, store: Store, firm: FirmRow) -> None:
        self.store, self.firm = store, firm

    def plan(self, file: BookFile, *, day: date = TODAY, **options: Any) -> ImportPlan:
        with self.store.read(self.firm.id) as session:
            return plan_import(session, file, **{"advisors_allowed": None, "today": day, **options})

    def apply(self, plan: ImportPlan, **options: Any) -> ImportResult:
        assert self.firm.id is not None
        return apply_import(
            self.store, self.firm.id, plan, by="vogt", at=NOW, file_name="book.csv", **options
        )

    def undo(self) -> ImportRow:
        assert self.firm.id is not None
        return undo_import(self.store, self.firm.id, by="vogt", at=NOW)

    def bring_in(self, *rows: str, day: date = TODAY) -> ImportResult:
        return self.apply(self.plan(book_file(*rows, day=day), day=day))

    def clients(self) -> dict[str, Client]:
        with self.store.read(self.firm.id) as session:
            advisors = session.exec(select(MemberRow.id)).all()
            ids = [each for each in advisors if each is not None]
            book = load_book(session, ids, RuleBook(), today=LATER)
            return {client.external_id: client for client in book}

    def count(self, table: type[Any]) -> int:
        with self.store.read(self.firm.id) as session:
            return session.exec(select(func.count()).select_from(table)).one()


@pytest.fixture
def desk(store: Store, firm: FirmRow) -> Desk:
    return Desk(store, firm)


def _codes(plan: ImportPlan) -> list[tuple[int, str]]:
    return [(problem.row, problem.code) for problem in plan.problems]


def test_a_first_import_keeps_every_column(desk: Desk, members: dict[str, Member]) -> None:
    plan = desk.plan(book_file(HUBER, KELLER, LENA))
    assert (plan.new.count, plan.changed.count, plan.unchanged, plan.problems) == (3, 0, 0, ())
    assert desk.clients() == {}
    result = desk.apply(plan)
    clients = desk.clients()
    huber, keller, lena = clients["1001"], clients["1002"], clients["1003"]
    assert set(result.touched) == {huber.client_id, keller.client_id, lena.client_id}
    assert huber.name == "Familie Huber"
    assert huber.advisor_id == lena.advisor_id == members["anna"].member_id
    assert keller.advisor_id == members["jonas"].member_id
    assert (huber.revenue, huber.revenue_on) == (Decimal(6000), TODAY)
    assert keller.revenue == Decimal("2500.50")
    assert huber.client_since == date(2015, 4, 1)
    assert [(s.score, s.scale, s.measured_on) for s in huber.satisfactions] == [
        (Decimal(82), Scale.CSI, date(2026, 2, 1))
    ]
    assert [(s.score, s.scale) for s in keller.satisfactions] == [(Decimal("4.5"), Scale.CSAT)]
    assert [(w.wallet, w.source, w.known_on) for w in huber.wallets] == [
        (Decimal(500000), WalletSource.STATED, date(2026, 1, 15))
    ]
    assert [(h.managed, h.held_on) for h in huber.holdings] == [(Decimal(400000), TODAY)]
    assert [(s.criterion, s.noted_on) for s in keller.strategic] == [(Criterion.HENRY, TODAY)]
    assert [(t.relation, t.sponsor.client_id) for t in lena.legacy] == [
        (Relation.CHILD, huber.client_id)
    ]


def test_an_imported_client_is_found_by_name(desk: Desk, members: dict[str, Member]) -> None:
    desk.bring_in(HUBER, KELLER)
    desk.bring_in(HUBER.replace("Familie Huber", "Familie Zimmermann"), KELLER)
    with desk.store.read(desk.firm.id) as session:
        anna = [members["anna"].member_id]
        assert [hit.name for hit in find_clients(session, "zimermann", anna).hits] == [
            "Familie Zimmermann"
        ]
        assert find_clients(session, "huber", anna).hits == ()


def test_the_same_file_again_changes_nothing_and_says_who_imported_it(desk: Desk) -> None:
    desk.bring_in(HUBER, KELLER, LENA)
    again = desk.plan(book_file(HUBER, KELLER, LENA), day=LATER)
    assert (again.new.count, again.changed.count, again.unchanged) == (0, 0, 3)
    assert again.earlier is not None
    assert (again.earlier.by, again.earlier.at) == ("vogt", NOW)
    before = desk.clients()
    result = desk.apply(again)
    assert (result.created, result.changed, result.unchanged, result.touched) == (0, 0, 3, ())
    assert result.earlier == again.earlier
    assert desk.count(ImportRow) == 1
    assert desk.clients() == before


def test_a_changed_file_changes_only_what_differs(desk: Desk) -> None:
    desk.bring_in(HUBER, KELLER, LENA)
    moved = HUBER.replace(";6000;400000;", ";6500;410000;")
    plan = desk.plan(book_file(moved, KELLER, LENA, day=LATER), day=LATER)
    assert (plan.new.count, plan.changed.count, plan.unchanged) == (0, 1, 2)
    change = plan.changed.first[0]
    assert (change.row, change.external_id) == (2, "1001")
    assert change.values == {
        "revenue": (600000, 650000),
        "managed": ((40000000,), (LATER, 41000000)),
    }
    result = desk.apply(plan)
    huber = desk.clients()["1001"]
    assert result.touched == (huber.client_id,)
    assert (huber.revenue, huber.revenue_on) == (Decimal(6500), LATER)
    assert [(h.managed, h.held_on) for h in huber.holdings] == [
        (Decimal(400000), TODAY),
        (Decimal(410000), LATER),
    ]
    with desk.store.read(desk.firm.id) as session:
        versions = dict(session.exec(select(ClientRow.external_id, ClientRow.version)).all())
    assert versions == {"1001": 2, "1002": 1, "1003": 1}


def test_an_empty_cell_never_erases_what_is_known(desk: Desk) -> None:
    desk.bring_in(HUBER)
    before = desk.clients()["1001"]
    desk.bring_in("1001;Familie Huber;;;;;;;;;;90000;;;;")
    after = desk.clients()["1001"]
    assert after.income == Decimal(90000)
    assert (after.revenue, after.wallets, after.holdings) == (
        before.revenue,
        before.wallets,
        before.holdings,
    )
    assert after.advisor_id == before.advisor_id


JUDGED = "client_id;name;advisor;trust;trust_on;referrals;providers;provider_rank;ranked_on"


def test_judgements_and_our_place_among_providers_are_kept_corrected_and_taken_back(
    desk: Desk,
) -> None:
    rows = ("1;Huber;anna;4;2026-02-01;3;3;1,5;2026-01-15", "2;Keller;anna;;;0;;;")
    desk.apply(desk.plan(book_file(*rows, header=JUDGED)))
    first = desk.clients()
    assert {(t.kind, t.value, t.noted_on) for t in first["1"].traits} == {
        (TraitKind.TRUST, 4, date(2026, 2, 1)),
        (TraitKind.REFERRALS, 3, TODAY),
    }
    assert [(w.source, w.providers, w.rank, w.known_on) for w in first["1"].wallets] == [
        (WalletSource.RULE, 3, Decimal("1.5"), date(2026, 1, 15))
    ]
    assert [(t.kind, t.value) for t in first["2"].traits] == [(TraitKind.REFERRALS, 0)]
    assert desk.plan(book_file(*rows, header=JUDGED), day=LATER).unchanged == 2
    newer = ("1;Huber;anna;5;2026-02-01;4;2;1;2026-03-20", "2;Keller;anna;;;;;;")
    plan = desk.plan(book_file(*newer, header=JUDGED, day=LATER), day=LATER)
    assert plan.changed.first[0].values == {
        "trust": ((4,), (date(2026, 2, 1), 5)),
        "referrals": ((3,), (LATER, 4)),
        "provider_rank": (None, (date(2026, 3, 20), 2, 100)),
    }
    desk.apply(plan)
    second = desk.clients()["1"]
    assert sorted((t.value, t.noted_on) for t in second.traits) == [
        (3, TODAY), (4, LATER), (5, date(2026, 2, 1)),
    ]  # fmt: skip
    assert [w.providers for w in second.wallets] == [3, 2]
    desk.undo()
    assert desk.clients() == first


def test_a_newer_satisfaction_is_added_and_one_of_the_same_day_corrected(desk: Desk) -> None:
    desk.bring_in(HUBER)
    desk.bring_in(HUBER.replace(";82;csi;2026-02-01", ";75;csi;2026-02-20"))
    desk.bring_in(HUBER.replace(";82;csi;2026-02-01", ";70;csi;2026-02-20"))
    scores = [(s.score, s.measured_on) for s in desk.clients()["1001"].satisfactions]
    assert scores == [(Decimal(82), date(2026, 2, 1)), (Decimal(70), date(2026, 2, 20))]


def test_clients_missing_from_the_file_are_kept_and_counted(desk: Desk) -> None:
    desk.bring_in(HUBER, KELLER)
    plan = desk.plan(book_file(HUBER))
    assert plan.not_in_file.count == 1
    assert plan.not_in_file.first[0].name == "Jonas Keller GmbH"
    desk.apply(plan)
    assert set(desk.clients()) == {"1001", "1002"}


def test_an_advisor_is_taken_by_key_or_by_a_name_that_only_one_bears(
    desk: Desk, members: dict[str, Member]
) -> None:
    with desk.store.write(desk.firm.id) as session:
        for key in ("meier1", "meier2"):
            session.add(MemberRow(key=key, name="Eva Meier", role="advisor"))
        session.add(MemberRow(key="gone", name="Udo Alt", role="advisor", is_active=False))
    rows = (
        "1;Eins;ANNA;;;;;;;;;;;;;",
        "2;Zwei;Keller, Jonas;;;;;;;;;;;;;",
        "3;Drei;Eva Meier;;;;;;;;;;;;;",
        "4;Vier;nobody;;;;;;;;;;;;;",
        "5;Fünf;gone;;;;;;;;;;;;;",
        "6;Sechs;;;;;;;;;;;;;;",
        "7;Sieben;meier2;;;;;;;;;;;;;",
    )
    plan = desk.plan(book_file(*rows))
    assert _codes(plan) == [
        (4, ProblemCode.ADVISOR_AMBIGUOUS),
        (5, ProblemCode.ADVISOR_UNKNOWN),
        (6, ProblemCode.ADVISOR_INACTIVE),
        (7, ProblemCode.ADVISOR_MISSING),
    ]
    mine = desk.plan(book_file("6;Sechs;;;;;;;;;;;;;;"), default_advisor=members["anna"].member_id)
    assert mine.problems == ()


def test_an_advisor_can_import_only_into_the_own_book(
    desk: Desk, members: dict[str, Member]
) -> None:
    desk.bring_in(HUBER, KELLER)
    anna = frozenset({members["anna"].member_id})
    taken = KELLER.replace(";jonas;", ";anna;")
    given = HUBER.replace(";anna;", ";jonas;")
    plan = desk.plan(book_file(given, taken, LENA), advisors_allowed=anna)
    assert _codes(plan) == [
        (2, ProblemCode.NOT_IN_YOUR_BOOK),
        (3, ProblemCode.NOT_IN_YOUR_BOOK),
    ]
    assert plan.new.count == 1
    assert plan.not_in_file.count == 0


def test_a_sponsor_must_be_a_client_or_come_in_the_same_file(desk: Desk) -> None:
    plan = desk.plan(book_file(LENA))
    assert _codes(plan) == [(2, ProblemCode.SPONSOR_UNKNOWN)]
    grandchild = "1004;Mia Huber;anna;;;;;;;;;;;;child;1003"
    plan = desk.plan(book_file(LENA, grandchild))
    assert _codes(plan) == [
        (2, ProblemCode.SPONSOR_UNKNOWN),
        (3, ProblemCode.SPONSOR_UNKNOWN),
    ]
    half = desk.plan(book_file(HUBER, "8;A;anna;;;;;;;;;;;;child;", "9;B;anna;;;;;;;;;;;;;1001"))
    assert _codes(half) == [
        (3, ProblemCode.RELATION_WITHOUT_SPONSOR),
        (4, ProblemCode.SPONSOR_WITHOUT_RELATION),
    ]


def test_one_client_number_with_two_values_is_refused(desk: Desk) -> None:
    plan = desk.plan(book_file(HUBER, HUBER.replace("6000", "7000"), KELLER))
    assert plan.refused_rows == 2
    assert plan.new.count == 1
    with pytest.raises(ImportRefusedError):
        desk.apply(plan)
    assert desk.clients() == {}


def test_good_rows_alone_are_kept_only_when_that_is_chosen(desk: Desk) -> None:
    plan = desk.plan(book_file(HUBER, "4;Vier;nobody;;;;;;;;;;;;;"))
    with pytest.raises(ImportRefusedError):
        desk.apply(plan)
    desk.apply(plan, good_rows_only=True)
    assert set(desk.clients()) == {"1001"}


def test_a_number_known_under_quite_another_name_is_noted(desk: Desk) -> None:
    desk.bring_in(HUBER, KELLER)
    plan = desk.plan(
        book_file(
            HUBER.replace("Familie Huber", "Zacharias Bowdler"),
            KELLER.replace("Jonas Keller GmbH", "Jonas Keller AG"),
            "2001;Jonas Keller GmbH;jonas;;;;;;;;;;;;;",
        )
    )
    assert [(note.code, note.rows) for note in plan.notes] == [
        (NoteCode.NAME_REPLACED, (2,)),
        (NoteCode.NAME_UNDER_OTHER_ID, (4,)),
    ]


@pytest.mark.parametrize(("factor", "is_odd"), [("000", True), ("00", True), ("0", False)])
def test_amounts_moved_by_a_hundred_or_a_thousand_block_the_import(
    desk: Desk, factor: str, is_odd: bool
) -> None:
    rows = [f"{n};Client {n};anna;;{100 + n};;;;;;;;;;;" for n in range(8)]
    desk.bring_in(*rows)
    moved = [row.replace(f";{100 + n};", f";{100 + n}{factor};") for n, row in enumerate(rows[:2])]
    plan = desk.plan(book_file(*moved, *rows[2:], day=LATER), day=LATER)
    assert plan.looks_implausible is is_odd
    if is_odd:
        assert [(n.code, n.count, n.field, n.factor) for n in plan.notes] == [
            (NoteCode.AMOUNTS_MOVED, 2, "managed", int("1" + factor))
        ]
        with pytest.raises(ImportRefusedError):
            desk.apply(plan)
    desk.apply(plan, accept_implausible=True)


def test_an_error_in_the_middle_leaves_nothing(desk: Desk) -> None:
    desk.bring_in(KELLER)
    before = desk.clients()
    plan = desk.plan(book_file(HUBER, LENA, KELLER.replace("2500,50", "3000")))

    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO import_run"):
            raise OSError("disk full")

    sa.event.listen(desk.store.engine, "before_cursor_execute", fail)
    with pytest.raises(OSError, match="disk full"):
        desk.apply(plan)
    sa.event.remove(desk.store.engine, "before_cursor_execute", fail)
    assert desk.clients() == before
    assert desk.count(ImportRow) == 1
    desk.apply(plan)
    assert set(desk.clients()) == {"1001", "1002", "1003"}


def test_a_plan_that_no_longer_holds_is_shown_anew(desk: Desk) -> None:
    desk.bring_in(HUBER)
    plan = desk.plan(book_file(HUBER.replace("6000", "6500")))
    desk.bring_in(HUBER.replace("6000", "7000"))
    with pytest.raises(PlanOutdatedError) as outdated:
        desk.apply(plan)
    assert outdated.value.plan.changed.first[0].values == {"revenue": (700000, 650000)}


@pytest.mark.parametrize("is_known", [False, True], ids=["new", "known"])
def test_a_client_that_somebody_else_brings_or_changes_meanwhile_is_never_overwritten(
    desk: Desk, is_known: bool
) -> None:
    if is_known:
        desk.bring_in(HUBER)
    plan = desk.plan(book_file(HUBER.replace("6000", "6500")))
    others = [HUBER.replace("6000", "7000")]

    def meanwhile(_done: int, _rows: int) -> None:
        while others:  # the rows of this import are staged already
            desk.bring_in(others.pop())

    with pytest.raises(PlanOutdatedError):
        desk.apply(plan, progress=meanwhile)
    assert desk.clients()["1001"].revenue == Decimal(7000)


def test_two_imports_of_one_file_at_once_import_it_once(desk: Desk) -> None:
    file = book_file(*_many(200))
    plans = [desk.plan(file), desk.plan(file)]
    results: list[ImportResult] = []
    together = threading.Barrier(2)

    def confirm(plan: ImportPlan) -> None:
        together.wait()
        results.append(desk.apply(plan))

    people = [threading.Thread(target=confirm, args=(plan,)) for plan in plans]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(len(result.touched) for result in results) == [0, 200]
    assert (desk.count(ClientRow), desk.count(ImportRow)) == (200, 1)


def test_the_same_numbers_in_another_firm_are_other_clients(desk: Desk) -> None:
    desk.bring_in(HUBER, KELLER)
    other = Desk(desk.store, save_firm(desk.store, "T0002", "Südstern Beratung"))
    assert other.plan(book_file(HUBER)).new.count == 1
    other.bring_in(HUBER.replace("6000", "1"))
    assert desk.clients()["1001"].revenue == Decimal(6000)
    assert other.clients()["1001"].revenue == Decimal(1)
    assert set(other.clients()) == {"1001"}


def test_thousands_of_rows_come_in_and_half_of_them_change(desk: Desk) -> None:
    rows = list(_many(5_000))
    desk.bring_in(*rows)
    changed = [row.replace(";1000;", ";1100;") if n % 2 else row for n, row in enumerate(rows)]
    result = desk.bring_in(*changed, day=LATER)
    assert (result.changed, result.unchanged, result.created) == (2_500, 2_500, 0)


def _many(count: int) -> Iterable[str]:
    return (
        f"K{n};Client {n} Example;{'anna' if n % 2 else 'jonas'};1000;50000;60000;stated;"
        f"2026-01-15;{n % 101};csi;2026-02-01;;2015-04-01;;;"
        for n in range(count)
    )


CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
import sqlalchemy as sa
from sqlalchemy import event
from storage.store import open_store
from tests.storage.test_importing import Desk, book_file, _many
from tests.firms import save_firm
from sqlmodel import select
from storage.tables import FirmRow

store = open_store(sys.argv[1])
with store.read(None) as session:
    firm = session.exec(select(FirmRow).where(FirmRow.workspace_id == "T0001")).one()
desk = Desk(store, firm)
plan = desk.plan(book_file(*_many(5000)))
statements = 0

@event.listens_for(store.engine, "after_cursor_execute")
def stop_here(connection, cursor, statement, *rest):
    global statements
    if statement.startswith("INSERT"):
        statements += 1
        if statements == int(sys.argv[2]):
            Path(sys.argv[3]).touch()
            sys.stdin.read()

desk.apply(plan)
Path(sys.argv[3]).touch()
sys.stdin.read()
"""


STAGING, SWITCH = (1, 5, 9), (10, 11, 12, 13, 14)
"""Inserts to stop after: three steps stage rows and words in three each, the switch has five."""


@pytest.mark.parametrize(("inserts", "kept"), [*((n, 0) for n in STAGING + SWITCH), (999, 5_000)])
def test_an_import_killed_half_way_leaves_nothing_and_can_be_repeated(
    tmp_path: Path, inserts: int, kept: int
) -> None:
    address = f"sqlite:///{tmp_path / 'store.db'}"
    store = open_store(address)
    migrate(store)
    desk = Desk(store, save_firm(store, "T0001", "Nordlicht Vermögen"))
    _kill_while_importing(address, inserts, tmp_path)
    assert desk.count(ClientRow) == kept
    assert _words_of_clients(desk) == 3 * kept
    with store.engine.connect() as connection:
        assert connection.execute(sa.text("PRAGMA integrity_check")).scalar() == "ok"
    desk.bring_in(*_many(5_000))
    assert (desk.count(ClientRow), _words_of_clients(desk)) == (5_000, 15_000)
    with store.read(desk.firm.id) as session:
        assert session.exec(select(func.min(col(ClientRow.version)))).one() == 1
    store.close()


def _words_of_clients(desk: Desk) -> int:
    with desk.store.read(desk.firm.id) as session:
        words = select(func.count()).select_from(NameTokenRow)
        return session.exec(
            words.join(ClientRow, col(ClientRow.id) == NameTokenRow.client_id)
        ).one()


def _kill_while_importing(address: str, inserts: int, folder: Path) -> None:
    """Let another process import until its n-th insert, then kill it there."""
    reached = folder / "reached"
    root = str(Path(__file__).parents[2])
    arguments = [sys.executable, "-c", CHILD, address, str(inserts), str(reached), root]
    child = subprocess.Popen(arguments, stdin=subprocess.PIPE)
    try:
        while not reached.exists():
            assert child.poll() is None, "the importing process ended by itself"
            threading.Event().wait(0.05)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
