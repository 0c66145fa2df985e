"""Whether a client exists elsewhere cannot be read off the clock, nor off the words."""

from statistics import median
from time import perf_counter

import pytest

from bot.usecases.firms import member_asker
from bot.usecases.lookup import look_up
from domain.access import Action
from tests.access.office import CANARIES, NUMBERS, Office
from tests.access.test_matrix import shown_since

MOST_APART_S = 0.005
ELSEWHERE = (CANARIES["emily"], NUMBERS["emily"])
NOWHERE = ("Xaver Quitzowbury", "K-9999")


def medians(office: Office, rounds: int) -> tuple[float, float]:
    """Return how long it takes to find nobody: somebody else's client, and none at all."""
    asker = member_asker(
        office.firm_id, office.member("anna"), office.runtime, action=Action.SEE_CLIENT
    )
    today = office.runtime.now().date()
    taken: dict[str, list[float]] = {"elsewhere": [], "nowhere": []}
    for number in range(rounds):
        pairs = [("elsewhere", ELSEWHERE[number % 2]), ("nowhere", NOWHERE[number % 2])]
        for kind, query in pairs if number % 4 < 2 else reversed(pairs):
            began = perf_counter()
            look_up(query, asker, office.runtime, today=today)
            taken[kind].append(perf_counter() - began)
    return median(taken["elsewhere"]), median(taken["nowhere"])


def test_somebody_elses_client_takes_as_long_as_none(running: Office) -> None:
    elsewhere, nowhere = medians(running, 300)
    assert abs(elsewhere - nowhere) < MOST_APART_S


@pytest.mark.soak
def test_in_ten_thousand_rounds_too(running: Office) -> None:
    elsewhere, nowhere = medians(running, 10_000)
    assert abs(elsewhere - nowhere) < MOST_APART_S


def test_somebody_elses_client_is_answered_in_the_same_words_as_none(running: Office) -> None:
    said = []
    for typed in (ELSEWHERE[0], NOWHERE[0]):
        before = running.seen()
        running.command("U0ANNA", "D0ANNA", f"/segment {typed}")
        (answer,) = shown_since(running, before)
        said.append(answer.said.replace(typed, "…"))
    assert said[0] == said[1]
