"""The story of the first five minutes."""

import pytest
from playwright.sync_api import Browser, expect

from sandbox.server import Sandbox
from tests.browser.desk import sit_down

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_newcomer_looks_up_huber_records_her_answer_and_gets_the_monday_list(
    browser: Browser, sandbox: Sandbox
):
    # Given a newcomer at the page, acting as Anna Berger
    anna = sit_down(browser, sandbox)
    # When she looks up Huber, with a typo
    anna.say("/segment Hubr")
    # Then the card says what she is, why, and what to do next, for her eyes only
    card = anna.answer("Maria Huber · A · FIX")
    expect(card).to_contain_text("Nächster Schritt: Anrufen")
    expect(card).to_contain_text("Zufriedenheit ist niedrig: 52 von 100")
    expect(card).to_contain_text("Zufriedenheit ab 70: MODEL")
    expect(card).to_contain_text("Nur für dich sichtbar")

    # When she calls Huber and records a grade that the scale does not know
    card.get_by_role("button", name="Zufriedenheit erfassen").click()
    modal = anna.modal()
    score = modal.get_by_label("Wert")
    score.fill("7")
    modal.get_by_test_id("modal-submit").click()
    # Then the field says what is wrong
    expect(modal.get_by_test_id("field-error")).to_have_text("Diese Skala geht von 1 bis 6.")
    # When she corrects it
    score.fill("1,9")
    modal.get_by_test_id("modal-submit").click()
    # Then the move is told as the success it is
    expect(anna.modal()).to_contain_text("Maria Huber ist jetzt A · MODEL, vorher A · FIX.")
    anna.modal().get_by_test_id("modal-cancel").click()

    # When it becomes Monday morning
    anna.page.get_by_test_id("monday").click()
    # Then the week's list arrives as a direct message
    digest = anna.answer("Die Woche ab Montag")
    expect(digest).to_contain_text("GROW: zufrieden, und vieles liegt anderswo")
    expect(digest.get_by_role("button", name="Erledigt: Maria Huber")).to_have_count(0)
    expect(digest.get_by_role("button", name="Öffnen")).to_have_count(8)


def test_another_advisor_does_not_learn_that_huber_exists(browser: Browser, sandbox: Sandbox):
    emily = sit_down(browser, sandbox, person="U0EMILY")
    emily.say("/segment Maria Huber")
    expect(emily.answer("No client “Maria Huber” in your book.")).not_to_contain_text("FIX")


def test_several_clients_of_a_name_are_offered_and_one_is_opened(
    browser: Browser, sandbox: Sandbox
):
    anna = sit_down(browser, sandbox)
    anna.say("/segment müller")
    picker = anna.answer("Mehrere Kunden passen zu „müller“")
    expect(picker).to_contain_text("Jens Müller")
    picker.get_by_role("button", name="Öffnen: Jana Müller").click()
    expect(anna.answer("Jana Müller · S")).to_contain_text("Strategisch")


def test_home_shows_the_list_and_opens_a_client(browser: Browser, sandbox: Sandbox):
    emily = sit_down(browser, sandbox, person="U0EMILY", tab="home")
    home = emily.page.get_by_test_id("home")
    expect(home).to_contain_text("Your priorities this week")
    home.get_by_role("button", name="Open").first.click()
    expect(emily.modal()).to_contain_text("Tier:")


@pytest.mark.parametrize(
    ("person", "sentence"),
    [
        ("U0TOM", "Sie haben hier noch keine Rolle, deshalb kann ich nichts zeigen."),
        ("U0LENA", "Dieser Assistent ist für Mitglieder des Hauses."),
        ("U0MARIO", "This assistant is for members of the firm."),
    ],
)
def test_home_tells_a_colleague_how_to_begin_and_a_guest_nothing(
    browser: Browser, sandbox: Sandbox, person: str, sentence: str
):
    desk = sit_down(browser, sandbox, person=person, tab="home")
    home = desk.page.get_by_test_id("home")
    expect(home).to_contain_text(sentence)
    # A colleague may have been given a code
    expect(home.get_by_role("button")).to_have_count(1 if person == "U0TOM" else 0)
    desk.page.close()


def test_the_lead_sees_the_teams_list(browser: Browser, sandbox: Sandbox):
    lead = sit_down(browser, sandbox, person="U0VOGT")
    lead.say("/priorities team")
    expect(lead.answer("Prioritäten des Teams Birkenhof")).to_contain_text("460 Kunden im Bestand")


def test_in_a_channel_shared_with_another_firm_the_answer_goes_to_the_direct_message(
    browser: Browser, sandbox: Sandbox
):
    anna = sit_down(browser, sandbox)
    anna.page.get_by_test_id("place-C0SHARED").click()
    anna.say("/segment Huber")
    expect(anna.answer("Die Antwort kommt als Direktnachricht.")).to_be_visible()
    expect(anna.page.get_by_test_id("messages")).not_to_contain_text("Maria Huber")


def test_an_overdue_review_is_logged_in_two_clicks_and_taken_back(
    browser: Browser, sandbox: Sandbox
):
    anna = sit_down(browser, sandbox)
    # Given Maria Huber, whose review is overdue
    anna.say("/due Huber")
    services = anna.answer("Leistungen: Maria Huber")
    expect(services).to_contain_text("Beratungsgespräch · Überfällig")
    # When Anna logs it and saves what is proposed
    services.get_by_role("button", name="Erfassen: Maria Huber, Beratungsgespräch").click()
    anna.modal().get_by_test_id("modal-submit").click()
    # Then it counts as delivered today
    expect(anna.modal()).to_contain_text("Maria Huber: Beratungsgespräch, erbracht.")
    # When she takes it back
    anna.modal().get_by_role("button", name="Rückgängig").click()
    # Then it is overdue again
    expect(anna.modal()).to_contain_text("überfällig")
    anna.modal().get_by_test_id("modal-cancel").click()


def test_guests_are_invited_to_the_dinner(browser: Browser, sandbox: Sandbox):
    jonas = sit_down(browser, sandbox, person="U0JONAS")
    # Given the dinner that the lead has planned
    jonas.say("/events")
    events = jonas.answer("Veranstaltungen für Kunden")
    events.get_by_role("button", name="Öffnen: Kaminabend").click()
    dinner = jonas.answer("28 von 40 Plätzen belegt")
    # When Jonas invites the client who is proposed first
    dinner.get_by_role("button", name="Einladen").click()
    modal = jonas.modal()
    modal.get_by_label("Einladen").click()
    modal.get_by_role("option").first.click()
    modal.get_by_test_id("modal-submit").click()
    # Then a seat is taken
    expect(jonas.modal()).to_contain_text("1 Kunde eingeladen.")
    expect(jonas.modal()).to_contain_text("29 von 40 Plätzen belegt")
