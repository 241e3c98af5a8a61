"""Copied passages: runs of equal words, joined across small edits, to exact character spans.

Seeds are the k-grams of words that two texts share; on one diagonal they grow into runs, and runs in like
order with small gaps are chained into one passage (so that an edited word does not break it in two).
A gap may not pass over words that are aligned elsewhere: those were moved, and are a passage of their own.
Repeated k-grams are left out where they would pair up too often; the runs around them reach over them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from provenance.words import Text

GRAM = 5  # words of a seed
REPEATS = 64  # the most places a pair of texts may share one k-gram in
PLENTY = 1_000_000  # long texts repeat more by chance: places of one k-gram times words, at most
GAP = 60  # words a passage may pass over on either side
NEAR = 10  # of them, how many may be aligned elsewhere; a moved passage has more
COST = 0.6  # of a run's word, for each word passed over
LEAST = 14  # words in runs that make a passage
MOST = 30_000  # runs that are chained
WINDOW = 32  # how many earlier runs are looked at as predecessors
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

Longs = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Run:
    """Words [a_start, a_end) of a and [b_start, b_end) of b; `equal` of them are in equal runs."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int
    equal: int


def find(a: Text, b: Text) -> list[Run]:
    """Give the copied passages of two texts, strongest first; none overlaps another on both sides."""
    place_a, place_b = _pairs(_grams(a.words), _grams(b.words))
    ends_a, ends_b = _common_ends(a.words, b.words)  # where every k-gram recurs, beginning and end still hold
    place_a, place_b = np.concatenate((place_a, ends_a)), np.concatenate((place_b, ends_b))
    equal = _diagonals(place_a, place_b)
    if not len(equal.lengths):
        return []
    sizes = len(a.words), len(b.words)
    links = _links(equal)
    found, known = _passages(equal, _chained(equal, links, links.gap <= NEAR), sizes)
    if (links.gap > NEAR).any():
        found, _ = _passages(equal, _chained(equal, links, _free(equal, links, known)), sizes)
    return found


def _grams(words: NDArray[np.int32]) -> NDArray[np.uint64]:
    """Give a hash of each k-gram of words: uint64 (n - k + 1,)."""
    size = max(0, len(words) - GRAM + 1)
    value = np.zeros(size, dtype=np.uint64)
    for place in range(GRAM):
        value = (value ^ words[place : place + size].astype(np.uint64)) * _MULTIPLIER
        value ^= value >> np.uint64(29)
    return value


