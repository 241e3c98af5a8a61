"""The second reading of a shard, held against the first: what it gives is what was fingerprinted, or said."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from provenance.engine.columns import Batch, arrow_bytes
from provenance.engine.reading import batches
from provenance.engine.shards import Refused
from provenance.errors import ProvenanceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from provenance.engine.folder import Folder
    from provenance.engine.shards import Shard
    from provenance.readers.options import ReadOptions

    Array = np.ndarray[Any, np.dtype[Any]]


class ChangedError(ProvenanceError):
    """A source is not what it was when it was read first."""


def changed(shard: Shard) -> ChangedError:
    """Give the error that names the source."""
    return ChangedError(f"{shard.urls[0]}: changed since it was read first; begin anew")


def summed(batch: Batch) -> list[int]:
    """Give how many texts a batch has, and a sum over their bytes."""
    data, offsets = arrow_bytes(batch.texts)
    return [len(batch.rows), zlib.crc32(data[offsets[0] : offsets[-1]].data)]


def rows_of(shard: Shard, options: ReadOptions, work: Folder, *, whole: bool = False) -> Iterator[Batch | Refused]:
    """Give the rows of a shard, but those that an earlier reading lost: these are refused, as it told."""
    if not work.has(f"lost/{shard.name}.json"):
        yield from batches(shard, options, whole=whole)
        return
    lost = work.get_json(f"lost/{shard.name}.json")
    rows = spread(lost["rows"])
    yield Refused(shard.urls[0], lost["error"], len(rows))
    for item in batches(shard, options, whole=whole):
        if isinstance(item, Batch):
            stays = ~np.isin(item.rows, rows)
            if stays.any():
                yield item if stays.all() else _only(item, stays)
        else:
            yield item


def _only(batch: Batch, stays: Array) -> Batch:
    mask = pa.array(stays.tolist(), pa.bool_())
    columns = (one.filter(mask) for one in (batch.texts, batch.ids, batch.dates, batch.table))
    return Batch(batch.rows[stays], *columns)


def again(
    shard: Shard, options: ReadOptions, work: Folder, sums: dict[str, list[int]], *, whole: bool = False
) -> Iterator[Batch | Refused]:
    """Give the rows of a shard once more; raises ChangedError where texts are others than `sums` tells of."""
    for item in rows_of(shard, options, work, whole=whole):
        if isinstance(item, Batch):
            known = sums.get(str(item.rows[0]))
            now = summed(item)
            if known is not None and known[0] == now[0] and known != now:
                raise changed(shard)
        yield item


def stretches(rows: Array) -> list[list[int]]:
    """Give the stretches [first, end) that sorted numbers make up."""
    edges = np.flatnonzero(np.diff(rows) != 1) + 1
    return [[int(one[0]), int(one[-1]) + 1] for one in np.split(rows, edges) if len(one)]


def spread(found: Sequence[Sequence[int]]) -> Array:
    """Give the numbers that stretches are made up of."""
    pieces = [np.arange(first, end, dtype=np.int64) for first, end in found]
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)
