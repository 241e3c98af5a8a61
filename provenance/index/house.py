"""What an index knows of publishers: which blocks their stored documents have, and how many have each.

Of a publisher some documents are read, the newest, which stand for its house style; the blocks of the batch are
counted in all of them, for every line is a key.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.candidates import FREQUENT
from provenance.house import every_block
from provenance.index.keys import house_key, line_key
from provenance.spread import Blocks, Earlier, articles_of, many_of, publisher_of
from provenance.stores.postings import MANY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from provenance.index.keys import Keys
    from provenance.index.records import Stored
    from provenance.stores.segments import Found, Segments

SAMPLE = 32  # documents of a publisher that are read
REVISIONS = 64  # more of them that are read to tell revisions of one article from articles
OTHERS = 64  # documents of other publishers that are read, to say whether a block is theirs too
REMEMBERED = 4_000  # documents whose blocks are remembered: 20 MB
_LETTERS = str.maketrans("0123456789", "ghijklmnop")  # a line of which the key is known is one word, and no number


class Counts:
    """How many documents have a key, and which, of those looked up."""

    def __init__(self, keys: Keys, found: Found) -> None:
        self._slots = {key: slot for slot, key in enumerate(keys.tolist())}
        self._found = found

    def of(self, key: int) -> int:
        """Give how many documents have a key."""
        slot = self._slots.get(key)
        return 0 if slot is None else int(self._found.counts[slot])

    def holders(self, key: int) -> list[int]:
        """Give the numbers of those that are listed, in the order they came."""
        slot = self._slots.get(key)
        if slot is None:
            return []
        first, last = np.searchsorted(self._found.which, (slot, slot + 1))
        return [int(number) for number in self._found.numbers[first:last]]


@dataclass(frozen=True, slots=True, eq=False)
class Resident:
    """A stored document as far as its publisher is concerned; without its text, its lines' keys and lengths."""

    id: str
    publisher: str | None
    blocks: Blocks | None
    lines: tuple[tuple[int, int], ...] = ()

    def named(self, lines: Mapping[int, str]) -> Blocks:
        """Give its blocks; of those known by their keys, the lines where they are among `lines`."""
        if self.blocks is not None:
            return self.blocks
        strange = (f"{key:012x}".translate(_LETTERS).ljust(size)[:size] for key, size in self.lines)
        keys = [lines.get(key, other) for (key, _), other in zip(self.lines, strange, strict=True)]
        return Blocks(self.publisher, keys)


def resident(stored: Stored) -> Resident:
    """Give what is kept in mind of a stored document."""
    if stored.text is not None:
        blocks = every_block(stored.whole)
        return Resident(stored.id, blocks.publisher, blocks)
    publisher = publisher_of(stored.fields.get("publisher"), stored.fields.get("url"))
    sizes = stored.sketch.lengths.tolist()
    return Resident(stored.id, publisher, None, tuple(zip(stored.sketch.lines[:, 1].tolist(), sizes, strict=True)))


class Residents:
    """Stored documents that were read before, by number; forgotten when runs change, and so is whose numbers were.

    A process that is asked about the same publishers again and again reads each of their documents once.
    """

    def __init__(self) -> None:
        self._generation = -1
        self._known: dict[int, Resident] = {}

    def known(self, segments: Segments) -> dict[int, Resident]:
        """Give those known of the index as it is now: a dictionary that may be added to."""
        if segments.state.generation != self._generation or len(self._known) > REMEMBERED:
            self._generation, self._known = segments.state.generation, {}
        return self._known


def line_keys(blocks: Sequence[Blocks]) -> Keys:
    """Give the sorted keys of lines, at their publishers and anywhere, and of the publishers."""
    keys = {house_key(one.publisher) for one in blocks}
    for one in blocks:
        keys.update(line_key(line, one.publisher) for line in one.keys)
        keys.update(line_key(line) for line in one.keys)
    return np.array(sorted(keys - {0}), dtype=np.uint64)


def wanted(blocks: Sequence[Blocks], counts: Counts) -> dict[str, list[int]]:
    """Give by publisher of a batch the documents to be read: its newest, and holders of what may be boilerplate.

    A line that more documents have than are listed is often enough, whatever is a revision among them.
    """
    numbers: dict[str, list[int]] = defaultdict(list)
    for one in blocks:
        if one.publisher is None:
            continue
        own = numbers[one.publisher]
        own += counts.holders(house_key(one.publisher))[-SAMPLE:] if not own else ()
        few = max(1, many_of(counts.of(house_key(one.publisher))) - 1)
        revised, others = [], []
        for line in one.keys:
            here, anywhere = (counts.of(line_key(line, name)) for name in (one.publisher, ""))
            if few <= here <= MANY:
                revised += counts.holders(line_key(line, one.publisher))
            if anywhere > here >= few:
                others += counts.holders(line_key(line))[:FREQUENT]
        own += [*dict.fromkeys(revised)][:REVISIONS] + [*dict.fromkeys(others)][:OTHERS]
    return {name: [*dict.fromkeys(own)] for name, own in numbers.items()}


def earlier(
    blocks: Sequence[Blocks], counts: Counts, read: Mapping[int, Resident], ids: frozenset[str]
) -> Earlier:
    """Give what was seen before of a batch's blocks: `read` are the documents `wanted`, `ids` the batch's own."""
    lines = {line_key(line): line for one in blocks for line in one.keys}
    documents: list[Blocks] = []
    articles: dict[str, int] = {}
    holders: dict[tuple[str, str], int] = {}
    for name in dict.fromkeys(one.publisher for one in blocks if one.publisher):
        newest = counts.holders(house_key(name))[-SAMPLE:]
        own = [one for one in blocks if one.publisher == name]
        theirs = {number: one.named(lines) for number, one in read.items() if one.publisher == name}
        sample = [theirs[number] for number in newest if number in theirs and read[number].id not in ids]
        more = [one for number, one in theirs.items() if number not in newest and read[number].id not in ids]
        absent = [one for number, one in theirs.items() if read[number].id in ids]
        documents += sample
        articles[name] = max(0, counts.of(house_key(name)) - len(sample) - len(absent))
        known = {line for one in own for line in one.keys}
        again = _again(known, [*own, *sample], more)
        here = _having(known, [*sample, *absent])
        for line in known:
            count = counts.of(line_key(line, name)) - here[line] - again[line]
            if count > 0:
                holders[name, line] = count
    names = {one.publisher for one in blocks}
    strangers = [one for one in read.values() if one.publisher not in names and one.id not in ids]
    return Earlier([*documents, *(one.named(lines) for one in strangers)], articles, holders)


def _having(lines: Iterable[str], documents: Sequence[Blocks]) -> dict[str, int]:
    """Give how many documents have each line."""
    sets = [set(one.keys) for one in documents]
    return {line: sum(line in own for own in sets) for line in lines}


def _again(lines: set[str], known: Sequence[Blocks], more: Sequence[Blocks]) -> dict[str, int]:
    """Give how many of some more documents with a line are revisions of articles that have it anyway."""
    again = dict.fromkeys(lines, 0)
    if not more:
        return again
    numbers: dict[str, int] = {}
    every = [*known, *more]
    sizes = [{numbers.setdefault(line, len(numbers)): len(line) for line in one.keys} for one in every]
    met: dict[str, set[int]] = {line: set() for line in lines}
    for place, (one, article) in enumerate(zip(every, articles_of(sizes), strict=True)):
        for line in lines.intersection(one.keys):
            again[line] += article in met[line] and place >= len(known)
            met[line].add(article)
    return again
