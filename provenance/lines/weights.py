"""The trained model: a lexicon, trees, a calibration and thresholds, kept beside this module as arrays.

The file is NumPy's own format without pickled objects; `benchmarks/train/lines.py` writes it. What it was
trained on, under which licence, and how well it does on sites it had not seen stands in it as text.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.kernels.running import worth
from provenance.lines import compiled
from provenance.lines.vocabulary import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FILE = "model.npz"
ONE = np.float32(1)
QUESTIONS = 150  # asked by NumPy in the time of one interpreted step
CHUNK = 128  # lines judged at one time: as many as a processor's cache holds the answers of


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """What words and pairs of words weigh as furniture, and which kinds of words there are, by number.

    words, pairs   int8 or float32 (2**BITS,), above 0 for furniture; in units of `scale`
    marks          uint16 (2**BITS,), one bit for each kind in `vocabulary`

    As whole numbers the tables stay near the processor: it looks up words all over them.
    """

    words: NDArray[np.int8] | NDArray[np.float32]
    pairs: NDArray[np.int8] | NDArray[np.float32]
    marks: NDArray[np.uint16]
    scale: np.float32 = ONE


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Boosted trees that ask the same question everywhere at one depth: T trees of depth D.

    features    int64 (D, T), the column that is compared
    borders     float32 (D, T)
    leaves      float32 (T, 2**D), added up
    bias        added to the sum
    """

    features: NDArray[np.int64]
    borders: NDArray[np.float32]
    leaves: NDArray[np.float32]
    bias: float

    def score(self, columns: NDArray[np.float32]) -> NDArray[np.float64]:
        """Give the sum of the leaves that each line falls into, float64 (n,).

        `columns` is (features, n): a question then reads and writes neighbouring numbers, for all lines at once.
        """
        lines = columns.shape[1]
        if worth(lines * self.features.size // QUESTIONS):
            return compiled.scored(columns, (self.features, self.borders, self.leaves), self.bias)
        parts = [self._score(columns[:, at : at + CHUNK]) for at in range(0, lines, CHUNK)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _score(self, columns: NDArray[np.float32]) -> NDArray[np.float64]:
        depth, trees = self.features.shape
        over = np.take(columns, self.features.ravel(), axis=0) > self.borders.reshape(-1, 1)
        asked = over.view(np.uint8).reshape(depth, trees, columns.shape[1])
        leaf = asked[0].copy()
        for level in range(1, depth):
            leaf |= asked[level] << np.uint8(level)
        places = leaf + (np.arange(trees, dtype=np.int32) << depth)[:, None]
        score: NDArray[np.float64] = np.take(self.leaves.ravel(), places).sum(axis=0, dtype=np.float64)
        return score + self.bias


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """All that judging needs: `slope` and `shift` make a probability of a score; `least`, by strictness."""

    lexicon: Lexicon
    trees: Trees
    slope: float
    shift: float
    least: Mapping[str, float]
    least_heading: Mapping[str, float]
    about: Mapping[str, Any]

    def chance(self, columns: NDArray[np.float32]) -> NDArray[np.float64]:
        """Give the probability that each line of (features, n) is not the article's, float64 (n,)."""
        chance: NDArray[np.float64] = 1 / (1 + np.exp(-(self.slope * self.trees.score(columns) + self.shift)))
        return chance


@cache
def model() -> Model:
    """Read the model."""
    with np.load(io.BytesIO(files("provenance.lines").joinpath(FILE).read_bytes()), allow_pickle=False) as data:
        about = json.loads(str(data["about"]))
        return Model(
            lexicon=Lexicon(data["words"], data["pairs"], table(), np.float32(about["lexicon_scale"])),
            trees=Trees(data["features"].astype(np.int64), data["borders"], data["leaves"], about["bias"]),
            slope=about["slope"],
            shift=about["shift"],
            least=about["least"],
            least_heading=about["least_heading"],
            about=about,
        )
