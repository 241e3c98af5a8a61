"""Fingerprints of a whole batch of texts, in one pass over its UTF-8.

For each text: fold, split into words, hash each word once, and make of the hashes the shingles, MinHashes,
SimHashes and anchors of its units, which are the text itself or its lines. The lock is released, and no memory
taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.kernels.folding import decoded
from provenance.kernels.hashing import by_four, by_one, looked_up, xxh32
from provenance.kernels.running import Kernel
from provenance.kernels.wide import copied, eight, lowest, spread

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]  # numbers of a width that compiled code keeps, and Python has not

    Bytes = Array
    Words = Array
    Ints = Array
    Longs = Array
    Offsets = Array


@Kernel
def bare(low: Bytes, start: int, end: int, to: int) -> int:
    """Copy a word without stops and quotation marks, Hebrew ones too, to `to`; give the place after it."""
    while start < end:
        letter = low[start]
        if letter == 0xD7 and (low[start + 1] == 0xB3 or low[start + 1] == 0xB4):
            start += 2
            continue
        if letter not in (46, 34, 39):
            low[to] = letter
            to += 1
        start += 1
    return to


@Kernel
def finished(size: Any, values: tuple[Any, Any, Any, Any]) -> Any:
    """Give the xxh32 of up to 15 bytes, four in each value: no branch, so that many are hashed at a time."""
    one, two, three, four = values
    mixed = np.uint32(np.uint32(374761393) + size)
    mixed = by_four(mixed, one) if size & np.uint32(12) else mixed
    mixed = by_four(mixed, two) if size & np.uint32(8) else mixed
    mixed = by_four(mixed, three) if size & np.uint32(12) == np.uint32(12) else mixed
    upper = four if size & np.uint32(4) else three
    lower = two if size & np.uint32(4) else one
    rest = upper if size & np.uint32(8) else lower
    left = size & np.uint32(3)
    mixed = by_one(mixed, np.uint32(rest & np.uint32(255))) if left else mixed
    mixed = by_one(mixed, np.uint32(rest >> np.uint32(8) & np.uint32(255))) if left > np.uint32(1) else mixed
    mixed = by_one(mixed, np.uint32(rest >> np.uint32(16) & np.uint32(255))) if left > np.uint32(2) else mixed
    mixed = np.uint32(np.uint32(mixed ^ mixed >> np.uint32(15)) * np.uint32(2246822519))
    mixed = np.uint32(np.uint32(mixed ^ mixed >> np.uint32(13)) * np.uint32(3266489917))
    return np.uint32(mixed ^ mixed >> np.uint32(16))


@Kernel
def short(text: Bytes, words: tuple[Ints, Ints], count: int, quarters: Words, hashes: Words) -> int:
    """Write the xxh32 of words of up to 15 bytes, 64 at a time by way of `quarters`; of longer ones, anything."""
    starts, ends = words
    sizes, one, two = quarters[:64], quarters[64:128], quarters[128:192]
    three, four = quarters[192:256], quarters[256:320]
    for first in range(0, count, 64):
        many = min(64, count - first)
        for number in range(many):
            start = starts[first + number]
            low, high = eight(text, start), eight(text, start + 8)
            sizes[number] = np.uint32(ends[first + number] - start)
            one[number], two[number] = np.uint32(low), np.uint32(low >> np.uint64(32))
            three[number], four[number] = np.uint32(high), np.uint32(high >> np.uint64(32))
        made = hashes[first : first + many]
        for number in range(many):
            made[number] = finished(sizes[number], (one[number], two[number], three[number], four[number]))
    return 0


@Kernel
def numbered(
    text: Bytes,
    words: tuple[Ints, Ints, Ints, Ints],
    size: tuple[int, int],
    table: tuple[Longs, Words, Bytes, Words],
    out: tuple[Ints, Words, Words],
) -> int:
    """Write the xxh32 of the words and, where there is a table, their rows in it; size: of text, and words."""
    starts, ends, inner, _lines = words
    known, sines, turns, room = table
    rows, hashes, quarters = out
    similar = len(sines) > 0
    short(text, (starts, ends), size[1], quarters, hashes)
    for word in range(size[1]):
        if not (similar or inner[word] or ends[word] - starts[word] > 15):
            continue
        start: Any = np.int64(starts[word])
        end: Any = np.int64(ends[word])
        if inner[word]:
            free = size[0] + 1
            start, end = free, bare(text, start, end, free)
        hashes[word] = xxh32(text, start, end)
        if similar:
            rows[word] = looked_up(text, (start, end), known, (sines, turns), room)
    return 0


@Kernel
def joined(low: Bytes, words: tuple[Ints, Ints, Ints, Ints], bounds: tuple[int, int], line: Bytes) -> int:
    """Write words [bounds) with a space between each two; give how many bytes that is."""
    starts, ends, _inner, _lines = words
    size: Any = 0
    for word in range(bounds[0], bounds[1]):
        at, end = np.int64(starts[word]), np.int64(ends[word])
        copied(low, at, line, size)  # most words are no longer; what is too much is written over
        for more in range(16, end - at, 16):
            copied(low, at + more, line, size + more)
        size += end - at + 1
        line[size - 1] = 32
    return max(0, size - 1)


@Kernel
def lettered(line: Bytes, size: int, out: Words) -> int:
    """Write the code points of line[:size]; give how many there are. 64 more of both are there to be written."""
    at: Any = 0
    count: Any = 0
    while at < size:
        taken = min(lowest(spread(line, at, out, count)), size - at)  # what is too many is written over
        count, at = count + taken, at + taken
        while at < size and line[at] >= 0x80:
            found = decoded(line, at, size)
            out[count] = found >> 3
            count += 1
            at += found & 7
    return count


@Kernel
def combined(hashes: Words, bounds: tuple[int, int], shingles: Words, mixed: Words) -> int:
    """Write the shingles of five hashes and their values as datasketch's scheme mixes them; give how many.

    Many are made at a time where the compiler knows how many hashes a shingle has, and that no place is negative.
    """
    hashes = hashes[bounds[0] : bounds[1]]
    count = max(0, len(hashes) - 4)
    for place in range(count):
        value = np.uint32(0)
        for step in range(5):
            value = np.uint32(np.uint32(value * np.uint32(0x9E3779B1)) + hashes[place + step])
        shingles[place] = value
        value = np.uint32(np.uint32(value ^ value >> np.uint32(16)) * np.uint32(0x85EBCA6B))
        value = np.uint32(np.uint32(value ^ value >> np.uint32(13)) * np.uint32(0xC2B2AE35))
        mixed[place] = np.uint32(value ^ value >> np.uint32(16))
    return count


@Kernel
def fewer(values: Words, count: int, table: Words) -> int:
    """Leave out most values that are there twice, which no minimum is changed by; give how many are left.

    The table, of a power of two places, remembers at each the last value that belongs there.
    """
    last = np.uint32(len(table) - 1)
    for place in range(len(table)):
        table[place] = place ^ 1  # which belongs elsewhere
    left = 0
    for place in range(count):
        value = values[place]
        slot = np.int64(value & last)
        values[left] = value
        left += table[slot] != value
        table[slot] = value
    return left


@Kernel
def summed(rows: Ints, bounds: tuple[int, int], known: Longs, stamp: int, room: Longs) -> Any:
    """Give the SimHash of words [bounds): the bits that more than half of their weight, 255 at most each, has.

    Bits are counted eight at a time, in the bytes of eight values; `room` is of 72, `stamp` new for each call.
    """
    lanes, totals = room[:8], room[8:72]
    lanes[:] = np.uint64(0)
    totals[:] = np.uint64(0)
    held, weight = 0, np.uint64(0)
    for word in range(bounds[0], bounds[1] + 1):
        if held == 255 or (word == bounds[1] and held):
            for bit in range(64):
                totals[bit] += lanes[bit & 7] >> np.uint64(bit & 56) & np.uint64(255)
            lanes[:] = np.uint64(0)
            held = 0
        if word == bounds[1]:
            break
        row = rows[word]
        counted = known[row + 3]
        if counted >> np.uint64(8) != np.uint64(stamp):
            counted = np.uint64(stamp) << np.uint64(8)
        if counted & np.uint64(255) == np.uint64(255):
            continue
        known[row + 3] = counted + np.uint64(1)
        digest = known[row + 2]
        for lane in range(8):
            lanes[lane] += digest >> np.uint64(lane) & np.uint64(0x0101010101010101)
        held += 1
        weight += np.uint64(1)
    value = np.uint64(0)
    for bit in range(64):
        if np.uint64(totals[bit] + totals[bit]) > weight:
            value |= np.uint64(1) << np.uint64(bit)
    return value


@Kernel
def stirred(value: Any, other: Any) -> Any:
    """Give 64 bits that stand for two values."""
    value = np.uint64((value ^ np.uint64(other)) * np.uint64(0x9E3779B97F4A7C15))
    return value ^ value >> np.uint64(32)


@Kernel
def sealed(hashes: Words, first: int, last: int) -> Any:
    """Give 64 bits that stand for the words' hashes in their order: in four strands, which need not wait."""
    hashes = hashes[first:last]
    # No hash reaches the bit at which the first begins: none takes its length away.
    one, two, three, four = np.uint64(len(hashes) | 1 << 32), np.uint64(1), np.uint64(2), np.uint64(3)
    whole = len(hashes) & ~3
    for word in range(0, whole, 4):
        one, two = stirred(one, hashes[word]), stirred(two, hashes[word + 1])
        three, four = stirred(three, hashes[word + 2]), stirred(four, hashes[word + 3])
    for word in range(whole, len(hashes)):
        one = stirred(one, hashes[word])
    return stirred(stirred(stirred(one, two), three), four)


@Kernel
def winnowed(mixed: Words, count: int, window: int, out: Words) -> int:
    """Write the anchors of shingles: the last least value of each window, once (winnowing); give how many.

    Two texts that have `window` neighbouring shingles in common have an anchor in common.
    """
    found, least, until = 0, -1, max(1, count - window + 1) if count else 0
    for start in range(until):
        end = min(start + window, count)
        if least < start:
            least = start
            for place in range(start + 1, end):
                if mixed[place] <= mixed[least]:
                    least = place
        elif mixed[end - 1] <= mixed[least]:
            least = end - 1
        else:
            continue
        out[found] = mixed[least]
        found += 1
    return found


@Kernel
def passage_end(lines: Ints, first: int, count: int) -> int:
    """Give the end of the words of the line that `first` stands in."""
    last = first + 1
    while last < count and lines[last] == lines[first]:
        last += 1
    return last