def _pairs(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> tuple[Longs, Longs]:
    """Give the places (of a, of b) of equal k-grams, those too often repeated left out."""
    order = np.argsort(b, kind="stable")
    ranked = b[order]
    first = np.searchsorted(ranked, a, side="left")
    count = np.searchsorted(ranked, a, side="right") - first
    if count.max(initial=0) > 1 and count.sum() > len(a):
        _, inverse, own = np.unique(a, return_inverse=True, return_counts=True)
        count = np.where(count * own[inverse] <= max(1, min(REPEATS, PLENTY // len(a))), count, 0)
    place_a = np.repeat(np.arange(len(a)), count)
    within = np.arange(len(place_a)) - np.repeat(np.cumsum(count) - count, count)
    return place_a, order[np.repeat(first, count) + within]


def _common_ends(a: NDArray[np.int32], b: NDArray[np.int32]) -> tuple[Longs, Longs]:
    """Give the places (of a, of b) of the k-grams of what both texts begin with, and end with."""
    size = min(len(a), len(b))
    ahead = _equal(a[:size], b[:size])
    behind = min(_equal(a[::-1][:size], b[::-1][:size]), size - ahead)
    first = np.arange(max(0, ahead - GRAM + 1))
    last = np.arange(max(0, behind - GRAM + 1)) - behind
    return np.concatenate((first, len(a) + last)), np.concatenate((first, len(b) + last))


def _equal(a: NDArray[np.int32], b: NDArray[np.int32]) -> int:
    """Give the length of the common beginning of two arrays of one length."""
    differs = np.flatnonzero(a != b)
    return int(differs[0]) if len(differs) else len(a)


@dataclass(frozen=True, slots=True, eq=False)
class _Equal:
    """Runs of equal words: first word of a, first word of b, length (n,); sorted by a, then b."""

    a: Longs
    b: Longs
    lengths: Longs


def _diagonals(place_a: Longs, place_b: Longs) -> _Equal:
    """Join neighbours on one diagonal into runs; the longest `MOST`, if there are more."""
    lead = int(place_b.max(initial=0))
    pairs = np.sort((place_a - place_b + lead) << 32 | place_a)  # by diagonal, then place
    steps = np.diff(pairs)
    pairs = pairs[np.concatenate(([True], steps != 0))] if len(pairs) else pairs
    first = np.flatnonzero(np.concatenate(([True], np.diff(pairs) != 1))) if len(pairs) else np.zeros(0, np.int64)
    lengths = np.diff(np.append(first, len(pairs))) + GRAM - 1
    first = pairs[first]
    if len(lengths) > MOST:
        longest = np.argsort(-lengths, kind="stable")[:MOST]
        first, lengths = first[longest], lengths[longest]
    starts_a = first & 0xFFFFFFFF
    starts_b = starts_a + lead - (first >> 32)
    order = np.lexsort((starts_b, starts_a))
    return _Equal(starts_a[order], starts_b[order], lengths[order])


@dataclass(frozen=True, slots=True, eq=False)
class _Links:
    """Which run may follow which earlier one in a passage (m,); sorted by run, then earlier one.

    run, earlier    numbers of runs
    gap, cost       words passed over on the longer side (negative: the runs overlap), and what that costs
    """

    run: Longs
    earlier: Longs
    gap: Longs
    cost: Floats


def _links(equal: _Equal) -> _Links:
    """Give the pairs of runs in like order with a gap of no more than `GAP` words."""
    ends_a, ends_b = equal.a + equal.lengths, equal.b + equal.lengths
    found = [np.zeros((4, 0))]
    for back in range(1, min(WINDOW, len(equal.a) - 1) + 1):
        gap_a, gap_b = equal.a[back:] - ends_a[:-back], equal.b[back:] - ends_b[:-back]
        gap = np.maximum(gap_a, gap_b)
        overlap = np.maximum(0, -np.minimum(gap_a, gap_b))  # the words of a run that reach into the one before
        fits = (gap <= GAP) & (overlap < equal.lengths[back:]) & (equal.b[:-back] < equal.b[back:])
        if fits.any():
            own = np.flatnonzero(fits)
            found.append(np.stack((own + back, own, gap[own], overlap[own] + COST * np.maximum(gap[own], 0))))
    run, earlier, gap, cost = np.concatenate(found, axis=1)
    order = np.lexsort((earlier, run))
    run, earlier, gap = (part[order].astype(np.int64) for part in (run, earlier, gap))
    return _Links(run, earlier, gap, cost[order])


def _free(equal: _Equal, links: _Links, known: tuple[Bools, Bools]) -> Bools:
    """Tell which links pass over no more than `NEAR` words that are known to be aligned elsewhere."""
    free = np.ones(len(links.run), dtype=bool)
    for side, starts in zip(known, (equal.a, equal.b), strict=True):
        before = np.concatenate(([0], np.cumsum(side)))
        ends = starts + equal.lengths
        free &= before[starts[links.run]] - before[ends[links.earlier]] <= NEAR
    return free


@dataclass(frozen=True, slots=True, eq=False)
class _Chained:
    """For each run the score of the best chain that ends with it, and the run before it there (-1: none)."""

    best: Floats
    before: Longs


def _chained(equal: _Equal, links: _Links, allowed: Bools) -> _Chained:
    """Let each run follow the earlier one that gives it the best chain."""
    best = equal.lengths.astype(np.float64).tolist()
    before = [-1] * len(best)
    gains = [0.0] * len(best)
    chosen = (part[allowed].tolist() for part in (links.run, links.earlier, links.cost))
    for run, earlier, cost in zip(*chosen, strict=True):  # every link to a run comes before the links from it
        gain = best[earlier] - cost
        if gain > gains[run]:
            best[run] += gain - gains[run]
            gains[run], before[run] = gain, earlier
    return _Chained(np.array(best), np.array(before))


def _passages(equal: _Equal, chained: _Chained, sizes: tuple[int, int]) -> tuple[list[Run], tuple[Bools, Bools]]:
    """Take the best chain first, and no run into two; with the words of each text that are then explained."""
    a, b, lengths, before = (part.tolist() for part in (equal.a, equal.b, equal.lengths, chained.before))
    used = [False] * len(before)
    known = np.zeros(sizes[0], dtype=bool), np.zeros(sizes[1], dtype=bool)
    found: list[Run] = []
    for end in np.argsort(-chained.best, kind="stable").tolist():
        if chained.best[end] < LEAST:
            break
        if used[end]:
            continue
        first, words, number = end, 0, end
        while number >= 0 and not used[number]:
            first, words = number, words + lengths[number]
            used[number] = True
            number = before[number]
        run = Run(a[first], a[end] + lengths[end], b[first], b[end] + lengths[end], words)
        words_a, words_b = known[0][run.a_start : run.a_end], known[1][run.b_start : run.b_end]
        new = all(2 * np.count_nonzero(side) <= len(side) for side in (words_a, words_b))
        if words >= LEAST and new:  # else a repeat of what is explained
            words_a[:], words_b[:] = True, True
            found.append(run)
    return found, known
