"""Records in Slack: an erasure takes three roles, who saw a client a right; files go directly."""

import csv
import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot import actions
from bot.usecases.exporting import HEADINGS
from bot.usecases.firms import add_member
from bot.views import exports, people, records
from domain.access import Role
from sandbox.faults import Fault
from storage.firms import find_firm, list_members
from storage.journal import Kind
from storage.tables import ClientRow, ExportRow
from tests.access.office import CANARIES, NORD, Office, canaries_in
from tests.access.test_roles_in_slack import ask, home, noted, press_home, said, text
from tests.firms import TWIN, save_client, save_twin

ANNA, JONAS, VOGT, PIA, CLARA, IDA = "U0ANNA", "U0JONAS", "U0VOGT", "U0PIA", "U0CLARA", "U0IDA"
BERLIN = ZoneInfo("Europe/Berlin")
BY_LETTER = "Wunsch per Brief vom 20.11."
FORM = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []}


def press(office: Office, who: str, action_id: str, value: object) -> str:
    """Press a button in the direct message; return what was shown."""
    office.close_modals(who)
    before = office.seen()
    office.press(who, "D" + who[1:], action_id, str(value))
    return said(office, who, before)


def opened(office: Office, who: str) -> str:
    """Return what stands in the modal on top."""
    return json.dumps(office.modals(who)[-1].body, ensure_ascii=False)


def monday(office: Office) -> None:
    """Let the week's messages leave, unless they did before."""
    office.sandbox.clock.jump_to(datetime(2026, 11, 30, 8, 30, tzinfo=BERLIN))
    office.service.clock._tick()


def change_role(office: Office, key: str, role: Role) -> None:
    name = office.member(key).name
    add_member(office.firm_id, office.runtime, key=key, name=name, role=role, team=NORD)


def ask_for_erasure(office: Office, who: str, key: str, reason: str) -> dict[str, object]:
    press(office, who, actions.ERASURE_ASK, office.clients[key])
    return office.submit(who, office.modals(who)[-1], text(records.REASON, reason))


def approve(office: Office, key: str) -> None:
    """Let compliance look, for a reason, and approve."""
    press(office, CLARA, actions.ERASURE_LOOK, office.clients[key])
    view = office.modals(CLARA)[-1]
    office.submit(CLARA, view, text(people.REASON, "Freigabe prüfen"))
    office.submit(CLARA, view, {})


def erase(office: Office, key: str) -> str:
    """Let the admin erase; return the proof that is shown."""
    number = office.clients[key]
    press(office, IDA, actions.ERASURE_DO, number)
    office.submit(IDA, office.modals(IDA)[-1], text(records.NUMBER, f"#{number}"))
    return opened(office, IDA)


def texts_in(office: Office, place: str) -> str:
    """Return all that can be read in a place."""
    board = office.sandbox.workspace.board
    return json.dumps([[m.text, m.blocks] for m in board.lasting(place)], ensure_ascii=False)


