"""What each role finds in Slack: codes, reasons, people, grants."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot import actions
from bot.usecases.capacity import consent_on_record
from bot.usecases.firms import add_member, link
from bot.usecases.people import give_grant, make_code, people_of
from bot.usecases.rules import rules_in_force
from bot.usecases.services import due_of_book
from bot.views import people
from domain.access import Role
from sandbox.views import View
from storage.journal import Kind
from storage.tables import MemberRow, RuleBookRow, RuleDraftRow
from tests.access.office import CANARIES, NORD, Office, canaries_in

ANNA, VOGT, PIA, CLARA, IDA, TOM, LENA = (
    "U0ANNA", "U0VOGT", "U0PIA", "U0CLARA", "U0IDA", "U0TOM", "U0LENA"
)  # fmt: skip
QUIRINA, BALTHASAR = CANARIES["anna"], CANARIES["jonas"]


def said(office: Office, user_id: str, after: int) -> str:
    """Return what a person was shown since, in whatever place."""
    shown = []
    for entry in office.entries(after):
        if user_id in (entry.get("audience") or ()):
            side = "request" if entry["direction"] == "bot→workspace" else "response"
            shown.append(entry[side])
    return json.dumps(shown, ensure_ascii=False)


def ask(office: Office, user_id: str, typed: str) -> str:
    before = office.seen()
    office.command(user_id, "D" + user_id[1:], typed)
    return said(office, user_id, before)


def home(office: Office, user_id: str) -> str:
    view = office.home(user_id)
    assert view is not None
    return json.dumps(view.body, ensure_ascii=False)


def text(name: str, value: str) -> dict[str, Any]:
    return {name: {name: {"type": "plain_text_input", "value": value}}}


def option(name: str, value: str) -> dict[str, Any]:
    chosen = {"text": {"type": "plain_text", "text": "x"}, "value": value}
    return {name: {name: {"type": "static_select", "selected_option": chosen}}}


def boxes(name: str, *values: str) -> dict[str, Any]:
    chosen = [{"text": {"type": "plain_text", "text": "x"}, "value": each} for each in values]
    return {name: {name: {"type": "checkboxes", "selected_options": chosen}}}


def account(user_id: str) -> dict[str, Any]:
    name = people.ACCOUNT
    return {name: {name: {"type": "users_select", "selected_user": user_id}}}


def press_home(office: Office, user_id: str, action_id: str, value: str) -> View | None:
    """Press a button on the Home tab; return what is open then."""
    view = office.home(user_id)
    assert view is not None
    office.press_in_view(user_id, view, action_id, value)
    return office.modals(user_id)[-1] if office.modals(user_id) else None


def form_of(office: Office, key: str) -> View:
    """Let the admin choose a person on the Home tab."""
    office.close_modals(IDA)
    view = press_home(office, IDA, actions.PERSON, key)
    assert view is not None
    return view


def noted(office: Office, kind: Kind) -> list[str]:
    entries = office.runtime.journal.entries(office.firm_id)
    return [f"{each.actor}: {each.fields}" for each in entries if each.kind == kind]


# codes


@pytest.fixture
def newcomer(office: Office) -> str:
    """Save a member without an account."""
    add_member(
        office.firm_id, office.runtime, key="tom", name="Tom Brandt", role=Role.ADVISOR, team=NORD
    )
    link(office.firm_id, "tom", None, office.runtime)
    return "tom"


def code_form(office: Office, user_id: str) -> View | None:
    return press_home(office, user_id, actions.CODE, "me")


def test_a_colleague_links_the_own_account_with_a_code(office: Office, newcomer: str) -> None:
    # Given a code that the operator hands over
    made = make_code(office.firm_id, newcomer, office.runtime, by="operator")
    assert "Ich habe einen Code" in home(office, TOM)
    # When Tom mistypes it, he reads why nothing happened
    view = code_form(office, TOM)
    assert view is not None
    answer = office.submit(TOM, view, text(people.CODE, "AAAA-BBBB-CCCC"))
    assert answer["errors"][people.CODE].startswith("Dieser Code gilt nicht")
    # And when it is right, his own page is there
    office.submit(TOM, view, text(people.CODE, made.code))
    assert "Sie sind als Tom Brandt verknüpft" in json.dumps(view.body, ensure_ascii=False)
    assert "Prioritäten" in home(office, TOM)
    member = office.member("tom")
    assert f"account:U0TOM: member:{member.member_id},U0TOM" in noted(office, Kind.LINK)
    # Then the code is used up, also for Olga
    other = code_form(office, "U0OWNER")
    assert other is not None
    again = office.submit("U0OWNER", other, text(people.CODE, made.code))
    assert again["errors"][people.CODE].startswith("Dieser Code gilt nicht")


def test_ten_minutes_later_the_code_is_void(office: Office, newcomer: str) -> None:
    made = make_code(office.firm_id, newcomer, office.runtime, by="operator")
    office.sandbox.clock.jump_to(office.runtime.now() + timedelta(minutes=10))
    view = code_form(office, TOM)
    assert view is not None
    answer = office.submit(TOM, view, text(people.CODE, made.code))
    assert answer["errors"][people.CODE].startswith("Dieser Code gilt nicht")


@pytest.mark.parametrize("outsider", [LENA, "U0EXT", "U0OLD", "U0ROBOT"])
def test_a_code_is_no_good_for_guests_strangers_former_colleagues_and_bots(
    office: Office, newcomer: str, outsider: str
) -> None:
    made = make_code(office.firm_id, newcomer, office.runtime, by="operator")
    # When such a person sends the form as if the button had been there
    body = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []}
    office.press(outsider, "C1SHARED", actions.CODE, "me")
    assert office.modals(outsider) == []
    view = office.sandbox.workspace.views.open(outsider, {**body, "callback_id": "code_form"})
    office.submit(outsider, view, text(people.CODE, made.code))
    # Then nobody is linked
    assert office.member("tom").slack_user_id is None


def test_who_has_a_role_already_does_not_take_a_second_one(office: Office, newcomer: str) -> None:
    made = make_code(office.firm_id, newcomer, office.runtime, by="operator")
    body = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []}
    view = office.sandbox.workspace.views.open("U0EMILY", {**body, "callback_id": "code_form"})
    office.submit("U0EMILY", view, text(people.CODE, made.code))
    assert office.member("tom").slack_user_id is None
    assert office.member("emily").slack_user_id == "U0EMILY"


# compliance


def test_compliance_reads_a_client_for_a_reason_only(office: Office) -> None:
    before = office.seen()
    office.command(CLARA, "D0CLARA", f"/segment {QUIRINA}")
    (view,) = office.modals(CLARA)
    # Given the question, nothing of the client was shown yet
    assert "€" not in said(office, CLARA, before)
    # When no reason is given, none is shown either
    answer = office.submit(CLARA, view, text(people.REASON, "  "))
    assert people.REASON in answer["errors"]
    # And with one the card comes, without anything to record
    office.submit(CLARA, view, text(people.REASON, "Stichprobe Q4"))
    shown = json.dumps(view.body, ensure_ascii=False)
    assert f"{QUIRINA} · A · GROW" in shown
    assert "€" in shown
    assert actions.EDIT not in shown
    assert "Erfassen" not in shown


def test_compliance_finds_any_client_of_the_firm_by_the_shortcut(office: Office) -> None:
    office.shortcut(CLARA, actions.FIND_CLIENT)
    (view,) = office.modals(CLARA)
    named = text(people.WHOM, CANARIES["emily"]) | text(people.REASON, "Beschwerde")
    office.submit(CLARA, view, named)
    assert f"{CANARIES['emily']} · A · GROW" in json.dumps(view.body, ensure_ascii=False)


@pytest.mark.parametrize("typed", ["/priorities", "/due", "/events", "/book", "/book capacity"])
def test_compliance_gets_no_lists(office: Office, typed: str) -> None:
    shown = ask(office, CLARA, typed)
    assert "Sie lesen einzelne Kunden, jeweils mit einem Grund" in shown
    assert not canaries_in(shown)


def test_compliance_is_offered_no_names_before_the_reason(office: Office) -> None:
    assert office.options(CLARA, actions.CLIENT_OPTIONS, QUIRINA[:4]) == []
    assert not canaries_in(home(office, CLARA))


def test_compliance_records_nothing(office: Office) -> None:
    before = office.seen()
    client_id = office.clients["anna"]
    office.press(CLARA, "D0CLARA", f"{actions.EDIT}:wallet", f"wallet:{client_id}")
    assert office.modals(CLARA) == []
    assert "Ihre Rolle erlaubt das nicht" in said(office, CLARA, before)


# admins


def test_an_admins_home_is_about_people_and_names_no_client(office: Office) -> None:
    page = home(office, IDA)
    assert "*Anna Berger* · Beratung · Nord · verknüpft" in page
    assert "für Anna Berger bis 24.12.2026, 10:00" in page
    assert not canaries_in(page)


@pytest.mark.parametrize("typed", ["/segment Quirina Zobel", "/priorities", "/due", "/book"])
def test_an_admin_asks_for_clients_in_vain(office: Office, typed: str) -> None:
    shown = ask(office, IDA, typed)
    assert "das ist von den Kunden getrennt" in shown
    assert not canaries_in(shown)


def test_an_admin_adds_a_person_and_links_the_account(office: Office) -> None:
    view = press_home(office, IDA, actions.PERSON_NEW, "new")
    assert view is not None
    entered = (
        text(people.NAME, "Olga Own")
        | text(people.KEY, "olga")
        | option(people.ROLE, "lead")
        | text(people.TEAM, "West")
        | account("U0OWNER")
    )
    office.submit(IDA, view, entered)
    olga = office.member("olga")
    assert (olga.role, olga.team, olga.slack_user_id) == (Role.LEAD, "West", "U0OWNER")
    ida = office.member("ida").member_id
    assert f"member:{ida}: member:{olga.member_id},lead" in noted(office, Kind.ROLE)
    # When she leaves, her role is gone at the next request
    view = form_of(office, "olga")
    gone = option(people.ROLE, "lead") | text(people.TEAM, "West") | account("U0OWNER")
    office.submit(IDA, view, gone | boxes(people.MORE, people.LEFT))
    assert not office.member("olga").is_active
    assert "noch keine Rolle" in ask(office, "U0OWNER", "/priorities")


@pytest.mark.parametrize("outsider", [LENA, "U0EXT", "U0ROBOT", "U0OLD"])
def test_an_admin_links_neither_guest_stranger_bot_nor_former_colleague(
    office: Office, outsider: str
) -> None:
    view = form_of(office, "jonas")
    entered = option(people.ROLE, "advisor") | text(people.TEAM, NORD) | account(outsider)
    answer = office.submit(IDA, view, entered)
    assert answer["errors"][people.ACCOUNT].startswith("Verknüpft werden nur Mitglieder")
    assert office.member("jonas").slack_user_id == "U0JONAS"


def test_an_account_has_one_role_only(office: Office) -> None:
    view = form_of(office, "jonas")
    entered = option(people.ROLE, "advisor") | text(people.TEAM, NORD) | account("U0EMILY")
    answer = office.submit(IDA, view, entered)
    assert answer["errors"][people.ACCOUNT] == "Dieses Konto ist mit Emily Carter verknüpft."


def test_an_admin_does_not_change_the_own_rights(office: Office) -> None:
    view = form_of(office, "ida")
    assert "Niemand ändert die eigenen Rechte" in json.dumps(view.body, ensure_ascii=False)
    forged = form_of(office, "jonas")
    forged.body["private_metadata"] = "ida"
    entered = option(people.ROLE, "advisor") | text(people.TEAM, NORD) | account(IDA)
    answer = office.submit(IDA, forged, entered)
    assert answer["errors"][people.ROLE].startswith("Niemand ändert die eigenen Rechte")
    assert office.member("ida").role is Role.ADMIN


@pytest.mark.parametrize("who", [ANNA, VOGT, PIA, CLARA])
def test_nobody_else_changes_people(office: Office, who: str) -> None:
    place = "D" + who[1:]
    for action_id, value in (
        (actions.PERSON, "jonas"),
        (actions.PERSON_NEW, "new"),
        (actions.PERSON_CODE, "jonas"),
        (actions.GRANT, "pia"),
        (actions.REVOKE, "pia:anna"),
        (actions.CONSENT, "give"),
    ):
        before = office.seen()
        office.press(who, place, action_id, value)
        assert "Ihre Rolle erlaubt das nicht" in said(office, who, before) or who == PIA
    assert office.modals(who) == []
    assert office.options(who, actions.PERSON, "") == []
    assert office.options(who, people.ADVISOR, "") == []
    assert office.member("pia").grants
    assert consent_on_record(office.firm_id, office.runtime) is None


def test_an_admin_lets_an_assistant_act_and_takes_it_back(office: Office) -> None:
    view = form_of(office, "pia")
    office.press_in_view(IDA, view, actions.GRANT, "pia")
    form = office.modals(IDA)[-1]
    assert office.options(IDA, people.ADVISOR, "jon") == ["Jonas Keller"]
    day = {people.UNTIL_DAY: {people.UNTIL_DAY: {"type": "datepicker"}}}
    day[people.UNTIL_DAY][people.UNTIL_DAY]["selected_date"] = "2026-12-01"
    hour = {people.UNTIL_TIME: {people.UNTIL_TIME: {"type": "timepicker"}}}
    hour[people.UNTIL_TIME][people.UNTIL_TIME]["selected_time"] = "18:00"
    office.submit(IDA, form, option(people.ADVISOR, "jonas") | day | hour)
    (granted,) = [
        each
        for each in office.member("pia").grants
        if each.advisor_id == office.member("jonas").member_id
    ]
    assert granted.until.isoformat() == "2026-12-01T17:00:00+00:00"
    assert not granted.may_record
    assert BALTHASAR in ask(office, PIA, f"/segment {BALTHASAR}").replace("“", "")
    # When it is revoked, he is no client at all
    shown = form_of(office, "pia")
    assert "für Jonas Keller bis 01.12.2026, 18:00: sehen" in json.dumps(
        shown.body, ensure_ascii=False
    )
    office.press_in_view(IDA, shown, actions.REVOKE, "pia:jonas")
    assert "Kein Kunde" in ask(office, PIA, f"/segment {BALTHASAR}")


def test_an_admin_makes_a_code_for_who_has_no_account(office: Office, newcomer: str) -> None:
    view = form_of(office, newcomer)
    office.press_in_view(IDA, view, actions.PERSON_CODE, newcomer)
    code = office.modals(IDA)[-1].body["blocks"][0]["text"]["text"]
    form = code_form(office, TOM)
    assert form is not None
    office.submit(TOM, form, text(people.CODE, code))
    assert office.member("tom").slack_user_id == TOM


def test_an_admin_records_and_withdraws_the_consent_to_comparing(office: Office) -> None:
    press_home(office, IDA, actions.CONSENT, "give")
    assert consent_on_record(office.firm_id, office.runtime) is not None
    assert "Zustimmung zurücknehmen" in home(office, IDA)
    press_home(office, IDA, actions.CONSENT, "withdraw")
    assert consent_on_record(office.firm_id, office.runtime) is None


@pytest.fixture
def both(office: Office) -> Iterator[None]:
    """Let the team lead administer, too, as who is the whole firm may."""

    def keep(is_admin: bool) -> None:
        with office.runtime.store.write(office.firm_id) as session:
            session.get_one(MemberRow, office.member("vogt").member_id).is_admin = is_admin

    keep(True)
    yield
    office.close_modals(VOGT)
    keep(False)


@pytest.mark.usefixtures("both")
def test_a_lead_who_administers_too_finds_it_below_the_own_page(office: Office) -> None:
    # Given her Home: what is due, and administration with the people of every team
    page = home(office, VOGT)
    assert page.index("Prioritäten") < page.index('"Verwaltung"')
    assert "Katharina Vogt hält Kunden und Verwaltung zugleich" in page
    every = press_home(office, VOGT, actions.PEOPLE, "me")
    assert every is not None
    teams = {each.team for each in people_of(office.firm_id, office.runtime).active} - {""}
    assert len(teams) > 1
    assert all(f" · {team} · " in json.dumps(every.body, ensure_ascii=False) for team in teams)
    office.close_modals(VOGT)
    # Then each of its buttons does what an admin's does
    form = press_home(office, VOGT, actions.PERSON, "anna")
    assert form is not None
    office.close_modals(VOGT)
    press_home(office, VOGT, actions.CONSENT, "give")
    assert "Zustimmung zurücknehmen" in home(office, VOGT)
    press_home(office, VOGT, actions.CONSENT, "withdraw")
    press_home(office, VOGT, actions.RULES_RESERVED, people.RESERVE)
    assert "Für die Leitung freigeben" in home(office, VOGT)
    press_home(office, VOGT, actions.RULES_RESERVED, people.OPEN)
    for action, value in ((actions.STATUS, "me"), (actions.ERASURES, "all")):
        assert press_home(office, VOGT, action, value) is not None
        office.close_modals(VOGT)


def test_a_lead_who_does_not_administer_finds_none_of_it(office: Office) -> None:
    assert '"Verwaltung"' not in home(office, VOGT)


@pytest.fixture
def reserved(office: Office) -> Iterator[None]:
    """Let the admin reserve the rule book; afterwards it is open, and says what it said."""
    assert "Leitung und Verwaltung ändern es." in home(office, IDA)
    press_home(office, IDA, actions.RULES_RESERVED, people.RESERVE)
    yield
    office.close_modals(IDA)
    press_home(office, IDA, actions.RULES_RESERVED, people.OPEN)
    assert "Leitung und Verwaltung ändern es." in home(office, IDA)
    with office.runtime.store.write(office.firm_id) as session:
        later = select(RuleBookRow).where(RuleBookRow.version > 1)
        for row in (*session.exec(later), *session.exec(select(RuleDraftRow))):
            session.delete(row)


def effect_of(office: Office, who: str, cut_off: str) -> View:
    """Enter another cut-off for tier A and let its effect be shown."""
    office.close_modals(who)
    office.press(who, "D" + who[1:], f"{actions.RULES_SECTION}:tiers", "tiers")
    view = office.modals(who)[-1]
    office.submit(who, view, text("cutoffs.a_from_revenue", cut_off))
    return view


def version(office: Office) -> int:
    return rules_in_force(office.firm_id, office.runtime).version


@pytest.mark.usefixtures("reserved")
def test_a_lead_sees_what_a_change_of_reserved_rules_would_do_and_who_may_save_it(
    office: Office,
) -> None:
    ida = office.member("ida").member_id
    assert f"member:{ida}: rules reserved" in noted(office, Kind.CHANGE)
    # Given the rules, which say so and offer to try a change
    card = ask(office, VOGT, "/book rules")
    assert "Durchspielen" in card
    assert "speichern kann sie die Verwaltung" in card
    # When she lets A begin at 10,000, she reads whom that moves, and no way to save it
    view = effect_of(office, VOGT, "10000")
    shown = json.dumps(view.body, ensure_ascii=False)
    assert "8.000 → 10.000" in shown
    assert QUIRINA in shown
    assert "submit" not in view.body
    # And when she sends the confirmation all the same, she is told who may; nothing is saved
    view.body["callback_id"], view.body["private_metadata"] = actions.RULES_KEEP, "1/1"
    office.submit(VOGT, view, {})
    assert "Änderungen speichert nur die Verwaltung" in json.dumps(view.body, ensure_ascii=False)
    assert version(office) == 1
    vogt = office.member("vogt").member_id
    assert any(each.startswith(f"member:{vogt}") for each in noted(office, Kind.DENIED))


@pytest.mark.usefixtures("reserved")
def test_an_admin_saves_a_change_of_reserved_rules_without_reading_a_clients_name(
    office: Office,
) -> None:
    assert actions.RULES_SECTION in ask(office, IDA, "/book rules")
    view = effect_of(office, IDA, "10000")
    assert not canaries_in(view.body)
    office.submit(IDA, view, {})
    assert version(office) == 2


@pytest.mark.usefixtures("reserved")
def test_reserved_rules_leave_the_practice_checklist_to_leads(office: Office) -> None:
    office.press(VOGT, "D0VOGT", actions.PRACTICE_TICK, "tick:review")
    assert "Abhaken" in ask(office, VOGT, "/book practice")
    before = office.seen()
    office.press(ANNA, "D0ANNA", actions.PRACTICE_TICK, "tick:review")
    assert "Die Checkliste hakt die Leitung ab" in said(office, ANNA, before)


def test_a_lead_saves_a_change_while_the_rules_are_open(office: Office) -> None:
    view = effect_of(office, VOGT, "10000")
    assert "submit" in view.body
    with office.runtime.store.write(office.firm_id) as session:
        for row in session.exec(select(RuleDraftRow)):
            session.delete(row)


@pytest.mark.parametrize("who", [ANNA, VOGT, PIA, CLARA])
def test_nobody_but_an_admin_reserves_the_rules(office: Office, who: str) -> None:
    office.press(who, "D" + who[1:], actions.RULES_RESERVED, people.RESERVE)
    assert not office.member("vogt").rules_reserved


def test_a_lead_sees_who_of_the_own_team_has_which_role_and_changes_nothing(
    office: Office,
) -> None:
    view = press_home(office, VOGT, actions.PEOPLE, "me")
    assert view is not None
    shown = json.dumps(view.body, ensure_ascii=False)
    assert "Anna Berger" in shown
    assert "Emily Carter" not in shown
    assert actions.PERSON_NEW not in shown


def test_an_advisor_sees_no_list_of_people(office: Office) -> None:
    before = office.seen()
    office.press(ANNA, "D0ANNA", actions.PEOPLE, "me")
    assert "Ihre Rolle erlaubt das nicht" in said(office, ANNA, before)


# assistants


def test_an_assistant_reads_and_records_what_was_granted_and_no_more(office: Office) -> None:
    assert f"{QUIRINA} · A · GROW" in ask(office, PIA, f"/segment {QUIRINA}")
    assert "Kein Kunde" in ask(office, PIA, f"/segment {BALTHASAR}")
    assert canaries_in(ask(office, PIA, "/priorities")) == {"anna"}
    assert canaries_in(home(office, PIA)) == {"anna"}
    client_id = office.clients["anna"]
    office.press(PIA, "D0PIA", f"{actions.EDIT}:wallet", f"wallet:{client_id}")
    (view,) = office.modals(PIA)
    assert QUIRINA in json.dumps(view.body, ensure_ascii=False)


def test_an_assistant_who_may_only_see_gets_no_buttons_that_record(office: Office) -> None:
    def granted(*, record: bool) -> None:
        give_grant(
            office.firm_id, "pia", "anna", office.runtime, by="operator",
            until=office.runtime.now() + timedelta(days=30),
            may_record=record, may_get_digest=record, may_import=record,
        )  # fmt: skip

    def only_seen() -> frozenset[int]:
        pia, today = office.member("pia"), office.runtime.now().date()
        return due_of_book(office.firm_id, pia, office.runtime, today=today).only_seen

    granted(record=False)
    try:
        assert actions.EDIT not in ask(office, PIA, f"/segment {QUIRINA}")
        assert office.member("anna").member_id in only_seen()
        before = office.seen()
        client_id = office.clients["anna"]
        office.press(PIA, "D0PIA", f"{actions.EDIT}:wallet", f"wallet:{client_id}")
        assert "Das wurde Ihnen nicht übertragen" in said(office, PIA, before)
        assert office.modals(PIA) == []
    finally:
        granted(record=True)
    assert office.member("anna").member_id not in only_seen()


def test_an_assistant_for_nobody_reads_why_the_page_is_empty(office: Office) -> None:
    clock = office.sandbox.clock
    now = office.runtime.now()
    clock.jump_to(now + timedelta(days=31))
    try:
        assert "Sie vertreten zurzeit niemanden" in home(office, PIA)
        assert "Sie vertreten zurzeit niemanden" in ask(office, PIA, f"/segment {QUIRINA}")
    finally:
        clock.jump_to(now)
