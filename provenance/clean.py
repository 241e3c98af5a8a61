"""Take from a text what is not the article, and keep a ledger of it.

The rules find lines; this module alone removes, and writes down what it removed. It looks again at what is
left until nothing more is found, because a line's neighbours are evidence: so cleaning a cleaned text
changes nothing. A stricter cleaning starts from what the milder one leaves: so it keeps no more.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from provenance.errors import SettingsError
from provenance.html import Page, read_page
from provenance.model import Cleaned, Document, Removal, Span, Strictness
from provenance.rules import Found, Lines, Rule, findings, read
from provenance.spread import Blocks, Repeated, block_key, publisher_of, recurring

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bs4 import BeautifulSoup

# What the rules found in a text, by the text: each strictness looks at the whole again.
Looks = dict[str, tuple[Lines, list[tuple[Rule, Found]]]]
# The least confidence that removes.
LEAST: dict[str, float] = {"safe": 0.93, "balanced": 0.75, "strict": 0.4}
CERTAIN = 0.95  # the least confidence that may take the last line of a text
# Looks at one strictness after which a text is left as the milder one left it: real texts settle in two or
# three, and without a bound a text made to lose one line a look would take quadratic time.
LOOKS = 12
REPEATED_AT_LEAST, PER_ARTICLE = 0.93, 0.02  # confidence: the more articles have a block, the surer it is
HEADING = 60  # code points


def clean(
    text: str | bytes | BeautifulSoup,
    *,
    html: bool = False,
    publisher: str | None = None,
    strictness: Strictness = "balanced",
) -> Cleaned:
    """Give the text of an article without furniture, and what was taken from it.

    With `html`, `text` is a page (as markup, bytes or a Beautiful Soup tree), and the result's `source` the
    visible text of it. Offsets count code points of `source`. Raises SettingsError for an unknown
    strictness, TypeError for what is not a text or page, and nothing for any text.
    """
    least = _least(strictness)
    page = _page(text, html=html)
    removals, settled = _settled(page, least)
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
    _least(strictness)
    results = [_documented(document, strictness) for document in documents]
    parts = [list(_blocks(result)) for result in results]
    blocks = [
        Blocks(publisher_of(result.publisher, result.url), [key for _, key in part])
        for result, part in zip(results, parts, strict=True)
    ]
    return [
        _without_repeated(result, part, repeated) if repeated else result
        for result, part, repeated in zip(results, parts, recurring(blocks), strict=True)
    ]


def _least(strictness: str) -> float:
    try:
        return LEAST[strictness]
    except KeyError:
        raise SettingsError(f"strictness is one of {', '.join(LEAST)}, not {strictness!r}") from None


def _page(text: str | bytes | BeautifulSoup, *, html: bool) -> Page:
    """Read what is to be cleaned; what cannot be read is the caller's mistake, and named."""
    if html:
        return read_page(text)
    if isinstance(text, str):
        return Page(text)
    hint = "; pages in bytes need html=True" if isinstance(text, bytes) else ""
    raise TypeError(f"the text is a str, not {type(text).__name__}{hint}")


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


def _settled(page: Page, least: float) -> tuple[list[Removal], bool]:
    """Find what to remove, at each strictness up to the one asked for; say whether nothing more is found.

    What a stricter look finds in the whole text counts even where a milder one took its evidence away.
    """
    looks: Looks = {}
    found: list[Removal] = []
    for level in sorted((level for level in LEAST.values() if level >= least), reverse=True):
        marked = _sure(page.text, [], page.removals, level)
        whole = _more(page.text, marked, level, looks)
        milder = sorted([*found, *_sure(page.text, found, marked, level)], key=_start)
        start = sorted([*milder, *_sure(page.text, milder, whole, level)], key=_start)
        settled = _looked(page.text, start, level, looks)
        if settled is None:
            return milder, False
        found = settled
    return found, True


def _sure(source: str, found: Sequence[Removal], more: Sequence[Removal], least: float) -> list[Removal]:
    """Give what of more removals is sure enough and was not found before.

    Only what is certain may leave nothing of the source.
    """
    left = _kept(source, found)
    size = sum(map(len, left))
    sure: list[Removal] = []
    for level in (least, CERTAIN):
        sure = [piece for one in more if one.confidence >= level for piece in _pieces(source, left, one)]
        if sum(piece.end - piece.start for piece in sure) < size:
            break
    return sure


def _pieces(source: str, left: Sequence[Span], removal: Removal) -> Iterator[Removal]:
    """Give the parts of a removal that are still there."""
    for span in left[bisect_right(left, removal.start, key=_end) :]:
        if span.start >= removal.end:
            return
        start, end = max(span.start, removal.start), min(span.end, removal.end)
        yield replace(removal, start=start, end=end, text=source[start:end])


def _looked(source: str, found: list[Removal], least: float, looks: Looks) -> list[Removal] | None:
    """Add to the removals what the rules find, until they find nothing; None where that does not come about."""
    for _ in range(LOOKS):
        more = _more(source, found, least, looks)
        if not more:
            return found
        found = sorted([*found, *more], key=_start)
    return None


def _more(source: str, found: Sequence[Removal], least: float, looks: Looks) -> list[Removal]:
    """Give what the rules find in what is left of a source, as removals of the source."""
    kept = _kept(source, found)
    text = "".join(source[span.start : span.end] for span in kept)
    if text not in looks:
        lines = read(text)
        looks[text] = lines, list(findings(lines))
    return list(_in_source(source, kept, list(_look(text, *looks[text], least))))


def _look(text: str, lines: Lines, every: Sequence[tuple[Rule, Found]], least: float) -> Iterator[Removal]:
    """Give what to remove from a text; only what is certain may leave nothing of it."""
    claims: dict[int, tuple[Rule, float]] = {}
    for level in sorted({least, CERTAIN, *(level for level in LEAST.values() if level > least)}):
        claims = _claims(every, level)
        if len(claims) < len(lines):
            break
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


def _claims(every: Sequence[tuple[Rule, Found]], least: float) -> dict[int, tuple[Rule, float]]:
    """Give the lines to remove, each with the first rule that is sure enough of it."""
    claims: dict[int, tuple[Rule, float]] = {}
    for rule, found in every:
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


def _end(span: Span) -> int:
    return span.end


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
    result: Cleaned, blocks: Sequence[tuple[Span, str]], repeated: dict[str, Repeated]
) -> Cleaned:
    """Take the repeated blocks out of a cleaned text, unless nothing would be left of it."""
    gone = [(span, repeated[key]) for span, key in blocks if key in repeated]
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
        )
        for span, found in gone
    ]
    removals = sorted([*result.removals, *more], key=_start)
    return replace(result, removals=tuple(removals), text=_without(result.source, removals))


def _confidence(found: Repeated) -> float:
    return round(1 - (1 - REPEATED_AT_LEAST) / (1 + PER_ARTICLE * found.articles), 3)
