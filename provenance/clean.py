"""Take from a text what is not the article, and keep a ledger of it.

Rules and the line model find lines, `settle` decides which of them go; this module alone removes, and writes
down what it removed.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.errors import SettingsError
from provenance.house import without_repeated
from provenance.html import Page, read_page
from provenance.model import Cleaned, Document, Removal, Span, Strictness
from provenance.rules import Divided, divided
from provenance.settle import LEAST, Claim, Claims, settled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bs4 import BeautifulSoup

    from provenance.house import Seen


def clean(
    text: str | bytes | BeautifulSoup,
    *,
    html: bool = False,
    publisher: str | None = None,
    title: str | None = None,
    strictness: Strictness = "balanced",
) -> Cleaned:
    """Give the text of an article without furniture, and what was taken from it.

    With `html`, `text` is a page (as markup, bytes or a Beautiful Soup tree), and the result's `source` the
    visible text of it. The first line that is the article's `title`, given here or by the page, stays whatever
    rules and model say of it. Offsets count code points of `source`. Raises SettingsError for an unknown
    strictness, TypeError for what is not a text or page, and nothing for any text.
    """
    _check(strictness)
    page = _page(text, html=html)
    lines = divided(page.text)
    named = title or page.title
    claims, is_settled = settled(lines, _marked(lines, page.removals), strictness, named or "")
    removals = _removals(page.text, lines, claims)
    flags = page.flags if is_settled else (*page.flags, "unsettled")
    return Cleaned(
        text=_without(page.text, removals),
        source=page.text,
        removals=tuple(removals),
        flags=flags,
        title=named,
        publisher=publisher or page.publisher,
        published=page.published,
        url=page.url,
        language=page.language,
        author=page.author,
    )


def clean_batch(
    documents: Sequence[Document],
    *,
    strictness: Strictness = "balanced",
    seen: Seen | None = None,
    done: Callable[[int], None] = lambda _count: None,
) -> list[Cleaned]:
    """Clean documents, and take out the blocks that recur within one publisher of the batch.

    The results are in the order of the documents; each has the document's own publisher, date and address
    where it has them. `seen` says of results and their blocks what was seen before of these: it counts as the
    batch does; `done` is told how many are cleaned. Raises SettingsError for an unknown strictness.
    """
    _check(strictness)
    results = []
    for document in documents:
        results.append(clean_document(document, strictness))
        done(len(results))
    return without_repeated(results, seen)


def _check(strictness: str) -> None:
    if strictness not in LEAST:
        raise SettingsError(f"strictness is one of {', '.join(LEAST)}, not {strictness!r}")


def _page(text: str | bytes | BeautifulSoup, *, html: bool) -> Page:
    """Read what is to be cleaned; what cannot be read is the caller's mistake, and named."""
    if html:
        return read_page(text)
    if isinstance(text, str):
        return Page(text)
    hint = "; pages in bytes need html=True" if isinstance(text, bytes) else ""
    raise TypeError(f"the text is a str, not {type(text).__name__}{hint}")


def clean_document(document: Document, strictness: Strictness = "balanced") -> Cleaned:
    """Clean one document: its own title, date and address stand before those that were found."""
    found = clean(
        document.text,
        html=document.html,
        publisher=document.publisher,
        title=document.title,
        strictness=strictness,
    )
    return replace(
        found,
        published=document.published or found.published,
        url=document.url or found.url,
        language=document.language or found.language,
        author=document.author or found.author,
    )


# --- lines and spans --------------------------------------------------------------------------------------


def _marked(lines: Divided, removals: Sequence[Removal]) -> Claims:
    """Give what the page's markup claims, by line: no line is part of two blocks."""
    marked: Claims = {}
    for removal in removals:
        first, last = (bisect_left(lines.starts, end) for end in (removal.start, removal.end))
        claim = Claim(removal.reason, removal.rule, removal.confidence)
        marked.update(dict.fromkeys(range(first, last), claim))
    return marked


def _removals(text: str, lines: Divided, claims: Claims) -> list[Removal]:
    """Give the lines that go as spans of the text, one for the lines in a row with the same claim."""
    removals: list[Removal] = []
    for first, last in _rows(claims):
        start, end = lines.starts[first], lines.ends[last]
        removals.append(Removal(start, end, text[start:end], *claims[first]))
    return removals


def _rows(claims: Claims) -> Iterator[tuple[int, int]]:
    """Give the first and last number of the lines in a row with the same claim."""
    first = last = -2
    for number in sorted(claims):
        if number != last + 1 or claims[number] != claims[first]:
            if first >= 0:
                yield first, last
            first = number
        last = number
    if first >= 0:
        yield first, last


def _kept(source: str, removals: Sequence[Removal]) -> tuple[Span, ...]:
    return Cleaned("", source, tuple(removals)).kept


def _without(source: str, removals: Sequence[Removal]) -> str:
    return "".join(source[span.start : span.end] for span in _kept(source, removals))


def _start(removal: Removal) -> int:
    return removal.start
