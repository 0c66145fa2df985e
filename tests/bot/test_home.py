"""App Home: everybody who opens it sees the page that is theirs."""

import pytest

from tests.bot.office import (
    ANNA,
    EMILY,
    JONAS,
    LENA,
    MARIO,
    TOM,
    Office,
    buttons,
    text_of,
)


def test_an_advisor_sees_her_week_and_what_can_be_typed(office: Office) -> None:
    home = office.home(ANNA, "Prioritäten dieser Woche")
    shown = buttons(home)
    assert shown[:8] == ["Öffnen"] * 7 + ["5 weitere zeigen"]
    assert shown[-1] == "Einstellungen"
    assert "`/segment Huber` schlägt einen Kunden nach" in text_of(home)
    assert "Your priorities this week" in text_of(office.home(EMILY, "Daisy Fairfax"))


def test_a_colleague_without_a_role_reads_how_to_get_one(office: Office) -> None:
    home = office.home(TOM, "tierwise member link")
    assert "U0TOM" in text_of(home)
    assert buttons(home) == ["Ich habe einen Code"]


@pytest.mark.parametrize(
    ("guest", "sentence"),
    [
        (LENA, "Dieser Assistent ist für Mitglieder des Hauses."),
        (MARIO, "This assistant is for members of the firm."),
    ],
)
def test_a_guest_reads_one_sentence(office: Office, guest: str, sentence: str) -> None:
    home = office.home(guest, sentence)
    assert len(home["blocks"]) == 1


def test_a_button_opens_the_card_and_the_card_the_form(office: Office) -> None:
    # When Anna opens a client on her Home tab
    home = office.home(ANNA, "Prioritäten dieser Woche")
    office.press_in_view(ANNA, "Öffnen: Maria Huber", home)
    (card,) = office.modals(ANNA)
    # Then she sees the card, and can record from there
    assert "Maria Huber · A · GROW" in text_of(card)
    office.press_in_view(ANNA, "Zufriedenheit erfassen", card)
    _, form = office.modals(ANNA, 2)
    values = {"score": {"score": {"value": "85"}}}
    assert office.people.submit(ANNA, form["id"], values)["outcome"] == "updated"
    assert "Maria Huber bleibt A · GROW." in text_of(office.people.views(ANNA)[-1])
    office.close_modals(ANNA)


def test_the_whole_list_can_be_paged_through_from_home(office: Office) -> None:
    # Given a book of six pages, the first of which is the Home tab
    home = office.home(JONAS, "Prioritäten dieser Woche")
    office.press_in_view(JONAS, "7 weitere zeigen", home)
    # When Jonas goes on in the modal to the last one
    for shown in (14, 21, 28, 35, 40):
        page = office.modal_saying(JONAS, f"{shown} von 40 gezeigt")
        if shown < 40:
            office.press_in_view(JONAS, buttons(page)[-1], page)
    # Then it has stayed one modal, and there is room above it for card and form
    assert len(office.people.views(JONAS)) == 1
    office.press_in_view(JONAS, "Öffnen", page)
    card = office.modals(JONAS, 2)[-1]
    office.press_in_view(JONAS, "Zufriedenheit erfassen", card)
    office.modals(JONAS, 3)
    office.close_modals(JONAS)
