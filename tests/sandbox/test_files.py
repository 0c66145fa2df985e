"""Files that people give to the app, and pictures that the app shows."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from queue import Queue

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.client import SandboxClient
from sandbox.server import Sandbox
from sandbox.wire import Json
from tests.sandbox.conftest import MANIFEST, PATIENCE_S

CSV = b"name;revenue\nHuber;1200\n"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    scopes = ["chat:write", "commands", "im:history", "files:read", "files:write"]
    with Sandbox(MANIFEST | {"oauth_config": {"scopes": {"bot": scopes}}}) as running:
        yield running


def content(url: str, token: str) -> bytes:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
        data: bytes = response.read()
    return data


def test_a_file_sent_to_the_bot_can_be_read_by_it(
    app: App,
    api: WebClient,
    connect: Callable[[], object],
    sandbox: Sandbox,
    people: SandboxClient,
) -> None:
    events: Queue[Json] = Queue()
    app.event({"type": "message", "subtype": "file_share"})(lambda event: events.put(event))
    connect()
    sent = people.upload("U0ANNA", "clients.csv", CSV, place="D0ANNA")
    (told,) = events.get(timeout=PATIENCE_S)["files"]
    file = api.files_info(file=sent["file"])["file"]
    assert told["id"] == sent["file"]
    assert (file["name"], file["size"], file["mimetype"]) == ("clients.csv", len(CSV), "text/csv")
    assert content(file["url_private_download"], sandbox.bot_token) == CSV


def test_a_file_elsewhere_does_not_exist_for_the_bot(
    api: WebClient, sandbox: Sandbox, people: SandboxClient
) -> None:
    sent = people.upload("U0ANNA", "private.csv", CSV, place="C0GUEST")
    with pytest.raises(SlackApiError, match="file_not_found"):
        api.files_info(file=sent["file"])
    with pytest.raises(urllib.error.HTTPError):
        content(f"{sandbox.base_url}/files/{sent['file']}", sandbox.bot_token)


def test_a_form_carries_a_file(
    app: App,
    connect: Callable[[], object],
    sandbox: Sandbox,
    people: SandboxClient,
) -> None:
    views: Queue[Json] = Queue()

    @app.command("/segment")
    def opens(ack: Ack, client: WebClient, command: Json) -> None:
        element = {"type": "file_input", "action_id": "csv", "filetypes": ["csv"]}
        label = {"type": "plain_text", "text": "File"}
        block = {"type": "input", "block_id": "file", "label": label, "element": element}
        view = {"type": "modal", "callback_id": "import", "title": label, "submit": label}
        client.views_open(trigger_id=command["trigger_id"], view={**view, "blocks": [block]})
        ack()

    @app.view("import")
    def imports(ack: Ack, view: Json) -> None:
        views.put(view)
        ack()

    connect()
    people.say("U0ANNA", "D0ANNA", "/segment")
    file = people.upload("U0ANNA", "clients.csv", CSV)["file"]
    (view,) = people.views("U0ANNA")
    people.submit("U0ANNA", view["id"], {"file": {"csv": {"files": [{"id": file}]}}})
    (given,) = views.get(timeout=PATIENCE_S)["state"]["values"]["file"]["csv"]["files"]
    assert content(given["url_private"], sandbox.bot_token) == CSV


def test_the_app_shows_a_picture(api: WebClient, sandbox: Sandbox, people: SandboxClient) -> None:
    api.files_upload_v2(
        channel="D0ANNA", filename="book.png", content=b"PNG", initial_comment="Your book"
    )
    (message,) = people.messages("U0ANNA", "D0ANNA")
    (file,) = message["files"]
    assert (message["text"], file["mimetype"]) == ("Your book", "image/png")
    with urllib.request.urlopen(
        f"{file['url_private']}?key={sandbox.key}", timeout=PATIENCE_S
    ) as shown:
        assert shown.read() == b"PNG"
