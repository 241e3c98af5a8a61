"""The tenants' indexes, opened when asked for and kept open; one thread has one at a time."""

from __future__ import annotations

import fcntl
import threading
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING

from provenance.index import Index
from provenance.index.records import Stored, readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

IDLE = 32  # indexes kept open while nobody needs them
READ = 200  # documents read at one time
PAGE = 20  # such reads for a page of the list; where most were removed, a page may be short


class Indexes:
    """The namespaces of one index, a tenant each."""

    def __init__(self, url: str, locks: Path) -> None:
        self.url, self._locks = url, locks
        self._idle: OrderedDict[int, tuple[str, Index]] = OrderedDict()
        self._guard = threading.Lock()

    @contextmanager
    def of(self, tenant: str) -> Iterator[Index]:
        """Give a tenant's index, for this thread alone; what a reader has seen is not to be shared."""
        index = self._taken(tenant) or Index.open(self.url, tenant)
        try:
            yield index
        except BaseException:
            index.close()
            raise
        self._put(tenant, index)

    @contextmanager
    def locked(self, tenant: str) -> Iterator[None]:
        """Hold what no other thread or process of this service holds for this tenant meanwhile.

        What was read under the lock (an ETag, an Idempotency-Key) is still so when something is written.
        """
        self._locks.mkdir(parents=True, exist_ok=True)
        with (self._locks / f"{tenant}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def writing(self, tenant: str) -> Iterator[Index]:
        """Give a tenant's index, locked."""
        with self.locked(tenant), self.of(tenant) as index:
            yield index

    def close(self) -> None:
        """Let go of all that nobody uses."""
        with self._guard:
            while self._idle:
                self._idle.popitem()[1][1].close()

    def _taken(self, tenant: str) -> Index | None:
        with self._guard:
            found = next((key for key in reversed(self._idle) if self._idle[key][0] == tenant), None)
            return None if found is None else self._idle.pop(found)[1]

    def _put(self, tenant: str, index: Index) -> None:
        with self._guard:
            self._idle[id(index)] = tenant, index
            oldest = self._idle.popitem(last=False)[1][1] if len(self._idle) > IDLE else None
        if oldest is not None:
            oldest.close()


def stored_of(index: Index, ids: Iterable[str]) -> dict[str, Stored]:
    """Give the stored documents of these ids, those that are there and can be read."""
    rows = index.store.documents([name.encode("utf-8", "surrogatepass") for name in dict.fromkeys(ids)])
    return {one.id: one for one in readable(rows).values()}


def page_of(index: Index, after: int, most: int) -> tuple[list[Stored], int | None]:
    """Give up to `most` documents in the order they came, from those numbered above `after`, and where it goes on.

    None says that there are no more.
    """
    index.segments.refresh()
    end = index.segments.state.next
    found: list[Stored] = []
    at = after + 1
    for _ in range(PAGE):
        if at >= end:
            return found, None
        numbers = range(at, min(at + READ, end))
        for number, stored in readable(index.store.documents(numbers)).items():
            found.append(stored)
            if len(found) == most:
                return found, number if number + 1 < end else None
        at = numbers[-1] + 1
    return found, at - 1 if at < end else None
