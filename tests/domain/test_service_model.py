"""The service model: its hours, its way to the store and to a file, and what it refuses."""

import json
import tomllib
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import RuleBookError, RuleProblem
from domain.model import ABSLN, Tier
from domain.rulebook import RuleBook
from domain.rulefile import from_plain, from_toml, to_plain, to_toml
from domain.service_model import (
    CapacityRules,
    Clock,
    Family,
    Interval,
    Service,
    ServiceModel,
    interval_of,
    per_year_of,
)

RULES = RuleBook()
MODEL = RULES.services
WINE = """
[services.wine_tasting]
name = "Weinprobe „Süd“"
family = "events"
advisor_hours = 2.5
clock = "anchored"
months = [5, 9]
lead_days = 30
counts_for = ["check_in"]
per_year = { "A+" = 2, A = 1, S = 0.5 }
"""


def test_hours_a_year_of_each_tier_are_those_we_publish():
    hours = {tier: (MODEL.advisor_hours_of(tier), MODEL.staff_hours_of(tier)) for tier in ABSLN}
    assert hours == {
        Tier.A_PLUS: (Decimal("26.3"), Decimal("15.94")),
        Tier.A: (Decimal("15.3"), Decimal("9.04")),
        Tier.B: (Decimal("7.3"), Decimal("4.59")),
        Tier.S: (Decimal("9.3"), Decimal("5.34")),
        Tier.L: (Decimal("4.3"), Decimal("3.24")),
        Tier.N: (Decimal("2.0"), Decimal("2.24")),
    }


def test_plain_tiers_c_and_d_are_served_as_l_and_n():
    for each in MODEL.services:
        assert each.for_tier(Tier.C) == each.for_tier(Tier.L)
        assert each.for_tier(Tier.D) == each.for_tier(Tier.N)


def test_the_capacity_figures_are_those_we_publish():
    capacity = CapacityRules()
    assert (capacity.client_hours_per_year, capacity.growth_reserve_pct) == (1000, 10)
    assert (capacity.mismatch_above, capacity.mismatch_below) == (Decimal("1.5"), Decimal("0.67"))
    assert capacity.equal_service_within_pct == 10


def test_the_floor_is_one_suitability_review_a_year_that_a_review_meeting_satisfies():
    floors = {each.key: each.floor_per_year for each in MODEL.services if each.floor_per_year}
    assert floors == {"suitability": 1}
    assert [each.key for each in MODEL.counting_for("suitability")] == ["review"]
    suitability = MODEL.find("suitability")
    assert suitability is not None
    assert suitability.clock is Clock.ANCHORED


@pytest.mark.parametrize(
    ("per_year", "months", "days"),
    [
        ("1", 12, 0),
        ("2", 6, 0),
        ("4", 3, 0),
        ("12", 1, 0),
        ("0.5", 24, 0),
        ("1.5", 8, 0),
        ("8", 0, 46),  # 45.625
        ("5", 0, 73),
        ("7", 0, 52),  # 52.14
        ("52", 0, 7),  # 7.02
        ("24", 0, 15),  # 15.2
        ("0.7", 0, 521),  # 521.43
        ("365", 0, 1),
    ],
)
def test_an_interval_is_whole_months_or_else_days(per_year, months, days):
    assert interval_of(Decimal(per_year)) == Interval(months=months, days=days)


@pytest.mark.parametrize(
    ("per_year", "days"),
    [
        ("0.5", 91),  # a quarter is 182.5
        ("1", 91),  # 91.25
        ("2", 46),  # 45.6
        ("3", 31),  # 30.4
        ("4", 23),  # 22.8
        ("8", 14),  # 11.4
        ("12", 14),
    ],
)
def test_overdue_comes_after_a_quarter_of_the_interval_within_14_and_91_days(per_year, days):
    assert MODEL.overdue_days_of(Decimal(per_year)) == days


@given(st.decimals("0.1", 365, places=2))
def test_more_often_a_year_is_never_a_longer_interval(per_year):
    more = per_year * 2
    start = RULES.valid_from
    assert interval_of(min(more, Decimal(365))).after(start) <= interval_of(per_year).after(start)


def test_a_rule_book_saved_before_there_were_services_has_the_default_ones():
    saved = {k: v for k, v in to_plain(RULES).items() if k not in ("services", "capacity")}
    assert from_plain(saved) == RULES


def test_a_firms_own_service_comes_back_from_store_and_file_as_it_went():
    rules = from_toml(WINE, RULES)
    assert rules.services.services[:-1] == MODEL.services
    assert rules.services.services[-1] == Service(
        key="wine_tasting",
        name="Weinprobe „Süd“",
        family=Family.EVENTS,
        advisor_hours=Decimal("2.5"),
        clock=Clock.ANCHORED,
        months=(5, 9),
        lead_days=30,
        counts_for=("check_in",),
        per_year=per_year_of({Tier.A_PLUS: 2, Tier.A: 1, Tier.S: "0.5"}),
    )
    assert from_toml(to_toml(rules), RULES) == rules
    assert from_plain(json.loads(json.dumps(to_plain(rules)))) == rules
    assert from_toml("[services.wine_tasting]\nlead_days = 31", rules).services.services[
        -1
    ] == replace(rules.services.services[-1], lead_days=31)


