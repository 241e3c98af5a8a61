"""Which of a page's blocks are the article: the element that holds its prose, less its marked parts.

The article stands in the element that `place` finds, and between the headline and that element. What lies
outside it, and what marks of tag, role or class, or its links, tell from the article inside it, is found here,
not removed.
"""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from provenance.html.doubt import USUAL, spared
from provenance.html.hints import Part
from provenance.html.place import article_element, sums
from provenance.rules.reading import is_prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from provenance.html.blocks import Block, Blocks

TOO_MUCH = 0.4  # share of the prose: a marked part that holds more is the article, marked wrongly
TOGETHER = 0.5  # share of the prose: the same of all the elements that one rule marks
LINKED = 0.95  # share of a block's text inside links: more is a menu, a list of teasers or of tags
TEASERS = 3  # linked paragraphs or list items next to each other: fewer may be the article's own
DOUBTFUL = 0.4  # share of the text outside the article: with more, the article may have been missed
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
IN_TEXT = frozenset({"p", "li", "dd", "dt", "tr", "blockquote"})
OUTSIDE = Part("dom_outside", "page_furniture", 0.85)
UNSURE = Part("dom_outside", "page_furniture", 0.7)
LINKS = Part("dom_links", "navigation", 0.8)
UNLIKE = Part("dom_unlike", "page_furniture", 0.75)  # only the model tells it from the article
FEW = 20  # blocks: the model judges a block by the others
# The likelihood below which a block is not the article with that confidence; .4 loses and leaks least. Above that,
# only what rules propose goes at all: short paragraphs may be as unlike what the model learned from.
SURE = ((0.01, 0.97), (0.05, 0.93), (0.15, 0.85), (0.4, 0.75), (0.6, 0.45))


class Outline(NamedTuple):
    """Where the article stands: its element; each element's depth and mark; each block's place and kind."""

    article: int
    depth: Sequence[int]
    marks: Sequence[Part | None]
    within: Sequence[bool]
    prose: Sequence[bool]


def outline(page: Blocks) -> Outline:
    """Find the article's element by the prose it holds."""
    prose = [block.linked < 0.5 * len(block.text) and is_prose(block.text) for block in page.blocks]
    sizes = [len(block.text) * here for block, here in zip(page.blocks, prose, strict=True)]
    marks = _marks(page, sizes)
    unmarked = [0 if marks[block.element] else size for block, size in zip(page.blocks, sizes, strict=True)]
    article = article_element(page, unmarked, [not marks[block.element] for block in page.blocks])
    depth = [0]
    for element in page.elements[1:]:
        depth.append(depth[element.parent] + 1)
    return Outline(article, depth, marks, _within(page, article, unmarked), prose)


def parts(page: Blocks, title: str = "") -> Iterator[Part | None]:
    """Give for each block the part of the page it is, None for the article.

    Rules propose what it is. Where there are blocks enough to compare, the model says how sure that is.
    """
    shape = outline(page)
    proposed = _proposed(page, shape)
    if len(page.blocks) < FEW:
        yield from proposed
        return
    from provenance.html.likelihood import likelihoods  # noqa: PLC0415 (numpy)

    judged = likelihoods(page, shape, title)
    doubtful = spared(page, shape.within, judged)
    for number, (part, likely) in enumerate(zip(proposed, judged, strict=True)):
        confidence = next((confidence for least, confidence in SURE if likely < least), 0)
        found = part or (UNLIKE if likely < USUAL and number not in doubtful else None)
        yield found._replace(confidence=confidence) if found and confidence else None


def _proposed(page: Blocks, shape: Outline) -> Iterator[Part | None]:
    outside = _outside(page, shape.within, shape.marks)
    linked = _linked(page)
    for number, block in enumerate(page.blocks):
        if shape.marks[block.element]:
            yield shape.marks[block.element]
        elif not shape.within[number]:
            yield outside
        else:
            yield LINKS if linked[number] else None


def _within(page: Blocks, article: int, prose: Sequence[int]) -> list[bool]:
    """Say of each block whether it stands in the article's element, or between the headline and it.

    A disclaimer may be longer than the article it stands under, in an element of its own.
    """
    within = [article <= block.element < page.last[article] or _tag(page, block) == "h1" for block in page.blocks]
    first = next((n for n, b in enumerate(page.blocks) if article <= b.element < page.last[article]), 0)
    headline = max((n for n in range(first) if _tag(page, page.blocks[n]) == "h1"), default=first)
    if any(prose[headline:first]):
        within[headline:first] = [True] * (first - headline)
    return within


def _outside(page: Blocks, within: Sequence[bool], marks: Sequence[Part | None]) -> Part:
    """Give what blocks outside are: less surely furniture where they hold much of the text that is not linked."""
    sizes = [0 if marks[block.element] else max(0, len(block.text) - block.linked) for block in page.blocks]
    far = sum(size for size, here in zip(sizes, within, strict=True) if not here)
    return UNSURE if far > DOUBTFUL * sum(sizes) else OUTSIDE


def _linked(page: Blocks) -> list[bool]:
    """Say of each block whether it is a link among links, and no heading."""
    whole = [
        block.linked >= LINKED * len(block.text) and not is_prose(block.text) and _tag(page, block) not in HEADINGS
        for block in page.blocks
    ]
    row = [0, *accumulate(whole)]
    last = len(whole)
    return [
        is_link
        and (
            _tag(page, page.blocks[number]) not in IN_TEXT
            or row[min(last, number + TEASERS)] - row[max(0, number - TEASERS + 1)] >= TEASERS
        )
        for number, is_link in enumerate(whole)
    ]


def _tag(page: Blocks, block: Block) -> str:
    return page.elements[block.element].tag


def _marks(page: Blocks, prose: Sequence[int]) -> list[Part | None]:
    """Give each element's own mark or the nearest above it.

    Marks are not believed on an element that holds much of the prose, nor a rule's marks at all where
    together they hold much of it: then the word means something else on this site.
    """
    held = sums(page, prose)
    distrusted: set[str] = set()
    while True:
        marks: list[Part | None] = []
        taken: Counter[str] = Counter()
        for element, size in zip(page.elements, held, strict=True):
            above = marks[element.parent] if marks else None
            own = element.part if element.part and element.part.rule not in distrusted else None
            if own and size > _allowed(own) * held[0]:
                own = None
            if own and not above:
                taken[own.rule] += size
            marks.append(above or own)
        excessive = {rule for rule, size in taken.items() if size > TOGETHER * held[0] and rule != "dom_comments"}
        if not excessive:
            return marks
        distrusted |= excessive


def _allowed(part: Part) -> float:
    return 0.9 if part.reason == "comments" else TOO_MUCH
