"""`/due`: what is owed now and next, and what can be done about each line."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from storage.tables import AppointmentRow, ServiceRecordRow
from tests.bot.office import (
    ANNA,
    EMILY,
    VOGT,
    Json,
    Office,
    buttons,
    direct,
    elements,
    text_of,
)
from tests.bot.serviced import adopt_early, serve

LUDWIG = "Ludwig Steiner"


@pytest.fixture(scope="module", autouse=True)
def history(running: Office) -> None:
    adopt_early(running)
    serve(running, LUDWIG)


@pytest.fixture(autouse=True)
def no_modal_left(office: Office) -> Iterator[None]:
    yield
    for who in (ANNA, VOGT, EMILY):
        office.close_modals(who)


def test_the_first_line_of_the_list_is_the_answer(office: Office) -> None:
    answer = office.ask(VOGT, "/due")
    assert answer["ephemeral"]
    assert answer["blocks"][0]["text"]["text"] == "Was fällig ist"
    assert answer["blocks"][1]["text"]["text"] == "*1 überfällig · 1 fällig · 1 demnächst*"
    lines = answer["text"].splitlines()
    assert lines[2:9] == [
        # The rule book holds since 1 January 2024, and a newsletter goes out each month
        "Newsletter · Überfällig. Die nächste Ausgabe war am 01.02.2024 fällig. "
        "Noch keine ist erfasst. 12-mal im Jahr.",
        "Überfällig (1)",
        "Ludwig Steiner · B · Beratungsgespräch: Fällig seit 03.08.2026, überfällig. "
        "Zuletzt am 03.08.2025.",
        "Fällig (1)",
        "Ludwig Steiner · B · Kontaktanruf: Heute fällig. Zuletzt am 24.05.2026.",
        "Demnächst (1)",
        "Ludwig Steiner · B · Depotprüfung: Fällig am 01.12.2026. Zuletzt am 01.12.2025.",
    ]


def test_the_list_comes_in_english_to_an_english_reader(office: Office) -> None:
    answer = office.ask(EMILY, "/due")
    assert answer["blocks"][0]["text"]["text"] == "What is due"
    assert "overdue" in answer["blocks"][1]["text"]["text"]


def opened(office: Office, who: str, act: str, service: str, name: str = LUDWIG) -> Json:
    """Open a form from a client's services, by a button or the menu beside it."""
    answer = office.ask(who, f"/due {name}")
    wanted = f"{act}:{office.clients[name]}:{service}"
    for block, element in elements(answer["blocks"]):
        values = [each["value"] for each in element.get("options", [])] or [element.get("value")]
        if wanted in values:
            chosen = {"selected_option": {"value": wanted}} if "options" in element else None
            ids = block["block_id"], element["action_id"]
            office.people.click(who, *ids, action=chosen, place=direct(who), ts=answer["ts"])
            return office.modals(who)[0]
    raise AssertionError(f"no way to {wanted}")


def saved(office: Office, who: str, view: Json, **fields: Json) -> Json:
    values = {name: {name: value} for name, value in fields.items()}
    answer = office.people.submit(who, view["id"], values)
    assert answer["outcome"] == "updated", answer
    return office.people.views(who)[-1]


def rows(office: Office, table: type[Any], name: str = LUDWIG) -> list[Any]:
    with office.runtime.store.read(office.firm_id) as session:
        mine = select(table).where(table.client_id == office.clients[name]).order_by(table.id)
        return list(session.exec(mine).all())


def wait_for_text(office: Office, who: str, words: str) -> Json:
    def found() -> Any:
        shown = office.people.messages(who, direct(who))
        return next((each for each in reversed(shown) if words in each["text"]), None)

    message: Json = office.people.wait_for(found)
    return message


def undone(office: Office, who: str, confirmation: Json) -> Json:
    office.press_in_view(who, "Rückgängig", confirmation)
    return office.modal_saying(who, "Zurückgenommen")


