"""Files that people and the app put into the workspace."""

from __future__ import annotations

import mimetypes
import secrets
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.wire import ApiError, Json


@dataclass(slots=True)
class File:
    """One file; the app may read it once it is its own or was shared with it."""

    id: str
    name: str
    owner: str
    created: int
    data: bytes = b""
    title: str = ""
    alt_text: str = ""
    places: set[str] = field(default_factory=set)
    for_app: bool = False


class Files:
    """All files, and the tickets that let the app upload one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._files: dict[str, File] = {}
        self._tickets: dict[str, File] = {}

    def add(self, name: str, owner: str, data: bytes = b"", *, for_app: bool = False) -> File:
        """Keep a file."""
        file_id = "F" + secrets.token_hex(5).upper()
        created = int(self._clock.now().timestamp())
        file = File(file_id, name, owner, created, data, title=name, for_app=for_app)
        self._files[file_id] = file
        return file

    def find(self, file_id: str) -> File:
        """Return a file, or refuse."""
        if file_id not in self._files:
            raise ApiError("file_not_found")
        return self._files[file_id]

    def ticket(self, file: File) -> str:
        """Give out the right to upload a file's content once."""
        ticket = secrets.token_urlsafe(18)
        self._tickets[ticket] = file
        return ticket

    def redeem(self, ticket: str) -> File | None:
        """Return the file that a ticket is for."""
        return self._tickets.pop(ticket, None)


def file_json(file: File, base_url: str) -> Json:
    """Return a file as the Web API shows it."""
    address = f"{base_url}/files/{file.id}/{file.name}"
    kind = file.name.rpartition(".")[2].lower()
    return {
        "id": file.id,
        "created": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        "filetype": kind,
        "user": file.owner,
        "size": len(file.data),
        "mode": "hosted",
        "is_external": False,
        "is_public": False,
        "url_private": address,
        "url_private_download": address,
        "alt_txt": file.alt_text,
        "channels": sorted(p for p in file.places if p.startswith("C")),
        "ims": sorted(p for p in file.places if p.startswith("D")),
    }
