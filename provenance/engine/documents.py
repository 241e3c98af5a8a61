"""JSON Lines, WARC, texts and pages in batches, each row as it was read."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from provenance.engine.columns import Batch
from provenance.engine.finding import kind_of
from provenance.engine.folder import located
from provenance.engine.shards import Refused
from provenance.errors import InputError
from provenance.model import Document, Rejected
from provenance.readers import html, records, text
from provenance.readers.packed import unpack
from provenance.readers.sources import Opened, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.engine.shards import Shard
    from provenance.readers.options import ReadOptions

    Item = Refused | tuple[bytes, str, Document]  # a line to be kept, the text in it, and what is known of it


def documents(shard: Shard, options: ReadOptions, most: tuple[int, int]) -> Iterator[Batch | Refused]:
    """Give what the readers of single documents give, in batches of so many rows and bytes at most."""
    good: list[tuple[int, bytes, str, Document]] = []
    size = 0
    items = (item for url in shard.urls for item in _read(url, shard.kind, options))
    for row, item in enumerate(items):
        if isinstance(item, Refused):
            yield item
            continue
        good.append((row, *item))
        size += len(item[0])
        if len(good) >= most[0] or size >= most[1]:
            yield _batch(good)
            good, size = [], 0
    if good:
        yield _batch(good)


def _batch(good: list[tuple[int, bytes, str, Document]]) -> Batch:
    rows, lines, texts, found = zip(*good, strict=True)
    return Batch(
        np.array(rows, dtype=np.int64),
        pa.array(texts, pa.large_string()),
        pa.array([_plain(one.id) for one in found], pa.string()),
        pa.array([one.published and _plain(one.published) for one in found], pa.string()),
        pa.table({"document": pa.array(lines, pa.large_binary())}),
    )


def _read(url: str, kind: str, options: ReadOptions) -> Iterator[Item]:
    system, path = located(url)
    many = None if kind in ("jsonl", "warc") else 1
    try:
        with system.open_input_file(path) as file, unpack(io.BufferedReader(file), options.limits) as stream:
            opened = Opened(Source(None, url, url), stream)
            if kind == "jsonl":
                for line, one in records.lined(opened, options):
                    yield _refused(one) if isinstance(one, Rejected) else (line, _text(one), one)
                return
            if kind == "warc":
                from provenance.engine.warc import read  # noqa: PLC0415 (only for those who have such files)
            else:
                read = html.read if kind_of(url) == "html" else text.read
            for one in read(opened, options):
                yield _refused(one) if isinstance(one, Rejected) else (_record(one, options), _text(one), one)
    except InputError as error:
        yield Refused(error.source, error.error, many)
    except OSError as error:
        yield Refused(url, f"not read to its end: {error.strerror or error}", many)


def _refused(one: Rejected) -> Refused:
    return Refused(one.source, one.error)


def _text(document: Document) -> str:
    """Give a document's text without lone surrogates, which UTF-8 has none of."""
    if not document.html:
        return _plain(document.text)
    from provenance.html import read_page  # noqa: PLC0415 (only for those who have pages)

    return _plain(read_page(document.text).text)


def _plain(value: str) -> str:
    return value.encode("utf-8", "replace").decode("utf-8")


def _record(document: Document, options: ReadOptions) -> bytes:
    """Give a document that was no record as one, by the names that records are read by."""
    names = ("id", "text", "title", "publisher", "url", "date", "language")
    own = {name: getattr(document, "published" if name == "date" else name) for name in names}
    if document.html:
        own["html"] = own.pop("text")
    row = {getattr(options, f"{name}_field"): value for name, value in own.items() if value is not None}
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")


def with_text(line: bytes, value: str, options: ReadOptions) -> bytes:
    """Give a line with another text; a page of which that is the text goes, for it has what was taken out."""
    record: dict[str, Any] = json.loads(line)
    if record.get(options.text_field) is None:
        record.pop(options.html_field, None)
    return json.dumps({**record, options.text_field: value}, ensure_ascii=False).encode("utf-8", "replace")
