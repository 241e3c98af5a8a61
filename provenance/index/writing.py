"""Documents written into an index and taken out of it, in whole transactions, whoever else writes meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.errors import StoreError
from provenance.index.records import unpacked
from provenance.stores import Entry
from provenance.stores.dead import obituary
from provenance.stores.segments import tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.index.prepare import Prepared
    from provenance.stores import IndexStore, Status
    from provenance.stores.segments import Segments

ATTEMPTS = 10  # times that a document is written anew because another writer changed it meanwhile
REMOVED = 200  # documents of one transaction when many are removed


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a document: added, replaced, known (nothing to do) or conflict (its id has another text)."""

    id: str
    status: Status
    number: int


def written(segments: Segments, batch: Sequence[Prepared], *, replace: bool, tail: int) -> list[Added]:
    """Write prepared documents in one transaction; those to be replaced that changed meanwhile in another.

    A tail of `tail` documents becomes a run before.
    """
    if segments.state.generation < 0 or segments.tail >= tail:
        tidy(segments, longest=tail)
    entries = [Entry(one.id, one.digest, one.record, one.keys) for one in batch]
    given = segments.store.write(entries)
    for _ in range(ATTEMPTS if replace else 0):
        again = [place for place, (status, _) in enumerate(given) if status in ("conflict", "changed")]
        if not again:
            break
        old = _obituaries(segments.store, [entries[place].id for place in again])
        renewed = [
            Entry(batch[place].id, batch[place].digest, batch[place].record, batch[place].keys, *known)
            for place, known in zip(again, old, strict=True)
        ]
        for place, row in zip(again, segments.store.write(renewed), strict=True):
            given[place] = row
    segments.written = max([segments.written, *(number for _, number in given)])
    return [Added(one.id.decode("utf-8", "surrogatepass"), *row) for one, row in zip(batch, given, strict=True)]


def removed(segments: Segments, names: Sequence[str]) -> list[str]:
    """Remove the documents of these ids; give those that were there."""
    gone: list[str] = []
    for start in range(0, len(names), REMOVED):
        gone += _removed(segments.store, names[start : start + REMOVED])
    tidy(segments)
    return gone


def _removed(store: IndexStore, names: Sequence[str]) -> list[str]:
    gone: list[str] = []
    for _ in range(ATTEMPTS):
        ids = [name.encode("utf-8", "surrogatepass") for name in names]
        rows = zip(names, ids, _obituaries(store, ids), strict=True)
        there = [(name, Entry(own, old=number, dead=dead)) for name, own, (number, dead) in rows if number]
        given = store.write([entry for _, entry in there])
        became = [(name, status) for (name, _), (status, _) in zip(there, given, strict=True)]
        gone += [name for name, status in became if status == "removed"]
        names = [name for name, status in became if status == "changed"]
        if not names:
            return gone
    raise StoreError(f"{names[0]!r} is being changed by others faster than it can be removed")


def _obituaries(store: IndexStore, ids: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """Give number and last note of each document; 0 and nothing for those not there."""
    rows = store.documents(ids)
    return [(row[0], obituary(row[0], unpacked(row[1]).sketch.keys)) if row else (0, b"") for row in rows]
