"""`/book`: the whole book at a glance, the team's for a lead, the rules behind it."""

import pytest

from tests.bot.office import ANNA, EMILY, VOGT, Office, direct

WAITING = ("One moment", "Einen Moment")


def said(office: Office, who: str, typed: str) -> str:
    """Ask, and wait for the answer behind a "one moment": the first whole book loads pandas."""
    before = len(office.people.messages(who, direct(who)))
    office.ask(who, typed)

    def answered() -> str:
        texts = [each["text"] for each in office.people.messages(who, direct(who))[before:]]
        return next((text for text in texts if not text.startswith(WAITING)), "")

    return office.people.wait_for(answered)


@pytest.mark.parametrize("typed", ["/book", "/book me", "/book ich"])
def test_the_book_shows_tiers_fields_and_what_waits(office: Office, typed: str) -> None:
    answer = said(office, ANNA, typed)
    assert "Der Bestand von Anna Berger" in answer
    assert "Offene Entscheidungen" in answer
    assert "GROW · " in answer
    assert "Felder, Mediane der Firma" in answer


def test_a_lead_sees_the_teams_books_and_an_advisor_does_not(office: Office) -> None:
    assert "Die Bestände des Teams" in said(office, VOGT, "/book team")
    assert "für die Leitung" in said(office, ANNA, "/book team")


def test_the_rules_are_shown_with_their_source(office: Office) -> None:
    answer = said(office, EMILY, "/book rules")
    assert "Rule book 1 of" in answer
    assert "A+ from, revenue a year: 15,000" in answer
    assert "Tiers are Commonwealth's (ABSLN), fields maix-analytics'" in answer


@pytest.mark.parametrize("typed", ["/book help", "/book hilfe", "/book ?"])
def test_help_explains_the_command(office: Office, typed: str) -> None:
    assert "`/book rules`" in said(office, EMILY, typed)


def test_an_unknown_word_is_said(office: Office) -> None:
    assert "“foo” is not known here." in said(office, EMILY, "/book foo")
