"""Each night every firm's book is placed, so that what only time changed is noted as well."""

from zoneinfo import ZoneInfo

import structlog

from bot.digests.delivery import DigestDesk
from bot.digests.nights import is_to_be_placed
from bot.digests.placer import PlacingFailedError
from storage.clients import has_clients
from storage.firms import firm_by_id, list_firms, mark_placed
from storage.store import WORKER_PATIENCE_S

log = structlog.get_logger()


def place_nightly(firm_id: int, desk: DigestDesk) -> None:
    """Place a firm's book, once a day whoever else tries."""
    with desk.runtime.store.read(firm_id) as session:
        now, firm = desk.now(session), firm_by_id(session, firm_id)
        is_empty = not has_clients(session)
    zone = ZoneInfo(firm.zone)
    if not is_to_be_placed(firm.placed_on, zone, now=now):
        return
    today = now.astimezone(zone).date()
    if is_empty:
        with desk.runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
            mark_placed(session, today)
        return
    address = desk.runtime.store.engine.url.render_as_string(hide_password=False)
    try:
        found = desk.placer.place(firm_id, address, today=today)
    except PlacingFailedError as failed:  # it is tried again in the next bucket
        if not desk.placer.is_closed:
            log.error("ALERT: book not placed", firm=firm_id, why=str(failed))
        return
    if "left" in found:
        log.info("book_not_placed", firm=firm_id, reason=found["left"])
    else:
        log.info("book_placed", firm=firm_id, **found)


def failed_books(desk: DigestDesk) -> int:
    """Count the firms whose book could not be placed here and still is to be."""
    failed = desk.placer.failed
    if not failed:
        return 0
    with desk.runtime.store.read(None) as session:
        now, firms = desk.now(session), list_firms(session)
    return sum(
        firm.id in failed and is_to_be_placed(firm.placed_on, ZoneInfo(firm.zone), now=now)
        for firm in firms
    )
