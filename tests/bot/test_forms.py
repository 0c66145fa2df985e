"""The forms behind the card: what they refuse, what they change, and how it is taken back."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot.listeners.calls import Call, UpdateModal
from bot.listeners.forms import handle_form
from bot.usecases import recording
from bot.usecases.firms import add_member, link, member_asker
from bot.usecases.priorities import week_of
from bot.views.forms import Form, form_name
from bot.views.lists import priorities_text
from bot.words import Words
from domain.access import Action, Role
from domain.decisions import DecisionIncompleteError, Gap
from domain.model import DecisionKind, Relation
from storage.search import index_all
from storage.tables import (
    ClientRow,
    DecisionRow,
    DiagnosisRow,
    EditRow,
    OverrideRow,
    TraitRow,
    WalletRow,
)
from tests.bot.office import (
    ANNA,
    EMILY,
    JONAS,
    TUESDAY,
    VOGT,
    Json,
    Office,
    direct,
    elements,
    text_of,
)
from tests.firms import save_client

GERMAN = Words("de-DE")
DAYS = ("measured_on", "known_on", "recheck_on", "last_day")
TEXTS = ("score", "amount", "share", "reason", "cause", "action", "referrals")
FILL_IN = "Bitte ausfüllen."
UNDO, OPEN_CARD = "Rückgängig", "Karte öffnen"


@pytest.fixture(autouse=True)
def no_modal_left(office: Office) -> Iterator[None]:
    """Close what a test leaves open."""
    yield
    for who in (ANNA, VOGT, EMILY):
        office.close_modals(who)


def opened(office: Office, who: str, form: str, name: str) -> Json:
    """Look a client up and open a form by its button, or by the menu beside the buttons."""
    card = office.ask(who, f"/segment {name}")
    for block, element in elements(card["blocks"]):
        values = [each["value"] for each in element.get("options", [])] or [element["value"]]
        wanted = [each for each in values if each.startswith(f"{form}:")]
        if wanted:
            chosen = {"selected_option": {"value": wanted[0]}} if "options" in element else None
            where = {"place": direct(who), "ts": card["ts"]}
            ids = block["block_id"], element["action_id"]
            office.people.click(who, *ids, action=chosen, **where)
            return office.modals(who)[0]
    raise AssertionError(f"no way to the form {form}")


def entered(**fields: str | None) -> Json:
    """Write values as a person enters them."""

    def value(name: str, given: str | None) -> Json:
        if name in DAYS:
            return {"selected_date": given}
        if name in TEXTS:
            return {"value": given}
        return {"selected_option": {"value": given}}

    return {name: {name: value(name, given)} for name, given in fields.items()}


def saved(office: Office, who: str, view: Json, **fields: str | None) -> Json:
    """Fill a form in and save it; return the confirmation."""
    answer = office.people.submit(who, view["id"], entered(**fields))
    assert answer["outcome"] == "updated", answer
    confirmation = office.people.views(who)[-1]
    assert confirmation["title"]["text"] == "Gespeichert", text_of(confirmation)
    return confirmation


def taken_back(office: Office, who: str, confirmation: Json) -> Json:
    office.press_in_view(who, UNDO, confirmation)
    view = office.modal_saying(who, "Zurückgenommen")
    assert UNDO not in text_of(view)
    return view


def undo_at_the_terminal(office: Office, batch: str) -> None:
    recording.take_back(
        batch,
        asker=member_asker(office.firm_id, office.members["vogt"], office.runtime),
        runtime=office.runtime,
        today=TUESDAY.date(),
    )


def batch_of(confirmation: Json) -> str:
    """Return what the confirmation's undo is about."""
    return next(
        str(element["value"])
        for _, element in elements(confirmation["blocks"])
        if element["action_id"] == "undo"
    )


def fields_of(view: Json) -> dict[str, Json]:
    return {each["block_id"]: each for each in view["blocks"] if each["type"] == "input"}


def choices(view: Json, field: str) -> list[str]:
    return [each["value"] for each in fields_of(view)[field]["element"]["options"]]


def headline(office: Office, who: str, name: str) -> str:
    return str(office.ask(who, f"/segment {name}")["blocks"][0]["text"]["text"])


def edits(office: Office) -> int:
    with office.runtime.store.read(office.firm_id) as session:
        return len(session.exec(select(EditRow)).all())


