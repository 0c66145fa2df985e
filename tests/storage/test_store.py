"""One firm never sees another's rows, two writers never lose a change, the file is private."""

import re
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date, time
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url
from sqlalchemy.exc import NoResultFound, OperationalError
from sqlalchemy.orm import aliased
from sqlmodel import col, delete, func, select, update

import storage
from bot.usecases.assessing import assess_clients
from domain.access import Member, Role
from domain.rulebook import RuleBook
from storage.clients import (
    ChangedMeanwhileError,
    client_version,
    load_book,
    load_clients,
)
from storage.edits import begin_edit
from storage.firms import (
    current_rules,
    find_firm,
    link_member,
    list_members,
    member_by_key,
    member_by_slack_id,
    save_member,
    save_rules,
)
from storage.migrate import check_version, migrate, newest_version
from storage.placements import note_placements, tier_spans
from storage.services import load_histories
from storage.store import ForeignFirmError, Prepared, Store, open_store
from storage.tables import (
    AppointmentRow,
    BookMonthRow,
    ClientEventRow,
    ClientRow,
    DecisionRow,
    DeliveryRow,
    DiagnosisRow,
    EditRow,
    ErasureRow,
    ExportRow,
    Fact,
    FirmOwned,
    FirmRow,
    GrantRow,
    HandledRow,
    HoldingRow,
    ImportMappingRow,
    ImportRow,
    ImportStageRow,
    InvitationRow,
    IssueRow,
    LastServiceRow,
    LegacyRow,
    LinkCodeRow,
    LinkTryRow,
    MemberRow,
    NameTokenRow,
    NameVocabRow,
    NotedHeadRow,
    NoticeChoiceRow,
    OverrideRow,
    PauseRow,
    PlacementRow,
    PracticeTickRow,
    RemindedRow,
    RetentionRow,
    RuleBookRow,
    RuleDraftRow,
    SatisfactionRow,
    ServiceOverrideRow,
    ServiceRecordRow,
    SnoozeRow,
    StrategicRow,
    Table,
    TeamChannelRow,
    TraitRow,
    WalletRow,
)
from tests.conftest import copy_of
from tests.firms import NOW, members_of, save_client, save_firm
from tests.older import fill, older_store, rows_of
from tests.statements import noting

TODAY = date(2026, 3, 2)


@pytest.fixture
def other_firm(store: Store) -> FirmRow:
    return save_firm(store, "T0002", "Südstern Beratung")


@pytest.fixture
def clients(store: Store, firm: FirmRow, other_firm: FirmRow) -> tuple[int, int]:
    """Save one client in each firm, with the same external id, name and facts."""
    ids = []
    for each in (firm, other_firm):
        advisor_id = members_of(store, each)["anna"].member_id
        with store.write(each.id) as session:
            client_id = save_client(session, "4711", "Familie Huber", advisor_id)
            event = ClientEventRow(
                team="Nord", owner_id=advisor_id, name="Dinner", day=TODAY, at=time(18),
                ends_at=time(22), zone="Europe/Berlin", seats=8, service="small_event",
                tiers=["A"], uid=each.workspace_id, saved_by="anna", saved_at=NOW,
            )  # fmt: skip
            session.add(event)
            session.flush()
            assert event.id is not None
            session.add(
                InvitationRow(
                    client_id=client_id,
                    event_id=event.id,
                    state="invited",
                    changed_on=TODAY,
                    recorded_by="anna",
                    recorded_at=NOW,
                )
            )
            for row in _one_of_each(client_id, advisor_id, marker=each.workspace_id):
                session.add(row)
        ids.append(client_id)
    return ids[0], ids[1]


