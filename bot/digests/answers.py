"""What Slack's refusals, and its silence, mean for a message: the one table of error classes."""

import random
import re
import socket
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from urllib.error import URLError

from slack_sdk.errors import SlackApiError

DEFAULT_WAIT = timedelta(seconds=30)
"""After a 429 that does not say how long to wait, or says it in an odd way."""
JITTER = 0.2
"""This share more or less, so that not all come back at once."""


class Verdict(StrEnum):
    """What a failed call means."""

    WAIT = "wait"
    """Certainly not done; ask again later."""
    UNREACHED = "unreached"
    """The call never reached Slack."""
    UNCLEAR = "unclear"
    """It may have been done: look before doing it again."""
    REFUSED = "refused"
    """This person or conversation gets nothing."""
    INSTALLATION = "installation"
    """Slack no longer accepts this app: stop calling."""
    OUR_BUG = "our_bug"
    """The message is wrong."""


# https://docs.slack.dev/reference/methods/chat.postMessage, section "Errors"; a code that is not
# listed here is a refusal, which calls Slack least often.
VERDICTS = {
    **dict.fromkeys(
        (
            "ratelimited",
            "rate_limited",
            "message_limit_exceeded",
            "service_unavailable",
            "team_added_to_org",
        ),
        Verdict.WAIT,
    ),
    **dict.fromkeys(
        (
            "internal_error",
            "fatal_error",
            "request_timeout",
            "duplicate_message_not_found",
            "duplicate_channel_not_found",
        ),
        Verdict.UNCLEAR,
    ),
    **dict.fromkeys(
        (
            "account_inactive",
            "token_revoked",
            "token_expired",
            "invalid_auth",
            "not_authed",
            "not_allowed_token_type",
            "missing_scope",
            "team_access_not_granted",
            "enterprise_is_restricted",
            "org_login_required",
            "access_denied",
            "two_factor_setup_required",
        ),
        Verdict.INSTALLATION,
    ),
    **dict.fromkeys(
        (
            "invalid_blocks",
            "invalid_blocks_format",
            "msg_blocks_too_long",
            "msg_too_long",
            "no_text",
            "markdown_text_conflict",
            "metadata_too_large",
            "invalid_metadata_format",
            "invalid_metadata_schema",
            "invalid_arguments",
            "invalid_arg_name",
            "invalid_form_data",
            "invalid_post_type",
        ),
        Verdict.OUR_BUG,
    ),
}
RATE_LIMITED = "ratelimited"
A_CODE = re.compile(r"[a-z][a-z0-9_]*")
SECONDS = re.compile(r"0*[1-9][0-9]{0,5}")


def _default_wait() -> timedelta:
    return DEFAULT_WAIT * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  nothing secret


class AskedToWaitError(Exception):
    """A call that was not made, since Slack asked to wait longer."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"asked to wait {wait.total_seconds():.0f} s longer")
        self.wait = wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A failed call, understood."""

    verdict: Verdict
    code: str
    wait: timedelta = field(default_factory=_default_wait)


def read_failure(error: Exception) -> Failure:
    """Say what an exception of the Web API client means."""
    if isinstance(error, SlackApiError):
        return _refusal(error)
    if isinstance(error, AskedToWaitError):
        return Failure(verdict=Verdict.WAIT, code=RATE_LIMITED, wait=error.wait)
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)):
        return Failure(verdict=Verdict.UNREACHED, code=type(reason).__name__)
    return Failure(verdict=Verdict.UNCLEAR, code=type(reason).__name__)


def _refusal(error: SlackApiError) -> Failure:
    status = error.response.status_code
    if status == 429:
        header = str(error.response.headers.get("Retry-After", ""))
        wait = timedelta(seconds=int(header)) if SECONDS.fullmatch(header) else _default_wait()
        return Failure(verdict=Verdict.WAIT, code=RATE_LIMITED, wait=wait)
    if status >= 500:
        return Failure(verdict=Verdict.UNCLEAR, code=f"http_{status}")
    data = error.response.data
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if not A_CODE.fullmatch(code):  # the client's words about a body that is not Slack's
        return Failure(verdict=Verdict.UNCLEAR, code=f"http_{status}_without_answer")
    return Failure(verdict=VERDICTS.get(code, Verdict.REFUSED), code=code)
