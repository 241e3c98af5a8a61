"""What the sentences of many pairs of texts share beyond chance, roughly."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]


@Kernel
def excess(
    corpus: tuple[Longs, Longs, Longs, Longs, Floats, Floats],
    pairs: tuple[Longs, Longs],
    frequent: int,
    share: float,
    out: tuple[Floats, Longs, Longs, Floats],
) -> int:
    """Write the bits by which each pair's sentences share more than `share` of their mean weight, added up; give 0.

    corpus is (first, keys, posts, rows, bits of each key, weight of each sentence): text t's sorted keys are
    keys[first[t]:first[t + 1]], place p's sentences rows[posts[p]:posts[p + 1]]. A key that more than `frequent` pairs of
    their sentences share is left out. out has room for each pair's bits, then for twice the most sentence pairs
    that two texts may share a key in, a power of two: -1s, the same to work in, and zeros.
    """
    first, keys, posts, rows, bits, weight = corpus
    found, cells, touched, total = out
    for pair in range(len(pairs[0])):
        i, j = first[pairs[0][pair]], first[pairs[1][pair]]
        last_i, last_j = first[pairs[0][pair] + 1], first[pairs[1][pair] + 1]
        count = 0
        while i < last_i and j < last_j:
            if keys[i] < keys[j]:
                i += 1
                continue
            if keys[i] > keys[j]:
                j += 1
                continue
            if (posts[i + 1] - posts[i]) * (posts[j + 1] - posts[j]) <= frequent:
                for row in rows[posts[i] : posts[i + 1]]:
                    for column in rows[posts[j] : posts[j + 1]]:
                        cell = row * len(weight) + column
                        slot = ((cell & 0x7FFFFFFF) * 0x61C88647 >> 20) & (len(cells) - 1)
                        while cells[slot] >= 0 and cells[slot] != cell:
                            slot = slot + 1 & len(cells) - 1
                        if cells[slot] < 0:
                            cells[slot] = cell
                            touched[count] = slot
                            count += 1
                        total[slot] += bits[keys[i]]
            i += 1
            j += 1
        for place in range(count):
            slot = touched[place]
            row, column = cells[slot] // len(weight), cells[slot] % len(weight)
            found[pair] += max(0.0, total[slot] - share * math.sqrt(weight[row] * weight[column]))
            cells[slot] = -1
            total[slot] = 0.0
    return 0
