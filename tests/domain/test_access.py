"""Who may reach whose clients, and where an answer may appear."""

import pytest

from domain.access import (
    SCOPES,
    Action,
    Member,
    Place,
    Role,
    Scope,
    advisors_within,
    may_answer_in,
    scope_of,
)


def a_member(number, team="north", role=Role.ADVISOR, *, is_active=True):
    return Member(
        member_id=number,
        key=f"m{number}",
        name=f"Member {number}",
        role=role,
        team=team,
        is_active=is_active,
    )


ANNA, JONAS, EMILY = a_member(1), a_member(2), a_member(3, team="south")
LEAD = a_member(4, role=Role.LEAD)
LEFT = a_member(5, is_active=False)
FIRM = (ANNA, JONAS, EMILY, LEAD, LEFT)


@pytest.mark.parametrize(
    ("role", "action", "expected"),
    [
        (Role.ADVISOR, Action.SEE_CLIENT, Scope.OWN),
        (Role.ADVISOR, Action.SEE_PRIORITIES, Scope.OWN),
        (Role.ADVISOR, Action.RECORD, Scope.OWN),
        (Role.ADVISOR, Action.MOVE_CLIENT, Scope.NOTHING),
        (Role.ADVISOR, Action.GET_DIGEST, Scope.OWN),
        (Role.ADVISOR, Action.RUN_EVENTS, Scope.OWN),
        (Role.ADVISOR, Action.SEE_HOURS, Scope.OWN),
        (Role.LEAD, Action.SEE_CLIENT, Scope.TEAM),
        (Role.LEAD, Action.SEE_PRIORITIES, Scope.TEAM),
        (Role.LEAD, Action.RECORD, Scope.TEAM),
        (Role.LEAD, Action.MOVE_CLIENT, Scope.TEAM),
        (Role.LEAD, Action.GET_DIGEST, Scope.OWN),
        (Role.LEAD, Action.RUN_EVENTS, Scope.TEAM),
        (Role.LEAD, Action.SEE_HOURS, Scope.OWN),
    ],
)
def test_a_role_reaches_so_far(role, action, expected):
    assert scope_of(a_member(1, role=role), action) is expected
    assert SCOPES.keys() == set(Role)


def test_a_lead_sees_single_advisors_hours_with_the_works_councils_consent_only():
    assert scope_of(LEAD, Action.SEE_HOURS, has_consent=True) is Scope.TEAM
    assert scope_of(ANNA, Action.SEE_HOURS, has_consent=True) is Scope.OWN
    assert advisors_within(LEAD, Action.SEE_HOURS, FIRM) == {4}
    assert advisors_within(LEAD, Action.SEE_HOURS, FIRM, has_consent=True) == {1, 2, 4, 5}


def test_the_table_decides_about_every_action_of_every_role():
    assert all(table.keys() == set(Action) for table in SCOPES.values())


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_who_left_the_firm_reaches_nothing(role, action):
    left = a_member(4, role=role, is_active=False)
    assert scope_of(left, action) is Scope.NOTHING
    assert advisors_within(left, action, FIRM) == frozenset()


def test_an_advisor_reaches_the_own_clients_only():
    assert advisors_within(ANNA, Action.SEE_CLIENT, FIRM) == {1}


def test_a_lead_reaches_the_team_with_the_clients_of_who_left_but_no_other_team():
    assert advisors_within(LEAD, Action.SEE_CLIENT, FIRM) == {1, 2, 4, 5}


def test_a_leads_digest_is_about_the_leads_own_clients():
    assert advisors_within(LEAD, Action.GET_DIGEST, FIRM) == {4}


def test_a_lead_unknown_to_the_firm_reaches_at_least_the_own_clients():
    assert advisors_within(LEAD, Action.SEE_CLIENT, ()) == {4}


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place.DIRECT, True),
        (Place.FIRM, True),
        (Place.SHARED, False),
        (Place.UNKNOWN, False),
    ],
)
def test_a_place_shared_with_another_firm_or_unknown_gets_no_client_data(place, expected):
    assert may_answer_in(place) is expected
    assert {*Place} == {Place.DIRECT, Place.FIRM, Place.SHARED, Place.UNKNOWN}
