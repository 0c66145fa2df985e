"""Trust, coachability, referrals, and our place among a client's providers, as files give them."""

from datetime import date

import pytest

from storage.files.findings import NoteCode, ProblemCode
from tests.storage.files.reading import codes, column, read, values

GERMAN = """\
Kundennummer;Kunde;Vertrauen;Vertrauen am;Beratungsbereitschaft;Empfehlungen;Anzahl Banken;\
Unser Rang;Stand Anbieter
1;Huber;5;01.03.2026;4;12;3;1,5;15.01.2026
2;Keller;;;;0;;;
"""
ENGLISH = """\
client number,client,trust level,trust as of,coachability,referrals given,number of providers,\
our rank,providers as of
1,Huber,5,2026-03-01,4,12,3,1.5,2026-01-15
2,Keller,,,,0,,,
"""


@pytest.mark.parametrize("content", [GERMAN, ENGLISH], ids=["German", "English"])
def test_judgements_are_read_with_their_days_in_both_languages(content):
    book = read(content)
    assert (book.questions, book.refusals, book.problems, book.ignored) == ((), (), (), ())
    expected = {
        "trust": [5, None],
        "coachability": [4, None],
        "referrals": [12, 0],
        "providers": [3, None],
        "provider_rank": [150, None],
    }
    assert {field: values(book, field) for field in expected} == expected
    assert values(book, "trust_on")[0].date() == date(2026, 3, 1)
    assert values(book, "ranked_on")[0].date() == date(2026, 1, 15)


def test_a_judgement_without_a_day_is_remarked():
    book = read(GERMAN)
    undated = [note.column for note in book.notes if note.code is NoteCode.JUDGED_WITHOUT_DATE]
    assert undated == ["Beratungsbereitschaft", "Empfehlungen"]


@pytest.mark.parametrize(
    ("heading", "value", "code"),
    [
        ("Vertrauen", "0", ProblemCode.OUT_OF_RANGE),
        ("Vertrauen", "6", ProblemCode.OUT_OF_RANGE),
        ("Vertrauen", "4,5", ProblemCode.NOT_WHOLE),
        ("Coachability", "hoch", ProblemCode.NOT_A_NUMBER),
        ("Empfehlungen", "-1", ProblemCode.OUT_OF_RANGE),
        ("Empfehlungen", "10000", ProblemCode.OUT_OF_RANGE),
    ],
)
def test_a_mark_or_count_out_of_range_costs_its_row(heading, value, code):
    assert codes(column(heading, "1", value)) == [code]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("3;4", ProblemCode.RANK_BEYOND_PROVIDERS),
        ("3;0,5", ProblemCode.OUT_OF_RANGE),
        ("3;", ProblemCode.RANK_INCOMPLETE),
        (";2", ProblemCode.RANK_INCOMPLETE),
        ("2,5;1", ProblemCode.NOT_WHOLE),
        ("3;1,5555", ProblemCode.TOO_MANY_DECIMALS),
    ],
)
def test_a_place_that_cannot_be_costs_its_row(cells, code):
    book = read(f"id;name;Anbieter;Unser Rang\n1;Huber;3;3\n2;Keller;{cells}\n")
    assert codes(book) == [code]
    assert values(book, "provider_rank") == [300]


def test_providers_without_a_column_for_our_place_are_left_unread():
    book = read("id;name;Anzahl Banken\n1;Huber;3\n")
    assert book.ignored == ("Anzahl Banken",)
    assert (len(book.frame), book.problems) == (1, ())


def test_one_question_is_asked_for_all_columns_and_says_what_the_others_show():
    book = read(
        "Kundennummer;Kunde;Umsatz;AUM;Einkommen\n1;Huber;9.500;842.000;80.000,50\n"
        "2;Keller;1.200;910.000;70.000,00\n"
    )
    (question,) = book.questions
    assert (question.column, question.others, question.elsewhere) == ("Umsatz", ("AUM",), "de")
    answered = read("Kundennummer;Kunde;Umsatz;AUM\n1;Huber;9.500;842.000\n", number_format="de")
    assert (values(answered, "revenue"), values(answered, "managed")) == ([950_000], [84_200_000])