def _one_of_each(client_id: int, member_id: int, *, marker: str) -> list[FirmOwned]:
    by: dict[str, Any] = {"recorded_by": "anna", "recorded_at": NOW}
    return [
        NotedHeadRow(day=TODAY, seq=1, hash="x"),
        ErasureRow(
            client_id=client_id, requested_by="operator", requested_at=NOW, marks=[], counts={}
        ),
        RetentionRow(kind="journal", months=60),
        ExportRow(member_id=member_id, asked_at=NOW, reason="x"),
        SatisfactionRow(
            client_id=client_id, score_hundredths=8000, scale="csi", measured_on=TODAY, **by
        ),
        WalletRow(client_id=client_id, source="stated", known_on=TODAY, wallet_cents=1, **by),
        HoldingRow(client_id=client_id, managed_cents=1, held_on=TODAY),
        StrategicRow(client_id=client_id, criterion="henry", noted_on=TODAY),
        LegacyRow(client_id=client_id, relation="friend", sponsor_id=client_id),
        OverrideRow(
            client_id=client_id, tier="A", reason="x", by="anna", first_day=TODAY, last_day=TODAY
        ),
        DecisionRow(client_id=client_id, kind="watch", reason="x", by="anna", decided_on=TODAY),
        TraitRow(client_id=client_id, kind="trust", value=4, noted_on=TODAY, **by),
        DiagnosisRow(client_id=client_id, cause="x", action="y", noted_on=TODAY, **by),
        ServiceRecordRow(
            client_id=client_id, service="review", outcome="delivered", happened_on=TODAY, **by
        ),
        LastServiceRow(client_id=client_id, service="review", day=TODAY),
        IssueRow(service="newsletter", sent_on=TODAY, tiers=["A"], batch=marker, **by),
        AppointmentRow(
            client_id=client_id, service="review", day=TODAY, zone="Europe/Berlin", minutes=60,
            uid=marker, **by,
        ),
        SnoozeRow(client_id=client_id, service="review", until=TODAY, **by),
        ServiceOverrideRow(
            client_id=client_id, service="review", per_year_hundredths=100, reason="x", by="anna",
            first_day=TODAY, last_day=TODAY,
        ),
        HandledRow(client_id=client_id, how="done", handled_on=TODAY, **by),
        NoticeChoiceRow(member_id=member_id, choices={}, changed_at=NOW),
        PauseRow(method="chat.postMessage", until=NOW),
        RemindedRow(member_id=member_id, item="review:1", day=TODAY),
        TeamChannelRow(team="Nord", channel_id="C1", chosen_by=member_id, chosen_at=NOW),
        GrantRow(
            assistant_id=member_id, advisor_id=member_id, until=NOW, may_record=True,
            may_get_digest=False, may_import=False, given_by="operator", given_at=NOW,
        ),
        LinkCodeRow(
            member_id=member_id, code_hash=marker, made_by="operator", expires_at=NOW
        ),
        LinkTryRow(slack_user_id="U1", tried_at=NOW),
        BookMonthRow(
            advisor_id=member_id, month=TODAY.replace(day=1), clients=1, ideal_clients=0,
            revenue_cents=0, hours_hundredths=0, ideal_hours_hundredths=0,
        ),
        PracticeTickRow(
            point="clients_told", done_on=TODAY, rule_version=1, ticked_by="anna", ticked_at=NOW
        ),
        EditRow(client_id=client_id, row_table="wallet", row_id=1, by="anna", at=NOW),
        ImportMappingRow(name="crm", options={}, saved_by="anna", saved_at=NOW),
        PlacementRow(client_id=client_id, seen_on=TODAY, tier="A", rule_version=1),
        NameTokenRow(client_id=client_id, token="huber"),
        NameVocabRow(token="huber"),
        RuleDraftRow(member_id=member_id, base_version=1, changes={}, changed_at=NOW),
        RuleBookRow(version=1, valid_from=TODAY, body={}, saved_by="anna", saved_at=NOW),
        ImportRow(
            file_hash="0" * 64, file_name="book.csv", created=1, changed=0, unchanged=0,
            imported_by="anna", imported_at=NOW,
        ),
        ImportStageRow(
            stage=marker, staged_at=NOW, client_id=client_id, external_id="1001", name="Huber",
            advisor_id=member_id, before={},
        ),
        DeliveryRow(
            member_id=member_id, kind="digest", period="2026-W10", due_at=NOW, marker=marker,
            next_try_at=NOW,
        ),
    ]  # fmt: skip


OWNED = sorted(
    (m.class_ for m in Table._sa_registry.mappers if issubclass(m.class_, FirmOwned)),
    key=lambda table: str(table.__tablename__),
)


@pytest.mark.parametrize("table", OWNED, ids=lambda table: table.__tablename__)
def test_a_firm_sees_changes_and_deletes_only_its_own_rows(
    store: Store, firm: FirmRow, clients: tuple[int, int], table: type[FirmOwned]
) -> None:
    with store.read(None) as session:
        everything = session.exec(select(table)).all()
        foreign = [row for row in everything if row.firm_id != firm.id]
        keys = [row.id for row in foreign]  # type: ignore[attr-defined]
    assert foreign, "the test must put a row of the other firm into every table"
    with store.write(firm.id) as session:
        assert {row.firm_id for row in session.exec(select(table))} == {firm.id}
        counted = session.exec(select(func.count()).select_from(table)).one()
        assert counted == len(everything) - len(foreign)
        assert all(session.get(table, key) is None for key in keys)
        session.exec(update(table).where(col(table.id).in_(keys)).values(firm_id=firm.id))  # type: ignore[attr-defined]
        session.exec(delete(table).where(col(table.id).in_(keys)))  # type: ignore[attr-defined]
    with store.read(None) as session:
        assert {row.id for row in session.exec(select(table))} >= set(keys)  # type: ignore[attr-defined]


