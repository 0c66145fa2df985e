"""A canvas for pictures: matplotlib's object interface, loaded where something is drawn.

One picture is drawn at a time: matplotlib is not safe among threads. Labels never overlap and never
leave the canvas; one that finds no place is left out.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

WIDTH, HEIGHT, DPI = 1200, 800, 100
FONT = "DejaVu Sans"
"""Comes with matplotlib and has umlauts, so that a picture looks the same everywhere."""
INK, FAINT = "#1d1c1d", "#6b6b6b"
LABEL_CHARS = 28
COLOURS = 128
GAP = 4
"""Pixels between a label and whatever it stands beside."""

_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point that may get a label, in the axes' own units."""

    x: float
    y: float
    radius: float
    """Of the drawn point, in pixels."""
    label: str


@contextmanager
def drawing() -> "Iterator[Figure]":
    """Give an empty figure; nobody else draws meanwhile."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _one_at_a_time, mpl.rc_context():
        mpl.rcdefaults()  # whatever this machine's own settings say
        mpl.rcParams.update({"font.family": FONT, "font.size": 11, "text.parse_math": False})
        figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI)
        FigureCanvasAgg(figure)
        yield figure


def png_of(figure: "Figure") -> bytes:
    """Return a figure as PNG of few colours: a third of the size, and no eye sees the difference.

    It says nothing of the program or the day that made it.
    """
    import numpy as np
    from PIL import Image

    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]
    few = (
        Image.fromarray(pixels)
        .convert("RGB")
        .quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    )
    image = BytesIO()
    few.save(image, format="png")
    return image.getvalue()


def plain_axes(figure: "Figure", box: tuple[float, float, float, float]) -> "Axes":
    """Add axes without a frame at left, bottom, width and height of the figure, 0 to 1."""
    axes = figure.add_axes(box)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(FAINT)
    axes.tick_params(colors=FAINT, labelcolor=INK)
    return axes


def headline(figure: "Figure", title: str, small: str) -> None:
    """Write the message on top and the small print under the picture, cut to the canvas."""
    fit(figure, figure.text(0.03, 0.945, drawable(title), size=16, weight="bold", color=INK))
    fit(figure, figure.text(0.03, 0.02, drawable(small), size=9.5, color=FAINT))


def fit(figure: "Figure", text: "Text", *, right: float = WIDTH - 20) -> None:
    """Shorten a text until it ends left of a pixel."""
    renderer = renderer_of(figure)
    while text.get_window_extent(renderer).x1 > right and len(text.get_text()) > 1:
        text.set_text(text.get_text().rstrip("…")[:-2].rstrip() + "…")


def renderer_of(figure: "Figure") -> "RendererBase":
    """Return what measures texts."""
    renderer: RendererBase = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    return renderer


def place_labels(
    figure: "Figure",
    axes: "Axes",
    marks: Sequence[Mark],
    *,
    most: int,
    keep_free: "Sequence[Bbox]" = (),
) -> list[str]:
    """Label those of the first marks that find a free place; return what was labelled.

    A label covers neither points nor other labels nor what is to be kept free, within the axes.
    """
    from matplotlib.transforms import Bbox

    renderer = renderer_of(figure)
    frame = axes.get_window_extent(renderer)
    centres = axes.transData.transform([(each.x, each.y) for each in marks])
    taken = [
        Bbox.from_extents(x - m.radius, y - m.radius, x + m.radius, y + m.radius)
        for m, (x, y) in zip(marks, centres, strict=True)
    ]
    taken += keep_free
    labelled: list[str] = []
    for mark, (x, y) in zip(marks[:most], centres[:most], strict=True):
        text = axes.text(0, 0, shown(mark.label), size=9.5, color=INK, transform=None, zorder=5)
        size = text.get_window_extent(renderer)
        box = _free_box((x, y), mark.radius, size, frame, taken)
        if box is None:
            text.remove()
            continue
        text.set_position((box.x0, box.y0 - size.y0))
        taken.append(box)
        labelled.append(mark.label)
    return labelled


def shown(label: str) -> str:
    """Return a name as it is drawn: short, and without what the font does not have."""
    short = label if len(label) <= LABEL_CHARS else label[: LABEL_CHARS - 1].rstrip() + "…"
    return drawable(short)


def drawable(text: str) -> str:
    """Return a text with a mark in place of each character that the font does not have."""
    known = _characters()
    return "".join(each if ord(each) in known else "\N{REPLACEMENT CHARACTER}" for each in text)


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont(FONT)).get_charmap())


def _free_box(
    centre: tuple[float, float],
    radius: float,
    size: "Bbox",
    frame: "Bbox",
    taken: "Sequence[Bbox]",
) -> "Bbox | None":
    """Return the first place around a point where a label covers nothing."""
    from matplotlib.transforms import Bbox

    x, y = centre
    for away in (radius + GAP, radius + 4 * GAP):
        right, left, middle = x + away, x - away - size.width, x - size.width / 2
        above, below, beside = y + away, y - away - size.height, y - size.height / 2
        for left_edge, lower_edge in (
            (right, beside), (left, beside), (middle, above), (middle, below),
            (right, above), (left, above), (right, below), (left, below),
        ):  # fmt: skip
            box = Bbox.from_bounds(left_edge, lower_edge, size.width, size.height)
            inside = (
                box.x0 >= frame.x0
                and box.x1 <= frame.x1
                and box.y0 >= frame.y0
                and box.y1 <= frame.y1
            )
            if inside and not box.count_overlaps(taken):
                return box
    return None
