"""The Monday digest: what stands in it, in which order, and what a locked screen shows of it."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.service_reports import DigestReport, Said
from bot.views.digest import digest, digest_text, name_buttons, replace_buttons, said_line
from bot.words import Words
from domain.handling import Handling
from domain.model import Decision, DecisionKind, Override, Quadrant, Tier
from domain.rechecks import decision_rechecks
from tests.domain.examples import TODAY
from tests.views import examples
from tests.views.examples import ENGLISH, LONG_NAME, ODD_NAME, book, digest_of
from tests.views.judges import assert_blocks, assert_harmless

WEEKS = {
    "empty": digest_of(),
    "nobody placed": digest_of(examples.unknown()),
    "one": digest_of(examples.grow()),
    "seven": digest_of(*book(7)),
    "500": digest_of(*book(500)),
    "odd name": digest_of(examples.grow(ODD_NAME), examples.model(ODD_NAME, 2)),
}
weeks = pytest.mark.parametrize("report", WEEKS.values(), ids=WEEKS)


@weeks
def test_the_monday_digest(report: DigestReport, words: Words, snapshot: SnapshotAssertion) -> None:
    blocks = digest(report, words)
    text = digest_text(report, words)
    assert_blocks(blocks, "message")
    assert_harmless(text)
    assert {"text": text, "blocks": blocks} == snapshot


@pytest.mark.parametrize("size", [0, 1, 7, 8, 500])
def test_a_digest_of_a_book_of_any_size_fits_into_one_message(size: int, words: Words) -> None:
    # Given names as long as the store takes, and as many on the list as a rule book allows
    report = digest_of(*book(size, name=LONG_NAME))
    names = replace(report.week.week, names=report.week.in_order()[:10], more=size)
    blocks = digest(replace(report, week=replace(report.week, week=names)), words)
    # Then it keeps Slack's limits, with room for the line that says "late" or "a repeat"
    assert_blocks(blocks, "message")
    assert len(blocks) <= 48
    assert len(json.dumps([b.get("text") for b in blocks], ensure_ascii=False)) < 13_000


def test_a_late_digest_says_so(words: Words, snapshot: SnapshotAssertion) -> None:
    blocks = digest(WEEKS["one"], words, late=True)
    assert_blocks(blocks, "message")
    assert {"text": digest_text(WEEKS["one"], words, late=True), "blocks": blocks} == snapshot


def test_the_digest_says_who_came_from_fix_to_model() -> None:
    shown = str(digest(digest_of(examples.model("Familie Thalheim")), ENGLISH))
    assert "Well done since the last digest" in shown
    assert "Familie Thalheim: FIX → MODEL" in shown


def test_the_digest_says_which_tier_set_by_hand_ends_soon() -> None:
    ends = TODAY + timedelta(days=3)
    override = Override(
        tier=Tier.S, reason="", by="Vogt", first_day=date(2026, 1, 1), last_day=ends
    )
    report = digest_of(examples.grow(overrides=(override,)))
    assert "Maria Huber: S set by hand until 26 Nov 2026, then A" in str(digest(report, ENGLISH))


def test_the_digest_says_which_decision_is_to_be_looked_at_again_soon() -> None:
    watch = Decision(
        kind=DecisionKind.WATCH,
        reason="wait",
        by="Vogt",
        decided_on=TODAY - timedelta(days=60),
        recheck_on=TODAY + timedelta(days=3),
    )
    client = examples.move(decisions=(watch,))
    decided = decision_rechecks([examples.assessed(client)], today=TODAY, within_days=3)
    shown = str(digest(digest_of(client, decided=tuple(decided)), ENGLISH))
    assert "Karl Weiß: “only watch”, look again on 26 Nov 2026" in shown


def test_the_digest_is_dated_to_the_minute() -> None:
    assert "As of 23 Nov 2026, 08:00 · 1 client in the book" in str(digest(WEEKS["one"], ENGLISH))


def test_a_lock_screen_shows_no_name_and_no_amount(words: Words) -> None:
    # Given a book in which every name and every amount would be recognised
    clients = [
        examples.grow("Kanarienvogel", 1, revenue=77_777),
        examples.fix("Kanarienvogel", 2, revenue=77_777),
        examples.move("Kanarienvogel", 3, revenue=7_777),
        examples.model("Kanarienvogel", 4, revenue=77_777),
        examples.asked("Kanarienvogel", 5, revenue=77_777),
    ]
    # When each of them leads the list
    for report in (digest_of(*clients[n:]) for n in range(len(clients))):
        for late in (False, True):
            text = digest_text(report, words, late=late)
            # Then none is in the notification
            assert "Kanarienvogel" not in text
            assert "€" not in text
            assert "777" not in text


def test_the_digest_names_seven_and_counts_the_rest() -> None:
    # Given 9 clients to grow and nobody else
    report = digest_of(*(examples.grow(f"Client {n}", n) for n in range(1, 10)))
    opened = [
        e
        for b in digest(report, ENGLISH)
        for e in b.get("elements", [])
        if e.get("action_id") == "open_client"
    ]
    assert len(opened) == 7
    assert "See 2 more" in str(digest(report, ENGLISH))


def test_the_first_line_of_a_digest_is_what_a_telephone_shows() -> None:
    assert digest_text(WEEKS["one"], ENGLISH) == (
        "Your week from Monday, 23 November. 1 to grow. "
        "First: a talk about money that lies elsewhere. 7 services are due this week."
    )


def test_what_was_said_of_a_name_stands_in_the_place_of_its_buttons(words: Words) -> None:
    blocks = digest(WEEKS["seven"], words)
    for how in Handling:
        said = Said(
            client_id=1,
            client="Mandat 0",
            how=how,
            quadrant=Quadrant.GROW,
            until=date(2026, 12, 21),
            batch="ab",
        )
        changed = replace_buttons(blocks, 1, said_line(said, words))
        assert_blocks(changed, "message")
        assert sum(a != b for a, b in zip(blocks, changed, strict=True)) == 1
        back = replace_buttons(changed, 1, name_buttons(1, "Mandat 0", Quadrant.GROW, words))
        assert back == blocks