def test_three_people_erase_a_client_and_our_messages_that_named_her_are_gone(
    office: Office,
) -> None:
    client, name = office.clients["anna"], CANARIES["anna"]
    # Given a Monday message that names her to Anna, and one to Pia, who acts for Anna
    monday(office)
    assert name in texts_in(office, "D0ANNA")
    assert name in texts_in(office, "D0PIA")
    # When Anna asks, from the evidence of the client's services
    card = press(office, ANNA, f"{actions.SERVICE}:evidence", f"evidence:{client}:")
    assert "Löschung beantragen" in card
    answer = ask_for_erasure(office, ANNA, "anna", f"{name} will es")
    assert "würde den Namen behalten" in json.dumps(answer, ensure_ascii=False)
    office.submit(ANNA, office.modals(ANNA)[-1], text(records.REASON, BY_LETTER))
    assert f"Die Löschung von #{client} ist beantragt" in opened(office, ANNA)
    # Then compliance finds it on Home, by number, and reads the name for a reason only
    assert "Löschungen (1)" in home(office, CLARA)
    view = press_home(office, CLARA, actions.ERASURES, "all")
    assert view is not None
    assert "Beantragt von Anna Berger" in opened(office, CLARA)
    assert not canaries_in(view.body)
    assert "Löschungen (1)" not in home(office, IDA)
    press(office, CLARA, actions.ERASURE_LOOK, client)
    view = office.modals(CLARA)[-1]
    assert name not in opened(office, CLARA)
    office.submit(CLARA, view, text(people.REASON, "Freigabe prüfen"))
    assert name in opened(office, CLARA)
    assert BY_LETTER in opened(office, CLARA)
    office.submit(CLARA, view, {})
    assert f"Die Löschung von #{client} ist freigegeben" in opened(office, CLARA)
    # And the admin erases what two others agreed on, by number, without reading the name
    assert "Löschungen (1)" in home(office, IDA)
    before = office.seen()
    press(office, IDA, actions.ERASURE_DO, client)
    view = office.modals(IDA)[-1]
    wrong = office.submit(IDA, view, text(records.NUMBER, "#999"))
    assert "Das ist nicht die Nummer" in json.dumps(wrong, ensure_ascii=False)
    office.submit(IDA, view, text(records.NUMBER, f"#{client}"))
    done = opened(office, IDA)
    assert "Beantragt von Anna Berger" in done
    assert "Freigegeben von Clara Falk" in done
    assert "2 Nachrichten in Slack gelöscht" in done
    assert not canaries_in(said(office, IDA, before))
    assert "freie Seiten" not in done
    proof = next(each for each in done.split('"') if "Beleg: " in each).partition("Beleg: ")[2]
    assert len(proof) == 64
    assert any(proof in each for each in noted(office, Kind.ERASE))
    # Then nobody finds her, and no message of ours names her
    assert "Kein Kunde" in ask(office, ANNA, f"/segment {name}")
    assert name not in texts_in(office, "D0ANNA") + texts_in(office, "D0PIA")
    assert "Löschungen (1)" not in home(office, IDA)
    assert proof not in home(office, IDA)


def test_a_message_that_slack_does_not_delete_is_counted(office: Office) -> None:
    monday(office)
    ask_for_erasure(office, JONAS, "jonas", BY_LETTER)
    approve(office, "jonas")
    office.sandbox.faults.order("chat.delete", Fault(error="cant_delete_message"), times=20)
    try:
        assert "1 Nachricht ließ sich in Slack nicht löschen" in erase(office, "jonas")
    finally:
        office.sandbox.faults.clear()


def test_who_asked_does_not_approve_even_in_another_role(office: Office) -> None:
    ask_for_erasure(office, VOGT, "vogt", BY_LETTER)
    change_role(office, "vogt", Role.COMPLIANCE)
    try:
        view = office.sandbox.workspace.views.open("U0VOGT", FORM | {
            "callback_id": actions.ERASURE_APPROVE,
            "private_metadata": str(office.clients["vogt"]),
        })  # fmt: skip
        office.submit(VOGT, view, {})
        assert "kann sie nicht freigeben" in opened(office, VOGT)
    finally:
        change_role(office, "vogt", Role.LEAD)
    # And what nobody approved is not erased, whatever form is sent
    press(office, IDA, actions.ERASURE_DO, office.clients["vogt"])
    number = text(records.NUMBER, f"#{office.clients['vogt']}")
    office.submit(IDA, office.modals(IDA)[-1], number)
    assert "Das hat niemand freigegeben" in opened(office, IDA)
    assert CANARIES["vogt"] in ask(office, VOGT, f"/segment {CANARIES['vogt']}")


def evidence(office: Office, who: str, key: str) -> str:
    return press(office, who, f"{actions.SERVICE}:evidence", f"evidence:{office.clients[key]}:")


