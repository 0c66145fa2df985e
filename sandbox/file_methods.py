"""The methods of the Web API that concern files, and their downloads and uploads."""

from __future__ import annotations

from aiohttp import web

from sandbox.call import Call
from sandbox.files import file_json
from sandbox.wire import ApiError, Json, parsed
from sandbox.workspace import Workspace


def file_info(call: Call) -> Json:
    file = call.workspace.files.find(str(call.need("file")))
    if not call.workspace.app_may_read(file):
        raise ApiError("file_not_found")
    return {"file": file_json(file, call.base_url)}


def upload_address(call: Call) -> Json:
    workspace = call.workspace
    file = workspace.files.add(
        str(call.need("filename")), workspace.world.bot_user_id, for_app=True
    )
    file.alt_text = str(call.params.get("alt_txt") or "")
    address = f"{call.base_url}/upload/{workspace.files.ticket(file)}"
    return {"upload_url": address, "file_id": file.id}


def complete_upload(call: Call) -> Json:
    workspace = call.workspace
    files = []
    for given in parsed(call.need("files"), otherwise="invalid_arguments"):
        file = workspace.files.find(str(given.get("id")))
        file.title = given.get("title") or file.name
        files.append(file)
    if call.params.get("channel_id"):
        place = call.place = workspace.destination(call.params["channel_id"])
        workspace.check_may_post(place)
        content: Json = {"text": call.params.get("initial_comment") or "", "blocks": []}
        content |= {"files": [workspace.shared(file, place, call.base_url) for file in files]}
        workspace.post(place, content | {"thread_ts": call.params.get("thread_ts")})
        call.audience = workspace.world.audience(place)
    return {"files": [file_json(file, call.base_url) for file in files]}


class FileServer:
    """Takes uploads from the app, and hands files to the app and to the page."""

    def __init__(self, workspace: Workspace, key: str) -> None:
        self._workspace, self._key = workspace, key

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Take the content of a file."""
        file = self._workspace.files.redeem(request.match_info["ticket"])
        if file is None:
            raise web.HTTPNotFound(text="no such upload")
        file.data = await request.read()
        return web.Response(text=f"OK - {len(file.data)}")

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Give a file to whoever may have it."""
        try:
            file = self._workspace.files.find(request.match_info["id"])
        except ApiError as missing:
            raise web.HTTPNotFound(text=missing.code) from None
        token = self._workspace.bot_token
        bearer = request.headers.get("Authorization") == f"Bearer {token}"
        app_may = bearer and self._workspace.is_installed and self._workspace.app_may_read(file)
        if not app_may and request.query.get("key") != self._key:
            raise web.HTTPFound("/signin")  # as the platform does, which hides a missing scope
        headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
        kind = str(file_json(file, "")["mimetype"])
        return web.Response(body=file.data, content_type=kind, headers=headers)