def test_a_table_anywhere_in_a_statement_shows_its_own_firms_rows_only(
    store: Store, firm: FirmRow, clients: tuple[int, int]
) -> None:
    ours, theirs = clients
    named = select(ClientRow.id).where(ClientRow.name == "Familie Huber")
    facts = aliased(HoldingRow)
    statements = (
        select(named.subquery().c.id),
        select(named.cte().c.id),
        select(ClientRow.id).where(col(ClientRow.id).in_(named)),
        select(HoldingRow.client_id).where(col(HoldingRow.client_id).in_(named)),
        select(facts.client_id).join(ClientRow, col(ClientRow.id) == facts.client_id),
        select(named.scalar_subquery()),
        select(sa.literal(ours)).where(~sa.exists(named.where(ClientRow.id == theirs))),
        sa.union_all(named, named.where(ClientRow.id == theirs)),
    )
    with store.read(firm.id) as session:
        for _ in "first", "again":
            for statement in statements:
                assert session.execute(statement).scalars().all() == [ours]


def _wrapped(statement: Any, how: str) -> Any:
    """Put a statement into another one; its first column stays."""
    match how:
        case "subquery":
            return sa.select(statement.subquery().c[0])
        case "cte":
            return sa.select(statement.cte().c[0])
        case "union":
            parts = (sa.select(statement.subquery().c[0]) for _ in range(2))
            return sa.select(sa.union_all(*parts).subquery().c[0])
        case "some":
            return sa.select(statement.limit(50).subquery().c[0]).distinct()
    raise ValueError(how)


def _asked(shape: str, table: Any, other: Any, theirs: int) -> Any:
    """Ask whose rows there are, with a second table somewhere in the statement."""
    match shape:
        case "plain":
            return select(table.firm_id)
        case "alias":
            return select(aliased(other).firm_id)
        case "join" if table is not other:
            return select(other.firm_id).select_from(table).join(other, sa.true())
        case "join":
            return select(table.firm_id)
        case "in":
            return select(table.firm_id).where(table.firm_id.in_(select(other.firm_id)))
        case "or":
            return select(table.firm_id).where(sa.or_(table.firm_id == theirs, sa.true()))
        case "exists":
            return select(table.firm_id).where(
                ~sa.exists(select(other.id).where(other.firm_id == theirs))
            )
        case "scalar":
            return select(select(func.max(other.firm_id)).scalar_subquery())
    raise ValueError(shape)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    shape=st.sampled_from(["plain", "alias", "join", "in", "or", "exists", "scalar"]),
    table=st.sampled_from(OWNED),
    other=st.sampled_from(OWNED),
    wraps=st.lists(st.sampled_from(["subquery", "cte", "union", "some"]), max_size=3),
)
def test_however_one_firm_asks_no_row_of_the_other_is_in_what_it_reads(
    store: Store,
    firm: FirmRow,
    other_firm: FirmRow,
    clients: tuple[int, int],
    shape: str,
    table: type[FirmOwned],
    other: type[FirmOwned],
    wraps: list[str],
) -> None:
    for asker, stranger in ((firm, other_firm), (other_firm, firm)):
        statement = _asked(shape, table, other, stranger.id or 0)
        for how in wraps:
            statement = _wrapped(statement, how)
        with store.read(asker.id) as session:
            assert set(session.execute(statement).scalars()) == {asker.id}


def test_no_alias_is_joined_since_its_rows_would_be_everybodys() -> None:
    """The firm's criterion finds an alias that is read first, not one that is joined to another."""
    folders = [Path(storage.__file__).parent, Path(storage.__file__).parents[1] / "bot"]
    sources = [each for folder in folders for each in folder.rglob("*.py")]
    assert len(sources) > 100
    assert [each.name for each in sources if "aliased(" in each.read_text()] == []


PREPARED = {
    f"{module}.{name}": statement
    for module in sorted(each.name for each in iter_modules(storage.__path__))
    for name, statement in vars(import_module(f"storage.{module}")).items()
    if isinstance(statement, Prepared)
}


