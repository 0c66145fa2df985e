"""``tierwise`` or ``python -m bot``: the version at once, everything else by ``bot.cli``."""

import sys
from importlib.metadata import version


def main() -> None:
    """Run; who only asks for the version need not wait for all libraries."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"tierwise {version('tierwise')}\n")
        return
    from bot.cli import main as run

    run()


if __name__ == "__main__":
    main()