def rows(office: Office, table: type[Any], name: str) -> list[Any]:
    with office.runtime.store.read(office.firm_id) as session:
        return list(
            session.exec(select(table).where(table.client_id == office.clients[name])).all()
        )


@pytest.mark.parametrize("form", [form for form in Form if form is not Form.LIFT])
def test_each_form_is_opened_from_the_card_and_says_whom_it_is_about(
    office: Office, form: Form
) -> None:
    # A diagnosis is asked for where something is to be repaired
    name = "Lindenhof GmbH" if form is Form.DIAGNOSIS else "Maria Huber"
    view = opened(office, ANNA, form, name)
    assert view["title"]["text"] == form_name(form, GERMAN)
    assert not view["title"]["text"].endswith("…")
    assert name in text_of(view)
    assert view["submit"]["text"] == "Speichern"


@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
def test_no_title_is_longer_than_slack_shows(locale: str) -> None:
    assert max(len(form_name(form, Words(locale))) for form in Form) <= 24


WRONG = [
    ("wallet", {"amount": "1.234"}, "amount", "Das lässt sich auf zwei Arten lesen. Bitte 1234"),
    ("wallet", {"amount": "12,500"}, "amount", "Das lässt sich auf zwei Arten lesen."),
    ("wallet", {"amount": "viel"}, "amount", "Bitte einen Betrag eingeben"),
    ("wallet", {"amount": "-5"}, "amount", "Bitte einen Betrag eingeben"),
    ("wallet", {"amount": "1.23.456"}, "amount", "Bitte einen Betrag eingeben"),
    ("wallet", {"amount": "0"}, "amount", "Bitte mehr als null eingeben."),
    ("wallet", {}, "amount", "Bitte einen Betrag, einen Anteil oder beides eingeben."),
    ("wallet", {"share": "100,01"}, "share", "Bitte eine Zahl von 0 bis 100 eingeben."),
    ("wallet", {"share": "viel"}, "share", "Bitte eine Zahl von 0 bis 100 eingeben."),
    (
        "wallet",
        {"share": "40", "known_on": "2026-11-25"},
        "known_on",
        "Dieser Tag liegt noch in der Zukunft.",
    ),
    ("decision", {"kind": "keep", "reason": "  "}, "reason", FILL_IN),
    ("decision", {"reason": "Zu wenig"}, "kind", ""),
    (
        "decision",
        {"kind": "keep", "reason": "Zu wenig", "recheck_on": "2026-11-24"},
        "recheck_on",
        "Dieser Tag muss noch in der Zukunft liegen.",
    ),
    (
        "override",
        {"tier": "A", "reason": "Wird groß", "last_day": "2026-11-23"},
        "last_day",
        "Dieser Tag muss noch in der Zukunft liegen.",
    ),
    ("override", {"tier": "A", "reason": " "}, "reason", FILL_IN),
    (
        "strategic",
        {"criterion": "henry", "recheck_on": "2026-11-23"},
        "recheck_on",
        "Dieser Tag muss noch in der Zukunft liegen.",
    ),
    (
        "strategic",
        {"criterion": "henry", "holds": "no"},
        "criterion",
        "Dieses Kriterium ist nicht gesetzt.",
    ),
    ("traits", {}, "trust", FILL_IN),
    ("traits", {"referrals": "drei"}, "referrals", "Bitte eine ganze Zahl eingeben."),
    ("traits", {"referrals": "-1"}, "referrals", "Bitte eine ganze Zahl eingeben."),
]


@pytest.mark.parametrize(("form", "fields", "under", "sentence"), WRONG)
def test_what_is_wrong_stands_under_its_field(
    office: Office, form: str, fields: dict[str, str], under: str, sentence: str
) -> None:
    view = opened(office, ANNA, form, "Rosa Kammerer")
    before = edits(office)
    answer = office.people.submit(ANNA, view["id"], entered(**fields))
    assert answer["outcome"] == "errors"
    assert list(answer["errors"]) == [under]
    assert answer["errors"][under].startswith(sentence)
    # The form stays open, and nothing is recorded
    assert office.people.views(ANNA)[0]["title"] == view["title"]
    assert edits(office) == before


