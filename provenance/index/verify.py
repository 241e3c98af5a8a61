"""An index held against itself: every document's record, every id, every key, every posting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from provenance.errors import StoreError
from provenance.stores.postings import KEY, Postings, chosen, merged, unpacked
from provenance.stores.segments import OVERTAKEN
from provenance.stores.upkeep import OvertakenError, parts

if TYPE_CHECKING:
    from provenance.index import Index
    from provenance.index.keys import Keys
    from provenance.stores.postings import Run

LISTED = 100  # faults that are told one by one
PART = 8_000_000  # postings that are held at one time when all are checked: 130 MB
PASSES = 3  # times that faults are looked for again in an index that is being written to
ATTEMPTS = 10  # times that upkeep by others may come between


@dataclass(slots=True)
class Verified:
    """What verifying found: how much there is, and every fault with how often it was met."""

    documents: int = 0
    postings: int = 0
    found: dict[str, int] = field(default_factory=dict)

    @property
    def faults(self) -> int:
        """How many faults there are."""
        return sum(self.found.values())

    @property
    def told(self) -> list[str]:
        """The first `LISTED` kinds of faults in words."""
        rows = list(self.found.items())[:LISTED]
        return [what if count == 1 else f"{what} ({count} times)" for what, count in rows]

    def fault(self, what: str, count: int = 1) -> None:
        """Count a fault and say what it is."""
        self.found[what] = self.found.get(what, 0) + count


def verify(index: Index) -> Verified:
    """Read every document and every posting, and hold them against each other.

    Each document's record must be whole, its id lead to it and its keys have their postings; each posting a
    document with that key. What is lost is named, and the rest is checked all the same. While others write, a
    fault is one that is there each time of `PASSES`: what was removed between two looks is none.
    """
    suspects: dict[str, int] | None = None
    passes = 0
    for _ in range(ATTEMPTS):
        before = _state(index)
        try:
            found = _verified(index)
        except OvertakenError:
            continue
        passes += 1
        if suspects is not None:
            found.found = {what: count for what, count in found.found.items() if what in suspects}
        if not found.found or passes == PASSES or _state(index) == before:
            return found
        suspects = found.found
    raise StoreError(OVERTAKEN)


def _state(index: Index) -> object:
    """Give what changes when anybody writes; where it cannot be read, what never does."""
    try:
        index.segments.refresh()
    except StoreError:
        return None
    return index.segments.state


def _verified(index: Index) -> Verified:
    found = Verified()
    whole = True
    try:
        index.segments.refresh()
    except StoreError as error:
        found.fault(f"postings cannot be read: {error}")
        whole = False
    for run in index.segments.manifest.runs:
        if not run.whole:
            found.fault(
                f"run {run.id} only counts what long lists have beside those listed: compact makes them whole"
            )
    for part in range(1 << _passes(index)):
        expected, lost = _expected(index, part, found, whole=whole)
        try:
            present = _present(index, part) if whole else None
        except OvertakenError:
            raise
        except StoreError as error:
            found.fault(f"postings cannot be read: {error}")
            continue
        if present is not None:
            _compare(index, expected, present, lost, found)
    return found


def _passes(index: Index) -> int:
    """Give the bits of the key by which postings are divided, so that a part of them fits in memory."""
    total = sum(run.postings for run in index.segments.manifest.runs)
    total += sum(len(chunk.packed) for chunk in index.segments.chunks)
    return max(0, (total // PART).bit_length())


def _expected(index: Index, part: int, found: Verified, *, whole: bool) -> tuple[Postings, set[int]]:
    """Give the postings that the documents' records ask for, of one part of the keys."""
    bits, lost = _passes(index), set()
    keys, numbers = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)]
    met: dict[int, tuple[str, bytes]] = {}

    def gone(number: int, why: str) -> None:
        lost.add(number)
        if part == 0:
            found.fault(f"document number {number}: {why}" if number else why)

    for number, stored in index.scan(gone, index.segments.state.next if whole else None):
        own = stored.sketch.keys
        own = own[own >> np.uint64(KEY - bits) == np.uint64(part)]
        keys.append(own)
        numbers.append(np.full(len(own), number, np.uint64))
        if part == 0:
            found.documents += 1
            met[number] = stored.id, stored.digest
    if part == 0:
        _named(index, met, found)
    return Postings(np.concatenate(keys), np.concatenate(numbers)), lost


def _named(index: Index, met: dict[int, tuple[str, bytes]], found: Verified) -> None:
    """Check that every document is found by its id, and is known by its text's digest."""
    try:
        for name, number, digest in index.store.names():
            known = met.pop(number, None)
            if known is None:
                continue  # it is lost, which was told, or came meanwhile
            own = known[0].encode("utf-8", "surrogatepass")
            if own != name:
                found.fault(
                    f"document number {number}: its id {known[0]!r} does not lead to it, but {name!r} does"
                )
            elif digest != known[1]:
                found.fault(f"document number {number}: the digest beside its id {known[0]!r} is of another text")
    except StoreError as error:
        found.fault(f"ids cannot be looked up: {error}")
        return
    for number, (unfound, _) in met.items():
        found.fault(f"document number {number}: its id {unfound!r} does not lead to it")


def _present(index: Index, part: int) -> Postings:
    """Give the living postings that are there, of one part of the keys."""
    segments, bits = index.segments, _passes(index)
    living: list[Postings] = []
    sources: list[Postings] = [unpacked(chunk) for chunk in segments.chunks]
    for run in segments.manifest.runs:
        sources += parts(segments, (run,))
    for one in sources:
        kept = segments.dead.without(one.numbers) & (one.keys >> np.uint64(KEY - bits) == np.uint64(part))
        living.append(chosen(one, kept))
    return merged(living)


def _compare(index: Index, expected: Postings, present: Postings, lost: set[int], found: Verified) -> None:
    """Hold postings against what is asked for."""
    found.postings += len(present)
    missing = _without(expected, present)
    for run in index.segments.manifest.runs:
        missing = missing if run.whole else _besides(missing, run)
    strange = _without(present, expected)
    strange = chosen(strange, ~np.isin(strange.numbers, np.array(sorted(lost), np.uint64)))
    for rows, what in (
        (missing, "has no posting for its key"),
        (strange, "has a posting for a key that is not its"),
    ):
        numbers, counts = np.unique(rows.numbers, return_counts=True)
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            found.fault(f"document number {number}: {what}", count)


def _besides(missing: Postings, run: Run) -> Postings:
    """Give missing postings but for those that a run only counts."""
    within = (missing.numbers >= run.base) & (missing.numbers < run.upto)
    return chosen(missing, ~(within & np.isin(missing.keys, np.array(list(run.more), np.uint64))))


def _without(these: Postings, those: Postings) -> Postings:
    """Give the postings of these that are not among those."""
    return chosen(these, ~np.isin(_one(these), _one(those)))


def _one(found: Postings) -> Keys:
    """Give one number for each posting, which no two share but by a chance of 2**-64."""
    return found.keys * np.uint64(0x9E3779B97F4A7C15) + found.numbers * np.uint64(0xC2B2AE3D27D4EB4F)
