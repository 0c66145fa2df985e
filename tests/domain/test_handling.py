"""What is said of names on the week's list, and how long it holds."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.handling import Handled, Handling, is_quiet, successes
from domain.model import Client, Quadrant
from domain.priorities import Assessment, assess, prioritise, weekly_list
from domain.rulebook import RuleBook
from tests.domain.examples import TODAY, a_client, a_holding, a_score, a_wallet

RULES = RuleBook()
MONDAY = date(2026, 11, 23)


def assessed(number: int, *, satisfied: bool, revenue: int = 1000) -> Assessment:
    """Assess a client with 80 % of the wallet with us: MODEL if satisfied, else FIX."""
    client: Client = a_client(
        client_id=number,
        name=f"Client {number}",
        revenue=revenue,
        satisfactions=(a_score(90 if satisfied else 20, TODAY),),
        wallets=(a_wallet(share=80, on=TODAY),),
        holdings=(a_holding(1000, TODAY),),
    )
    return assess(client, RULES, book_rate=Decimal("0.01"), today=TODAY)


def handled(how: Handling, **facts: Any) -> Handled:
    return Handled(**{"client_id": 1, "how": how, "quadrant": Quadrant.FIX, "on": MONDAY} | facts)


@pytest.mark.parametrize(
    ("how", "comes_back"),
    [
        (Handling.DONE, date(2026, 12, 21)),
        (Handling.TWO_WEEKS, date(2026, 12, 7)),
        (Handling.THREE_MONTHS, date(2027, 2, 22)),
        (Handling.WRONG_FIGURES, date(2027, 5, 24)),
        (Handling.NOT_WANTED, date(2027, 5, 24)),
        (Handling.IN_HAND, date(2027, 5, 24)),
    ],
)
def test_a_name_stays_away_until_its_day_and_comes_back_on_it(
    how: Handling, comes_back: date
) -> None:
    word = handled(how)
    assert is_quiet(word, Quadrant.FIX, today=MONDAY)
    assert is_quiet(word, Quadrant.FIX, today=comes_back - timedelta(days=1))
    assert not is_quiet(word, Quadrant.FIX, today=comes_back)


def test_a_client_who_comes_to_another_field_is_named_again_unless_put_off() -> None:
    assert not is_quiet(handled(Handling.DONE), Quadrant.MOVE, today=MONDAY)
    assert is_quiet(handled(Handling.TWO_WEEKS), Quadrant.MOVE, today=MONDAY)


def test_the_next_one_takes_the_place_of_a_name_that_stays_away() -> None:
    # Given three clients to fix, worth 800, 1,600 and 2,400 at risk, and room for two and five
    book = prioritise(assessed(n, satisfied=False, revenue=1000 * n) for n in (1, 2, 3))
    assert [e.client.client_id for e in weekly_list(book, RULES).names] == [3, 2, 1]
    chosen = weekly_list(book, RULES, quiet={3})
    assert [e.client.client_id for e in chosen.names] == [2, 1]
    assert chosen.more == 0


def test_who_came_from_fix_to_model_is_a_success_as_long_as_it_lasts() -> None:
    stays, left = assessed(1, satisfied=True), assessed(2, satisfied=False)
    noted: dict[int, tuple[Quadrant | None, Quadrant | None]] = {
        1: (Quadrant.FIX, Quadrant.MODEL),
        2: (Quadrant.FIX, Quadrant.MODEL),
    }
    (found,) = successes([stays, left], noted)
    assert (found.assessment, found.before, found.after) == (
        stays,
        Quadrant.FIX,
        Quadrant.MODEL,
    )


@pytest.mark.parametrize(
    "before", [Quadrant.MODEL, None], ids=["was there before", "was nowhere before"]
)
def test_who_did_not_move_up_is_no_success(before: Quadrant | None) -> None:
    assert successes([assessed(1, satisfied=True)], {1: (before, Quadrant.MODEL)}) == []
