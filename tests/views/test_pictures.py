"""Pictures of a book: what they say, that labels stay inside and apart, and what they weigh."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations
from random import Random
from struct import unpack

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from bot.views.canvas import (
    HEIGHT,
    WIDTH,
    Mark,
    drawable,
    drawing,
    place_labels,
    plain_axes,
    png_of,
    renderer_of,
    shown,
)
from bot.views.pictures import draw_matrix, hours_picture, matrix_picture
from bot.words import Words
from domain.capacity import workload_of
from domain.model import Quadrant, Tier
from domain.priorities import Assessment, assess_book
from domain.rulebook import RuleBook
from tests.domain.examples import TODAY, a_client, a_holding, a_score, a_wallet, in_field
from tests.domain.test_capacity import cell, example
from tests.views.examples import ENGLISH, GERMAN

RULES = RuleBook()
LIMITS = RULES.matrix
NAMES = (
    "Jürgen Weiß-Öztürk",
    "Zoë Ångström-Łukasiewicz",
    "Gärtnerei Süß & Söhne GmbH & Co. KG, Zweigstelle Überlingen am Bodensee",
    "$100 und $200",
    "*Stern* & <!channel>",
    "李明 🙂",
    "O’Neill",
)


def a_book(count: int, seed: int = 1) -> list[Assessment]:
    chance = Random(seed)
    clients = [
        replace(
            in_field(
                chance.choice((0, 50, 64, 70, 95, 100)),
                chance.choice((0, 18, 45, 47, 50, 93, 100)),
                client_id=number,
                revenue=chance.randint(0, 30_000),
            ),
            name=f"{NAMES[number % len(NAMES)]} {number}",
        )
        for number in range(1, count + 1)
    ]
    return assess_book([*clients, a_client(5000, client_id=count + 1)], RULES, today=TODAY)


@contextmanager
def drawn(book: list[Assessment], words: Words = GERMAN) -> Iterator[tuple[Figure, Axes]]:
    with drawing() as figure:
        placed = [each for each in book if each.quadrant.quadrant]
        yield figure, draw_matrix(figure, placed, LIMITS, words)


def boxes_of(figure: Figure, axes: Axes) -> list[Bbox]:
    """Return the boxes of all words in a picture: names, fields, axes."""
    renderer = renderer_of(figure)
    figure.canvas.draw()
    ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    texts = [*axes.texts, *ticks, axes.xaxis.label, axes.yaxis.label, *figure.texts]
    return [each.get_window_extent(renderer) for each in texts if each.get_text()]


@pytest.mark.parametrize("seed", range(4))
def test_every_label_stays_inside_and_covers_no_other(seed: int) -> None:
    with drawn(a_book(150, seed)) as (figure, axes):
        boxes = boxes_of(figure, axes)
    assert len(boxes) > 20
    for box in boxes:
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= WIDTH
        assert box.y1 <= HEIGHT
    for one, other in combinations(boxes, 2):
        assert not one.overlaps(other), (one, other)


def test_a_label_covers_no_point() -> None:
    with drawing() as figure:
        axes = plain_axes(figure, (0.1, 0.1, 0.8, 0.8))
        axes.set_xlim(0, 100)
        axes.set_ylim(0, 100)
        marks = [Mark(x=50 + n, y=50, radius=9, label=f"Client {n}") for n in range(6)]
        labelled = place_labels(figure, axes, marks, most=6)
        centres = axes.transData.transform([(each.x, each.y) for each in marks])
        boxes = [each.get_window_extent(renderer_of(figure)) for each in axes.texts]
    assert labelled
    assert len(labelled) == len(boxes)
    for box in boxes:
        for x, y in centres:
            assert not box.overlaps(Bbox.from_extents(x - 9, y - 9, x + 9, y + 9))


def test_a_label_without_a_free_place_is_left_out() -> None:
    with drawing() as figure:
        axes = plain_axes(figure, (0.1, 0.1, 0.8, 0.8))
        marks = [Mark(x=0.5, y=0.5, radius=10, label="Maria Huber")]
        whole = [Bbox.from_extents(0, 0, WIDTH, HEIGHT)]
        assert place_labels(figure, axes, marks, most=5, keep_free=whole) == []
        assert not axes.texts


def test_umlauts_are_drawn_as_they_are() -> None:
    assert shown("Jürgen Weiß-Öztürk") == "Jürgen Weiß-Öztürk"
    assert png_with("Müller") != png_with("Muller")


def png_with(text: str) -> bytes:
    with drawing() as figure:
        figure.text(0.1, 0.5, text, size=40)
        return png_of(figure)


def test_what_the_font_does_not_have_is_marked_and_a_dollar_is_a_dollar() -> None:
    assert drawable("李 Ming 🙂") == "\N{REPLACEMENT CHARACTER} Ming \N{REPLACEMENT CHARACTER}"
    with drawing() as figure:
        text = figure.text(0.1, 0.5, "$100 und $200")
        assert text.get_window_extent(renderer_of(figure)).width > 80


def test_a_long_name_is_cut() -> None:
    assert shown("Gärtnerei Süß & Söhne GmbH & Co. KG") == "Gärtnerei Süß & Söhne GmbH…"


def test_fields_differ_in_shape_not_only_in_colour() -> None:
    with drawn(a_book(60)) as (_, axes):
        shapes = {tuple(map(tuple, c.get_paths()[0].vertices)) for c in axes.collections}
    assert len(shapes) >= len(Quadrant)


def test_a_book_of_150_is_a_small_picture_of_the_right_size() -> None:
    picture = matrix_picture(a_book(150), LIMITS, GERMAN, whose="Anna Berger")
    assert picture is not None
    assert unpack(">II", picture.png[16:24]) == (WIDTH, HEIGHT)
    assert len(picture.png) <= 60_000


def test_a_picture_is_the_same_each_time() -> None:
    pictures = [matrix_picture(a_book(40), LIMITS, GERMAN, whose="Anna Berger") for _ in range(2)]
    assert pictures[0] == pictures[1]


def test_title_and_alternative_text_say_where_the_money_is() -> None:
    # 600,000 lie elsewhere, at 10,000 of revenue for 400,000
    grow = a_client(
        10_000,
        satisfactions=(a_score(90),),
        wallets=(a_wallet(1_000_000),),
        holdings=(a_holding(400_000),),
    )
    fix = in_field(20, 90, client_id=2, revenue=1000)
    book = assess_book([grow, fix], RULES, today=TODAY)
    english = matrix_picture(book, LIMITS, ENGLISH, whose="Emily Carter")
    german = matrix_picture(book, LIMITS, GERMAN, whose="Anna Berger")
    assert english is not None
    assert german is not None
    assert english.title == "1 client in GROW could bring €15,000 more a year"
    assert german.title == "1 Kunde in GROW könnte 15.000\N{NO-BREAK SPACE}€ mehr im Jahr bringen"
    assert english.alt.startswith(english.title + ". GROW: 1 client, €10,000. FIX: 1 client")


def test_without_potential_the_risk_is_the_message() -> None:
    # 16,000 × (1 - 0.2)
    book = assess_book([in_field(20, 90, revenue=16_000)], RULES, today=TODAY)
    picture = matrix_picture(book, LIMITS, ENGLISH, whose="Emily Carter")
    assert picture is not None
    assert picture.title == "1 client in FIX: €12,800 a year at risk"


def test_nobody_placed_gives_no_picture() -> None:
    book = assess_book([a_client(1000)], RULES, today=TODAY)
    assert matrix_picture(book, LIMITS, ENGLISH, whose="Emily Carter") is None
    assert hours_picture(workload_of([], RULES), ENGLISH, whose="Emily Carter") is None


def test_hours_beside_revenue_say_which_tier_is_an_investment() -> None:
    picture = hours_picture(example(), ENGLISH, whose="Emily Carter")
    assert picture is not None
    # 139.5 of 916 hours, 30,000 of 529,000
    assert picture.title == (
        "Tier S takes 15% of the time and brings 6% of the revenue: an investment"
    )
    assert "N: 50\N{NO-BREAK SPACE}h (5% of the time), €25,000 (5% of the revenue)." in picture.alt
    assert len(picture.png) <= 60_000


def test_a_tier_that_takes_too_much_is_no_investment() -> None:
    load = workload_of([cell(Tier.A, 1, 100_000), cell(Tier.N, 40, 2_000)], RULES)
    picture = hours_picture(load, ENGLISH, whose="Emily Carter")
    assert picture is not None
    # 80 of 95.3 hours, 2,000 of 102,000
    assert picture.title == "Tier N takes 84% of the time and brings 2% of the revenue"


def test_revenue_of_nobody_is_no_trouble() -> None:
    book = assess_book([in_field(90, 40, revenue=0)], RULES, today=TODAY)
    assert matrix_picture(book, LIMITS, ENGLISH, whose="x") is not None
