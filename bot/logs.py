"""Logs: ids only. No name, amount, text or request body of anybody enters them."""

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict

QUIET = ("slack_bolt", "slack_sdk", "apscheduler", "urllib3")
"""Libraries that log bodies; of their warnings only the place passes, of the rest nothing."""


def trace_of(error: BaseException) -> list[str]:
    """Name the places an error came through; its own text may hold what a client is called."""
    places = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return places


def _name_error(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Write an error's kind and places in place of its text."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["error"], event["trace"] = type(error).__name__, trace_of(error)
    return event


def _without_words(record: logging.LogRecord) -> bool:
    """Let a talkative library's warnings pass without their words.

    Bolt gives its own loggers the root's level, so that a level of theirs would not hold.
    """
    if record.name.partition(".")[0] in QUIET:
        where = f"{record.levelname.lower()} at {record.module}:{record.lineno}"
        record.msg, record.args, record.exc_info, record.exc_text = where, (), None, None
        return record.levelno >= logging.WARNING
    return True


def set_up_logs(*, least: int = logging.INFO) -> None:
    """Write our own events as JSON lines to standard error, and silence talkative libraries."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(_without_words)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that outlasts its interval
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _name_error,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
