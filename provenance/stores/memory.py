"""An index in memory: for tests, one-off runs, and as the plainest reading of the contract."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from provenance.stores import Change, Entry, Snapshot, State, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class MemoryStore:
    """An IndexStore that lives as long as its process."""

    block = 4_096  # postings: a block costs a lookup nothing to fetch

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._header = b""
        self._manifest = b""
        self._generation = 0
        self._next = 1
        self._upto = 1
        self._ids: dict[bytes, tuple[int, bytes]] = {}
        self._records: dict[int, bytes] = {}
        self._tail: list[bytes] = []
        self._dead: list[bytes] = []
        self._runs: dict[int, dict[int, bytes]] = {}

    def begin(self, header: bytes) -> bytes:
        """Give the header of the namespace, which may begin with this one."""
        with self._lock:
            self._header = self._header or header
            return self._header

    def write(self, entries: Sequence[Entry]) -> list[tuple[Status, int]]:
        """Write all entries in one transaction."""
        with self._lock:
            return [self._write(entry) for entry in entries]

    def _write(self, entry: Entry) -> tuple[Status, int]:
        number, digest = self._ids.get(entry.id, (0, b""))
        if entry.old != number:
            if entry.old or not entry.record:
                return ("changed" if number else "absent"), number
            if digest != entry.digest:
                return "conflict", number
            return ("known" if number in self._records else "lost"), number
        if number:
            del self._ids[entry.id]
            self._records.pop(number, None)
            self._dead.append(entry.dead)
        if not entry.record:
            return ("removed" if number else "absent"), number
        new, self._next = self._next, self._next + 1
        self._ids[entry.id] = new, entry.digest
        self._records[new] = entry.record
        self._tail.append(entry.keys)
        return ("replaced" if number else "added"), new

    def read(self, state: State, wanted: Mapping[int, Sequence[int]]) -> Snapshot:
        """Give what changed since `state`, and blocks by run."""
        with self._lock:
            if state.generation != self._generation:
                return Snapshot(self._generation, self._manifest, self._next)
            blocks = [self._runs[run].get(block, b"") for run, numbers in wanted.items() for block in numbers]
            tail = self._tail[state.next - self._upto :]
            return Snapshot(self._generation, self._manifest, self._next, tail, self._dead[state.dead :], blocks)

    def documents(self, wanted: Sequence[int | bytes]) -> list[tuple[int, bytes] | None]:
        """Give numbers and records by number or id."""
        with self._lock:
            rows: list[tuple[int, bytes] | None] = []
            for one in wanted:
                number = one if isinstance(one, int) else self._ids.get(one, (0, b""))[0]
                record = self._records.get(number, b"" if number and isinstance(one, bytes) else None)
                rows.append(None if record is None else (number, record))
            return rows

    def names(self) -> Iterator[tuple[bytes, int, bytes]]:
        """Give all ids, with numbers and digests."""
        with self._lock:
            held = list(self._ids.items())
        return ((name, number, digest) for name, (number, digest) in held)

    def swap(self, change: Change) -> bool:
        """Put runs in place of others, unless that was done."""
        with self._lock:
            if change.state.generation != self._generation:
                return False
            self._runs[change.run] = dict(change.blocks)
            self._manifest = change.manifest()
            gone = self._runs.keys() - {change.run} if change.gone is None else change.gone
            for run in list(gone):
                self._runs.pop(run, None)
            del self._tail[: change.upto - self._upto]
            self._upto = change.upto
            self._dead[: change.state.dead] = change.dead
            self._generation += 1
            return True

    def compact(self) -> None:
        """Hold nothing that is not referred to: there is nothing to do."""

    def figures(self) -> Mapping[str, int]:
        """Give the number of documents, and the bytes held."""
        with self._lock:
            blocks = sum(len(value) for run in self._runs.values() for value in run.values())
            records = sum(map(len, self._records.values()))
            return {"documents": len(self._ids), "bytes": records + blocks + sum(map(len, self._tail))}

    def close(self) -> None:
        """Keep everything: another may hold the same store."""


_spaces: dict[tuple[str, str], MemoryStore] = {}
_opening = threading.Lock()


def open_store(url: str, namespace: str, *, create: bool = True) -> MemoryStore:  # noqa: ARG001
    """Give a store of this process: `memory:` a new one, `memory:NAME` the one of that name."""
    name = url.partition(":")[2]
    if not name:
        return MemoryStore()
    with _opening:
        return _spaces.setdefault((name, namespace), MemoryStore())