def test_who_asked_for_an_erasure_withdraws_it_and_nobody_else(office: Office) -> None:
    number = office.clients["vogt"]
    # Given that the lead asked for it, or asks again, and compliance has approved
    if "Löschung beantragt" not in evidence(office, VOGT, "vogt"):
        ask_for_erasure(office, VOGT, "vogt", BY_LETTER)
    approve(office, "vogt")
    # When somebody of the role, but another person, sends the form
    form = {"callback_id": actions.ERASURE_WITHDRAW, "private_metadata": str(number)}
    view = office.sandbox.workspace.views.open(ANNA, FORM | form)
    office.submit(ANNA, view, {})
    assert "Ihre Rolle erlaubt das nicht" in opened(office, ANNA)
    assert "Löschung beantragt" in evidence(office, VOGT, "vogt")
    # And then who asked
    press(office, VOGT, actions.ERASURE_ASK, number)
    view = office.modals(VOGT)[-1]
    assert "Freigegeben von Clara Falk" in opened(office, VOGT)
    office.submit(VOGT, view, {})
    assert f"Die Löschung von #{number} ist zurückgezogen" in opened(office, VOGT)
    # Then nothing can be erased or approved any more, whatever was open meanwhile
    for who, name in ((IDA, actions.ERASURE_DO), (CLARA, actions.ERASURE_APPROVE)):
        stale = FORM | {"callback_id": name, "private_metadata": str(number)}
        view = office.sandbox.workspace.views.open(who, stale)
        office.submit(who, view, text(records.NUMBER, f"#{number}"))
        assert "Nicht" in opened(office, who)
    assert CANARIES["vogt"] in ask(office, VOGT, f"/segment {CANARIES['vogt']}")
    press_home(office, IDA, actions.ERASURES, "all")
    assert "Zurückgezogen von Katharina Vogt" in opened(office, IDA)
    vogt = office.member("vogt").member_id
    assert f"member:{vogt}: withdrawn" in noted(office, Kind.ERASE)
    assert "Löschung beantragen" in evidence(office, VOGT, "vogt")


def test_compliance_declines_an_erasure_and_who_asked_reads_why(office: Office) -> None:
    number = office.clients["vogt"]
    ask_for_erasure(office, VOGT, "vogt", BY_LETTER)
    assert "Löschungen (1)" in home(office, CLARA)
    press(office, CLARA, actions.ERASURE_DECLINE, number)
    view = office.modals(CLARA)[-1]
    assert not canaries_in(view.body)
    missing = office.submit(CLARA, view, text(records.REASON, " "))
    assert records.REASON in json.dumps(missing)
    named = office.submit(CLARA, view, text(records.REASON, f"{CANARIES['vogt']} bleibt Kunde"))
    assert "würde den Namen behalten" in json.dumps(named, ensure_ascii=False)
    office.submit(CLARA, view, text(records.REASON, "Vertrag läuft noch"))
    assert f"Die Löschung von #{number} ist abgelehnt" in opened(office, CLARA)
    assert "Löschungen (1)" not in home(office, CLARA)
    press(office, VOGT, actions.ERASURE_ASK, number)
    assert "Abgelehnt von Clara Falk" in opened(office, VOGT)
    assert "Grund: Vertrag läuft noch" in opened(office, VOGT)
    # And it can be asked for anew, and approved
    office.submit(VOGT, office.modals(VOGT)[-1], text(records.REASON, BY_LETTER))
    approve(office, "vogt")
    assert f"Die Löschung von #{number} ist freigegeben" in opened(office, CLARA)


