"""Who may reach whose clients, and where something may appear; read off the table by hand."""

from datetime import UTC, datetime

import pytest

from domain.access import (
    RIGHTS,
    SHOWINGS,
    WELCOMES,
    Action,
    Content,
    Grant,
    Member,
    Place,
    Proviso,
    Role,
    Scope,
    Showing,
    Standing,
    Welcome,
    advisors_within,
    may,
    own_books,
    right_of,
    scope_of,
    showing,
    whose_books,
)

UNTIL = datetime(2026, 12, 31, 17, tzinfo=UTC)


def a_member(number, team="north", role=Role.ADVISOR, **more):
    return Member(
        member_id=number, key=f"m{number}", name=f"Member {number}", role=role, team=team, **more
    )


def a_grant(advisor, **more):
    return Grant(advisor_id=advisor, until=UNTIL, **more)


ANNA, JONAS, EMILY = a_member(1), a_member(2), a_member(3, team="south")
LEAD = a_member(4, role=Role.LEAD)
LEFT = a_member(5, is_active=False)
CLARK = a_member(6, role=Role.COMPLIANCE, team="")
ADMIN = a_member(7, role=Role.ADMIN, team="")
HELPER = a_member(8, role=Role.ASSISTANT, grants=(a_grant(1), a_grant(3, may_record=True)))
FIRM = (ANNA, JONAS, EMILY, LEAD, LEFT, CLARK, ADMIN, HELPER)

SCOPES = """
                 advisor  assistant  lead     compliance  admin
see_client       own      granted    team     firm        nothing
see_priorities   own      granted    team     nothing     nothing
get_digest       own      granted    own      nothing     nothing
record           own      granted    team     nothing     nothing
import           own      granted    team     nothing     firm
export           own      nothing    team     nothing     firm
confirm_export   nothing  nothing    nothing  firm        firm
run_events       own      granted    team     nothing     nothing
move_client      nothing  nothing    team     nothing     firm
see_hours        own      nothing    own      nothing     nothing
team_posts       nothing  nothing    team     nothing     firm
try_rules        nothing  nothing    team     nothing     firm
change_rules     nothing  nothing    team     nothing     firm
tick_practice    nothing  nothing    team     nothing     firm
see_people       nothing  nothing    team     firm        firm
administer       nothing  nothing    nothing  nothing     firm
request_erasure  own      nothing    team     nothing     nothing
approve_erasure  nothing  nothing    nothing  firm        nothing
erase            nothing  nothing    nothing  nothing     firm
see_log          own      nothing    team     firm        firm
export_log       nothing  nothing    nothing  firm        nothing
help             own      own        own      own         own
"""
_HEAD, *_ROWS = (line.split() for line in SCOPES.strip().splitlines())
CASES = [(role, action, scope) for action, *row in _ROWS for role, scope in zip(_HEAD, row)]  # noqa: B905 -- heads every row


@pytest.mark.parametrize(("role", "action", "scope"), CASES)
def test_a_role_reaches_so_far(role, action, scope):
    every = a_grant(2, may_record=True, may_get_digest=True, may_import=True)
    member = a_member(1, role=Role(role), grants=(every,) if role == "assistant" else ())
    assert scope_of(member, Action(action)) is Scope(scope)
    assert may(member, Action(action)) is (scope != "nothing")


def test_the_table_decides_about_every_action_of_every_role():
    assert len(CASES) == len(Role) * len(Action)
    assert RIGHTS.keys() == set(Action)
    assert all(row.keys() == set(Role) for row in RIGHTS.values())


def test_what_a_right_needs_besides():
    provisos = {
        (action, role): right.proviso
        for action, row in RIGHTS.items()
        for role, right in row.items()
        if right.proviso
    }
    assert provisos == {
        (Action.SEE_CLIENT, Role.COMPLIANCE): Proviso.REASON,
        (Action.EXPORT, Role.ADMIN): Proviso.SECOND_PERSON,
        (Action.ERASE, Role.ADMIN): Proviso.APPROVAL,
        (Action.SEE_LOG, Role.ADMIN): Proviso.IDS_ONLY,
    }


