"""Pages: the visible text in blocks, what of it the page's markup tells from the article, and metadata."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from provenance.html.blocks import read_blocks
from provenance.html.content import parts
from provenance.html.metadata import Metadata
from provenance.html.tree import Event, events, lenient, letters, soup_events
from provenance.model import Removal

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

__all__ = ["Page", "read_page"]

SHOWN = 0.02  # share of the letters outside tags: a parser that shows less hides the text
HIDING = 500  # code points that are not to be seen: more, and more than are, is worth a flag


@dataclass(frozen=True, slots=True)
class Page:
    """A page's visible text, one block a line; `removals` are what its markup says is not the article."""

    text: str
    removals: tuple[Removal, ...] = ()
    title: str | None = None
    published: str | None = None
    publisher: str | None = None
    url: str | None = None
    language: str | None = None
    flags: tuple[str, ...] = ()


def read_page(page: str | bytes | BeautifulSoup) -> Page:
    """Read a page, given as markup or as a Beautiful Soup tree; never raises for any markup.

    Bytes are decoded with Beautiful Soup's detector. What scripts, styles, templates and hidden elements
    hold is not part of the text.
    """
    if isinstance(page, bytes):
        page = _decoded(page)
    if not isinstance(page, str):
        return _page(soup_events(page))
    found = _page(events(page))
    if len(found.text) < SHOWN * len(page) and len(found.text) < SHOWN * letters(page):
        other = _page(soup_events(lenient(page)))
        if len(other.text) > 2 * len(found.text):
            return other
    return found


def _decoded(data: bytes) -> str:
    from bs4.dammit import UnicodeDammit  # noqa: PLC0415 (str needs no decoding)

    return UnicodeDammit(data, is_html=True).unicode_markup or data.decode("utf-8", "replace")


def _page(page_events: Iterable[Event]) -> Page:
    about = Metadata()
    page = read_blocks(about.watch(page_events))
    text = "\n".join(block.text for block in page.blocks)
    removals = []
    at = 0
    for part, group in groupby(zip(page.blocks, parts(page), strict=True), key=lambda pair: pair[1]):
        end = min(len(text), at + sum(len(block.text) + 1 for block, _ in group))
        if part:
            removals.append(Removal(at, end, text[at:end], part.reason, part.rule, part.confidence))
        at = end
    hiding = page.hidden > max(HIDING, len(text))
    return Page(
        text,
        tuple(removals),
        about.title,
        about.published,
        about.publisher,
        about.url,
        about.language,
        ("hidden_text",) if hiding else (),
    )