@pytest.mark.parametrize(
    ("who", "action_id", "key", "told"),
    [
        (JONAS, actions.ERASURE_ASK, "emily", "nicht oder nicht mehr in Ihrem Bestand"),
        (VOGT, actions.ERASURE_ASK, "emily", "nicht oder nicht mehr in Ihrem Bestand"),
        (PIA, actions.ERASURE_ASK, "emily", "nicht übertragen"),
        (CLARA, actions.ERASURE_ASK, "emily", "Ihre Rolle erlaubt das nicht"),
        (IDA, actions.ERASURE_ASK, "emily", "Ihre Rolle erlaubt das nicht"),
        (VOGT, actions.ERASURE_LOOK, "emily", "Ihre Rolle erlaubt das nicht"),
        (IDA, actions.ERASURE_LOOK, "emily", "Ihre Rolle erlaubt das nicht"),
        (VOGT, actions.ERASURE_DECLINE, "emily", "Ihre Rolle erlaubt das nicht"),
        (IDA, actions.ERASURE_DECLINE, "emily", "Ihre Rolle erlaubt das nicht"),
        (CLARA, actions.ERASURE_DO, "emily", "Ihre Rolle erlaubt das nicht"),
        (VOGT, actions.ERASURE_DO, "emily", "Ihre Rolle erlaubt das nicht"),
        (JONAS, actions.CLIENT_FILE, "emily", "nicht oder nicht mehr in Ihrem Bestand"),
        (PIA, actions.CLIENT_FILE, "emily", "nicht übertragen"),
        (CLARA, actions.CLIENT_FILE, "emily", "Ihre Rolle erlaubt das nicht"),
        (IDA, actions.CLIENT_FILE, "emily", "Ihre Rolle erlaubt das nicht"),
        *(
            (who, action_id, "emily", told)
            for who, told in (
                (ANNA, "Ihre Rolle erlaubt das nicht"),
                (PIA, "nicht übertragen"),
                (VOGT, "Ihre Rolle erlaubt das nicht"),
            )
            for action_id in (
                actions.EXPORTS,
                actions.EXPORT_ASK,
                f"{actions.EXPORT_DECIDE}:{exports.CONFIRM}",
                actions.EXPORT_FETCH,
            )
        ),
        (CLARA, actions.EXPORT_ASK, "emily", "Ihre Rolle erlaubt das nicht"),
        (CLARA, actions.EXPORT_FETCH, "emily", "Ihre Rolle erlaubt das nicht"),
        (VOGT, actions.STATUS, "emily", "Ihre Rolle erlaubt das nicht"),
        (CLARA, actions.STATUS, "emily", "Ihre Rolle erlaubt das nicht"),
    ],
)
def test_nobody_does_what_another_role_does(
    office: Office, who: str, action_id: str, key: str, told: str
) -> None:
    shown = press(office, who, action_id, office.clients[key])
    assert told in shown
    assert key not in canaries_in(shown)
    assert office.modals(who) == []


def test_compliance_reads_who_saw_a_client_and_says_why(office: Office) -> None:
    name = CANARIES["emily"]
    ask(office, "U0EMILY", f"/segment {name}")
    view = press_home(office, CLARA, actions.CLIENT_LOG, "ask")
    assert view is not None
    office.submit(CLARA, view, text(people.WHOM, "Niemandsfreund") | text(people.REASON, "Q4"))
    answer = office.submit(CLARA, view, text(people.WHOM, name) | text(people.REASON, "Q4"))
    assert answer.get("response_action") != "errors"
    shown = opened(office, CLARA)
    assert "Emily Carter: gesehen" in shown
    assert "/segment" in shown
    clara = office.member("clara").member_id
    assert f"member:{clara}: modal" in noted(office, Kind.VIEW)


def test_an_admin_reads_who_saw_a_client_as_numbers(office: Office) -> None:
    before = office.seen()
    ask(office, "U0EMILY", f"/segment {CANARIES['emily']}")
    view = press_home(office, IDA, actions.CLIENT_LOG, "ask")
    assert view is not None
    wrong = office.submit(IDA, view, text(records.NUMBER, CANARIES["emily"]))
    assert "Eine Nummer wie #12." in json.dumps(wrong, ensure_ascii=False)
    office.submit(IDA, view, text(records.NUMBER, f"#{office.clients['emily']}"))
    shown = opened(office, IDA)
    assert f"Person {office.member('emily').member_id}: gesehen" in shown
    assert "Emily" not in shown
    assert not canaries_in(said(office, IDA, before))


def test_an_advisor_gets_all_that_is_stored_of_the_own_client_as_files(office: Office) -> None:
    press(office, "U0EMILY", actions.CLIENT_FILE, office.clients["emily"])
    message = office.sandbox.workspace.board.lasting("D0EMILY")[-1]
    files = [office.sandbox.workspace.files.find(each["id"]) for each in message.files]
    assert [each.name.rpartition(".")[2] for each in files] == ["txt", "json"]
    stored = json.loads(files[1].data)["stored"]
    assert stored["client"][0]["name"] == CANARIES["emily"]
    assert {"holding", "satisfaction", "wallet"} <= stored.keys()
    assert CANARIES["emily"] in files[0].data.decode()
    assert canaries_in([each.data.decode() for each in files]) == {"emily"}
    emily = office.member("emily").member_id
    assert any(each.startswith(f"member:{emily}") for each in noted(office, Kind.EXPORT))
    # And the export is among what an erasure names as files that only people can delete
    ask_for_erasure(office, "U0EMILY", "emily", BY_LETTER)
    approve(office, "emily")
    assert "Eine Datei vom" in erase(office, "emily")


