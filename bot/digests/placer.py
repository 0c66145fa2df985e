"""Has books placed by processes that end: pandas would stay, with some 80 MB, for good."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

ROOT = Path(__file__).parents[2]
LIMIT_S = 600
"""A million clients take about a tenth of it."""


class PlacingFailedError(Exception):
    """The process died, or did not end in time."""


class Placer:
    """Places one book at a time; the books that it could not place are the operator's to know."""

    def __init__(self, *, limit_s: int = LIMIT_S) -> None:
        self._limit_s = limit_s
        self._one_at_a_time = Lock()
        self._child: subprocess.Popen[str] | None = None
        self.is_closed = False
        self.failed: set[int] = set()
        """Firms whose book the last try here did not place."""

    def place(self, firm_id: int, address: str, *, today: date) -> dict[str, Any]:
        """Place a firm's book and return what came of it. Raises PlacingFailedError."""
        request = {
            "firm": firm_id,
            "address": address,
            "today": today.isoformat(),
            "limit_s": self._limit_s,
        }
        with self._one_at_a_time:
            try:
                found = self._ask(json.dumps(request))
            except PlacingFailedError:
                self.failed.add(firm_id)
                raise
        self.failed.discard(firm_id)
        return found

    def close(self) -> None:
        """Break off what is under way: whoever runs next places that book."""
        self.is_closed = True
        child = self._child
        if child is not None:
            child.kill()

    def _ask(self, request: str) -> dict[str, Any]:
        if self.is_closed:
            raise PlacingFailedError("the program ends")
        with subprocess.Popen(
            [sys.executable, "-P", "-m", "bot.digests.placing_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            text=True,
            start_new_session=True,  # what ends the program in a terminal is not for the child
        ) as child:
            self._child = child
            if self.is_closed:
                child.kill()
            try:
                answer, said = child.communicate(request, timeout=self._limit_s)
            except subprocess.TimeoutExpired as slow:
                child.kill()
                raise PlacingFailedError(f"not done after {self._limit_s} s") from slow
            finally:
                self._child = None
        if child.returncode:
            last = (said.strip().splitlines() or [""])[-1].split(":")[0]  # a message may name data
            raise PlacingFailedError(f"ended with {child.returncode} {last}".strip())
        found: dict[str, Any] = json.loads(answer)
        return found
