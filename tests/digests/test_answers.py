"""What Slack's answers mean, read by the real client from a real server that answers oddly."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from socket import socket
from threading import Thread

import pytest
from slack_sdk import WebClient

from bot.digests.answers import DEFAULT_WAIT, Failure, Verdict, read_failure


@contextmanager
def answering(status: int, body: bytes, headers: dict[str, str]) -> Iterator[str]:
    class Odd(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json"} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Odd) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/api/"
        server.shutdown()
        thread.join()


def failure_at(url: str) -> Failure:
    client = WebClient("xoxb-test", base_url=url, timeout=30, retry_handlers=[])
    with pytest.raises(Exception) as raised:  # noqa: PT011 (any: that is the question)
        client.chat_postMessage(channel="U1", text="Hi")
    assert isinstance(raised.value, Exception)
    return read_failure(raised.value)


def failure_after(status: int, body: bytes, **headers: str) -> Failure:
    with answering(status, body, headers) as url:
        return failure_at(url)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ({"Retry-After": "1"}, timedelta(seconds=1)),
        ({"retry-after": "3600"}, timedelta(hours=1)),
        ({}, DEFAULT_WAIT),
        ({"Retry-After": "0"}, DEFAULT_WAIT),
        ({"Retry-After": "-5"}, DEFAULT_WAIT),
        ({"Retry-After": "soon"}, DEFAULT_WAIT),
        ({"Retry-After": "Mon, 23 Nov 2026 08:00:00 GMT"}, DEFAULT_WAIT),
        ({"Retry-After": "999999999999999999"}, DEFAULT_WAIT),
        ({"Retry-After": "²"}, DEFAULT_WAIT),
    ],
)
def test_too_many_calls_wait_as_long_as_slack_says_or_half_a_minute(
    header: dict[str, str], wait: timedelta
) -> None:
    failure = failure_after(429, b'{"ok":false,"error":"ratelimited"}', **header)
    spread = 0.2 if wait == DEFAULT_WAIT else 0  # so that not all come back at once
    assert failure.verdict is Verdict.WAIT
    assert wait * (1 - spread) <= failure.wait <= wait * (1 + spread)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b'{"ok":false,"error":"channel_not_found"}'),
        (503, b"<html>Service unavailable</html>"),
        (502, b""),
        (200, b"<html>Please sign in</html>"),
        (200, b""),
        (200, b"[]"),
        (200, b'"ok"'),
        (200, b"null"),
        (200, b"\xff\xfe\xfd"),
        (200, b'{"ok":false}'),
        (200, b'{"ok":false,"error":null}'),
        (200, b'{"ok":false,"error":{"a":1}}'),
        (200, b'{"ok":false,"error":"internal_error"}'),
    ],
)
def test_an_answer_that_says_neither_yes_nor_no_is_unclear(status: int, body: bytes) -> None:
    assert failure_after(status, body).verdict is Verdict.UNCLEAR


def test_a_server_that_nobody_can_reach_got_no_message() -> None:
    with socket() as closed:  # bound, so that nobody else gets the port, but not listening
        closed.bind(("127.0.0.1", 0))
        failure = failure_at(f"http://127.0.0.1:{closed.getsockname()[1]}/api/")
    assert (failure.verdict, failure.code) == (Verdict.UNREACHED, "ConnectionRefusedError")
    assert failure_at("http://nowhere.invalid/api/").verdict is Verdict.UNREACHED


CLASSES = {
    Verdict.INSTALLATION: "account_inactive token_revoked token_expired invalid_auth not_authed "
    "team_access_not_granted missing_scope not_allowed_token_type",
    Verdict.REFUSED: "channel_not_found not_in_channel is_archived restricted_action "
    "restricted_action_read_only_channel restricted_action_thread_only_channel "
    "restricted_action_non_threadable_channel restricted_action_thread_locked "
    "messages_tab_disabled ekm_access_denied no_permission user_not_found user_disabled "
    "cannot_dm_bot a_code_of_next_year",
    Verdict.OUR_BUG: "invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long "
    "no_text metadata_too_large markdown_text_conflict",
    Verdict.WAIT: "ratelimited rate_limited message_limit_exceeded service_unavailable "
    "team_added_to_org",
    Verdict.UNCLEAR: "internal_error fatal_error request_timeout",
}


@pytest.mark.parametrize(
    ("code", "verdict"),
    [(code, verdict) for verdict, codes in CLASSES.items() for code in codes.split()],
)
def test_each_code_has_its_class(code: str, verdict: Verdict) -> None:
    assert failure_after(200, b'{"ok":false,"error":"%s"}' % code.encode()).verdict is verdict
