"""When something is slow, held or broken: one sentence in time, and nothing shown to others."""

import pytest

from sandbox.faults import Fault
from tests.bot.office import ANNA, EMILY, Office, direct


def test_an_answer_that_takes_long_comes_after_a_word_of_patience(office: Office) -> None:
    # Given Slack, slow to say what kind of place this is
    office.sandbox.faults.order("conversations.info", Fault(delay_s=2))
    answer = office.ask(ANNA, "/segment Maria Huber", patient=False)
    # Then a word comes within three seconds, and the card after it
    assert answer["text"] == "Einen Moment …"
    seen = len(office.people.messages(ANNA, direct(ANNA)))
    card = office.next_message(ANNA, direct(ANNA), seen)
    assert card["ephemeral"]
    assert card["blocks"][0]["text"]["text"] == "Maria Huber · A · GROW"


@pytest.mark.parametrize(
    "fault", [Fault(status=500), Fault(error="internal_error"), Fault(drop=True)]
)
def test_a_place_that_slack_does_not_tell_counts_as_shared(office: Office, fault: Fault) -> None:
    office.sandbox.faults.order("conversations.info", fault)
    seen = len(office.people.messages(ANNA, direct(ANNA)))
    answer = office.ask(ANNA, "/segment Maria Huber", "C0TEAM")
    assert answer["text"] == "Die Antwort kommt als Direktnachricht."
    assert "Maria Huber" in office.next_message(ANNA, direct(ANNA), seen)["text"]


def test_a_store_held_by_somebody_else_is_said_so_and_nothing_is_lost(office: Office) -> None:
    # Given a form that is open while an import writes
    card = office.ask(EMILY, "/segment Daisy Fairfax")
    office.press(EMILY, "Record satisfaction", card)
    (form,) = office.modals(EMILY)
    values = {"score": {"score": {"value": "2"}}}
    with office.runtime.store.write(None):
        # When Emily saves, and looks somebody up
        outcome = office.people.submit(EMILY, form["id"], values)
        looked_up = office.ask(EMILY, "/segment Harry Bloom")
    # Then she reads that the store is busy, while looking up never waits
    assert outcome["outcome"] == "errors"
    (sentence,) = outcome["errors"].values()
    assert sentence.startswith("The store is busy. Nothing was changed")
    assert "Harry Bloom" in looked_up["text"]
    # And the form is still there with what she entered
    assert office.people.submit(EMILY, form["id"])["outcome"] == "updated"
    office.modal_saying(EMILY, "Daisy Fairfax")
    office.close_modals(EMILY)


def test_whatever_breaks_is_answered_without_a_word_of_the_cause(
    office: Office,
) -> None:
    # Given a store whose clients are gone from under the bot
    with office.runtime.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE name_token RENAME TO name_token_gone")
    try:
        answer = office.ask(ANNA, "/segment Maria Huber")
    finally:
        with office.runtime.store.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE name_token_gone RENAME TO name_token")
    assert "name_token" not in answer["text"]
    assert "Maria Huber" not in answer["text"]
    assert "blocks" not in answer
