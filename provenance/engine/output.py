"""What a run writes: for each shard what is kept of it, and what is removed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from provenance.engine.again import again, changed, spread, stretches
from provenance.engine.arrays import numbers
from provenance.engine.columns import Batch
from provenance.engine.printing import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.engine.folder import Folder
    from provenance.engine.settings import DedupSettings
    from provenance.engine.shards import Shard

    Array = np.ndarray[Any, np.dtype[Any]]

WRITTEN = pa.schema([(name, pa.int64()) for name in ("kept", "removed", "emptied", "units")])
BREAKS = "\n\x85\u2028\u2029"  # where passages end, as the kernels have it; a carriage return alone is no break
_BREAK = re.compile(f"[{BREAKS}]")
_GROUP = 16 << 20  # bytes that are written at one time: of a row group


@dataclass(slots=True, eq=False)
class _Read:
    """What the second reading of a shard came to."""

    rows: list[Array] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    kept: int = 0
    emptied: int = 0


def written(shard: Shard, *, settings: DedupSettings, work: Folder, out: Folder) -> pa.Table:
    """Write what is kept and what is removed of a shard, unless that is done; give how many rows and units.

    Where rows are lost to this second reading, which reads more of them than the first, that is told in `lost/`,
    and is not done: what was removed for their sake may have to stay. Raises ChangedError for another source.
    """
    mark = f"written/{shard.name}.json"
    if work.has(mark):
        return pa.table(work.get_json(mark), schema=WRITTEN)
    about, first = work.get(f"gone/{shard.name}.arrow"), told(shard, work)
    gone = np.unique(numbers(about["row"]) - shard.before)
    gone = gone if settings.level == "document" else gone[:0]
    read = _Read()
    _put(out, f"kept/{shard.name}", _left(shard, settings, work, about, read))
    seen = np.concatenate((*read.rows, np.zeros(0, np.int64)))
    lost = np.setdiff1d(np.setdiff1d(spread(first["good"]), seen), gone)
    if len(lost) and read.errors:
        _tell(f"lost/{shard.name}.json", lost, read.errors, work)
        return WRITTEN.empty_table()
    if read.kept + len(gone) + read.emptied != first["rows"]:
        raise changed(shard)
    out.put(f"removed/{shard.name}.parquet", about)
    counts = {"kept": [read.kept], "removed": [len(gone)], "emptied": [read.emptied], "units": [len(about)]}
    work.put_json(mark, counts)
    return pa.table(counts, schema=WRITTEN)


def _tell(name: str, lost: Array, errors: list[str], work: Folder) -> None:
    before = spread(work.get_json(name)["rows"] if work.has(name) else [])
    error = f"not read a second time: {'; '.join(errors[:3])}"
    work.put_json(name, {"rows": stretches(np.union1d(before, lost)), "error": error})


def _left(shard: Shard, settings: DedupSettings, work: Folder, about: pa.Table, read: _Read) -> Iterator[pa.Table]:
    """Give the rows of a shard that stay, by batch, and say in `read` what was met."""
    rows = numbers(about["row"]) - shard.before
    first = told(shard, work)
    known = [one[:2] for one in first["refused"]]  # what was refused the first time is told already
    for batch in again(shard, settings.reading, work, first["sums"], whole=True):
        if not isinstance(batch, Batch):
            if [batch.source, batch.error] not in known and batch.error not in read.errors:
                read.errors.append(batch.error)
            continue
        read.rows.append(batch.rows)
        if settings.level == "document":
            stays = ~np.isin(batch.rows, rows)
            table = batch.table if stays.all() else batch.table.filter(pa.array(stays.tolist(), pa.bool_()))
        else:
            table, emptied = _cut(batch, about, rows, settings)
            read.emptied += emptied
        read.kept += len(table)
        yield table


def _put(out: Folder, name: str, pieces: Iterator[pa.Table]) -> None:
    """Write tables as they come: lines as JSON Lines, rows as Parquet; no file where there are none."""
    first = next(pieces, None)
    if first is None:
        return
    if first.column_names == ["document"] and pa.types.is_large_binary(first.schema.types[0]):
        with out.writing(f"{name}.jsonl") as file:
            for table in _with(first, pieces):
                file.write(b"".join(line + b"\n" for line in table["document"].to_pylist()))
        return
    with (
        out.writing(f"{name}.parquet") as file,
        pq.ParquetWriter(file, first.schema, compression="zstd", compression_level=1) as writer,
    ):
        held, size = [first], first.nbytes
        for table in pieces:
            if size >= _GROUP:
                writer.write_table(pa.concat_tables(held))
                held, size = [], 0
            held.append(table)
            size += table.nbytes
        writer.write_table(pa.concat_tables(held))


def _with(first: pa.Table, rest: Iterator[pa.Table]) -> Iterator[pa.Table]:
    yield first
    yield from rest


def _cut(batch: Batch, about: pa.Table, rows: Array, settings: DedupSettings) -> tuple[pa.Table, int]:
    """Give the rows of a batch without the passages that go; a row of which nothing is left goes as well."""
    texts: dict[int, str] = {}
    for number in np.flatnonzero(np.isin(rows, batch.rows))[::-1].tolist():  # from the end: places stay true
        place = int(np.searchsorted(batch.rows, rows[number]))
        start, end = about["start"][number].as_py(), about["end"][number].as_py()
        text = texts[place] if place in texts else batch.texts[place].as_py()
        texts[place] = without_lines(text, start, end)
    if not texts:
        return batch.table, 0
    name = settings.reading.text_field
    table = batch.table
    if name in table.column_names:
        at, whole = table.column_names.index(name), batch.texts.to_pylist()
        values = pa.array([texts.get(place, text) for place, text in enumerate(whole)], pa.large_string())
        table = table.set_column(at, table.schema.field(at), _as(values, table.schema.field(at).type))
    else:
        from provenance.engine.documents import with_text  # noqa: PLC0415 (only for those who have such files)

        lines = table["document"].to_pylist()
        for place, text in texts.items():
            lines[place] = with_text(lines[place], text, settings.reading)
        table = pa.table({"document": pa.array(lines, pa.large_binary())})
    stays = [place not in texts or bool(texts[place].strip()) for place in range(len(batch.rows))]
    return table.filter(pa.array(stays, pa.bool_())), stays.count(False)


def _as(values: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return values.cast(kind.value_type).dictionary_encode().cast(kind)
    return values.cast(kind)


def without_lines(text: str, start: int, end: int) -> str:
    """Take the words at [start, end) out of a text with all of their lines, and the breaks after them."""
    line = max(text.rfind(one, 0, start) for one in BREAKS) + 1
    stop = _BREAK.search(text, end)
    return text[:line] + (text[stop.start() :].lstrip(BREAKS + "\r") if stop else "")
