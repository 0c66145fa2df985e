"""`/segment`: what an advisor types, and what she reads."""

from threading import current_thread

import pytest

from tests.bot.office import ANNA, BOOKS, EMILY, VOGT, Office, buttons, text_of
from tests.statements import noting


def test_a_name_is_answered_with_the_clients_card(office: Office) -> None:
    card = office.ask(ANNA, "/segment Maria Huber")
    assert card["ephemeral"]
    assert card["blocks"][0]["text"]["text"] == "Maria Huber · A · GROW"
    assert "Gespräch über die 280.000\N{NO-BREAK SPACE}€ vereinbaren" in card["text"]
    assert buttons(card)[:2] == ["Zufriedenheit erfassen", "Vermögen erfassen"]


def test_a_card_takes_no_more_statements_than_it_used_to(office: Office) -> None:
    # Given that the firm's words and everything else that is kept was read once
    office.ask(VOGT, "/segment Maria Huber")
    asked: list[str] = []

    def note(statement: str) -> None:
        if current_thread().name.startswith("answer") and statement.startswith("SELECT"):
            asked.append(statement)

    # When a lead looks a client of her team up
    with noting(office.runtime.store.engine, note):
        office.ask(VOGT, "/segment Maria Huber")
    # Then it is: who asks, her team, the number, her reach, the words, the names, the rules,
    # the client with all facts, what an editor must know, and what is owed: history, tiers so far,
    # rules before
    assert len(asked) == 12, asked


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("huber", "Maria Huber"),
        ("Hubr", "Maria Huber"),
        ("huber maria", "Maria Huber"),
        ("  Maria   HUBER  ", "Maria Huber"),
        ("Müller", "Jürgen Müller"),
        ("Mueller", "Jürgen Müller"),
        ("MULLER", "Jürgen Müller"),
        ("Mu\u0308ller", "Jürgen Müller"),
        ("juergen mueller", "Jürgen Müller"),
        ("Lidenhof", "Lindenhof GmbH"),
        ("R&D GmbH", "R&D GmbH"),
        ("r&d", "R&D GmbH"),
        ("\u200bHuber\u200b", "Maria Huber"),
        ("*Stern*", "*Stern* & <!channel>"),
    ],
)
def test_a_name_is_found_however_it_is_typed(office: Office, typed: str, found: str) -> None:
    card = office.ask(ANNA, f"/segment {typed}")
    assert card["blocks"][0]["text"]["text"].startswith(f"{found} · ")


def test_several_clients_are_offered_and_a_button_opens_one(office: Office) -> None:
    choice = office.ask(ANNA, "/segment Bergmann")
    assert "Wer ist gemeint?" in choice["text"]
    assert buttons(choice) == ["Öffnen", "Öffnen"]
    card = office.press_for_message(ANNA, "Öffnen: Petra Bergmann", choice)
    assert card["ephemeral"]
    assert card["blocks"][0]["text"]["text"].startswith("Petra Bergmann · ")


def test_a_colleagues_client_is_answered_like_nobody_at_all(office: Office) -> None:
    # Given a name that nobody bears and the name of a colleague's client
    nobody = office.ask(ANNA, "/segment Xaver Quitzow")
    colleagues = office.ask(ANNA, "/segment Oliver Hughes")
    # Then the answers are the same, byte for byte, but for what was typed
    assert nobody["text"] == "Kein Kunde „Xaver Quitzow“ in Ihrem Bestand."
    assert text_of(colleagues) == text_of(nobody).replace("Xaver Quitzow", "Oliver Hughes")
    # While the colleague and the lead find the client
    assert "Oliver Hughes · A · GROW" in text_of(office.ask(EMILY, "/segment Oliver Hughes"))
    assert "Oliver Hughes · A · GROW" in text_of(office.ask(VOGT, "/segment Oliver Hughes"))


def test_after_a_miss_ones_own_clients_that_sound_alike_are_offered(office: Office) -> None:
    missed = office.ask(ANNA, "/segment Hans Huber")
    assert missed["text"] == (
        "Kein Kunde „Hans Huber“ in Ihrem Bestand. Vielleicht gemeint: Maria Huber; Hans Bergmann"
    )
    card = office.press_for_message(ANNA, "Maria Huber", missed)
    assert card["blocks"][0]["text"]["text"].startswith("Maria Huber · ")
    # And nobody else's are
    assert (
        office.ask(EMILY, "/segment Hans Huber")["text"] == "No client “Hans Huber” in your book."
    )


@pytest.mark.parametrize("typed", ["", "help", "hilfe", "HILFE", "?", "-h", "--help", "\u200b"])
def test_help_is_given_to_whoever_types_no_name(office: Office, typed: str) -> None:
    answer = office.ask(ANNA, f"/segment {typed}")
    assert answer["ephemeral"]
    assert answer["text"].startswith("Einen Kunden nachschlagen")
    assert answer["text"].count("`/segment ") == 3
    assert "blocks" not in answer


def test_help_comes_in_the_readers_language(office: Office) -> None:
    assert office.ask(EMILY, "/segment hilfe")["text"].startswith("Look up a client")


@pytest.mark.parametrize("typed", ["x", "%", "_", "*", ".*", "\\", "&", "' --", "<>"])
def test_less_than_two_letters_are_not_searched(office: Office, typed: str) -> None:
    answer = office.ask(ANNA, f"/segment {typed}")
    assert "`/segment Huber`" in answer["text"]
    assert "blocks" not in answer


def test_a_text_longer_than_any_name_is_refused_with_the_limit(office: Office) -> None:
    answer = office.ask(ANNA, "/segment " + "a" * 3001)
    assert answer["text"].startswith("Das ist länger als jeder Name: höchstens 200 Zeichen.")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("<@U123>", "&lt;@U123&gt;"),
        ("<!here> zusammen", "&lt;!here&gt; zusammen"),
        ("<#C1|general>", "&lt;#C1|general&gt;"),
        ("%%%% Nobody", "%%%% Nobody"),
        ("' OR 1=1 --", "' OR 1=1 --"),
        ("__Qx__", "_\N{WORD JOINER}\N{WORD JOINER}_"),
    ],
)
def test_signs_are_text_and_nothing_more(office: Office, typed: str, shown: str) -> None:
    answer = office.ask(ANNA, f"/segment {typed}")
    assert shown in answer["text"]
    assert answer["text"].startswith("Kein Kunde „")
    assert not any(name in answer["text"] for name in BOOKS["anna"])


def test_a_name_that_looks_like_a_mention_calls_nobody(office: Office) -> None:
    card = office.ask(ANNA, "/segment Stern")
    assert "<!" not in card["text"]
    assert all(
        "<!" not in b["text"]["text"]
        for b in card["blocks"]
        if b["type"] == "section" and "text" in b
    )


def test_anna_reads_german_and_emily_english(office: Office) -> None:
    german = office.ask(ANNA, "/segment Lindenhof GmbH")
    english = office.ask(EMILY, "/segment Daisy Fairfax")
    assert "11.200\N{NO-BREAK SPACE}€ von 16.000\N{NO-BREAK SPACE}€" in german["text"]
    assert "€11,200 of €16,000 revenue a year at risk" in english["text"]
