"""What the sentences of two texts share, by the keys (stems, phrases) that stand in them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]


@Kernel
def common(keys_a: Longs, keys_b: Longs, out: tuple[Longs, Longs]) -> int:
    """Write the places of the keys that two sorted arrays share; give how many they are."""
    here, there = out
    i = j = found = 0
    while i < len(keys_a) and j < len(keys_b):
        if keys_a[i] < keys_b[j]:
            i += 1
        elif keys_a[i] > keys_b[j]:
            j += 1
        else:
            here[found] = i
            there[found] = j
            found += 1
            i += 1
            j += 1
    return found


@Kernel
def weigh(
    own: tuple[Ints, Ints, Ints, Floats],
    other: Ints,
    places: tuple[Longs, Longs],
    scale: tuple[float, float],
    out: tuple[Floats, Floats],
) -> int:
    """Write the bits of each key, and of each sentence; give 0.

    own is (rows, slots, counts, chances) of one text's keys, other the counts of the other text's, places those
    of the keys they share; scale is (sentences of both texts, the most bits). The names a story is about recur
    in both texts and tell little of which sentence speaks of what: beyond once in each, recurring adds to a
    key's chance.
    """
    rows, slots, counts, chances = own
    here, there = places
    size, most = scale
    bits, weight = out
    for key in range(len(counts)):
        bits[key] = counts[key] - 2.0
    for number in range(len(here)):
        bits[here[number]] += other[there[number]]
    for key in range(len(counts)):
        chance = chances[key] + max(bits[key], 0.0) / size
        bits[key] = min(most, -math.log2(min(chance, 1.0)))
    for place in range(len(rows)):
        weight[rows[place]] += bits[slots[place]]
    return 0


@Kernel
def by_row(own: tuple[Ints, Ints], number: Longs, out: tuple[Longs, Longs]) -> int:
    """Write the numbered keys sentence by sentence: first[s] is where those of sentence s begin; give 0.

    own is (rows, slots), sorted by row; number says which number each key has, -1 for none.
    """
    rows, slots = own
    first, keys = out
    found = 0
    for place in range(len(rows)):
        key = number[slots[place]]
        if key >= 0:
            keys[found] = key
            found += 1
            first[rows[place] + 1] = found
    for row in range(1, len(first)):
        first[row] = max(first[row], first[row - 1])
    return 0


@Kernel
def by_key(own: tuple[Ints, Ints], number: Longs, out: tuple[Longs, Longs]) -> int:
    """Write the sentences of each numbered key: first[k] is where those of number k begin; give 0.

    first has two places more than there are numbers, both for the sake of counting.
    """
    rows, slots = own
    first, found = out
    for place in range(len(rows)):
        key = number[slots[place]]
        if key >= 0:
            first[key + 2] += 1
    for key in range(2, len(first)):
        first[key] += first[key - 1]
    for place in range(len(rows)):
        key = number[slots[place]]
        if key >= 0:
            found[first[key + 1]] = rows[place]
            first[key + 1] += 1
    return 0


@Kernel
def add_up(
    kinds: tuple[tuple[Longs, Longs, Longs, Longs, Floats], ...],
    weight: tuple[Floats, Floats],
    floor: tuple[float, float],
    out: tuple[Longs, Longs, Floats, Longs, Floats],
) -> int:
    """Write what the sentence pairs share that share enough, and give their number; those beyond `out` are not written.

    kinds are (first, keys) by sentence of a, (first, rows) by key of b, and the keys' bits, of each kind of key.
    floor is (share of the sentences' mean weight, bits) that a pair must exceed. out is sentence of a, of b (those
    of one of a in no order), shared bits, and two arrays to work in, of b's size, the last all zeros.
    """
    weight_a, weight_b = weight
    share, least = floor
    found_a, found_b, shared, touched, total = out
    found = 0
    for row in range(len(weight_a)):
        count = 0
        for first, keys, start, rows, bits in kinds:
            for place in range(first[row], first[row + 1]):
                key = keys[place]
                if bits[key] <= 0.0:
                    continue
                for posting in range(start[key], start[key + 1]):
                    column = rows[posting]
                    if total[column] == 0.0:
                        touched[count] = column
                        count += 1
                    total[column] += bits[key]
        for place in range(count):
            column = touched[place]
            if total[column] > share * math.sqrt(weight_a[row] * weight_b[column]) + least:
                if found < len(found_a):
                    found_a[found] = row
                    found_b[found] = column
                    shared[found] = total[column]
                found += 1
            total[column] = 0.0
    return found