@pytest.mark.parametrize("action", Action)
def test_a_reserved_rule_book_is_saved_by_admins_and_changes_no_other_right(action):
    for role in Role:
        grants = (a_grant(2, may_record=True),) if role is Role.ASSISTANT else ()
        open_to, reserved = (
            a_member(1, role=role, grants=grants, rules_reserved=each) for each in (False, True)
        )
        is_taken = (role, action) == (Role.LEAD, Action.CHANGE_RULES)
        wanted = Scope.NOTHING if is_taken else scope_of(open_to, action)
        assert scope_of(reserved, action) is wanted


def test_a_lead_who_is_the_whole_firm_saves_its_reserved_rule_book():
    alone = a_member(1, role=Role.LEAD, is_admin=True, rules_reserved=True)
    assert scope_of(alone, Action.CHANGE_RULES) is Scope.FIRM


def test_whoever_has_no_role_is_told_no_more_than_this():
    assert WELCOMES == {
        Standing.MEMBER: Welcome.HOW_TO_BE_LINKED,
        Standing.GUEST: Welcome.NEUTRAL,
        Standing.EXTERNAL: Welcome.NEUTRAL,
        Standing.DEACTIVATED: Welcome.NEUTRAL,
        Standing.BOT: Welcome.NOTHING,
        Standing.UNKNOWN: Welcome.LATER,
    }


def test_a_lead_sees_single_advisors_hours_with_the_works_councils_consent_only():
    assert scope_of(LEAD, Action.SEE_HOURS, has_consent=True) is Scope.TEAM
    assert scope_of(ANNA, Action.SEE_HOURS, has_consent=True) is Scope.OWN
    assert advisors_within(LEAD, Action.SEE_HOURS, FIRM) == {4}
    assert advisors_within(LEAD, Action.SEE_HOURS, FIRM, has_consent=True) == {1, 2, 4, 5, 8}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_who_left_the_firm_reaches_nothing(role, action):
    left = a_member(4, role=role, is_active=False, is_admin=True, grants=(a_grant(1),))
    assert scope_of(left, action) is Scope.NOTHING
    assert advisors_within(left, action, FIRM) == frozenset()


def test_an_advisor_reaches_the_own_clients_only():
    assert advisors_within(ANNA, Action.SEE_CLIENT, FIRM) == {1}
    assert own_books(ANNA, Action.SEE_PRIORITIES) == {1}


def test_a_lead_reaches_the_team_with_the_clients_of_who_left_but_no_other_team():
    assert advisors_within(LEAD, Action.SEE_CLIENT, FIRM) == {1, 2, 4, 5, 8}
    assert own_books(a_member(9, role=Role.LEAD), Action.SEE_PRIORITIES) == {9}


def test_a_leads_digest_is_about_the_leads_own_clients():
    assert advisors_within(LEAD, Action.GET_DIGEST, FIRM) == {4}
    assert own_books(LEAD, Action.GET_DIGEST) == {4}


def test_a_lead_unknown_to_the_firm_reaches_at_least_the_own_clients():
    assert advisors_within(LEAD, Action.SEE_CLIENT, ()) == {4}


def test_an_assistant_reaches_whom_grants_name_and_nobody_of_the_own_team():
    assert advisors_within(HELPER, Action.SEE_CLIENT, FIRM) == {1, 3}
    assert own_books(HELPER, Action.SEE_PRIORITIES) == {1, 3}
    assert whose_books(HELPER, FIRM) == "Member 1, Member 3"


