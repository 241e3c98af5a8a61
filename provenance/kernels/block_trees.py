"""Boosted trees laid out flat, gone down block by block: the numbers that `html.likelihood` makes with NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@Kernel
def summed(
    rows: NDArray[np.float32], questions: tuple[Any, Any, Any], values: Any, roots: Any, out: NDArray[np.float64]
) -> int:
    """Add up for each row the values of the leaves it comes to, tree after tree; give 0.

    `questions` are by node its feature, threshold and first child; a leaf is its own child.
    """
    features, thresholds, children = questions
    for row in range(len(rows)):
        for root in roots:
            at = root
            below = children[at]
            while below != at:
                at = below + (rows[row, features[at]] > thresholds[at])
                below = children[at]
            out[row] += values[at]
    return 0
