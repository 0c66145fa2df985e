"""What changes between two moments: rights hold as of the second."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import actions
from bot.usecases.firms import add_member, link
from bot.usecases.people import give_grant, link_by_code, make_code
from domain.access import Role
from sandbox.faults import rate_limited
from sandbox.world import OTHER_TEAM, TEAM
from tests.access.moving import begin_anew
from tests.access.office import CANARIES, NORD, NUMBERS, SUED, TUESDAY, Office, canaries_in, give_to
from tests.access.test_matrix import shown_since

ANNA, PIA, VOGT = "U0ANNA", "U0PIA", "U0VOGT"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def anew(running: Office) -> Iterator[None]:
    """Put everything back before and after."""
    running.sandbox.clock.jump_to(TUESDAY)
    begin_anew(running)
    yield
    running.sandbox.clock.jump_to(TUESDAY)
    begin_anew(running)


def said(office: Office, after: int) -> str:
    return "\n".join(each.said for each in shown_since(office, after))


def member(office: Office, key: str, role: Role, team: str = NORD) -> None:
    """Change a member's role, as the operator does."""
    name = office.member(key).name
    add_member(office.firm_id, office.runtime, key=key, name=name, role=role, team=team)


def wallet_form(office: Office, user: str) -> Any:
    client_id = office.clients["anna"]
    office.press(user, "D" + user[1:], f"{actions.EDIT}:wallet", f"wallet:{client_id}")
    return office.modals(user)[-1]


def test_a_role_that_ends_while_a_form_is_open_saves_nothing(office: Office) -> None:
    view = wallet_form(office, ANNA)
    member(office, "anna", Role.ADMIN)
    try:
        amount = {"amount": {"amount": {"type": "plain_text_input", "value": "500000"}}}
        office.submit(ANNA, view, amount)
        shown = json.dumps(view.body, ensure_ascii=False)
        assert "Ihre Rolle erlaubt das nicht" in shown
        assert not canaries_in(shown)
    finally:
        member(office, "anna", Role.ADVISOR)


def test_a_client_who_moved_between_message_and_click_is_no_longer_in_the_book(
    office: Office,
) -> None:
    give_to(office, "anna", "emily")
    before = office.seen()
    office.press(ANNA, "D0ANNA", actions.OPEN_CLIENT, str(office.clients["anna"]))
    assert "nicht oder nicht mehr in Ihrem Bestand" in said(office, before)
    assert not canaries_in(said(office, before))


def test_a_message_kept_for_a_second_try_is_written_anew_when_a_client_has_moved(
    office: Office,
) -> None:
    # Given a Monday on which Slack refuses to post at first
    monday = datetime(2026, 11, 30, 8, 30, tzinfo=BERLIN)
    office.sandbox.clock.jump_to(monday)
    office.sandbox.faults.order("chat.postMessage", rate_limited(5), times=20)
    office.service.clock._tick()
    # When Anna's only client is Emily's before the second try
    give_to(office, "anna", "emily")
    office.sandbox.faults.clear()
    office.sandbox.clock.jump_to(monday + timedelta(hours=2))
    before = office.seen()
    office.service.clock._tick()
    # Then Anna's message does not name him any more
    posted = [each for each in shown_since(office, before) if each.audience == (ANNA,)]
    assert posted
    assert not any(canaries_in(each.said) for each in posted)


def test_a_lead_who_changes_teams_reaches_the_new_one_and_the_old_one_no_more(
    office: Office,
) -> None:
    member(office, "vogt", Role.LEAD, SUED)
    before = office.seen()
    office.command(VOGT, "D0VOGT", f"/segment {NUMBERS['anna']}")
    assert "Kein Kunde" in said(office, before)
    before = office.seen()
    office.command(VOGT, "D0VOGT", f"/segment {NUMBERS['emily']}")
    assert CANARIES["emily"] in said(office, before)
    member(office, "vogt", Role.LEAD)


@pytest.mark.parametrize(
    "until",
    [datetime(2027, 3, 28, 18, tzinfo=BERLIN), datetime(2026, 10, 25, 18, tzinfo=BERLIN)],
    ids=["spring", "autumn"],
)
def test_an_assistants_grant_ends_at_six_on_a_day_when_clocks_change(
    office: Office, until: datetime
) -> None:
    office.sandbox.clock.jump_to(until - timedelta(hours=30))
    give_grant(
        office.firm_id, "pia", "jonas", office.runtime, until=until, by="operator",
        may_record=False, may_get_digest=False, may_import=False,
    )  # fmt: skip
    for minutes, sees in ((-1, True), (1, False)):
        office.sandbox.clock.jump_to(until + timedelta(minutes=minutes))
        before = office.seen()
        office.command(PIA, "D0PIA", f"/segment {NUMBERS['jonas']}")
        assert (CANARIES["jonas"] in said(office, before)) is sees


def test_a_press_without_a_team_is_of_the_workspace_that_the_person_is_of(office: Office) -> None:
    payload = view_press(office, ANNA, actions.OPEN_CLIENT, str(office.clients["anna"]))
    payload["team"], payload["user"]["team_id"] = None, TEAM
    before = office.seen()
    office._interact(payload)
    assert CANARIES["anna"] in said(office, before)


def test_a_view_opened_in_a_shared_channel_belongs_to_where_the_app_is_installed(
    office: Office,
) -> None:
    # Given that the channel's host is the other firm
    payload = view_press(office, ANNA, actions.OPEN_CLIENT, str(office.clients["anna"]))
    payload["team"]["id"] = OTHER_TEAM
    before = office.seen()
    office._interact(payload)
    assert CANARIES["anna"] in said(office, before)
    # And that somebody of the other firm presses in such a view
    office.home(ANNA)
    payload = view_press(office, ANNA, actions.OPEN_CLIENT, str(office.clients["anna"]))
    payload["user"] = {"id": "U0EXT", "name": "x", "team_id": OTHER_TEAM}
    before = office.seen()
    office._interact(payload)
    assert not canaries_in(said(office, before))


def view_press(office: Office, user: str, action_id: str, value: str) -> dict[str, Any]:
    view = office.home(user)
    assert view is not None
    done = {"type": "button", "action_id": action_id, "value": value, "block_id": "b"}
    return office._does._payloads.view_action(office.person(user), view, done)


def test_when_the_last_admin_has_left_the_host_names_a_new_one(office: Office) -> None:
    link(office.firm_id, "ida", None, office.runtime)
    add_member(office.firm_id, office.runtime, key="tom", name="Tom", role=Role.ADMIN, team="")
    made = make_code(office.firm_id, "tom", office.runtime, by="operator")
    link_by_code(office.firm_id, made.code, "U0TOM", office.runtime)
    page = office.home("U0TOM")
    assert page is not None
    assert "Verwaltung" in json.dumps(page.body, ensure_ascii=False)
    link(office.firm_id, "tom", None, office.runtime)
