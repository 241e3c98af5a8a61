"""The file of an SQLite index: opened, known as ours, of this version's schema; and what its errors mean."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

APPLICATION = 0x50524F56  # in the file's header, where file(1) looks
PATIENCE = 60.0  # seconds that a writer waits for its turn; upkeep of a large index takes some
CACHE = 64_000  # kB of pages in memory
PAGE = 16_384  # bytes: a record and its keys are half of one; a sixth faster to fill than with 4 kB
LOGGED = 2_000  # pages of the log after which it is carried into the file

# Each entry brings a file from the version of its place to the next.
MIGRATIONS = (
    """
    CREATE TABLE space (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, header BLOB NOT NULL,
        manifest BLOB NOT NULL DEFAULT x'', generation INTEGER NOT NULL DEFAULT 0,
        next INTEGER NOT NULL DEFAULT 1);
    CREATE TABLE name (
        space INTEGER NOT NULL, id BLOB NOT NULL, number INTEGER NOT NULL, digest BLOB NOT NULL,
        PRIMARY KEY (space, id)) WITHOUT ROWID;
    CREATE TABLE document (place INTEGER PRIMARY KEY, record BLOB NOT NULL);
    CREATE TABLE tail (place INTEGER PRIMARY KEY, keys BLOB NOT NULL);
    CREATE TABLE dead (place INTEGER PRIMARY KEY AUTOINCREMENT, space INTEGER NOT NULL, value BLOB NOT NULL);
    CREATE TABLE shelf (id INTEGER PRIMARY KEY AUTOINCREMENT, space INTEGER NOT NULL, run INTEGER NOT NULL);
    CREATE TABLE block (place INTEGER PRIMARY KEY, data BLOB NOT NULL);
    """,
)


@dataclass(frozen=True, slots=True)
class File:
    """An open file: how it is read, and which of all files it is.

    cut       it was cut: it is read as far as it goes, and not written
    written   whether it may be written
    """

    db: sqlite3.Connection
    cut: bool
    written: bool
    place: tuple[int, int]


def opened(path: Path, *, create: bool) -> File:
    """Open an index' file; one that is only to be read (`create` is not set) also where nothing can be written.

    Raises StoreError for what is no index, which is left as it is; sqlite3.Error where it cannot be read.
    """
    try:
        return _opened(path, "rwc" if create else "rw")
    except sqlite3.OperationalError as error:
        if create or error.sqlite_errorcode & 0xFF not in _UNWRITTEN or not path.is_file():
            raise
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        return _opened(path, "ro")
    return _opened(path, "ro&immutable=1")  # nobody writes it: there is no log, and none can be made


_UNWRITTEN = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)


def _opened(path: Path, mode: str) -> File:
    db = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}",
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        written = not mode.startswith("ro")
        cut = _looked_at(db, path, empty=mode == "rwc")
        if written:
            db.execute(f"PRAGMA page_size = {PAGE}")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA secure_delete = ON")  # what was removed is overwritten
            db.execute(f"PRAGMA wal_autocheckpoint = {LOGGED}")
        db.execute(f"PRAGMA cache_size = -{CACHE}")
        db.execute("PRAGMA mmap_size = 0")
        upgrade(db, path)
        held = path.stat()
    except BaseException:
        db.close()
        raise
    return File(db, cut, written, (held.st_dev, held.st_ino))


def _looked_at(db: sqlite3.Connection, path: Path, *, empty: bool) -> bool:
    """Raise StoreError for a file that is not ours, before anything is written to it; say whether it was cut."""
    cut, tables = False, 1
    try:
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        db.execute("PRAGMA writable_schema = ON")  # else SQLite gives nothing of a file that is too short
        cut = True
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if (tables or application or version) and application != APPLICATION:
        raise StoreError(f"{path} is a database, and not one of ours")
    _refuse_newer(db, path)
    if not tables and not empty:
        raise StoreError(f"{path}: there is no such index: the file holds nothing")
    return cut


def _refuse_newer(db: sqlite3.Connection, path: Path) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise StoreError(f"{path} was written by a newer version of this program (schema {version})")


def upgrade(db: sqlite3.Connection, path: Path) -> None:
    """Bring a file to this version's schema, in one transaction."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == len(MIGRATIONS):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        _refuse_newer(db, path)
        (version,) = db.execute("PRAGMA user_version").fetchone()
        for step in MIGRATIONS[version:]:
            for statement in filter(str.strip, step.split(";")):
                db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def told(error: Exception) -> str:
    """Say what an error means."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    meanings = {
        sqlite3.SQLITE_FULL: "the disk is full; nothing of this was written",
        sqlite3.SQLITE_CORRUPT: "the file is damaged; `provenance index verify` says what is lost",
        sqlite3.SQLITE_NOTADB: "the file is not an index, or its beginning is damaged",
        sqlite3.SQLITE_BUSY: f"another process has been writing for {PATIENCE:.0f} s",
        sqlite3.SQLITE_READONLY: "the file may not be written",
        sqlite3.SQLITE_CANTOPEN: "there is no such index, or it may not be opened",
        sqlite3.SQLITE_IOERR: "the disk fails, or is full; nothing of this was written",
    }
    if "no such table" in str(error):
        return f"the file is damaged: what it holds cannot be found ({error})"
    return f"{meanings[code]} ({error})" if code in meanings else str(error)
