"""What is wrong with the settings is said at once, in one line, by the variable's name."""

import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.checks import WrongClockError, check_clock
from bot.cli import main
from tests.bot.web import free_port

BOT, APP = (
    "-".join(("xoxb", "2048", "4096", "Kd93hfTqLw")),
    "-".join(("xapp", "1", "A0123", "4096", "77c0ffee")),
)
SIGNING = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
SOCKET = {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP}
HTTP = {"TIERWISE_MODE": "http", "SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": SIGNING}
REFUSED = [
    ({}, "SLACK_BOT_TOKEN, SLACK_APP_TOKEN"),
    ({"SLACK_BOT_TOKEN": BOT}, "SLACK_APP_TOKEN"),
    (SOCKET | {"SLACK_APP_TOKEN": " \t"}, "SLACK_APP_TOKEN"),
    ({"TIERWISE_MODE": "http"}, "SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET"),
    (HTTP | {"SLACK_SIGNING_SECRET": ""}, "SLACK_SIGNING_SECRET"),
    (HTTP | {"SLACK_SIGNING_SECRET": "   "}, "SLACK_SIGNING_SECRET"),
    (HTTP | {"SLACK_SIGNING_SECRET": "x" * 32}, "SLACK_SIGNING_SECRET"),
    (HTTP | {"SLACK_SIGNING_SECRET": "your-signing-secret"}, "SLACK_SIGNING_SECRET"),
    (HTTP | {"SLACK_SIGNING_SECRET": "0f1e"}, "SLACK_SIGNING_SECRET"),
    (SOCKET | {"SLACK_BOT_TOKEN": "xoxb-…"}, "SLACK_BOT_TOKEN"),
    (SOCKET | {"SLACK_BOT_TOKEN": "xoxb-your-token"}, "SLACK_BOT_TOKEN"),
    (SOCKET | {"SLACK_BOT_TOKEN": BOT.replace("xoxb", "xoxp")}, "SLACK_BOT_TOKEN"),
    (SOCKET | {"SLACK_BOT_TOKEN": APP, "SLACK_APP_TOKEN": BOT}, "SLACK_BOT_TOKEN, SLACK_APP_TOKEN"),
    (SOCKET | {"SLACK_APP_TOKEN": "xapp-..."}, "SLACK_APP_TOKEN"),
    (SOCKET | {"SLACK_APP_TOKEN": "changeme"}, "SLACK_APP_TOKEN"),
    (SOCKET | {"SLACK_API_URL": "http://slack.com/api/"}, "SLACK_API_URL"),
    (SOCKET | {"SLACK_API_URL": "slack.com"}, "SLACK_API_URL"),
    (SOCKET | {"TIERWISE_MODE": "pigeon"}, "TIERWISE_MODE"),
    (HTTP | {"TIERWISE_HTTP_PORT": "abc"}, "TIERWISE_HTTP_PORT"),
    (HTTP | {"TIERWISE_HTTP_PORT": "99999"}, "TIERWISE_HTTP_PORT"),
    (HTTP | {"TIERWISE_METRICS_PORT": "0"}, "TIERWISE_METRICS_PORT"),
    (HTTP | {"TIERWISE_METRICS_PORT": "3000"}, "TIERWISE_METRICS_PORT and TIERWISE_HTTP_PORT"),
    (SOCKET | {"TIERWISE_TICK_S": "0"}, "TIERWISE_TICK_S"),
    (SOCKET | {"TIERWISE_CALL_TIMEOUT_S": "soon"}, "TIERWISE_CALL_TIMEOUT_S"),
    (SOCKET | {"TIERWISE_SETTLE_S": "1"}, "TIERWISE_SETTLE_S"),
    (SOCKET | {"TIERWISE_DISPATCHER": "fleet"}, "TIERWISE_DISPATCHER"),
    (SOCKET | {"TIERWISE_DISPATCHER": "many"}, "TIERWISE_DISPATCHER"),
    (SOCKET | {"TIERWISE_DATABASE_URL": "tierwise.db"}, "TIERWISE_DATABASE_URL"),
    (SOCKET | {"TIERWISE_DATABASE_URL": "oracle://x"}, "TIERWISE_DATABASE_URL"),
]
"""Settings, and what is named."""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.logs.set_up_logs", lambda: None)  # it is set up once a process


@pytest.fixture
def taken() -> Iterator[str]:
    """Give a port that another program uses."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield str(other.getsockname()[1])


def start(settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> int:
    """Start the program with these settings and no others; return how it ended."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["tierwise", "run"])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(str(ended.value.code))


@pytest.mark.parametrize(("settings", "named"), REFUSED, ids=range(len(REFUSED)))
def test_a_setting_that_is_wrong_is_named_and_its_value_is_not(
    settings: dict[str, str],
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert start(settings, monkeypatch) == 2
    said = capsys.readouterr().err
    assert named in said
    assert len(said.splitlines()) == 1
    assert not [v for k, v in settings.items() if "TOKEN" in k and v.strip() and v in said]


@pytest.mark.parametrize("name", ["TIERWISE_HTTP_PORT", "TIERWISE_METRICS_PORT"])
def test_a_port_that_another_program_uses_is_named(
    name: str, taken: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ports = {"TIERWISE_HTTP_PORT": str(free_port()), name: taken}
    assert start(HTTP | ports, monkeypatch) == 2
    assert name in capsys.readouterr().err


NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def _told(off: timedelta) -> dict[str, str]:
    return {"Date": format_datetime(NOW + off, usegmt=True)}


@pytest.mark.parametrize(
    ("off", "words"), [(timedelta(minutes=5), "5 minutes behind"), (timedelta(hours=-1), "60 min")]
)
def test_a_clock_that_is_minutes_wrong_is_refused(off: timedelta, words: str) -> None:
    with pytest.raises(WrongClockError, match=words):
        check_clock(_told(off), NOW)


def test_a_clock_that_is_half_a_minute_off_is_told_to_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check_clock(_told(timedelta(seconds=31)), NOW)
    assert "clock_differs" in capsys.readouterr().out


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}, {"DATE": "Mon, 23 Nov 2026 08:00"}])
def test_an_answer_without_a_readable_date_says_nothing_about_the_clock(
    headers: dict[str, str],
) -> None:
    check_clock(headers, NOW)