def test_a_cause_of_spaces_is_none(office: Office) -> None:
    view = opened(office, ANNA, "diagnosis", "Lindenhof GmbH")
    answer = office.people.submit(ANNA, view["id"], entered(cause=" ", action=" "))
    assert answer["errors"] == {"cause": FILL_IN, "action": FILL_IN}


def test_a_client_in_move_is_not_decided_without_a_day_to_look_again(office: Office) -> None:
    view = opened(office, ANNA, "decision", "Gerda Sommer")
    fields = entered(kind="watch", reason="Wenig Potenzial", recheck_on=None)
    answer = office.people.submit(ANNA, view["id"], fields)
    assert answer["errors"] == {"recheck_on": FILL_IN}


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("150.000,00 €", 15_000_000),
        ("150000", 15_000_000),
        ("150'000.50", 15_000_050),
        ("1,250,000", 125_000_000),
    ],
)
def test_an_amount_is_read_as_it_is_usually_written(office: Office, typed: str, cents: int) -> None:
    view = opened(office, ANNA, "wallet", "Otto Winter")
    saved(office, ANNA, view, amount=typed)
    latest = max(rows(office, WalletRow, "Otto Winter"), key=lambda row: row.known_on)
    assert (latest.wallet_cents, latest.recorded_by) == (cents, "Anna Berger")


def test_a_wallet_moves_the_client_and_the_undo_moves_her_back(office: Office) -> None:
    # Given a client in GROW with 120,000 of 400,000 euros here
    view = opened(office, ANNA, "wallet", "Maria Huber")
    # When Anna learns that it is only 150,000 in all, so that 80 per cent are here
    confirmation = saved(office, ANNA, view, amount="150.000,00")
    # Then she reads the move, and the card says the same
    assert "Maria Huber ist jetzt A · MODEL, vorher A · GROW." in text_of(confirmation)
    assert headline(office, ANNA, "Maria Huber") == "Maria Huber · A · MODEL"
    # When she takes it back, all is as it was
    undone = taken_back(office, ANNA, confirmation)
    assert "Maria Huber ist jetzt A · GROW, vorher A · MODEL." in text_of(undone)
    assert headline(office, ANNA, "Maria Huber") == "Maria Huber · A · GROW"
    assert len(rows(office, WalletRow, "Maria Huber")) == 1


def test_a_second_undo_says_that_it_was_taken_back_already(office: Office) -> None:
    confirmation = saved(office, ANNA, opened(office, ANNA, "traits", "R&D GmbH"), trust="4")
    # Given somebody else who took it back meanwhile
    undo_at_the_terminal(office, batch_of(confirmation))
    office.press_in_view(ANNA, UNDO, confirmation)
    office.modal_saying(ANNA, "Das wurde schon zurückgenommen.")
    assert rows(office, TraitRow, "R&D GmbH") == []


def test_what_was_changed_again_since_is_not_taken_back(office: Office) -> None:
    annas = saved(office, ANNA, opened(office, ANNA, "wallet", "Anton Lechner"), share="60")
    saved(office, VOGT, opened(office, VOGT, "wallet", "Anton Lechner"), share="70")
    office.press_in_view(ANNA, UNDO, annas)
    office.modal_saying(ANNA, "Jemand hat diesen Kunden inzwischen geändert.")
    assert [row.share_bp for row in rows(office, WalletRow, "Anton Lechner")][1:] == [7000]


def test_watching_settles_a_client_in_move_until_the_day_to_look_again(office: Office) -> None:
    assert "2 Entscheidungen offen" in office.ask(ANNA, "/priorities")["text"]
    # Given the form of a client in MOVE, which offers the decisions of that field first
    view = opened(office, ANNA, "decision", "Jürgen Müller")
    assert choices(view, "kind") == ["watch", "prioritise", "keep", "end"]
    # When Anna decides to watch
    confirmation = saved(office, ANNA, view, kind="watch", reason="Baut gerade um")
    # Then the list of priorities asks for one decision less, and the card says what was decided
    assert "1 Entscheidung offen" in office.ask(ANNA, "/priorities")["text"]
    card = office.ask(ANNA, "/segment Jürgen Müller")["text"]
    assert "Entschieden: nur beobachten; wieder prüfen am 25.05.2027." in card
    assert "Nächster Schritt" not in card
    # When she takes it back, it is open again
    taken_back(office, ANNA, confirmation)
    assert "2 Entscheidungen offen" in office.ask(ANNA, "/priorities")["text"]


