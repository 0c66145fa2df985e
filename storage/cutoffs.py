"""The limits that a rule book leaves to the firm's own clients, read from the store."""

from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, or_, select

from domain.cutoffs import BookCutoffs, rank_rungs
from domain.rulebook import MatrixMode, RuleBook
from storage.tables import ClientRow


def load_cutoffs(session: Session, rules: RuleBook, *, today: date) -> BookCutoffs | None:
    """Return the firm's limits by rank and by median; None where all limits are fixed.

    Percentiles read the revenues only. Medians read the facts of all clients, as frames.
    """
    if not rules.asks_the_book:
        return None
    if rules.matrix.mode is MatrixMode.MEDIAN:
        from domain.book import cutoffs_of
        from storage.book_frames import load_frames

        return cutoffs_of(load_frames(session), rules, today=today)
    return BookCutoffs(rungs=rank_rungs(load_revenues(session, today=today), rules.percentiles))


def load_revenues(session: Session, *, today: date) -> list[Decimal]:
    """Return the known revenues of the firm's present clients."""
    cents = session.exec(
        select(ClientRow.revenue_cents).where(
            col(ClientRow.revenue_cents).is_not(None),
            or_(col(ClientRow.former_since).is_(None), col(ClientRow.former_since) > today),
        )
    )
    return [Decimal(each) / 100 for each in cents if each is not None]
