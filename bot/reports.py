"""What a use case answers and a view shows: domain values with the day, the rules and the names."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from domain.acceptance import Acceptance, Fit, NewClient
from domain.access import Action, Member, Scope, own_books, scope_of
from domain.book_months import BookMonth
from domain.capacity import Alike, Hours, HoursFit, Mismatch, Utilisation, Workload
from domain.decisions import OpenDecision
from domain.exports import ExportRequest
from domain.hiring import HireAnswer
from domain.model import Tier
from domain.practice import PointState
from domain.priorities import Assessment, Priorities, WeeklyList
from domain.rechecks import EndingOverride, LegacyReview, StrategicRecheck
from domain.rule_drafts import Clash, Plain
from domain.rulebook import AcceptanceRules, MatrixLimits, MatrixMode, RuleBook
from domain.servicing import DueService

if TYPE_CHECKING:  # the answer path imports no pandas
    from domain.capacity_frames import CapacityEffect
    from domain.what_if import Comparison, Effect, Move


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, and whose clients that person may reach with the action at hand."""

    firm_id: int
    name: str
    reach: frozenset[int]
    """Ids of the advisors whose clients may be seen."""
    member: Member | None = None
    """None for the operator at the terminal."""

    def may_change(self, advisor_id: int) -> bool:
        """Tell whether the asker may record something of an advisor's client who may be seen."""
        if self.member is None or scope_of(self.member, Action.RECORD) is Scope.TEAM:
            return True
        return advisor_id in own_books(self.member, Action.RECORD)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientReport:
    """One client as the card shows her."""

    assessment: Assessment
    advisor: str
    rules: RuleBook
    today: date
    version: int
    may_change: bool = True
    """Who may only read gets no buttons that record."""
    hidden_sponsors: frozenset[int] = frozenset()
    """Sponsors whom the asker may not see: "a client of the firm"."""
    acceptance: Acceptance | None = None
    """How a new client fits the criteria; None: the client is not new."""
    due: tuple[DueService, ...] = ()
    """What is owed to the client, the soonest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralReport:
    """Several clients fit what was typed."""

    query: str
    hits: tuple[Assessment, ...]
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundReport:
    """No client fits; `near` are the asker's own clients whose names look alike."""

    query: str
    near: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpReport:
    """Nothing that could be a name was typed: nothing at all, one letter, or far too much."""

    too_short: bool = False
    too_long: bool = False


LookUpReport = ClientReport | SeveralReport | NotFoundReport | HelpReport


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReport:
    """One tier's or field's part of a book; amounts a year, unknown ones left out of the sums."""

    name: str | None
    """The tier or field; None: not placed."""
    clients: int
    revenue: Decimal
    untapped: Decimal
    at_risk: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BookReport:
    """A whole book, or a team's books together: what is in it, and what waits."""

    whose: str
    is_team: bool
    today: date
    rules: RuleBook
    tiers: tuple[PartReport, ...]
    fields: tuple[PartReport, ...]
    decisions: tuple[OpenDecision, ...]
    rechecks: tuple[StrategicRecheck, ...]
    reviews: tuple[LegacyReview, ...]
    overrides: tuple[EndingOverride, ...]
    new_clients: tuple[NewClient, ...]
    comparison: "Comparison"
    """Clients by tier, for each method of giving tiers."""
    splits: dict[MatrixMode, dict[str, int]]
    """Clients by field, with fixed limits and with the book's medians."""


