"""An index carried elsewhere: to Parquet and back, and into an index of this version's settings."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from provenance.errors import InputError, SettingsError
from provenance.house import every_block
from provenance.index import BULK, BULK_TAIL, Added, Index
from provenance.index.keys import sketches
from provenance.index.prepare import Prepared
from provenance.index.records import Stored, packed, unpacked
from provenance.index.settings import header_of, refuse_other
from provenance.stores import open_store, shown
from provenance.stores.frames import framed
from provenance.stores.postings import pack
from provenance.stores.upkeep import tidy
from provenance.words import Vocabulary, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_HEADER = b"provenance.index"
_TOLD = ("title", "publisher", "url", "published", "language", "source")


def export(index: Index, path: Path, lost: Callable[[int, str], None] | None = None) -> int:
    """Write all documents to a Parquet file, and give their number; what cannot be read is told to `lost`.

    Each row has what is known of the document, its text (null where none is kept), and `record`: its fingerprints
    as the index packs them.
    """
    pa, parquet = _arrow()
    names = ("id", *_TOLD, "added", "sha256", "text")
    columns = [pa.field(name, pa.large_string() if name == "text" else pa.string()) for name in names]
    schema = pa.schema(
        [*columns, pa.field("record", pa.binary())], {_HEADER: json.dumps(dict(index.header)).encode()}
    )
    written = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        rows = (_row(stored) for _, stored in index.scan(lost))
        while some := list(islice(rows, BULK)):
            writer.write_table(pa.Table.from_pylist(some, schema))
            written += len(some)
    return written


def _row(stored: Stored) -> dict[str, Any]:
    told = {name: stored.fields.get(name) for name in _TOLD}
    bare = packed(replace(stored, text=None))
    return told | {
        "id": stored.id,
        "added": stored.added,
        "sha256": stored.digest.hex(),
        "text": stored.text,
        "record": bare,
    }


def import_(index: Index, path: Path, *, replacing: bool = False) -> Iterator[Added]:
    """Add the documents of an exported file, and say what became of each.

    Raises InputError for a file that is no export, SettingsError for one of other settings, StoreError for a row
    that is damaged.
    """
    pa, parquet = _arrow()
    try:
        file = parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(str(path), f"it cannot be read as Parquet: {error}") from error
    with file:
        found = (file.schema_arrow.metadata or {}).get(_HEADER)
        if found is None:
            raise InputError(str(path), "it is no export of an index")
        refuse_other(header_of(found, str(path)), index.header, str(path))
        for batch in file.iter_batches(BULK, columns=["text", "record"]):
            stored = [replace(unpacked(row["record"]), text=row["text"]) for row in batch.to_pylist()]
            yield from index.write([_ready(one) for one in stored], replace=replacing, tail=BULK_TAIL)
    tidy(index.segments)


def migrate(url: str, namespace: str, to: Index) -> Iterator[Added]:
    """Fingerprint the documents of an index of any settings anew, into another; the first is left as it is.

    Raises SettingsError where it keeps no texts: there is nothing to take fingerprints of.
    """
    store = open_store(url, namespace, create=False)
    try:
        found = header_of(store.begin(b""), url, namespace)
        if not found.get("text"):
            raise SettingsError(f"{shown(url)} keeps no texts: its documents have to be added anew")
        rows = (stored for _, stored in Index(store, found, url, namespace).scan())
        while some := list(islice(rows, BULK)):
            anew = _anew(some) if to.keeps_text else [replace(one, text=None, removed=()) for one in _anew(some)]
            yield from to.write([_ready(one) for one in anew], tail=BULK_TAIL)
        tidy(to.segments)
    finally:
        store.close()


def _anew(some: Iterable[Stored]) -> list[Stored]:
    """Give documents with the sketches that this version makes of their cleaned texts."""
    rows = list(some)
    vocabulary = Vocabulary()
    texts = [read(one.text or "", vocabulary) for one in rows]
    blocks = [every_block(one.whole) for one in rows]
    made = sketches(texts, vocabulary, blocks, [one.digest for one in rows])
    return [replace(one, sketch=sketch) for one, sketch in zip(rows, made, strict=True)]


def _ready(stored: Stored) -> Prepared:
    name = stored.id.encode("utf-8", "surrogatepass")
    keys = framed(b"T", pack(stored.sketch.keys))
    return Prepared(name, stored.digest, packed(stored), keys, len(stored.sketch.passages))


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa  # noqa: PLC0415 (heavy, and only Parquet needs it)
        from pyarrow import parquet  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise SettingsError("Parquet needs pyarrow: pip install 'provenance[parquet]'") from error
    return pa, parquet
