"""An index in one SQLite file: the embedded default, for several processes of one machine.

Write-ahead log with `synchronous=FULL`: what is acknowledged has been flushed to the disk and stands after a power
cut. Writers take turns (`BEGIN IMMEDIATE`), readers see one moment each and wait for nobody. No memory map: a file
that is cut under one ends the process instead of raising an error.

Rows are found by one integer, so that documents and blocks lie in the order they were written: documents and their
keys by namespace << 40 | number, blocks by shelf << 32 | block, where each run of each namespace has a shelf.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.errors import SettingsError, StoreError
from provenance.stores import Change, Entry, Snapshot, State, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

APPLICATION = 0x50524F56  # in the file's header, where file(1) looks
PATIENCE = 60.0  # seconds that a writer waits for its turn; upkeep of a large index takes some
CACHE = 64_000  # kB of pages in memory
MAPPED = 2_000_000_000  # bytes of the file that are read where the system holds them: a lookup takes half as long
PAGE = 16_384  # bytes: a record and its keys are half of one; a sixth faster to fill than with 4 kB
LOGGED = 2_000  # pages of the log after which it is carried into the file
AT_ONCE = 250  # rows asked for in one statement
_SPACE, _SHELF = 40, 32

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


class SqliteStore:
    """An IndexStore in a file; threads may share one, and processes open their own."""

    block = 128  # postings: a lookup reads a whole one for one key

    def __init__(self, path: Path, namespace: str, *, create: bool = True) -> None:
        self.path, self.namespace = path, namespace
        self._lock = threading.RLock()
        self._space = 0
        with self._errors():
            self._db, self._cut = _connected(path, create=create)
            try:
                self._upgrade()
            except BaseException:
                self._db.close()
                raise

    # --- the contract -------------------------------------------------------------------------------------

    def begin(self, header: bytes) -> bytes:
        """Give the header of the namespace, which may begin with this one."""
        known = "SELECT id, header FROM space WHERE name = ?"
        with self._transaction("DEFERRED") as db:
            row = db.execute(known, (self.namespace,)).fetchone()
        if row is None and header:
            with self._transaction() as db:
                db.execute("INSERT OR IGNORE INTO space (name, header) VALUES (?, ?)", (self.namespace, header))
                row = db.execute(known, (self.namespace,)).fetchone()
        self._space = row[0] if row else 0
        return row[1] if row else b""

    def write(self, entries: Sequence[Entry]) -> list[tuple[Status, int]]:
        """Write all entries in one transaction."""
        with self._transaction() as db:
            (after,) = db.execute("SELECT next FROM space WHERE id = ?", (self._space,)).fetchone()
            select = "SELECT id, number, digest FROM name WHERE space = {} AND id IN"
            held = _each(db, select, dict.fromkeys(one.id for one in entries), self._space)
            known: dict[bytes, tuple[int, bytes]] = {name: (own, digest) for name, own, digest in held}
            given: list[tuple[Status, int]] = []
            added: dict[int, Entry] = {}
            number = after
            for entry in entries:
                status, own = self._decided(entry, *known.get(entry.id, (0, b"")))
                if status in ("replaced", "removed"):
                    self._remove(db, entry, own, added)
                    known[entry.id] = 0, b""
                if status in ("added", "replaced"):
                    added[number], known[entry.id], own = entry, (number, entry.digest), number
                    number += 1
                given.append((status, own))
            self._insert(db, added)
            if number != after:
                db.execute("UPDATE space SET next = ? WHERE id = ?", (number, self._space))
            return given

    def read(self, state: State, wanted: Mapping[int, Sequence[int]]) -> Snapshot:
        """Give what changed since `state`, and blocks by run."""
        with self._transaction("DEFERRED") as db:
            manifest, generation, following = db.execute(
                "SELECT manifest, generation, next FROM space WHERE id = ?", (self._space,)
            ).fetchone()
            if state.generation != generation:
                return Snapshot(generation, manifest, following)
            tail: list[bytes] = []
            if following > state.next:
                span = (self._place(state.next), self._place(following) - 1)
                rows = db.execute("SELECT keys FROM tail WHERE place BETWEEN ? AND ? ORDER BY place", span)
                tail = [keys for (keys,) in rows]
            rows = db.execute(
                "SELECT value FROM dead WHERE space = ? ORDER BY place LIMIT -1 OFFSET ?",
                (self._space, state.dead),
            )
            dead = [value for (value,) in rows]
            blocks = [data for run, numbers in wanted.items() for data in self._blocks(db, run, numbers)]
            return Snapshot(generation, manifest, following, tail, dead, blocks)

    def documents(self, wanted: Sequence[int | bytes]) -> list[tuple[int, bytes] | None]:
        """Give numbers and records by number or id."""
        with self._transaction("DEFERRED") as db:
            named = {one for one in wanted if isinstance(one, bytes)}
            select = "SELECT id, number FROM name WHERE space = {} AND id IN"
            numbers = dict(_each(db, select, named, self._space))
            places = {self._place(numbers.get(one, 0) if isinstance(one, bytes) else one) for one in wanted}
            found = dict(_each(db, "SELECT place, record FROM document WHERE place IN", places))
            given: list[tuple[int, bytes] | None] = []
            for one in wanted:
                number = numbers.get(one, 0) if isinstance(one, bytes) else one
                record = found.get(self._place(number))
                given.append(None if record is None else (number, record))
            return given

    def swap(self, change: Change) -> bool:
        """Put runs in place of others, unless that was done."""
        with self._transaction() as db:
            row = db.execute("SELECT generation FROM space WHERE id = ?", (self._space,)).fetchone()
            if row != (change.state.generation,):
                return False
            shelf = db.execute("INSERT INTO shelf (space, run) VALUES (?, ?)", (self._space, change.run)).lastrowid
            base = (shelf or 0) << _SHELF
            db.executemany("INSERT INTO block VALUES (?, ?)", ((base | n, data) for n, data in change.blocks))
            for run in change.gone:
                self._drop(db, run)
            span = (self._place(0), self._place(change.upto))
            db.execute("DELETE FROM tail WHERE place > ? AND place < ?", span)
            rows = db.execute(
                "SELECT value FROM dead WHERE space = ? ORDER BY place LIMIT -1 OFFSET ?",
                (self._space, change.state.dead),
            )
            stay = [*change.dead, *(value for (value,) in rows)]
            db.execute("DELETE FROM dead WHERE space = ?", (self._space,))
            db.executemany("INSERT INTO dead (space, value) VALUES (?, ?)", ((self._space, one) for one in stay))
            db.execute(
                "UPDATE space SET manifest = ?, generation = generation + 1 WHERE id = ?",
                (change.manifest(), self._space),
            )
            return True

    def compact(self) -> None:
        """Give back space."""
        with self._lock, self._errors():
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def figures(self) -> Mapping[str, int]:
        """Give the number of documents, and the bytes held."""
        with self._transaction("DEFERRED") as db:
            (names,) = db.execute("SELECT count(*) FROM name WHERE space = ?", (self._space,)).fetchone()
            return {"documents": names, "bytes": self.path.stat().st_size}

    def close(self) -> None:
        """Let go of the store."""
        with self._lock, self._errors():
            self._db.close()

    # --- how ----------------------------------------------------------------------------------------------

    def _place(self, number: int) -> int:
        return self._space << _SPACE | number if number < 1 << _SPACE else (self._space + 1) << _SPACE

    @staticmethod
    def _decided(entry: Entry, number: int, digest: bytes) -> tuple[Status, int]:
        """Say what becomes of an entry whose id is that of document `number`, or of none (0)."""
        if entry.old != number:
            if entry.old or not entry.record:
                return ("changed" if number else "absent"), number
            return ("known" if digest == entry.digest else "conflict"), number
        if not entry.record:
            return ("removed" if number else "absent"), number
        return ("replaced" if number else "added"), number

    def _remove(self, db: sqlite3.Connection, entry: Entry, number: int, added: dict[int, Entry]) -> None:
        """Take a document out; one that was added in this transaction has to be in to go."""
        self._insert(db, added)
        added.clear()
        db.execute("DELETE FROM name WHERE space = ? AND id = ?", (self._space, entry.id))
        db.execute("DELETE FROM document WHERE place = ?", (self._place(number),))
        db.execute("INSERT INTO dead (space, value) VALUES (?, ?)", (self._space, entry.dead))

    def _insert(self, db: sqlite3.Connection, added: Mapping[int, Entry]) -> None:
        """Put documents in, by their numbers."""
        rows = [(self._place(number), number, one) for number, one in added.items()]
        db.executemany("INSERT INTO document VALUES (?, ?)", [(place, one.record) for place, _, one in rows])
        db.executemany("INSERT INTO tail VALUES (?, ?)", [(place, one.keys) for place, _, one in rows])
        names = sorted((one.id, number, one.digest) for _, number, one in rows)  # as the table is: fewer pages
        db.executemany("INSERT INTO name VALUES (?, ?, ?, ?)", [(self._space, *row) for row in names])

    def _shelf(self, db: sqlite3.Connection, run: int) -> int:
        row = db.execute("SELECT id FROM shelf WHERE space = ? AND run = ?", (self._space, run)).fetchone()
        if row is None:
            raise StoreError(f"{self.path}: run {run} is missing")
        return int(row[0])

    def _blocks(self, db: sqlite3.Connection, run: int, numbers: Sequence[int]) -> list[bytes]:
        base = self._shelf(db, run) << _SHELF
        found = dict(_each(db, "SELECT place, data FROM block WHERE place IN", [base | n for n in numbers]))
        return [found.get(base | number, b"") for number in numbers]

    def _drop(self, db: sqlite3.Connection, run: int) -> None:
        shelf = self._shelf(db, run)
        db.execute("DELETE FROM block WHERE place BETWEEN ? AND ?", (shelf << _SHELF, (shelf + 1 << _SHELF) - 1))
        db.execute("DELETE FROM shelf WHERE id = ?", (shelf,))

    def _upgrade(self) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version == len(MIGRATIONS):
            return
        with self._transaction() as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            (application,) = db.execute("PRAGMA application_id").fetchone()
            tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if version > len(MIGRATIONS):
                raise StoreError(f"{self.path} was written by a newer version of this program (schema {version})")
            if tables and application != APPLICATION:
                raise StoreError(f"{self.path} is a database, and not one of ours")
            for step in MIGRATIONS[version:]:
                for statement in filter(str.strip, step.split(";")):
                    db.execute(statement)
            db.execute(f"PRAGMA application_id = {APPLICATION}")
            db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    @contextmanager
    def _transaction(self, kind: str = "IMMEDIATE") -> Iterator[sqlite3.Connection]:
        """Give the connection in a transaction, done wholly or not at all; what reads within one joins it."""
        with self._lock, self._errors():
            if self._db.in_transaction:
                yield self._db
                return
            if self._cut and kind == "IMMEDIATE":
                raise StoreError(
                    f"{self.path} is damaged: it was cut, and is only read (export what is left of it)"
                )
            self._db.execute(f"BEGIN {kind}")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Say what went wrong in our words, with the file's name."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{self.path}: {_told(error)}") from error


def _told(error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    told = {
        sqlite3.SQLITE_FULL: "the disk is full; nothing of this was written",
        sqlite3.SQLITE_CORRUPT: "the file is damaged; `provenance index verify` says what is lost",
        sqlite3.SQLITE_NOTADB: "the file is not an index, or its beginning is damaged",
        sqlite3.SQLITE_BUSY: f"another process has been writing for {PATIENCE:.0f} s",
        sqlite3.SQLITE_READONLY: "the file may not be written",
        sqlite3.SQLITE_CANTOPEN: "there is no such index, or it may not be opened",
        sqlite3.SQLITE_IOERR: "the disk fails, or is full; nothing of this was written",
    }
    return f"{told[code]} ({error})" if code in told else str(error)


def _connected(path: Path, *, create: bool) -> tuple[sqlite3.Connection, bool]:
    """Give a connection, and whether the file was cut: then it is read as far as it goes, and not written."""
    mode = "rwc" if create else "rw"
    db = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}",
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    cut = False
    try:
        try:
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
            db.execute("PRAGMA writable_schema = ON")  # else SQLite gives nothing of a file that is too short
            cut = True
        db.execute(f"PRAGMA page_size = {PAGE}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA cache_size = -{CACHE}")
        if not cut:
            db.execute(f"PRAGMA mmap_size = {MAPPED}")
        db.execute(f"PRAGMA wal_autocheckpoint = {LOGGED}")
    except sqlite3.Error:
        db.close()
        raise
    return db, cut


def _each(
    db: sqlite3.Connection, select: str, wanted: Iterable[int | bytes], space: int = 0
) -> list[tuple[Any, ...]]:
    """Give the rows of many keys, up to `AT_ONCE` a statement; of three lengths, so that each is parsed once."""
    rest, found = iter(wanted), []
    while keys := list(islice(rest, AT_ONCE)):
        places = 1 if len(keys) == 1 else 16 if len(keys) <= 16 else AT_ONCE
        statement = f"{select.format(space)} ({','.join('?' * places)})"
        found += db.execute(statement, keys + [None] * (places - len(keys))).fetchall()
    return found


def open_store(url: str, namespace: str, *, create: bool = True) -> SqliteStore:
    """Open `sqlite:PATH`; StoreError where that cannot be."""
    path = url.partition(":")[2]
    if not path:
        raise SettingsError("an index in a file is at sqlite:PATH")
    return SqliteStore(Path(path), namespace, create=create)
