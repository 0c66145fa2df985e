"""The last import can be taken back as a whole, unless one of its clients was changed since."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from domain.access import Member
from storage.edits import begin_edit
from storage.importing import (
    ImportPlan,
    ImportRefusedError,
    ImportTouchedError,
    NothingToUndoError,
)
from storage.search import find_clients
from storage.store import Store
from storage.tables import (
    ClientRow,
    FirmRow,
    ImportStageRow,
    LastServiceRow,
    NameTokenRow,
    NameVocabRow,
    SatisfactionRow,
    ServiceRecordRow,
)
from tests.firms import NOW
from tests.storage.test_importing import HUBER, KELLER, LATER, LENA, TODAY, Desk, book_file

TABLES = (
    "client", "satisfaction", "wallet", "holding", "strategic_case", "legacy_tie", "trait",
    "name_token", "name_vocab",
)  # fmt: skip
NAMED_HEADER = "client_id;name;advisor;Geburtsdatum;Letztes Beratungsgespräch;Letzter Kontakt"
VARYING = ("id", "version", "recorded_by", "recorded_at")


@pytest.fixture
def desk(store: Store, firm: FirmRow) -> Desk:
    return Desk(store, firm)


def contents(desk: Desk) -> dict[str, list[Any]]:
    """Return all that is known of clients, without ids, versions and who wrote it."""
    found = {}
    with desk.store.engine.connect() as connection:
        for name in TABLES:
            rows = connection.execute(sa.text(f'SELECT * FROM "{name}"')).mappings()
            plain = ({k: v for k, v in row.items() if k not in VARYING} for row in rows)
            found[name] = sorted(repr(row) for row in plain)
    return found


def test_a_first_import_taken_back_leaves_nothing(desk: Desk) -> None:
    before = contents(desk)
    desk.bring_in(HUBER, KELLER, LENA)
    run = desk.undo()
    assert (run.created, run.changed) == (3, 0)
    assert contents(desk) == before
    assert desk.count(ImportStageRow) == 0
    assert desk.bring_in(HUBER, KELLER, LENA).created == 3


def test_a_second_import_taken_back_leaves_what_the_first_brought(
    desk: Desk, members: dict[str, Member]
) -> None:
    desk.bring_in(HUBER, KELLER)
    before = contents(desk)
    changed = (
        "1001;Familie Huber-Maier;jonas;7000;410000;510000;stated;2026-01-15;90;csi;2026-02-01;"
        "9000;2016-04-01;high_saver;child;1002"
    )
    desk.bring_in(changed, LENA, day=LATER)
    assert contents(desk) != before
    desk.undo()
    assert contents(desk) == before
    with desk.store.read(desk.firm.id) as session:
        ids = [each.member_id for each in members.values()]
        assert find_clients(session, "Maier", advisor_ids=ids).hits == ()
        assert [hit.name for hit in find_clients(session, "Huber", advisor_ids=ids).hits] == [
            "Familie Huber"
        ]


def test_an_import_whose_client_was_changed_since_stays(desk: Desk) -> None:
    desk.bring_in(HUBER, KELLER)
    client_id = desk.clients()["1002"].client_id
    with desk.store.write(desk.firm.id) as session:
        begin_edit(session, client_id, by="anna", at=NOW).put(
            SatisfactionRow(
                client_id=client_id,
                score_hundredths=400,
                scale="csat",
                measured_on=date(2026, 3, 2),
                recorded_by="anna",
                recorded_at=NOW,
            )
        )
    before = contents(desk)
    with pytest.raises(ImportTouchedError) as touched:
        desk.undo()
    assert (touched.value.count, touched.value.names) == (1, ("Jonas Keller GmbH",))
    assert contents(desk) == before


def test_birthday_last_review_and_last_contact_come_are_corrected_and_taken_back(
    desk: Desk,
) -> None:
    def bring(*rows: str) -> ImportPlan:
        file = book_file(*rows, header=NAMED_HEADER)
        plan = desk.plan(file)
        desk.apply(plan)
        return plan

    def known() -> list[tuple[date | None, ...]]:
        return [(c.born_on, c.last_review_on, c.last_contact_on) for c in desk.clients().values()]

    desk.bring_in(HUBER)
    # When a list of the CRM brings them
    plan = bring("1001;Familie Huber;anna;17.05.1960;02.02.2026;2026-02-27")
    first = (date(1960, 5, 17), date(2026, 2, 2), date(2026, 2, 27))
    assert dict(plan.changed.first[0].values) == {
        "born_on": (None, first[0]),
        "last_review_on": (None, first[1]),
        "last_contact_on": (None, first[2]),
    }
    assert known() == [first]
    # Then the same list again changes nothing
    again = desk.plan(
        book_file("1001;Familie Huber;anna;17.05.1960;02.02.2026;2026-02-27", header=NAMED_HEADER)
    )
    assert (again.changes, again.unchanged) == (0, 1)
    # A later one moves the days on, and empty cells leave them
    bring("1001;Familie Huber;anna;;;01.03.2026", "1002;Otto Neu;anna;;12.12.2025;")
    assert known() == [(*first[:2], date(2026, 3, 1)), (None, date(2025, 12, 12), None)]
    # Nothing was recorded as delivered
    assert (desk.count(ServiceRecordRow), desk.count(LastServiceRow)) == (0, 0)
    # When the last one is taken back, all is as before
    desk.undo()
    assert known() == [first]


@pytest.mark.parametrize("column", [0, 1, 2])
@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("03.03.2026", "in_the_future"),  # tomorrow
        ("02.03.2026", None),
        ("01.01.1900", None),
        ("31.12.1899", "year_out_of_range"),
        ("01.01.2206", "year_out_of_range"),
        ("demnächst", "not_a_date"),
    ],
)
def test_a_day_to_come_or_of_another_age_is_refused_with_its_row(
    column: int, cell: str, code: str | None
) -> None:
    cells = ["", "", ""]
    cells[column] = cell
    file = book_file(";".join(("1001", "Familie Huber", "anna", *cells)), header=NAMED_HEADER)
    assert [each.code.value for each in file.problems] == ([code] if code else [])
    assert file.refused_rows == (1 if code else 0)


def test_only_the_last_import_can_be_taken_back_and_only_once(desk: Desk) -> None:
    with pytest.raises(NothingToUndoError):
        desk.undo()
    desk.bring_in(HUBER)
    desk.bring_in(KELLER)
    desk.undo()
    assert set(desk.clients()) == {"1001"}
    with pytest.raises(NothingToUndoError):
        desk.undo()


def test_another_firm_s_import_is_not_taken_back(desk: Desk) -> None:
    from tests.firms import save_firm

    other = Desk(desk.store, save_firm(desk.store, "T0002", "Südstern Beratung"))
    desk.bring_in(HUBER)
    other.bring_in(KELLER)
    desk.undo()
    assert set(other.clients()) == {"1002"}


def test_clients_missing_in_the_file_become_former_ones_when_that_is_chosen(desk: Desk) -> None:
    desk.bring_in(HUBER, KELLER, LENA)
    plan = desk.plan(book_file(HUBER, LENA), day=LATER, remove_missing=True)
    assert (plan.removed, plan.is_sweeping, plan.unchanged) == (1, True, 2)
    with pytest.raises(ImportRefusedError):
        desk.apply(plan)
    result = desk.apply(plan, accept_sweeping=True)
    assert result.removed == 1
    assert desk.clients()["1002"].former_since == LATER
    assert desk.plan(book_file(HUBER, LENA), day=LATER, remove_missing=True).removed == 0
    desk.undo()
    assert desk.clients()["1002"].former_since is None


def test_one_missing_client_of_eleven_needs_no_second_confirmation(desk: Desk) -> None:
    rows = [f"{number};Client {number};anna;1;;;;;;;;;;;;" for number in range(11)]
    desk.bring_in(*rows)
    plan = desk.plan(book_file(*rows[1:]), remove_missing=True)
    assert (plan.removed, plan.is_sweeping) == (1, False)
    desk.apply(plan)


def test_only_the_book_that_is_imported_can_lose_clients(
    desk: Desk, members: dict[str, Member]
) -> None:
    desk.bring_in(HUBER, KELLER)
    anna = frozenset({members["anna"].member_id})
    plan = desk.plan(book_file(HUBER), advisors_allowed=anna, remove_missing=True)
    assert plan.removed == 0


def test_what_an_unfinished_import_staged_is_invisible_and_cleared_away(desk: Desk) -> None:
    desk.bring_in(HUBER)
    plan = desk.plan(book_file(HUBER, KELLER))
    desk.bring_in(HUBER.replace("6000", "7000"), LENA)
    with pytest.raises(Exception, match="changed after the plan"):
        desk.apply(plan)
    assert desk.count(ImportStageRow) == 2
    assert desk.count(ClientRow) == 2
    words = {"familie", "huber", "lena"}
    assert (desk.count(NameVocabRow), desk.count(NameTokenRow)) == (len(words), 4)
    assert TODAY < LATER
