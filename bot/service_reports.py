"""What use cases on services and client events answer: domain values with names and the day."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.reports import WeekReport
from domain.calendar import monday_of
from domain.decisions import OpenDecision
from domain.events import Candidate, ClientEvent, Invitation, InvitationState
from domain.evidence import Promise
from domain.handling import Handling, Success
from domain.issues import DueIssue, Issue
from domain.model import Client, Quadrant, Tier
from domain.priorities import Assessment
from domain.rechecks import DecisionRecheck, EndingOverride, LegacyReview, StrategicRecheck
from domain.reminders import Item
from domain.rulebook import RuleBook
from domain.servicing import DueService, DueState, ServiceHistory, ServiceOverride
from domain.team_posts import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class DueEntry:
    """One service owed to one client."""

    client: Client
    tier: Tier | None
    advisor: str
    due: DueService


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries of a list."""

    start: int
    size: int


@dataclass(frozen=True, kw_only=True)
class DueReport:
    """What is owed: of one client, of one book, or of a team's books together."""

    whose: str
    is_team: bool
    today: date
    rules: RuleBook
    clients: int
    entries: tuple[DueEntry, ...]
    """The longest overdue first, then by state and day: all of them, or those of a page."""
    before: int = 0
    """So many entries come before those of the page."""
    states: Mapping[DueState, int] | None = None
    """How many of all entries are in each state, if these are those of a page."""
    overrides: tuple[tuple[Client, ServiceOverride], ...] = ()
    """In force now."""
    only_seen: frozenset[int] = frozenset()
    """The advisors of whose clients the reader may record nothing."""

    @cached_property
    def near(self) -> tuple[DueEntry, ...]:
        """List what is to be done by Sunday: what is late or due, then what is booked or comes."""
        sunday = monday_of(self.today) + timedelta(days=6)

        def is_near(entry: DueEntry) -> bool:
            due = entry.due
            if due.state is DueState.BOOKED and due.appointment is not None:
                return due.appointment.on <= sunday
            return due.state is not DueState.UPCOMING or due.due_on <= sunday

        return tuple(filter(is_near, self.entries))

    @cached_property
    def is_several(self) -> bool:
        """Tell whether clients of several advisors may stand here, so that each is named."""
        return self.is_team or len({each.advisor for each in self.entries}) > 1

    def count(self, state: DueState) -> int:
        """Count the entries in a state."""
        return self.counts.get(state, 0)

    @property
    def counts(self) -> Mapping[DueState, int]:
        """Return how many entries are in each state."""
        if self.states is not None:
            return self.states
        return Counter(each.due.state for each in self.entries)

    def page(self, start: int, size: int) -> tuple[DueEntry, ...]:
        """Return some of the entries."""
        return self.entries[start - self.before : start - self.before + size]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReport:
    """One client's services, for a form and for what stands after it."""

    client: Client
    tier: Tier | None
    advisor: str
    today: date
    rules: RuleBook
    history: ServiceHistory
    due: tuple[DueService, ...]
    issues: tuple[DueIssue, ...] = ()
    """Bulk services that the client gets."""
    may_change: bool = True
    """Who may only read gets no buttons that record."""

    def find(self, service: str) -> DueService | None:
        """Return how a service stands; None if it is not owed."""
        return next((each for each in self.due if each.service == service), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRecorded:
    """What was recorded of a service; `batch` takes it back."""

    report: ServiceReport
    service: str
    batch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """An appointment as calendars know it."""

    client: str
    service: str
    on: date
    at: time | None
    zone: str
    minutes: int
    is_cancelled: bool
    uid: str
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceReport:
    """What was promised to a client in a period, what was done, and if not, why."""

    client: Client
    advisor: str
    first_day: date
    last_day: date
    today: date
    rules: RuleBook
    promises: tuple[Promise, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuesReport:
    """When the firm's next issues of bulk services are due."""

    today: date
    rules: RuleBook
    due: tuple[DueIssue, ...]
    """The next one first."""

    def find(self, service: str) -> DueIssue | None:
        """Return how a bulk service stands; None if nobody gets it."""
        return next((each for each in self.due if each.service == service), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRecorded:
    """An issue that was just put on record; `batch` takes it back."""

    report: IssuesReport
    service: str
    issue: Issue
    batch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """An invited client whom the asker may see."""

    client_id: int
    external_id: str
    name: str
    tier: Tier | None
    invitation: Invitation


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReport:
    """An event with figures of the whole team, and the guests out of the asker's own reach."""

    event: ClientEvent
    seats_left: int
    counts: dict[InvitationState, int]
    may_change: bool
    today: date
    rules: RuleBook
    guests: tuple[Guest, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    """Whom to invite next, the first one first."""

    @property
    def named(self) -> frozenset[int]:
        """Return the ids of all clients it names."""
        invited = {each.client_id for each in self.guests}
        return frozenset(invited | {each.client.client_id for each in self.candidates})


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsReport:
    """A team's events."""

    team: str
    today: date
    rules: RuleBook
    events: tuple[EventReport, ...]
    """The next one first; then those of the last weeks, the latest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MorningReport:
    """The page that a member opens in the morning."""

    week: WeekReport
    due: DueReport
    tensions: tuple[Assessment, ...]
    """Clients whose tier and field pull in opposite directions."""
    decisions: tuple[OpenDecision, ...]
    events: EventsReport
    issues: IssuesReport | None = None
    """For who keeps record of them."""
    may_choose_channel: bool = False
    """The member chooses the channel in which the team is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSummary:
    """What a lead reads of the team on Monday."""

    team: str
    books: int
    total: Tally | None
    """None: so few books together would tell single advisors."""
    single: tuple[tuple[str, Tally], ...]
    """Each advisor's, by name; empty where they may not be compared."""
    failed: int
    """Messages of the last seven days that did not go out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestReport:
    """What a member reads on Monday."""

    week: WeekReport
    due: DueReport
    decisions: tuple[OpenDecision, ...]
    rechecks: tuple[StrategicRecheck, ...]
    reviews: tuple[LegacyReview, ...]
    overrides: tuple[EndingOverride, ...]
    decided: tuple[DecisionRecheck, ...] = ()
    """Decisions whose day to look again comes soon; once it has come they are open."""
    successes: tuple[Success, ...]
    team: TeamSummary | None = None
    """Of a lead's team."""
    reminders: tuple[Item, ...] = ()
    """What comes up today: on the digest's day there is no other message."""
    as_of: datetime
    """When the book was read, in the reader's zone."""
    book: tuple[Assessment, ...] = ()
    """Everybody whom it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was just said of a name; `batch` takes it back."""

    client_id: int
    client: str
    how: Handling
    quadrant: Quadrant | None
    until: date
    batch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderReport:
    """What a member is reminded of on a day."""

    items: tuple[Item, ...]
    rules: RuleBook
    today: date
    zone: ZoneInfo
