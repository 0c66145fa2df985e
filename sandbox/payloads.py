"""The payloads that tell the app what a person did."""

from __future__ import annotations

import secrets
import time
from typing import Any

from sandbox.messages import Message
from sandbox.views import View
from sandbox.wire import Json, escaped
from sandbox.workspace import Workspace
from sandbox.world import Person, Place

VERIFICATION_TOKEN = "not-used-any-more"
CHANNEL_NAMES = {"dm": "directmessage", "private": "privategroup", "mpim": "mpdm"}


class Payloads:
    """Builds payloads; hands out the triggers and response addresses in them."""

    def __init__(self, workspace: Workspace, base_url: str) -> None:
        self._workspace, self.base_url = workspace, base_url

    def command(self, person: Person, place: Place, command: str, text: str) -> Json:
        """A slash command."""
        world = self._workspace.world
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": world.team_id,
            "team_domain": world.domain,
            "channel_id": place.id,
            "channel_name": CHANNEL_NAMES.get(place.kind, place.name),
            "user_id": person.id,
            "user_name": person.name,
            "command": command,
            "text": self._typed(command, text),
            "api_app_id": world.app_id,
            "is_enterprise_install": "false",
            "response_url": self._response_url(person, place),
            "trigger_id": self._workspace.handles.trigger(person.id),
        }

    def message_action(self, person: Person, place: Place, message: Message, done: Json) -> Json:
        """A click or choice in a message; an ephemeral one is not sent along."""
        ephemeral = message.only_for is not None
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": place.id,
            "is_ephemeral": ephemeral,
        }
        payload = self._interaction("block_actions", person) | {
            "container": container,
            "trigger_id": self._workspace.handles.trigger(person.id),
            "channel": self._channel(place),
            "state": {"values": message.state.get(person.id, {})},
            "response_url": self._response_url(person, place, message.ts),
            "actions": [done],
        }
        return payload if ephemeral else payload | {"message": message.as_json()}

    def view_action(self, person: Person, view: View, done: Json) -> Json:
        """A click or choice in a modal or in the Home tab."""
        in_modal = view.id if view.body["type"] == "modal" else None
        return self._interaction("block_actions", person) | {
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self._workspace.handles.trigger(person.id, in_modal),
            "view": self._workspace.views.as_json(view),
            "actions": [done],
        }

    def submission(self, person: Person, view: View) -> Json:
        """A form that was sent."""
        return self._interaction("view_submission", person) | {
            "trigger_id": self._workspace.handles.trigger(person.id, view.id),
            "view": self._workspace.views.as_json(view),
            "response_urls": self._asked_response_urls(person, view),
        }

    def closing(self, person: Person, view: View, *, cleared: bool) -> Json:
        """A modal that was closed without sending it."""
        shown = self._workspace.views.as_json(view)
        return self._interaction("view_closed", person) | {"view": shown, "is_cleared": cleared}

    def shortcut(self, person: Person, callback_id: str) -> Json:
        """A global shortcut."""
        return self._interaction("shortcut", person) | {
            "callback_id": callback_id,
            "trigger_id": self._workspace.handles.trigger(person.id),
            "action_ts": action_ts(),
        }

    def message_shortcut(
        self, person: Person, callback_id: str, place: Place, message: Message
    ) -> Json:
        """A shortcut chosen on a message."""
        return self._interaction("message_action", person) | {
            "callback_id": callback_id,
            "trigger_id": self._workspace.handles.trigger(person.id),
            "action_ts": action_ts(),
            "message_ts": message.ts,
            "channel": self._channel(place),
            "message": message.as_json(),
            "response_url": self._response_url(person, place, message.ts),
        }

    def suggestion(self, person: Person, ids: Json, value: str, where: Json) -> Json:
        """Letters typed into an external select; ``where`` is the message or view around it."""
        return self._interaction("block_suggestion", person) | ids | {"value": value} | where

    def suggestion_in_view(self, view: View) -> Json:
        """Return what says that a select stands in a view."""
        container = {"type": "view", "view_id": view.id}
        return {"container": container, "view": self._workspace.views.as_json(view)}

    def suggestion_in_message(self, place: Place, message: Message) -> Json:
        """Return what says that a select stands in a message."""
        container: Json = {"type": "message", "message_ts": message.ts, "channel_id": place.id}
        container["is_ephemeral"] = message.only_for is not None
        where = {"container": container, "channel": self._channel(place)}
        return where if message.only_for else where | {"message": message.as_json()}

    def event(self, event: Json) -> Json:
        """An event of the Events API."""
        world = self._workspace.world
        place = world.places.get(str(event.get("channel")))
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": world.team_id,
            "context_team_id": world.team_id,
            "context_enterprise_id": None,
            "api_app_id": world.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": "Ev" + secrets.token_hex(5).upper(),
            "event_time": int(self._workspace.clock.now().timestamp()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": world.team_id,
                    "user_id": world.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": place is not None and place.is_ext_shared,
            "event_context": secrets.token_hex(8),
        }

    def _interaction(self, kind: str, person: Person) -> Json:
        world = self._workspace.world
        inside = person.team_id == world.team_id
        return {
            "type": kind,
            "team": {
                "id": person.team_id,
                "domain": world.domain if inside else person.team_id.lower(),
            },
            "user": {
                "id": person.id,
                "username": person.name,
                "name": person.name,
                "team_id": person.team_id,
            },
            "api_app_id": world.app_id,
            "token": VERIFICATION_TOKEN,
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _channel(self, place: Place) -> Json:
        return {"id": place.id, "name": CHANNEL_NAMES.get(place.kind, place.name)}

    def _typed(self, command: str, text: str) -> str:
        """Return a command's text as it is sent: escaped, mentions as ids when so declared."""
        sent = escaped(text)
        if not self._workspace.manifest.commands[command].get("should_escape"):
            return sent
        for person in self._workspace.world.people.values():
            sent = sent.replace(f"@{person.name}", f"<@{person.id}|{person.name}>")
        for place in self._workspace.world.places.values():
            if place.name:
                sent = sent.replace(f"#{place.name}", f"<#{place.id}|{place.name}>")
        return sent

    def _response_url(self, person: Person, place: Place, ts: str | None = None) -> str:
        response_id = self._workspace.handles.response(person.id, place.id, ts)
        return f"{self.base_url}/response/{response_id}"

    def _asked_response_urls(self, person: Person, view: View) -> list[Json]:
        """Return an address for each place that was chosen in a select that asks for one."""
        urls: list[Json] = []
        for block in view.blocks:
            element = block.get("element") or {}
            if not element.get("response_url_enabled"):
                continue
            state: Any = view.values[block["block_id"]][element["action_id"]]
            chosen = state.get("selected_conversation") or state.get("selected_channel")
            if chosen in self._workspace.world.places:
                place = self._workspace.world.places[chosen]
                urls.append(
                    {
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                        "channel_id": chosen,
                        "response_url": self._response_url(person, place),
                    }
                )
        return urls


def action_ts() -> str:
    """Return the time of an action."""
    return f"{time.time():.6f}"
