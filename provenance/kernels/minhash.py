"""The least value of each permutation, of the shingles of many passages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint32]
    Longs = NDArray[np.int64]


@Kernel
def least(values: Words, bounds: tuple[Longs, Longs], permutations: tuple[Words, Words], out: tuple[Words]) -> int:
    """Lower `out` to the least of factor * value + term (mod 2**32) over the values of each passage; give 0.

    bounds are each passage's first value and its end; out has, by passage, one value for each permutation. This
    kernel is for compiling only: arithmetic on 32 bits is what processors do eight values of at a time.
    """
    starts, ends = bounds
    factors, terms = permutations
    (found,) = out
    size = len(factors)
    for passage in range(len(starts)):
        lowest = found[passage * size : (passage + 1) * size]
        for place in range(starts[passage], ends[passage]):
            value = values[place]
            for number in range(size):
                permuted = np.uint32(np.uint32(factors[number] * value) + terms[number])
                lowest[number] = min(lowest[number], permuted)
    return 0
