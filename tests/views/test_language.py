"""A German reader reads German: every text that the code says has a translation."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.catalogue import BOT, german


def test_every_text_has_a_german_one_even_inside_a_format_string() -> None:
    # Given the texts as Python itself reads them (Babel overlooks those inside f"{…}")
    said = {text for file in BOT.rglob("*.py") for text in texts_of(file)}
    # Then the catalogue knows each
    ids = (message.id for message in german())
    known = {text for each in ids for text in (each if isinstance(each, tuple) else (each,))}
    assert said - known == set()


def texts_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(attr="say"), args=[ast.Constant(value=str(text)), *_]):
                yield text
            case ast.Call(
                func=ast.Attribute(attr="say_n"),
                args=[ast.Constant(value=str(one)), ast.Constant(value=str(many)), *_],
            ):
                yield from (one, many)
