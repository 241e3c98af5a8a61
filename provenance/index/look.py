"""What an index knows of a batch: the stored documents to compare it with, and what recurred before.

Everything is asked for at once: one round trip for the postings of all keys of a text, its lines and its
publisher, one for the documents that they point to.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from provenance.candidates import FREQUENT, PARTNERS
from provenance.index.estimates import estimate
from provenance.index.house import Counts, earlier, line_keys, resident, wanted
from provenance.index.keys import anchors, document_keys, sketches
from provenance.index.records import Stored, readable
from provenance.stores.segments import Found
from provenance.words import Text, Vocabulary, masked, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from provenance.index.house import Residents
    from provenance.index.keys import Keys, Sketch
    from provenance.model import AuditedDocument, Cleaned, DocumentRelation, Match
    from provenance.spread import Blocks, Earlier
    from provenance.stores.segments import Segments

    Votes = NDArray[np.float64]

LEAST = 20.0  # bits of a candidate that shares no band: one anchor that no other document has, or several
COPIES = 32  # documents that a check reads for shared bands
OVERTAKEN = 3  # times that a batch is looked up where documents found are replaced before they are read
BAND_VOTE = 100.0  # bits that a shared band counts among candidates: hardly any two texts share one by chance


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A text as what is looked up of it: sorted keys, and the bits that each says of a candidate, 0 for none."""

    text: Text
    sketch: Sketch
    keys: Keys
    votes: Votes


def queries(
    results: Sequence[Cleaned], blocks: Sequence[Blocks], vocabulary: Vocabulary | None = None
) -> list[Query]:
    """Give what is looked up of each cleaned text; they are read into the vocabulary, if one is given."""
    if not results:
        return []
    vocabulary = Vocabulary() if vocabulary is None else vocabulary
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
        made.append(Query(texts[number], sketch, keys, votes))
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

    own     how many of the batch' documents are compared with stored ones; None: what recurs is asked of all
    batch   SHA-256 of the batch' texts by id: a stored document of such an id is what is asked about, and is no
            answer unless it has another text; then its id here is `index:` and its own
    """

    def __init__(
        self, segments: Segments, residents: Residents, own: int | None, batch: Mapping[str, bytes]
    ) -> None:
        self._segments, self._residents, self._own, self._batch = segments, residents, own, batch
        self.size = 0  # documents of the index
        self.vocabulary = Vocabulary()  # that the batch was read into
        self.queries: list[Query] = []
        self.stored: dict[int, Stored] = {}
        self.candidates: list[Candidates] = []

    def __call__(self, results: Sequence[Cleaned], blocks: Sequence[Blocks]) -> Earlier:
        """Look a batch up, and give what was seen before of its blocks."""
        own = blocks[: self._own]
        self.queries = [] if self._own is None else queries(results[: self._own], own, self.vocabulary)
        every = np.unique(np.concatenate([line_keys(own), *(query.keys for query in self.queries)]))
        for _ in range(OVERTAKEN):
            answer, whole = self._looked_up(own, every)
            if whole:
                break
        return answer

    def _looked_up(self, own: Sequence[Blocks], every: Keys) -> tuple[Earlier, bool]:
        """Give what was seen before, and whether nothing of it went while it was looked up."""
        found = self._segments.find(every)
        self.size = self._segments.documents
        parts = [part(found, np.searchsorted(every, query.keys)) for query in self.queries]
        chosen = [candidates(*pair) for pair in zip(self.queries, parts, strict=True)]
        counts = Counts(every, found)
        known = self._residents.known(self._segments)
        houses = dict.fromkeys(chain(*wanted(own, counts).values()))
        unread = dict.fromkeys([*chain(*(chain(*one) for one in chosen)), *(n for n in houses if n not in known)])
        rows = self._segments.store.documents(list(unread))
        stored = readable(rows)
        known |= {number: resident(stored[number]) for number in houses if number in stored}
        others = {number: one for number, one in stored.items() if self._batch.get(one.id) != one.digest}
        self.stored = _told_apart(others, self._batch.keys())
        self.candidates = [
            Candidates(*([number for number in side if number in self.stored] for side in one)) for one in chosen
        ]
        read = {number: known[number] for number in houses if number in known}
        return earlier(own, counts, read, frozenset(self._batch)), all(row is not None for row in rows)

    def text(self, number: int, source: str) -> Text | None:
        """Give a text of the batch as it was read; None where it was not, or something was taken out since."""
        text = self.queries[number].text if number < len(self.queries) else None
        return text if text and text.source == source else None

    def sketch(self, number: int, text: Text) -> Sketch | None:
        """Give the sketch of a text of the batch; None where it is not the text that was looked up."""
        query = self.queries[number] if number < len(self.queries) else None
        return query.sketch if query and query.text is text else None

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


def _told_apart(stored: Mapping[int, Stored], taken: AbstractSet[str]) -> dict[int, Stored]:
    """Give stored documents with ids that none of the batch has, nor another of them: `index:` before it."""
    names = {*taken, *(one.id for one in stored.values())}
    told = {}
    for number, one in stored.items():
        name = one.id
        while name in taken or (name != one.id and name in names):
            name = f"index:{name}"
        names.add(name)
        told[number] = one if name == one.id else replace(one, id=name)
    return told


def part(found: Found, slots: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Found:
    """Give what was found of some of the keys, by their sorted places among all."""
    kept = np.isin(found.which, slots)
    return Found(found.counts[slots], np.searchsorted(slots, found.which[kept]), found.numbers[kept])
