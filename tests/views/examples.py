"""Reports made by hand: clients in every field, and the ones that try a view's limits."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bot.reports import ClientReport, SeveralReport, WeekReport
from bot.words import Words
from domain.model import (
    Client,
    Criterion,
    LegacyTie,
    Override,
    Relation,
    Scale,
    Sponsor,
    StrategicCase,
    Tier,
)
from domain.priorities import Assessment, assess, prioritise, weekly_list
from domain.rulebook import RuleBook
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
