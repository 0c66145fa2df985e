"""The client card: the answer first, then why, then what would change it."""

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.reports import ClientReport
from bot.views.client_card import client_card, client_card_text
from bot.words import Words
from domain.acceptance import acceptance_of
from domain.model import Client, DecisionKind, LegacyTie, Relation, Scale, Sponsor, Tier
from domain.rulebook import RuleBook
from tests.domain.examples import TODAY, a_case, a_client, a_decision, a_score, an_override
from tests.views import examples
from tests.views.examples import ENGLISH, GERMAN, MEASURED, ODD_NAME, card_of
from tests.views.judges import assert_blocks, assert_harmless, lines_of, read_aloud, texts_of

ADLER = Sponsor(client_id=90, name="Familie Adler", tier=Tier.A, advisor_id=8)
CHILD = LegacyTie(relation=Relation.CHILD, sponsor=ADLER)


def new_card(client: Client) -> ClientReport:
    """Show a client who came lately."""
    return card_of(client, acceptance=acceptance_of(client, RuleBook(), today=TODAY))


REPORTS = {
    "empty": card_of(examples.unknown()),
    "grow": card_of(examples.grow()),
    "fix of tier A+": card_of(examples.fix()),
    "move awaits a decision": card_of(examples.move()),
    "move is decided": card_of(
        examples.move(decisions=(a_decision(DecisionKind.WATCH, MEASURED),))
    ),
    "model": card_of(examples.model()),
    "one answer is missing": card_of(examples.asked()),
    "child of a client of the firm": card_of(
        a_client(500, name="Lea Adler", legacy=(CHILD,)), hidden_sponsors=frozenset({90})
    ),
    "child of Familie Adler": card_of(a_client(500, name="Lea Adler", legacy=(CHILD,))),
    "strategic": card_of(a_client(500, name="Jonas Reif", strategic=(a_case("henry"),))),
    "overruled": card_of(examples.grow(overrides=(an_override(Tier.S, MEASURED, TODAY),))),
    "new and below the minimum": new_card(
        a_client(1200, name="Nora Lenz", client_since=MEASURED, strategic=(a_case("henry"),))
    ),
    "new and ideal": new_card(a_client(9500, name="Tilo Brandt", client_since=MEASURED)),
    "new with no revenue": new_card(a_client(name="Ida Moor", client_since=MEASURED)),
    "former": card_of(examples.grow(former_since=MEASURED)),
    "odd name": card_of(examples.grow(ODD_NAME), advisor=ODD_NAME),
    "too many": card_of(examples.burdened(), advisor="@" * 200),
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_a_client_card(report: ClientReport, words: Words, snapshot: SnapshotAssertion) -> None:
    blocks = client_card(report, words)
    text = client_card_text(report, words)
    assert_blocks(blocks, "message")
    assert_harmless(text)
    assert {"text": text, "blocks": blocks} == snapshot


@pytest.mark.parametrize("name", [name for name in REPORTS if name != "too many"])
def test_screen_readers_hear_every_sentence_of_the_card(name: str, words: Words) -> None:
    # Given a card whose buttons need no words of their own
    blocks = [b for b in client_card(REPORTS[name], words) if b["type"] != "actions"]
    heard = read_aloud(client_card_text(REPORTS[name], words))
    # Then each line on it is said
    for text in texts_of(blocks):
        lines = lines_of(text)
        if ": ".join(lines) not in heard:
            assert [line for line in lines if line not in heard] == []


def test_the_first_lines_are_the_answer() -> None:
    header, first, *_ = client_card(REPORTS["grow"], ENGLISH)
    assert header["text"]["text"] == "Maria Huber · A · GROW"
    # 400,000 wallet less 120,000 managed; 9,000 revenue on 120,000 is a rate of 7.5 %
    assert first["text"]["text"] == (
        "*Next: Arrange a talk about the €280,000 placed elsewhere.*\n"
        "€21,000 more revenue a year possible"
    )


def test_a_german_reader_gets_german_figures() -> None:
    heard = client_card_text(REPORTS["fix of tier A+"], GERMAN)
    # School grade 4.5 is an index of (6 - 4.5) / 5 = 30; 70 % of 16,000 are at risk
    assert "11.200\N{NO-BREAK SPACE}€" in heard
    assert "16.000\N{NO-BREAK SPACE}€" in heard
    assert "05.10.2026" in heard


def test_a_sponsor_whom_the_reader_may_not_see_stays_unnamed(words: Words) -> None:
    report = REPORTS["child of a client of the firm"]
    shown = str(client_card(report, words)) + client_card_text(report, words)
    # The client's own name is Lea Adler; the family's is nowhere
    assert "Familie" not in shown
    assert "Familie Adler" in client_card_text(REPORTS["child of Familie Adler"], words)


@pytest.mark.parametrize("scale", Scale)
def test_every_scale_has_a_name(scale: Scale, words: Words) -> None:
    score = {Scale.CSI: 80, Scale.CSAT: 4, Scale.NPS: 9, Scale.SCHOOL: 2}[scale]
    measured = a_score(score, MEASURED, scale)
    client = examples.model(satisfactions=(measured,))
    assert_blocks(client_card(card_of(client), words), "message")