def test_an_admin_reads_in_counts_and_reasons_how_messages_stand(office: Office) -> None:
    monday(office)
    change_role(office, "jonas", Role.ADVISOR)
    view = press_home(office, IDA, actions.STATUS, "me")
    assert view is not None
    shown = opened(office, IDA)
    assert "Keine ist überfällig" in shown
    assert "Die App hat die Rechte, die sie braucht." in shown
    assert not canaries_in(shown)
    assert "Anna" not in shown
    office.press_in_view(IDA, view, actions.STATUS, "journal")
    assert "Einträge sind, wie sie geschrieben wurden" in opened(office, IDA)


def ask_for_export(office: Office, reason: str) -> str:
    """Let the admin ask for a file of the whole firm; return the number of the request."""
    office.close_modals(IDA)
    view = press_home(office, IDA, actions.EXPORTS, "all")
    assert view is not None
    office.press_in_view(IDA, view, actions.EXPORT_ASK, "all")
    office.submit(IDA, view, text(exports.REASON, reason))
    assert reason in opened(office, IDA)
    buttons = [e for b in view.body["blocks"] if b["type"] == "actions" for e in b["elements"]]
    return next(e["value"] for e in buttons if e["action_id"].startswith(actions.EXPORT_DECIDE))


def decide(office: Office, who: str, number: str, how: str = exports.CONFIRM) -> str:
    """Confirm or decline on Home; return what is shown then."""
    office.close_modals(who)
    view = press_home(office, who, actions.EXPORTS, "all")
    assert view is not None
    office.press_in_view(who, view, f"{actions.EXPORT_DECIDE}:{how}", number)
    return opened(office, who)


def fetch(office: Office, number: str) -> str:
    """Let the admin fetch the file; return what is shown then."""
    office.close_modals(IDA)
    view = press_home(office, IDA, actions.EXPORTS, "all")
    assert view is not None
    office.press_in_view(IDA, view, actions.EXPORT_FETCH, number)
    return opened(office, IDA)


def files_of(office: Office, place: str) -> list[bytes]:
    """Return the files in a place, the newest last."""
    board, files = office.sandbox.workspace.board, office.sandbox.workspace.files
    return [files.find(each["id"]).data for m in board.lasting(place) for each in m.files]


def later(office: Office, span: timedelta) -> None:
    office.sandbox.clock.jump_to(office.runtime.now() + span)


def test_a_file_of_the_firm_takes_two_people_and_comes_once_to_who_asked(office: Office) -> None:
    # Given a client called like a formula, and another firm with its own
    save_twin(office.runtime.store, [("ida", "Ida Zwilling", Role.ADMIN, "U9IDA")], "Nord")
    with office.runtime.store.write(office.firm_id) as session:
        save_client(session, "K-1", "=2+3", office.member("anna").member_id)
    before = office.seen()
    number = ask_for_export(office, "Prüfung durch die Aufsicht")
    # Then who asked cannot confirm it, whatever is pressed, nor fetch it yet
    assert "Export aller Kunden (" not in home(office, IDA)
    assert "kann sie nicht selbst bestätigen" in decide(office, IDA, number)
    assert "Das hat noch niemand bestätigt" in fetch(office, number)
    # And compliance finds it on Home, reads who asked and why, and confirms
    assert "Export aller Kunden (1)" in home(office, CLARA)
    press_home(office, CLARA, actions.EXPORTS, "all")
    assert "Beantragt von Ida Frank" in opened(office, CLARA)
    assert "Prüfung durch die Aufsicht" in opened(office, CLARA)
    assert "Bestätigt von Clara Falk" in decide(office, CLARA, number)
    assert "Export aller Kunden (" not in home(office, CLARA)
    assert "Das hat schon jemand bestätigt" in decide(office, CLARA, number)
    assert "Ihre Rolle erlaubt das nicht" in press(office, CLARA, actions.EXPORT_FETCH, number)
    assert not canaries_in(said(office, IDA, before) + said(office, CLARA, before))
    # When who asked fetches it a minute before it is too late
    assert "Export aller Kunden (1)" in home(office, IDA)
    later(office, timedelta(hours=23, minutes=59))
    assert "Direktnachricht" in fetch(office, number)
    # Then it has every client of the firm, no formula, and nobody of another firm
    (data,) = files_of(office, "D0IDA")
    head, *rows = csv.reader(data.decode("utf-8-sig").splitlines(), delimiter=";")
    assert tuple(head) == HEADINGS
    with office.runtime.store.read(office.firm_id) as session:
        clients = {row.id: row.external_id for row in session.exec(select(ClientRow))}
    assert sorted(row[0] for row in rows) == sorted(clients.values())
    assert {CANARIES["vogt"], CANARIES["exner"], "'=2+3"} < {row[1] for row in rows}
    assert "Kunde von" not in data.decode()
    # And the journal names the admin and every client, and each step
    ida, clara = (f"member:{office.member(each).member_id}" for each in ("ida", "clara"))
    entries = list(office.runtime.journal.entries(office.firm_id))
    file = [each for each in entries if (each.kind, each.what) == (Kind.EXPORT, "export book")]
    assert [each.actor for each in file] == [ida]
    assert all(file[0].names_client(each) for each in clients)
    steps = [(e.actor, e.fields, e.reason) for e in entries if e.what == "export firm"]
    assert steps == [
        (ida, "requested", "Prüfung durch die Aufsicht"), (clara, "confirmed", None),
        (ida, "fetched", None),
    ]  # fmt: skip
    # And it comes once
    assert "wurde schon abgeholt" in fetch(office, number)
    assert len(files_of(office, "D0IDA")) == 1
    assert "Export aller Kunden (" not in home(office, IDA)


