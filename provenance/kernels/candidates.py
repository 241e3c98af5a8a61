"""Which texts of a batch share rare neighbouring stems, and what their sentences share, for all texts at once."""

from __future__ import annotations

import math
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

    rows are the stems' sentences, places their ranks by rarity, 0 for the rarest, -1 for one to be left out. A
    stem of sentence s is in the windows s to s + window - 1. out is, by window, room for `most` ranks, -1s.
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
def slot(one: int, other: int, size: int) -> int:
    """Give the place of two numbers below 2**31 in a hash table, whose size is a power of two."""
    mixed = one * 0x61C88647 + other * 0x2545F491
    return (mixed ^ mixed >> 29) & (size - 1)


@Kernel
def held(ranks: Longs, begin: int, end: int, rank: int) -> int:
    """Tell whether ranks[begin:end] hold a rank: 1 or 0."""
    for place in range(begin, end):
        if ranks[place] == rank:
            return 1
    return 0


@Kernel
def anchors(
    windows: tuple[Longs, Longs, int],
    stems: tuple[Longs, Floats],
    least: float,
    out: tuple[Bytes, Longs, Longs],
) -> int:
    """Count the anchors of all texts by a hash; or, where there is room, write those met more than once.

    windows are (`rarest` ranks, text of each window, ranks of each); stems (stem of each rank, bits of each stem).
    An anchor tells `least` bits or more. out is the counts, zeros, up to 2; and the anchors' texts, ascending, and
    stems (stem << 32 | rarer stem); of one text some are there twice. What is met once is one text's alone and
    joins none: most are. Gives the number counted or written.
    """
    ranks, owner, most = windows
    stem, bits = stems
    seen, owners, keys = out
    size = 0
    for row in range(len(owner)):
        begin = row * most
        before = begin - most if row > 0 and owner[row - 1] == owner[row] else begin
        for other in range(begin + 1, begin + most):
            if ranks[other] < 0:
                break
            left = stem[ranks[other]]
            old = held(ranks, before, begin, ranks[other])
            for rarer in range(begin, other):
                right = stem[ranks[rarer]]
                if bits[left] + bits[right] < least:
                    break
                if old and held(ranks, before, begin, ranks[rarer]):
                    continue  # it was among those of the window before
                place = slot(left, right, len(seen))
                if len(keys) == 0:
                    seen[place] = min(2, seen[place] + 1)
                    size += 1
                elif seen[place] == 2:
                    owners[size], keys[size] = owner[row], left << 32 | right
                    size += 1
    return size


@Kernel
def group(keys: Longs, owners: Longs, table: Longs, out: tuple[Longs, Longs, Longs, Longs]) -> int:
    """Write which group each key is of, numbered as they are met; give how many groups there are.

    owners ascend; a key that its owner has already is of group -1. table is -1s, a power of two long and longer
    than keys. out is the groups, then by group its first place, its size, zeros, and its last owner, to work in.
    """
    numbers, first, size, last = out
    found = 0
    for place in range(len(keys)):
        key = keys[place]
        at = slot((key ^ key >> 32) & 0x7FFFFFFF, key >> 32 & 0x7FFFFFFF, len(table))
        while table[at] >= 0 and keys[first[table[at]]] != key:
            at = (at + 1) & (len(table) - 1)
        number = table[at]
        if number < 0:
            number = found
            table[at] = number
            first[number] = place
            found += 1
        elif last[number] == owners[place]:
            numbers[place] = -1
            continue
        numbers[place] = number
        last[number] = owners[place]
        size[number] += 1
    return found


@Kernel
def pairs(
    members: tuple[Longs, Longs, Longs, Longs],
    bits: Floats,
    frequent: int,
    table: Longs,
    out: tuple[Longs, Floats, Longs],
) -> int:
    """Write the pairs of owners that share keys (first << 32 | second), and the bits they share; give how many.

    members are (group of each key, owner of each, size of each group, where its owners begin; the last is worked
    with); bits are the groups'. In a group of more than `frequent` owners each is joined with the first only.
    table is as for `group`, of the pairs; out has room for the pairs, their bits (zeros), and the owners.
    """
    groups, owners, size, start = members
    found, total, listed = out
    for place in range(len(groups)):
        if groups[place] >= 0 and size[groups[place]] > 1:
            listed[start[groups[place]]] = owners[place]
            start[groups[place]] += 1
    count = 0
    for number in range(len(size)):
        end = start[number]
        begin = end - size[number]
        for one in range(begin, begin + 1 if size[number] > frequent else end - 1):
            for other in range(one + 1, end):
                key = listed[one] << 32 | listed[other]
                at = slot(listed[one], listed[other], len(table))
                while table[at] >= 0 and found[table[at]] != key:
                    at = (at + 1) & (len(table) - 1)
                if table[at] < 0:
                    table[at] = count
                    found[count] = key
                    count += 1
                total[table[at]] += bits[number]
    return count


@Kernel
def add(rows: Longs, columns: Longs, bits: float, width: int, out: tuple[Longs, Longs, Floats, Longs]) -> int:
    """Add bits to each cell of rows and columns in a hash table of cells; give 0.

    out is the cells, -1s at first, the places taken, the bits, and how many places are taken.
    """
    cells, touched, total, count = out
    for row in rows:
        for column in columns:
            cell = row * width + column
            at = slot(row, column, len(cells))
            while cells[at] >= 0 and cells[at] != cell:
                at = (at + 1) & (len(cells) - 1)
            if cells[at] < 0:
                cells[at] = cell
                touched[count[0]] = at
                count[0] += 1
            total[at] += bits
    return 0


@Kernel
def excess(
    corpus: tuple[Longs, Longs, Longs, Longs, Floats, Floats],
    texts: tuple[Longs, Longs],
    frequent: int,
    share: float,
    out: tuple[Floats, Longs, Longs, Floats, Longs],
) -> int:
    """Write by how many bits each pair's sentences share more than `share` of their mean weight, in all; give 0.

    corpus is (first, keys, posts, rows, bits of each key, weight of each sentence): text t's sorted keys are
    keys[first[t]:first[t + 1]], place p's sentences rows[posts[p]:posts[p + 1]]. A key that more than `frequent`
    pairs of their sentences share is left out. out is each pair's bits, then what `add` works in.
    """
    first, keys, posts, rows, bits, weight = corpus
    found, cells, touched, total, count = out
    for pair in range(len(texts[0])):
        i, j = first[texts[0][pair]], first[texts[1][pair]]
        last_i, last_j = first[texts[0][pair] + 1], first[texts[1][pair] + 1]
        while i < last_i and j < last_j:
            if keys[i] == keys[j]:
                own, other = rows[posts[i] : posts[i + 1]], rows[posts[j] : posts[j + 1]]
                if len(own) * len(other) <= frequent:
                    add(own, other, bits[keys[i]], len(weight), out[1:])
                i, j = i + 1, j + 1
            elif keys[i] < keys[j]:
                i += 1
            else:
                j += 1
        for place in range(count[0]):
            at = touched[place]
            row, column = cells[at] // len(weight), cells[at] % len(weight)
            found[pair] += max(0.0, total[at] - share * math.sqrt(weight[row] * weight[column]))
            cells[at], total[at] = -1, 0.0
        count[0] = 0
    return 0
