"""Hashes of words: xxh32 (Collet), the last half of MD5 (RFC 1321), and a table of those that were met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.kernels.running import Kernel
from provenance.kernels.wide import eight

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]  # numbers of a width that compiled code keeps, and Python has not

    Bytes = Array
    Words = Array
    Longs = Array


@Kernel
def turned(value: Any, bits: int) -> Any:
    """Give 32 bits rotated to the left."""
    return np.uint32(np.uint32(value << np.uint32(bits)) | np.uint32(value >> np.uint32(32 - bits)))


@Kernel
def stirred(lane: Any, value: Any) -> Any:
    """Give a lane of xxh32 after four more bytes."""
    lane = np.uint32(lane + np.uint32(value * np.uint32(2246822519)))
    return np.uint32(turned(lane, 13) * np.uint32(2654435761))


@Kernel
def xxh32(text: Bytes, at: int, end: int) -> Any:
    """Give the xxh32, of seed 0, of text[at:end], which 16 bytes more follow."""
    size = np.uint64(end - at)
    mixed = np.uint32(374761393)
    if end - at >= 16:
        a, b, c, d = np.uint32(606290984), np.uint32(2246822519), np.uint32(0), np.uint32(1640531535)
        while at + 16 <= end:
            one, other = eight(text, at), eight(text, at + 8)
            a = stirred(a, np.uint32(one))
            b = stirred(b, np.uint32(one >> np.uint64(32)))
            c = stirred(c, np.uint32(other))
            d = stirred(d, np.uint32(other >> np.uint64(32)))
            at += 16
        mixed = np.uint32(np.uint32(turned(a, 1) + turned(b, 7)) + np.uint32(turned(c, 12) + turned(d, 18)))
    mixed = np.uint32(mixed + np.uint32(size))
    # No branch from here on: words are of any length, and a wrong guess takes longer than all of this.
    one, other = eight(text, at), eight(text, at + 8)
    mixed = by_four(mixed, np.uint32(one)) if size & np.uint64(12) else mixed
    mixed = by_four(mixed, np.uint32(one >> np.uint64(32))) if size & np.uint64(8) else mixed
    mixed = by_four(mixed, np.uint32(other)) if size & np.uint64(12) == np.uint64(12) else mixed
    rest = np.uint64((other if size & np.uint64(8) else one) >> np.uint64((size & np.uint64(4)) << np.uint64(3)))
    rest &= np.uint64(0xFFFFFF)
    left = size & np.uint64(3)
    mixed = by_one(mixed, np.uint32(rest & np.uint64(255))) if left else mixed
    mixed = by_one(mixed, np.uint32(rest >> np.uint64(8) & np.uint64(255))) if left > np.uint64(1) else mixed
    mixed = by_one(mixed, np.uint32(rest >> np.uint64(16))) if left > np.uint64(2) else mixed
    mixed = np.uint32(np.uint32(mixed ^ mixed >> np.uint32(15)) * np.uint32(2246822519))
    mixed = np.uint32(np.uint32(mixed ^ mixed >> np.uint32(13)) * np.uint32(3266489917))
    return np.uint32(mixed ^ mixed >> np.uint32(16))


@Kernel
def by_four(mixed: Any, value: Any) -> Any:
    """Give the state of xxh32 after four of the last bytes."""
    mixed = np.uint32(mixed + np.uint32(value * np.uint32(3266489917)))
    return np.uint32(turned(mixed, 17) * np.uint32(668265263))


@Kernel
def by_one(mixed: Any, value: Any) -> Any:
    """Give the state of xxh32 after one of the last bytes."""
    mixed = np.uint32(mixed + np.uint32(value * np.uint32(374761393)))
    return np.uint32(turned(mixed, 11) * np.uint32(2654435761))


@Kernel
def md5_round(state: Words, block: Words, sines: Words, turns: Bytes) -> int:
    """Take one block of 16 values into the state of MD5."""
    a, b, c, d = state[0], state[1], state[2], state[3]
    for step in range(64):
        if step < 16:
            mixed, place = np.uint32((b & c) | (np.uint32(~b) & d)), step
        elif step < 32:
            mixed, place = np.uint32((d & b) | (np.uint32(~d) & c)), (5 * step + 1) & 15
        elif step < 48:
            mixed, place = np.uint32(b ^ c ^ d), (3 * step + 5) & 15
        else:
            mixed, place = np.uint32(c ^ np.uint32(b | np.uint32(~d))), (7 * step) & 15
        mixed = np.uint32(np.uint32(mixed + a) + np.uint32(sines[step] + block[place]))
        a, d, c = d, c, b
        b = np.uint32(b + turned(mixed, np.int64(turns[step >> 4 << 2 | step & 3])))
    state[0], state[1] = np.uint32(state[0] + a), np.uint32(state[1] + b)
    state[2], state[3] = np.uint32(state[2] + c), np.uint32(state[3] + d)
    return 0


@Kernel
def md5_half(text: Bytes, bounds: tuple[int, int], constants: tuple[Words, Bytes], room: Words) -> Any:
    """Give the last 8 bytes of the MD5 of text[bounds], the first of them the highest; room is of 20 values."""
    sines, turns = constants
    state, block = room[:4], room[4:20]
    state[0], state[1] = np.uint32(0x67452301), np.uint32(0xEFCDAB89)
    state[2], state[3] = np.uint32(0x98BADCFE), np.uint32(0x10325476)
    start, end = bounds
    size = end - start
    padded = (size + 72) // 64 * 64
    for at in range(0, padded, 64):
        for number in range(16):
            value = np.uint32(0)
            for byte in range(4):
                place = at + 4 * number + byte
                if place < size:
                    value |= np.uint32(np.uint32(text[start + place]) << np.uint32(8 * byte))
                elif place == size:
                    value |= np.uint32(np.uint32(0x80) << np.uint32(8 * byte))
            block[number] = value
        if at + 64 == padded:
            block[14], block[15] = np.uint32(size << 3), np.uint32(size >> 29)
        md5_round(state, block, sines, turns)
    half = np.uint64(0)
    for number in range(2, 4):
        for byte in range(4):
            half = np.uint64(half << np.uint64(8)) | np.uint64(
                state[number] >> np.uint32(8 * byte) & np.uint32(255)
            )
    return half


@Kernel
def mixed_bytes(text: Bytes, start: int, end: int) -> Any:
    """Give 64 bits that stand for text[start:end]."""
    one = np.uint64(0)
    for place in range(start, end):
        one = np.uint64((one ^ np.uint64(text[place])) * np.uint64(0x9E3779B97F4A7C15))
        one ^= one >> np.uint64(29)
    return one


@Kernel
def looked_up(
    text: Bytes,
    bounds: tuple[int, int],
    table: Longs,
    constants: tuple[Words, Bytes],
    room: Words,
) -> Any:
    """Give the row of a word, text[bounds], in the table; if it is not there, enter it.

    A row is four values: two that are the word (its bytes, up to 16, else two hashes and a mark that no UTF-8
    has), the half of its MD5, and one for the caller to count in. room[20] counts the rows.
    """
    start, end = bounds
    size = end - start
    one, other = np.uint64(0), np.uint64(0)
    if size <= 8:
        one = eight(text, start) & np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(64 - 8 * size)
    elif size <= 16:
        one = eight(text, start)
        other = eight(text, start + 8) & np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(128 - 8 * size)
    else:
        one = mixed_bytes(text, start, end)
        other = np.uint64(0xFF << 24 | size & 0xFFFFFF) << np.uint64(32) | np.uint64(xxh32(text, start, end))
    mixed = np.uint64((one ^ np.uint64(other * np.uint64(0xC2B2AE3D27D4EB4F))) * np.uint64(0x9E3779B97F4A7C15))
    mixed ^= mixed >> np.uint64(32)
    last = len(table) // 4 - 1
    row: Any = np.int64(mixed & np.uint64(last)) * 4
    while table[row] or table[row + 1]:
        if table[row] == one and table[row + 1] == other:
            return row
        row = row + 4 if row < 4 * last else 0
    table[row], table[row + 1] = one, other
    room[20] += np.uint32(1)
    table[row + 2], table[row + 3] = md5_half(text, bounds, constants, room), 0
    return row
