"""Modals: what an advisor fills in, and what she reads after it."""

from decimal import Decimal

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.views.client_card import client_card, client_card_text
from bot.views.forms import Form, FormContext
from bot.views.lists import priorities
from bot.views.modals import (
    Ticket,
    blocks_modal,
    find_client_modal,
    form_modal,
    message_modal,
    out_of_scale,
    recorded_modal,
    settings_modal,
)
from bot.words import Words
from domain.access import Member, Role
from domain.errors import ScoreOutOfScaleError
from domain.model import Client, Scale
from tests.domain.examples import TODAY, a_case, a_score
from tests.views import examples
from tests.views.examples import ENGLISH, ODD_NAME, assessed, book, card_of, week_of
from tests.views.judges import assert_blocks

BATCH = "0a1b2c3d"
COLLEAGUES = tuple(
    Member(member_id=n, key=f"m{n}", name=ODD_NAME, role=Role.ADVISOR, team="t") for n in range(120)
)
CLIENTS = {
    "empty": examples.unknown(),
    "one": examples.grow(strategic=(a_case("henry"),)),
    "odd name": examples.move(ODD_NAME),
    "too many": examples.burdened("*" * 200),
}
MOVES: dict[str, tuple[Client, Client]] = {
    "stays": (examples.grow(), examples.grow()),
    "first placed": (examples.unknown("Maria Huber"), examples.grow()),
    "no longer placed": (examples.fix("Karl Weiß", 3), examples.unknown("Karl Weiß", 3)),
    "repaired": (examples.fix(), examples.fix(satisfactions=(a_score(90),))),
    "handed over": (examples.grow(), examples.grow(advisor_id=8)),
    "ended": (examples.grow(), examples.grow(former_since=TODAY)),
    "odd name": (examples.move(ODD_NAME), examples.grow(ODD_NAME)),
    "too many": (examples.move("*" * 200), examples.burdened("*" * 200)),
}


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_a_form(form: Form, client: Client, words: Words, snapshot: SnapshotAssertion) -> None:
    colleagues = COLLEAGUES if client is CLIENTS["too many"] else COLLEAGUES[:1]
    view = form_modal(form, FormContext(report=card_of(client), words=words, colleagues=colleagues))
    assert_blocks(view, "modal")
    assert Ticket.read(view["private_metadata"]) == Ticket(client_id=client.client_id, version=1)
    if client is CLIENTS["one"]:
        assert view == snapshot


@pytest.mark.parametrize("scale", Scale)
def test_the_scale_that_was_asked_on_last_is_chosen_beforehand(scale: Scale) -> None:
    client = examples.fix(satisfactions=(a_score(3, TODAY, scale),))
    view = form_modal(Form.SATISFACTION, FormContext(report=card_of(client), words=ENGLISH))
    assert view["blocks"][1]["element"]["initial_option"]["value"] == scale.value


def test_only_who_may_move_clients_can_hand_one_over(words: Words) -> None:
    alone = FormContext(report=card_of(examples.move()), words=words)
    assert "hand_over" not in str(form_modal(Form.DECISION, alone))


@pytest.mark.parametrize("moved", MOVES.values(), ids=MOVES)
def test_confirming_what_was_recorded(
    moved: tuple[Client, Client], words: Words, snapshot: SnapshotAssertion
) -> None:
    before, after = map(assessed, moved)
    view = recorded_modal(before, after, BATCH, words)
    assert_blocks(view, "modal")
    assert view == snapshot


def test_confirming_what_was_taken_back(words: Words, snapshot: SnapshotAssertion) -> None:
    before, after = assessed(examples.grow()), assessed(examples.move("Maria Huber", 1))
    view = recorded_modal(before, after, BATCH, words, taken_back=True)
    assert_blocks(view, "modal")
    assert view == snapshot


def test_finding_a_client(words: Words, snapshot: SnapshotAssertion) -> None:
    view = find_client_modal(words)
    assert_blocks(view, "modal")
    assert view == snapshot


@pytest.mark.parametrize("is_on", [True, False], ids=["all on", "all off"])
def test_ones_own_settings(is_on: bool, words: Words, snapshot: SnapshotAssertion) -> None:
    view = settings_modal(words, locale="de-DE" if is_on else None, full_text=is_on, strict=is_on)
    assert_blocks(view, "modal")
    assert view == snapshot


def test_the_sentence_under_a_score_names_the_scales_ends() -> None:
    error = ScoreOutOfScaleError(Decimal(6), Decimal(1), Decimal(5))
    assert out_of_scale(error, ENGLISH) == "This scale goes from 1 to 5."


def test_one_sentence_in_place_of_a_form(words: Words, snapshot: SnapshotAssertion) -> None:
    view = message_modal(words.say("Not saved"), ODD_NAME, words)
    assert_blocks(view, "modal")
    assert view == snapshot


def test_a_card_and_a_list_fit_into_a_modal(words: Words) -> None:
    report = card_of(examples.grow(ODD_NAME))
    card = blocks_modal(client_card(report, words), client_card_text(report, words))
    assert_blocks(card, "modal")
    assert_blocks(blocks_modal(priorities(week_of(*book(50)), words), "list"), "modal")
    assert_blocks(blocks_modal([], "One sentence."), "modal")
