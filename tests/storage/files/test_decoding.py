"""Encodings and containers: what the bytes of a file are."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.files.findings import NoteCode, ProblemCode, QuestionKind, RefusalCode
from storage.files.options import Limits, ReadOptions
from tests.storage.files.reading import codes, read, values

BOOK = "Kundennummer;Kunde\n1;Müller Straße\n2;Meier\n"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16-le")],
)
def test_umlauts_are_read_where_the_file_says_its_encoding(encoding: str, shown: str) -> None:
    book = read(BOOK, encoding=encoding)
    assert values(book, "name") == ["Müller Straße", "Meier"]
    assert book.encoding == shown


def test_utf_16_with_the_other_byte_order_mark() -> None:
    data = b"\xfe\xff" + BOOK.encode("utf-16-be")
    assert values(read(data), "name") == ["Müller Straße", "Meier"]


EIGHT_BIT = pytest.mark.parametrize("encoding", ["cp1252", "cp850", "mac_roman"])


@EIGHT_BIT
def test_an_eight_bit_encoding_is_asked_with_a_preview(encoding: str) -> None:
    book = read(BOOK.encode(encoding))
    (question,) = book.questions
    assert question.kind == QuestionKind.ENCODING
    assert question.choices == ("cp1252", "cp850", "mac_roman")
    assert question.examples[0].row == 2
    assert question.examples[0].readings[encoding] == "1;Müller Straße"
    assert book.frame.empty


@EIGHT_BIT
def test_the_answer_reads_the_file(encoding: str) -> None:
    book = read(BOOK.encode(encoding), options=ReadOptions(encoding=encoding))
    assert values(book, "name") == ["Müller Straße", "Meier"]
    assert book.encoding == encoding


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_asked(encoding: str) -> None:
    book = read(BOOK.encode(encoding))
    (question,) = book.questions
    assert question.choices == ("utf-16-le", "utf-16-be")
    assert question.examples[0].readings[encoding] == "Kundennummer;Kunde"
    answered = read(BOOK.encode(encoding), options=ReadOptions(encoding=encoding))
    assert values(answered, "name") == ["Müller Straße", "Meier"]


def test_broken_bytes_in_utf_8_are_asked_and_then_cost_their_row_only() -> None:
    data = BOOK.encode() + b"3;Sch\xe4fer\n"
    (question,) = read(data).questions
    assert "utf-8" in question.choices
    book = read(data, options=ReadOptions(encoding="utf-8"))
    assert values(book, "client_id") == ["1", "2"]
    (problem,) = book.problems
    assert (problem.code, problem.row) == (ProblemCode.BROKEN_CHARACTER, 4)
    assert problem.value == "Sch\ufffdfer"


def test_a_name_encoded_twice_is_flagged_with_its_repair() -> None:
    book = read("Kundennummer;Kunde\n1;MÃ¼ller\n2;Châtelet\n3;São Paulo AG\n")
    (note,) = book.notes
    assert (note.code, note.count, note.rows) == (NoteCode.LOOKS_DOUBLE_ENCODED, 1, (2,))
    assert note.facts == {"suggestion": "Müller"}


@pytest.mark.parametrize("content", [b"", b"   \n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert [refusal.code for refusal in read(content).refusals] == [RefusalCode.FILE_EMPTY]


def _workbook() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "container"),
    [
        (_workbook(), "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "ole2"),
        (b"%PDF-1.7\n%\xe2\xe3", "pdf"),
        (b"<!DOCTYPE html><table><tr><td>id", "html"),
        (b"\n<html xmlns:x='urn:schemas-microsoft-com:office:excel'>", "html"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\x89PNG\r\n", "image"),
        (b"{\\rtf1", "rtf"),
    ],
)
def test_another_kind_of_file_is_named(content: bytes, container: str) -> None:
    (refusal,) = read(content).refusals
    assert refusal.code == RefusalCode.WRONG_CONTAINER
    assert refusal.facts == {"container": container}


def test_a_file_beyond_the_limit_is_refused_unread() -> None:
    limits = Limits(file_bytes=20, rows=10)
    (refusal,) = read(BOOK, limits=limits).refusals
    assert refusal.code == RefusalCode.FILE_TOO_LARGE
    assert refusal.facts == {"size": len(BOOK.encode()), "limit": 20}


def test_the_hash_is_that_of_the_bytes() -> None:
    # sha256 of nothing, as everybody knows it
    assert read(b"").file_hash.startswith("e3b0c44298fc1c149afbf4c8996fb924")


@given(data=st.binary(max_size=400))
def test_no_bytes_whatever_crash_the_reader(data: bytes) -> None:
    book = read(b"id;name\n" + data)
    assert book.refusals or book.questions or book.row_count >= len(book.frame)


@given(data=st.binary(max_size=400), encoding=st.sampled_from(["utf-8", "cp1252", "utf-16-le"]))
def test_no_bytes_crash_the_reader_in_a_chosen_encoding(data: bytes, encoding: str) -> None:
    read(data, options=ReadOptions(encoding=encoding, separator=";"))


def test_a_row_that_lost_bytes_does_not_touch_the_others() -> None:
    book = read(b"id;name\n1;A\x81B\n2;Meier\n", options=ReadOptions(encoding="cp1252"))
    assert codes(book) == [ProblemCode.BROKEN_CHARACTER]
    assert values(book, "name") == ["Meier"]
