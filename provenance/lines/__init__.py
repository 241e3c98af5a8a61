"""The line model: how likely each line of a text is not the article, by its words, its shape and its neighbours.

It learned from English pages. It judges no text that it does not know the like of: too short, without running
text, or with few of the words that every English text is full of; there it says nothing, and the rules decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.kernels.lines_spared import HEADING, spared_of
from provenance.lines.context import PLACES, features
from provenance.lines.local import PLACE, Local, measure
from provenance.lines.weights import model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from provenance.rules import Lines

__all__ = ["Judged", "judge", "lines_of"]

SIZE = 1_200  # code points: the pages it learned from have five to ten times as many
COMMON = 0.25  # share of words that are common in English; running text has .4 to .55, its lists less
OTHER_LETTERS = 0.1  # share of code points in scripts without case: with more, words of English are quoted
STEPS = 2  # of the kernel, for each line and each stem that a line holds
SPARING = ("safe", "balanced")  # a strict cleaning is for who would rather lose a paragraph
_SAID = [PLACE[f"last_{name}"] for name in ("stop", "ask", "exclaim", "colon", "comma", "quote")]
_SHOWN = [PLACES[name] for name in ("outside", "rule", "content", "spoken_of")]


def lines_of(lines: Lines) -> Local:
    """Measure all lines of a text once; looks at fewer of them take their rows from here."""
    return measure(lines.texts, lines.prose, model().lexicon)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """For n lines, float64 (n,): the probability that it is not the article's.

    bool (n,): which may be a heading, and which paragraphs only a strict cleaning may take on the model's word.
    """

    chances: NDArray[np.float64]
    headings: NDArray[np.bool_]
    spared: NDArray[np.bool_]

    def places(self, strictness: str) -> list[int]:
        """Give the places of the lines to remove; what may be a section's heading must be surer furniture."""
        known = model()
        least = np.where(self.headings, known.least_heading[strictness], known.least[strictness])
        over = self.chances >= least
        return np.flatnonzero(over & ~self.spared if strictness in SPARING else over).tolist()

    def confidence(self, place: int) -> float:
        """Give the probability for one line, in thousandths."""
        return round(min(float(self.chances[place]), 0.999), 3)


def judge(local: Local, kept: Sequence[int], ruled: Sequence[float]) -> Judged | None:
    """Judge the lines of a text that are left; None for a text that the model does not know the like of.

    `kept` are numbers of lines, ascending; `ruled` says for each of them how sure the surest rule is, or 0.
    """
    numbers = np.array(kept, np.int64)
    lengths = local.lengths[numbers]
    if not _is_known(local, numbers, lengths):
        return None
    columns = np.ascontiguousarray(features(local, numbers, np.array(ruled, np.float32)).T)
    headings = (lengths < HEADING) & ~columns[_SAID].any(axis=0)
    chances, spared = _spared(local, numbers, columns, model().chance(columns))
    return Judged(chances, headings, spared)


def _spared(
    local: Local, kept: NDArray[np.int64], columns: NDArray[np.float32], chances: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Give the chances, 0 for titles and speakers, and which lines only a strict cleaning takes on their word."""
    line_of = np.full(len(local.lengths), -1, np.int64)
    line_of[kept] = np.arange(len(kept))
    spared, titles = np.zeros((2, len(kept)), np.bool_)
    met = np.zeros(len(line_of), np.int64)
    room = (np.zeros((2, len(local.content)), np.int64), np.zeros((2, len(kept)), np.int64))
    spared_of.run(
        STEPS * (len(kept) + len(local.content)),
        (
            (local.lengths[kept], local.prose[kept], local.same[kept]),
            (*columns[_SHOWN], local.rows[kept, PLACE["last_colon"]]),
            (local.holders, local.content, line_of),
        ),
        (chances, spared, titles, met, *room),
    )
    return chances, spared


def _is_known(local: Local, kept: NDArray[np.int64], lengths: NDArray[np.float64]) -> bool:
    """Say whether a text is of the kind that the model learned from."""
    if lengths.sum() < SIZE:
        return False
    if (local.rows[kept, PLACE["share_2"]] * lengths).sum() > OTHER_LETTERS * lengths.sum():
        return False
    return bool(local.common[kept].sum() >= COMMON * local.counts[kept].sum())
