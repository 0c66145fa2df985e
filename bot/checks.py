"""What is found out before the bot serves: its ports are free, and the machine's clock is right."""

import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import structlog

from bot.settings import Settings

log = structlog.get_logger()

WARN_BEYOND = timedelta(seconds=30)
REFUSE_BEYOND = timedelta(minutes=4)
"""Slack's signatures hold for five minutes: an hour's drift later none would be accepted."""


class WrongClockError(OSError):
    """This machine's clock and Slack's differ too much for signatures and due times."""


def taken_port(settings: Settings) -> str | None:
    """Name the setting whose port another program uses."""
    ports = {"TIERWISE_METRICS_PORT": ("127.0.0.1", settings.metrics_port)}
    if settings.mode == "http":
        ports["TIERWISE_HTTP_PORT"] = (settings.http_host, settings.http_port)
    for name, (host, port) in ports.items():
        if port is not None and not _is_free(host, port):
            return name
    return None


def check_clock(headers: Mapping[str, str], now: datetime) -> None:
    """Compare the clock with the date of an answer from Slack.

    Raises WrongClockError if they differ by minutes.
    """
    told = {name.lower(): value for name, value in headers.items()}.get("date")
    try:
        slack_now = parsedate_to_datetime(told or "")
    except ValueError:
        return
    if slack_now.tzinfo is None:
        slack_now = slack_now.replace(tzinfo=UTC)
    off = now - slack_now
    if abs(off) > REFUSE_BEYOND:
        side = "ahead of" if off > timedelta() else "behind"
        minutes = round(abs(off).total_seconds() / 60)
        raise WrongClockError(
            f"This machine's clock is {minutes} minutes {side} Slack's. Set it right, then start."
        )
    if abs(off) > WARN_BEYOND:
        log.warning("clock_differs", seconds=round(off.total_seconds()))


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
