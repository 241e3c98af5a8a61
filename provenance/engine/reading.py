"""Shards to batches of texts in Arrow; rows that cannot be used are said, and the rest goes on."""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from provenance.engine.folder import located
from provenance.engine.shards import Refused, Shard, kind_of, told
from provenance.errors import InputError
from provenance.model import Document, Rejected
from provenance.readers import html, records, text
from provenance.readers.packed import unpack
from provenance.readers.sources import Opened, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.readers.options import ReadOptions

ROWS = 1024  # of a batch: some MB of text, which stay in the cache from being unpacked to being fingerprinted
_BLOCK = 8 << 20  # bytes of CSV that are read at one time
_READERS = {"jsonl": records.read, "text": text.read, "html": html.read}


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Texts with what the rows are.

    rows     int64, number of each in its shard, those refused counted too
    texts    Arrow's large strings, none of them null
    ids      the rows' own, or where they stand
    dates    as they are written; null where there is none
    table    the rows with all their columns
    """

    rows: np.ndarray[Any, np.dtype[np.int64]]
    texts: pa.LargeStringArray
    ids: pa.StringArray
    dates: pa.StringArray
    table: pa.Table


def batches(shard: Shard, options: ReadOptions, *, whole: bool = False) -> Iterator[Batch | Refused]:
    """Give the rows of a shard in order; all their columns where `whole`, else what fingerprints need."""
    if shard.kind == "parquet":
        found = _parquet(shard, options, whole=whole)
    elif shard.kind == "csv":
        found = _csv(shard, options)
    else:
        found = _documents(shard, options)
    try:
        yield from found
    except (OSError, pa.ArrowException) as error:
        yield Refused(shard.urls[0], f"not read to its end: {told(error)}")


def _parquet(shard: Shard, options: ReadOptions, *, whole: bool) -> Iterator[Batch | Refused]:
    url = shard.urls[0]
    system, path = located(url)
    with system.open_input_file(path) as file:
        source = pq.ParquetFile(file)
        wanted = {options.text_field, options.id_field, options.date_field}
        names = [name for name in source.schema_arrow.names if whole or name in wanted]
        if options.text_field not in names:
            known = ", ".join(source.schema_arrow.names)
            count = sum(source.metadata.row_group(one).num_rows for one in range(shard.first, shard.last))
            yield Refused(url, f"has no column {options.text_field!r} (columns: {known})", count)
            return
        row = 0
        for group in range(shard.first, shard.last):
            count, start = source.metadata.row_group(group).num_rows, row
            try:
                for batch in source.iter_batches(ROWS, [group], names, use_threads=False):
                    table = pa.Table.from_batches([batch])
                    yield from _usable(table, row, shard.before, url, options)
                    row += len(table)
            except (OSError, pa.ArrowException) as error:
                yield Refused(url, f"row group {group} is damaged: {told(error)}", start + count - row)
                row = start + count


def _csv(shard: Shard, options: ReadOptions) -> Iterator[Batch | Refused]:
    from pyarrow import csv  # noqa: PLC0415 (only for those who have such files)

    url, row = shard.urls[0], 0
    wrong: list[Refused] = []

    def skipped(line: Any) -> str:
        where = f" {line.number}" if line.number else ""
        wrong.append(Refused(url, f"line{where} has {line.actual_columns} columns, not {line.expected_columns}"))
        return "skip"

    system, path = located(url)
    with system.open_input_file(path) as file:
        stream = pa.PythonFile(unpack(io.BufferedReader(file), options.limits), mode="r")
        reader = csv.open_csv(
            stream,
            csv.ReadOptions(use_threads=False, block_size=_BLOCK),
            csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skipped),
            csv.ConvertOptions(check_utf8=False),
        )
        for batch in reader:
            yield from wrong
            wrong.clear()
            table = pa.Table.from_batches([batch])
            if options.text_field not in table.column_names:
                yield Refused(url, f"has no column {options.text_field!r}", len(table))
            else:
                yield from _usable(table, row, 0, url, options)
            row += len(table)
        yield from wrong


def _usable(table: pa.Table, row: int, before: int, url: str, options: ReadOptions) -> Iterator[Batch | Refused]:
    """Give the rows whose text is one; `row` is the first's number in its shard, `before` that in its file."""
    column = table[options.text_field]
    rows = np.arange(row, row + len(table), dtype=np.int64)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or _binary(column.type)):
        yield Refused(url, f"column {options.text_field!r} is {column.type}, not text", len(table))
        return
    good = np.ones(len(table), dtype=np.bool_)
    texts = column.combine_chunks()
    texts = texts.chunk(0) if isinstance(texts, pa.ChunkedArray) else texts
    try:
        if _binary(texts.type):
            texts = texts.cast(pa.large_string())
        texts.validate(full=True)
        suspects = [place for place in range(len(texts) * bool(texts.null_count)) if not texts[place].is_valid]
    except pa.ArrowInvalid:
        texts, suspects = column.combine_chunks().cast(pa.large_binary()), list(range(len(table)))
    for place in suspects:
        error = _wrong(texts[place].as_py())
        if error:
            good[place] = False
            yield Refused(f"{url}:{before + row + place}", error)
    if not good.all():
        mask = pa.array(good)
        table, texts, rows = table.filter(mask), texts.filter(mask), rows[good]
    if len(rows):
        places = (
            [f"{url}:{before + one}" for one in rows.tolist()]
            if options.id_field not in table.column_names
            else None
        )
        yield Batch(
            rows,
            texts.cast(pa.large_string()),
            pa.array(places, pa.string()) if places else _strings(table, options.id_field),
            _strings(table, options.date_field),
            table,
        )


