"""A whole ``/segment``, from the signed request to the card, with rights checked.

Left out of ours and of the peer: what Slack itself takes to say who somebody is and what a place
is. Those two answers are kept ones.
"""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from rapidfuzz import fuzz, process
from slack_bolt import Ack, App
from sqlmodel import col, select

from benchmarks.firms import build_firm, names_of
from benchmarks.measure import Extent, Figure, in_turns
from benchmarks.slack import ask, bare_app, check_card, our_app
from storage.search import fold
from storage.store import Store
from storage.tables import ClientRow
from tests.storage.names import slip

CLIENTS = 10_000
SHOWN = 5


def figures(extent: Extent) -> Iterator[Figure]:
    """Compare with the usual way to write this command, and with Bolt's default doing nothing."""
    size = min(CLIENTS, extent.size)
    with TemporaryDirectory() as folder:
        names = names_of(size)
        store, firm_id = build_firm(Path(folder), names, with_index=True)
        usual, nothing = bare_app(before_response=False), bare_app(before_response=False)
        _answer_as_usual(usual, store, firm_id)
        nothing.command("/segment")(lambda ack: ack())
        ours = our_app(store)
        chance = Random(4)
        asked = cycle([_mistyped(chance.choice(names), chance) for _ in range(50)])
        taken = in_turns(
            {
                "ours": lambda: ask(ours, "/segment", next(asked)),
                "usual": lambda: ask(usual, "/segment", next(asked)),
                "nothing": lambda: ask(nothing, "/segment"),
            },
            10 * extent.rounds,
            times=7,
        )
        for app in (ours, usual):
            check_card(app, "/segment", names[0])
        store.close()
    for beside, theirs, most, first in (
        ("rows, WRatio, Bolt's default", taken["usual"], 1 / 7, 1 / 15),
        ("Bolt's default, nothing but ack", taken["nothing"], 1, 0.5),
    ):
        yield Figure(
            topic="/segment",
            what=f"in a firm of {size:,}",
            ours=taken["ours"],
            beside=beside,
            theirs=theirs,
            most=most,
            first=first,
        )


def _mistyped(name: str, chance: Random) -> str:
    return " ".join(slip(word, chance) for word in name.split()) if chance.random() < 0.5 else name


def _answer_as_usual(app: App, store: Store, firm_id: int) -> None:
    """Answer with the five names most alike out of all."""

    def answer(ack: Ack, body: dict[str, Any]) -> None:
        with store.read(firm_id) as session:
            names = dict(session.exec(select(ClientRow.id, ClientRow.name)).all())
            folded = {key: fold(name) for key, name in names.items()}
            best = process.extract(fold(body["text"]), folded, scorer=fuzz.WRatio, limit=SHOWN)
            ids = [key for _, _, key in best]
            rows = session.exec(select(ClientRow).where(col(ClientRow.id).in_(ids))).all()
            texts = [f"*{row.name}*: {(row.revenue_cents or 0) / 100:,.2f} €" for row in rows]
        sections = [{"type": "section", "text": {"type": "mrkdwn", "text": each}} for each in texts]
        ack(response_type="ephemeral", text="Clients", blocks=sections)

    app.command("/segment")(answer)
