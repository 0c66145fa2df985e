"""Backup and restore: store and journal in one archive, whole however many write meanwhile.

SQLite copies itself (`VACUUM INTO`), which never sees half a transaction; the store first and the
journal after it, since an entry is written before its change. PostgreSQL has tools of its own for
both: one dump is one snapshot.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import IO, Any, cast

from sqlalchemy.engine import URL, make_url

from storage.journal import journal_path
from storage.migrate import newest_version, version_of
from storage.sealing import verify
from storage.store import Store, open_store

STORE, JOURNAL, DUMP, ABOUT = "store.db", "journal.db", "store.dump", "backup.json"


class BackupError(Exception):
    """A backup cannot be made, or is not to be trusted; says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup says of itself."""

    made_at: str
    schema: str
    """The version of the tables."""
    hashes: dict[str, str]
    """Of each file in the archive."""
    heads: dict[str, tuple[int, str]]
    """Number and hash of each firm's last journal entry, by the firm's id."""


def back_up(store: Store, target: Path, *, at: datetime) -> Backup:
    """Write store and journal into one file that only its owner may read. Raises BackupError."""
    if target.exists():
        raise BackupError(f"{target} exists already. Choose another name.")
    if not target.parent.is_dir():
        raise BackupError(f"There is no folder {target.parent}.")
    with _folder_beside(target) as folder:
        if _is_sqlite(store.engine.url):
            files = _copy_sqlite(store, folder)
            heads = _heads_in(folder / JOURNAL)
        else:
            heads = _heads_of(store)  # before the dump, which may only know more
            files = [_dump(store, folder)]
        about = Backup(
            made_at=at.isoformat(),
            schema=version_of(store) or "",
            hashes={each.name: _hash(each) for each in files},
            heads=heads,
        )
        (folder / ABOUT).write_text(json.dumps(asdict(about), indent=1))
        packed = folder / "packed"
        with (
            _private(packed) as out,
            tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as tar,
        ):
            for each in (folder / ABOUT, *files):
                tar.add(each, arcname=each.name)
        _sync(packed)
        os.link(packed, target)
    return about


def restore(
    source: Path, address: str, *, replace: bool, at: datetime
) -> tuple[Backup, Path | None]:
    """Put a backup in the place of the store at an address; return it, and where the old one is.

    Whatever is wrong with the backup is found before anything is moved. Raises BackupError.
    """
    url = make_url(address)
    if not _is_sqlite(url):
        return _restore_dump(source, url), None
    present = Path(str(url.database))
    with _folder_beside(present) as folder:
        about = _unpack(source, folder)
        if STORE not in about.hashes:
            raise BackupError("This is a backup of PostgreSQL; the address names an SQLite file.")
        _check(folder, about)
        aside = _set_aside(present, url, replace=replace, at=at)
        os.replace(folder / JOURNAL, journal_path(url))
        os.replace(folder / STORE, present)
    return about, aside


def _copy_sqlite(store: Store, folder: Path) -> list[Path]:
    store.journal.prepare()
    paths = (Path(str(store.engine.url.database)), store.journal.path)
    copies = [folder / STORE, folder / JOURNAL]
    for path, copy in zip(paths, copies, strict=True):
        _touch(copy)
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.execute("PRAGMA busy_timeout=30000")
            connection.execute("VACUUM INTO ?", (str(copy),))
    return copies


def _heads_in(journal: Path) -> dict[str, tuple[int, str]]:
    """Return the heads of a copied journal."""
    with closing(sqlite3.connect(journal)) as copy:
        rows = copy.execute("SELECT firm_id, seq, hash FROM head").fetchall()
    return {str(firm_id): (seq, hash_) for firm_id, seq, hash_ in rows}


def _heads_of(store: Store) -> dict[str, tuple[int, str]]:
    heads = {each: store.journal.head(each) for each in store.journal.firm_ids()}
    return {str(firm_id): (head.seq, head.hash) for firm_id, head in heads.items()}


def _unpack(source: Path, folder: Path) -> Backup:
    try:
        with tarfile.open(source) as tar:
            for name in (ABOUT, STORE, JOURNAL, DUMP):
                member = tar.extractfile(name) if name in tar.getnames() else None
                if member is not None:
                    with _private(folder / name) as out:
                        shutil.copyfileobj(member, cast("IO[bytes]", out))
        about = Backup(**json.loads((folder / ABOUT).read_text()))
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError, TypeError) as error:
        raise BackupError(f"{source} is no backup of this program, or it is damaged.") from error
    for name, kept in about.hashes.items():
        if not (folder / name).exists() or _hash(folder / name) != kept:
            raise BackupError(f"{source} is damaged: {name} is not what was backed up.")
    if about.schema > newest_version():
        raise BackupError(
            f"The backup is of version {about.schema}, this program knows {newest_version()}. "
            "Update the program, then restore."
        )
    return about


def _check(folder: Path, about: Backup) -> None:
    """Find out whether a backup can be used before anything of the present store is touched."""
    for name in (STORE, JOURNAL):
        with closing(sqlite3.connect(folder / name)) as connection:
            (found,) = connection.execute("PRAGMA integrity_check").fetchone()
        if found != "ok":
            raise BackupError(f"The backup is damaged: {name}: {found}")
    copy = folder / "checked.db"
    shutil.copy(folder / JOURNAL, journal_path(make_url(f"sqlite:///{copy}")))
    store = open_store(f"sqlite:///{copy}")
    try:
        for firm_id, (seq, kept) in about.heads.items():
            if not verify(store.journal, int(firm_id), {seq: kept}).is_whole:
                raise BackupError("The backup's journal is not whole: see `tierwise log verify`.")
    finally:
        store.close()


def _set_aside(present: Path, url: URL, *, replace: bool, at: datetime) -> Path | None:
    """Move the present store away; a program that still uses it would go on writing there."""
    if not present.exists() or not present.stat().st_size:
        return None
    if not replace:
        raise BackupError(
            f"{present} exists already. Restore to another place, or say --replace; "
            "the present store is then kept aside."
        )
    aside = present.with_name(f"{present.stem}.before-{at:%Y%m%dT%H%M%SZ}{present.suffix}")
    for path, to in (
        (present, aside),
        (journal_path(url), journal_path(make_url(f"sqlite:///{aside}"))),
    ):
        if path.exists():
            _own(path)
            os.replace(path, to)
    return aside


def _own(path: Path) -> None:
    """Make a file whole by itself, which fails while another program has it open."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError as error:
        mode = str(error)
    except sqlite3.DatabaseError:  # damaged, which is why it is replaced
        for suffix in ("-wal", "-shm"):
            rest = path.with_name(path.name + suffix)
            if rest.exists():
                os.replace(rest, rest.with_name(f"{rest.name}.damaged"))
        return
    if mode != "delete":
        raise BackupError(f"{path} is in use. Stop the program, then restore.")


