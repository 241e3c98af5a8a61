"""Copied passages: runs of equal words, joined across small edits, to exact character spans.

Seeds are the k-grams of words that two texts share; on one diagonal they grow into runs, and runs in like
order with small gaps are chained into one passage (so that an edited word does not break it in two).
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
COST = 0.3  # of a run's word, for each word passed over
LEAST = 14  # words in runs that make a passage
MOST = 30_000  # runs that are chained
WINDOW = 32  # how many earlier runs are looked at as predecessors
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

Longs = NDArray[np.int64]


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
    starts_a, starts_b, lengths = _diagonals(place_a, place_b)
    if len(lengths) > MOST:
        longest = np.sort(np.argsort(-lengths, kind="stable")[:MOST])
        starts_a, starts_b, lengths = starts_a[longest], starts_b[longest], lengths[longest]
    return _chain(starts_a, starts_b, lengths) if len(lengths) else []


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


def _diagonals(place_a: Longs, place_b: Longs) -> tuple[Longs, Longs, Longs]:
    """Join neighbours on one diagonal into runs: first word of a, of b, length; sorted by a, then b."""
    place_a, place_b = np.unique(np.column_stack((place_a - place_b, place_a)), axis=0).T
    place_a, place_b = place_b, place_b - place_a
    breaks = (np.diff(place_a) != 1) | (np.diff(place_a - place_b) != 0)
    first = np.flatnonzero(np.concatenate(([True], breaks))) if len(place_a) else np.zeros(0, dtype=np.int64)
    lengths = np.diff(np.append(first, len(place_a))) + GRAM - 1
    place_a, place_b = place_a[first], place_b[first]
    order = np.lexsort((place_b, place_a))
    return place_a[order], place_b[order], lengths[order]


def _chain(starts_a: Longs, starts_b: Longs, lengths: Longs) -> list[Run]:
    """Chain runs in like order; the best chain first, and no run in two."""
    ends_a, ends_b = starts_a + lengths, starts_b + lengths
    best = lengths.astype(np.float64)
    before = np.full(len(lengths), -1)
    for number in range(1, len(lengths)):
        window = slice(max(0, number - WINDOW), number)
        gap_a, gap_b = starts_a[number] - ends_a[window], starts_b[number] - ends_b[window]
        overlap = np.maximum(0, -np.minimum(gap_a, gap_b))  # the words of a run that reach into the one before
        gap = np.maximum(gap_a, gap_b)
        fits = (gap <= GAP) & (overlap < lengths[number]) & (starts_b[window] < starts_b[number])
        if not fits.any():
            continue
        total = np.where(fits, best[window] - overlap - COST * np.maximum(gap, 0), -np.inf)
        choice = int(total.argmax())
        if total[choice] > 0:
            best[number] += total[choice]
            before[number] = window.start + choice
    used = np.zeros(len(lengths), dtype=bool)
    known_a, known_b = np.zeros(int(ends_a.max()), dtype=bool), np.zeros(int(ends_b.max()), dtype=bool)
    found: list[Run] = []
    for end in np.argsort(-best, kind="stable"):
        if used[end] or best[end] < LEAST:
            continue
        members, number = [], int(end)
        while number >= 0 and not used[number]:
            members.append(number)
            used[number] = True
            number = int(before[number])
        first, last = members[-1], members[0]
        equal = int(sum(lengths[members]))
        run = Run(int(starts_a[first]), int(ends_a[last]), int(starts_b[first]), int(ends_b[last]), equal)
        words_a, words_b = known_a[run.a_start : run.a_end], known_b[run.b_start : run.b_end]
        if equal >= LEAST and max(words_a.mean(), words_b.mean()) <= 0.5:  # else a repeat of what is explained
            words_a[:], words_b[:] = True, True
            found.append(run)
    return found
