"""What the workspace says of people and places, asked when it matters and kept for a minute."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Any, Protocol
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
NOWHERE = ("localtime", "Factory", "posixrules", "posix/", "right/")
"""Files among the zones that name no place on earth; "localtime" would be this machine's."""
LOOKING = 8
MOST_LOOKED_AT = 100
"""So many members of a channel are asked about before a post; Slack allows about as many a minute.
"""


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
        if not user_id:
            return Profile(standing=Standing.EXTERNAL)
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


class Reader(Protocol):
    """What is asked of a person's profile here."""

    @property
    def standing(self) -> Standing: ...


ProfileOf = Callable[[str], Reader]


def place_of(client: WebClient, channel_id: str | None, user_id: str) -> Place:
    """Tell what a place is for a person; one that cannot be asked about counts as unknown.

    Whether guests are there makes no difference to what one person alone sees: `post_place` asks.
    """
    if channel_id is None:
        return Place.DIRECT
    channel = _channel(client, channel_id)
    if channel.get("is_im"):
        return Place.DIRECT if channel.get("user") == user_id else Place.UNKNOWN
    return _kind(channel)


def post_place(client: WebClient, profile_of: ProfileOf, channel_id: str) -> Place:
    """Tell what a channel is for a message that all of it reads, each of its members looked at.

    Somebody whom Slack does not name, or more people than are worth asking about, count as guests.
    """
    place = _kind(_channel(client, channel_id))
    if place is not Place.PRIVATE:
        return place
    members = _members(client, channel_id)
    with ThreadPoolExecutor(LOOKING) as pool:  # one after the other they would outlast a claim
        standings = {each.standing for each in pool.map(profile_of, members)}
    if Standing.EXTERNAL in standings:
        return Place.SHARED
    is_ours = 0 < len(members) <= MOST_LOOKED_AT and standings <= {Standing.MEMBER, Standing.BOT}
    return Place.PRIVATE if is_ours else Place.GUESTS


def _channel(client: WebClient, channel_id: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = client.conversations_info(channel=channel_id)["channel"]
    except (SlackApiError, SlackClientError, OSError):
        return {}
    return found


def _kind(channel: dict[str, Any]) -> Place:
    """Read what kind of channel this is; what is not said counts as the worst."""
    if channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"):
        return Place.SHARED
    if channel.get("is_org_shared"):
        return Place.ORGANISATION
    if channel.get("is_shared"):
        return Place.SHARED
    if not channel or channel.get("is_im") or channel.get("is_archived"):
        return Place.UNKNOWN
    if channel.get("is_mpim"):
        return Place.GROUP
    if channel.get("is_member") is not True:
        return Place.UNKNOWN
    if channel.get("is_general"):
        return Place.GENERAL
    return Place.PUBLIC if channel.get("is_private") is False else Place.PRIVATE


def _members(client: WebClient, channel_id: str) -> list[str]:
    """List who is in a channel, up to one more than are looked at; none if that cannot be asked."""
    try:
        answer = client.conversations_members(channel=channel_id, limit=MOST_LOOKED_AT + 1)
    except (SlackApiError, SlackClientError, OSError):
        return []
    return list(answer["members"])[: MOST_LOOKED_AT + 1]


def zone_or_none(name: object) -> ZoneInfo | None:
    """Return a time zone by its IANA name; None for whatever else a profile may hold."""
    if not isinstance(name, str) or not name or name.startswith(NOWHERE):
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
