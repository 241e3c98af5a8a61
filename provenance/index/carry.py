"""An index carried elsewhere: to Parquet and back, and into an index of this version's settings."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from provenance.errors import InputError, SettingsError
from provenance.house import every_block
from provenance.index import BULK, BULK_TAIL, Added, Index
from provenance.index.keys import sketches
from provenance.index.prepare import Prepared, weighed
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
_COUNT = b"provenance.index.documents"
_TOLD = ("title", "publisher", "url", "published", "language", "source")


def export(index: Index, path: Path, lost: Callable[[int, str], None] | None = None) -> int:
    """Write all documents to a Parquet file, and give their number; what cannot be read is told to `lost`.

    The file takes its name when it is whole: one of that name from before stays until then, and if this fails.
    Each row has what is known of the document, its text (null where none is kept), and `record`: its fingerprints
    as the index packs them.
    """
    pa, parquet = _arrow()
    names = ("id", *_TOLD, "added", "sha256", "text")
    columns = [pa.field(name, pa.large_string() if name == "text" else pa.string()) for name in names]
    schema = pa.schema(
        [*columns, pa.field("record", pa.binary())], {_HEADER: json.dumps(dict(index.header)).encode()}
    )
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with parquet.ParquetWriter(beside, schema, compression="zstd") as writer:
            written = 0
            rows = (_row(stored) for _, stored in index.scan(lost))
            while some := list(islice(rows, BULK)):
                writer.write_table(pa.Table.from_pylist(some, schema))
                written += len(some)
            writer.add_key_value_metadata({_COUNT: str(written)})
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return written


def _row(stored: Stored) -> dict[str, Any]:
    """Give a document as a row; a text that is no Unicode stands whole in the record alone."""
    told = {name: _shown(stored.fields.get(name)) for name in _TOLD}
    shown = _shown(stored.text)
    bare = packed(replace(stored, text=None) if shown == stored.text else stored)
    return told | {
        "id": _shown(stored.id),
        "added": stored.added,
        "sha256": stored.digest.hex(),
        "text": shown,
        "record": bare,
    }


def _shown(text: str | None) -> str | None:
    """Give a text as Unicode: half a pair, which JSON may bring, is a question mark."""
    return None if text is None else text.encode("utf-8", "replace").decode()


def import_(index: Index, path: Path, *, replacing: bool = False) -> Iterator[Added]:
    """Add the documents of an exported file, and say what became of each.

    Texts are left out where the index keeps none. Raises InputError for a file that is no export or not whole,
    SettingsError for one of other settings, StoreError for a row that is damaged.
    """
    pa, parquet = _arrow()
    try:
        with parquet.ParquetFile(path) as file:
            _refuse_import(file, index, path)
            for batch in file.iter_batches(BULK, columns=["text", "record"]):
                ready = (_ready(_stored(row, index, path)) for row in batch.to_pylist())
                for some in weighed(ready, BULK):
                    yield from index.write(some, replace=replacing, tail=BULK_TAIL)
    except (pa.ArrowException, OSError) as error:
        raise InputError(str(path), f"it cannot be read as Parquet: {error}") from error
    tidy(index.segments)


def has_texts(path: Path) -> bool:
    """Say whether an exported file has texts: an index that is begun for it keeps them, or does not.

    Raises InputError for a file that is no export.
    """
    pa, parquet = _arrow()
    try:
        told = parquet.read_schema(path).metadata or {}
    except (pa.ArrowException, OSError) as error:
        raise InputError(str(path), f"it cannot be read as Parquet: {error}") from error
    if _HEADER not in told:
        raise InputError(str(path), "it is no export of an index")
    return bool(header_of(told[_HEADER], str(path)).get("text"))


def _refuse_import(file: Any, index: Index, path: Path) -> None:
    """Raise InputError for a file that is no whole export, SettingsError for one of other settings."""
    # What is told when the file is closed stands in its footer alone; the schema has what was known before.
    told = {**(file.schema_arrow.metadata or {}), **(file.metadata.metadata or {})}
    if _HEADER not in told or not {"text", "record"} <= {*file.schema_arrow.names}:
        raise InputError(str(path), "it is no export of an index")
    if _COUNT in told and int(told[_COUNT]) != file.metadata.num_rows:
        raise InputError(
            str(path),
            f"it is not whole: {int(told[_COUNT])} documents were written and {file.metadata.num_rows} are there",
        )
    theirs = header_of(told[_HEADER], str(path))
    refuse_other(
        theirs, dict(index.header) | ({} if index.keeps_text else {"text": theirs.get("text")}), str(path)
    )


def _stored(row: dict[str, Any], index: Index, path: Path) -> Stored:
    if not isinstance(row["record"], bytes):
        raise InputError(str(path), "a row has no record")
    stored = unpacked(row["record"])
    if not index.keeps_text:
        return replace(stored, text=None, removed=())
    return stored if stored.text is not None else replace(stored, text=row["text"])


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
            for ready in weighed(map(_ready, anew), BULK):
                yield from to.write(ready, tail=BULK_TAIL)
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
