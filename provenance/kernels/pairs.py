"""Pairs of a batch: who shares a key, how much two units have in common, and where; and who is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]  # numbers of a width that compiled code keeps, and Python has not

    Words = Array
    Ints = Array
    Longs = Array
    Floats = Array


@Kernel
def starred(units: Longs, firsts: Longs, seconds: Longs) -> int:
    """Write the pairs of the least of the units with each other one; give how many."""
    least, count = units[0], 0
    for unit in units:
        least = min(least, unit)
    for unit in units:
        if unit != least:
            firsts[count], seconds[count] = least, unit
            count += 1
    return count


@Kernel
def crossed(units: Longs, seals: Longs, most: int, firsts: Longs, seconds: Longs) -> int:
    """Write the pairs of units of different seals, each of these stood for by its least; give how many.

    Units beyond the first `most` are paired with those only, and with themselves, to be told by it.
    """
    known, count = 0, 0  # those of different seals are moved to the front
    for place in range(len(units)):
        twin = -1
        for other in range(min(known, most)):
            if seals[other] == seals[place]:
                twin = other
        if twin >= 0:
            units[twin] = min(units[twin], units[place])
        else:
            units[known], seals[known] = units[place], seals[place]
            known += 1
    for place in range(known):
        for other in range(min(place, most)):
            firsts[count] = min(units[place], units[other])
            seconds[count] = max(units[place], units[other])
            count += 1
    for place in range(most, known):
        firsts[count], seconds[count] = units[place], units[place]
        count += 1
    return count


@Kernel
def paired(buckets: tuple[Longs, Ints, Longs, Longs], most: int, out: tuple[Ints, Longs, Longs]) -> int:
    """Write the pairs of units that share a key; give how many.

    buckets: keys, where each one's units end, the units, their seals; units with one seal count as one, the least,
    except where the key is the seal itself (exact copies: each is paired with the least). Among more than `most`,
    each is paired with the first `most` only, so that a bucket costs no more than `most` times its size.
    out: where each bucket's pairs end, their first units, their second.
    """
    keys, ends, units, seals = buckets
    stops, firsts, seconds = out
    count, begin = 0, 0
    for number in range(len(keys)):
        end = ends[number]
        if keys[number] == seals[begin]:
            count += starred(units[begin:end], firsts[count:], seconds[count:])
        else:
            count += crossed(units[begin:end], seals[begin:end], most, firsts[count:], seconds[count:])
        stops[number] = count
        begin = end
    return count


@Kernel
def entered(value: Any, stamp: int, table: Longs) -> Any:
    """Give the place of a value among those of this stamp in a hash table, where it is or may be entered."""
    last = np.uint64(len(table) - 1)
    wanted = np.uint64(stamp) << np.uint64(33) | np.uint64(value)
    at = np.uint64(np.uint64(value) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32) & last
    while True:
        found = table[at]
        if (
            np.uint64(found >> np.uint64(33)) != np.uint64(stamp)
            or found & np.uint64(0xFFFFFFFEFFFFFFFF) == wanted
        ):
            return at
        at = (at + np.uint64(1)) & last


@Kernel
def likeness(one: Words, other: Words, stamp: int, table: Longs) -> float:
    """Give the Jaccard similarity of two lists of shingles as sets.

    The table is of a power of two places, more than there are shingles in both; `stamp` is another for each call.
    A value stands in it as stamp << 33 | 1 << 32 if the other list has it | value.
    """
    mark, met = np.uint64(stamp) << np.uint64(33), np.uint64(1) << np.uint64(32)
    both, either = 0, 0
    for value in one:
        at = entered(value, stamp, table)
        either += table[at] != mark | np.uint64(value)
        table[at] = mark | np.uint64(value)
    for value in other:
        at = entered(value, stamp, table)
        known = table[at] >> np.uint64(33) == np.uint64(stamp)
        both += known and not table[at] & met
        either += not known
        table[at] = mark | met | np.uint64(value)
    return both / either if either else 0.0


@Kernel
def likenesses(
    values: Words, bounds: tuple[Ints, Ints], pairs: tuple[Ints, Ints], table: Longs, out: Floats
) -> int:
    """Write the Jaccard similarity of each pair of units, by their numbers in `bounds`; the table is zeros."""
    starts, ends = bounds
    firsts, seconds = pairs
    for number in range(len(firsts)):
        a, b = firsts[number], seconds[number]
        out[number] = likeness(values[starts[a] : ends[a]], values[starts[b] : ends[b]], number + 1, table)
    return 0


@Kernel
def nearest(value: Any, other: Words, order: Ints, expected: int) -> int:
    """Give the place in `other` of a value, that nearest to the one expected; -1 if it is not there."""
    low, high = 0, len(order)
    while low < high:
        middle = (low + high) >> 1
        if other[order[middle]] < value:
            low = middle + 1
        else:
            high = middle
    best = -1
    while low < len(order) and other[order[low]] == value:
        if best < 0 or abs(order[low] - expected) < abs(best - expected):
            best = order[low]
        low += 1
    return best


@Kernel
def common(one: Words, other: Words, order: Ints, widths: tuple[int, int, int], out: Ints) -> int:
    """Write the runs of words that `one` has in common with `other`, four values each; give how many.

    order: of `other`, sorted; widths: of a shingle in words, of a gap that a run goes across, and the most runs.
    out: of one, first word and end; of other, first word and end.
    """
    width, gap, most = widths
    found, at, beside = 0, -1, -1  # the last place of one, and of other
    for place in range(len(one)):
        best = nearest(one[place], other, order, beside + place - at)
        if best < 0:
            continue
        if not (found and place - at <= gap + width and best > beside and best - beside <= gap + width):
            if found == most:
                return found
            out[4 * found], out[4 * found + 2] = place, best
            found += 1
        out[4 * found - 3], out[4 * found - 1] = place + width, best + width
        at, beside = place, best
    return found


@Kernel
def chosen(order: Ints, edges: tuple[Ints, Ints, Floats], fixed: Ints, out: tuple[Ints, Floats]) -> int:
    """Keep units, in order, unless they are like one that is kept; give how many are kept.

    edges: where each unit's neighbours end, these, and their scores; fixed: how many of `order` are kept anyway.
    out: the kept neighbour that a unit is most like, -1 where it is kept itself, and its score.
    """
    ends, neighbours, scores = edges
    match, score = out
    kept = 0
    match[:] = -2
    for number in range(len(order)):
        unit = order[number]
        best, value = -1, 0.0
        if number >= fixed[0]:
            for place in range(ends[unit - 1] if unit else 0, ends[unit]):
                if match[neighbours[place]] == -1 and scores[place] > value:
                    best, value = neighbours[place], scores[place]
        match[unit], score[unit] = best, value
        kept += best < 0
    return kept


@Kernel
def joined(firsts: Longs, seconds: Longs, parents: Longs) -> int:
    """Join the sets of numbered members that pairs connect: `parents` gives each one's least member; give 0."""
    for number in range(len(firsts)):
        a, b = firsts[number], seconds[number]
        while parents[a] != a:
            parents[a] = parents[parents[a]]
            a = parents[a]
        while parents[b] != b:
            parents[b] = parents[parents[b]]
            b = parents[b]
        if a < b:
            parents[b] = a
        else:
            parents[a] = b
    for member in range(len(parents)):
        parents[member] = parents[parents[member]]  # whose own is done: it is not greater
    return 0
