"""One call of a Web API method, and what all methods ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.wire import ApiError, Json
from sandbox.workspace import Workspace
from sandbox.world import Place

KINDS = {"public": "channels", "private": "groups", "dm": "im", "mpim": "mpim"}
"""What the scopes call a kind of place."""


@dataclass(slots=True)
class Call:
    """A call; ``place`` and ``audience`` are noted for the transcript."""

    workspace: Workspace
    params: Json
    base_url: str
    place: Place | None = None
    audience: list[str] | None = None

    def need(self, name: str) -> Any:
        """Return an argument that must be there."""
        value = self.params.get(name)
        if value in (None, ""):
            problem = f"[ERROR] missing required field: {name} [json-pointer:]"
            raise ApiError("invalid_arguments", [problem])
        return value

    def scope(self, place: Place, right: str) -> None:
        """Refuse when the app lacks the scope that a place of this kind asks for."""
        check_scope(self.workspace, f"{KINDS[place.kind]}:{right}")


def check_scope(workspace: Workspace, needed: str) -> None:
    """Refuse when the manifest does not list a scope."""
    scopes = workspace.manifest.scopes
    if needed not in scopes:
        raise ApiError("missing_scope", needed=needed, provided=",".join(sorted(scopes)))
