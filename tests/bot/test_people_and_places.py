"""Who is answered, and where: a place only takes rights away."""

from collections.abc import Iterator

import pytest

from bot.clients import create_client
from bot.listeners.people import People
from bot.usecases.firms import link
from domain.access import Standing
from sandbox.world import TEAM, Place
from tests.bot.office import (
    ANNA,
    BOOKS,
    EMILY,
    JONAS,
    LENA,
    MARIO,
    TOM,
    VOGT,
    Json,
    Office,
    direct,
    text_of,
)

FOR_MEMBERS = {
    LENA: "Dieser Assistent ist für Mitglieder des Hauses.",
    MARIO: "This assistant is for members of the firm.",
}
SENT = "Die Antwort kommt als Direktnachricht."


@pytest.fixture
def place(office: Office) -> Iterator[Place]:
    """Give a private channel of Anna, Katharina Vogt and the bot, shared with nobody."""
    made = Place("C0NEW", "neu", "private", {ANNA, VOGT, "U0BOT"})
    office.sandbox.world.add_places([made])
    yield made
    del office.sandbox.world.places["C0NEW"]


@pytest.mark.parametrize(
    ("who", "locale", "name"), [(VOGT, "tr-TR", "Lindenhof GmbH"), (JONAS, "", "Mandat 01")]
)
def test_c39_whoever_reads_neither_german_nor_english_is_answered_in_english(
    office: Office, who: str, locale: str, name: str
) -> None:
    person = office.sandbox.world.people[who]
    person.locale, before = locale, person.locale
    # An I is an i here, whatever it is in Turkish
    answer = office.ask(who, f"/segment {name.upper()}")
    person.locale = before
    assert name in answer["text"]
    assert "revenue" in text_of(answer)


def test_of_somebody_without_an_account_slack_is_not_asked(office: Office) -> None:
    people = People(create_client(office.runtime.settings), TEAM)
    before = office.people.recorded()
    assert people.profile("").standing is Standing.EXTERNAL
    asked = [e for e in office.people.transcript(before) if e["name"] == "users.info"]
    assert all(each["request"].get("user") for each in asked)


@pytest.mark.parametrize("command", ["/segment Maria Huber", "/segment help", "/priorities"])
def test_a_colleague_without_a_role_reads_how_to_get_one(office: Office, command: str) -> None:
    answer = office.ask(TOM, command)
    assert answer["ephemeral"]
    assert answer["text"] == (
        "Sie haben hier noch keine Rolle, deshalb kann ich nichts zeigen. Wer Tierwise betreibt, "
        "kann Sie verknüpfen: `tierwise member link KÜRZEL U0TOM`"
    )


@pytest.mark.parametrize("guest", [LENA, MARIO])
@pytest.mark.parametrize("command", ["/segment Maria Huber", "/segment help", "/priorities"])
def test_a_guest_reads_one_sentence_and_nothing_of_the_firm(
    office: Office, guest: str, command: str
) -> None:
    answer = office.ask(guest, command)
    assert answer["ephemeral"]
    assert answer["text"] == FOR_MEMBERS[guest]
    assert "blocks" not in answer


def test_whoever_loses_the_role_is_refused_at_the_next_click(office: Office) -> None:
    card = office.ask(EMILY, "/segment Daisy Fairfax")
    link(office.firm_id, "emily", None, office.runtime)
    try:
        refused = office.press_for_message(EMILY, "Record satisfaction", card)
        assert refused["text"].startswith("You have no role here yet")
        assert office.people.views(EMILY) == []
    finally:
        link(office.firm_id, "emily", EMILY, office.runtime)


def test_in_a_channel_of_the_firm_only_the_asker_sees_the_answer(office: Office) -> None:
    office.sandbox.world.places["C0PUB"].members.add("U0BOT")
    for channel in ("C0TEAM", "C0PUB"):
        card = office.ask(ANNA, "/segment Maria Huber", channel)
        assert card["ephemeral"]
        assert "Maria Huber" in card["text"]
        assert "Maria Huber" not in str(office.people.messages(VOGT, channel))


@pytest.mark.parametrize("flag", ["is_ext_shared", "is_pending_ext_shared", "is_org_shared"])
@pytest.mark.parametrize("command", ["/segment Maria Huber", "/segment Bergmann", "/priorities"])
def test_in_a_shared_channel_the_answer_goes_to_the_direct_message(
    office: Office, place: Place, flag: str, command: str
) -> None:
    # Given a channel that is shared with another firm, or about to be
    setattr(place, flag, True)
    seen = len(office.people.messages(ANNA, direct(ANNA)))
    # When Anna asks there
    answer = office.ask(ANNA, command, place.id)
    # Then the channel holds nothing of a client, and she has the answer to herself
    assert answer["text"] == SENT
    assert nothing_of_a_client(office.people.messages(ANNA, place.id))
    card = office.next_message(ANNA, direct(ANNA), seen)
    assert not card["ephemeral"]
    assert not nothing_of_a_client([card])


def test_a_miss_in_a_shared_channel_says_no_more_there_than_a_hit(
    office: Office, place: Place
) -> None:
    place.is_ext_shared = True
    missed = office.ask(ANNA, "/segment Xaver Quitzow", place.id)
    assert missed["text"] == SENT


def test_a_place_that_the_bot_cannot_look_into_counts_as_shared(office: Office) -> None:
    seen = len(office.people.messages(ANNA, direct(ANNA)))
    answer = office.ask(ANNA, "/segment Maria Huber", "C0GUEST")
    assert answer["text"] == SENT
    assert "Maria Huber" in office.next_message(ANNA, direct(ANNA), seen)["text"]


def test_a_button_keeps_to_what_the_channel_has_become(office: Office, place: Place) -> None:
    # Given a choice and a card in a channel of the firm
    choice = office.ask(ANNA, "/segment Bergmann", place.id)
    card = office.ask(ANNA, "/segment Maria Huber", place.id)
    # When it is shared with another firm meanwhile
    place.is_ext_shared = True
    seen = len(office.people.messages(ANNA, place.id))
    office.press(ANNA, "Öffnen: Hans Bergmann", choice, place.id)
    # Then the client comes by direct message
    assert office.next_message(ANNA, place.id, seen)["text"] == SENT
    # And nothing is recorded from there
    office.press(ANNA, "Zufriedenheit erfassen", card, place.id)
    refused = office.next_message(ANNA, place.id, seen + 1)
    assert refused["text"] == "Bitte hier per Direktnachricht: Dieser Ort ist geteilt."
    assert office.people.views(ANNA) == []


def test_help_may_stand_anywhere(office: Office, place: Place) -> None:
    place.is_ext_shared = True
    answer = office.ask(ANNA, "/segment help", place.id)
    assert answer["text"].startswith("Einen Kunden nachschlagen")


def nothing_of_a_client(messages: list[Json]) -> bool:
    said = " ".join(text_of({"blocks": [], **each}) for each in messages)
    return not any(name in said for book in BOOKS.values() for name in book)
