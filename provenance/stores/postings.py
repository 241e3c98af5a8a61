"""Posting lists packed into sorted 64-bit numbers: which documents have a key.

A key has `KEY` = 48 bits: of 40 million postings, one in seven million lookups meets a stranger's, which costs
one comparison. Keys are uniform (they are hashes), so the first bits of a key say which block of a run it stands
in: nothing needs to be searched for, or held in memory, to know which block to fetch. Within block b of a run of
2**bits blocks, a posting is one number: what the block does not say of the key, then the document's number less
the run's first: (key << (16 + bits) | number - base) mod 2**64. Sorting those numbers sorts the postings.

Long lists are capped (`provenance.stores.capped`).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.errors import StoreError
from provenance.stores.frames import all_opened, framed, opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Keys = NDArray[np.uint64]

KEY = 48  # bits of a key
OWNER = 16  # bits of a document's number in the tail, and of a run of one block
PACKED = KEY // 8  # bytes
MANY = 64  # documents of one key that a lookup gives, and a run lists: the first half of them and the last


def pack(keys: Keys) -> bytes:
    """Give keys as six bytes each."""
    return keys.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :PACKED].tobytes()


def unpack(packed: bytes) -> Keys:
    """Give the keys of six bytes each."""
    wide = np.zeros((len(packed) // PACKED, 8), dtype=np.uint8)
    wide[:, :PACKED] = np.frombuffer(packed, dtype=np.uint8).reshape(-1, PACKED)
    return wide.view("<u8").ravel().astype(np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """Keys and the documents that have them: two uint64 arrays of one length, sorted by key, then number."""

    keys: Keys
    numbers: Keys

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Run:
    """Sorted postings in 2**bits blocks, of the documents numbered [base, upto).

    more    of long lists, how many documents have the key beside those that the run lists
    whole   whether those stand in blocks of overflow; runs made before there were any only count them
    """

    id: int
    bits: int
    base: int
    upto: int
    postings: int
    more: Mapping[int, int] = field(default_factory=dict)
    whole: bool = True

    @property
    def shift(self) -> int:
        """The bits of a posting's number that hold the document."""
        return OWNER + self.bits


@dataclass(frozen=True, slots=True)
class Manifest:
    """The runs, oldest documents first, and the first number of the tail."""

    runs: tuple[Run, ...] = ()
    upto: int = 1

    def packed(self) -> bytes:
        """Give the manifest as bytes."""
        rows = [
            {
                "id": run.id,
                "bits": run.bits,
                "base": run.base,
                "upto": run.upto,
                "postings": run.postings,
                "more": list(run.more.items()),
                "whole": run.whole,
            }
            for run in self.runs
        ]
        return framed(b"M", json.dumps({"upto": self.upto, "runs": rows}, separators=(",", ":")).encode())


def manifest_of(value: bytes) -> Manifest:
    """Read a manifest; empty bytes are the first one."""
    if not value:
        return Manifest()
    try:
        rows: dict[str, Any] = json.loads(opened(b"M", value, "the manifest"))
        runs = tuple(_run(row) for row in rows["runs"])
        return Manifest(runs, int(rows["upto"]))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise StoreError(f"the manifest is damaged: {error}") from error


def _run(row: dict[str, Any]) -> Run:
    more = {int(key): int(count) for key, count in row["more"]}
    return Run(**row | {"more": more, "whole": bool(row.get("whole")) or not more})


# --- the tail: numbers in memory --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Postings of at most 2**16 documents numbered from `base`, as sorted numbers: key << 16 | number - base."""

    base: int
    packed: Keys


def chunk_of(base: int, first: int, rows: Sequence[Keys]) -> Chunk:
    """Give the chunk of documents numbered from `first`, each with its keys."""
    owners = np.repeat(np.arange(len(rows), dtype=np.uint64), [len(row) for row in rows]) + np.uint64(first - base)
    keys = np.concatenate(rows) if rows else np.zeros(0, dtype=np.uint64)
    packed = keys << np.uint64(OWNER) | owners
    packed.sort()
    return Chunk(base, packed)


def joined(chunks: Sequence[Chunk]) -> Chunk:
    """Give chunks of one base as one."""
    packed = np.concatenate([chunk.packed for chunk in chunks])
    packed.sort(kind="stable")  # which takes sorted pieces as they are
    return Chunk(chunks[0].base, packed)


def looked_up(chunk: Chunk, keys: Keys) -> Postings:
    """Give the postings of sorted keys in a chunk."""
    shift = np.uint64(OWNER)
    first = np.searchsorted(chunk.packed, keys << shift)
    last = np.searchsorted(chunk.packed, keys << shift | np.uint64((1 << OWNER) - 1), side="right")
    found = chunk.packed[_ranges(first, last)]
    return Postings(found >> shift, (found & np.uint64((1 << OWNER) - 1)) + np.uint64(chunk.base))


def unpacked(chunk: Chunk) -> Postings:
    """Give all postings of a chunk."""
    owners = chunk.packed & np.uint64((1 << OWNER) - 1)
    return Postings(chunk.packed >> np.uint64(OWNER), owners + np.uint64(chunk.base))


# --- runs: numbers in blocks ------------------------------------------------------------------------------


def bits_for(postings: int, documents: int, block: int) -> int:
    """Give the bits of a run's blocks: `block` postings in each, and room for the documents' numbers."""
    size = max(0, round(math.log2(max(1, postings) / block)))
    return max(size, (max(1, documents) - 1).bit_length() - OWNER, 0)


