"""The worked example of the first method comes out of the store to the cent."""

from collections import Counter
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.demo.run import MEMBERS
from bot.usecases.capacity import capacity_of, hire_for
from bot.usecases.firms import choose_firm, find_member
from domain.book import frames_of, place_book, tier_summary
from domain.hiring import HireTerms
from domain.model import Tier
from domain.rulebook import RuleBook
from domain.segmentation import tier_of
from storage.clients import load_book
from storage.firms import current_rules, list_members
from tests.acceptance.conftest import Demo

pytestmark = pytest.mark.xdist_group("demo")

# 5 × 20,000, 18 × 10,000, 32 × 4,500, 15 × 2,000, 20 × 2,500, 25 × 1,000 a year
EXAMPLE = {
    Tier.A_PLUS: (5, Decimal("100000.00")),
    Tier.A: (18, Decimal("180000.00")),
    Tier.B: (32, Decimal("144000.00")),
    Tier.S: (15, Decimal("30000.00")),
    Tier.L: (20, Decimal("50000.00")),
    Tier.N: (25, Decimal("25000.00")),
}


@pytest.mark.parametrize("key", [member[0] for member in MEMBERS])
def test_each_book_of_the_demo_has_the_tiers_and_revenues_of_the_worked_example(
    demo: Demo, key: str
) -> None:
    today = demo.runtime.today(ZoneInfo("Europe/Berlin"))
    with demo.runtime.store.read(choose_firm(None, demo.runtime).id) as session:
        member = next(each for each in list_members(session) if each.key == key)
        rules: RuleBook = current_rules(session)
        book = load_book(session, {member.member_id}, rules, today=today)
    # By the reader that explains
    counts: Counter[Tier | None] = Counter()
    revenue: Counter[Tier | None] = Counter()
    for client in book:
        tier = tier_of(client, rules, today=today).tier
        counts[tier] += 1
        revenue[tier] += client.revenue or 0  # type: ignore[assignment]
    assert {tier: (counts[tier], revenue[tier]) for tier in counts} == EXAMPLE
    assert sum(revenue.values()) == Decimal("529000.00")
    # And by the one for whole books
    summary = tier_summary(place_book(frames_of(book), rules, today=today))
    assert {
        Tier(tier): (int(row["clients"]), Decimal(int(row["revenue_cents"])) / 100)
        for tier, row in summary.iterrows()
    } == EXAMPLE


@pytest.mark.parametrize("key", [member[0] for member in MEMBERS])
def test_each_book_of_the_demo_takes_916_hours_and_should_not_hire(demo: Demo, key: str) -> None:
    firm_id = choose_firm(None, demo.runtime).id
    assert firm_id is not None
    today = demo.runtime.today(ZoneInfo("Europe/Berlin"))
    member = find_member(firm_id, key, demo.runtime)
    report = capacity_of(firm_id, member, demo.runtime, today=today)
    assert report.used.needed == Decimal("916.0")
    assert (round(report.used.of_all_pct), round(report.used.of_rest_pct)) == (92, 102)
    assert report.load.total.planned.staff.quantize(Decimal("0.1")) == Decimal("590.2")
    terms = HireTerms(
        pay=Decimal(95_000),
        on_cost_factor=Decimal("1.15"),
        workplace=Decimal(0),
        tiers=(Tier.S, Tier.L, Tier.N),
    )
    answer = hire_for(report, terms).answer
    assert (answer.part.revenue, answer.cost, answer.margin) == (105_000, 109_250, -4_250)
    assert round(answer.break_even_pay) == 91_304
    assert answer.freed == Decimal("275.5")
    assert answer.part.planned.total == Decimal("476.4")
