"""Alignment of two texts, sentence to sentence: seed, chain, extend, as sequence aligners do.

Seeds are sentence pairs whose shared stems weigh more than chance; a stem weighs what it tells, in bits
(`rarity`), less where it recurs within these two texts. A chain joins seeds in like order and lifts its
weak members: a pair that proves little alone counts between two strong neighbours. Swapped paragraphs
give several chains. (BLAST: Altschul et al., 1990; minimap2's chaining: Li, 2018.)
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from provenance.kernels import chains, sentences

if TYPE_CHECKING:
    from provenance.words import Incidence, Text

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Common = tuple[Longs, Longs]

CAP = 14.0  # bits; beyond it rarity is mostly misspelling
STRICT = 0.20  # share of two sentences' geometric mean weight that a seed must exceed
LENIENT = 0.12  # the same within documents that are derived: there, weaker likeness is worth showing
LEAST = 2.0  # bits beyond that; less is noise
DENSE = 2_000_000  # sentence pairs of two texts that are all weighed
BUDGET = 4_000_000  # sentence pairs looked at for two texts that have more
MOST = 30_000  # seeds that are chained
PHRASE = 3.0  # bits that a shared pair of neighbouring words adds: rewriting keeps phrases, reporting shares facts
COLLOCATION = 10.0  # how much oftener than by chance two words that go together stand side by side
LISTED = 0.3  # of its score counts where a seed is a list of names: teams and casts recur
GAP = 1.5  # bits a chain pays for each sentence passed over
REACH = 3  # sentences a chain may pass over on either side
WINDOW = 48  # how many earlier seeds are looked at as predecessors


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What two texts' sentences share, for the n pairs that share `LEAST` bits beyond `LENIENT`; sorted by (a, b).

    a, b                int64 (n,), the sentences
    shared, mean        float64 (n,), bits they share, geometric mean of their weights
    trust               float64 (n,), how far the pair's bits count
    weight_a, weight_b  float64, each sentence's weight in bits
    common              the places, in a's and in b's stems, of the stems they share
    """

    a: Longs
    b: Longs
    shared: Floats
    mean: Floats
    trust: Floats
    weight_a: Floats
    weight_b: Floats
    common: Common


@dataclass(frozen=True, slots=True, eq=False)
class Seeds:
    """Sentence pairs worth joining: sentence of a, sentence of b, score in bits (n,); sorted by (a, b)."""

    a: Longs
    b: Longs
    score: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Seeds in like order: sentence of a, sentence of b, score of each; `score` is the chain's, in bits."""

    a: Longs
    b: Longs
    each: Floats
    score: float


def table(a: Text, b: Text, chances: Floats) -> Table:
    """Weigh what each sentence of a shares with each of b.

    All pairs where they are few; else only those that share a stem which few pairs share, so that two books
    cost what their rare words cost and not the product of their lengths.
    """
    common, bits, weight = _weighed(a, b, chances)
    sizes = a.size, b.size
    stems = _shared((a.stemmed, b.stemmed), common, bits, sizes)
    least = _added([stems], weight, 0)[0]
    kinds = [stems, _phrases(a, b, chances)] if least else []  # most pairs of texts end here
    _, (rows, columns, shared) = _added(kinds, weight, 2 * least)
    mean = np.sqrt(weight[0][rows] * weight[1][columns])
    trust = np.where(a.listed[rows] | b.listed[columns], LISTED, 1.0)
    return Table(rows, columns, shared, mean, trust, *weight, common)


def seed(pair: Table, penalty: float) -> Seeds:
    """Give the sentence pairs that share more than `penalty` (`LENIENT` or more) of their mean weight."""
    score = pair.trust * (pair.shared - penalty * pair.mean)
    chosen = np.flatnonzero(score > 0)
    if len(chosen) > MOST:
        chosen = np.sort(chosen[np.argsort(-score[chosen], kind="stable")[:MOST]])
    return Seeds(pair.a[chosen], pair.b[chosen], score[chosen])


def _common(a: Incidence, b: Incidence) -> Common:
    """Give the places, in a's and in b's keys, of the keys they share."""
    least = min(len(a.keys), len(b.keys))
    here, there = np.empty(least, np.int64), np.empty(least, np.int64)
    found = sentences.common.run(len(a.keys) + len(b.keys), (a.keys, b.keys), (here, there))
    return here[:found], there[:found]


