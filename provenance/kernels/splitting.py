"""The words of a folded text, in UTF-8: one character after the other, as `tokens.tokens` finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.kernels.folding import decoded
from provenance.kernels.hashing import eight
from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]  # numbers of a width that compiled code keeps, and Python has not

    Bytes = Array
    Words = Array
    Ints = Array
    Longs = Array

# Kinds are the low three bits of a trait: 1 other, 2 stop, 3 comma, 4 mark, 5 digit, 6 letter, 7 alone; 32 is a
# Hebrew letter, 64 a Hebrew quotation mark. Written out: compiled code is kept by its own file, and sees no other.


@Kernel
def character(low: Bytes, at: int, size: int) -> Any:
    """Give the code point at `at` << 3 | its length in bytes."""
    return decoded(low, at, size) if low[at] >= 0x80 else np.int64(low[at]) << 3 | 1


@Kernel
def quoted(low: Bytes, at: int, size: int, traits: Words) -> int:
    """Tell whether the quotation mark before `at` is spelling: a Hebrew letter follows it."""
    return 1 if at < size and traits[decoded(low, at, size) >> 3] & 32 else 0


@Kernel
def letters(longs: Longs, at: int) -> Any:
    """Give how many of the bytes from `at` on are small letters of ASCII, eight at a time without a branch.

    The top bit of each byte says whether it is none: below a, above z, or beyond ASCII. The bits under the first
    one set are as many as the letters before it.
    """
    count = 0
    while True:
        value = eight(longs, at + count)
        below = ~np.uint64((value | np.uint64(0x8080808080808080)) - np.uint64(0x6161616161616161))
        above = np.uint64((value & np.uint64(0x7F7F7F7F7F7F7F7F)) + np.uint64(0x0505050505050505))
        none = (below | above | value) & np.uint64(0x8080808080808080)
        if none:
            before = np.uint64((none & np.uint64(~none + np.uint64(1))) - np.uint64(1)) & np.uint64(
                0x0101010101010101
            )
            return count + np.int64(np.uint64(before * np.uint64(0x0101010101010101)) >> np.uint64(56)) - 1
        count += 8


@Kernel
def joins(low: Bytes, words: tuple[int, int], between: tuple[int, int], end: tuple[int, int]) -> int:
    """Tell how two words are joined over what is between them: 1 as a number, 2 as an acronym, 0 not at all.

    words: kinds of their first characters; between: how many characters, and the kind of the only one; end: where
    the second word ends, and 1 if both are one character long.
    """
    if between[0] != 1 or (between[1] != 2 and between[1] != 3):
        return 0
    if words[0] == 5 and words[1] == 5:
        return 1
    if words[0] == 6 and words[1] == 6 and end[1] and between[1] == 2 and low[end[0]] == 46:
        return 2
    return 0


@Kernel
def split(low: Bytes, longs: Longs, size: int, traits: Words, out: tuple[Ints, Ints, Ints, Ints]) -> int:
    """Find the words of low[:size], which a 0 follows; give how many, and write where they are.
    out: first byte; end; 1 if it is read without stops and quotation marks (U.S.); line breaks before it.
    """
    starts, ends, inner, lines = out
    zero: Any = 0
    at = single = first = hebrew = zero  # first, lone: of the last word; gap, single: since then
    count, line, gap, lone = 0, 0, 0, 0
    while at < size:
        found = character(low, at, size)
        trait = np.int64(traits[found >> 3])
        if trait & 7 <= 4:  # between words: a mark cannot begin one
            single, gap, line = (trait & 7) * (gap == 0), gap + 1, line + (found >> 3 == 10)
            at += found & 7
            continue
        start, begun, hebrew, short, spoken = at, trait & 7, trait & 32, 1, 0
        at += found & 7
        while at < size:
            more = letters(longs, at) if begun == 6 else 0  # most of it is plain letters
            if more:
                short, hebrew, at = 0, 0, at + more
            if low[at] == 32:
                break
            found = character(low, at, size)
            trait = np.int64(traits[found >> 3])
            kind = trait & 7
            if trait & 64 and hebrew and quoted(low, at + (found & 7), size, traits):
                spoken = 1
            elif kind < 4 or (begun == 7 and kind > 4) or kind == 7 or (begun == 5 and kind == 6):
                break
            hebrew, short = trait & 32, 0
            at += found & 7
        join = joins(low, (first, begun), (gap, single), (at, lone & short)) if gap == 1 and single > 1 else 0
        count -= join > 0
        if not join:
            starts[count], inner[count], lines[count] = start, 0, line
        inner[count] |= spoken | join >> 1
        ends[count] = at + (join >> 1)
        count, first, lone, gap, single = count + 1, begun, short, 0, 0
    return count
