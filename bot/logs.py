"""Logs: ids only. No name, amount, text or request body of anybody enters them."""

import logging
import sys

import structlog

QUIET = ("slack_bolt", "slack_sdk", "apscheduler", "urllib3")
"""Libraries that log bodies at INFO or DEBUG; only their warnings pass."""


def set_up_logs(*, least: int = logging.INFO) -> None:
    """Write our own events as JSON lines to standard error, and silence talkative libraries."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
