"""Who shares a key with whom, and how much such pairs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]


@Kernel
def group(
    keys: Longs,
    owners: Longs,
    table: Longs,
    out: tuple[Longs, Longs, Longs, Longs],
) -> int:
    """Write which group each key is of, numbered as they are met; give how many groups there are.

    owners ascend; a key that its owner has already is of group -1. table is -1s, a power of two long and longer than
    keys. out is the groups, then by group its first place, its size, zeros, and its last owner, to work in.
    """
    numbers, first, size, last = out
    found = 0
    for place in range(len(keys)):
        key = keys[place]
        mixed = ((key ^ key >> 32) & 0x7FFFFFFF) * 0x61C88647 + (key >> 32 & 0x7FFFFFFF) * 0x2545F491
        slot = (mixed ^ mixed >> 29) & (len(table) - 1)
        while table[slot] >= 0 and keys[first[table[slot]]] != key:
            slot = slot + 1 & len(table) - 1
        number = table[slot]
        if number < 0:
            number = found
            table[slot] = number
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
    """Write the pairs of owners that share keys (first << 32 | second), and the bits they share; give their number.

    members are (group of each key, owner of each key, size of each group, where its owners begin; the last is
    worked with); bits are the groups'. In a group of more than `frequent` owners each is joined with the first only.
    table is -1s, a power of two long and longer than the pairs; out has room for the pairs, their bits, and the owners.
    """
    groups, owners, size, start = members
    found, total, listed = out
    for place in range(len(groups)):
        number = groups[place]
        if number >= 0 and size[number] > 1:
            listed[start[number]] = owners[place]
            start[number] += 1
    count = 0
    for number in range(len(size)):
        if size[number] < 2:
            continue
        end = start[number]
        begin = end - size[number]
        for one in range(begin, begin + 1 if size[number] > frequent else end):
            for other in range(one + 1, end):
                key = listed[one] << 32 | listed[other]
                mixed = listed[one] * 0x61C88647 + listed[other] * 0x2545F491
                slot = (mixed ^ mixed >> 29) & (len(table) - 1)
                while table[slot] >= 0 and found[table[slot]] != key:
                    slot = slot + 1 & len(table) - 1
                if table[slot] < 0:
                    table[slot] = count
                    found[count] = key
                    total[count] = 0.0
                    count += 1
                total[table[slot]] += bits[number]
    return count
