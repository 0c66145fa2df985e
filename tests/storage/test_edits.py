"""What was changed can be taken back as it was, once, and never over somebody's later change."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select, update

from domain.access import Member
from storage.clients import ChangedMeanwhileError, client_version
from storage.edits import Edit, NothingToUndoError, begin_edit, clients_of_batch, undo
from storage.store import FirmSession, Store
from storage.tables import (
    ClientRow,
    DecisionRow,
    EditRow,
    Fact,
    FirmRow,
    SatisfactionRow,
    StrategicRow,
    WalletRow,
)
from tests.firms import save_client, save_firm

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
BY = "Anna Berger"
MEASURED = date(2026, 2, 27)
Change = Callable[[Edit], None]


class Desk:
    """One client, and somebody who changes facts about her."""

    def __init__(self, store: Store, firm: FirmRow, members: dict[str, Member]) -> None:
        self.store, self.firm, self.members = store, firm, members
        with self.write() as session:
            self.client_id = save_client(
                session,
                "K-1",
                "Maria Huber",
                members["anna"].member_id,
                revenue_cents=900_000,
                client_since=date(2015, 5, 1),
            )

    def write(self) -> AbstractContextManager[FirmSession]:
        return self.store.write(self.firm.id)

    def change(self, *changes: Change, version: int | None = None, at: datetime = AT) -> str:
        """Make changes as one batch; return its name."""
        with self.write() as session:
            edit = begin_edit(session, self.client_id, by=BY, at=at, version=version)
            for each in changes:
                each(edit)
            return edit.batch

    def take_back(self, batch: str) -> None:
        with self.write() as session:
            undo(session, batch, at=LATER)

    def rows(self, table: type[Fact]) -> list[dict[str, Any]]:
        with self.store.read(self.firm.id) as session:
            return [row.model_dump() for row in session.exec(select(table)).all()]

    def client(self) -> ClientRow:
        with self.store.read(self.firm.id) as session:
            return session.exec(select(ClientRow)).one()

    def version(self) -> int:
        with self.store.read(self.firm.id) as session:
            return client_version(session, self.client_id) or 0


@pytest.fixture
def desk(store: Store, firm: FirmRow, members: dict[str, Member]) -> Desk:
    return Desk(store, firm, members)


def scored(hundredths: int, *, on: date = MEASURED, at: datetime = AT) -> Change:
    """Record a satisfaction; of one day and scale there is one."""

    def change(edit: Edit) -> None:
        row = SatisfactionRow(
            client_id=edit.client_id,
            score_hundredths=hundredths,
            scale="csi",
            measured_on=on,
            recorded_by=edit.by,
            recorded_at=at,
        )
        edit.put(row, key=("measured_on", "scale"))

    return change


def decided(edit: Edit) -> None:
    edit.put(
        DecisionRow(
            client_id=edit.client_id, kind="end", reason="Moved", by=BY, decided_on=AT.date()
        )
    )


def ended(edit: Edit) -> None:
    edit.set_client(former_since=date(2026, 3, 2))


def scores(desk: Desk) -> list[int]:
    return [row["score_hundredths"] for row in desk.rows(SatisfactionRow)]


def test_a_new_fact_is_kept_and_taken_back(desk: Desk) -> None:
    batch = desk.change(scored(7250))
    (row,) = desk.rows(SatisfactionRow)
    assert (row["score_hundredths"], row["measured_on"]) == (7250, MEASURED)
    desk.take_back(batch)
    assert desk.rows(SatisfactionRow) == []


def test_a_corrected_fact_is_as_before_after_the_undo(desk: Desk) -> None:
    desk.change(scored(4000))
    before = desk.rows(SatisfactionRow)
    batch = desk.change(scored(9000, at=LATER), at=LATER)
    assert scores(desk) == [9000]
    desk.take_back(batch)
    # Days, instants and numbers are what they were, not text that looks like them
    assert desk.rows(SatisfactionRow) == before


def test_another_day_is_another_fact(desk: Desk) -> None:
    desk.change(scored(4000))
    desk.change(scored(5000, on=date(2026, 3, 1)))
    assert sorted(scores(desk)) == [4000, 5000]


def test_a_wallet_beyond_four_billion_cents_comes_back_whole(desk: Desk) -> None:
    def stated(cents: int | None, share: int | None, at: datetime) -> Change:
        return lambda edit: edit.put(
            WalletRow(
                client_id=edit.client_id,
                source="stated",
                known_on=MEASURED,
                wallet_cents=cents,
                share_bp=share,
                recorded_by=BY,
                recorded_at=at,
            ),
            key=("source", "known_on"),
        )

    desk.change(stated(12_345_678_901_23, None, AT))
    before = desk.rows(WalletRow)
    batch = desk.change(stated(None, 4150, LATER), at=LATER)
    assert [(row["wallet_cents"], row["share_bp"]) for row in desk.rows(WalletRow)] == [
        (None, 4150)
    ]
    desk.take_back(batch)
    assert desk.rows(WalletRow) == before


def test_a_dropped_fact_comes_back(desk: Desk) -> None:
    def noted(edit: Edit) -> None:
        row = StrategicRow(
            client_id=edit.client_id,
            criterion="henry",
            noted_on=MEASURED,
            reason="Promoted",
            target_tier="A",
            recheck_on=date(2026, 9, 1),
        )
        edit.put(row, key=("criterion",))

    def dropped(edit: Edit) -> None:
        edit.drop(edit.session.exec(select(StrategicRow)).one())

    desk.change(noted)
    before = desk.rows(StrategicRow)
    batch = desk.change(dropped)
    assert desk.rows(StrategicRow) == []
    desk.take_back(batch)
    assert desk.rows(StrategicRow) == before


def test_a_decision_and_what_it_did_to_the_client_are_taken_back_together(desk: Desk) -> None:
    batch = desk.change(decided, ended)
    assert desk.client().former_since == date(2026, 3, 2)
    assert len(desk.rows(DecisionRow)) == 1
    desk.take_back(batch)
    client = desk.client()
    assert (client.former_since, client.client_since) == (None, date(2015, 5, 1))
    assert desk.rows(DecisionRow) == []


def test_a_client_handed_over_comes_back(desk: Desk) -> None:
    jonas, anna = desk.members["jonas"].member_id, desk.members["anna"].member_id
    batch = desk.change(lambda edit: edit.set_client(advisor_id=jonas))
    assert desk.client().advisor_id == jonas
    desk.take_back(batch)
    assert desk.client().advisor_id == anna


def test_a_client_whom_an_import_gave_to_a_third_advisor_since_stays_there(desk: Desk) -> None:
    jonas, emily = desk.members["jonas"].member_id, desk.members["emily"].member_id
    batch = desk.change(lambda edit: edit.set_client(advisor_id=jonas))
    with desk.write() as session:
        session.exec(update(ClientRow).values(advisor_id=emily))
    with pytest.raises(ChangedMeanwhileError):
        desk.take_back(batch)
    assert desk.client().advisor_id == emily


def test_a_client_handed_on_since_is_handed_back_step_by_step(desk: Desk) -> None:
    anna, jonas, emily = (desk.members[key].member_id for key in ("anna", "jonas", "emily"))
    first = desk.change(lambda edit: edit.set_client(advisor_id=jonas))
    second = desk.change(lambda edit: edit.set_client(advisor_id=emily))
    with pytest.raises(ChangedMeanwhileError):
        desk.take_back(first)
    desk.take_back(second)
    desk.take_back(first)
    assert desk.client().advisor_id == anna


def test_taking_back_touches_no_figure_that_an_import_brought_since(desk: Desk) -> None:
    # Given a client whose relationship was ended, and an import of new figures afterwards
    batch = desk.change(ended)
    with desk.write() as session:
        session.exec(update(ClientRow).values(revenue_cents=1_200_000, name="Maria Huber-Lang"))
    # When the end is taken back
    desk.take_back(batch)
    # Then the new figures stand
    client = desk.client()
    assert client.former_since is None
    assert (client.revenue_cents, client.name) == (1_200_000, "Maria Huber-Lang")


def test_every_change_and_every_undo_raises_the_version(desk: Desk) -> None:
    assert desk.version() == 1
    batch = desk.change(scored(4000), version=1)
    assert desk.version() == 2
    desk.take_back(batch)
    assert desk.version() == 3
    ending = desk.change(decided, ended, version=3)
    desk.take_back(ending)
    # An editor who saw version 4 is not led to believe that nothing happened since
    assert desk.version() == 5


def test_whoever_read_an_older_version_changes_nothing(desk: Desk) -> None:
    desk.change(scored(4000), version=1)
    with pytest.raises(ChangedMeanwhileError):
        desk.change(scored(5000), version=1)
    assert scores(desk) == [4000]
    assert desk.version() == 2


def test_a_second_undo_finds_nothing_to_take_back(desk: Desk) -> None:
    batch = desk.change(scored(4000))
    desk.take_back(batch)
    with pytest.raises(NothingToUndoError):
        desk.take_back(batch)
    with pytest.raises(NothingToUndoError):
        desk.take_back("no such batch")


def test_what_was_corrected_again_since_is_not_taken_back(desk: Desk) -> None:
    first = desk.change(scored(4000))
    second = desk.change(scored(9000, at=LATER), at=LATER)
    with pytest.raises(ChangedMeanwhileError):
        desk.take_back(first)
    assert scores(desk) == [9000]
    # Once the later change is taken back, the earlier one can be too
    desk.take_back(second)
    assert scores(desk) == [4000]
    desk.take_back(first)
    assert scores(desk) == []


def test_what_an_import_corrected_since_is_not_taken_back(desk: Desk) -> None:
    # Given a score that an import, which keeps no single edits, has corrected since
    batch = desk.change(scored(4000))
    with desk.write() as session:
        session.exec(update(SatisfactionRow).values(score_hundredths=8000, recorded_at=LATER))
    with pytest.raises(ChangedMeanwhileError):
        desk.take_back(batch)
    assert scores(desk) == [8000]


def test_a_batch_that_cannot_be_taken_back_whole_is_not_taken_back_in_part(desk: Desk) -> None:
    batch = desk.change(scored(4000), decided)
    desk.change(scored(9000, at=LATER), at=LATER)
    with pytest.raises(ChangedMeanwhileError):
        desk.take_back(batch)
    assert len(desk.rows(DecisionRow)) == 1
    assert scores(desk) == [9000]


def test_an_undo_is_on_record_with_its_moment(desk: Desk) -> None:
    batch = desk.change(scored(4000))
    desk.take_back(batch)
    with desk.store.read(desk.firm.id) as session:
        edit = session.exec(select(EditRow).where(col(EditRow.batch) == batch)).one()
        assert (edit.by, edit.before, edit.undone_at is None) == (BY, None, False)


def test_another_firm_knows_nothing_of_a_batch(desk: Desk) -> None:
    batch = desk.change(scored(4000))

    def clients_as_seen_by(session: Session) -> list[int]:
        return clients_of_batch(session, batch)

    other = save_firm(desk.store, "T0002", "Südstern Beratung")
    with desk.store.write(other.id) as session:
        assert clients_as_seen_by(session) == []
        with pytest.raises(NothingToUndoError):
            undo(session, batch, at=LATER)
    with desk.store.read(desk.firm.id) as session:
        assert clients_as_seen_by(session) == [desk.client_id]
