"""Cuts a message that Slack would refuse for its size into several that it takes."""

from collections.abc import Iterator
from typing import Any

MAX_BLOCKS = 50
MAX_SECTION = 3_000
MAX_CHARACTERS = 12_000
"""Of all blocks of a message together; Slack refuses somewhere above 13,200."""
MAX_TEXT = 4_000
"""Slack recommends no more; a notification shows less anyway."""

Block = dict[str, Any]


def parts_of(text: str, blocks: list[Block], *, room: int = 1) -> list[dict[str, Any]]:
    """Return the bodies of one or more messages; each leaves room for so many blocks more."""
    pages: list[list[Block]] = [[]]
    size = 0
    for block in (piece for each in blocks for piece in _short(each)):
        length = _length(block)
        if pages[-1] and (len(pages[-1]) >= MAX_BLOCKS - room or size + length > MAX_CHARACTERS):
            pages.append([])
            size = 0
        pages[-1].append(block)
        size += length
    if len(pages) > 1:
        text = _cut(text, MAX_TEXT)
        return [
            {"text": text if n == 0 else _spoken(page), "blocks": page}
            for n, page in enumerate(pages)
        ]
    return [
        {"text": each, "blocks": pages[0] if n == 0 else []}
        for n, each in enumerate(_pieces(text, MAX_TEXT if not blocks else len(text) or 1))
    ]


def _short(block: Block) -> Iterator[Block]:
    """Cut a section whose text is too long into several."""
    text = block.get("text") if block.get("type") == "section" else None
    if not isinstance(text, dict) or len(text["text"]) <= MAX_SECTION:
        yield block
        return
    for n, piece in enumerate(_pieces(text["text"], MAX_SECTION)):
        rest = block if n == 0 else {"type": "section"}  # what is clicked stands beside the first
        yield {**rest, "text": {**text, "text": piece}}


def _pieces(text: str, size: int) -> list[str]:
    """Cut a text at ends of lines, or where it must be."""
    pieces = []
    while len(text) > size:
        end = text.rfind("\n", 1, size + 1)
        end = end if end > 0 else size
        pieces.append(text[:end])
        text = text[end:].removeprefix("\n")
    return [*pieces, text]


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1] + "…"


def _length(value: Any) -> int:
    """Count the characters that a block shows."""
    if isinstance(value, dict):
        return sum(
            len(each) if key in ("text", "alt_text") and isinstance(each, str) else _length(each)
            for key, each in value.items()
        )
    return sum(map(_length, value)) if isinstance(value, list) else 0


def _spoken(blocks: list[Block]) -> str:
    """Return what a screen reader says of a part: the texts of its sections."""
    texts = [str(block["text"]["text"]) for block in blocks if isinstance(block.get("text"), dict)]
    return _cut("\n".join(texts), MAX_TEXT) or "…"
