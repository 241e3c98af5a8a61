"""The blocks of a batch that are boilerplate of their publishers: counted as in `spread`, met as in `frames`."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import chain, compress
from operator import not_
from typing import TYPE_CHECKING

import numpy as np

from provenance.belonging import House, Instance, belongs, differ, foreign, subjects_of, watched_words
from provenance.frames import edges, framed, frequent, meetings, read_texts
from provenance.rules.reading import ends_in_stop
from provenance.spread import Earlier, Repeated, articles_of, many_of, spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from provenance.frames import Met, Texts
    from provenance.spread import Blocks

TRUE_TO_FORM = 0.7  # share of the lines with a frame that are its instances: a phrase of the language has fewer
OWN = 0.25  # share of a document's text outside frames: with less, the article itself is a form filled in
LONGEST = 30  # words of a line that is told by its first or last words: a title, names

Found = dict[int, list[Instance]]  # the instances of each frame in one house; an edge's triple stands for a frame


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """All that was read: the distinct lines, their words, and each publisher's documents by place in the batch.

    `edges` are those of each line; `open` says of it that it is short and does not end as a sentence does.
    """

    keys: Sequence[str]
    texts: Texts
    edges: Sequence[AbstractSet[int]]
    open: Sequence[bool]
    places: Mapping[str, Sequence[int]]
    lines: Mapping[str, Sequence[Sequence[int]]]


def recurring(batch_of: Sequence[Blocks], earlier: Earlier | None = None) -> list[dict[str, Repeated]]:
    """Give, for each document, its blocks that are boilerplate of its publisher, with how often it has them.

    Revisions of one article by its own publisher count once. Documents of unknown publishers have none. What was
    seen before, `earlier`, counts as the batch does; where that gives only some of a publisher's documents, what
    many of these have is taken for what many have.
    """
    before = earlier or Earlier()
    documents = [*batch_of, *before.documents]
    found: list[dict[str, Repeated]] = [{} for _ in documents]
    batch = _read(documents)
    frames = [frame for own in batch.lines.values() for frame in _frames(own, batch.texts)]
    met = {one.text: one for one in meetings(batch.texts, list(dict.fromkeys(frames)))}
    houses = {name: _house(documents, batch, name, met) for name in batch.places}
    many = {name: many_of(len({*house.articles}) + before.articles.get(name, 0)) for name, house in houses.items()}
    least = {name: many_of(len({*house.articles})) for name, house in houses.items()}
    taken: dict[str, set[int]] = {name: set() for name in houses}
    for find, chosen in ((_edged, _foreign_edges), (_framed, _foreign_frames)):
        instances = {name: find(house, batch, met, taken[name]) for name, house in houses.items()}
        read = _counts(houses, instances, batch.keys, {})
        counts = _counts(houses, instances, batch.keys, before.holders) if before.holders else read
        for name, house in houses.items():
            often_met = {
                frame: ones
                for frame, ones in instances[name].items()
                if counts[frame][name] >= many[name] or read[frame][name] >= least[name]
            }
            for frame in chosen(house, often_met, batch, met) if often_met else ():
                crowded = counts[frame] | {name: max(counts[frame][name], many[name])}
                repeated = Repeated(counts[frame][name], spread(crowded, many))
                for one in often_met[frame]:
                    taken[name].add(one.text)
                    found[batch.places[name][one.document]].setdefault(batch.keys[one.text], repeated)
    return found[: len(batch_of)]


# --- what there is ----------------------------------------------------------------------------------------


def _read(documents: Sequence[Blocks]) -> _Batch:
    """Read the documents of known publishers: each line once, by number."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, blocks in enumerate(documents):
        if blocks.publisher is not None:
            places[blocks.publisher].append(place)
    numbers: dict[str, int] = {}
    lines = {
        name: [[numbers.setdefault(key, len(numbers)) for key in documents[place].keys] for place in own]
        for name, own in places.items()
    }
    texts = read_texts(numbers)
    short = (np.diff(texts.begins) - 2 <= LONGEST).tolist()
    unended = [short[text] and not ends_in_stop(key) for text, key in enumerate(numbers)]
    return _Batch(list(numbers), texts, edges(texts), unended, places, lines)


def _house(documents: Sequence[Blocks], batch: _Batch, name: str, met: Mapping[int, Met]) -> House:
    """Give a publisher's documents: which are filled forms, and which revisions of one article.

    Lines that fill a frame's slots tell nothing of revisions, unless they are all that there is.
    """
    lines = batch.lines[name]
    headings, removed, forms, blocks = [], [], [], []
    filled = _filled(lines, batch.texts, met)
    for place, own in zip(batch.places[name], lines, strict=True):
        headings.append(documents[place].headings or [False] * len(own))
        removed.append(documents[place].removed or [False] * len(own))
        sizes = {text: len(batch.keys[text]) for text in compress(own, map(not_, removed[-1]))}
        unframed = sum(size for text, size in sizes.items() if text not in met or not met[text].fits)
        forms.append(unframed < OWN * sum(sizes.values()))
        blocks.append(sizes if forms[-1] else {text: size for text, size in sizes.items() if text not in filled})
    return House(lines, headings, removed, forms, articles_of(blocks))


