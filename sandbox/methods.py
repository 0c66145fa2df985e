"""The methods of the Web API, and the one table that names them with their scopes."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.call import KINDS, Call, check_scope
from sandbox.file_methods import complete_upload, file_info, upload_address
from sandbox.validate import JUDGES
from sandbox.wire import ApiError, Json, flag, parsed
from sandbox.world import Person, Place

TYPES = {"public_channel": "public", "private_channel": "private", "im": "dm", "mpim": "mpim"}


# who am I


def auth_test(call: Call) -> Json:
    world = call.workspace.world
    return {
        "url": f"{call.base_url}/",
        "team": world.team_name,
        "user": world.people[world.bot_user_id].name,
        "team_id": world.team_id,
        "user_id": world.bot_user_id,
        "bot_id": world.bot_id,
        "is_enterprise_install": False,
    }


def exchange_code(call: Call) -> Json:
    """Give the app its token for the code of an installation."""
    world, keys, params = call.workspace.world, call.workspace.keys, call.params
    if params.get("client_id") != keys.client_id:
        raise ApiError("invalid_client_id")
    if params.get("client_secret") != keys.client_secret:
        raise ApiError("bad_client_secret")
    person_id = call.workspace.handles.redeem_code(str(params.get("code")))
    return {
        "access_token": call.workspace.install(),
        "token_type": "bot",
        "scope": ",".join(sorted(call.workspace.manifest.scopes)),
        "bot_user_id": world.bot_user_id,
        "app_id": world.app_id,
        "team": {"id": world.team_id, "name": world.team_name},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": person_id},
    }


# people


def users_info(call: Call) -> Json:
    person = call.workspace.world.people.get(str(call.need("user")))
    if person is None:
        raise ApiError("user_not_found")
    return {"user": _user(call, person)}


def users_list(call: Call) -> Json:
    people = [_user(call, p) for p in call.workspace.world.people.values()]
    return _page(call, "members", people, default=len(people))


def _user(call: Call, person: Person) -> Json:
    world, now = call.workspace.world, call.workspace.clock.now()
    offset = now.astimezone(person.zone).utcoffset()
    profile = {"real_name": person.display, "display_name": person.display, "title": person.title}
    user: Json = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "real_name": person.display,
        "deleted": person.kind == "deactivated",
        "profile": profile | {"team": person.team_id},
        "is_bot": person.kind == "bot",
        "is_app_user": False,
        "updated": 0,
    }
    if person.kind != "deactivated":
        user |= {
            "tz": person.tz,
            "tz_label": person.tz,
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "is_admin": person.kind == "owner",
            "is_owner": person.kind == "owner",
            "is_primary_owner": person.kind == "owner",
            "is_restricted": person.is_guest,
            "is_ultra_restricted": person.kind == "guest_single",
        }
    if person.team_id != world.team_id:
        user["is_stranger"] = True
    elif flag(call.params.get("include_locale")):
        user["locale"] = person.locale
    return user


# places


def conversations_info(call: Call) -> Json:
    place = _visible(call)
    call.scope(place, "read")
    return {"channel": _conversation(call, place)}


def conversations_members(call: Call) -> Json:
    place = _visible(call)
    call.scope(place, "read")
    return _page(call, "members", sorted(place.members), default=100)


def conversations_list(call: Call) -> Json:
    return _listed(call, where_member=False)


def users_conversations(call: Call) -> Json:
    return _listed(call, where_member=True)


def _listed(call: Call, *, where_member: bool) -> Json:
    world = call.workspace.world
    kinds = [TYPES.get(t) for t in str(call.params.get("types") or "public_channel").split(",")]
    if None in kinds:
        raise ApiError("invalid_types")
    for kind in kinds:
        check_scope(call.workspace, f"{KINDS[str(kind)]}:read")
    places = [
        _conversation(call, p)
        for p in world.places.values()
        if p.kind in kinds
        and (world.bot_user_id in p.members or (p.kind == "public" and not where_member))
        and not (p.is_archived and flag(call.params.get("exclude_archived")))
    ]
    return _page(call, "channels", places, default=100)


def conversations_open(call: Call) -> Json:
    workspace = call.workspace
    if call.params.get("channel"):
        place = workspace.place(call.params["channel"])
    else:
        users = [u.strip() for u in str(call.need("users")).split(",")]
        if len(users) != 1:
            raise ApiError(
                "too_many_users" if len(users) > 8 else "method_not_supported_for_channel_type"
            )
        place = _opened(call, users[0])
    full = flag(call.params.get("return_im"))
    return {"channel": _conversation(call, place) if full else {"id": place.id}}


def _opened(call: Call, user_id: str) -> Place:
    person = call.workspace.world.people.get(user_id)
    if person is None or person.kind == "external":
        raise ApiError("user_not_found")
    if person.kind == "deactivated":
        raise ApiError("user_disabled")
    if person.kind == "bot":
        raise ApiError("cannot_dm_bot")
    return call.workspace.world.dm_with_bot(person.id)


def conversations_history(call: Call) -> Json:
    workspace, params = call.workspace, call.params
    place = _visible(call)
    call.scope(place, "history")
    if workspace.world.bot_user_id not in place.members:
        raise ApiError("not_in_channel")
    inclusive = flag(params.get("inclusive"))
    oldest = _number(params.get("oldest") or 0, "invalid_ts_oldest")
    latest = _number(params.get("latest") or "inf", "invalid_ts_latest")
    found = [
        m.as_json(metadata=flag(params.get("include_all_metadata")))
        for m in reversed(workspace.board.lasting(place.id))
        if m.thread_ts in (None, m.ts)
        and (oldest < float(m.ts) < latest or (inclusive and float(m.ts) in (oldest, latest)))
    ]
    page = _page(call, "messages", found, default=100)
    return page | {"has_more": bool(page["response_metadata"]["next_cursor"]), "pin_count": 0}


def _visible(call: Call) -> Place:
    world = call.workspace.world
    place = call.workspace.place(call.need("channel"))
    if place.kind != "public" and world.bot_user_id not in place.members:
        raise ApiError("channel_not_found")
    return place


def _conversation(call: Call, place: Place) -> Json:
    world = call.workspace.world
    shared: Json = {
        "id": place.id,
        "is_archived": place.is_archived,
        "is_shared": place.is_ext_shared or place.is_org_shared,
        "is_ext_shared": place.is_ext_shared,
        "is_pending_ext_shared": place.is_pending_ext_shared,
        "is_org_shared": place.is_org_shared,
        "context_team_id": world.team_id,
    }
    if place.kind == "dm":
        other = next(iter(place.members - {world.bot_user_id}))
        deleted = world.people[other].kind == "deactivated"
        return shared | {"is_im": True, "user": other, "is_user_deleted": deleted}
    return shared | {
        "name": place.name,
        "is_channel": place.kind == "public",
        "is_group": place.kind == "private",
        "is_im": False,
        "is_mpim": place.kind == "mpim",
        "is_private": place.kind != "public",
        "is_general": place.is_general,
        "is_member": world.bot_user_id in place.members,
        "num_members": len(place.members),
    }


# messages


def post_message(call: Call) -> Json:
    workspace = call.workspace
    place = call.place = workspace.destination(call.need("channel"))
    workspace.check_may_post(place)
    message = workspace.post(place, workspace.content(call.params))
    call.audience = workspace.world.audience(place)
    return {"channel": place.id, "ts": message.ts, "message": message.as_json()}


def post_ephemeral(call: Call) -> Json:
    workspace = call.workspace
    place = call.place = workspace.destination(call.need("channel"))
    reader = str(call.need("user"))
    workspace.check_may_post(place)
    if reader not in workspace.world.people or reader not in place.members:
        raise ApiError("user_not_in_channel")
    message = workspace.post(place, workspace.content(call.params), only_for=reader)
    call.audience = [reader]
    return {"message_ts": message.ts}


def update_message(call: Call) -> Json:
    workspace = call.workspace
    place = call.place = workspace.place(call.need("channel"))
    own = (place.id, str(call.need("ts")), workspace.world.bot_user_id)
    message = workspace.board.own(*own, "cant_update_message")
    if place.is_archived:
        raise ApiError("is_archived")
    kept = {} if "blocks" in call.params else {"blocks": message.blocks}
    workspace.edit(place, message, workspace.content(kept | call.params))
    call.audience = workspace.world.audience(place)
    shown = message.as_json()
    return {"channel": place.id, "ts": message.ts, "text": message.text, "message": shown}


def permalink(call: Call) -> Json:
    place = _visible(call)
    ts = str(call.need("message_ts"))
    if call.workspace.board.find(place.id, ts) is None:
        raise ApiError("message_not_found")
    address = f"{call.base_url}/archives/{place.id}/p{ts.replace('.', '')}"
    return {"channel": place.id, "permalink": address}


def delete_message(call: Call) -> Json:
    workspace = call.workspace
    place = call.place = workspace.place(call.need("channel"))
    own = (place.id, str(call.need("ts")), workspace.world.bot_user_id)
    message = workspace.board.own(*own, "cant_delete_message")
    workspace.remove(place, message)
    return {"channel": place.id, "ts": message.ts}


# views


def open_view(call: Call) -> Json:
    return _shown_modal(call, push=False)


def push_view(call: Call) -> Json:
    return _shown_modal(call, push=True)


def _shown_modal(call: Call, *, push: bool) -> Json:
    workspace = call.workspace
    trigger_id = str(call.need("trigger_id"))
    body = workspace.checked_view(call.need("view"), "modal")
    trigger = workspace.handles.redeem(trigger_id)
    if push and not workspace.views.stacks[trigger.person_id]:
        raise ApiError("not_found")
    view = workspace.views.open(trigger.person_id, body, on_top_of=trigger.view_id)
    workspace.views_changed(view)
    call.audience = [view.person_id]
    return {"view": workspace.views.as_json(view)}


def update_view(call: Call) -> Json:
    workspace, params = call.workspace, call.params
    if not (params.get("view_id") or params.get("external_id")):
        call.need("view_id")
    view = workspace.views.find(params.get("view_id"), params.get("external_id"))
    body = workspace.checked_view(call.need("view"), view.body["type"])
    workspace.views.replace(view, body, params.get("hash"))
    workspace.views_changed(view)
    call.audience = [view.person_id]
    return {"view": workspace.views.as_json(view)}


def publish_view(call: Call) -> Json:
    workspace = call.workspace
    person = workspace.world.people.get(str(call.need("user_id")))
    if not workspace.manifest.home:
        raise ApiError("not_enabled")
    if person is None or person.kind in ("external", "bot"):
        raise ApiError("user_not_found")
    body = workspace.checked_view(call.need("view"), "home")
    view = workspace.views.publish(person.id, body, call.params.get("hash"))
    workspace.views_changed(view)
    call.audience = [person.id]
    return {"view": workspace.views.as_json(view)}


def validate_blocks(call: Call) -> Json:
    """Judge blocks, a message or a view without showing them to anybody."""
    given = [name for name in JUDGES if call.params.get(name)]
    if len(given) != 1:
        raise ApiError("invalid_arguments", ["[ERROR] exactly one of: blocks, message, view"])
    (name,) = given
    payload = parsed(call.params[name], otherwise="invalid_arguments")
    errors = [
        {"pointer": where, "code": "failed_constraint", "message": what}
        for where, what in JUDGES[name](payload)
    ]
    if errors:
        raise ApiError(f"invalid_{name}", errors=errors)
    return {}


def _number(value: Any, otherwise: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise ApiError(otherwise) from None


def _page(call: Call, name: str, items: list[Any], *, default: int) -> Json:
    """Return one page of a list, with the cursor of the next."""
    limit = int(_number(call.params.get("limit") or default or 1, "invalid_limit"))
    cursor = call.params.get("cursor")
    try:
        start = int(base64.b64decode(str(cursor))) if cursor else 0
    except ValueError:
        raise ApiError("invalid_cursor") from None
    end = start + limit
    following = base64.b64encode(str(end).encode()).decode() if end < len(items) else ""
    return {name: items[start:end], "response_metadata": {"next_cursor": following}}


@dataclass(frozen=True, slots=True)
class Method:
    """A method, the scope it asks for, and the kind of token."""

    run: Callable[[Call], Json] | None
    scope: str | None = None
    token: Literal["bot", "app"] | None = "bot"


# The scope of a conversations method depends on the kind of place; the function checks it.
METHODS: dict[str, Method] = {
    "apps.connections.open": Method(None, token="app"),
    "auth.test": Method(auth_test),
    "blocks.validate": Method(validate_blocks, token=None),
    "chat.delete": Method(delete_message, "chat:write"),
    "chat.getPermalink": Method(permalink),
    "chat.postEphemeral": Method(post_ephemeral, "chat:write"),
    "chat.postMessage": Method(post_message, "chat:write"),
    "chat.update": Method(update_message, "chat:write"),
    "conversations.history": Method(conversations_history),
    "conversations.info": Method(conversations_info),
    "conversations.list": Method(conversations_list),
    "conversations.members": Method(conversations_members),
    "conversations.open": Method(conversations_open, "im:write"),
    "files.completeUploadExternal": Method(complete_upload, "files:write"),
    "files.getUploadURLExternal": Method(upload_address, "files:write"),
    "files.info": Method(file_info, "files:read"),
    "oauth.v2.access": Method(exchange_code, token=None),
    "users.conversations": Method(users_conversations),
    "users.info": Method(users_info, "users:read"),
    "users.list": Method(users_list, "users:read"),
    "views.open": Method(open_view),
    "views.publish": Method(publish_view),
    "views.push": Method(push_view),
    "views.update": Method(update_view),
}
