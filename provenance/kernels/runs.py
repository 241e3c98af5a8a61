"""Runs of equal words, joined in like order over small gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]


@Kernel
def join(
    runs: tuple[Longs, Longs, Longs],
    known: tuple[Longs, Longs],
    limits: tuple[int, int, int],
    cost: float,
    out: tuple[Floats, Longs],
) -> int:
    """Write for each run the best score of a passage that ends with it, and the run before it there (-1: none).

    runs are (first word of a, of b, length), sorted; limits is (the longest gap, how many of its words may be
    aligned elsewhere, how many earlier runs are looked at), in words. known counts, before each word of a and of b,
    those aligned so far; where it is empty nothing is known, and every longer gap is too long: the result is
    then the number of gaps that were, else 0.
    """
    a, b, length = runs
    known_a, known_b = known
    longest, near, window = limits
    best, before = out
    refused = 0
    for run in range(len(a)):
        top = 0.0
        choice = -1
        for earlier in range(max(0, run - window), run):
            end_a = a[earlier] + length[earlier]
            end_b = b[earlier] + length[earlier]
            gap = max(a[run] - end_a, b[run] - end_b)
            overlap = max(0, -min(a[run] - end_a, b[run] - end_b))  # words that reach into the run before
            if gap > longest or overlap >= length[run] or b[earlier] >= b[run]:
                continue
            if len(known_a) == 0:
                if gap > near:
                    refused += 1
                    continue
            elif known_a[a[run]] - known_a[end_a] > near or known_b[b[run]] - known_b[end_b] > near:
                continue
            total = best[earlier] - (overlap + cost * max(gap, 0))
            if total > top:
                top = total
                choice = earlier
        best[run] = length[run] + top
        before[run] = choice
    return refused


@Kernel
def take(
    runs: tuple[Longs, Longs, Longs],
    before: Longs,
    order: Longs,
    least: int,
    out: tuple[Longs, Longs, Longs, Longs, Longs, Longs],
) -> int:
    """Take the best passage first, and no run into two; write those of `least` equal words, give their number.

    before is that of `join`, order the runs that may end a passage, best first. out is the passages' first runs,
    last runs and equal words, and three arrays of zeros: which runs are used, and which words of a and of b are in a
    passage. A passage mostly of such words on either side repeats what is explained, and is left out.
    """
    a, b, length = runs
    firsts, lasts, equal, used, known_a, known_b = out
    found = 0
    for end in order:
        words = 0
        first = number = end
        while number >= 0 and used[number] == 0:
            first = number
            words += length[number]
            used[number] = 1
            number = before[number]
        if words < least:
            continue
        end_a = a[end] + length[end]
        end_b = b[end] + length[end]
        old_a = 0
        for word in range(a[first], end_a):
            old_a += known_a[word]
        old_b = 0
        for word in range(b[first], end_b):
            old_b += known_b[word]
        if 2 * old_a > end_a - a[first] or 2 * old_b > end_b - b[first]:
            continue
        for word in range(a[first], end_a):
            known_a[word] = 1
        for word in range(b[first], end_b):
            known_b[word] = 1
        firsts[found] = first
        lasts[found] = end
        equal[found] = words
        found += 1
    return found
