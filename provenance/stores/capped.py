"""Long posting lists: what a reader is shown of one, and where the rest stands.

A list of more than `MANY` documents in one run has the first `MANY` // 2 and the last in the run's blocks, so that
a cookie notice in a million pages costs a reader as much as one in a hundred. The rest, its *overflow*, stands in
blocks of its own, numbered from 2**bits on: numbers of documents less the run's first, four bytes each, list after
list in the order of their keys, `BLOCK` to a block. How many each list has the manifest says (`Run.more`), and so
where it begins. It is read where runs are rewritten, and by a reader who finds that too many of those listed
were removed: so a list never dies with the documents that happen to be shown of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.errors import StoreError
from provenance.stores.frames import framed, opened
from provenance.stores.postings import Postings, Run, chosen, ends

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from provenance.stores.postings import Keys

BLOCK = 1_024  # documents of a block of overflow: 4 kB
_WIDE = 1 << 32  # documents that a run of overflow can number


@dataclass(frozen=True, slots=True, eq=False)
class Overflow:
    """Where the overflow of each capped list of a run stands: sorted keys, and the place of each list's first."""

    keys: Keys
    starts: NDArray[np.int64]

    def span(self, key: int) -> tuple[int, int]:
        """Give the places [first, last) of a capped list."""
        slot = int(np.searchsorted(self.keys, np.uint64(key)))
        return int(self.starts[slot]), int(self.starts[slot + 1])

    def between(self, first: int, last: int) -> tuple[Keys, int, int]:
        """Give the capped keys in [first, last), and the places of all their lists."""
        low, high = (int(np.searchsorted(self.keys, np.uint64(bound))) for bound in (first, last))
        return self.keys[low:high], int(self.starts[low]), int(self.starts[high])


def overflow_of(run: Run) -> Overflow:
    """Give where a run's overflow stands; of one that only counts it, that there is none."""
    rows = sorted(run.more.items()) if run.whole else []
    starts = np.cumsum([0, *(count for _, count in rows)])
    return Overflow(np.array([key for key, _ in rows], dtype=np.uint64), starts)


def blocks_of(run: Run, first: int, last: int) -> range:
    """Give the numbers of the blocks in which the places [first, last) of a run's overflow stand."""
    base = 1 << run.bits
    return range(base + first // BLOCK, base + -(-last // BLOCK)) if last > first else range(0)


def numbers_of(run: Run, first: int, last: int, values: Mapping[int, bytes]) -> Keys:
    """Give the documents at the places [first, last) of a run's overflow, from blocks by number.

    Raises StoreError for a block that is damaged or too short.
    """
    wanted = blocks_of(run, first, last)
    parts = [opened(b"O", values[number], f"block {number} of run {run.id}") for number in wanted]
    packed = np.frombuffer(b"".join(parts), dtype="<u4")
    offset = first // BLOCK * BLOCK
    found = packed[first - offset : last - offset]
    if any(len(part) != 4 * BLOCK for part in parts[:-1]) or len(found) != last - first:
        raise StoreError(f"the overflow of run {run.id} is damaged: documents of long lists are missing")
    return found.astype(np.uint64) + np.uint64(run.base)


class Shortening:
    """Sorted postings parted into those that a run lists and its overflow, which `more` counts."""

    def __init__(self, run: Run) -> None:
        if run.upto - run.base > _WIDE:
            raise StoreError("a run of so many documents cannot be made")
        self._run = run
        self._waiting: list[NDArray[np.uint32]] = []
        self._blocks = 0
        self.more: dict[int, int] = {}

    def listed(self, found: Postings) -> Postings:
        """Give what is listed of further postings, whose keys are above those before; keep the rest."""
        keep = ends(found.keys)
        rest = chosen(found, ~keep)
        keys, counts = np.unique(rest.keys, return_counts=True)
        self.more.update(zip(keys.tolist(), counts.tolist(), strict=True))
        self._waiting.append((rest.numbers - np.uint64(self._run.base)).astype("<u4"))
        return chosen(found, keep)

    def blocks(self, *, last: bool = False) -> Iterator[tuple[int, bytes]]:
        """Give the blocks of overflow that are full by now; with `last`, all."""
        waiting = np.concatenate([np.zeros(0, "<u4"), *self._waiting])
        whole = len(waiting) if last else len(waiting) // BLOCK * BLOCK
        for start in range(0, whole, BLOCK):
            number = (1 << self._run.bits) + self._blocks
            self._blocks += 1
            yield number, framed(b"O", waiting[start : start + BLOCK].astype("<u4").tobytes())
        self._waiting = [waiting[whole:]]


def joined(
    listed: Postings, run: Run, overflow: Overflow, span: tuple[int, int], values: Sequence[bytes]
) -> Postings:
    """Give a run's postings of the keys in [first, last): those listed and their overflow, from its blocks."""
    keys, first, last = overflow.between(*span)
    if first == last:
        return listed
    numbers = numbers_of(run, first, last, dict(zip(blocks_of(run, first, last), values, strict=True)))
    counts = [run.more[key] for key in keys.tolist()]
    every = Postings(
        np.concatenate((listed.keys, np.repeat(keys, counts))), np.concatenate((listed.numbers, numbers))
    )
    order = np.lexsort((every.numbers, every.keys))
    return chosen(every, order)