@pytest.mark.parametrize(
    ("granted", "actions"),
    [
        ({}, {Action.SEE_CLIENT, Action.SEE_PRIORITIES}),
        (
            {"may_record": True},
            {Action.SEE_CLIENT, Action.SEE_PRIORITIES, Action.RECORD, Action.RUN_EVENTS},
        ),
        ({"may_get_digest": True}, {Action.SEE_CLIENT, Action.SEE_PRIORITIES, Action.GET_DIGEST}),
        ({"may_import": True}, {Action.SEE_CLIENT, Action.SEE_PRIORITIES, Action.IMPORT}),
    ],
)
def test_an_assistant_does_what_was_granted(granted, actions):
    helper = a_member(8, role=Role.ASSISTANT, grants=(a_grant(2, **granted),))
    for action in {*Action} - {Action.HELP}:
        expected = {2} if action in actions else frozenset()
        assert advisors_within(helper, action, FIRM) == expected


def test_what_was_granted_for_one_advisor_does_not_hold_for_another():
    assert advisors_within(HELPER, Action.RECORD, FIRM) == {3}


def test_an_assistant_without_a_grant_reaches_nothing_and_keeps_the_help():
    alone = a_member(8, role=Role.ASSISTANT)
    assert {action for action in Action if may(alone, action)} == {Action.HELP}


def test_compliance_reaches_every_client_for_a_reason():
    assert advisors_within(CLARK, Action.SEE_CLIENT, FIRM) == {1, 2, 3, 4, 5, 6, 7, 8}
    assert right_of(CLARK, Action.SEE_CLIENT).proviso is Proviso.REASON
    assert own_books(CLARK, Action.SEE_PRIORITIES) == frozenset()


def test_an_admin_reaches_no_client():
    for action in (Action.SEE_CLIENT, Action.SEE_PRIORITIES, Action.RECORD, Action.GET_DIGEST):
        assert advisors_within(ADMIN, action, FIRM) == frozenset()


def test_the_only_person_of_a_firm_may_hold_both_and_reaches_no_more_clients_by_it():
    alone = a_member(1, is_admin=True)
    assert alone.roles == (Role.ADVISOR, Role.ADMIN)
    assert may(alone, Action.ADMINISTER)
    assert advisors_within(alone, Action.SEE_CLIENT, FIRM) == {1}
    assert scope_of(alone, Action.RECORD) is Scope.OWN
    assert advisors_within(alone, Action.EXPORT, FIRM) == {1}
    assert advisors_within(alone, Action.IMPORT, FIRM) == {1}
    assert right_of(alone, Action.EXPORT).proviso is None
    assert a_member(7, role=Role.ADMIN, is_admin=True).roles == (Role.ADMIN,)


PLACES = """
              answer    modal    post                file
direct        full      full     full                full
private       full      full     counts              directly
guests        full      full     short               directly
public        full      full     counts,_if_enabled  directly
general       full      full     refused             refused
group         full      full     refused             refused
organisation  directly  full     refused             refused
shared        directly  refused  refused             refused
unknown       directly  refused  held                refused
"""


def test_a_place_only_takes_away():
    head, *rows = (line.split() for line in PLACES.strip().splitlines())
    expected = {
        Place(place): {
            Content(content): Showing(shown.replace("_", " "))
            for content, shown in zip(head, row, strict=True)
        }
        for place, *row in rows
    }
    assert expected == SHOWINGS
    assert expected.keys() == set(Place)


@pytest.mark.parametrize("place", Place)
def test_whoever_wants_it_strict_reads_of_clients_in_direct_messages_only(place):
    is_direct = place is Place.DIRECT
    answer = showing(place, Content.ANSWER, strict=True)
    assert answer is (Showing.FULL if is_direct else Showing.DIRECTLY)
    modal = showing(place, Content.MODAL, strict=True)
    assert modal is (Showing.FULL if is_direct else Showing.REFUSED)


def test_nothing_but_a_direct_message_gets_a_post_with_clients_or_a_file():
    full = {
        (place, content)
        for place, row in SHOWINGS.items()
        for content in (Content.POST, Content.FILE)
        if row[content] is Showing.FULL
    }
    assert full == {(Place.DIRECT, Content.POST), (Place.DIRECT, Content.FILE)}
