"""Who stays: each unit that is removed is like one that is kept, by a pair that was verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from provenance.engine.arrays import column, numbers, table
from provenance.engine.joining import by_shard, places
from provenance.kernels import pairs as kernels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.engine.folder import Folder
    from provenance.engine.settings import DedupSettings
    from provenance.engine.shards import Shard

    Array = np.ndarray[Any, np.dtype[Any]]

REMOVED = pa.schema([("unit", pa.uint64()), ("match", pa.uint64()), ("score", pa.float64())])


def removed(
    edges: pa.Table, members: Array, shards: Sequence[Shard], settings: DedupSettings, work: Folder
) -> pa.Table:
    """Give the units that go, sorted, each with the kept one that it is most like, and how alike they are.

    Copies word for word count as one. Units are taken in the order of `keep`; one that is like a unit already kept
    goes, and every other is kept: so a chain of small edits takes nothing away that is unlike all that stays. With
    `keep` none, those that would stay go as well, each for the one that it is most like.
    """
    if not len(members):
        return REMOVED.empty_table()
    reference = np.array([shard.reference for shard in shards])[(members >> np.uint64(32)).astype(np.int64)]
    order = np.lexsort((members, places(members, work, "rank"), ~reference))
    first = _twins(places(members, work, "seal"), order)
    leading = order[first[order] == order]
    match, score = _chosen(edges, members, leading, first, int(reference[leading].sum()))
    match, score = _spread(first, match, score)
    if settings.keep == "none":
        match, score = _all_gone(edges, members, match, score)
    gone = (match >= 0) & ~reference
    return table([members[gone], members[match[gone]], score[gone]], REMOVED)


def _twins(seals: Array, order: Array) -> Array:
    """Give for each member the first, in order, of those with the same words."""
    _, group = np.unique(seals, return_inverse=True)
    first = np.full(int(group.max()) + 1, -1, dtype=np.int64)
    first[group[order[::-1]]] = order[::-1]
    return first[group]


def _chosen(edges: pa.Table, members: Array, order: Array, first: Array, fixed: int) -> tuple[Array, Array]:
    a, b = (first[np.searchsorted(members, numbers(edges[name]))] for name in ("a", "b"))
    near = a != b
    ends, neighbours, scores = _neighbours(a[near], b[near], numbers(edges["score"])[near], len(members))
    match, score = np.zeros(len(members), dtype=np.int64), np.zeros(len(members))
    sure = np.array([min(fixed, len(order))], dtype=np.int64)
    kernels.chosen.compiled(order.astype(np.int64), (ends, neighbours, scores), sure, (match, score))
    return match, score


def _neighbours(a: Array, b: Array, score: Array, count: int) -> tuple[Array, Array, Array]:
    one, other = np.concatenate((a, b)), np.concatenate((b, a))
    order = np.lexsort((other, one))
    ends = np.cumsum(np.bincount(one, minlength=count))
    return ends.astype(np.int64), other[order].astype(np.int64), np.concatenate((score, score))[order]


def _spread(first: Array, match: Array, score: Array) -> tuple[Array, Array]:
    """Let copies word for word go with the first of them: to its match, or to itself where it is kept."""
    own = np.arange(len(first))
    kept = match[first] < 0
    match = np.where(first == own, match, np.where(kept, first, match[first]))
    score = np.where(first == own, score, np.where(kept, 1.0, score[first]))
    return match, score


def _all_gone(edges: pa.Table, members: Array, match: Array, score: Array) -> tuple[Array, Array]:
    a, b = (np.searchsorted(members, numbers(edges[name])) for name in ("a", "b"))
    values = numbers(edges["score"])
    for one, other in ((a, b), (b, a)):
        best = np.lexsort((other, -values, one))
        place = best[np.unique(one[best], return_index=True)[1]]
        here = (match[one[place]] < 0) & (score[one[place]] < values[place])
        score[one[place][here]] = values[place][here]
        match_of = other[place][here]
        match = match.copy()
        match[one[place][here]] = -match_of - 3  # decided at the end: those kept so far are told by their sign
    return np.where(match < -2, -match - 3, match), score


def gathered(units: Array, columns: Sequence[str], work: Folder) -> pa.Table:
    """Give columns of the fingerprints for sorted units, a row a unit."""
    pieces = []
    for shard, start, end in by_shard(units):
        rows = column((units[start:end] & np.uint64(0xFFFFFFFF)).astype(np.int64))
        pieces.append(work.get(f"prints/{shard:06}.arrow", columns).take(rows))
    return pa.concat_tables(pieces).replace_schema_metadata(None)
