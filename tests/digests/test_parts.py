"""A message that is too long for Slack becomes several that it takes."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digests.parts import parts_of
from sandbox.validate import message_problems

PIECE = st.builds(
    str.__mul__, st.sampled_from(("a", "b c ", "d\n", "\n", " ")), st.integers(1, 2_000)
)
LINE = st.lists(PIECE, min_size=1, max_size=4).map("".join).filter(str.strip)


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def test_a_short_message_stays_as_it_is() -> None:
    blocks = [section("one"), {"type": "divider"}]
    assert parts_of("said", blocks) == [{"text": "said", "blocks": blocks}]
    assert parts_of("said", []) == [{"text": "said", "blocks": []}]


def test_a_long_section_is_cut_at_the_end_of_a_line() -> None:
    (part,) = parts_of("said", [section("a" * 2_000 + "\n" + "b" * 2_000)])
    assert [block["text"]["text"] for block in part["blocks"]] == ["a" * 2_000, "b" * 2_000]


def test_plain_text_without_blocks_is_cut_as_well() -> None:
    parts = parts_of("x" * 9_000, [])
    assert [len(part["text"]) for part in parts] == [4_000, 4_000, 1_000]


@settings(deadline=None, max_examples=50)
@given(st.lists(LINE, min_size=1, max_size=130))
def test_every_part_is_one_that_slack_takes_and_nothing_is_left_out(lines: list[str]) -> None:
    parts = parts_of("said", [section(line) for line in lines])
    said = ""
    for part in parts:
        assert part["text"]
        assert len(part["blocks"]) <= 49
        assert message_problems(part["blocks"]) == ([], False)
        said += "".join(block["text"]["text"] for block in part["blocks"])
    assert said.replace("\n", "") == "".join(lines).replace("\n", "")