def test_prioritising_counts_as_a_decision_too_and_the_last_one_of_a_day_holds(
    office: Office,
) -> None:
    first = saved(
        office, ANNA, opened(office, ANNA, "decision", "Jürgen Müller"), kind="watch", reason="Erst"
    )
    office.close_modals(ANNA)
    then = opened(office, ANNA, "decision", "Jürgen Müller")
    second = saved(office, ANNA, then, kind="prioritise", reason="Erbt im Frühjahr")
    card = office.ask(ANNA, "/segment Jürgen Müller")["text"]
    assert "Entschieden: vorziehen; wieder prüfen am 25.05.2027." in card
    for batch in (batch_of(second), batch_of(first)):
        undo_at_the_terminal(office, batch)
    assert rows(office, DecisionRow, "Jürgen Müller") == []


def test_a_client_of_tier_n_says_what_was_decided_by_whom_and_why(office: Office) -> None:
    still_open = "Eine Entscheidung ist offen: mit weniger Aufwand betreuen, übergeben"
    assert still_open in office.ask(ANNA, "/segment Gerda Sommer")["text"]
    view = opened(office, ANNA, "decision", "Gerda Sommer")
    confirmation = saved(office, ANNA, view, kind="keep", reason="Nachbarin, wenig Aufwand")
    card = office.ask(ANNA, "/segment Gerda Sommer")["text"]
    assert (
        "Entschieden von Anna Berger am 24.11.2026: mit weniger Aufwand weiter betreuen. "
        "Nachbarin, wenig Aufwand." in card
    )
    taken_back(office, ANNA, confirmation)
    assert still_open in office.ask(ANNA, "/segment Gerda Sommer")["text"]


def test_ending_makes_a_former_client_for_whom_nothing_is_due(office: Office) -> None:
    everybody = office.ask(ANNA, "/priorities")["text"]
    assert "13 Kunden im Bestand" in everybody
    view = opened(office, ANNA, "decision", "Viktor Amsel")
    confirmation = saved(office, ANNA, view, kind="end", reason="Zieht fort")
    assert "Viktor Amsel ist kein Kunde mehr." in text_of(confirmation)
    assert headline(office, ANNA, "Viktor Amsel") == "Viktor Amsel · ehemaliger Kunde"
    card = office.ask(ANNA, "/segment Viktor Amsel")
    assert "Seit 24.11.2026 nicht mehr Kunde: Es steht nichts an." in card["text"]
    assert "12 Kunden im Bestand" in office.ask(ANNA, "/priorities")["text"]
    # When it is taken back, he is where he was
    taken_back(office, ANNA, confirmation)
    assert headline(office, ANNA, "Viktor Amsel") == "Viktor Amsel · A+ · FIX"
    assert office.ask(ANNA, "/priorities")["text"] == everybody


@pytest.fixture(scope="module")
def selma(running: Office) -> str:
    """Save a client of Anna's who may become anybody's."""
    with running.runtime.store.write(running.firm_id) as session:
        anna = running.members["anna"].member_id
        save_client(session, "anna-selma", "Selma Vogel", anna, revenue_cents=120_000)
        index_all(session)
    return "Selma Vogel"


@pytest.fixture(scope="module")
def other_team(running: Office) -> None:
    """Add a team that Katharina Vogt does not lead."""
    for key, name, role in (("fritz", "Fritz Ahorn", Role.ADVISOR), ("lea", "Lea Tann", Role.LEAD)):
        add_member(running.firm_id, running.runtime, key=key, name=name, role=role, team="Süd")


@pytest.mark.usefixtures("other_team")
def test_only_a_lead_hands_over_and_only_within_the_team(office: Office) -> None:
    annas = opened(office, ANNA, "decision", "Rosa Kammerer")
    assert choices(annas, "kind") == ["keep", "end", "watch", "prioritise"]
    assert "to" not in fields_of(annas)
    vogts = opened(office, VOGT, "decision", "Rosa Kammerer")
    assert "hand_over" in choices(vogts, "kind")
    assert [each["text"]["text"] for each in fields_of(vogts)["to"]["element"]["options"]] == [
        "Emily Carter",
        "Jonas Keller",
        "Katharina Vogt",
    ]


