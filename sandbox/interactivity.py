"""What people do, and what becomes of the app's answer."""

from __future__ import annotations

from typing import Any

from sandbox.delivery import Answer, Courier, Taken
from sandbox.files import file_json
from sandbox.forms import STATEFUL, entered, find_element, missing_or_wrong
from sandbox.messages import Message
from sandbox.payloads import Payloads, action_ts
from sandbox.texts import text
from sandbox.validate import option_problems
from sandbox.views import View
from sandbox.wire import ApiError, Json, escaped
from sandbox.workspace import Workspace
from sandbox.world import Person, Place

MESSAGE_EVENTS = {
    "public": ("message.channels", "channel"),
    "private": ("message.groups", "group"),
    "dm": ("message.im", "im"),
    "mpim": ("message.mpim", "mpim"),
}


class RefusedError(Exception):
    """Something a person cannot do here; the key of the sentence that says so."""


class Interactivity:
    """Carries a person's acts to the app and applies the answers."""

    def __init__(self, workspace: Workspace, courier: Courier, payloads: Payloads) -> None:
        self._workspace, self._courier, self._payloads = workspace, courier, payloads

    # messages and commands

    async def say(self, person: Person, place: Place, typed: str) -> Json:
        """Send a message, or run a command."""
        self._check_may_write(person, place)
        if typed.startswith("/"):
            command, *rest = typed.split(maxsplit=1)
            return await self._command(person, place, command, " ".join(rest).strip())
        message = self._workspace.say(person, place, escaped(typed))
        self._record_act(person, "say", {"text": typed}, place)
        self._message_event(place, message.as_json())
        return {"outcome": "message", "ts": message.ts}

    async def upload(self, person: Person, place: Place | None, name: str, data: bytes) -> Json:
        """Put a file into a place, or without one into a form that is about to be sent."""
        file = self._workspace.files.add(name, person.id, data, for_app=place is None)
        if place is None:
            return {"outcome": "uploaded", "file": file.id}
        self._check_may_write(person, place)
        shown = self._workspace.shared(file, place, self._payloads.base_url)
        message = self._workspace.say(person, place, "", [shown])
        self._record_act(person, "upload", {"file": file.id, "name": name}, place)
        self._message_event(place, message.as_json())
        event = {"type": "file_shared", "file_id": file.id, "file": {"id": file.id}}
        event |= {"user_id": person.id, "channel_id": place.id, "event_ts": message.ts}
        if self._workspace.world.bot_user_id in place.members:
            self._event("file_shared", event)
        return {"outcome": "uploaded", "file": file.id, "ts": message.ts}

    def _message_event(self, place: Place, message: Json) -> None:
        if self._workspace.world.bot_user_id not in place.members:
            return
        name, channel_type = MESSAGE_EVENTS[place.kind]
        event = message | {"channel": place.id, "channel_type": channel_type}
        self._event(name, event | {"event_ts": message["ts"]})

    async def _command(self, person: Person, place: Place, command: str, rest: str) -> Json:
        if person.kind == "external":
            raise RefusedError("no_outside_commands")
        known = self._workspace.manifest.commands if self._workspace.is_installed else {}
        if command not in known:
            return {
                "outcome": "error",
                "detail": text("unknown_command", person.locale, command=command),
            }
        payload = self._payloads.command(person, place, command, rest)
        answer, taken = await self._courier.ask(
            "slash_commands",
            command,
            payload,
            lambda given: self._command_answered(person, place, f"{command} {rest}".strip(), given),
        )
        if taken.outcome in ("timeout", "error"):
            sentence = text(taken.outcome, person.locale, command=command)
            self._workspace.notice(person, place, sentence)
        return _outcome(answer, taken)

    def _command_answered(self, person: Person, place: Place, typed: str, given: Any) -> Taken:
        if not given or given == {"text": ""}:
            return Taken(place=place.id)
        in_channel = given.get("response_type") == "in_channel"
        if not (given.get("text") or given.get("blocks") or given.get("attachments")):
            if in_channel:
                self._workspace.say(person, place, escaped(typed))
            return Taken(place=place.id)
        content = self._workspace.content(given, whole_length=False)
        if in_channel:
            self._workspace.say(person, place, escaped(typed))
        message = self._workspace.post(place, content, only_for=None if in_channel else person.id)
        audience = self._workspace.audience_of(place, message)
        return Taken(place=place.id, audience=audience)

    # clicks

    async def click_in_message(
        self, person: Person, place: Place, ts: str, ids: tuple[str, str], given: Json
    ) -> Json:
        """Click or choose something in a message."""
        message = self._seen_message(person, place, ts)
        block, element = _found(message.blocks, ids)
        state = message.state.setdefault(person.id, {})
        served = message.served.get((person.id, element["action_id"]), [])
        self._enter(state, block, element, given, served)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return {"outcome": "acked", "detail": "kept"}
        payload = self._payloads.message_action(
            person, place, message, _done(block, element, given, state)
        )
        return await self._interact(payload)

    async def click_in_view(
        self, person: Person, view: View, ids: tuple[str, str], given: Json, values: Json
    ) -> Json:
        """Click or choose something in a modal or the Home tab; ``values`` came in meanwhile."""
        self._enter_all(view, values)
        block, element = _found(view.blocks, ids)
        served = view.served.get(element["action_id"], [])
        self._enter(view.values, block, element, given, served)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return {"outcome": "acked", "detail": "kept"}
        payload = self._payloads.view_action(
            person, view, _done(block, element, given, view.values)
        )
        return await self._interact(payload)

    async def _interact(self, payload: Json) -> Json:
        if not self._workspace.is_installed:
            raise RefusedError("gone")
        answer, taken = await self._courier.ask(
            "interactive", str(payload["type"]), payload, lambda _: Taken()
        )
        return _outcome(answer, taken)

    # modals

    async def submit(self, person: Person, view: View, values: Json) -> Json:
        """Send a form."""
        self._enter_all(view, values)
        wrong = missing_or_wrong(view.blocks, view.values)
        if wrong:
            errors = {block: text(key, person.locale) for block, key in wrong.items()}
            return {"outcome": "errors", "errors": errors}
        payload = self._payloads.submission(person, view)
        answer, taken = await self._courier.ask(
            "interactive", "view_submission", payload, lambda given: self._submitted(view, given)
        )
        outcome = _outcome(answer, taken)
        if taken.outcome in ("timeout", "error"):
            outcome["message"] = text("view_trouble", person.locale)
        return outcome

    def _submitted(self, view: View, given: Any) -> Taken:
        action = (given or {}).get("response_action")
        if action == "errors":
            return self._errors(view, given.get("errors"))
        outcome = {"update": "updated", "push": "pushed", "clear": "cleared", None: "closed"}
        if action not in outcome:
            raise ApiError("invalid_response_action")
        if action in ("update", "push"):
            body = self._workspace.checked_view(given.get("view") or {}, "modal")
            if action == "update":
                self._workspace.views.replace(view, body)
            else:
                self._workspace.views.open(view.person_id, body, on_top_of=view.id)
        else:
            self._workspace.views.done(view, whole_stack=action == "clear")
        self._workspace.views_changed(view)
        return Taken(outcome[action], audience=[view.person_id])

    def _errors(self, view: View, errors: Any) -> Taken:
        inputs = {b["block_id"] for b in view.blocks if b["type"] == "input"}
        if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
            raise ApiError("invalid_errors", ["[ERROR] errors must name input blocks of the view"])
        return Taken("errors", audience=[view.person_id], more={"errors": errors})

    async def close(self, person: Person, view: View, *, clear: bool) -> Json:
        """Close a modal, or the whole stack."""
        cleared = clear or bool(view.body.get("clear_on_close"))
        closed = self._workspace.views.close(view, whole_stack=clear)
        self._workspace.views_changed(view)
        outcome: Json = {"outcome": "closed"}
        for gone in reversed(closed):
            if gone.notifies_on_close:
                await self._interact(self._payloads.closing(person, gone, cleared=cleared))
        return outcome

    # shortcuts, options, Home

    async def shortcut(
        self, person: Person, callback_id: str, place: Place | None, ts: str | None
    ) -> Json:
        """Use a shortcut."""
        declared = self._workspace.manifest.shortcuts.get(callback_id)
        if person.kind == "external":
            raise RefusedError("no_outside_commands")
        if declared is None or (declared["type"] == "message") != (ts is not None):
            raise RefusedError("gone")
        if place is None or ts is None:
            return await self._interact(self._payloads.shortcut(person, callback_id))
        message = self._seen_message(person, place, ts)
        return await self._interact(
            self._payloads.message_shortcut(person, callback_id, place, message)
        )

    async def options_in_view(
        self, person: Person, view: View, ids: tuple[str, str], value: str
    ) -> Json:
        """Ask the app for the options of an external select in a view."""
        _, element = _found(view.blocks, ids)
        where = self._payloads.suggestion_in_view(view)
        answer = await self._options(person, ids, value, where)
        view.served[element["action_id"]] = _flat(answer)
        return answer

    async def options_in_message(
        self, person: Person, place: Place, ts: str, ids: tuple[str, str], value: str
    ) -> Json:
        """Ask the app for the options of an external select in a message."""
        message = self._seen_message(person, place, ts)
        _, element = _found(message.blocks, ids)
        where = self._payloads.suggestion_in_message(place, message)
        answer = await self._options(person, ids, value, where)
        message.served[person.id, element["action_id"]] = _flat(answer)
        return answer

    async def _options(self, person: Person, ids: tuple[str, str], value: str, where: Json) -> Json:
        named = {"block_id": ids[0], "action_id": ids[1]}
        payload = self._payloads.suggestion(person, named, value, where)
        answer, taken = await self._courier.ask(
            "interactive", "block_suggestion", payload, _options_taken
        )
        return taken.more or ({"options": []} | _outcome(answer, taken))

    async def open_home(self, person: Person, tab: str) -> Json:
        """Look at the app's Home or Messages tab."""
        if person.kind == "external":
            raise RefusedError("no_outside_commands")
        place = self._workspace.world.dm_with_bot(person.id)
        event: Json = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": place.id,
            "tab": tab,
            "event_ts": self._workspace.board.next_ts(),
        }
        home = self._workspace.views.homes.get(person.id)
        if home is not None and tab == "home":
            event["view"] = self._workspace.views.as_json(home)
        self._event("app_home_opened", event)
        return {"outcome": "sent"}

    def uninstall(self, person: Person) -> Json:
        """Take the app out, as an owner may."""
        if person.kind != "owner":
            raise RefusedError("cannot_uninstall")
        self.uninstalled()
        return {"outcome": "uninstalled"}

    def uninstalled(self) -> None:
        """Take the app out: it is told, and its token is dead."""
        bot = self._workspace.world.bot_user_id
        self._event("tokens_revoked", {"type": "tokens_revoked", "tokens": {"bot": [bot]}})
        self._event("app_uninstalled", {"type": "app_uninstalled"})
        self._workspace.is_installed = False
        self._workspace.tell({"type": "connected", "value": False})

    # who is in a channel

    def invite(self, person: Person, place: Place, other: Person) -> Json:
        """Bring somebody, the app perhaps, into a channel; or join an open one."""
        if not self._may_invite(person, place, other):
            raise RefusedError("cannot_invite")
        self._workspace.came_or_went(other, place, joined=True)
        self._membership_event("member_joined_channel", place, other, inviter=person.id)
        return {"outcome": "joined"}

    def remove(self, person: Person, place: Place, other: Person) -> Json:
        """Take somebody out of a channel, or leave it."""
        inside = {person.id, other.id} <= place.members
        if not inside or place.is_general or (person.is_guest and person != other):
            raise RefusedError("cannot_remove")
        self._workspace.came_or_went(other, place, joined=False)
        if other.id == self._workspace.world.bot_user_id:
            name = "channel_left" if place.kind == "public" else "group_left"
            self._event(name, {"type": name, "channel": place.id, "actor_id": person.id})
        else:
            self._membership_event("member_left_channel", place, other)
        return {"outcome": "left"}

    def _may_invite(self, person: Person, place: Place, other: Person) -> bool:
        world = self._workspace.world
        if place.kind not in ("public", "private") or place.is_archived:
            return False
        if other.kind == "deactivated" or other.id in place.members:
            return False
        if other.team_id != world.team_id and not place.is_ext_shared:
            return False
        joins = person == other and place.kind == "public"
        may = person.id in place.members and not person.is_guest and person.kind != "external"
        return world.can_see(person, place) and (joins or may)

    def _membership_event(self, name: str, place: Place, other: Person, **more: str) -> None:
        if self._workspace.world.bot_user_id in place.members:
            kind = "C" if place.kind == "public" else "G"
            event: Json = {"type": name, "user": other.id, "channel": place.id}
            event |= {"channel_type": kind, "team": other.team_id, **more}
            self._event(name, event | {"event_ts": self._workspace.board.next_ts()})

    # helpers

    def _event(self, name: str, event: Json) -> None:
        if name in self._workspace.manifest.events and self._workspace.is_installed:
            self._courier.tell(self._payloads.event(event))

    def _check_may_write(self, person: Person, place: Place) -> None:
        if place.is_archived or person.id not in place.members:
            raise RefusedError("cannot_post")

    def _seen_message(self, person: Person, place: Place, ts: str) -> Message:
        message = self._workspace.board.find(place.id, ts)
        if message is None or message.only_for not in (None, person.id):
            raise RefusedError("gone")
        if not self._workspace.world.can_see(person, place):
            raise RefusedError("gone")
        return message

    def _enter_all(self, view: View, values: Json) -> None:
        for block_id, actions in values.items():
            for action_id, given in actions.items():
                block, element = _found(view.blocks, (block_id, action_id))
                served = view.served.get(action_id, [])
                self._enter(view.values, block, element, given, served)

    def _enter(
        self, state: Json, block: Json, element: Json, given: Json, served: list[Json]
    ) -> None:
        if element["type"] in STATEFUL:
            try:
                value = entered(element, given, served)
            except LookupError as missing:
                raise RefusedError("not_offered") from missing
            if element["type"] == "file_input":
                value["files"] = [self._given_file(f["id"]) for f in value["files"]]
            state.setdefault(block["block_id"], {})[element["action_id"]] = value

    def _given_file(self, file_id: str) -> Json:
        try:
            file = self._workspace.files.find(file_id)
        except ApiError as missing:
            raise RefusedError("gone") from missing
        return file_json(file, self._payloads.base_url)

    def _record_act(self, person: Person, name: str, act: Json, place: Place) -> None:
        self._workspace.transcript.record(
            "workspace→bot",
            "user",
            name,
            {"as": person.id, **act},
            None,
            ok=True,
            place=place.id,
            audience=self._workspace.world.audience(place),
        )


