"""Places one firm's book in a process that ends, and takes pandas with it.

Takes a request as JSON on standard input, since an address may hold a password; writes what came of
it as JSON. `bot.digests.placer` starts it.
"""

import json
import signal
import sys
from datetime import date
from typing import Any

from bot.runtime import Runtime
from bot.settings import Settings
from bot.usecases.placing import AlreadyPlacedError, place_book
from bot.usecases.rules import RulesChangedMeanwhileError
from storage.store import open_store

LEEWAY_S = 30


def place(request: dict[str, Any]) -> dict[str, Any]:
    """Place the book, unless somebody else has, or is changing the rules."""
    store = open_store(request["address"])
    try:
        settings = Settings(database_url=request["address"])
        runtime = Runtime(settings=settings, store=store)
        today = date.fromisoformat(request["today"])
        found = place_book(request["firm"], runtime, today=today, once=True)
    except (AlreadyPlacedError, RulesChangedMeanwhileError) as meanwhile:
        return {"left": type(meanwhile).__name__}
    finally:
        store.close()
    return {"clients": found.clients, "moved": found.moved}


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    signal.alarm(request["limit_s"] + LEEWAY_S)  # it ends even if whoever asked is gone
    sys.stdout.write(json.dumps(place(request)))


if __name__ == "__main__":
    main()
