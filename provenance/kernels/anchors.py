"""Anchors of all texts of a batch, and the pairs of texts that they may join; by sentence, rarest stems first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]


@Kernel
def rarest(rows: Longs, places: Longs, window: int, most: int, out: tuple[Longs]) -> int:
    """Write the distinct stems of each window of sentences, the `most` rarest, the rarest first; give 0.

    rows are the stems' sentences, places their ranks by rarity, 0 for the rarest, -1 for one to be left out. A stem
    of sentence s is in the windows s to s + window - 1. out is, by window, room for `most` ranks, -1s.
    """
    (found,) = out
    for number in range(len(rows)):
        if places[number] < 0:
            continue
        for row in range(rows[number], rows[number] + window):
            rank = places[number]
            for place in range(row * most, row * most + most):
                known = found[place]
                if known == rank:
                    break
                if known < 0 or known > rank:
                    found[place] = rank
                    if known < 0:
                        break
                    rank = known
    return 0


@Kernel
def anchors(
    windows: tuple[Longs, Longs, int],
    stems: tuple[Longs, Floats],
    least: float,
    out: tuple[Bytes, Longs, Longs],
) -> int:
    """Count the anchors of all texts in `seen`, by a hash; or, where there is room, write those met more than once.

    windows are (`rarest` ranks, text of each window, ranks of each); stems (the stem of each rank, bits of each stem).
    An anchor tells `least` bits or more. out is `seen`, zeros, a power of two long, and the anchors' texts, ascending, and
    stems (stem << 32 | rarer stem); of one text some are there twice. What is met once is one text's alone and joins
    none; most are. Gives the number counted or written.
    """
    found, owner, most = windows
    stem, bits = stems
    seen, owners, keys = out
    size = 0
    for row in range(len(owner)):
        begin = row * most
        before = begin - most if row > 0 and owner[row - 1] == owner[row] else begin
        end = begin
        while end < begin + most and found[end] >= 0:
            end += 1
        for other in range(begin + 1, end):
            left = stem[found[other]]
            place = before
            while place < begin and 0 <= found[place] < found[other]:
                place += 1
            known = (
                place < begin and found[place] == found[other]
            )  # then pairs with others of it have had their turn
            place = before
            for rarer in range(begin, other):
                right = stem[found[rarer]]
                if bits[left] + bits[right] < least:
                    break
                if known:
                    while place < begin and 0 <= found[place] < found[rarer]:
                        place += 1
                    if place < begin and found[place] == found[rarer]:
                        continue
                mixed = left * 0x61C88647 + right * 0x2545F491
                slot = (mixed ^ mixed >> 29) & (len(seen) - 1)
                if len(keys) == 0:
                    seen[slot] = min(2, seen[slot] + 1)
                    size += 1
                elif seen[slot] == 2:
                    owners[size], keys[size] = owner[row], left << 32 | right
                    size += 1
    return size
