"""Client events: seats, who is entitled, who comes first, and what an answer means."""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from domain.events import (
    Candidate,
    ClientEvent,
    EventCancelledError,
    EventFullError,
    EventOverError,
    EventToComeError,
    Invitation,
    InvitationState,
    NotInvitedError,
    by_urgency,
    check_invitable,
    is_entitled,
    moved,
    record_of,
    seats_left,
)
from domain.model import ABSLN, Tier
from domain.rulebook import RuleBook
from domain.servicing import Outcome, ServiceHistory, ServiceOverride, ServiceRecord, due_services
from tests.domain.examples import a_client

DAY = date(2026, 12, 17)
EVENT = ClientEvent(
    event_id=7,
    team="north",
    owner_id=1,
    name="Dinner",
    on=DAY,
    at=time(18),
    ends_at=time(22),
    zone="Europe/Berlin",
    place="",
    seats=3,
    service="small_event",
    tiers=(Tier.A_PLUS, Tier.A),
    uid="abc",
)
I = InvitationState  # noqa: E741


def guest(number, state):
    return Invitation(client_id=number, event_id=7, state=state, on=date(2026, 11, 1))


def test_an_open_invitation_holds_a_seat_and_a_refusal_frees_it():
    assert seats_left(EVENT, []) == 3
    assert seats_left(EVENT, [guest(1, I.INVITED), guest(2, I.ACCEPTED)]) == 1
    assert seats_left(EVENT, [guest(1, I.DECLINED), guest(2, I.MISSED), guest(3, I.CAME)]) == 2


def test_an_event_with_fewer_seats_than_guests_has_none_left():
    full = [guest(number, I.ACCEPTED) for number in range(5)]
    assert seats_left(EVENT, full) == 0


def test_the_last_seat_can_be_given_but_no_further_one():
    two = [guest(1, I.INVITED), guest(2, I.INVITED)]
    check_invitable(EVENT, two, 1, today=DAY)
    with pytest.raises(EventFullError) as refused:
        check_invitable(EVENT, two, 2, today=DAY)
    assert (refused.value.left, refused.value.wanted) == (1, 2)


def test_nobody_is_invited_to_what_is_over_or_cancelled():
    with pytest.raises(EventOverError):
        check_invitable(EVENT, [], 1, today=DAY + timedelta(days=1))
    with pytest.raises(EventCancelledError):
        check_invitable(replace(EVENT, is_cancelled=True), [], 1, today=DAY)


@pytest.mark.parametrize(
    ("tier", "former_since", "expected"),
    [
        (Tier.A_PLUS, None, True),
        (Tier.A, None, True),
        (Tier.B, None, False),
        (None, None, False),
        (Tier.A, DAY, False),
        (Tier.A, DAY + timedelta(days=1), True),
    ],
)
def test_the_events_tiers_entitle_present_clients(tier, former_since, expected):
    client = a_client(former_since=former_since)
    assert is_entitled(client, tier, None, EVENT) is expected


def test_what_was_agreed_entitles_whatever_the_tier():
    agreed = ServiceOverride(
        service="small_event",
        per_year=Decimal(1),
        reason="Sponsor of the hall",
        by="Anna",
        first_day=date(2026, 1, 1),
        last_day=date(2027, 12, 31),
    )
    (due,) = [
        each
        for each in due_services(
            a_client(),
            Tier.B,
            ServiceHistory(overrides=(agreed,)),
            RuleBook(),
            adopted_on=date(2026, 1, 1),
            today=date(2026, 11, 24),
        )
        if each.service == "small_event"
    ]
    assert is_entitled(a_client(), Tier.B, due, EVENT)
    # The service model alone owes it to S, but this event is for A+ and A
    assert not is_entitled(a_client(), Tier.S, owed(date(2025, 1, 1), tier=Tier.S), EVENT)


def owed(last, tier=Tier.A, today=date(2026, 11, 24)):
    """Return how the small event stands for a client who last came on a day."""
    record = ServiceRecord(service="small_event", outcome=Outcome.DELIVERED, on=last)
    due = due_services(
        a_client(),
        tier,
        ServiceHistory(records=(record,)),
        RuleBook(valid_from=date(2024, 1, 1)),
        adopted_on=date(2024, 1, 1),
        today=today,
    )
    return next(each for each in due if each.service == "small_event")


def candidate(name, tier, revenue, last=None):
    client = replace(a_client(revenue=Decimal(revenue)), name=name)
    return Candidate(client=client, tier=tier, due=owed(last) if last else None)


def test_who_has_waited_longest_comes_first_then_tier_then_revenue_then_name():
    waited = candidate("Z", Tier.A, 8_000, last=date(2024, 3, 1))
    later = candidate("Y", Tier.A_PLUS, 90_000, last=date(2025, 6, 1))
    top = candidate("X", Tier.A_PLUS, 20_000)
    rich, poor = candidate("W", Tier.A, 9_000), candidate("V", Tier.A, 8_500)
    twin = candidate("U", Tier.A, 8_500)
    lately = candidate("T", Tier.A_PLUS, 99_000, last=date(2026, 11, 1))
    found = by_urgency([twin, poor, rich, top, later, waited, lately], ABSLN)
    assert [each.client.name for each in found] == ["Z", "Y", "T", "X", "W", "U", "V"]


def test_a_reply_can_be_corrected_but_who_was_not_invited_has_none():
    accepted = moved(EVENT, guest(1, I.DECLINED), I.ACCEPTED, today=date(2026, 11, 20))
    assert (accepted.state, accepted.on) == (I.ACCEPTED, date(2026, 11, 20))
    with pytest.raises(NotInvitedError):
        moved(EVENT, None, I.ACCEPTED, today=DAY)


def test_who_came_is_known_from_the_day_on_and_not_before():
    with pytest.raises(EventToComeError):
        moved(EVENT, guest(1, I.ACCEPTED), I.CAME, today=DAY - timedelta(days=1))
    assert moved(EVENT, guest(1, I.ACCEPTED), I.CAME, today=DAY).state is I.CAME


@pytest.mark.parametrize(
    ("before", "now", "outcome", "on"),
    [
        (I.ACCEPTED, I.CAME, Outcome.DELIVERED, DAY),
        (I.INVITED, I.DECLINED, Outcome.DECLINED, date(2026, 11, 1)),
        (I.ACCEPTED, I.MISSED, Outcome.DECLINED, DAY),
        (I.INVITED, I.MISSED, Outcome.NO_ANSWER, DAY),
    ],
)
def test_coming_delivers_the_service_and_a_refusal_declines_it(before, now, outcome, on):
    record = record_of(EVENT, before, guest(1, now))
    assert (record.service, record.outcome, record.on) == ("small_event", outcome, on)
    assert record.event_id == 7


@pytest.mark.parametrize("state", [I.INVITED, I.ACCEPTED])
def test_an_invitation_alone_says_nothing_of_the_service(state):
    assert record_of(EVENT, I.INVITED, guest(1, state)) is None
