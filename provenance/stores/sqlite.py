"""An index in one SQLite file: the embedded default, for several processes of one machine.

Write-ahead log with `synchronous=FULL`: what is acknowledged has been flushed to the disk and stands after a power
cut. Writers take turns (`BEGIN IMMEDIATE`), readers see one moment each and wait for nobody. No memory map: a file
that is cut under one, or a disk that fails, ends the process (SIGBUS) instead of raising an error.

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
from provenance.stores.sqlite_file import opened, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

AT_ONCE = 250  # rows asked for in one statement
_SPACE, _SHELF = 40, 32


class SqliteStore:
    """An IndexStore in a file; threads may share one, and processes open their own."""

    block = 128  # postings: a lookup reads a whole one for one key

    def __init__(self, path: Path, namespace: str, *, create: bool = True) -> None:
        self.path, self.namespace = path, namespace
        self._lock = threading.RLock()
        self._space = 0
        with self._errors():
            self._file = opened(path, create=create)
            self._db = self._file.db

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
            (after,) = self._own(db, "next")
            select = "SELECT id, number, digest FROM name WHERE space = {} AND id IN"
            held = _each(db, select, dict.fromkeys(one.id for one in entries), self._space)
            known: dict[bytes, tuple[int, bytes]] = {name: (own, digest) for name, own, digest in held}
            given: list[tuple[Status, int]] = []
            added: dict[int, Entry] = {}
            number = after
            for entry in entries:
                status, own = self._decided(entry, *known.get(entry.id, (0, b"")))
                if status == "known" and own < after and not self._kept(db, own):
                    status = "lost"
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
            manifest, generation, following = self._own(db, "manifest, generation, next")
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
                lost = b"" if number and isinstance(one, bytes) else None
                record = found.get(self._place(number), lost)
                given.append(None if record is None else (number, record))
            return given

    def names(self) -> Iterator[tuple[bytes, int, bytes]]:
        """Give all ids, with numbers and digests, in the order of the ids."""
        select = "SELECT id, number, digest FROM name WHERE space = ?"
        rows: list[tuple[bytes, int, bytes]] = []
        while True:
            with self._transaction("DEFERRED") as db:
                after = (" AND id > ?", (rows[-1][0],)) if rows else ("", ())
                rows = db.execute(
                    f"{select}{after[0]} ORDER BY id LIMIT 1000", (self._space, *after[1])
                ).fetchall()
            if not rows:
                return
            yield from rows

    def swap(self, change: Change) -> bool:
        """Put runs in place of others, unless that was done."""
        with self._transaction() as db:
            if self._own(db, "generation") != (change.state.generation,):
                return False
            gone = change.gone
            if gone is None:
                held = db.execute("SELECT run FROM shelf WHERE space = ?", (self._space,)).fetchall()
                gone = [run for (run,) in held if run != change.run]
            shelf = db.execute("INSERT INTO shelf (space, run) VALUES (?, ?)", (self._space, change.run)).lastrowid
            base = (shelf or 0) << _SHELF
            db.executemany("INSERT INTO block VALUES (?, ?)", ((base | n, data) for n, data in change.blocks))
            for run in gone:
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
            log = self.path.with_name(f"{self.path.name}-wal")
            size = self.path.stat().st_size + (log.stat().st_size if log.exists() else 0)
            return {"documents": names, "bytes": size}

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

    def _kept(self, db: sqlite3.Connection, number: int) -> bool:
        """Say whether the record of a document is there."""
        row = db.execute("SELECT 1 FROM document WHERE place = ?", (self._place(number),)).fetchone()
        return row is not None

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
        row = db.execute("SELECT id FROM shelf WHERE space = ? AND run = ?", (self._space, run)).fetchone()
        if row is None:
            return  # what was lost is gone as well
        shelf = row[0]
        db.execute("DELETE FROM block WHERE place BETWEEN ? AND ?", (shelf << _SHELF, (shelf + 1 << _SHELF) - 1))
        db.execute("DELETE FROM shelf WHERE id = ?", (shelf,))

    @contextmanager
    def _transaction(self, kind: str = "IMMEDIATE") -> Iterator[sqlite3.Connection]:
        """Give the connection in a transaction, done wholly or not at all; what reads within one joins it."""
        with self._lock, self._errors():
            if self._db.in_transaction:
                yield self._db
                return
            if self._file.cut and kind == "IMMEDIATE":
                raise StoreError(
                    f"{self.path} is damaged: it was cut, and is only read (export what is left of it)"
                )
            self._refuse_another()
            self._db.execute(f"BEGIN {kind}")
            try:
                yield self._db
                self._db.execute("COMMIT")
                if kind == "IMMEDIATE":
                    self._refuse_another()
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _refuse_another(self) -> None:
        """Raise StoreError where the path names another file than the open one, which nobody would find."""
        try:
            held = self.path.stat()
        except FileNotFoundError as error:
            raise StoreError(f"{self.path} was deleted while it was open; open it anew") from error
        if (held.st_dev, held.st_ino) != self._file.place:
            raise StoreError(f"{self.path} was replaced by another file while it was open; open it anew")

    def _own(self, db: sqlite3.Connection, columns: str) -> tuple[Any, ...]:
        """Give columns of the namespace's row."""
        row = db.execute(f"SELECT {columns} FROM space WHERE id = ?", (self._space,)).fetchone()  # noqa: S608
        if row is None:
            raise StoreError(f"{self.path}: the index is gone: its namespace is not in the file any more")
        return tuple(row)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Say what went wrong in our words, with the file's name."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{self.path}: {told(error)}") from error


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
