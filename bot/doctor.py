"""`tierwise doctor`: what is in order, what is not, and what to do about it."""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.checks import REFUSE_BEYOND, WARN_BEYOND, is_wide, wide_files
from bot.digests.nights import nights_missed
from bot.digests.status import OVERDUE_AFTER, count_overdue, life, nothing_runs
from bot.manifest import manifest
from bot.runtime import Runtime, system_clock
from bot.settings import Settings
from bot.unsaying import client_of
from bot.usecases.records import verify_log
from storage.firms import firm_by_id, list_firms
from storage.migrate import StoreVersionError, check_version
from storage.store import open_store
from storage.tables import FirmRow

LITTLE_SPACE, NO_SPACE = 2**30, 100 * 2**20
"""Bytes: below the first it is time to make room, below the second writes will soon fail."""


class State(StrEnum):
    """How a thing stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    """Not yet to be told, which is nobody's fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line: what was looked at, how it stands, and what to do."""

    name: str
    state: State
    said: str


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; what cannot be looked at is a finding, too."""
    found = [*_files(settings), *_secrets(settings), *_space(settings)]
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return [*found, _fail("store", f"There is no {url.database}. Run: tierwise migrate")]
    store = open_store(settings.database_url)
    try:
        runtime = Runtime(settings=settings, store=store)
        found += _guarded("store", lambda: _store(runtime))
        if found[-1].state is State.OK:
            with store.read(None) as session:
                firms = list_firms(session)
            found += _guarded("journal", lambda: _journals(runtime, firms))
            found += _guarded("zones", lambda: _zones(firms))
            found += _guarded("program", lambda: _program(runtime))
            found += _guarded("nights", lambda: _nights(runtime, firms))
            found += _guarded("messages", lambda: _deliveries(runtime))
            found += _slack(runtime, firms)
    finally:
        store.close()
    return found


def examine_slack(firm_id: int, runtime: Runtime) -> list[Finding]:
    """Look at what Slack says of one firm's app, from within the running program."""
    with runtime.store.read(firm_id) as session:
        firm = firm_by_id(session, firm_id)
        session.expunge(firm)
    return list(_slack(runtime, [firm]))


