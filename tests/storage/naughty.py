"""The Big List of Naughty Strings (MIT licence, beside it): texts that have broken programs."""

import json
from pathlib import Path

NAUGHTY: tuple[str, ...] = tuple(
    json.loads(
        Path(__file__)
        .with_name("naughty_strings")
        .joinpath("blns.json")
        .read_text(encoding="utf-8")
    )
)
