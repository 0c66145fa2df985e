"""Every night old records go, and the journal's end is kept outside of the journal."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.digests.clock import Chore, Task, work_on
from bot.digests.housekeeping import record_head
from storage.heads import noted_heads
from storage.journal import Entry, Kind
from storage.sealing import Flaw, verify
from tests.digests.conftest import MONDAY, Office

BERLIN = ZoneInfo("Europe/Berlin")
LOOK = Entry(kind=Kind.VIEW, actor="member:1")


def test_the_journals_end_is_noted_so_that_a_cut_tail_is_missed(office: Office) -> None:
    desk, firm_id = office.desk(), office.firm_id
    for look in range(3):
        desk.runtime.note(firm_id, LOOK)
        record_head(firm_id, BERLIN, desk=desk, now=MONDAY + timedelta(minutes=look))
    with office.store.read(firm_id) as session:
        noted = noted_heads(session)
    end = office.store.journal.head(firm_id)
    assert noted == {end.seq: end.hash}
    assert verify(office.store.journal, firm_id, noted).is_whole
    assert (end.seq, Flaw.CUT) in verify(office.store.journal, firm_id + 1, noted).flaws


def test_at_night_what_is_older_than_its_term_goes(office: Office) -> None:
    desk = office.desk()
    desk.runtime.note(office.firm_id, LOOK)
    office.sandbox.clock.jump_to(MONDAY + timedelta(days=365 * 6))
    work_on(Task(Chore.PLACE, office.firm_id), desk)
    kinds = [each.kind for each in office.store.journal.entries(office.firm_id)]
    assert Kind.VIEW not in kinds
    assert Kind.PURGE in kinds
    assert verify(office.store.journal, office.firm_id).is_whole
