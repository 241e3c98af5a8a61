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

# Told the number of a document that is lost, and why; number 0 where it cannot be said which are.
Lost: TypeAlias = "Callable[[int, str], None]"


def scanned(store: IndexStore, lost: Lost | None, end: int | None = None) -> Iterator[tuple[int, Stored]]:
    """Give all documents with their numbers, in the order they came; those numbered below `end`.

    What cannot be read ends it with a StoreError, unless there is someone to tell of it.
    """
    last = (end or store.read(State(), {}).next) - 1  # without the tail, which may be what is damaged
    met: set[int] = set()
    for start in range(1, last + 1, READ):
        numbers = range(start, min(start + READ, last + 1))
        try:
            rows = _read(store, numbers)
        except StoreError:
            if lost is None:
                raise
            rows = [row for number in numbers for row in _salvaged(store, number, lost)]
        if lost is not None:
            met.update(number for number, _ in rows)
        yield from ((number, stored) for number, stored in rows if stored)
    if lost is not None:
        _miss(store, met, last, lost)


def _read(store: IndexStore, numbers: Sequence[int]) -> list[tuple[int, Stored | None]]:
    return [(row[0], unpacked(row[1])) for row in store.documents(numbers) if row]


def _salvaged(store: IndexStore, number: int, lost: Lost) -> list[tuple[int, Stored | None]]:
    """Give a list of the document of a number, without it where it is damaged, of nothing where there is none."""
    try:
        return _read(store, [number])
    except StoreError as error:
        lost(number, str(error))
        return [(number, None)]


def _miss(store: IndexStore, met: set[int], last: int, lost: Lost) -> None:
    """Tell which documents there should be up to a number, by their ids, that were not met."""
    try:
        for name, number, _ in store.names():
            if number <= last and number not in met:
                lost(number, f"{name.decode('utf-8', 'replace')!r} is missing: its record is lost")
    except StoreError as error:
        lost(0, f"whether documents are missing cannot be said: {error}")
