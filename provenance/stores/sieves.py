"""Which keys the blocks of a run may have, remembered from reading them: a block without the key is read once.

Of the keys of a new article most are in no run: of 380 keys a run of 33,000 news articles has 54. A block that was
read leaves a row of bits, one set for each of its keys (Bloom, 1970, with one hash: keys are hashes); from then on
it is read for a key whose bit is set. Nothing is stored and nothing is read ahead: a process that is asked again
and again comes to know its runs, and one that asks once pays nothing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from provenance.stores.postings import KEY, places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from provenance.stores.postings import Keys, Run

ROOM = 64_000_000  # bytes of all runs' rows together
GENEROUS = 12  # bits for each posting: one key in twelve that is not there is looked for all the same
LEAST, MOST = 3, 12  # binary logarithms of the bits of a row


class Sieve:
    """A run's blocks, as far as they were read; `width` is the binary logarithm of the bits of a row."""

    def __init__(self, run: Run, width: int) -> None:
        self.run = run
        self._width = min(width, KEY - run.bits)
        blocks = 1 << run.bits
        self._known = np.zeros(blocks, dtype=np.bool_)
        self._rows = np.zeros((blocks, 1 << (self._width - LEAST)), dtype=np.uint8)  # memory once it is written to

    def asked(self, keys: Keys) -> Keys:
        """Give the blocks that have to be read for sorted keys, each once."""
        numbers, bits = places(self.run, keys), self._bits(keys)
        marked = self._rows[numbers, bits >> 3] >> (7 - (bits & 7)).astype(np.uint8) & 1
        numbers = numbers[~self._known[numbers] | (marked > 0)]
        fresh = np.ones(len(numbers), dtype=np.bool_)
        np.not_equal(numbers[1:], numbers[:-1], out=fresh[1:])
        found: Keys = numbers[fresh]
        return found

    def learn(self, numbers: Keys, keys: Keys) -> None:
        """Take in all the sorted keys of blocks that were read, named in rising order."""
        new = numbers[~self._known[numbers]]
        if not len(new):
            return
        blocks = places(self.run, keys)
        keys = keys[~self._known[blocks]]
        table = np.zeros((len(new), 1 << self._width), dtype=np.bool_)
        table[np.searchsorted(new, places(self.run, keys)), self._bits(keys)] = True
        self._rows[new] = np.packbits(table, axis=1)
        self._known[new] = True

    def _bits(self, keys: Keys) -> NDArray[np.int64]:
        """Give the bit of each key: what follows in it on the number of its block."""
        after = keys >> np.uint64(KEY - self.run.bits - self._width)
        return (after & np.uint64((1 << self._width) - 1)).astype(np.int64)


def sieves_for(runs: Sequence[Run], known: Mapping[int, Sieve]) -> dict[int, Sieve]:
    """Give the sieve of each run by its number; that of a run which stayed knows what it knew."""
    total = sum(run.postings for run in runs)
    made = {}
    for run in runs:
        old = known.get(run.id)
        made[run.id] = old if old and old.run == run else Sieve(run, width(run, total))
    return made


def width(run: Run, total: int) -> int:
    """Give the binary logarithm of the bits of a run's rows, of runs of so many postings in all."""
    each = max(1, run.postings) / (1 << run.bits)
    room = 8 * ROOM * each / max(1, total)
    return min(MOST, max(LEAST, min(math.ceil(math.log2(GENEROUS * each)), math.floor(math.log2(room)))))
