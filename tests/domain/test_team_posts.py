"""What a channel is told, by what it is and by how many books stand behind the counts."""

from datetime import UTC, date, datetime

import pytest

from domain.access import Place, Showing
from domain.notices import is_weekday
from domain.team_posts import SHOWN, Tally, TeamChannel, may_be_summed, post_showing


def told(place: Place, *, in_public: bool = False, books: int = 3, consent: bool = False) -> str:
    return post_showing(place, in_public=in_public, books=books, has_consent=consent).value


def test_the_firm_s_own_get_counts_guests_a_sentence_and_others_nothing() -> None:
    assert told(Place.PRIVATE) == Showing.COUNTS
    assert told(Place.GUESTS) == Showing.SHORT
    others = set(Place) - {Place.PRIVATE, Place.GUESTS}
    assert not {told(each) for each in others} & {each.value for each in SHOWN}


@pytest.mark.parametrize(
    ("books", "consent", "showing"),
    [
        (0, False, Showing.SHORT),
        (2, False, Showing.SHORT),
        (3, False, Showing.COUNTS),
        (2, True, Showing.COUNTS),
    ],
)
def test_fewer_than_three_books_are_summed_only_with_the_council_s_consent(
    books: int, consent: bool, showing: Showing
) -> None:
    assert told(Place.PRIVATE, books=books, consent=consent) == showing
    assert may_be_summed(books, has_consent=consent) is (showing is Showing.COUNTS)


def test_in_public_it_must_be_switched_on_and_never_tells_a_single_book() -> None:
    assert told(Place.PUBLIC) == Showing.REFUSED
    assert told(Place.PUBLIC, in_public=True) == Showing.COUNTS
    assert told(Place.PUBLIC, in_public=True, books=2, consent=True) == Showing.SHORT
    # The switch changes nothing anywhere else
    for place in set(Place) - {Place.PUBLIC}:
        assert told(place, in_public=True) == told(place)


def test_the_post_of_a_week_with_a_holiday_comes_on_the_next_working_day() -> None:
    channel = TeamChannel(
        team_channel_id=1,
        team="Nord",
        channel_id="C1",
        chosen_by=1,
        chosen_at=datetime(2026, 11, 1, tzinfo=UTC),
        weekday=2,
    )
    epiphany = date(2027, 1, 6)
    monday = date(2027, 1, 4)
    assert channel.post_day(monday, is_weekday) == epiphany
    assert channel.post_day(monday, lambda day: is_weekday(day) and day != epiphany) == date(
        2027, 1, 7
    )


def test_tallies_add_up() -> None:
    one, other = Tally(grow=1, fix=2), Tally(fix=3, decisions=4, overdue=5)
    assert one + other == Tally(grow=1, fix=5, decisions=4, overdue=5)
