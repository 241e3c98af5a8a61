"""What a run writes: for each shard what is kept and what is removed, then clusters and a summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from provenance.engine.arrays import column, numbers
from provenance.engine.deciding import gathered
from provenance.engine.reading import Batch, batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from provenance.engine.folder import Folder
    from provenance.engine.settings import DedupSettings
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
WRITTEN = pa.schema([("kept", pa.int64()), ("removed", pa.int64()), ("emptied", pa.int64())])
UNITS = pa.schema([("id", pa.string()), ("source", pa.string()), ("row", pa.int64())])


def written(shard: Shard, *, settings: DedupSettings, work: Folder, out: Folder) -> pa.Table:
    """Write what is kept and what is removed of a shard, unless that is done; give how many rows and units."""
    mark = f"{shard.name}.json"
    if mark not in work.names("written"):
        about = work.get(f"gone/{shard.name}.arrow")
        kept, emptied, suffix = 0, 0, "jsonl" if shard.kind not in ("parquet", "csv") else "parquet"
        pieces: list[pa.Table] = []
        for batch, empty in _left(shard, about, settings):
            pieces.append(batch)
            kept += len(batch)
            emptied += empty
        _put(out, f"kept/{shard.name}.{suffix}", pieces)
        out.put(f"removed/{shard.name}.parquet", about)
        work.put_json(f"written/{mark}", {"kept": [kept], "removed": [len(about)], "emptied": [emptied]})
    return pa.table(work.get_json(f"written/{mark}"), schema=WRITTEN)


def _put(out: Folder, name: str, pieces: Sequence[pa.Table]) -> None:
    if name.endswith(".parquet"):
        out.put(name, pa.concat_tables(pieces, promote_options="default") if pieces else pa.table({}))
        return
    with out.writing(name) as file:
        for piece in pieces:
            for line in piece["document"].to_pylist():
                file.write(line.encode() + b"\n")


def _left(shard: Shard, gone: pa.Table, settings: DedupSettings) -> Iterator[tuple[pa.Table, int]]:
    """Give the rows of a shard that stay, by batch, and how many went because all their passages did."""
    rows = numbers(gone["row"]) - shard.before
    for batch in batches(shard, settings.reading, whole=True):
        if not isinstance(batch, Batch):
            continue
        if settings.level == "document":
            stays = ~np.isin(batch.rows, rows)
            yield batch.table if stays.all() else batch.table.filter(pa.array(stays)), 0
        else:
            yield _cut(batch, gone, rows, settings)


def _cut(batch: Batch, gone: pa.Table, rows: Array, settings: DedupSettings) -> tuple[pa.Table, int]:
    """Give the rows of a batch without the passages that go; a row of which nothing is left goes as well."""
    texts = batch.texts.to_pylist()
    touched = set()
    for number in np.flatnonzero(np.isin(rows, batch.rows))[::-1].tolist():  # from the end: places stay true
        place = int(np.searchsorted(batch.rows, rows[number]))
        start, end = gone["start"][number].as_py(), gone["end"][number].as_py()
        texts[place] = _without_lines(texts[place], start, end)
        touched.add(place)
    if not touched:
        return batch.table, 0
    name = settings.reading.text_field
    if name in batch.table.column_names:
        column = pa.array(texts, batch.table.schema.field(name).type)
        table = batch.table.set_column(batch.table.column_names.index(name), name, column)
    else:
        table = _records_with(batch.table, texts, touched)
    stays = np.array([place not in touched or bool(text.strip()) for place, text in enumerate(texts)])
    return table.filter(pa.array(stays)), int((~stays).sum())


def _without_lines(text: str, start: int, end: int) -> str:
    """Take a passage out with all of its lines, its last stop and the breaks after it."""
    start = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    return text[:start] + (text[stop:].lstrip("\r\n") if stop >= 0 else "")


def _records_with(table: pa.Table, texts: list[str], touched: set[int]) -> pa.Table:
    import json  # noqa: PLC0415

    lines = table["document"].to_pylist()
    for place in touched:
        record = json.loads(lines[place])
        record.pop("html", None)
        lines[place] = json.dumps({**record, "text": texts[place]}, ensure_ascii=False)
    return pa.table({"document": pa.array(lines, pa.large_string())})


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