def test_a_prepared_statement_asks_each_table_for_one_firms_rows(store: Store) -> None:
    owned = {str(each.__tablename__) for each in OWNED}
    for name, statement in PREPARED.items():
        text = statement.compiled(store.engine.dialect).text
        asked = re.findall(r"(?:FROM|JOIN|,) (\w+)(?: AS (\w+))?", text)
        places = [alias or table for table, alias in asked if table in owned]
        assert places, name
        for place in places:
            assert re.search(rf"\b{place}\.firm_id = [?%]", text), (name, text)


def test_a_prepared_statement_finds_another_firms_rows_in_no_part_of_it(
    store: Store, firm: FirmRow, other_firm: FirmRow, clients: tuple[int, int]
) -> None:
    ours, theirs = clients
    named = sa.select(col(ClientRow.id)).where(col(ClientRow.name) == sa.bindparam("name"))
    facts, held = aliased(HoldingRow), sa.select(col(HoldingRow.client_id))
    statements = [
        Prepared(each)
        for each in (
            named,
            sa.select(named.subquery().c.id),
            held.where(col(HoldingRow.client_id).in_(named)),
            sa.select(facts.client_id).join(named.subquery(), sa.true()).distinct(),
            sa.union_all(named, named),
        )
    ]
    for _ in "first", "again":
        for statement in statements:
            for asker, client_id in ((firm, ours), (other_firm, theirs)):
                with store.read(asker.id) as session:
                    assert set(statement.cells(session, name="Familie Huber")) == {client_id}
            with store.read(None) as session:
                assert set(statement.cells(session, name="Familie Huber")) >= {ours, theirs}


def test_sqlite_finds_what_belongs_to_a_client_by_the_client_not_by_the_firm(
    sqlite_template: Path,
) -> None:
    store, asked = open_store(f"sqlite:///{sqlite_template}"), list[str]()
    with noting(store.engine, asked.append), store.read(1) as session:
        load_clients(session, [5], RuleBook(), today=TODAY)
        load_histories(session, [5])
        tier_spans(session, [5])
        reads = [each for each in asked if each.startswith("SELECT")]
        plans = [
            row.detail
            for statement in reads
            for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
        ]
    store.close()
    by_firm = [plan for plan in plans if "(firm_id=?)" in plan]
    assert (len(reads), by_firm) == (3, [])


def test_the_same_client_number_in_two_firms_is_two_clients(
    store: Store, firm: FirmRow, other_firm: FirmRow, clients: tuple[int, int]
) -> None:
    ours, theirs = clients
    advisors = [m.member_id for f in (firm, other_firm) for m in members_of(store, f).values()]
    rules = RuleBook()
    with store.read(firm.id) as session:
        book = load_book(session, advisors, rules, today=TODAY)
        named = load_clients(session, [theirs, ours], rules, today=TODAY)
        assert [client.client_id for client in book] == [ours]
        assert [client.client_id for client in named] == [ours]
        assert len(book[0].satisfactions) == len(book[0].holdings) == 1
        assert client_version(session, theirs) is None
        assert tier_spans(session, [theirs]) == {theirs: ()}


def test_nothing_can_be_recorded_of_another_firms_client(
    store: Store, firm: FirmRow, clients: tuple[int, int]
) -> None:
    with store.write(firm.id) as session, pytest.raises(NoResultFound):
        begin_edit(session, clients[1], by="anna", at=NOW)


def test_members_links_and_rules_belong_to_one_firm(
    store: Store, firm: FirmRow, other_firm: FirmRow
) -> None:
    with store.write(other_firm.id) as session:
        link_member(session, "anna", "U1", at=NOW)
        save_rules(session, RuleBook(version=7), by="vogt", at=NOW)
    with store.read(firm.id) as session:
        assert member_by_slack_id(session, "U1") is None
        anna = member_by_key(session, "anna")
        assert anna is not None
        assert anna.slack_user_id is None
        assert len(list_members(session)) == 4
        assert current_rules(session).version == RuleBook().version
        assert find_firm(session, "T0001") is not None


def test_a_row_of_another_firm_is_refused(store: Store, firm: FirmRow, other_firm: FirmRow) -> None:
    assert other_firm.id is not None
    with pytest.raises(ForeignFirmError), store.write(firm.id) as session:
        session.add(MemberRow(firm_id=other_firm.id, key="spy", name="Spy", role="lead"))
    assert "spy" not in members_of(store, other_firm)


def test_every_dated_fact_is_a_firms_own() -> None:
    assert {table for table in OWNED if "client_id" in table.model_fields} >= set(
        Fact.__subclasses__()
    )


