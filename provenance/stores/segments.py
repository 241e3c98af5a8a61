"""Which documents have a key: runs in the store, the tail in memory, less the dead.

A log-structured merge tree (O'Neil and others, 1996) over any store. A document's keys go to the tail in the
transaction that writes it: one short write, wherever the keys fall. Readers hold the tail in memory and fetch what
is new of it with every lookup. How the tail becomes a run, and runs become fewer, see `provenance.stores.upkeep`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from provenance.errors import StoreError
from provenance.stores import IndexStore, Snapshot, State, postings
from provenance.stores.capped import Overflow, blocks_of, numbers_of, overflow_of
from provenance.stores.dead import Dead
from provenance.stores.frames import opened
from provenance.stores.postings import (
    OWNER,
    Chunk,
    Manifest,
    Postings,
    chunk_of,
    ends,
    found_in,
    joined,
    looked_up,
    manifest_of,
    merged,
    unframed,
    unpack,
)
from provenance.stores.sieves import Sieve, sieves_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from provenance.stores.postings import Keys, Run

LONGEST_TAIL = 1 << OWNER  # documents that a chunk can number
ATTEMPTS = 20  # times that a reader is overtaken by upkeep before it says so
OVERTAKEN = "the index is being rewritten faster than it can be read; try again"


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a lookup found: how many documents have each key, and the oldest and newest of these.

    counts     int64 (keys,), exact
    which      int64 (n,), number of the key, sorted
    numbers    uint64 (n,), number of the document, sorted within a key
    """

    counts: NDArray[np.int64]
    which: NDArray[np.int64]
    numbers: Keys


class _Asked(NamedTuple):
    """The slots of the keys of a lookup; of what was found listed slot, number, whether it lives."""

    keys: dict[int, int]
    which: NDArray[np.int64]
    numbers: Keys
    alive: NDArray[np.bool_]


class _Short(NamedTuple):
    """A capped list of which too few of those listed live, and how many of the others to read from either end."""

    run: Run
    key: int
    most: int


