"""The rule book changed in Slack: draft, effect, confirmation, one more version, and back again."""

from collections.abc import Iterator

import pytest
from sqlmodel import select

from bot.usecases.rule_drafts import keep_draft
from bot.views.rule_labels import Section
from domain.rulebook import RuleBook
from storage.firms import current_rules
from storage.rule_books import saved_rules
from storage.tables import MemberRow, RuleBookRow, RuleDraftRow
from tests.bot.office import (
    ANNA,
    EMILY,
    PATIENCE,
    VOGT,
    Json,
    Office,
    button,
    buttons,
    direct,
    elements,
    text_of,
)


@pytest.fixture(autouse=True)
def as_before(office: Office) -> Iterator[None]:
    """Close what a test leaves open, and forget the versions that it saved."""
    yield
    for who in (ANNA, EMILY, VOGT):
        office.close_modals(who)
    with office.runtime.store.write(office.firm_id) as session:
        for row in session.exec(select(RuleBookRow).where(RuleBookRow.version > 1)):
            session.delete(row)
        for draft in session.exec(select(RuleDraftRow)):
            session.delete(draft)


@pytest.fixture
def second_lead(office: Office) -> Iterator[str]:
    """Make Emily the lead of another team, who may not see Anna's clients."""
    set_member(office, "emily", role="lead", team="Süd")
    yield EMILY
    set_member(office, "emily", role="advisor", team="Birkenhof")


def set_member(office: Office, key: str, **values: str) -> None:
    with office.runtime.store.write(office.firm_id) as session:
        row = session.exec(select(MemberRow).where(MemberRow.key == key)).one()
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


def rules(office: Office) -> RuleBook:
    with office.runtime.store.read(office.firm_id) as session:
        return current_rules(session)


def form(office: Office, who: str, part: Section = Section.TIERS) -> Json:
    """Ask for the rules and open the form of a part."""
    card = office.ask(who, "/book rules")
    for block, element in elements(card["blocks"]):
        if element.get("value") == part:
            ids = block["block_id"], element["action_id"]
            office.people.click(who, *ids, place=direct(who), ts=card["ts"])
            return office.modals(who)[-1]
    raise AssertionError(f"no way to {part}")


def typed(**values: str) -> Json:
    """Enter numbers; a double underscore stands for the point in a key."""
    keys = {name.replace("__", "."): value for name, value in values.items()}
    return {key: {key: {"value": value}} for key, value in keys.items()}


def chosen(key: str, value: str) -> Json:
    return {key: {key: {"selected_option": {"value": value}}}}


def submitted(office: Office, who: str, view: Json, values: Json | None = None) -> Json:
    """Submit a modal and wait for what it becomes, behind a "one moment" if that takes longer."""
    answer = office.people.submit(who, view["id"], values or {})
    assert answer["outcome"] == "updated", answer

    def ready() -> Json | None:
        shown: Json = office.people.views(who)[-1]
        return None if any(each in text_of(shown) for each in PATIENCE) else shown

    found: Json = office.people.wait_for(ready)
    return found


def value_in(view: Json, key: str) -> str:
    return str(view["state"]["values"][key][key].get("value"))


def test_a_lead_changes_a_cut_off_sees_the_effect_saves_it_and_takes_it_back(
    office: Office,
) -> None:
    # Given the form of the tiers, filled with what holds
    view = form(office, VOGT)
    assert value_in(view, "cutoffs.a_from_revenue") == "8000"
    # When she lets A begin at 10,000
    effect = submitted(office, VOGT, view, typed(cutoffs__a_from_revenue="10000"))
    # Then she reads what changes and whom it moves, before and after: Anna's four and Emily's and
    # Jonas' 41 clients in GROW bring 9,000 each; and nothing is saved yet
    said = text_of(effect)
    assert "A ab, Ertrag im Jahr: 8.000 → 10.000" in said
    assert "45 von 57 Kunden wechseln." in said
    assert "A → B: 45 Kunden, 405.000" in said
    assert "Maria Huber" in said
    assert "*A*: 45 → 0 Kunden" in said
    assert "405.000\u00a0€ → 0\u00a0€ im Jahr" in said
    assert "mehr möglich" in said
    assert rules(office).version == 1
    # When she confirms, it is one more version with her name
    kept = submitted(office, VOGT, effect)
    assert "Regelwerk 2 gilt ab dem 24.11.2026." in text_of(kept)
    assert rules(office).cutoffs.a_from_revenue == 10_000
    with office.runtime.store.read(office.firm_id) as session:
        assert saved_rules(session)[0].by == "Katharina Vogt"
    assert office.ask(ANNA, "/segment Maria Huber")["text"].startswith("Maria Huber · B")
    # When she takes it back, she sees what that does, confirms, and it is a third version
    back = submitted(office, VOGT, kept)
    assert "A ab, Ertrag im Jahr: 10.000 → 8.000" in text_of(back)
    assert rules(office).version == 2
    submitted(office, VOGT, back)
    assert (rules(office).version, rules(office).cutoffs.a_from_revenue) == (3, 8000)