def _filled(lines: Sequence[Sequence[int]], texts: Texts, met: Mapping[int, Met]) -> set[int]:
    """Give the lines of a publisher that are instances of a frame whose slots are filled in different ways."""
    instances: dict[int, set[int]] = defaultdict(set)
    for text in chain.from_iterable(lines):
        if text in met and met[text].fits:
            instances[met[text].frame].add(text)
    return {text for found in instances.values() if differ(texts, found) for text in found}


def _frames(lines: Sequence[Sequence[int]], texts: Texts) -> list[frozenset[int]]:
    """Give the frames of a publisher's documents."""
    held = sorted({(text, document) for document, own in enumerate(lines) for text in own})
    often = frequent(texts, held, many_of(len(lines)))
    return framed(texts, Counter(text for text, _ in held), often) if often else []


def _edged(house: House, batch: _Batch, _met: Mapping[int, Met], _taken: AbstractSet[int]) -> Found:
    """Give the lines that begin or end as others do, by the triple at that edge: titles, names, but no sentences.

    What many sentences begin with is a phrase of the language.
    """
    found: Found = defaultdict(list)
    having = Counter(chain.from_iterable(batch.edges[text] for text in chain.from_iterable(house.lines)))
    for document, lines in enumerate(house.lines):
        for text in lines:
            if batch.open[text]:
                for edge in batch.edges[text]:
                    found[edge].append(Instance(document, text, heading=False))
    return {edge: ones for edge, ones in found.items() if len(ones) >= TRUE_TO_FORM * having[edge]}


def _framed(house: House, _batch: _Batch, met: Mapping[int, Met], taken: AbstractSet[int]) -> Found:
    """Give the lines that are instances of frames, by frame. What stands before one of them is no heading of it.

    A frame that many lines have without being instances of it is a phrase of the language.
    """
    found: Found = defaultdict(list)
    having: Counter[int] = Counter()
    for document, (lines, headings) in enumerate(zip(house.lines, house.headings, strict=True)):
        left = [text if text in met and text not in taken else None for text in lines]
        fit = [text is not None and met[text].fits for text in left]
        form = house.forms[document]
        for place, text in enumerate(left):
            if text is None:
                continue
            having[met[text].frame] += 1
            if fit[place]:
                after = lines[place + 1 : place + 2]
                framed_next = any(fit[place + 1 : place + 2]) and not form
                heading = headings[place] and not framed_next and taken.isdisjoint(after)
                found[met[text].frame].append(Instance(document, text, heading))
    return {frame: ones for frame, ones in found.items() if len(ones) >= TRUE_TO_FORM * having[frame]}


def _counts(
    houses: Mapping[str, House],
    instances: Mapping[str, Found],
    keys: Sequence[str],
    unread: Mapping[tuple[str, str], int],
) -> dict[int, dict[str, int]]:
    """Give for each frame how many articles of each publisher have it; of those not read, some line of it."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for name, house in houses.items():
        for frame, ones in instances[name].items():
            more = max((unread.get((name, keys[one.text]), 0) for one in ones), default=0) if unread else 0
            counts[frame][name] = len({house.articles[one.document] for one in ones}) + more
    return counts


# --- what of it is the house's ----------------------------------------------------------------------------


def _foreign_frames(house: House, often: Found, batch: _Batch, _met: Mapping[int, Met]) -> Iterator[int]:
    """Give the frames that stand in a house's articles and do not belong to them."""
    in_frame = {one.text for ones in often.values() for one in ones}
    subjects = subjects_of(house, batch.texts, watched_words(batch.texts, often), in_frame)
    for frame, ones in often.items():
        if not belongs(ones, batch.keys, batch.texts, house, subjects):
            yield frame


def _foreign_edges(house: House, often: Found, batch: _Batch, met: Mapping[int, Met]) -> Iterator[int]:
    """Give the edges of lines whose other words are foreign to the articles that they stand in."""
    texts = batch.texts
    edged = {one.text for ones in often.values() for one in ones}
    watched = {word for text in edged for word in texts.words_of(text).tolist()}
    framed_too = {text for text in chain.from_iterable(house.lines) if text in met and met[text].fits}
    _, own = subjects_of(house, texts, watched, edged | framed_too)
    for edge, ones in often.items():
        if foreign(ones, batch.keys, texts, own):
            yield edge
