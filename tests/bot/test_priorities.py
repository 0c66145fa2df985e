"""`/priorities`: who comes first, for oneself and for a lead's team."""

from typing import Any

import pytest

from tests.bot.office import ANNA, EMILY, JONAS, VOGT, Json, Office, buttons, direct, text_of

TEAMS_LIST = "Prioritäten des Teams Birkenhof"


@pytest.mark.parametrize("typed", ["", "me", "ich", "ME", " \u200b"])
def test_an_advisor_gets_the_list_of_her_own_book(office: Office, typed: str) -> None:
    answer = office.ask(EMILY, f"/priorities {typed}")
    assert answer["ephemeral"]
    assert answer["blocks"][0]["text"]["text"] == "Your priorities this week"
    # One to grow, two to fix; those at risk go by amount, then by name
    assert "1 to grow · 2 to fix" in answer["text"]
    shown = [name for name in ("Oliver", "Daisy", "Harry") if name in text_of(answer)]
    assert shown == ["Oliver", "Daisy", "Harry"]
    assert "3 of 3 shown" in answer["text"]
    assert buttons(answer) == ["Open"] * 3


def test_the_list_comes_in_the_readers_language(office: Office) -> None:
    answer = office.ask(ANNA, "/priorities")
    assert answer["blocks"][0]["text"]["text"] == "Prioritäten dieser Woche"
    assert "7 von 12 gezeigt" in answer["text"]


def test_a_button_opens_the_card_of_a_client_on_the_list(office: Office) -> None:
    answer = office.ask(EMILY, "/priorities")
    card = office.press_for_message(EMILY, "Open: Harry Bloom", answer)
    assert card["blocks"][0]["text"]["text"] == "Harry Bloom · A+ · FIX"


def test_paging_goes_on_in_the_same_message(office: Office) -> None:
    answer = office.ask(JONAS, "/priorities")
    for shown in (14, 21, 28, 35, 40):
        office.press(JONAS, buttons(answer)[-1], answer)
        answer = wait_for_text(office, JONAS, answer, f"{shown} von 40 gezeigt")
    # The last page has no button but those of its clients
    assert buttons(answer) == ["Öffnen"] * 5


def test_a_lead_gets_the_list_of_the_whole_team_with_each_ones_advisor(office: Office) -> None:
    answer = office.ask(VOGT, "/priorities team")
    assert answer["blocks"][0]["text"]["text"] == TEAMS_LIST
    assert " · Jonas Keller" in answer["text"]
    # 12 of Anna's, 3 of Emily's, 40 of Jonas', 1 of the lead's own
    assert "7 von 56 gezeigt" in answer["text"]


def test_paging_a_teams_list_stays_with_the_team(office: Office) -> None:
    answer = office.ask(VOGT, "/priorities team")
    office.press(VOGT, buttons(answer)[-1], answer)
    answer = wait_for_text(office, VOGT, answer, "14 von 56 gezeigt")
    assert answer["blocks"][0]["text"]["text"] == TEAMS_LIST


def test_a_lead_gets_her_own_list_without_a_word(office: Office) -> None:
    answer = office.ask(VOGT, "/priorities")
    assert "1 von 1 gezeigt" in answer["text"]
    assert "Ludwig Steiner" in answer["text"]


def test_a_teams_list_is_not_for_an_advisor(office: Office) -> None:
    answer = office.ask(ANNA, "/priorities team")
    assert answer["text"] == "Die Liste des Teams ist für die Leitung. Die eigene: `/priorities`"


@pytest.mark.parametrize("typed", ["help", "hilfe", "?", "-h", "--help"])
def test_help_names_what_the_asker_may_type(office: Office, typed: str) -> None:
    assert "`/priorities team`" not in office.ask(ANNA, f"/priorities {typed}")["text"]
    assert "`/priorities team`" in office.ask(VOGT, f"/priorities {typed}")["text"]


def test_an_unknown_word_is_named_and_help_follows(office: Office) -> None:
    answer = office.ask(ANNA, "/priorities <@U123> & *alle*")
    assert answer["text"].startswith("„&lt;@u123&gt; &amp; ")
    assert "“ ist hier nicht bekannt." in answer["text"]
    assert "`/priorities`" in answer["text"]


def wait_for_text(office: Office, who: str, message: Json, words: str) -> Json:
    """Wait until a message has been replaced by one with these words."""

    def found() -> Any:
        shown = office.people.messages(who, direct(who))
        return next((m for m in shown if words in m["text"] and m["ts"] >= message["ts"]), None)

    replaced: Json = office.people.wait_for(found)
    return replaced