def test_a_delivery_is_logged_with_two_clicks_and_taken_back(office: Office) -> None:
    # Given the list with the overdue review
    answer = office.ask(VOGT, "/due")
    before = rows(office, ServiceRecordRow)
    # When the lead presses "Log" and then "Save", changing nothing
    office.press(VOGT, "Erfassen: Ludwig Steiner, Beratungsgespräch", answer)
    (view,) = office.modals(VOGT)
    confirmation = saved(office, VOGT, view)
    # Then the review was delivered today, with the planned minutes (2.5 h and 1.5 h)
    record = rows(office, ServiceRecordRow)[-1]
    assert (record.service, record.outcome) == ("review", "delivered")
    assert record.happened_on == date(2026, 11, 24)
    assert (record.advisor_minutes, record.staff_minutes) == (150, 90)
    assert "Ludwig Steiner: Beratungsgespräch, erbracht." in text_of(confirmation)
    assert "Wieder am 24.11.2027. Zuletzt am 24.11.2026." in text_of(confirmation)
    # And the call is done along with it: nothing is overdue or due
    assert office.ask(VOGT, "/due")["blocks"][1]["text"]["text"] == "*1 demnächst*"
    # When she takes it back
    after = undone(office, VOGT, confirmation)
    # Then all is as before
    assert "Ludwig Steiner: 1 überfällig · 1 fällig · 1 demnächst" in text_of(after)
    assert rows(office, ServiceRecordRow) == before


def test_home_follows_what_is_done_from_it_and_what_is_taken_back(office: Office) -> None:
    def shows_overdue(expected: bool) -> Any:
        home = office.people.home(VOGT)
        return home if home and ("1 überfällig" in text_of(home)) is expected else None

    # Given Home, which says that a review is overdue
    home = office.home(VOGT, "1 überfällig")
    # When it is logged from there
    office.press_in_view(VOGT, "Erfassen: Ludwig Steiner, Beratungsgespräch", home)
    (view,) = office.modals(VOGT)
    confirmation = saved(office, VOGT, view)
    # Then Home says so no longer
    office.people.wait_for(lambda: shows_overdue(False))
    # And says it again once that is taken back
    undone(office, VOGT, confirmation)
    office.people.wait_for(lambda: shows_overdue(True))


def test_what_the_client_declined_is_no_delivery_but_lets_the_clock_run_on(office: Office) -> None:
    view = opened(office, VOGT, "declined", "review")
    confirmation = saved(office, VOGT, view, note={"value": "Möchte dieses Jahr nicht"})
    record = rows(office, ServiceRecordRow)[-1]
    assert (record.outcome, record.note) == ("declined", "Möchte dieses Jahr nicht")
    assert "Wieder am 24.11.2027. Abgelehnt am 24.11.2026." in text_of(confirmation)
    undone(office, VOGT, confirmation)


def test_an_attempt_without_an_answer_leaves_the_service_due_and_is_counted(
    office: Office,
) -> None:
    view = opened(office, VOGT, "no_answer", "review")
    confirmation = saved(office, VOGT, view)
    assert "Zuletzt am 03.08.2025. 1 Versuch ohne Antwort." in text_of(confirmation)
    assert "überfällig" in text_of(confirmation)
    undone(office, VOGT, confirmation)


def test_a_delivery_cannot_be_of_tomorrow_and_minutes_are_numbers(office: Office) -> None:
    view = opened(office, VOGT, "log", "check_in")
    answer = office.people.submit(
        VOGT,
        view["id"],
        {"on": {"on": {"selected_date": "2026-11-25"}}, "minutes": {"minutes": {"value": "30"}}},
    )
    assert answer["errors"] == {"on": "Dieser Tag liegt noch in der Zukunft."}
    answer = office.people.submit(
        VOGT,
        view["id"],
        {"on": {"on": {"selected_date": "2026-11-24"}}, "minutes": {"minutes": {"value": "lang"}}},
    )
    assert answer["errors"] == {"minutes": "Bitte eine ganze Zahl eingeben."}


def test_a_service_put_off_leaves_the_list_until_its_day(office: Office) -> None:
    view = opened(office, VOGT, "snooze", "review")
    fields = {"until": {"selected_date": "2026-12-15"}, "reason": {"value": "Im Urlaub"}}
    confirmation = saved(office, VOGT, view, **fields)
    assert "Beratungsgespräch ist bis 15.12.2026 zurückgestellt." in text_of(confirmation)
    summary = office.ask(VOGT, "/due")["blocks"][1]["text"]["text"]
    assert summary == "*1 fällig · 1 demnächst*"
    assert "Zurückgestellt bis 15.12.2026 (Im Urlaub)." in office.ask(VOGT, "/due Steiner")["text"]
    undone(office, VOGT, confirmation)


