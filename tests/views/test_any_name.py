"""Whatever a client is called, what we show is valid and mentions nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports import NotFoundReport
from bot.views import digest, lists, modals, notices
from bot.views.client_card import client_card, client_card_text
from bot.views.forms import Form, FormContext
from bot.views.home import home
from bot.words import Words
from tests.storage.naughty import NAUGHTY
from tests.views import examples
from tests.views.examples import ENGLISH, GERMAN, assessed, card_of, morning_of, several, week_of
from tests.views.judges import assert_blocks, assert_harmless

TRICKY = st.text(st.sampled_from("<>&*_~`@#!|:-\\/.\n\t\u200b\u2060\u202eß€😀"), min_size=1)
names = st.one_of(st.text(min_size=1), TRICKY).map(lambda text: text[:200])
readers = st.sampled_from([GERMAN, ENGLISH])


@given(name=names, words=readers)
def test_a_client_may_be_called_anything_on_the_card(name: str, words: Words) -> None:
    report = card_of(examples.grow(name), advisor=name)
    assert_blocks(client_card(report, words), "message")
    assert_harmless(client_card_text(report, words))


@pytest.mark.parametrize("words", [GERMAN, ENGLISH], ids=["de", "en"])
def test_a_client_may_bear_any_naughty_string_as_name(words: Words) -> None:
    for name in NAUGHTY:
        report = card_of(examples.grow(name), advisor=name)
        assert_blocks(client_card(report, words), "message")
        assert_harmless(client_card_text(report, words))
        missed = NotFoundReport(query=name, near=((1, name or "–"),))
        assert_blocks(notices.not_found(missed, words), "message")
        assert_harmless(notices.not_found_text(missed, words))


@given(name=names, words=readers)
def test_a_client_may_be_called_anything_in_a_choice(name: str, words: Words) -> None:
    report = several(examples.grow(name, 1), examples.unknown(name, 2), query=name)
    assert_blocks(lists.picker(report, words), "message")
    assert_harmless(lists.picker_text(report, words))


@given(name=names, words=readers)
def test_a_client_may_be_called_anything_in_a_list(name: str, words: Words) -> None:
    report = week_of(*examples.book(8, name=name.replace("{", "(").replace("}", ")")))
    assert_blocks(lists.priorities(report, words), "message")
    assert_blocks(home(morning_of(report), words), "home")
    assert_harmless(lists.priorities_text(report, words))


@given(name=names, words=readers)
def test_a_client_may_be_called_anything_in_the_digest(name: str, words: Words) -> None:
    report = examples.digest_of(*examples.book(8, name=name.replace("{", "(").replace("}", ")")))
    assert_blocks(digest.digest(report, words), "message")
    assert_harmless(digest.digest_text(report, words, names=True))


@given(name=names, words=readers)
def test_a_client_may_be_called_anything_in_a_modal(name: str, words: Words) -> None:
    report = card_of(examples.model(name))
    for form in Form:
        context = FormContext(report=report, words=words)
        assert_blocks(modals.form_modal(form, context), "modal")
    before = assessed(examples.fix(name))
    assert_blocks(modals.recorded_modal(before, report.assessment, "0a1b", words), "modal")


@given(name=names, typed=names, words=readers)
def test_anything_may_be_typed(name: str, typed: str, words: Words) -> None:
    report = NotFoundReport(query=typed, near=((1, name), (2, name)))
    assert_blocks(notices.not_found(report, words), "message")
    assert_harmless(notices.not_found_text(report, words))
    assert_harmless(notices.priorities_help(words, is_lead=True, unknown=typed))
