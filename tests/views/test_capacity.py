"""Hours, the hiring sum and the practice checklist as people read them."""

from datetime import date
from decimal import Decimal

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.reports import CapacityReport, HireReport, PracticeReport
from bot.views import capacity, capacity_words, hiring, practice
from bot.views.hiring import HireEntries, HireField
from bot.words import Words
from domain.access import FEWEST_TOGETHER
from domain.book_months import BookMonth
from domain.capacity import (
    HoursFit,
    Logged,
    Workload,
    mismatches,
    served_alike,
    utilisation_of,
    workload_of,
)
from domain.hiring import HireTerms, TermsProblem, UnderMinimum, shall_we_hire
from domain.model import Quadrant, Tier
from domain.practice import Point, PointState
from domain.rulebook import RuleBook
from tests.domain.test_capacity import cell, example
from tests.views.examples import ENGLISH, GERMAN, ODD_NAME
from tests.views.judges import assert_blocks, assert_harmless

RULES = RuleBook()
TODAY = date(2026, 11, 23)
MONTHS = tuple(
    BookMonth(
        month=month,
        clients=clients,
        ideal_clients=ideal,
        revenue=Decimal(revenue),
        hours=Decimal(hours),
        ideal_hours=Decimal(with_ideal),
    )
    for month, clients, ideal, revenue, hours, with_ideal in (
        (date(2025, 11, 1), 100, 17, 450_000, 900, 300),
        (date(2026, 11, 1), 115, 23, 529_000, 916, 407),
    )
)
FIELDS = workload_of(
    [
        cell(Tier.A, 4, 40_000, quadrant=Quadrant.GROW, untapped=Decimal(30_000)),
        cell(Tier.N, 40, 2_000, quadrant=Quadrant.MOVE, untapped=Decimal(10_000),
             is_lower_half=True, logged=Logged(deliveries=60, untimed=2)),
        cell(None, 2, 0),
    ],
    RULES,
)  # fmt: skip


def report_of(load: Workload, **more: object) -> CapacityReport:
    given: dict[str, object] = {
        "whose": "Anna Berger",
        "is_team": False,
        "today": TODAY,
        "rules": RULES,
        "limits": RULES.matrix,
        "book": (),
        "load": load,
        "advisors": 1,
        "used": utilisation_of(load.total.planned.advisor, RULES.capacity),
        "single": (),
        "has_consent": False,
        "mismatches": tuple(mismatches(load, RULES)),
        "alike": served_alike(load, RULES),
        "months": MONTHS,
    }
    return CapacityReport(**{**given, **more})  # type: ignore[arg-type]


CAPACITIES = {
    "the worked example": report_of(example()),
    "an empty book": report_of(workload_of([], RULES), months=()),
    "too much for tier N": report_of(FIELDS),
    "a team without consent": report_of(example(), whose=ODD_NAME, is_team=True, advisors=4),
    "a team with consent": report_of(
        example(),
        whose="Birkenhof",
        is_team=True,
        has_consent=True,
        single=((ODD_NAME, utilisation_of(Decimal(916), RULES.capacity)),),
    ),
    "the firm": report_of(example(), whose="", is_team=True, months=MONTHS[1:]),
}
TERMS = HireTerms(
    pay=Decimal(95_000),
    on_cost_factor=Decimal("1.15"),
    workplace=Decimal(0),
    tiers=(Tier.S, Tier.L, Tier.N),
)
UNDER = UnderMinimum(clients=25, revenue=Decimal(25_000), minimum=Decimal(3000))
PRACTICES = PracticeReport(
    points=(
        PointState(point=Point.CRITERIA, is_done=True, on=date(2026, 3, 2)),
        PointState(point=Point.MODEL, is_done=False, on=date(2026, 3, 9), by=ODD_NAME,
                   is_outdated=True),
        PointState(point=Point.CAPACITY, is_done=True),
        PointState(point=Point.NOT_IDEAL, is_done=False, done=24, of=25),
        PointState(point=Point.TOLD, is_done=True, on=date(2026, 4, 1), by="Katharina Vogt"),
        PointState(point=Point.REVIEWED, is_done=True, on=date(2026, 5, 4), done=3, of=90),
    ),
    fit=HoursFit.RESERVE_USED,
    lowest=Tier.N,
    today=TODAY,
)  # fmt: skip


def answered(**changed: object) -> HireReport:
    terms = HireTerms(**{**_terms(), **changed})  # type: ignore[arg-type]
    return HireReport(
        capacity=report_of(example()),
        rules=RULES,
        answer=shall_we_hire(example(), terms, UNDER, RULES),
    )


def _terms() -> dict[str, object]:
    return {
        "pay": TERMS.pay,
        "on_cost_factor": TERMS.on_cost_factor,
        "workplace": TERMS.workplace,
        "tiers": TERMS.tiers,
    }


