"""Decisions that act, what is open, and what must be looked at again."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.acceptance import Fit, acceptance_of, is_new, new_clients
from domain.decisions import (
    BecomesFormer,
    DecisionIncompleteError,
    Gap,
    LooksAgain,
    MovesTo,
    OnlyWatched,
    Question,
    ServedWithLess,
    carried_out,
    consequences_of,
    open_decisions,
)
from domain.errors import TraitOutOfRangeError
from domain.model import (
    Criterion,
    DecisionKind,
    Diagnosis,
    StrategicCase,
    Tier,
    Trait,
    TraitKind,
)
from domain.priorities import assess, assess_book
from domain.rechecks import (
    decision_rechecks,
    ending_overrides,
    legacy_reviews,
    strategic_rechecks,
)
from domain.relations import Use, relation_use
from domain.rulebook import AcceptanceRules, RelationRules, RuleBook
from tests.domain.examples import (
    TODAY,
    a_client,
    a_decision,
    a_tie,
    an_override,
    in_field,
)

RULES = RuleBook()
DAY = timedelta(days=1)


def assessed(client, today=TODAY):
    return assess(client, RULES, book_rate=None, today=today)


def gap_of(decision, client):
    with pytest.raises(DecisionIncompleteError) as refused:
        carried_out(client, decision)
    return refused.value.gap


def test_ending_makes_a_former_client_from_the_day_of_the_decision():
    end = a_decision(DecisionKind.END)
    assert consequences_of(end) == (BecomesFormer(from_day=TODAY),)
    ended = carried_out(a_client(500), end)
    assert [ended.is_former_on(TODAY + n * DAY) for n in (-1, 0, 1)] == [False, True, True]


def test_handing_over_moves_the_client_to_the_other_advisor():
    decision = replace(a_decision(DecisionKind.HAND_OVER), to_advisor_id=8)
    assert consequences_of(decision) == (MovesTo(advisor_id=8, from_day=TODAY),)
    moved = carried_out(a_client(500, advisor_id=7), decision)
    assert (moved.advisor_id, moved.decisions) == (8, (decision,))


def test_keeping_and_watching_move_nobody():
    keep = a_decision(DecisionKind.KEEP)
    watch = a_decision(DecisionKind.WATCH, recheck_on=TODAY + 90 * DAY)
    assert consequences_of(keep) == (ServedWithLess(),)
    assert consequences_of(watch) == (OnlyWatched(), LooksAgain(on=TODAY + 90 * DAY))
    after = carried_out(a_client(500), keep)
    assert (after.advisor_id, after.former_since) == (7, None)


def test_a_decision_needs_all_that_it_takes_to_act():
    client, kinds = a_client(500, advisor_id=7), DecisionKind
    assert gap_of(replace(a_decision(kinds.KEEP), reason="  "), client) is Gap.REASON
    assert gap_of(a_decision(kinds.WATCH), client) is Gap.RECHECK
    assert gap_of(a_decision(kinds.PRIORITISE), client) is Gap.RECHECK
    assert gap_of(a_decision(kinds.PRIORITISE, recheck_on=TODAY), client) is Gap.LATER_DAY
    assert gap_of(a_decision(kinds.HAND_OVER), client) is Gap.ADVISOR
    to_same = replace(a_decision(kinds.HAND_OVER), to_advisor_id=7)
    assert gap_of(to_same, client) is Gap.OTHER_ADVISOR


@pytest.mark.parametrize("kind", list(DecisionKind))
def test_tier_n_is_settled_by_keeping_handing_over_or_ending_and_by_nothing_else(kind):
    client = a_client(500, decisions=(a_decision(kind),))
    settles = kind in (DecisionKind.KEEP, DecisionKind.HAND_OVER, DecisionKind.END)
    assert assessed(client).awaits_tier_decision is not settles


def test_only_tier_n_asks_for_the_decision_about_its_service():
    assert assessed(a_client(500)).awaits_tier_decision
    assert not assessed(a_client(3000)).awaits_tier_decision
    assert not assessed(a_client(None)).awaits_tier_decision


def test_an_answer_holds_until_its_day_to_look_again():
    client = a_client(500, decisions=(a_decision(DecisionKind.KEEP, recheck_on=TODAY + DAY),))
    assert not assessed(client).awaits_tier_decision
    assert assessed(client, TODAY + DAY).awaits_tier_decision


def test_open_decisions_come_by_revenue_with_their_choices_and_the_lapsed_answer():
    # Given an N client in MOVE, an N client whose answer has lapsed, and one that is settled
    lapsed = a_decision(DecisionKind.KEEP, on=TODAY - 30 * DAY, recheck_on=TODAY)
    book = [
        in_field(20, 20, revenue=900, client_id=1),
        a_client(1200, client_id=2, decisions=(lapsed,)),
        a_client(800, client_id=3, decisions=(a_decision(DecisionKind.KEEP),)),
    ]
    # When we ask what is open
    found = open_decisions(map(assessed, book), today=TODAY)
    # Then the first asks twice, the second again, the third not
    assert [(o.assessment.client.client_id, o.question) for o in found] == [
        (2, Question.NOT_IDEAL),
        (1, Question.MOVE),
        (1, Question.NOT_IDEAL),
    ]
    assert found[0].lapsed == lapsed
    assert DecisionKind.WATCH in found[1].choices
    assert found[2].choices == (DecisionKind.KEEP, DecisionKind.HAND_OVER, DecisionKind.END)


# What to look at again


def a_case(recheck_on):
    return StrategicCase(criterion=Criterion.HENRY, noted_on=TODAY, recheck_on=recheck_on)


def test_an_investment_is_to_be_looked_at_on_its_day_and_not_before():
    def listed(recheck_on, **facts):
        client = a_client(facts.pop("revenue", 500), strategic=(a_case(recheck_on),), **facts)
        return bool(strategic_rechecks([assessed(client)], today=TODAY))

    assert [listed(TODAY + n * DAY) for n in (-1, 0, 1)] == [True, True, False]
    assert not listed(None)
    assert not listed(TODAY, revenue=9000)  # of tier A, no investment any more
    soon = assessed(a_client(500, strategic=(a_case(TODAY + 7 * DAY),)))
    assert strategic_rechecks([soon], today=TODAY, within_days=7)
    assert not strategic_rechecks([soon], today=TODAY, within_days=6)


def test_a_decision_is_to_be_looked_at_on_its_day_whatever_became_of_the_field():
    def listed(*decisions, within_days=0):
        client = a_client(9000, decisions=decisions)
        found = decision_rechecks([assessed(client)], today=TODAY, within_days=within_days)
        return [(each.decision.kind, each.due_on) for each in found]

    watch = a_decision(DecisionKind.WATCH, TODAY - 30 * DAY, TODAY)
    keep = a_decision(DecisionKind.KEEP, TODAY - 20 * DAY, TODAY + 9 * DAY)
    over = a_decision(DecisionKind.HAND_OVER, TODAY - 10 * DAY, TODAY + 2 * DAY)
    assert listed(watch) == [(DecisionKind.WATCH, TODAY)]
    # Both questions have their own answer, the soonest first
    assert listed(watch, keep) == [(DecisionKind.WATCH, TODAY)]
    assert listed(watch, keep, within_days=9) == [
        (DecisionKind.WATCH, TODAY),
        (DecisionKind.KEEP, TODAY + 9 * DAY),
    ]
    # A later answer takes the place of the earlier one; handing over answers both
    later = a_decision(DecisionKind.PRIORITISE, TODAY, TODAY + 90 * DAY)
    assert listed(watch, later, within_days=14) == []
    assert listed(watch, keep, over, within_days=14) == [(DecisionKind.HAND_OVER, TODAY + 2 * DAY)]
    # One without a day, and one made tomorrow, ask for nothing
    assert listed(a_decision(DecisionKind.KEEP), within_days=999) == []
    assert listed(replace(watch, decided_on=TODAY + DAY), within_days=999) == []


def test_legacy_is_reviewed_when_the_last_good_sponsor_is_gone():
    def listed(*ties):
        return bool(legacy_reviews([assessed(a_client(500, legacy=ties))]))

    assert not listed(a_tie(Tier.A))
    assert listed(a_tie(Tier.B))
    assert listed(a_tie(Tier.A_PLUS, is_former=True))
    assert not listed(a_tie(Tier.B), a_tie(Tier.A, sponsor_id=91))


def test_an_override_is_listed_before_it_ends_with_what_the_rule_gives_then():
    override = an_override(Tier.A, TODAY - DAY, TODAY + 14 * DAY)
    each = assessed(a_client(500, overrides=(override,)))
    assert ending_overrides([each], today=TODAY, within_days=13) == []
    ending = ending_overrides([each], today=TODAY, within_days=14)
    assert [(e.override, e.tier_after) for e in ending] == [(override, Tier.N)]
    assert ending_overrides([each], today=TODAY + 15 * DAY, within_days=99) == []


# Traits, diagnosis, use of the relation


def a_trait(kind, value, on=TODAY):
    return Trait(kind=kind, value=value, noted_on=on)


@pytest.mark.parametrize(
    ("kind", "value"),
    [(TraitKind.TRUST, 0), (TraitKind.TRUST, 6), (TraitKind.COACHABILITY, 0),
     (TraitKind.COACHABILITY, 6), (TraitKind.REFERRALS, -1)],
)  # fmt: skip
def test_a_trait_out_of_its_range_is_refused(kind, value):
    with pytest.raises(TraitOutOfRangeError):
        a_trait(kind, value)


def test_the_trait_seen_last_counts_and_of_one_day_the_correction():
    traits = (
        a_trait(TraitKind.TRUST, 5, TODAY - DAY),
        a_trait(TraitKind.TRUST, 2, TODAY - 9 * DAY),
        a_trait(TraitKind.TRUST, 4, TODAY - DAY),
        a_trait(TraitKind.TRUST, 1, TODAY + DAY),
    )
    assert a_client(1, traits=traits).trait_on(TODAY, TraitKind.TRUST).value == 4


@pytest.mark.parametrize(
    ("trust", "referrals", "expected"),
    [(4, 0, Use.REFERENCE), (5, None, Use.REFERENCE), (3, 0, Use.LEARN), (3, None, Use.LEARN),
     (3, 1, Use.REFERRAL), (5, 1, Use.REFERRAL), (None, 2, Use.REFERRAL), (None, 0, None),
     (None, None, None)],
)  # fmt: skip
def test_the_use_of_a_relation_follows_from_referrals_and_trust(trust, referrals, expected):
    known = {TraitKind.TRUST: trust, TraitKind.REFERRALS: referrals}
    traits = tuple(a_trait(kind, value) for kind, value in known.items() if value is not None)
    found = relation_use(a_client(1, traits=traits), RelationRules(), today=TODAY)
    assert (found and found.use) == expected


def test_only_model_gets_a_use_and_only_fix_its_diagnosis():
    diagnosis = Diagnosis(cause="late reports", action="new reporting", noted_on=TODAY - DAY)
    facts = {"traits": (a_trait(TraitKind.TRUST, 4),), "diagnoses": (diagnosis,)}
    model, fix = assessed(in_field(90, 80, **facts)), assessed(in_field(20, 80, **facts))
    assert (model.relation_use.use, model.diagnosis) == (Use.REFERENCE, None)
    assert (fix.relation_use, fix.diagnosis) == (None, diagnosis)


# New clients


@pytest.mark.parametrize(
    ("revenue", "fit", "more"),
    [("2999.99", Fit.BELOW_MINIMUM, "0.01"), ("3000", Fit.ACCEPTED, "5000"),
     ("7999.99", Fit.ACCEPTED, "0.01"), ("8000", Fit.IDEAL, None), (None, Fit.UNKNOWN, None)],
)  # fmt: skip
def test_a_new_client_is_held_against_the_minimum_and_the_ideal(revenue, fit, more):
    found = acceptance_of(a_client(revenue), RULES, today=TODAY)
    assert (found.fit, found.more) == (fit, None if more is None else Decimal(more))
    assert found.warns is (fit in (Fit.BELOW_MINIMUM, Fit.UNKNOWN))


def test_the_warning_names_what_speaks_for_a_client_below_the_minimum():
    client = a_client(500, strategic=(a_case(None),), legacy=(a_tie(Tier.A), a_tie(Tier.B)))
    found = acceptance_of(client, RULES, today=TODAY)
    assert [type(each).__name__ for each in found.speaks_for] == [
        "StrategicReason",
        "LegacyReason",
    ]


@pytest.mark.parametrize(
    ("since", "expected"),
    [(date(2025, 11, 23), False), (date(2025, 11, 24), True), (TODAY, True),
     (TODAY + 30 * DAY, True), (None, False)],
)  # fmt: skip
def test_a_client_is_new_for_twelve_months_from_the_day_she_came(since, expected):
    assert is_new(a_client(500, client_since=since), RULES.acceptance, today=TODAY) is expected


def test_nobody_is_new_who_has_left_again():
    client = a_client(500, client_since=TODAY - 30 * DAY, former_since=TODAY)
    assert not is_new(client, RULES.acceptance, today=TODAY)


def test_the_rule_book_says_how_long_a_client_is_new():
    client = a_client(500, client_since=TODAY - 40 * DAY)
    assert not is_new(client, AcceptanceRules(new_for_months=1), today=TODAY)
    assert is_new(client, AcceptanceRules(new_for_months=2), today=TODAY)


def test_new_clients_who_miss_the_criteria_stand_first():
    book = [
        a_client(9000, client_id=1, name="Adam", client_since=TODAY),
        a_client(500, client_id=2, name="Zoe", client_since=TODAY),
        a_client(None, client_id=3, name="Mia", client_since=TODAY),
        a_client(500, client_id=4, name="Old", client_since=date(2001, 1, 1)),
    ]
    found = new_clients(assess_book(book, RULES, today=TODAY), RULES, today=TODAY)
    assert [(each.assessment.client.name, each.acceptance.fit) for each in found] == [
        ("Mia", Fit.UNKNOWN),
        ("Zoe", Fit.BELOW_MINIMUM),
        ("Adam", Fit.IDEAL),
    ]
