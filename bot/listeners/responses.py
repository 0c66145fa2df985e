"""Answers sent to the address that came with a request: only to Slack, and to nowhere it points."""

import http.client
import json
import re
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

HOOK = re.compile(
    r"https://hooks\.slack\.com/(commands|actions|app)(/[A-Za-z0-9_-]{1,64}){2,4}", re.ASCII
)
"""The whole of what Slack gives out; no other host, port, name or path looks like it."""
LOCAL_HOOK = re.compile(r"/response/[A-Za-z0-9_-]{1,64}", re.ASCII)
SLACK = "slack.com"


class _StayHere(HTTPRedirectHandler):
    """Follows no redirect: an answer of the right host could point anywhere."""

    def redirect_request(self, *_redirect: Any) -> None:
        """Go nowhere; the redirect counts as a failure."""
        return


def may_post_to(url: str, api_url: str) -> bool:
    """Tell whether an address is Slack's own, or the local workspace's if the bot runs there."""
    api = urlsplit(api_url)
    if api.hostname == SLACK:
        return HOOK.fullmatch(url) is not None
    origin = f"{api.scheme}://{api.netloc}"
    return url.startswith(origin) and LOCAL_HOOK.fullmatch(url, len(origin)) is not None


def post(url: str, message: dict[str, Any], *, timeout_s: float) -> bool:
    """Send a message; whether Slack took it (an address holds for 30 minutes and 5 messages)."""
    body = json.dumps(message).encode()
    request = Request(url, body, {"Content-Type": "application/json; charset=utf-8"})  # noqa: S310  the caller looked
    try:
        with _opener().open(request, timeout=timeout_s) as answer:
            return bool(answer.status == 200)
    except (OSError, http.client.HTTPException):
        return False


def _opener() -> OpenerDirector:
    return build_opener(_StayHere)
