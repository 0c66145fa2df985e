"""What is found out before the bot serves: its ports are free, and the machine's clock is right."""

import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import structlog
from sqlalchemy.engine import make_url

from bot.settings import Settings
from storage.journal import journal_path

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


class WideFilesError(OSError):
    """Others than their owner may read what the bot keeps."""

    def __init__(self, paths: Sequence[Path]) -> None:
        listed = " ".join(str(each) for each in paths)
        super().__init__(f"Others may use {listed}. Run: chmod go-rwx {listed}")


def wide_files(settings: Settings) -> list[Path]:
    """List the store's files that others than their owner may use."""
    url = make_url(settings.database_url)
    paths: list[Path] = []
    if url.get_backend_name() == "sqlite" and url.database:
        for path in (Path(url.database), journal_path(url)):
            paths += [path, path.with_name(f"{path.name}-wal")]
    if settings.erased_list is not None:
        paths.append(settings.erased_list)
    return [each for each in paths if is_wide(each)]


def is_wide(path: Path) -> bool:
    """Tell whether others than its owner may use a file."""
    return path.exists() and bool(path.stat().st_mode & 0o077)


def check_files(settings: Settings) -> None:
    """Raise WideFilesError if others may read store or journal."""
    if wide := wide_files(settings):
        raise WideFilesError(wide)
