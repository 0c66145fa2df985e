"""A whole client file: names, ids, words, satisfaction, and what rows say about each other."""

from datetime import date

import pytest

from storage.files.findings import NoteCode, ProblemCode, QuestionKind
from storage.files.options import Limits, Scale
from tests.storage.files.reading import codes, column, read, values

GERMAN = """\
Kundennummer;Kunde;Berater;Umsatz;Verwaltetes Vermögen;Gesamtvermögen;Quelle Gesamtvermögen;\
Stand Gesamtvermögen;Schulnote;Befragt am;Sparquote;Kunde seit;Kriterium;Beziehung;Bezugskunde
00123;Müller & Söhne;huber;12.500,00;1.250.000,00;2.500.000,00;nachgewiesen;\
01.03.2026;1,5;15.06.2026;22 %;01.04.2011;;;
00124;Jana Müller;huber;900,50;45.000,00;;;;;;;1. Mai 2020;Gutverdienerin;Tochter;00123
"""
ENGLISH = """\
client_id,name,advisor,revenue,aum,wallet,wallet source,wallet date,csat,survey date,\
saving rate,client since,criterion,relation,sponsor
00123,Müller & Söhne,huber,"12,500.00","1,250,000.00","2,500,000.00",documented,\
2026-03-01,4.5,2026-06-15,22 %,"April 1, 2011",,,
00124,Jana Müller,huber,900.50,"45,000.00",,,,,,,2020-05-01,henry,child,00123
"""


@pytest.mark.parametrize("content", [GERMAN, ENGLISH], ids=["German", "English"])
def test_the_same_clients_from_a_german_and_an_english_file(content: str) -> None:
    book = read(content)
    assert (book.refusals, book.questions, book.problems) == ((), (), ())
    expected = {
        "client_id": ["00123", "00124"],
        "name": ["Müller & Söhne", "Jana Müller"],
        "advisor": ["huber", "huber"],
        "revenue": [1_250_000, 90_050],
        "managed": [125_000_000, 4_500_000],
        "wallet": [250_000_000, None],
        "wallet_source": ["documented", None],
        "saving_rate": [2200, None],
        "criterion": [None, "henry"],
        "relation": [None, "child"],
        "sponsor": [None, "00123"],
    }
    assert {field: values(book, field) for field in expected} == expected
    assert [day.date() for day in values(book, "client_since")] == [
        date(2011, 4, 1),
        date(2020, 5, 1),
    ]
    assert values(book, "wallet_on")[0].date() == date(2026, 3, 1)
    assert values(book, "satisfaction_on")[0].date() == date(2026, 6, 15)


def test_the_types_of_the_columns() -> None:
    frame = read(GERMAN).frame
    assert frame["row"].dtype == "int64"
    assert frame["revenue"].dtype == "Int64"
    assert frame["saving_rate"].dtype == "Int64"
    assert frame["satisfaction"].dtype == "Int64"
    assert frame["client_since"].dtype == "datetime64[s]"
    assert frame["client_id"].dtype == "str"


# names and ids


@pytest.mark.parametrize(
    "name",
    [
        "Straße 12 GmbH", "İstanbul", "Öztürk", "O'Neil", "D’Arcy", "Łukasz", "北京银行", "محمد",
        "Rock & Roll 🎸", "<!channel>", "<@U123>", "<https://x|Bank>", "*fett*", "`",
        "=HYPERLINK(1)", "+49 711", "-1", "@SUM", "Robert'); DROP TABLE client;--", "100%", "_x_",
        "C:\\x", "NA", "None", "NULL", "1E5",
    ],
)  # fmt: skip
def test_a_name_is_kept_as_it_is_written(name: str) -> None:
    book = column("advisor", "", "x")
    assert book.is_readable
    quoted = name.replace('"', '""')
    found = read(f'id;name\n1;"{quoted}"\n')
    if any(character.isalnum() for character in name):
        assert values(found, "name") == [name]
    else:
        assert codes(found) == [ProblemCode.NO_LETTERS]


def test_a_name_is_stored_in_one_unicode_form_and_without_outer_spaces() -> None:
    book = read("id;name\n1;\u00a0 Mu\u0308ller AG\u200b \n")
    assert values(book, "name") == ["Müller AG"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", ProblemCode.MISSING),
        ("   ", ProblemCode.MISSING),
        ("\u200b\u200b", ProblemCode.MISSING),
        ("🎸", ProblemCode.NO_LETTERS),
        ("–", ProblemCode.NO_LETTERS),
        ("x" * 201, ProblemCode.TEXT_TOO_LONG),
        ("Mül\x07ler", ProblemCode.CONTROL_CHARACTER),
        ("invoice\u202efdp.exe", ProblemCode.CONTROL_CHARACTER),
        ("#NAME?", ProblemCode.EXCEL_ERROR),
    ],
)
def test_a_name_that_is_none_is_refused(name: str, code: ProblemCode) -> None:
    book = read(f"id;name\n1;{name}\n2;Meier\n")
    assert codes(book) == [code]
    assert values(book, "name") == ["Meier"]


