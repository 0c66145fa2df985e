"""Installation over OAuth: the pages, the token, the firm, and a word to whoever installed."""

import re
import secrets
from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from urllib.parse import urljoin

import structlog
from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.error import BoltError
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.oauth.installation_store import Installation

from bot.digests.connection import note_connected
from bot.gate import Environ, StartResponse, Wsgi
from bot.logs import trace_of
from bot.manifest import scopes
from bot.offices import Offices
from bot.runtime import Runtime
from bot.tokens import QUIET, States, Tokens, workspace_of
from bot.usecases.firms import ensure_firm
from bot.views import installed, pages
from bot.words import Words
from storage.firms import find_firm

log = structlog.get_logger()

HTML = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)
ZONE, CURRENCY = "Europe/Berlin", "EUR"
"""Of a firm whose installer's profile names no zone, and of any new firm."""


class InstallFlow(OAuthFlow):
    """Bolt's flow with our pages, tables and words."""

    def __init__(self, runtime: Runtime, tokens: Tokens, offices: Offices) -> None:
        settings = runtime.settings
        secret = settings.slack_client_secret
        self._runtime = runtime
        self._tokens = tokens
        self._offices = offices
        super().__init__(
            client=WebClient(
                base_url=settings.slack_api_url,
                timeout=settings.call_timeout_s,
                retry_handlers=[],
            ),
            logger=QUIET,
            settings=OAuthSettings(
                client_id=settings.slack_client_id,
                client_secret=secret.get_secret_value() if secret else "",
                scopes=scopes(),
                user_scopes=[],
                authorization_url=urljoin(settings.slack_api_url, "/oauth/v2/authorize"),
                callback_options=CallbackOptions(success=self._done, failure=self._not_done),
                installation_store=tokens,
                installation_store_bot_only=True,
                state_store=States(runtime.store),
                logger=QUIET,
            ),
        )

    def pages(self) -> dict[str, Wsgi]:
        """Return the pages by their paths."""
        return {
            self.install_path: partial(_answer, self.handle_installation),
            self.redirect_uri_path: partial(_answer, self.handle_callback),
        }

    def build_install_page_html(self, url: str, request: BoltRequest) -> str:
        """Show what is about to be installed."""
        return pages.install_page(url, _words_of(request))

    def store_installation(self, request: BoltRequest, installation: Installation) -> None:
        """Keep the token, open the firm, and tell whoever installed what comes next."""
        try:
            self._tokens.save(installation)
            self._open(installation)
        except Exception as error:
            log.error("not_installed", error=type(error).__name__, trace=trace_of(error))
            raise BoltError("not stored") from error

    def _open(self, installation: Installation) -> None:
        workspace_id, user_id = workspace_of(installation), installation.user_id
        self._offices.forget(workspace_id)
        profile = self._offices.people(workspace_id).profile(user_id)
        with self._runtime.store.read(None) as session:
            is_known = find_firm(session, workspace_id) is not None
        firm = ensure_firm(
            workspace_id,
            installation.team_name or installation.enterprise_name or workspace_id,
            self._runtime,
            currency=CURRENCY,
            zone=profile.zone.key if profile.zone else ZONE,
            locale=profile.locale,
        )
        if firm.id is None:
            raise ValueError("the firm was not saved")
        note_connected(firm.id, self._runtime)
        log.info("installed", firm=firm.id, workspace=workspace_id, again=is_known)
        words = Words(profile.locale)
        text = (
            installed.connected_again(firm.name, words)
            if is_known
            else installed.next_steps(
                firm.name, workspace_id, user_id, words, zone=firm.zone, currency=firm.currency
            )
        )
        try:
            self._offices.client((workspace_id,)).chat_postMessage(channel=user_id, text=text)
        except (SlackClientError, OSError) as unsaid:
            log.warning("installer_not_told", firm=firm.id, error=type(unsaid).__name__)

    def _done(self, args: SuccessArgs) -> BoltResponse:
        team_id, app_id = args.installation.team_id, args.installation.app_id
        name = args.installation.team_name or args.installation.enterprise_name or team_id or ""
        address = f"https://slack.com/app_redirect?app={app_id}&team={team_id}"
        return self._page(200, pages.installed_page(name, address, _words_of(args.request)))

    def _not_done(self, args: FailureArgs) -> BoltResponse:
        why = args.reason if re.fullmatch("[a-z_]{1,40}", args.reason) else "error"
        log.info("installation_refused", reason=why)
        page = pages.not_installed_page(why, _words_of(args.request))
        return self._page(args.suggested_status_code, page)

    def _page(self, status: int, html: str) -> BoltResponse:
        forget = self.settings.state_utils.build_set_cookie_for_deletion()
        return BoltResponse(status=status, body=html, headers={"Set-Cookie": forget})


def _answer(
    handle: Callable[[BoltRequest], BoltResponse],
    environ: Environ,
    start_response: StartResponse,
) -> Iterable[bytes]:
    """Serve a page; whatever breaks is logged under a reference that the page shows."""
    query: str = environ.get("QUERY_STRING", "")
    said = {
        "cookie": environ.get("HTTP_COOKIE", ""),
        "accept-language": environ.get("HTTP_ACCEPT_LANGUAGE", ""),
    }
    request = BoltRequest(body="", query=query, headers=said)
    try:
        response = handle(request)
    except Exception as error:
        reference = secrets.token_hex(4)
        log.error(
            "unexpected", reference=reference, error=type(error).__name__, trace=trace_of(error)
        )
        page = pages.not_installed_page(reference, _words_of(request))
        response = BoltResponse(status=500, body=page)
    body = response.body.encode()
    cookies = [("Set-Cookie", each) for each in response.headers.get("set-cookie", [])]
    status = HTTPStatus(response.status)
    headers = [*HTML, *cookies, ("Content-Length", str(len(body)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]


def _words_of(request: BoltRequest) -> Words:
    """Return words in the language that a browser asks for first."""
    asked = (request.headers.get("accept-language") or [""])[0]
    return Words("de-DE" if asked.lower().startswith("de") else "en-GB")
