"""Tables: what is kept, each row with its firm. They validate nothing; values do (``domain``).

Money is integer cents (`_cents`), shares and rates are hundredths of a per cent (`_bp`), scores are
hundredths (`_hundredths`), instants are aware and in UTC. Fixed sets are stored as text.
"""

from datetime import date, datetime, time
from secrets import randbelow
from typing import Any

from pydantic import ConfigDict
from sqlalchemy import JSON, BigInteger, DateTime, Index, MetaData, UniqueConstraint
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel):
    """Base of all tables: constraints are named alike on both databases."""

    model_config = ConfigDict(defer_build=True)  # type: ignore[assignment]  # few are validated
    metadata = MetaData(naming_convention=NAMING)


class FirmRow(Table, table=True):
    """A firm: one Slack workspace, or one Enterprise organisation."""

    __tablename__ = "firm"
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(unique=True, max_length=64)
    """Slack's enterprise id, else its team id."""
    name: str = Field(max_length=200)
    currency: str = Field(default="EUR", max_length=3)
    zone: str = Field(default="Europe/Berlin", max_length=64)
    locale: str = Field(default="de-DE", max_length=16)
    created_at: datetime
    holidays: str = Field(default="", max_length=16)
    """Whose public holidays count, such as AT or with a region DE-BY; empty: nobody's."""
    council_consent_by: str | None = Field(default=None, max_length=200)
    """Who recorded that the works council agreed to comparing advisors; None: nobody."""
    council_consent_at: datetime | None = None
    rules_reserved: bool = False
    """Only admins change the rule book; else leads do, too."""
    words_version: int = Field(default_factory=lambda: randbelow(2**30))
    """Grows when a word comes into the firm's client names (``storage.search``).

    It begins anywhere: an id may be given to another firm, whose names are not those in memory.
    """
    placed_on: date | None = None
    """The day whose nightly placement of the book is done."""
    disconnected_at: datetime | None = None
    """Since when Slack does not take us there; None: it does."""
    disconnected_why: str = Field(default="", max_length=64)
    """Slack's word for it."""


class HeartbeatRow(Table, table=True):
    """A program that runs, or ran: of the machine's, not of a firm's."""

    __tablename__ = "heartbeat"
    worker: str = Field(primary_key=True, max_length=32)
    started_at: datetime
    seen_at: datetime
    stopped_at: datetime | None = None
    """When it ended as it should; None: it runs, or was cut off."""


class FirmOwned(Table):
    """A row of one firm; sessions filter by it in one place (``storage.store``)."""

    firm_id: int = Field(default=None, foreign_key="firm.id", index=True)


