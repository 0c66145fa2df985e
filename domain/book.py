"""The same rules over whole books: frames in, one frame out, the scalar readers' very answers.

Inside are the integers of `frames`: no figure is rounded that the scalar readers do not round.
"""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from domain.acceptance import Fit
from domain.book_money import (
    MOST_CENTS,
    AxisReading,
    Shares,
    at_risk_cents,
    half_even,
    untapped_cents,
)
from domain.calendar import add_months
from domain.cutoffs import (
    BookCutoffs,
    Rung,
    median_sides,
    rank_rungs,
    rungs_of,
    sides_in_force,
)
from domain.errors import ScoreOutOfScaleError
from domain.frames import (
    NONE,
    BookFrames,
    Bools,
    Codes,
    Facts,
    Figures,
    Ints,
    Roster,
    Rows,
    any_of,
    categorical,
    codes_of,
    epoch_day,
    figures_column,
    figures_of,
    frames_of,
    hundredths,
    in_order,
    ints,
    is_last,
    known_by,
    last_of,
    last_said,
    steps_reached,
    taken,
)
from domain.model import (
    ABSLN,
    DecisionKind,
    Quadrant,
    Scale,
    Tier,
    TraitKind,
    WalletSource,
)
from domain.priorities import SETTLES_MOVE, SETTLES_N
from domain.quadrants import FIELDS, SCALES, Level, Missing
from domain.relations import Use
from domain.rulebook import (
    AcceptanceRules,
    MatrixLimits,
    MatrixMode,
    RelationRules,
    RuleBook,
    SideLimits,
    StrategicLimits,
    TierMethod,
)

__all__ = [
    "MOST_CENTS",
    "BookFrames",
    "cutoffs_of",
    "frames_of",
    "place_book",
    "quadrant_summary",
    "tier_summary",
]

TIERS = list(Tier)
QUADRANTS = list(Quadrant)
MISSING = list(Missing)
SOURCES = list(WalletSource)[::-1]
"""The best source last: of one day it counts."""
KINDS = list(DecisionKind)
USES = list(Use)
FITS = list(Fit)
SCALES_BY_NAME = sorted(Scale)
"""The order in which the scores of one day are replayed."""
NEVER = np.iinfo(np.int64).max


def cutoffs_of(book: BookFrames, rules: RuleBook, *, today: date) -> BookCutoffs:
    """Return the limits that a rule book leaves to a firm's present clients."""
    day = epoch_day(today)
    clients = _present(book, day)
    revenue = clients.figures("revenue_cents")
    rungs: tuple[Rung, ...] = ()
    if rules.method is TierMethod.PERCENTILE:
        ranked = revenue.values[revenue.known].tolist()
        rungs = rank_rungs([Decimal(cents) / 100 for cents in ranked], rules.percentiles)
    if rules.matrix.mode is MatrixMode.ABSOLUTE:
        return BookCutoffs(rungs=rungs)
    # Which values count does not depend on where high begins.
    roster = Roster(clients.ints("client_id"))
    satisfaction = _satisfaction(book.satisfactions, rules.matrix, roster, today)
    wallets = _wallets(book, roster, day)
    share = _share(wallets, book.holdings, revenue, rules.matrix, roster, today)
    placed = (satisfaction.missing == NONE) & (share.missing == NONE)
    if not placed.any():
        return BookCutoffs(rungs=rungs)
    sides = [
        median_sides(_median(values[placed]) / 100, rules.matrix.median_band)
        for values in (satisfaction.value_bp, share.value_bp)
    ]
    return BookCutoffs(rungs=rungs, satisfaction=sides[0], share=sides[1])


