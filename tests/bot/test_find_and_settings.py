"""Finding a client by typing, and a person's own settings."""

from collections.abc import Iterator

import pytest

from bot.digests.message import WeeklyMessage
from bot.usecases.firms import change_preferences, find_member
from tests.bot.office import (
    ANNA,
    EMILY,
    Json,
    Office,
    buttons,
    direct,
    text_of,
    weekly_message,
)

FIND, FIELD = "find_client", "client_options"
TEAM = "C0TEAM"


@pytest.fixture(autouse=True)
def as_before(office: Office) -> Iterator[None]:
    """Close what a test leaves open, and set the settings back."""
    yield
    for who, key in ((ANNA, "anna"), (EMILY, "emily")):
        office.close_modals(who)
        member = find_member(office.firm_id, key, office.runtime)
        plain = {"locale": None, "full_text": False, "strict": False}
        change_preferences(office.firm_id, member, office.runtime, **plain)  # type: ignore[arg-type]


def search(office: Office, who: str) -> Json:
    """Open the search out of the shortcut menu."""
    office.people.shortcut(who, FIND)
    (view,) = office.modals(who)
    return view


def offered(office: Office, who: str, view: Json, typed: str) -> dict[str, str]:
    """Type into the search; return names and values."""
    answer = office.people.options(who, FIELD, FIELD, typed, view_id=view["id"])
    return {each["text"]["text"]: each["value"] for each in answer["options"]}


def chosen(value: str) -> Json:
    return {FIELD: {FIELD: {"selected_option": {"value": value}}}}


def test_clients_are_offered_as_one_types(office: Office) -> None:
    view = search(office, ANNA)
    assert view["title"]["text"] == "Kunden suchen"
    assert list(offered(office, ANNA, view, "bergm")) == ["Hans Bergmann", "Petra Bergmann"]
    assert list(offered(office, ANNA, view, "mueller")) == ["Jürgen Müller"]
    assert list(offered(office, ANNA, view, "R&D")) == ["R&D GmbH"]
    assert offered(office, ANNA, view, "xyzzy") == {}


def test_the_card_takes_the_place_of_the_search(office: Office) -> None:
    view = search(office, ANNA)
    value = offered(office, ANNA, view, "hub")["Maria Huber"]
    assert office.people.submit(ANNA, view["id"], chosen(value))["outcome"] == "updated"
    (card,) = office.people.views(ANNA)
    assert card["blocks"][0]["text"]["text"] == "Maria Huber · A · GROW"
    # And from there the work goes on
    office.press_in_view(ANNA, "Vermögen erfassen", card)
    assert "Maria Huber" in text_of(office.modals(ANNA, 2)[-1])


def test_a_colleagues_client_is_never_offered(office: Office) -> None:
    view = search(office, ANNA)
    for typed in ("Oliver Hughes", "hughes", "oliver", "Mandat 01"):
        assert offered(office, ANNA, view, typed) == {}


def test_a_client_who_moved_away_while_the_list_was_open_is_not_shown(office: Office) -> None:
    view = search(office, ANNA)
    value = offered(office, ANNA, view, "wendt")["Clara Wendt"]
    office.give_to("Clara Wendt", "emily")
    try:
        answer = office.people.submit(ANNA, view["id"], chosen(value))
        assert answer["errors"] == {
            FIELD: "Dieser Kunde ist nicht oder nicht mehr in Ihrem Bestand."
        }
    finally:
        office.give_to("Clara Wendt", "anna")


def settings(office: Office, who: str, *, button: str, home: str) -> Json:
    """Open the settings from the Home tab."""
    office.press_in_view(who, button, office.home(who, home))
    (view,) = office.modals(who)
    return view


def ticks(*names: str, locale: str = "slack") -> Json:
    return {
        "locale": {"locale": {"selected_option": {"value": locale}}},
        "boxes": {"boxes": {"selected_options": [{"value": each} for each in names]}},
    }


def test_the_language_changes_at_once_and_back(office: Office) -> None:
    view = settings(office, ANNA, button="Einstellungen", home="Prioritäten")
    assert office.people.submit(ANNA, view["id"], ticks(locale="en-GB"))["outcome"] == "updated"
    assert "Your settings hold from now on." in text_of(office.people.views(ANNA)[0])
    office.close_modals(ANNA)
    assert office.ask(ANNA, "/segment Maria Huber")["text"].startswith(
        "Maria Huber · A · GROW. Next:"
    )
    # Her Home is in English too, and knows the choice
    view = settings(office, ANNA, button="Settings", home="Your priorities this week")
    assert view["state"]["values"]["locale"]["locale"]["selected_option"]["value"] == "en-GB"
    office.people.submit(ANNA, view["id"], ticks(locale="de-DE"))
    assert "Die Einstellungen gelten ab jetzt." in text_of(office.people.views(ANNA)[0])
    assert "Nächster Schritt" in office.ask(ANNA, "/segment Maria Huber")["text"]


def test_as_in_slack_means_as_in_slack(office: Office) -> None:
    view = settings(office, EMILY, button="Settings", home="Your priorities")
    office.people.submit(EMILY, view["id"], ticks(locale="de-DE"))
    office.close_modals(EMILY)
    view = settings(office, EMILY, button="Einstellungen", home="Prioritäten")
    office.people.submit(EMILY, view["id"], ticks())
    assert "Your settings hold from now on." in text_of(office.people.views(EMILY)[0])
    assert "Next:" in office.ask(EMILY, "/segment Daisy Fairfax")["text"]


def test_whoever_wants_it_strict_gets_cards_by_direct_message_only(office: Office) -> None:
    assert "Maria Huber" in office.ask(ANNA, "/segment Maria Huber", TEAM)["text"]
    view = settings(office, ANNA, button="Einstellungen", home="Prioritäten")
    office.people.submit(ANNA, view["id"], ticks("strict"))
    seen = len(office.people.messages(ANNA, direct(ANNA)))
    answer = office.ask(ANNA, "/segment Maria Huber", TEAM)
    assert answer["text"] == "Die Antwort kommt als Direktnachricht."
    card = office.next_message(ANNA, direct(ANNA), seen)
    assert card["blocks"][0]["text"]["text"] == "Maria Huber · A · GROW"
    assert "Zufriedenheit erfassen" in buttons(card)


def monday_message(office: Office, key: str, *, slack: str = "de-DE") -> WeeklyMessage:
    """Write a member's digest as it would leave now."""
    member = find_member(office.firm_id, key, office.runtime)
    return weekly_message(office, member, locale=slack)


def test_a_notification_names_nobody_unless_that_is_wanted(office: Office) -> None:
    # Given Monday's message, whose text stands on locked screens
    plain = monday_message(office, "anna").text
    assert "4 ausbauen" in plain or "GROW" in plain
    assert not [name for name in office.clients if name in plain]
    assert "€" not in plain
    # When Anna ticks that names may stand there
    view = settings(office, ANNA, button="Einstellungen", home="Prioritäten")
    office.people.submit(ANNA, view["id"], ticks("full_text"))
    # Then each of the week's names comes with amount and next step
    full = monday_message(office, "anna").text
    assert "Anton Lechner · A+: " in full
    assert "in Gefahr\nAnrufen" in full
    assert "<!" not in full


def test_the_digest_speaks_the_chosen_language(office: Office) -> None:
    assert monday_message(office, "anna").text.startswith("Die Woche ab Montag")
    view = settings(office, ANNA, button="Einstellungen", home="Prioritäten")
    office.people.submit(ANNA, view["id"], ticks(locale="en-GB"))
    assert monday_message(office, "anna").text.startswith("Your week from Monday")
