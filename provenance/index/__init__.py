"""The index: every document seen before, durable, and what a new one has to do with it.

    index = Index.open("sqlite:seen.db")
    index.add(Document("1", text, publisher="Harbour News"))
    audit = index.check(Document("2", other))

One index is one namespace of a store (`provenance.stores`); nothing of one namespace is seen from another. Its
header says how its documents were fingerprinted; an index that was made otherwise is not opened, for nothing of it
would be found.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from provenance.errors import SettingsError
from provenance.index.expiry import aged
from provenance.index.house import Residents
from provenance.index.keys import text_key
from provenance.index.look import Look
from provenance.index.prepare import in_processes, prepared
from provenance.index.records import readable, unpacked
from provenance.index.repair import repaired
from provenance.index.scan import scanned
from provenance.index.settings import header, header_of, refuse_other, refuse_texts
from provenance.index.writing import Added, removed, removed_as_found, written
from provenance.stores import open_store
from provenance.stores.segments import Segments
from provenance.stores.upkeep import TAIL, compact, tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from provenance.index.prepare import Prepared
    from provenance.index.records import Stored
    from provenance.index.scan import Lost
    from provenance.model import Document, Strictness
    from provenance.report.audit import Audit
    from provenance.stores import IndexStore

__all__ = ["BULK", "BULK_TAIL", "Added", "Index", "header"]

BULK = 500  # documents of one transaction when many are added
# Documents in the tail while many are added: the runs begin larger, and are joined less often.
BULK_TAIL = 8 * TAIL


class Index:
    """An open index; made by `Index.open`. Threads may share it, processes open their own."""

    def __init__(self, store: IndexStore, header: Mapping[str, Any], url: str, namespace: str) -> None:
        self.store, self.header, self.url, self.namespace = store, header, url, namespace
        self.segments = Segments(store)
        self.residents = Residents()

    @classmethod
    def open(cls, url: str, namespace: str = "default", *, text: bool | None = None, create: bool = True) -> Index:
        """Open the index at an address (memory:, sqlite:PATH, redis://…, rediss://…), or begin one.

        `text` says whether a new index keeps texts (it does unless told otherwise); of an old one it must be true.
        Raises SettingsError for an index of other settings, naming both, and StoreError where there is none, or it
        cannot be read.
        """
        store = open_store(url, namespace, create=create)
        try:
            ours = header(text=text is not False)
            found = store.begin(json.dumps(ours, sort_keys=True).encode() if create else b"")
            theirs = header_of(found, url, namespace)
            refuse_texts(theirs, url, text=text)
            refuse_other(theirs, ours if text is not None else ours | {"text": theirs.get("text")}, url)
        except BaseException:
            store.close()
            raise
        return cls(store, theirs, url, namespace)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    @property
    def keeps_text(self) -> bool:
        """Whether texts are kept, so that rewrites are judged and passages quoted."""
        return bool(self.header["text"])

    # --- writing ------------------------------------------------------------------------------------------

    def add(self, document: Document, *, replace: bool = False) -> Added:
        """Add a document, durably; raise SettingsError where its id has another text and `replace` is not set."""
        done = self.write(self.prepare([document]), replace=replace)[0]
        if done.status == "conflict":
            raise SettingsError(
                f"the id {document.id!r} is in the index with another text; replace says to change it"
            )
        return done

    def replace(self, document: Document) -> Added:
        """Add a document in place of the one that has its id, if any."""
        return self.add(document, replace=True)

    def prepare(self, documents: Sequence[Document]) -> list[Prepared]:
        """Clean and fingerprint documents for `write`; nothing is written."""
        return prepared(documents, keep_text=self.keeps_text, seen=time.time())

    def add_many(
        self,
        documents: Iterable[Document],
        *,
        replace: bool = False,
        jobs: int | None = None,
        done: Callable[[int], None] = lambda _count: None,
    ) -> Iterator[Added]:
        """Add documents, `BULK` in a transaction, prepared by `jobs` processes; say what became of each.

        What was said to be added is durable; a document whose id has another text is said to be in conflict, and
        the others are added.
        """
        for batch in in_processes(documents, BULK, jobs, keep_text=self.keeps_text):
            yield from self.write(batch, replace=replace, tail=BULK_TAIL)
            done(len(batch))
        tidy(self.segments)

    def write(self, batch: Sequence[Prepared], *, replace: bool = False, tail: int = TAIL) -> list[Added]:
        """Write prepared documents in one transaction, and in another those that replace; see `written`."""
        return written(self.segments, batch, replace=replace, tail=tail)

    def remove(self, ids: Iterable[str]) -> list[str]:
        """Remove documents, and give the ids of those that were there."""
        return removed(self.segments, list(ids))

    def expire(self, age: float) -> list[str]:
        """Remove the documents that were added more than `age` seconds ago; give their ids.

        One that is replaced meanwhile stays; of one that cannot be read see `provenance.index.expiry`.
        """
        return removed_as_found(self.segments, aged(self.store, time.time() - age))

    def repair(self, *, drop: bool = False) -> list[str]:
        """Make all postings anew from the documents; give the ids of those unread, removed if `drop`."""
        return repaired(self, drop=drop)

    # --- reading ------------------------------------------------------------------------------------------

    def get(self, name: str) -> Stored | None:
        """Give the document of an id, or None; raise StoreError for one whose record is damaged or lost."""
        (row,) = self.store.documents([name.encode("utf-8", "surrogatepass")])
        return unpacked(row[1]) if row else None

    def scan(self, lost: Lost | None = None, end: int | None = None) -> Iterator[tuple[int, Stored]]:
        """Give all documents with their numbers, in the order they came; those numbered below `end`.

        What cannot be read ends it with a StoreError; with `lost`, that is told the number and why, and the rest
        is given; number 0 where it cannot be said whether documents are missing.
        """
        return scanned(self.store, lost, end)

    def canonical(self, document: Document) -> str | None:
        """Give the id of the first document with the very text of this one, or None."""
        digest = _digest(document)
        found = self.segments.find(np.array([text_key(digest)], dtype=np.uint64))
        rows = self.store.documents([int(number) for number in found.numbers])
        stored = readable(rows).values()
        return next((one.id for one in stored if one.digest == digest), None)

    def seen(self, ids: Iterable[str] = ()) -> Look:
        """Give what says of a batch what recurred before: for `clean_batch(…, seen=…)` and `without_repeated`.

        Stored documents of these ids are those of the batch, and are not counted a second time.
        """
        return Look(self.segments, self.residents, None, dict.fromkeys(ids, b""))

    def look(self, own: int, batch: Iterable[Document]) -> Look:
        """Give what the index will know of a batch (see `Look`)."""
        return Look(self.segments, self.residents, own, {one.id: _digest(one) for one in batch})

    def check(self, document: Document, *, strictness: Strictness = "balanced") -> Audit:
        """Audit one document against all that were added before.

        An index without texts answers by fingerprints: copies and light edits with the places of shared passages,
        no rewrites.
        """
        from provenance.pipeline import audit  # noqa: PLC0415 (which knows what an index is, and loads more)

        return audit([document], index=self, strictness=strictness)

    def stats(self) -> dict[str, Any]:
        """Give the index' figures: documents, postings, runs, and what is known of its store."""
        self.segments.refresh()
        runs = self.segments.manifest.runs
        return {
            "namespace": self.namespace,
            "header": dict(self.header),
            **self.store.figures(),
            "tail": self.segments.tail,
            "removed": len(self.segments.dead),
            "runs": [{"documents": run.upto - run.base, "postings": run.postings} for run in runs],
            "capped": sum(len(run.more) for run in runs),
        }

    def compact(self) -> Mapping[str, int]:
        """Make one run of everything, drop what is no longer referred to, and give back space.

        An index of a version that only counted what long lists have beside those listed gets those lists back.
        """
        self.segments.refresh()
        if not all(run.whole for run in self.segments.manifest.runs):
            self.repair()
        compact(self.segments)
        self.store.compact()
        return self.store.figures()


def _digest(document: Document) -> bytes:
    return hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).digest()
