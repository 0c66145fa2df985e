"""Recording a satisfaction: from the card's button to what has changed."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlmodel import select

from bot.usecases.firms import link
from storage.tables import SatisfactionRow
from tests.bot.office import ANNA, VOGT, Json, Office, text_of

RECORD = "Zufriedenheit erfassen"
GONE = "Dieser Kunde ist nicht oder nicht mehr in Ihrem Bestand."


@pytest.fixture(autouse=True)
def no_modal_left(office: Office) -> Iterator[None]:
    """Close what a test leaves open."""
    yield
    for who in (ANNA, VOGT):
        office.close_modals(who)


def form(office: Office, who: str, name: str) -> Json:
    """Look a client up and press the card's button."""
    office.press(who, RECORD, office.ask(who, f"/segment {name}"))
    (view,) = office.modals(who)
    return view


def entered(score: str, scale: str = "csi", on: str = "2026-11-24") -> Json:
    return {
        "scale": {"scale": {"selected_option": {"value": scale}}},
        "score": {"score": {"value": score}},
        "measured_on": {"measured_on": {"selected_date": on}},
    }


def recorded(office: Office, name: str) -> list[tuple[str, int, date, str]]:
    """List what is on record about a client."""
    with office.runtime.store.read(office.firm_id) as session:
        rows = session.exec(
            select(SatisfactionRow)
            .where(SatisfactionRow.client_id == office.clients[name])
            .order_by("id")
        ).all()
        return [(r.scale, r.score_hundredths, r.measured_on, r.recorded_by) for r in rows]


def test_a_repaired_relation_is_told_as_a_success(office: Office) -> None:
    # Given a client in FIX whose satisfaction was asked as a school grade
    view = form(office, ANNA, "Anton Lechner")
    assert view["title"]["text"] == RECORD
    assert "Anton Lechner" in text_of(view)
    assert view["state"]["values"]["scale"]["scale"]["selected_option"]["value"] == "school"
    assert view["state"]["values"]["measured_on"]["measured_on"]["selected_date"] == "2026-11-24"
    # When Anna records 90 of 100
    assert office.people.submit(ANNA, view["id"], entered("90"))["outcome"] == "updated"
    # Then she reads where the client is now, and the card says the same
    (saved,) = office.people.views(ANNA)
    assert "ist jetzt A+ · MODEL, vorher A+ · FIX. Gut gemacht" in text_of(saved)
    assert recorded(office, "Anton Lechner")[1:] == [
        ("csi", 9000, date(2026, 11, 24), "Anna Berger")
    ]
    card = office.ask(ANNA, "/segment Anton Lechner")
    assert card["blocks"][0]["text"]["text"] == "Anton Lechner · A+ · MODEL"


@pytest.mark.parametrize(
    ("typed", "under", "sentence"),
    [
        (entered("gut"), "score", "Bitte eine Zahl"),
        (entered("1.234"), "score", "Bitte eine Zahl"),
        (entered("-3"), "score", "Bitte eine Zahl"),
        (entered("72,555"), "score", "Bitte eine Zahl"),
        (entered("101"), "score", "Diese Skala geht von 0 bis 100."),
        (entered("0", "school"), "score", "Diese Skala geht von 1 bis 6."),
        (entered("5,5", "csat"), "score", "Diese Skala geht von 1 bis 5."),
        (entered("72", on="2026-11-25"), "measured_on", "Dieser Tag liegt noch in der Zukunft."),
    ],
)
def test_what_is_wrong_stands_under_its_field(
    office: Office, typed: Json, under: str, sentence: str
) -> None:
    view = form(office, ANNA, "Rosa Kammerer")
    before = recorded(office, "Rosa Kammerer")
    answer = office.people.submit(ANNA, view["id"], typed)
    assert answer["outcome"] == "errors"
    assert list(answer["errors"]) == [under]
    assert answer["errors"][under].startswith(sentence)
    # The form stays open with what was typed, and nothing is recorded
    assert office.people.views(ANNA)[0]["state"]["values"]["score"] == typed["score"] | {
        "score": {"type": "plain_text_input", **typed["score"]["score"]}
    }
    assert recorded(office, "Rosa Kammerer") == before


