"""Answers that come later: only to Slack's own address, and never to nobody."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.listeners.responses import may_post_to, post
from sandbox.faults import Fault
from tests.bot.office import ANNA, EMILY, Office, direct, text_of
from tests.bot.web import Web

SLACK = "https://slack.com/api/"
RIGHT = (
    "https://hooks.slack.com/commands/1234/5678",
    "https://hooks.slack.com/commands/T0001/6204672533/x7ZLaiVMoECAW50Gw1ZYAXEM",
    "https://hooks.slack.com/actions/T0001/6204672533/x7ZLaiVMoECAW50Gw1ZYAXEM",
    "https://hooks.slack.com/app/T0001/6204672533/x7ZLaiVMoECAW50Gw1ZYAXEM",
)
WRONG = (
    "",
    " ",
    "http://169.254.169.254/",
    "http://169.254.169.254/latest/meta-data/",
    "http://hooks.slack.com/commands/1234/5678",
    "https://hooks.slack.com.evil.example/commands/1234/5678",
    "https://evil.example/hooks.slack.com/commands/1234/5678",
    "https://hooks.slack.com@evil.example/commands/1234/5678",
    "https://user:word@hooks.slack.com/commands/1234/5678",
    "https://hooks.slack.com:8443/commands/1234/5678",
    "https://hooks.slack.com:443@evil.example/commands/1234/5678",
    "https://hooks.slack.com/commands/%2e%2e/services/1/2/3",
    "https://hooks.slack.com/commands/../services/1/2/3",
    "https://hooks.slack.com/services/1/2/3",
    "https://hooks.slack.com/commands/1234/5678?x=https://evil.example",
    "https://hooks.slack.com/commands/1234/5678#@evil.example",
    "https://hooks.slack.com\\@evil.example/commands/1234/5678",
    "https://hooks.slack.com/commands/1234/5678\r\nHost: evil.example",
    "https://hooks.slack.com/commands/1234/5678\n",
    "https://hooks.slack.com./commands/1234/5678",
    "https://HOOKS.slack.com/commands/1234/5678",
    "https://hooks.slаck.com/commands/1234/5678",
    "https://[::1]/commands/1234/5678",
    "https://0x7f000001/commands/1234/5678",
    "https://2130706433/commands/1234/5678",
    "file:///etc/passwd",
    "gopher://hooks.slack.com/commands/1234/5678",
    "//hooks.slack.com/commands/1234/5678",
    "https://hooks.slack.com",
    "https://slack.com/api/chat.postMessage",
    "javascript:alert(1)",
)


@pytest.mark.parametrize("url", RIGHT)
def test_slacks_own_addresses_are_answered(url: str) -> None:
    assert may_post_to(url, SLACK)


@pytest.mark.parametrize("url", WRONG)
def test_c34_no_other_address_is(url: str) -> None:
    assert not may_post_to(url, SLACK)
    assert not may_post_to(url, "http://127.0.0.1:8777/api/")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8778/response/x",
        "http://127.0.0.1:87770/response/x",
        "http://127.0.0.1:8777@evil.example/response/x",
        "http://127.0.0.1:8777/api/chat.postMessage",
        "http://127.0.0.1:8777/response/../api/x",
        "https://127.0.0.1:8777/response/x",
    ],
)
def test_in_the_local_workspace_only_its_own_addresses_are(url: str) -> None:
    assert may_post_to("http://127.0.0.1:8777/response/x-Y_1", "http://127.0.0.1:8777/api/")
    assert not may_post_to(url, "http://127.0.0.1:8777/api/")


class Stranger(BaseHTTPRequestHandler):
    """Notes who calls; sends everybody on to itself."""

    heard: list[str] = []  # noqa: RUF012  one server at a time

    def do_POST(self) -> None:
        self.heard.append(self.path)
        self.send_response(307 if self.path == "/on" else 200)
        self.send_header("Location", "/there")
        self.end_headers()

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture
def stranger() -> Iterator[str]:
    """Run a server that nobody has any business with; give its address."""
    server = HTTPServer(("127.0.0.1", 0), Stranger)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Stranger.heard.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_c34_a_redirect_is_not_followed(stranger: str) -> None:
    assert not post(f"{stranger}/on", {"text": "x"}, timeout_s=30)
    assert Stranger.heard == ["/on"]
    assert post(f"{stranger}/there", {"text": "x"}, timeout_s=30)
    assert not post("http://127.0.0.1:1/", {"text": "x"}, timeout_s=30)


@pytest.mark.parametrize("path", ["/response/x", "/commands/1234/5678", ""])
def test_c34_a_foreign_address_gets_nothing_and_the_person_the_answer(
    web: Web, stranger: str, path: str
) -> None:
    office = web.office
    office.sandbox.faults.order("conversations.info", Fault(delay_s=2))
    seen = len(office.people.messages(ANNA, direct(ANNA)))
    url = f"{stranger}{path}" if path else ""
    status, _ = web.ask_as(ANNA, "/segment", "Maria Huber", response_url=url)
    assert status == 200
    assert "Maria Huber" in office.next_message(ANNA, direct(ANNA), seen)["text"]
    assert Stranger.heard == []


@pytest.mark.parametrize("how", ["expired", "used up"])
def test_a_late_answer_whose_address_is_spent_comes_by_direct_message(
    running: Office, how: str
) -> None:
    # Given an address for an answer that holds no more
    handles = running.sandbox.workspace.handles
    give = handles.response

    def give_spent(*arguments: str | None) -> str:
        spent = give(*arguments)  # type: ignore[arg-type]
        if how == "expired":
            del handles._responses[spent]
        else:
            handles._responses[spent].uses = 5
        return spent

    handles.response = give_spent  # type: ignore[method-assign]
    try:
        seen = len(running.people.messages(ANNA, direct(ANNA)))
        choice = running.ask(ANNA, "/segment Bergmann", "C0TEAM")
        running.press(ANNA, "Öffnen: Petra Bergmann", choice, "C0TEAM")
        card = running.next_message(ANNA, direct(ANNA), seen)
    finally:
        handles.response = give  # type: ignore[method-assign]
    assert "Petra Bergmann" in card["text"]
    assert running.leaks() == []


@pytest.mark.parametrize("code", ["expired_trigger_id", "exchanged_trigger_id", "trigger_expired"])
def test_who_waited_too_long_for_a_form_reads_what_to_do(running: Office, code: str) -> None:
    card = running.ask(EMILY, "/segment Daisy Fairfax")
    running.sandbox.faults.order("views.open", Fault(error=code))
    said = running.press_for_message(EMILY, "Record satisfaction", card)
    assert said["text"].startswith("Slack did not let me open this in time.")


def test_a_form_that_is_slow_and_not_saved_comes_back_as_it_was_filled_in(
    running: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = running.ask(ANNA, "/segment Otto Winter")
    running.press(ANNA, "Zufriedenheit erfassen", card)
    (form,) = running.modals(ANNA)
    # Given an answer that is not ready in time, and somebody else who holds the store
    monkeypatch.setattr("bot.listeners.router.ANSWER_S", 0)
    with running.runtime.store.write(None):
        values = {"score": {"score": {"value": "3"}}}
        assert running.people.submit(ANNA, form["id"], values)["outcome"] == "updated"
        back = running.modal_saying(ANNA, "Der Speicher ist gerade belegt")
    # Then the form is back, with the entry in it, and can be saved
    assert '"initial_value": "3"' in text_of(back)
    assert running.people.submit(ANNA, back["id"])["outcome"] == "updated"
    running.modal_saying(ANNA, "Otto Winter")
    running.close_modals(ANNA)


def test_a_form_closed_while_it_was_saved_is_answered_by_direct_message(
    running: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = running.ask(ANNA, "/segment Gerda Sommer")
    running.press(ANNA, "Zufriedenheit erfassen", card)
    (form,) = running.modals(ANNA)
    monkeypatch.setattr("bot.listeners.router.ANSWER_S", 0)
    running.sandbox.faults.order("views.update", Fault(error="not_found"))
    seen = len(running.people.messages(ANNA, direct(ANNA)))
    running.people.submit(ANNA, form["id"], {"score": {"score": {"value": "3"}}})
    assert "Gerda Sommer" in text_of(running.next_message(ANNA, direct(ANNA), seen) | {"title": ""})
    running.close_modals(ANNA)
