"""Take out of cleaned texts what their publishers repeat: a batch's view, where cleaning sees one text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from provenance.model import Cleaned, Removal, Span
from provenance.recurring import recurring
from provenance.rules import read
from provenance.spread import FEWEST, Blocks, Earlier, Repeated, block_key, publisher_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# What says of texts, each cleaned by itself, what was seen before of their blocks.
Seen: TypeAlias = "Callable[[Sequence[Cleaned], Sequence[Blocks]], Earlier]"
REPEATED_AT_LEAST, PER_ARTICLE = 0.93, 0.02  # confidence: the more articles have a block, the surer it is
HEADING = 60  # code points


class _Block(NamedTuple):
    """A line: where it stands in the source, its key, whether it stands where headings do, and was removed."""

    span: Span
    key: str
    heading: bool
    removed: bool


def without_repeated(results: Sequence[Cleaned], seen: Seen | None = None) -> list[Cleaned]:
    """Take out of cleaned texts the blocks that recur within one publisher, in the order given.

    Each is a `repeated_block`, its `documents` the publisher's articles that have it. One text, or texts of which
    no publisher is known, are given back as they are; so is a text of which nothing would be left. `seen` says of
    texts and their blocks what was seen before of these: it counts as they do.
    """
    if seen is None and len(results) < FEWEST:
        return list(results)
    parts = [_parts(result) for result in results]
    blocks = [_keyed(result, part) for result, part in zip(results, parts, strict=True)]
    earlier = seen(results, blocks) if seen else Earlier()
    if len(results) + len(earlier.documents) < FEWEST:
        return list(results)
    return [
        _without(result, [block for block in part if not block.removed], repeated) if repeated else result
        for result, part, repeated in zip(results, parts, recurring(blocks, earlier), strict=True)
    ]


def every_block(result: Cleaned) -> Blocks:
    """Give the blocks of a cleaned text, with those that were removed: what a batch knows of each of its texts."""
    return _keyed(result, _parts(result))


def _parts(result: Cleaned) -> list[_Block]:
    return sorted([*_kept(result), *_removed(result)], key=_start)


def _start(block: _Block) -> int:
    return block.span.start


def _keyed(result: Cleaned, part: Sequence[_Block]) -> Blocks:
    return Blocks(
        publisher_of(result.publisher, result.url),
        [block.key for block in part],
        [block.heading for block in part],
        [block.removed for block in part],
    )


def _kept(result: Cleaned) -> Iterator[_Block]:
    """Give the lines that were kept of a text; those that stand between paragraphs as headings do are short."""
    begun = False
    for span in result.kept:
        lines = read(result.source[span.start : span.end])
        for number, text in enumerate(lines.texts):
            key = block_key(text)
            heading = begun and len(text) <= HEADING and number + 1 < len(lines) and lines.prose[number + 1]
            begun = begun or lines.prose[number]
            if key:
                start, end = span.start + lines.starts[number], span.start + lines.ends[number]
                yield _Block(Span(start, end), key, heading, removed=False)


def _removed(result: Cleaned) -> Iterator[_Block]:
    """Give the lines that were removed: a rule may know some of a template's instances, and leave others."""
    for removal in result.removals:
        at = removal.start
        for line in removal.text.splitlines(keepends=True):
            key = block_key(line)
            if key:
                yield _Block(Span(at, at + len(line)), key, heading=False, removed=True)
            at += len(line)


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
    return replace(result, removals=removals, text="".join(result.source[span.start : span.end] for span in kept))


def _confidence(found: Repeated) -> float:
    return round(1 - (1 - REPEATED_AT_LEAST) / (1 + PER_ARTICLE * found.articles), 3)