def test_a_name_of_exactly_two_hundred_characters_is_read() -> None:
    assert len(read("id;name\n1;" + "ü" * 200 + "\n").frame) == 1


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("", ProblemCode.MISSING),
        ("-", ProblemCode.MISSING),
        ("4,71E+11", ProblemCode.SCIENTIFIC_ID),
        ("1.23457E+12", ProblemCode.SCIENTIFIC_ID),
        ("#REF!", ProblemCode.EXCEL_ERROR),
    ],
)
def test_an_id_that_is_none_is_refused(key: str, code: ProblemCode) -> None:
    assert codes(read(f"id;name\n{key};A\n")) == [code]


@pytest.mark.parametrize("key", ["00123", "1E5", "A-1/2", "0"])
def test_an_id_is_text(key: str) -> None:
    assert values(read(f"id;name\n{key};A\n"), "client_id") == [key]


def test_the_same_id_with_other_values_is_refused_and_both_rows_are_named() -> None:
    book = read("id;name;AUM\n1;A;5\n2;B;6\n1;A;7\n")
    assert values(book, "client_id") == ["2"]
    first, second = book.problems
    assert (first.code, first.row, first.facts) == (ProblemCode.SAME_ID, 2, {"other_row": 4})
    assert (second.code, second.row, second.facts) == (ProblemCode.SAME_ID, 4, {"other_row": 2})
    assert book.refused_rows == 2


def test_a_repeated_row_whose_id_also_comes_with_other_values_is_refused_too() -> None:
    book = read("id;name;AUM\n1;A;5\n1;A;5\n1;A;7\n")
    assert codes(book) == [ProblemCode.SAME_ID] * 3
    assert (book.refused_rows, book.notes) == (3, ())


def test_the_same_row_twice_is_one_client_and_reported() -> None:
    book = read("id;name\n1;Müller AG\n1;Mu\u0308ller AG \n")
    assert values(book, "name") == ["Müller AG"]
    (note,) = book.notes
    assert (note.code, note.count, note.rows) == (NoteCode.SAME_ROW_TWICE, 1, (3,))
    assert (book.row_count, book.refused_rows) == (2, 0)


def test_two_clients_of_one_name_are_read_and_noted() -> None:
    book = read("id;name\n1;Müller Straße\n2;MÜLLER STRASSE\n3;Meier\n")
    assert len(book.frame) == 3
    (note,) = book.notes
    assert (note.code, note.rows) == (NoteCode.SAME_NAME, (2, 3))


def test_nobody_is_his_own_sponsor() -> None:
    assert codes(read("id;name;sponsor\n1;A;1\n2;B;1\n")) == [ProblemCode.OWN_SPONSOR]


# words


@pytest.mark.parametrize(
    ("heading", "field", "written", "meaning"),
    [
        ("wallet_source", "wallet_source", "Documented", "documented"),
        ("Quelle Budget", "wallet_source", "belegt", "documented"),
        ("Quelle Budget", "wallet_source", "Kundenangabe", "stated"),
        ("Quelle Budget", "wallet_source", "SCHÄTZUNG", "estimate"),
        ("Kriterium", "criterion", "Unternehmer", "illiquid_owner"),
        ("criterion", "criterion", "high saver", "high_saver"),
        ("criterion", "criterion", "HIGH_SAVER", "high_saver"),
        ("criterion", "criterion", "Henry", "henry"),
        ("Beziehung", "relation", "Witwe", "widowed"),
        ("relation", "relation", "son", "child"),
        ("relation", "relation", "personal friend", "friend"),
        ("relation", "relation", "k.A.", None),
    ],
)
def test_words_are_understood_in_both_languages(
    heading: str, field: str, written: str, meaning: str | None
) -> None:
    assert values(column(heading, written), field) == [meaning]


def test_an_unknown_word_is_refused_with_the_known_ones() -> None:
    (problem,) = column("Beziehung", "Tante").problems
    assert (problem.code, problem.value) == (ProblemCode.UNKNOWN_WORD, "Tante")
    assert "Tochter" in str(problem.facts["accepted"])


# satisfaction


@pytest.mark.parametrize(
    ("heading", "scale", "written", "stored"),
    [
        ("KZI", "csi", "73,5", 7350),
        ("CSAT", "csat", "4,5", 450),
        ("NPS", "nps", "10", 1000),
        ("Schulnote", "school", "1", 100),
    ],
)
def test_the_heading_may_name_the_scale(
    heading: str, scale: str, written: str, stored: int
) -> None:
    book = column(heading, written)
    assert values(book, "satisfaction") == [stored]
    assert values(book, "satisfaction_scale") == [scale]


