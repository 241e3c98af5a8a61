"""What the block model sees of each block: its text, its place in the tree, its likes and its neighbours.

Everything is a share, a logarithm, a count or a truth value, so that long pages and short ones look alike.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from provenance.html.place import width
from provenance.rules.reading import ends_in_stop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from provenance.html.blocks import Blocks
    from provenance.html.content import Outline

    Floats = NDArray[np.float32]
    Above = tuple[NDArray[np.int64], NDArray[np.int64]]  # the element of each block, and that above each element

_TAGS = ("p", "li dd dt", "h1", "h2", "h3", "h4 h5 h6", "tr table", "blockquote pre", "figcaption", "br")
TAGS = {name: number for number, names in enumerate(_TAGS) for name in names.split()}
OTHER = len(_TAGS)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
LEVELS = 4  # elements above a block whose text is measured
FAR = 99  # blocks: as far as distances are told
MET = 1 << 12  # kinds of elements remembered
UNKNOWN = 0.5  # what names tell that the model has not met
WORD = 6  # columns: a word of a wide script and what would divide it from the next
_WORD = re.compile(r"\w+")
# Columns of `_own` that neighbours and likes are told by.
SIZE, LINKED, PROSE, STOP, TAG, HEADING = 0, 1, 2, 3, 9, 10


class Names:
    """What names of tags and classes tell: of each the share of the text below it that is an article's."""

    def __init__(self, shares: Mapping[str, float]) -> None:
        self.shares = shares
        self.told = lru_cache(MET)(self._told)  # elements of one kind have the same names

    def _told(self, tag: str, names: str) -> tuple[float, float] | None:
        """Give the least and the most that the known names of an element tell; None where none is known."""
        known = [self.shares[name] for name in names_of(tag, names) if name in self.shares]
        return (min(known), max(known)) if known else None


def names_of(tag: str, names: str) -> list[str]:
    """Give the names by which an element is known: its tag, its classes, its id."""
    return [f"<{tag}>", *names.split()]


def features(page: Blocks, shape: Outline, title: str, names: Names) -> Floats:
    """Give one row of figures for each block (at least one) of a page with that title."""
    own = _own(page, shape, title)
    of = np.array([element for _, element, _ in page.blocks])
    parents = np.array([element[0] for element in page.elements])
    return np.concatenate(
        [
            own,
            _tree(page, shape, own, (of, parents)),
            _named(page, names)[of],
            _likes(page, own, (of, parents)),
            _around(own),
            _place(own),
        ],
        axis=1,
        dtype=np.float32,
    )


def _own(page: Blocks, shape: Outline, title: str) -> Floats:
    """Give what a block's own text and tag say."""
    wanted = set(_WORD.findall(title.lower()))
    times = Counter([text for text, _, _ in page.blocks])
    tags = [element[1] for element in page.elements]
    rows: list[tuple[float, ...]] = []
    for (text, element, linked), prose in zip(page.blocks, shape.prose, strict=True):
        size, columns, tag = len(text), width(text), tags[element]
        words = text.count(" ") + 1 + (columns - size) // WORD  # wide scripts do not divide words
        alike = _likeness(text.lower(), wanted) if size < 200 else 0.0  # longer than titles are
        rows.append(
            (
                columns,
                linked / size if linked < size else 1.0,
                prose,
                ends_in_stop(text),
                words,
                columns / words,
                text.count(",") / words,
                times[text],
                alike,
                TAGS.get(tag, OTHER),
                tag in HEADINGS,
            )
        )
    own = np.array(rows, dtype=np.float32)
    own[:, SIZE] = np.log1p(own[:, SIZE])
    return own


def _likeness(text: str, wanted: set[str]) -> float:
    """Give the share of the words of a text and a title that both have."""
    for word in wanted:
        if word in text:
            found = set(_WORD.findall(text))
            return len(found & wanted) / len(found | wanted)
    return 0.0