def test_a_file_may_hold_one_number_of_one_tier():
    rules = from_toml('[services.review.per_year]\n"A+" = 6', RULES)
    review = rules.services.find("review")
    assert review is not None
    assert [review.for_tier(tier) for tier in ABSLN] == [6, 2, 1, 1, 1, 0]
    assert rules.services.services[1:] == MODEL.services[1:]


def test_a_service_is_one_section_of_the_file_with_its_tiers_in_one_line():
    text = to_toml(RULES, {"services.review.per_year": "times a year"})
    assert (
        'per_year = { "A+" = 4, "A" = 2, "B" = 1, "S" = 1, "L" = 1, "N" = 0, "C" = 1, "D" = 0 }'
        "  # times a year\n"
    ) in text
    assert list(tomllib.loads(text)["services"])[5:] == [each.key for each in MODEL.services]


@pytest.mark.parametrize(
    ("text", "problem", "key"),
    [
        ("services = 3", RuleProblem.WRONG_KIND, "services"),
        ("[services]\nattempts = 3", RuleProblem.UNKNOWN_NAME, "services.attempts"),
        ("[services]\nattempts_that_settle = 0", RuleProblem.OUT_OF_RANGE,
         "services.attempts_that_settle"),
        ("[services]\noverdue_least_days = 92", RuleProblem.NOT_ABOVE,
         "services.overdue_most_days"),
        ("[services.reveiw]\nlead_days = 3", RuleProblem.MISSING, "services.reveiw.name"),
        ("[services.reveiw]\nname = 'R'", RuleProblem.MISSING, "services.reveiw.family"),
        ("[services.Review2]\nname = 'R'\nfamily = 'events'\nper_year = {}",
         RuleProblem.WRONG_KIND, "services.Review2.key"),
        ("[services.review]\nkey = 'x'", RuleProblem.UNKNOWN_NAME, "services.review.key"),
        ("[services.review]\nhours = 3", RuleProblem.UNKNOWN_NAME, "services.review.hours"),
        ("[services.review]\nname = 3", RuleProblem.WRONG_KIND, "services.review.name"),
        ('[services.review]\nname = "a\\nb"', RuleProblem.WRONG_KIND, "services.review.name"),
        ("[services.review]\nfamily = 'work'", RuleProblem.WRONG_KIND, "services.review.family"),
        ("[services.review]\nadvisor_hours = -1", RuleProblem.OUT_OF_RANGE,
         "services.review.advisor_hours"),
        ("[services.review]\nlead_days = 367", RuleProblem.OUT_OF_RANGE,
         "services.review.lead_days"),
        ("[services.review]\nmonths = 3", RuleProblem.WRONG_KIND, "services.review.months"),
        ("[services.review]\nmonths = [3]", RuleProblem.WRONG_KIND, "services.review.months"),
        ("[services.suitability]\nmonths = [9, 3]", RuleProblem.WRONG_KIND,
         "services.suitability.months"),
        ("[services.suitability]\nmonths = [13]", RuleProblem.WRONG_KIND,
         "services.suitability.months"),
        ("[services.suitability]\nmonths = ['May']", RuleProblem.WRONG_KIND,
         "services.suitability.months"),
        ("[services.suitability.per_year]\nA = 1.5", RuleProblem.OUT_OF_RANGE,
         "services.suitability.per_year.A"),
        ("[services.birthday.per_year]\nA = 2", RuleProblem.OUT_OF_RANGE,
         "services.birthday.per_year.A"),
        ("[services.review]\nper_year = 2", RuleProblem.WRONG_KIND, "services.review.per_year"),
        ("[services.review.per_year]\nE = 2", RuleProblem.UNKNOWN_NAME,
         "services.review.per_year.E"),
        ("[services.review.per_year]\nA = 'two'", RuleProblem.WRONG_KIND,
         "services.review.per_year.A"),
        ("[services.review.per_year]\nA = 0.05", RuleProblem.OUT_OF_RANGE,
         "services.review.per_year.A"),
        ("[services.review.per_year]\nA = -1", RuleProblem.OUT_OF_RANGE,
         "services.review.per_year.A"),
        ("[services.review]\ncounts_for = ['call']", RuleProblem.WRONG_KIND,
         "services.review.counts_for"),
        ("[services.review]\ncounts_for = ['review']", RuleProblem.WRONG_KIND,
         "services.review.counts_for"),
        ("[services.check_in]\ncounts_for = ['review']", RuleProblem.WRONG_KIND,
         "services.review.counts_for"),
        ("[capacity]\ngrowth_reserve_pct = 100", RuleProblem.OUT_OF_RANGE,
         "capacity.growth_reserve_pct"),
        ("[capacity]\nmismatch_below = 2", RuleProblem.OUT_OF_RANGE, "capacity.mismatch_below"),
    ],
)  # fmt: skip
def test_what_no_service_model_can_be_is_refused_and_names_its_key(text, problem, key):
    with pytest.raises(RuleBookError) as refused:
        from_toml(text, RULES)
    assert (refused.value.problem, refused.value.key) == (problem, key)


def test_two_services_cannot_have_one_key():
    with pytest.raises(RuleBookError):
        ServiceModel(services=(MODEL.services[0], MODEL.services[0]))