def _binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _wrong(value: Any) -> str | None:
    if value is None:
        return "has no text"
    try:
        value.decode("utf-8") if isinstance(value, bytes) else value.encode("utf-8")
    except UnicodeError as error:
        return f"is not UTF-8 at its byte {error.start}"  # type: ignore[attr-defined]
    return None


def _strings(table: pa.Table, name: str) -> pa.StringArray:
    if name not in table.column_names:
        return pa.nulls(len(table), pa.string())
    column = table[name].cast(pa.string(), safe=False).combine_chunks()
    return column.chunk(0) if isinstance(column, pa.ChunkedArray) else column


def _documents(shard: Shard, options: ReadOptions) -> Iterator[Batch | Refused]:
    """Give what the readers of single documents give, in batches."""
    row = 0
    items = (item for url in shard.urls for item in _read(url, shard.kind, options))
    while taken := list(islice(items, ROWS)):
        good = []
        for place, item in enumerate(taken):
            if isinstance(item, Rejected):
                yield Refused(item.source, item.error)
            else:
                good.append((row + place, item))
        row += len(taken)
        if good:
            documents = [document for _, document in good]
            yield Batch(
                np.array([number for number, _ in good], dtype=np.int64),
                pa.array([_text(one) for one in documents], pa.large_string()),
                pa.array([one.id for one in documents], pa.string()),
                pa.array([one.published for one in documents], pa.string()),
                pa.table({"document": pa.array([_record(one) for one in documents], pa.large_string())}),
            )


def _read(url: str, kind: str, options: ReadOptions) -> Iterator[Document | Rejected]:
    system, path = located(url)
    try:
        with system.open_input_file(path) as file, unpack(io.BufferedReader(file), options.limits) as stream:
            opened = Opened(Source(None, url, url), stream)
            if kind == "warc":
                from provenance.engine.warc import read  # noqa: PLC0415 (only for those who have such files)

                yield from read(opened, options)
            else:
                yield from _READERS[kind if kind == "jsonl" else kind_of(url) or kind](opened, options)
    except InputError as error:
        yield Rejected(error.source, error.error)
    except OSError as error:
        yield Rejected(url, f"not read to its end: {error.strerror or error}")


def _text(document: Document) -> str:
    """Give a document's text without lone surrogates, which UTF-8 has none of."""
    if document.html:
        from provenance.html import read_page  # noqa: PLC0415 (only for those who have pages)

    found = read_page(document.text).text if document.html else document.text
    return found.encode("utf-8", "replace").decode("utf-8")


def _record(document: Document) -> str:
    import json  # noqa: PLC0415

    names = ("id", "text", "title", "publisher", "url", "published", "language")
    own = {name: getattr(document, name) for name in names}
    if document.html:
        own["html"] = own.pop("text")
    row = {**document.extra, **{name: value for name, value in own.items() if value is not None}}
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