@pytest.mark.parametrize("part", [each for each in Section if each is not Section.SERVICES])
def test_each_part_has_its_form_and_says_where_nothing_is_changed(
    office: Office, part: Section
) -> None:
    view = form(office, VOGT, part)
    answer = office.people.submit(VOGT, view["id"], {})
    assert list(answer["errors"].values()) == ["Noch ist nichts geändert."]


@pytest.mark.parametrize(
    ("part", "key", "entry", "sentence"),
    [
        ("tiers", "cutoffs.a_from_revenue", " ", "Bitte ausfüllen."),
        ("tiers", "cutoffs.a_from_revenue", "viel", "Bitte einen Betrag eingeben"),
        ("tiers", "cutoffs.a_from_revenue", "1.234", "Das lässt sich auf zwei Arten lesen."),
        (
            "tiers",
            "cutoffs.a_plus_from_revenue",
            "8000",
            "„A+ ab, Ertrag im Jahr“ muss über „A ab, Ertrag im Jahr“ liegen.",
        ),
        ("fields", "matrix.fresh_months", "zwölf", "Bitte eine ganze Zahl eingeben."),
        (
            "fields",
            "matrix.fresh_months",
            "19",
            "„Ein Wert zählt, Monate“ muss über „Ein Wert ist frisch, Monate“ liegen.",
        ),
        ("acceptance", "acceptance.minimum_revenue", "9000", "„Idealer Kunde ab"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    office: Office, part: str, key: str, entry: str, sentence: str
) -> None:
    view = form(office, VOGT, Section(part))
    answer = office.people.submit(VOGT, view["id"], {key: {key: {"value": entry}}})
    assert answer["outcome"] == "errors"
    (said,) = answer["errors"].values()
    assert said.startswith(sentence)
    assert rules(office).version == 1


def test_two_parts_are_changed_in_one_draft(office: Office) -> None:
    first = submitted(office, VOGT, form(office, VOGT), typed(cutoffs__a_from_revenue="9500"))
    block_id = next(each["block_id"] for each in first["blocks"] if each["type"] == "actions")
    more = {"selected_option": {"value": "fields"}, "type": "static_select"}
    office.people.click(VOGT, block_id, "rules_more", action=more, view_id=first["id"])
    view = office.modal_saying(VOGT, "Zufriedenheit hoch ab")
    effect = submitted(office, VOGT, view, chosen("matrix.mode", "median"))
    assert "A ab, Ertrag im Jahr: 8.000 → 9.500" in text_of(effect)
    assert "Grenzen der Felder: feste Grenzen → Mediane der Firma" in text_of(effect)
    submitted(office, VOGT, effect)
    saved = rules(office)
    assert (saved.version, saved.matrix.mode, saved.cutoffs.a_from_revenue) == (2, "median", 9500)


def test_a_draft_stays_when_its_effect_is_closed_until_it_is_discarded(office: Office) -> None:
    submitted(office, VOGT, form(office, VOGT), typed(cutoffs__a_from_revenue="9500"))
    office.close_modals(VOGT)
    again = form(office, VOGT)
    assert "noch nicht gespeicherte Entwurf" in text_of(again)
    assert value_in(again, "cutoffs.a_from_revenue") == "9500"
    effect = submitted(office, VOGT, again)
    office.press_in_view(VOGT, "Verwerfen", effect)
    office.modal_saying(VOGT, "Der Entwurf ist verworfen")
    office.close_modals(VOGT)
    assert value_in(form(office, VOGT), "cutoffs.a_from_revenue") == "8000"
    assert rules(office).version == 1


def test_whoever_saves_second_sees_her_entry_against_what_the_first_saved(
    office: Office, second_lead: str
) -> None:
    # Given two leads who look at the effect of what each entered
    emilys = form(office, second_lead)
    emilys = submitted(office, second_lead, emilys, typed(cutoffs__a_from_revenue="9500"))
    vogts = form(office, VOGT)
    entered = typed(cutoffs__a_from_revenue="7000", cutoffs__b_from_revenue="2000")
    vogts = submitted(office, VOGT, vogts, entered)
    submitted(office, second_lead, emilys)
    # When the second one saves, nothing is saved; hers is shown against what holds now
    again = submitted(office, VOGT, vogts)
    assert rules(office).version == 2
    said = text_of(again)
    assert "Emily Carter hat inzwischen Regelwerk 2 gespeichert." in said
    assert "A ab, Ertrag im Jahr: eingegeben 7.000, jetzt 9.500, vorher 8.000" in said
    assert "A ab, Ertrag im Jahr: 9.500 → 7.000" in said
    assert "B ab, Ertrag im Jahr: 3.000 → 2.000" in said
    # When she confirms what she now saw, it is saved
    submitted(office, VOGT, again)
    saved = rules(office)
    assert (saved.version, saved.cutoffs.a_from_revenue, saved.cutoffs.b_from_revenue) == (
        3, 7000, 2000,
    )  # fmt: skip


def test_a_form_opened_before_somebody_elses_version_changes_only_what_was_entered(
    office: Office, second_lead: str
) -> None:
    view = form(office, VOGT)
    emilys = form(office, second_lead)
    emilys = submitted(office, second_lead, emilys, typed(cutoffs__b_from_revenue="4000"))
    submitted(office, second_lead, emilys)
    effect = submitted(office, VOGT, view, typed(cutoffs__a_from_revenue="9500"))
    assert "Emily Carter hat inzwischen Regelwerk 2 gespeichert." in text_of(effect)
    submitted(office, VOGT, effect)
    saved = rules(office)
    assert (saved.cutoffs.a_from_revenue, saved.cutoffs.b_from_revenue) == (9500, 4000)


def test_an_entry_that_contradicts_what_was_saved_meanwhile_stays_in_its_form(
    office: Office, second_lead: str
) -> None:
    emilys = form(office, second_lead)
    emilys = submitted(office, second_lead, emilys, typed(cutoffs__a_from_revenue="5000"))
    vogts = submitted(office, VOGT, form(office, VOGT), typed(cutoffs__b_from_revenue="6000"))
    submitted(office, second_lead, emilys)
    again = submitted(office, VOGT, vogts)
    assert "passt nicht zusammen" in text_of(again)
    assert "„A ab, Ertrag im Jahr“ muss über „B ab, Ertrag im Jahr“ liegen." in text_of(again)
    assert value_in(again, "cutoffs.b_from_revenue") == "6000"
    assert value_in(again, "cutoffs.a_from_revenue") == "5000"
    effect = submitted(office, VOGT, again, typed(cutoffs__b_from_revenue="4000"))
    submitted(office, VOGT, effect)
    assert rules(office).cutoffs.b_from_revenue == 4000


def test_only_what_was_shown_is_saved(office: Office) -> None:
    # Given the effect of a draft, and another draft that the same person made since elsewhere
    old = submitted(office, VOGT, form(office, VOGT), typed(cutoffs__a_from_revenue="9500"))
    office.close_modals(VOGT)
    new = submitted(office, VOGT, form(office, VOGT), typed(cutoffs__a_from_revenue="9600"))
    stale = keep_draft(
        office.firm_id,
        office.members["vogt"],
        old["private_metadata"],
        runtime=office.runtime,
        today=rules(office).valid_from,
    )
    # Then the old confirmation saves nothing and shows what the draft would do now
    assert not isinstance(stale, RuleBook)
    assert stale.marker == new["private_metadata"]
    assert rules(office).version == 1


def test_the_history_says_who_changed_what_and_leads_back(office: Office) -> None:
    effect = submitted(office, VOGT, form(office, VOGT), typed(cutoffs__a_from_revenue="9500"))
    submitted(office, VOGT, effect)
    office.close_modals(VOGT)
    card = office.ask(VOGT, "/book rules")
    office.press(VOGT, "Geschichte der Regeln", card)
    (history,) = office.modals(VOGT)
    said = text_of(history)
    assert "Regelwerk 2 vom 24.11.2026* · Katharina Vogt" in said
    assert "A ab, Ertrag im Jahr: 8.000 → 9.500" in said
    assert "wie geliefert" in said
    back = submitted(office, VOGT, history, chosen("rules_version", "1"))
    assert "A ab, Ertrag im Jahr: 9.500 → 8.000" in text_of(back)


def test_an_advisor_reads_the_rules_and_their_history_and_changes_nothing(office: Office) -> None:
    card = office.ask(ANNA, "/book rules")
    assert buttons(card) == ["Geschichte der Regeln"]
    office.press(ANNA, "Geschichte der Regeln", card)
    (history,) = office.modals(ANNA)
    assert history["submit"] is None


def test_whoever_is_no_lead_any_more_saves_nothing(office: Office, second_lead: str) -> None:
    effect = form(office, second_lead)
    effect = submitted(office, second_lead, effect, typed(cutoffs__a_from_revenue="9500"))
    set_member(office, "emily", role="advisor")
    refused = submitted(office, second_lead, effect)
    assert "The rule book is changed by team leads." in text_of(refused)
    assert rules(office).version == 1


def test_clients_outside_the_leads_team_are_counted_and_not_named(office: Office) -> None:
    set_member(office, "anna", team="Süd")
    effect = submitted(office, VOGT, form(office, VOGT), typed(cutoffs__a_from_revenue="10000"))
    set_member(office, "anna", team="Birkenhof")
    assert "45 von 57 Kunden wechseln." in text_of(effect)
    assert "Maria Huber" not in text_of(effect)
    assert button(effect["blocks"], "Verwerfen")


def test_an_effect_that_takes_longer_comes_after_one_moment(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a book so large that the effect is not there when Slack wants to be answered
    view = form(office, VOGT)
    monkeypatch.setattr("bot.listeners.router.ANSWER_S", 0.0)
    answer = office.people.submit(VOGT, view["id"], typed(cutoffs__a_from_revenue="9500"))
    assert answer["outcome"] == "updated"
    # Then "one moment" stands there first, and the effect takes its place
    effect = office.modal_saying(VOGT, "A ab, Ertrag im Jahr: 8.000 → 9.500")
    assert effect["submit"]["text"] == "Regelwerk 2 speichern"
