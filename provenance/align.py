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

CAP = 14.0  # bits; beyond it rarity is mostly misspelling
STRICT = 0.20  # share of two sentences' geometric mean weight that a seed must exceed
LENIENT = 0.12  # the same within documents that are derived: there, weaker likeness is worth showing
DENSE = 2_000_000  # sentence pairs of two texts that are weighed at once
BUDGET = 10_000_000  # sentence pairs looked at for two texts that have more
MOST = 30_000  # seeds that are chained
PHRASE = 3.0  # bits that a shared pair of neighbouring words adds: rewriting keeps phrases, reporting shares facts
COLLOCATION = 10.0  # how much oftener than by chance two words that go together stand side by side
LISTED = np.float32(0.3)  # of its score counts where a seed is a list of names: teams and casts recur
GAP = 1.5  # bits a chain pays for each sentence passed over
REACH = 3  # sentences a chain may pass over on either side
WINDOW = 48  # how many earlier seeds are looked at as predecessors


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What two texts' sentences share, for the n pairs that share more than `LENIENT`; sorted by (a, b).

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
    stems, others = a.stemmed, b.stemmed
    weights_a = weigh(chances[stems.keys], _recurrence(stems, others, a.size + b.size))
    weights_b = weigh(chances[others.keys], _recurrence(others, stems, a.size + b.size))
    weight_a = np.bincount(stems.rows, weights_a[stems.slots], a.size).astype(np.float32)
    weight_b = np.bincount(others.rows, weights_b[others.slots], b.size).astype(np.float32)
    kinds = ((stems, others, weights_a), (a.paired, b.paired, _phrase_weights(a, b, chances)))
    if a.size * b.size <= DENSE:
        total = np.zeros((a.size, b.size), dtype=np.float32)
        for own, other, weights in kinds:
            total += _dense(own, other, weights, a.size, b.size)
        rows, columns = np.nonzero(total > LENIENT * np.sqrt(np.outer(weight_a, weight_b)))
        shared = total[rows, columns]
    else:
        rows, columns, shared = _sparse([_postings(own, other, weights) for own, other, weights in kinds])
        kept = shared > LENIENT * np.sqrt(weight_a[rows] * weight_b[columns])
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


def _recurrence(own: Incidence, other: Incidence, size: int) -> NDArray[np.float64]:
    """Give for each key of `own` the share of both texts' sentences that it recurs in, beyond once in each."""
    counts = own.counts.astype(np.float64)
    _, here, there = np.intersect1d(own.keys, other.keys, assume_unique=True, return_indices=True)
    counts[here] += other.counts[there]
    return np.maximum(counts - 2, 0) / size


def _phrase_weights(a: Text, b: Text, chances: NDArray[np.float64]) -> Floats:
    """Give the bits that a shared pair of neighbours adds to those of its stems."""
    keys = a.paired.keys
    together = COLLOCATION * chances[keys >> 32] * chances[keys & 0xFFFFFFFF]
    return weigh(together, _recurrence(a.paired, b.paired, a.size + b.size), PHRASE)


def _dense(a: Incidence, b: Incidence, weights: Floats, size_a: int, size_b: int) -> Floats:
    """Give the weight that each sentence of a shares with each of b: float32 (size_a, size_b)."""
    _, here, there = np.intersect1d(a.keys, b.keys, assume_unique=True, return_indices=True)
    return _matrix(a, here, weights, size_a) @ _matrix(b, there, np.ones(len(b.keys), np.float32), size_b).T


def _matrix(own: Incidence, chosen: NDArray[np.intp], weights: Floats, size: int) -> Floats:
    """Give the sentences' chosen keys as a dense matrix: float32 (size, len(chosen))."""
    column = np.full(len(own.keys), -1, dtype=np.int32)
    column[chosen] = np.arange(len(chosen), dtype=np.int32)
    columns = column[own.slots]
    used = columns >= 0
    matrix = np.zeros((size, len(chosen)), dtype=np.float32)
    matrix[own.rows[used], columns[used]] = weights[own.slots[used]]
    return matrix


def _postings(a: Incidence, b: Incidence, weights: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Give the sentence pairs (a << 32 | b) that share a key, and its weight; the keys of fewest pairs only."""
    _, here, there = np.intersect1d(a.keys, b.keys, assume_unique=True, return_indices=True)
    product = a.counts[here].astype(np.int64) * b.counts[there]
    order = np.argsort(product, kind="stable")
    order = order[np.cumsum(product[order]) <= BUDGET]
    here, there = here[order], there[order]
    rows_a, start_a = _by_key(a)
    rows_b, start_b = _by_key(b)
    count_a, count_b = a.counts[here].astype(np.int64), b.counts[there].astype(np.int64)
    product = count_a * count_b
    within = np.arange(int(product.sum())) - np.repeat(np.cumsum(product) - product, product)
    wide = np.repeat(count_b, product)
    left = rows_a[np.repeat(start_a[here], product) + within // wide].astype(np.int64)
    right = rows_b[np.repeat(start_b[there], product) + within % wide]
    return left << 32 | right, np.repeat(weights[here], product)


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
