"""Alignment of two texts, sentence to sentence: seed, chain, extend, as sequence aligners do.

Seeds are sentence pairs whose shared stems weigh more than chance; a stem weighs what it tells, in bits
(`rarity`), less where it recurs within these two texts. A chain joins seeds in like order and lifts its
weak members: a pair that proves little alone counts between two strong neighbours. Swapped paragraphs
give several chains. (BLAST: Altschul et al., 1990; minimap2's chaining: Li, 2018.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from provenance.words import Incidence, Text

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Common = tuple[NDArray[np.int64], NDArray[np.int64]]

CAP = 14.0  # bits; beyond it rarity is mostly misspelling
STRICT = 0.20  # share of two sentences' geometric mean weight that a seed must exceed
LENIENT = 0.12  # the same within documents that are derived: there, weaker likeness is worth showing
LEAST = np.float32(2.0)  # bits beyond that; less is noise
DENSE = 2_000_000  # sentence pairs of two texts that are weighed at once
BUDGET = 4_000_000  # sentence pairs looked at for two texts that have more
MOST = 30_000  # seeds that are chained
PHRASE = 3.0  # bits that a shared pair of neighbouring words adds: rewriting keeps phrases, reporting shares facts
COLLOCATION = 10.0  # how much oftener than by chance two words that go together stand side by side
LISTED = np.float32(0.3)  # of its score counts where a seed is a list of names: teams and casts recur
GAP = 1.5  # bits a chain pays for each sentence passed over
REACH = 3  # sentences a chain may pass over on either side
WINDOW = 48  # how many earlier seeds are looked at as predecessors


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What two texts' sentences share, for the n pairs that share `LEAST` bits beyond `LENIENT`; sorted by (a, b).

    a, b                int32 (n,), the sentences
    shared, mean        float32 (n,), bits they share, geometric mean of their weights
    trust               float32 (n,), how far the pair's bits count
    weight_a, weight_b  float32, each sentence's weight in bits
    """

    a: Ints
    b: Ints
    shared: Floats
    mean: Floats
    trust: Floats
    weight_a: Floats
    weight_b: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Seeds:
    """Sentence pairs worth joining: sentence of a, sentence of b, score in bits (n,); sorted by (a, b)."""

    a: Ints
    b: Ints
    score: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Seeds in like order: sentence of a, sentence of b, score of each; `score` is the chain's, in bits."""

    a: Ints
    b: Ints
    each: Floats
    score: float


def table(a: Text, b: Text, chances: NDArray[np.float64]) -> Table:
    """Weigh what each sentence of a shares with each of b.

    All pairs at once where they are few; else only those that share a stem which few pairs share, so that
    two books cost what their rare words cost and not the product of their lengths.
    """
    size = a.size + b.size
    common = _common(a.stemmed, b.stemmed)
    weights_a = weigh(chances[a.stemmed.keys], _recurrence(a.stemmed, b.stemmed, common, size))
    weights_b = weigh(chances[b.stemmed.keys], _recurrence(b.stemmed, a.stemmed, common[::-1], size))
    weight_a = np.bincount(a.stemmed.rows, weights_a[a.stemmed.slots], a.size).astype(np.float32)
    weight_b = np.bincount(b.stemmed.rows, weights_b[b.stemmed.slots], b.size).astype(np.float32)
    stems = _Shared(a.stemmed, b.stemmed, common, weights_a[common[0]])
    if a.size * b.size <= DENSE:
        floor = LENIENT * np.sqrt(np.outer(weight_a, weight_b))
        total = _dense(stems, a.size, b.size)
        floor += LEAST
        if (total > floor).any():  # most pairs of texts end here
            total += _dense(_phrases(a, b, chances), a.size, b.size)
        rows, columns = np.nonzero(total > floor)
        shared = total[rows, columns]
    else:
        rows, columns, shared = _sparse([_postings(stems), _postings(_phrases(a, b, chances))])
        kept = shared > LENIENT * np.sqrt(weight_a[rows] * weight_b[columns]) + LEAST
        rows, columns, shared = rows[kept], columns[kept], shared[kept]
    mean = np.sqrt(weight_a[rows] * weight_b[columns])
    trust = np.where(a.listed[rows] | b.listed[columns], LISTED, np.float32(1))
    return Table(rows.astype(np.int32), columns.astype(np.int32), shared, mean, trust, weight_a, weight_b)


def seed(pair: Table, penalty: float) -> Seeds:
    """Give the sentence pairs that share more than `penalty` (`LENIENT` or more) of their mean weight."""
    score = pair.trust * (pair.shared - np.float32(penalty) * pair.mean)
    chosen = np.flatnonzero(score > 0)
    if len(chosen) > MOST:
        chosen = np.sort(chosen[np.argsort(-score[chosen], kind="stable")[:MOST]])
    return Seeds(pair.a[chosen], pair.b[chosen], score[chosen])


def weigh(chances: NDArray[np.float64], recurrence: NDArray[np.float64], most: float = CAP) -> Floats:
    """Give what keys tell, in bits: by their chance to be in any sentence, and how often they recur here.

    The names a story is about recur in both texts and tell little of which sentence speaks of what.
    """
    return np.minimum(most, -np.log2(np.minimum(chances + recurrence, 1))).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    """The keys that two texts share: their places in a's and in b's keys, and their weights in bits."""

    a: Incidence
    b: Incidence
    common: Common
    weights: Floats


