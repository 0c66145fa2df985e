"""Issues of bulk services: logged once for all by a lead, taken back, in each one's evidence."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlmodel import select

from storage.tables import IssueRow, MemberRow
from tests.bot.office import ANNA, VOGT, Json, Office, buttons, direct, text_of
from tests.bot.serviced import adopt_early, serve

LUDWIG = "Ludwig Steiner"
NEWSLETTER = "Ausgabe erfassen: Newsletter"


@pytest.fixture(scope="module", autouse=True)
def history(running: Office) -> None:
    adopt_early(running)
    serve(running, LUDWIG)


@pytest.fixture(autouse=True)
def nothing_left(office: Office) -> Iterator[None]:
    yield
    for who in (ANNA, VOGT):
        office.close_modals(who)
    with office.runtime.store.write(office.firm_id) as session:
        for row in session.exec(select(IssueRow)).all():
            session.delete(row)


def issues(office: Office) -> list[IssueRow]:
    with office.runtime.store.read(office.firm_id) as session:
        return list(session.exec(select(IssueRow).order_by(IssueRow.sent_on)).all())


def form(office: Office, command: str = "/due") -> Json:
    office.press(VOGT, NEWSLETTER, office.ask(VOGT, command))
    return office.modals(VOGT)[0]


def sent(office: Office, view: Json, **fields: Json) -> Json:
    values = {name: {name: value} for name, value in fields.items()}
    return office.people.submit(VOGT, view["id"], values)


def test_a_lead_logs_an_issue_once_for_all_and_takes_it_back(office: Office) -> None:
    # Given a newsletter twelve times a year, and rules of 1 January 2024, but no issue on record
    answer = office.ask(VOGT, "/due")
    assert (
        "Newsletter · Überfällig. Die nächste Ausgabe war am 01.02.2024 fällig. "
        "Noch keine ist erfasst. 12-mal im Jahr." in answer["text"]
    )
    # When the lead logs the issue of Friday, with the time it took
    view = form(office)
    fields = {
        "issue_on": {"selected_date": "2026-11-20"},
        "issue_minutes": {"value": "90"},
        "issue_note": {"value": "Marktausblick 2027"},
    }
    assert sent(office, view, **fields)["outcome"] == "updated"
    confirmation = office.people.views(VOGT)[-1]
    # Then it is on record once, and the next is due in a month
    (row,) = issues(office)
    assert (row.sent_on, row.minutes, row.note) == (date(2026, 11, 20), 90, "Marktausblick 2027")
    assert row.tiers == ["A+", "A", "B", "S", "L", "N"]
    assert row.recorded_by == "Katharina Vogt"
    said = text_of(confirmation)
    assert "Newsletter: Die Ausgabe vom 20.11.2026 ist erfasst" in said
    assert "Die nächste Ausgabe ist am 20.12.2026 fällig." in said
    assert "Newsletter · Erledigt. Die nächste" in office.ask(VOGT, "/due team")["text"]
    # And each client's evidence has it
    services = office.ask(VOGT, f"/due {LUDWIG}")
    assert "Die letzte ging am 20.11.2026 hinaus." in services["text"]
    evidence = office.press_for_message(VOGT, "Nachweis über zwei Jahre", services)
    assert "20.11.2026: Newsletter, erbracht am 20.11.2026" in evidence["text"]
    # When she takes it back
    office.press_in_view(VOGT, "Rückgängig", confirmation)
    undone = office.modal_saying(VOGT, "Zurückgenommen")
    # Then nothing is on record again
    assert "war am 01.02.2024 fällig" in text_of(undone)
    assert issues(office) == []
    evidence = office.press_for_message(
        VOGT, "Nachweis über zwei Jahre", office.ask(VOGT, f"/due {LUDWIG}")
    )
    assert "Newsletter" not in evidence["text"]


def test_an_issue_may_go_to_some_tiers_only(office: Office) -> None:
    view = form(office, "/due team")
    boxes = next(b for b in view["blocks"] if b["block_id"] == "issue_tiers")["element"]
    top = [each for each in boxes["options"] if each["value"] in ("A+", "A")]
    assert sent(office, view, issue_tiers={"selected_options": top})["outcome"] == "updated"
    (row,) = issues(office)
    assert (row.tiers, row.sent_on) == (["A+", "A"], date(2026, 11, 24))
    # Ludwig is of tier B: it was promised to him, and did not come
    evidence = office.press_for_message(
        VOGT, "Nachweis über zwei Jahre", office.ask(VOGT, f"/due {LUDWIG}")
    )
    assert "24.11.2026: Newsletter, offen" in evidence["text"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("issue_on", {"selected_date": "2026-11-25"}, "Dieser Tag liegt noch in der Zukunft."),
        ("issue_tiers", {"selected_options": []}, "Bitte fülle dieses Feld aus."),
        ("issue_minutes", {"value": "viel"}, "Bitte eine ganze Zahl eingeben."),
    ],
)
def test_what_cannot_be_is_said_under_its_field(
    office: Office, field: str, value: Json, sentence: str
) -> None:
    assert sent(office, form(office), **{field: value})["errors"] == {field: sentence}
    assert issues(office) == []


def test_one_day_has_one_issue(office: Office) -> None:
    assert sent(office, form(office))["outcome"] == "updated"
    office.close_modals(VOGT)
    answer = sent(office, form(office))
    assert answer["errors"] == {"issue_on": "Die Ausgabe dieses Tages ist schon erfasst."}


def test_home_says_that_an_issue_is_late_until_it_is_logged(office: Office) -> None:
    home = office.home(VOGT, "Newsletter · Überfällig")
    office.press_in_view(VOGT, NEWSLETTER, home)
    (view,) = office.modals(VOGT)
    assert sent(office, view)["outcome"] == "updated"
    undo = office.people.views(VOGT)[-1]
    office.people.wait_for(
        lambda: "Newsletter · Überfällig" not in text_of(office.people.home(VOGT) or {})
    )
    office.press_in_view(VOGT, "Rückgängig", undo)
    office.people.wait_for(
        lambda: "Newsletter · Überfällig" in text_of(office.people.home(VOGT) or {})
    )


def test_the_same_in_english(office: Office) -> None:
    def speak(locale: str | None) -> None:
        with office.runtime.store.write(office.firm_id) as session:
            lead = session.get_one(MemberRow, office.members["vogt"].member_id)
            lead.locale = locale

    speak("en-GB")
    try:
        answer = office.ask(VOGT, "/due")
        assert (
            "Newsletter · Overdue. The next issue was due on 1 Feb 2024. "
            "None is on record yet. 12 times a year." in answer["text"]
        )
        office.press(VOGT, "Log an issue: Newsletter", answer)
        (view,) = office.modals(VOGT)
        assert sent(office, view)["outcome"] == "updated"
        confirmation = office.people.views(VOGT)[-1]
        assert "Newsletter: the issue of 24 Nov 2026 is on record" in text_of(confirmation)
        office.press_in_view(VOGT, "Undo", confirmation)
        undone = office.modal_saying(VOGT, "Taken back")
        assert "Newsletter: the issue is no longer on record." in text_of(undone)
    finally:
        speak(None)


def test_an_advisor_logs_no_issue_for_everybodys_clients(office: Office) -> None:
    answer = office.ask(ANNA, "/due")
    assert "Ausgabe erfassen" not in buttons(answer)
    assert "Newsletter" not in answer["text"]
    # Nor with the lead's own button
    seen = len(office.people.messages(ANNA, direct(ANNA)))
    office.people.say(ANNA, direct(ANNA), "/due Maria Huber")
    shown = office.next_message(ANNA, direct(ANNA), seen)
    assert "Newsletter · Überfällig. Die nächste Ausgabe" in shown["text"]
    assert "Ausgabe erfassen" not in buttons(shown)
