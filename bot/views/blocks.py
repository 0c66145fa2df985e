"""Small builders of Block Kit, and the one way text enters it.

Slack counts 3,000 characters a section, 150 a header, 50 blocks a message; what is longer is cut
with an ellipsis, never refused.
"""

import re
from collections.abc import Sequence
from typing import Any

Block = dict[str, Any]

SECTION_CHARS = 3000
HEADER_CHARS = 150
TITLE_CHARS = 24
"""Of a modal, and of the buttons at its foot."""
FIELD_CHARS = 2000
BUTTON_CHARS = 75
JOINER = "\N{WORD JOINER}"
_CUT_ENTITY = re.compile(r"&\w*…$")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"} | {
    sign: f"{JOINER}{sign}{JOINER}" for sign in "*_~`"
}
"""The ampersand first, for it stands in the others."""


def escape(text: str) -> str:
    """Return text that Slack shows as it is: no mention, link or formatting out of a name."""
    for sign, shown in _ESCAPES.items():
        text = text.replace(sign, shown)
    return text


def cut(text: str, limit: int) -> str:
    """Shorten a text to `limit` characters, the last one an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def plain(text: str, limit: int) -> Block:
    """Make a text object that knows no markup."""
    return {"type": "plain_text", "text": cut(text, limit), "emoji": False}


def mrkdwn(text: str, limit: int = SECTION_CHARS) -> Block:
    """Make a text object of our own markup; people's words in it went through `escape`."""
    whole = text if len(text) <= limit else _CUT_ENTITY.sub("…", cut(text, limit))
    return {"type": "mrkdwn", "text": whole, "verbatim": True}


def header(text: str) -> Block:
    """Make a headline."""
    return {"type": "header", "text": plain(text, HEADER_CHARS)}


def section(text: str, *, accessory: Block | None = None) -> Block:
    """Make a paragraph, with a button beside it if wanted."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    if accessory:
        block["accessory"] = accessory
    return block


def fields(pairs: Sequence[tuple[str, str]]) -> Block:
    """Make two columns of labelled figures, at most ten."""
    return {
        "type": "section",
        "fields": [
            mrkdwn(f"*{escape(label)}*\n{escape(value)}", FIELD_CHARS)
            for label, value in pairs[:10]
        ],
    }


def context(text: str) -> Block:
    """Make a small print line."""
    return {"type": "context", "elements": [mrkdwn(escape(text))]}


def divider() -> Block:
    """Make a line."""
    return {"type": "divider"}


def actions(*elements: Block) -> Block:
    """Make a row of buttons."""
    return {"type": "actions", "elements": list(elements)}


def menu(choices: Sequence[tuple[str, str]], action_id: str) -> Block:
    """Make a menu of two to five choices behind three dots."""
    return {
        "type": "overflow",
        "action_id": action_id,
        "options": [
            {"text": plain(label, BUTTON_CHARS), "value": value} for value, label in choices
        ],
    }


def button(
    label: str, action_id: str, value: str, *, about: str = "", primary: bool = False
) -> Block:
    """Make a button; `about` tells screen readers what it acts on."""
    block: Block = {
        "type": "button",
        "action_id": action_id,
        "text": plain(label, BUTTON_CHARS),
        "value": value,
    }
    if about:
        block["accessibility_label"] = cut(f"{label}: {about}", BUTTON_CHARS)
    if primary:
        block["style"] = "primary"
    return block
