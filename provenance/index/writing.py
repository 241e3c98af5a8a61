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
    """Write prepared documents in one transaction, and in another what stands in place of others.

    The same text is known, unless it is to replace and something else is said of it: then it stands in its own
    place in one step. A tail of `tail` documents becomes a run before.
    """
    if segments.state.generation < 0 or segments.tail >= tail:
        tidy(segments, longest=tail)
    given = segments.store.write([Entry(one.id, one.digest, one.record, one.keys) for one in batch])
    waiting = [place for place, (status, _) in enumerate(given) if status != "added"] if replace else []
    for _ in range(ATTEMPTS):
        renewed = _renewed(segments.store, batch, waiting)
        for place, row in zip(
            renewed, segments.store.write(list(renewed.values())) if renewed else (), strict=True
        ):
            given[place] = row
        waiting = [place for place in renewed if given[place][0] in ("conflict", "changed")]
        if not waiting:
            break
    segments.written = max([segments.written, *(number for _, number in given)])
    return [Added(one.id.decode("utf-8", "surrogatepass"), *row) for one, row in zip(batch, given, strict=True)]


def _renewed(store: IndexStore, batch: Sequence[Prepared], places: Sequence[int]) -> dict[int, Entry]:
    """Give by place what is to be written over what is held; nothing for a document that is held as it is."""
    rows = store.documents([batch[place].id for place in places]) if places else []
    entries = {}
    for place, row in zip(places, rows, strict=True):
        new, dead = batch[place], b""
        if row:
            held, told = unpacked(row[1]), unpacked(new.record)
            if held.digest == told.digest and held.fields == told.fields:
                continue
            dead = obituary(row[0], held.sketch.keys)
        entries[place] = Entry(new.id, new.digest, new.record, new.keys, row[0] if row else 0, dead)
    return entries


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
