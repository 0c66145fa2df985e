"""The gate: only what Slack signed, whole, in time and in form, is read at all."""

import gzip
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import pytest

from sandbox.client import PATIENCE_S
from tests.bot.office import ANNA
from tests.bot.web import Web, command_of

JSON = {"Content-Type": "application/json"}
DEEP = "[" * 100_000
CLICK = {"type": "block_actions", "team": {"id": "T0TIERWISE"}, "user": {"id": ANNA}}


def ask(
    web: Web, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, bytes, float]:
    """Send a request of any kind; return status, body and seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=PATIENCE_S)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    began = time.monotonic()
    connection.request(method, path, body or None, named)
    response = connection.getresponse()
    said = response.read()
    connection.close()
    return response.status, said, time.monotonic() - began


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/slack/events", 405),
        ("PUT", "/slack/events", 405),
        ("OPTIONS", "/slack/events", 405),
        ("DELETE", "/slack/events", 405),
        ("POST", "/slack/events/", 404),
        ("POST", "/slack", 404),
        ("POST", "//slack/events", 404),
        ("POST", "/slack/%65vents%00", 404),
        ("GET", "/", 404),
        ("GET", "/../etc/passwd", 404),
        ("POST", "/health", 405),
        ("GET", "/health", 200),
    ],
)
def test_c33_other_methods_and_paths_lead_nowhere(
    web: Web, method: str, path: str, status: int
) -> None:
    assert ask(web, method, path)[0] == status


def test_c33_a_header_of_a_megabyte_is_refused(web: Web) -> None:
    try:
        status, _, _ = ask(web, "POST", "/slack/events", X_Long="x" * 2**20)
    except ConnectionError:  # the server need not read to the end what it refuses
        return
    assert 400 <= status < 500


def test_c33_a_body_of_eleven_megabytes_is_refused_unread(web: Web) -> None:
    with socket.create_connection(("127.0.0.1", web.port), timeout=PATIENCE_S) as large:
        large.sendall(b"POST /slack/events HTTP/1.1\r\nContent-Length: 11534336\r\n\r\n")
        assert large.recv(64).startswith(b"HTTP/1.1 413 ")


def test_what_is_signed_by_nobody_and_is_no_text_is_refused(web: Web) -> None:
    assert web.post(b"\xff\xfe", web.signed(b"x"))[0] == 401


def test_c33_bodies_that_trickle_in_are_cut_off_while_others_are_answered(web: Web) -> None:
    with trickling(web, 10) as slow:
        began = time.monotonic()
        status, said = web.ask_as(ANNA, "/segment", "Maria Huber")
        assert (status, "Maria Huber" in said) == (200, True)
        for each in slow:
            assert each.recv(64).startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began < PATIENCE_S


def test_c33_a_header_that_trickles_in_is_cut_off(web: Web) -> None:
    with socket.create_connection(("127.0.0.1", web.port), timeout=PATIENCE_S) as slow:
        slow.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\n")
        assert slow.recv(64) == b""


@contextmanager
def trickling(web: Web, count: int) -> Iterator[list[socket.socket]]:
    """Open connections that send a byte of their body now and then."""
    head = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    slow = [socket.create_connection(("127.0.0.1", web.port), PATIENCE_S) for _ in range(count)]
    ended = threading.Event()

    def send() -> None:
        while not ended.wait(0.2):
            for each in slow:
                try:
                    each.sendall(b"x")
                except OSError:
                    return

    for each in slow:
        each.sendall(head)
    sender = threading.Thread(target=send)
    sender.start()
    yield slow
    ended.set()
    sender.join()
    for each in slow:
        each.close()


UNSIGNED = {
    "broken JSON": b'{"a":',
    "a list": b"[1,2]",
    "a hundred thousand brackets": DEEP.encode(),
    "a broken payload": b"payload=%7Bnope",
    "two payloads": b"payload=%7B%7D&payload=%7B%7D",
    "no UTF-8": b"\xff\xfe\x00",
    "compressed": gzip.compress(command_of(ANNA)),
    "ssl_check": b"ssl_check=1",
    "null": b"null",
}


@pytest.mark.parametrize("kind", UNSIGNED)
def test_c30_whatever_is_not_signed_is_refused_without_a_word(web: Web, kind: str) -> None:
    assert web.post(UNSIGNED[kind], {}) == (401, "")


def test_c30_a_body_without_a_length_is_refused(web: Web) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=PATIENCE_S)
    body = command_of(ANNA, text="Huber")
    connection.request("POST", "/slack/events", iter([body]), web.signed(body), encode_chunked=True)
    assert connection.getresponse().status == 400
    connection.close()


MALFORMED = {
    "broken JSON": b'{"a":',
    "a list": b"[1,2]",
    "nothing": b"",
    "null": b"null",
    "deep": (b'{"event":' + DEEP.encode()),
    "deep, but valid": b'{"a":' + b"[" * 60 + b"]" * 60 + b"}",
    "not a number": b'{"a": NaN}',
    "a number of 5,000 digits": b'{"a": ' + b"9" * 5000 + b"}",
    "no UTF-8": b"command=\xff",
    "a broken payload": b"payload=%7Bnope",
    "a payload that is a list": b"payload=%5B%5D",
    "two payloads": b"payload=%7B%7D&payload=%7B%7D",
    "two users": b"command=%2Fsegment&user_id=U1&user_id=U2",
    "a thousand fields": b"&".join(b"f%d=1" % n for n in range(1000)),
    "a form without a command": b"user_id=U1",
    "compressed": gzip.compress(command_of(ANNA)),
    "a user that is a number": b"payload=" + quote(json.dumps({**CLICK, "user": 5})).encode(),
    "a team that is a text": b"payload=" + quote(json.dumps({**CLICK, "team": "T1"})).encode(),
    "actions that are none": b"payload=" + quote(json.dumps({**CLICK, "actions": [1]})).encode(),
    "an event that is a list": b'{"type": "event_callback", "event": []}',
    "authorizations that are a number": b'{"type": "event_callback", "authorizations": 5}',
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_is_signed_but_not_of_slacks_form_is_refused(web: Web, kind: str) -> None:
    body = MALFORMED[kind]
    assert web.post(body, web.signed(body)) == (400, "")


def test_c14_what_no_database_holds_is_left_out_of_a_name(web: Web) -> None:
    _, said = web.ask_as(ANNA, "/segment", "Maria\0 Huber")
    assert json.loads(said)["blocks"][0]["text"]["text"].startswith("Maria Huber · ")


def test_c14_half_a_character_in_json_is_left_out(web: Web) -> None:
    click = {**CLICK, "actions": [{"action_id": "open_client", "value": "\ud800"}]}
    body = urlencode({"payload": json.dumps(click)}).encode()
    assert web.post(body, web.signed(body))[0] == 200


@pytest.mark.parametrize("kind", ["team_join", "message", "nothing_of_slacks"])
def test_c35_an_event_that_nobody_awaits_is_taken_once(web: Web, kind: str) -> None:
    event = {"type": kind, "user": ANNA, "channel": "C0TEAM", "text": "Hallo"}
    body = json.dumps(
        {"type": "event_callback", "team_id": "T0TIERWISE", "event_id": "Ev1", "event": event}
    ).encode()
    assert web.post(body, web.signed(body) | JSON) == (200, "")


def test_a_client_may_be_called_as_a_field_of_slacks_is(web: Web) -> None:
    # Bolt takes a form for an interaction wherever this word stands in it, and drops the command
    _, said = web.ask_as(ANNA, "/segment", "payload")
    assert json.loads(said)["text"].startswith("Kein Kunde „payload“")
