"""A book as pictures, each with its message as title and alternative text.

Fields and shares differ in shape and pattern as well as in colour: nobody has to tell colours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot.views.canvas import (
    DPI,
    FAINT,
    INK,
    Mark,
    drawing,
    headline,
    place_labels,
    plain_axes,
    png_of,
    renderer_of,
)
from bot.words import Words
from domain.capacity import Load, Workload, ratio_of
from domain.model import Quadrant, Tier
from domain.priorities import Assessment
from domain.rulebook import MatrixLimits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch
    from matplotlib.ticker import MaxNLocator
    from matplotlib.transforms import Bbox

LABELLED = 12
"""At most so many of the biggest clients are named in the matrix."""
LOOKS = {
    Quadrant.GROW: ("^", "#009E73"),
    Quadrant.FIX: ("s", "#D55E00"),
    Quadrant.MODEL: ("o", "#0072B2"),
    Quadrant.MOVE: ("D", "#B2568A"),
}
"""Shape and colour of each field; the colours after Okabe and Ito, the last one darkened."""
CORNERS = {
    Quadrant.GROW: (0.012, 0.985),
    Quadrant.MODEL: (0.988, 0.985),
    Quadrant.MOVE: (0.012, 0.015),
    Quadrant.FIX: (0.988, 0.015),
}
TIME_LOOK: Mapping[str, Any] = {"facecolor": "#0072B2"}
MONEY_LOOK: Mapping[str, Any] = {"facecolor": "#F3D9B8", "hatch": "///"}
MATRIX_FILE, HOURS_FILE = "tierwise-matrix.png", "tierwise-hours.png"
ONE = Decimal(1)
SMALLEST, LARGEST = 5.0, 15.0
"""Radii of points, in pixels: a larger one has more revenue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture with all that goes along with it."""

    png: bytes
    title: str
    alt: str
    file_name: str


def matrix_picture(
    book: Sequence[Assessment], limits: MatrixLimits, words: Words, *, whose: str
) -> Picture | None:
    """Draw a book's placed clients by share of wallet and satisfaction; None if nobody is placed.

    `limits` are those in force: fixed ones, or the firm's medians.
    """
    placed = [each for each in book if each.quadrant.quadrant is not None]
    if not placed:
        return None
    title, missing = _matrix_message(placed, words), len(book) - len(placed)
    small = words.say("{whose} · the larger a point, the more revenue a year", whose=whose)
    if missing:
        small += " · " + _not_placed(missing, words)
    with drawing() as figure:
        headline(figure, title, small)
        draw_matrix(figure, placed, limits, words)
        png = png_of(figure)
    alt = " ".join([title + ".", *_matrix_facts(placed, missing, words)])
    return Picture(png=png, title=title, alt=alt, file_name=MATRIX_FILE)


def draw_matrix(
    figure: "Figure", placed: Sequence[Assessment], limits: MatrixLimits, words: Words
) -> "Axes":
    """Draw the four fields with their clients, the biggest ones named where there is room."""
    ranked = sorted(placed, key=lambda each: (-(each.client.revenue or 0), each.client.name))
    axes = plain_axes(figure, (0.07, 0.12, 0.9, 0.79))
    _matrix_frame(axes, limits, words)
    marks = [_mark(each, _largest(ranked)) for each in ranked]
    _points(axes, ranked, marks)
    place_labels(
        figure, axes, marks, most=LABELLED, keep_free=_corners(figure, axes, ranked, words)
    )
    return axes


def hours_picture(load: Workload, words: Words, *, whose: str) -> Picture | None:
    """Draw each tier's share of the hours beside its share of the revenue; None without any."""
    tiers = {tier: part for tier, part in load.tiers.items() if part.clients}
    if not load.total.planned.advisor or not load.total.revenue:
        return None
    title = _hours_message(load, words)
    with drawing() as figure:
        axes = plain_axes(figure, (0.07, 0.12, 0.9, 0.76))
        _bars(axes, load, tiers, words)
        small = words.say(
            "{whose} · planned hours of the advisor and revenue, a year, per cent of the book",
            whose=whose,
        )
        headline(figure, title, small)
        png = png_of(figure)
    lines = (_tier_fact(tier, part, load, words) for tier, part in tiers.items())
    return Picture(png=png, title=title, alt=" ".join([title + ".", *lines]), file_name=HOURS_FILE)