def _weighed(a: Text, b: Text, chances: Floats) -> tuple[Common, Floats, tuple[Floats, Floats]]:
    """Give the stems that two texts share, their bits, and the bits of each sentence of a and of b."""
    given = [(one.rows, one.slots, one.keys, one.counts, chances[one.keys]) for one in (a.stemmed, b.stemmed)]
    least = min(len(a.stemmed.keys), len(b.stemmed.keys))
    here, there = np.empty(least, np.int64), np.empty(least, np.int64)
    bits_a, bits_b = np.empty(len(a.stemmed.keys)), np.empty(len(b.stemmed.keys))
    weight_a, weight_b = np.zeros(a.size), np.zeros(b.size)
    out = here, there, bits_a, weight_a, bits_b, weight_b
    steps = len(a.stemmed.rows) + len(b.stemmed.rows)
    found = sentences.weigh.run(steps, (*given, (float(a.size + b.size), CAP)), out)
    common = here[:found], there[:found]
    return common, bits_a[common[0]], (weight_a, weight_b)


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    """The n keys that two texts share.

    kind   by sentence of a its keys (first, keys), by key its sentences of b (first, rows), the keys' bits (n,)
    work   how many sentence pairs share a key, summed over the keys
    """

    kind: tuple[Longs, Longs, Longs, Longs, Floats]
    work: int


def _shared(sides: tuple[Incidence, Incidence], common: Common, bits: Floats, sizes: tuple[int, int]) -> _Shared:
    """Order what two texts share for adding up; of large texts, the keys of fewest sentence pairs only."""
    a, b = sides
    if sizes[0] * sizes[1] > DENSE:
        product = a.counts[common[0]].astype(np.int64) * b.counts[common[1]]
        order = np.argsort(product, kind="stable")
        chosen = order[np.cumsum(product[order]) <= BUDGET]
        common, bits = (common[0][chosen], common[1][chosen]), bits[chosen]
    number_a, number_b = np.full(len(a.keys), -1), np.full(len(b.keys), -1)
    first, keys = np.zeros(sizes[0] + 1, np.int64), np.empty(len(a.rows), np.int64)
    start, rows = np.zeros(len(bits) + 2, np.int64), np.empty(len(b.rows), np.int64)
    given = [(one.rows, one.slots, one.counts) for one in (a, b)]
    out = number_a, number_b, first, keys, start, rows
    work = sentences.order.run(len(a.rows) + len(b.rows), (*given, common), out)
    return _Shared((first, keys, start, rows, bits), work)


def _phrases(a: Text, b: Text, chances: Floats) -> _Shared:
    """Give the pairs of neighbouring words that two texts share, and the bits they add to those of their stems."""
    common = _common(a.paired, b.paired)
    keys = a.paired.keys[common[0]]
    together = COLLOCATION * chances[keys >> 32] * chances[keys & 0xFFFFFFFF]
    counts = a.paired.counts[common[0]] + b.paired.counts[common[1]]
    recurrence = np.maximum(counts - 2, 0) / (a.size + b.size)
    bits = np.minimum(PHRASE, -np.log2(np.minimum(together + recurrence, 1)))
    return _shared((a.paired, b.paired), common, bits, (a.size, b.size))


def _added(
    shared: list[_Shared], weight: tuple[Floats, Floats], room: int
) -> tuple[int, tuple[Longs, Longs, Floats]]:
    """Give the number of sentence pairs that share `LEAST` bits beyond `LENIENT`, and where there is room, which.

    These are sentences of a, of b, and bits; sorted. Room for none only counts them.
    """
    kinds, size = tuple(one.kind for one in shared), len(weight[1])
    if not kinds:
        return 0, (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    steps = sum(one.work for one in shared)
    scratch = np.empty(size, np.int64), np.zeros(size)
    while True:
        rows, columns, bits = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room)
        out = rows, columns, bits, *scratch
        found = sentences.add_up.run(steps, (kinds, weight, (LENIENT, LEAST)), out)
        if found <= room or not room:
            break
        room = found
    rows, columns, bits = rows[:found], columns[:found], bits[:found]
    order = (rows * size + columns).argsort()
    return found, (rows[order], columns[order], bits[order])


def chain(seeds: Seeds, least: float) -> list[Chain]:
    """Join seeds into chains of at least `least` bits, strongest first; no sentence pair is used twice."""
    count = len(seeds.score)
    if not count:
        return []
    best, before = np.empty(count), np.empty(count, np.int64)
    chains.extend.run(count * WINDOW, ((seeds.a, seeds.b, seeds.score), (REACH + 1, WINDOW), GAP), (best, before))
    order = np.argsort(-best, kind="stable")
    order = order[: np.count_nonzero(best >= least)]
    members, ends, used = np.empty(count, np.int64), np.empty(len(order), np.int64), np.zeros(count, np.int64)
    scores = np.empty(len(order))
    found = chains.divide.run(count, ((best, before), order, least), (members, ends, scores, used))
    cuts = [0, *ends[:found].tolist()]
    parts = [members[first:last] for first, last in pairwise(cuts)]
    return [
        Chain(seeds.a[part], seeds.b[part], seeds.score[part], score)
        for part, score in zip(parts, scores[:found].tolist(), strict=True)
    ]
