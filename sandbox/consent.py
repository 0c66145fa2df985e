"""The page on which somebody lets the app into a workspace, and the way back to the app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from sandbox.workspace import Workspace
from sandbox.world import Person

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{app} – allow?</title>
<style>body {{ font: 17px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 10vh auto }}
button, select {{ font: inherit; padding: .4rem .8rem }}</style></head>
<body><h1>{app} wants to be installed</h1>
<p>It may then: {scopes}</p>
<form method="post" action="{action}">
<p><label>As <select name="who">{people}</select></label></p>
<p><button name="allow" value="yes">Allow</button> <button>Cancel</button></p>
</form></body></html>
"""


class Consent:
    """Checks what an app asks for, and gives it a code for what it got."""

    def __init__(self, workspaces: Sequence[Workspace]) -> None:
        self._workspaces = {each.world.team_id: each for each in workspaces}
        self._app = workspaces[0]

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Ask."""
        self._redirect_of(request.query)
        people = "".join(
            f'<option value="{team}/{person.id}">{escape(person.display)}, '
            f"{escape(workspace.world.team_name)}</option>"
            for team, workspace in self._workspaces.items()
            for person in workspace.world.people.values()
            if _may_install(person)
        )
        html = PAGE.format(
            app=escape(self._app.manifest.name),
            scopes=escape(", ".join(sorted(self._asked(request.query)))),
            action=escape(str(request.rel_url)),
            people=people,
        )
        return web.Response(text=html, content_type="text/html")

    async def decide(self, request: web.Request) -> web.StreamResponse:
        """Send the browser back with a code, or with the word that there is none."""
        back = self._redirect_of(request.query)
        form = await request.post()
        state = {"state": request.query.get("state", "")}
        if not form.get("allow"):
            raise web.HTTPFound(f"{back}?{urlencode({'error': 'access_denied', **state})}")
        team, _, person_id = str(form.get("who")).partition("/")
        workspace = self._workspaces.get(team)
        person = workspace.world.people.get(person_id) if workspace else None
        if workspace is None or person is None or not _may_install(person):
            raise web.HTTPForbidden(text="this person cannot install apps there")
        code = workspace.handles.code(person_id)
        raise web.HTTPFound(f"{back}?{urlencode({'code': code, **state})}")

    def _redirect_of(self, query: Mapping[str, str]) -> str:
        """Return where the browser goes back to; refuse what the manifest does not allow."""
        if query.get("client_id") != self._app.keys.client_id:
            raise web.HTTPBadRequest(text="invalid_client_id")
        if not self._asked(query) <= self._app.manifest.scopes:
            raise web.HTTPBadRequest(text="invalid_scope")
        known = self._app.manifest.redirects
        wanted = query.get("redirect_uri") or (known[0] if known else "")
        if not any(wanted.startswith(each) for each in known) or urlsplit(wanted).fragment:
            raise web.HTTPBadRequest(text="bad_redirect_uri")
        return wanted

    def _asked(self, query: Mapping[str, str]) -> set[str]:
        return set(filter(None, query.get("scope", "").split(",")))


def _may_install(person: Person) -> bool:
    return person.kind in ("member", "owner")
