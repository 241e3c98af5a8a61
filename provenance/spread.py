"""Where a block recurs says what it is.

| a block recurs in | few documents of each publisher | many documents of a publisher |
|---|---|---|
| one publisher | original | house boilerplate |
| two or more | reuse | common boilerplate |

Cleaning takes a block only from the documents of publishers that have it in many: what is boilerplate in one
house may be reuse in another, and reuse is never taken out as boilerplate. So text that each of a hundred
publishers has once stays, though it may be a notice that all of them print; `common_boilerplate` says that
a publisher's own boilerplate is met elsewhere too.

A publisher is who the record names, else the registered domain of the document's address, else unknown;
unknown publishers are never taken for one.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlsplit

from provenance.rules.reading import ends_in_stop

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from publicsuffixlist import PublicSuffixList

Spread = Literal["original", "house_boilerplate", "reuse", "common_boilerplate"]

FEWEST = 3  # documents: a block met twice may be a follow-up or a correction
REVISED = 0.6  # share of the shorter document's text that two revisions of one article have in common
REMEMBERED = 32  # articles that a block is looked up in when revisions are sought: bounds the work
COUNTED = 6  # words: a longer line with a number says something of it
_NUMBER = re.compile(r"\d[\d.,:/%\-]*")


class Repeated(NamedTuple):
    """A block that is boilerplate of a publisher: in how many of its articles, and whether in others' too."""

    articles: int
    kind: Spread


@dataclass(frozen=True, slots=True)
class Blocks:
    """A document as the blocks it is made of, each by its key (`block_key`), and its publisher if known."""

    publisher: str | None
    keys: Sequence[str]


def spread(documents: Mapping[Hashable, int], many: Mapping[Hashable, int]) -> Spread:
    """Class a block by the documents of each publisher that hold it, and what is many for each.

    >>> spread({"a": 1, "b": 1}, {"a": 3, "b": 3})
    'reuse'
    >>> spread({"a": 5}, {"a": 3})
    'house_boilerplate'
    """
    crowded = sum(count >= many[publisher] for publisher, count in documents.items())
    if len(documents) > 1:
        return "common_boilerplate" if crowded else "reuse"
    return "house_boilerplate" if crowded else "original"


def many_of(documents: int) -> int:
    """Say how many of a publisher's documents are many: it grows with the root, as chance repetition does."""
    return max(FEWEST, math.isqrt(documents))


def recurring(documents: Sequence[Blocks]) -> list[dict[str, Repeated]]:
    """Give, for each document, its blocks that are boilerplate of its publisher, with how often it has them.

    Revisions of one article by its own publisher count once. Documents of unknown publishers have none.
    """
    by_publisher: dict[str, list[int]] = defaultdict(list)
    for number, document in enumerate(documents):
        if document.publisher is not None:
            by_publisher[document.publisher].append(number)
    found: list[dict[str, Repeated]] = [{} for _ in documents]
    many: dict[Hashable, int] = {}
    holders: dict[str, dict[Hashable, set[int]]] = defaultdict(lambda: defaultdict(set))
    for publisher, numbers in by_publisher.items():
        articles = _articles([set(documents[number].keys) for number in numbers])
        many[publisher] = many_of(len(set(articles)))
        for number, article in zip(numbers, articles, strict=True):
            for key in documents[number].keys:
                holders[key][publisher].add(article)
    for blocks, repeated in zip(documents, found, strict=True):
        for key in blocks.keys if blocks.publisher is not None else ():
            counts = {house: len(holding) for house, holding in holders[key].items()}
            if counts[blocks.publisher] >= many[blocks.publisher]:
                repeated[key] = Repeated(counts[blocks.publisher], spread(counts, many))
    return found


def _articles(documents: Sequence[set[str]]) -> list[int]:
    """Give each document of one publisher the number of the first document it is a revision of."""
    article: list[int] = []
    holders: dict[str, list[int]] = defaultdict(list)
    sizes = [sum(map(len, keys)) for keys in documents]
    for number, keys in enumerate(documents):
        common: Counter[int] = Counter()
        for key in keys:
            for other in holders[key][:REMEMBERED]:
                common[other] += len(key)
        best, shared = max(common.items(), key=lambda item: (item[1], -item[0]), default=(number, 0))
        is_revision = shared > REVISED * min(sizes[number], sizes[best])
        article.append(article[best] if is_revision else number)
        if not is_revision:
            for key in keys:
                holders[key].append(number)
    return article


def block_key(text: str) -> str:
    """Fold a block for comparison: lower case, white space as one; "" without a letter.

    The number of a short line that counts something is folded too ("10 min read", "Page 3"). Sentences, and
    lines with more numbers or with amounts, are data: those that differ in a number say different things.
    """
    folded = " ".join(text.casefold().split())
    numbers = _NUMBER.findall(folded)
    if len(numbers) == 1 and numbers[0].isdigit() and len(folded.split()) <= COUNTED and not ends_in_stop(folded):
        folded = folded.replace(numbers[0], "0")
    return folded if any(char.isalpha() for char in folded) else ""


def publisher_of(name: str | None, url: str | None) -> str | None:
    """Give what publishers are told apart by: the name, else the registered domain of the address."""
    if name and name.strip():
        return " ".join(name.casefold().split())
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return _suffixes().privatesuffix(host) if host else None


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 (reads a list of 10,000 lines)

    return PublicSuffixList()