@pytest.mark.usefixtures("selma")
def test_whoever_hands_over_names_to_whom(office: Office) -> None:
    view = opened(office, VOGT, "decision", "Selma Vogel")
    fields = entered(kind="hand_over", reason="Passt besser")
    assert office.people.submit(VOGT, view["id"], fields)["errors"] == {"to": FILL_IN}


@pytest.mark.usefixtures("selma")
def test_a_client_cannot_be_handed_over_to_whoever_has_her(office: Office) -> None:
    asker = member_asker(
        office.firm_id, office.members["vogt"], office.runtime, action=Action.MOVE_CLIENT
    )
    anna = office.members["anna"].member_id
    with pytest.raises(DecisionIncompleteError) as refused:
        recording.record(
            office.clients["Rosa Kammerer"],
            recording.decision(
                DecisionKind.HAND_OVER,
                reason="Passt",
                recheck_on=None,
                advisor_id=anna,
                today=TUESDAY.date(),
            ),
            version=office.row("Rosa Kammerer").version,
            asker=asker,
            runtime=office.runtime,
            today=TUESDAY.date(),
        )
    assert refused.value.gap is Gap.OTHER_ADVISOR


@pytest.mark.usefixtures("selma")
def test_a_client_whom_an_import_gave_to_a_third_advisor_is_not_handed_back(
    office: Office,
) -> None:
    view = opened(office, VOGT, "decision", "Selma Vogel")
    emily, anna = (office.members[key].member_id for key in ("emily", "anna"))
    confirmation = saved(office, VOGT, view, kind="hand_over", reason="Passt", to=str(emily))
    give(office, "Selma Vogel", office.members["jonas"].member_id)
    office.press_in_view(VOGT, UNDO, confirmation)
    office.modal_saying(VOGT, "Es wurde nichts zurückgenommen")
    assert headline(office, JONAS, "Selma Vogel").startswith("Selma Vogel")
    # Back to where later tests expect her
    give(office, "Selma Vogel", emily)
    undo_at_the_terminal(office, batch_of(confirmation))
    assert anna == office_row(office, "Selma Vogel").advisor_id


@pytest.mark.usefixtures("selma")
def test_a_client_handed_over_is_in_the_new_advisors_book_and_not_in_the_old_one(
    office: Office,
) -> None:
    assert headline(office, ANNA, "Selma Vogel").startswith("Selma Vogel")
    view = opened(office, VOGT, "decision", "Selma Vogel")
    emily = str(office.members["emily"].member_id)
    confirmation = saved(office, VOGT, view, kind="hand_over", reason="Passt besser", to=emily)
    assert "Selma Vogel wurde übergeben." in text_of(confirmation)
    assert headline(office, EMILY, "Selma Vogel").startswith("Selma Vogel")
    assert office.ask(ANNA, "/segment Selma Vogel")["text"].startswith("Kein Kunde")
    # When it is taken back, it is the other way round
    taken_back(office, VOGT, confirmation)
    assert office.ask(EMILY, "/segment Selma Vogel")["text"].startswith("No client")
    assert headline(office, ANNA, "Selma Vogel").startswith("Selma Vogel")


def test_a_tier_set_by_hand_says_so_wherever_it_is_shown(office: Office) -> None:
    view = opened(office, ANNA, "override", "Hans Bergmann")
    assert choices(view, "tier") == ["A+", "A", "B", "S", "L", "N"]
    confirmation = saved(office, ANNA, view, tier="A+", reason="Firma wird verkauft")
    marked = "A+ (von Hand gesetzt)"
    assert f"ist jetzt {marked} · GROW, vorher A · GROW" in text_of(confirmation)
    # The card names reason, person, end and what the rule says
    card = office.ask(ANNA, "/segment Hans Bergmann")
    assert card["blocks"][0]["text"]["text"] == f"Hans Bergmann · {marked} · GROW"
    assert (
        "Von Hand gesetzt durch Anna Berger bis 24.11.2027: Firma wird verkauft. "
        "Nach der Regel: A." in card["text"]
    )
    # So do the choice among several, the form and the list
    assert marked in office.ask(ANNA, "/segment Bergmann")["text"]
    office.close_modals(ANNA)
    again = opened(office, ANNA, "wallet", "Hans Bergmann")
    assert marked in text_of(again)
    report = week_of(office.firm_id, office.members["anna"], office.runtime, today=TUESDAY.date())
    pages = [priorities_text(report, GERMAN, start=start) for start in (0, 7)]
    assert f"Hans Bergmann · {marked}" in "".join(pages)
    undo_at_the_terminal(office, batch_of(confirmation))
    assert headline(office, ANNA, "Hans Bergmann") == "Hans Bergmann · A · GROW"


