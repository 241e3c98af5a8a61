"""Take out of cleaned texts what their publishers repeat: a batch's view, where cleaning sees one text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from provenance.model import Cleaned, Removal, Span
from provenance.recurring import recurring
from provenance.rules import read
from provenance.spread import Blocks, Repeated, block_key, publisher_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

REPEATED_AT_LEAST, PER_ARTICLE = 0.93, 0.02  # confidence: the more articles have a block, the surer it is
HEADING = 60  # code points


class _Block(NamedTuple):
    """A kept line: where it stands in the source, its key, and whether it stands where headings do."""

    span: Span
    key: str
    heading: bool


def without_repeated(results: Sequence[Cleaned]) -> list[Cleaned]:
    """Take out of cleaned texts the blocks that recur within one publisher, in the order given.

    Each is a `repeated_block`, its `documents` the publisher's articles that have it. One text, or texts of which
    no publisher is known, are given back as they are; so is a text of which nothing would be left.
    """
    parts = [list(_blocks(result)) for result in results]
    blocks = [
        Blocks(publisher_of(result.publisher, result.url), [b.key for b in part], [b.heading for b in part])
        for result, part in zip(results, parts, strict=True)
    ]
    return [
        _without(result, part, repeated) if repeated else result
        for result, part, repeated in zip(results, parts, recurring(blocks), strict=True)
    ]


def _blocks(result: Cleaned) -> Iterator[_Block]:
    """Give the lines that were kept of a text."""
    begun = False
    for span in result.kept:
        lines = read(result.source[span.start : span.end])
        for number, text in enumerate(lines.texts):
            key = block_key(text)
            heading = begun and len(text) <= HEADING and number + 1 < len(lines) and lines.prose[number + 1]
            begun = begun or lines.prose[number]
            if key:
                yield _Block(Span(span.start + lines.starts[number], span.start + lines.ends[number]), key, heading)


def _without(result: Cleaned, blocks: Sequence[_Block], repeated: Mapping[str, Repeated]) -> Cleaned:
    gone = [(block.span, repeated[block.key]) for block in blocks if block.key in repeated]
    if len(gone) == len(blocks):
        return result
    more = [
        Removal(
            span.start,
            span.end,
            result.source[span.start : span.end],
            "repeated_block",
            found.kind,
            _confidence(found),
            found.articles,
        )
        for span, found in gone
    ]
    removals = tuple(sorted([*result.removals, *more], key=lambda removal: removal.start))
    kept = replace(result, removals=removals).kept
    return replace(
        result, removals=removals, text="".join(result.source[span.start : span.end] for span in kept)
    )


def _confidence(found: Repeated) -> float:
    return round(1 - (1 - REPEATED_AT_LEAST) / (1 + PER_ARTICLE * found.articles), 3)
