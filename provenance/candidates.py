"""Which pairs of a batch are worth comparing, without comparing all.

Copies share MinHash bands, of the document or of a passage. Rewrites share *anchors*: pairs of rare stems that
stand within three neighbouring sentences. A rewritten news paragraph keeps its names, numbers and rare words, and
keeps them together, while its shingles change. An anchor votes for the document pairs that share it, with the bits
it tells; anchors that many documents share are left out, for they say little and cost the square of their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from provenance.align import CAP, STRICT
from provenance.kernels import candidates as kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from provenance.words import Text

WINDOW = 3  # sentences
RAREST = 14  # stems of a window that form anchors
LEAST_ANCHOR = 16.0  # bits of the two stems together
FREQUENT = 32  # an anchor or a band in more documents than this casts no votes
LEAST_VOTES = 60.0  # bits that make a candidate pair
LEAST_EXCESS = 20.0  # bits that two texts' sentences share beyond chance, for a pair to be compared
PARTNERS = 16  # candidates a document may bring of its own

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


def by_anchors(texts: Sequence[Text], chances: Floats) -> Longs:
    """Give the pairs that share enough rare neighbours: int64 (n, 2), first < second, sorted."""
    if not texts:
        return np.zeros((0, 2), dtype=np.int64)
    bits = -np.log2(chances)
    keys, owners = _anchors(texts, bits)
    first, second, shared = _vote(keys, owners, lambda key: bits[key >> 32] + bits[key & 0xFFFFFFFF])
    strong = shared >= LEAST_VOTES
    return _partners(first[strong], second[strong], shared[strong])


def by_bands(bands: NDArray[np.uint64], owners: Longs) -> Longs:
    """Give the pairs of owners whose fingerprints share a band: int64 (n, 2), first < second, sorted.

    bands is uint64 (fingerprints, bands), 0 for none; owners, ascending, are the documents of the fingerprints.
    """
    columns = bands.shape[1]
    mixed = bands ^ (np.arange(columns, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    used = bands.ravel() != 0
    keys, owners = mixed.ravel()[used].view(np.int64), np.repeat(owners, columns)[used]
    first, second, _ = _vote(keys, owners, lambda key: np.ones(len(key)), star=True)
    return np.column_stack((first, second))


def _anchors(texts: Sequence[Text], bits: Floats) -> tuple[Longs, Longs]:
    """Give the anchors that documents may share: stem << 32 | rarer or equally rare stem; document, ascending."""
    count = np.bincount(np.concatenate([text.stemmed.keys for text in texts]), minlength=len(bits))
    by_rarity = np.argsort(-bits, kind="stable")
    place = np.empty(len(bits), dtype=np.int64)
    place[by_rarity] = np.arange(len(bits))
    place[count < 2] = -1
    first = np.cumsum([0] + [text.size + WINDOW - 1 for text in texts])  # windows of two documents stay apart
    rows = np.concatenate([text.stemmed.rows + start for text, start in zip(texts, first[:-1], strict=True)])
    places = np.concatenate([place[text.stemmed.keys][text.stemmed.slots] for text in texts])
    ranks = np.full(int(first[-1]) * RAREST, -1)
    kernel.rarest.run(WINDOW * len(rows), (rows, places, WINDOW, RAREST), (ranks,))
    windows = ranks, np.repeat(np.arange(len(texts)), np.diff(first)), RAREST
    given = windows, (by_rarity, bits), LEAST_ANCHOR
    seen = np.zeros(1 << (4 * len(ranks)).bit_length(), np.uint8)
    none = np.zeros(0, np.int64)
    room = kernel.anchors.run(len(ranks) * RAREST, given, (seen, none, none))
    owners, keys = np.empty(room, np.int64), np.empty(room, np.int64)
    found = kernel.anchors.run(len(ranks) * RAREST, given, (seen, owners, keys)) if room else 0
    return keys[:found], owners[:found]


def screened(texts: Sequence[Text], pairs: Longs, chances: Floats) -> Longs:
    """Give the pairs whose sentences share more than chance, at a fraction of the cost of comparing them.

    What each two sentences share beyond `STRICT` of their weights is added up for all pairs at once; a stem's
    recurrence within the pair is left out.
    """
    if not len(pairs):
        return pairs
    corpus = _corpus(texts, np.minimum(CAP, -np.log2(chances)))
    first, second = np.ascontiguousarray(pairs.T)
    keys = np.diff(corpus.first)
    fewest = np.minimum(keys[first], keys[second])  # that two texts may share
    size = 2 << (FREQUENT * int(fewest.max())).bit_length()
    excess = np.zeros(len(pairs))
    out = excess, np.full(size, -1), np.empty(size, np.int64), np.zeros(size), np.zeros(1, np.int64)
    given = corpus.first, corpus.keys, corpus.posts, corpus.rows, corpus.bits, corpus.weight
    kernel.excess.run(int((keys[first] + keys[second]).sum()), (given, (first, second), FREQUENT, STRICT), out)
    return pairs[excess >= LEAST_EXCESS]


@dataclass(frozen=True, slots=True, eq=False)
class _Corpus:
    """All texts' stems end to end: text t's distinct stems are keys[first[t]:first[t + 1]], sorted.

    Key k stands in sentences rows[posts[k]:posts[k + 1]], numbered through all texts; sentence s weighs weight[s].
    """

    bits: Floats
    first: Longs
    keys: Longs
    posts: Longs
    rows: Longs
    weight: Floats


def _corpus(texts: Sequence[Text], bits: Floats) -> _Corpus:
    stems = [text.stemmed for text in texts]
    base = np.cumsum([0] + [text.size for text in texts])
    rows = [
        one.rows[np.argsort(one.slots, kind="stable")] + start for one, start in zip(stems, base, strict=False)
    ]
    counts = np.concatenate([one.counts for one in stems])
    keys = np.concatenate([one.keys for one in stems])
    all_rows = np.concatenate(rows)
    return _Corpus(
        bits=bits,
        first=np.cumsum([0] + [len(one.keys) for one in stems]),
        keys=keys,
        posts=np.concatenate(([0], np.cumsum(counts))),
        rows=all_rows,
        weight=np.bincount(all_rows, np.repeat(bits[keys], counts), int(base[-1])).astype(np.float64),
    )


def _rank(sorted_keys: Longs) -> Longs:
    """Give each element's place within its run of equal keys."""
    starts = np.flatnonzero(np.concatenate(([True], np.diff(sorted_keys) != 0))[: len(sorted_keys)])
    return np.arange(len(sorted_keys)) - np.repeat(starts, np.diff(np.append(starts, len(sorted_keys))))


