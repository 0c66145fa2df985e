"""Writes manifest.yaml out of the tables that the router reads, so that the two cannot differ."""

from typing import Any, Literal
from urllib.parse import urljoin

import yaml

from bot.listeners import COMMANDS, EVENTS, LEAVE_EVENTS, METHODS, SHORTCUTS

HEADER = """\
# Made by `tierwise manifest`. At api.slack.com/apps choose: Create New App, From a manifest.
"""
REDIRECT = "/slack/oauth_redirect"
"""Where a browser comes back to after Slack's consent, if several workspaces may install."""


def manifest(
    mode: Literal["socket", "http"] = "socket", *, url: str | None = None
) -> dict[str, Any]:
    """Return the app manifest; in HTTP mode `url` is where Slack reaches this program."""
    address = {"url": url} if mode == "http" else {}
    request = {"request_url": url} if mode == "http" else {}
    redirect = {"redirect_urls": [urljoin(url, REDIRECT)]} if url else {}
    options = {"message_menu_options_url": url} if mode == "http" else {}
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "Tierwise",
            "description": "Which clients matter, why, and what is owed to them.",
            "background_color": "#22423a",
            "long_description": (
                "Tierwise tells each advisor which clients matter, why, and what to do next. "
                "Look up a client and read her tier and her field, each with its reason and with "
                "what would change it. On Monday morning your week's list comes as a direct "
                "message. Client data is shown to the person who asks and to nobody else, and "
                "never in a channel."
            ),
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Tierwise", "always_online": True},
            "slash_commands": [
                {
                    "command": name,
                    "description": command.description,
                    "usage_hint": command.usage_hint,
                    "should_escape": False,
                    **address,
                }
                for name, command in COMMANDS.items()
            ],
            "shortcuts": [
                {
                    "name": shortcut.name,
                    "type": "message" if shortcut.on_message else "global",
                    "callback_id": callback_id,
                    "description": shortcut.description,
                }
                for callback_id, shortcut in SHORTCUTS.items()
            ],
        },
        "oauth_config": {**redirect, "scopes": {"bot": scopes()}},
        "settings": {
            "event_subscriptions": {**request, "bot_events": sorted((*EVENTS, *LEAVE_EVENTS))},
            "interactivity": {"is_enabled": True, **request, **options},
            "org_deploy_enabled": False,
            "socket_mode_enabled": mode == "socket",
            "token_rotation_enabled": False,
        },
    }


def scopes() -> list[str]:
    """List the scopes that the called methods need, and `commands` for the commands."""
    wanted = {"commands"}
    for scope in METHODS.values():
        wanted.update(scope)
    return sorted(wanted)


def write(content: dict[str, Any]) -> str:
    """Write a manifest as YAML."""
    return HEADER + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
