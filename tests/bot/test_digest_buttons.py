"""What is pressed in the Monday digest: it is kept, shown in place, not said again, taken back."""

from zoneinfo import ZoneInfo

from bot.clients import create_client
from bot.shown import clients_in
from storage.journal import Entry, Kind, by_member
from tests.bot.office import ANNA, Json, Office, direct, text_of, weekly_message

ZONE = ZoneInfo("Europe/Berlin")


def post_digest(office: Office, key: str = "anna", who: str = ANNA) -> Json:
    """Let a member's digest of this moment arrive."""
    message = weekly_message(office, office.members[key])
    seen = len(office.people.messages(who, direct(who)))
    noted = Entry(
        kind=Kind.MESSAGE,
        actor=by_member(office.members[key].member_id),
        client_ids=tuple(clients_in(message.blocks)),
    )
    office.runtime.note(office.firm_id, noted)
    client = create_client(office.runtime.settings)
    client.chat_postMessage(channel=who, text=message.text, blocks=message.blocks)
    return office.next_message(who, direct(who), seen)


def shown(office: Office, message: Json, words: str) -> Json:
    """Wait until a message holds these words."""

    def found() -> Json | None:
        every = office.people.messages(ANNA, direct(ANNA))
        return next((m for m in every if m["ts"] == message["ts"] and words in text_of(m)), None)

    changed: Json = office.people.wait_for(found)
    return changed


def test_a_name_that_is_done_is_not_named_again_until_that_is_taken_back(office: Office) -> None:
    # Given a digest that names two to fix, both of three at the same risk
    digest = post_digest(office)
    assert "Anton Lechner" in text_of(digest)
    # When Anna says that the first is done
    office.press(ANNA, "Erledigt: Anton Lechner", digest)
    # Then the message says so in that place, and the next one leaves the name out
    done = shown(office, digest, "Nicht vor dem 22.12.2026 auf der Liste")
    assert "Anton Lechner" in text_of(done)
    assert "Anton Lechner" not in text_of(post_digest(office))
    assert "Anton Lechner" not in office.ask(ANNA, "/priorities")["text"]
    # Until she takes it back
    office.press(ANNA, "Rückgängig: Anton Lechner", done)
    shown(office, digest, "Erledigt: Anton Lechner")
    assert "Anton Lechner" in text_of(post_digest(office))


def test_what_is_not_relevant_is_kept_with_its_reason(office: Office) -> None:
    digest = post_digest(office)
    client_id = office.clients["Hans Bergmann"]
    option = {"value": f"not_wanted:{client_id}:GROW"}
    office.people.click(
        ANNA,
        f"handle:{client_id}",
        "handle:more",
        action={"selected_option": option},
        place=direct(ANNA),
        ts=digest["ts"],
    )
    shown(office, digest, "Nicht relevant: vom Kunden nicht gewünscht.")
    assert "Hans Bergmann" not in text_of(post_digest(office))


def test_a_name_that_has_moved_to_another_book_meanwhile_is_not_handled(office: Office) -> None:
    digest = post_digest(office)
    office.give_to("Maria Huber", "emily")
    seen = len(office.people.messages(ANNA, direct(ANNA)))
    office.press(ANNA, "Erledigt: Maria Huber", digest)
    answer = office.next_message(ANNA, direct(ANNA), seen)
    office.give_to("Maria Huber", "anna")
    assert "Bestand" in answer["text"]
    assert "Erledigt: Maria Huber" in text_of(shown(office, digest, "Maria Huber"))
