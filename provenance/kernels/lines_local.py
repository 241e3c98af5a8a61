"""The words of lines, and what each line shows by itself: one pass over the code points of a text.

For compiling only, where `lines.local` takes a hundred array operations; both give the same to the last bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Longs = NDArray[np.int64]
    Rows = NDArray[np.float32]
    Words = tuple[Longs, Longs, Longs, Longs, Longs]
    Weights = tuple[NDArray[np.uint16], Any, Any, np.float32, NDArray[np.float64]]

STEM = 6  # code points, as in `lines.characters`
WORD = 3  # the highest kind of character that words are made of
SHIFT, FACTOR, SHIFT_BACK = np.uint64(29), np.uint64(0xBF58476D1CE4E5B9), np.uint64(48)
BASE = np.uint64(0x9E3779B97F4A7C15 | 1)
ZERO, ONE = np.uint64(0), np.uint64(1)
NEXT = 17  # bits of the number of the word before, of a pair


@Kernel
def spread(hashed: Any) -> int:
    """Give the number in 0..2**16 of a hash (uint64)."""
    return np.int64(((hashed ^ (hashed >> SHIFT)) * FACTOR) >> SHIFT_BACK)  # type: ignore[return-value]


@Kernel
def divided(
    codes: NDArray[np.uint32], lengths: Longs, tables: tuple[Any, Any], out: tuple[Longs, Longs, Words]
) -> int:
    """Count kinds of characters by line, find the words, and give how many those are.

    `codes` are those of lines of these lengths, each with its break; `tables` the kind of each code point and
    its small form, the last for all above. out: counts (n, kinds); the first word of each
    line, and their number; and by word the line, the kind of its first
    character, its length, its number and that of its stem.
    """
    kinds, small = tables
    counts, bounds, (lines, opening, sizes, numbers, stems) = out
    top, at, count = len(kinds) - 1, 0, 0
    for line in range(len(lengths)):
        size, hashed, power, stem = 0, ZERO, ONE, ZERO
        for place in range(at, at + lengths[line] + 1):
            code = codes[place]
            kind = kinds[code] if code < top else kinds[top]
            counts[line, kind] += 1
            if kind <= WORD:
                if size == 0:
                    hashed, power, lines[count], opening[count] = ZERO, ONE, line, kind
                hashed += np.uint64(small[code] if code < top else code) * power
                power *= BASE
                size += 1
                if size <= STEM:
                    stem = hashed
            elif size:
                sizes[count], numbers[count], stems[count] = size, spread(hashed), spread(stem)
                size = 0
                count += 1
        at += lengths[line] + 1
        bounds[line + 1] = count
    return count


@Kernel
def shaped(counts: Longs, ends: tuple[Any, Any], lengths: Longs, logs: Any, out: Rows) -> int:
    """Write the columns of length, of kinds of characters, and of how lines start and end; give how many.

    `ends` are the kinds of the first and of the last character of each line.
    """
    first, last = ends
    shares, starts = 7, 7 + len(counts[0])
    stops = starts + 4
    for line in range(len(lengths)):
        out[line, 0] = logs[lengths[line]]
        letters = max(counts[line, 0] + counts[line, 1] + counts[line, 2], 1)
        out[line, 5] = counts[line, 1] / letters
        for kind in range(counts.shape[1]):
            out[line, shares + kind] = counts[line, kind] / max(lengths[line], 1)
        opens = 2 if first[line] == WORD else first[line]
        if first[line] == 0 or first[line] == 1 or first[line] == WORD:
            out[line, starts + opens] = 1
        out[line, starts + 3] = first[line] > WORD
        kind = last[line]
        for place in range(6):
            out[line, stops + place] = kind == (5, 6, 7, 9, 8, 10)[place]
        out[line, stops + 6] = kind <= 2
        out[line, stops + 7] = kind == WORD
    return stops + 8


@Kernel
def weighed(words: Words, bounds: Longs, weights: Weights, start: int, out: Rows) -> int:
    """Write what the words of each line are and weigh, from the column `start` on; give the column after."""
    _, opening, sizes, numbers, _ = words
    marks, single, paired, unit, logs = weights
    many = (len(out[0]) - start - 6) // 3
    for line in range(len(out)):
        begin, end = bounds[line], bounds[line + 1]
        some = max(end - begin, 1)
        total: Any = 0.0
        most, least, before = np.float32(0), np.float32(0), 0
        length = short = titled = digits = 0
        out[line, 1] = logs[end - begin]
        for word in range(begin, end):
            length += sizes[word]
            short += sizes[word] < 4
            titled += opening[word] == 1
            digits += opening[word] == WORD
            number = numbers[word]
            pair = spread(np.uint64(before << NEXT | number))
            weight = np.float32(single[number]) * unit + np.float32(paired[pair]) * unit
            before = number + 1
            total += weight
            if word == begin:
                most = least = out[line, start + 3 * many + 4] = weight
            most, least = max(most, weight), min(least, weight)
            left, kind = np.int64(marks[number]), start + many
            while left:
                out[line, kind] += left & 1
                left, kind = left >> 1, kind + 1
        for kind in range(many):
            held = out[line, start + many + kind]
            out[line, start + kind] = held / some
            out[line, start + many + kind] = logs[np.int64(held)]
            if begin < end:
                out[line, start + 2 * many + kind] = marks[numbers[begin]] >> kind & 1
        out[line, 2], out[line, 3], out[line, 4], out[line, 6] = length / some, short / some, titled / some, digits
        at = start + 3 * many
        out[line, at], out[line, at + 1] = total / np.sqrt(some), total / some
        out[line, at + 2], out[line, at + 3] = most, least
    return start + 3 * many + 5


@Kernel
def told(words: Words, count_marks: tuple[int, Any], room: Any, out: tuple[Longs, Longs, Any, Any]) -> int:
    """Write which lines hold which stems of content words, each once a line; give how many.

    Stems are numbered from 0 in the order of their first line. out: lines, stems; by line a sum that equal lines
    share, and how many words have the first mark. `room` is 0 for each number, and for each word.
    """
    at, opening, sizes, numbers, stems = words
    holders, content, sums, common = out
    count, marks = count_marks
    names, seen = room
    held = distinct = 0
    for word in range(count):
        line, stem = at[word], stems[word]
        sums[line] += (numbers[word] + 1.0) * (sizes[word] + 0.5)
        common[line] += marks[numbers[word]] & 1
        if sizes[word] >= 4 or opening[word] == WORD:
            if names[stem] == 0:
                distinct += 1
                names[stem] = distinct
            name = names[stem] - 1
            if seen[name] <= line:
                seen[name] = line + 1
                holders[held], content[held] = line, name
                held += 1
    return held
