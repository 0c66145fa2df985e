"""`/book capacity` over the wire: hours, the hiring sum in its form, pictures, practice."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlmodel import select
from typer.testing import CliRunner

from bot.cli import app
from bot.usecases.capacity import record_consent
from storage.tables import ClientRow, IssueRow
from tests.bot.office import ANNA, EMILY, TUESDAY, VOGT, Json, Office, direct, text_of


def capacity_of(office: Office, who: str, typed: str = "/book capacity") -> Json:
    return office.ask(who, typed)


def typed(view: Json, **numbers: str) -> dict[str, dict[str, Any]]:
    """Fill the hiring sum's form: what it shows already stays."""
    values: dict[str, dict[str, Any]] = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        name, element = block["block_id"], block["element"]
        kind = element["type"]
        if kind == "plain_text_input":
            given = numbers.get(name, element.get("initial_value", ""))
            values[name] = {name: {"type": kind, "value": given or None}}
        elif kind == "checkboxes":
            chosen = element.get("initial_options", [])
            values[name] = {name: {"type": kind, "selected_options": chosen}}
        else:
            chosen = element.get("initial_option")
            values[name] = {name: {"type": kind, "selected_option": chosen}}
    return values


def open_hire(office: Office, who: str, message: Json) -> Json:
    office.press(who, "Shall we hire?" if who == EMILY else "Einstellen?", message)
    return office.modals(who)[0]


@pytest.mark.parametrize("typed_words", ["/book capacity", "/book kapazität", "/book hours"])
def test_a_books_hours_are_shown_to_its_advisor(office: Office, typed_words: str) -> None:
    answer = capacity_of(office, ANNA, typed_words)
    assert "Kapazität von Anna Berger" in answer["text"]
    assert any(block["type"] == "table" for block in answer["blocks"])
    assert "der Wachstumsreserve" in answer["text"]


def test_the_hiring_sum_answers_inside_its_form_and_stays_changeable(office: Office) -> None:
    # Emily: one A+ of 16,000 is dissatisfied twice (two clients), and one A of 9,000
    view = open_hire(office, EMILY, capacity_of(office, EMILY))
    numbers = {"hire_pay": "20000", "hire_on_cost": "1.15", "hire_workplace": "0"}
    values = typed(view, **numbers)
    tiers = next(b for b in view["blocks"] if b.get("block_id") == "hire_tiers")["element"]
    values["hire_tiers"]["hire_tiers"]["selected_options"] = tiers["options"][:1]
    answered = office.people.submit(EMILY, view["id"], values)
    assert answered["outcome"] == "updated"
    shown = office.modal_saying(EMILY, "Yes, with a margin of €9,000.")
    # 32,000 of two A+ against 20,000 × 1.15
    assert "€23,000" in text_of(shown)
    again = typed(shown, **{**numbers, "hire_pay": "40000"})
    assert office.people.submit(EMILY, shown["id"], again)["outcome"] == "updated"
    assert "No, by €14,000." in text_of(office.modal_saying(EMILY, "No, by"))
    office.close_modals(EMILY)


def chosen(view: Json, field: str, *names: str) -> Json:
    """Choose clients in one of the two lists, by the beginning of their names."""
    element = next(b for b in view["blocks"] if b.get("block_id") == field)["element"]
    options = [o for o in element["options"] if o["text"]["text"].startswith(names)]
    return {field: {field: {"selected_options": options if names else []}}}


