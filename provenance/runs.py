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

from provenance.kernels import runs as kernel

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

Longs = NDArray[np.int64]
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
    place_a, place_b = _equal_grams(a.words, b.words)
    ends_a, ends_b = _common_ends(a.words, b.words)  # where every k-gram recurs, beginning and end still hold
    if GRAM * (len(place_a) + len(ends_a)) < LEAST:
        return []
    place_a, place_b = np.concatenate((place_a, ends_a)), np.concatenate((place_b, ends_b))
    equal = _diagonals(place_a, place_b)
    sizes = len(a.words), len(b.words)
    nothing = np.zeros(0, np.int64)
    chained, refused = _chained(equal, (nothing, nothing))
    found, known = _passages(equal, chained, sizes)
    if refused:
        before_a, before_b = (np.concatenate((nothing, [0], np.cumsum(side))) for side in known)
        chained, _ = _chained(equal, (before_a, before_b))
        found, _ = _passages(equal, chained, sizes)
    return found


def _equal_grams(a: NDArray[np.int32], b: NDArray[np.int32]) -> tuple[Longs, Longs]:
    """Give the places (of a, of b) of equal k-grams, those too often repeated left out."""
    size_a, size_b = (max(0, len(words) - GRAM + 1) for words in (a, b))
    if not size_a or not size_b:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    hashes = np.empty(size_a, np.int64), np.empty(size_b, np.int64)
    for words, hashed in zip((a, b), hashes, strict=True):
        kernel.roll.run(len(words), (words, GRAM), (hashed,))
    table = np.full(2 << size_b.bit_length(), -1)
    group_a = np.empty(size_a, np.int64)
    following, head = np.empty(size_b, np.int64), np.empty(size_b, np.int64)
    count_a, count_b = np.zeros(size_b, np.int64), np.zeros(size_b, np.int64)
    out = group_a, following, count_a, count_b, head
    pairs = kernel.group.run(size_a + size_b, ((a, b), hashes, GRAM, table), out)
    most = max(1, min(REPEATS, PLENTY // size_a)) if pairs > size_a else pairs
    if pairs > size_a:
        pairs = int(np.where(count_a * count_b <= most, count_a * count_b, 0).sum())
    place_a, place_b = np.empty(pairs, np.int64), np.empty(pairs, np.int64)
    if pairs:
        kernel.pair.run(size_a + pairs, (group_a, (count_a, count_b), (head, following), most), (place_a, place_b))
    return place_a, place_b


def _common_ends(a: NDArray[np.int32], b: NDArray[np.int32]) -> tuple[Longs, Longs]:
    """Give the places (of a, of b) of the k-grams of what both texts begin with, and end with."""
    size = min(len(a), len(b))
    if not size or (a[0] != b[0] and a[-1] != b[-1]):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
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
    pairs = pairs[np.concatenate(([True], steps != 0))]
    first = np.flatnonzero(np.concatenate(([True], np.diff(pairs) != 1)))
    lengths = np.diff(first, append=len(pairs)) + GRAM - 1
    first = pairs[first]
    if len(lengths) > MOST:
        longest = np.argsort(-lengths, kind="stable")[:MOST]
        first, lengths = first[longest], lengths[longest]
    starts_a = first & 0xFFFFFFFF
    starts_b = starts_a + lead - (first >> 32)
    order = np.lexsort((starts_b, starts_a))
    return _Equal(starts_a[order], starts_b[order], lengths[order])


def _chained(equal: _Equal, known: tuple[Longs, Longs]) -> tuple[tuple[Floats, Longs], int]:
    """Join runs in like order into passages, as `kernels.runs.join` does; with the number of gaps refused."""
    count = len(equal.lengths)
    best, before = np.empty(count), np.empty(count, np.int64)
    given = (equal.a, equal.b, equal.lengths), known, (GAP, NEAR, WINDOW), COST
    refused = kernel.join.run(count * min(count, WINDOW), given, (best, before))
    return (best, before), refused


def _passages(
    equal: _Equal, chained: tuple[Floats, Longs], sizes: tuple[int, int]
) -> tuple[list[Run], tuple[Longs, Longs]]:
    """Take the best passage first, and no run into two; with the words of each text that are then explained."""
    best, before = chained
    order = np.argsort(-best, kind="stable")
    order = order[: np.count_nonzero(best >= LEAST)]
    firsts, lasts, words = (np.empty(len(order), np.int64) for _ in range(3))
    used, known_a, known_b = (np.zeros(size, np.int64) for size in (len(best), *sizes))
    given = (equal.a, equal.b, equal.lengths), before, order, LEAST
    out = firsts, lasts, words, used, known_a, known_b
    found = kernel.take.run(len(best) + sum(sizes), given, out)
    first, last, words = firsts[:found], lasts[:found], words[:found]
    ends = (starts[last] + equal.lengths[last] for starts in (equal.a, equal.b))
    columns = [part.tolist() for part in (equal.a[first], equal.b[first], *ends, words)]
    found_runs = [Run(a, a_end, b, b_end, size) for a, b, a_end, b_end, size in zip(*columns, strict=True)]
    return found_runs, (known_a, known_b)
