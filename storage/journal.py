"""The journal: who saw, changed, decided and sent what; only added to, each entry sealed.

Entries hold ids, never names. Each carries the hash of the one before it in its firm, so that a
changed byte, a missing entry or a cut tail is found (`storage.sealing`). On SQLite it is a file of
its own beside the store, so that a look-up never waits for an import; on PostgreSQL a schema.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from storage.engines import WORKER_PATIENCE_S, Aside, by_driver, sqlite_engine, wipe

NOTHING_YET = "0" * 64
"""What the first entry of a firm follows."""
PAGE = 1000
"""How many entries are read at once."""
OPERATOR = "operator"
"""Whoever runs the host, at the terminal."""
CLOCK = "clock"
"""The program itself, on time."""


class Kind(StrEnum):
    """What an entry is of."""

    VIEW = "view"
    DENIED = "denied"
    CHANGE = "change"
    DECISION = "decision"
    MESSAGE = "message"
    IMPORT = "import"
    EXPORT = "export"
    ERASE = "erase"
    LINK = "link"
    ROLE = "role"
    GRANT = "grant"
    OPERATE = "operate"
    """What an operator did at the terminal."""
    PURGE = "purge"
    """Entries before it were removed after their term; `fields` say up to which, and its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is written down; nothing in it names anybody but by an id."""

    kind: Kind
    actor: str
    """``by_member(3)``, ``by_account("U0123")``, `OPERATOR` or `CLOCK`."""
    what: str = ""
    """The command, button, form or kind of message."""
    client_ids: tuple[int, ...] = ()
    fields: tuple[str, ...] = ()
    """What was shown or changed, by the names of columns or of parts."""
    place: str = ""
    """Where it was shown: a kind of place, with the channel's id if there is one."""
    template: str = ""
    """The version of the text that was shown."""
    reason: str = ""
    """What a person typed; kept apart, since it may name somebody and must then be removable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An entry as it stands in the journal."""

    firm_id: int
    seq: int
    at: str
    kind: str
    actor: str
    what: str
    client_ids: str
    """In ranges, such as ``3,7-9``."""
    fields: str
    place: str
    template: str
    reason_hash: str
    prev_hash: str
    hash: str
    reason: str | None = None
    salt: str | None = None

    def names_client(self, client_id: int) -> bool:
        """Tell whether it is about a client."""
        return any(client_id in each for each in ranges_of(self.client_ids))

    @property
    def instant(self) -> datetime:
        """Return when it was written."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last entry of a firm, and the last that was removed after its term."""

    seq: int = 0
    hash: str = NOTHING_YET
    base_seq: int = 0
    base_hash: str = NOTHING_YET


def by_member(member_id: int) -> str:
    """Name a member as the one who acts."""
    return f"member:{member_id}"


def by_account(slack_user_id: str) -> str:
    """Name a Slack account without a role here as the one who acts."""
    return f"account:{slack_user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who is at work now, and with what."""

    actor: str = CLOCK
    what: str = ""
    place: str = ""
    reason: str = ""


_ACT: ContextVar[Act] = ContextVar("act", default=Act())  # noqa: B039  frozen


@contextmanager
def acting(act: Act) -> Iterator[None]:
    """Say who is at work, so that whatever is changed meanwhile is written down as theirs."""
    before = _ACT.set(act)
    try:
        yield
    finally:
        _ACT.reset(before)


def present_act() -> Act:
    """Return who is at work now."""
    return _ACT.get()


