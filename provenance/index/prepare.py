"""Documents made ready for an index: cleaned, read, fingerprinted, packed; many of them on all processors."""

from __future__ import annotations

import hashlib
import time
import zlib
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING

from provenance.clean import clean_document
from provenance.credits import credits
from provenance.house import every_block
from provenance.index.keys import sketches
from provenance.index.records import Stored, packed
from provenance.spread import Blocks
from provenance.stores.frames import framed
from provenance.stores.postings import pack
from provenance.words import Vocabulary, masked, read
from provenance.workers import jobs_for, mapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.model import Cleaned, Document

TOGETHER = 50  # documents that are read into one vocabulary
AHEAD = 8  # transactions' worth of documents that are prepared at one time
WEIGHT = 8_000_000  # bytes that end a transaction before it has all its documents
PATIENCE = 5.0  # seconds after which what a slow source gave so far is written

# What the fingerprint of an index' settings is taken of: where a rule for a script in it changes, its keys do.
_SAMPLE = (
    "The harbour master of Lindow said on Tuesday that 3½ million litres of diesel had leaked from the "
    "Świnoujście ferry; nobody was hurt. Die Fähre wurde in die Werft geschleppt, sagte Kapitän Großmann. "
    "Паром отбуксировали в порт, сообщил капитан Лебедев. Το πλοίο ρυμουλκήθηκε στο λιμάνι του Πειραιά. "
    "سحبت العبارة إلى الميناء صباح الثلاثاء. "
    "渡轮星期二被拖回港口，船长说没有人受伤。항구로 예인된 여객선에는 승객이 없었다."
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as it is written: its id, the SHA-256 of its text, its record, and its keys for the tail."""

    id: bytes
    digest: bytes
    record: bytes
    keys: bytes
    passages: int


def prepared(documents: Sequence[Document], *, keep_text: bool, seen: float) -> list[Prepared]:
    """Make documents ready, `seen` seconds after 1970.

    Each is cleaned by itself, so that one text gives one record whatever came before it; what recurs within its
    publisher is kept here, to be counted, and is taken out of what is checked.
    """
    results = [clean_document(document) for document in documents]
    vocabulary = Vocabulary()
    texts = [read(masked(one.source, one.kept), vocabulary) for one in results]
    blocks = [every_block(one) for one in results]
    digests = [hashlib.sha256(one.text.encode("utf-8", "surrogatepass")).digest() for one in documents]
    rows = []
    made = sketches(texts, vocabulary, blocks, digests)
    for document, result, text, digest, sketch in zip(documents, results, texts, digests, made, strict=True):
        stored = Stored(
            document.id,
            digest,
            seen,
            sketch,
            text.source if keep_text else None,
            _fields(document, result),
            tuple(sorted({*result.flags, *text.flags})),
            tuple(credits(text.source)),
            tuple((one.start, one.text) for one in result.removals) if keep_text else (),
        )
        name = document.id.encode("utf-8", "surrogatepass")
        keys = framed(b"T", pack(sketch.keys))
        rows.append(Prepared(name, digest, packed(stored), keys, len(sketch.passages)))
    return rows


def _fields(document: Document, result: Cleaned) -> dict[str, str | None]:
    return {
        "title": result.title,
        "publisher": document.publisher or result.publisher,
        "url": result.url,
        "published": result.published,
        "language": result.language,
        "source": document.source,
    }


def in_processes(
    documents: Iterable[Document], size: int, jobs: int | None, *, keep_text: bool
) -> Iterator[list[Prepared]]:
    """Give documents made ready, `size` at a time and in order, while others are being made ready."""

    def ready(some: tuple[Document, ...]) -> list[Prepared]:
        return prepared(some, keep_text=keep_text, seen=time.time())

    for ahead in _ahead(documents, size * AHEAD):
        workers = jobs_for(len(ahead), jobs)
        pieces = mapped(ready, list(_some(ahead, TOGETHER)), workers, chunk=1)
        yield from weighed(chain.from_iterable(pieces), size)


def weighed(rows: Iterable[Prepared], size: int) -> Iterator[list[Prepared]]:
    """Give documents made ready as lists of `size`, or of `WEIGHT` bytes: what one transaction takes."""
    some: list[Prepared] = []
    weight = 0
    for one in rows:
        some.append(one)
        weight += len(one.record) + len(one.keys)
        if len(some) >= size or weight >= WEIGHT:
            yield some
            some, weight = [], 0
    if some:
        yield some


def _ahead(documents: Iterable[Document], most: int) -> Iterator[list[Document]]:
    """Give documents as lists: of so many, of `AHEAD` * `WEIGHT` characters, or of what came within `PATIENCE`."""
    some: list[Document] = []
    weight, since = 0, time.monotonic()
    for one in documents:
        some.append(one)
        weight += len(one.text)
        if len(some) >= most or weight >= AHEAD * WEIGHT or time.monotonic() - since >= PATIENCE:
            yield some
            some, weight, since = [], 0, time.monotonic()
    if some:
        yield some


def _some(items: Sequence[Document], size: int) -> Iterator[tuple[Document, ...]]:
    rest = iter(items)
    while some := tuple(islice(rest, size)):
        yield some


@cache
def probe() -> str:
    """Give eight digits that stand for all that makes keys of texts: folding, words, stems, rarity, hashes."""
    vocabulary = Vocabulary()
    text = read(_SAMPLE, vocabulary)
    (made,) = sketches([text], vocabulary, [Blocks("sample", ["a line"])], [bytes(32)])
    return f"{zlib.crc32(pack(made.keys)):08x}"
