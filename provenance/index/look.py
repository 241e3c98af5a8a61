"""What an index knows of a batch: the stored documents to compare it with, and what recurred before.

Everything is asked for at once: one round trip for the postings of all keys of a text, its lines and its
publisher, one for the documents that they point to.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from provenance.candidates import FREQUENT, PARTNERS
from provenance.house import blocks_of
from provenance.index.estimates import estimate
from provenance.index.keys import anchors, document_keys, house_key, line_key, sketches
from provenance.index.records import Stored, unpacked
from provenance.spread import Blocks, Earlier, many_of, publisher_of
from provenance.stores.segments import Found
from provenance.words import Vocabulary, masked, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from provenance.index.keys import Keys, Sketch
    from provenance.model import AuditedDocument, Cleaned, DocumentRelation, Match
    from provenance.stores.segments import Segments

    Votes = NDArray[np.float64]

LEAST = 20.0  # bits of a candidate that shares no band: one anchor that no other document has, or several
COPIES = 32  # documents that a check reads for shared bands
REVISIONS = 128  # documents of one publisher that are read to tell revisions from articles
BAND_VOTE = 100.0  # bits that a shared band counts among candidates: hardly any two texts share one by chance


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A text as what is looked up of it: sorted keys, and the bits that each says of a candidate, 0 for none."""

    sketch: Sketch
    keys: Keys
    votes: Votes


def queries(results: Sequence[Cleaned], blocks: Sequence[Blocks]) -> list[Query]:
    """Give what is looked up of each cleaned text."""
    if not results:
        return []
    vocabulary = Vocabulary()
    texts = [read(masked(one.source, one.kept), vocabulary) for one in results]
    digests = [hashlib.sha256(one.source.encode("utf-8", "surrogatepass")).digest() for one in results]
    found = anchors(texts, vocabulary)
    edges = np.searchsorted(found.owners, np.arange(len(texts) + 1))
    made = []
    for number, sketch in enumerate(sketches(texts, vocabulary, blocks, digests, found)):
        told = found.bits[edges[number] : edges[number + 1]]
        keys = sketch.keys
        votes = np.zeros(len(keys))
        votes[np.searchsorted(keys, sketch.anchors)] = told
        banded = np.concatenate((document_keys(sketch.print), sketch.bands.ravel()))
        votes[np.searchsorted(keys, banded[banded > 0])] = BAND_VOTE
        made.append(Query(sketch, keys, votes))
    return made


class Candidates(NamedTuple):
    """Numbers of stored documents worth comparing with: those that share a band, and others that share anchors."""

    copies: list[int]
    partners: list[int]


def candidates(query: Query, found: Found) -> Candidates:
    """Give the stored documents worth comparing with, the strongest first.

    A band that many documents share stands for the first of them. What an anchor says is divided among those that
    share it: of news that nobody rewrote half as many are read, and none of the rewritten is lost.
    """
    first = np.ones(len(found.which), dtype=np.bool_)
    first[1:] = found.which[1:] != found.which[:-1]
    votes, counts = query.votes[found.which], found.counts[found.which]
    band, few = votes == BAND_VOTE, counts <= FREQUENT
    copies = _ranked(found.numbers, votes, band & (few | first))[:COPIES]
    shared = _ranked(found.numbers, votes / np.maximum(counts, 1), (votes > 0) & ~band & few, least=LEAST)
    known = set(copies)
    return Candidates(copies, [number for number in shared[:PARTNERS] if number not in known])


def _ranked(numbers: Keys, votes: Votes, used: NDArray[np.bool_], *, least: float = 0.0) -> list[int]:
    """Give the documents by their votes, those of fewer than `least` left out."""
    distinct, inverse = np.unique(numbers[used], return_inverse=True)
    total = np.bincount(inverse, votes[used], len(distinct))
    order = np.lexsort((distinct, -total))
    return [int(number) for number in distinct[order[total[order] >= least]]]


