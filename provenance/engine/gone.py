"""What is removed, told in full: who it was, what it matched and where, and the clusters of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from provenance.engine.arrays import column, numbers
from provenance.engine.deciding import gathered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.engine.folder import Folder
    from provenance.engine.shards import Shard

    Array = np.ndarray[Any, np.dtype[Any]]

SPAN = pa.struct([(name, pa.int64()) for name in ("start", "end", "match_start", "match_end")])
GONE = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("row", pa.int64()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("match_id", pa.string()),
        ("match_source", pa.string()),
        ("match_row", pa.int64()),
        ("match_start", pa.int64()),
        ("match_end", pa.int64()),
        ("score", pa.float64()),
        ("cluster", pa.uint64()),
        ("spans", pa.list_(SPAN)),
    ]
)
UNITS = pa.schema([("id", pa.string()), ("source", pa.string()), ("row", pa.int64())])


def gone(shards: Sequence[Shard], work: Folder) -> None:
    """Write for each shard the table of what is removed of it, from all that was found."""
    table, made, labels = work.get("removed.arrow"), work.get("runs.arrow"), work.get("clusters.arrow")
    units, matches = numbers(table["unit"]), numbers(table["match"])
    flat = np.zeros(4 * len(made), dtype=np.int64)
    for shard in shards:
        own = work.get(f"placed/{shard.name}.arrow")
        flat[numbers(own["place"])] = numbers(own["at"])
    at = flat.reshape(-1, 4)
    first = np.searchsorted(numbers(made["removed"]), np.arange(len(units) + 1))
    whole = at[first[:-1]] if len(units) else at
    inner = np.ones(len(at), dtype=np.bool_)
    inner[first[:-1]] = False
    spans = pa.StructArray.from_arrays(list(at[inner].T), fields=list(SPAN))
    places = (first - np.arange(len(first))).astype(np.int32)
    place = np.searchsorted(numbers(labels["member"]), units)
    own, other = named(units, shards, work), named(matches, shards, work)
    columns = {
        **{name: own[name] for name in UNITS.names},
        "start": whole[:, 0],
        "end": whole[:, 1],
        **{f"match_{name}": other[name] for name in UNITS.names},
        "match_start": whole[:, 2],
        "match_end": whole[:, 3],
        "score": table["score"],
        "cluster": numbers(labels["label"])[place],
        "spans": pa.ListArray.from_arrays(places, spans),
    }
    every = pa.table({name: columns[name] for name in GONE.names}).cast(GONE)
    for shard in shards:
        low, high = np.searchsorted(
            units, np.array([shard.number, shard.number + 1], dtype=np.uint64) << np.uint64(32)
        )
        work.put(f"gone/{shard.name}.arrow", every.slice(int(low), int(high - low)))


def named(units: Array, shards: Sequence[Shard], work: Folder) -> pa.Table:
    """Give who units are: their ids, sources and rows, in the order of `units`."""
    if not len(units):
        return UNITS.empty_table()
    known, rows = np.unique(units, return_inverse=True)
    table = gathered(known, ["id", "row"], work)
    shard = (known >> np.uint64(32)).astype(np.int64)
    before = np.array([one.before for one in shards])[shard]
    sources = np.array([one.urls[0] if len(one.urls) == 1 else "" for one in shards], dtype=object)[shard]
    ids = table["id"]
    source = pa.array(
        [url or one for url, one in zip(sources.tolist(), ids.to_pylist(), strict=True)], pa.string()
    )
    return pa.table([ids, source, column(numbers(table["row"]) + before)], schema=UNITS).take(column(rows))


def clusters(shards: Sequence[Shard], work: Folder) -> pa.Table:
    """Give the clusters: a row a member, with the number of its cluster and whether it is kept."""
    labels = work.get("clusters.arrow").sort_by([("label", "ascending"), ("member", "ascending")])
    members = numbers(labels["member"])
    removed = numbers(work.get("removed.arrow")["unit"])
    who = named(members, shards, work)
    kept = pa.array(~np.isin(members, removed))
    return pa.table({"cluster": labels["label"], **{name: who[name] for name in UNITS.names}, "kept": kept})
