"""A fictional book: 115 clients an advisor in the tiers of the worked example, to the cent.

Deterministic for a day: the same seed and day give the same people and figures. Two yearly lists
an advisor, as a CRM would export them, so that the book has a history and passes the real import.
"""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

TIERS = (
    # tier, clients, average revenue a year, largest distance from the average
    ("A+", 5, 20_000, 4_900),
    ("A", 18, 10_000, 1_900),
    ("B", 32, 4_500, 1_400),
    ("S", 15, 2_000, 900),
    ("L", 20, 2_500, 450),
    ("N", 25, 1_000, 800),
)
"""The worked example: 115 clients bring 529,000 a year."""

HEADINGS = (
    "Kundennummer", "Kunde", "Berater", "Ertrag", "Verwaltetes Vermögen", "Gesamtvermögen",
    "Quelle Gesamtvermögen", "Stand Gesamtvermögen", "Zufriedenheit", "Skala", "Befragt am",
    "Einkommen", "Sparquote", "Unternehmensanteil", "Kriterium", "Kunde seit", "Beziehung",
    "Bezugskunde",
)  # fmt: skip

GIVEN = (
    "Anja", "Bärbel", "Christian", "Dörte", "Emil", "Franziska", "Günter", "Hannah", "Ines",
    "Jürgen", "Käthe", "Lukas", "Margarete", "Nora", "Oskar", "Petra", "Quirin", "Ruth", "Sören",
    "Tilda", "Uwe", "Verena", "Wolfgang", "Yasmin", "Zoe", "Björn", "Clara", "Dietmar", "Elif",
    "Florian", "Grace", "Harriet", "Jonathan", "Oliver", "Rosalind", "Simon",
)  # fmt: skip
FAMILY = (
    "Müller", "Meier", "Maier", "Schäfer", "Köhler", "Weiß", "Böhm", "Krüger", "Voß", "Jäger",
    "Brandner", "Lindhofer", "Sommerfeld", "Öztürk", "Kowalczyk", "Nguyen", "Grünwald", "Hübner",
    "Strauß", "Falkenrath", "Wiesner", "Pröll", "Ackermann", "Dörfler", "Eberle", "Fröhlich",
    "Gößling", "Haßler", "Ilgner", "Janßen", "Kühnel", "Löffler", "Mönch", "Nüßlein", "Oßwald",
    "Pfäffle", "Quast", "Rößler", "Süß", "Thoma", "Uhlig", "Vögele", "Würth", "Ziegler",
    "Ashworth", "Bellamy", "Cartwright", "Fairbairn", "Hollis", "Pemberton", "O’Neill", "Whitlock",
)  # fmt: skip
FIRMS = (
    "Sonnenhof Gärtnerei GmbH", "Tischlerei Brenner & Söhne", "Mühlbach Optik KG",
    "Alpenblick Hotel GmbH", "R&D Feinwerk GmbH", "Harbour Lane Bakery Ltd",
)  # fmt: skip


SHARES = (18, 25, 33, 38, 43, 47, 52, 58, 66, 74, 85, 93)
"""Our part of the wallet, per cent; the little ones of tier N are where a rate is estimated."""

TOUR = {9: "Jens Müller", 27: "Karin Müller-Voß", 61: "Jana Müller"}
"""Names at fixed places of each book, so that a search finds several."""


@dataclass(kw_only=True)
class _Draft:
    """A client being made up."""

    number: str
    tier: str
    name: str
    revenue: Decimal
    since: date
    managed: Decimal | None = None
    wallet: Decimal | None = None
    source: str = ""
    wallet_on: date | None = None
    satisfaction: str = ""
    scale: str = ""
    asked_on: date | None = None
    earlier: dict[str, str] = field(default_factory=dict)
    """What last year's list said instead."""
    more: dict[str, str] = field(default_factory=dict)


def lists_of(
    advisor: str, *, prefix: str, today: date, with_huber: bool = False
) -> tuple[str, str]:
    """Return last year's and today's list of an advisor as CSV, semicolons and German numbers."""
    clients = list(_clients(prefix, today, with_huber=with_huber))
    rows = [_row(each, advisor) for each in clients]
    earlier = [{**row, **each.earlier} for each, row in zip(clients, rows, strict=True)]
    return _csv(earlier), _csv(rows)


def new_list(advisor: str, *, prefix: str, today: date) -> str:
    """Return a list to import on the tour: new clients, and Maria Huber content again."""
    huber, *others = _clients(prefix + "N", today, with_huber=False)
    huber.number, huber.name, huber.more = f"{prefix}0006", "Maria Huber", {}
    huber.scale, huber.satisfaction, huber.asked_on = "Schulnote", "1,9", today
    drafts = [huber, *others[20:28]]
    rows = [_row(each, advisor) for each in drafts]
    for column in ("Ertrag", "Verwaltetes Vermögen", "Gesamtvermögen", "Kunde seit"):
        rows[0][column] = ""
    return _csv(rows)


def _clients(prefix: str, today: date, *, with_huber: bool) -> Iterator[_Draft]:
    chance = random.Random(prefix)
    names = _names(chance)
    sponsors: list[str] = []
    rank = 0
    for tier, count, average, spread in TIERS:
        for revenue in _revenues(chance, count, average, spread):
            rank += 1
            draft = _Draft(
                number=f"{prefix}{rank:04d}",
                tier=tier,
                name=TOUR.get(rank) or next(names),
                revenue=revenue,
                since=today - timedelta(days=chance.randint(200, 9000)),
            )
            _add_money(draft, chance, today)
            _add_satisfaction(draft, chance, today)
            _add_criteria(draft, chance, sponsors)
            if tier in ("A+", "A"):
                sponsors.append(draft.number)
            if rank == 6 and with_huber:
                _make_huber(draft, today)
            yield draft


