"""The plan: read, fingerprint, bands and anchors, pairs that share one, pairs that are alike, clusters."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import daft
import numpy as np
import pyarrow as pa
from daft import DataType, Series, col, lit

from provenance.engine import deciding
from provenance.engine.arrays import column, numbers, table
from provenance.engine.components import LABELS, components
from provenance.engine.joining import pairs_of, scores
from provenance.engine.printing import COUNTED, KEYS, counted, keys
from provenance.engine.tasks import rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.engine.folder import Folder
    from provenance.engine.settings import DedupSettings
    from provenance.engine.shards import Shard

    Array = np.ndarray[Any, np.dtype[Any]]

PAIRS = pa.schema([("a", pa.uint64()), ("b", pa.uint64())])
WAITING = pa.schema([("unit", pa.uint64())])
EDGES = pa.schema([("a", pa.uint64()), ("b", pa.uint64()), ("score", pa.float64())])
_PAIR = DataType.list(DataType.struct({"a": DataType.uint64(), "b": DataType.uint64()}))
_KEY_BYTES = 160  # that a key takes while Daft groups it, as measured
_ROUNDS = 32  # of looking again; a bucket of which more than 32 * MOST are like none before is not looked through
_VERIFIED = 4096  # pairs whose shingles are in memory at one time


def clusters(shards: Sequence[Shard], settings: DedupSettings, work: Folder) -> tuple[pa.Table, pa.Table]:
    """Give the pairs of units that are alike (a, b, score), and the cluster of each (member, label).

    What an earlier run has left in `work` is taken from there.
    """
    if "edges.arrow" not in work.names():
        work.put("edges.arrow", _edges(shards, settings, work))
    else:  # what is there no longer was on a disk that was lost since
        left = [shard for shard in shards if not work.has(f"prints/{shard.name}.arrow")]
        if left:
            rows_of(partial(counted, settings=settings, work=work), left, COUNTED).count_rows()
    edges = work.get("edges.arrow")
    if "clusters.arrow" not in work.names():
        work.put("clusters.arrow", components(edges) if len(edges) else LABELS.empty_table())
    return edges, work.get("clusters.arrow")


def _edges(shards: Sequence[Shard], settings: DedupSettings, work: Folder) -> pa.Table:
    parts = _parts(shards, settings, work)
    names = [f"{number:04}.arrow" for number in range(parts)]
    for number, name in enumerate(names):
        if not work.has(f"pairs/{name}"):
            part = partial(keys, settings=settings, work=work, part=(number, parts))
            pairs, waiting = _told(_pairs(rows_of(part, shards, KEYS), settings, work))
            work.put(f"waiting/{name}", waiting)
            work.put(f"pairs/{name}", pairs)
    found = rows_of(work.get, [f"pairs/{name}" for name in names], PAIRS)
    edges = _verified(found.distinct() if parts > 1 else found, settings.threshold, work)
    waiting = np.unique(np.concatenate([numbers(work.get(f"waiting/{name}")["unit"]) for name in names]))
    return _looked_again(_sorted(edges.to_arrow().cast(EDGES)), waiting, shards, settings, work)


def _told(found: daft.DataFrame) -> tuple[pa.Table, pa.Table]:
    """Give pairs, and the units that were paired with themselves, of large buckets."""
    every = found.to_arrow().cast(PAIRS)
    a, b = numbers(every["a"]), numbers(every["b"])
    return table([a[a != b], b[a != b]], PAIRS), table([a[a == b]], WAITING)


def _looked_again(
    edges: pa.Table, waiting: Array, shards: Sequence[Shard], settings: DedupSettings, work: Folder
) -> pa.Table:
    """Pair those of large buckets that would stay with one another, until that finds nothing; give all edges.

    Of a large bucket only the first were paired with all others. Those that are unlike these have others to be
    like: the next to stay first among themselves.
    """
    settings = replace(settings, keep="first") if settings.keep == "none" else settings
    ever, gone, number = waiting, np.zeros(0, np.uint64), 0
    while len(waiting) > 1 and number < _ROUNDS:
        members = np.unique(np.concatenate((numbers(edges["a"]), numbers(edges["b"]))))
        before, gone = gone, numbers(deciding.removed(edges, members, shards, settings, work)["unit"])
        back = np.intersect1d(np.setdiff1d(before, gone), ever)  # what they were like has gone itself
        left = np.setdiff1d(np.union1d(waiting, back), gone)
        if len(left) < 2:
            break
        number += 1
        work.put(f"left/{number:04}.arrow", table([left], WAITING))
        part = partial(keys, settings=settings, work=work, only=f"left/{number:04}.arrow")
        asked = [shard for shard in shards if np.any(left >> np.uint64(32) == shard.number)]
        pairs, again = _told(_pairs(rows_of(part, asked, KEYS), settings, work))
        found = _verified(daft.from_arrow(pairs), settings.threshold, work).to_arrow().cast(EDGES)
        more = _sorted(pa.concat_tables([edges, found]))
        if len(more) == len(edges):
            break
        edges, waiting = more, numbers(again["unit"])
    return edges


def _sorted(edges: pa.Table) -> pa.Table:
    """Give edges sorted, each once."""
    a, b = numbers(edges["a"]), numbers(edges["b"])
    order = np.lexsort((b, a))
    same = (np.diff(a[order]) == 0) & (np.diff(b[order]) == 0)
    order = order[np.concatenate((np.ones(min(1, len(order)), np.bool_), ~same))]
    return table([a[order], b[order], numbers(edges["score"])[order]], EDGES)


def _parts(shards: Sequence[Shard], settings: DedupSettings, work: Folder) -> int:
    """Make the fingerprints, and give in how many parts their keys are grouped, for memory's sake."""
    made = rows_of(partial(counted, settings=settings, work=work), shards, COUNTED)
    count: int = int(numbers(made.to_arrow()["keys"]).sum())
    return max(1, -(-count * _KEY_BYTES // (settings.memory // 2)))


def _pairs(rows: daft.DataFrame, settings: DedupSettings, work: Folder) -> daft.DataFrame:
    """Give the pairs of units that share a key, each once."""
    ranked = work if settings.keep in ("longest", "earliest") else None  # else the numbers of units are the order

    @daft.func.batch(return_dtype=_PAIR)
    def paired(key: Series, units: Series, seals: Series) -> pa.Array:
        return pairs_of(key.to_arrow(), units.to_arrow(), seals.to_arrow(), ranked)

    shared = rows.groupby("key").agg(col("unit").list_agg().alias("units"), col("seal").list_agg().alias("seals"))
    shared = shared.where(col("units").length() > lit(1))
    found = shared.select(paired(col("key"), col("units"), col("seals")).alias("pair"))
    found = found.where(col("pair").length() > lit(0)).explode("pair")
    return found.select(col("pair")["a"].alias("a"), col("pair")["b"].alias("b")).distinct()


def _verified(pairs: daft.DataFrame, threshold: float, work: Folder) -> daft.DataFrame:
    """Give the pairs whose shingles are as alike as the threshold asks, with how alike they are."""

    @daft.func.batch(return_dtype=DataType.float64(), batch_size=_VERIFIED)
    def likeness(a: Series, b: Series) -> pa.Array:
        firsts, seconds = numbers(a.to_arrow()), numbers(b.to_arrow())
        return column(scores(firsts.astype(np.uint64), seconds.astype(np.uint64), work))

    found = pairs.with_column("score", likeness(col("a"), col("b")))
    return found.where(col("score") >= lit(threshold))
