"""Modals: what an advisor fills in, and what she reads after it."""

from decimal import Decimal

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.views.client_card import client_card, client_card_text
from bot.views.lists import priorities
from bot.views.modals import (
    Ticket,
    blocks_modal,
    in_the_future,
    message_modal,
    not_a_score,
    out_of_scale,
    recorded_modal,
    satisfaction_modal,
)
from bot.words import Words
from domain.errors import ScoreOutOfScaleError
from domain.model import Client, Quadrant, Scale
from domain.quadrants import SCALES
from tests.domain.examples import TODAY
from tests.views import examples
from tests.views.examples import GERMAN, LONG_NAME, ODD_NAME, assessed, book, card_of, week_of
from tests.views.judges import assert_blocks

TICKET = Ticket(client_id=41, version=3)
NAMES = {"one": "Maria Huber", "odd name": ODD_NAME, "too long": LONG_NAME}
MOVES: dict[str, tuple[Quadrant | None, Client]] = {
    "stays": (Quadrant.GROW, examples.grow()),
    "first placed": (None, examples.grow()),
    "now not placed": (Quadrant.FIX, examples.unknown()),
    "repaired": (Quadrant.FIX, examples.model()),
    "odd name": (Quadrant.MOVE, examples.grow(ODD_NAME)),
    "too long": (Quadrant.MOVE, examples.burdened("*" * 200)),
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_asking_for_a_satisfaction(name: str, words: Words, snapshot: SnapshotAssertion) -> None:
    view = satisfaction_modal(name, TICKET, words, scale=Scale.CSI, today=TODAY)
    assert_blocks(view, "modal")
    assert view == snapshot


@pytest.mark.parametrize("scale", Scale)
def test_the_clients_own_scale_is_chosen_beforehand(scale: Scale, words: Words) -> None:
    view = satisfaction_modal("Maria Huber", TICKET, words, scale=scale, today=TODAY)
    assert_blocks(view, "modal")
    assert view["blocks"][1]["element"]["initial_option"]["value"] == scale.value


def test_a_modal_carries_ids_only() -> None:
    view = satisfaction_modal("Maria Huber", TICKET, GERMAN, scale=Scale.CSI, today=TODAY)
    assert view["private_metadata"] == '{"client": 41, "version": 3}'
    assert Ticket.read(view["private_metadata"]) == TICKET


@pytest.mark.parametrize(("before", "client"), MOVES.values(), ids=MOVES)
def test_confirming_what_was_recorded(
    before: Quadrant | None, client: Client, words: Words, snapshot: SnapshotAssertion
) -> None:
    view = recorded_modal(before, assessed(client), words)
    assert_blocks(view, "modal")
    assert view == snapshot


@pytest.mark.parametrize("scale", Scale)
def test_the_sentence_under_a_score_names_the_scales_ends(scale: Scale, words: Words) -> None:
    limits = SCALES[scale]
    said = out_of_scale(
        ScoreOutOfScaleError(limits.maximum + 1, limits.minimum, limits.maximum), words
    )
    assert str(limits.minimum) in said
    assert str(limits.maximum) in said


def test_the_sentences_under_the_fields(words: Words, snapshot: SnapshotAssertion) -> None:
    error = ScoreOutOfScaleError(Decimal(6), Decimal(1), Decimal(5))
    assert [not_a_score(words), out_of_scale(error, words), in_the_future(words)] == snapshot


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
