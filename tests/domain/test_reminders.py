"""What is said on which day: worked by hand on the calendar of November and December 2026."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from domain.events import ClientEvent, Invitation, InvitationState
from domain.model import Tier
from domain.notices import (
    Choices,
    Notice,
    Often,
    from_plain,
    is_weekday,
    next_workday,
    to_plain,
    workday_before,
)
from domain.reminders import Item, Topic, event_items, service_items, to_say
from domain.rulebook import RuleBook
from domain.servicing import Appointment, ServiceHistory, Snooze, due_services
from tests.domain.examples import a_client

RULES = RuleBook()
MONDAY = date(2026, 11, 23)
EVERY = frozenset(Notice)


def thing(*moments: date, **facts: Any) -> Item:
    known = {"topic": Topic.SERVICE, "of": 1, "name": "Huber", "on": MONDAY, "moments": moments}
    return Item(**known | facts)


def said_on(item: Item, days: list[date]) -> list[date]:
    """Return on which of these days a thing is said, when a look follows each."""
    said: dict[str, list[date]] = {}
    last: date | None = None
    for day in days:
        if to_say([item], said, EVERY, today=day, last_looked=last):
            said.setdefault(item.key, []).append(day)
        last = day
    return said.get(item.key, [])


def working_days(first: date, count: int) -> list[date]:
    days = (first + timedelta(days=n) for n in range(count))
    return [day for day in days if is_weekday(day)]


def test_a_thing_is_said_at_each_of_its_two_moments_and_then_no_more() -> None:
    # Given a review due on Wednesday 16 December, with its lead from Wednesday 25 November on
    review = thing(date(2026, 11, 25), date(2026, 12, 16), on=date(2026, 12, 16))
    # Then it is said on these two days
    days = working_days(MONDAY, 60)
    assert said_on(review, days) == [date(2026, 11, 25), date(2026, 12, 16)]


def test_what_comes_up_at_a_weekend_is_said_on_monday() -> None:
    saturday = thing(date(2026, 11, 28))
    assert said_on(saturday, working_days(MONDAY, 14)) == [date(2026, 11, 30)]


def test_two_moments_over_one_weekend_are_said_once() -> None:
    both = thing(date(2026, 11, 28), date(2026, 11, 29))
    assert said_on(both, working_days(MONDAY, 14)) == [date(2026, 11, 30)]


def test_nothing_is_said_more_than_twice() -> None:
    three = thing(MONDAY, date(2026, 11, 25), date(2026, 11, 27))
    assert said_on(three, working_days(MONDAY, 14)) == [MONDAY, date(2026, 11, 25)]


@pytest.mark.parametrize(
    ("moment", "is_said"),
    [(date(2026, 11, 16), False), (date(2026, 11, 17), True), (MONDAY, True)],
    ids=["a week ago", "six days ago", "today"],
)
def test_on_the_first_day_only_the_last_week_is_said(moment: date, is_said: bool) -> None:
    assert bool(to_say([thing(moment)], {}, EVERY, today=MONDAY)) is is_said


def test_after_three_weeks_away_what_came_up_meanwhile_is_said() -> None:
    came_up = thing(date(2026, 11, 3))
    back = date(2026, 11, 23)
    assert to_say([came_up], {}, EVERY, today=back, last_looked=date(2026, 11, 2)) == (came_up,)
    assert to_say([came_up], {}, EVERY, today=back, last_looked=date(2026, 11, 4)) == ()


def test_a_kind_that_is_not_wanted_today_is_not_said() -> None:
    assert to_say([thing(MONDAY)], {}, EVERY - {Notice.SERVICES}, today=MONDAY) == ()


def items_of_review(today: date, **history: Any) -> list[Item]:
    """List what comes up of the services of a B client of 1 December 2025: review once a year."""
    client = a_client(client_id=1, name="Huber", client_since=date(2025, 12, 1))
    dues = due_services(
        client,
        Tier.B,
        ServiceHistory(**history),
        RULES,
        adopted_on=date(2025, 1, 1),
        today=today,
    )
    found = service_items(1, "Huber", dues, RULES.services, is_weekday)
    return [each for each in found if each.service == "review"]


def test_a_review_comes_up_with_its_lead_of_six_weeks_and_when_it_is_due() -> None:
    (due,) = {each.on for each in items_of_review(date(2026, 11, 30))}
    (review,) = items_of_review(due - timedelta(days=42))
    assert review.moments == (due - timedelta(days=42), due)
    assert items_of_review(due - timedelta(days=43)) == []


def test_a_booked_review_is_not_said_but_on_the_working_day_before_it() -> None:
    # Given an appointment on Monday 30 November
    today = date(2026, 11, 26)
    booked = Appointment(service="review", on=date(2026, 11, 30), at=time(10))
    (eve,) = items_of_review(today, appointments=(booked,))
    # Then Friday is its eve
    assert (eve.topic, eve.moments) == (Topic.APPOINTMENT, (date(2026, 11, 27),))


def test_what_is_put_off_is_not_said() -> None:
    snooze = Snooze(service="review", until=date(2027, 6, 1))
    (due,) = {each.on for each in items_of_review(date(2026, 11, 30))}
    assert items_of_review(due, snoozes=(snooze,)) == []


def test_an_appointment_that_passed_is_asked_about_the_day_after_and_a_week_later() -> None:
    passed = Appointment(service="review", on=date(2026, 11, 18))
    found = items_of_review(MONDAY, appointments=(passed,))
    (asked,) = [each for each in found if each.topic is Topic.UNREPORTED]
    assert asked.moments == (date(2026, 11, 19), date(2026, 11, 25))


DINNER = ClientEvent(
    event_id=5,
    team="Birkenhof",
    owner_id=7,
    name="Dinner",
    on=date(2026, 12, 16),
    at=time(18),
    ends_at=time(22),
    zone="Europe/Berlin",
    place="",
    seats=20,
    service="small_event",
    tiers=(Tier.A,),
    uid="x",
)


def invited(client_id: int, state: InvitationState) -> Invitation:
    return Invitation(client_id=client_id, event_id=5, state=state, on=MONDAY)


def of_dinner(*invitations: Invitation, is_owner: bool = False, left: int = 5) -> list[Item]:
    return event_items(
        DINNER, invitations, own={1, 2}, is_owner=is_owner, seats_left=left, workday=is_weekday
    )


def test_the_owner_is_told_to_invite_six_and_four_weeks_before() -> None:
    invite, eve = of_dinner(is_owner=True)
    assert (invite.topic, invite.moments) == (
        Topic.INVITE,
        (date(2026, 11, 4), date(2026, 11, 18)),
    )
    assert (eve.topic, eve.moments) == (Topic.EVENT, (date(2026, 12, 15),))
    assert of_dinner() == []


def test_each_advisor_is_told_which_of_her_own_clients_have_not_replied() -> None:
    # Given two clients of hers without a reply, and one of somebody else's
    (replies,) = of_dinner(*(invited(n, InvitationState.INVITED) for n in (1, 2, 3)))
    assert (replies.topic, replies.count) == (Topic.REPLIES, 2)
    assert replies.moments == (date(2026, 12, 2), date(2026, 12, 11))


def test_the_eve_of_an_event_is_said_to_whoever_has_guests() -> None:
    (eve,) = of_dinner(invited(1, InvitationState.ACCEPTED), invited(3, InvitationState.ACCEPTED))
    assert (eve.topic, eve.count) == (Topic.EVENT, 1)


def is_workday(day: date) -> bool:
    """Christmas of Bavaria: 25 and 26 December, 1 and 6 January."""
    off = {date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1), date(2027, 1, 6)}
    return is_weekday(day) and day not in off


def test_a_message_of_a_public_holiday_moves_to_the_next_working_day() -> None:
    assert next_workday(date(2026, 12, 25), is_workday) == date(2026, 12, 28)
    assert next_workday(date(2027, 1, 6), is_workday) == date(2027, 1, 7)
    assert workday_before(date(2026, 12, 28), is_workday) == date(2026, 12, 24)
    friday = Choices(digest_weekday=4)
    assert friday.digest_day(date(2026, 12, 21), is_workday) == date(2026, 12, 28)


def test_a_weekly_kind_is_said_on_its_day_or_after_the_holiday() -> None:
    often = {**dict.fromkeys(Notice, Often.NEVER), Notice.SERVICES: Often.WEEKLY}
    choices = Choices(often=often, weekday=2)
    assert choices.kinds_on(date(2026, 11, 25), is_workday) == {Notice.SERVICES}
    assert choices.kinds_on(date(2026, 11, 26), is_workday) == frozenset()
    assert choices.kinds_on(date(2027, 1, 6), is_workday) == frozenset()
    assert choices.kinds_on(date(2027, 1, 7), is_workday) == {Notice.SERVICES}


def test_nothing_is_said_to_whoever_is_away_the_digest_comes_on_the_first_day_back() -> None:
    # Given a holiday from Thursday to the Tuesday after
    choices = Choices(away_from=date(2026, 11, 19), away_until=date(2026, 11, 24))
    assert choices.kinds_on(date(2026, 11, 18), is_workday) == EVERY
    assert choices.kinds_on(date(2026, 11, 19), is_workday) == frozenset()
    assert choices.kinds_on(date(2026, 11, 24), is_workday) == frozenset()
    assert choices.digest_day(MONDAY, is_workday) == date(2026, 11, 25)


def test_a_week_away_has_no_digest() -> None:
    choices = Choices(away_from=MONDAY, away_until=date(2026, 11, 27))
    assert choices.digest_day(MONDAY, is_workday) is None


def test_choices_are_read_back_as_they_were_written() -> None:
    choices = Choices(
        digest_weekday=3,
        digest_at=time(7, 30),
        often={**dict.fromkeys(Notice, Often.DAILY), Notice.EVENTS: Often.NEVER},
        away_from=MONDAY,
        away_until=date(2026, 12, 1),
    )
    assert from_plain(to_plain(choices)) == choices
