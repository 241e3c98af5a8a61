"""A page as a stream of events, from whichever parser read it.

The tree comes from lexbor, which parses as browsers do and is twenty times as fast as Beautiful Soup.
Where it fails, or shows next to nothing of a page that has text (an unclosed comment, say), Beautiful Soup
takes over. Both walks are loops, not recursion: pages may nest deeper than Python's stack.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bs4 import BeautifulSoup
    from selectolax.lexbor import LexborNode

UNCLOSED = 5_000  # elements never closed: fewer cannot nest deep enough to matter
DEEPEST = 500  # browsers stop at 512
STRAY = 100  # opened and never closed tags: with many, Beautiful Soup's own parser takes quadratic time
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)[^<>]*>")
# Elements without an end tag, or with one that may be left out.
_NOT_COUNTED = {
    *(
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ),
    *("p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "optgroup", "rp", "rt"),
    *("html", "head", "body", "colgroup", "caption"),
}
_RAW = ("script", "style", "title", "textarea", "noscript", "template")
_SWALLOWERS = (("<!--", "-->"), *((f"<{tag}", f"</{tag}") for tag in _RAW))
_SURROGATE = re.compile("[\ud800-\udfff]")


class Start(NamedTuple):
    """An element begins."""

    tag: str
    attributes: Mapping[str, str | None]


class End(NamedTuple):
    """The element begun last of those not ended ends."""

    tag: str


Event = Start | End | str
NO_ATTRIBUTES: Mapping[str, str | None] = {}


def events(page: str) -> Iterator[Event]:
    """Give a page's elements and texts in document order; of a page that `presentable` gave."""
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # noqa: PLC0415 (C library)

    try:
        root = LexborHTMLParser(page).root
    except (SelectolaxError, ValueError, RuntimeError):
        root = None
    return _lexbor(root) if root is not None else soup_events(lenient(page))


def lenient(page: str) -> BeautifulSoup:
    """Read a page with Beautiful Soup, which keeps what other parsers drop."""
    from bs4 import BeautifulSoup  # noqa: PLC0415 (most pages need it not)

    orderly = page.count("<") - page.count(">") <= STRAY
    return BeautifulSoup(page, "html.parser" if orderly else "lxml")


def presentable(page: str) -> str:
    """Give a page as parsers take it: without lone surrogates, which stand for U+FFFD."""
    return _SURROGATE.sub("\ufffd", page)


def shallow(page: str) -> str:
    """Give a page with no element deeper than `DEEPEST`, line breaks in place of the tags; mostly itself.

    Parsing takes the square of the depth, by the standard: each tag looks at all that are open.
    """
    if page.count("<") - page.count("</") <= UNCLOSED:
        return page
    depth = 0

    def kept(match: re.Match[str]) -> str:
        nonlocal depth
        if match[2].lower() in _NOT_COUNTED:
            return match[0]
        if match[1]:
            depth = max(0, depth - 1)
            return match[0] if depth < DEEPEST else "<br>"
        depth += 1
        return match[0] if depth <= DEEPEST else "<br>"

    return _TAG.sub(kept, page)


def swallows(page: str) -> bool:
    """Say whether a comment or script that is never closed may have swallowed the rest of a page."""
    folded = page.lower()
    return any(folded.rfind(opened) > folded.rfind(closed) for opened, closed in _SWALLOWERS)


def _lexbor(root: LexborNode) -> Iterator[Event]:
    node: LexborNode | None = root
    opened: list[LexborNode] = []
    while node is not None:
        if node.is_text_node:
            yield node.text_content or ""
        elif node.is_element_node:
            tag = node.tag or ""
            yield Start(tag, node.attributes or NO_ATTRIBUTES)
            below = node.first_child
            if below is not None:
                opened.append(node)
                node = below
                continue
            yield End(tag)
        following = node.next
        while following is None and opened:
            ended = opened.pop()
            yield End(ended.tag or "")
            following = ended.next
        node = following


def soup_events(soup: Any) -> Iterator[Event]:
    """Give the events of a Beautiful Soup tree, or of a part of one."""
    from bs4.element import Comment, Declaration, Doctype, NavigableString, ProcessingInstruction, Tag  # noqa: PLC0415

    stack: list[Any] = [soup]
    while stack:
        node = stack.pop()
        if isinstance(node, End):
            yield node
        elif isinstance(node, Tag):
            if node.name != "[document]":
                yield Start(node.name, {name: _flat(value) for name, value in node.attrs.items()})
                stack.append(End(node.name))
            stack.extend(reversed(node.contents))
        elif isinstance(node, NavigableString) and not isinstance(
            node, (Comment, Declaration, Doctype, ProcessingInstruction)
        ):
            yield str(node)


def _flat(value: Any) -> str | None:
    if value is None:
        return None
    return " ".join(value) if isinstance(value, list) else str(value)