def _bars(axes: "Axes", load: Workload, tiers: Mapping[Tier, Load], words: Words) -> None:
    """Draw two bars a tier: the hours plain, the revenue hatched, each with its amount."""
    widest = Decimal(0)
    for row, part in enumerate(tiers.values()):
        for offset, share, said, look in (
            (-0.19, load.hours_share_pct(part), words.hours(part.planned.advisor), TIME_LOOK),
            (0.19, load.revenue_share_pct(part), words.about(part.revenue), MONEY_LOOK),
        ):
            width = share or Decimal(0)
            widest = max(widest, width)
            axes.barh(row + offset, float(width), height=0.34, edgecolor=INK, linewidth=0.6, **look)
            axes.text(
                float(width) + 0.4,
                row + offset,
                f"{said} · {words.percent(round(width))}",
                verticalalignment="center",
                size=10.5,
                color=INK,
            )
    axes.set_xlim(0, float(widest) * 1.25)
    axes.set_yticks(range(len(tiers)))
    axes.set_yticklabels([tier.value for tier in tiers], size=14, weight="bold")
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(_round_ticks())
    axes.set_xticks(axes.get_xticks())
    axes.set_xticklabels([words.percent(_tidy(each)) for each in axes.get_xticks()])
    axes.set_xlim(0, float(widest) * 1.25)
    axes.legend(
        handles=[_swatch(words.say("Hours"), TIME_LOOK), _swatch(words.say("Revenue"), MONEY_LOOK)],
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=2,
        frameon=False,
        borderaxespad=0.2,
    )


def _hours_message(load: Workload, words: Words) -> str:
    """Say which tier's time fits its revenue least; S is an investment and is called so."""
    rated = [
        (ratio, tier, part)
        for tier, part in load.tiers.items()
        for ratio in (ratio_of(load, part),)
        if ratio is not None
    ]
    if not rated:
        return words.say("No tier has both hours and revenue")
    ratio, tier, part = max(rated, key=lambda each: max(each[0], 1 / each[0] if each[0] else 0))
    facts = {
        "tier": tier.value,
        "hours": words.percent(round(load.hours_share_pct(part) or 0)),
        "revenue": words.percent(round(load.revenue_share_pct(part) or 0)),
    }
    if tier is Tier.S and ratio > 1:
        return words.say(
            "Tier S takes {hours} of the time and brings {revenue} of the revenue: an investment",
            **facts,
        )
    return words.say(
        "Tier {tier} takes {hours} of the time and brings {revenue} of the revenue", **facts
    )


def _tier_fact(tier: Tier, part: Load, load: Workload, words: Words) -> str:
    return words.say(
        "{tier}: {hours} ({share} of the time), {revenue} ({part} of the revenue).",
        tier=tier.value,
        hours=words.hours(part.planned.advisor),
        share=words.percent(round(load.hours_share_pct(part) or 0)),
        revenue=words.about(part.revenue),
        part=words.percent(round(load.revenue_share_pct(part) or 0)),
    )


def _swatch(label: str, look: Mapping[str, Any]) -> "Patch":
    from matplotlib.patches import Patch

    return Patch(edgecolor=INK, linewidth=0.6, label=label, **look)


def _round_ticks() -> "MaxNLocator":
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(6, steps=[1, 2, 5, 10], integer=True, min_n_ticks=2)


def _matrix_message(placed: Sequence[Assessment], words: Words) -> str:
    """Say what the matrix shows: the largest potential, else what is at risk, else how many."""
    grow, fix = (_in(placed, each) for each in (Quadrant.GROW, Quadrant.FIX))
    untapped = sum((e.untapped.amount for e in grow if e.untapped), Decimal(0))
    at_risk = sum((e.at_risk for e in fix if e.at_risk), Decimal(0))
    if untapped >= at_risk and untapped:
        return words.say_n(
            "{n} client in GROW could bring {money} more a year",
            "{n} clients in GROW could bring {money} more a year",
            len(grow),
            money=words.about(untapped),
        )
    if at_risk:
        return words.say_n(
            "{n} client in FIX: {money} a year at risk",
            "{n} clients in FIX: {money} a year at risk",
            len(fix),
            money=words.about(at_risk),
        )
    return words.say_n("{n} client is placed", "{n} clients are placed", len(placed))


def _matrix_facts(placed: Sequence[Assessment], missing: int, words: Words) -> list[str]:
    said = []
    for quadrant in Quadrant:
        found = _in(placed, quadrant)
        revenue = sum((e.client.revenue for e in found if e.client.revenue), Decimal(0))
        clients = words.say_n("{n} client", "{n} clients", len(found))
        said.append(f"{quadrant}: {clients}, {words.about(revenue)}.")
    if missing:
        said.append(_not_placed(missing, words) + ".")
    return said


