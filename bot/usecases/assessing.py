"""Assesses chosen clients; their advisors' whole books are read only where a median is needed."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlmodel import Session

from domain.model import Client
from domain.priorities import Assessment, assess, assess_book, median_rate, own_rate
from domain.quadrants import Missing, share_reading
from domain.rulebook import RuleBook
from storage.clients import load_book, load_clients
from storage.cutoffs import load_cutoffs


def assess_clients(
    session: Session, client_ids: Sequence[int], rules: RuleBook, *, today: date
) -> list[Assessment]:
    """Assess clients in the order given; ids that are none are left out."""
    clients = load_clients(session, client_ids, rules, today=today)
    rates = {
        advisor_id: median_rate(
            load_book(session, {advisor_id}, rules, today=today), rules, today=today
        )
        for advisor_id in sorted(
            {c.advisor_id for c in clients if _needs_book_rate(c, rules, today=today)}
        )
    }
    cutoffs = load_cutoffs(session, rules, today=today)
    return [
        assess(
            client,
            rules,
            book_rate=rates.get(client.advisor_id),
            today=today,
            cutoffs=cutoffs,
        )
        for client in clients
    ]


def assess_books(
    session: Session, advisor_ids: Iterable[int], rules: RuleBook, *, today: date
) -> list[Assessment]:
    """Assess the present clients of whole books, each book by itself.

    So a team's figures are the same as its members'.
    """
    cutoffs = load_cutoffs(session, rules, today=today)
    assessments: list[Assessment] = []
    for advisor_id in sorted(advisor_ids):
        clients = load_book(session, {advisor_id}, rules, today=today)
        assessments += assess_book(clients, rules, today=today, cutoffs=cutoffs)
    return assessments


def _needs_book_rate(client: Client, rules: RuleBook, *, today: date) -> bool:
    share = share_reading(client, rules.matrix, today=today)
    return not isinstance(share, Missing) and own_rate(client, share, rules.matrix) is None