class Segments:
    """The postings of one namespace, as one reader has seen them so far; threads that share it take turns."""

    def __init__(self, store: IndexStore) -> None:
        self.store = store
        self.turn = threading.RLock()
        self.written = 0  # the last number that this process was given: a writer need not read to know it
        self._sieves: dict[int, Sieve] = {}
        self._forget(State(), Manifest())

    def _forget(self, state: State, manifest: Manifest) -> None:
        self.state, self.manifest = state, manifest
        self._sieves = sieves_for(manifest.runs, self._sieves)
        self.chunks: list[Chunk] = []
        self.dead = Dead()
        self._overflows: dict[int, Overflow] = {}

    @property
    def documents(self) -> int:
        """The number of documents, as of the last look."""
        return max(0, self.state.next - 1)

    @property
    def tail(self) -> int:
        """The number of documents in the tail, as of the last look."""
        return max(self.state.next, self.written + 1) - self.manifest.upto

    def find(self, keys: Keys) -> Found:
        """Look sorted distinct keys up, in one round trip unless upkeep came between.

        In two where most of those that a capped list shows were removed: the oldest document of a key that lives
        is always among those found.
        """
        with self.turn:
            for _ in range(ATTEMPTS):
                found = merged([*self._consistent(keys), *(looked_up(chunk, keys) for chunk in self.chunks)])
                which = np.searchsorted(keys, found.keys)
                alive = self.dead.without(found.numbers)
                counts = np.bincount(which[alive], minlength=len(keys))
                slots = {key: slot for slot, key in enumerate(keys.tolist())}
                asked = _Asked(slots, which, found.numbers, alive)
                short = [one for run in self.manifest.runs for one in self._capped(run, asked, counts)]
                more = self._overflow(short)
                if more is not None:
                    return self._found(keys, counts, merged([_kept(found, alive), *more]))
            raise StoreError(OVERTAKEN)

    def _found(self, keys: Keys, counts: NDArray[np.int64], every: Postings) -> Found:
        which = np.searchsorted(keys, every.keys)
        shown = ends(which)
        return Found(counts, which[shown], every.numbers[shown])

    def _capped(self, run: Run, asked: _Asked, counts: NDArray[np.int64]) -> list[_Short]:
        """Count what a run's capped lists have beside those listed; give those that list too few who live."""
        dead, half, short = self.dead.of(run), postings.MANY // 2, []
        for key in run.more.keys() & asked.keys.keys() if run.more else ():
            slot, rest = asked.keys[key], run.more[key]
            counts[slot] += rest
            if not dead:
                continue
            first, last = np.searchsorted(asked.which, (slot, slot + 1))
            own = (asked.numbers[first:last] >= run.base) & (asked.numbers[first:last] < run.upto)
            numbers, living = asked.numbers[first:last][own], asked.alive[first:last][own]
            gone = self.dead.count(key, run, frozenset(numbers[~living].tolist()))
            counts[slot] -= gone
            if run.whole and min(living[:half].sum(), living[half:].sum()) < half // 2:
                short.append(_Short(run, key, min(rest, half + gone + self.dead.unnamed)))
        return short

    def _overflow(self, short: Sequence[_Short]) -> list[Postings] | None:
        """Give living documents of lists' overflow, from both ends of each; None where runs changed meanwhile."""
        if not short:
            return []
        spans: list[tuple[_Short, int, int]] = []
        wanted: dict[int, set[int]] = {}
        for one in short:
            first, last = self._places(one.run).span(one.key)
            ranges = (
                [(first, last)]
                if 2 * one.most >= last - first
                else [(first, first + one.most), (last - one.most, last)]
            )
            spans += [(one, *edges) for edges in ranges]
            for edges in ranges:
                wanted.setdefault(one.run.id, set()).update(blocks_of(one.run, *edges))
        asked = {run: sorted(blocks) for run, blocks in wanted.items()}
        snapshot = self.store.read(self.state, asked)
        if snapshot.generation != self.state.generation:
            return None
        values = iter(snapshot.blocks)
        given = {run: dict(zip(blocks, islice(values, len(blocks)), strict=True)) for run, blocks in asked.items()}
        found = []
        for one, first, last in spans:
            numbers = numbers_of(one.run, first, last, given[one.run.id])
            numbers = numbers[self.dead.without(numbers)]
            found.append(Postings(np.full(len(numbers), one.key, np.uint64), numbers))
        return found

    def _places(self, run: Run) -> Overflow:
        """Give where a run's overflow stands, worked out once while runs stay as they are."""
        if run.id not in self._overflows:
            self._overflows[run.id] = overflow_of(run)
        return self._overflows[run.id]

    def refresh(self) -> None:
        """See what the store holds now."""
        with self.turn:
            self._consistent(np.zeros(0, dtype=np.uint64))

    def _consistent(self, keys: Keys) -> list[Postings]:
        """Find keys in the runs, with all that is new read beside; again where runs changed meanwhile."""
        for _ in range(ATTEMPTS):
            asked = [self._sieves[run.id].asked(keys) for run in self.manifest.runs]
            wanted = {run.id: own.tolist() for run, own in zip(self.manifest.runs, asked, strict=True)}
            snapshot = self.store.read(self.state, wanted)
            if self._take(snapshot):
                blocks = iter(snapshot.blocks)
                given = [list(islice(blocks, len(own))) for own in asked]
                rows = zip(self.manifest.runs, asked, given, strict=True)
                return [self._sifted(*row, keys) for row in rows]
        raise StoreError(OVERTAKEN)

    def _sifted(self, run: Run, numbers: Keys, values: Sequence[bytes], keys: Keys) -> Postings:
        """Give the postings of keys in blocks of a run, and keep in mind which keys those have."""
        packed, held = unframed(run, numbers, values)
        self._sieves[run.id].learn(numbers, held)
        return found_in(run, packed, held, keys)

    def _take(self, snapshot: Snapshot) -> bool:
        """Take in what is new; False where the runs are others than those that were asked for."""
        missing = snapshot.next - self.state.next - len(snapshot.tail)
        if snapshot.generation != self.state.generation or missing < 0:
            manifest = manifest_of(snapshot.manifest)
            self.written = 0
            self._forget(State(snapshot.generation, manifest.upto, 0), manifest)
            return False
        if missing:
            raise StoreError(f"the tail is damaged: the keys of {missing} documents are missing")
        rows = [
            unpack(opened(b"T", value, f"the keys of document {self.state.next + place}"))
            for place, value in enumerate(snapshot.tail)
        ]
        self._extend(rows)
        self.dead.extend(snapshot.dead)
        dead = self.state.dead + len(snapshot.dead)
        self.state = State(snapshot.generation, snapshot.next, dead, snapshot.proof)
        return True

    def _extend(self, rows: Sequence[Keys]) -> None:
        """Add documents to the tail: chunks of like size become one, as digits carry (Bentley and Saxe, 1980)."""
        first, base = self.state.next, self.manifest.upto
        while rows:
            start = base + (first - base) // LONGEST_TAIL * LONGEST_TAIL
            room = start + LONGEST_TAIL - first
            self.chunks.append(chunk_of(start, first, rows[:room]))
            while len(self.chunks) > 1 and _carries(*self.chunks[-2:]):
                self.chunks[-2:] = [joined(self.chunks[-2:])]
            first, rows = first + room, rows[room:]


def _kept(found: Postings, alive: NDArray[np.bool_]) -> Postings:
    return Postings(found.keys[alive], found.numbers[alive])


def _carries(before: Chunk, last: Chunk) -> bool:
    return before.base == last.base and len(before.packed) <= 2 * len(last.packed)