@pytest.mark.parametrize("typed", ["2,5", "2.5", " 2,50 "])
def test_a_comma_is_as_good_as_a_point(office: Office, typed: str) -> None:
    view = form(office, ANNA, "Otto Winter")
    answer = office.people.submit(ANNA, view["id"], entered(typed, "school"))
    assert answer["outcome"] == "updated"
    # Of one day the last one counts: it is corrected, not doubled
    assert recorded(office, "Otto Winter")[1:] == [
        ("school", 250, date(2026, 11, 24), "Anna Berger")
    ]
    assert "Otto Winter bleibt A · GROW." in text_of(office.people.views(ANNA)[0])


def test_a_lead_records_for_an_advisor_of_the_team(office: Office) -> None:
    view = form(office, VOGT, "Gerda Sommer")
    assert office.people.submit(VOGT, view["id"], entered("75"))["outcome"] == "updated"
    assert recorded(office, "Gerda Sommer")[-1][3] == "Katharina Vogt"


def test_whoever_comes_second_is_told_that_the_client_changed_meanwhile(office: Office) -> None:
    # Given two who have the form open
    annas, vogts = form(office, ANNA, "Viktor Amsel"), form(office, VOGT, "Viktor Amsel")
    # When the lead is faster
    assert office.people.submit(VOGT, vogts["id"], entered("80"))["outcome"] == "updated"
    office.people.submit(ANNA, annas["id"], entered("20"))
    # Then Anna's entry is not saved, but still there, and the lead's stands
    (refused,) = office.people.views(ANNA)
    assert "Jemand hat diesen Kunden inzwischen geändert." in text_of(refused)
    assert refused["state"]["values"]["score"]["score"]["value"] == "20"
    assert [row[1] for row in recorded(office, "Viktor Amsel")[1:]] == [8000]


@pytest.fixture
def moved(office: Office) -> Iterator[None]:
    """Bring Clara Wendt back after a test that gave her away."""
    yield
    office.give_to("Clara Wendt", "anna")


@pytest.mark.usefixtures("moved")
def test_a_client_who_moved_away_is_out_of_reach_of_an_old_card(office: Office) -> None:
    card = office.ask(ANNA, "/segment Clara Wendt")
    office.give_to("Clara Wendt", "emily")
    answer = office.press_for_message(ANNA, RECORD, card)
    assert answer["text"] == GONE
    assert office.people.views(ANNA) == []
    assert office.ask(ANNA, "/segment Clara Wendt")["text"].startswith("Kein Kunde")


@pytest.mark.usefixtures("moved")
def test_a_client_who_moves_away_while_the_form_is_open_is_not_changed(office: Office) -> None:
    view = form(office, ANNA, "Clara Wendt")
    before = recorded(office, "Clara Wendt")
    office.give_to("Clara Wendt", "emily")
    office.people.submit(ANNA, view["id"], entered("50"))
    assert GONE in text_of(office.people.views(ANNA)[0])
    assert recorded(office, "Clara Wendt") == before


def test_whoever_loses_the_role_while_the_form_is_open_changes_nothing(office: Office) -> None:
    view = form(office, ANNA, "Maria Huber")
    before = recorded(office, "Maria Huber")
    link(office.firm_id, "anna", None, office.runtime)
    try:
        office.people.submit(ANNA, view["id"], entered("50"))
        assert "Sie haben hier noch keine Rolle" in text_of(office.people.views(ANNA)[0])
        assert recorded(office, "Maria Huber") == before
    finally:
        link(office.firm_id, "anna", ANNA, office.runtime)
