"""The service model changed in Slack: which service, its form, the effect on hours, one version."""

import pytest

from bot.views.rule_labels import Section
from domain.model import Tier
from domain.service_model import Clock
from tests.bot.office import EMILY, VOGT, Json, Office, elements, text_of
from tests.bot.test_rules_in_slack import (
    as_before,  # noqa: F401  a fixture of every test here
    chosen,
    form,
    rules,
    second_lead,  # noqa: F401  a fixture
    set_member,
    submitted,
    value_in,
)


def service_form(office: Office, who: str, service: str) -> Json:
    """Choose a service in the list that stands beside the service model's "Change"."""
    view = form(office, who, Section.SERVICES)
    block, _ = next(elements(view["blocks"]))
    pick = {"selected_option": {"value": f"services:{service}"}, "type": "static_select"}
    office.people.click(who, block["block_id"], "rules_more", action=pick, view_id=view["id"])
    wanted = f"services.{service}."

    def opened() -> Json | None:
        shown: Json = office.people.views(who)[-1]
        return shown if any(each.startswith(wanted) for each in shown["state"]["values"]) else None

    found: Json = office.people.wait_for(opened)
    return found


def typed(service: str, **values: str) -> Json:
    """Enter numbers and names of a service."""
    keys = {f"services.{service}.{name}": value for name, value in values.items()}
    return {key: {key: {"value": value}} for key, value in keys.items()}


def times(service: str, **values: str) -> Json:
    """Enter how often a year tiers get a service."""
    return typed(service, **{f"per_year.{tier}": value for tier, value in values.items()})


def months(service: str, *values: str) -> Json:
    key = f"services.{service}.months"
    return {key: {key: {"selected_options": [{"value": each} for each in values]}}}


def test_a_lead_gives_tier_a_one_review_less_and_sees_the_hours_before_saving(
    office: Office,
) -> None:
    # Given the review's form: tier A, 45 of the 57 clients, gets two a year of 2.5 and 1.5 hours
    view = service_form(office, VOGT, "review")
    assert value_in(view, "services.review.per_year.A") == "2"
    # When she enters one
    effect = submitted(office, VOGT, view, times("review", A="1"))
    # Then she reads whom it touches and what it frees: 45 × 2.5 and 45 × 1.5; nothing is saved
    said = text_of(effect)
    assert "Beratungsgespräch, Mal im Jahr, A: 2 → 1" in said
    assert "Bei 45 von 57 Kunden ändert sich" in said
    assert "112,5\u00a0h der Berater frei, 67,5\u00a0h anderer frei" in said
    assert "0 von 57 Kunden wechseln." in said
    assert rules(office).version == 1
    # When she confirms, it is the next version, and nothing else of it changed
    submitted(office, VOGT, effect)
    saved = rules(office)
    review = saved.services.find("review")
    assert review is not None
    assert (saved.version, review.for_tier(Tier.A), review.for_tier(Tier.A_PLUS)) == (2, 1, 4)


def test_what_may_not_be_cut_is_said(office: Office) -> None:
    # Given that a review counts for the suitability review that everybody is owed once a year
    view = service_form(office, VOGT, "review")
    # When tier A gets no review any more
    effect = submitted(office, VOGT, view, times("review", A="0"))
    # Then the suitability review is owed to tier A by the floor
    assert "Geeignetheitsprüfung einmal im Jahr für A" in text_of(effect)


def test_removing_a_service_shows_its_effect_and_takes_it_from_the_table(office: Office) -> None:
    view = service_form(office, VOGT, "plan_update")
    office.press_in_view(VOGT, "Entfernen", view)
    # Tier A's 45 get one a year of 3 hours and one of others; who else gets it is counted, too
    effect = office.modal_saying(VOGT, "Mal im Jahr, A: 1 → 0")
    submitted(office, VOGT, effect)
    gone = rules(office).services.find("plan_update")
    assert gone is not None
    assert {each for _, each in gone.per_year} == {0}
    assert "Planaktualisierung" not in text_of(office.ask(VOGT, "/book rules"))


