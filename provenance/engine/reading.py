"""Shards to batches of texts in Arrow; rows that cannot be used are said, and the rest goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from provenance.engine.columns import Batch, doubled, usable
from provenance.engine.folder import located
from provenance.engine.shards import Refused, Shard, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.readers.options import ReadOptions

ROWS = 1024  # of a batch, at most: some MB of text, which stay in the cache until they are fingerprinted
BYTES = 16 << 20  # of a batch, roughly: fewer rows where they are long
_READ = 1 << 20  # bytes of a column of Parquet that are read at one time


def batches(shard: Shard, options: ReadOptions, *, whole: bool = False) -> Iterator[Batch | Refused]:
    """Give the rows of a shard in order; all their columns where `whole`, else what fingerprints need."""
    if shard.kind == "parquet":
        found = _parquet(shard, options, whole=whole)
    elif shard.kind == "csv":
        from provenance.engine.delimited import read  # noqa: PLC0415 (only for those who have such files)

        found = read(shard, options)
    else:
        from provenance.engine.documents import documents  # noqa: PLC0415 (likewise)

        found = documents(shard, options, (ROWS, BYTES))
    try:
        yield from found
    except (OSError, UnicodeError, pa.ArrowException) as error:
        yield Refused(shard.urls[0], f"not read to its end: {told(error)}", None)


def _parquet(shard: Shard, options: ReadOptions, *, whole: bool) -> Iterator[Batch | Refused]:
    url = shard.urls[0]
    system, path = located(url)
    with system.open_input_file(path) as file:
        source = pq.ParquetFile(file, buffer_size=_READ)
        known = source.schema_arrow.names
        wanted = (options.text_field, options.id_field, options.date_field)
        wrong = doubled(known, options)
        if options.text_field not in known:
            wrong = f"has no column {options.text_field!r} (columns: {', '.join(known)})"
        if wrong:
            count = sum(source.metadata.row_group(one).num_rows for one in range(shard.first, shard.last))
            yield Refused(url, wrong, count)
            return
        names = None if whole else [name for name in known if name in wanted]
        row = 0
        for group in range(shard.first, shard.last):
            about, start = source.metadata.row_group(group), row
            size = max(1, min(ROWS, BYTES * about.num_rows // max(1, about.total_byte_size)))
            try:
                for batch in source.iter_batches(size, [group], names, use_threads=False):
                    table = pa.Table.from_batches([batch])
                    yield from usable(table, row, shard, options)
                    row += len(table)
            except (OSError, pa.ArrowException) as error:
                yield Refused(url, f"row group {group} is damaged: {told(error)}", start + about.num_rows - row)
            row = start + about.num_rows
