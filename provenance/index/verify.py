"""An index held against itself: every document's record, every key, every posting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from provenance.errors import StoreError
from provenance.stores.postings import KEY, Postings, chosen, merged, unpacked
from provenance.stores.upkeep import parts

if TYPE_CHECKING:
    from provenance.index import Index
    from provenance.index.keys import Keys
    from provenance.index.records import Stored

LISTED = 100  # faults that are told one by one
PART = 8_000_000  # postings that are held at one time when all are checked: 130 MB


@dataclass(slots=True)
class Verified:
    """What verifying found: how much there is, and every fault, the first `LISTED` of them in words."""

    documents: int = 0
    postings: int = 0
    faults: int = 0
    told: list[str] = field(default_factory=list)

    def fault(self, what: str, count: int = 1) -> None:
        """Count a fault and say what it is."""
        self.faults += count
        if len(self.told) < LISTED:
            self.told.append(what)


def verify(index: Index) -> Verified:
    """Read every document and every posting, and hold them against each other.

    Each document's record must be whole and each of its keys have its posting, each posting a document with that
    key, and each capped list its exact count. What is lost is named, and the rest is checked all the same.
    """
    found = Verified()
    whole = True
    try:
        index.segments.refresh()
    except StoreError as error:
        found.fault(f"postings cannot be read: {error}")
        whole = False
    for part in range(1 << _passes(index)):
        expected, lost = _expected(index, part, found)
        try:
            present, more = _present(index, part) if whole else (None, {})
        except StoreError as error:
            found.fault(f"postings cannot be read: {error}")
            continue
        if present is not None:
            _compare(expected, present, more, lost, found)
    return found


def _passes(index: Index) -> int:
    """Give the bits of the key by which postings are divided, so that a part of them fits in memory."""
    total = sum(run.postings for run in index.segments.manifest.runs)
    total += sum(len(chunk.packed) for chunk in index.segments.chunks)
    return max(0, (total // PART).bit_length())


def _expected(index: Index, part: int, found: Verified) -> tuple[Postings, set[int]]:
    """Give the postings that the documents' records ask for, of one part of the keys."""
    bits, lost = _passes(index), set()
    keys, numbers = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)]

    def gone(number: int, why: str) -> None:
        lost.add(number)
        if part == 0:
            found.fault(f"document number {number}: {why}" if number else why)

    for number, stored in index.scan(gone):
        own = stored.sketch.keys
        own = own[own >> np.uint64(KEY - bits) == np.uint64(part)]
        keys.append(own)
        numbers.append(np.full(len(own), number, np.uint64))
        if part == 0:
            found.documents += 1
            _named(index, number, stored, found)
    return Postings(np.concatenate(keys), np.concatenate(numbers)), lost


def _named(index: Index, number: int, stored: Stored, found: Verified) -> None:
    """Check that a document is found by its id."""
    try:
        (row,) = index.store.documents([stored.id.encode("utf-8", "surrogatepass")])
    except StoreError as error:
        found.fault(f"document number {number}: its id {stored.id!r} cannot be looked up: {error}")
        return
    if row is None or row[0] != number:
        found.fault(f"document number {number}: its id {stored.id!r} does not lead to it")


def _present(index: Index, part: int) -> tuple[Postings, dict[int, int]]:
    """Give the living postings that are there, of one part of the keys, and what long lists have beside them."""
    segments, bits = index.segments, _passes(index)
    living: list[Postings] = []
    more: dict[int, int] = {}
    sources: list[tuple[Postings, dict[int, int]]] = [(unpacked(chunk), {}) for chunk in segments.chunks]
    for run in segments.manifest.runs:
        sources += parts(segments, (run,))
    for one, unkept in sources:
        kept = segments.dead.without(one.numbers) & (one.keys >> np.uint64(KEY - bits) == np.uint64(part))
        living.append(chosen(one, kept))
        for key, count in unkept.items():
            if key >> (KEY - bits) == part:
                more[key] = more.get(key, 0) + count
    return merged(living), more


def _compare(expected: Postings, present: Postings, more: dict[int, int], lost: set[int], found: Verified) -> None:
    """Hold postings against what is asked for: of capped lists their counts, of all others each one."""
    found.postings += len(present) + sum(more.values())
    missing = _without(expected, present)
    strange = _without(present, expected)
    strange = chosen(strange, ~np.isin(strange.numbers, np.array(sorted(lost), np.uint64)))
    short = np.array([key for key, count in more.items() if count], np.uint64)
    absent = missing.keys[np.isin(missing.keys, short)]
    keys, counts = np.unique(absent, return_counts=True)
    left = dict(zip(keys.tolist(), counts.tolist(), strict=True))
    for key, count in more.items():
        if left.get(key, 0) != count and not lost:
            found.fault(
                f"key {key:012x}: counted {count} documents beside those listed, and has {left.get(key, 0)}"
            )
    missing = chosen(missing, ~np.isin(missing.keys, short))
    for rows, what in (
        (missing, "has no posting for its key"),
        (strange, "has a posting for a key that is not its"),
    ):
        for number in np.unique(rows.numbers).tolist():
            count = int((rows.numbers == np.uint64(number)).sum())
            found.fault(f"document number {number}: {what} ({count} times)", count)


def _without(these: Postings, those: Postings) -> Postings:
    """Give the postings of these that are not among those."""
    return chosen(these, ~np.isin(_one(these), _one(those)))


def _one(found: Postings) -> Keys:
    """Give one number for each posting, which no two share but by a chance of 2**-64."""
    return found.keys * np.uint64(0x9E3779B97F4A7C15) + found.numbers * np.uint64(0xC2B2AE3D27D4EB4F)