@dataclass(frozen=True, kw_only=True)
class WeekReport:
    """The priorities of one book, or of a team's books together."""

    whose: str
    is_team: bool
    week: WeeklyList
    priorities: Priorities
    clients: int
    rules: RuleBook
    today: date
    advisors: dict[int, str]
    """Names of the advisors by id."""

    @cached_property
    def is_several(self) -> bool:
        """Tell whether clients of several advisors may stand here, so that each is named."""
        found = self.priorities
        every = (*found.grow, *found.fix, *found.move, *found.model, *found.not_placed)
        return self.is_team or len({each.client.advisor_id for each in every}) > 1

    def in_order(self) -> tuple[Assessment, ...]:
        """List the week's names first, then everybody else by GROW, FIX, MOVE, MODEL."""
        rest = (
            *self.priorities.grow,
            *self.priorities.fix,
            *self.priorities.move,
            *self.priorities.model,
        )
        named = {each.client.client_id for each in self.week.names}
        return (*self.week.names, *(e for e in rest if e.client.client_id not in named))


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPlaced:
    """A firm's whole book as placed and noted today, and who moved since last noted."""

    clients: int
    moved: int
    first: int
    """Clients that had never been noted before."""
    tiers: "tuple[Move, ...]"
    fields: "tuple[Move, ...]"
    names: dict[int, str]
    """Of the clients that the moves name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPreview:
    """What a rule book would change, on all clients of the firm."""

    before: RuleBook
    after: RuleBook
    effect: "Effect"
    capacity: "CapacityEffect"
    methods: "Comparison"
    split: dict[MatrixMode, dict[str, int]]
    names: dict[int, str]
    """Of the clients that the effect names, as far as the asker may see them."""

    @property
    def changes_rules(self) -> bool:
        """Tell whether the file says anything else than the rules in force."""
        same = replace(self.after, version=self.before.version, valid_from=self.before.valid_from)
        return same != self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesVersion:
    """One version in the history of the rule book."""

    version: int
    valid_from: date
    by: str
    at: datetime
    changes: tuple[tuple[str, Any, Any], ...]
    """Key, value before and value after; empty for the first version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesSection:
    """What a form for a part of the rule book is filled with."""

    in_force: RuleBook
    values: Plain
    """The rule book in force with the asker's own draft laid over it."""
    has_draft: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftReport:
    """What the asker's draft would change, if it were saved now."""

    preview: RulesPreview
    marker: str
    """Names the draft as it is now: what is saved must be what was shown."""
    meanwhile: tuple[RulesVersion, ...] = ()
    """Versions that others saved since the draft was begun, the newest first."""
    clashes: tuple[Clash, ...] = ()
    """What both the draft and they changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A new client that misses the criteria, by her line in the file."""

    row: int
    external_id: str
    name: str
    acceptance: Acceptance


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomers:
    """How the new clients of a file fit."""

    counts: dict[Fit, int]
    missing: tuple[Newcomer, ...]
    """The first of those that miss the criteria."""
    undated: int
    """New to the store, and the file does not say since when they are clients: not judged."""
    criteria: AcceptanceRules

    @property
    def misses(self) -> int:
        """Return how many miss the criteria."""
        return self.counts[Fit.BELOW_MINIMUM] + self.counts[Fit.UNKNOWN]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityReport:
    """A book's hours against its revenue: one advisor's, a team's, or the whole firm's."""

    whose: str
    """Empty: the whole firm."""
    is_team: bool
    """Of several advisors."""
    today: date
    rules: RuleBook
    limits: MatrixLimits
    """Those of the fields in force."""
    book: tuple[Assessment, ...]
    load: Workload
    advisors: int
    used: Utilisation
    single: tuple[tuple[str, Utilisation], ...]
    """Advisors one by one, by name, where they may be compared."""
    has_consent: bool
    """The works council's consent to that is on record."""
    mismatches: tuple[Mismatch, ...]
    alike: Alike | None
    months: tuple[BookMonth, ...]
    extra: dict[int, Hours] = field(default_factory=dict)
    """Hours that single clients have beyond their tier's, by id."""
    issue_hours: Decimal = Decimal(0)
    """Noted for issues of bulk services in the last twelve months: the firm's, no client's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HireReport:
    """The hiring sum on a book."""

    capacity: CapacityReport
    rules: RuleBook
    """With the hours and the client minimum that were asked about."""
    answer: HireAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeReport:
    """How the points of the practice checklist stand for a firm."""

    points: tuple[PointState, ...]
    fit: HoursFit
    lowest: Tier
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleReport:
    """Everybody who is or was of the firm, with the grants that hold now."""

    members: tuple[Member, ...]
    now: datetime

    @property
    def active(self) -> tuple[Member, ...]:
        """Return who has not left."""
        return tuple(each for each in self.members if each.is_active)

    @property
    def holds_both(self) -> tuple[Member, ...]:
        """Return who has both a role with clients and administration."""
        return tuple(each for each in self.active if len(each.roles) > 1)

    @property
    def is_one_person(self) -> bool:
        """Tell whether one person is the whole firm, so that nothing can be separated."""
        return len(self.active) <= 1

    def named(self, member_id: int) -> str:
        """Return a member's name."""
        return next((m.name for m in self.members if m.member_id == member_id), "–")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminReport:
    """What an admin looks after."""

    people: PeopleReport
    consent: tuple[str, datetime] | None
    """Who recorded the works council's consent to comparing advisors, and when."""
    rules_reserved: bool
    """Only admins save changes of the rule book."""
    erasures: int
    """So many are approved and not done yet."""
    exports: int
    """So many files of the whole firm wait for this admin to confirm or to fetch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """How often somebody saw or changed a client."""

    who: str
    """A name, or as the journal names people where names may not be shown."""
    kinds: Mapping[str, int]
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLog:
    """What the journal says of a client."""

    client_id: int
    name: str | None
    """None: numbers in place of names, or there is no such client."""
    people: tuple[Looked, ...]
    """Whoever was there last comes first."""
    newest: tuple[tuple[datetime, str, str, str], ...]
    """When, who, which kind of entry, by which command or button."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureReport:
    """That a client is to be erased, or was; who asked, who approved."""

    client_id: int
    asked_by_id: int | None
    """None: not by somebody of the firm."""
    requested_by: str
    requested_at: datetime
    reason: str | None
    """None: not asked for here, or removed with the client."""
    approved_by: str | None
    approved_at: datetime | None
    erased_at: datetime | None
    proof: str | None
    ended_by: str | None = None
    ended_at: datetime | None = None
    """Withdrawn or declined, and not asked for anew."""
    is_withdrawn: bool = False
    """By who asked."""

    @property
    def waits(self) -> bool:
        """Tell whether there is a next step."""
        return self.erased_at is None and self.ended_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedReport:
    """What an erasure did."""

    asked: ErasureReport
    counts: Mapping[str, int]
    """Rows that were changed or removed, by table."""
    kept_until: date | None
    """What the law wants kept stays without a name until then."""
    is_clean: bool
    """Nothing of it is left in the files' free pages either."""
    messages_gone: int
    messages_left: int
    exports: tuple[tuple[datetime, str], ...]
    """Files that people have; only people can delete them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportsReport:
    """Who asked for a file of the whole firm, and how each request stands for a reader."""

    requests: tuple[ExportRequest, ...]
    """The newest first."""
    names: Mapping[int, str]
    reader_id: int
    now: datetime

    @property
    def waiting(self) -> int:
        """Return for how many the next step is the reader's."""
        return sum(each.awaits(self.reader_id, self.now) for each in self.requests)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """How messages and journal stand."""

    waiting: tuple[tuple[str, str, str, int], ...]
    """Kind, state and reason of messages that are not sent, and how many."""
    overdue: int
    placed_on: date | None
    """The day up to which the book is placed each night."""
    nights_missed: int | None
    """For so many nights it was not; None: not known yet."""
    head: int
    """So many entries the journal has had."""