def test_decisions_on_tier_n_are_seen_before_they_are_made(office: Office) -> None:
    # Given Anna's book: 4 A of 9,000 (15.3 h), 3 A+ of 16,000 (26.3 h), 3 B of 5,000 (7.3 h),
    # 2 N of 1,200 (2 h), and one of whom only the floor is known (1 h)
    office.press(ANNA, "Was, wenn N geht?", capacity_of(office, ANNA))
    (view,) = office.modals(ANNA)
    assert "Gerda Sommer · 1.200 €" in plain_of(view)
    assert "Maria Huber" not in text_of(view)
    # When she chooses one to hand over and one to end
    values = chosen(view, "what_if_hand_over", "Jürgen") | chosen(view, "what_if_end", "Gerda")
    assert office.people.submit(ANNA, view["id"], values)["outcome"] == "updated"
    # Then both sides stand beside each other: 167 h and 101,400, then 163 h and 99,000
    shown = office.modal_saying(ANNA, "Jetzt")
    now, then = (" / ".join(" ".join(each.split()) for each in side) for side in sides_of(shown))
    assert now == (
        "*Jetzt* / Kunden: 13 / Stunden: 167 h / Vom Jahr: 17 % / Ohne Reserve: 19 % / "
        "Ertrag: 101.400 € / je Stunde: 607 €"
    )
    assert then == (
        "*Dann* / Kunden: 11 / Stunden: 163 h / Vom Jahr: 16 % / Ohne Reserve: 18 % / "
        "Ertrag: 99.000 € / je Stunde: 607 €"
    )
    assert "Übergeben: 1 Kunde mit 2 h im Jahr. 1.200 € gehen mit" in plain_of(shown)
    assert "Beendet: 1 Kunde mit 2 h im Jahr. Dem Haus fehlen 1.200 €." in plain_of(shown)
    # And nothing is saved
    assert "Nichts ist gespeichert." in text_of(shown)
    assert office.row("Gerda Sommer").former_since is None
    assert office.row("Jürgen Müller").advisor_id == office.members["anna"].member_id
    # Whoever stands in both lists, or nobody at all, is said under the field
    both = chosen(shown, "what_if_hand_over", "Gerda") | chosen(shown, "what_if_end", "Gerda")
    refused = office.people.submit(ANNA, shown["id"], both)
    assert refused["errors"] == {"what_if_end": "In beiden Listen: Gerda Sommer."}
    nobody = chosen(shown, "what_if_hand_over") | chosen(shown, "what_if_end")
    refused = office.people.submit(ANNA, shown["id"], nobody)
    assert list(refused["errors"]) == ["what_if_hand_over"]
    office.close_modals(ANNA)


def test_the_same_what_if_in_english_and_who_has_nobody_to_decide_about_is_told(
    office: Office,
) -> None:
    said = office.press_for_message(EMILY, "What if N goes?", capacity_of(office, EMILY))
    assert said["text"] == "No client of the lowest tier waits for a decision here."
    earns(office, "Daisy Fairfax", 1200)
    try:
        office.press(EMILY, "What if N goes?", capacity_of(office, EMILY))
        (view,) = office.modals(EMILY)
        values = chosen(view, "what_if_hand_over") | chosen(view, "what_if_end", "Daisy")
        assert office.people.submit(EMILY, view["id"], values)["outcome"] == "updated"
        shown = office.modal_saying(EMILY, "Nothing is saved.")
        assert "Ended: 1 client with 2 h a year. The firm has €1,200 less." in plain_of(shown)
    finally:
        office.close_modals(EMILY)
        earns(office, "Daisy Fairfax", 16_000)


def earns(office: Office, name: str, revenue: int) -> None:
    with office.runtime.store.write(office.firm_id) as session:
        session.get_one(ClientRow, office.clients[name]).revenue_cents = revenue * 100


def sides_of(view: Json) -> list[list[str]]:
    """Return the lines of the two columns of a view."""
    columns = next(b["fields"] for b in view["blocks"] if "fields" in b)
    return [each["text"].splitlines() for each in columns]


def plain_of(view: Json) -> str:
    return text_of(view).replace("\u00a0", " ")


def test_what_is_missing_is_said_under_its_field(office: Office) -> None:
    view = open_hire(office, EMILY, capacity_of(office, EMILY))
    answered = office.people.submit(
        EMILY,
        view["id"],
        typed(view, hire_pay="95.000", hire_on_cost="dear", hire_workplace="many"),
    )
    assert answered["outcome"] == "errors"
    assert set(answered["errors"]) == {"hire_pay", "hire_on_cost", "hire_workplace"}
    answered = office.people.submit(
        EMILY,
        view["id"],
        typed(view, hire_pay="20000", hire_on_cost="0.5", hire_workplace="0"),
    )
    assert answered["errors"] == {
        "hire_on_cost": "Please enter a factor from 1 to 5, such as 1.15."
    }
    answered = office.people.submit(
        EMILY,
        view["id"],
        typed(view, hire_pay="20000", hire_on_cost="1.15", hire_workplace="0", hire_hours="0"),
    )
    assert set(answered["errors"]) == {"hire_hours"}
    office.close_modals(EMILY)


def test_a_part_without_clients_is_said(office: Office) -> None:
    # Emily has neither S nor L nor N
    view = open_hire(office, EMILY, capacity_of(office, EMILY))
    answered = office.people.submit(
        EMILY,
        view["id"],
        typed(view, hire_pay="20000", hire_on_cost="1.15", hire_workplace="0"),
    )
    assert answered["errors"] == {"hire_tiers": "There is no client in this part of the book."}
    office.close_modals(EMILY)


