"""Reports made by hand: clients in every field, and the ones that try a view's limits."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.reports import ClientReport, SeveralReport, WeekReport
from bot.service_reports import (
    DigestReport,
    DueEntry,
    DueReport,
    EventReport,
    EventsReport,
    MorningReport,
)
from bot.words import Words
from domain.decisions import open_decisions
from domain.events import ClientEvent, InvitationState
from domain.handling import Success
from domain.model import (
    Client,
    Criterion,
    LegacyTie,
    Override,
    Quadrant,
    Relation,
    Scale,
    Sponsor,
    StrategicCase,
    Tier,
)
from domain.priorities import Assessment, assess, prioritise, weekly_list
from domain.rechecks import ending_overrides
from domain.rulebook import RuleBook
from domain.servicing import DueService, DueState, ServiceHistory, due_services
from tests.domain.examples import TODAY, a_client, a_holding, a_score, a_wallet

RULES = RuleBook()
GERMAN, ENGLISH = Words("de-DE"), Words("en-GB")
ODD_NAME = "<!channel> & Söhne *fett*"
LONG_NAME = "W" * 200
ADVISORS = {7: "Anna Berger", 8: "Jonas Keller"}
MEASURED = date(2026, 10, 5)


def unknown(name: str = "Neue Mandantin", number: int = 1) -> Client:
    """Return a client of whom only the name is known."""
    return a_client(client_id=number, name=name)


def grow(name: str = "Maria Huber", number: int = 1, **facts: Any) -> Client:
    """Return a satisfied client with 120,000 of 400,000 with us, at 9,000 a year."""
    known = {
        "revenue": 9000,
        "revenue_on": date(2026, 9, 30),
        "satisfactions": (a_score(82, MEASURED),),
        "wallets": (a_wallet(wallet=400_000, on=date(2026, 8, 17)),),
        "holdings": (a_holding(120_000, date(2026, 9, 30)),),
    }
    return a_client(client_id=number, name=name, **{**known, **facts})


def fix(name: str = "Sonnenhof GmbH", number: int = 2, **facts: Any) -> Client:
    """Return a dissatisfied client with 90 % of the wallet with us, at 16,000 a year."""
    known = {
        "revenue": 16_000,
        "satisfactions": (a_score("4.5", MEASURED, Scale.SCHOOL),),
        "wallets": (a_wallet(share=90, on=date(2026, 8, 17)),),
    }
    return a_client(client_id=number, name=name, **{**known, **facts})


def move(name: str = "Karl Weiß", number: int = 3, **facts: Any) -> Client:
    """Return a dissatisfied client with little with us."""
    known = {
        "revenue": 1200,
        "satisfactions": (a_score(30, MEASURED),),
        "wallets": (a_wallet(share=20, on=date(2026, 8, 17)),),
    }
    return a_client(client_id=number, name=name, **{**known, **facts})


def model(name: str = "Familie Thalheim", number: int = 4, **facts: Any) -> Client:
    """Return a satisfied client with most of the wallet with us."""
    known = {
        "revenue": 5000,
        "satisfactions": (a_score(95, MEASURED),),
        "wallets": (a_wallet(share=80, on=date(2026, 8, 17)),),
    }
    return a_client(client_id=number, name=name, **{**known, **facts})


def asked(name: str = "Petra Lang", number: int = 6, **facts: Any) -> Client:
    """Return a client whom one answer would place."""
    return fix(name, number, **{"satisfactions": (), **facts})


def burdened(name: str = LONG_NAME, number: int = 5) -> Client:
    """Return a client with as much on record as the store takes: names of 200, reasons of 500."""
    sponsors = [
        Sponsor(client_id=90 + n, name="&" * 200, tier=Tier.A, advisor_id=8) for n in range(12)
    ]
    return fix(
        name,
        number,
        revenue=500,
        strategic=tuple(
            StrategicCase(
                criterion=each,
                noted_on=MEASURED,
                reason="<" * 500,
                target_tier=Tier.A_PLUS,
                recheck_on=TODAY + timedelta(days=90),
            )
            for each in Criterion
        ),
        legacy=tuple(LegacyTie(relation=Relation.CHILD, sponsor=each) for each in sponsors),
        overrides=(
            Override(
                tier=Tier.A_PLUS,
                reason="*" * 500,
                by="_" * 200,
                first_day=MEASURED,
                last_day=TODAY,
            ),
        ),
    )


def assessed(client: Client, *, book_rate: Decimal | None = None) -> Assessment:
    """Assess a client by itself."""
    return assess(client, RULES, book_rate=book_rate, today=TODAY)


def card_of(client: Client, **facts: Any) -> ClientReport:
    """Report on a client."""
    return ClientReport(
        assessment=assessed(client),
        advisor=facts.pop("advisor", "Anna Berger"),
        rules=RULES,
        today=TODAY,
        version=1,
        **facts,
    )


def several(*clients: Client, query: str = "Huber", has_more: bool = False) -> SeveralReport:
    """Report that several clients fit."""
    return SeveralReport(query=query, hits=tuple(map(assessed, clients)), has_more=has_more)


def week_of(*clients: Client, is_team: bool = False) -> WeekReport:
    """Report the week of a book."""
    found = prioritise(map(assessed, clients))
    return WeekReport(
        whose="Privatkunden" if is_team else "Anna Berger",
        is_team=is_team,
        week=weekly_list(found, RULES),
        priorities=found,
        clients=len(clients),
        rules=RULES,
        today=TODAY,
        advisors=ADVISORS,
    )


def book(size: int, *, name: str = "Mandat {n}") -> list[Client]:
    """Return so many clients, all five kinds in turn."""
    kinds = (grow, fix, move, model, asked)
    return [kinds[n % 5](name.format(n=n), n + 1) for n in range(size)]


def morning_of(week: WeekReport) -> MorningReport:
    """Give a week the rest of the morning: nothing was ever delivered, one event is planned."""
    every = [(each, owed(each)) for each in week.in_order()]
    entries = [
        DueEntry(
            client=each.client,
            tier=each.tier.tier,
            advisor=ADVISORS[each.client.advisor_id],
            due=due,
        )
        for each, dues in every
        for due in dues
        if due.state is DueState.OVERDUE
    ]
    return MorningReport(
        week=week,
        due=DueReport(
            whose=week.whose,
            is_team=week.is_team,
            today=TODAY,
            rules=RULES,
            clients=week.clients,
            entries=tuple(entries),
        ),
        tensions=tuple(each for each, _ in every if each.conflict),
        decisions=tuple(open_decisions([each for each, _ in every], today=TODAY)),
        events=EventsReport(team="Birkenhof", today=TODAY, rules=RULES, events=(event_of(DINNER),)),
    )


def digest_of(*clients: Client, **facts: Any) -> DigestReport:
    """Report the Monday of a book in which all is overdue, and one client was won."""
    morning = morning_of(week_of(*clients))
    won = [each for each in morning.week.in_order() if each.quadrant.quadrant is Quadrant.MODEL]
    known: dict[str, Any] = {
        "week": morning.week,
        "due": morning.due,
        "decisions": morning.decisions,
        "rechecks": (),
        "reviews": (),
        "overrides": tuple(ending_overrides(morning.week.in_order(), today=TODAY, within_days=14)),
        "successes": tuple(
            Success(assessment=each, before=Quadrant.FIX, after=Quadrant.MODEL) for each in won
        ),
        "as_of": datetime(2026, 11, 23, 8, tzinfo=ZoneInfo("Europe/Berlin")),
    }
    return DigestReport(**known | facts)


def owed(assessment: Assessment) -> tuple[DueService, ...]:
    """Say what is owed to a client to whom nothing was ever delivered."""
    return due_services(
        assessment.client,
        assessment.tier.tier,
        ServiceHistory(),
        RULES,
        adopted_on=date(2024, 1, 1),
        today=TODAY,
    )


DINNER = ClientEvent(
    event_id=1,
    team="Birkenhof",
    owner_id=7,
    name="Kaminabend",
    on=date(2026, 12, 16),
    at=time(18, 30),
    ends_at=time(22),
    zone="Europe/Berlin",
    place="Birkenhof",
    seats=40,
    service="small_event",
    tiers=(Tier.A_PLUS, Tier.A),
    uid="abc",
)


def event_of(event: ClientEvent, **facts: Any) -> EventReport:
    """Report on an event to which two of three guests come."""
    counts = dict.fromkeys(InvitationState, 0) | {
        InvitationState.INVITED: 1,
        InvitationState.ACCEPTED: 2,
    }
    known: dict[str, Any] = {"counts": counts, "seats_left": 37, "may_change": True} | facts
    return EventReport(event=event, today=TODAY, rules=RULES, **known)