def _found(blocks: list[Json], ids: tuple[str, str]) -> tuple[Json, Json]:
    found = find_element(blocks, *ids)
    if found is None:
        raise RefusedError("gone")
    return found


def _done(block: Json, element: Json, given: Json, state: Json) -> Json:
    """Return the entry of ``actions``: what the element is, and what was chosen."""
    done: Json = {"type": element["type"], "action_id": element["action_id"]}
    done |= {"block_id": block["block_id"], "action_ts": action_ts()}
    if element["type"] in STATEFUL:
        chosen: Json = state[block["block_id"]][element["action_id"]]
        return done | chosen
    done |= {key: element[key] for key in ("text", "value", "style") if key in element}
    if element["type"] == "overflow":
        wanted = (given.get("selected_option") or {}).get("value")
        options = [o for o in element["options"] if o.get("value") == wanted]
        if not options:
            raise RefusedError("not_offered")
        done["selected_option"] = options[0]
    return done


def _options_taken(given: Any) -> Taken:
    problems = option_problems(given)
    if problems:
        raise ApiError("invalid_options", problems)
    kept = {key: given[key] for key in ("options", "option_groups") if key in given}
    return Taken(more=kept)


def _flat(answer: Json) -> list[Json]:
    grouped = [o for group in answer.get("option_groups", []) for o in group["options"]]
    return [*answer.get("options", []), *grouped]


def _outcome(answer: Answer, taken: Taken) -> Json:
    shown: Json = {"outcome": taken.outcome, "ms": answer.ms}
    if taken.detail:
        shown["detail"] = taken.detail
    return shown | (taken.more or {})
