"""Pages: the visible text in blocks, what of it the page's markup tells from the article, and metadata."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from provenance.html.blocks import Blocks, read_shown
from provenance.html.content import parts
from provenance.html.markup import shallow, uncrowded
from provenance.html.metadata import Metadata
from provenance.html.place import width
from provenance.html.tree import lenient, read_tree, soup_nodes, tokens
from provenance.model import Removal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bs4 import BeautifulSoup

    from provenance.html.tree import Token

__all__ = ["Page", "decoded", "read_page"]

MORE = 2  # times: what another parser must show to be preferred
SCANT = 500  # code points of text: fewer, where the markup has
UNSAID = 4  # times as many, may be only what one parser sees
NOTICE = 80  # code points: what asks to turn scripts on is shorter
ALIKE = 0.5  # share of the words of title and headline that both have
TELLING = 3  # words of a headline that stand in the title with others around them
TITLED = 18  # columns of one in a script that does not divide words
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Page:
    """A page's visible text, one block a line; `removals` are what its markup says is not the article."""

    text: str
    removals: tuple[Removal, ...] = ()
    title: str | None = None
    author: str | None = None
    published: str | None = None
    publisher: str | None = None
    url: str | None = None
    language: str | None = None
    flags: tuple[str, ...] = ()


def read_page(page: str | bytes | BeautifulSoup) -> Page:
    """Read a page, given as markup or as a Beautiful Soup tree; raises TypeError for anything else.

    Bytes are decoded with Beautiful Soup's detector. What scripts, styles, templates and hidden elements
    hold is not part of the text, unless hardly anything else is there. Any markup can be read.
    """
    if isinstance(page, bytes):
        page = decoded(page)
    if not isinstance(page, str):
        if not hasattr(page, "contents") or not hasattr(page, "attrs"):
            raise TypeError(f"a page is a str, bytes or a Beautiful Soup tree, not {type(page).__name__}")
        return _page(list(tokens(soup_nodes(page))))
    bounded = shallow(uncrowded(page))
    flags = () if len(bounded) == len(page) else ("deep_nesting",)
    read, swallowed = read_tree(bounded)
    found = _page(read)
    if swallowed or len(found.text) < min(SCANT, len(bounded) // UNSAID):
        other = _page(list(tokens(soup_nodes(lenient(bounded)))))
        if len(other.text) > max(NOTICE, MORE * len(found.text)):
            found, flags = other, (*flags, "parsers_differ")
    if page.strip() and not found.text:
        flags = (*flags, "nothing_visible")
    return replace(found, flags=(*found.flags, *flags))


def decoded(data: bytes) -> str:
    """Give a page's markup from its bytes, by what it says of its encoding, or by how they look."""
    from bs4.dammit import UnicodeDammit  # noqa: PLC0415 (str needs no decoding)

    return UnicodeDammit(data, is_html=True).unicode_markup or data.decode("utf-8", "replace")


def _page(read: Sequence[Token]) -> Page:
    about = Metadata().read(read)
    page, hiding = read_shown(read)
    text = "\n".join(block.text for block in page.blocks)
    headline = _headline(page, about.title)
    return Page(
        text,
        tuple(_removals(page, text, about.title or "", headline)),
        about.title if headline is None else page.blocks[headline].text,
        about.author,
        about.published,
        about.publisher,
        about.url,
        about.language,
        ("hidden_text",) if hiding else ("hidden_passage",) if page.passages else (),
    )


def _headline(page: Blocks, title: str | None) -> int | None:
    """Give the number of the block that is the headline: a first-level heading like the title, or the only one.

    Titles carry what is meant for lists of search results: the site's name, a year, a shorter wording. So the
    headline stands for the title, and is the article's even where nothing around it is.
    """
    wanted = _words(title or "")
    shown = [n for n, block in enumerate(page.blocks) if page.elements[block.element].tag == "h1"]
    for number in shown:
        text = page.blocks[number].text
        words = _words(text)
        telling = len(words) >= TELLING or width(text) >= max(TITLED, 2 * len(text))
        if len(words & wanted) >= ALIKE * len(words | wanted) or (telling and words <= wanted):
            return number
    return shown[0] if len(shown) == 1 and not title else None


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _removals(page: Blocks, text: str, title: str, headline: int | None) -> Iterator[Removal]:
    """Give what the markup tells from the article, one removal for the blocks in a row of one rule."""
    at = 0
    found = (None if number == headline else part for number, part in enumerate(parts(page, title)))
    for part, group in groupby(zip(page.blocks, found, strict=True), key=lambda pair: pair[1]):
        end = min(len(text), at + sum(len(block.text) + 1 for block, _ in group))
        if part:
            yield Removal(at, end, text[at:end], part.reason, part.rule, part.confidence)
        at = end