class Look:
    """What an index knows of one batch; called with the batch as it was cleaned, it says what was seen before.

    own     how many of the batch' documents are looked up; None for all
    compare whether for stored documents to compare them with, or only for what recurs
    ids     ids of the batch: stored documents of these are what is asked about, and never an answer
    """

    def __init__(self, segments: Segments, own: int | None, ids: frozenset[str], *, compare: bool = True) -> None:
        self._segments, self._own, self._ids, self._compare = segments, own, ids, compare
        self.size = 0  # documents of the index
        self.queries: list[Query] = []
        self.found: list[Found] = []
        self.stored: dict[int, Stored] = {}
        self.candidates: list[Candidates] = []

    def __call__(self, results: Sequence[Cleaned], _blocks: Sequence[Blocks]) -> Earlier:
        """Look a batch up, and give what was seen before of its blocks."""
        own = results if self._own is None else results[: self._own]
        blocks = [blocks_of(one) for one in own]
        self.queries = queries(own, blocks) if self._compare else []
        every = np.unique(np.concatenate([_line_keys(blocks), *(query.keys for query in self.queries)]))
        found = self._segments.find(every)
        self.size = self._segments.documents
        self.found = [part(found, np.searchsorted(every, query.keys)) for query in self.queries]
        self.candidates = [candidates(*pair) for pair in zip(self.queries, self.found, strict=True)]
        counts = _Counts(every, found)
        suspects = [_suspects(block, counts) for block in blocks]
        wanted = dict.fromkeys(chain(*(chain(*one) for one in self.candidates), *suspects))
        rows = self._segments.store.documents(list(wanted))
        self.stored = {number: unpacked(record) for number, record in filter(None, rows)}
        self.stored = {number: one for number, one in self.stored.items() if one.id not in self._ids}
        self.candidates = [
            Candidates(*([number for number in side if number in self.stored] for side in one))
            for one in self.candidates
        ]
        return self._earlier(blocks, counts, set().union(*suspects))

    @cached_property
    def _against(self) -> list[int]:
        numbers = sorted({*chain(*(chain(*one) for one in self.candidates))})
        return [number for number in numbers if self.stored[number].text is not None]

    @property
    def against(self) -> list[Stored]:
        """The stored documents to compare the batch with, in the order they came; those that have their text."""
        return [self.stored[number] for number in self._against]

    def pairs(self) -> list[tuple[int, int, bool]]:
        """Give which are to be compared: place in the batch, place in `against`, whether it is a copy for sure."""
        places = {number: place for place, number in enumerate(self._against)}
        return [
            (own, places[number], side is one.copies)
            for own, one in enumerate(self.candidates)
            for side in one
            for number in side
            if number in places
        ]

    def estimates(self, audited: Sequence[AuditedDocument]) -> tuple[list[DocumentRelation], list[Match]]:
        """Give relations and matches with the stored documents that have no text, by fingerprints."""
        relations, matches = [], []
        for row, query, numbers in zip(audited, self.queries, self.candidates, strict=True):
            for number in sorted(chain(*numbers)):
                if self.stored[number].text is None and (made := estimate(row, query.sketch, self.stored[number])):
                    relations.append(made[0])
                    matches += made[1]
        return relations, matches

    def _earlier(self, blocks: Sequence[Blocks], counts: _Counts, suspects: set[int]) -> Earlier:
        """Give the stored documents that share a batch' blocks, and the counts of what was not read."""
        lines: Mapping[int, str] = {
            line_key(line, one.publisher): line for one in blocks if one.publisher for line in one.keys
        }
        documents: list[Blocks] = []
        articles: defaultdict[str, int] = defaultdict(int)
        holders: defaultdict[tuple[str, str], int] = defaultdict(int)
        for name in {one.publisher for one in blocks if one.publisher}:
            articles[name] = counts.of(house_key(name))
        for one in blocks:
            for line in one.keys:
                if one.publisher:
                    holders[one.publisher, line] = counts.of(line_key(line, one.publisher))
        for number in sorted(suspects & self.stored.keys()):
            own = _blocks(self.stored[number], lines)
            if own.publisher is not None:
                documents.append(own)
                articles[own.publisher] -= 1
                for line in own.keys:
                    holders[own.publisher, line] -= 1
        return Earlier(
            documents,
            {name: max(0, count) for name, count in articles.items()},
            {held: count for held, count in holders.items() if count > 0},
        )


class _Counts:
    """How many documents have a key, and which, of those looked up."""

    def __init__(self, keys: Keys, found: Found) -> None:
        self._slots = {key: slot for slot, key in enumerate(keys.tolist())}
        self._found = found

    def of(self, key: int) -> int:
        slot = self._slots.get(key)
        return 0 if slot is None else int(self._found.counts[slot])

    def holders(self, key: int) -> list[int]:
        slot = self._slots.get(key)
        if slot is None:
            return []
        first, last = np.searchsorted(self._found.which, (slot, slot + 1))
        return [int(number) for number in self._found.numbers[first:last]]


def part(found: Found, slots: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Found:
    """Give what was found of some of the keys, by their sorted places among all."""
    kept = np.isin(found.which, slots)
    return Found(found.counts[slots], np.searchsorted(slots, found.which[kept]), found.numbers[kept])


def _line_keys(blocks: Sequence[Blocks]) -> Keys:
    """Give the keys of lines, at their publishers and anywhere, and of the publishers."""
    keys = {house_key(one.publisher) for one in blocks}
    for one in blocks:
        keys.update(line_key(line, one.publisher) for line in one.keys)
        keys.update(line_key(line) for line in one.keys)
    return np.array(sorted(keys - {0}), dtype=np.uint64)


def _suspects(blocks: Blocks, counts: _Counts) -> set[int]:
    """Give the documents that tell whether a document's lines are boilerplate: who has those that may be."""
    if blocks.publisher is None:
        return set()
    few = max(1, many_of(counts.of(house_key(blocks.publisher))) - 1)
    keys = [line_key(line, blocks.publisher) for line in blocks.keys]
    own = [key for key in keys if counts.of(key) >= few]
    chosen: dict[int, None] = {}
    for key in own:
        chosen.update(dict.fromkeys(counts.holders(key)))
    others = [number for line in blocks.keys for number in counts.holders(line_key(line))[:FREQUENT] if own]
    return {*list(chosen)[:REVISIONS], *others[:REVISIONS]}


def _blocks(stored: Stored, lines: Mapping[int, str]) -> Blocks:
    """Give the blocks of a stored document; without its text, of lines that the batch has not the length only."""
    if stored.text is not None:
        return blocks_of(stored.cleaned)
    house = next((line for line in stored.sketch.lines[:, 0].tolist() if line in lines), 0)
    if not house:
        return Blocks(None, ())
    pairs = zip(stored.sketch.lines[:, 0].tolist(), stored.sketch.lengths.tolist(), strict=True)
    keys = [lines.get(key, f"{key:012x}".ljust(length)[:length]) for key, length in pairs]
    return Blocks(publisher_of(stored.fields.get("publisher"), stored.fields.get("url")), keys)
