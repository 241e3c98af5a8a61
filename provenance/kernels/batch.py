"""The loop over the texts of a batch: see `prints` for what is done with each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from provenance.kernels.folding import folded, kept
from provenance.kernels.prints import (
    combined,
    fewer,
    joined,
    lettered,
    numbered,
    passage_end,
    sealed,
    summed,
    winnowed,
)
from provenance.kernels.running import Kernel
from provenance.kernels.splitting import split
from provenance.kernels.wide import least

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]  # numbers of a width that compiled code keeps, and Python has not

    Bytes = Array
    Words = Array
    Ints = Array
    Longs = Array
    Offsets = Array
    Letters = tuple[Bytes, Words, Words]
    Split = tuple[Longs, Ints, Ints, Offsets]
    Room = tuple[
        Bytes, Ints, tuple[Ints, Ints, Ints, Ints], tuple[Ints, Words, Words], Letters, Words, Longs, Split
    ]
    Out = tuple[Offsets, Words, Words, Words, Longs, Longs, Ints, Offsets]


@Kernel
def unit(
    bounds: tuple[int, int, int],
    tables: tuple[Longs, Words, Words],
    wanted: tuple[int, int, int, int],
    room: Room,
    out: Out,
) -> int:
    """Take the fingerprint of a unit, text and words [first, end) of it, and note it; see `batch`."""
    characters, _least, similar, window = wanted
    low, _source, words, numbers, (line, letters, table), mixed, lanes, _split = room
    state, shingles, anchors, minhashes, simhashes, seals, units, ends = out
    number, first, last = bounds
    place = state[1]
    free = shingles[state[2] :]
    if characters:
        size = joined(low, words, (first, last), line)
        made = combined(letters, (0, lettered(line, size, letters)), free, mixed)
    else:
        made = combined(numbers[1], (first, last), free, mixed)
    if similar:
        state[4] += 1
        simhashes[place] = summed(numbers[0], (first, last), tables[0], state[4], lanes)
    if window:
        state[3] += winnowed(mixed, made, window, anchors[state[3] :])
    if len(minhashes):
        several = fewer(mixed, made, table) if characters else made
        least(mixed, several, tables[1], tables[2], minhashes[place * 128 :])
    seals[place] = sealed(numbers[1], first, last)
    state[2] += made
    units[3 * place], units[3 * place + 1], units[3 * place + 2] = number, first, last
    ends[2 * place], ends[2 * place + 1] = state[2], state[3]
    state[1] += 1
    return 0


@Kernel
def batch(
    text: tuple[Bytes, Offsets, Bytes],
    tables: tuple[tuple[Words, Words, Words, Bytes], tuple[Longs, Words, Bytes, Words], tuple[Words, Words]],
    wanted: tuple[int, int, int, int],
    room: Room,
    out: Out,
) -> Any:
    """Take the fingerprints of the texts from state[0] on; give 0 when all are done, else why it stopped there.

    text: the bytes; where each text begins (and the last ends); marks: 1 to pass one over, 2 if it is folded.
    wanted: 1 if shingles are of characters; least words of a line to be a unit, 0 if texts are; 1 for
    SimHashes; window of anchors or 0.
    out: state (text, units, shingles, anchors, stamp), shingles, anchors, MinHashes, SimHashes, seals, units
    (text, first word, end), and by unit where its shingles and anchors end.
    Stops: as `folded` does; 1: the table of words is too full for the next text.
    """
    (data, offsets, marks), (folding, known, permutations) = text, tables
    low, source, words, numbers = room[:4]
    state, least, similar = out[0], wanted[1], wanted[2]
    while state[0] < len(offsets) - 1:
        number = state[0]
        if marks[number] == 1:
            state[0] += 1
            continue
        bounds = (offsets[number], offsets[number + 1])
        size = kept(data, bounds, low) if marks[number] else folded(data, bounds, folding, low, source)
        if size < 0:
            return size
        if similar and 4 * (known[3][20] + size // 2 + 1) > 3 * (len(known[0]) // 4):
            return 1
        count = split(low, size, folding[1], words, room[7])
        numbered(low, words, (size, count), known, numbers)
        first = 0
        while first < count or (first == 0 and not least):
            last = passage_end(words[3], first, count) if least else count
            if last - first >= least:
                unit((number, first, last), (known[0], permutations[0], permutations[1]), wanted, room, out)
            first = max(last, 1)
        state[0] += 1
    return 0
