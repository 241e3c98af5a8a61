"""Fingerprints of documents and passages: MinHash of word shingles, SimHash of words.

A shingle is `SHINGLE` neighbouring folded words. Its hash is xxh32 of each word's UTF-8, combined by
h = h * 0x9E3779B1 + word (mod 2**32), from 0, first word first. The permutations are those of
`datasketch.MinHash(num_perm=128, seed=1, scheme="affine32")`, so that its values and ours are the same bits
(Broder, 1997). SimHash is `simhash.Simhash(f=64)` of the words weighted by their counts, at most 255
(Charikar, 2002).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from datasketch import MinHash
    from numpy.typing import NDArray

SHINGLE = 5  # words
PERMUTATIONS = 128
ROWS = 4  # hash values of a band; 32 bands of 4 pair texts of Jaccard .5 with .87, of .7 with .9998
HEAVIEST = 255  # of a word's weight in SimHash: the package adds up in bytes
_MULTIPLIER = np.uint32(0x9E3779B1)


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """minhash: uint32 (128,); simhash: 64 bits; size: distinct shingles (0: too short to say anything)."""

    minhash: NDArray[np.uint32]
    simhash: int
    size: int


def shingles(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Give the distinct shingle hashes of a text from its words' hashes, sorted; none if it is too short."""
    count = max(0, len(hashes) - SHINGLE + 1)
    value = np.zeros(count, dtype=np.uint32)
    for place in range(SHINGLE):
        value = value * _MULTIPLIER + hashes[place : place + count]
    return np.unique(value)


def fingerprint(words: Sequence[str], hashes: NDArray[np.uint32]) -> Fingerprint:
    """Give the fingerprint of a text from its folded words and their xxh32 hashes."""
    from simhash import Simhash  # noqa: PLC0415 (its import is paid only where fingerprints are made)

    found = shingles(hashes)
    sketch = _empty().copy()
    if len(found):
        sketch.update_batch(found.tolist())
    counts = {word: min(count, HEAVIEST) for word, count in Counter(words).items()}
    bits = int(Simhash(counts, f=64).value) if counts else 0
    return Fingerprint(sketch.hashvalues, bits, len(found))


def bands(prints: Sequence[Fingerprint]) -> NDArray[np.uint64]:
    """Give each fingerprint's bands: uint64 (n, 32); 0 throughout for a text too short to say anything."""
    values = np.stack([one.minhash for one in prints]).reshape(len(prints), -1, ROWS).astype(np.uint64)
    mixed = np.zeros(values.shape[:2], dtype=np.uint64)
    for row in range(ROWS):
        mixed = (mixed ^ values[:, :, row]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(32)
    mixed = np.maximum(mixed, np.uint64(1))
    mixed[[one.size == 0 for one in prints]] = 0
    return mixed


def jaccard(a: Fingerprint, b: Fingerprint) -> float:
    """Estimate the Jaccard similarity of two texts' shingles; 0 where either is too short."""
    return float((a.minhash == b.minhash).mean()) if a.size and b.size else 0.0


def distance(a: Fingerprint, b: Fingerprint) -> int:
    """Give the Hamming distance of two SimHashes, in bits."""
    return (a.simhash ^ b.simhash).bit_count()


@cache
def _empty() -> MinHash:
    from datasketch import MinHash  # noqa: PLC0415 (half a second, and only batches need it)

    def same(value: Any) -> Any:  # shingles are hashed already
        return value

    return MinHash(num_perm=PERMUTATIONS, seed=1, scheme="affine32", hashfunc=same)
