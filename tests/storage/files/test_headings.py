"""Headings: German, English, and however people space and spell them."""

import pytest

from storage.files.findings import QuestionKind, RefusalCode
from storage.files.headings import HEADINGS, read_heading
from storage.files.options import ReadOptions
from tests.storage.files.reading import read, values


def test_german_headings_are_mapped_and_the_mapping_is_shown() -> None:
    book = read("Kundennummer;Kunde;Verwaltetes Vermögen;Umsatz;CSI\n1;Meier;10;20;30\n")
    assert book.mapping == {
        "client_id": "Kundennummer",
        "name": "Kunde",
        "managed": "Verwaltetes Vermögen",
        "revenue": "Umsatz",
        "satisfaction": "CSI",
    }


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("\ufeffName ", "name"),
        ("AUM\u00a0", "managed"),
        ("aum", "managed"),
        ("AUM (EUR)", "managed"),
        ("AUM in €", "managed"),
        ("Verwaltetes Vermoegen", "managed"),
        ("VERWALTETES VERMÖGEN", "managed"),
        ("Verwaltetes Vermo\u0308gen", "managed"),
        ("Kunden-Nr.", "client_id"),
        ("KundenNr", "client_id"),
        ("Kd.-Nr.", "client_id"),
        ("client_id", "client_id"),
        ("Client ID", "client_id"),
        ("Umsatz p.a.", "revenue"),
        ("Jahresumsatz", "revenue"),
        ("Revenue per year (EUR)", "revenue"),
        ("Share of Wallet (%)", "wallet_share"),
        ("Sparquote in %", "saving_rate"),
        ("Kunde seit", "client_since"),
        ("Geb.-Datum", "born_on"),
        ("Date of Birth", "born_on"),
        ("Last Review Date", "last_review_on"),
        ("Letztes Beratungsgespräch", "last_review_on"),
        ("Last Contacted", "last_contact_on"),
        ("Letzter Kontakt", "last_contact_on"),
        ("Betreuer", "advisor"),
        ("Schulnote", "satisfaction"),
    ],
)
def test_a_heading_is_recognised_however_it_is_spelled(heading: str, field: str) -> None:
    found = read_heading(heading)
    assert found is not None
    assert found.field == field


@pytest.mark.parametrize(
    "heading",
    ["", "Telefon", "Last Activity", "Next Review", "Kunde 2", "Umsatz 2024", "Notiz", "42", "…"],
)
def test_other_headings_are_not_taken_for_something(heading: str) -> None:
    assert read_heading(heading) is None


def test_every_field_knows_its_own_name_and_no_heading_belongs_to_two_fields() -> None:
    for field, headings in HEADINGS.items():
        for heading in (field, *headings):
            found = read_heading(heading)
            assert found is not None
            assert found.field == field


def test_unknown_columns_are_listed_as_ignored() -> None:
    book = read("id;name;Telefon;;Notiz\n1;A;0711;;x\n")
    assert book.ignored == ("Telefon", "Notiz")
    assert list(book.frame.columns) == ["row", "client_id", "name"]


@pytest.mark.parametrize(
    ("content", "field", "accepted"),
    [
        ("Kunde;AUM\nMeier;5\n", "client_id", "Kundennummer"),
        ("Kundennummer;AUM\n1;5\n", "name", "Kunde"),
    ],
)
def test_a_missing_column_is_named_with_the_headings_that_would_do(
    content: str, field: str, accepted: str
) -> None:
    (refusal,) = read(content).refusals
    assert refusal.code == RefusalCode.COLUMN_MISSING
    assert refusal.facts["field"] == field
    assert accepted in str(refusal.facts["accepted"])


@pytest.mark.parametrize("second", ["AUM", "aum ", "Verwaltetes Vermögen"])
def test_two_columns_for_one_field_are_refused_and_both_named(second: str) -> None:
    (refusal,) = read(f"id;name;AUM;{second}\n1;A;5;6\n").refusals
    assert refusal.code == RefusalCode.HEADING_TWICE
    assert refusal.facts["headings"] == ("AUM", second.strip())
    assert refusal.facts["positions"] == ("3", "4")