def places(run: Run, keys: Keys) -> Keys:
    """Give the block in which each key stands."""
    return keys >> np.uint64(KEY - run.bits)


def encoded(run: Run, found: Postings) -> Iterator[tuple[int, bytes]]:
    """Give the blocks of sorted postings that belong to a run: number of the block, framed bytes."""
    numbers = (found.keys << np.uint64(run.shift)) | (found.numbers - np.uint64(run.base))
    blocks = places(run, found.keys)
    starts = np.flatnonzero(np.concatenate(([True], blocks[1:] != blocks[:-1]))[: len(blocks)])
    raw, edges = numbers.astype("<u8").tobytes(), [*starts.tolist(), len(blocks)]
    for number, start, end in zip(blocks[starts].tolist(), edges, edges[1:], strict=False):
        yield number, framed(b"B", raw[8 * start : 8 * end])


def decoded(run: Run, numbers: Sequence[int] | Keys, values: Sequence[bytes]) -> Postings:
    """Give the postings of blocks, in rising order; raise StoreError for a block that is damaged."""
    packed, keys = unframed(run, numbers, values)
    return Postings(keys, _numbers(run, packed))


def unframed(run: Run, numbers: Sequence[int] | Keys, values: Sequence[bytes]) -> tuple[Keys, Keys]:
    """Give the postings of blocks as they are packed, and their keys; raise StoreError as `decoded` does."""
    payloads = _payloads(run, numbers, values)
    lengths = np.fromiter(map(len, payloads), np.int64, len(payloads))
    packed = np.frombuffer(b"".join(payloads), dtype="<u8").astype(np.uint64, copy=False)
    keys = packed >> np.uint64(run.shift)
    if run.bits:
        keys |= np.repeat(np.array(numbers, dtype=np.uint64) << np.uint64(KEY - run.bits), lengths // 8)
    return packed, keys


def _numbers(run: Run, packed: Keys) -> Keys:
    """Give the documents of packed postings."""
    return (packed & np.uint64((1 << run.shift) - 1)) + np.uint64(run.base)


def found_in(run: Run, packed: Keys, keys: Keys, asked: Keys) -> Postings:
    """Give those of a run's postings that have one of the sorted keys asked for."""
    spots = _ranges(np.searchsorted(keys, asked), np.searchsorted(keys, asked, side="right"))
    return Postings(keys[spots], _numbers(run, packed[spots]))  # of a hundred in a block one may be asked for


def _payloads(run: Run, numbers: Sequence[int] | Keys, values: Sequence[bytes]) -> list[bytes]:
    """Give what is in the frames of blocks; raise StoreError for one that is damaged."""
    payloads = all_opened(b"B", values, 8)
    if payloads is None:
        for number, value in zip(numbers, values, strict=True):
            if value:
                opened(b"B", value, f"block {number} of run {run.id}")
        raise StoreError(f"a block of run {run.id} is damaged: a posting is cut")
    return payloads


def _ranges(first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the places [first, last) of each, end to end."""
    counts = last - first
    places: NDArray[np.int64] = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    return places


# --- what both have in common -----------------------------------------------------------------------------


def merged(parts: Sequence[Postings]) -> Postings:
    """Give postings of several runs or chunks as one, sorted by key, then number."""
    keys = np.concatenate([part.keys for part in parts]) if parts else np.zeros(0, dtype=np.uint64)
    numbers = np.concatenate([part.numbers for part in parts]) if parts else np.zeros(0, dtype=np.uint64)
    order = np.lexsort((numbers, keys))
    return Postings(keys[order], numbers[order])


def chosen(found: Postings, keep: NDArray[np.bool_] | NDArray[np.int64]) -> Postings:
    """Give the postings that are marked, or those at some places."""
    return Postings(found.keys[keep], found.numbers[keep])


def rank(ranked: NDArray[Any]) -> NDArray[np.int64]:
    """Give each posting's place in its list."""
    starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1]))[: len(ranked)])
    return np.arange(len(ranked)) - np.repeat(starts, np.diff(np.append(starts, len(ranked))))


def ends(ranked: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark `MANY` of each list: its first half of them and its last; all of one that has no more."""
    place = rank(ranked)
    starts = np.flatnonzero(place == 0)
    sizes = np.diff(np.append(starts, len(place)))
    marked: NDArray[np.bool_] = (place < MANY // 2) | (place >= np.repeat(sizes, sizes) - MANY // 2)
    return marked


def sorted_part(parts: Sequence[Postings], bits: int, base: int, upto: int) -> Postings:
    """Give postings whose keys begin with the same bits, of documents [base, upto), as one.

    One sort of one number where both fit: a third of the time.
    """
    if len(parts) == 1:
        return parts[0]
    shift = OWNER + bits
    if (upto - base - 1).bit_length() > shift:
        return merged(parts)
    keys = np.concatenate([part.keys for part in parts])
    high = keys[:1] >> np.uint64(KEY - bits) << np.uint64(KEY - bits) if bits else np.zeros(1, dtype=np.uint64)
    numbers = np.concatenate([part.numbers for part in parts]) - np.uint64(base)
    packed = keys << np.uint64(shift) | numbers
    packed.sort(kind="stable")  # which takes sorted pieces as they are
    found = packed >> np.uint64(shift) | (high if len(high) else np.uint64(0))
    return Postings(found, (packed & np.uint64((1 << shift) - 1)) + np.uint64(base))
