"""What each line shows among the others, and the trees that judge it.

For compiling only, where `lines.context` and `lines.weights` take a hundred array operations; both give the same to
the last bit. Each kernel writes its columns of a table (lines, features), from a column on, and gives the next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Rows = NDArray[np.float32]

FAR = 60  # lines, as in `lines.context`


@Kernel
def ruled_near(ruled: Rows, logs: Floats, start: int, out: Rows) -> int:
    """Write what the rules say of each line, of all above, of those near, and how far back they last did."""
    count, hits, last = len(ruled), 0, -FAR
    near = 0
    for line in range(min(3, count)):
        near += ruled[line] > 0
    for line in range(count):
        near += line + 3 < count and ruled[line + 3] > 0
        near -= line >= 4 and ruled[line - 4] > 0
        out[line, start], out[line, start + 1], out[line, start + 2] = ruled[line], hits, near
        if ruled[line] > 0:
            last = line
            hits += 1
        out[line, start + 3] = logs[min(line - last, FAR)]
    return start + 4


@Kernel
def placed(lengths: Floats, prose: Any, logs: Floats, start: int, out: Rows) -> int:
    """Write where each line stands among the lines, the code points, and the paragraphs."""
    count, size, running = len(lengths), 0.0, 0.0
    for line in range(count):
        size += lengths[line]
        running += lengths[line] * prose[line]
    before, prose_before, last = 0.0, 0.0, -FAR
    for line in range(count):
        upto, prose_upto = before + lengths[line], prose_before + lengths[line] * prose[line]
        out[line, start] = (line + 0.5) / count
        out[line, start + 1] = logs[line]
        out[line, start + 2] = logs[count - 1 - line]
        out[line, start + 3] = before / max(size, 1.0)
        out[line, start + 4] = (size - upto) / max(size, 1.0)
        out[line, start + 5] = prose_before / max(running, 1.0)
        out[line, start + 6] = (running - prose_upto) / max(running, 1.0)
        out[line, start + 7] = logs[np.int64(running - prose_upto)]
        last = line if prose[line] else last
        out[line, start + 8] = min(line - last, FAR)
        ends = running - prose_upto <= 0 and not prose[line]
        out[line, start + 11] = 1 if prose_before <= 0 else 2 if ends else 0
        before, prose_before = upto, prose_upto
    coming = count + FAR
    for line in range(count - 1, -1, -1):
        coming = line if prose[line] else coming
        since, until = np.int64(out[line, start + 8]), min(coming - line, FAR)
        out[line, start + 8], out[line, start + 9] = logs[since], logs[until]
        out[line, start + 10] = logs[since + until]
    return start + 12


@Kernel
def beside(seen: Longs, rule: int, near: Longs, start: int, out: Rows) -> int:
    """Write what is seen of the lines above and below: some columns of theirs, and the one of the rules."""
    for at in near:
        for line in range(max(0, -at), min(len(out), len(out) - at)):
            for place in range(len(seen)):
                out[line, start + place] = out[line + at, seen[place]]
            out[line, start + len(seen)] = out[line + at, rule]
        start += len(seen) + 1
    return start


@Kernel
def around(spread: Longs, windows: Longs, start: int, sums: Floats, out: Rows) -> int:
    """Write means over the lines around, over all before, all after, and all; `sums` is (lines + 1, columns)."""
    count, wide = len(out), len(spread)
    for line in range(count):
        for place in range(wide):
            sums[line + 1, place] = sums[line, place] + out[line, spread[place]]
    for line in range(count):
        at = start
        for size in windows:
            low, high = max(line - size, 0), min(line + size + 1, count)
            for place in range(wide):
                out[line, at + place] = (sums[high, place] - sums[low, place]) / (high - low)
            at += wide
        for place in range(wide):
            out[line, at + place] = sums[line, place] / max(line, 1)
            out[line, at + wide + place] = (sums[count, place] - sums[line + 1, place]) / max(count - 1 - line, 1)
            out[line, at + 2 * wide + place] = sums[count, place] / count
    return start + (len(windows) + 3) * wide


@Kernel
def linked(line_of: Longs, held: tuple[Longs, Longs], prose: Any, distinct: int, chain: Longs) -> int:
    """Divide the stems of the lines left by where else they are, and give how many those are.

    chain (7, stems held): the line, the stem, the place of the one before and after with the same stem (or -1); then
    by stem how many lines have it, how many of prose, and whether the first two lines do.
    """
    holders, content = held
    latest = np.full(distinct, -1, np.int64)
    count = 0
    for place in range(len(holders)):
        line, stem = line_of[holders[place]], content[place]
        if line >= 0:
            before = latest[stem]
            chain[0, count], chain[1, count], chain[2, count], chain[3, count] = line, stem, before, -1
            if before >= 0:
                chain[3, before] = count
            latest[stem] = count
            chain[4, stem] += 1
            chain[5, stem] += prose[line]
            chain[6, stem] |= line < 2
            count += 1
    return count


@Kernel
def cohering(chain: Longs, count: int, prose: Any, logs: Floats, place_out: tuple[int, Rows]) -> int:
    """Write shares of each line's stems: found nowhere else, often, in prose, in the lines around, at the start."""
    start, out = place_out
    for place in range(count):
        line, stem, before, after = chain[0, place], chain[1, place], chain[2, place], chain[3, place]
        out[line, start] += chain[4, stem] == 1
        out[line, start + 1] += chain[4, stem] > 3
        out[line, start + 2] += chain[5, stem] > prose[line]
        if after >= 0 and chain[0, after] == line + 1:
            out[line, start + 3] += 1
            after = chain[3, after]
        out[line, start + 4] += after >= 0 and chain[0, after] == line + 2
        out[line, start + 5] += before >= 0 and chain[0, before] == line - 1
        out[line, start + 6] += chain[6, stem] > 0 and line >= 2
        out[line, start + 7] += 1
    for line in range(len(out)):
        size = np.int64(out[line, start + 7])
        for column in range(7):
            out[line, start + column] = np.float64(out[line, start + column]) / max(size, 1)
        out[line, start + 7] = logs[size]
    return start + 8


