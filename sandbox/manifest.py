"""What the workspace reads out of an app's manifest."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.wire import Json


@dataclass(frozen=True, slots=True)
class Manifest:
    """The parts of a manifest that change how the workspace behaves."""

    name: str
    home: bool
    messages_tab: bool
    commands: dict[str, Json]
    shortcuts: dict[str, Json]
    scopes: frozenset[str]
    events: frozenset[str]
    redirects: tuple[str, ...]

    @staticmethod
    def from_dict(manifest: Json) -> Manifest:
        """Read a manifest as it was loaded from YAML or JSON."""
        features = manifest.get("features", {})
        home = features.get("app_home", {})
        scopes = manifest.get("oauth_config", {}).get("scopes", {})
        events = manifest.get("settings", {}).get("event_subscriptions", {})
        return Manifest(
            name=manifest.get("display_information", {}).get("name", ""),
            home=home.get("home_tab_enabled", False),
            messages_tab=home.get("messages_tab_enabled", True),
            commands={c["command"]: c for c in features.get("slash_commands", [])},
            shortcuts={s["callback_id"]: s for s in features.get("shortcuts", [])},
            scopes=frozenset(scopes.get("bot", [])),
            events=frozenset(events.get("bot_events", [])),
            redirects=tuple(manifest.get("oauth_config", {}).get("redirect_urls", [])),
        )