def place_book(
    book: BookFrames, rules: RuleBook, *, today: date, cutoffs: BookCutoffs | None = None
) -> pd.DataFrame:
    """Place the present clients of a book, in the order given, as `priorities.assess_book` does.

    Returns, indexed by client_id: advisor_id, tier, computed_tier, is_overridden, needs_review,
    quadrant, satisfaction_missing, share_missing, index_bp, share_bp, revenue_cents,
    untapped_cents, untapped_is_estimate, at_risk_cents, awaits_decision, awaits_tier_decision,
    relation_use, strategic_recheck_on, override_last_day (days from 1970-01-01), fit.
    What is not placed or not known is NA. The median rate is that of each advisor's own clients.
    Without `cutoffs` the book is taken for the whole firm, and they are its own.
    """
    if rules.asks_the_book and cutoffs is None:
        cutoffs = cutoffs_of(book, rules, today=today)
    limits, day = sides_in_force(rules.matrix, cutoffs), epoch_day(today)
    clients = _present(book, day)
    roster = Roster(clients.ints("client_id"))
    advisor, revenue = clients.ints("advisor_id"), clients.figures("revenue_cents")
    wallets = _wallets(book, roster, day)

    computed = _tiers_by_rule(
        book, clients, revenue, wallets, rules, rungs_of(rules, cutoffs), roster, day
    )
    override, override_last_day = _override_tiers(book.overrides, roster, day)
    tier = np.where(override != NONE, override, computed)
    satisfaction = _satisfaction(book.satisfactions, limits, roster, today)
    share = _share(wallets, book.holdings, revenue, limits, roster, today)
    quadrant = _fields(satisfaction, share)
    in_move, in_model = (
        quadrant == QUADRANTS.index(each) for each in (Quadrant.MOVE, Quadrant.MODEL)
    )
    untapped, is_estimate = untapped_cents(share, revenue, limits, advisor)
    at_risk = at_risk_cents(revenue.values, satisfaction.value_bp)
    decided = known_by(book.decisions, "decided_on", roster, day)
    has_index, has_share = satisfaction.missing == NONE, share.missing == NONE
    columns = {
        "advisor_id": advisor,
        "tier": categorical(tier, TIERS),
        "computed_tier": categorical(computed, TIERS),
        "is_overridden": override != NONE,
        "needs_review": _needs_review(book, tier, computed, roster),
        "quadrant": categorical(quadrant, QUADRANTS),
        "satisfaction_missing": categorical(satisfaction.missing, MISSING),
        "share_missing": categorical(share.missing, MISSING),
        "index_bp": figures_column(satisfaction.value_bp, has_index),
        "share_bp": figures_column(share.value_bp, has_share),
        "revenue_cents": figures_column(revenue.values, revenue.known),
        "untapped_cents": figures_column(untapped.values, untapped.known),
        "untapped_is_estimate": is_estimate,
        "at_risk_cents": figures_column(at_risk, revenue.known & has_index),
        "awaits_decision": in_move & ~_settled(decided, SETTLES_MOVE, len(roster), day),
        "awaits_tier_decision": (tier == TIERS.index(Tier.N))
        & ~_settled(decided, SETTLES_N, len(roster), day),
        "relation_use": categorical(
            np.where(in_model, _relation_uses(book.traits, rules.relation, roster, day), NONE), USES
        ),
        "strategic_recheck_on": _strategic_rechecks(
            book.criteria, tier == TIERS.index(Tier.S), roster, day
        ),
        "override_last_day": figures_column(override_last_day, override != NONE),
        "fit": categorical(_fits(revenue, rules.acceptance), FITS),
    }
    return pd.DataFrame(columns, index=pd.Index(roster.client_id, name="client_id"), copy=False)


def _median(values: Ints) -> Decimal:
    """Return the exact median of whole numbers."""
    ordered = np.sort(values)
    lower, upper = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return (Decimal(int(lower)) + Decimal(int(upper))) / 2


def tier_summary(placed: pd.DataFrame) -> pd.DataFrame:
    """Summarise a placed book by tier.

    Returns, indexed by the six tiers of ABSLN and by what else there is: clients, revenue_cents,
    average_cents. The average is of the clients with known revenue; a tier without any has none
    (NA), not 0.
    """
    summary = _summary(placed, "tier")
    return summary.loc[summary.index.isin(ABSLN) | (summary["clients"] > 0)]


def quadrant_summary(placed: pd.DataFrame) -> pd.DataFrame:
    """Summarise a placed book by field.

    Returns, indexed by all four fields: clients, revenue_cents, average_cents, untapped_cents,
    at_risk_cents.
    """
    money = placed.groupby("quadrant", observed=False)[["untapped_cents", "at_risk_cents"]].sum()
    return _summary(placed, "quadrant").join(money)