def test_an_appointment_takes_the_service_off_the_due_ones_and_comes_as_a_calendar_file(
    office: Office,
) -> None:
    # When a review is booked
    view = opened(office, VOGT, "book", "review")
    fields = {"on": {"selected_date": "2026-12-10"}, "at": {"selected_time": "09:30"}}
    confirmation = saved(office, VOGT, view, **fields)
    assert "Beratungsgespräch ist am 10.12.2026, 09:30 terminiert." in text_of(confirmation)
    # Then the list says so; the call that a review counts for comes along with it
    summary = office.ask(VOGT, "/due")["blocks"][1]["text"]["text"]
    assert summary == "*1 terminiert · 1 demnächst*"
    # When the calendar file is asked for
    office.press_in_view(VOGT, "Kalenderdatei", confirmation)
    message = wait_for_text(office, VOGT, "Für den Kalender.")
    # Then it comes by direct message
    assert [each["name"] for each in message["files"]] == ["tierwise.ics"]
    (booked,) = rows(office, AppointmentRow)
    assert (booked.zone, booked.minutes, booked.sequence) == ("Europe/Berlin", 150, 0)
    # When it is moved and then cancelled, calendars get newer versions of the same entry
    office.close_modals(VOGT)
    moved = opened(office, VOGT, "book", "review")
    saved(office, VOGT, moved, on={"selected_date": "2026-12-11"})
    office.close_modals(VOGT)
    cancelled = opened(office, VOGT, "cancel", "review")
    saved(office, VOGT, cancelled)
    (after,) = rows(office, AppointmentRow)
    assert (after.uid, after.sequence, after.is_cancelled) == (booked.uid, 2, True)
    assert after.day == date(2026, 12, 11)
    assert office.ask(VOGT, "/due")["blocks"][1]["text"]["text"].startswith("*1 überfällig")


def test_no_appointment_is_booked_for_yesterday(office: Office) -> None:
    view = opened(office, VOGT, "book", "review")
    answer = office.people.submit(VOGT, view["id"], {"on": {"on": {"selected_date": "2026-11-23"}}})
    assert answer["errors"] == {"on": "Dieser Tag muss noch in der Zukunft liegen."}


def test_a_client_can_be_promised_more_than_the_tier_visibly_and_until_a_day(
    office: Office,
) -> None:
    view = opened(office, VOGT, "agree", "review")
    fields = {
        "times": {"value": "4"},
        "reason": {"value": "Verkauft die Firma"},
        "until": {"selected_date": "2027-06-30"},
    }
    confirmation = saved(office, VOGT, view, **fields)
    assert "Beratungsgespräch ist 4-mal im Jahr vereinbart." in text_of(confirmation)
    services = office.ask(VOGT, "/due Steiner")
    assert "vereinbart bis 30.06.2027: Verkauft die Firma (Katharina Vogt)" in services["text"]
    assert "Anders vereinbart: Ludwig Steiner: Beratungsgespräch bis 30.06.2027" in text_of(
        office.ask(VOGT, "/due")
    )
    # When it is lifted, the tier decides again
    office.close_modals(VOGT)
    saved(office, VOGT, opened(office, VOGT, "lift", "review"))
    assert "vereinbart bis" not in office.ask(VOGT, "/due Steiner")["text"]


@pytest.mark.parametrize(
    ("times", "sentence"),
    [("0,05", "Bitte 0 oder eine Zahl von 0,1 bis 365 eingeben."), ("400", "Bitte 0 oder eine")],
)
def test_nothing_is_promised_more_often_than_daily_or_less_than_once_in_ten_years(
    office: Office, times: str, sentence: str
) -> None:
    view = opened(office, VOGT, "agree", "review")
    fields = {"times": {"times": {"value": times}}, "reason": {"reason": {"value": "x"}}}
    answer = office.people.submit(VOGT, view["id"], fields)
    assert answer["errors"]["times"].startswith(sentence)


def test_several_clients_of_a_name_are_offered(office: Office) -> None:
    answer = office.ask(ANNA, "/due Bergmann")
    assert buttons(answer) == ["Öffnen", "Öffnen"]
    shown = office.press_for_message(ANNA, "Öffnen: Petra Bergmann", answer)
    assert shown["blocks"][0]["text"]["text"] == "Leistungen: Petra Bergmann · ohne Stufe"


def test_a_foreign_client_is_answered_like_none(office: Office) -> None:
    assert office.ask(ANNA, "/due Steiner")["text"] == "Kein Kunde „Steiner“ in Ihrem Bestand."


def test_a_button_is_of_no_use_once_the_client_is_somebody_elses(office: Office) -> None:
    answer = office.ask(ANNA, "/due Otto Winter")
    office.give_to("Otto Winter", "emily")
    label = next(each for each in buttons(answer) if each == "Erfassen")
    refused = office.press_for_message(ANNA, label, answer)
    office.give_to("Otto Winter", "anna")
    assert refused["text"] == "Dieser Kunde ist nicht oder nicht mehr in Ihrem Bestand."
    assert office.people.views(ANNA) == []


