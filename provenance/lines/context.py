"""What a line shows among the others: its place, its neighbours, and whether the text speaks of what it says.

Everything here is recomputed when lines are taken away, in a few dozen array operations over all lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.kernels.running import worth
from provenance.lines import compiled
from provenance.lines.characters import BITS
from provenance.lines.local import PLACE, Local

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR = (-3, -2, -1, 1, 2, 3)
_SEEN = ("length", "titled", "last_stop", "opens_order", "opens_more", "lexicon", "lexicon_mean", "prose")
_SEEN_AT = [PLACE[name] for name in _SEEN]
_MEAN_AT = [PLACE["length"], PLACE["lexicon_mean"]]
WINDOWS = (2, 6, 15)
_SPREAD = ("length", "lexicon", "lexicon_mean", "prose", "mark_first", "mark_second", "mark_more", "mark_thread",
           "mark_trade", "mark_when", "titled", "numbers")  # fmt: skip
_SPREAD_AT = [PLACE[name] for name in _SPREAD]
RULES = ("rule", "rule_above", "rule_near", "rule_since")
OPENING, OFTEN = 2, 3  # lines: the first ones; how many must hold a stem for it to be the text's subject
FAR = 60  # lines: what is further away is as far as can be

_PLACES = (
    *("place", "from_start", "from_end", "before", "after", "prose_before", "prose_after", "prose_left"),
    *("since_prose", "until_prose", "run", "outside"),
)
_COHESION = ("foreign", "recurring", "spoken_of", "in_next", "in_after_next", "in_last", "in_opening", "content")
_REPEATED = ("same", "shapes")
_WHOLE = ("lines", "size", "share_prose", "share_common", "mean_length", "mean_lexicon")
NAMES = (
    *PLACE,
    *RULES,
    *_PLACES,
    *(f"{name}_{at:+}" for at in NEAR for name in (*_SEEN, "rule")),
    *(f"{name}_within_{size}" for size in WINDOWS for name in (*_SPREAD, "rule")),
    *(f"{name}_{side}" for side in ("all_before", "all_after", "all") for name in (*_SPREAD, "rule")),
    *_COHESION,
    *_REPEATED,
    *_WHOLE,
)
_COLUMNS = tuple(
    np.array(columns, np.int64) for columns in (_SEEN_AT, [*_SPREAD_AT, len(PLACE)], NEAR, WINDOWS, _MEAN_AT)
)
PLACES = {name: place for place, name in enumerate(NAMES)}


def features(local: Local, kept: NDArray[np.int64], ruled: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the features of the kept lines, float32 (n, len(NAMES)).

    `kept` are numbers of lines of `local`, ascending; `ruled` the confidence of the surest rule for each.
    """
    if worth(len(kept) * len(NAMES) // compiled.CELLS):
        return _compiled(local, kept, ruled)
    rows = local.rows[kept]
    lengths, prose = local.lengths[kept], local.prose[kept]
    parts: list[NDArray[Any]] = [
        rows,
        _rules(ruled),
        _places(lengths, prose),
        *_neighbours(np.concatenate([rows[:, _SEEN_AT], ruled[:, None]], axis=1)),
        *_windows(np.concatenate([rows[:, _SPREAD_AT], ruled[:, None]], axis=1)),
        _cohesion(local, kept, prose),
        _repeated(local, kept),
        _whole(local, kept, rows),
    ]
    return np.concatenate(parts, axis=1, dtype=np.float32)


def _compiled(local: Local, kept: NDArray[np.int64], ruled: NDArray[np.float32]) -> NDArray[np.float32]:
    alike = (local.same, local.shapes)
    sizes = (local.lengths, local.prose, local.common, local.counts)
    given = (local.rows, sizes, (local.holders, local.content), alike)
    return compiled.seen(given, kept, ruled, _COLUMNS, len(NAMES))


def _rules(ruled: NDArray[np.float32]) -> NDArray[np.float64]:
    hit = ruled > 0
    number = np.arange(len(ruled))
    since = number - np.maximum.accumulate(np.where(hit, number, -FAR))
    sums = np.concatenate([[0], np.cumsum(hit)])
    low, high = np.maximum(number - 3, 0), np.minimum(number + 4, len(ruled))
    return np.stack((ruled, sums[:-1], sums[high] - sums[low], np.log1p(np.minimum(since, FAR))), axis=1)


def _places(lengths: NDArray[np.float64], prose: NDArray[np.bool_]) -> NDArray[np.float64]:
    count = len(lengths)
    number = np.arange(count)
    sizes = np.column_stack([lengths, lengths * prose])
    upto = np.cumsum(sizes, axis=0)
    whole = np.maximum(upto[-1], 1)
    before, after = (upto - sizes) / whole, (upto[-1] - upto) / whole
    last = np.maximum.accumulate(np.where(prose, number, -FAR))
    coming = np.minimum.accumulate(np.where(prose, number, count + FAR)[::-1])[::-1]
    since, until = np.minimum(number - last, FAR), np.minimum(coming - number, FAR)
    outside = np.where(before[:, 1] <= 0, 1, np.where((after[:, 1] <= 0) & ~prose, 2, 0))
    columns = (
        (number + 0.5) / count,
        np.log1p(number),
        np.log1p(count - 1 - number),
        before[:, 0],
        after[:, 0],
        before[:, 1],
        after[:, 1],
        np.log1p(upto[-1, 1] - upto[:, 1]),
        np.log1p(since),
        np.log1p(until),
        np.log1p(since + until),
        outside,
    )
    return np.stack(columns, axis=1)


def _neighbours(seen: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Give what is seen of each line above and below in `NEAR`; 0 beyond the ends."""
    reach = max(NEAR)
    padded = np.zeros((len(seen) + 2 * reach, seen.shape[1]), np.float32)
    padded[reach : reach + len(seen)] = seen
    return [padded[reach + at : reach + at + len(seen)] for at in NEAR]


def _windows(spread: NDArray[np.float32]) -> list[NDArray[np.float64]]:
    """Give means over the lines around, over all before, all after, and all."""
    count = len(spread)
    sums = np.zeros((count + 1, spread.shape[1]))
    np.cumsum(spread, axis=0, out=sums[1:])
    number = np.arange(count)
    parts = []
    for size in WINDOWS:
        low, high = np.maximum(number - size, 0), np.minimum(number + size + 1, count)
        parts.append((sums[high] - sums[low]) / (high - low)[:, None])
    parts.append(sums[:-1] / np.maximum(number, 1)[:, None])
    parts.append((sums[-1] - sums[1:]) / np.maximum(count - 1 - number, 1)[:, None])
    parts.append(np.broadcast_to(sums[-1] / count, spread.shape))
    return parts


def _cohesion(local: Local, kept: NDArray[np.int64], prose: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give shares of a line's content stems: found nowhere else, often, in prose, in the lines around."""
    count = len(kept)
    place = np.full(len(local.lengths), -1, np.int64)
    place[kept] = np.arange(count)
    line, stem = place[local.holders], local.content
    if count < len(place):
        held = line >= 0
        line, stem = line[held], stem[held]
    inside = prose[line]
    lines_with = np.bincount(stem)[stem]
    prose_with = np.bincount(stem, inside)[stem] - inside
    opening = np.zeros(stem.max(initial=-1) + 1, np.bool_)
    opening[stem[line < OPENING]] = True
    shares = np.empty((len(line) + 1, 7))
    shares[0] = 0
    shares[1:, 0] = lines_with == 1
    shares[1:, 1] = lines_with > OFTEN
    shares[1:, 2] = prose_with > 0
    keys = line << BITS | stem
    keys.sort()
    here = line << BITS | stem
    for column, at in ((3, 1), (4, 2), (5, -1)):
        wanted = here + (at << BITS)
        found = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        shares[1:, column] = keys[found] == wanted
    shares[1:, 6] = opening[stem] & (line >= OPENING)
    np.cumsum(shares, axis=0, out=shares)
    size = np.bincount(line, minlength=count)
    upto = np.cumsum(size)
    sums = shares[upto] - shares[upto - size]
    return np.concatenate([sums / np.maximum(size, 1)[:, None], np.log1p(size)[:, None]], axis=1)


def _repeated(local: Local, kept: NDArray[np.int64]) -> NDArray[np.float64]:
    columns = np.empty((len(kept), 2))
    for column, numbers in enumerate((local.same[kept], local.shapes[kept])):
        columns[:, column] = np.bincount(numbers)[numbers]
    return np.log1p(columns - 1)


def _whole(local: Local, kept: NDArray[np.int64], rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Give what holds for the whole text, the same in every row."""
    lengths = local.lengths[kept]
    size = lengths.sum()
    values = (
        np.log1p(len(kept)),
        np.log1p(size),
        lengths[local.prose[kept]].sum() / size,
        local.common[kept].sum() / max(1.0, local.counts[kept].sum()),
        # One after the other, as the kernel adds them up: sums of fractions depend on the order.
        np.cumsum(rows[:, PLACE["length"]], dtype=np.float64)[-1] / len(kept),
        np.cumsum(rows[:, PLACE["lexicon_mean"]] * lengths)[-1] / size,
    )
    return np.broadcast_to(np.array(values), (len(kept), len(values)))
