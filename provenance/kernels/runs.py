"""Runs of equal words, joined in like order over small gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]


@Kernel
def equal(a: Ints, b: Ints, place_a: int, place_b: int, size: int) -> int:
    """Tell whether two arrays hold the same values from two places on: 1 or 0."""
    for step in range(size):
        if a[place_a + step] != b[place_b + step]:
            return 0
    return 1


@Kernel
def roll(words: Ints, gram: int, out: tuple[Longs]) -> int:
    """Write a hash of each k-gram of words, 31 bits of a rolled polynomial (Karp and Rabin, 1987); give 0."""
    (hashes,) = out
    factor, mask = 0x2545F491, 0x7FFFFFFF  # of 31 bits each, so that products fit in 63
    last = 1
    for _ in range(gram):
        last = last * factor & mask
    value = 0
    for place in range(len(words)):
        value = value * factor + words[place] + 1
        if place >= gram:
            value -= (words[place - gram] + 1) * last
        value &= mask
        if place >= gram - 1:
            hashes[place - gram + 1] = value
    return 0


@Kernel
def group(
    words: tuple[Ints, Ints],
    hashes: tuple[Longs, Longs],
    gram: int,
    table: Longs,
    out: tuple[Longs, Longs, Longs, Longs, Longs],
) -> int:
    """Write which k-grams of words are equal; give how many pairs of places, of a and of b, hold equal ones.

    words are a's and b's, hashes those of their k-grams; a k-gram of b is known by its last place in b. table is
    -1s, a power of two long, twice as long as b. out is, by place of a, that of the equal k-gram in b, -1 for
    none; by place of b, the next place of the same k-gram, -1 for none; by k-gram the numbers of its places in a
    and in b, zeros, and the first of those in b.
    """
    group_a, next_b, count_a, count_b, head = out
    pairs = 0
    for side in (1, 0):
        own = words[side]
        for place in range(len(hashes[side]) - 1, -1, -1):
            value = hashes[side][place]
            at = (value * 0x61C88647 >> 20) & (len(table) - 1)
            while table[at] >= 0 and not (
                hashes[1][table[at]] == value and equal(words[1], own, table[at], place, gram)
            ):
                at = (at + 1) & (len(table) - 1)
            known = table[at]
            if side == 0:
                group_a[place] = known
                if known >= 0:
                    count_a[known] += 1
                    pairs += count_b[known]
                continue
            if known < 0:
                known = table[at] = place
                head[place] = -1
            next_b[place] = head[known]
            head[known] = place
            count_b[known] += 1
    return pairs


@Kernel
def pair(
    group_a: Longs,
    counts: tuple[Longs, Longs],
    places: tuple[Longs, Longs],
    most: int,
    out: tuple[Longs, Longs],
) -> int:
    """Write the places of a and of b that hold equal k-grams, by place of a, then of b; give their number.

    The arguments are what `group` wrote: group_a, (count_a, count_b), (head, next_b). k-grams of more than `most`
    pairs are left out.
    """
    count_a, count_b = counts
    head, following = places
    found_a, found_b = out
    found = 0
    for place in range(len(group_a)):
        known = group_a[place]
        if known >= 0 and count_a[known] * count_b[known] <= most:
            other = head[known]
            while other >= 0:
                found_a[found] = place
                found_b[found] = other
                found += 1
                other = following[other]
    return found


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
    aligned elsewhere, how many earlier runs are looked at). known counts, before each word of a and of b, those
    aligned so far; empty, it lets no gap pass over more words than may be. Gives how many it refused for that.
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
            if len(known_a) == 0 and gap > near:
                refused += 1
                continue
            if len(known_a) > 0 and max(known_a[a[run]] - known_a[end_a], known_b[b[run]] - known_b[end_b]) > near:
                continue
            total = best[earlier] - (overlap + cost * max(gap, 0))
            if total > top:
                top = total
                choice = earlier
        best[run] = length[run] + top
        before[run] = choice
    return refused


@Kernel
def cover(known: Longs, start: int, end: int, value: int) -> int:
    """Give how many of known[start:end] are 1, and set all to 1 if `value` is."""
    found = 0
    for word in range(start, end):
        found += known[word]
        if value:
            known[word] = 1
    return found


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
    last runs and equal words, and three arrays of zeros: which runs are used, and which words of a and of b are in
    a passage. A passage mostly of such words on either side repeats what is explained, and is left out.
    """
    a, b, length = runs
    firsts, lasts, equal_words, used, known_a, known_b = out
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
        end_a, end_b = a[end] + length[end], b[end] + length[end]
        old_a = cover(known_a, a[first], end_a, 0)
        old_b = cover(known_b, b[first], end_b, 0)
        if 2 * old_a > end_a - a[first] or 2 * old_b > end_b - b[first]:
            continue
        cover(known_a, a[first], end_a, 1)
        cover(known_b, b[first], end_b, 1)
        firsts[found], lasts[found], equal_words[found] = first, end, words
        found += 1
    return found