def test_a_file_of_the_firm_is_declined_or_withdrawn_or_becomes_too_old(office: Office) -> None:
    had = len(files_of(office, "D0IDA"))
    number = ask_for_export(office, "Statistik")
    change_role(office, "vogt", Role.ADMIN)
    try:
        assert "Abgelehnt von Katharina Vogt" in decide(office, VOGT, number, exports.DECLINE)
        assert "abgelehnt oder zurückgezogen" in decide(office, VOGT, number)
        assert "abgelehnt oder zurückgezogen" in fetch(office, number)
        number = ask_for_export(office, "Statistik")
        assert "Zurückgezogen von Ida Frank" in decide(office, IDA, number, exports.DECLINE)
        # Another admin does not fetch what was confirmed for the first
        number = ask_for_export(office, "Statistik")
        decide(office, CLARA, number)
        shown = press(office, VOGT, actions.EXPORT_FETCH, number)
        assert "Ihre Rolle erlaubt das nicht" in shown
    finally:
        change_role(office, "vogt", Role.LEAD)
    later(office, timedelta(hours=24))
    assert "Das ist zu alt" in fetch(office, number)
    number = ask_for_export(office, "Statistik")
    later(office, timedelta(days=7))
    assert "Das ist zu alt" in decide(office, CLARA, number)
    assert len(files_of(office, "D0IDA")) == had


def test_a_file_that_slack_refuses_can_be_fetched_again(office: Office) -> None:
    had = len(files_of(office, "D0IDA"))
    number = ask_for_export(office, "Umzug")
    decide(office, CLARA, number)
    office.sandbox.faults.order("files.completeUploadExternal", Fault(error="fatal_error"), times=1)
    try:
        fetch(office, number)
        assert len(files_of(office, "D0IDA")) == had
    finally:
        office.sandbox.faults.clear()
    assert "Direktnachricht" in fetch(office, number)
    assert len(files_of(office, "D0IDA")) == had + 1


def test_a_request_of_another_firm_is_nobodys_here(office: Office) -> None:
    save_twin(office.runtime.store, [("ida", "Ida Zwilling", Role.ADMIN, "U9IDA")], "Nord")
    with office.runtime.store.read(None) as session:
        twin = find_firm(session, TWIN)
    assert twin is not None
    with office.runtime.store.write(twin.id) as session:
        (ida,) = list_members(session)
        row = ExportRow(member_id=ida.member_id, asked_at=office.runtime.now(), reason="fremd")
        session.add(row)
        session.flush()
        number = str(row.id)
    assert "fremd" not in decide(office, CLARA, number)
    assert "Das ist zu alt" in opened(office, CLARA)
    assert "Das ist zu alt" in fetch(office, number)
    with office.runtime.store.read(twin.id) as session:
        assert session.exec(select(ExportRow)).one().decided_at is None
