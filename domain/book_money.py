"""What clients of a whole book are worth: untapped money and revenue at risk, in whole cents.

The scalar reader's sums (`priorities`) over columns: no figure is rounded that it does not round.
"""

from dataclasses import dataclass
from decimal import Decimal
from statistics import median

import numpy as np
import numpy.typing as npt

from domain.frames import NONE, Bools, Codes, Figures, Ints, hundredths, in_order
from domain.rulebook import MatrixLimits

Floats = npt.NDArray[np.float64]

MOST_CENTS = 9 * 10**18
"""What an integer of 64 bits can hold."""


@dataclass(frozen=True, slots=True)
class AxisReading:
    """One axis of the matrix, per client: the value, its side, or what is missing of it."""

    value_bp: Ints
    high: Bools
    missing: Codes


@dataclass(frozen=True, slots=True)
class Shares(AxisReading):
    wallet: Figures
    managed: Figures


def untapped_cents(
    share: Shares, revenue: Figures, limits: MatrixLimits, advisor: Ints
) -> tuple[Figures, Bools]:
    """Return (wallet - managed) × revenue rate, and where the book's median rate stands in.

    Floats say the amount wherever their error can't change the rounded cent; the few others,
    mostly exact halves, are counted again in the scalar reader's decimals. An amount beyond
    `MOST_CENTS`, which only absurd figures give, is not known.
    """
    share_bp, placed = share.value_bp, share.missing == NONE
    wallet, managed = share.wallet, share.managed
    rest_bp = 10_000 - share_bp
    managed_cents = np.where(managed.known, managed.values, wallet.values * (share_bp / 10_000))
    elsewhere = (wallet.values - managed.values).astype(np.float64)
    no_managed, no_wallet = (np.flatnonzero(~each.known) for each in (managed, wallet))
    elsewhere[no_managed] = wallet.values[no_managed] * (rest_bp[no_managed] / 10_000)
    by_share = rest_bp[no_wallet] / np.maximum(share_bp[no_wallet], 1)
    elsewhere[no_wallet] = managed.values[no_wallet] * by_share
    if limits.managed_is_revenue:
        own, rate = np.ones_like(placed), np.ones(len(placed))
    else:
        own = placed & revenue.known & (managed_cents > 0)
        own &= share_bp >= hundredths(limits.own_rate_from_share_pct)
        rate = np.where(own, revenue.values / np.where(own, managed_cents, 1), np.nan)
    counting, others = np.flatnonzero(own), np.flatnonzero(placed & ~own)
    rate[others] = _median_rates(rate[counting], advisor[counting], advisor[others])
    amount = elsewhere * rate
    known = placed & (wallet.known | (managed.known & (share_bp > 0))) & (amount < MOST_CENTS)
    amount = np.where(known, amount, 0)
    is_close = np.abs(amount - np.floor(amount) - 0.5) <= 1e-14 * np.abs(amount)
    rounded = np.rint(np.where(is_close, 0, amount)).astype(np.int64)
    exact = _ExactUntapped(share, revenue, own, advisor, limits.managed_is_revenue)
    for position in np.flatnonzero(is_close):
        rounded[position] = exact.amount(int(position))
    return Figures(rounded, known), known & ~own


def _median_rates(rate: Floats, advisor: Ints, asked: Ints) -> Floats:
    """Return the median of the rates of each advisor asked for; without any, not a number."""
    order = np.argsort(rate)
    advisor, place = in_order(advisor[order])
    rate = rate[order[place]]
    start, end = (np.searchsorted(advisor, asked, side) for side in ("left", "right"))
    middle = np.flatnonzero(start < end)
    first, last = start[middle], end[middle] - 1
    rates = np.full(len(asked), np.nan)
    rates[middle] = (rate[(first + last) // 2] + rate[(first + last + 1) // 2]) / 2
    return rates


class _ExactUntapped:
    """Untapped money of single clients, in the decimals and the order of the scalar reader."""

    def __init__(
        self,
        share: Shares,
        revenue: Figures,
        own: Bools,
        advisor: Ints,
        managed_is_revenue: bool,
    ) -> None:
        self._share, self._revenue, self._own, self._advisor = share, revenue, own, advisor
        self._managed_is_revenue = managed_is_revenue
        self._book_rates: dict[int, Decimal] = {}

    def amount(self, position: int) -> int:
        """Return a client's untapped money, half cents to the even cent."""
        rate = self._rate(position) if self._own[position] else self._book_rate(position)
        return round((self._wallet(position) - self._managed(position)) * rate)

    def _wallet(self, position: int) -> Decimal:
        if self._share.wallet.known[position]:
            return Decimal(int(self._share.wallet.values[position]))
        return self._managed(position) * 100 / self._share_pct(position)

    def _managed(self, position: int) -> Decimal:
        if self._share.managed.known[position]:
            return Decimal(int(self._share.managed.values[position]))
        return self._wallet(position) * self._share_pct(position) / 100

    def _share_pct(self, position: int) -> Decimal:
        return Decimal(int(self._share.value_bp[position])) / 100

    def _rate(self, position: int) -> Decimal:
        if self._managed_is_revenue:
            return Decimal(1)
        return Decimal(int(self._revenue.values[position])) / self._managed(position)

    def _book_rate(self, position: int) -> Decimal:
        advisor = int(self._advisor[position])
        if advisor not in self._book_rates:
            book = np.flatnonzero(self._own & (self._advisor == advisor))
            self._book_rates[advisor] = median(self._rate(int(each)) for each in book)
        return self._book_rates[advisor]


def at_risk_cents(revenue: Ints, index_bp: Ints) -> Ints:
    """Return revenue × (1 - index / 100); revenue is split so that no product leaves 63 bits."""
    whole = revenue // 10_000
    rest = revenue - whole * 10_000
    risk_bp = 10_000 - index_bp
    total = whole * risk_bp
    # The half-even rule asks whether the whole quotient is odd, not only its last part.
    odd = total & 1
    return total - odd + half_even(rest * risk_bp + odd * 10_000, 10_000)


def half_even(dividend: Ints, divisor: Ints | int) -> Ints:
    """Divide integers, halves to the even number."""
    whole = dividend // divisor
    rest = dividend - whole * divisor
    rounded: Ints = whole + ((2 * rest > divisor) | ((2 * rest == divisor) & (whole & 1 == 1)))
    return rounded
