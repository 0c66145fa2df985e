"""Independent judges of what we show: Slack's SDK, the local workspace, our own rule on text."""

import html
import re
from collections.abc import Iterator
from typing import Any, Literal

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from sandbox.validate import message_problems, view_problems

Json = dict[str, Any]
Surface = Literal["message", "modal", "home"]

INVISIBLE = "\N{WORD JOINER}"
MARKUP = re.compile(rf"{INVISIBLE}([*_~`]){INVISIBLE}|[*`→⚠]")
"""What we write around people's words; theirs, which stand between word joiners, is kept."""


def assert_blocks(shown: list[Json] | Json, surface: Surface) -> None:
    """Let the judges look at a message's blocks or at a view."""
    blocks = shown if isinstance(shown, list) else shown["blocks"]
    parsed = Block.parse_all(blocks)
    assert len(parsed) == len(blocks)
    for block in parsed:
        block.validate_json()
    if isinstance(shown, list):
        assert message_problems(shown) == ([], False)
    else:
        View(**shown).validate_json()
        assert view_problems(shown, surface) == []
    for text in texts_of(blocks):
        if text["type"] == "mrkdwn":
            assert text["verbatim"] is True, "Slack would make links of @here and #channel"
            assert_harmless(text["text"])


def assert_harmless(text: str) -> None:
    """See that a text mentions nobody and links nowhere: we write no such thing ourselves."""
    assert not re.search("[<>]|&(?!amp;|lt;|gt;)", text), text


def texts_of(value: Any) -> Iterator[Json]:
    """Find every text object, outermost first."""
    if isinstance(value, list):
        for each in value:
            yield from texts_of(each)
    elif isinstance(value, dict):
        if value.get("type") in ("plain_text", "mrkdwn"):
            yield value
        else:
            yield from texts_of(list(value.values()))


def read_aloud(text: str) -> str:
    """Return the bare words of a text: no markup, no escapes, single spaces."""
    bare = MARKUP.sub(lambda found: found[1] or "", text)
    return " ".join(html.unescape(bare).split())


def lines_of(text: Json) -> list[str]:
    """Return the bare lines of a text object; plain text knows no markup."""
    read = read_aloud if text["type"] == "mrkdwn" else lambda line: " ".join(line.split())
    return [read(line) for line in text["text"].splitlines()]
