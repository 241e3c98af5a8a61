"""The words of a folded text, in UTF-8: one character after the other, as `tokens.tokens` finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.kernels.folding import decoded
from provenance.kernels.running import Kernel
from provenance.kernels.wide import kinds, lowest

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]  # numbers of a width that compiled code keeps, and Python has not

    Bytes = Array
    Words = Array
    Ints = Array
    Longs = Array
    Offsets = Array
    Found = tuple[Ints, Ints, Ints, Ints]
    Room = tuple[Longs, Ints, Ints, Offsets]

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
def spelt(
    low: Bytes, bounds: tuple[int, int], traits: Words, out: tuple[Ints, Ints, Ints, Ints], state: Offsets
) -> int:
    """Find the words of low[bounds] character by character; give 0.

    state: words so far; line breaks; characters since the last word; the kind of the only one; kind of the last
    word's first character, and 1 if it has no other. Before and after `bounds` no word may go on.
    """
    starts, ends, inner, lines = out
    count, line, gap, single, first, lone = state[0], state[1], state[2], state[3], state[4], state[5]
    at, size = bounds
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
    state[0], state[1], state[2], state[3], state[4], state[5] = count, line, gap, single, first, lone
    return 0


@Kernel
def counted(bits: Any) -> Any:
    """Give how many bits are set: the compiler knows this sum, and takes the processor's own."""
    bits = np.uint64(bits - (bits >> np.uint64(1) & np.uint64(0x5555555555555555)))
    bits = np.uint64(
        (bits & np.uint64(0x3333333333333333)) + (bits >> np.uint64(2) & np.uint64(0x3333333333333333))
    )
    bits = np.uint64(bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64(np.uint64(bits * np.uint64(0x0101010101010101)) >> np.uint64(56))


@Kernel
def classed(low: Bytes, size: int, room: Room) -> tuple[int, int]:
    """Write where runs of bytes of words start and end, by turns, and where line breaks are, then one at the end.

    Write by 64 bytes, too, which bytes of runs are no a to z; give how many runs there are, and how many of these.
    """
    bits, edges, breaks, _state = room
    count, lines, odd, before = 0, 0, 0, np.uint64(0)
    for block in range((size >> 6) + 1):
        within, other, ended = kinds(low, 64 * block)
        if block == size >> 6:
            asked = np.uint64(np.uint64(1) << np.uint64(size & 63)) - np.uint64(1)
            within, other, ended = within & asked, other & asked, ended & asked
        bits[block] = other
        odd += counted(other)
        turns = within ^ (np.uint64(within << np.uint64(1)) | before)
        before = within >> np.uint64(63)
        while turns:
            edges[count] = 64 * block + lowest(turns)
            turns &= np.uint64(turns - np.uint64(1))
            count += 1
        while ended:
            breaks[lines] = 64 * block + lowest(ended)
            ended &= np.uint64(ended - np.uint64(1))
            lines += 1
    breaks[lines] = size
    return count >> 1, odd


@Kernel
def following(bits: Longs, at: int, size: int) -> int:
    """Give the place of the first byte of a run, from `at` on, that is no a to z; or `size`."""
    block = at >> 6
    others = bits[block] & np.uint64(np.uint64(0xFFFFFFFFFFFFFFFF) << np.uint64(at & 63))
    while not others and block < size >> 6:
        block += 1
        others = bits[block]
    return 64 * block + lowest(others) if others else size


@Kernel
def hebrew(low: Bytes) -> int:
    """Tell whether a byte is one that Hebrew letters begin with."""
    found = 0
    for place in range(len(low)):
        found |= low[place] == 0xD7
    return found


@Kernel
def split(low: Bytes, size: int, traits: Words, out: Found, room: Room) -> int:
    """Find the words of low[:size], which a 0 follows; give how many, and write where they are.

    out: first byte; end; 1 if it is read without stops and quotation marks (U.S.); line breaks before it.
    Runs of a to z are words as they stand; the rest is read by character: all of it where that is the most, or
    where quotation marks may be letters.
    """
    starts, ends, inner, lines = out
    bits, edges, breaks, state = room
    state[:] = 0
    runs, others = classed(low, size, room)
    if 8 * others > size or (others and hebrew(low[:size])):
        spelt(low, (0, size), traits, out, state)
        return state[0]
    odd = following(bits, 0, size)
    count, line, gap, first, lone = 0, 0, 0, 0, 0  # as `state` of `spelt`
    at: Any = 0  # the end of the run before
    for run in range(runs):
        start, end = np.int64(edges[2 * run]), np.int64(edges[2 * run + 1])
        while breaks[line] < start:
            line += 1
        if end <= odd and end - start > 1:
            starts[count], ends[count], inner[count], lines[count] = start, end, 0, line
            count, gap, at, first, lone = count + 1, 0, end, 6, 0  # of these, most texts are made
            continue
        single = np.int64(traits[low[at]] & np.uint32(7)) if gap == 0 and start - at == 1 else 0
        if end > odd:
            state[0], state[1], state[2], state[3] = count, line, gap + start - at, single
            state[4], state[5] = first, lone
            spelt(low, (start, end), traits, out, state)
            count, gap, first, lone = state[0], state[2], state[4], state[5]
            at, odd = end, following(bits, end, size)
            continue
        if single == 2 and first == 6 and lone and low[end] == 46:
            ends[count - 1], inner[count - 1] = end + 1, inner[count - 1] | 1
        else:
            starts[count], ends[count], inner[count], lines[count] = start, end, 0, line
            count += 1
        gap, at, first, lone = 0, end, 6, 1
    return count