@dataclass(slots=True)
class Changes:
    """What a session changed so far: written down just before it is kept."""

    at: datetime | None = None
    reason: str = ""
    """What the person said about it, if not at the beginning of the act."""
    _changed: dict[tuple[Kind, str], tuple[set[int], set[str]]] = field(default_factory=dict)

    def add(
        self,
        kind: Kind,
        fields: Iterable[str],
        client_ids: Iterable[int],
        *,
        at: datetime,
        what: str,
    ) -> None:
        """Note a change; those of one kind become one entry."""
        self.at = at
        ids, names = self._changed.setdefault((kind, what), (set(), set()))
        ids.update(client_ids)
        names.update(fields)

    def entries(self) -> list[Entry]:
        """Return what is to be written down, as done by whoever is at work."""
        act = present_act()
        return [
            Entry(
                kind=kind,
                actor=act.actor,
                what=what or act.what,
                place=act.place,
                reason=self.reason or act.reason,
                client_ids=tuple(ids),
                fields=tuple(sorted(names)),
            )
            for (kind, what), (ids, names) in self._changed.items()
        ]


class Journal:
    """An open journal; its tables are made when they are first needed."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._is_ready = False
        self._preparing = Lock()
        self._schema = None if engine.dialect.name == "sqlite" else "journal"
        self._aside = Aside(engine) if engine.dialect.name == "sqlite" else None
        self._sql = _Statements(self._schema)

    @property
    def path(self) -> Path | None:
        """Return the journal's own file, if it has one."""
        is_file = self._engine.dialect.name == "sqlite"
        return Path(str(self._engine.url.database)) if is_file else None

    def append(self, firm_id: int, *entries: Entry, at: datetime) -> Head:
        """Write entries down, all or none; whoever shows something does this first."""
        with self._begin(WORKER_PATIENCE_S) as connection:
            head = self._own_head(connection, firm_id)
            for entry in entries:
                head = self._add(connection, firm_id, head, entry, at)
            _do(connection, self._sql.move_head, {"firm": firm_id, **_moved(head)})
        return head

    def head(self, firm_id: int) -> Head:
        """Return the end of a firm's chain."""
        with self._begin() as connection:
            row = connection.execute(self._sql.head, {"firm": firm_id}).one_or_none()
        return _head(row) if row else Head()

    def entries(
        self, firm_id: int, *, after: int = 0, since: datetime | None = None
    ) -> Iterator[Kept]:
        """Read a firm's entries in their order, page by page."""
        asked = {"firm": firm_id, "since": _text(since) if since else "", "limit": PAGE}
        page: list[Kept] | None = None
        while page is None or len(page) == PAGE:
            with self._begin() as connection:
                rows = connection.execute(self._sql.entries, {**asked, "after": after}).mappings()
                page = [Kept(**row) for row in rows]
            yield from page
            after = page[-1].seq if page else after

    def firm_ids(self) -> tuple[int, ...]:
        """Return the firms that have entries."""
        with self._begin() as connection:
            return tuple(connection.execute(self._sql.firms).scalars())

    def drop_reasons(self, firm_id: int, seqs: Iterable[int]) -> None:
        """Remove what people typed as reasons; the entries stay, and their seals hold."""
        chosen = [{"firm": firm_id, "seq": seq} for seq in seqs]
        if chosen:
            with self._begin(WORKER_PATIENCE_S) as connection:
                connection.execute(self._sql.drop_reason, chosen)

    def drop_until(self, firm_id: int, last: Kept) -> None:
        """Remove entries whose term is over, up to one; that they went is to be written first."""
        cut = {"firm": firm_id, "seq": last.seq, "hash": last.hash}
        with self._begin(WORKER_PATIENCE_S) as connection:
            connection.execute(self._sql.move_base, cut)
            for statement in (self._sql.drop_entries, self._sql.drop_reasons):
                connection.execute(statement, {"firm": firm_id, "seq": last.seq})

    def forget_firm(self, firm_id: int) -> None:
        """Remove all of a firm that left: its records are gone, and its id may be given anew."""
        with self._begin(WORKER_PATIENCE_S) as connection:
            head = self._own_head(connection, firm_id)
            whole = {"firm": firm_id, "seq": head.seq}
            connection.execute(self._sql.move_base, {**whole, "hash": head.hash})
            for statement in (self._sql.drop_entries, self._sql.drop_reasons):
                connection.execute(statement, whole)
            connection.execute(self._sql.drop_head, {"firm": firm_id})

    def first_time(self, *keys: str, at: datetime) -> bool:
        """Tell whether none of a request's keys was seen before; only hashes of them are kept.

        The last ones may be lost with the machine's power: to wait for the disk costs each answer
        more than everything else, and what Slack repeats after that counts as new.
        """
        self.prepare()
        statement = self._sql.see(len(keys))
        seen = {f"key{n}": _hashed(key) for n, key in enumerate(keys)} | {"at": _text(at)}
        if self._aside is not None:
            return self._aside.execute(statement, seen) == len(keys)
        with self._engine.begin() as connection:
            return bool(connection.execute(sa.text(statement), seen).rowcount == len(keys))

    def forget_requests(self, *, before: datetime) -> None:
        """Forget requests that Slack will not repeat any more."""
        with self._begin(WORKER_PATIENCE_S) as connection:
            connection.execute(self._sql.forget, {"before": _text(before)})

    def prepare(self) -> None:
        """Make the tables unless they are there; nothing in them can be changed afterwards."""
        with self._preparing:
            if not self._is_ready:
                reading = self._engine.execution_options(read_only=True)
                if not sa.inspect(reading).has_table("request", schema=self._schema):
                    patient = self._engine.execution_options(patience_s=WORKER_PATIENCE_S)
                    with patient.begin() as connection:
                        _make_tables(connection)
                self._is_ready = True

    def wipe(self) -> bool:
        """Leave nothing of dropped reasons in the file; False if others were in the way."""
        return wipe(self._engine)

    def close(self) -> None:
        """Close all connections."""
        if self._aside is not None:
            self._aside.close()
        self._engine.dispose()

    @contextmanager
    def _begin(self, patience_s: float | None = None) -> Iterator[sa.Connection]:
        self.prepare()
        with self._engine.connect() as connection:
            if patience_s is not None:
                connection.execution_options(patience_s=patience_s)
            elif self._engine.dialect.name == "sqlite":
                connection.execution_options(read_only=True)
            with connection.begin():
                yield connection

    def _own_head(self, connection: sa.Connection, firm_id: int) -> Head:
        """Return the head for nobody else to move before we have: a chain never forks."""
        row = _do(connection, self._sql.own_head, {"firm": firm_id}).fetchone()
        if row is None:
            _do(connection, self._sql.first_head, {"firm": firm_id, **_moved(Head())})
            row = _do(connection, self._sql.own_head, {"firm": firm_id}).fetchone()
        return _head(row)

    def _add(
        self, connection: sa.Connection, firm_id: int, head: Head, entry: Entry, at: datetime
    ) -> Head:
        salt = token_hex(16) if entry.reason else None
        kept = Kept(
            firm_id=firm_id,
            seq=head.seq + 1,
            at=_text(at),
            kind=entry.kind.value,
            actor=entry.actor,
            what=entry.what,
            client_ids=as_ranges(entry.client_ids),
            fields=",".join(entry.fields),
            place=entry.place,
            template=entry.template,
            reason_hash=reason_hash_of(salt, entry.reason) if salt else "",
            prev_hash=head.hash,
            hash="",
        )
        values = {name: getattr(kept, name) for name in _COLUMNS} | {"hash": hash_of(kept)}
        _do(connection, self._sql.add, values)
        if salt:
            reason = {"firm": firm_id, "seq": kept.seq, "salt": salt, "reason": entry.reason}
            connection.execute(self._sql.add_reason, reason)
        return Head(
            seq=kept.seq,
            hash=values["hash"],
            base_seq=head.base_seq,
            base_hash=head.base_hash,
        )


