"""Take from a text what is not the article, and keep a ledger of it.

The rules find lines; this module alone removes, and writes down what it removed. It looks again at what is
left until nothing more is found, because a line's neighbours are evidence: so cleaning a cleaned text
changes nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from provenance.errors import SettingsError
from provenance.html import Page, read_page
from provenance.model import Cleaned, Document, Removal, Span, Strictness
from provenance.rules import Lines, Rule, findings, read
from provenance.spread import Blocks, block_key, publisher_of, recurring

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The least confidence that removes.
LEAST: dict[str, float] = {"safe": 0.93, "balanced": 0.75, "strict": 0.4}
CERTAIN = 0.95  # the least confidence that may take the last line of a text
# Looks after which a text is left as it is: real texts settle in two or three, and without a bound a text
# made to lose one line a look would take quadratic time.
LOOKS = 12
REPEATED = 0.97
HEADING = 60  # code points


def clean(
    text: str, *, html: bool = False, publisher: str | None = None, strictness: Strictness = "balanced"
) -> Cleaned:
    """Give the text of an article without furniture, and what was taken from it.

    With `html`, `text` is a page, and the result's `source` the visible text of it. Offsets count code
    points of `source`. Raises SettingsError for an unknown strictness, and nothing for any text.
    """
    least = _least(strictness)
    page = read_page(text) if html else Page(text)
    removals, settled = _settled(page.text, _sure(page, least), least)
    flags = page.flags if settled else (*page.flags, "unsettled")
    return Cleaned(
        text=_without(page.text, removals),
        source=page.text,
        removals=tuple(removals),
        flags=flags,
        title=page.title,
        publisher=publisher or page.publisher,
        published=page.published,
        url=page.url,
        language=page.language,
    )


def clean_batch(documents: Sequence[Document], *, strictness: Strictness = "balanced") -> list[Cleaned]:
    """Clean documents, and take out the blocks that recur within one publisher of the batch.

    The results are in the order of the documents; each has the document's own publisher, date and address
    where it has them. Raises SettingsError for an unknown strictness.
    """
    least = _least(strictness)
    results = [_documented(document, strictness) for document in documents]
    parts = [list(_blocks(result)) for result in results]
    blocks = [
        Blocks(publisher_of(result.publisher, result.url), [key for _, key in part])
        for result, part in zip(results, parts, strict=True)
    ]
    return [
        _without_repeated(result, part, repeated, least) if repeated else result
        for result, part, repeated in zip(results, parts, recurring(blocks), strict=True)
    ]


def _least(strictness: str) -> float:
    try:
        return LEAST[strictness]
    except KeyError:
        raise SettingsError(f"strictness is one of {', '.join(LEAST)}, not {strictness!r}") from None


def _sure(page: Page, least: float) -> list[Removal]:
    """Give what a page's markup is sure enough of; only what is certain may leave nothing of the page."""
    sure = [removal for removal in page.removals if removal.confidence >= least]
    if sum(removal.end - removal.start for removal in sure) == len(page.text):
        return [removal for removal in sure if removal.confidence >= CERTAIN]
    return sure


def _documented(document: Document, strictness: Strictness) -> Cleaned:
    found = clean(document.text, html=document.html, publisher=document.publisher, strictness=strictness)
    return replace(
        found,
        title=document.title or found.title,
        published=document.published or found.published,
        url=document.url or found.url,
        language=document.language or found.language,
    )


# --- looking until nothing more is found ------------------------------------------------------------------


def _settled(source: str, removals: Sequence[Removal], least: float) -> tuple[list[Removal], bool]:
    """Add to the removals what the rules find, until they find nothing; say whether that came about."""
    found = sorted(removals, key=_start)
    for _ in range(LOOKS):
        kept = _kept(source, found)
        text = "".join(source[span.start : span.end] for span in kept)
        more = list(_look(text, least))
        if not more:
            return found, True
        found = sorted([*found, *_in_source(source, kept, more)], key=_start)
    return sorted(removals, key=_start), False


def _look(text: str, least: float) -> Iterator[Removal]:
    """Find what to remove from a text; only what is certain may leave nothing of it."""
    lines = read(text)
    claims = _claims(lines, least)
    if len(claims) == len(lines):
        claims = _claims(lines, CERTAIN)
    numbers = sorted(claims)
    begin = 0
    for place, number in enumerate(numbers):
        rule, confidence = claims[number]
        after = numbers[place + 1] if place + 1 < len(numbers) else None
        if after == number + 1 and claims[after] == claims[number]:
            continue
        start, end = lines.starts[numbers[begin]], lines.ends[number]
        yield Removal(start, end, text[start:end], rule.reason, rule.name, confidence)
        begin = place + 1


def _claims(lines: Lines, least: float) -> dict[int, tuple[Rule, float]]:
    """Give the lines to remove, each with the first rule that is sure enough of it."""
    claims: dict[int, tuple[Rule, float]] = {}
    for rule, found in findings(lines):
        if found.confidence >= least:
            for number in range(found.first, found.last):
                claims.setdefault(number, (rule, found.confidence))
    return claims


def _in_source(source: str, kept: Sequence[Span], removals: Sequence[Removal]) -> Iterator[Removal]:
    """Give removals of what was left as removals of the source, divided where something went before."""
    begins = list(accumulate((len(span) for span in kept), initial=0))
    for removal in removals:
        piece = bisect_right(begins, removal.start) - 1
        while piece < len(kept) and begins[piece] < removal.end:
            shift = kept[piece].start - begins[piece]
            start = max(removal.start, begins[piece]) + shift
            end = min(removal.end, begins[piece + 1]) + shift
            yield replace(removal, start=start, end=end, text=source[start:end])
            piece += 1


def _kept(source: str, removals: Sequence[Removal]) -> tuple[Span, ...]:
    return Cleaned("", source, tuple(removals)).kept


def _without(source: str, removals: Sequence[Removal]) -> str:
    return "".join(source[span.start : span.end] for span in _kept(source, removals))


def _start(removal: Removal) -> int:
    return removal.start


# --- what recurs within a publisher -----------------------------------------------------------------------


def _blocks(result: Cleaned) -> Iterator[tuple[Span, str]]:
    """Give the lines that were kept of a text, as spans of its source, with their keys.

    Left out are short lines between paragraphs: headings, which a house may use again.
    """
    begun = False
    for span in result.kept:
        lines = read(result.source[span.start : span.end])
        for number, text in enumerate(lines.texts):
            key = block_key(text)
            heading = begun and len(text) <= HEADING and number + 1 < len(lines) and lines.prose[number + 1]
            begun = begun or lines.prose[number]
            if key and not heading:
                yield Span(span.start + lines.starts[number], span.start + lines.ends[number]), key


def _without_repeated(
    result: Cleaned, blocks: Sequence[tuple[Span, str]], repeated: dict[str, int], least: float
) -> Cleaned:
    """Take the repeated blocks out of a cleaned text, unless nothing would be left of it."""
    gone = [span for span, key in blocks if key in repeated]
    if least > REPEATED or len(gone) == len(blocks):
        return result
    more = [
        Removal(span.start, span.end, result.source[span.start : span.end], "repeated_block", "house", REPEATED)
        for span in gone
    ]
    removals = sorted([*result.removals, *more], key=_start)
    return replace(result, removals=tuple(removals), text=_without(result.source, removals))
