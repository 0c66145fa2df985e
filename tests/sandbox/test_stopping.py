"""The local workspace ends cleanly, whoever knocks meanwhile."""

import gc
import socket
import threading
from urllib.parse import urlsplit

from bot.manifest import manifest
from sandbox.server import Sandbox

ROUNDS = 5
ASKED = b"POST /api/auth.test HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"


def knock(port: int, opened: list[socket.socket], enough: threading.Event) -> None:
    """Open connections until nobody answers any more."""
    while not enough.is_set():
        try:
            opened.append(socket.create_connection(("127.0.0.1", port), timeout=1))
            opened[-1].sendall(ASKED)
        except OSError:
            return


def test_who_is_let_in_as_the_door_closes_is_seen_out() -> None:
    for _ in range(ROUNDS):
        opened: list[socket.socket] = []
        enough = threading.Event()
        with Sandbox(manifest()) as sandbox:
            port = urlsplit(sandbox.base_url).port or 0
            knocking = threading.Thread(target=knock, args=(port, opened, enough))
            knocking.start()
            while not opened:
                enough.wait(0.001)
        enough.set()
        knocking.join()
        for each in opened:
            each.close()
        gc.collect()  # a connection that nobody closed fails the test here
