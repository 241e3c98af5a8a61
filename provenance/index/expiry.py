"""Which documents of an index are older than some time."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from provenance.errors import StoreError
from provenance.index.records import seen_of
from provenance.stores import State

if TYPE_CHECKING:
    from provenance.stores import IndexStore

READ = 250  # documents that are read at one time


def aged(store: IndexStore, before: float) -> list[tuple[bytes, int]]:
    """Give id and number of all documents added before a time in seconds since 1970, in the order they came.

    All are looked at: an import keeps the times of an older index, and clocks differ. When a document was added
    whose record is damaged or lost nobody knows; it is taken to be as old as the next one that can be read, so
    that what has to go in time goes.
    """
    last = store.read(State(), {}).next - 1
    seen: list[tuple[int, bool]] = []
    for start in range(1, last + 1, READ):
        numbers = list(range(start, min(start + READ, last + 1)))
        try:
            rows = [row for row in store.documents(numbers) if row]
            seen += [(number, seen_of(record) < before) for number, record in rows]
        except StoreError:
            seen += [found for number in numbers for found in _one(store, number, before)]
    read = [number for number, _ in seen]
    old = {number for number, aged in seen if aged}
    if len(old) == 0:
        return []
    known, gone = set(read), []
    for name, number, _ in store.names():
        if number > last:
            continue
        if number in old:
            gone.append((number, name))
        elif number not in known:
            following = bisect_right(read, number)
            if following < len(read) and seen[following][1]:
                gone.append((number, name))
    return [(name, number) for number, name in sorted(set(gone))]


def _one(store: IndexStore, number: int, before: float) -> list[tuple[int, bool]]:
    try:
        return [(number, seen_of(row[1]) < before) for row in store.documents([number]) if row]
    except StoreError:
        return []