def test_a_file_without_headings_is_asked_and_keeps_its_first_row() -> None:
    content = "4711;Meier;12,50\n4712;Huber;13,50\n"
    (question,) = read(content).questions
    assert question.kind == QuestionKind.COLUMNS
    assert [example.value for example in question.examples] == ["4711", "Meier", "12,50"]
    columns = {"client_id": "1", "name": "2", "revenue": "3"}
    book = read(content, options=ReadOptions(header=False, columns=columns))
    assert values(book, "revenue") == [1250, 1350]
    assert book.frame["row"].tolist() == [1, 2]


def test_the_person_may_say_what_a_heading_means() -> None:
    content = "id;name;Volumen 2026;AUM\n1;A;5;6\n"
    book = read(content, columns={"managed": "Volumen 2026"})
    assert values(book, "managed") == [500]
    assert book.ignored == ("AUM",)


def test_a_mapping_to_a_heading_that_is_not_there_is_refused() -> None:
    (refusal,) = read("id;name\n1;A\n", columns={"managed": "Volumen"}).refusals
    assert refusal.code == RefusalCode.NO_SUCH_HEADING
    assert refusal.facts == {"field": "managed", "heading": "Volumen"}


@pytest.mark.parametrize("heading", ["AUM (TEUR)", "Umsatz in T€", "AUM Mio. €", "Umsatz (k€)"])
def test_amounts_in_thousands_are_refused_before_they_are_taken_for_euros(heading: str) -> None:
    (refusal,) = read(f"id;name;{heading}\n1;A;5\n").refusals
    assert refusal.code == RefusalCode.AMOUNTS_IN_THOUSANDS
    assert refusal.column == heading


def test_amounts_in_thousands_are_refused_even_where_the_person_named_the_column() -> None:
    book = read("id;name;Volumen (TEUR)\n1;A;5\n", columns={"managed": "Volumen (TEUR)"})
    assert [refusal.code for refusal in book.refusals] == [RefusalCode.AMOUNTS_IN_THOUSANDS]


def test_a_heading_in_another_currency_is_refused() -> None:
    (refusal,) = read("id;name;AUM (CHF)\n1;A;5\n").refusals
    assert refusal.code == RefusalCode.HEADING_IN_OTHER_CURRENCY
    assert refusal.facts == {"found": "CHF", "expected": "EUR"}
    assert values(read("id;name;AUM (CHF)\n1;A;5\n", currency="CHF"), "managed") == [500]


@pytest.mark.parametrize(
    "headings",
    [
        # as an American contact manager lists its contacts
        "Contact ID,Full Name,Servicing Advisor,Client Since,Gross Annual Income,Status",
        "ID,Display Name,Assigned To,Became Client,Liquid Net Worth,Contact Type",
        # as an account object of a large CRM
        "Account ID,Account Name,Account Owner,Total AUM,Customer Since,Investable Assets",
        "Record ID,Household Name,Primary Advisor,Financial Account Value,Client Since Date",
        # as brokers' and banks' programs in German write them
        "Kd.-Nr.;Firma/Name;Betreuer/in;Bestandsvolumen;Jahreserlös;Bestandskunde seit",
        "Mandanten-Nr.;Mandantenname;Zuständiger Berater;Depotwert;Provisionserlöse;Mandatsbeginn",
        "Personennummer;Vollständiger Name;Hauptbetreuer;Kundenvermögen;Bruttojahreseinkommen",
    ],
)
def test_lists_of_the_usual_programs_need_no_mapping_by_hand(headings: str) -> None:
    book = read(headings + "\n")
    assert book.refusals == ()
    assert {"client_id", "name", "advisor"} <= book.mapping.keys()
    assert set(book.ignored) <= {"Status", "Contact Type"}