def _summary(placed: pd.DataFrame, axis: str) -> pd.DataFrame:
    revenue = placed.groupby(axis, observed=False)["revenue_cents"]
    totals, known = revenue.sum(), revenue.count().to_numpy(np.int64)
    average = half_even(totals.to_numpy(np.int64), np.maximum(known, 1))
    return pd.DataFrame(
        {
            "clients": revenue.size(),
            "revenue_cents": totals,
            "average_cents": figures_column(average, known > 0),
        }
    )


def _present(book: BookFrames, day: int) -> Rows:
    """Return the clients whose relationship has not ended by a day."""
    since = figures_of(book.clients["former_since"])
    return Rows(book.clients, np.flatnonzero(~since.known | (since.values > day)))


def _wallets(book: BookFrames, roster: Roster, day: int) -> Facts:
    source = codes_of(book.wallets["source"], SOURCES)
    return known_by(book.wallets, "known_on", roster, day, tie=source)


# Tiers


def _tiers_by_rule(
    book: BookFrames,
    clients: Rows,
    revenue: Figures,
    wallets: Facts,
    rules: RuleBook,
    rungs: tuple[Rung, ...],
    roster: Roster,
    day: int,
) -> Codes:
    """Return each client's tier by the rule alone."""
    if rules.method.is_plain:
        tier = np.full(len(roster), TIERS.index(Tier.D), dtype=np.int8)
        by_revenue = rules.method is TierMethod.PLAIN_REVENUE or rules.matrix.managed_is_revenue
        amount = revenue if by_revenue else _managed_now(book.holdings, roster, day)
        return _climbed(tier, amount, rungs)
    tier = np.full(len(roster), TIERS.index(Tier.N), dtype=np.int8)
    tier[any_of(roster.places(book.ties["client_id"]), len(roster))] = TIERS.index(Tier.L)
    tier[known_by(book.criteria, "noted_on", roster, day).row] = TIERS.index(Tier.S)
    tier[_computed_strategic(clients, wallets, rules.strategic)] = TIERS.index(Tier.S)
    return _climbed(tier, revenue, rungs)


def _climbed(tier: Codes, amount: Figures, rungs: tuple[Rung, ...]) -> Codes:
    """Lift clients to the highest tier whose amount they reach; unknown amounts give none."""
    reached = steps_reached(amount, [rung.begins_at for rung in rungs])
    climbs = np.flatnonzero(reached)
    ascending = [TIERS.index(rung.tier) for rung in reversed(rungs)]
    tier[climbs] = np.array([NONE, *ascending], dtype=np.int8)[reached[climbs]]
    tier[np.flatnonzero(~amount.known)] = NONE
    return tier


def _managed_now(holdings: pd.DataFrame, roster: Roster, day: int) -> Figures:
    held = known_by(holdings, "held_on", roster, day)
    return held.figures("managed_cents").at(last_of(held.row, len(roster)))


def _computed_strategic(clients: Rows, wallets: Facts, limits: StrategicLimits) -> Bools:
    """Tell of which clients the known figures alone fulfil a criterion of tier S."""
    income, rate = clients.figures("income_cents"), clients.figures("saving_rate_bp")
    owned, wallet = clients.figures("business_share_bp"), wallets.figures("wallet_cents")
    not_rich = last_said(
        wallets.row, ~_reaches(wallet, limits.henry_below_wallet), wallet.known, len(clients.order)
    )
    saver = _reaches(rate, limits.saver_from_rate_pct)
    well_paid = _reaches(income, limits.well_paid_from_income)
    high_earner = _reaches(income, limits.henry_from_income)
    owner = _reaches(owned, limits.owner_from_business_share_pct)
    strategic: Bools = (saver & well_paid) | owner | (high_earner & not_rich)
    return strategic


