"""An index made whole again: all postings anew from the documents, whatever was wrong with the old ones."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import numpy as np

from provenance.errors import StoreError
from provenance.index.scan import scanned
from provenance.index.writing import removed_as_found
from provenance.stores import State
from provenance.stores.postings import KEY, Manifest, Postings, manifest_of, merged
from provenance.stores.segments import OVERTAKEN
from provenance.stores.upkeep import PART, Plan, carried_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.index import Index
    from provenance.stores import IndexStore

ATTEMPTS = 5  # times that it is begun anew because others rewrote runs meanwhile


def repaired(index: Index, *, drop: bool = False) -> list[str]:
    """Make all postings anew, as one run, and give the ids of the documents that could not be read.

    Those are left as they are, to be replaced or removed; with `drop`, they are removed. Lookups go on meanwhile and
    find what they found before; the change is done at once. Raises StoreError where it cannot be.
    """
    store = index.store
    for _ in range(ATTEMPTS):
        unread = _unread(store)
        if drop and unread:
            removed_as_found(index.segments, unread) if _readable(index) else _dropped(store, unread)
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