def test_a_service_of_the_firms_own_is_added_and_stands_in_the_table(office: Office) -> None:
    # Given a wine evening of two hours in May and October, for A+ and A
    view = service_form(office, VOGT, "new_service")
    entered = {
        **typed("new_service", name="Weinabend für Freunde", advisor_hours="2", lead_days="30"),
        **times("new_service", **{"A+": "2", "A": "2", "L": "1"}),
        **chosen("services.new_service.clock", "anchored"),
        **chosen("services.new_service.family", "events"),
        **months("new_service", "10", "5"),
    }
    effect = submitted(office, VOGT, view, entered)
    assert "Weinabend für Freunde, Feste Monate: – → Mai, Oktober" in text_of(effect)
    # Then tier A's 45 clients take 45 × 2 × 2 hours more, and C is served as L is
    submitted(office, VOGT, effect)
    added = rules(office).services.find("weinabend_fuer_freunde")
    assert added is not None
    assert (added.name, added.clock, added.months) == (
        "Weinabend für Freunde", Clock.ANCHORED, (5, 10),
    )  # fmt: skip
    assert [added.for_tier(each) for each in (Tier.A, Tier.B, Tier.L, Tier.C)] == [2, 0, 1, 1]
    assert "Weinabend für Freunde" in text_of(office.ask(VOGT, "/book rules"))


@pytest.mark.parametrize(
    ("service", "entered", "field", "sentence"),
    [
        ("review", times("review", A=" "), "per_year.A", "Bitte ausfüllen."),
        ("review", times("review", A="oft"), "per_year.A", "Bitte einen Betrag eingeben"),
        ("review", times("review", A="400"), "per_year.A", "„Beratungsgespräch, Mal im Jahr, A“"),
        ("review", typed("review", lead_days="367"), "lead_days", "„Beratungsgespräch, Vorb"),
        ("review", months("review", "5"), "months", "Monate gelten nur"),
        ("new_service", typed("new_service", name="Depotprüfung"), "name", "Eine Leistung mit"),
        ("new_service", typed("new_service", name=" "), "name", "Bitte ausfüllen."),
        (
            "new_service",
            {**typed("new_service", name="Wein"), **times("new_service", A="400")},
            "per_year.A",
            "„Wein, Mal im Jahr, A“",
        ),
    ],
)
def test_what_is_wrong_with_a_service_stands_beside_its_field(
    office: Office, service: str, entered: Json, field: str, sentence: str
) -> None:
    view = service_form(office, VOGT, service)
    answer = office.people.submit(VOGT, view["id"], entered)
    assert answer["outcome"] == "errors"
    ((where, said),) = answer["errors"].items()
    assert where == f"services.{service}.{field}"
    assert said.startswith(sentence)
    assert rules(office).version == 1


def test_when_services_are_overdue_is_changed_for_all_together(office: Office) -> None:
    view = form(office, VOGT, Section.SERVICES)
    block, _ = next(elements(view["blocks"]))
    pick = {"selected_option": {"value": "services:general"}, "type": "static_select"}
    office.people.click(VOGT, block["block_id"], "rules_more", action=pick, view_id=view["id"])
    view = office.modal_saying(VOGT, "Überfällig spätestens")
    key = "services.overdue_most_days"
    submitted(office, VOGT, submitted(office, VOGT, view, {key: {key: {"value": "60"}}}))
    assert rules(office).services.overdue_most_days == 60


@pytest.mark.usefixtures("second_lead")
def test_two_leads_who_change_one_service_see_both_figures(office: Office) -> None:
    emilys = service_form(office, EMILY, "check_in")
    emilys = submitted(office, EMILY, emilys, times("check_in", A="3"))
    vogts = service_form(office, VOGT, "check_in")
    vogts = submitted(office, VOGT, vogts, times("check_in", A="2"))
    assert "Check-in call, Times a year, A: 4 → 3" in text_of(emilys)
    submitted(office, EMILY, emilys)
    again = submitted(office, VOGT, vogts)
    assert "Emily Carter hat inzwischen Regelwerk 2 gespeichert." in text_of(again)
    assert "Mal im Jahr, A: eingegeben 2, jetzt 3, vorher 4" in text_of(again)
    submitted(office, VOGT, again)
    check_in = rules(office).services.find("check_in")
    assert check_in is not None
    assert check_in.for_tier(Tier.A) == 2


@pytest.mark.usefixtures("second_lead")
def test_whoever_is_no_lead_any_more_removes_no_service(office: Office) -> None:
    view = service_form(office, EMILY, "plan_update")
    set_member(office, "emily", role="advisor")
    office.press_in_view(EMILY, "Remove", view)
    office.modal_saying(EMILY, "The rule book is changed by team leads.")
    assert rules(office).version == 1
