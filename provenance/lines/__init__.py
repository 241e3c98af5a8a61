"""The line model: how likely each line of a text is not the article, by its words, its shape and its neighbours.

It learned from English pages. It judges no text that it does not know the like of: too short, without running
text, or with few of the words that every English text is full of; there it says nothing, and the rules decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

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
HEADING = 80  # code points
SPOKEN_OF, TITLE = 0.34, 3  # share of a title's stems that recur in paragraphs; stems it has at least
BEGINNING = 5  # lines: a title stands among the first, or among the last above the first paragraph
RULED = 0.75  # confidence of a rule: between a title and its paragraph such lines do not count
# Stems that make two paragraphs one text: so many that both have, each in so few lines; and the probability of
# furniture up to which a paragraph speaks for others.
TOGETHER, RARE, TRUSTED = 2, 3, 0.5
SPARING = ("safe", "balanced")  # a strict cleaning is for who would rather lose a paragraph
AGAIN = 3  # times that a label is met
_SAID = [PLACE[f"last_{name}"] for name in ("stop", "ask", "exclaim", "colon", "comma", "quote")]


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
    if not _is_known(local, numbers):
        return None
    table = features(local, numbers, np.array(ruled, np.float32))
    headings = (local.lengths[numbers] < HEADING) & ~table[:, _SAID].any(axis=1)
    above = _above(table)
    titles = _titles(table, above)
    found = np.where(_labels(local, numbers) | titles, 0.0, model().chance(table))
    spared = (
        _ledes(table, titles) | _belonging(local, numbers, found) | _likeliest_title(above & ~titles.any(), found)
    )
    return Judged(found, headings, spared)


def _titles(table: NDArray[np.float32], above: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which lines near the first paragraph, or near the start, say what the paragraphs speak of.

    A menu may stand above a title, however long, and its byline below: so lines are counted up from the first
    paragraph, those left out that a rule knows.
    """
    spoken_of = table[:, PLACES["spoken_of"]] >= SPOKEN_OF
    titles: NDArray[np.bool_] = spoken_of & (above | (_says_much(table) & (np.arange(len(table)) < BEGINNING)))
    return titles


def _likeliest_title(may_be: NDArray[np.bool_], chances: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which line near the first paragraph is the title, where the paragraphs speak of none of them.

    Many a headline has its own words: "Call to clear sprinter".
    """
    found = np.zeros(len(may_be), np.bool_)
    if may_be.any():
        found[np.where(may_be, chances, np.inf).argmin()] = True
    return found


def _above(table: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Say which lines that say as much as a title stand close above the first paragraph."""
    told = (table[:, PLACES["outside"]] == 1) & (table[:, PLACES["rule"]] < RULED)
    above = np.cumsum(told[::-1])[::-1] - table[:, PLACE["prose"]]  # a line, and those to the first paragraph
    close: NDArray[np.bool_] = _says_much(table) & (above <= BEGINNING)
    return close


def _says_much(table: NDArray[np.float32]) -> NDArray[np.bool_]:
    opens = table[:, PLACES["outside"]] == 1
    says: NDArray[np.bool_] = opens & (table[:, PLACES["content"]] >= np.log1p(TITLE))
    return says


def _ledes(table: NDArray[np.float32], titles: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which paragraph stands first below a title, or first of all: many a lede is alone in what it says."""
    found = np.zeros(len(table), np.bool_)
    prose = np.flatnonzero(table[:, PLACE["prose"]])
    if len(prose):
        told = table[: prose[0], PLACES["rule"]] < RULED
        found[prose[0]] = titles[: prose[0]].any() or not told.any()
    return found


def _belonging(local: Local, kept: NDArray[np.int64], chances: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which paragraphs stand between two of the article's, and have stems with them that hardly a line has.

    Comments speak of the article too, but among comments.
    """
    prose = np.flatnonzero(local.prose[kept])
    trusted = np.zeros(len(kept), np.bool_)
    trusted[prose] = chances[prose] < TRUSTED
    found = np.zeros(len(kept), np.bool_)
    inside = prose[1:-1][trusted[prose[:-2]] & trusted[prose[2:]]]
    if not len(inside):
        return found
    place = np.full(len(local.lengths), -1, np.int64)
    place[kept] = np.arange(len(kept))
    line = place[local.holders]
    held = line >= 0
    line, stem = line[held], local.content[held]
    speaks = trusted[line]
    shared = (np.bincount(stem, speaks)[stem] > speaks) & (np.bincount(stem)[stem] <= RARE)
    found[inside] = np.bincount(line, shared, len(kept))[inside] >= TOGETHER
    return found


def _labels(local: Local, kept: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say which lines head the paragraph below again and again, or with a colon, as the speakers of an interview.

    The pages that the model learned from have few interviews, and many comments, which look like them.
    """
    prose = local.prose[kept]
    heads = np.zeros(len(kept), np.bool_)
    heads[:-1] = ~prose[:-1] & prose[1:] & (local.lengths[kept[:-1]] < HEADING)
    if not heads.any():
        return heads
    same = local.same[kept]
    again = np.bincount(same, heads)[same] >= AGAIN
    colon: NDArray[np.bool_] = local.rows[kept, PLACE["last_colon"]] > 0
    return heads & (again | colon)


def _is_known(local: Local, kept: NDArray[np.int64]) -> bool:
    """Say whether a text is of the kind that the model learned from."""
    lengths = local.lengths[kept]
    if lengths.sum() < SIZE:
        return False
    if (local.rows[kept, PLACE["share_2"]] * lengths).sum() > OTHER_LETTERS * lengths.sum():
        return False
    return bool(local.common[kept].sum() >= COMMON * local.counts[kept].sum())
