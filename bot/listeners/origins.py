"""Where a request came from: who, in which workspace, and how to answer there."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a request came from, whatever its shape."""

    user_id: str
    workspace_ids: tuple[str, ...]
    """The organisation's id, if there is one, then the workspace's."""
    channel_id: str | None = None
    response_url: str = ""
    trigger_id: str = ""
    view: dict[str, Any] | None = None
    message_ts: str | None = None
    """Of the message whose button was clicked."""


def origin_of_command(body: dict[str, Any]) -> Origin | None:
    """Read a slash command; None where Slack's own fields are missing."""
    workspaces = workspaces_of(body)
    if not body.get("user_id") or not workspaces or not body.get("channel_id"):
        return None
    return Origin(
        user_id=body["user_id"],
        workspace_ids=workspaces,
        channel_id=body["channel_id"],
        response_url=body.get("response_url") or "",
        trigger_id=body.get("trigger_id") or "",
    )


def origin_of_interaction(body: dict[str, Any]) -> Origin | None:
    """Read a click, a form or a shortcut; None where Slack's own fields are missing."""
    user = body.get("user") or {}
    # A form that stands in a place shared with another firm belongs to whoever opened it
    installed = (body.get("view") or {}).get("app_installed_team_id")
    team = installed or (body.get("team") or {}).get("id") or user.get("team_id")
    workspaces = _known((body.get("enterprise") or {}).get("id"), team)
    if not user.get("id") or not workspaces:
        return None
    container, view = body.get("container") or {}, body.get("view") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id")
    return Origin(
        user_id=user["id"],
        workspace_ids=workspaces,
        channel_id=channel,
        response_url=body.get("response_url") or "",
        trigger_id=body.get("trigger_id") or "",
        view=view if view.get("id") else None,  # one without is none that is open
        message_ts=container.get("message_ts"),
    )


def origin_of_event(body: dict[str, Any]) -> Origin | None:
    """Read an event about a person; None for any other."""
    event = body.get("event") or {}
    user = event.get("user") or event.get("user_id")
    if isinstance(user, dict):  # in events about a person's profile
        user = user.get("id")
    workspaces = workspaces_of(body)
    if not user or not workspaces:
        return None
    return Origin(user_id=user, workspace_ids=workspaces, channel_id=event.get("channel_id"))


def workspaces_of(body: dict[str, Any]) -> tuple[str, ...]:
    """Return the ids of a command's or event's organisation, if there is one, and workspace."""
    return _known(body.get("enterprise_id"), body.get("team_id"))


def unescape(text: str) -> str:
    """Undo Slack's own escaping, once."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _known(*ids: str | None) -> tuple[str, ...]:
    return tuple(each for each in ids if each)
