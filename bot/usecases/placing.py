"""Place a firm's whole book and note who moved: nightly, after large imports, or by hand."""

from datetime import date

from bot.reports import BookPlaced
from bot.runtime import Runtime
from bot.usecases.rules import RulesChangedMeanwhileError
from domain.errors import DomainError
from storage.clients import names_of
from storage.firms import current_rules, mark_placed
from storage.importing import Progress
from storage.store import WORKER_PATIENCE_S

STEPS = 3
"""Reading, placing, noting."""


class AlreadyPlacedError(DomainError):
    """The book was placed on this day."""


def place_book(
    firm_id: int,
    runtime: Runtime,
    *,
    today: date,
    progress: Progress | None = None,
    once: bool = False,
) -> BookPlaced:
    """Place all present clients of a firm and note who is placed elsewhere than last noted.

    The store is only locked to note. Clients changed meanwhile are left to that change, which
    notes them itself. With `once` nothing is noted if the book was placed on this day before.
    Raises RulesChangedMeanwhileError and AlreadyPlacedError.
    """
    from domain import book, what_if
    from storage.book_frames import client_versions, load_frames, note_placed

    report = progress or (lambda _done, _total: None)
    report(0, STEPS)
    with runtime.store.read(firm_id) as session:
        rules = current_rules(session)
        versions, frames = client_versions(session), load_frames(session)
    report(1, STEPS)
    placed = book.place_book(frames, rules, today=today)
    report(2, STEPS)
    with runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
        if current_rules(session).version != rules.version:
            raise RulesChangedMeanwhileError
        if not mark_placed(session, today) and once:
            raise AlreadyPlacedError
        noted = note_placed(session, placed, versions, rule_version=rules.version, today=today)
    moved = noted.loc[~noted["is_first"]]
    tiers, fields = (
        what_if.moves_between(moved[f"last_{axis}"], moved[axis], moved["revenue_cents"])
        for axis in ("tier", "quadrant")
    )
    named = {each for move in (*tiers, *fields) for each in move.first}
    with runtime.store.read(firm_id) as session:
        names = names_of(session, sorted(named))
    report(STEPS, STEPS)
    return BookPlaced(
        clients=len(placed),
        moved=len(moved),
        first=len(noted) - len(moved),
        tiers=tiers,
        fields=fields,
        names=names,
    )
