"""What each line shows among the others, and the trees that judge it.

For compiling only, where `lines.context` and `lines.weights` take a hundred array operations; both give the same
to the last bit. Each kernel writes its columns of a table (lines, features), from a column on, and gives the next.
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
def linked(line_of: Longs, held: tuple[Longs, Longs], prose: Any, latest: Longs, out: tuple[Longs, Longs]) -> int:
    """Divide the stems of the lines left by where else they are, and give how many those are.

    `latest` is -1 for each stem. out: a chain (4, stems held), the line, the stem, the places of the one before
    and of the one after with the same stem (or -1); and (3, stems), 0, how many lines have a stem, how many of
    prose, and whether one of the first two does.
    """
    holders, content = held
    chain, having = out
    count = 0
    for place in range(len(holders)):
        line, stem = line_of[holders[place]], content[place]
        if line >= 0:
            before = latest[stem]
            chain[0, count], chain[1, count], chain[2, count], chain[3, count] = line, stem, before, -1
            if before >= 0:
                chain[3, before] = count
            latest[stem] = count
            having[0, stem] += 1
            having[1, stem] += prose[line]
            having[2, stem] |= line < 2
            count += 1
    return count


@Kernel
def cohering(found: tuple[Longs, Longs], count: int, prose: Any, logs: Floats, place_out: tuple[int, Rows]) -> int:
    """Write shares of a line's stems: found nowhere else, often, in prose, in the lines around, at the start."""
    start, out = place_out
    chain, having = found
    for place in range(count):
        line, stem, before, after = chain[0, place], chain[1, place], chain[2, place], chain[3, place]
        out[line, start] += having[0, stem] == 1
        out[line, start + 1] += having[0, stem] > 3
        out[line, start + 2] += having[1, stem] > prose[line]
        if after >= 0 and chain[0, after] == line + 1:
            out[line, start + 3] += 1
            after = chain[3, after]
        out[line, start + 4] += after >= 0 and chain[0, after] == line + 2
        out[line, start + 5] += before >= 0 and chain[0, before] == line - 1
        out[line, start + 6] += having[2, stem] > 0 and line >= 2
        out[line, start + 7] += 1
    for line in range(len(out)):
        size = int(out[line, start + 7])
        for column in range(7):
            out[line, start + column] = np.float64(out[line, start + column]) / max(size, 1)
        out[line, start + 7] = logs[size]
    return start + 8


@Kernel
def recurring(numbers: Longs, kept: Longs, counts: Longs, logs: Floats, place_out: tuple[int, Rows]) -> int:
    """Write how many of the lines kept have each line's number, as a logarithm; give the next column."""
    column, out = place_out
    for line in kept:
        counts[numbers[line]] += 1
    for place in range(len(kept)):
        out[place, column] = logs[counts[numbers[kept[place]]] - 1]
    return column + 1


@Kernel
def whole(
    rows: Rows, sizes: tuple[Any, ...], kept: Longs, logs: Floats, place_out: tuple[Longs, int, Rows]
) -> int:
    """Write what holds for the whole text, the same in every row."""
    lengths, prose, common, counts, _, _ = sizes
    (length, lexicon), start, out = place_out
    size = running = known = words = longs = weights = 0.0
    for line in kept:
        size += lengths[line]
        running += lengths[line] * prose[line]
        known += common[line]
        words += counts[line]
        longs += rows[line, length]
        weights += rows[line, lexicon] * lengths[line]
    for line in range(len(kept)):
        out[line, start], out[line, start + 1] = logs[len(kept)], logs[np.int64(size)]
        out[line, start + 2], out[line, start + 3] = running / size, known / max(1.0, words)
        out[line, start + 4], out[line, start + 5] = longs / len(kept), weights / size
    return start + 6


@Kernel
def scored(columns: Rows, questions: tuple[Longs, Rows, Rows], leaf: NDArray[np.uint8], out: Floats) -> int:
    """Add up the leaves that each line falls into; questions are as those of `Trees`; give 0.

    `columns` is a table of features by lines: one question then reads neighbouring numbers, several at a time.
    Three are asked together, as a text has too few lines for one to be worth a loop; so the depth of the trees is
    a multiple of three. `leaf` is room for one number a line.
    """
    features, borders, leaves = questions
    depth, trees = features.shape
    for tree in range(trees):
        leaf[:] = 0
        for level in range(0, depth, 3):
            first, second, third = features[level, tree], features[level + 1, tree], features[level + 2, tree]
            a, b, c = columns[first], columns[second], columns[third]
            x, y, z = borders[level, tree], borders[level + 1, tree], borders[level + 2, tree]
            for line in range(len(out)):
                above = np.uint8(b[line] > y) << np.uint8(1) | np.uint8(c[line] > z) << np.uint8(2)
                leaf[line] |= (np.uint8(a[line] > x) | above) << np.uint8(level)
        for line in range(len(out)):
            out[line] += leaves[tree, leaf[line]]
    return 0


@Kernel
def seen_among(
    given: tuple[Any, ...], kept: Longs, ruled: Rows, columns: tuple[Longs, ...], room_out: tuple[Any, Rows]
) -> int:
    """Write all of a look, and give how many columns.

    given: rows by lines alone, sizes, (holders, content), (same, shapes), logarithms. sizes: lengths, prose,
    common words and words of all lines, lengths and prose of those kept. room: line_of, latest, chain, sums, and
    counts for same and for shapes, as the kernels above need.
    """
    rows, sizes, held, (same, shapes), logs = given
    room, out = room_out
    seen, spread, near, windows, measures = columns
    line_of, latest, chain, sums, counts = room
    rule, wide = rows.shape[1], rows.shape[1]
    for line in range(len(kept)):
        line_of[kept[line]] = line
        for column in range(wide):
            out[line, column] = rows[kept[line], column]
    lengths, prose = sizes[4], sizes[5]
    at = ruled_near(ruled, logs, rule, out)
    at = placed(lengths, prose, logs, at, out)
    at = beside(seen, rule, near, at, out)
    at = around(spread, windows, at, sums, out)
    at = cohering(chain, linked(line_of, held, prose, latest, chain), prose, logs, (at, out))
    at = recurring(same, kept, counts[0], logs, (at, out))
    at = recurring(shapes, kept, counts[1], logs, (at, out))
    return whole(rows, sizes, kept, logs, (measures, at, out))
