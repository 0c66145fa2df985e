"""A direct message in which longer work speaks for itself, and from which files are taken."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import HTTPException
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.settings import Settings
from bot.views.blocks import Block

log = structlog.get_logger()

FILES = ("https", "files.slack.com")
"""Where Slack keeps what is uploaded to it."""
PROGRESS_EVERY_S = 3.0
"""Slack takes about one change of a message a second; people need fewer."""


class FileProblem(StrEnum):
    """Why a file is not taken from Slack."""

    KEPT_ELSEWHERE = "kept_elsewhere"
    NOT_A_FILE = "not_a_file"
    """A snippet, a post, or an entry whose content Slack does not tell."""
    TOO_LARGE = "too_large"
    GONE = "gone"
    INCOMPLETE = "incomplete"


class FileRefusedError(Exception):
    """A file cannot be taken from Slack."""

    def __init__(self, problem: FileProblem, limit: int = 0) -> None:
        super().__init__(problem)
        self.problem, self.limit = problem, limit


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFile:
    """A file that a person put into the conversation."""

    name: str
    data: bytes


class _NoRedirect(HTTPRedirectHandler):
    """The token goes to the address that was checked and to no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(slots=True)
class Conversation:
    """One message of ours that changes as the work goes on, in a person's direct message."""

    client: WebClient
    settings: Settings
    channel: str
    ts: str | None = None
    """Of our message, once there is one."""
    monotonic: Callable[[], float] = time.monotonic
    _shown_at: float = field(default=0.0)

    def show(self, text: str, blocks: list[Block] | None = None) -> None:
        """Say something, in place of what our message said before."""
        self._shown_at = self.monotonic()
        if self.ts is not None:
            self.client.chat_update(
                channel=self.channel, ts=self.ts, text=text, blocks=blocks or []
            )
            return
        answer = self.client.chat_postMessage(
            channel=self.channel,
            text=text,
            blocks=blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
        self.ts = str(answer["ts"])

    def show_progress(self, text: str) -> None:
        """Say how far the work is, unless that was said just now or cannot be said."""
        if self.monotonic() - self._shown_at < PROGRESS_EVERY_S:
            return
        try:
            self.show(text)
        except (SlackClientError, OSError) as error:
            log.info("progress_not_shown", error=type(error).__name__)

    def send(self, name: str, data: bytes, text: str) -> None:
        """Put a file beside the message."""
        self.client.files_upload_v2(
            channel=self.channel, filename=name, content=data, initial_comment=text
        )

    def take(self, file_id: str, *, limit: int) -> SharedFile:
        """Fetch a file of at most so many bytes. Raises FileRefusedError."""
        file = self._told(file_id)
        if file.get("is_external") or file.get("mode") == "external":
            raise FileRefusedError(FileProblem.KEPT_ELSEWHERE)
        if file.get("mode") in ("tombstone", "hidden_by_limit"):
            raise FileRefusedError(FileProblem.GONE)
        if not _is_file(file) or file.get("file_access") == "check_file_info":
            raise FileRefusedError(FileProblem.NOT_A_FILE)
        size = int(file.get("size") or 0)
        if size > limit:
            raise FileRefusedError(FileProblem.TOO_LARGE, limit)
        address = str(file.get("url_private_download") or file.get("url_private") or "")
        if not self._is_slacks(address):
            log.warning("refused_file_address")
            raise FileRefusedError(FileProblem.KEPT_ELSEWHERE)
        data = self._fetched(address, limit)
        if len(data) != size:
            raise FileRefusedError(FileProblem.INCOMPLETE)
        return SharedFile(name=str(file.get("name") or ""), data=data)

    def _told(self, file_id: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self.client.files_info(file=file_id)["file"]
        except SlackApiError as refusal:
            if refusal.response.get("error") in ("file_not_found", "file_deleted"):
                raise FileRefusedError(FileProblem.GONE) from refusal
            raise
        return found

    def _is_slacks(self, address: str) -> bool:
        """Tell whether an address may see the token: Slack's files, or those of the API's host."""
        api, parts = urlsplit(self.settings.slack_api_url), urlsplit(address)
        return (parts.scheme, parts.netloc) in (FILES, (api.scheme, api.netloc))

    def _fetched(self, address: str, limit: int) -> bytes:
        bearer = {"Authorization": f"Bearer {self.client.token}"}
        request = Request(address, headers=bearer)  # noqa: S310  Slack's own, or the local one's
        try:
            with build_opener(_NoRedirect).open(request, timeout=30) as response:
                data: bytes = response.read(limit + 1)
        except (URLError, HTTPException, OSError) as error:
            raise FileRefusedError(FileProblem.INCOMPLETE) from error
        return data


def _is_file(file: dict[str, Any]) -> bool:
    """Tell whether somebody put a file here; Slack makes an editable snippet of a small CSV."""
    is_csv = file.get("filetype") == "csv" or str(file.get("name") or "").lower().endswith(".csv")
    return file.get("mode") == "hosted" or (file.get("mode") == "snippet" and is_csv)
