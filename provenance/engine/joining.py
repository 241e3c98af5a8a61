"""Keys to pairs that share one, and pairs to those that are alike: steps of the plan, over Arrow batches."""

from __future__ import annotations

import threading
from collections import OrderedDict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from provenance.engine.arrays import column, numbers
from provenance.kernels import pairs as kernels

if TYPE_CHECKING:
    from provenance.engine.folder import Folder

    Array = np.ndarray[Any, np.dtype[Any]]

PAIR = pa.struct([("a", pa.uint64()), ("b", pa.uint64())])
MOST = 16  # units of a bucket that all others of it are paired with
_SHINGLES = 8 << 20  # that are in memory for verifying at one time: 32 MB
_REMEMBERED = 128 << 20  # bytes of the units' places that are remembered
_columns: OrderedDict[tuple[Folder, int, str], Array] = OrderedDict()
_turn = threading.Lock()


def pairs_of(keys: pa.Array, units: pa.Array, seals: pa.Array, work: Folder | None = None) -> pa.Array:
    """Give for each key, and the lists of the units that have it and of their seals, the list of pairs (a, b).

    Of a large bucket, all are paired with those that are to stay first: by rank, in `work`, then by number. Each
    other one of it is given as a pair with itself as well: what it was not paired with may be like it.
    """
    ends, members = _flat(units)
    _, sealed = _flat(seals)
    counts = np.diff(ends, prepend=0)
    inner = np.flatnonzero(np.repeat(counts > MOST, counts))
    if len(inner):
        buckets = np.repeat(np.arange(len(counts)), counts)[inner]
        order = inner[np.lexsort((members[inner], _ranks(members[inner], work), buckets))]
        members[inner], sealed[inner] = members[order], sealed[order]
    room = int((counts * np.minimum(counts, MOST + 1)).sum())
    stops, firsts, seconds = np.zeros(len(ends), np.int64), np.zeros(room, np.uint64), np.zeros(room, np.uint64)
    given = (numbers(keys).astype(np.uint64), ends, members, sealed)
    count = kernels.paired.compiled(given, MOST, (stops, firsts, seconds))
    values = pa.StructArray.from_arrays([column(firsts[:count]), column(seconds[:count])], fields=list(PAIR))
    return pa.LargeListArray.from_arrays(column(np.concatenate(([0], stops))), values)


def _ranks(units: Array, work: Folder | None) -> Array:
    if work is None:
        return np.zeros(len(units), dtype=np.int64)
    known, rows = np.unique(units, return_inverse=True)
    return places(known, work, "rank")[rows]


def _flat(lists: pa.Array) -> tuple[Array, Array]:
    """Give where each list ends, from 0, and all values; the values are a copy, for kernels write in them."""
    offsets = numbers(lists.offsets).astype(np.int64)
    values = numbers(lists.values)[offsets[0] : offsets[-1]]
    return offsets[1:] - offsets[0], values.astype(np.uint64)


def scores(firsts: Array, seconds: Array, work: Folder) -> Array:
    """Give the Jaccard similarity of the shingles of each pair of units: float64 (n,); exact copies have 1."""
    units, rows = np.unique(np.concatenate((firsts, seconds)), return_inverse=True)
    seals = places(units, work, "seal")
    found = np.ones(len(firsts), np.float64)
    near = np.flatnonzero(seals[rows[: len(firsts)]] != seals[rows[len(firsts) :]])
    for part in portions(firsts[near], seconds[near], work):
        here = near[part]
        units, rows = np.unique(np.concatenate((firsts[here], seconds[here])), return_inverse=True)
        values, starts, ends = shingles(units, work)
        pairs, made = rows.astype(np.int64).reshape(2, -1), np.empty(len(here), np.float64)
        table = np.zeros(2 << int(4 * np.diff((starts, ends), axis=0).max() + 8).bit_length(), np.uint64)
        kernels.likenesses.compiled(values, (starts, ends), (pairs[0], pairs[1]), table, made)
        found[here] = made
    return found


def portions(firsts: Array, seconds: Array, work: Folder) -> list[slice]:
    """Give pairs of units in slices of bounded memory, by the shingles that both have."""
    if not len(firsts):
        return []
    units, rows = np.unique(np.concatenate((firsts, seconds)), return_inverse=True)
    sizes = (places(units, work, "end") - places(units, work, "start"))[rows]
    number = np.cumsum(sizes[: len(firsts)] + sizes[len(firsts) :]) // _SHINGLES
    edges = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(firsts)]
    return [slice(first, end) for first, end in pairwise(edges)]


def shingles(units: Array, work: Folder) -> tuple[Array, Array, Array]:
    """Give the shingles of sorted units, one after the other: uint32; and where each one's start and end."""
    begins, stops = places(units, work, "start"), places(units, work, "end")
    ends = np.cumsum(stops - begins)
    starts = ends - (stops - begins)
    values = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint32)
    for shard, first, last in by_shard(units):
        with work.opened(f"shingles/{shard:06}.bin") as file:
            for number in range(first, last):
                size = int(stops[number] - begins[number]) * 4
                piece = file.read_at(size, int(begins[number]) * 4)
                values[starts[number] : ends[number]] = np.frombuffer(piece, np.uint32)
    return values, starts, ends


def places(units: Array, work: Folder, name: str) -> Array:
    """Give a column of the fingerprints for sorted units."""
    pieces = [
        _kept(work, shard, name)[(units[first:last] & np.uint64(0xFFFFFFFF)).astype(np.int64)]
        for shard, first, last in by_shard(units)
    ]
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)


def _kept(work: Folder, shard: int, name: str) -> Array:
    """Give a column, from memory where it was asked for of late."""
    key = (work, shard, name)
    with _turn:
        if key in _columns:
            _columns.move_to_end(key)
            return _columns[key]
    found = numbers(work.get(f"prints/{shard:06}.arrow", [name])[name])
    with _turn:
        _columns[key] = found
        while len(_columns) > 1 and sum(one.nbytes for one in _columns.values()) > _REMEMBERED:
            _columns.popitem(last=False)
    return found


def by_shard(units: Array) -> list[tuple[int, int, int]]:
    """Give the shards of sorted units, each with the first of its units and the end of them."""
    if not len(units):
        return []
    shards = (units >> np.uint64(32)).astype(np.int64)
    edges = np.flatnonzero(np.diff(shards, prepend=-1))
    return [
        (int(shards[first]), int(first), int(last))
        for first, last in zip(edges, np.append(edges[1:], len(units)), strict=True)
    ]