@Kernel
def recurring(numbers: Longs, counts: Longs, logs: Floats, column: int, out: Rows) -> int:
    """Write how many lines have each line's number, as a logarithm; give the next column."""
    for number in numbers:
        counts[number] += 1
    for line in range(len(numbers)):
        out[line, column] = logs[counts[numbers[line]] - 1]
    return column + 1


@Kernel
def scored(rows: Rows, questions: tuple[Longs, Rows, Rows], bias: float, out: Floats) -> int:
    """Add up the leaves that each row falls into, and `bias`; questions are as those of `Trees`; give 0."""
    features, borders, leaves = questions
    depth, trees = features.shape
    for row in range(len(rows)):
        total = 0.0
        for tree in range(trees):
            leaf = 0
            for level in range(depth):
                leaf |= np.int64(rows[row, features[level, tree]] > borders[level, tree]) << level
            total += leaves[tree, leaf]
        out[row] = total + bias
    return 0


@Kernel
def seen_among(
    given: tuple[Any, Any, Any, Any, Any], kept: Longs, ruled: Rows, columns: tuple[Longs, Longs, Longs, Longs], out: Rows
) -> int:
    """Write all of a look but what holds for the whole text; give the column where that starts.

    given: the rows by lines alone, (lengths, prose), (holders, content, how many), (same, shapes), logarithms.
    """
    rows, (every_length, every_prose), (holders, content, distinct), (same, shapes), logs = given
    seen, spread, near, windows = columns
    count, at = len(kept), rows.shape[1]
    line_of = np.full(len(rows), -1, np.int64)
    for line in range(count):
        line_of[kept[line]] = line
        out[line, :at] = rows[kept[line]]
    lengths, prose = every_length[kept], every_prose[kept]
    rule = at
    spread_too = np.append(spread, rule)
    at = ruled_near(ruled, logs, at, out)
    at = placed(lengths, prose, logs, at, out)
    at = beside(seen, rule, near, at, out)
    at = around(spread_too, windows, at, np.zeros((count + 1, len(spread_too))), out)
    chain = np.zeros((7, max(len(holders), distinct)), np.int64)
    found = linked(line_of, (holders, content), prose, distinct, chain)
    at = cohering(chain, found, prose, logs, (at, out))
    at = recurring(same[kept], np.zeros(len(rows), np.int64), logs, at, out)
    return recurring(shapes[kept], np.zeros(len(rows), np.int64), logs, at, out)
