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
def recur(
    own: tuple[Ints, Ints, Longs, Ints, Floats],
    other: Ints,
    places: tuple[Longs, Longs],
    scale: tuple[int, float, float],
    out: tuple[Floats, Floats],
) -> int:
    """Write the bits of each key of one text, and of each of its sentences; give 0.

    own is as for `weigh`, other the counts of the other text's keys, places those of the shared keys in either;
    scale is (number of shared keys, sentences of both texts, the most bits).
    """
    rows, slots, _, counts, chances = own
    mine, theirs = places
    bits, weight = out
    for key in range(len(counts)):
        bits[key] = counts[key] - 2.0
    for number in range(scale[0]):
        bits[mine[number]] += other[theirs[number]]
    for key in range(len(counts)):
        chance = chances[key] + max(bits[key], 0.0) / scale[1]
        bits[key] = min(scale[2], -math.log2(min(chance, 1.0)))
    for place in range(len(rows)):
        weight[rows[place]] += bits[slots[place]]
    return 0


@Kernel
def weigh(
    a: tuple[Ints, Ints, Longs, Ints, Floats],
    b: tuple[Ints, Ints, Longs, Ints, Floats],
    scale: tuple[float, float],
    out: tuple[Longs, Longs, Floats, Floats, Floats, Floats],
) -> int:
    """Write where two texts' shared keys are, the bits of a's keys and sentences, and of b's; give their number.

    a and b are (rows, slots, keys, counts, chances) of the texts' keys; scale is (sentences of both, the most
    bits). The names a story is about recur in both texts and tell little of which sentence speaks of what: beyond
    once in each, recurring adds to a key's chance.
    """
    here, there, bits_a, weight_a, bits_b, weight_b = out
    found = common(a[2], b[2], (here, there))
    recur(a, b[3], (here, there), (found, scale[0], scale[1]), (bits_a, weight_a))
    recur(b, a[3], (there, here), (found, scale[0], scale[1]), (bits_b, weight_b))
    return found


@Kernel
def order(
    a: tuple[Ints, Ints, Ints],
    b: tuple[Ints, Ints, Ints],
    places: tuple[Longs, Longs],
    out: tuple[Longs, Longs, Longs, Longs, Longs, Longs],
) -> int:
    """Write the shared keys by sentence of a, and sentences of b by key; give how many pairs of them share one.

    a and b are (rows, slots, counts), sorted by row; places are those of the n shared keys, numbered by their
    order. out is -1s by key of a and of b, to work in; where each sentence's keys begin, zeros
    (sentences of a + 1,), and the keys; where each key's sentences begin, zeros (n + 2,), and the sentences.
    """
    here, there = places
    number_a, number_b, first, keys, start, found = out
    pairs = 0
    for number in range(len(here)):
        number_a[here[number]] = number
        number_b[there[number]] = number
        pairs += a[2][here[number]] * b[2][there[number]]
        start[number + 2] = b[2][there[number]]
    size = 0
    for place in range(len(a[0])):
        key = number_a[a[1][place]]
        if key >= 0:
            keys[size] = key
            size += 1
            first[a[0][place] + 1] = size
    for row in range(1, len(first)):
        first[row] = max(first[row], first[row - 1])
    for number in range(2, len(start)):
        start[number] += start[number - 1]
    for place in range(len(b[0])):
        key = number_b[b[1][place]]
        if key >= 0:
            found[start[key + 1]] = b[0][place]
            start[key + 1] += 1
    return pairs


@Kernel
def add_up(
    kinds: tuple[tuple[Longs, Longs, Longs, Longs, Floats], ...],
    weight: tuple[Floats, Floats],
    floor: tuple[float, float],
    out: tuple[Longs, Longs, Floats, Longs, Floats],
) -> int:
    """Write what the sentence pairs share that share enough, as many as there is room for; give how many do.

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


@Kernel
def best(rows: Longs, likeness: Floats, out: tuple[Longs, Floats, Floats]) -> int:
    """Write by sentence its pair of most likeness, the first of equal ones, that likeness and the next; give 0.

    rows are the pairs' sentences; out is -1s, zeros and zeros, which stay where there is no pair, or no other.
    """
    found, most, second = out
    for pair in range(len(rows)):
        row = rows[pair]
        if found[row] < 0 or likeness[pair] > most[row]:
            second[row] = most[row]
            most[row] = likeness[pair]
            found[row] = pair
        elif likeness[pair] > second[row]:
            second[row] = likeness[pair]
    return 0


@Kernel
def counterparts(
    pairs: tuple[Longs, Longs],
    likeness: Floats,
    weight: Floats,
    out: tuple[Floats, Longs, Floats, Floats, Longs, Floats, Floats],
) -> int:
    """Write the weight of sentences that are their best likeness' best likeness, and how clear all are, by weight.

    pairs are (sentence of one text, of the other), weight is of the one's sentences. out is room for the two
    numbers, then for `best` of the one and of the other. Gives 0.
    """
    own, other = pairs
    result, best_own, most, second, best_other, most_other, second_other = out
    best(own, likeness, (best_own, most, second))
    best(other, likeness, (best_other, most_other, second_other))
    mutual = clear = 0.0
    for row in range(len(weight)):
        if best_own[row] >= 0:
            clear += weight[row] * (most[row] - second[row])
            if best_other[other[best_own[row]]] == best_own[row]:
                mutual += weight[row]
    result[0], result[1] = mutual, clear
    return 0