def _strategic_rechecks(
    criteria: pd.DataFrame, strategic: Bools, roster: Roster, day: int
) -> pd.arrays.IntegerArray:
    """Return the first day on which each S client's investment is to be looked at."""
    noted = known_by(criteria, "noted_on", roster, day)
    recheck = noted.figures("recheck_on")
    first = np.full(len(roster), NEVER)
    np.minimum.at(first, noted.row[recheck.known], recheck.values[recheck.known])
    return figures_column(first, strategic & (first < NEVER))


def _fits(revenue: Figures, rules: AcceptanceRules) -> Codes:
    """Hold each revenue against the criteria for new clients."""
    reached = steps_reached(revenue, (rules.minimum_revenue, rules.ideal_revenue))
    ascending = [FITS.index(each) for each in (Fit.BELOW_MINIMUM, Fit.ACCEPTED, Fit.IDEAL)]
    fit = np.array(ascending, dtype=np.int8)[reached]
    fit[np.flatnonzero(~revenue.known)] = FITS.index(Fit.UNKNOWN)
    return fit


def _override_tiers(overrides: pd.DataFrame, roster: Roster, day: int) -> tuple[Codes, Ints]:
    """Return each client's tier by a person's word in force today, or NONE, and its last day."""
    holding = overrides.loc[overrides["last_day"] >= day]
    begun = known_by(holding, "first_day", roster, day)
    tier = np.full(len(roster), NONE, dtype=np.int8)
    tier[begun.row] = begun.codes("tier", TIERS)
    last_day = np.zeros(len(roster), dtype=np.int64)
    last_day[begun.row] = begun.ints("last_day")
    return tier, last_day


def _needs_review(book: BookFrames, tier: Codes, computed: Codes, roster: Roster) -> Bools:
    """Tell of which legacy clients no sponsor is a present client of tier A+ or A any more."""
    ties = book.ties
    top = (tier == TIERS.index(Tier.A_PLUS)) | (tier == TIERS.index(Tier.A))
    supports = taken(top, roster.places(ties["sponsor_id"]))
    stated = np.flatnonzero(figures_of(ties["sponsor_supports"]).values == 1)
    stated_id = ints(ties["sponsor_id"])[stated]
    supports[stated] |= np.isin(stated_id, ints(book.clients["client_id"]), invert=True)
    row = roster.places(ties["client_id"])
    unsupported = any_of(row, len(roster)) & ~any_of(row[supports], len(roster))
    # Above B, or with unknown revenue, no relation is asked for: a person alone made it L.
    by_relation = (computed == TIERS.index(Tier.S)) | (computed == TIERS.index(Tier.L))
    needs_review: Bools = (tier == TIERS.index(Tier.L)) & by_relation & unsupported
    return needs_review


# Fields of the matrix


def _satisfaction(
    facts: pd.DataFrame, limits: MatrixLimits, roster: Roster, today: date
) -> AxisReading:
    """Read each client's satisfaction; NPS only where nothing better is usable."""
    scale = codes_of(facts["scale"], SCALES_BY_NAME)
    known = known_by(facts, "measured_on", roster, epoch_day(today), tie=scale)
    row = known.row
    index = _index_bp(known.ints("score_hundredths"), known.tie)
    is_nps = known.tie == SCALES_BY_NAME.index(Scale.NPS)
    usable = known.day >= oldest_usable(limits, today)
    better = any_of(row[np.flatnonzero(usable & ~is_nps)], len(roster))
    series = np.flatnonzero(is_nps != better[row])
    missing = np.full(len(roster), MISSING.index(Missing.SATISFACTION), dtype=np.int8)
    missing[row] = MISSING.index(Missing.SATISFACTION_EXPIRED)
    missing[row[np.flatnonzero(usable)]] = NONE
    row, index = row[series], index[series]
    return AxisReading(
        value_bp=taken(index, last_of(row, len(roster))),
        high=_sides(row, index, limits.satisfaction, len(roster)),
        missing=missing,
    )