def _not_placed(missing: int, words: Words) -> str:
    return words.say_n("{n} client is not placed", "{n} clients are not placed", missing)


def _matrix_frame(axes: "Axes", limits: MatrixLimits, words: Words) -> None:
    """Draw axes in per cent and the limits; between two of them the last side is kept."""
    axes.set_xlim(-3, 103)
    axes.set_ylim(-9, 109)  # beyond the scale stand the fields' names
    for axis, side in ((axes.xaxis, limits.share), (axes.yaxis, limits.satisfaction)):
        low, high = float(side.low_under), float(side.high_from)
        span = axes.axvspan if axis is axes.xaxis else axes.axhspan
        line = axes.axvline if axis is axes.xaxis else axes.axhline
        span(low, high, color="#ececec", zorder=0, linewidth=0)
        for edge in {low, high}:
            line(edge, color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
        ticks = sorted({0.0, 25.0, 75.0, 100.0, low, high})
        ticks = [each for each in ticks if each in (low, high) or _is_apart(each, low, high)]
        axis.set_ticks(ticks)
    axes.set_xticklabels([words.percent(_tidy(each)) for each in axes.get_xticks()])
    axes.set_yticklabels([words.number(_tidy(each)) for each in axes.get_yticks()])
    axes.set_xlabel(words.say("Share of wallet"), color=INK)
    axes.set_ylabel(words.say("Satisfaction index"), color=INK)


def _points(axes: "Axes", placed: Sequence[Assessment], marks: Sequence[Mark]) -> None:
    for quadrant, (shape, colour) in LOOKS.items():
        chosen = [m for e, m in zip(placed, marks, strict=True) if e.quadrant.quadrant == quadrant]
        axes.scatter(
            [m.x for m in chosen],
            [m.y for m in chosen],
            s=[(2 * m.radius * 72 / DPI) ** 2 for m in chosen],
            marker=shape,
            color=colour,
            alpha=0.8,
            edgecolors="white",
            linewidths=0.8,
            zorder=3,
            clip_on=False,
        )


def _corners(
    figure: "Figure", axes: "Axes", placed: Sequence[Assessment], words: Words
) -> list["Bbox"]:
    """Write each field's name, with its shape and count, into its corner; return the boxes."""
    boxes = []
    for quadrant, (x, y) in CORNERS.items():
        shape, colour = LOOKS[quadrant]
        count = words.say_n("{n} client", "{n} clients", len(_in(placed, quadrant)))
        is_left, is_high = x < 0.5, y > 0.5
        text = axes.text(
            x + (0.018 if is_left else -0.018),
            y,
            f"{quadrant} · {count}",
            transform=axes.transAxes,
            horizontalalignment="left" if is_left else "right",
            verticalalignment="top" if is_high else "bottom",
            size=13,
            weight="bold",
            color=INK,
            zorder=4,
        )
        box = text.get_window_extent(renderer_of(figure))
        middle = axes.transAxes.inverted().transform((0, (box.y0 + box.y1) / 2))[1]
        axes.plot(
            [x], [middle], marker=shape, color=colour, markersize=11, transform=axes.transAxes
        )
        boxes.append(box.padded(12))
    return boxes


def _mark(assessment: Assessment, largest: Decimal) -> Mark:
    share, satisfaction = assessment.quadrant.share, assessment.quadrant.satisfaction
    if share is None or satisfaction is None:
        raise ValueError("only placed clients are drawn")
    part = float((assessment.client.revenue or Decimal(0)) / largest)
    return Mark(
        x=float(share.share_pct),
        y=float(satisfaction.index),
        radius=SMALLEST + (LARGEST - SMALLEST) * part**0.5,
        label=assessment.client.name,
    )


def _largest(placed: Sequence[Assessment]) -> Decimal:
    return max((each.client.revenue or Decimal(0) for each in placed), default=Decimal(0)) or ONE


def _in(placed: Sequence[Assessment], quadrant: Quadrant) -> list[Assessment]:
    return [each for each in placed if each.quadrant.quadrant is quadrant]


def _is_apart(tick: float, *others: float) -> bool:
    return all(abs(tick - each) >= 6 for each in others)


def _tidy(tick: float) -> Decimal:
    return Decimal(str(round(tick, 1))).normalize()
