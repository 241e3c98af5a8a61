"""What speaks for derivation between two texts, and the verdict on it.

A logistic regression over a few shares; the weights are in relation.json, and benchmarks/train/relation.py says
how they came to be.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from provenance.kernels import sentences

if TYPE_CHECKING:
    from provenance.align import Chain, Table
    from provenance.model import RelationKind
    from provenance.runs import Run
    from provenance.words import Text

COPIED = 0.35  # share of a text's words in copied runs from which it is derived, whatever else it says
NEAR = 0.5  # share of both texts' words in copied runs from which they are near-duplicates
FREQUENT, RARE = 5.0, 13.0  # bits; ordinary words lie between

# What the verdict is made of. `order` is only shown: swapping paragraphs must not hide where they come from.
EVIDENCE = ("cover", "cover_other", "longest", "mutual", "clear", "cosine", "common", "verbatim")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two texts with what was found between them."""

    a: Text
    b: Text
    table: Table
    copied: list[Run]


def gather(pair: Pair, chains: list[Chain], chances: Floats) -> dict[str, float]:
    """Gather what speaks for and against derivation, each a share in 0..1 (order: -1..1).

    cover, cover_other   weight of the sentences in chains, of the lighter and of the heavier text
    longest              bits of the strongest chain over the weight of the lighter text
    mutual               weight of the lighter text's sentences that are their best likeness' best likeness
    clear                how much liker their best likeness is than the next, by weight: a rewritten sentence
                         has one counterpart, two reports of one event resemble each other all over
    cosine               of the two texts' stems by rarity
    order                correlation of the chained sentences' places
    common               ordinary words (neither rare nor frequent) of the lighter text found in the other
    verbatim, verbatim_other   words of the lighter, of the heavier text in copied runs outside quotation marks
    """
    weight_a, weight_b = pair.table.weight_a, pair.table.weight_b
    flip = float(weight_a.sum()) > float(weight_b.sum())
    light, heavy = (pair.b, pair.a) if flip else (pair.a, pair.b)
    weight, other = (weight_b, weight_a) if flip else (weight_a, weight_b)
    sides = [(found.b, found.a) if flip else (found.a, found.b) for found in chains]
    own, others = (-np.log2(chances[text.stemmed.keys]) for text in (light, heavy))
    both = own[pair.table.common[1 if flip else 0]]
    squares = float(own @ own) * float(others @ others)
    total = float(weight.sum()) or 1.0
    mutual, clear = _counterparts(pair.table, weight, flip=flip)
    verbatim_a = _unquoted(pair.a, [(run.a_start, run.a_end) for run in pair.copied])
    verbatim_b = _unquoted(pair.b, [(run.b_start, run.b_end) for run in pair.copied])
    return {
        "cover": _cover([side[0] for side in sides], weight),
        "cover_other": _cover([side[1] for side in sides], other),
        "longest": min(1.0, max((found.score for found in chains), default=0.0) / total),
        "mutual": mutual,
        "clear": clear,
        "cosine": float(both @ both) / math.sqrt(squares) if squares else 0.0,
        "order": _order(sides, [found.each for found in chains], light.size, heavy.size),
        "common": _ordinary(both) / (_ordinary(own) or 1.0),
        "verbatim": verbatim_b if flip else verbatim_a,
        "verbatim_other": verbatim_a if flip else verbatim_b,
    }


def _ordinary(bits: Floats) -> float:
    """Add up the weights of ordinary words."""
    return float(bits[(bits > FREQUENT) & (bits < RARE)].sum())


def _unquoted(text: Text, runs_of: list[tuple[int, int]]) -> float:
    """Give the share of a text's words that stand in runs and outside quotation marks."""
    if not runs_of:
        return 0.0
    inside = np.zeros(len(text.words), dtype=bool)
    for start, end in runs_of:
        inside[start:end] = True
    return float((inside & ~text.quoted).mean())


def _counterparts(table: Table, weight: Floats, *, flip: bool) -> tuple[float, float]:
    """Give `mutual` and `clear` of the text whose sentences weigh `weight`: the table's b with `flip`, else a."""
    total = float(weight.sum())
    if not (len(table.a) and total):
        return 0.0, 0.0
    pairs = (table.b, table.a) if flip else (table.a, table.b)
    likeness = table.shared / np.maximum(table.mean, 1)
    result, room = np.zeros(2), []
    for size in (len(weight), len(table.weight_a if flip else table.weight_b)):
        room += [np.full(size, -1), np.zeros(size), np.zeros(size)]
    sentences.counterparts.run(2 * len(likeness) + len(weight), (pairs, likeness, weight), (result, *room))
    return float(result[0]) / total, float(result[1]) / total


def _cover(chained: list[NDArray[np.int64]], weight: Floats) -> float:
    total = float(weight.sum())
    if not chained or not total:
        return 0.0
    covered = np.zeros(len(weight), dtype=bool)
    covered[np.concatenate(chained)] = True
    return float(weight[covered].sum()) / total


def _order(
    sides: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
    scores: list[Floats],
    size: int,
    other: int,
) -> float:
    """Give the correlation of the chained sentences' relative places, weighted by score; 0 if there is none."""
    if not sides:
        return 0.0
    x = np.concatenate([side[0] for side in sides]) / max(1, size - 1)
    y = np.concatenate([side[1] for side in sides]) / max(1, other - 1)
    w = np.concatenate(scores).astype(np.float64)
    w /= w.sum()
    x, y = x - (w * x).sum(), y - (w * y).sum()
    spread = math.sqrt(float((w * x * x).sum()) * float((w * y * y).sum()))
    return float((w * x * y).sum()) / spread if spread > 1e-9 else 0.0


@dataclass(frozen=True, slots=True)
class _Model:
    """The trained weights of the evidence (benchmarks/train/relation.py says how they came to be)."""

    weights: dict[str, float]
    threshold: float
    base: float
    slope: float


@lru_cache(maxsize=1)
def _model() -> _Model:
    record = json.loads((Path(__file__).parent / "relation.json").read_text(encoding="utf-8"))
    return _Model(record["weights"], record["threshold"], record["chance"]["base"], record["chance"]["slope"])


def threshold() -> float:
    """Give the score from which two documents are called derived."""
    return _model().threshold


def judge(a: Text, b: Text, evidence: dict[str, float]) -> tuple[RelationKind, float, bool]:
    """Give the kind of the relation, its score in 0..1, and whether the documents are called derived."""
    if np.array_equal(a.words, b.words):
        return "exact", 1.0, True
    model = _model()
    logit = model.weights["intercept"] + sum(model.weights[name] * evidence[name] for name in EVIDENCE)
    score = 1 / (1 + math.exp(-max(-40.0, min(40.0, logit))))
    if evidence["verbatim"] >= COPIED:  # copying needs no model
        near = min(evidence["verbatim"], evidence["verbatim_other"]) >= NEAR
        return "near_duplicate" if near else "shares_passages", max(score, evidence["verbatim"], 0.5), True
    if score >= model.threshold:
        return "rewritten", score, True
    return "unrelated", score, False


def chance(area: int, bits: float) -> float:
    """Give how many chains of so many bits two unrelated texts would give; `area` is sentences times sentences."""
    model = _model()
    return min(1.0, model.base * area * 10 ** (-model.slope * bits))