def office_row(office: Office, name: str) -> ClientRow:
    with office.runtime.store.read(office.firm_id) as session:
        return session.exec(select(ClientRow).where(ClientRow.name == name)).one()


def give(office: Office, name: str, advisor_id: int) -> None:
    with office.runtime.store.write(office.firm_id) as session:
        row = session.exec(select(ClientRow).where(ClientRow.name == name)).one()
        row.advisor_id = advisor_id
        session.add(row)


def offered(office: Office, view: Json, typed: str) -> dict[str, str]:
    """Type into the list of clients; return names and values."""
    answer = office.people.options(ANNA, "client", "client", typed, view_id=view["id"])
    return {each["text"]["text"]: each["value"] for each in answer["options"]}


def test_a_sponsor_is_one_of_ones_own_clients_and_another_one(office: Office) -> None:
    view = opened(office, ANNA, "sponsor", "Gerda Sommer")
    # Neither a colleague's client nor the client herself is offered
    assert offered(office, view, "Oliver Hughes") == {}
    assert "Gerda Sommer" not in offered(office, view, "gerda")
    # One's own client of tier A+ makes her legacy
    sponsor = offered(office, view, "lech")["Anton Lechner"]
    confirmation = saved(office, ANNA, view, relation="child", client=sponsor)
    assert "Gerda Sommer ist jetzt L (Verbundenheit) · MOVE" in text_of(confirmation)
    card = office.ask(ANNA, "/segment Gerda Sommer")["text"]
    assert "Verbundenheit: Kind von Anton Lechner." in card
    taken_back(office, ANNA, confirmation)
    assert headline(office, ANNA, "Gerda Sommer") == "Gerda Sommer · N · MOVE"


@pytest.mark.parametrize(
    ("sponsor", "refusal"),
    [("Oliver Hughes", recording.ClientGoneError), ("Gerda Sommer", recording.OwnSponsorError)],
)
def test_neither_a_colleagues_client_nor_herself_is_made_a_sponsor_by_number_either(
    office: Office, sponsor: str, refusal: type[Exception]
) -> None:
    asker = member_asker(office.firm_id, office.members["anna"], office.runtime)
    before = edits(office)
    with pytest.raises(refusal):
        recording.record(
            office.clients["Gerda Sommer"],
            recording.legacy_tie(Relation.CHILD, office.clients[sponsor], asker=asker),
            version=office.row("Gerda Sommer").version,
            asker=asker,
            runtime=office.runtime,
            today=TUESDAY.date(),
        )
    assert edits(office) == before


def test_a_strategic_criterion_is_set_and_withdrawn(office: Office) -> None:
    view = opened(office, ANNA, "strategic", "Jürgen Müller")
    confirmation = saved(
        office, ANNA, view, criterion="henry", reason="Oberarzt", target="A", holds="yes"
    )
    assert "ist jetzt S (strategisch) · MOVE" in text_of(confirmation)
    card = office.ask(ANNA, "/segment Jürgen Müller")["text"]
    assert "Oberarzt. " in card
    assert "25.05.2027" in card
    office.close_modals(ANNA)
    # The form knows what was said
    again = opened(office, ANNA, "strategic", "Jürgen Müller")
    assert again["state"]["values"]["reason"]["reason"]["value"] == "Oberarzt"
    withdrawn = saved(office, ANNA, again, holds="no")
    assert "ist jetzt N (nicht ideal) · MOVE" in text_of(withdrawn)
    taken_back(office, ANNA, withdrawn)
    assert headline(office, ANNA, "Jürgen Müller") == "Jürgen Müller · S · MOVE"
    undo_at_the_terminal(office, batch_of(confirmation))
    assert headline(office, ANNA, "Jürgen Müller") == "Jürgen Müller · N · MOVE"


