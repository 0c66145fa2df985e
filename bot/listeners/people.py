"""What the workspace says of people and places, asked when it matters and kept for a minute."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.digests.answers import AskedToWaitError, Verdict, read_failure
from bot.words import DEFAULT
from domain.access import Place, Standing

NOBODY = ("user_not_found", "user_not_visible")
"""Slack's words for a person who is not of this workspace."""
KEPT_S = 60.0
"""How long a person's status is believed; a place's never is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A person as the workspace knows her; `zone` is None if it names none that exists."""

    standing: Standing
    locale: str = DEFAULT
    zone: ZoneInfo | None = None
    name: str = ""
    refusal: Exception | None = None
    """Why the workspace did not say who this is."""


class People:
    """Looks people up, at most once a minute each."""

    def __init__(
        self, client: WebClient, workspace_id: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._workspace_id = workspace_id
        self._monotonic = monotonic
        self._kept: dict[str, tuple[float, Profile]] = {}
        self._lock = Lock()
        self._not_before = float("-inf")
        """Until then the workspace asked not to be asked."""

    def profile(self, user_id: str) -> Profile:
        """Return who a person is; somebody whom Slack does not name has an unknown standing."""
        now = self._monotonic()
        with self._lock:
            kept = self._kept.get(user_id)
            if kept and now - kept[0] < KEPT_S:
                return kept[1]
            if now < self._not_before:
                wait = AskedToWaitError(timedelta(seconds=self._not_before - now))
                return Profile(standing=Standing.UNKNOWN, refusal=wait)
        profile = self._ask(user_id)
        if profile.standing is not Standing.UNKNOWN:
            with self._lock:
                self._kept[user_id] = (now, profile)
        return profile

    def remembered(self, user_id: str) -> Profile | None:
        """Return what is kept of a person, however old, without asking."""
        with self._lock:
            kept = self._kept.get(user_id)
        return kept[1] if kept else None

    def _ask(self, user_id: str) -> Profile:
        try:
            answer = self._client.users_info(user=user_id, include_locale=True)
        except SlackApiError as refusal:
            # Whoever is none of this workspace's people is no member of the firm
            if refusal.response.get("error") in NOBODY:
                return Profile(standing=Standing.EXTERNAL)
            failure = read_failure(refusal)
            if failure.verdict is Verdict.WAIT:
                self._not_before = self._monotonic() + failure.wait.total_seconds()
            return Profile(standing=Standing.UNKNOWN, refusal=refusal)
        except (SlackClientError, OSError) as failed:
            return Profile(standing=Standing.UNKNOWN, refusal=failed)
        user: dict[str, Any] = answer["user"]
        return Profile(
            standing=_standing(user, self._workspace_id),
            locale=user.get("locale") or DEFAULT,
            zone=zone_or_none(user.get("tz")),
            name=(user.get("profile") or {}).get("real_name") or user.get("name") or "",
        )


def place_of(client: WebClient, channel_id: str | None, user_id: str) -> Place:
    """Tell what a place is; one that cannot be asked about counts as unknown."""
    if channel_id is None:
        return Place.DIRECT
    try:
        channel: dict[str, Any] = client.conversations_info(channel=channel_id)["channel"]
    except (SlackApiError, SlackClientError, OSError):
        return Place.UNKNOWN
    if channel.get("is_im"):
        return Place.DIRECT if channel.get("user") == user_id else Place.UNKNOWN
    shared = ("is_ext_shared", "is_pending_ext_shared", "is_org_shared", "is_shared")
    if any(channel.get(flag) for flag in shared):
        return Place.SHARED
    return Place.UNKNOWN if channel.get("is_archived") else Place.FIRM


def zone_or_none(name: str | None) -> ZoneInfo | None:
    """Return a time zone by its IANA name."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _standing(user: dict[str, Any], workspace_id: str) -> Standing:
    if user.get("deleted"):
        return Standing.DEACTIVATED
    if user.get("is_bot") or user.get("id") == "USLACKBOT":
        return Standing.BOT
    home = {user.get("team_id"), (user.get("enterprise_user") or {}).get("enterprise_id")}
    if user.get("is_stranger") or workspace_id not in home:
        return Standing.EXTERNAL
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Standing.GUEST
    return Standing.MEMBER
