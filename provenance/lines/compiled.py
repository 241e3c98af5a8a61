"""Lines measured, seen among the others and judged by compiled kernels: the same numbers, many times as fast.

NumPy takes hundreds of operations a look, most of them over less than a hundred lines. Once so much is to do that
compiling is worth it (`kernels.running`), the kernels do it in one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from provenance.kernels import lines_context, lines_local

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Longs = NDArray[np.int64]
    Rows = NDArray[np.float32]

CODES, CELLS = 8, 20  # code points, and numbers of a look, that NumPy does in the time of one interpreted step
_LOGS: list[NDArray[np.float64]] = [np.log1p(np.arange(1 << 15))]


class Measured(NamedTuple):
    """What `lines.local` makes of lines.

    `sums` are equal where lines are, `first` is the number of the first word, or 0, `counts` how many words there
    are, `kinds` that of the first character, `common` how many words have the first mark.
    """

    rows: Rows
    holders: Longs
    content: Longs
    sums: NDArray[np.float64]
    first: Longs
    counts: Longs
    kinds: NDArray[np.uint8]
    common: NDArray[np.float64]


def logs(count: int) -> NDArray[np.float64]:
    """Give the logarithms of 1, 2, ... for at least all numbers from 0 to `count`."""
    if len(_LOGS[0]) <= count:
        _LOGS[0] = np.log1p(np.arange(1 << count.bit_length()))
    return _LOGS[0]


def measured(
    codes: NDArray[np.uint32],
    lengths: Longs,
    tables: tuple[Any, Any],
    weights: tuple[Any, Any, Any, Any],
    width: int,
) -> Measured:
    """Measure lines of these code points, each with its break, in rows of `width` columns; the last is left 0.

    `tables` are the kind and the small form of code points; `weights` the marks of words, what words weigh,
    what pairs do, and the unit of both.
    """
    lines = len(lengths)
    kinds = np.zeros((lines, 16), np.int64)
    bounds = np.zeros(lines + 1, np.int64)
    words = tuple(np.empty((5, len(codes) // 2 + 1), np.int32))
    count = lines_local.divided.compiled(codes, lengths, tables, (kinds, bounds, words))
    kinds[:, 4] -= 1  # the break
    numbers = words[3]
    starts = np.zeros(lines, np.int64)
    np.cumsum(lengths[:-1] + 1, out=starts[1:])
    known = logs(len(codes))
    ends = tuple(
        tables[0][np.minimum(codes[place], len(tables[0]) - 1)] for place in (starts, starts + lengths - 1)
    )
    rows = np.zeros((lines, width), np.float32)
    start = lines_local.shaped.compiled(kinds, ends, lengths, known, rows)
    lines_local.weighed.compiled(words, bounds, (*weights, known), start, rows)
    holders, content = np.empty((2, count), np.int64)
    sums, common = np.zeros((2, lines))
    room = (np.zeros(len(weights[0]), np.int32), np.zeros(count, np.int32))
    held = lines_local.told.compiled(words, (count, weights[0]), room, (holders, content, sums, common))
    counts = np.diff(bounds)
    first = np.where(counts > 0, numbers[np.minimum(bounds[:-1], max(count - 1, 0))], 0).astype(np.int64)
    return Measured(rows, holders[:held], content[:held], sums, first, counts, ends[0], common)


def seen(given: tuple[Any, ...], kept: Longs, ruled: Rows, columns: tuple[Longs, ...], width: int) -> Rows:
    """Give the features of the lines kept.

    `given` are rows, (lengths, prose, common words, words), (holders, content) and (same, shapes) of all lines;
    `columns` those seen of neighbours, those taken the mean of, the places of neighbours, the sizes of windows,
    and two taken the mean of in all.
    """
    rows, (lengths, prose, *more), (holders, content), alike = given
    distinct = int(content.max(initial=-1)) + 1
    lines = len(rows)
    room = (
        np.full(lines, -1, np.int64),
        np.full(distinct, -1, np.int64),
        (np.empty((4, len(holders)), np.int64), np.zeros((3, distinct), np.int64)),
        np.zeros((len(kept) + 1, len(columns[1]))),
        np.zeros((2, lines), np.int64),
    )
    sizes = (lengths, prose, *more, lengths[kept], prose[kept])
    out = np.zeros((width, len(kept)), np.float32).T  # the trees read it by columns
    everything = (rows, sizes, (holders, content), alike, logs(int(max(lengths.sum(), lines))))
    lines_context.seen_among.compiled(everything, kept, ruled, columns, (room, out))
    return out


def scored(columns: Rows, questions: tuple[Any, Any, Any], bias: float) -> NDArray[np.float64]:
    """Give the sum of the leaves that each line falls into."""
    out = np.zeros(columns.shape[1])
    leaf = np.empty(len(out), np.uint8)
    lines_context.scored.compiled(np.ascontiguousarray(columns), _by_threes(questions), leaf, out)
    return out + bias


def _by_threes(questions: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    """Give trees whose depth is a multiple of three: what is asked in vain is always answered no."""
    features, borders, leaves = questions
    vain = ((0, -len(features) % 3), (0, 0))
    if vain[0][1] == 0:
        return questions
    return np.pad(features, vain), np.pad(borders, vain, constant_values=np.inf), leaves
