"""A document in an index as bytes, and back: a fixed layout that is checked before it is believed.

Behind the frame (`stores.frames`): lengths and numbers, SHA-256 of the source, MinHash, then passages, keys and
lines, then what is known of the document as JSON, then the cleaned text, compressed; all little-endian.
"""

from __future__ import annotations

import json
import struct
import warnings
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.errors import DamageWarning, StoreError
from provenance.fingerprint import PASSAGE_ROWS, PERMUTATIONS, Fingerprint
from provenance.index.keys import Sketch, text_key
from provenance.model import Cleaned, Credit, Document, Removal
from provenance.stores.frames import framed, opened
from provenance.stores.postings import PACKED, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HEAD = struct.Struct("<IIIIiQIQQ")
_SEEN = 7  # the place in it of when the document was added
_BANDS = PERMUTATIONS // PASSAGE_ROWS
_LEVEL = 3  # of compression: a tenth smaller than 1, and still 100 MB/s
LARGEST = 1 << 30  # bytes of one text, unpacked
_META = ("title", "publisher", "url", "published", "language", "source")


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A document of an index.

    text    the cleaned text, with what was removed as line breaks, so that offsets are those of the source;
            None in an index without texts
    seen    when it was added, seconds since 1970
    removed what was removed: its place, and the text
    """

    id: str
    digest: bytes
    seen: float
    sketch: Sketch
    text: str | None
    fields: Mapping[str, str | None]
    flags: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()
    removed: tuple[tuple[int, str], ...] = ()

    @property
    def document(self) -> Document:
        """The document, as one that is compared with."""
        known = {name: self.fields.get(name) for name in _META}
        return Document(self.id, self.text or "", **known)  # type: ignore[arg-type]

    @property
    def cleaned(self) -> Cleaned:
        """The document's text as one that was cleaned before."""
        text = self.text or ""
        kept = {name: self.fields.get(name) for name in _META if name != "source"}
        return Cleaned(text, text, flags=self.flags, **kept)  # type: ignore[arg-type]

    @property
    def whole(self) -> Cleaned:
        """The document's text as it was before it was cleaned, with what was removed."""
        source = self.text or ""
        removals = []
        for start, text in self.removed:
            source = source[:start] + text + source[start + len(text) :]
            removals.append(Removal(start, start + len(text), text, "page_furniture", "stored", 1.0))
        return replace(self.cleaned, source=source, removals=tuple(removals))

    @property
    def added(self) -> str:
        """When it was added, in ISO 8601."""
        return datetime.fromtimestamp(self.seen, UTC).isoformat(timespec="seconds")


def packed(stored: Stored) -> bytes:
    """Give a document as bytes."""
    from zstandard import ZstdCompressor  # noqa: PLC0415 (see provenance.readers)

    sketch = stored.sketch
    told = json.dumps(_told(stored), separators=(",", ":")).encode()
    text = b"" if stored.text is None else stored.text.encode("utf-8", "surrogatepass")
    head = _HEAD.pack(
        len(sketch.passages),
        len(sketch.anchors),
        len(sketch.lines),
        len(told),
        -1 if stored.text is None else len(text),
        sketch.print.simhash,
        sketch.print.size,
        round(stored.seen * 1000),
        sketch.house,
    )
    parts = (
        head,
        stored.digest,
        sketch.print.minhash.astype("<u4").tobytes(),
        sketch.passages.astype("<u4").tobytes(),
        pack(sketch.bands.ravel()),
        pack(sketch.anchors),
        pack(sketch.lines.ravel()),
        sketch.lengths.astype("<u2").tobytes(),
        told,
        ZstdCompressor(level=_LEVEL, write_content_size=False, write_checksum=False).compress(text)
        if text
        else b"",
    )
    return framed(b"D", b"".join(parts))


def _told(stored: Stored) -> dict[str, Any]:
    """Give what is known of a document as JSON values."""
    told: dict[str, Any] = {"id": stored.id}
    told |= {name: value for name, value in stored.fields.items() if value is not None}
    if stored.flags:
        told["flags"] = list(stored.flags)
    if stored.credits:
        told["credits"] = [[one.start, one.end, one.outlet] for one in stored.credits]
    if stored.removed:
        told["removed"] = [list(one) for one in stored.removed]
    return told


def unpacked(value: bytes) -> Stored:
    """Read a document; raise StoreError for bytes that are none."""
    payload = opened(b"D", value, "a document's record")
    try:
        return _read(payload)
    except (struct.error, KeyError, TypeError, ValueError, RecursionError) as error:
        raise StoreError(f"a document's record is damaged: {error}") from error


def readable(rows: Iterable[tuple[int, bytes] | None]) -> dict[int, Stored]:
    """Give documents by number; one that is damaged is left out, and a DamageWarning names it."""
    read = {}
    for number, record in filter(None, rows):
        try:
            read[number] = unpacked(record)
        except StoreError as error:
            warnings.warn(
                f"document number {number} of the index is passed over: {error}", DamageWarning, stacklevel=2
            )
    return read


def seen_of(value: bytes) -> float:
    """Give when a document was added, of its record; raise StoreError for bytes that are none."""
    payload = opened(b"D", value, "a document's record")
    try:
        return float(_HEAD.unpack_from(payload)[_SEEN] / 1000)
    except struct.error as error:
        raise StoreError(f"a document's record is damaged: {error}") from error


def _read(payload: bytes) -> Stored:
    passages, anchors, lines, told, length, simhash, size, seen, house = _HEAD.unpack_from(payload)
    sizes = (
        32,
        4 * PERMUTATIONS,
        8 * passages,
        PACKED * _BANDS * passages,
        PACKED * anchors,
        PACKED * 2 * lines,
        2 * lines,
        told,
    )
    parts, at = [], _HEAD.size
    for one in sizes:
        parts.append(payload[at : at + one])
        at += one
    if at > len(payload):
        raise ValueError("it is cut")
    digest, minhash, spans, bands, anchored, lined, lengths, meta = parts
    rest = json.loads(meta)
    print_ = Fingerprint(np.frombuffer(minhash, "<u4").astype(np.uint32), simhash, size)
    sketch = Sketch(
        print_,
        np.frombuffer(spans, "<u4").reshape(-1, 2).astype(np.uint32),
        unpack(bands).reshape(-1, _BANDS),
        unpack(anchored),
        unpack(lined).reshape(-1, 2),
        np.frombuffer(lengths, "<u2").astype(np.uint16),
        house,
        text_key(digest),
    )
    credited = tuple(Credit(start, end, outlet) for start, end, outlet in rest.get("credits", ()))
    removed = tuple((start, gone) for start, gone in rest.get("removed", ()))
    fields = {name: rest.get(name) for name in _META}
    text = None if length < 0 else _text(payload[at:], length)
    flags = tuple(rest.get("flags", ()))
    return Stored(rest["id"], digest, seen / 1000, sketch, text, fields, flags, credited, removed)


def _text(compressed: bytes, length: int) -> str:
    from zstandard import ZstdDecompressor, ZstdError  # noqa: PLC0415 (see provenance.readers)

    if length > LARGEST:
        raise ValueError(f"its text would be {length} bytes long")
    if not length:
        return ""
    try:
        text = ZstdDecompressor().decompress(compressed, max_output_size=length)
    except ZstdError as error:
        raise ValueError(str(error)) from error
    if len(text) != length:
        raise ValueError("its text has another length than it says")
    return text.decode("utf-8", "surrogatepass")
