"""The same rules over whole books: frames in, one frame out, the scalar readers' very answers.

Inside are the integers of `frames`: no figure is rounded that the scalar readers do not round.
"""

from datetime import date, timedelta
from decimal import Decimal
from statistics import median

import numpy as np
import pandas as pd

from domain.acceptance import Fit
from domain.book_money import (
    MOST_CENTS,
    AxisReading,
    Shares,
    at_risk_cents,
    half_even,
    hundredths,
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
    Figures,
    Ints,
    any_of,
    categorical,
    codes_of,
    ends_of_day,
    epoch_day,
    figures_column,
    figures_of,
    frames_of,
    ints,
    known_by,
    last_of,
    latest_so_far,
    order_of,
    positions,
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
SOURCES = list(WalletSource)
KINDS = list(DecisionKind)
USES = list(Use)
FITS = list(Fit)
SCALES_BY_NAME = sorted(Scale)
"""The order in which the scores of one day are replayed."""


def cutoffs_of(book: BookFrames, rules: RuleBook, *, today: date) -> BookCutoffs:
    """Return the limits that a rule book leaves to a firm's present clients."""
    ids, day = pd.Index(book.clients["client_id"]), epoch_day(today)
    present = ~_former(book, day)
    revenue = figures_of(book.clients["revenue_cents"])
    rungs: tuple[Rung, ...] = ()
    if rules.method is TierMethod.PERCENTILE:
        ranked = revenue.values[revenue.known & present].tolist()
        rungs = rank_rungs([Decimal(cents) / 100 for cents in ranked], rules.percentiles)
    if rules.matrix.mode is MatrixMode.ABSOLUTE:
        return BookCutoffs(rungs=rungs)
    # Which values count does not depend on where high begins.
    wallets = known_by(book.wallets, "known_on", ids, day, tie=_best_source_last(book.wallets))
    satisfaction = _satisfaction(book.satisfactions, rules.matrix, ids, today)
    share = _share(wallets, book.holdings, revenue, rules.matrix, ids, today)
    placed = present & (satisfaction.missing == NONE) & (share.missing == NONE)
    if not placed.any():
        return BookCutoffs(rungs=rungs)
    sides = [
        median_sides(
            median(Decimal(each) for each in values[placed].tolist()) / 100,
            rules.matrix.median_band,
        )
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
    limits = sides_in_force(rules.matrix, cutoffs)
    ids, day = pd.Index(book.clients["client_id"]), epoch_day(today)
    revenue = figures_of(book.clients["revenue_cents"])
    former = _former(book, day)
    wallets = known_by(book.wallets, "known_on", ids, day, tie=_best_source_last(book.wallets))

    computed = _tiers_by_rule(book, wallets, revenue, rules, rungs_of(rules, cutoffs), ids, day)
    override, override_last_day = _override_tiers(book.overrides, ids, day)
    tier = np.where(override != NONE, override, computed)
    satisfaction = _satisfaction(book.satisfactions, limits, ids, today)
    share = _share(wallets, book.holdings, revenue, limits, ids, today)
    placed = (satisfaction.missing == NONE) & (share.missing == NONE)
    quadrant = np.where(placed, _fields()[satisfaction.high * 1, share.high * 1], NONE)
    advisor = book.clients["advisor_id"].to_numpy(np.int64)
    untapped, is_estimate = untapped_cents(share, revenue, limits, advisor, present=~former)
    at_risk = Figures(
        at_risk_cents(revenue.values, satisfaction.value_bp),
        revenue.known & (satisfaction.missing == NONE),
    )
    in_move = quadrant == QUADRANTS.index(Quadrant.MOVE)
    frame = pd.DataFrame(
        {
            "advisor_id": advisor,
            "tier": categorical(tier, TIERS),
            "computed_tier": categorical(computed, TIERS),
            "is_overridden": override != NONE,
            "needs_review": _needs_review(book.ties, tier, computed, former, ids),
            "quadrant": categorical(quadrant, QUADRANTS),
            "satisfaction_missing": categorical(satisfaction.missing, MISSING),
            "share_missing": categorical(share.missing, MISSING),
            "index_bp": figures_column(satisfaction.value_bp, satisfaction.missing == NONE),
            "share_bp": figures_column(share.value_bp, share.missing == NONE),
            "revenue_cents": figures_column(revenue.values, revenue.known),
            "untapped_cents": figures_column(untapped.values, untapped.known),
            "untapped_is_estimate": is_estimate,
            "at_risk_cents": figures_column(at_risk.values, at_risk.known),
            "awaits_decision": in_move & ~_settled(book.decisions, SETTLES_MOVE, ids, day),
            "awaits_tier_decision": (tier == TIERS.index(Tier.N))
            & ~_settled(book.decisions, SETTLES_N, ids, day),
            "relation_use": categorical(
                np.where(
                    quadrant == QUADRANTS.index(Quadrant.MODEL),
                    _relation_uses(book.traits, rules.relation, ids, day),
                    NONE,
                ),
                USES,
            ),
            "strategic_recheck_on": _strategic_rechecks(
                book.criteria, tier == TIERS.index(Tier.S), ids, day
            ),
            "override_last_day": figures_column(override_last_day, override != NONE),
            "fit": categorical(_fits(revenue, rules.acceptance), FITS),
        },
        index=ids,
    )
    return frame.loc[~former]


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


# Tiers


def _tiers_by_rule(
    book: BookFrames,
    wallets: pd.DataFrame,
    revenue: Figures,
    rules: RuleBook,
    rungs: tuple[Rung, ...],
    ids: pd.Index,
    day: int,
) -> Ints:
    """Return each client's tier by the rule alone."""
    if rules.method.is_plain:
        tier = np.full(len(ids), TIERS.index(Tier.D), dtype=np.int64)
        by_revenue = rules.method is TierMethod.PLAIN_REVENUE or rules.matrix.managed_is_revenue
        amount = revenue if by_revenue else _managed_now(book.holdings, ids, day)
        return _climbed(tier, amount, rungs)
    noted = known_by(book.criteria, "noted_on", ids, day)
    strategic = any_of(noted["row"].to_numpy(), len(ids))
    strategic |= _computed_strategic(book.clients, wallets, rules.strategic)
    legacy = any_of(positions(book.ties["client_id"], ids), len(ids))
    tier = np.full(len(ids), TIERS.index(Tier.N), dtype=np.int64)
    tier[legacy] = TIERS.index(Tier.L)
    tier[strategic] = TIERS.index(Tier.S)
    return _climbed(tier, revenue, rungs)


def _climbed(tier: Ints, amount: Figures, rungs: tuple[Rung, ...]) -> Ints:
    """Lift clients to the highest tier whose amount they reach; unknown amounts give none."""
    for rung in reversed(rungs):
        tier[amount.values >= hundredths(rung.begins_at)] = TIERS.index(rung.tier)
    tier[~amount.known] = NONE
    return tier


def _managed_now(holdings: pd.DataFrame, ids: pd.Index, day: int) -> Figures:
    held = known_by(holdings, "held_on", ids, day)
    last = last_of(held["row"].to_numpy(), len(ids), np.ones(len(held), dtype=bool))
    return figures_of(held["managed_cents"]).at(last)


def _former(book: BookFrames, day: int) -> Bools:
    since = figures_of(book.clients["former_since"])
    former: Bools = since.known & (since.values <= day)
    return former


def _computed_strategic(
    clients: pd.DataFrame, wallets: pd.DataFrame, limits: StrategicLimits
) -> Bools:
    """Tell of which clients the known figures alone fulfil a criterion of tier S."""
    income, rate = figures_of(clients["income_cents"]), figures_of(clients["saving_rate_bp"])
    owned = figures_of(clients["business_share_bp"])
    amounts = figures_of(wallets["wallet_cents"])
    wallet = amounts.at(last_of(wallets["row"].to_numpy(), len(clients), amounts.known))
    saver = _reaches(rate, limits.saver_from_rate_pct)
    well_paid = _reaches(income, limits.well_paid_from_income)
    high_earner = _reaches(income, limits.henry_from_income)
    not_rich = wallet.known & ~_reaches(wallet, limits.henry_below_wallet)
    owner = _reaches(owned, limits.owner_from_business_share_pct)
    strategic: Bools = (saver & well_paid) | owner | (high_earner & not_rich)
    return strategic


def _strategic_rechecks(
    criteria: pd.DataFrame, strategic: Bools, ids: pd.Index, day: int
) -> pd.arrays.IntegerArray:
    """Return the first day on which each S client's investment is to be looked at."""
    noted = known_by(criteria, "noted_on", ids, day)
    recheck = figures_of(noted["recheck_on"])
    first = np.full(len(ids), np.iinfo(np.int64).max)
    np.minimum.at(first, noted["row"].to_numpy()[recheck.known], recheck.values[recheck.known])
    return figures_column(first, strategic & (first < np.iinfo(np.int64).max))


def _fits(revenue: Figures, rules: AcceptanceRules) -> Ints:
    """Hold each revenue against the criteria for new clients."""
    fit = np.full(len(revenue.values), FITS.index(Fit.BELOW_MINIMUM), dtype=np.int64)
    fit[revenue.values >= hundredths(rules.minimum_revenue)] = FITS.index(Fit.ACCEPTED)
    fit[revenue.values >= hundredths(rules.ideal_revenue)] = FITS.index(Fit.IDEAL)
    fit[~revenue.known] = FITS.index(Fit.UNKNOWN)
    return fit


def _override_tiers(overrides: pd.DataFrame, ids: pd.Index, day: int) -> tuple[Ints, Ints]:
    """Return each client's tier by a person's word in force today, or NONE, and its last day."""
    begun = known_by(overrides, "first_day", ids, day)
    holds = begun["last_day"].to_numpy(np.int64) >= day
    position = last_of(begun["row"].to_numpy(), len(ids), holds)
    tier = np.where(position == NONE, NONE, taken(codes_of(begun["tier"], TIERS), position))
    return tier, taken(begun["last_day"].to_numpy(np.int64), position)


def _needs_review(
    ties: pd.DataFrame, tier: Ints, computed: Ints, former: Bools, ids: pd.Index
) -> Bools:
    """Tell of which legacy clients no sponsor is a present client of tier A+ or A any more."""
    top = np.isin(tier, [TIERS.index(Tier.A_PLUS), TIERS.index(Tier.A)]) & ~former
    sponsor = positions(ties["sponsor_id"], ids)
    stated = figures_of(ties["sponsor_supports"]).values == 1
    supports = np.where(sponsor == NONE, stated, taken(top, sponsor))
    row = positions(ties["client_id"], ids)
    tied = any_of(row, len(ids))
    supported = any_of(row[supports], len(ids))
    # Above B, or with unknown revenue, no relation is asked for: a person alone made it L.
    by_relation = np.isin(computed, [TIERS.index(Tier.S), TIERS.index(Tier.L)])
    needs_review: Bools = (tier == TIERS.index(Tier.L)) & by_relation & tied & ~supported
    return needs_review


# Fields of the matrix


def _satisfaction(
    facts: pd.DataFrame, limits: MatrixLimits, ids: pd.Index, today: date
) -> AxisReading:
    """Read each client's satisfaction; NPS only where nothing better is usable."""
    known = known_by(
        facts, "measured_on", ids, epoch_day(today), tie=codes_of(facts["scale"], SCALES_BY_NAME)
    )
    row = known["row"].to_numpy()
    is_nps = codes_of(known["scale"], SCALES_BY_NAME) == SCALES_BY_NAME.index(Scale.NPS)
    usable = known["day"].to_numpy() >= _oldest_usable(limits, today)
    better = any_of(row[usable & ~is_nps], len(ids))
    in_series = is_nps != better[row]
    index = _index_bp(known)
    missing = np.full(len(ids), MISSING.index(Missing.SATISFACTION), dtype=np.int64)
    missing[row] = MISSING.index(Missing.SATISFACTION_EXPIRED)
    missing[row[usable]] = NONE
    return AxisReading(
        value_bp=taken(index, last_of(row, len(ids), in_series)),
        high=_sides(row[in_series], index[in_series], limits.satisfaction, len(ids)),
        missing=missing,
    )


def _index_bp(facts: pd.DataFrame) -> Ints:
    """Convert scores to the index; the width of every scale divides 100, so none is rounded."""
    scale, score = codes_of(facts["scale"], SCALES_BY_NAME), ints(facts["score_hundredths"])
    ends = [SCALES[each] for each in SCALES_BY_NAME]
    low = np.array([hundredths(each.minimum) for each in ends], dtype=np.int64)[scale]
    high = np.array([hundredths(each.maximum) for each in ends], dtype=np.int64)[scale]
    outside = np.flatnonzero((score < low) | (score > high))
    if len(outside):
        wrong = ends[scale[outside[0]]]
        raise ScoreOutOfScaleError(score[outside[0]] / 100, wrong.minimum, wrong.maximum)
    best_is_low = np.array([each.best_is_low for each in ends])[scale]
    distance = np.where(best_is_low, high - score, score - low)
    index: Ints = distance * 10_000 // (high - low)
    return index


def _share(
    wallets: pd.DataFrame,
    holdings: pd.DataFrame,
    revenue: Figures,
    limits: MatrixLimits,
    ids: pd.Index,
    today: date,
) -> Shares:
    """Read each client's share of wallet by the source that counts, and replay its past."""
    spoken, source = wallets["row"].to_numpy(), codes_of(wallets["source"], SOURCES)
    usable = wallets["day"].to_numpy() >= _oldest_usable(limits, today)
    counting = np.full(len(ids), NONE, dtype=np.int64)
    for code in reversed(range(len(SOURCES))):
        counting[spoken[usable & (source == code)]] = code

    held = known_by(holdings, "held_on", ids, epoch_day(today))
    if limits.managed_is_revenue:
        held = held.iloc[:0]
    counts = source == counting[spoken]
    events = _events(wallets.assign(rule_bp=_rule_bp(wallets, source)).loc[counts], held)
    row, is_statement = events["row"].to_numpy(), events["is_statement"].to_numpy(bool)
    statement = latest_so_far(row, is_statement)
    wallet = figures_of(events["wallet_cents"]).at(statement)
    stated = figures_of(events["share_bp"]).at(statement)
    managed = figures_of(events["managed_cents"]).at(latest_so_far(row, ~is_statement))
    if limits.managed_is_revenue:
        managed = revenue.at(row)
    by_rule = figures_of(events["rule_bp"]).at(statement)
    said = Figures(
        np.where(by_rule.known, by_rule.values, stated.values), by_rule.known | stated.known
    )
    share, missing = _shares(wallet, said, managed)

    # The state at the end of each day on which the source spoke or the holding changed.
    state = ends_of_day(row, events["day"].to_numpy()) & (statement != NONE)
    series = state & (missing == NONE)
    now = last_of(row, len(ids), state)
    unknown = np.full(len(ids), MISSING.index(Missing.WALLET), dtype=np.int64)
    unknown[spoken] = MISSING.index(Missing.WALLET_EXPIRED)
    return Shares(
        value_bp=taken(share, now),
        high=_sides(row[series], share[series], limits.share, len(ids)),
        missing=np.where(now == NONE, unknown, taken(missing, now)),
        wallet=wallet.at(now),
        managed=managed.at(now),
    )


def _events(statements: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Merge what was said of the wallet with what was held, by client, then day."""
    amounts = ["wallet_cents", "share_bp", "rule_bp"]
    said = statements[["row", "day", *amounts]].astype(dict.fromkeys(amounts, "Int64"))
    kept = held[["row", "day", "managed_cents"]].astype({"managed_cents": "Int64"})
    both = pd.concat(
        [said.assign(is_statement=True), kept.assign(is_statement=False)], ignore_index=True
    )
    return both.take(order_of(both["row"].to_numpy(), both["day"].to_numpy()))


def _rule_bp(wallets: pd.DataFrame, source: Ints) -> pd.arrays.IntegerArray:
    """Return the shares by the Wallet Allocation Rule, of the facts that have that source."""
    providers, rank = figures_of(wallets["providers"]), figures_of(wallets["rank_hundredths"])
    known = (source == SOURCES.index(WalletSource.RULE)) & providers.known & rank.known
    count = np.maximum(providers.values, 1)
    share = ((count + 1) * 100 - rank.values) * 200 // (count * (count + 1))
    return figures_column(share, known)


def _shares(wallet: Figures, stated: Figures, managed: Figures) -> tuple[Ints, Ints]:
    """Return our share, the stated one or managed ÷ wallet, and what is missing of it.

    The quotient is rounded down to hundredths of a per cent by long division in base 100: no
    product leaves 63 bits for money up to 9 × 10^14, where managed × 10,000 at once would.
    """
    whole, rest = np.divmod(managed.values * 100, np.maximum(wallet.values, 1))
    computed = whole * 100 + rest * 100 // np.maximum(wallet.values, 1)
    both = wallet.known & managed.known
    missing = np.select(
        [
            both & (wallet.values < managed.values),
            stated.known,
            ~wallet.known,
            ~managed.known,
            wallet.values == 0,
        ],
        [
            MISSING.index(Missing.WALLET_BELOW_MANAGED),
            NONE,
            MISSING.index(Missing.WALLET),
            MISSING.index(Missing.MANAGED),
            MISSING.index(Missing.WALLET_BELOW_MANAGED),
        ],
        NONE,
    )
    return np.where(stated.known, stated.values, computed), missing


def _sides(row: Ints, value: Ints, limits: SideLimits, clients: int) -> Bools:
    """Tell which clients end on the high side after replaying their values, the oldest first.

    The last value outside the band decides; with none outside, the first value does.
    """
    is_high, is_low = value >= hundredths(limits.high_from), value < hundredths(limits.low_under)
    decisive = last_of(row, clients, is_high | is_low)
    first = np.full(clients, NONE, dtype=np.int64)
    first[row[::-1]] = np.arange(len(row))[::-1]
    first_high = taken(value >= hundredths(limits.first_high_from), first)
    return np.where(decisive == NONE, first_high, taken(is_high, decisive)).astype(bool)


def _oldest_usable(limits: MatrixLimits, today: date) -> int:
    """Return the first day whose values are not expired; month ends make it more than a minus."""
    day = add_months(today, -limits.usable_months)
    while add_months(day, limits.usable_months) < today:
        day += timedelta(days=1)
    return epoch_day(day)


# Decisions and relations


def _settled(
    decisions: pd.DataFrame, kinds: tuple[DecisionKind, ...], ids: pd.Index, day: int
) -> Bools:
    """Tell of which clients a decision of these kinds still stands."""
    made = known_by(decisions, "decided_on", ids, day)
    recheck = figures_of(made["recheck_on"])
    settles = [KINDS.index(kind) for kind in kinds]
    stands = np.isin(codes_of(made["kind"], KINDS), settles)
    stands &= ~recheck.known | (recheck.values > day)
    return any_of(made["row"].to_numpy()[stands], len(ids))


def _relation_uses(traits: pd.DataFrame, rules: RelationRules, ids: pd.Index, day: int) -> Ints:
    """Suggest a use of each relation, or NONE where neither trust nor referrals say anything."""
    noted = known_by(traits, "noted_on", ids, day)
    kind = codes_of(noted["kind"], list(TraitKind))
    value = figures_of(noted["value"])
    referrals, trust = (
        value.at(last_of(noted["row"].to_numpy(), len(ids), kind == list(TraitKind).index(each)))
        for each in (TraitKind.REFERRALS, TraitKind.TRUST)
    )
    trusts = trust.values >= rules.reference_from_trust
    use = np.where(trusts, USES.index(Use.REFERENCE), USES.index(Use.LEARN))
    use = np.where(trust.known, use, NONE)
    refers = referrals.known & (referrals.values >= rules.referrer_from_referrals)
    return np.where(refers, USES.index(Use.REFERRAL), use)


def _best_source_last(wallets: pd.DataFrame) -> Ints:
    return len(SOURCES) - 1 - codes_of(wallets["source"], SOURCES)


def _fields() -> Ints:
    """Return the matrix as codes by [satisfaction is high, share is high]."""
    sides = (Level.LOW, Level.HIGH)
    return np.array([[QUADRANTS.index(FIELDS[s, w]) for w in sides] for s in sides])


def _reaches(figures: Figures, limit: Decimal) -> Bools:
    return figures.known & (figures.values >= hundredths(limit))
