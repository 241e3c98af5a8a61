"""Where a block recurs says what it is: the table that cleaning and provenance share.

| a block recurs in | few documents of each publisher | many documents of a publisher |
|---|---|---|
| one publisher | original | house boilerplate |
| two or more | reuse | common boilerplate |

A publisher is who the record names, else the registered domain of the document's address, else unknown;
unknown publishers are never taken for one.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from publicsuffixlist import PublicSuffixList

Spread = Literal["original", "house_boilerplate", "reuse", "common_boilerplate"]

FEWEST = 3  # documents: a block met twice may be a follow-up or a correction
REVISED = 0.6  # share of the shorter document's text that two revisions of one article have in common
REMEMBERED = 32  # articles that a block is looked up in when revisions are sought: bounds the work
_DIGITS = re.compile(r"\d+")


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


def recurring(documents: Sequence[Blocks]) -> list[dict[str, int]]:
    """Give, for each document, its blocks that are boilerplate of its publisher, with how often it has them.

    Revisions of one article by its own publisher count once. Documents of unknown publishers have none.
    """
    by_publisher: dict[str, list[int]] = defaultdict(list)
    for number, document in enumerate(documents):
        if document.publisher is not None:
            by_publisher[document.publisher].append(number)
    found: list[dict[str, int]] = [{} for _ in documents]
    for numbers in by_publisher.values():
        articles = _articles([set(documents[number].keys) for number in numbers])
        many = many_of(len(set(articles)))
        holders: dict[str, set[int]] = defaultdict(set)
        for number, article in zip(numbers, articles, strict=True):
            for key in documents[number].keys:
                holders[key].add(article)
        for number in numbers:
            counts = {key: len(holders[key]) for key in documents[number].keys}
            found[number] = {
                key: count for key, count in counts.items() if spread({0: count}, {0: many}) != "original"
            }
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
    """Fold a block for comparison: lower case, white space as one, every number as 0; "" without a letter."""
    folded = " ".join(_DIGITS.sub("0", text.casefold()).split())
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
