"""What people see and do in Slack stands in the journal, by ids; see also `conftest.office`."""

import sqlite3
from contextlib import closing
from dataclasses import replace

from bot.clients import create_client
from bot.listeners.bearer import Bearer
from bot.listeners.calls import Call, Say
from bot.listeners.entrance import Entrance
from bot.listeners.origins import Origin
from bot.listeners.segment import handle_segment
from bot.views.forms import Form
from sandbox.world import TEAM
from storage.journal import Kept, Kind, by_account, by_member
from storage.sealing import verify
from tests.bot.office import ANNA, BOOKS, EMILY, LENA, TOM, VOGT, Office, direct, elements, text_of
from tests.bot.test_forms import opened, saved


def entries(office: Office, after: int, kind: Kind) -> list[Kept]:
    kept = office.runtime.journal.entries(office.firm_id, after=after)
    return [each for each in kept if each.kind == kind]


def end(office: Office) -> int:
    return office.runtime.journal.head(office.firm_id).seq


def test_a_look_at_a_client_says_who_saw_whom_where_and_how(office: Office) -> None:
    before = end(office)
    office.ask(ANNA, "/segment Huber")
    (kept,) = entries(office, before, Kind.VIEW)
    assert kept.actor == by_member(office.members["anna"].member_id)
    assert kept.client_ids == str(office.clients["Maria Huber"])
    assert (kept.what, kept.fields, kept.place) == ("/segment", "message", f"direct:{direct(ANNA)}")
    assert kept.template.startswith("0.")


def test_a_list_names_all_that_stood_on_it(office: Office) -> None:
    before = end(office)
    office.ask(VOGT, "/priorities team")
    (kept,) = entries(office, before, Kind.VIEW)
    shown = {name for name, id_ in office.clients.items() if kept.names_client(id_)}
    assert len(shown) == 7
    assert shown <= {name for book in BOOKS.values() for name in book}


def test_a_colleagues_client_is_denied_and_that_is_written_down(office: Office) -> None:
    card = office.ask(ANNA, "/segment Amsel")
    office.give_to("Viktor Amsel", "emily")
    before = end(office)
    ((block, edit), *_) = elements(card["blocks"])
    place = {"place": direct(ANNA), "ts": card["ts"]}
    office.people.click(ANNA, block["block_id"], edit["action_id"], **place)
    (kept,) = office.people.wait_for(lambda: entries(office, before, Kind.DENIED))
    assert kept.actor == by_member(office.members["anna"].member_id)
    assert kept.names_client(office.clients["Viktor Amsel"])
    assert entries(office, before, Kind.VIEW) == []
    office.give_to("Viktor Amsel", "anna")


def test_who_has_no_role_here_is_written_down_by_their_account(office: Office) -> None:
    before = end(office)
    office.ask(TOM, "/segment Huber")
    office.ask(LENA, "/priorities")
    denied = entries(office, before, Kind.DENIED)
    assert [(each.actor, each.what) for each in denied] == [
        (by_account(TOM), "/segment"),
        (by_account(LENA), "/priorities"),
    ]


def test_a_thousand_answers_leave_a_thousand_entries(office: Office) -> None:
    client = create_client(office.runtime.settings)
    entrance = Entrance(office.runtime, lambda _: client)
    bearer = Bearer(office.runtime.settings, lambda _: client)
    origin = Origin(user_id=EMILY, workspace_ids=(TEAM,))
    call = entrance.meet(origin)
    assert isinstance(call, Call)
    before = end(office)
    for _ in range(1000):
        answer = bearer.in_place(handle_segment(replace(call, text="Hughes")), origin, call)
        assert isinstance(answer, Say)
        assert "Oliver Hughes" in answer.text
    views = entries(office, before, Kind.VIEW)
    assert len(views) == 1000
    assert all(each.names_client(office.clients["Oliver Hughes"]) for each in views)
    assert verify(office.runtime.journal, office.firm_id).is_whole


def test_what_cannot_be_written_down_is_not_shown(office: Office) -> None:
    path = office.runtime.journal.path
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None)) as full:
        full.execute(
            "CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, ''); END"
        )
        answer = office.ask(ANNA, "/segment Huber")
        full.execute("DROP TRIGGER full")
    assert "blocks" not in answer
    assert "Maria" not in answer["text"]
    assert "Maria Huber" in text_of(office.ask(ANNA, "/segment Huber"))


def test_a_change_is_written_down_with_who_made_it_and_a_decision_as_one(office: Office) -> None:
    client = office.clients["Anton Lechner"]
    form = opened(office, VOGT, Form.DIAGNOSIS, "Anton Lechner")
    before = end(office)
    saved(office, VOGT, form, cause="Wartezeit", action="Rückruf am selben Tag")
    (kept,) = entries(office, before, Kind.CHANGE)
    assert kept.actor == by_member(office.members["vogt"].member_id)
    assert (kept.what, kept.fields) == ("form:diagnosis", "diagnosis")
    assert kept.names_client(client)
    office.close_modals(VOGT)
    form = opened(office, VOGT, Form.OVERRIDE, "Anton Lechner")
    saved(office, VOGT, form, tier="B", reason="Zusage", last_day="2027-03-31")
    (kept,) = entries(office, before, Kind.DECISION)
    assert (kept.what, kept.fields) == ("form:override", "override")
    office.close_modals(VOGT)
