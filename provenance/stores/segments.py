"""Which documents have a key: runs in the store, the tail in memory, less the dead; and their upkeep.

A log-structured merge tree (O'Neil and others, 1996) over any store. A document's keys go to the tail in the
transaction that writes it: one short write, wherever the keys fall. Readers hold the tail in memory and fetch what
is new of it with every lookup. A tail of `TAIL` documents becomes a run; of more than `RUNS` runs the `FANOUT`
smallest neighbours become one.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from provenance.errors import StoreError
from provenance.stores import Change, IndexStore, Snapshot, State
from provenance.stores.dead import Dead
from provenance.stores.frames import opened
from provenance.stores.postings import (
    KEY,
    OWNER,
    Chunk,
    Manifest,
    Postings,
    Run,
    bits_for,
    chosen,
    chunk_of,
    decoded,
    encoded,
    ends,
    found_in,
    joined,
    looked_up,
    manifest_of,
    merged,
    sorted_part,
    unframed,
    unpack,
    unpacked,
)
from provenance.stores.sieves import Sieve, sieves_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from provenance.stores.postings import Keys

TAIL = 4_096  # documents after which the tail becomes a run
RUNS = 6  # that a lookup has to look into
FANOUT = 4  # runs that become one where there are more
LONGEST_TAIL = 1 << OWNER  # documents that a chunk can number
PART = 4_000_000  # postings that are merged at one time: 100 MB
ATTEMPTS = 20  # times that a reader is overtaken by upkeep before it says so


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

    @property
    def documents(self) -> int:
        """The number of documents, as of the last look."""
        return max(0, self.state.next - 1)

    @property
    def tail(self) -> int:
        """The number of documents in the tail, as of the last look."""
        return max(self.state.next, self.written + 1) - self.manifest.upto

    def find(self, keys: Keys) -> Found:
        """Look sorted distinct keys up, in one round trip unless upkeep came between."""
        with self.turn:
            return self._find(keys)

    def _find(self, keys: Keys) -> Found:
        found = merged([*self._consistent(keys), *(looked_up(chunk, keys) for chunk in self.chunks)])
        which = np.searchsorted(keys, found.keys)
        alive = self.dead.without(found.numbers)
        counts = np.bincount(which[alive], minlength=len(keys))
        listed = set(keys.tolist()) if any(run.more for run in self.manifest.runs) else set()
        for run in self.manifest.runs:
            long = list(run.more.keys() & listed)
            slots = np.searchsorted(keys, np.array(long, dtype=np.uint64)).tolist()
            gone = ~alive & (found.numbers >= run.base) & (found.numbers < run.upto)
            for key, slot in zip(long, slots, strict=True):
                counts[slot] += run.more[key]
                if len(self.dead):
                    counts[slot] += (gone & (which == slot)).sum() - self.dead.count(key, run)
        which, numbers = which[alive], found.numbers[alive]
        kept = ends(which)
        return Found(counts, which[kept], numbers[kept])

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
        raise StoreError("the index is being rewritten faster than it can be read; try again")

    def _sifted(self, run: Run, numbers: Keys, values: Sequence[bytes], keys: Keys) -> Postings:
        """Give the postings of keys in blocks of a run, and keep in mind which keys those have."""
        packed, held = unframed(run, numbers, values)
        self._sieves[run.id].learn(numbers, held)
        return found_in(run, packed, held, keys)

    def _take(self, snapshot: Snapshot) -> bool:
        """Take in what is new; False where the runs are others than those that were asked for."""
        if snapshot.generation != self.state.generation:
            manifest = manifest_of(snapshot.manifest)
            self._forget(State(snapshot.generation, manifest.upto, 0), manifest)
            return False
        missing = snapshot.next - self.state.next - len(snapshot.tail)
        if missing:
            raise StoreError(f"the tail is damaged: the keys of {missing} documents are missing")
        rows = [
            unpack(opened(b"T", value, f"the keys of document {self.state.next + place}"))
            for place, value in enumerate(snapshot.tail)
        ]
        self._extend(rows)
        self.dead.extend(snapshot.dead)
        self.state = State(snapshot.generation, snapshot.next, self.state.dead + len(snapshot.dead))
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


def _carries(before: Chunk, last: Chunk) -> bool:
    return before.base == last.base and len(before.packed) <= 2 * len(last.packed)


# --- upkeep -----------------------------------------------------------------------------------------------


def tidy(segments: Segments, *, longest: int = TAIL) -> None:
    """Make a run of a tail of `longest` documents, join runs where they are many, rewrite those with many dead."""
    with segments.turn:
        _tidy(segments, longest)


def _tidy(segments: Segments, longest: int) -> None:
    segments.refresh()
    if segments.tail >= longest and not _rewrite(segments, ()):
        return  # another did so at the same time
    for _ in range(len(segments.manifest.runs)):
        runs = _cheapest(segments.manifest.runs)
        if not runs or not _rewrite(segments, runs):
            break
    if len(segments.dead) >= TAIL:
        for run in segments.manifest.runs:
            if segments.dead.within(run) and not _rewrite(segments, (run,)):
                return


def compact(segments: Segments) -> None:
    """Make one run of everything."""
    with segments.turn:
        segments.refresh()
        if segments.tail:
            _rewrite(segments, ())
        if len(segments.manifest.runs) > 1 or (segments.manifest.runs and len(segments.dead)):
            _rewrite(segments, segments.manifest.runs)


def parts(segments: Segments, runs: Sequence[Run]) -> Iterator[tuple[Postings, dict[int, int]]]:
    """Give the postings of runs, by ranges of keys, in order; and how many more long lists have of the living."""
    total = sum(run.postings for run in runs)
    bits = min([*(run.bits for run in runs), (total // PART).bit_length()])
    for part in range(1 << bits):
        wanted = {run.id: range(part << (run.bits - bits), (part + 1) << (run.bits - bits)) for run in runs}
        snapshot = segments.store.read(segments.state, wanted)
        if snapshot.generation != segments.state.generation:
            raise StoreError("the index was rewritten by another meanwhile; nothing was changed")
        blocks = iter(snapshot.blocks)
        found = [decoded(run, wanted[run.id], [next(blocks) for _ in wanted[run.id]]) for run in runs]
        more: dict[int, int] = {}
        for run, own in zip(runs, found, strict=True):
            gone = chosen(own, ~segments.dead.without(own.numbers))
            for key, count in run.more.items():
                if key >> (KEY - bits) == part:
                    unkept = segments.dead.count(key, run) - int((gone.keys == np.uint64(key)).sum())
                    more[key] = more.get(key, 0) + count - unkept
        yield sorted_part(found, bits, runs[0].base, runs[-1].upto), more


def _rewrite(segments: Segments, runs: Sequence[Run]) -> bool:
    """Put one run in place of `runs`, or of the tail; False where another changed the runs before."""
    state, manifest = segments.state, segments.manifest
    base, upto = (runs[0].base, runs[-1].upto) if runs else (manifest.upto, state.next)
    size = sum(run.postings for run in runs) or sum(len(chunk.packed) for chunk in segments.chunks)
    number = 1 + max((run.id for run in manifest.runs), default=0)
    plan = Run(number, bits_for(size, upto - base, segments.store.block), base, upto, 0)
    more: dict[int, int] = {}
    sizes: list[int] = []

    def blocks() -> Iterator[tuple[int, bytes]]:
        source = (
            parts(segments, runs)
            if runs
            else iter([(sorted_part([*map(unpacked, segments.chunks)], 0, base, upto), {})])
        )
        for found, unkept in source:
            short = _shortened(chosen(found, segments.dead.without(found.numbers)), unkept, more)
            sizes.append(len(short))
            yield from encoded(plan, short)

    def changed() -> bytes:
        new = Run(number, plan.bits, base, upto, sum(sizes), more)
        kept = [run for run in manifest.runs if run not in runs]
        return Manifest(tuple(sorted((*kept, new), key=_base)), manifest.upto if runs else upto).packed()

    gone = [run.id for run in runs]
    rest = segments.dead.outside(base, upto)
    done = segments.store.swap(
        Change(state, changed, number, blocks(), gone, manifest.upto if runs else upto, rest)
    )
    segments.refresh()
    return done


def _shortened(found: Postings, unkept: dict[int, int], more: dict[int, int]) -> Postings:
    """Keep the ends of each list, and note in `more` how many documents each has beside them."""
    keep = ends(found.keys)
    cut, counts = np.unique(found.keys[~keep], return_counts=True)
    for key, count in (*zip(cut.tolist(), counts.tolist(), strict=True), *unkept.items()):
        more[key] = more.get(key, 0) + count
    for key in unkept:
        if not more[key]:
            del more[key]
    return chosen(found, keep)


def _cheapest(runs: Sequence[Run]) -> Sequence[Run]:
    """Give the `FANOUT` neighbouring runs of the fewest documents, where there are more than `RUNS`; else none.

    So small runs are joined often and large ones seldom, whatever the order in which they came.
    """
    if len(runs) <= RUNS:
        return ()
    groups = [runs[start : start + FANOUT] for start in range(len(runs) - FANOUT + 1)]
    return min(groups, key=lambda group: group[-1].upto - group[0].base)


def _base(run: Run) -> int:
    return run.base