def open_journal(url: URL) -> Journal:
    """Return the journal of the store at an address; nothing is opened yet."""
    if url.get_backend_name() == "sqlite":
        return Journal(sqlite_engine(url.set(database=str(journal_path(url)))))
    # Connections of its own: a writer of the store holds one while it waits for one of these
    return Journal(sa.create_engine(url, pool_pre_ping=True, hide_parameters=True))


def journal_path(url: URL) -> Path:
    """Name the journal's file beside a store's."""
    return Path(str(url.database)).with_suffix(".journal.db")


def hash_of(kept: Kept) -> str:
    """Return an entry's seal: it covers all of it, and the seal before."""
    sealed = [getattr(kept, name) for name in _COLUMNS if name != "hash"]
    return sha256(json.dumps(sealed, ensure_ascii=True).encode()).hexdigest()


def _hashed(key: str) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def reason_hash_of(salt: str, reason: str) -> str:
    """Return what stands for a reason in the seal; without the salt nobody guesses it."""
    return sha256(f"{salt}:{reason}".encode("utf-8", "surrogatepass")).hexdigest()


def as_ranges(client_ids: Iterable[int]) -> str:
    """Write ids in ranges: a whole book's export is one line of a few characters."""
    spans: list[list[int]] = []
    for each in sorted(set(client_ids)):
        if spans and each == spans[-1][1] + 1:
            spans[-1][1] = each
        else:
            spans.append([each, each])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def ranges_of(written: str) -> Iterator[range]:
    """Read ids in ranges."""
    for span in filter(None, written.split(",")):
        first, _, last = span.partition("-")
        yield range(int(first), int(last or first) + 1)


