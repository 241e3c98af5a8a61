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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from provenance import __version__
from provenance.errors import SettingsError, StoreError
from provenance.fingerprint import PASSAGE_ROWS, PERMUTATIONS, ROWS, SHINGLE
from provenance.index_add import Prepared, in_processes, prepared, probe
from provenance.index_check import Look
from provenance.index_keys import KEY, SAMPLE, text_key
from provenance.index_records import Stored, unpacked
from provenance.stores import Entry, State, open_store, shown
from provenance.stores.dead import obituary
from provenance.stores.segments import TAIL, Segments, compact, tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from provenance.model import Document, Strictness
    from provenance.report.audit import Audit
    from provenance.stores import IndexStore, Status

BULK = 500  # documents of one transaction when many are added
BULK_TAIL = (
    8 * TAIL
)  # documents in the tail while many are added: the runs begin larger, and are joined less often
ATTEMPTS = 10  # times that a document is written anew because another writer changed it meanwhile
READ = 250  # documents that are read at one time when all are
REMOVED = 200  # documents of one transaction when many are removed


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a document: added, replaced, known (nothing to do) or conflict (its id has another text)."""

    id: str
    status: Status
    number: int


class Index:
    """An open index; made by `Index.open`. Threads may share it, processes open their own."""

    def __init__(self, store: IndexStore, header: Mapping[str, Any], url: str, namespace: str) -> None:
        self.store, self.header, self.url, self.namespace = store, header, url, namespace
        self.segments = Segments(store)

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
        """Write prepared documents in one transaction; those to be replaced that changed meanwhile in another."""
        if self.segments.state.generation < 0 or self.segments.tail >= tail:
            tidy(self.segments, longest=tail)
        entries = [Entry(one.id, one.digest, one.record, one.keys) for one in batch]
        given = self.store.write(entries)
        for _ in range(ATTEMPTS if replace else 0):
            again = [place for place, (status, _) in enumerate(given) if status in ("conflict", "changed")]
            if not again:
                break
            old = self._obituaries([entries[place].id for place in again])
            renewed = [
                Entry(batch[place].id, batch[place].digest, batch[place].record, batch[place].keys, *known)
                for place, known in zip(again, old, strict=True)
            ]
            for place, row in zip(again, self.store.write(renewed), strict=True):
                given[place] = row
        self.segments.written = max([self.segments.written, *(number for _, number in given)])
        return [Added(one.id.decode(), *row) for one, row in zip(batch, given, strict=True)]

    def remove(self, ids: Iterable[str]) -> list[str]:
        """Remove documents, and give the ids of those that were there."""
        gone = []
        names = list(ids)
        for start in range(0, len(names), REMOVED):
            gone += self._remove(names[start : start + REMOVED])
        tidy(self.segments)
        return gone

    def _remove(self, names: Sequence[str]) -> list[str]:
        gone: list[str] = []
        for _ in range(ATTEMPTS):
            old = self._obituaries([name.encode("utf-8", "surrogatepass") for name in names])
            there = [(name, row) for name, row in zip(names, old, strict=True) if row[0]]
            given = self.store.write(
                [Entry(name.encode("utf-8", "surrogatepass"), old=n, dead=dead) for name, (n, dead) in there]
            )
            gone += [name for (name, _), (status, _) in zip(there, given, strict=True) if status == "removed"]
            names = [name for (name, _), (status, _) in zip(there, given, strict=True) if status == "changed"]
            if not names:
                return gone
        raise StoreError(f"{names[0]!r} is being changed by others faster than it can be removed")

    def _obituaries(self, ids: Sequence[bytes]) -> list[tuple[int, bytes]]:
        """Give number and last note of each document; 0 and nothing for those not there."""
        rows = self.store.documents(ids)
        return [(row[0], obituary(row[0], unpacked(row[1]).sketch.keys)) if row else (0, b"") for row in rows]

    def expire(self, age: float) -> list[str]:
        """Remove the documents that were added more than `age` seconds ago; give their ids."""
        before = time.time() - age
        old = []
        for _, stored in self.scan():
            if stored.seen >= before:
                break  # numbers are given in the order of time
            old.append(stored.id)
        return self.remove(old)

    # --- reading ------------------------------------------------------------------------------------------

    def get(self, name: str) -> Stored | None:
        """Give the document of an id, or None."""
        (row,) = self.store.documents([name.encode("utf-8", "surrogatepass")])
        return unpacked(row[1]) if row else None

    def scan(self, lost: Callable[[int, str], None] | None = None) -> Iterator[tuple[int, Stored]]:
        """Give all documents with their numbers, in the order they came.

        What cannot be read ends it with a StoreError; with `lost`, that is told the number and why, and the rest
        is given. Documents that are missing without a trace are told as number 0.
        """
        last = self.store.read(State(), {}).next - 1  # without the tail, which may be what is damaged
        count = 0
        for start in range(1, last + 1, READ):
            numbers = range(start, min(start + READ, last + 1))
            try:
                rows = self._read(numbers)
            except StoreError:
                if lost is None:
                    raise
                rows = [row for number in numbers for row in self._salvaged(number, lost)]
                count += sum(row is None for row in rows)
            given = [row for row in rows if row]
            count += len(given)
            yield from given
        if lost is not None:
            self._miss(count, lost)

    def _miss(self, count: int, lost: Callable[[int, str], None]) -> None:
        """Tell how many documents there should be beside so many."""
        try:
            ids = self.store.figures()["documents"]
        except StoreError as error:
            lost(0, f"how many documents are missing cannot be said: {error}")
            return
        if ids > count:
            lost(0, f"{ids - count} documents are missing without a trace")

    def _read(self, numbers: Sequence[int]) -> list[tuple[int, Stored] | None]:
        return [(row[0], unpacked(row[1])) for row in self.store.documents(numbers) if row]

    def _salvaged(self, number: int, lost: Callable[[int, str], None]) -> list[tuple[int, Stored] | None]:
        """Give a list of the document of a number, of None where it is lost, of nothing where there is none."""
        try:
            return self._read([number])
        except StoreError as error:
            lost(number, str(error))
            return [None]

    def canonical(self, document: Document) -> str | None:
        """Give the id of the first document with the very text of this one, or None."""
        digest = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).digest()
        found = self.segments.find(np.array([text_key(digest)], dtype=np.uint64))
        rows = self.store.documents([int(number) for number in found.numbers])
        for _, record in filter(None, rows):
            stored = unpacked(record)
            if stored.digest == digest:
                return stored.id
        return None

    def seen(self) -> Look:
        """Give what says of a batch what recurred before: for `clean_batch(…, seen=…)` and `without_repeated`."""
        return Look(self.segments, None, frozenset(), compare=False)

    def look(self, own: int, ids: Iterable[str]) -> Look:
        """Give what the index will know of a batch (see `Look`)."""
        return Look(self.segments, own, frozenset(ids))

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
        """Make one run of everything, drop what is no longer referred to, and give back space."""
        compact(self.segments)
        self.store.compact()
        return self.store.figures()


# --- the header -------------------------------------------------------------------------------------------


def header(*, text: bool = True) -> dict[str, Any]:
    """Give how this version fingerprints: what an index must have been made with to be opened."""
    return {
        "format": 1,
        "normaliser": "fold-1",
        "shingle": SHINGLE,
        "hash": "xxh32",
        "scheme": f"affine32/{PERMUTATIONS}",
        "seed": 1,
        "bands": [ROWS, PASSAGE_ROWS],
        "anchors": f"1/{1 << SAMPLE} of {KEY} bits",
        "probe": probe(),
        "text": text,
        "library": __version__,
    }


def header_of(value: bytes, url: str, namespace: str = "") -> dict[str, Any]:
    """Read a header; raise StoreError for what is none, and where there is none."""
    if not value:
        raise StoreError(f"{shown(url)} has no index in the namespace {namespace!r}")
    try:
        read = json.loads(value)
    except ValueError as error:
        raise StoreError(f"the header of the index is damaged: {error}") from error
    if not isinstance(read, dict) or "format" not in read:
        raise StoreError("the header of the index is damaged: it is not one")
    return read


def refuse_other(theirs: Mapping[str, Any], ours: Mapping[str, Any], url: str) -> None:
    """Raise SettingsError where an index was made with other settings, naming both."""
    names = [name for name in ours if name != "library" and theirs.get(name) != ours[name]]
    if names:
        told = "; ".join(f"{name} is {theirs.get(name)!r} there and {ours[name]!r} here" for name in names)
        raise SettingsError(
            f"{shown(url)} was made with other settings by version {theirs.get('library')}: {told} "
            "(`provenance index migrate` makes an index of this version's from one with texts)"
        )
