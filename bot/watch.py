"""What the machine's own watch may ask, at a port of this machine: health, and measurements.

No client, no person and no firm stands in a label.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from sqlalchemy.exc import SQLAlchemyError

from bot.digests.status import count_overdue, life
from bot.health import Page, Troubles, health_page
from bot.measures import BOUNDS_S, Times
from bot.runtime import Runtime
from storage.deliveries import State, count_by_state

HOST = "127.0.0.1"
RECENT = timedelta(days=7)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_line: object) -> None:
        """Keep quiet: it is asked every few seconds."""


class Watch:
    """The server at the local port."""

    def __init__(self, port: int, runtime: Runtime, troubles: Troubles) -> None:
        registry = CollectorRegistry()
        registry.register(Collected(runtime, troubles))
        pages: dict[str, Page] = {
            "/health": health_page(troubles),
            "/metrics": make_wsgi_app(registry),
        }

        def show(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            page = pages.get(environ["PATH_INFO"])
            if page is not None:
                return page(environ, start_response)
            start_response("404 Not Found", [("Content-Length", "0")])
            return []

        self._server = make_server(HOST, port, show, _Server, _Silent)
        self._thread = threading.Thread(target=self._server.serve_forever, name="watch")

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Collected:
    """Gathers the measurements whenever somebody asks for them."""

    def __init__(self, runtime: Runtime, troubles: Troubles) -> None:
        self._runtime, self._troubles = runtime, troubles

    def describe(self) -> list[Metric]:
        """Name nothing beforehand."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Return everything as of now."""
        measures = self._runtime.measures
        times = HistogramMetricFamily(
            "tierwise_acknowledgement_seconds", "How long Slack waited.", labels=["kind"]
        )
        for kind, each in measures.times().items():
            times.add_metric([kind], buckets=_buckets(each), sum_value=each.total_s)
        yield times
        turned_away = CounterMetricFamily(
            "tierwise_turned_away", "Requests without an effect, by reason.", labels=["why"]
        )
        for why, count in measures.turned_away().items():
            turned_away.add_metric([why], count)
        yield turned_away
        for name, value in measures.now().items():
            yield GaugeMetricFamily(f"tierwise_{name}", "As of now.", value=value)
        troubles = GaugeMetricFamily(
            "tierwise_troubles", "How many things do not work now.", value=len(self._troubles())
        )
        yield troubles
        try:
            yield from self._deliveries()
        except SQLAlchemyError:  # that the store is away is one of the troubles
            return

    def _deliveries(self) -> Iterator[Metric]:
        runtime = self._runtime
        with runtime.store.read(None) as session:
            counts = count_by_state(session, since=runtime.shared_now(session) - RECENT)
        states = GaugeMetricFamily(
            "tierwise_deliveries", "Messages due in the last seven days.", labels=["state"]
        )
        for state in State:
            states.add_metric([state.value], counts.get(state.value, 0))
        yield states
        yield GaugeMetricFamily(
            "tierwise_programs", "Programs that gave a sign of life.", value=life(runtime).running
        )
        yield GaugeMetricFamily(
            "tierwise_deliveries_overdue",
            "Due for 15 minutes and neither sent nor held.",
            value=count_overdue(runtime),
        )


def _buckets(times: Times) -> list[tuple[str, float]]:
    """Return how many took at most so long, as the format wants it."""
    total, buckets = 0, []
    for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), times.counts, strict=True):
        total += count
        buckets.append((bound, float(total)))
    return buckets
