"""Where a passage stands in a text, by position and by quotation, as the Web Annotation model has it.

Positions count Unicode code points of the text as it was read: nothing is normalised, line ends included. A
position is exact as long as the text stays the same; a quotation with what stands around it is found again when it
has changed elsewhere (https://www.w3.org/TR/annotation-model/#text-quote-selector).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from provenance.model import Span

AROUND = 32  # code points of prefix and of suffix
AGREED = 16  # code points next to a passage by which it is known again in a text that has changed
DISTINCT = 120  # code points of a passage beyond which its own words are enough; shorter ones may be a formula
OCCURRENCES = 10_000  # of a quotation that are looked at; one that stands more often names no place


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage by its words, with what stands before and after it."""

    exact: str
    prefix: str = ""
    suffix: str = ""


def quote(text: str, span: Span) -> Quote:
    """Give the quotation of a span with its surroundings; shorter at the ends of the text."""
    before = text[max(0, span.start - AROUND) : span.start]
    return Quote(text[span.start : span.end], before, text[span.end : span.end + AROUND])


def places(text: str, sought: Quote, near: int | None = None) -> tuple[Span, ...]:
    """Give the spans that fit a quotation best: one, none, or several that nothing tells apart.

    The surroundings decide, then, with `near`, which is nearest to that position. A passage that stands nowhere
    word for word is looked for with other white space, as where line ends were changed.
    """
    if not sought.exact:
        return ()
    found = [(_agreement(text, span, sought), span) for span in _spans(text, sought.exact)]
    best = max((agreement for agreement, _ in found), default=0)
    fitting = [span for agreement, span in found if agreement == best]
    if near is not None and fitting:
        fitting = [min(fitting, key=lambda span: abs(span.start - near))]
    return tuple(fitting)


def known_again(text: str, sought: Quote) -> tuple[Span, ...]:
    """Give the spans of a text that has changed which are the passage sought, and not merely the same words.

    As the same words are said in other places, what stands around them must agree, or they must be many and stand
    there once. Where the passage stood is no help: the text before it may be what has changed.
    """
    found = places(text, sought)
    if len(found) == 1 and _agreement(text, found[0], sought) < AGREED:
        alone = len(sought.exact) > DISTINCT and len(_spans(text, sought.exact)) == 1
        return found if alone else ()
    return found


def _spans(text: str, exact: str) -> list[Span]:
    at = text.find(exact)
    spans: list[Span] = []
    while at >= 0 and len(spans) < OCCURRENCES:
        spans.append(Span(at, at + len(exact)))
        at = text.find(exact, at + 1)
    words = exact.split()
    if spans or not words:
        return spans
    spaced = re.finditer(r"\s+".join(map(re.escape, words)), text)
    return [Span(*found.span()) for found in islice(spaced, OCCURRENCES)]


def _agreement(text: str, span: Span, sought: Quote) -> int:
    """Count the code points next to a span that are those next to the passage sought."""
    before = text[max(0, span.start - len(sought.prefix)) : span.start]
    after = text[span.end : span.end + len(sought.suffix)]
    return _alike(before[::-1], sought.prefix[::-1]) + _alike(after, sought.suffix)


def _alike(one: str, other: str) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
