"""Documents that were removed from runs which still hold their postings."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from provenance.errors import StoreError
from provenance.stores.frames import framed, opened
from provenance.stores.postings import PACKED, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from provenance.stores.postings import Keys, Run

_NUMBER = struct.Struct("<Q")


def obituary(number: int, keys: Keys) -> bytes:
    """Give what is written down of a removed document: its number and keys."""
    return framed(b"X", _NUMBER.pack(number) + pack(keys))


class Dead:
    """The dead by number, and which keys they had: long lists that hold them are counted without."""

    def __init__(self) -> None:
        self._rows: dict[int, bytes] = {}
        self._numbers = np.zeros(0, dtype=np.uint64)
        self._of_key: dict[int, list[int]] | None = None
        self._unnamed = 0

    def __len__(self) -> int:
        return len(self._rows)

    def extend(self, values: Iterable[bytes]) -> None:
        """Add what was written down of the dead; raise StoreError for what is damaged."""
        for value in values:
            payload = opened(b"X", value, "what is noted of a removed document")
            if len(payload) % PACKED != _NUMBER.size % PACKED or len(payload) < _NUMBER.size:
                raise StoreError("what is noted of a removed document is damaged: a key is cut")
            self._rows[_NUMBER.unpack_from(payload)[0]] = value
            self._of_key = None
        if len(self._numbers) != len(self._rows):
            self._numbers = np.array(sorted(self._rows), dtype=np.uint64)

    def without(self, numbers: Keys) -> NDArray[np.bool_]:
        """Mark which of the documents live."""
        if not len(self._numbers):
            return np.ones(len(numbers), dtype=np.bool_)
        near = np.minimum(np.searchsorted(self._numbers, numbers), len(self._numbers) - 1)
        living: NDArray[np.bool_] = self._numbers[near] != numbers
        return living

    def of(self, run: Run) -> int:
        """Give how many of a run's documents are dead."""
        first, last = np.searchsorted(self._numbers, np.array([run.base, run.upto], dtype=np.uint64))
        return int(last - first)

    @property
    def unnamed(self) -> int:
        """How many of the dead had a record that could not be read, so that their keys are not known."""
        self._keyed()
        return self._unnamed

    def outside(self, base: int, upto: int) -> list[bytes]:
        """Give what was written down of the dead that are not numbered [base, upto)."""
        return [value for number, value in self._rows.items() if not base <= number < upto]

    def count(self, key: int, run: Run, but: frozenset[int] = frozenset()) -> int:
        """Give how many of a run's dead had a key, but for some."""
        return sum(run.base <= number < run.upto for number in self._keyed().get(key, ()) if number not in but)

    def _keyed(self) -> dict[int, list[int]]:
        if self._of_key is None:
            self._of_key, self._unnamed = {}, 0
            for number, value in self._rows.items():
                keys = unpack(opened(b"X", value, "a removed document")[_NUMBER.size :]).tolist()
                self._unnamed += not keys
                for one in keys:
                    self._of_key.setdefault(one, []).append(number)
        return self._of_key
