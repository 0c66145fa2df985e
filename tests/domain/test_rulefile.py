"""The rule book as a file: written with its sources, read strictly, nothing lost."""

import json
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given

from domain.errors import RuleBookError, RuleProblem
from domain.model import Tier
from domain.rulebook import MatrixMode, RuleBook, TierCutoffs, TierMethod
from domain.rulefile import from_plain, from_toml, keys_of, to_plain, to_toml
from tests.domain.test_rulebook import rule_books

RULES = RuleBook()


@given(rule_books())
def test_a_rule_book_comes_back_from_its_file_as_it_went(rules):
    assert from_toml(to_toml(rules), RULES) == rules


@pytest.mark.parametrize("method", list(TierMethod))
def test_method_and_mode_survive_store_and_file(method):
    rules = replace(RULES, method=method, matrix=replace(RULES.matrix, mode=MatrixMode.MEDIAN))
    assert from_toml(to_toml(rules), RULES) == rules
    assert from_plain(json.loads(json.dumps(to_plain(rules)))) == rules


def test_every_key_stands_in_the_file_with_its_note_beside_the_value():
    notes = {key: f"note on {key}\nin two lines" for key in keys_of(RULES)}
    text = to_toml(RULES, notes)
    assert "a_from_revenue = 8000  # note on cutoffs.a_from_revenue in two lines\n" in text
    assert "# note on matrix.share in two lines\n[matrix.share]\n" in text
    assert all(f"note on {key} " in text for key in notes)
    assert tomllib.loads(text)["digest"] == {"names": 7, "grow": 3, "fix": 2, "move": 1, "model": 1}


def test_what_a_file_does_not_name_stays_as_the_firm_has_it():
    own = replace(RULES, version=4, cutoffs=TierCutoffs(b_from_revenue=Decimal(2500)))
    read = from_toml("[cutoffs]\na_from_revenue = 7000.50", own)
    assert read == replace(
        own,
        cutoffs=TierCutoffs(a_from_revenue=Decimal("7000.50"), b_from_revenue=Decimal(2500)),
    )


def test_no_float_comes_between():
    assert from_toml("[cutoffs]\nb_from_revenue = 0.1", RULES).cutoffs.b_from_revenue == Decimal(
        "0.1"
    )


@pytest.mark.parametrize(
    ("text", "problem", "key"),
    [
        ("colour = 1", RuleProblem.UNKNOWN_NAME, "colour"),
        ("[cutoffs]\nc_from_revenue = 1", RuleProblem.UNKNOWN_NAME, "cutoffs.c_from_revenue"),
        ("[matrix.share]\nmiddle = 1", RuleProblem.UNKNOWN_NAME, "matrix.share.middle"),
        ("cutoffs = 3", RuleProblem.WRONG_KIND, "cutoffs"),
        ("method = 'alphabet'", RuleProblem.WRONG_KIND, "method"),
        ("[matrix]\nmode = true", RuleProblem.WRONG_KIND, "matrix.mode"),
        ("[matrix]\nmanaged_is_revenue = 1", RuleProblem.WRONG_KIND, "matrix.managed_is_revenue"),
        ("[matrix]\nfresh_months = 1.5", RuleProblem.WRONG_KIND, "matrix.fresh_months"),
        ("[digest]\ngrow = true", RuleProblem.WRONG_KIND, "digest.grow"),
        ("[cutoffs]\na_from_revenue = 'viel'", RuleProblem.WRONG_KIND, "cutoffs.a_from_revenue"),
        ("[cutoffs]\na_from_revenue = nan", RuleProblem.WRONG_KIND, "cutoffs.a_from_revenue"),
        (
            "[cutoffs]\na_plus_from_revenue = 1e30",
            RuleProblem.OUT_OF_RANGE,
            "cutoffs.a_plus_from_revenue",
        ),
        ("[cutoffs]\nb_from_revenue = 0", RuleProblem.OUT_OF_RANGE, "cutoffs.b_from_revenue"),
        ("[matrix.share]\nhigh_from = 101", RuleProblem.OUT_OF_RANGE, "matrix.share.high_from"),
        ("[matrix]\nmedian_band = -1", RuleProblem.OUT_OF_RANGE, "matrix.median_band"),
        ("[relation]\nreference_from_trust = 6", RuleProblem.OUT_OF_RANGE,
         "relation.reference_from_trust"),
        ("[percentiles]\na_next_pct = 0", RuleProblem.OUT_OF_RANGE, "percentiles.a_next_pct"),
        ("[percentiles]\na_next_pct = 66", RuleProblem.TOO_MUCH, "percentiles.b_next_pct"),
        ("[digest]\ngrow = 4", RuleProblem.TOO_MUCH, "digest.grow"),
        ("[cutoffs]\na_from_revenue = 15000", RuleProblem.NOT_ABOVE,
         "cutoffs.a_plus_from_revenue"),
        ("[abcd]\nc_from_managed = 500000", RuleProblem.NOT_ABOVE, "abcd.b_from_managed"),
        ("[matrix.share]\nlow_under = 51", RuleProblem.NOT_ABOVE, "matrix.share.first_high_from"),
        ("[matrix]\nfresh_months = 19", RuleProblem.NOT_ABOVE, "matrix.usable_months"),
        ("[acceptance]\nminimum_revenue = 9000", RuleProblem.NOT_ABOVE,
         "acceptance.ideal_revenue"),
        ("[cutoffs", RuleProblem.NOT_TOML, ""),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_names_its_key(text, problem, key):
    with pytest.raises(RuleBookError) as refused:
        from_toml(text, RULES)
    assert (refused.value.problem, refused.value.key) == (problem, key)


def test_percentiles_may_take_the_whole_ranking():
    rules = from_toml("[percentiles]\na_next_pct = 65", RULES)
    assert rules.percentiles.so_far()[-1] == (Tier.B, Decimal(100))


def test_the_defaults_of_the_other_methods_are_those_we_publish():
    assert [(str(tier), int(pct)) for tier, pct in RULES.percentiles.so_far()] == [
        ("A+", 5),
        ("A", 20),
        ("B", 50),
    ]
    assert RULES.matrix.median_band == 5
    assert (RULES.acceptance.minimum_revenue, RULES.acceptance.ideal_revenue) == (3000, 8000)
    assert RULES.valid_from == date(2026, 1, 1)
