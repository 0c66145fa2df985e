"""Records look after themselves: the journal's end is noted outside of it, old records go."""

from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from bot.digests.delivery import DigestDesk
from storage.erased_list import keep_list
from storage.erasing import purge_erased
from storage.heads import head_of_day, note_head
from storage.retention import purge
from storage.store import WORKER_PATIENCE_S

log = structlog.get_logger()


def record_head(firm_id: int, firm_zone: ZoneInfo, *, desk: DigestDesk, now: datetime) -> None:
    """Note the end of a firm's journal in the store, and once a day in the program's log."""
    head, day = desk.runtime.journal.head(firm_id), now.astimezone(firm_zone).date()
    if not head.seq:
        return
    with desk.runtime.store.read(firm_id) as session:
        noted = head_of_day(session, day)
    if noted == head.hash:
        return
    if noted is None:
        log.info("journal_head", firm=firm_id, seq=head.seq, hash=head.hash)
    with desk.runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        note_head(session, head, day=day)


def keep_house(firm_id: int, desk: DigestDesk) -> None:
    """Remove what a firm has kept longer than its terms, and clients whose term is over."""
    now, store = desk.now(), desk.runtime.store
    removed = {kind.value: count for kind, count in purge(store, firm_id, now=now).items() if count}
    if gone := purge_erased(store, firm_id, now=now):
        removed["erased"] = gone
    if (listed := desk.runtime.settings.erased_list) is not None:
        keep_list(store, listed)
    if removed:
        log.info("old_records_removed", firm=firm_id, **removed)