def _guarded(name: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(look())
    except SQLAlchemyError as error:
        return [_fail(name, f"The store cannot be read ({type(error).__name__}).")]


def _files(settings: Settings) -> Iterator[Finding]:
    wide = [*wide_files(settings), *filter(is_wide, [Path(".env")])]
    for path in wide:
        mode = stat.filemode(path.stat().st_mode)
        yield _fail("files", f"Others may use {path} ({mode}). Run: chmod go-rwx {path}")
    if not wide:
        yield _ok("files", "Only their owner reads store, journal and .env.")


def _secrets(settings: Settings) -> Iterator[Finding]:
    missing, strange = settings.missing(), settings.implausible()
    if missing:
        yield _fail("secrets", f"Not set: {', '.join(missing)}.")
    if strange:
        yield _fail("secrets", f"Placeholders, or not Slack's: {', '.join(strange)}.")
    if not missing and not strange:
        yield _ok("secrets", "All that this mode needs is set.")


def _space(settings: Settings) -> Iterator[Finding]:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite":
        return
    folder = Path(str(url.database)).resolve().parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    said = f"{free // 2**20} MB are free in {folder}."
    if free < NO_SPACE:
        yield _fail("disk", f"{said} Make room now.")
    elif free < LITTLE_SPACE:
        yield Finding(name="disk", state=State.WARN, said=f"{said} Make room.")
    else:
        yield _ok("disk", said)


def _store(runtime: Runtime) -> Iterator[Finding]:
    try:
        check_version(runtime.store)
    except StoreVersionError as error:
        yield _fail("store", str(error))
        return
    if runtime.store.engine.dialect.name != "sqlite":
        yield _ok("store", "The tables are of this program's version.")
        return
    with runtime.store.read(None) as session:
        (said,) = session.connection().exec_driver_sql("PRAGMA quick_check").one()
    if said != "ok":
        yield _fail("store", f"The file is damaged ({said}). Restore a backup: docs/operate.md")
    else:
        yield _ok("store", "The file is whole, its tables are of this program's version.")


def _journals(runtime: Runtime, firms: list[FirmRow]) -> Iterator[Finding]:
    for firm in firms:
        found = verify_log(_id(firm), runtime)
        if found.is_whole:
            yield _ok("journal", f"{firm.workspace_id}: {found.entries} entries as written.")
        else:
            entry, flaw = found.flaws[0]
            said = f"{firm.workspace_id}: entry {entry} is {flaw.value}. Run: tierwise log verify"
            yield _fail("journal", said)


def _zones(firms: list[FirmRow]) -> Iterator[Finding]:
    unknown = [each for each in firms if each.zone not in available_timezones()]
    for firm in unknown:
        yield _fail("zones", f"{firm.workspace_id}: “{firm.zone}” is no time zone.")
    if not unknown:
        yield _ok("zones", "All time zones are known.")


def _program(runtime: Runtime) -> Iterator[Finding]:
    found = life(runtime)
    said = nothing_runs(found)
    if said is None:
        yield _ok("program", f"{found.running} running, last seen {found.seen_at:%H:%M:%S} UTC.")
    elif found.seen_at is None:
        yield Finding(name="program", state=State.WARN, said=said)
    else:
        yield _fail("program", said)


def _nights(runtime: Runtime, firms: list[FirmRow]) -> Iterator[Finding]:
    with runtime.store.read(None) as session:
        now = runtime.shared_now(session)
    has_run = life(runtime).seen_at is not None
    for firm in firms:
        if firm.zone in available_timezones():
            yield _night(firm, nights_missed(firm, now=now, has_run=has_run))


def _night(firm: FirmRow, missed: int | None) -> Finding:
    name = firm.workspace_id
    if missed is None:
        said = f"{name}: not known yet, no night has passed here while a program ran."
        return Finding(name="nights", state=State.UNKNOWN, said=said)
    if not missed:
        return _ok("nights", f"{name}: the book is placed as of {firm.placed_on}.")
    nights = "last night" if missed == 1 else f"in the last {missed} nights"
    before = f"the last time as of {firm.placed_on}" if firm.placed_on else "never before"
    said = f"{name}: the book was not placed {nights}, {before}."
    return _fail("nights", f"{said} Look for “book not placed” in the program's log.")


def _deliveries(runtime: Runtime) -> Iterator[Finding]:
    late = count_overdue(runtime)
    minutes = int(OVERDUE_AFTER.total_seconds() // 60)
    if late:
        said = f"{late} messages should have ended {minutes} minutes ago."
        yield _fail("messages", f"{said} See: tierwise digest status")
    else:
        yield _ok("messages", "None is overdue.")


def _slack(runtime: Runtime, firms: list[FirmRow]) -> Iterator[Finding]:
    for firm in firms:
        client = client_of(firm, runtime)
        if client is None:
            yield _fail("slack", f"{firm.workspace_id}: there is no token.")
            continue
        try:
            answer = client.auth_test()
        except SlackApiError as refusal:
            code = refusal.response.get("error")
            yield _fail("slack", f"{firm.workspace_id}: Slack refuses the token ({code}).")
            continue
        except (SlackClientError, OSError) as error:
            said = f"Slack cannot be reached ({type(error).__name__})."
            yield Finding(name="slack", state=State.WARN, said=f"{firm.workspace_id}: {said}")
            continue
        headers = {name.lower(): value for name, value in answer.headers.items()}
        yield _clock(headers, system_clock())
        yield _scopes(firm, headers)


def _clock(headers: dict[str, Any], now: datetime) -> Finding:
    try:
        off = now - parsedate_to_datetime(str(headers.get("date")))
    except (ValueError, TypeError):
        return Finding(name="clock", state=State.WARN, said="Slack did not say what time it is.")
    said = f"This machine's clock differs from Slack's by {abs(off).total_seconds():.0f} s."
    if abs(off) > REFUSE_BEYOND:
        return _fail("clock", f"{said} Set it right: signatures are refused.")
    if abs(off) > WARN_BEYOND:
        return Finding(name="clock", state=State.WARN, said=f"{said} Set it right.")
    return _ok("clock", said)


def _scopes(firm: FirmRow, headers: dict[str, Any]) -> Finding:
    granted = {each.strip() for each in str(headers.get("x-oauth-scopes") or "").split(",")}
    wanted = set(manifest()["oauth_config"]["scopes"]["bot"])
    if lacking := sorted(wanted - granted):
        said = f"{firm.workspace_id}: not granted: {', '.join(lacking)}."
        return _fail("scopes", f"{said} Put in the new manifest and reinstall the app.")
    if more := sorted(granted - wanted - {""}):
        said = f"{firm.workspace_id}: granted and not needed: {', '.join(more)}."
        return Finding(name="scopes", state=State.WARN, said=said)
    return _ok("scopes", f"{firm.workspace_id}: as in the manifest.")


def _id(firm: FirmRow) -> int:
    if firm.id is None:
        raise ValueError("a firm that was never saved has no id")
    return firm.id


def _ok(name: str, said: str) -> Finding:
    return Finding(name=name, state=State.OK, said=said)


def _fail(name: str, said: str) -> Finding:
    return Finding(name=name, state=State.FAIL, said=said)