@pytest.mark.parametrize(
    ("label", "name", "said"),
    [
        # 16,000 each, at an index of 30
        (
            "Picture of the fields",
            "tierwise-matrix.png",
            "2 clients in FIX: €22,400 a year at risk",
        ),
        ("Picture of the hours", "tierwise-hours.png", "of the time and brings"),
    ],
)
def test_a_picture_comes_by_direct_message_with_what_it_shows(
    office: Office, label: str, name: str, said: str
) -> None:
    answer = capacity_of(office, EMILY)
    seen = len(office.people.messages(EMILY, direct(EMILY)))
    office.press(EMILY, label, answer)

    def arrived() -> Any:
        messages = office.people.messages(EMILY, direct(EMILY))[seen:]
        return next((each for each in messages if each.get("files")), None)

    message = office.people.wait_for(arrived)
    file = message["files"][0]
    assert file["name"] == name
    assert said in message["text"]
    assert said in file["alt_txt"]


def test_a_lead_sees_the_team_together_and_why_nobody_alone(office: Office) -> None:
    answer = capacity_of(office, VOGT, "/book team capacity")
    assert "Kapazität des Teams Birkenhof" in answer["text"]
    assert "die Zustimmung des Betriebsrats ist nicht festgehalten" in answer["text"].replace(
        "Die Zustimmung", "die Zustimmung"
    )
    assert "Anna Berger" not in answer["text"]


def test_with_the_works_councils_consent_a_lead_sees_each_advisor(office: Office) -> None:
    record_consent(office.firm_id, office.runtime, by="Ines Ott")
    answer = capacity_of(office, VOGT, "/book team capacity")
    assert "Anna Berger: " in answer["text"]
    record_consent(office.firm_id, office.runtime, by=None)
    assert "Anna Berger" not in capacity_of(office, VOGT, "/book team capacity")["text"]


def test_an_advisor_sees_no_teams_hours(office: Office) -> None:
    assert "für die Leitung" in capacity_of(office, ANNA, "/book team capacity")["text"]


def test_the_practice_checklist_is_ticked_off_by_a_lead_with_a_day(office: Office) -> None:
    answer = office.ask(VOGT, "/book praxis")
    assert "Das Servicemodell ist vereinbart* · noch nicht abgehakt" in text_of(answer)
    office.press(VOGT, "Abhaken: Die Kunden wissen, was sie bekommen", answer)
    view = office.modals(VOGT)[0]
    late = {"practice_on": {"practice_on": {"type": "datepicker", "selected_date": "2027-01-01"}}}
    answered = office.people.submit(VOGT, view["id"], late)
    assert answered["errors"] == {"practice_on": "Dieser Tag liegt noch in der Zukunft."}
    day = {"practice_on": {"practice_on": {"type": "datepicker", "selected_date": "2026-11-20"}}}
    assert office.people.submit(VOGT, view["id"], day)["outcome"] == "updated"
    office.modal_saying(VOGT, "abgehakt am 20.11.2026 von Katharina Vogt")
    office.close_modals(VOGT)


def test_an_advisor_reads_the_checklist_and_ticks_nothing(office: Office) -> None:
    answer = office.ask(EMILY, "/book practice")
    assert "Criteria are written down" in answer["text"]
    assert not any("accessory" in block for block in answer["blocks"])


def test_the_terminal_draws_the_same_pictures_into_files(office: Office, tmp_path: Path) -> None:
    files = {"--picture": tmp_path / "fields.png", "--hours-picture": tmp_path / "hours.png"}
    options = [str(each) for pair in files.items() for each in pair]
    done = run_program(office, "book", "--advisor", "emily", *options)
    assert done.exit_code == 0, done.stderr
    assert "2 clients in FIX: €22,400" in done.stderr
    for file in files.values():
        assert file.read_bytes().startswith(b"\x89PNG")


