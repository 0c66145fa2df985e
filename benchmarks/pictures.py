"""The picture of a book: 150 clients in four fields, beside plain matplotlib with as much in it."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from io import BytesIO
from random import Random

from benchmarks.firms import TODAY
from benchmarks.measure import Extent, Figure, in_turns
from bot.views.pictures import matrix_picture
from bot.words import Words
from domain.model import Client, Satisfaction, Scale, WalletFact, WalletSource
from domain.priorities import Assessment, assess_book
from domain.rulebook import RuleBook

CLIENTS = 150
LABELS = 10


def figures(extent: Extent) -> Iterator[Figure]:
    """Compare a whole picture, warm, and its size."""
    rules, book = RuleBook(), _book()
    ours = partial(matrix_picture, book, rules.matrix, Words("de-DE"), whose="Anna Berger")
    taken = in_turns({"ours": ours, "theirs": _plainly}, extent.rounds, times=5)
    picture = ours()
    yield Figure(
        topic="picture",
        what=f"{CLIENTS} clients, 1200 × 800, labels kept apart",
        ours=taken["ours"],
        beside="plain matplotlib: points, legend, labels wherever they fall",
        theirs=taken["theirs"],
        most=1.55,
    )
    yield Figure(
        topic="picture",
        what="size of the PNG",
        ours=len(picture.png) / 1000 if picture else 0,
        beside="the size asked for",
        theirs=120,
        most=1,
        unit="kB",
    )


def _book() -> list[Assessment]:
    chance = Random(1)
    clients = [
        Client(
            client_id=number,
            external_id=str(number),
            name=f"Jürgen Weiß-Öztürk {number}",
            advisor_id=1,
            revenue=Decimal(chance.randint(100, 25_000)),
            satisfactions=(
                Satisfaction(
                    score=Decimal(chance.randint(10, 100)), scale=Scale.CSI, measured_on=TODAY
                ),
            ),
            wallets=(
                WalletFact(
                    source=WalletSource.STATED,
                    known_on=TODAY,
                    share_pct=Decimal(chance.randint(5, 100)),
                ),
            ),
        )
        for number in range(CLIENTS)
    ]
    return assess_book(clients, RuleBook(), today=TODAY)


def _plainly() -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Sheet

    chance = Random(1)
    sheet = Sheet(figsize=(12, 8), dpi=100)
    FigureCanvasAgg(sheet)
    axes = sheet.add_subplot()
    for field in ("GROW", "FIX", "MODEL", "MOVE"):
        points = [(chance.uniform(0, 100), chance.uniform(0, 100)) for _ in range(CLIENTS // 4)]
        axes.scatter(*zip(*points, strict=True), s=80, label=field)
        for x, y in points[: LABELS // 4 + 1]:
            axes.text(x, y, "Jürgen Weiß-Öztürk")
    for line in (60, 70):
        axes.axhline(line)
        axes.axvline(line - 20)
    axes.set(title="GROW", xlabel="share of wallet", ylabel="satisfaction")
    axes.legend()
    sheet.savefig(BytesIO(), format="png")
