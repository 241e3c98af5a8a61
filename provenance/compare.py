"""What two texts are to each other: copied and rewritten passages, and one verdict with its evidence."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from provenance import runs
from provenance.align import DENSE, LENIENT, STRICT, Chain, Table, chain, seed, table
from provenance.model import Document, MatchKind, Relation, RelationKind, Span, SpanPair
from provenance.words import Text, Vocabulary, read

if TYPE_CHECKING:
    from provenance.runs import Run

EVIDENCE_BITS = 8.0  # a chain of this many bits counts towards the verdict on the documents
PASSAGE = 900  # code points; a rewritten passage is no longer, where sentence ends allow
COPIED = 0.35  # share of a text's words in copied runs from which it is derived, whatever else it says
NEAR = 0.5  # share of both texts' words in copied runs from which they are near-duplicates
SAME_EVENT = 0.2  # cosine of two texts' stems by rarity from which they may be about one thing
UNLIKELY = 0.05  # chance of their best chain below which they are
FREQUENT, RARE, CERTAIN = 5.0, 13.0, 99.0  # bits; bounds of frequent, ordinary and rare words
MIN_WORDS = 8  # a text of fewer words proves nothing: two empty fingerprints are equal

EVIDENCE = ("cover", "cover_other", "strength", "cosine", "common", "rare", "verbatim")  # `order` is shown only

Floats = NDArray[np.float64]


def compare(a: str | Document, b: str | Document) -> Relation:
    """Compare two texts as they stand (nothing is cleaned); spans count code points of each.

    Symmetric: compare(b, a) is the same relation with its sides exchanged.
    """
    first, second = (side if isinstance(side, str) else side.text for side in (a, b))
    if (len(first), first) > (len(second), second):  # numbers of words, and so sums' last bits, follow the order
        return _exchanged(compare(second, first))
    vocabulary = Vocabulary()
    texts = read(first, vocabulary), read(second, vocabulary)
    return relate(*texts, np.array(vocabulary.chances))


def relate(a: Text, b: Text, chances: Floats, pairs: int = 1) -> Relation:
    """Compare two texts of one vocabulary; `chances` is each stem's chance to be in any sentence.

    `pairs` is how many pairs of documents the batch has: so many times chance had its turn.
    """
    if (len(a.source), a.source) > (len(b.source), b.source):  # one canonical order makes the result symmetric
        return _exchanged(relate(b, a, chances, pairs))
    if min(len(a.words), len(b.words)) < MIN_WORDS:
        return Relation("insufficient_text", 0.0, derived=False, reason=f"a text has fewer than {MIN_WORDS} words")
    weighed = table(a, b, chances)
    chains = chain(seed(weighed, STRICT), EVIDENCE_BITS)
    pair = _Pair(a, b, weighed, runs.find(a, b) if chains or a.size * b.size > DENSE else [])
    evidence = _evidence(pair, chains, chances)
    kind, score, derived = _verdict(a, b, evidence)
    lenient = derived and evidence["verbatim"] < 0.2
    if lenient:
        chains = chain(seed(pair.table, LENIENT), EVIDENCE_BITS)
    spans = _passages(pair, chains, REWRITE if lenient else BESIDE if pair.copied else ALONE)
    chance = _chance(a.size * b.size, max((one.score for one in chains), default=0.0))
    if kind == "unrelated":
        if any(span.kind != "quote" for span in spans):
            kind = "shares_passages"
        elif evidence["cosine"] >= SAME_EVENT and chance < UNLIKELY:
            kind = "same_event"
    return Relation(kind, round(score, 4), derived, tuple(spans), pairs * chance, evidence=evidence)


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """Two texts with what was found between them."""

    a: Text
    b: Text
    table: Table
    copied: list[Run]


@dataclass(frozen=True, slots=True)
class _Bar:
    """What it takes to report rewritten passages: bits of their chain, bits and likeness of each.

    A chain of one sentence on either side needs `lone_bits` and `lone_likeness`: that one sentence resembles
    one other happens to any two texts on one subject.
    """

    chain: float
    bits: float
    likeness: float
    lone_bits: float
    lone_likeness: float


def _exchanged(relation: Relation) -> Relation:
    spans = tuple(SpanPair(pair.b, pair.a, pair.kind, pair.score) for pair in relation.spans)
    return replace(relation, spans=tuple(sorted(spans, key=lambda pair: (pair.a, pair.b))))


# Within a rewritten document weak likeness counts. Between documents that are not derived from each other a
# passage must speak for itself, and beside a copied one even more: there the rest is on the same subject.
REWRITE = _Bar(chain=20, bits=4, likeness=0.15, lone_bits=20, lone_likeness=0.15)
ALONE = _Bar(chain=18, bits=8, likeness=0.2, lone_bits=36, lone_likeness=0.5)
BESIDE = _Bar(chain=60, bits=50, likeness=0.45, lone_bits=60, lone_likeness=0.6)


# --- evidence ---------------------------------------------------------------------------------------------


def _evidence(pair: _Pair, chains: list[Chain], chances: Floats) -> dict[str, float]:
    """Give what speaks for and against derivation, each a share in 0..1 (order: -1..1).

    cover, cover_other   weight of the sentences in chains, of the lighter and of the heavier text
    strength             bits of the chains over the weight of the lighter text
    cosine               of the two texts' stems by rarity
    order                correlation of the chained sentences' places
    common, rare         ordinary words, and names and other rare words, of the lighter text found in the other
    verbatim, verbatim_other   words of the lighter, of the heavier text in copied runs outside quotation marks
    """
    weight_a, weight_b = pair.table.weight_a, pair.table.weight_b
    flip = float(weight_a.sum()) > float(weight_b.sum())
    light, heavy = (pair.b, pair.a) if flip else (pair.a, pair.b)
    weight, other = (weight_b, weight_a) if flip else (weight_a, weight_b)
    sides = [(found.b, found.a) if flip else (found.a, found.b) for found in chains]
    own, others = (-np.log2(chances[text.stemmed.keys]) for text in (light, heavy))
    both = own[np.isin(light.stemmed.keys, heavy.stemmed.keys, assume_unique=True)]
    squares = float(own @ own) * float(others @ others)
    total = float(weight.sum()) or 1.0
    verbatim_a = _unquoted(pair.a, [(run.a_start, run.a_end) for run in pair.copied])
    verbatim_b = _unquoted(pair.b, [(run.b_start, run.b_end) for run in pair.copied])
    return {
        "cover": _cover([side[0] for side in sides], weight),
        "cover_other": _cover([side[1] for side in sides], other),
        "strength": min(1.0, sum(found.score for found in chains) / total),
        "cosine": float(both @ both) / math.sqrt(squares) if squares else 0.0,
        "order": _order(sides, [found.each for found in chains], light.size, heavy.size),
        "common": _between(both, FREQUENT, RARE) / (_between(own, FREQUENT, RARE) or 1.0),
        "rare": _between(both, RARE, CERTAIN) / (_between(own, RARE, CERTAIN) or 1.0),
        "verbatim": verbatim_b if flip else verbatim_a,
        "verbatim_other": verbatim_a if flip else verbatim_b,
    }


def _between(bits: Floats, low: float, high: float) -> float:
    """Add up the weights from `low` to below `high`."""
    return float(bits[(bits >= low) & (bits < high)].sum())


def _unquoted(text: Text, runs_of: list[tuple[int, int]]) -> float:
    """Give the share of a text's words that stand in runs and outside quotation marks."""
    inside = np.zeros(len(text.words), dtype=bool)
    for start, end in runs_of:
        inside[start:end] = True
    return float((inside & ~text.quoted).mean())


