"""However slowly Slack answers, a call ends in its time."""

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from bot.digests.answers import Verdict, read_failure
from bot.punctual import AnswerTooLongError, PunctualClient
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.digests.conftest import SCOPES, manifest

BYTE_S = 0.3
LIMIT_S = 1


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(manifest(*SCOPES)) as running:
        yield running


def client_of(sandbox: Sandbox, timeout: int = LIMIT_S) -> PunctualClient:
    return PunctualClient(
        sandbox.bot_token, base_url=sandbox.api_url, timeout=timeout, retry_handlers=[]
    )


@pytest.mark.parametrize(
    "fault", [Fault(drip_s=BYTE_S), Fault(hang=True), Fault(delay_s=3 * LIMIT_S)]
)
def test_an_answer_that_does_not_come_in_time_ends_the_call_and_leaves_it_open(
    sandbox: Sandbox, fault: Fault
) -> None:
    sandbox.faults.order("chat.postMessage", fault)
    start = time.monotonic()
    with pytest.raises(OSError) as raised:  # noqa: PT011 (which one is up to the library)
        client_of(sandbox).chat_postMessage(channel="U0ANNA", text="Hi")
    assert time.monotonic() - start < 3 * LIMIT_S
    assert isinstance(raised.value, Exception)
    assert read_failure(raised.value).verdict is Verdict.UNCLEAR


def test_a_slow_answer_that_comes_in_time_counts(sandbox: Sandbox) -> None:
    sandbox.faults.order("chat.postMessage", Fault(drip_s=0.001))
    answer = client_of(sandbox, timeout=60).chat_postMessage(channel="U0ANNA", text="Hi")
    assert answer["ok"]


def test_an_answer_without_end_is_not_kept(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.punctual.LONGEST_ANSWER", 100)
    with pytest.raises(AnswerTooLongError):
        client_of(sandbox, timeout=60).users_info(user="U0ANNA")


def test_a_refusal_is_read_like_any_answer(sandbox: Sandbox) -> None:
    sandbox.faults.order("chat.postMessage", Fault(error="ratelimited", status=429, retry_after=7))
    with pytest.raises(Exception, match="ratelimited") as refused:
        client_of(sandbox).chat_postMessage(channel="U0ANNA", text="Hi")
    assert refused.value.response.headers["Retry-After"] == "7"  # type: ignore[attr-defined]


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Serve over TLS with a certificate that nobody vouches for; give the address and it."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"ok": true}')

        def log_message(self, *_: object) -> None: ...

    path = tmp_path / "certificate.pem"
    path.write_bytes(own_certificate())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"https://localhost:{server.server_address[1]}/api/", path
        server.shutdown()
        thread.join()


def own_certificate() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return secret + certificate.public_bytes(Encoding.PEM)


def test_over_tls_only_who_can_prove_it_is_spoken_to(encrypted: tuple[str, Path]) -> None:
    url, certificate = encrypted
    trusting = ssl.create_default_context(cafile=certificate)
    assert PunctualClient("x", base_url=url, timeout=60, ssl=trusting).api_test()["ok"]
    with pytest.raises(OSError) as raised:  # noqa: PT011 (which one is up to the library)
        PunctualClient("x", base_url=url, timeout=60, retry_handlers=[]).api_test()
    assert isinstance(raised.value, Exception)
    assert read_failure(raised.value).verdict is Verdict.UNREACHED
