"""Finds Debian's Chromium for the browser tests, and installs it where that is allowed."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str | None:
    """Return the browser's path; ``CHROMIUM`` names another one."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


def ensure() -> int:
    """Install Chromium if it is missing and we may; else say the one line to run."""
    if chromium():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stderr.write("Installing Chromium for the browser tests …\n")
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for order in (["update", "-q"], ["install", "-qy", "chromium"]):
            subprocess.run(["apt-get", *order], check=False, env=env, stdout=subprocess.DEVNULL)
        if chromium():
            return 0
    sys.stderr.write(
        "The browser tests need Chromium. Run: sudo apt-get install chromium "
        "(or set CHROMIUM to a browser's path)\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(ensure())
