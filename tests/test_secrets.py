"""No token or key of anybody lies in the repository."""

import os
from collections.abc import Iterator
from pathlib import Path

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.plugins.base import RegexBasedDetector

ROOT = Path(__file__).parents[1]
ELSEWHERE = {".git", ".venv", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
ELSEWHERE |= {".import_linter_cache", ".ci", ".demo", "__pycache__", "build"}
BY_GUESS = {"BasicAuthDetector", "IPPublicDetector", "KeywordDetector"}
"""Those that take any password in an address of a manual, and every mention of one, for real."""
PATTERNS = {
    kind: tuple(detector().denylist)
    for kind, detector in get_mapping_from_secret_type_to_class().items()
    if issubclass(detector, RegexBasedDetector) and detector.__name__ not in BY_GUESS
}
"""The forms of the secrets that detect-secrets knows."""
TOKEN = "-".join(("xoxb", "204812345678", "409612345678", "Kd93hfTqLwPz81mNbVc2RtYs"))
KEY = "-----BEGIN RSA " + "PRIVATE KEY-----"


def files(folder: Path) -> Iterator[Path]:
    """Walk over what could be committed."""
    for inside, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if each not in ELSEWHERE]
        yield from (Path(inside) / name for name in names)


def secrets_in(folder: Path) -> list[str]:
    """Name where something looks like a secret, but not what it is."""
    found = []
    for path in files(folder):
        text = path.read_bytes().decode("utf-8", "replace")
        found += [
            f"{path.relative_to(folder)}: {kind}"
            for kind, patterns in PATTERNS.items()
            if any(pattern.search(text) for pattern in patterns)
        ]
    return sorted(found)


def test_no_secret_lies_in_the_repository() -> None:
    assert len(PATTERNS) > 15
    assert secrets_in(ROOT) == []


def test_a_secret_that_is_left_behind_is_found(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"SLACK_BOT_TOKEN={TOKEN}\n")
    (tmp_path / "key.pem").write_text(f"{KEY}\nMIIB\n")
    assert secrets_in(tmp_path) == [".env: Slack Token", "key.pem: Private Key"]