def _common(a: Incidence, b: Incidence) -> Common:
    """Give the places, in a's and in b's keys, of the keys they share."""
    if not len(b.keys):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    place = np.minimum(np.searchsorted(b.keys, a.keys), len(b.keys) - 1)
    here = np.flatnonzero(b.keys[place] == a.keys)
    return here, place[here]


def _recurrence(own: Incidence, other: Incidence, common: Common, size: int) -> NDArray[np.float64]:
    """Give for each key of `own` the share of both texts' sentences that it recurs in, beyond once in each."""
    counts = own.counts.astype(np.float64)
    counts[common[0]] += other.counts[common[1]]
    return np.maximum(counts - 2, 0) / size


def _phrases(a: Text, b: Text, chances: NDArray[np.float64]) -> _Shared:
    """Give the pairs of neighbouring words that two texts share, and the bits they add to those of their stems."""
    common = _common(a.paired, b.paired)
    keys = a.paired.keys[common[0]]
    together = COLLOCATION * chances[keys >> 32] * chances[keys & 0xFFFFFFFF]
    counts = a.paired.counts[common[0]] + b.paired.counts[common[1]]
    return _Shared(
        a.paired, b.paired, common, weigh(together, np.maximum(counts - 2, 0) / (a.size + b.size), PHRASE)
    )


def _dense(shared: _Shared, size_a: int, size_b: int) -> Floats:
    """Give the weight that each sentence of a shares with each of b: float32 (size_a, size_b)."""
    ones = np.ones(len(shared.weights), np.float32)
    left = _matrix(shared.a, shared.common[0], shared.weights, size_a)
    return left @ _matrix(shared.b, shared.common[1], ones, size_b).T


def _matrix(own: Incidence, chosen: NDArray[np.int64], weights: Floats, size: int) -> Floats:
    """Give the sentences' chosen keys as a dense matrix: float32 (size, len(chosen))."""
    column = np.full(len(own.keys), -1, dtype=np.int32)
    column[chosen] = np.arange(len(chosen), dtype=np.int32)
    columns = column[own.slots]
    used = np.flatnonzero(columns >= 0)
    columns = columns[used]
    matrix = np.zeros((size, len(chosen)), dtype=np.float32)
    matrix[own.rows[used], columns] = weights[columns]
    return matrix


def _postings(shared: _Shared) -> tuple[NDArray[np.int64], Floats]:
    """Give the sentence pairs (a << 32 | b) that share a key, and its weight; the keys of fewest pairs only."""
    here, there = shared.common
    product = shared.a.counts[here].astype(np.int64) * shared.b.counts[there]
    order = np.argsort(product, kind="stable")
    order = order[np.cumsum(product[order]) <= BUDGET]
    here, there = here[order], there[order]
    rows_a, start_a = _by_key(shared.a)
    rows_b, start_b = _by_key(shared.b)
    count_b = shared.b.counts[there].astype(np.int64)
    product = product[order]
    within = np.arange(int(product.sum())) - np.repeat(np.cumsum(product) - product, product)
    wide = np.repeat(count_b, product)
    left = rows_a[np.repeat(start_a[here], product) + within // wide].astype(np.int64)
    right = rows_b[np.repeat(start_b[there], product) + within % wide]
    return left << 32 | right, np.repeat(shared.weights[order], product)


def _by_key(own: Incidence) -> tuple[Ints, NDArray[np.int64]]:
    """Give the sentences of each key, one key after the other, and where each key's begin."""
    return own.rows[np.argsort(own.slots, kind="stable")], np.cumsum(own.counts) - own.counts


def _sparse(parts: list[tuple[NDArray[np.int64], Floats]]) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Add up what each sentence pair shares: row, column, bits; sorted."""
    pairs, inverse = np.unique(np.concatenate([pairs for pairs, _ in parts]), return_inverse=True)
    bits = np.bincount(inverse, np.concatenate([bits for _, bits in parts]), len(pairs)).astype(np.float32)
    return pairs >> 32, pairs & 0xFFFFFFFF, bits


def chain(seeds: Seeds, least: float) -> list[Chain]:
    """Join seeds into chains of at least `least` bits, strongest first; no sentence pair is used twice."""
    best, before = _chain_scores(seeds)
    used = np.zeros(len(best), dtype=bool)
    found = []
    for end in np.argsort(-best, kind="stable"):
        if best[end] < least:
            break
        if used[end]:
            continue
        members = []
        number = int(end)
        while number >= 0 and not used[number]:
            members.append(number)
            used[number] = True
            number = int(before[number])
        score = float(best[end] - (best[number] if number >= 0 else 0))
        if score >= least:
            order = np.array(members[::-1])
            found.append(Chain(seeds.a[order], seeds.b[order], seeds.score[order], score))
    return found


def _chain_scores(seeds: Seeds) -> tuple[Floats, Ints]:
    """Give for each seed the best score of a chain that ends there, and the seed before it (-1: none)."""
    count = len(seeds.a)
    best = seeds.score.astype(np.float32).copy()
    before = np.full(count, -1, dtype=np.int32)
    for number in range(1, count):
        first = max(0, number - WINDOW)
        step_a = seeds.a[number] - seeds.a[first:number]
        step_b = seeds.b[number] - seeds.b[first:number]
        fits = (step_b >= 0) & (step_b <= REACH + 1) & (step_a <= REACH + 1)
        if not fits.any():
            continue
        gap = GAP * (np.maximum(step_a - 1, 0) + np.maximum(step_b - 1, 0))
        total = np.where(fits, best[first:number] - gap, -np.inf)
        choice = int(total.argmax())
        if total[choice] > 0:
            best[number] += total[choice]
            before[number] = first + choice
    return best, before