@pytest.mark.parametrize("report", CAPACITIES.values(), ids=CAPACITIES)
def test_capacity(report: CapacityReport, words: Words, snapshot: SnapshotAssertion) -> None:
    shown = capacity.capacity(report, words)
    assert_blocks(shown, "message")
    assert_harmless(capacity.capacity_text(report, words))
    assert shown == snapshot


def test_the_hiring_sum_before_and_after(words: Words, snapshot: SnapshotAssertion) -> None:
    report = report_of(example())
    first = hiring.hire_modal(report, hiring.first_entries(report, words), words)
    entries = HireEntries(
        part=hiring.TIERS,
        tiers=TERMS.tiers,
        refill=Tier.A,
        numbers={HireField.PAY: "95000", HireField.ON_COST: "1,15", HireField.WORKPLACE: "0"},
    )
    then = hiring.hire_modal(report, entries, words, found=answered())
    for view in (first, then):
        assert_blocks(view, "modal")
    assert [first, then] == snapshot


def test_the_worked_example_in_words() -> None:
    found = answered()
    assert hiring.verdict_line(found.answer, ENGLISH) == "No, by €4,250."
    lines = "\n".join(hiring.sum_lines(found, ENGLISH)).replace("\N{NO-BREAK SPACE}", " ")
    assert "S, L, N, 60 clients with €105,000. The person costs €109,250: €95,000 × 1.15" in lines
    assert "Break-even is at a pay of €91,304." in lines
    assert "275.5 h of the advisor, 476.4 h with others' time" in lines
    assert "from 92% to 64%" in lines
    assert "filled with A at €654 an hour, the 275.5 h freed would be worth about €180,000" in lines
    assert "S €215, L €581, N €500" in lines
    others = "\n".join(hiring.alternative_lines(found, ENGLISH)).replace("\N{NO-BREAK SPACE}", " ")
    assert "frees 12.5 h, up to 25 h if their requests stop too; €25,000 at stake" in others
    assert "End N: frees 50 h; €25,000 at stake." in others
    # 25 × 3,000 less the 25,000 that they bring
    assert "25 clients of N are under it. If all agree, €50,000 more" in others


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"pay": Decimal(90_000)}, "Ja, mit einem Überschuss von 1.500 €."),
        ({"tiers": tuple(Tier)}, "Nein: 1.506,2 h sind mehr als die 1.000 h einer Person"),
        (
            {"tiers": tuple(Tier), "pay": Decimal(500_000)},
            "Nein, um 46.000 €, und 1.506,2 h sind mehr",
        ),
    ],
)
def test_each_answer_has_its_sentence(changed: dict[str, object], said: str) -> None:
    line = hiring.verdict_line(answered(**changed).answer, GERMAN)
    assert said in line.replace("\N{NO-BREAK SPACE}", " ")


def test_everything_that_cannot_be_has_a_sentence(words: Words) -> None:
    assert all(hiring.terms_problem(each, words) for each in TermsProblem)


def test_practice(words: Words, snapshot: SnapshotAssertion) -> None:
    shown = practice.practice(PRACTICES, words, may_tick=True)
    assert_blocks(shown, "message")
    assert_harmless(practice.practice_text(PRACTICES, words))
    modal = practice.tick_modal(Point.MODEL, PRACTICES, words)
    assert_blocks(modal, "modal")
    assert [shown, modal] == snapshot


def test_who_may_not_tick_gets_no_button() -> None:
    shown = practice.practice(PRACTICES, ENGLISH, may_tick=False)
    assert not any("accessory" in block for block in shown)


def test_a_small_team_is_told_why_it_sees_nothing() -> None:
    assert str(FEWEST_TOGETHER) in capacity_words.too_few(ENGLISH)


def test_everybody_gets_the_same_is_said() -> None:
    same = workload_of(
        [
            cell(Tier.A, 10, 100_000, logged=Logged(deliveries=50)),
            cell(Tier.N, 10, 10_000, logged=Logged(deliveries=48)),
        ],
        RULES,
    )
    line = capacity_words.alike_line(report_of(same), ENGLISH)
    assert line.startswith("Everybody gets the same: 5 services a year for A+, A and B, 4.8 for")


@pytest.mark.parametrize(
    ("value", "rough"),
    [("180065.36", "180000"), ("999", "999"), ("12345", "12300"), ("0.4", "0")],
)
def test_a_guess_gets_no_more_digits_than_it_deserves(value: str, rough: str) -> None:
    assert hiring.roughly(Decimal(value)) == Decimal(rough)


@pytest.mark.parametrize(
    ("words", "written"), [(GERMAN, "1000,5"), (ENGLISH, "1000.5")], ids=["de", "en"]
)
def test_a_number_in_a_form_is_written_as_typed(words: Words, written: str) -> None:
    assert hiring.typed(Decimal("1000.50"), words) == written
    assert hiring.typed(Decimal(1000), words) == "1000"