def test_a_cause_and_an_action_become_the_next_step(office: Office) -> None:
    view = opened(office, ANNA, "diagnosis", "Lindenhof GmbH")
    fields = {"cause": "Rückruf blieb aus", "action": "Monatlich anrufen"}
    confirmation = saved(office, ANNA, view, **fields)
    said = "Monatlich anrufen. Ursache, notiert am 24.11.2026: Rückruf blieb aus."
    assert said in text_of(confirmation)
    assert said in office.ask(ANNA, "/segment Lindenhof GmbH")["text"]
    taken_back(office, ANNA, confirmation)
    assert rows(office, DiagnosisRow, "Lindenhof GmbH") == []


def test_trust_and_referrals_stand_on_the_card_with_their_day(office: Office) -> None:
    view = opened(office, ANNA, "traits", "Clara Wendt")
    confirmation = saved(office, ANNA, view, trust="5", coachability="3", referrals="2")
    card = office.ask(ANNA, "/segment Clara Wendt")["text"]
    assert "Vertrauen: 5 von 5 · 24.11.2026." in card
    assert "2 · 24.11.2026" in card
    taken_back(office, ANNA, confirmation)
    assert rows(office, TraitRow, "Clara Wendt") == []


def test_whoever_comes_second_sees_what_is_stored_and_keeps_the_entry(office: Office) -> None:
    # Given two people with a form of the same client open, of whom one saves first
    annas = opened(office, ANNA, "override", "Petra Bergmann")
    vogts = opened(office, VOGT, "traits", "Petra Bergmann")
    saved(office, VOGT, vogts, trust="2")
    fields = entered(tier="A", reason="Erbin", last_day="2027-03-01")
    office.people.submit(ANNA, annas["id"], fields)
    # Then the other reads what holds now, with her entry still in the fields, and nothing is saved
    again = office.people.views(ANNA)[-1]
    assert "Jemand hat diesen Kunden inzwischen geändert." in text_of(again)
    assert "2 von 5 · 24.11.2026" in text_of(again)
    kept = fields_of(again)
    assert kept["tier"]["element"]["initial_option"]["value"] == "A"
    assert kept["reason"]["element"]["initial_value"] == "Erbin"
    assert kept["last_day"]["element"]["initial_date"] == "2027-03-01"
    assert headline(office, ANNA, "Petra Bergmann").startswith("Petra Bergmann · ohne Stufe")
    # When she saves once more, it holds
    confirmation = saved(office, ANNA, again)
    assert "ist jetzt A (von Hand gesetzt)" in text_of(confirmation)
    undo_at_the_terminal(office, batch_of(confirmation))


def test_a_sponsor_chosen_meanwhile_is_kept_too(office: Office) -> None:
    view = opened(office, ANNA, "sponsor", "Otto Winter")
    sponsor = offered(office, view, "lech")["Anton Lechner"]
    vogts = saved(office, VOGT, opened(office, VOGT, "traits", "Otto Winter"), trust="3")
    chosen = {"text": {"type": "plain_text", "text": "Anton Lechner"}, "value": sponsor}
    fields = {**entered(relation="friend"), "client": {"client": {"selected_option": chosen}}}
    office.people.submit(ANNA, view["id"], fields)
    element = fields_of(office.people.views(ANNA)[-1])["client"]["element"]
    assert element["initial_option"]["text"]["text"] == "Anton Lechner"
    undo_at_the_terminal(office, batch_of(vogts))


def test_a_tier_set_by_hand_is_lifted_and_set_again_by_the_undo(office: Office) -> None:
    by_hand = saved(
        office, ANNA, opened(office, ANNA, "override", "Hans Bergmann"), tier="A+", reason="Erbe"
    )
    office.close_modals(ANNA)
    # Given the card of a client whose tier was set by hand, which offers to lift it
    view = opened(office, ANNA, "lift", "Hans Bergmann")
    assert "Von Hand gesetzt durch Anna Berger bis 24.11.2027: Erbe." in text_of(view)
    assert "Ab heute gilt wieder die Regel: A." in text_of(view)
    lifted = saved(office, ANNA, view)
    assert headline(office, ANNA, "Hans Bergmann") == "Hans Bergmann · A · GROW"
    # What was set by hand stays on record, ended yesterday
    (row,) = rows(office, OverrideRow, "Hans Bergmann")
    assert (row.reason, row.last_day) == ("Erbe", date(2026, 11, 23))
    taken_back(office, ANNA, lifted)
    assert headline(office, ANNA, "Hans Bergmann").startswith("Hans Bergmann · A+ (von Hand")
    undo_at_the_terminal(office, batch_of(by_hand))


