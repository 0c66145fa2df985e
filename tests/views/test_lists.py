"""Lists of clients: several hits, the week's priorities, the Monday digest, App Home."""

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.reports import SeveralReport, WeekReport
from bot.views.home import closed_home, home
from bot.views.lists import (
    PAGE,
    digest,
    digest_text,
    picker,
    picker_text,
    priorities,
    priorities_text,
)
from bot.words import Words
from tests.views import examples
from tests.views.examples import ENGLISH, LONG_NAME, ODD_NAME, book, morning_of, several, week_of
from tests.views.judges import assert_blocks, assert_harmless, lines_of, read_aloud, texts_of

HITS = {
    "two": several(examples.grow("Maria Huber"), examples.unknown("Hubert Lang", 2)),
    "one": several(examples.grow()),
    "more than ten": several(*book(10), has_more=True),
    "odd name": several(examples.grow(ODD_NAME), query=ODD_NAME),
    "long names": several(*book(10, name="&" * 200), query="&" * 200, has_more=True),
}
WEEKS = {
    "empty": week_of(),
    "nobody placed": week_of(examples.unknown()),
    "one": week_of(examples.grow()),
    "too many": week_of(*book(50)),
    "odd name": week_of(examples.grow(ODD_NAME), examples.asked(ODD_NAME)),
    "team": week_of(
        examples.grow(), examples.fix(advisor_id=8), examples.asked(advisor_id=8), is_team=True
    ),
}
weeks = pytest.mark.parametrize("report", WEEKS.values(), ids=WEEKS)


@pytest.mark.parametrize("report", HITS.values(), ids=HITS)
def test_a_choice_among_several(
    report: SeveralReport, words: Words, snapshot: SnapshotAssertion
) -> None:
    blocks = picker(report, words)
    text = picker_text(report, words)
    assert_blocks(blocks, "message")
    assert_harmless(text)
    assert {"text": text, "blocks": blocks} == snapshot


@weeks
def test_the_weeks_priorities(
    report: WeekReport, words: Words, snapshot: SnapshotAssertion
) -> None:
    blocks = priorities(report, words)
    text = priorities_text(report, words)
    assert_blocks(blocks, "message")
    assert_harmless(text)
    assert {"text": text, "blocks": blocks} == snapshot


def test_the_second_page(words: Words, snapshot: SnapshotAssertion) -> None:
    report = week_of(*book(12))
    blocks = priorities(report, words, start=PAGE)
    assert_blocks(blocks, "message")
    assert {"text": priorities_text(report, words, start=PAGE), "blocks": blocks} == snapshot


@weeks
def test_the_monday_digest(report: WeekReport, words: Words, snapshot: SnapshotAssertion) -> None:
    blocks = digest(report, words)
    text = digest_text(report, words)
    assert_blocks(blocks, "message")
    assert_harmless(text)
    assert {"text": text, "blocks": blocks} == snapshot


def test_a_late_digest_says_so(words: Words, snapshot: SnapshotAssertion) -> None:
    blocks = digest(WEEKS["one"], words, late=True)
    assert_blocks(blocks, "message")
    assert {"text": digest_text(WEEKS["one"], words, late=True), "blocks": blocks} == snapshot


@weeks
def test_app_home(report: WeekReport, words: Words, snapshot: SnapshotAssertion) -> None:
    view = home(morning_of(report), words)
    assert_blocks(view, "home")
    assert view == snapshot


@pytest.mark.parametrize("is_member", [True, False], ids=["not linked", "guest"])
def test_app_home_without_a_role(
    is_member: bool, words: Words, snapshot: SnapshotAssertion
) -> None:
    view = closed_home("U0TOM", words, is_member=is_member)
    assert_blocks(view, "home")
    assert view == snapshot


def said(blocks: list[dict[str, object]]) -> list[str]:
    """List the lines on a message, its buttons left out."""
    shown = [{**b, "accessory": None} for b in blocks if b["type"] != "actions"]
    return [line for text in texts_of(shown) for line in lines_of(text)]


@weeks
def test_screen_readers_hear_every_line_of_the_priorities(report: WeekReport, words: Words) -> None:
    heard = read_aloud(priorities_text(report, words))
    assert [line for line in said(priorities(report, words)) if line not in heard] == []


@pytest.mark.parametrize("report", HITS.values(), ids=HITS)
def test_screen_readers_hear_every_line_of_a_choice(report: SeveralReport, words: Words) -> None:
    heard = read_aloud(picker_text(report, words))
    assert [line for line in said(picker(report, words)) if line not in heard] == []


def test_a_lock_screen_shows_no_name_and_no_amount(words: Words) -> None:
    # Given a book in which every name and every amount would be recognised
    clients = [
        examples.grow("Kanarienvogel", 1, revenue=77_777),
        examples.fix("Kanarienvogel", 2, revenue=77_777),
        examples.move("Kanarienvogel", 3, revenue=7_777),
        examples.model("Kanarienvogel", 4, revenue=77_777),
        examples.asked("Kanarienvogel", 5, revenue=77_777),
    ]
    # When each of them leads the list
    for report in (week_of(*clients[n:]) for n in range(len(clients))):
        for late in (False, True):
            text = digest_text(report, words, late=late)
            # Then none is in the notification
            assert "Kanarienvogel" not in text
            assert "€" not in text
            assert "777" not in text


def test_the_digest_names_seven_and_counts_the_rest() -> None:
    # Given 9 clients to grow and nobody else
    report = week_of(*(examples.grow(f"Client {n}", n) for n in range(1, 10)))
    opened = [b for b in digest(report, ENGLISH) if "accessory" in b]
    assert len(opened) == 7
    assert "See 2 more" in str(digest(report, ENGLISH))


def test_the_first_line_of_a_digest_is_what_a_telephone_shows() -> None:
    assert digest_text(WEEKS["one"], ENGLISH) == (
        "Your week from Monday, 23 November. 1 to grow. "
        "First: a talk about money that lies elsewhere."
    )


@pytest.mark.parametrize("size", [0, 1, 7, 8, 50, 500])
def test_a_book_of_any_size_fits(size: int, words: Words) -> None:
    # Given a book whose names are as long as the store takes
    report = week_of(*book(size, name=LONG_NAME))
    # Then every page of the list, the digest and the Home tab fit
    for start in range(0, max(size, 1), PAGE):
        assert_blocks(priorities(report, words, start=start), "message")
    assert_blocks(digest(report, words), "message")
    assert_blocks(home(morning_of(report), words), "home")


def test_paging_shows_everybody_once() -> None:
    report = week_of(*book(50))
    listed = report.in_order()
    paged = [
        block["accessory"]["value"]
        for start in range(0, len(listed), PAGE)
        for block in priorities(report, ENGLISH, start=start)
        if "accessory" in block and block is not None
    ]
    # The one missing answer stands below the first page too
    assert report.week.ask is not None
    paged.remove(str(report.week.ask.client.client_id))
    assert paged == [str(each.client.client_id) for each in listed]
