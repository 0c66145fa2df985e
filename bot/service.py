"""The running program: app, connection and clock, started and stopped together."""

import gc
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

import structlog
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import SQLAlchemyError

from bot.app import create_app
from bot.checks import check_clock
from bot.clients import create_client
from bot.digests.clock import DigestClock, dispatcher_for
from bot.digests.delivery import DigestDesk
from bot.digests.held import HeldWriter
from bot.digests.kinds import HELD, REMINDER
from bot.digests.message import WeeklyWriter
from bot.digests.nightly import failed_books
from bot.digests.reminding import ReminderRecorder, ReminderWriter
from bot.digests.status import count_overdue
from bot.digests.team import TeamLetters, record_team_posts
from bot.gate import Wsgi
from bot.leaving import Leaving
from bot.line import Line
from bot.offices import Offices
from bot.runtime import Runtime, system_clock
from bot.usecases.firms import ensure_firm
from storage.tables import FirmRow

if TYPE_CHECKING:
    from bot.watch import Watch

log = structlog.get_logger()


class TokenRefusedError(ConnectionError):
    """Slack does not take one of the tokens; whoever starts the bot can correct that."""

    def __init__(self, setting: str, error: SlackApiError) -> None:
        super().__init__(f"Slack refuses {setting}: {error.response['error']}")


class Trouble(StrEnum):
    """What an operator has to know of at once."""

    STORE = "the store cannot be reached"
    OVERDUE = "deliveries are overdue: tierwise digest status"
    BOOK = "a book could not be placed, and is tried again: see the log"
    CLOCK = "the clock stands still: nothing is sent until a restart"
    LINE = "there is no connection to Slack"


class Service:
    """The bot of one workspace, or of all that installed it."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        offices, self.app, self.pages = _front_of(runtime)
        self.leaving = Leaving(runtime, offices, deletes=bool(runtime.settings.slack_client_id))
        self.leaving.register(self.app)
        self._desk = desk = DigestDesk(
            runtime=runtime,
            office_of=offices.of,
            compose=WeeklyWriter(runtime=runtime, office_of=offices.of),
            writers={
                REMINDER: ReminderWriter(runtime=runtime, office_of=offices.of),
                HELD: HeldWriter(runtime=runtime, office_of=offices.of),
            },
            recorders=(ReminderRecorder(), record_team_posts),
            to_channel=TeamLetters(runtime=runtime),
            leave=self.leaving.leave,
        )
        self.clock = DigestClock(desk, dispatcher_for(desk))
        self._line: Line | None = None
        self._watch = _watch_of(runtime, self.troubles)

    def start(self) -> None:
        """Connect (in socket mode) and let the clock run."""
        token = self.runtime.settings.slack_app_token
        if self.runtime.settings.mode == "socket" and token is not None:
            self._line = line = Line(self.app, token.get_secret_value())
            try:
                self._line.open()
            except SlackApiError as error:
                raise TokenRefusedError("SLACK_APP_TOKEN", error) from error
            self.runtime.measures.watch("line_quiet_seconds", lambda: line.quiet_s)
            self.runtime.measures.watch("line_age_seconds", lambda: line.age_s)
        self.clock.start()
        if self._watch is not None:
            self._watch.start()
        log.info("started", mode=self.runtime.settings.mode)

    def stop(self) -> None:
        """Stop the clock, then hang up."""
        if self._watch is not None:
            self._watch.stop()
        self.clock.stop()
        if self._line is not None:
            self._line.close()
        self.runtime.store.close()
        log.info("stopped")

    def troubles(self) -> list[Trouble]:
        """Name what does not work now; nothing, if all is well."""
        found: list[Trouble] = []
        try:
            if count_overdue(self.runtime):
                found.append(Trouble.OVERDUE)
            if failed_books(self._desk):
                found.append(Trouble.BOOK)
        except SQLAlchemyError:
            found.append(Trouble.STORE)
        if self.clock.stands_still:
            found.append(Trouble.CLOCK)
        if self._line is not None and not self._line.is_up:
            found.append(Trouble.LINE)
        return found

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()


def _watch_of(runtime: Runtime, troubles: Callable[[], Sequence[str]]) -> "Watch | None":
    port = runtime.settings.metrics_port
    if port is None:
        return None
    from bot.watch import Watch  # with libraries that nobody needs who does not look

    return Watch(port, runtime, troubles)


def run(runtime: Runtime) -> None:
    """Serve until SIGINT or SIGTERM."""
    if runtime.settings.mode == "http":
        from bot.http import serve

        serve(runtime.settings)
        return
    stopped = threading.Event()

    def stop(_signal: int, _frame: Any) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with Service(runtime):
        keep_what_is_loaded()
        stopped.wait()


def keep_what_is_loaded() -> None:
    """Look for garbage in what comes from now on only.

    To go through all that was loaded stops every answer for a tenth of a second, now and then.
    """
    gc.collect()
    gc.freeze()


def _front_of(runtime: Runtime) -> tuple[Offices, App, Mapping[str, Wsgi]]:
    """Make what speaks with the firms' workspaces: with one token, or with each one's own."""
    settings = runtime.settings
    if not settings.slack_client_id:
        client = create_client(settings)
        own = _own_firm(client, runtime).workspace_id
        offices = Offices(runtime, lambda each: client.token if each == own else None)
        return offices, create_app(runtime, client, offices.client), {}
    from bot.installing import InstallFlow  # with what seals tokens, which one workspace lacks
    from bot.tokens import Tokens

    nobody = WebClient(base_url=settings.slack_api_url, retry_handlers=[])
    _check_clock(nobody)
    tokens = Tokens(settings.slack_client_id, runtime.store, settings.token_key)
    offices = Offices(runtime, tokens.of_workspace)
    flow = InstallFlow(runtime, tokens, offices)
    return offices, create_app(runtime, nobody, offices.client, flow), flow.pages()


def _check_clock(nobody: WebClient) -> None:
    """Compare the clock with Slack's, whose refusal of a call without a token is dated, too."""
    try:
        nobody.auth_test()
    except SlackApiError as refusal:
        check_clock(refusal.response.headers, system_clock())


def _own_firm(client: WebClient, runtime: Runtime) -> FirmRow:
    """Return the firm whose token this is; on the first start it is added."""
    try:
        me = client.auth_test()
    except SlackApiError as error:
        raise TokenRefusedError("SLACK_BOT_TOKEN", error) from error
    check_clock(me.headers, system_clock())
    workspace_id = me.get("enterprise_id") if me.get("is_enterprise_install") else me.get("team_id")
    if not workspace_id:
        raise ValueError("Slack did not say which workspace the token belongs to")
    return ensure_firm(
        workspace_id,
        me.get("team") or workspace_id,
        runtime,
        currency="EUR",
        zone="Europe/Berlin",
        locale="de-DE",
    )
