"""Documents written into an index and taken out of it, in whole transactions, whoever else writes meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.errors import StoreError
from provenance.index.records import unpacked
from provenance.stores import Entry
from provenance.stores.dead import obituary
from provenance.stores.upkeep import tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.index.prepare import Prepared
    from provenance.stores import IndexStore, Status
    from provenance.stores.segments import Segments

ATTEMPTS = 10  # times that a document is written anew because another writer changed it meanwhile
REMOVED = 200  # documents of one transaction when many are removed
_NONE = np.zeros(0, dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a document.

    added       it is new, or what was kept of it had been lost
    replaced    it stands in the place of the one that had its id
    known       it was there: nothing was done
    conflict    its id has another text: nothing was done
    superseded  another of its id came later in the same batch, and was written
    """

    id: str
    status: Status
    number: int


def written(segments: Segments, batch: Sequence[Prepared], *, replace: bool, tail: int) -> list[Added]:
    """Write prepared documents in one transaction; those to be replaced that changed meanwhile in another.

    With `replace`, of several of one id the last is written, and one that is known with other metadata, or whose
    record is damaged, is replaced. A tail of `tail` documents becomes a run before. Raises StoreError where
    others change a document faster than it can be replaced.
    """
    if segments.state.generation < 0 or segments.tail >= tail:
        tidy(segments, longest=tail)
    last = {one.id: place for place, one in enumerate(batch)}
    places = sorted(last.values()) if replace else list(range(len(batch)))
    rows = segments.store.write([_entry(batch[place]) for place in places])
    given = dict(zip(places, rows, strict=True))
    lost = {place for place in places if given[place][0] == "lost"}
    again = _again(given, places, replace=replace)
    if replace:
        again += _otherwise(segments.store, batch, [place for place in places if given[place][0] == "known"])
    for _ in range(ATTEMPTS):
        if not again:
            break
        old = _obituaries(segments.store, [batch[place].id for place in again])
        renewed = [_entry(batch[place], *known) for place, known in zip(again, old, strict=True)]
        given |= zip(again, segments.store.write(renewed), strict=True)
        again = _again(given, again, replace=replace)
    if again:
        raise StoreError(f"{_name(batch[again[0]])!r} is being changed by others faster than it can be replaced")
    given |= {place: ("added", given[place][1]) for place in lost}
    segments.written = max([segments.written, *(number for _, number in given.values())])
    superseded = {place: given[last[one.id]] for place, one in enumerate(batch) if place not in given}
    given |= {place: ("superseded", number) for place, (_, number) in superseded.items()}
    return [Added(_name(one), *given[place]) for place, one in enumerate(batch)]


def _entry(one: Prepared, old: int = 0, dead: bytes = b"") -> Entry:
    return Entry(one.id, one.digest, one.record, one.keys, old, dead)


def _name(one: Prepared) -> str:
    return one.id.decode("utf-8", "surrogatepass")


def _again(given: dict[int, tuple[Status, int]], places: Sequence[int], *, replace: bool) -> list[int]:
    """Give the places of documents that have to be written once more: not as they were thought to be."""
    unlike = ("lost", "changed", "absent", "conflict" if replace else "")
    return [place for place in places if given[place][0] in unlike]


def _otherwise(store: IndexStore, batch: Sequence[Prepared], places: Sequence[int]) -> list[int]:
    """Give the places of documents that are known with other metadata, or whose record is damaged."""
    rows = store.documents([batch[place].id for place in places]) if places else []
    unlike = []
    for place, row in zip(places, rows, strict=True):
        try:
            same = row is not None and unpacked(row[1]).fields == unpacked(batch[place].record).fields
        except StoreError:
            same = False
        if not same:
            unlike.append(place)
    return unlike


def removed(segments: Segments, names: Sequence[str]) -> list[str]:
    """Remove the documents of these ids, also those whose records are damaged; give those that were there."""
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


def removed_as_found(segments: Segments, found: Sequence[tuple[bytes, int]]) -> list[str]:
    """Remove documents by id and number, but those that were replaced meanwhile; give the ids of those removed."""
    gone: list[str] = []
    for start in range(0, len(found), REMOVED):
        some = found[start : start + REMOVED]
        rows = segments.store.documents([number for _, number in some])
        entries = [
            Entry(name, old=number, dead=_note(number, row[1] if row else b""))
            for (name, number), row in zip(some, rows, strict=True)
        ]
        given = zip(some, segments.store.write(entries), strict=True)
        gone += [name.decode("utf-8", "surrogatepass") for (name, _), (status, _) in given if status == "removed"]
    tidy(segments)
    return gone


def _obituaries(store: IndexStore, ids: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """Give number and last note of each document; 0 and nothing for those not there."""
    return [(row[0], _note(*row)) if row else (0, b"") for row in store.documents(ids)]


def _note(number: int, record: bytes) -> bytes:
    """Give the last note of a document; of one that cannot be read the number alone.

    Its postings are then known by that number only: the counts of capped lists that it stands in are too high by
    one until their run is rewritten.
    """
    try:
        return obituary(number, unpacked(record).sketch.keys)
    except StoreError:
        return obituary(number, _NONE)
