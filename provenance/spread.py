"""Where a block recurs says what it is.

| a block recurs in | few documents of each publisher | many documents of a publisher |
|---|---|---|
| one publisher | original | house boilerplate |
| two or more | reuse | common boilerplate |

Cleaning takes a block only from the documents of publishers that have it in many: what is boilerplate in one
house may be reuse in another, and reuse is never taken out as boilerplate. So text that each of a hundred
publishers has once stays, though it may be a notice that all of them print; `common_boilerplate` says that
a publisher's own boilerplate is met elsewhere too.

A block is met again where its words are (`frames`): names, dates and counts in it may differ. What belongs to the
articles it stands in is theirs however often it is met (`belonging`).

A publisher is who the record names, else the registered domain of the document's address, else unknown;
unknown publishers are never taken for one.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from publicsuffixlist import PublicSuffixList

Name = TypeVar("Name", bound="Hashable")
Spread = Literal["original", "house_boilerplate", "reuse", "common_boilerplate"]

FEWEST = 3  # documents: a block met twice may be a follow-up or a correction
REVISED = 0.5  # share of the shorter document's text that two revisions of one article have in common
SHARED = 0.4  # a block counts at least its length over this power of how many documents have it
REMEMBERED = 32  # articles that a block is looked up in when revisions are sought: bounds the work


class Repeated(NamedTuple):
    """A block that is boilerplate of a publisher: in how many of its articles, and whether in others' too."""

    articles: int
    kind: Spread


@dataclass(frozen=True, slots=True)
class Blocks:
    """A document as the blocks it is made of, each by its key (`block_key`), and its publisher if known.

    `headings` says of each block whether it stands where a heading does, `removed` whether it was taken out
    before: what is left of its like is taken for boilerplate sooner. Both are empty where that is not known.
    """

    publisher: str | None
    keys: Sequence[str]
    headings: Sequence[bool] = ()
    removed: Sequence[bool] = ()


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was seen before a batch: some documents, and of the others how many, by publisher and block."""

    documents: Sequence[Blocks] = ()
    articles: Mapping[str, int] = field(default_factory=dict)
    holders: Mapping[tuple[str, str], int] = field(default_factory=dict)


def spread(documents: Mapping[Name, int], many: Mapping[Name, int]) -> Spread:
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


def articles_of(documents: Sequence[Mapping[int, int]]) -> list[int]:
    """Give each document of one publisher the number of the first document it is a revision of.

    A document is its blocks by number, each with its length. A revision has most of an article's text. What most
    documents have says less: else short reports above a long footer would be revisions of one another. It says
    something still, for all the documents may be of one article.
    """
    having = Counter(block for blocks in documents for block in blocks)
    weights = {block: max(1 - count / len(documents), count**-SHARED) for block, count in having.items()}
    weighed = [{block: size * weights[block] for block, size in blocks.items()} for blocks in documents]
    sizes = [sum(blocks.values()) for blocks in weighed]
    article: list[int] = []
    holders: dict[int, list[int]] = defaultdict(list)
    for number, blocks in enumerate(weighed):
        common: dict[int, float] = defaultdict(float)
        for block, weight in blocks.items():
            for other in holders[block][:REMEMBERED]:
                common[other] += weight
        best, shared = max(common.items(), key=lambda item: (item[1], -item[0]), default=(number, 0.0))
        is_revision = shared > REVISED * min(sizes[number], sizes[best])
        article.append(article[best] if is_revision else number)
        if not is_revision:
            for block in blocks:
                holders[block].append(number)
    return article


def block_key(text: str) -> str:
    """Fold a block for comparison: lower case, white space as one; "" without a letter."""
    folded = " ".join(text.casefold().split())
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