class MemberRow(FirmOwned, table=True):
    """A person of the firm who has a role here, linked to a Slack account or not yet."""

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("firm_id", "key"),
        UniqueConstraint("firm_id", "slack_user_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=64)
    name: str = Field(max_length=200)
    role: str = Field(max_length=16)
    team: str = Field(default="", max_length=64)
    slack_user_id: str | None = Field(default=None, max_length=64)
    linked_at: datetime | None = None
    is_active: bool = True
    is_admin: bool = False
    """Administers besides the role."""
    locale: str | None = Field(default=None, max_length=16)
    """Chosen here; None: as in Slack."""
    full_text: bool = False
    """Names and amounts may stand in notifications."""
    strict: bool = False
    """Answers come by direct message even in the firm's own channels."""


class GrantRow(FirmOwned, table=True):
    """An assistant acts for an advisor until an instant."""

    __tablename__ = "grant"
    __table_args__ = (UniqueConstraint("assistant_id", "advisor_id"),)
    id: int | None = Field(default=None, primary_key=True)
    assistant_id: int = Field(foreign_key="member.id")
    """Without an index of its own: the unique key begins with it."""
    advisor_id: int = Field(foreign_key="member.id")
    until: datetime
    may_record: bool
    may_get_digest: bool
    may_import: bool
    given_by: str = Field(max_length=200)
    given_at: datetime


class LinkCodeRow(FirmOwned, table=True):
    """A code with which one person, once, links the own Slack account to a member."""

    __tablename__ = "link_code"
    id: int | None = Field(default=None, primary_key=True)
    member_id: int = Field(foreign_key="member.id")
    code_hash: str = Field(max_length=64, unique=True)
    slack_user_id: str | None = Field(default=None, max_length=64)
    """Who alone may use it; None: whoever has it."""
    made_by: str = Field(max_length=200)
    expires_at: datetime
    used_at: datetime | None = None


class LinkTryRow(FirmOwned, table=True):
    """A code that somebody entered in vain."""

    __tablename__ = "link_try"
    __table_args__ = (Index("ix_link_try_firm_id_slack_user_id", "firm_id", "slack_user_id"),)
    firm_id: int = Field(default=None, foreign_key="firm.id")
    id: int | None = Field(default=None, primary_key=True)
    slack_user_id: str = Field(max_length=64)
    tried_at: datetime


class RuleBookRow(FirmOwned, table=True):
    """One version of the firm's rule book; ``domain.rulebook.from_plain`` reads the body."""

    __tablename__ = "rule_book"
    __table_args__ = (UniqueConstraint("firm_id", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    version: int
    valid_from: date
    body: dict[str, Any] = Field(sa_type=JSON)
    saved_by: str = Field(max_length=200)
    saved_at: datetime


class BookMonthRow(FirmOwned, table=True):
    """An advisor's book as last seen in a month, so that it can be followed over time."""

    __tablename__ = "book_month"
    __table_args__ = (UniqueConstraint("advisor_id", "month"),)
    id: int | None = Field(default=None, primary_key=True)
    advisor_id: int = Field(foreign_key="member.id")
    """Without an index of its own: the unique key begins with it."""
    month: date
    """Its first day."""
    clients: int
    ideal_clients: int
    revenue_cents: int = Field(sa_type=BigInteger)
    hours_hundredths: int
    """Planned, of the advisor."""
    ideal_hours_hundredths: int
    """Those of them with ideal clients."""


class PracticeTickRow(FirmOwned, table=True):
    """A point of the practice checklist that a person ticked off."""

    __tablename__ = "practice_tick"
    __table_args__ = (UniqueConstraint("firm_id", "point"),)
    id: int | None = Field(default=None, primary_key=True)
    point: str = Field(max_length=32)
    done_on: date
    rule_version: int
    """The rule book in force then: what is agreed on later is ticked anew."""
    ticked_by: str = Field(max_length=200)
    ticked_at: datetime


class RuleDraftRow(FirmOwned, table=True):
    """What a person is about to change of the rule book; it is kept, and holds nowhere yet."""

    __tablename__ = "rule_draft"
    __table_args__ = (UniqueConstraint("firm_id", "member_id"),)
    id: int | None = Field(default=None, primary_key=True)
    member_id: int = Field(foreign_key="member.id")
    base_version: int
    """The version that the person had before her."""
    changes: dict[str, Any] = Field(sa_type=JSON)
    """Changed values by section, as a rule file has them."""
    revision: int = 1
    """Grows with every change; only a draft whose effect was shown can be saved."""
    changed_at: datetime


class ClientRow(FirmOwned, table=True):
    """A client and its present figures; dated facts live in the tables below."""

    __tablename__ = "client"
    __table_args__ = (
        UniqueConstraint("firm_id", "external_id"),
        Index("ix_client_firm_id_advisor_id", "firm_id", "advisor_id"),
    )
    firm_id: int = Field(default=None, foreign_key="firm.id")
    id: int | None = Field(default=None, primary_key=True)
    external_id: str = Field(max_length=64)
    name: str = Field(max_length=200)
    advisor_id: int = Field(foreign_key="member.id")
    revenue_cents: int | None = Field(default=None, sa_type=BigInteger)
    revenue_on: date | None = None
    income_cents: int | None = Field(default=None, sa_type=BigInteger)
    saving_rate_bp: int | None = None
    business_share_bp: int | None = None
    client_since: date | None = None
    former_since: date | None = None
    born_on: date | None = None
    last_review_on: date | None = None
    """As an imported list named it; what is recorded here stands in `ServiceRecordRow`."""
    last_contact_on: date | None = None
    version: int = 1
    """Grows with every change; an editor who read an older one is told."""


class Fact(FirmOwned):
    """Something dated about a client."""

    client_id: int = Field(foreign_key="client.id", index=True)


class SatisfactionRow(Fact, table=True):
    """A measured satisfaction; a second one of the same day and scale corrects the first."""

    __tablename__ = "satisfaction"
    __table_args__ = (UniqueConstraint("client_id", "measured_on", "scale"),)
    firm_id: int = Field(default=None, foreign_key="firm.id")
    client_id: int = Field(foreign_key="client.id")
    """Without an index of its own: the unique key begins with it, and imports write many rows."""
    id: int | None = Field(default=None, primary_key=True)
    score_hundredths: int
    scale: str = Field(max_length=16)
    measured_on: date
    recorded_by: str = Field(max_length=200)
    recorded_at: datetime


class WalletRow(Fact, table=True):
    """What one source said about the wallet on a day."""

    __tablename__ = "wallet"
    __table_args__ = (UniqueConstraint("client_id", "source", "known_on"),)
    firm_id: int = Field(default=None, foreign_key="firm.id")
    client_id: int = Field(foreign_key="client.id")
    """Without an index of its own: the unique key begins with it, and imports write many rows."""
    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=16)
    known_on: date
    wallet_cents: int | None = Field(default=None, sa_type=BigInteger)
    share_bp: int | None = None
    providers: int | None = None
    """For the Wallet Allocation Rule: how many providers the client uses."""
    rank_hundredths: int | None = None
    """For the same: our place in the client's preference; ties share the mean place."""
    recorded_by: str = Field(max_length=200)
    recorded_at: datetime


class HoldingRow(Fact, table=True):
    """What we managed for the client on a day."""

    __tablename__ = "holding"
    __table_args__ = (UniqueConstraint("client_id", "held_on"),)
    firm_id: int = Field(default=None, foreign_key="firm.id")
    client_id: int = Field(foreign_key="client.id")
    """Without an index of its own: the unique key begins with it, and imports write many rows."""
    id: int | None = Field(default=None, primary_key=True)
    managed_cents: int = Field(sa_type=BigInteger)
    held_on: date


class StrategicRow(Fact, table=True):
    """A criterion of tier S set by a person or an import."""

    __tablename__ = "strategic_case"
    __table_args__ = (UniqueConstraint("client_id", "criterion"),)
    id: int | None = Field(default=None, primary_key=True)
    criterion: str = Field(max_length=32)
    noted_on: date
    reason: str = Field(default="", max_length=500)
    target_tier: str | None = Field(default=None, max_length=2)
    recheck_on: date | None = None


class LegacyRow(Fact, table=True):
    """A relation to a sponsor that makes a client legacy."""

    __tablename__ = "legacy_tie"
    __table_args__ = (UniqueConstraint("client_id", "sponsor_id"),)
    id: int | None = Field(default=None, primary_key=True)
    relation: str = Field(max_length=16)
    sponsor_id: int = Field(foreign_key="client.id")


class OverrideRow(Fact, table=True):
    """A tier set by a person against the rule, until a last day."""

    __tablename__ = "override"
    id: int | None = Field(default=None, primary_key=True)
    tier: str = Field(max_length=2)
    reason: str = Field(max_length=500)
    by: str = Field(max_length=200)
    first_day: date
    last_day: date


class DecisionRow(Fact, table=True):
    """What was decided about a client."""

    __tablename__ = "decision"
    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=16)
    reason: str = Field(max_length=500)
    by: str = Field(max_length=200)
    decided_on: date
    recheck_on: date | None = None
    advisor_id: int | None = Field(default=None, foreign_key="member.id")
    """To whom a client is handed over."""


class TraitRow(Fact, table=True):
    """Trust or coachability (1 to 5) or referrals given (a count), as seen on a day."""

    __tablename__ = "trait"
    __table_args__ = (UniqueConstraint("client_id", "kind", "noted_on"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=16)
    value: int
    noted_on: date
    recorded_by: str = Field(max_length=200)
    recorded_at: datetime


class DiagnosisRow(Fact, table=True):
    """Why a client in FIX is dissatisfied, and what is done about it."""

    __tablename__ = "diagnosis"
    id: int | None = Field(default=None, primary_key=True)
    cause: str = Field(max_length=500)
    action: str = Field(max_length=500)
    noted_on: date
    recorded_by: str = Field(max_length=200)
    recorded_at: datetime


class ClientEventRow(FirmOwned, table=True):
    """A dinner, a seminar: what a team invites clients to."""

    __tablename__ = "client_event"
    id: int | None = Field(default=None, primary_key=True)
    team: str = Field(max_length=64)
    owner_id: int = Field(foreign_key="member.id")
    """Who made it, and may change it."""
    name: str = Field(max_length=120)
    day: date
    at: time
    ends_at: time
    zone: str = Field(max_length=64)
    """Whose clocks show these times; an IANA name."""
    place: str = Field(default="", max_length=200)
    seats: int
    service: str = Field(max_length=40)
    tiers: list[str] = Field(sa_type=JSON)
    is_cancelled: bool = False
    uid: str = Field(max_length=64)
    """Names the event in calendars, for good."""
    sequence: int = 0
    """Grows with every change, so that calendars take the newer one."""
    saved_by: str = Field(max_length=200)
    saved_at: datetime


class InvitationRow(Fact, table=True):
    """A client's invitation to an event, and what came of it."""

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("client_id", "event_id"),)
    firm_id: int = Field(default=None, foreign_key="firm.id")
    client_id: int = Field(foreign_key="client.id")
    """Without an index of its own: the unique key begins with it."""
    id: int | None = Field(default=None, primary_key=True)
    event_id: int = Field(foreign_key="client_event.id", index=True)
    state: str = Field(max_length=16)
    changed_on: date
    recorded_by: str = Field(max_length=200)
    recorded_at: datetime


class ServiceRecordRow(Fact, table=True):
    """What came of a service on a day: delivered, declined, an attempt without an answer."""

    __tablename__ = "service_record"
    __table_args__ = (
        Index("ix_service_record_client_id_service_happened_on",
              "client_id", "service", "happened_on"),
    )  # fmt: skip
    client_id: int = Field(foreign_key="client.id")
    """Without an index of its own: the one above begins with it."""
    id: int | None = Field(default=None, primary_key=True)
    service: str = Field(max_length=40)
    outcome: str = Field(max_length=16)
    happened_on: date
    advisor_minutes: int | None = None
    staff_minutes: int | None = None
    note: str = Field(default="", max_length=500)
    channel: str | None = Field(default=None, max_length=16)
    """How the client was reached, where that matters."""
    event_id: int | None = Field(default=None, foreign_key="client_event.id")
    recorded_by: str = Field(max_length=200)
    recorded_at: datetime


class IssueRow(FirmOwned, table=True):
    """One issue of a bulk service, which went to all clients of some tiers at once."""

    __tablename__ = "issue"
    __table_args__ = (UniqueConstraint("firm_id", "service", "sent_on"),)
    firm_id: int = Field(default=None, foreign_key="firm.id")
    """Without an index of its own: the unique key begins with it."""
    id: int | None = Field(default=None, primary_key=True)
    service: str = Field(max_length=40)
    sent_on: date
    tiers: list[str] = Field(sa_type=JSON)
    minutes: int | None = None
    note: str = Field(default="", max_length=500)
    batch: str = Field(max_length=32, unique=True)
    """Takes it back."""
    recorded_by: str = Field(max_length=200)
    recorded_at: datetime


class LastServiceRow(Fact, table=True):
    """The day a service was last settled for a client: kept on write, so that books read fast."""

    __tablename__ = "last_service"
    __table_args__ = (UniqueConstraint("client_id", "service"),)
    client_id: int = Field(foreign_key="client.id")
    """Without an index of its own: the unique key begins with it."""
    id: int | None = Field(default=None, primary_key=True)
    service: str = Field(max_length=40)
    day: date


class AppointmentRow(Fact, table=True):
    """A day on which a service is to be delivered."""

    __tablename__ = "appointment"
    id: int | None = Field(default=None, primary_key=True)
    service: str = Field(max_length=40)
    day: date
    at: time | None = None
    zone: str = Field(max_length=64)
    """Whose clocks show this time; an IANA name."""
    minutes: int
    is_cancelled: bool = False
    uid: str = Field(max_length=64)
    """Names the appointment in calendars, for good."""
    sequence: int = 0
    recorded_by: str = Field(max_length=200)
    recorded_at: datetime


class SnoozeRow(Fact, table=True):
    """A service that is not to be reminded of until a day."""

    __tablename__ = "snooze"
    id: int | None = Field(default=None, primary_key=True)
    service: str = Field(max_length=40)
    until: date
    reason: str = Field(default="", max_length=500)
    recorded_by: str = Field(max_length=200)
    recorded_at: datetime


class HandledRow(Fact, table=True):
    """What a person said of a client's name on the week's list."""

    __tablename__ = "handled"
    id: int | None = Field(default=None, primary_key=True)
    how: str = Field(max_length=16)
    quadrant: str | None = Field(default=None, max_length=8)
    """Where the client was then."""
    handled_on: date
    recorded_by: str = Field(max_length=200)
    recorded_at: datetime


class ServiceOverrideRow(Fact, table=True):
    """Another number of times a year for one client, until a last day."""

    __tablename__ = "service_override"
    id: int | None = Field(default=None, primary_key=True)
    service: str = Field(max_length=40)
    per_year_hundredths: int
    reason: str = Field(max_length=500)
    by: str = Field(max_length=200)
    first_day: date
    last_day: date


class EditRow(Fact, table=True):
    """One change of one row, so that it can be taken back: what stood there before."""

    __tablename__ = "edit"
    id: int | None = Field(default=None, primary_key=True)
    row_table: str = Field(max_length=32)
    row_id: int
    before: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """The row's columns before; None: the row was new."""
    after: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """The changed columns as the edit left them; None: of a row that only edits and imports
    write, which say when."""
    batch: str | None = Field(default=None, max_length=32, index=True)
    """Changes that belong together and are taken back together."""
    import_id: int | None = Field(default=None, foreign_key="import_run.id", index=True)
    by: str = Field(max_length=200)
    at: datetime
    undone_at: datetime | None = None


class PlacementRow(Fact, table=True):
    """A placement from the day it was first seen until the next row's; history is never edited."""

    __tablename__ = "placement"
    id: int | None = Field(default=None, primary_key=True)
    seen_on: date
    tier: str | None = Field(default=None, max_length=2)
    quadrant: str | None = Field(default=None, max_length=8)
    rule_version: int


class NameTokenRow(FirmOwned, table=True):
    """A folded word of a client's name; ``storage.search`` keeps it."""

    __tablename__ = "name_token"
    __table_args__ = (
        Index("ix_name_token_firm_id_token_client_id", "firm_id", "token", "client_id"),
    )
    firm_id: int = Field(default=None, foreign_key="firm.id")
    """Without an index of its own: SQLite would read all words of a firm by it."""
    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(max_length=64)
    client_id: int = Field(index=True)
    """May name a client that an import has not yet switched over: such a word finds nobody."""


class NameVocabRow(FirmOwned, table=True):
    """Each folded word that occurs in the firm's client names, once."""

    __tablename__ = "name_vocab"
    __table_args__ = (UniqueConstraint("firm_id", "token"),)
    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(max_length=64)


class ImportRow(FirmOwned, table=True):
    """One finished import of a file."""

    __tablename__ = "import_run"
    id: int | None = Field(default=None, primary_key=True)
    file_hash: str = Field(max_length=64, index=True)
    file_name: str = Field(max_length=200)
    created: int
    changed: int
    unchanged: int
    imported_by: str = Field(max_length=200)
    imported_at: datetime
    undone_by: str | None = Field(default=None, max_length=200)
    undone_at: datetime | None = None
    stage: str | None = Field(default=None, max_length=32)
    """Of the last import: its staged rows, which say what stood there before."""


WORDS: Any = JSON(none_as_null=True)


class ImportStageRow(FirmOwned, table=True):
    """A client as an import will leave it, and what stood there before; a null fact is untouched.

    Staged rows are no clients yet: they take effect all at once, and are then kept for the undo.
    """

    __tablename__ = "import_stage"
    firm_id: int = Field(default=None, foreign_key="firm.id")
    """Without an index of its own: rows are found by their stage."""
    id: int | None = Field(default=None, primary_key=True)
    stage: str = Field(max_length=32, index=True)
    staged_at: datetime
    client_id: int = Field(index=True)
    """Of a new client the id that it will have: no other client or staged row has it."""
    known_version: int | None = None
    """None: the client is new."""
    external_id: str = Field(max_length=64)
    name: str = Field(max_length=200)
    advisor_id: int
    revenue_cents: int | None = Field(default=None, sa_type=BigInteger)
    revenue_on: date | None = None
    income_cents: int | None = Field(default=None, sa_type=BigInteger)
    saving_rate_bp: int | None = None
    business_share_bp: int | None = None
    client_since: date | None = None
    former_since: date | None = None
    born_on: date | None = None
    last_review_on: date | None = None
    last_contact_on: date | None = None
    scale: str | None = Field(default=None, max_length=16)
    measured_on: date | None = None
    score_hundredths: int | None = None
    source: str | None = Field(default=None, max_length=16)
    known_on: date | None = None
    wallet_cents: int | None = Field(default=None, sa_type=BigInteger)
    share_bp: int | None = None
    ranked_on: date | None = None
    providers: int | None = None
    rank_hundredths: int | None = None
    held_on: date | None = None
    managed_cents: int | None = Field(default=None, sa_type=BigInteger)
    trust_on: date | None = None
    trust: int | None = None
    coachability_on: date | None = None
    coachability: int | None = None
    referrals_on: date | None = None
    referrals: int | None = None
    criterion: str | None = Field(default=None, max_length=32)
    sponsor: str | None = Field(default=None, max_length=64)
    """The sponsor's client number."""
    relation: str | None = Field(default=None, max_length=16)
    words: list[str] | None = Field(default=None, sa_type=WORDS)
    """The words of a name that replaces another; those of new clients are kept beforehand."""
    before: dict[str, Any] = Field(sa_type=JSON)


class ImportMappingRow(FirmOwned, table=True):
    """How files of one source are read: answers once given, remembered under the source's name."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("firm_id", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=64)
    options: dict[str, Any] = Field(sa_type=JSON)
    saved_by: str = Field(max_length=200)
    saved_at: datetime


class DeliveryRow(FirmOwned, table=True):
    """One message that is owed to one person, or to a team's channel, said once: by its keys."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("firm_id", "member_id", "kind", "period"),
        UniqueConstraint("firm_id", "team_channel_id", "kind", "period"),
        Index("ix_delivery_state_next_try_at", "state", "next_try_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    member_id: int = Field(foreign_key="member.id")
    team_channel_id: int | None = Field(default=None, foreign_key="team_channel.id")
    """Where it goes, if not to the member."""
    kind: str = Field(max_length=32)
    period: str = Field(max_length=32)
    """The local ISO week, such as 2026-W48."""
    due_at: datetime
    marker: str = Field(max_length=64, unique=True)
    """Opaque; stands in the message's metadata, so that a message can be found again."""
    state: str = Field(default="due", max_length=16)
    next_try_at: datetime
    attempts: int = 0
    claimed_by: str | None = Field(default=None, max_length=64)
    tried_at: datetime | None = None
    body: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """The message as first built, so that a second try says the same."""
    channel: str | None = Field(default=None, max_length=64)
    ts: str | None = Field(default=None, max_length=32)
    reason: str | None = Field(default=None, max_length=200)
    owed_at: datetime | None = None
    """When it was recorded; later than due where nobody kept time."""
    refused_since: datetime | None = None
    """Since when Slack only asks to wait."""
    told_at: datetime | None = None
    """When somebody of the firm was told that it was held or given up."""


class NoticeChoiceRow(FirmOwned, table=True):
    """What a person wants to be told, when, and when not."""

    __tablename__ = "notice_choice"
    __table_args__ = (UniqueConstraint("member_id"),)
    id: int | None = Field(default=None, primary_key=True)
    member_id: int = Field(foreign_key="member.id")
    choices: dict[str, Any] = Field(sa_type=JSON)
    """As `domain.notices` writes them."""
    changed_at: datetime


class RemindedRow(FirmOwned, table=True):
    """A thing that a reminder of a day names; it counts once that is owed."""

    __tablename__ = "reminded"
    __table_args__ = (UniqueConstraint("member_id", "item", "day"),)
    id: int | None = Field(default=None, primary_key=True)
    member_id: int = Field(foreign_key="member.id")
    item: str = Field(max_length=96)
    day: date


class TeamChannelRow(FirmOwned, table=True):
    """The channel in which a team is reminded; nothing of a client ever stands there."""

    __tablename__ = "team_channel"
    __table_args__ = (UniqueConstraint("firm_id", "team"),)
    id: int | None = Field(default=None, primary_key=True)
    team: str = Field(max_length=64)
    channel_id: str = Field(max_length=64)
    """Empty: the team has none any more."""
    chosen_by: int = Field(foreign_key="member.id")
    """In whose language it is said, and whose row it is in the ledger."""
    chosen_at: datetime
    weekday: int = 0
    at: time = time(8, 30)
    zone: str = Field(default="Europe/Berlin", max_length=64)
    """Whose clocks show this time; an IANA name."""
    in_public: bool = False
    """A public channel gets the team's counts."""
    paused: str | None = Field(default=None, max_length=64)
    """Why nothing is said there, until somebody chooses again."""


class PauseRow(FirmOwned, table=True):
    """Until when a method of Slack's is not called: Slack asked for it, or so that it need not."""

    __tablename__ = "pause"
    __table_args__ = (UniqueConstraint("firm_id", "method", "channel"),)
    id: int | None = Field(default=None, primary_key=True)
    method: str = Field(max_length=64)
    channel: str = Field(default="", max_length=64)
    """Empty: everywhere in the workspace."""
    until: datetime


class NotedHeadRow(FirmOwned, table=True):
    """The end of the firm's journal on a day, kept outside of it: what is cut off is missed."""

    __tablename__ = "noted_head"
    __table_args__ = (UniqueConstraint("firm_id", "day"),)
    id: int | None = Field(default=None, primary_key=True)
    day: date
    seq: int = Field(sa_type=BigInteger)
    hash: str = Field(max_length=64)


class ErasureRow(FirmOwned, table=True):
    """That a person asked to be erased, who approved it, and what was done; no name stands here."""

    __tablename__ = "erasure"
    __table_args__ = (UniqueConstraint("firm_id", "client_id"),)
    id: int | None = Field(default=None, primary_key=True)
    client_id: int
    """Of a client's row that goes when the term is over."""
    requested_by: str = Field(max_length=64)
    """As the journal names people: ``member:3``."""
    requested_at: datetime
    approved_by: str | None = Field(default=None, max_length=64)
    approved_at: datetime | None = None
    ended_by: str | None = Field(default=None, max_length=64)
    """Who asked and withdrew it, or who declined it: nothing is erased until it is asked for anew.
    """
    ended_at: datetime | None = None
    erased_at: datetime | None = None
    salt: str | None = Field(default=None, max_length=32)
    marks: list[str] = Field(sa_type=JSON)
    """What name and client number are recognised by when somebody types them again."""
    counts: dict[str, int] = Field(sa_type=JSON)
    """Rows that were changed or removed, by table."""
    purge_on: date | None = None
    """The day on which what had to be kept without a name goes as well."""
    purged_at: datetime | None = None
    proof: str | None = Field(default=None, max_length=64)
    """A hash of this record, which the journal holds too."""


class ExportRow(FirmOwned, table=True):
    """That a member asked for a file of the whole firm, and who confirmed or declined it."""

    __tablename__ = "export_request"
    id: int | None = Field(default=None, primary_key=True)
    member_id: int = Field(foreign_key="member.id")
    asked_at: datetime
    reason: str = Field(max_length=500)
    decided_by: int | None = Field(default=None, foreign_key="member.id")
    decided_at: datetime | None = None
    is_confirmed: bool = False
    fetched_at: datetime | None = None


class RetentionRow(FirmOwned, table=True):
    """How long the firm keeps a kind of record, where that is not the default."""

    __tablename__ = "retention"
    __table_args__ = (UniqueConstraint("firm_id", "kind"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=16)
    months: int


class BotRow(Table, table=True):
    """The bot of one workspace or organisation, in the columns that slack_sdk's store writes."""

    __tablename__ = "slack_bots"
    __table_args__ = (
        Index("slack_bots_idx", "client_id", "enterprise_id", "team_id", "installed_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    client_id: str = Field(max_length=64)
    app_id: str = Field(max_length=32)
    enterprise_id: str | None = Field(default=None, max_length=32)
    enterprise_name: str | None = Field(default=None, max_length=200)
    team_id: str | None = Field(default=None, max_length=32)
    team_name: str | None = Field(default=None, max_length=200)
    bot_token: str | None = Field(default=None, max_length=1000)
    """Sealed, which makes it longer than the SDK's own tables would hold."""
    bot_id: str | None = Field(default=None, max_length=32)
    bot_user_id: str | None = Field(default=None, max_length=32)
    bot_scopes: str | None = Field(default=None, max_length=1000)
    bot_refresh_token: str | None = Field(default=None, max_length=1000)
    bot_token_expires_at: datetime | None = Field(default=None, sa_type=DateTime)
    is_enterprise_install: bool = False
    installed_at: datetime = Field(sa_type=DateTime)


class StateRow(Table, table=True):
    """An installation that somebody began."""

    __tablename__ = "slack_oauth_states"
    id: int | None = Field(default=None, primary_key=True)
    state: str = Field(max_length=200)
    expire_at: datetime = Field(sa_type=DateTime)
