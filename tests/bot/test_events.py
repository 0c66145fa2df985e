"""`/events`: planned, filled by urgency, answered, and attended."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from storage.tables import ClientEventRow, InvitationRow, ServiceRecordRow
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

PLAN = {
    "event_name": {"value": "Advent dinner & wine"},
    "event_on": {"selected_date": "2026-11-24"},
    "event_at": {"selected_time": "18:30"},
    "event_ends_at": {"selected_time": "22:00"},
    "event_place": {"value": "Birkenhof"},
    "event_seats": {"value": "2"},
}


@pytest.fixture(scope="module", autouse=True)
def history(running: Office) -> None:
    adopt_early(running)
    # Of the three in Emily's book one was last invited long ago, one lately, one never
    serve(running, "Daisy Fairfax", {"small_event": date(2026, 10, 1)})
    serve(running, "Harry Bloom", {"small_event": date(2025, 2, 3)})
    serve(running, "Oliver Hughes", {"small_event": date(2025, 6, 2)})


@pytest.fixture(autouse=True)
def a_free_hall(office: Office) -> Iterator[None]:
    yield
    for who in (ANNA, VOGT, EMILY):
        office.close_modals(who)
    with office.runtime.store.write(office.firm_id) as session:
        for table in (InvitationRow, ServiceRecordRow, ClientEventRow):
            for row in session.exec(select(table)).all():
                if getattr(row, "event_id", 0) is not None:
                    session.delete(row)
            session.flush()


def values(**fields: Json) -> Json:
    return {name: {name: value} for name, value in fields.items()}


def planned(office: Office, who: str = EMILY, **other: Json) -> Json:
    """Plan an event from the list; return the modal that shows it."""
    answer = office.ask(who, "/events")
    office.press(who, buttons(answer)[-1], answer)
    (view,) = office.modals(who)
    saved = office.people.submit(who, view["id"], values(**{**PLAN, **other}))
    assert saved["outcome"] == "updated", saved
    return office.people.views(who)[-1]


def opened(office: Office, who: str, name: str = "Advent dinner & wine") -> Json:
    answer = office.ask(who, "/events")
    label = "Open: " if who == EMILY else "Öffnen: "
    return office.press_for_message(who, label + name, answer)


def invite_form(office: Office, who: str) -> Json:
    office.close_modals(who)
    office.press(who, "Invite" if who == EMILY else "Einladen", opened(office, who))
    return office.modals(who)[-1]


def offered(view: Json) -> list[Json]:
    (field,) = [each for each in view["blocks"] if each["type"] == "input"]
    options: list[Json] = field["element"]["options"]
    return options


def invited(office: Office, who: str, *names: str) -> Json:
    view = invite_form(office, who)
    chosen = [each for each in offered(view) if each["text"]["text"].split(" · ")[0] in names]
    assert len(chosen) == len(names)
    fields = values(event_guests={"selected_options": chosen})
    answer = office.people.submit(who, view["id"], fields)
    assert answer["outcome"] == "updated", answer
    return office.people.views(who)[-1]


def choose(office: Office, who: str, message: Json, value: str) -> None:
    """Choose from a menu in a direct message."""
    for block, element in elements(message["blocks"]):
        for option in element.get("options", []):
            if option["value"].startswith(value):
                office.people.click(
                    who,
                    block["block_id"],
                    element["action_id"],
                    action={"selected_option": option},
                    place=direct(who),
                    ts=message["ts"],
                )
                return
    raise AssertionError(f"no choice {value}")


def wait_for(office: Office, who: str, words: str) -> Json:
    def found() -> Any:
        shown = office.people.messages(who, direct(who))
        return next((each for each in reversed(shown) if words in each["text"]), None)

    message: Json = office.people.wait_for(found)
    return message


def records(office: Office, name: str) -> list[tuple[str, str, date]]:
    with office.runtime.store.read(office.firm_id) as session:
        mine = select(ServiceRecordRow).where(
            ServiceRecordRow.client_id == office.clients[name],
            ServiceRecordRow.event_id != None,  # noqa: E711
        )
        return [(r.service, r.outcome, r.happened_on) for r in session.exec(mine)]


def test_an_event_is_planned_and_stands_in_the_list_of_the_whole_team(office: Office) -> None:
    view = planned(office)
    assert view["blocks"][0]["text"]["text"] == "Advent dinner & wine"
    assert "Tuesday, 24 November 2026, 18:30–22:00 · Birkenhof" in text_of(view)
    # The tiers are those to which the service model promises a small event
    assert "Small event for tiers A+, A, S" in text_of(view)
    answer = office.ask(ANNA, "/events")
    assert answer["blocks"][1]["text"]["text"] == "*1 Veranstaltung geplant*"
    assert "Dienstag, 24. November 2026, 18:30–22:00 · Birkenhof" in answer["text"]
    assert "0 von 2 Plätzen belegt" in answer["text"]


def test_whom_to_invite_first_is_who_has_waited_longest_and_says_why(office: Office) -> None:
    planned(office)
    view = invite_form(office, EMILY)
    order = [each["text"]["text"] for each in offered(view)]
    # Harry (A+, twice a year) since August 2025, Oliver (A, once a year) since June 2026;
    # Daisy had hers in October and comes last
    assert order == ["Harry Bloom · A+", "Oliver Hughes · A", "Daisy Fairfax · A+"]
    assert "Due since 3 Aug 2025, overdue. Last on 3 Feb 2025." in text_of(view)


def test_more_guests_than_seats_are_refused_and_nothing_is_lost(office: Office) -> None:
    planned(office)
    view = invite_form(office, EMILY)
    everybody = values(event_guests={"selected_options": offered(view)})
    answer = office.people.submit(EMILY, view["id"], everybody)
    assert answer["errors"] == {"event_guests": "Only 2 seats are left."}
    assert "0 of 2 seats taken" in office.ask(EMILY, "/events")["text"]


def test_an_invitation_holds_a_seat_a_refusal_frees_it_and_declines_the_service(
    office: Office,
) -> None:
    planned(office)
    view = invited(office, EMILY, "Harry Bloom", "Oliver Hughes")
    assert "2 clients invited." in text_of(view)
    assert "2 of 2 seats taken" in text_of(view)
    office.close_modals(EMILY)
    choose(office, EMILY, opened(office, EMILY), "declined:")
    after = wait_for(office, EMILY, "Harry Bloom: declined.")
    assert "1 of 2 seats taken" in after["text"]
    assert records(office, "Harry Bloom") == [("small_event", "declined", date(2026, 11, 24))]
    # When she takes the reply back, the seat is held again
    office.press(EMILY, "Undo", after)
    back = wait_for(office, EMILY, "Taken back.")
    assert "2 of 2 seats taken" in back["text"]
    assert records(office, "Harry Bloom") == []


def test_who_came_has_had_the_service_who_stayed_away_has_not(office: Office) -> None:
    planned(office)
    invited(office, EMILY, "Harry Bloom", "Oliver Hughes")
    office.close_modals(EMILY)
    choose(office, EMILY, opened(office, EMILY), "came:")
    wait_for(office, EMILY, "Harry Bloom: came.")
    # When the list is noted as a whole, what stands there is proposed
    office.press(EMILY, "Who came?", opened(office, EMILY))
    view = office.modals(EMILY)[-1]
    answer = office.people.submit(EMILY, view["id"], {})
    assert answer["outcome"] == "updated"
    after = office.people.views(EMILY)[-1]
    assert "1 guest came." in text_of(after)
    assert records(office, "Harry Bloom") == [("small_event", "delivered", date(2026, 11, 24))]
    # He never replied and did not come: an attempt without an answer
    assert records(office, "Oliver Hughes") == [("small_event", "no_answer", date(2026, 11, 24))]
    assert "Last on 24 Nov 2026" in office.ask(EMILY, "/due Harry Bloom")["text"]


def test_an_event_ahead_knows_nobody_who_came(office: Office) -> None:
    planned(office, event_on={"selected_date": "2026-12-17"})
    invited(office, EMILY, "Harry Bloom")
    office.close_modals(EMILY)
    shown = opened(office, EMILY)
    assert "Who came?" not in buttons(shown)
    assert "came:" not in text_of(shown)


def test_each_sees_guests_of_the_own_book_and_figures_of_all(office: Office) -> None:
    planned(office)
    invited(office, EMILY, "Harry Bloom")
    shown = opened(office, ANNA)
    # The fixture `office` proves that no name is shown to her
    assert "1 von 2 Plätzen belegt · 1 eingeladen" in shown["text"]
    lead = opened(office, VOGT)
    assert "Harry Bloom · A+: eingeladen, 24.11.2026" in lead["text"]


def test_only_who_planned_it_or_the_lead_changes_an_event(office: Office) -> None:
    planned(office)
    assert "change:" not in text_of(opened(office, ANNA))
    shown = opened(office, VOGT)
    choose(office, VOGT, shown, "change:")
    (view,) = office.modals(VOGT)
    answer = office.people.submit(VOGT, view["id"], values(event_place={"value": "Gasthof"}))
    assert answer["outcome"] == "updated"
    with office.runtime.store.read(office.firm_id) as session:
        (row,) = session.exec(select(ClientEventRow)).all()
        assert (row.place, row.sequence) == ("Gasthof", 1)
        # The times stay those of Emily's clocks, though the lead lives in Berlin
        assert row.zone == "Europe/London"


def test_the_calendar_file_comes_by_direct_message(office: Office) -> None:
    planned(office)
    shown = opened(office, EMILY)
    office.press(EMILY, "Calendar file", shown)
    message = wait_for(office, EMILY, "For your calendar.")
    assert [each["name"] for each in message["files"]] == ["tierwise.ics"]


def test_a_cancelled_event_takes_no_guests(office: Office) -> None:
    planned(office)
    office.close_modals(EMILY)
    choose(office, EMILY, opened(office, EMILY), "cancel:")
    (view,) = office.modals(EMILY)
    assert office.people.submit(EMILY, view["id"], {})["outcome"] == "updated"
    assert "Cancelled: Tuesday" in text_of(office.people.views(EMILY)[-1])
    assert buttons(opened(office, EMILY)) == ["Calendar file"]
    assert "No event is planned." in office.ask(EMILY, "/events")["text"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("event_on", {"selected_date": "2026-11-23"}, "This day has to be still to come."),
        ("event_seats", {"value": "0"}, "Please enter a number from 1 to 5000."),
        ("event_seats", {"value": "many"}, "Please enter a whole number."),
    ],
)
def test_an_impossible_plan_is_refused_under_its_field(
    office: Office, field: str, value: Json, sentence: str
) -> None:
    office.people.say(EMILY, direct(EMILY), "/events new")
    (view,) = office.modals(EMILY)
    answer = office.people.submit(EMILY, view["id"], values(**{**PLAN, field: value}))
    assert answer["errors"] == {field: sentence}


def test_an_event_of_another_team_does_not_exist(office: Office) -> None:
    planned(office)
    with office.runtime.store.write(office.firm_id) as session:
        for row in session.exec(select(ClientEventRow)).all():
            row.team = "elsewhere"
    assert office.ask(EMILY, "/events")["blocks"][1]["text"]["text"] == "*No event is planned.*"


def test_help_says_what_can_be_typed(office: Office) -> None:
    assert "`/events new`" in office.ask(EMILY, "/events help")["text"]
