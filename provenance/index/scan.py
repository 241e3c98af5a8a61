"""All documents of an index, one after another; of a damaged one what is left, with the losses named."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from provenance.errors import StoreError
from provenance.index.records import unpacked
from provenance.stores import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from provenance.index.records import Stored
    from provenance.stores import IndexStore

READ = 250  # documents that are read at one time

# Told the number of a document that is lost, and why; number 0 stands for those missing without a trace.
Lost: TypeAlias = "Callable[[int, str], None]"


def scanned(store: IndexStore, lost: Lost | None) -> Iterator[tuple[int, Stored]]:
    """Give all documents with their numbers, in the order they came.

    What cannot be read ends it with a StoreError, unless there is someone to tell of it.
    """
    last = store.read(State(), {}).next - 1  # without the tail, which may be what is damaged
    count = 0
    for start in range(1, last + 1, READ):
        numbers = range(start, min(start + READ, last + 1))
        try:
            rows = _read(store, numbers)
        except StoreError:
            if lost is None:
                raise
            rows = [row for number in numbers for row in _salvaged(store, number, lost)]
            count += sum(row is None for row in rows)
        given = [row for row in rows if row]
        count += len(given)
        yield from given
    if lost is not None:
        _miss(store, count, lost)


def _read(store: IndexStore, numbers: Sequence[int]) -> list[tuple[int, Stored] | None]:
    return [(row[0], unpacked(row[1])) for row in store.documents(numbers) if row]


def _salvaged(store: IndexStore, number: int, lost: Lost) -> list[tuple[int, Stored] | None]:
    """Give a list of the document of a number, of None where it is lost, of nothing where there is none."""
    try:
        return _read(store, [number])
    except StoreError as error:
        lost(number, str(error))
        return [None]


def _miss(store: IndexStore, count: int, lost: Lost) -> None:
    """Tell how many documents there should be beside so many."""
    try:
        ids = store.figures()["documents"]
    except StoreError as error:
        lost(0, f"how many documents are missing cannot be said: {error}")
        return
    if ids > count:
        lost(0, f"{ids - count} documents are missing without a trace")
