"""One program for two firms with equal ids, over signed HTTP, each installed by itself."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from http.cookies import SimpleCookie
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from cryptography.fernet import Fernet
from pydantic import SecretStr

from bot import actions
from bot.gate import Gate
from bot.manifest import manifest
from bot.runtime import Runtime
from bot.service import Service
from bot.settings import Settings
from bot.usecases.firms import add_member, link
from bot.usecases.importing import keep, preview_file
from domain.access import Role
from sandbox.client import PATIENCE_S, SandboxClient
from sandbox.server import Sandbox
from sandbox.world import TEAM, default_world, twin_of
from storage.deliveries import digest_status
from storage.files.options import ReadOptions
from storage.firms import find_firm, list_firms
from storage.store import open_store
from storage.tables import FirmRow
from tests.bot.office import TUESDAY
from tests.bot.web import free_port

NORTH, SOUTH = TEAM, "T0SUEDSTERN"
MEMBERS = (
    ("anna", "Anna Berger", Role.ADVISOR, "U0ANNA"),
    ("vogt", "Katharina Vogt", Role.LEAD, "U0VOGT"),
)


class Quiet(WSGIRequestHandler):
    """A server that writes no log of its own."""

    def log_message(self, *_: object) -> None:
        pass


class Threads(ThreadingMixIn, WSGIServer):
    """A server with a thread for each request, as gunicorn has."""

    daemon_threads = True


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


browser = build_opener(ProxyHandler({}), _Stay)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser got."""

    status: int
    html: str
    cookie: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Hosting:
    """The running program, its workspaces, and what people do in a browser."""

    sandbox: Sandbox
    runtime: Runtime
    service: Service
    url: str

    def people(self, team: str) -> SandboxClient:
        """Return who acts as people of a firm do."""
        return self.sandbox.client_of(team)

    def visit(self, address: str, *, cookie: str = "", language: str = "de-DE") -> Answer:
        """Open a page."""
        sent = {"Cookie": cookie, "Accept-Language": language}
        request = Request(address, headers={k: v for k, v in sent.items() if v})
        try:
            with browser.open(request, timeout=PATIENCE_S) as response:
                return _answer(response.status, response)
        except HTTPError as other:
            with other:
                return _answer(other.code, other)

    def begin(self) -> tuple[str, str]:
        """Open the install page; return where its button leads, and the cookie it sets."""
        page = self.visit(f"{self.url}/slack/install")
        assert page.status == 200
        link = page.html.split('class="go" href="')[1].split('"')[0]
        return unescape(link), page.cookie

    def install(self, team: str, who: str = "U0VOGT") -> Answer:
        """Install as somebody, from the first page to the last."""
        link, cookie = self.begin()
        back = self.sandbox.client.consent(link, f"{team}/{who}")
        return self.visit(back, cookie=cookie)

    def firm(self, team: str) -> FirmRow | None:
        """Return a firm as it is stored."""
        with self.runtime.store.read(None) as session:
            return find_firm(session, team)

    def firm_id(self, team: str) -> int:
        """Return a firm's id."""
        firm = self.firm(team)
        assert firm is not None
        assert firm.id is not None
        return firm.id

    def staff(self, team: str, book: str) -> None:
        """Add the firm's people and import their book, as its operator does."""
        firm_id, today = self.firm_id(team), TUESDAY.date()
        for key, name, role, account in MEMBERS:
            add_member(firm_id, self.runtime, key=key, name=name, role=role, team="Beratung")
            link(firm_id, key, account, self.runtime)
        preview = preview_file(
            book.encode(),
            firm_id=firm_id,
            runtime=self.runtime,
            today=today,
            options=ReadOptions(number_format="de"),
        )
        assert preview.plan is not None
        assert not preview.plan.problems
        keep(preview.plan, file_name="b.csv", firm_id=firm_id, runtime=self.runtime, by="operator")

    def ask(self, team: str, who: str, command: str) -> dict[str, Any]:
        """Type a command in the direct message; return what answers it."""
        people, place = self.people(team), "D" + who[1:]
        seen = len(people.messages(who, place))
        assert people.say(who, place, command)["outcome"] == "acked"
        answer: dict[str, Any] = people.wait_for(lambda: people.messages(who, place)[seen:])[0]
        return answer

    def weekly_message(self, team: str, who: str = "U0ANNA") -> dict[str, Any]:
        """Wait for a person's Monday message."""
        people = self.people(team)

        def arrived() -> list[dict[str, Any]]:
            mail = people.messages(who, "D" + who[1:])
            return [each for each in mail if actions.NOTICES in str(each)]

        message: dict[str, Any] = people.wait_for(arrived)[-1]
        return message

    def wait_until_quiet(self) -> None:
        """Wait until all that is due today is said and every book is placed."""
        today = self.runtime.now().date()

        def is_quiet() -> bool:
            with self.runtime.store.read(None) as session:
                placed = [firm.placed_on for firm in list_firms(session)]
                return not digest_status(session) and all(each == today for each in placed)

        self.sandbox.client.wait_for(is_quiet)


def _answer(status: int, response: Any) -> Answer:
    cookies: SimpleCookie = SimpleCookie()
    for each in response.headers.get_all("Set-Cookie") or []:
        cookies.load(each)
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
    return Answer(status, response.read().decode(), cookie, dict(response.headers))


@contextmanager
def open_hosting(folder: Path, sqlite_template: Path, **settings: Any) -> Iterator[Hosting]:
    """Run the program on an empty store, with two workspaces in which it is not installed yet."""
    shutil.copy(sqlite_template, folder / "tierwise.db")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    twin = twin_of(default_world(), SOUTH, "Südstern Beratung", "suedstern")
    events = f"{url}/slack/events"
    with Sandbox(
        manifest("http", url=events), more=[twin], installed=False, deadline_s=PATIENCE_S
    ) as sandbox:
        sandbox.clock.jump_to(TUESDAY)
        keys = sandbox.workspace.keys
        chosen = {
            "database_url": f"sqlite:///{folder / 'tierwise.db'}",
            "mode": "http",
            "tick_s": 3600,
            "fence_s": 45,
            "slack_client_id": keys.client_id,
            "slack_client_secret": SecretStr(keys.client_secret),
            "slack_signing_secret": SecretStr(keys.signing_secret),
            "token_key": SecretStr(Fernet.generate_key().decode()),
            "slack_api_url": sandbox.api_url,
        }
        store = open_store(chosen["database_url"])
        runtime = Runtime(
            settings=Settings(**{**chosen, **settings}), store=store, clock=sandbox.clock.now
        )
        service = Service(runtime)
        gate = Gate(service.app, keys.signing_secret, service.pages)
        server = make_server("127.0.0.1", port, gate, Threads, Quiet)
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        service.start()
        sandbox.clock.on_move(service.clock.wake)
        assert sandbox.send_events_to(events)
        yield Hosting(sandbox, runtime, service, url)
        server.shutdown()
        thread.join()
        server.server_close()
        service.stop()
