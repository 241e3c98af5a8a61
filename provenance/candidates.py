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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.words import Text

WINDOW = 3  # sentences
RAREST = 14  # stems of a window that form anchors
LEAST_ANCHOR = 16.0  # bits of the two stems together
FREQUENT = 32  # an anchor or a band in more documents than this casts no votes
LEAST_VOTES = 60.0  # bits that make a candidate pair
LEAST_EXCESS = 20.0  # bits that two texts' sentences share beyond chance, for a pair to be compared
CHUNK = 4_000  # pairs that are screened at a time
PARTNERS = 16  # candidates a document may bring of its own

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


def by_anchors(texts: Sequence[Text], chances: Floats) -> Longs:
    """Give the pairs that share enough rare neighbours: int64 (n, 2), first < second, sorted."""
    if not texts:
        return np.zeros((0, 2), dtype=np.int64)
    bits = -np.log2(chances)
    left, right, owners = _anchors(texts, bits)
    first, second, votes = _vote(left << 32 | right, owners, bits[left] + bits[right])
    strong = votes >= LEAST_VOTES
    return _partners(first[strong], second[strong], votes[strong])


def by_bands(bands: NDArray[np.uint64], owners: Longs) -> Longs:
    """Give the pairs of owners whose fingerprints share a band: int64 (n, 2), first < second, sorted.

    bands is uint64 (fingerprints, bands), 0 for none; owners says which document each fingerprint is of.
    """
    columns = bands.shape[1]
    mixed = bands ^ (np.arange(columns, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    used = bands.ravel() != 0
    keys, owners = mixed.ravel()[used].view(np.int64), np.repeat(owners, columns)[used]
    order = np.lexsort((owners, keys))
    keys, owners = keys[order], owners[order]
    once = np.flatnonzero((np.diff(keys, prepend=-1) != 0) | (np.diff(owners, prepend=-1) != 0))
    first, second, _ = _vote(keys[once], owners[once], np.ones(len(once)), star=True)
    return np.column_stack((first, second))


def _anchors(texts: Sequence[Text], bits: Floats) -> tuple[Longs, Longs, Longs]:
    """Give every document's distinct anchors: stem, rarer or equally rare stem, document number."""
    count = np.bincount(np.concatenate([text.stemmed.keys for text in texts]), minlength=len(bits))
    by_rarity = np.argsort(-bits, kind="stable")
    place = np.empty(len(bits), dtype=np.int64)
    place[by_rarity] = np.arange(len(bits))
    first = np.cumsum([0] + [text.size + WINDOW - 1 for text in texts])  # windows of two documents stay apart
    rows = np.concatenate([text.stemmed.rows + start for text, start in zip(texts, first[:-1], strict=True)])
    stems = np.concatenate([text.stemmed.keys[text.stemmed.slots] for text in texts])
    shared = count[stems] > 1
    rows, places = rows[shared], place[stems[shared]]
    window = np.concatenate([(rows + step) << 32 | places for step in range(WINDOW)])
    window = _distinct(window)  # by window, and in it the rarest first
    rows, places = window >> 32, window & 0xFFFFFFFF
    rank = _rank(rows)
    rarest = np.full((int(rows.max(initial=-1)) + 1, RAREST), -1, dtype=np.int64)
    top = rank < RAREST
    rarest[rows[top], rank[top]] = places[top]
    owner = np.repeat(np.arange(len(texts)), np.diff(first))[: len(rarest)]
    found = []
    for rarer, other in zip(*np.triu_indices(RAREST, 1), strict=True):
        both = rarest[:, other] >= 0
        left, right = by_rarity[rarest[both, other]], by_rarity[rarest[both, rarer]]
        telling = bits[left] + bits[right] >= LEAST_ANCHOR
        found.append(np.stack((owner[both][telling], left[telling], right[telling])))
    owners, left, right = np.concatenate(found, axis=1)
    # One sort of one number: owners and stem pairs do not fit 64 bits, but a hash of them does.
    key = (left * len(bits) + right).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    _, once = np.unique(key ^ owners.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F), return_index=True)
    return left[once], right[once], owners[once]


def _distinct(values: Longs) -> Longs:
    """Give the distinct values, sorted."""
    values = np.sort(values)
    return values[np.concatenate(([True], np.diff(values) != 0))[: len(values)]]


def screened(texts: Sequence[Text], pairs: Longs, chances: Floats) -> Longs:
    """Give the pairs whose sentences share more than chance, at a fraction of the cost of comparing them.

    What each two sentences share beyond `STRICT` of their weights is added up for all pairs at once; a stem's
    recurrence within the pair is left out.
    """
    corpus = _corpus(texts, np.minimum(CAP, -np.log2(chances)))
    chunks = [pairs[start : start + CHUNK] for start in range(0, len(pairs), CHUNK)]
    return np.concatenate([chunk[_excess(corpus, chunk) >= LEAST_EXCESS] for chunk in chunks]) if chunks else pairs


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


def _excess(corpus: _Corpus, pairs: Longs) -> Floats:
    """Give the bits by which each pair's sentences share more than `STRICT` of their weights, added up."""
    width = len(corpus.bits)
    (places_a, owner_a), (places_b, owner_b) = (_ranges(corpus.first, pairs[:, side]) for side in (0, 1))
    keys_a, keys_b = owner_a * width + corpus.keys[places_a], owner_b * width + corpus.keys[places_b]
    found = np.minimum(np.searchsorted(keys_b, keys_a), len(keys_b) - 1)
    shared = np.flatnonzero(keys_b[found] == keys_a)
    place_a, place_b, owner = places_a[shared], places_b[found[shared]], owner_a[shared]
    count_a, count_b = (corpus.posts[place + 1] - corpus.posts[place] for place in (place_a, place_b))
    few = count_a * count_b <= FREQUENT  # what many sentences share tells little of any two
    place_a, place_b, owner, count_a, count_b = (x[few] for x in (place_a, place_b, owner, count_a, count_b))
    within, entry = _spread(count_a * count_b)
    row_a = corpus.rows[corpus.posts[place_a][entry] + within // count_b[entry]]
    row_b = corpus.rows[corpus.posts[place_b][entry] + within % count_b[entry]]
    sentences = len(corpus.weight)
    cell = row_a * sentences + row_b  # sentences are numbered through all texts: a cell has one pair
    cells, first, inverse = np.unique(cell, return_index=True, return_inverse=True)
    bits = np.bincount(inverse, corpus.bits[corpus.keys[place_a]][entry], len(cells))
    bits -= STRICT * np.sqrt(corpus.weight[cells // sentences] * corpus.weight[cells % sentences])
    return np.bincount(owner[entry][first], np.maximum(bits, 0), len(pairs)).astype(np.float64)


def _ranges(first: Longs, chosen: Longs) -> tuple[Longs, Longs]:
    """Give the places [first[c], first[c + 1]) of each chosen c, end to end, and whose each is."""
    within, owner = _spread(first[chosen + 1] - first[chosen])
    return first[chosen][owner] + within, owner


def _spread(counts: Longs) -> tuple[Longs, Longs]:
    """Count from 0 within each of the counts, end to end: place within, number of the count."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts), owner


def _rank(sorted_keys: Longs) -> Longs:
    """Give each element's place within its run of equal keys."""
    starts = np.flatnonzero(np.concatenate(([True], np.diff(sorted_keys) != 0))[: len(sorted_keys)])
    return np.arange(len(sorted_keys)) - np.repeat(starts, np.diff(np.append(starts, len(sorted_keys))))


def _vote(keys: Longs, owners: Longs, bits: Floats, *, star: bool = False) -> tuple[Longs, Longs, Floats]:
    """Add up what each pair of owners shares: first owner, second owner, bits; sorted.

    A key that more than `FREQUENT` owners share is left out or, with `star`, joins each to the first only.
    """
    order = np.argsort(owners, kind="stable")
    order = order[np.argsort(keys[order], kind="stable")]
    keys, owners, bits = keys[order], owners[order], bits[order]
    starts = np.flatnonzero(np.concatenate(([True], np.diff(keys) != 0))[: len(keys)])
    sizes = np.diff(np.append(starts, len(keys)))
    pairs, votes = [np.zeros(0, np.int64)], [np.zeros(0)]
    for size in np.unique(sizes[sizes > 1]):
        if size > FREQUENT and not star:
            continue
        rows = owners[starts[sizes == size][:, None] + np.arange(size)]
        left, right = (
            np.triu_indices(size, 1) if size <= FREQUENT else (np.zeros(size - 1, int), np.arange(1, size))
        )
        pairs.append((rows[:, left] << 32 | rows[:, right]).ravel())
        votes.append(np.repeat(bits[starts[sizes == size]], len(left)))
    joined, inverse = np.unique(np.concatenate(pairs), return_inverse=True)
    total = np.bincount(inverse, np.concatenate(votes), len(joined)).astype(np.float64)
    return joined >> 32, joined & 0xFFFFFFFF, total


def _partners(first: Longs, second: Longs, votes: Floats) -> Longs:
    """Keep the pairs that are among the strongest of either document."""
    keep = np.zeros(len(first), dtype=bool)
    for side in (first, second):
        order = np.lexsort((-votes, side))
        keep[order[_rank(side[order]) < PARTNERS]] = True
    return np.column_stack((first[keep], second[keep]))
