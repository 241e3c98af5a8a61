"""Fingerprints of documents and passages: MinHash of word shingles, SimHash of words.

A shingle is `SHINGLE` neighbouring folded words. Its hash is xxh32 of each word's UTF-8, combined by
h = h * 0x9E3779B1 + word (mod 2**32), from 0, first word first. The permutations are those of
`datasketch.MinHash(num_perm=128, seed=1, scheme="affine32")`, so that its values and ours are the same bits
(Broder, 1997). SimHash is `simhash.Simhash(f=64)` of the words weighted by their counts, at most 255
(Charikar, 2002). Both packages work value by value; here their permutations and hash are applied to arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, cast

import numpy as np

from provenance.kernels import minhash as kernel
from provenance.kernels.running import Kernel, foresee

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from datasketch import MinHash
    from numpy.typing import NDArray

SHINGLE = 5  # words
PERMUTATIONS = 128
SEED, SCHEME = 1, "affine32"  # of datasketch's permutations
ROWS = 4  # hash values of a band; 32 bands of 4 pair texts of Jaccard .5 with .87, of .7 with .9998
PASSAGE_ROWS = 8  # 16 bands of 8 pair passages of Jaccard .7 with .62, of .85 with .99; few others
PASSAGE_WORDS = 20  # of the shortest passage that is looked for; what is shorter recurs by itself
HEAVIEST = 255  # of a word's weight in SimHash: the package adds up in bytes
_BITS = 64  # of a SimHash
_BLOCK = 512  # values to be permuted or added up at one time: 256 kB, which stay in the processor's cache
_MULTIPLIER = np.uint32(0x9E3779B1)


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """minhash: uint32 (128,); simhash: 64 bits; size: distinct shingles (0: too short to say anything)."""

    minhash: NDArray[np.uint32]
    simhash: int
    size: int


def shingles(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Give the distinct shingle hashes of a text from its words' hashes, sorted; none if it is too short."""
    value = _in_order(hashes)
    value.sort()
    fresh = np.ones(len(value), dtype=np.bool_)
    np.not_equal(value[1:], value[:-1], out=fresh[1:])
    return value[fresh]