def test_the_terminal_records_and_withdraws_consent(office: Office) -> None:
    assert "No consent is on record" in run_program(office, "firm", "consent").stdout
    recorded = run_program(office, "firm", "consent", "--by", "Ines Ott")
    assert "Ines Ott recorded the works council's consent" in recorded.stdout
    whole = json.loads(run_program(office, "capacity", "--json").stdout)
    assert set(whole["single"]) == {"Anna Berger", "Emily Carter", "Jonas Keller", "Katharina Vogt"}
    run_program(office, "firm", "consent", "--withdraw")
    assert json.loads(run_program(office, "capacity", "--json").stdout)["single"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("capacity", "--hours", "many"), "“many” is no number"),
        (("capacity", "--hours", "0"), "out of range"),
        (("hire", "--pay", "1", "--on-cost", "1", "--workplace", "0"), "--tiers S,L,N"),
        (
            ("hire", "--pay", "1", "--on-cost", "9", "--workplace", "0", "--lower-half"),
            "a factor from 1 to 5",
        ),
        (
            ("hire", "--pay", "1", "--on-cost", "1", "--workplace", "0", "--tiers", "X"),
            "names no tiers",
        ),
        (("practice", "--done", "criteria"), "not ticked off by people"),
        (("practice", "--done", "told", "--on", "monday"), "is no day"),
    ],
)
def test_the_terminal_says_in_one_sentence_what_is_wrong(
    office: Office, words: tuple[str, ...], said: str
) -> None:
    done = run_program(office, *words)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_the_terminal_ticks_a_point_off_and_takes_it_back(office: Office) -> None:
    ticked = run_program(office, "practice", "--done", "model", "--json")
    point = next(p for p in json.loads(ticked.stdout)["points"] if p["point"] == "model")
    assert (point["is_done"], point["by"]) == (True, "operator")
    undone = run_program(office, "practice", "--undo", "model", "--json")
    point = next(p for p in json.loads(undone.stdout)["points"] if p["point"] == "model")
    assert not point["is_done"]


def run_program(office: Office, *words: str) -> Result:
    """Type a command into a terminal of this process: a process of its own takes seconds."""
    address = office.runtime.settings.database_url
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, ["--database", address, *words])


def test_the_firm_sees_what_issues_for_all_took(office: Office) -> None:
    def told() -> str:
        address = office.runtime.settings.database_url
        typed = ["--database", address, "--locale", "en-GB", "capacity"]
        return " ".join(CliRunner().invoke(app, typed).output.split())

    today = datetime.now(UTC).date()  # the terminal has no clock but the machine's
    with office.runtime.store.write(office.firm_id) as session:
        for days_ago, minutes in ((800, 600), (40, 90), (10, 60)):
            session.add(
                IssueRow(
                    service="newsletter", sent_on=today - timedelta(days=days_ago), tiers=["A"],
                    minutes=minutes, batch=str(days_ago), recorded_by="x", recorded_at=TUESDAY,
                )
            )  # fmt: skip
    try:
        # 150 minutes of the last twelve months; the ten hours of two years ago are past
        assert "Issues for all at once took 2.5 h besides." in told()
    finally:
        with office.runtime.store.write(office.firm_id) as session:
            for row in session.exec(select(IssueRow)).all():
                session.delete(row)
    assert "Issues for all" not in told()


def test_the_terminal_shows_the_same_before_and_after(office: Office) -> None:
    with office.runtime.store.read(office.firm_id) as session:
        numbers = {
            name: session.get_one(ClientRow, office.clients[name]).external_id
            for name in ("Gerda Sommer", "Jürgen Müller", "Maria Huber")
        }

    def asked(*more: str) -> Result:
        address = office.runtime.settings.database_url
        typed = ("--database", address, "--locale", "en-GB", "what-if", "--advisor", "anna", *more)
        return CliRunner().invoke(app, typed)

    gone = ("--hand-over", numbers["Jürgen Müller"], "--end", numbers["Gerda Sommer"])
    told = json.loads(asked(*gone, "--json").output)
    assert (told["before"]["hours"], told["after"]["hours"]) == ("167.0", "163.0")
    assert (told["before"]["revenue"], told["after"]["revenue"]) == ("101400.00", "99000.00")
    assert (told["ended"]["clients"], told["freed_hours"], told["saved"]) == (1, "4.0", False)
    assert "Nothing is saved." in asked(*gone).output
    # What cannot be asked is said
    for more, sentence in (
        ((), "Say --hand-over or --end."),
        (("--end", numbers["Maria Huber"]), "waits for no decision"),
        ((*gone, "--end", numbers["Jürgen Müller"]), "In both lists: Jürgen Müller."),
    ):
        refused = asked(*more)
        assert refused.exit_code == 2
        assert sentence in " ".join(refused.output.split())