def test_a_tier_lifted_by_somebody_else_cannot_be_lifted_again(office: Office) -> None:
    asker = member_asker(office.firm_id, office.members["anna"], office.runtime)
    with pytest.raises(recording.NotOverruledError):
        recording.record(
            office.clients["Clara Wendt"],
            recording.lift_override(today=TUESDAY.date()),
            version=office.row("Clara Wendt").version,
            asker=asker,
            runtime=office.runtime,
            today=TUESDAY.date(),
        )


@pytest.fixture
def without_role(office: Office) -> Iterator[Callable[[], object]]:
    """Give a way to unlink Anna; afterwards she is linked again."""
    yield lambda: link(office.firm_id, "anna", None, office.runtime)
    link(office.firm_id, "anna", ANNA, office.runtime)


def test_whoever_loses_the_role_while_a_form_is_open_changes_nothing(
    office: Office, without_role: Callable[[], object]
) -> None:
    view = opened(office, ANNA, "decision", "Maria Huber")
    before = edits(office)
    without_role()
    office.people.submit(ANNA, view["id"], entered(kind="end", reason="Weg"))
    assert "Sie haben hier noch keine Rolle" in text_of(office.people.views(ANNA)[-1])
    assert edits(office) == before


def test_whoever_loses_the_role_takes_nothing_back(
    office: Office, without_role: Callable[[], object]
) -> None:
    view = opened(office, ANNA, "traits", "Otto Winter")
    confirmation = saved(office, ANNA, view, trust="4")
    without_role()
    office.press_in_view(ANNA, UNDO, confirmation)
    office.modal_saying(ANNA, "Sie haben hier noch keine Rolle")
    assert [row.value for row in rows(office, TraitRow, "Otto Winter")] == [4]


def test_from_home_a_client_is_opened_changed_taken_back_and_opened_again(office: Office) -> None:
    home = office.home(ANNA, "Prioritäten")
    office.press_in_view(ANNA, "Öffnen", home)
    (card,) = office.modals(ANNA)
    office.press_in_view(ANNA, "Zufriedenheit erfassen", card)
    form = office.modals(ANNA, 2)[-1]
    confirmation = saved(office, ANNA, form, scale="csi", score="90")
    office.press_in_view(ANNA, OPEN_CARD, confirmation)
    third = office.modals(ANNA, 3)[-1]
    # Slack stacks no more than three: the next form takes the card's place
    office.press_in_view(ANNA, "Zufriedenheit erfassen", third)
    second_form = office.modal_saying(ANNA, '"score"')
    assert len(office.people.views(ANNA)) == 3
    again = saved(office, ANNA, second_form, scale="csi", score="91")
    taken_back(office, ANNA, again)
    office.people.close(ANNA, office.people.views(ANNA)[-1]["id"])
    taken_back(office, ANNA, office.modals(ANNA, 2)[-1])


@pytest.mark.parametrize(
    ("name", "metadata"),
    [
        ("form:unheard", '{"client": 1, "version": 1}'),
        ("form:", '{"client": 1, "version": 1}'),
        ("form:wallet", ""),
        ("form:wallet", "null"),
        ("form:wallet", "{}"),
        ("form:wallet", '{"client": "x", "version": 1}'),
        ("form:wallet", '{"client": [], "version": 1}'),
        ("form:wallet", "<script>"),
    ],
)
def test_a_form_that_is_none_of_ours_is_refused_politely(
    office: Office, name: str, metadata: str
) -> None:
    call = Call(
        runtime=office.runtime,
        firm_id=office.firm_id,
        member=office.members["anna"],
        words=GERMAN,
        zone=ZoneInfo("Europe/Berlin"),
        name=name,
        state=entered(source="stated", share="40", known_on="2026-11-24"),
        metadata=metadata,
    )
    reply = handle_form(call)
    assert isinstance(reply, UpdateModal)
    assert "Dieses Formular ist veraltet." in text_of(reply.view)
