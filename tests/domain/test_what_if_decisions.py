"""Before and after decisions on clients who are not ideal, worked out by hand."""

from decimal import Decimal

import pytest

from domain.capacity import Hours
from domain.model import Tier
from domain.priorities import assess
from domain.what_if_decisions import decisions_effect
from tests.domain.examples import TODAY, a_client
from tests.domain.service_examples import RULES


def book_of(*revenues: int) -> list:
    return [
        assess(a_client(revenue, client_id=number), RULES, book_rate=None, today=TODAY)
        for number, revenue in enumerate(revenues, 1)
    ]


def test_both_sides_stand_beside_each_other():
    # Given one A of 10,000 (15.3 h) and three N of 1,000, 800 and 600 (2 h each)
    book = book_of(10_000, 1000, 800, 600)
    assert [each.tier.tier for each in book] == [Tier.A, Tier.N, Tier.N, Tier.N]
    # When the second is handed over and the fourth ended
    effect = decisions_effect(book, RULES, hand_over={2}, end={4}, extra={})
    # Then 21.3 h become 17.3 h, of 1,000 h and of the 900 h beside the reserve
    assert effect.before.used.needed == Decimal("21.3")
    assert effect.after.used.needed == Decimal("17.3")
    assert effect.after.used.of_rest_pct.quantize(Decimal("0.001")) == Decimal("1.922")
    assert effect.freed == 4
    # And 12,400 become 10,800, of which 1,000 stay in the firm
    assert (effect.before.load.revenue, effect.after.load.revenue) == (12_400, 10_800)
    assert (effect.handed_over.revenue, effect.handed_over.clients) == (1000, 1)
    assert (effect.ended.revenue, effect.ended.clients) == (600, 1)
    # So an hour brings 624.28 instead of 582.16
    rates = [
        s.load.revenue_per_hour.quantize(Decimal("0.01")) for s in (effect.before, effect.after)
    ]
    assert rates == [Decimal("582.16"), Decimal("624.28")]


@pytest.mark.parametrize("advisors", [1, 2])
def test_hours_agreed_with_a_client_go_along(advisors):
    # Client 2 was promised three hours more than the tier gives
    extra = {2: Hours(advisor=Decimal(3), staff=Decimal(0))}
    effect = decisions_effect(
        book_of(10_000, 1000), RULES, hand_over=(), end={2}, extra=extra, advisors=advisors
    )
    assert effect.freed == 5
    assert effect.after.used.client_hours == 1000 * advisors
