"""A page of what is due to a team's clients: the order by frames, the reasons for the page alone.

The answers are those of `services.due_of_book`, which reads client by client.
"""

from collections import Counter
from collections.abc import Collection, Sequence, Set
from datetime import date, timedelta

import pandas as pd
from sqlmodel import Session

from bot.service_reports import DueEntry, DueReport, Page
from bot.usecases.services import SHOWN, dues_of, listed, urgency
from domain.access import Member
from domain.book import place_book
from domain.cutoffs import BookCutoffs
from domain.frames import EPOCH
from domain.model import Client
from domain.rulebook import RuleBook
from domain.segmentation import tier_of
from domain.service_frames import DueBook, due_book
from domain.servicing import DueState, ServiceOverride
from storage.book_frames import load_frames
from storage.capacity import agreed_services
from storage.clients import load_clients, names_of
from storage.cutoffs import load_cutoffs
from storage.due_frames import load_service_frames, settled_ahead
from storage.firms import rules_before

Place = tuple[int, date, str, int, date, int]
"""Where an entry stands: by state, day, name and client; of one client by due day and service."""


def due_page(
    session: Session,
    advisors: Collection[int],
    member: Member,
    firm: Sequence[Member],
    rules: RuleBook,
    *,
    today: date,
    page: Page,
) -> DueReport:
    """Report what is due to these advisors' clients, with the entries of one page."""
    team = _Team(session, advisors, {each.member_id: each.name for each in firm}, rules, today)
    return team.report(member.team, page)


class _Team:
    """Reads a team's books on one day."""

    def __init__(
        self,
        session: Session,
        advisors: Collection[int],
        names: dict[int, str],
        rules: RuleBook,
        today: date,
    ) -> None:
        self.session, self.advisors, self.names = session, advisors, names
        self.rules, self.today = rules, today
        self.cutoffs: BookCutoffs | None = load_cutoffs(session, rules, today=today)
        placed = place_book(
            load_frames(session, advisors), rules, today=today, cutoffs=self.cutoffs
        )
        self.placed = placed[placed["advisor_id"].isin(advisors)]

    def report(self, whose: str, page: Page) -> DueReport:
        """Report one page, and how much there is of everything."""
        book = self._read()
        rows = book.rows(SHOWN)
        is_booked = rows["state"] == DueState.BOOKED
        exact = set(rows["client_id"][is_booked]) | settled_ahead(
            self.session, self.advisors, today=self.today
        )
        known = self._entries(sorted(exact))
        places = {self._place(entry): entry for entry in known}
        every = [*places, *self._places(rows[~rows["client_id"].isin(exact)])]
        shown = sorted(every)[page.start : page.start + page.size]
        others = self._entries(sorted({place[3] for place in shown} - exact))
        places |= {self._place(entry): entry for entry in others}
        return DueReport(
            whose=whose,
            is_team=True,
            today=self.today,
            rules=self.rules,
            clients=len(self.placed),
            entries=tuple(places[each] for each in shown),
            before=page.start,
            states=Counter(SHOWN[place[0]] for place in every),
            overrides=self._overrides(),
        )

    def _read(self) -> DueBook:
        frames = load_service_frames(self.session, self.advisors, self.rules, today=self.today)
        earlier = rules_before(self.session, self.rules.version)
        return due_book(
            frames,
            self.placed["tier"].reindex(frames.clients["client_id"]),
            self.rules,
            adopted_on=(*earlier, self.rules)[0].valid_from,
            today=self.today,
            earlier=earlier,
        )

    def _places(self, rows: pd.DataFrame) -> list[Place]:
        """Say where rows stand in the list."""
        ids = rows["client_id"].tolist()
        names = names_of(self.session, sorted(set(ids)))
        keys = self._keys()
        cells = zip(ids, rows["service"], rows["state"], rows["due_on"].tolist(), strict=True)
        found = []
        for client_id, service, state, number in cells:
            day = EPOCH + timedelta(days=number)
            rank = SHOWN.index(DueState(state))
            found.append((rank, day, names[client_id], client_id, day, keys[service]))
        return found

    def _place(self, entry: DueEntry) -> Place:
        return (*urgency(entry), entry.due.due_on, self._keys()[entry.due.service])

    def _keys(self) -> dict[str, int]:
        return {each.key: rank for rank, each in enumerate(self.rules.services.services)}

    def _entries(self, client_ids: Sequence[int]) -> list[DueEntry]:
        """Read clients one by one, with all reasons."""
        clients = self._clients(client_ids)
        placed = [
            (each, tier_of(each, self.rules, today=self.today, cutoffs=self.cutoffs).tier)
            for each in clients
            if not each.is_former_on(self.today)
        ]
        dues = dues_of(self.session, placed, self.rules, self.today)
        return [
            entry
            for (client, tier), (_, due) in zip(placed, dues, strict=True)
            for entry in listed(client, tier, due, self.names)
        ]

    def _clients(self, client_ids: Sequence[int]) -> list[Client]:
        return load_clients(self.session, client_ids, self.rules, today=self.today)

    def _overrides(self) -> tuple[tuple[Client, ServiceOverride], ...]:
        present: Set[int] = set(self.placed.index)
        agreed = agreed_services(self.session, self.today, self.advisors)
        clients = self._clients([each for each in agreed if each in present])
        clients.sort(key=lambda each: (each.advisor_id, each.name, each.client_id))
        return tuple((each, override) for each in clients for override in agreed[each.client_id])
