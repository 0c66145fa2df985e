"""Hours against revenue: what a service model costs in time, what it brings, whether it fits.

Sources: Commonwealth, "Building a Client Segmentation and Service Model" (hours per tier against
revenue per tier, S as an investment, everybody gets the same, the rest of the book) and
maix-analytics (time per field against potential per field). Limits and sums are ours. Hours and
money are per year. Planned hours follow from the service model; logged ones are of the last twelve
months.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.entitlements import owed_by
from domain.model import Quadrant, Tier
from domain.priorities import Assessment
from domain.rulebook import RuleBook
from domain.service_history import ServiceOverride
from domain.service_model import CapacityRules, Clock, ServiceModel

ZERO = Decimal(0)
IDEAL = (Tier.A_PLUS, Tier.A)
"""The tiers of ideal clients (Commonwealth)."""
REVENUE_TIERS = (Tier.A_PLUS, Tier.A, Tier.B)
"""Who should get more than the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Time of the advisor, and of everybody else."""

    advisor: Decimal = ZERO
    staff: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """Return both together."""
        return self.advisor + self.staff

    def __add__(self, other: "Hours") -> "Hours":
        return Hours(advisor=self.advisor + other.advisor, staff=self.staff + other.staff)

    def __sub__(self, other: "Hours") -> "Hours":
        return Hours(advisor=self.advisor - other.advisor, staff=self.staff - other.staff)

    def times(self, n: Decimal | int) -> "Hours":
        """Return so many times the hours."""
        return Hours(advisor=self.advisor * n, staff=self.staff * n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What was delivered within a time, and the hours noted with it."""

    deliveries: int = 0
    hours: Hours = field(default_factory=Hours)
    untimed: int = 0
    """Deliveries of which nobody noted the time."""

    def __add__(self, other: "Logged") -> "Logged":
        return Logged(
            deliveries=self.deliveries + other.deliveries,
            hours=self.hours + other.hours,
            untimed=self.untimed + other.untimed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The clients of a book that are alike in tier, field and half; unknown money is left out."""

    tier: Tier | None
    quadrant: Quadrant | None
    is_lower_half: bool
    """Among the lower half by revenue, of those whose revenue is known."""
    clients: int
    revenue: Decimal
    revenue_known: int
    """Clients whose revenue is known."""
    untapped: Decimal
    logged: Logged = field(default_factory=Logged)
    extra: Hours = field(default_factory=Hours)
    """Planned beyond their tiers' hours, by overrides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What part of a book brings, and what it takes."""

    clients: int
    revenue: Decimal
    planned: Hours
    revenue_known: int = 0
    """Clients whose revenue is known; the others are not in it."""
    untapped: Decimal = ZERO
    logged: Logged = field(default_factory=Logged)

    @property
    def average_revenue(self) -> Decimal | None:
        """Return the revenue per client whose revenue is known."""
        return self.revenue / self.revenue_known if self.revenue_known else None

    @property
    def revenue_per_hour(self) -> Decimal | None:
        """Return the revenue per planned hour of the advisor; None where either is unknown."""
        is_known = self.revenue_known and self.planned.advisor
        return self.revenue / self.planned.advisor if is_known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A whole book, or several together: what each part brings and takes."""

    tiers: dict[Tier, Load]
    """All tiers of the method, and others that occur."""
    quadrants: dict[Quadrant | None, Load]
    lower_half: Load
    upper_half: Load
    without_tier: int
    """Clients of whom too little is known: only the floor is planned for them."""
    total: Load

    def hours_share_pct(self, part: Load) -> Decimal | None:
        """Return a part's share of the advisor's planned hours, per cent."""
        return _share_pct(part.planned.advisor, self.total.planned.advisor)

    def revenue_share_pct(self, part: Load) -> Decimal | None:
        """Return a part's share of the revenue, per cent."""
        return _share_pct(part.revenue, self.total.revenue)

    def untapped_share_pct(self, part: Load) -> Decimal | None:
        """Return a part's share of the untapped money, per cent."""
        return _share_pct(part.untapped, self.total.untapped)

    def of(self, tiers: Iterable[Tier]) -> Load:
        """Return the load of some tiers together."""
        return _sum(self.tiers[tier] for tier in tiers if tier in self.tiers)


def times_owed(model: ServiceModel, tier: Tier | None) -> dict[str, Decimal]:
    """Return how often a year each service is owed to a tier, the floor kept; without one, that."""
    owed = owed_by(model, tier, (), date.min)
    return {
        each.key: owed[each.key].per_year if each.key in owed else ZERO for each in model.services
    }


def hours_of(model: ServiceModel, tier: Tier | None) -> Hours:
    """Return the planned hours a year for one client of a tier."""
    return _hours(model, times_owed(model, tier))


def extra_hours(
    model: ServiceModel, tier: Tier | None, overrides: Sequence[ServiceOverride], *, today: date
) -> Hours:
    """Return the planned hours a year beyond the tier's that overrides of one client ask for."""
    agreed = owed_by(model, tier, overrides, today)
    times = {service: each.per_year for service, each in agreed.items()}
    return _hours(model, times) - hours_of(model, tier)


def deliveries_of(model: ServiceModel, tier: Tier) -> Decimal:
    """Return how many services a client of a tier is promised a year, one by one.

    Bulk issues and what is never due are no promise to the single client.
    """
    owed = times_owed(model, tier)
    single = (s for s in model.services if s.clock not in (Clock.ISSUE, Clock.NEVER))
    return sum((owed[each.key] for each in single), ZERO)


def at_floor(model: ServiceModel, tier: Tier) -> ServiceModel:
    """Return the model with everything that we may drop taken from a tier.

    The floor is owed still, and clients still call: what is never due stays as planned.
    """
    cut = [
        each
        if each.clock is Clock.NEVER
        else replace(
            each,
            per_year=tuple((t, ZERO if t is tier else times) for t, times in each.per_year),
        )
        for each in model.services
    ]
    return replace(model, services=tuple(cut))


def cells_of(
    book: Iterable[Assessment],
    *,
    logged: Mapping[int, Logged] | None = None,
    extra: Mapping[int, Hours] | None = None,
) -> list[Cell]:
    """Count the present clients of a book by tier, field and half; what is by client has its id."""
    clients = list(book)
    ranked = sorted(
        (each.client for each in clients if each.client.revenue is not None),
        key=lambda each: (each.revenue, each.client_id),
    )
    lower = {each.client_id for each in ranked[: len(ranked) // 2]}
    groups: dict[tuple[Tier | None, Quadrant | None, bool], list[Assessment]] = {}
    for each in clients:
        key = (each.tier.tier, each.quadrant.quadrant, each.client.client_id in lower)
        groups.setdefault(key, []).append(each)
    logs, more = logged or {}, extra or {}
    return [
        Cell(
            tier=tier,
            quadrant=quadrant,
            is_lower_half=is_lower,
            clients=len(group),
            revenue=sum((a.client.revenue for a in group if a.client.revenue), ZERO),
            revenue_known=sum(a.client.revenue is not None for a in group),
            untapped=sum((a.untapped.amount for a in group if a.untapped), ZERO),
            logged=sum((logs.get(a.client.client_id, Logged()) for a in group), Logged()),
            extra=sum((more.get(a.client.client_id, Hours()) for a in group), Hours()),
        )
        for (tier, quadrant, is_lower), group in groups.items()
    ]


def workload_of(cells: Iterable[Cell], rules: RuleBook) -> Workload:
    """Say what a book brings and takes under a service model, from one or several books' cells."""
    every = tuple(cells)
    hours = {tier: hours_of(rules.services, tier) for tier in (*Tier, None)}

    def load(belongs: Callable[[Cell], bool]) -> Load:
        return _sum(_load(cell, hours) for cell in every if belongs(cell))

    met = {cell.tier for cell in every if cell.tier}
    tiers = [*rules.method.tiers, *(t for t in Tier if t in met and t not in rules.method.tiers)]
    return Workload(
        tiers={tier: load(lambda cell, tier=tier: cell.tier is tier) for tier in tiers},  # type: ignore[misc]
        quadrants={
            quadrant: load(lambda cell, quadrant=quadrant: cell.quadrant is quadrant)  # type: ignore[misc]
            for quadrant in (*Quadrant, None)
        },
        lower_half=load(lambda cell: cell.is_lower_half),
        upper_half=load(lambda cell: not cell.is_lower_half),
        without_tier=sum(cell.clients for cell in every if cell.tier is None),
        total=load(lambda cell: True),
    )


class HoursFit(StrEnum):
    """Whether planned hours fit into a year."""

    FITS = "fits"
    RESERVE_USED = "reserve_used"
    """Into the year, but not beside the time kept free for growth."""
    TOO_MUCH = "too_much"


@dataclass(frozen=True, slots=True, kw_only=True)
class Utilisation:
    """How much of an advisor's, or of several advisors' year the planned hours take."""

    needed: Decimal
    client_hours: Decimal
    """Hours a year for clients."""
    after_reserve: Decimal
    """Those left when an own share is kept free for growth."""

    @property
    def of_all_pct(self) -> Decimal:
        """Return the planned hours in per cent of all client hours."""
        return self.needed / self.client_hours * 100

    @property
    def of_rest_pct(self) -> Decimal:
        """Return the planned hours in per cent of what the growth reserve leaves."""
        return self.needed / self.after_reserve * 100

    @property
    def fit(self) -> HoursFit:
        """Tell whether the hours fit; what just fits, fits."""
        if self.needed <= self.after_reserve:
            return HoursFit.FITS
        return HoursFit.RESERVE_USED if self.needed <= self.client_hours else HoursFit.TOO_MUCH

    @property
    def over(self) -> Decimal:
        """Return the hours to be freed until the growth reserve is whole again."""
        return max(self.needed - self.after_reserve, ZERO)


def utilisation_of(needed: Decimal, rules: CapacityRules, *, advisors: int = 1) -> Utilisation:
    """Compare hours with the year of so many advisors."""
    client_hours = rules.client_hours_per_year * advisors
    return Utilisation(
        needed=needed,
        client_hours=client_hours,
        after_reserve=client_hours * (100 - rules.growth_reserve_pct) / 100,
    )


class MismatchKind(StrEnum):
    """How hours and revenue of a tier do not fit together."""

    TOO_MUCH_TIME = "too_much_time"
    TOO_LITTLE_TIME = "too_little_time"
    INVESTMENT = "investment"
    """Tier S takes more than it brings, and is meant to (Commonwealth)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A tier whose share of hours and share of revenue do not fit, and what would mend it."""

    tier: Tier
    kind: MismatchKind
    ratio: Decimal
    """Share of hours ÷ share of revenue."""
    hours_per_client: Decimal
    fitting_hours_per_client: Decimal | None
    """Hours at which the tier is just within the limit, the others' unchanged.

    None: no hours would do, or fewer than are owed at least.
    """
    average_revenue: Decimal
    fitting_average_revenue: Decimal | None
    """Revenue per client at which it is, the hours unchanged."""
    first: tuple[tuple[str, Decimal], ...]
    """Where to begin: the tier's services above its floor, with their hours, the largest first."""
    at_book_rate: Decimal
    """What the tier's hours would bring at the whole book's revenue per hour."""


def mismatches(load: Workload, rules: RuleBook) -> list[Mismatch]:
    """List the tiers whose hours do not fit their revenue, the largest ratio first."""
    found = [_mismatch(tier, part, load, rules) for tier, part in load.tiers.items()]
    return sorted((each for each in found if each), key=lambda each: -each.ratio)


def ratio_of(load: Workload, part: Load) -> Decimal | None:
    """Return share of hours ÷ share of revenue; None where one of them is nothing."""
    hours, revenue = load.hours_share_pct(part), load.revenue_share_pct(part)
    return hours / revenue if hours is not None and revenue else None


def _mismatch(tier: Tier, part: Load, load: Workload, rules: RuleBook) -> Mismatch | None:
    ratio, limits = ratio_of(load, part), rules.capacity
    if (
        ratio is None
        or not part.revenue_known
        or limits.mismatch_below <= ratio <= limits.mismatch_above
    ):
        return None
    is_much = ratio > limits.mismatch_above
    limit = limits.mismatch_above if is_much else limits.mismatch_below
    kind = MismatchKind.TOO_MUCH_TIME if is_much else MismatchKind.TOO_LITTLE_TIME
    if is_much and tier is Tier.S:
        kind = MismatchKind.INVESTMENT
    revenue_share = part.revenue / load.total.revenue
    hours_share = part.planned.advisor / load.total.planned.advisor
    hours = _fitting(revenue_share * limit, load.total.planned.advisor - part.planned.advisor)
    least = hours_of(at_floor(rules.services, tier), tier).advisor * part.clients
    revenue = _fitting(hours_share / limit, load.total.revenue - part.revenue)
    return Mismatch(
        tier=tier,
        kind=kind,
        ratio=ratio,
        hours_per_client=part.planned.advisor / part.clients,
        fitting_hours_per_client=None if hours is None or hours < least else hours / part.clients,
        average_revenue=part.revenue / part.revenue_known,
        fitting_average_revenue=None if revenue is None else revenue / part.revenue_known,
        first=_largest_services(tier, part.clients, rules.services),
        at_book_rate=part.planned.advisor * load.total.revenue / load.total.planned.advisor,
    )


def _fitting(share: Decimal, others: Decimal) -> Decimal | None:
    """Return the amount that is such a share of itself and the others; None if none is."""
    return share * others / (1 - share) if share < 1 else None


def _largest_services(
    tier: Tier, clients: int, model: ServiceModel
) -> tuple[tuple[str, Decimal], ...]:
    owed = times_owed(model, tier)
    above = [
        (each.key, each.advisor_hours * (owed[each.key] - each.floor_per_year) * clients)
        for each in model.services
    ]
    largest = sorted(above, key=lambda each: -each[1])
    return tuple((key, hours) for key, hours in largest[:3] if hours > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """How much more the revenue tiers get than the rest: deliveries per client and year."""

    top: Decimal
    rest: Decimal
    is_actual: bool
    """As delivered in the last twelve months; else as planned."""
    are_alike: bool
    """Everybody gets the same."""


def served_alike(load: Workload, rules: RuleBook) -> Alike | None:
    """Compare what A+, A and B get with what the rest gets; None where one group is empty.

    Deliveries count once there is one for each client on average, else what the model promises.
    """
    top_tiers = [tier for tier in load.tiers if tier in REVENUE_TIERS]
    others = [tier for tier in load.tiers if tier not in REVENUE_TIERS]
    groups = [load.of(top_tiers), load.of(others)]
    if not all(group.clients for group in groups):
        return None
    delivered = sum(group.logged.deliveries for group in groups)
    is_actual = delivered >= sum(group.clients for group in groups)
    top, rest = (
        Decimal(group.logged.deliveries) / group.clients
        if is_actual
        else _promised(load, tiers, rules.services) / group.clients
        for group, tiers in zip(groups, (top_tiers, others), strict=True)
    )
    most = max(top, rest)
    within = rules.capacity.equal_service_within_pct
    return Alike(
        top=top,
        rest=rest,
        is_actual=is_actual,
        are_alike=bool(most) and abs(top - rest) / most * 100 < within,
    )


def _hours(model: ServiceModel, times: Mapping[str, Decimal]) -> Hours:
    often = [(each, times.get(each.key, ZERO)) for each in model.services]
    return Hours(
        advisor=sum((each.advisor_hours * n for each, n in often), ZERO),
        staff=sum((each.staff_hours * n for each, n in often), ZERO),
    )


def _promised(load: Workload, tiers: Iterable[Tier], model: ServiceModel) -> Decimal:
    return sum((deliveries_of(model, tier) * load.tiers[tier].clients for tier in tiers), ZERO)


def _load(cell: Cell, hours: Mapping[Tier | None, Hours]) -> Load:
    return Load(
        clients=cell.clients,
        revenue=cell.revenue,
        revenue_known=cell.revenue_known,
        planned=hours[cell.tier].times(cell.clients) + cell.extra,
        untapped=cell.untapped,
        logged=cell.logged,
    )


def _sum(loads: Iterable[Load]) -> Load:
    every = list(loads)
    return Load(
        clients=sum(each.clients for each in every),
        revenue=sum((each.revenue for each in every), ZERO),
        revenue_known=sum(each.revenue_known for each in every),
        planned=sum((each.planned for each in every), Hours()),
        untapped=sum((each.untapped for each in every), ZERO),
        logged=sum((each.logged for each in every), Logged()),
    )


def _share_pct(part: Decimal, whole: Decimal) -> Decimal | None:
    return part / whole * 100 if whole else None
