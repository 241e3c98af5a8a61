"""A page as a stream of events, from whichever parser read it.

The tree comes from lexbor, which parses as browsers do and is twenty times as fast as Beautiful Soup.
Where it fails, or shows next to nothing of a page that has text (an unclosed comment, say), Beautiful Soup
takes over. Both walks are loops, not recursion: pages may nest deeper than Python's stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from selectolax.lexbor import LexborNode

STRAY = 100  # opened and never closed tags: with many, Beautiful Soup's own parser takes quadratic time
_MARKUP = re.compile(r"<[^<>]*>")
_LETTER = re.compile(r"[^\W\d_]")
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
    """Give a page's elements and texts in document order; lone surrogates come out as U+FFFD."""
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # noqa: PLC0415 (C library)

    page = _SURROGATE.sub("\ufffd", page)
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


def letters(page: str) -> int:
    """Count the letters of a page outside its tags, whatever they are part of."""
    return len(_LETTER.findall(_MARKUP.sub(" ", page)))


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
    from bs4 import Comment, Declaration, Doctype, NavigableString, ProcessingInstruction, Tag  # noqa: PLC0415

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
