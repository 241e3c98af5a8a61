"""The words of a folded text, in UTF-8: one character after the other, as `tokens.tokens` finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.kernels.folding import decoded
from provenance.kernels.hashing import eight
from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Words = NDArray[np.uint32]
    Ints = NDArray[np.int32]
    Longs = NDArray[np.uint64]

# Written out below, for compiled code is kept by its own file and would not see these change. Kinds are the low three
# bits of a trait: 1 other, 2 stop, 3 comma, 4 mark, 5 digit, 6 letter, 7 alone; 32 Hebrew letter, 64 Hebrew quote.


@Kernel
def quoted(low: Bytes, at: int, size: int, traits: Words) -> int:
    """Tell whether the quotation mark before `at` is spelling: a Hebrew letter follows it."""
    return 1 if at < size and traits[decoded(low, at, size) >> 3] & 32 else 0


@Kernel
def letters(longs: Longs, at: int) -> int:
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
            before = np.uint64((none & np.uint64(~none + np.uint64(1))) - np.uint64(1)) & np.uint64(0x0101010101010101)
            return count + np.int64(np.uint64(before * np.uint64(0x0101010101010101)) >> np.uint64(56)) - 1
        count += 8


@Kernel
def split(low: Bytes, longs: Longs, size: int, traits: Words, out: tuple[Ints, Ints, Ints, Ints]) -> int:
    """Find the words of low[:size]; give how many there are, and write each one's bytes and the line it stands in.

    out: first byte; end; 1 if it is read without stops and quotation marks (U.S.); number of line breaks before it.
    """
    starts, ends, inner, lines = out
    count, at, line = 0, 0, 0
    hebrew, before, gap, single = 0, 0, 0, 0  # of the last character; what divides this word from the one before
    joinable, first, lone, spoken = 0, 0, 0, 0  # of the last word: kind of its first character, one character long?
    while at < size:
        if low[at] == 32:
            gap, single, at = gap + 1, 0, at + 1
            continue
        if np.uint8(low[at] - np.uint8(97)) < np.uint8(26):
            kind, trait, found = 6, 0, 1
        else:
            found = decoded(low, at, size) if low[at] >= 0x80 else np.int64(low[at]) << 3 | 1
            trait = np.int64(traits[found >> 3])
            kind = trait & 7
        if kind <= 4:  # between words: a mark cannot begin one
            single = kind if gap == 0 else 0
            gap += 1
            line += found >> 3 == 10
            at += found & 7
            continue
        start, begun, characters, spoken = at, kind, 1, 0
        hebrew = trait & 32
        at += found & 7
        while at < size:  # to the end of the word
            if begun == 6:  # most of it is plain letters
                more = letters(longs, at)
                if more:
                    characters, hebrew, at = characters + more, 0, at + more
                if low[at] == 32:
                    break
            found = decoded(low, at, size) if low[at] >= 0x80 else np.int64(low[at]) << 3 | 1
            trait = np.int64(traits[found >> 3])
            kind = trait & 7
            if trait & 64 and hebrew and quoted(low, at + (found & 7), size, traits):
                spoken = 1
            elif kind < 4 or (begun == 7 and kind > 4) or kind == 7 or (begun == 5 and kind == 6):
                break
            hebrew = trait & 32
            characters += 1
            at += found & 7
        join = 0
        if joinable and gap == 1 and (single == 2 or single == 3):
            if first == 5 and begun == 5:
                join = 1
            elif first == 6 and begun == 6 and lone and characters == 1 and single == 2 and at < size and low[at] == 46:
                join = 2
        if join:
            count -= 1
            inner[count] |= join >> 1
        else:
            starts[count], inner[count], lines[count] = start, 0, line
        inner[count] |= spoken
        ends[count] = at + (join >> 1)
        count += 1
        joinable, first, lone, gap, single = 1, begun, characters == 1, 0, 0
    return count
