"""The plan: read, fingerprint, bands and anchors, pairs that share one, pairs that are alike, clusters."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import daft
import numpy as np
import pyarrow as pa
from daft import DataType, Series, col, lit

from provenance.engine.arrays import column, numbers
from provenance.engine.components import LABELS, components
from provenance.engine.joining import pairs_of, scores
from provenance.engine.printing import COUNTED, KEYS, counted, keys
from provenance.engine.tasks import rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.engine.folder import Folder
    from provenance.engine.settings import DedupSettings
    from provenance.engine.shards import Shard

PAIRS = pa.schema([("a", pa.uint64()), ("b", pa.uint64())])
EDGES = pa.schema([("a", pa.uint64()), ("b", pa.uint64()), ("score", pa.float64())])
_PAIR = DataType.list(DataType.struct({"a": DataType.uint64(), "b": DataType.uint64()}))
_KEY_BYTES = 160  # that a key takes while Daft groups it, as measured
_VERIFIED = 4096  # pairs whose shingles are in memory at one time


def clusters(shards: Sequence[Shard], settings: DedupSettings, work: Folder) -> tuple[pa.Table, pa.Table]:
    """Give the pairs of units that are alike (a, b, score), and the cluster of each (member, label).

    What an earlier run has left in `work` is taken from there.
    """
    if "edges.arrow" not in work.names():
        work.put("edges.arrow", _edges(shards, settings, work))
    edges = work.get("edges.arrow")
    if "clusters.arrow" not in work.names():
        work.put("clusters.arrow", components(edges) if len(edges) else LABELS.empty_table())
    return edges, work.get("clusters.arrow")


def _edges(shards: Sequence[Shard], settings: DedupSettings, work: Folder) -> pa.Table:
    parts = _parts(shards, settings, work)
    for number in range(parts):
        if f"{number:04}.arrow" not in work.names("pairs"):
            part = partial(keys, settings=settings, work=work, part=(number, parts))
            work.put(f"pairs/{number:04}.arrow", _pairs(rows_of(part, shards, KEYS)).to_arrow().cast(PAIRS))
    found = rows_of(work.get, [f"pairs/{number:04}.arrow" for number in range(parts)], PAIRS)
    edges = _verified(found.distinct() if parts > 1 else found, settings.threshold, work)
    return edges.to_arrow().cast(EDGES).sort_by([("a", "ascending"), ("b", "ascending")])


def _parts(shards: Sequence[Shard], settings: DedupSettings, work: Folder) -> int:
    """Make the fingerprints, and give in how many parts their keys are grouped, for memory's sake."""
    made = rows_of(partial(counted, settings=settings, work=work), shards, COUNTED)
    count: int = int(numbers(made.to_arrow()["keys"]).sum())
    return max(1, -(-count * _KEY_BYTES // (settings.memory // 2)))


def _pairs(rows: daft.DataFrame) -> daft.DataFrame:
    """Give the pairs of units that share a key, each once."""

    @daft.func.batch(return_dtype=_PAIR)
    def paired(key: Series, units: Series, seals: Series) -> pa.Array:
        return pairs_of(key.to_arrow(), units.to_arrow(), seals.to_arrow())

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
