"""Previews of imports that wait for a confirmation: whose they are, and until when.

They live in the process and hold no client data: a restart ends them, and the file is read anew
when its import is confirmed.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.files.options import ReadOptions

VALID_FOR = timedelta(minutes=30)
KEPT = 500
"""So many previews are remembered; the oldest goes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a person was shown of a file."""

    firm_id: int
    member_id: int
    file_id: str
    options: "ReadOptions"
    shown_at: datetime
    digest: bytes | None = None
    """Of the plan that was shown; None while questions are open."""


class PreviewExpiredError(Exception):
    """The preview is too old, was used already, or is not known."""


class NotYourPreviewError(Exception):
    """Somebody else's preview."""


class Previews:
    """The previews of this process, each under a token that its buttons carry."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Preview] = OrderedDict()
        self._lock = Lock()

    def remember(self, preview: Preview) -> str:
        """Keep a preview, and return its token."""
        token = secrets.token_urlsafe(12)
        with self._lock:
            self._known[token] = preview
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return token

    def take(self, token: str, *, firm_id: int, member_id: int, now: datetime) -> Preview:
        """Return a preview to the person it was shown to, once.

        Raises PreviewExpiredError and NotYourPreviewError.
        """
        with self._lock:
            preview = self._known.get(token)
            if preview is None:
                raise PreviewExpiredError
            if (preview.firm_id, preview.member_id) != (firm_id, member_id):
                raise NotYourPreviewError
            del self._known[token]
        if now - preview.shown_at > VALID_FOR:
            raise PreviewExpiredError
        return preview