def _revenues(chance: random.Random, count: int, average: int, spread: int) -> list[Decimal]:
    """Draw revenues within the tier whose sum is exactly count × average."""
    while True:
        cents = [
            average * 100 + chance.randint(-spread * 100, spread * 100) for _ in range(count - 1)
        ]
        last = count * average * 100 - sum(cents)
        if abs(last - average * 100) <= spread * 100:
            return [Decimal(each) / 100 for each in (*cents, last)]


def _names(chance: random.Random) -> Iterator[str]:
    seen = set()
    firms = list(FIRMS)
    while True:
        kind = chance.random()
        family = chance.choice(FAMILY)
        if kind < 0.05 and firms:
            name = firms.pop()
        elif kind < 0.2:
            name = f"{chance.choice(GIVEN)} und {chance.choice(GIVEN)} {family}"
        elif kind < 0.27:
            name = f"Dr. {chance.choice(GIVEN)} {family}"
        elif kind < 0.35:
            name = f"{chance.choice(GIVEN)} {family}-{chance.choice(FAMILY)}"
        else:
            name = f"{chance.choice(GIVEN)} {family}"
        if name not in seen:
            seen.add(name)
            yield name


def _add_money(draft: _Draft, chance: random.Random, today: date) -> None:
    rate = Decimal(chance.randint(80, 135)) / 10_000
    draft.managed = _thousand(draft.revenue / rate)
    luck = chance.random()
    if luck < 0.07:
        return
    shares = (4, 30, 45, 60, 80) if draft.tier == "N" else SHARES
    share = Decimal(chance.choice(shares)) / 100
    draft.wallet = _thousand(draft.managed / share)
    draft.source = chance.choice(("dokumentiert", "laut Kunde", "geschätzt", "geschätzt"))
    age = chance.randint(560, 800) if luck < 0.12 else chance.randint(5, 520)
    draft.wallet_on = today - timedelta(days=age)


def _add_satisfaction(draft: _Draft, chance: random.Random, today: date) -> None:
    luck = chance.random()
    if luck < 0.08:
        return
    index = min(98, max(12, int(chance.gauss(68, 17))))
    draft.scale = chance.choice(("KZI", "KZI", "Schulnote", "CSAT", "NPS"))
    draft.satisfaction = _on_scale(index, draft.scale)
    age = chance.randint(560, 900) if luck < 0.14 else chance.randint(3, 500)
    draft.asked_on = today - timedelta(days=age)
    if chance.random() < 0.5:
        before = min(98, max(12, index + chance.choice((-22, -12, -6, 6, 12, 22))))
        draft.earlier = {
            "Zufriedenheit": _on_scale(before, draft.scale),
            "Befragt am": _day(draft.asked_on - timedelta(days=chance.randint(200, 380))),
        }


def _on_scale(index: int, scale: str) -> str:
    scores = {
        "KZI": Decimal(index),
        "Schulnote": round(Decimal(6) - Decimal(index) / 20, 1),
        "CSAT": round(Decimal(1) + Decimal(index) / 25, 1),
        "NPS": round(Decimal(index) / 10),
    }
    return str(scores[scale]).replace(".", ",")


def _add_criteria(draft: _Draft, chance: random.Random, sponsors: list[str]) -> None:
    if draft.tier == "S":
        draft.more = chance.choice(
            (
                {"Einkommen": "128.000,00", "Sparquote": "27 %"},
                {"Einkommen": "96.500,00", "Sparquote": "22 %"},
                {"Unternehmensanteil": "68 %"},
                {"Unternehmensanteil": "55 %"},
                {"Kriterium": "Gutverdiener", "Einkommen": "165.000,00"},
                {"Kriterium": "Unternehmer"},
            )
        )
    elif draft.tier == "L":
        draft.more = {
            "Beziehung": chance.choice(("Kind", "Kind", "Witwe", "Freund")),
            "Bezugskunde": chance.choice(sponsors),
        }


def _make_huber(draft: _Draft, today: date) -> None:
    """The client of the tour: tier A, once content, now dissatisfied, most of her money with us."""
    draft.name = "Maria Huber"
    draft.managed = Decimal(842_000)
    draft.wallet = Decimal(1_260_000)
    draft.source = "laut Kunde"
    draft.wallet_on = today - timedelta(days=74)
    draft.scale = "Schulnote"
    draft.satisfaction = "3,4"
    draft.asked_on = today - timedelta(days=26)
    draft.earlier = {
        "Zufriedenheit": "1,8",
        "Befragt am": _day(today - timedelta(days=392)),
    }


def _row(draft: _Draft, advisor: str) -> dict[str, str]:
    row = dict.fromkeys(HEADINGS, "")
    row |= {
        "Kundennummer": draft.number,
        "Kunde": draft.name,
        "Berater": advisor,
        "Ertrag": _money(draft.revenue),
        "Verwaltetes Vermögen": _money(draft.managed),
        "Gesamtvermögen": _money(draft.wallet),
        "Quelle Gesamtvermögen": draft.source,
        "Stand Gesamtvermögen": _day(draft.wallet_on),
        "Zufriedenheit": draft.satisfaction,
        "Skala": draft.scale,
        "Befragt am": _day(draft.asked_on),
        "Kunde seit": _day(draft.since),
    }
    return row | draft.more


def _csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADINGS, delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _money(amount: Decimal | None) -> str:
    if amount is None:
        return ""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def _thousand(amount: Decimal) -> Decimal:
    return Decimal(round(amount / 1000) * 1000)


def _day(day: date | None) -> str:
    return day.strftime("%d.%m.%Y") if day else ""
