"""CSV and TSV: every column is text as it stands: ids keep their zeros, and no guess goes wrong later on."""

from __future__ import annotations

import csv as lines
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import csv

from provenance.engine.columns import Batch, doubled, usable
from provenance.engine.finding import ending
from provenance.engine.folder import located
from provenance.engine.shards import Refused
from provenance.readers.packed import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.engine.shards import Shard
    from provenance.readers.options import ReadOptions

_BLOCK = 8 << 20  # bytes that are read at one time; no row is longer


def read(shard: Shard, options: ReadOptions) -> Iterator[Batch | Refused]:
    """Give the rows of a file in order; raises OSError and ArrowException where it cannot be read on."""
    url, row = shard.urls[0], 0
    wrong: list[Refused] = []

    def skipped(line: Any) -> str:
        where = f" {line.number}" if line.number else ""
        wrong.append(Refused(url, f"line{where} has {line.actual_columns} columns, not {line.expected_columns}"))
        return "skip"

    system, path = located(url)
    with system.open_input_file(path) as file:
        stream = unpack(io.BufferedReader(file), options.limits)
        delimiter = "\t" if ending(path) == ".tsv" else ","
        start = stream.read(_BLOCK)
        names = header(start, options.encoding or "utf-8", delimiter)
        fault = doubled(names, options)
        if options.text_field not in names:
            fault = f"has no column {options.text_field!r} (columns: {', '.join(names)[:300]})"
        if fault:
            yield Refused(url, fault, None)
            return
        reader = csv.open_csv(
            pa.PythonFile(_Joined(start, stream), mode="r"),
            csv.ReadOptions(use_threads=False, block_size=_BLOCK, encoding=options.encoding or "utf8"),
            csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skipped),
            csv.ConvertOptions(check_utf8=False, column_types=dict.fromkeys(names, pa.string())),
        )
        for batch in reader:
            yield from wrong
            wrong.clear()
            yield from usable(pa.Table.from_batches([batch]), row, shard, options, every=True)
            row += len(batch)
        yield from wrong


def header(start: bytes, encoding: str, delimiter: str) -> list[str]:
    """Give the names of the columns from the first bytes of a file."""
    text = start.decode(encoding, "replace").removeprefix("\ufeff")
    return next((row for row in lines.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row), [])


class _Joined(io.RawIOBase):
    """Bytes that were read, and the stream they came from."""

    def __init__(self, start: bytes, rest: io.BufferedReader) -> None:
        super().__init__()
        self.start, self.rest = io.BytesIO(start), rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self.start.read(size) or self.rest.read(size)