def test_a_teams_list_names_the_advisor_and_is_the_leads(office: Office) -> None:
    answer = office.ask(VOGT, "/due team")
    assert answer["blocks"][0]["text"]["text"] == "Fällig im Team Birkenhof"
    assert " · Jonas Keller: Fällig seit" in answer["text"]
    assert office.ask(ANNA, "/due team")["text"].startswith("Die Liste des Teams ist")


def test_paging_goes_on_in_the_same_message(office: Office) -> None:
    answer = office.ask(ANNA, "/due")
    office.press(ANNA, buttons(answer)[-1], answer)

    def turned() -> Any:
        shown = office.people.messages(ANNA, direct(ANNA))
        return next((m for m in shown if m["ts"] == answer["ts"] and "14 von" in m["text"]), None)

    assert office.people.wait_for(turned)


@pytest.mark.parametrize("typed", ["help", "hilfe", "?"])
def test_help_names_what_the_asker_may_type(office: Office, typed: str) -> None:
    assert "`/due team`" not in office.ask(ANNA, f"/due {typed}")["text"]
    assert "`/due team`" in office.ask(VOGT, f"/due {typed}")["text"]


def test_a_message_is_logged_as_a_contact_with_a_client(office: Office) -> None:
    # Given a message in the direct message with the bot
    office.people.say(EMILY, direct(EMILY), "Called Daisy: she is moving to Leeds & wants advice")
    message = office.people.messages(EMILY, direct(EMILY))[-1]
    # When Emily chooses the shortcut on it
    office.people.shortcut(EMILY, "log_contact", place=direct(EMILY), ts=message["ts"])
    (view,) = office.modals(EMILY)
    # Then the form offers her own clients only, and the text as a note
    assert "she is moving to Leeds & wants advice" in text_of(view).replace("&amp;", "&")
    field = {"block_id": "client_of_contact", "action_id": "client_of_contact"}
    none = office.people.options(EMILY, *field.values(), "Steiner", view_id=view["id"])
    assert none["options"] == []
    offered = office.people.options(EMILY, *field.values(), "Fairfax", view_id=view["id"])
    (option,) = offered["options"]
    assert option["text"]["text"] == "Daisy Fairfax"
    confirmation = saved(office, EMILY, view, client_of_contact={"selected_option": option})
    assert "Daisy Fairfax: Check-in call, delivered." in text_of(confirmation)
    (record,) = rows(office, ServiceRecordRow, "Daisy Fairfax")
    assert (record.service, record.happened_on) == ("check_in", date(2026, 11, 24))
    assert record.note == "Called Daisy: she is moving to Leeds & wants advice"


def test_the_evidence_of_two_years_is_a_button_away_and_comes_as_a_file(office: Office) -> None:
    # Given a client whose review was held on 3 August 2025, and none in 2026
    answer = office.ask(VOGT, f"/due {LUDWIG}")
    # When her advisor asks for the evidence
    shown = office.press_for_message(VOGT, "Nachweis über zwei Jahre", answer)
    # Then it says what was promised in two years and what became of it, the newest first
    said = shown["text"]
    assert f"{LUDWIG}" in said.splitlines()[0]
    assert "vom 24.11.2024 bis 24.11.2026" in said.splitlines()[0]
    assert "03.08.2026: Beratungsgespräch, offen" in said
    assert "Beratungsgespräch, erbracht am 03.08.2025" in said
    assert said.index("03.08.2026: Beratungsgespräch") < said.index("erbracht am 03.08.2025")
    # And the file with every promise goes by direct message
    seen = len(office.people.messages(VOGT, direct(VOGT)))
    office.press(VOGT, "Als Datei (CSV)", shown)

    def arrived() -> Any:
        messages = office.people.messages(VOGT, direct(VOGT))[seen:]
        return next((each for each in messages if each.get("files")), None)

    message = office.people.wait_for(arrived)
    assert message["files"][0]["name"] == "tierwise.csv"
    assert LUDWIG in message["text"]


def test_the_evidence_is_a_button_on_the_card_as_well(office: Office) -> None:
    card = office.ask(VOGT, f"/segment {LUDWIG}")
    shown = office.press_for_message(VOGT, "Nachweis über zwei Jahre", card)
    assert "vom 24.11.2024 bis 24.11.2026" in shown["text"]


def test_the_evidence_of_a_client_who_went_to_somebody_else_is_not_shown(office: Office) -> None:
    answer = office.ask(ANNA, "/due Otto Winter")
    office.give_to("Otto Winter", "emily")
    refused = office.press_for_message(ANNA, "Nachweis über zwei Jahre", answer)
    office.give_to("Otto Winter", "anna")
    assert refused["text"] == "Dieser Kunde ist nicht oder nicht mehr in Ihrem Bestand."
