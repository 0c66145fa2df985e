"""What the workspace refuses, as the platform's documentation states it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from sandbox.limits import BLOCKS, ELEMENTS
from sandbox.shapes import shape_problems
from sandbox.validate import message_problems, option_problems, view_problems
from sandbox.wire import Json

names = st.sampled_from([*BLOCKS, *ELEMENTS, "type", "text", "elements", "options", "block_id"])


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain("Log"), "action_id": "log"} | more


def select(n: int, **more: Any) -> Json:
    options = [{"text": plain(f"Option {i}"), "value": str(i)} for i in range(n)]
    return {"type": "static_select", "action_id": "pick", "options": options} | more


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn("Huber")} | more


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def field(**more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "text"}
    return {"type": "input", "block_id": "note", "label": plain("Note"), "element": element} | more


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Note"), "submit": plain("Save")} | {
        "blocks": list(blocks),
        **more,
    }


GOOD = [
    section(),
    section(fields=[plain("Tier"), mrkdwn("*A*")], accessory=button(style="primary")),
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn("as of today")] * 10},
    actions(*(button(action_id=f"log_{i}") for i in range(25))),
    actions(
        select(100), {"type": "overflow", "action_id": "more", "options": select(5)["options"]}
    ),
    section(text=mrkdwn("x" * 3000)),
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: str(block["type"]))
def test_what_just_fits_is_accepted_here_and_by_the_sdk(block: Json) -> None:
    assert message_problems([block]) == ([], False)
    assert shape_problems({"blocks": [block]}) == []
    (parsed,) = Block.parse_all([block])
    parsed.validate_json()


BAD: list[tuple[str, Json]] = [
    ("must be less than 151 characters [json-pointer:/blocks/0/text/text]",
     {"type": "header", "text": plain("x" * 151)}),
    ("must be plain_text [json-pointer:/blocks/0/text/type]",
     {"type": "header", "text": mrkdwn("*Huber*")}),
    ("must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
     section(text=mrkdwn("x" * 3001))),
    ("must be more than 0 characters [json-pointer:/blocks/0/text/text]", section(text=mrkdwn(""))),
    ("missing required field: text or fields [json-pointer:/blocks/0]", {"type": "section"}),
    ("no more than 10 items allowed [json-pointer:/blocks/0/fields]",
     section(fields=[plain("x")] * 11)),
    ("must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
     section(fields=[plain("x" * 2001)])),
    ("no more than 25 items allowed [json-pointer:/blocks/0/elements]",
     actions(*(button(action_id=f"log_{i}") for i in range(26)))),
    ("no more than 10 items allowed [json-pointer:/blocks/0/elements]",
     {"type": "context", "elements": [mrkdwn("x")] * 11}),
    ("must be less than 76 characters [json-pointer:/blocks/0/accessory/text/text]",
     section(accessory=button(text=plain("x" * 76)))),
    ("must be less than 2001 characters [json-pointer:/blocks/0/accessory/value]",
     section(accessory=button(value="x" * 2001))),
    ("must be a valid enum value [json-pointer:/blocks/0/accessory/style]",
     section(accessory=button(style="default"))),
    ("no more than 100 items allowed [json-pointer:/blocks/0/accessory/options]",
     section(accessory=select(101))),
    ("no less than 1 items allowed [json-pointer:/blocks/0/accessory/options]",
     section(accessory=select(0))),
    ("no more than 5 items allowed [json-pointer:/blocks/0/accessory/options]",
     section(accessory={"type": "overflow", "options": select(6)["options"]})),
    ("must be one of the options [json-pointer:/blocks/0/accessory/initial_option]",
     section(accessory=select(2, initial_option={"text": plain("No"), "value": "no"}))),
    ("does not have the right format [json-pointer:/blocks/0/accessory/initial_date]",
     section(accessory={"type": "datepicker", "initial_date": "22.11.2026"})),
    ("must be less than 301 characters [json-pointer:/blocks/0/accessory/confirm/text/text]",
     section(accessory=button(confirm={"title": plain("Sure?"), "text": plain("x" * 301),
                                       "confirm": plain("Yes"), "deny": plain("No")}))),
    ("must be less than 256 characters [json-pointer:/blocks/0/block_id]",
     section(block_id="x" * 256)),
    ("action_id is not unique: log [json-pointer:/blocks/0]", actions(button(), button())),
    ("invalid additional property: color [json-pointer:/blocks/0]", section(color="red")),
    ("unsupported type: alert [json-pointer:/blocks/0/type]",
     {"type": "alert", "text": plain("Only in modals")}),
    ("unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]",
     actions({"type": "plain_text_input"})),
]  # fmt: skip


@pytest.mark.parametrize(("problem", "block"), BAD, ids=[problem for problem, _ in BAD])
def test_what_is_too_much_is_refused_with_the_place_where(problem: str, block: Json) -> None:
    problems, _ = message_problems([block])
    assert problems == [f"[ERROR] {problem}"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(names, json_values, max_size=5), max_size=3))
@settings(max_examples=60, deadline=None)
def test_no_payload_however_broken_makes_the_judges_stumble(blocks: list[Json]) -> None:
    message_problems(blocks)
    view_problems(modal(*blocks), "modal")
    option_problems(blocks)


def test_a_message_has_at_most_fifty_blocks() -> None:
    assert message_problems([{"type": "divider"}] * 50)[0] == []
    (problem,), _ = message_problems([{"type": "divider"}] * 51)
    assert problem == "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"


def test_two_blocks_cannot_share_an_id() -> None:
    problems, _ = message_problems([section(block_id="a"), section(block_id="a")])
    assert problems == ["[ERROR] block_id is not unique: a [json-pointer:/blocks]"]


def test_a_message_has_at_most_13200_characters_in_all() -> None:
    blocks = [section(text=mrkdwn("x" * 3000))] * 4
    assert message_problems([*blocks, section(text=mrkdwn("x" * 1200))]) == ([], False)
    assert message_problems([*blocks, section(text=mrkdwn("x" * 1201))]) == ([], True)


def test_a_message_has_at_most_one_table() -> None:
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "Huber"}]]}
    assert message_problems([table])[0] == []
    assert message_problems([table, table])[0] == [
        "[ERROR] only one table allowed [json-pointer:/blocks]"
    ]


BAD_VIEWS: list[tuple[str, str, Json]] = [
    ("missing required field: title [json-pointer:/view]", "modal",
     {"type": "modal", "blocks": []}),
    ("must be less than 25 characters [json-pointer:/view/title/text]", "modal",
     modal(title=plain("x" * 25))),
    ("missing required field: submit [json-pointer:/view]", "modal",
     {"type": "modal", "title": plain("Note"), "blocks": [field()]}),
    ("must be less than 3001 characters [json-pointer:/view/private_metadata]", "modal",
     modal(private_metadata="x" * 3001)),
    ("unsupported type: table [json-pointer:/view/blocks/0/type]", "modal",
     modal({"type": "table", "rows": [[{"type": "raw_text", "text": "Huber"}]]})),
    ("invalid additional property: title [json-pointer:/view]", "home",
     {"type": "home", "title": plain("Home"), "blocks": []}),
    ("no more than 100 items allowed [json-pointer:/view/blocks]", "home",
     {"type": "home", "blocks": [{"type": "divider"}] * 101}),
    ("unsupported type: markdown [json-pointer:/view/blocks/0/type]", "home",
     {"type": "home", "blocks": [{"type": "markdown", "text": "# Huber"}]}),
    ("must be less than 2001 characters [json-pointer:/view/blocks/0/hint/text]", "modal",
     modal(field(hint=plain("x" * 2001)))),
    ("must be modal [json-pointer:/view/type]", "modal", {"type": "home", "blocks": []}),
]  # fmt: skip


@pytest.mark.parametrize(("problem", "kind", "view"), BAD_VIEWS, ids=[p for p, _, _ in BAD_VIEWS])
def test_a_view_that_breaks_a_rule_is_refused(problem: str, kind: str, view: Json) -> None:
    assert view_problems(view, kind) == [f"[ERROR] {problem}"]


def test_a_view_of_more_than_250_kilobytes_is_too_large() -> None:
    view = modal(*(section(text=mrkdwn("x" * 2900)) for _ in range(90)))
    assert view_problems(view, "modal") == ["view_too_large"]


def test_a_complete_form_is_accepted() -> None:
    form = modal(section(), field(), actions(button()))
    assert view_problems(form, "modal") == shape_problems({"view": form}) == []


def test_the_published_types_are_a_second_judge() -> None:
    assert shape_problems({"blocks": [section(color="red")]}) == [
        "[SHAPE] not as the published type SectionBlock has it [json-pointer:/blocks/0]"
    ]
    assert shape_problems({"view": {"type": "modal", "blocks": []}}) == [
        "[SHAPE] not as the published type ModalView has it [json-pointer:/view]"
    ]


def test_a_suggestion_has_at_most_a_hundred_options() -> None:
    assert option_problems({"options": select(100)["options"]}) == []
    assert option_problems({"options": []}) == []
    (problem,) = option_problems({"options": select(101)["options"]})
    assert problem == "[ERROR] no more than 100 items allowed [json-pointer:/options]"
