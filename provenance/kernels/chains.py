"""Chains of seeds in like order, by dynamic programming over sorted seeds (minimap2; Li, 2018)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]


@Kernel
def extend(
    seeds: tuple[Longs, Longs, Floats],
    steps: tuple[int, int],
    gap: float,
    out: tuple[Floats, Longs],
) -> int:
    """Write for each seed the best score of a chain that ends there, and the seed before it (-1: none); give 0.

    seeds are (sentence of a, of b, score), sorted; steps is (the most sentences from one to the next, how many
    earlier seeds are looked at); gap is what each sentence passed over costs.
    """
    a, b, score = seeds
    reach, window = steps
    best, before = out
    for number in range(len(score)):
        top = 0.0
        choice = -1
        for earlier in range(max(0, number - window), number):
            step_a = a[number] - a[earlier]
            step_b = b[number] - b[earlier]
            if step_a <= reach and 0 <= step_b <= reach:
                total = best[earlier] - gap * (max(step_a - 1, 0) + max(step_b - 1, 0))
                if total > top:
                    top = total
                    choice = earlier
        best[number] = score[number] + top
        before[number] = choice
    return 0


@Kernel
def divide(
    chained: tuple[Floats, Longs],
    order: Longs,
    least: float,
    out: tuple[Longs, Longs, Floats, Longs],
) -> int:
    """Take the best chain first, and no seed into two; write the chains of at least `least`, give their number.

    chained is (best, before) of `extend`; order the seeds that may end a chain, best first. out is the chains'
    seeds end to end, where each chain ends among them, its score, and an array of zeros, which says what is used.
    """
    best, before = chained
    members, ends, scores, used = out
    found = size = 0
    for end in order:
        first = size
        number = end
        while number >= 0 and used[number] == 0:
            members[size] = number
            size += 1
            used[number] = 1
            number = before[number]
        score = best[end] - (best[number] if number >= 0 else 0.0)
        if size == first or score < least:
            size = first
            continue
        for place in range((size - first) // 2):
            swapped = members[first + place]
            members[first + place] = members[size - 1 - place]
            members[size - 1 - place] = swapped
        ends[found] = size
        scores[found] = score
        found += 1
    return found
