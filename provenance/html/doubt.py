"""How unlike an article a block must be before the model alone may take it from the page.

The model learned from pages in English, and of tables and preformatted text it saw few that were an article's own:
what it says of these is believed where it is surer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from provenance.html.place import DECLARED
from provenance.rules.reading import ends_in_stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.html.blocks import Block, Blocks

USUAL = 0.4  # likelihood: with this the model loses and leaks least
SET_APART = 0.2  # of tables and preformatted text in what the page declares its article
FOREIGN = 0.05  # of sentences in languages that the model did not learn
KINDS = frozenset({"tr", "table", "pre"})
READ = 4_000  # code points of sentences by which a page's language is told
FEWEST = 12  # words: fewer tell no language
ENGLISH = 0.12  # share of words that are among the following: English has twice as many, others a third
_ENGLISH = frozenset("the of and to in a is that for on with was it as at by from be this are have".split())
_WORD = re.compile(r"[^\W\d_]+")
_WIDE = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")  # words are not divided by spaces


def spared(page: Blocks, within: Sequence[bool], likely: Sequence[float]) -> set[int]:
    """Give the numbers of the blocks that the model alone may not take, however `likely` it finds them.

    `within` says of each whether it stands in the article. Blocks that it would not take, or is sure of, are not
    looked at.
    """
    doubtful = [n for n, share in enumerate(likely) if FOREIGN <= share < USUAL]
    apart = [n for n in doubtful if likely[n] >= SET_APART and page.elements[page.blocks[n].element].tag in KINDS]
    declared = _declared(page) if apart else []
    found = {n for n in apart if declared[page.blocks[n].element]}
    sentences = [n for n in doubtful if within[n] and _is_sentence(page.blocks[n])]
    if sentences and not _is_english(page, within):
        found.update(sentences)
    return found


def _declared(page: Blocks) -> list[bool]:
    """Say of each element whether it stands in what the page calls its article or main part."""
    found = [False]
    for element in page.elements[1:]:
        found.append(found[element.parent] or element.body or element.tag in DECLARED)
    return found


def _is_english(page: Blocks, within: Sequence[bool]) -> bool:
    """Say whether an article's sentences are in English; yes where there is too little to tell."""
    told = [block.text for block, here in zip(page.blocks, within, strict=True) if here and _is_sentence(block)]
    text = " ".join(told)[:READ]
    words = _WORD.findall(text.lower())
    if len(words) + len(_WIDE.findall(text)) < FEWEST:
        return True
    return sum(word in _ENGLISH for word in words) >= ENGLISH * len(words)


def _is_sentence(block: Block) -> bool:
    return block.linked < 0.5 * len(block.text) and ends_in_stop(block.text)
