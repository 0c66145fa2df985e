"""Each night every firm's book is placed, so that what only time changed is noted as well."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import structlog

from bot.digests.delivery import DigestDesk
from bot.usecases.placing import AlreadyPlacedError, place_book
from bot.usecases.rules import RulesChangedMeanwhileError
from domain.calendar import local_instant
from storage.clients import has_clients
from storage.firms import firm_by_id, mark_placed
from storage.store import WORKER_PATIENCE_S

log = structlog.get_logger()

PLACED_AT = time(1)
"""In the firm's zone; between two and three o'clock some nights have no such time."""


def is_to_be_placed(placed_on: date | None, zone: ZoneInfo, *, now: datetime) -> bool:
    """Tell whether a firm's book is to be placed; what a night missed is done in the morning."""
    today = now.astimezone(zone).date()
    is_done = placed_on is not None and placed_on >= today
    return not is_done and now >= local_instant(today, PLACED_AT, zone)


def place_nightly(firm_id: int, desk: DigestDesk) -> None:
    """Place a firm's book, once a day whoever else tries."""
    with desk.runtime.store.read(firm_id) as session:
        now, firm = desk.now(session), firm_by_id(session, firm_id)
        is_empty = not has_clients(session)
    zone = ZoneInfo(firm.zone)
    if not is_to_be_placed(firm.placed_on, zone, now=now):
        return
    today = now.astimezone(zone).date()
    if is_empty:  # spares the process pandas
        with desk.runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
            mark_placed(session, today)
        return
    try:
        found = place_book(firm_id, desk.runtime, today=today, once=True)
    except (AlreadyPlacedError, RulesChangedMeanwhileError) as meanwhile:
        log.info("book_not_placed", firm=firm_id, reason=type(meanwhile).__name__)
        return
    log.info("book_placed", firm=firm_id, clients=found.clients, moved=found.moved)