def _text(instant: datetime) -> str:
    """Write an instant so that text sorts as time does and both databases keep it to the letter."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def _head(row: Any) -> Head:
    seq, hash_, base_seq, base_hash = row
    return Head(seq=seq, hash=hash_, base_seq=base_seq, base_hash=base_hash)


def _do(connection: sa.Connection, statement: sa.TextClause, values: dict[str, Any]) -> Any:
    """Execute a statement; on SQLite by the driver itself, since every answer waits for it."""
    if connection.dialect.name != "sqlite":
        return connection.execute(statement, values)
    return by_driver(connection, statement.text, values)


def _moved(head: Head) -> dict[str, Any]:
    return {"seq": head.seq, "hash": head.hash}


_COLUMNS = (
    "firm_id", "seq", "at", "kind", "actor", "what", "client_ids", "fields", "place", "template",
    "reason_hash", "prev_hash", "hash",
)  # fmt: skip


class _Statements:
    """The journal's SQL, in the dialect's own namespace."""

    def __init__(self, name: str | None) -> None:
        schema = f"{name}." if name else ""
        firm = "firm_id = :firm"
        head = f"SELECT seq, hash, base_seq, base_hash FROM {schema}head WHERE {firm}"
        self.head = sa.text(head)
        self.own_head = sa.text(head + (" FOR UPDATE" if name else ""))
        self.first_head = sa.text(
            f"INSERT INTO {schema}head (firm_id, seq, hash, base_seq, base_hash) "
            "VALUES (:firm, :seq, :hash, :seq, :hash) ON CONFLICT DO NOTHING"
        )
        self.move_head = sa.text(f"UPDATE {schema}head SET seq = :seq, hash = :hash WHERE {firm}")
        self.move_base = sa.text(
            f"UPDATE {schema}head SET base_seq = :seq, base_hash = :hash WHERE {firm}"
        )
        names = ", ".join(_COLUMNS)
        places = ", ".join(f":{each}" for each in _COLUMNS)
        self.add = sa.text(f"INSERT INTO {schema}entry ({names}) VALUES ({places})")
        self.add_reason = sa.text(
            f"INSERT INTO {schema}reason (firm_id, seq, salt, reason) "
            "VALUES (:firm, :seq, :salt, :reason)"
        )
        listed = ", ".join(f"e.{each}" for each in _COLUMNS)
        self.entries = sa.text(
            f"SELECT {listed}, r.reason, r.salt FROM {schema}entry e "
            f"LEFT JOIN {schema}reason r ON r.firm_id = e.firm_id AND r.seq = e.seq "
            "WHERE e.firm_id = :firm AND e.seq > :after AND e.at >= :since "
            "ORDER BY e.seq LIMIT :limit"
        )
        self.firms = sa.text(f"SELECT firm_id FROM {schema}head ORDER BY firm_id")
        this = f"{firm} AND seq = :seq"
        until = f"{firm} AND seq <= :seq"
        self.drop_reason = sa.text(f"DELETE FROM {schema}reason WHERE {this}")
        self.drop_reasons = sa.text(f"DELETE FROM {schema}reason WHERE {until}")
        self.drop_entries = sa.text(f"DELETE FROM {schema}entry WHERE {until}")
        self.drop_head = sa.text(f"DELETE FROM {schema}head WHERE {firm}")
        self.forget = sa.text(f"DELETE FROM {schema}request WHERE at < :before")
        self._request = f"{schema}request"

    def see(self, count: int) -> str:
        """Write the statement that remembers so many keys at once; it counts the new ones."""
        rows = ", ".join(f"(:key{n}, :at)" for n in range(count))
        return f"INSERT INTO {self._request} (key, at) VALUES {rows} ON CONFLICT DO NOTHING"


_TABLES = (
    "CREATE TABLE IF NOT EXISTS {schema}entry (firm_id INTEGER NOT NULL, seq BIGINT NOT NULL, "
    "at TEXT NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL, what TEXT NOT NULL, "
    "client_ids TEXT NOT NULL, fields TEXT NOT NULL, place TEXT NOT NULL, "
    "template TEXT NOT NULL, reason_hash TEXT NOT NULL, prev_hash TEXT NOT NULL, "
    "hash TEXT NOT NULL, PRIMARY KEY (firm_id, seq))",
    "CREATE TABLE IF NOT EXISTS {schema}head (firm_id INTEGER NOT NULL PRIMARY KEY, "
    "seq BIGINT NOT NULL, hash TEXT NOT NULL, base_seq BIGINT NOT NULL, base_hash TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS {schema}reason (firm_id INTEGER NOT NULL, seq BIGINT NOT NULL, "
    "salt TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (firm_id, seq))",
    "CREATE TABLE IF NOT EXISTS {schema}request (key TEXT NOT NULL PRIMARY KEY, at TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS request_at ON {schema}request (at)",
)
_SQLITE_GUARDS = (
    "CREATE TRIGGER IF NOT EXISTS entry_stays BEFORE UPDATE ON entry "
    "BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END",
    "CREATE TRIGGER IF NOT EXISTS entry_kept BEFORE DELETE ON entry "
    "WHEN OLD.seq > COALESCE((SELECT base_seq FROM head WHERE firm_id = OLD.firm_id), 0) "
    "BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END",
)
_POSTGRES_GUARDS = (
    "CREATE OR REPLACE FUNCTION journal.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF TG_OP = 'DELETE' AND OLD.seq <= COALESCE((SELECT base_seq FROM journal.head "
    "WHERE firm_id = OLD.firm_id), 0) THEN RETURN OLD; END IF; "
    "RAISE EXCEPTION 'the journal is only added to'; END $$",
    "CREATE OR REPLACE TRIGGER entry_stays BEFORE UPDATE OR DELETE ON journal.entry "
    "FOR EACH ROW EXECUTE FUNCTION journal.keep()",
    "CREATE OR REPLACE TRIGGER entry_kept BEFORE TRUNCATE ON journal.entry "
    "FOR EACH STATEMENT EXECUTE FUNCTION journal.keep()",
)
_SCHEMA_LOCK = 7_464_517
"""Any number of our own: two programs that start at once make the tables one after the other."""


def _make_tables(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        for statement in (*_TABLES, *_SQLITE_GUARDS):
            connection.exec_driver_sql(statement.format(schema=""))
        return
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SCHEMA_LOCK})
    connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS journal")
    for statement in _TABLES:
        connection.exec_driver_sql(statement.format(schema="journal."))
    for statement in _POSTGRES_GUARDS:
        connection.exec_driver_sql(statement)
