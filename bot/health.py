"""The page that says whether all is well."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

Page = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Troubles = Callable[[], Sequence[str]]


def health_page(troubles: Troubles) -> Page:
    """Make the page that says what does not work now, if anything."""

    def show(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        found = troubles()
        status = "503 Service Unavailable" if found else "200 OK"
        start_response(status, [("Content-Type", "text/plain")])
        return ["\n".join(found or ["ok"]).encode()]

    return show
