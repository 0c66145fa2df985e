"""Each request takes effect once, however often it comes and whichever way."""

import time
from datetime import timedelta

import pytest

from sandbox.faults import Misdelivery
from storage.store import Store
from tests.bot.office import ANNA, EMILY, TUESDAY, Office, direct
from tests.bot.web import Web, command_of


def calls(office: Office, method: str, since: int) -> int:
    """Count how often the bot called a method of Slack since an entry of the transcript."""
    return [entry["name"] for entry in office.people.transcript(since)].count(method)


def test_c29_a_replayed_request_is_taken_without_an_answer(web: Web) -> None:
    body = command_of(ANNA, text="Maria Huber")
    headers = web.signed(body)
    assert web.post(body, headers)[1]
    assert web.post(body, headers) == (200, "")


def test_a_request_signed_anew_but_with_the_same_trigger_is_the_same(web: Web) -> None:
    body = command_of(ANNA, text="Maria Huber")
    assert web.post(body, web.signed(body, age_s=10))[1]
    assert web.post(body, web.signed(body)) == (200, "")


@pytest.mark.parametrize("copies", [2, 5])
def test_an_envelope_that_comes_more_than_once_is_answered_as_one(
    office: Office, copies: int
) -> None:
    card = office.ask(ANNA, "/segment Maria Huber")
    since = office.people.recorded()
    office.sandbox.faults.misdeliver(Misdelivery(copies=copies))
    office.press(ANNA, "Zufriedenheit erfassen", card)
    office.modals(ANNA)
    office.sandbox.faults.misdeliver(Misdelivery(copies=copies))
    assert "Maria Huber" in office.ask(ANNA, "/segment Maria Huber")["text"]
    assert calls(office, "views.open", since) == 1
    office.close_modals(ANNA)


def test_a_retry_of_an_event_that_was_taken_has_no_second_effect(office: Office) -> None:
    since = office.people.recorded()
    office.sandbox.faults.misdeliver(Misdelivery(retries=1))
    office.people.open_home(ANNA)
    office.people.wait_for(lambda: calls(office, "app_home_opened", since) == 2)
    office.people.open_home(EMILY)
    office.people.wait_for(lambda: calls(office, "views.publish", since) == 2)
    shown = [e["audience"] for e in office.people.transcript(since) if e["name"] == "views.publish"]
    assert sorted(shown) == [[ANNA], [EMILY]]


def test_an_event_that_comes_only_as_a_retry_is_not_lost(running: Office) -> None:
    since = running.people.recorded()
    running.sandbox.faults.misdeliver(Misdelivery(lost=1))
    running.people.open_home(ANNA)
    running.people.wait_for(lambda: calls(running, "views.publish", since) == 1)


def test_c19_twenty_clicks_in_a_second_open_one_form(office: Office) -> None:
    card = office.ask(EMILY, "/segment Daisy Fairfax")
    since = office.people.recorded()
    for _ in range(20):
        office.press(EMILY, "Record satisfaction", card)
    office.modals(EMILY)
    # And another button right after them is another click
    office.close_modals(EMILY)
    office.press(EMILY, "Record wallet", card)
    office.modals(EMILY)
    assert calls(office, "views.open", since) == 2
    office.close_modals(EMILY)


def test_c19_who_clicks_again_later_means_it(office: Office) -> None:
    card = office.ask(EMILY, "/segment Harry Bloom")
    since = office.people.recorded()
    office.press(EMILY, "Record satisfaction", card)
    office.modals(EMILY)
    office.close_modals(EMILY)
    time.sleep(2.1)  # longer than anybody takes for a double click
    office.press(EMILY, "Record satisfaction", card)
    office.modals(EMILY)
    assert calls(office, "views.open", since) == 2
    office.close_modals(EMILY)


def test_what_was_let_in_is_forgotten_after_a_day(store: Store) -> None:
    journal, now = store.journal, TUESDAY
    assert journal.first_time("event:T1:Ev1", "click:1", at=now)
    assert not journal.first_time("event:T1:Ev2", "click:1", at=now)
    assert journal.first_time("event:T2:Ev1", at=now)
    journal.forget_requests(before=now + timedelta(hours=24) - timedelta(hours=24))
    assert not journal.first_time("event:T1:Ev1", at=now)
    journal.forget_requests(before=now + timedelta(seconds=1))
    assert journal.first_time("event:T1:Ev1", at=now)


def test_a_store_that_cannot_remember_does_not_keep_people_out(office: Office) -> None:
    engine = office.runtime.journal._engine
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE request RENAME TO request_gone")
    try:
        assert "Maria Huber" in office.ask(ANNA, "/segment Maria Huber", direct(ANNA))["text"]
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE request_gone RENAME TO request")
