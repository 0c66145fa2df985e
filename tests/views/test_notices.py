"""Short answers: each says what to do next, in the reader's language."""

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.reports import HelpReport, NotFoundReport
from bot.views import notices
from bot.views.blocks import section
from bot.words import Words
from tests.views.examples import LONG_NAME, ODD_NAME
from tests.views.judges import assert_blocks, assert_harmless, lines_of, read_aloud, texts_of

MISSES = {
    "empty": NotFoundReport(query="Qwertz", near=()),
    "one": NotFoundReport(query="Mayer", near=((1, "Maria Meier"),)),
    "too many": NotFoundReport(
        query=LONG_NAME, near=tuple((n, f"{n} {LONG_NAME}"[:200]) for n in range(10))
    ),
    "odd name": NotFoundReport(query=ODD_NAME, near=((1, ODD_NAME),)),
    "only markup": NotFoundReport(query="&" * 200, near=((1, "*" * 200),)),
}
NOTICES: dict[str, Callable[[Words], str]] = {
    "help": lambda words: notices.segment_help(HelpReport(), words),
    "too short": lambda words: notices.segment_help(HelpReport(too_short=True), words),
    "too long": lambda words: notices.segment_help(HelpReport(too_long=True), words),
    "priorities help": lambda words: notices.priorities_help(words, is_lead=False),
    "priorities help for a lead": lambda words: notices.priorities_help(words, is_lead=True),
    "unknown word": lambda words: notices.priorities_help(words, is_lead=False, unknown=ODD_NAME),
    "client gone": notices.client_gone,
    "changed meanwhile": notices.changed_meanwhile,
    "not linked": lambda words: notices.not_linked("U0TOM", words),
    "not a member": notices.not_a_member,
    "sent directly": notices.sent_directly,
    "ask directly": lambda words: notices.ask_directly(words, chosen=False),
    "ask directly by choice": lambda words: notices.ask_directly(words, chosen=True),
    "one moment": notices.one_moment,
    "leads only": notices.leads_only,
    "busy": notices.busy,
    "failed": lambda words: notices.failed("a1b2c3d4", words),
}


@pytest.mark.parametrize("report", MISSES.values(), ids=MISSES)
def test_nobody_found(report: NotFoundReport, words: Words, snapshot: SnapshotAssertion) -> None:
    blocks = notices.not_found(report, words)
    text = notices.not_found_text(report, words)
    assert_blocks(blocks, "message")
    assert_harmless(text)
    assert {"text": text, "blocks": blocks} == snapshot


def test_screen_readers_hear_the_names_that_are_near(words: Words) -> None:
    heard = read_aloud(notices.not_found_text(MISSES["odd name"], words))
    for text in texts_of(notices.not_found(MISSES["odd name"], words)):
        assert [line for line in lines_of(text) if line not in heard] == []


def test_the_short_answers(words: Words, snapshot: SnapshotAssertion) -> None:
    said = {name: notice(words) for name, notice in NOTICES.items()}
    for text in said.values():
        assert_harmless(text)
        assert_blocks([section(text)], "message")
    assert said == snapshot