def _index_bp(score: Ints, scale: Ints) -> Ints:
    """Convert scores to the index; the width of every scale divides 100, so none is rounded."""
    ends = [SCALES[each] for each in SCALES_BY_NAME]
    per_score = [100 // int(each.maximum - each.minimum) for each in ends]
    slope = [-by if each.best_is_low else by for each, by in zip(ends, per_score, strict=True)]
    worst = [hundredths(each.maximum if each.best_is_low else each.minimum) for each in ends]
    index: Ints = (score - np.array(worst)[scale]) * np.array(slope)[scale]
    outside = np.flatnonzero((index < 0) | (index > 10_000))
    if len(outside):
        wrong = ends[scale[outside[0]]]
        raise ScoreOutOfScaleError(score[outside[0]] / 100, wrong.minimum, wrong.maximum)
    return index


def _share(
    wallets: Facts,
    holdings: pd.DataFrame,
    revenue: Figures,
    limits: MatrixLimits,
    roster: Roster,
    today: date,
) -> Shares:
    """Read each client's share of wallet by the source that counts, and replay its past."""
    counting = _counting_sources(wallets, limits, len(roster), today)
    held = known_by(holdings, "held_on", roster, epoch_day(today))
    if limits.managed_is_revenue:
        held = held.none()
    row, statement, holding = _states(wallets, wallets.tie == counting[wallets.row], held)
    wallet = wallets.figures("wallet_cents").at(statement)
    said = _said(wallets).at(statement)
    managed = held.figures("managed_cents").at(holding)
    if limits.managed_is_revenue:
        managed = revenue.at(row)
    share, missing = _shares(wallet, said, managed)
    series = np.flatnonzero(missing == NONE)
    now = last_of(row, len(roster))
    unknown = np.full(len(roster), MISSING.index(Missing.WALLET), dtype=np.int8)
    unknown[wallets.row] = MISSING.index(Missing.WALLET_EXPIRED)
    return Shares(
        value_bp=taken(share, now),
        high=_sides(row[series], share[series], limits.share, len(roster)),
        missing=np.where(now == NONE, unknown, taken(missing, now)),
        wallet=wallet.at(now),
        managed=managed.at(now),
    )


def _counting_sources(wallets: Facts, limits: MatrixLimits, clients: int, today: date) -> Codes:
    """Return the best source of each client that is not expired, or NONE."""
    usable = wallets.day >= oldest_usable(limits, today)
    counting = np.full(clients, NONE, dtype=np.int8)
    for code in range(len(SOURCES)):
        counting[wallets.row[np.flatnonzero(usable & (wallets.tie == code))]] = code
    return counting


def _states(wallets: Facts, counts: Bools, held: Facts) -> tuple[Ints, Ints, Ints]:
    """Return how each day ended on which the source that counts spoke or the holding changed.

    That is the client's place and the positions of the last statement and the last holding, or
    NONE; days before the first statement are left out.
    """
    said, holding = np.flatnonzero(counts), np.arange(len(held.row))
    row, day = (
        np.concatenate((ours[said], theirs))
        for ours, theirs in ((wallets.row, held.row), (wallets.day, held.day))
    )
    row, day, order = in_order(row, day)
    at = np.flatnonzero(is_last(row, day))
    row = row[at]
    # Both stand by client and day, so that the largest position so far is the latest one.
    statement, holding = (
        np.maximum.accumulate(each[order])[at]
        for each in (
            np.concatenate((said, np.full_like(holding, NONE))),
            np.concatenate((np.full_like(said, NONE), holding)),
        )
    )
    own = np.flatnonzero((statement != NONE) & (taken(wallets.row, statement) == row))
    row, statement, holding = row[own], statement[own], holding[own]
    return row, statement, np.where(taken(held.row, holding) == row, holding, NONE)


def _said(wallets: Facts) -> Figures:
    """Return the shares stated, or by the Wallet Allocation Rule where that is the source."""
    stated = wallets.figures("share_bp")
    by_rule = np.flatnonzero(wallets.tie == SOURCES.index(WalletSource.RULE))
    facts = Rows(wallets.frame, wallets.order[by_rule])
    providers, rank = facts.figures("providers"), facts.figures("rank_hundredths")
    known = np.flatnonzero(providers.known & rank.known)
    by_rule, count = by_rule[known], providers.values[known]
    share = ((count + 1) * 100 - rank.values[known]) * 200 // (count * (count + 1))
    stated.values[by_rule], stated.known[by_rule] = share, True
    return stated


def _shares(wallet: Figures, stated: Figures, managed: Figures) -> tuple[Ints, Codes]:
    """Return our share, the stated one or managed ÷ wallet, and what is missing of it.

    The quotient is rounded down to hundredths of a per cent by long division in base 100: no
    product leaves 63 bits for money up to 9 × 10^14, where managed × 10,000 at once would.
    """
    divisor = np.maximum(wallet.values, 1)
    whole, rest = np.divmod(managed.values * 100, divisor)
    computed = whole * 100 + rest * 100 // divisor
    missing = np.full(len(computed), NONE, dtype=np.int8)
    missing[wallet.values == 0] = MISSING.index(Missing.WALLET_BELOW_MANAGED)
    missing[~managed.known] = MISSING.index(Missing.MANAGED)
    missing[~wallet.known] = MISSING.index(Missing.WALLET)
    missing[stated.known] = NONE
    below = wallet.known & managed.known & (wallet.values < managed.values)
    missing[below] = MISSING.index(Missing.WALLET_BELOW_MANAGED)
    return np.where(stated.known, stated.values, computed), missing


def _sides(row: Ints, value: Ints, limits: SideLimits, clients: int) -> Bools:
    """Tell which clients end on the high side after replaying their values, the oldest first.

    The last value outside the band decides; with none outside, the first value does.
    """
    is_high, is_low = value >= hundredths(limits.high_from), value < hundredths(limits.low_under)
    high = np.zeros(clients, dtype=bool)
    first = np.flatnonzero(is_last(row[::-1])[::-1])
    high[row[first]] = value[first] >= hundredths(limits.first_high_from)
    outside = np.flatnonzero(is_high | is_low)
    high[row[outside]] = is_high[outside]
    return high


def oldest_usable(limits: MatrixLimits, today: date) -> int:
    """Return the first day whose values are not expired; month ends make it more than a minus."""
    day = add_months(today, -limits.usable_months)
    while add_months(day, limits.usable_months) < today:
        day += timedelta(days=1)
    return epoch_day(day)


def _fields(satisfaction: AxisReading, share: AxisReading) -> Codes:
    """Return each client's field, or NONE where a side is missing."""
    sides = (Level.LOW, Level.HIGH)
    matrix = np.array([QUADRANTS.index(FIELDS[s, w]) for s in sides for w in sides], dtype=np.int8)
    field = matrix[2 * satisfaction.high.view(np.int8) + share.high.view(np.int8)]
    return np.where((satisfaction.missing == NONE) & (share.missing == NONE), field, NONE)


# Decisions and relations


def _settled(made: Facts, kinds: tuple[DecisionKind, ...], clients: int, day: int) -> Bools:
    """Tell of which clients a decision of these kinds still stands."""
    recheck = made.figures("recheck_on")
    stands = np.isin(made.codes("kind", KINDS), [KINDS.index(kind) for kind in kinds])
    stands &= ~recheck.known | (recheck.values > day)
    return any_of(made.row[stands], clients)


def _relation_uses(traits: pd.DataFrame, rules: RelationRules, roster: Roster, day: int) -> Codes:
    """Suggest a use of each relation, or NONE where neither trust nor referrals say anything."""
    noted = known_by(traits, "noted_on", roster, day)
    kind, value = noted.codes("kind", list(TraitKind)), noted.ints("value")
    use = np.full(len(roster), NONE, dtype=np.int8)
    trusted = np.flatnonzero(kind == list(TraitKind).index(TraitKind.TRUST))
    use[noted.row[trusted]] = np.where(
        value[trusted] >= rules.reference_from_trust,
        USES.index(Use.REFERENCE),
        USES.index(Use.LEARN),
    )
    refers = last_said(
        noted.row,
        value >= rules.referrer_from_referrals,
        kind == list(TraitKind).index(TraitKind.REFERRALS),
        len(roster),
    )
    use[refers] = USES.index(Use.REFERRAL)
    return use


def _reaches(figures: Figures, limit: Decimal) -> Bools:
    return figures.known & (figures.values >= hundredths(limit))
