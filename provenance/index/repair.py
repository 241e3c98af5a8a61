"""An index made whole again: all postings anew from the documents, whatever was wrong with the old ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.errors import StoreError
from provenance.index.scan import scanned
from provenance.stores import Entry, State
from provenance.stores.dead import obituary
from provenance.stores.postings import KEY, Manifest, Postings, merged
from provenance.stores.segments import OVERTAKEN
from provenance.stores.upkeep import PART, Plan, carried_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.index import Index
    from provenance.index.records import Stored
    from provenance.stores import IndexStore

_NONE = np.zeros(0, dtype=np.uint64)
ATTEMPTS = 5  # times that it is begun anew because others rewrote runs meanwhile


def repaired(index: Index, *, drop: bool = False) -> list[str]:
    """Make all postings anew, as one run, and give the ids of the documents that could not be read.

    Those are left as they are, to be replaced or removed; with `drop`, they are removed. Lookups go on meanwhile
    and find what they found before; the change is done at once. Raises StoreError where it cannot be.
    """
    store = index.store
    for _ in range(ATTEMPTS):
        unread = _unread(store)
        if drop:
            for name, number in unread:
                store.write([Entry(name, old=number, dead=obituary(number, _NONE))])
        if _made_anew(store):
            index.segments.refresh()
            return [name.decode("utf-8", "surrogatepass") for name, _ in unread]
    raise StoreError(OVERTAKEN)


def _unread(store: IndexStore) -> list[tuple[bytes, int]]:
    """Give id and number of the documents whose records are damaged or lost."""
    lost: set[int] = set()
    for _ in scanned(store, lambda number, _why: lost.add(number)):
        continue
    return sorted(((name, number) for name, number, _ in store.names() if number in lost), key=lambda row: row[1])


def _made_anew(store: IndexStore) -> bool:
    """Put one run of all documents in place of everything; False where runs were rewritten meanwhile."""
    begin = store.read(State(), {})
    state = State(begin.generation, begin.next, 0)
    dead = store.read(state, {})
    if dead.generation != begin.generation:
        return False
    state = State(begin.generation, begin.next, len(dead.dead))
    sizes = sum(len(stored.sketch.keys) for _, stored in _readable(store, begin.next))
    plan = Plan(state, Manifest((), begin.next), (), sizes, 1, begin.next, (), every=True)
    bits = min((sizes // PART).bit_length(), plan.bits(store))
    return carried_out(store, plan, (_part(store, begin.next, bits, part) for part in range(1 << bits)))


def _part(store: IndexStore, end: int, bits: int, part: int) -> Postings:
    """Give the postings of all documents whose keys begin with these bits."""
    keys, numbers = [_NONE], [_NONE]
    for number, stored in _readable(store, end):
        own = stored.sketch.keys
        own = own[own >> np.uint64(KEY - bits) == np.uint64(part)]
        keys.append(own)
        numbers.append(np.full(len(own), number, np.uint64))
    return merged([Postings(np.concatenate(keys), np.concatenate(numbers))])


def _readable(store: IndexStore, end: int) -> Iterator[tuple[int, Stored]]:
    return scanned(store, lambda _number, _why: None, end)