def test_without_a_scale_it_is_asked() -> None:
    (question,) = column("Zufriedenheit", "4", "2,5").questions
    assert question.kind == QuestionKind.SATISFACTION_SCALE
    assert question.choices == ("csi", "csat", "nps", "school")
    (question,) = column("Zufriedenheit", "4", "0").questions
    assert question.choices == ("csi", "nps")


def test_only_one_scale_goes_to_a_hundred() -> None:
    book = column("Zufriedenheit", "4", "85")
    assert values(book, "satisfaction_scale") == ["csi", "csi"]
    assert NoteCode.SCALE_SETTLED in [note.code for note in book.notes]


@pytest.mark.parametrize(
    ("scale", "written"),
    [
        ("csi", "101"),
        ("csi", "-1"),
        ("csat", "6"),
        ("csat", "0"),
        ("nps", "11"),
        ("school", "0,9"),
        ("school", "6,1"),
    ],
)
def test_a_value_off_its_scale_is_refused(scale: Scale, written: str) -> None:
    book = column("Zufriedenheit", "3", written, satisfaction_scale=scale)
    assert values(book, "satisfaction") == [300]
    (problem,) = book.problems
    assert problem.code == ProblemCode.OUT_OF_RANGE
    assert problem.facts["scale"] == scale


@pytest.mark.parametrize("written", ["7/10", "sehr gut"])
def test_satisfaction_in_words_is_refused(written: str) -> None:
    book = column("CSI", written)
    assert codes(book) == [ProblemCode.NOT_A_NUMBER]


def test_each_row_may_have_its_own_scale() -> None:
    book = read(
        "id;name;Zufriedenheit;Skala\n1;A;2;Schulnote\n2;B;9;NPS\n3;C;9;csat\n4;D;9;\n5;E;;nps\n"
    )
    assert values(book, "satisfaction") == [200, 900, None]
    assert values(book, "satisfaction_scale") == ["school", "nps", None]
    assert codes(book) == [ProblemCode.OUT_OF_RANGE, ProblemCode.SCALE_MISSING]


# what rows say together


def test_plausible_but_odd_is_noted_and_read() -> None:
    book = read(
        "id;name;revenue;aum;wallet;csi\n1;A;500,00;100,00;200,00;80\n2;B;1,00;300,00;200,00;\n"
    )
    assert len(book.frame) == 2
    found = {note.code: note.rows for note in book.notes}
    assert found == {
        NoteCode.REVENUE_ABOVE_MANAGED: (2,),
        NoteCode.MANAGED_ABOVE_WALLET: (3,),
        NoteCode.SATISFACTION_WITHOUT_DATE: (2,),
        NoteCode.WALLET_WITHOUT_DATE: (2, 3),
    }


def test_nobody_left_before_he_came() -> None:
    book = read("id;name;Kunde seit;Kunde bis\n1;A;01.05.2020;30.04.2020\n2;B;01.05.2020;\n")
    assert values(book, "client_id") == ["2"]
    assert codes(book) == [ProblemCode.ENDS_BEFORE_START]


def test_a_row_may_have_several_problems_and_is_refused_once() -> None:
    book = read("id;name;aum;since\n1;;x;y\n2;B;1;2020-01-01\n")
    assert [problem.column for problem in book.problems] == ["name", "aum", "since"]
    assert (book.row_count, book.refused_rows, len(book.frame)) == (2, 1, 1)


def test_a_long_list_of_problems_is_cut_and_the_rest_counted() -> None:
    limits = Limits(file_bytes=10_000, rows=100, problems=3)
    book = read("id;name\n" + "".join(f"{n};\n" for n in range(10)), limits=limits)
    assert [problem.row for problem in book.problems] == [2, 3, 4]
    assert book.refused_rows == 10
    (note,) = book.notes
    assert (note.code, note.count) == (NoteCode.MORE_PROBLEMS, 7)


def test_a_question_leaves_the_frame_empty_and_still_shows_the_problems() -> None:
    book = read("id;name;aum\n1;A;1.234\n2;;5\n")
    assert not book.is_readable
    assert book.frame.empty
    assert codes(book) == [ProblemCode.MISSING]
    assert book.row_count == 2


def test_notes_speak_of_the_rows_that_are_read() -> None:
    book = read("id;name;csi;Zufriedenheit am\n1;;80;\n2;B;80;\n3;;80;\n")
    (note,) = book.notes
    assert (note.code, note.count, note.rows) == (NoteCode.SATISFACTION_WITHOUT_DATE, 1, (3,))
