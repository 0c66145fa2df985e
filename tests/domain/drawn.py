"""Books drawn at random, crowded around everything a rule asks for: cut-offs, limits, ages, ties.

The same code serves hypothesis, which shrinks what fails, and a seeded generator, which is fast
enough for thousands of clients.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from domain.calendar import add_months
from domain.cutoffs import BookCutoffs, rank_rungs
from domain.model import (
    Client,
    Criterion,
    DecisionKind,
    LegacyTie,
    Relation,
    Satisfaction,
    Scale,
    Sponsor,
    StrategicCase,
    Tier,
    Trait,
    TraitKind,
    WalletFact,
    WalletSource,
)
from domain.quadrants import SCALES
from domain.rulebook import (
    MatrixLimits,
    MatrixMode,
    PlainCutoffs,
    RuleBook,
    SideLimits,
    StrategicLimits,
    TierCutoffs,
    TierMethod,
)
from domain.segmentation import tier_of
from tests.domain.examples import TODAY, a_client, a_decision, a_holding, a_tie, an_override

ADVISORS = (7, 8)
TODAYS = (TODAY, date(2028, 2, 29), date(2027, 2, 28), date(2026, 8, 31))
RULE_BOOKS = (
    RuleBook(),
    RuleBook(matrix=MatrixLimits(managed_is_revenue=True)),
    RuleBook(
        cutoffs=TierCutoffs(
            a_plus_from_revenue=Decimal("14999.995"),
            a_from_revenue=Decimal("8000.001"),
            b_from_revenue=Decimal("2999.99"),
        ),
        strategic=StrategicLimits(saver_from_rate_pct=Decimal("19.995")),
        matrix=MatrixLimits(
            satisfaction=SideLimits(
                high_from=Decimal("66.667"),
                low_under=Decimal("33.333"),
                first_high_from=Decimal(50),
            ),
            own_rate_from_share_pct=Decimal(0),
        ),
    ),
    RuleBook(method=TierMethod.PERCENTILE, matrix=MatrixLimits(mode=MatrixMode.MEDIAN)),
    RuleBook(method=TierMethod.PLAIN_REVENUE),
    RuleBook(
        method=TierMethod.PLAIN_MANAGED,
        abcd=PlainCutoffs(
            a_from_managed=Decimal(250_000),
            b_from_managed=Decimal(100_000),
            c_from_managed=Decimal("33333.33"),
        ),
        matrix=MatrixLimits(mode=MatrixMode.MEDIAN, median_band=Decimal("0.5")),
    ),
)
REVENUES = ("0", "2999.99", "3000", "7999.99", "8000", "14999.99", "15000", "15000.01")
MONEY = ("0", "0.01", "900", "33333.33", "100000", "249999.99", "250000", "9999999999999.99")
SHARES = ("0", "4.99", "5", "25", "40", "44.99", "45", "47.5", "49.99", "50", "80", "100")
INDEXES = ("0", "0.5999", "0.6", "0.62", "0.65", "0.66", "0.68", "0.6999", "0.7", "1")


def a_book(random: Random, count: int, rules: RuleBook, today: date) -> list[Client]:
    """Draw a firm's clients; a sponsor is one of them, or a stranger whose tier is only stated."""
    drawn = {number: _client(random, number, today) for number in range(1, count + 1)}
    ranked = [
        each.revenue
        for each in drawn.values()
        if each.revenue is not None and not each.is_former_on(today)
    ]
    cutoffs = BookCutoffs(rungs=rank_rungs(ranked, rules.percentiles))
    tied = []
    for client in drawn.values():
        sponsors = {random.randint(1, count + 3) for _ in range(random.choice((0, 0, 1, 2)))}
        ties = tuple(
            _tie_to(drawn[number], rules, today, cutoffs)
            if number in drawn
            else a_tie(
                random.choice(list(Tier)), sponsor_id=number, is_former=random.random() < 0.3
            )
            for number in sorted(sponsors - {client.client_id})
        )
        tied.append(replace(client, legacy=ties))
    return tied


