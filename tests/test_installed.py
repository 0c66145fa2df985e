"""What runs needs nothing that only developers install."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUN, FLEET = (
    set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / name).read_text(), re.MULTILINE))
    for name in ("requirements.lock", "requirements-fleet.lock")
)
OURS = ("bot", "domain", "sandbox", "storage")
STARTS = "bot.service, bot.demo.run, bot.cli, bot.http"


def foreign(modules: set[str], locked: set[str]) -> set[str]:
    """Return modules of distributions that are not locked; what nobody distributes is Python's."""
    homes = packages_distributions()
    return {
        module
        for module in modules
        if (of := {name.lower().replace("_", "-") for name in homes.get(module, ())})
        and not of & {*locked, "tierwise"}
    }


def test_what_starts_loads_only_what_is_locked() -> None:
    code = f"import sys, {STARTS}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert foreign(set(loaded.stdout.split()), RUN) == set()


def test_what_is_imported_anywhere_is_locked() -> None:
    found: set[str] = set()
    for path in (path for folder in OURS for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {each.name.partition(".")[0] for each in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(str(node.module).partition(".")[0])
    assert foreign(found, FLEET) == set()