def _tree(page: Blocks, shape: Outline, own: Floats, of_parents: Above) -> Floats:
    """Give where a block stands beside the article's element, and what the elements above it hold.

    An element's descendants are numbered after it without a gap, so sums below it are differences of
    running sums.
    """
    of, parents = of_parents
    count = len(page.elements)
    sizes = np.expm1(own[:, SIZE])
    begins, ends = np.arange(count), np.array(page.last)
    held = []
    for weights in (sizes, sizes * own[:, LINKED], sizes * own[:, PROSE], np.ones(len(of))):
        running = np.concatenate([[0.0], np.cumsum(np.bincount(of, weights, count))])
        held.append(running[ends] - running[begins])
    text, linked, prose, blocks = held
    shares = np.stack(
        [text / max(text[0], 1), linked / np.maximum(text, 1), prose / max(prose[0], 1), blocks], axis=1
    )
    depth = np.array(shape.depth)
    marked = np.array([part.confidence if part else 0 for part in shape.marks])
    own_mark = np.array([element[3] is not None for element in page.elements])
    columns = [depth[of], depth[of] - depth[shape.article], np.array(shape.within), marked[of], own_mark[of]]
    levels, level = [], of
    for _ in range(LEVELS):
        levels.append(shares[level])
        level = parents[level]
    return np.concatenate([np.stack(columns, axis=1), *levels], axis=1)


def _named(page: Blocks, names: Names) -> Floats:
    """Give per element what the nearest known names tell, and all above it: the least and the most of each."""
    told = [(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)]
    for parent, tag, kinds, _, _ in page.elements[1:]:
        above, own = told[parent], names.told(tag, kinds)
        if own:
            least, most = own
            told.append((least, most, min(above[2], least), max(above[3], most)))
        else:
            told.append(above)
    return np.array(told, dtype=np.float32)


def _likes(page: Blocks, own: Floats, of_parents: Above) -> Floats:
    """Give of the blocks with the same tags and names, own and parent's: how many, how long, how linked."""
    of, parents = of_parents
    numbers: dict[tuple[str, str], int] = {}
    kinds = np.array([numbers.setdefault((tag, names), len(numbers)) for _, tag, names, _, _ in page.elements])
    _, index = np.unique(kinds[of] * len(kinds) + kinds[parents[of]], return_inverse=True)
    count = np.bincount(index)
    means = [(np.bincount(index, own[:, column]) / count)[index] for column in (SIZE, LINKED, PROSE)]
    return np.stack([np.log1p(count)[index], *means], axis=1)


def _around(own: Floats) -> Floats:
    """Give the two neighbours on each side, and means over 3 and 8 blocks on each side."""
    base = own[:, [SIZE, LINKED, PROSE, STOP, HEADING]]
    count = len(base)
    padded = np.pad(base, ((2, 2), (0, 0)))
    columns: list[Floats] = [padded[2 + shift : 2 + shift + count] for shift in (-2, -1, 1, 2)]
    sums = np.pad(np.cumsum(base, axis=0), ((1, 0), (0, 0)))
    at = np.arange(count)
    for reach in (3, 8):
        for first, last in ((np.maximum(at - reach, 0), at), (at + 1, np.minimum(at + 1 + reach, count))):
            wide = np.maximum(last - first, 1)[:, None].astype(np.float32)
            columns.append((sums[last] - sums[np.minimum(first, last)]) / wide)
    return np.concatenate(columns, axis=1)


def _place(own: Floats) -> Floats:
    """Give the place on the page: of all blocks, of its prose, from the prose and headline next to it."""
    count = len(own)
    at = np.arange(count)
    is_prose = own[:, PROSE] > 0
    prose = np.cumsum(np.expm1(own[:, SIZE]) * is_prose)
    before = at - np.maximum.accumulate(np.where(is_prose, at, -FAR))
    after = np.minimum.accumulate(np.where(is_prose, at, count + FAR)[::-1])[::-1] - at
    headlines = np.flatnonzero(own[:, TAG] == TAGS["h1"])
    headline = np.clip(at - headlines[0], -FAR + 1, FAR - 1) if len(headlines) else np.full(count, FAR)
    places = [at / count, prose / max(prose[-1], 1), np.minimum(before, FAR), np.minimum(after, FAR), headline]
    return np.stack(places, axis=1)
