"""Lists of clients: several hits, the week's priorities, App Home."""

from datetime import UTC, datetime

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.reports import AdminReport, PeopleReport, SeveralReport, WeekReport
from bot.views.home import closed_home, home
from bot.views.lists import (
    PAGE,
    picker,
    picker_text,
    priorities,
    priorities_text,
)
from bot.views.people import administration
from bot.words import Words
from domain.access import Member, Role
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
def test_app_home(report: WeekReport, words: Words, snapshot: SnapshotAssertion) -> None:
    view = home(morning_of(report), words)
    assert_blocks(view, "home")
    assert view == snapshot


def test_app_home_of_who_administers_too(words: Words, snapshot: SnapshotAssertion) -> None:
    alone = Member(member_id=1, key="a", name=LONG_NAME, role=Role.LEAD, team="", is_admin=True)
    everybody = PeopleReport(members=(alone,), now=datetime(2026, 11, 24, 9, tzinfo=UTC))
    report = AdminReport(
        people=everybody, consent=None, rules_reserved=False, erasures=1, exports=0
    )
    below = administration(report, words)
    view = home(morning_of(week_of(*book(500))), words, sees_people=True, administration=below)
    assert_blocks(view, "home")
    assert view["blocks"][-len(below) :] == below
    assert below == snapshot


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


@pytest.mark.parametrize("size", [0, 1, 7, 8, 50, 500])
def test_a_book_of_any_size_fits(size: int, words: Words) -> None:
    # Given a book whose names are as long as the store takes
    report = week_of(*book(size, name=LONG_NAME))
    # Then every page of the list and the Home tab fit
    for start in range(0, max(size, 1), PAGE):
        assert_blocks(priorities(report, words, start=start), "message")
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