def _cover(chained: list[NDArray[np.int32]], weight: NDArray[np.float32]) -> float:
    total = float(weight.sum())
    if not chained or not total:
        return 0.0
    return float(weight[np.unique(np.concatenate(chained))].sum()) / total


def _order(
    sides: list[tuple[NDArray[np.int32], NDArray[np.int32]]],
    scores: list[NDArray[np.float32]],
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


# --- verdict ----------------------------------------------------------------------------------------------


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


def _verdict(a: Text, b: Text, evidence: dict[str, float]) -> tuple[RelationKind, float, bool]:
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


def _chance(area: int, bits: float) -> float:
    """Give how many chains of so many bits two unrelated texts would give; `area` is sentences times sentences."""
    model = _model()
    return min(1.0, model.base * area * 10 ** (-model.slope * bits))


# --- passages ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Group:
    """Sentences [a, a_end) of a aligned with [b, b_end) of b, which share `bits`."""

    a: int
    a_end: int
    b: int
    b_end: int
    bits: float


def _passages(pair: _Pair, chains: list[Chain], bar: _Bar) -> list[SpanPair]:
    """Give the aligned passages in the order of a: copied runs, and what was rewritten beside them."""
    a, b = pair.a, pair.b
    if not (chains or pair.copied):
        return []
    found = [_copied_pair(a, b, run) for run in pair.copied]
    known_a = _explained(a, [(run.a_start, run.a_end) for run in pair.copied])
    known_b = _explained(b, [(run.b_start, run.b_end) for run in pair.copied])
    groups = []
    for one in chains:
        lone = len(one.a) == 1
        if one.score >= (bar.lone_bits if lone else bar.chain):
            least = bar.lone_likeness if lone else bar.likeness
            groups += [(group, least) for group in _groups(a, b, one, (known_a, known_b))]
    used_a, used_b = known_a, known_b
    for group, least in sorted(groups, key=lambda row: -row[0].bits):
        likeness = _likeness(pair.table, group)
        if group.bits < bar.bits or likeness < least:
            continue
        own_a, own_b = set(range(group.a, group.a_end)), set(range(group.b, group.b_end))
        if own_a <= used_a and own_b <= used_b:  # stronger passages explain both sides
            continue
        used_a |= own_a
        used_b |= own_b
        span_a = Span(a.spans[group.a].start, a.spans[group.a_end - 1].end)
        span_b = Span(b.spans[group.b].start, b.spans[group.b_end - 1].end)
        found.append(SpanPair(span_a, span_b, "rewritten", round(likeness, 4)))
    return sorted(found, key=lambda pair: (pair.a, pair.b))


def _copied_pair(a: Text, b: Text, run: Run) -> SpanPair:
    span_a = Span(int(a.starts[run.a_start]), int(a.ends[run.a_end - 1]))
    span_b = Span(int(b.starts[run.b_start]), int(b.ends[run.b_end - 1]))
    share = min(1.0, run.equal / max(run.a_end - run.a_start, run.b_end - run.b_start))
    quoted = min(a.quoted[run.a_start : run.a_end].mean(), b.quoted[run.b_start : run.b_end].mean())
    kind: MatchKind = "quote" if quoted >= 0.8 else "copied" if share >= 0.995 else "edited"
    return SpanPair(span_a, span_b, kind, round(share, 4))


def _explained(text: Text, spans: list[tuple[int, int]]) -> set[int]:
    """Give the sentences of which copied runs, words [start, end) each, hold a third or more."""
    inside = np.zeros(len(text.words), dtype=np.int32)
    for start, end in spans:
        inside[start:end] = 1
    held = np.diff(np.concatenate(([0], np.cumsum(inside)))[text.bounds])
    return set(np.flatnonzero(3 * held >= np.diff(text.bounds)).tolist())


def _groups(a: Text, b: Text, one: Chain, known: tuple[set[int], set[int]]) -> list[_Group]:
    """Divide a chain into passages: neighbouring sentence pairs, up to the longest passage on either side."""
    groups: list[_Group] = []
    for i, j, bits in zip(one.a.tolist(), one.b.tolist(), one.each.tolist(), strict=True):
        if i in known[0] or j in known[1]:  # what was copied needs no second explanation
            continue
        last = groups[-1] if groups else None
        if (
            last
            and i <= last.a_end
            and j <= last.b_end
            and a.spans[i].end - a.spans[last.a].start <= PASSAGE
            and b.spans[j].end - b.spans[last.b].start <= PASSAGE
        ):
            groups[-1] = _Group(last.a, i + 1, last.b, j + 1, last.bits + bits)
        else:
            groups.append(_Group(i, i + 1, j, j + 1, bits))
    return groups


def _likeness(table: Table, group: _Group) -> float:
    """Give the share of two passages' weight that they share, 0..1."""
    weight_a, weight_b = table.weight_a[group.a : group.a_end], table.weight_b[group.b : group.b_end]
    rows = slice(*np.searchsorted(table.a, (group.a, group.a_end)))
    inside = (table.b[rows] >= group.b) & (table.b[rows] < group.b_end)
    best_a, best_b = np.zeros(len(weight_a)), np.zeros(len(weight_b))
    np.maximum.at(best_a, table.a[rows][inside] - group.a, table.shared[rows][inside])
    np.maximum.at(best_b, table.b[rows][inside] - group.b, table.shared[rows][inside])
    mean = math.sqrt(float(weight_a.sum()) * float(weight_b.sum())) or 1.0
    return min(1.0, float(best_a.sum() + best_b.sum()) / 2 / mean)
