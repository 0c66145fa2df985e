"""A page of what is due in a team is the page of the whole list, whichever way it was read."""

from datetime import date
from random import Random
from typing import Any

import pytest
from sqlmodel import Session

from bot.runtime import Runtime
from bot.service_reports import Page
from bot.settings import Settings
from bot.usecases.services import due_of_book
from domain.access import Member, Role
from domain.service_history import ServiceHistory
from storage.firms import save_member, save_rules
from storage.services import note_last_services
from storage.store import Store
from storage.tables import (
    AppointmentRow,
    ClientRow,
    FirmRow,
    PlacementRow,
    ServiceOverrideRow,
    ServiceRecordRow,
    SnoozeRow,
)
from tests.domain.drawn import a_book
from tests.domain.drawn_services import TIERS, a_day, a_history, a_rule_history
from tests.firms import NOW
from tests.storage.drawn_books import save_book

TODAY = date(2026, 3, 2)
SIZE = 25


@pytest.mark.parametrize("seed", range(2))
def test_each_page_of_a_team_is_that_of_the_whole_list(
    store: Store, firm: FirmRow, members: dict[str, Member], seed: int
) -> None:
    # Given drawn books with histories, one of them outside of the team, under several rule books
    random, lead = Random(seed), members["vogt"]
    with store.write(firm.id) as session:
        save_member(session, key="emily", name="Emily Carter", role=Role.ADVISOR, team="others")
        rule_books = a_rule_history(random)
        for rules in rule_books:
            save_rules(session, rules, by="vogt", at=NOW)
        drawn = a_book(random, 40, rule_books[-1], TODAY)
        advisors = [each.member_id for each in members.values()]
        ids = save_book(session, drawn, advisors)
        for client_id in ids:
            row = session.get_one(ClientRow, client_id)
            row.client_since, row.last_review_on, row.last_contact_on = (
                a_day(random) if random.random() < 0.3 else None for _ in range(3)
            )
            row.born_on = random.choice((None, date(1964, 2, 29), date(1951, 3, 5)))
            _save_history(session, client_id, a_history(random), random)
        note_last_services(session, *ids)
    runtime = Runtime(settings=Settings(_env_file=None), store=store, clock=lambda: NOW)  # type: ignore[call-arg]
    assert firm.id is not None
    # When the lead reads the whole list, and then page by page
    whole = due_of_book(firm.id, lead, runtime, today=TODAY, team=True)
    assert len(whole.entries) > SIZE
    for start in range(0, len(whole.entries) + 1, SIZE):
        page = due_of_book(firm.id, lead, runtime, today=TODAY, team=True, page=Page(start, SIZE))
        # Then each page says the same, reasons included
        assert page.page(start, SIZE) == whole.entries[start : start + SIZE]
        assert page.counts == whole.counts
        assert (page.clients, page.overrides) == (whole.clients, whole.overrides)


def test_a_team_without_clients_has_an_empty_page(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    runtime = Runtime(settings=Settings(_env_file=None), store=store, clock=lambda: NOW)  # type: ignore[call-arg]
    assert firm.id is not None
    page = due_of_book(
        firm.id, members["vogt"], runtime, today=TODAY, team=True, page=Page(0, SIZE)
    )
    assert (page.clients, page.entries, dict(page.counts)) == (0, (), {})


def _save_history(
    session: Session, client_id: int, history: ServiceHistory, random: Random
) -> None:
    """Save what was drawn, as far as the store can keep it apart."""
    whose: dict[str, Any] = {"client_id": client_id}
    said = whose | {"recorded_by": "anna", "recorded_at": NOW}
    records = {(each.service, each.on, each.outcome): each for each in history.records}
    rows: list[Any] = [
        ServiceRecordRow(
            **said,
            service=each.service,
            outcome=each.outcome,
            happened_on=each.on,
            channel=each.channel,
        )
        for each in records.values()
    ]
    rows += [
        AppointmentRow(
            **said,
            service=each.service,
            day=each.on,
            zone="Europe/Berlin",
            minutes=60,
            is_cancelled=each.cancelled,
            uid=f"{client_id}-{number}",
        )
        for number, each in enumerate(history.appointments)
    ]
    rows += [SnoozeRow(**said, service=each.service, until=each.until) for each in history.snoozes]
    rows += [
        ServiceOverrideRow(
            **whose,
            service=each.service,
            per_year_hundredths=int(each.per_year * 100),
            reason=each.reason,
            by=each.by,
            first_day=each.first_day,
            last_day=each.last_day,
        )
        for each in history.overrides
    ]
    for first in sorted({a_day(random) for _ in range(random.choice((0, 0, 1, 3)))}):
        tier = random.choice(TIERS)
        rows.append(PlacementRow(**whose, seen_on=first, tier=tier, rule_version=1))
    session.add_all(rows)
    session.flush()
