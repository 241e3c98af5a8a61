"""The block model: how likely each block of a page is the article's, by boosted trees over its features.

The file beside this module holds the trees and what class names tell; benchmarks/train/blocks.py makes it.
Trees lie flat in four arrays, the children of a node side by side, a leaf its own child: so all blocks go
down all trees at once, a level at a time.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from provenance.html.features import Names, features
from provenance.kernels import block_trees
from provenance.kernels.running import worth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.html.blocks import Blocks
    from provenance.html.content import Outline


QUESTIONS = 80  # asked by NumPy in the time of one interpreted step
AT_ONCE = 2_000  # blocks: each takes a few kB while the trees are gone down


class Trees(NamedTuple):
    """Boosted trees: per node its feature, threshold, first child and value; per tree its root; the levels."""

    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    child: NDArray[np.int32]
    value: NDArray[np.float32]
    roots: NDArray[np.int32]
    levels: int


class Model(NamedTuple):
    """The trees, and by name of a tag or class the share of text below it that is an article's."""

    trees: Trees
    names: Names


@lru_cache(1)
def shipped() -> Model:
    """Give the model that comes with the package."""
    data = json.loads((Path(__file__).with_name("blocks.json")).read_text("utf-8"))
    kept = data["trees"]
    return Model(
        Trees(
            np.array(kept["feature"], np.int32),
            np.array(kept["threshold"], np.float32),
            np.array(kept["child"], np.int32),
            np.array(kept["value"], np.float32),
            np.array(kept["roots"], np.int32),
            kept["levels"],
        ),
        Names(data["names"]),
    )


def likelihoods(page: Blocks, shape: Outline, title: str) -> list[float]:
    """Give for each block of a page how likely it is the article's, in 0..1; of no blocks, nothing."""
    if not page.blocks:
        return []
    model = shipped()
    rows = features(page, shape, title, model.names)
    found: list[float] = []
    for first in range(0, len(rows), AT_ONCE):
        found += predict(model.trees, rows[first : first + AT_ONCE]).tolist()
    return found


def predict(trees: Trees, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Give the trees' likelihoods of rows of features."""
    if worth(len(rows) * len(trees.roots) * trees.levels // QUESTIONS):
        raw = np.zeros(len(rows))
        questions = (trees.feature, trees.threshold, trees.child)
        block_trees.summed.compiled(rows, questions, trees.value, trees.roots, raw)
    else:
        raw = np.cumsum(trees.value[_leaves(trees, rows)], axis=1, dtype=np.float64)[:, -1]
    return np.asarray(1 / (1 + np.exp(-raw)))


def _leaves(trees: Trees, rows: NDArray[np.float32]) -> NDArray[np.int32]:
    """Give the leaf that each row comes to in each tree."""
    values = rows.ravel()
    begins = (np.arange(len(rows)) * rows.shape[1])[:, None]
    at = np.broadcast_to(trees.roots, (len(rows), len(trees.roots)))
    for _ in range(trees.levels):
        at = trees.child[at] + (values[begins + trees.feature[at]] > trees.threshold[at])
    return at
