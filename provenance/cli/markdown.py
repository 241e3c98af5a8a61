"""A cleaned document as Markdown: what the page's markup says of headings, lists, quotes and links is kept.

A cleaned page's text has a line for each of its blocks. The blocks are looked up in the page by their text: what
a block is called, and where its links lead, is all that is taken from there.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from selectolax.lexbor import LexborNode

    from provenance.model import Cleaned

HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
BLOCKS = (*HEADINGS, "p", "li", "blockquote", "pre", "td", "div")
LISTS = ("ul", "ol")
TITLED = 5  # blocks among which a heading of the first level is the title
DEEPEST = 6  # lists within lists that are indented

_INLINE = re.compile(r"([\\`*_\[\]<])")
_LEADING = re.compile(r"^(?:[#>+\-]|\d{1,9}(?=[.)](?:\s|$)))")


class Look(NamedTuple):
    """How a block of a page is written: what goes before its text, and its links as (text, address)."""

    prefix: str
    links: Sequence[tuple[str, str]]


def markdown(cleaned: Cleaned, page: str | None = None, title: str | None = None) -> str:
    """Give a cleaned text as Markdown, the title above it where the text does not begin with one.

    `page` is the markup that it was cleaned from; without one, lines are paragraphs where no blank line
    divides them. Characters that Markdown would read as markup are escaped.
    """
    blocks = list(_from_page(cleaned.text, page) if page is not None else _from_text(cleaned.text))
    title = " ".join((title or cleaned.title or "").split())
    if title and not any(block.startswith("# ") for block in blocks[:TITLED]):
        blocks.insert(0, f"# {_escaped(title)}")
    return "".join(_joined(blocks))


def _joined(blocks: Sequence[str]) -> Iterator[str]:
    """Put a blank line between blocks, but none between the items of a list."""
    for number, block in enumerate(blocks):
        if number:
            items = all(one.lstrip().startswith("- ") for one in blocks[number - 1 : number + 1])
            yield "\n" if items else "\n\n"
        yield block
    if blocks:
        yield "\n"


def _from_text(text: str) -> Iterator[str]:
    paragraphs = re.split(r"\n\s*\n", text.strip())
    if len(paragraphs) == 1:
        paragraphs = text.splitlines()
    for paragraph in paragraphs:
        lines = [_escaped(line.strip()) for line in paragraph.splitlines() if line.strip()]
        if lines:
            yield "\\\n".join(lines)  # a line's end is a line's end: verses, addresses


def _from_page(text: str, page: str) -> Iterator[str]:
    looks = _looks(page)
    for line in text.splitlines():
        folded = " ".join(line.split())
        if folded:
            found = looks.get(folded)
            look = (found.popleft() if len(found) > 1 else found[0]) if found else Look("", ())
            yield look.prefix + _linked(folded, look.links)


def _looks(page: str) -> dict[str, deque[Look]]:
    """Give, by their text, how the blocks of a page are written, in the order of the page."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 (most runs write no Markdown)

    looks: dict[str, deque[Look]] = defaultdict(deque)
    for node in LexborHTMLParser(page).css(", ".join(BLOCKS)):
        text = " ".join("".join(_own(node)).split())
        prefix = _prefix(node) if text else ""
        links = list(_links(node)) if text else []
        if prefix or links:
            looks[text].append(Look(prefix, links))
    return looks


def _own(node: LexborNode) -> Iterator[str]:
    """Give the pieces of a block's text, without those of blocks and lists inside it."""
    for child in node.iter(include_text=True):
        if child.tag == "-text":
            yield child.text(deep=False)
        elif child.tag not in BLOCKS and child.tag not in LISTS:
            yield from _own(child)


def _links(node: LexborNode) -> Iterator[tuple[str, str]]:
    for link in node.css("a[href]"):
        words, href = " ".join(link.text(deep=True).split()), link.attributes.get("href") or ""
        if words and _leads(href):
            yield words, href


def _leads(href: str) -> bool:
    """Say whether an address leads out of the page, and is one: no script and no mark in the page."""
    return href.startswith(("http://", "https://", "/", "mailto:")) and not re.search(r"[\s<>()]", href)


def _prefix(node: LexborNode) -> str:
    """Give what Markdown writes before a block, by the nearest element that says what it is."""
    depth = 0
    item = quote = False
    at: LexborNode | None = node
    while at is not None and at.tag != "body":
        if at.tag in HEADINGS and not item:
            return HEADINGS[at.tag]
        item = item or at.tag == "li"
        depth += at.tag in LISTS
        quote = quote or at.tag == "blockquote"
        at = at.parent
    return "> " * quote + "  " * min(max(depth - 1, 0), DEEPEST) * item + "- " * item


def _linked(text: str, links: Sequence[tuple[str, str]]) -> str:
    """Write a block's text with its links, each where its words come next."""
    written, at = [], 0
    for words, href in links:
        begin = text.find(words, at)
        if begin >= 0:
            written += [_inline(text[at:begin]), f"[{_inline(words)}]({href})"]
            at = begin + len(words)
    whole = "".join(written) + _inline(text[at:])
    return whole if written and not written[0] else _LEADING.sub(_mark, whole)


def _escaped(text: str) -> str:
    return _LEADING.sub(_mark, _inline(text))


def _inline(text: str) -> str:
    return _INLINE.sub(r"\\\1", text)


def _mark(found: re.Match[str]) -> str:
    mark = found.group()
    return f"{mark}\\" if mark[-1].isdigit() else f"\\{mark}"
