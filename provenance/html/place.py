"""Where a page's article stands: the element that holds its prose and the short sentences beside it.

Not every paragraph is long: obituaries, live blogs and interviews put one long one among many short, and some
scripts need few code points for a sentence. So short sentences count with the prose, a paragraph is never
taken for the article it stands in, and what the page itself calls its article is believed.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING

from provenance.rules.reading import ends_in_stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.html.blocks import Block, Blocks

MOST = 0.8  # share of the prose that the article's element holds
SENTENCE = 20  # columns: a shorter line ending in a stop may be a label or a button
LISTED = frozenset({"li", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "figcaption"})  # no paragraphs
TEXT_LEVEL = LISTED | {"p", "blockquote", "pre", "br", "hr", "ul", "ol", "dl", "figure"}
DECLARED = ("article", "articleBody", "main")  # tags, and what itemprop names, in the order in which they count
_WIDE = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORTH = 3  # columns: a character of a wide script says about as much as three of an alphabet


def article_element(page: Blocks, prose: Sequence[int], trusted: Sequence[bool]) -> int:
    """Give the number of the article's element; of a page without prose or sentences, 0.

    `prose` gives for each block its size where it is prose, else 0; `trusted` whether it is in no marked part.
    """
    told = [
        width(block.text) if here and (size or _is_sentence(page, block)) else 0
        for block, size, here in zip(page.blocks, prose, trusted, strict=True)
    ]
    held = sums(page, told)
    smallest = max((n for n, size in enumerate(held) if held[0] and size >= MOST * held[0]), default=0)
    return _declared(page, _container(page, smallest, held))


def width(text: str) -> int:
    """Give a text's length in columns of an alphabet, so that scripts compare."""
    return len(text) if text.isascii() else len(text) + (_WORTH - 1) * len(_WIDE.findall(text))


def sums(page: Blocks, sizes: Sequence[int]) -> list[int]:
    """Give the sum of the blocks' sizes in each element and all below it.

    What is below an element is numbered after it without a gap, so a sum is a difference of running sums.
    """
    own = [0] * len(page.elements)
    for block, size in zip(page.blocks, sizes, strict=True):
        own[block.element] += size
    running = [0, *accumulate(own)]
    return [running[last] - running[number] for number, last in enumerate(page.last)]


def _is_sentence(page: Blocks, block: Block) -> bool:
    return (
        ends_in_stop(block.text)
        and block.linked < 0.5 * len(block.text)
        and page.elements[block.element].tag not in LISTED
        and width(block.text) >= SENTENCE
    )


def _container(page: Blocks, number: int, held: Sequence[int]) -> int:
    """Climb from a paragraph, or one of a row of posts, to the element that holds its neighbours too."""
    while number and (page.elements[number].tag in TEXT_LEVEL or _is_one_of_many(page, number, held)):
        number = page.elements[number].parent
    return number


def _is_one_of_many(page: Blocks, number: int, held: Sequence[int]) -> bool:
    """Say whether elements of the same class beside this one hold sentences, as the posts of a live blog do."""
    own = page.elements[number]
    kind = own.names.split()[:1]
    if not kind:
        return False
    other = own.parent + 1
    while other < page.last[own.parent]:
        if other != number and held[other] and page.elements[other].names.split()[:1] == kind:
            return True
        other = page.last[other]
    return False


def _declared(page: Blocks, number: int) -> int:
    """Give the element around this one that the page calls its article; this one if it names none, or several."""
    around: dict[str, list[int]] = {}
    above = number
    while above:
        element = page.elements[above]
        around.setdefault("articleBody" if element.body else element.tag, []).append(above)
        above = element.parent
    named = next((around[kind] for kind in DECLARED if kind in around), [])
    return named[0] if len(named) == 1 else number