def test_what_a_reader_changes_is_not_kept(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    with store.read(firm.id) as session:
        save_client(session, "1", "Nobody", members["anna"].member_id)
    with store.read(firm.id) as session:
        assert session.exec(select(ClientRow)).all() == []


def test_a_reader_sees_one_moment_of_the_store(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    with store.read(firm.id) as reader:
        before = len(list_members(reader))
        with store.write(firm.id) as writer:
            save_member(writer, key="new", name="New", role=Role.ADVISOR, team="")
        assert len(list_members(reader)) == before
    assert len(members_of(store, firm)) == before + 1


def test_two_editors_of_one_client_lose_no_change(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    with store.write(firm.id) as session:
        client_id = save_client(session, "1", "Familie Huber", members["anna"].member_id)
    together = threading.Barrier(2)

    def edit() -> None:
        together.wait()
        for _ in range(25):
            with store.write(firm.id, patience_s=30) as session:
                begin_edit(session, client_id, by="anna", at=NOW)

    editors = [threading.Thread(target=edit) for _ in range(2)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    with store.read(firm.id) as session:
        assert client_version(session, client_id) == 1 + 50


def test_whoever_edits_an_outdated_client_is_told(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    with store.write(firm.id) as session:
        client_id = save_client(session, "1", "Familie Huber", members["anna"].member_id)
    with store.write(firm.id) as session:
        begin_edit(session, client_id, by="anna", at=NOW, version=1)
    with pytest.raises(ChangedMeanwhileError), store.write(firm.id) as session:
        begin_edit(session, client_id, by="jonas", at=NOW, version=1)
    with store.read(firm.id) as session:
        assert client_version(session, client_id) == 2


def test_a_sqlite_writer_gives_up_after_its_patience_and_a_reader_never_waits(
    tmp_path: Path,
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(store)
    firm = save_firm(store, "T0001", "Nordlicht Vermögen")
    with store.write(firm.id):
        with pytest.raises(OperationalError, match="locked"), store.write(firm.id, patience_s=0.05):
            pass
        with store.read(firm.id) as reader:
            assert len(list_members(reader)) == 4
    store.close()


def test_only_its_owner_may_read_the_sqlite_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "store.db"
    store = open_store(f"sqlite:///{path}")
    migrate(store)
    with store.write(None):
        modes = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
    store.close()
    assert set(modes.values()) == {0o600}, modes
    assert "store.db" in modes


def test_only_who_is_placed_elsewhere_than_last_noted_is_noted(
    store: Store, firm: FirmRow, clients: tuple[int, int]
) -> None:
    ours, rules = clients[0], RuleBook()
    with store.write(firm.id) as session:
        found = assess_clients(session, [ours], rules, today=TODAY)
        noted = [
            note_placements(session, found, rule_version=1, today=TODAY) for _ in ("first", "again")
        ]
        session.add(
            PlacementRow(client_id=ours, seen_on=TODAY, tier="N", quadrant="MOVE", rule_version=1)
        )
        noted.append(note_placements(session, found, rule_version=1, today=TODAY))
    assert noted == [1, 0, 1]


@pytest.fixture
def older_address(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of a database without any table, of the same kind as the store's."""
    if store.engine.dialect.name == "sqlite":
        yield f"sqlite:///{tmp_path / 'older.db'}"
    else:
        server = make_url(request.getfixturevalue("postgres_server"))
        yield from copy_of(server, of="template0")


@pytest.mark.usefixtures("clients")
def test_a_filled_store_is_migrated_from_version_to_version_and_loses_nothing(
    store: Store, older_address: str
) -> None:
    rows = rows_of(store)
    with closing(older_store("0001", rows, older_address)) as older:
        for number in range(2, int(newest_version()) + 1):
            # Given an older store with a row in each table that it has
            held = fill(older, rows)
            before = {table: _rows(older, table, columns) for table, columns in held.items()}
            # When it is brought to the next version
            migrate(older, version=f"{number:04}")
            # Then each row is there, and refers to what is there
            for table, columns in held.items():
                assert _rows(older, table, columns) == before[table]
            empty = {table for table, found in before.items() if not found}
            assert empty <= {"heartbeat", "slack_bots", "slack_oauth_states"}  # of no firm
        check_version(older)


def _rows(store: Store, table: str, columns: list[str]) -> list[Any]:
    with store.engine.connect() as connection:
        if store.engine.dialect.name == "sqlite":  # PostgreSQL itself sees to it
            checked = connection.execute(sa.text(f"PRAGMA foreign_key_check({table})"))
            assert checked.fetchall() == []
        listed = sa.select(sa.table(table, *map(sa.column, columns)))
        return sorted(connection.execute(listed), key=repr)