def _in_order(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Give the shingle hashes of a text in its order: uint32 (n - 4,)."""
    count = max(0, len(hashes) - SHINGLE + 1)
    value = np.zeros(count, dtype=np.uint32)
    for place in range(SHINGLE):
        value = value * _MULTIPLIER + hashes[place : place + count]
    return value


def digests(words: Sequence[str]) -> NDArray[np.uint8]:
    """Give the 64 bits that stand for each word in a SimHash: uint8 (n, 8), the package's hash of its UTF-8."""
    hashed = _hash()
    # The package hashes strings; here as there, a hash' last bytes count.
    joined = b"".join([hashed(word.encode("utf-8", "surrogatepass"))[-_BITS // 8 :] for word in words])
    return np.frombuffer(joined, dtype=np.uint8).reshape(-1, _BITS // 8)


def fingerprint(
    words: Sequence[str] | NDArray[np.int32], hashes: NDArray[np.uint32], known: NDArray[np.uint8] | None = None
) -> Fingerprint:
    """Give the fingerprint of a text from its folded words and their xxh32 hashes.

    The words are strings or, where `known` holds the `digests` of a vocabulary, their numbers in it: for many
    texts this is much faster, for each word is hashed once.
    """
    found = shingles(hashes)
    if known is None:
        strings = cast("Sequence[str]", words)
        vocabulary = {word: number for number, word in enumerate(dict.fromkeys(strings))}
        known, words = digests(list(vocabulary)), np.array([vocabulary[word] for word in strings], dtype=np.int32)
    return Fingerprint(_minhash(found), _simhash(np.asarray(words, dtype=np.int32), known), len(found))


def _minhash(found: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Give the least value of each permutation: uint32 (128,); of no values, the greatest there is."""
    first: NDArray[np.uint32] = _minhashes(found, np.array([0]), np.array([len(found)]))[0]
    return first


def _minhashes(
    found: NDArray[np.uint32], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """Give the MinHash of each range [start, end) of shingles: uint32 (n, 128)."""
    factors, terms = permutations()
    least = np.full((len(starts), PERMUTATIONS), 0xFFFFFFFF, dtype=np.uint32)
    mixed = _mixed(found)
    if foresee(len(mixed)):
        kernel.least.compiled(mixed, (starts, ends), (factors, terms), (least.reshape(-1),))
        return least
    Kernel.steps += len(mixed)  # one takes NumPy about as long as a step takes the interpreter
    for number, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        for at in range(start, end, _BLOCK):
            values = mixed[at : min(at + _BLOCK, end), None] * factors
            values += terms
            np.minimum(least[number], values.min(axis=0), out=least[number])
    return least


def _mixed(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Mix values as MurmurHash3 ends, which datasketch's scheme does before it permutes."""
    values = (values ^ values >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    values = (values ^ values >> np.uint32(13)) * np.uint32(0xC2B2AE35)
    return values ^ values >> np.uint32(16)


def _simhash(words: NDArray[np.int32], known: NDArray[np.uint8]) -> int:
    """Give the bits that more than half of the words' weight has set."""
    ranked = np.sort(words)
    places = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1]))[: len(ranked)])
    # float32 for the sake of BLAS; exact, for a block's sum is below 2**24
    weights = np.minimum(np.diff(places, append=len(ranked)), HEAVIEST).astype(np.float32)
    rows = known[ranked[places]]
    total = np.zeros(_BITS)
    for at in range(0, len(rows), _BLOCK):
        total += weights[at : at + _BLOCK] @ np.unpackbits(rows[at : at + _BLOCK], axis=1).astype(np.float32)
    return int.from_bytes(np.packbits(total > weights.sum(dtype=np.float64) / 2).tobytes(), "big")


def bands(prints: Sequence[Fingerprint], rows: int = ROWS) -> NDArray[np.uint64]:
    """Give the bands of each fingerprint, of `rows` values: uint64 (n, 128 / rows); 0 for a text too short."""
    mixed = banded(np.stack([one.minhash for one in prints]), rows)
    mixed[[one.size == 0 for one in prints]] = 0
    return mixed


def banded(minhashes: NDArray[np.uint32], rows: int = ROWS) -> NDArray[np.uint64]:
    """Give the bands of MinHashes, or of their first values, of `rows` each: uint64 (n, values / rows), none 0."""
    values = minhashes.reshape(len(minhashes), minhashes.shape[1] // rows, rows).astype(np.uint64)
    mixed = np.zeros(values.shape[:2], dtype=np.uint64)
    for row in range(rows):
        mixed = (mixed ^ values[:, :, row]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(32)
    return np.maximum(mixed, np.uint64(1))


def passage_minhashes(hashes: NDArray[np.uint32], passages: Sequence[tuple[int, int]]) -> NDArray[np.uint32]:
    """Give the MinHash of each passage, words [start, end), of at least `PASSAGE_WORDS`: uint32 (n, 128)."""
    long = np.array([one for one in passages if one[1] - one[0] >= PASSAGE_WORDS], np.int64).reshape(-1, 2)
    starts, ends = np.ascontiguousarray(long.T)
    return _minhashes(_in_order(hashes), starts, ends - SHINGLE + 1)


def jaccard(a: Fingerprint, b: Fingerprint) -> float:
    """Estimate the Jaccard similarity of two texts' shingles; 0 where either is too short."""
    return float((a.minhash == b.minhash).mean()) if a.size and b.size else 0.0


def distance(a: Fingerprint, b: Fingerprint) -> int:
    """Give the Hamming distance of two SimHashes, in bits."""
    return (a.simhash ^ b.simhash).bit_count()


@cache
def permutations() -> NDArray[np.uint32]:
    """Give the factors and the terms of datasketch's permutations: uint32 (2, 128).

    Drawn as datasketch draws them for seed 1 (NumPy's RandomState is the same for all time): to import it takes
    half a second.
    """
    drawn = np.random.RandomState(SEED)
    factors = drawn.randint(0, 1 << 31, PERMUTATIONS, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return np.array([factors, drawn.randint(0, 1 << 32, PERMUTATIONS, dtype=np.uint32)])


def to_datasketch(minhash: NDArray[np.uint32]) -> MinHash:
    """Give a MinHash as `datasketch` has it, to be compared, merged or indexed there.

    It can be updated there as well, with values as `shingles` gives them.
    """
    from datasketch import MinHash  # noqa: PLC0415 (half a second)

    values = np.array(minhash, dtype=np.uint32)
    return MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme=SCHEME, hashvalues=values, hashfunc=int)


def from_datasketch(minhash: MinHash) -> NDArray[np.uint32]:
    """Give the values of a `datasketch.MinHash`: uint32 (128,); raises ValueError for another scheme or size."""
    made = (len(minhash.hashvalues), minhash.seed, minhash.scheme)
    if made != (PERMUTATIONS, SEED, SCHEME):
        raise ValueError(f"a MinHash of {made} (size, seed, scheme), not of {(PERMUTATIONS, SEED, SCHEME)}")
    return np.array(minhash.hashvalues, dtype=np.uint32)


@cache
def _hash() -> Callable[[bytes], bytes]:
    from simhash import Simhash  # noqa: PLC0415 (its import is paid only where fingerprints are made)

    hashed: Callable[[bytes], bytes] = Simhash(0, f=_BITS).hashfunc
    return hashed