def _client(random: Random, number: int, today: date) -> Client:
    def maybe(draw: Callable[[], Any], chance: float) -> Any:
        return draw() if random.random() < chance else None

    def several(draw: Callable[[], Any], most: int) -> tuple[Any, ...]:
        return tuple(draw() for _ in range(random.randint(0, most)))

    def day() -> date:
        return _day(random, today)

    def money() -> Decimal:
        return _figure(random, MONEY, 40_000_000)

    def override() -> Any:
        first, last = sorted((day(), day()))
        return an_override(random.choice(list(Tier)), first, last)

    def wallet() -> WalletFact:
        return WalletFact(
            source=random.choice(list(WalletSource)),
            known_on=day(),
            wallet=maybe(money, 0.7),
            share_pct=maybe(lambda: _figure(random, SHARES, 10_000), 0.5),
            **_rank(random),
        )

    return a_client(
        maybe(lambda: _figure(random, REVENUES, 2_000_000), 0.9),
        client_id=number,
        advisor_id=random.choice(ADVISORS),
        income=maybe(
            lambda: _figure(random, ("79999.99", "80000", "149999.99", "150000"), 20_000_000), 0.5
        ),
        saving_rate_pct=maybe(lambda: _figure(random, ("19.99", "20"), 4_000), 0.4),
        business_share_pct=maybe(lambda: _figure(random, ("49.99", "50"), 10_000), 0.2),
        former_since=maybe(day, 0.15),
        satisfactions=several(lambda: _score(random, day()), 5),
        wallets=several(wallet, 4),
        holdings=several(lambda: a_holding(money(), day()), 3),
        strategic=tuple(
            StrategicCase(
                criterion=random.choice(list(Criterion)),
                noted_on=day(),
                recheck_on=maybe(day, 0.7),
            )
            for _ in range(random.choice((0, 0, 0, 1)))
        ),
        overrides=several(override, 2) if random.random() < 0.5 else (),
        decisions=several(
            lambda: a_decision(random.choice(list(DecisionKind)), day(), maybe(day, 0.6)), 2
        ),
        traits=several(lambda: _trait(random, day()), 3),
    )


def _rank(random: Random) -> dict[str, Any]:
    """Draw a place among providers, halves for shared places, or none."""
    if random.random() < 0.4:
        return {}
    providers = random.randint(1, 6)
    return {"providers": providers, "rank": Decimal(random.randint(2, 2 * providers)) / 2}


def _trait(random: Random, on: date) -> Trait:
    kind = random.choice(list(TraitKind))
    value = random.randint(0, 2) if kind is TraitKind.REFERRALS else random.randint(1, 5)
    return Trait(kind=kind, value=value, noted_on=on)


def _day(random: Random, today: date) -> date:
    """Draw a day around today, around the borders of both ages, or anywhere near."""
    border = random.choice((today, add_months(today, -12), add_months(today, -18)))
    near, far = random.randint(-2, 2), random.randint(-200, 40)
    return border + timedelta(days=random.choice((0, near, far)))


def _figure(random: Random, likely: tuple[str, ...], most_hundredths: int) -> Decimal:
    if random.random() < 0.5:
        return Decimal(random.choice(likely))
    return Decimal(random.randint(0, most_hundredths)) / 100


def _score(random: Random, on: date) -> Satisfaction:
    scale = random.choice(list(Scale))
    limits = SCALES[scale]
    part = _figure(random, INDEXES, 100)
    score = limits.minimum + part * (limits.maximum - limits.minimum)
    return Satisfaction(score=score.quantize(Decimal("0.01")), scale=scale, measured_on=on)


def _tie_to(sponsor: Client, rules: RuleBook, today: date, cutoffs: BookCutoffs) -> LegacyTie:
    return LegacyTie(
        relation=Relation.FRIEND,
        sponsor=Sponsor(
            client_id=sponsor.client_id,
            name=sponsor.name,
            tier=tier_of(sponsor, rules, today=today, cutoffs=cutoffs).tier,
            is_former=sponsor.is_former_on(today),
        ),
    )