def _dump(store: Store, folder: Path) -> Path:
    dump = folder / DUMP
    _touch(dump)
    _run("pg_dump", store.engine.url, ["--format=custom", f"--file={dump}"])
    return dump


def _restore_dump(source: Path, url: URL) -> Backup:
    with tempfile.TemporaryDirectory() as name:
        about = _unpack(source, Path(name))
        if DUMP not in about.hashes:
            raise BackupError("This is a backup of SQLite; the address names PostgreSQL.")
        _run("pg_restore", url, ["--exit-on-error", "--single-transaction", "--no-owner",
                                 str(Path(name) / DUMP)])  # fmt: skip
    store = open_store(url.render_as_string(hide_password=False))
    try:
        for firm_id, (seq, kept) in about.heads.items():
            if not verify(store.journal, int(firm_id), {seq: kept}).is_whole:
                raise BackupError("The journal is not whole: see `tierwise log verify`.")
    finally:
        store.close()
    return about


def _run(tool: str, url: URL, options: Sequence[str]) -> None:
    """Run a tool of PostgreSQL's; the password goes by the environment, where nobody lists it."""
    program = shutil.which(tool)
    if program is None:
        raise BackupError(
            f"{tool} is not installed. It comes with PostgreSQL's client programs; install those "
            "of the server's version, or back the database up as your administrators do."
        )
    plain = url.set(drivername="postgresql", password=None)
    address = plain.render_as_string(hide_password=False)
    env = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    done = subprocess.run(
        [program, f"--dbname={address}", *options], env=env, capture_output=True, text=True
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BackupError(f"{tool} failed: {last}")


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


@contextmanager
def _folder_beside(target: Path) -> Iterator[Path]:
    """Give a folder of our own on the same disk, so that what is ready can be moved at once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".tierwise-", dir=target.parent) as name:
        yield Path(name)


def _private(path: Path) -> IO[Any]:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600), "w+b")


def _touch(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