def _vote(
    keys: Longs, owners: Longs, telling: Callable[[Longs], Floats], *, star: bool = False
) -> tuple[Longs, Longs, Floats]:
    """Add up what each pair of owners shares: first owner, second owner, bits; sorted. Owners ascend.

    A key that more than `FREQUENT` owners share is left out or, with `star`, joins each to the first only.
    """
    groups, first, size, last = (np.zeros(len(keys), np.int64) for _ in range(4))
    count = kernel.group.run(4 * len(keys), (keys, owners, _table(len(keys))), (groups, first, size, last))
    size = size[:count]
    if not star:
        size[size > FREQUENT] = 0
    joined = np.where(size > FREQUENT, size - 1, size * (size - 1) // 2)
    most = int(joined.sum())
    found, total, listed = np.empty(most, np.int64), np.zeros(most), np.empty(int(size.sum()), np.int64)
    members = groups, owners, size, np.cumsum(size) - size
    given = members, telling(keys[first[:count]]), FREQUENT, _table(most)
    count = kernel.pairs.run(4 * most + len(keys), given, (found, total, listed))
    order = np.argsort(found[:count])
    found = found[order]
    return found >> 32, found & 0xFFFFFFFF, total[order]


def _table(entries: int) -> Longs:
    """Give an empty hash table for so many entries, half full at most."""
    return np.full(2 << entries.bit_length(), -1)


def _partners(first: Longs, second: Longs, shared: Floats) -> Longs:
    """Keep the pairs that are among the strongest of either document."""
    keep = np.zeros(len(first), dtype=bool)
    for side in (first, second):
        order = np.lexsort((-shared, side))
        keep[order[_rank(side[order]) < PARTNERS]] = True
    return np.column_stack((first[keep], second[keep]))
