"""A page as a flat list of texts and tags in document order, from whichever parser read it.

The tree comes from lexbor, which parses as browsers do and is twenty times as fast as Beautiful Soup.
Where it fails, or shows next to nothing of a page that has text (an unclosed comment, say), Beautiful Soup
takes over, and what is never closed is read as if it did not begin. No walk is recursive: pages may nest deeper
than Python's stack.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from provenance.html.markup import opened, presentable, strays
from provenance.html.tags import END, LONGEST, SKIPPED, UNSURE, known_tag, plain, tag_in, tag_of, whole_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from bs4 import BeautifulSoup
    from selectolax.lexbor import LexborHTMLParser

    from provenance.html.tags import Tag

    ReadTag = Callable[[str, Mapping[str, str | None]], Tag]

# A text, and the tag after it: of an element that begins, or `END`, or `SKIPPED`.
Token = tuple[str, "Tag"]
# The number of the element a node stands in (0: none; elements count from 1 in document order); an element's
# tag, or None for text; the text.
Node = tuple[int, "Tag | None", str]

_NO_SCRIPT = re.compile(r"</?(?:noscript|head)(?=[\s/>])[^<>]*>", re.IGNORECASE)
STRAY = 100  # tags without an end: with many, Beautiful Soup's own parser takes quadratic time
_STYLE = tag_of("style", {})
# Elements that hold neither text to be seen nor anything a page says about itself: lexbor drops them unread.
UNREAD = [
    *("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "canvas", "map", "audio"),
    *("video", "select", "datalist", "textarea"),
]
# A start tag, an end tag, a comment or a declaration in markup as a parser writes it: names hold no blank nor "=",
# values no quote, and what looks otherwise is text.
_NAME = r"[^\t\n\f\r />=]"
_MARKUP = re.compile(
    rf'(<(?:[a-z][^\t\n\f\r />]*+(?: {_NAME}++="[^"]*+")*+|/[^>]++|!--.*?--|!DOCTYPE[^>]*+|\?[^>]*+)>)', re.DOTALL
)


def read_tree(page: str) -> tuple[list[Token], bool]:
    """Give a page's tokens, and whether a comment that is never closed may have swallowed many more.

    Scripts that say something about the page, and style sheets, come last.
    """
    tree = _parsed(page)
    if tree is None:
        return list(tokens(soup_nodes(lenient(page)))), False
    swallowed = _swallows(tree, page)
    said = [script for script in tree.tags("script") if "ld+json" in (script.attributes.get("type") or "")]
    unseen = [(tag_of("script", script.attributes), script.text()) for script in said]
    unseen += [(_STYLE, style.text()) for style in tree.tags("style")]
    tree.strip_tags(UNREAD)
    found = written_tokens(tree.html or "") or list(tokens(tree_nodes(tree.root)))
    for tag, text in unseen:
        found += ("", tag), (text, END)
    return found, swallowed


def whole_tokens(page: str, *, leniently: bool = False) -> list[Token]:
    """Give a page's tokens with all that their tags say, leniently as Beautiful Soup reads it.

    To keep attributes costs the memory of tags met before; only a page that is written anew needs them.
    """
    tree = None if leniently else _parsed(page)
    if tree is None:
        return list(tokens(soup_nodes(lenient(page), whole_tag)))
    sheets = [style.text() for style in tree.tags("style")]
    tree.strip_tags(UNREAD)
    found = list(tokens(tree_nodes(tree.root, whole_tag)))
    for sheet in sheets:
        found += ("", _STYLE), (sheet, END)
    return found


def _parsed(page: str) -> LexborHTMLParser | None:
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # noqa: PLC0415 (C library)

    try:
        tree = LexborHTMLParser(page)
    except UnicodeEncodeError:
        return _parsed(presentable(page))
    except (SelectolaxError, ValueError, RuntimeError):
        return None
    return tree if tree.root is not None else None


def lenient(page: str) -> BeautifulSoup:
    """Read a page with Beautiful Soup: what never ends as if it did not begin, and what scripts would hide."""
    from bs4 import BeautifulSoup  # noqa: PLC0415 (most pages need it not)

    page = _NO_SCRIPT.sub(" ", opened(presentable(page)))
    return BeautifulSoup(page, "html.parser" if strays(page) <= STRAY else "lxml")


def written_tokens(markup: str) -> list[Token]:
    """Give the tokens of a tree that a parser wrote as markup; nothing where it can be read in two ways.

    To read markup anew takes a third of the time of walking its tree: a tag is a string that was met before,
    where a tree gives an object for each node, and another for its attributes.
    """
    pieces = _MARKUP.split(markup)
    texts = "\0".join(pieces[::2])
    tags = [known_tag(tag) if len(tag) <= LONGEST else tag_in(tag) for tag in pieces[1::2]]
    if "<" in texts or texts.count("\0") != len(tags) or UNSURE in tags:
        return []
    return list(zip(plain(texts).split("\0"), [*tags, SKIPPED], strict=True))


def tokens(nodes: Iterable[Node]) -> Iterator[Token]:
    """Give the tokens of nodes."""
    begun, count = [0], 0
    for above, tag, text in nodes:
        while begun[-1] != above:
            begun.pop()
            yield "", END
        if tag is None:
            yield text, SKIPPED
        else:
            count += 1
            begun.append(count)
            yield "", tag._replace(void=False)


def tree_nodes(root: Any, tag_of: ReadTag = tag_of) -> Iterator[Node]:
    """Give the nodes of lexbor's tree."""
    numbers: dict[int, int] = {}  # by the element's address: each look at a node gives a new object
    for node in root.traverse(include_text=True):
        tag = node.tag
        if tag == "-text":
            yield numbers.get(node.parent.mem_id, 0), None, node.text_content or ""
        elif tag and tag[0] != "-":  # a comment or declaration, or none
            yield numbers.get(node.parent.mem_id, 0), tag_of(tag, node.attributes), ""
            numbers[node.mem_id] = len(numbers) + 1


def _swallows(tree: LexborHTMLParser, page: str) -> bool:
    """Say whether the last thing in a page's head or body is a comment that never ends."""
    for part in (tree.head, tree.root):
        last = part
        while last is not None and not last.is_comment_node:
            last = last.last_child
        words = (last.comment_content or "").split() if last is not None else ()
        # What is closed is followed by its end; what is not, by the end of the page.
        if words and page.rstrip().endswith(words[-1]):
            return True
    return False


def soup_nodes(soup: Any, tag_of: ReadTag = tag_of) -> Iterator[Node]:
    """Give the nodes of a Beautiful Soup tree, or of a part of one."""
    from bs4.element import Comment, Declaration, Doctype, NavigableString, ProcessingInstruction, Tag  # noqa: PLC0415

    count = 0
    stack: list[tuple[int, Any]] = [(0, soup)]
    while stack:
        above, node = stack.pop()
        if isinstance(node, Tag):
            if node.name != "[document]":
                count += 1
                yield above, tag_of(node.name, {name: _flat(value) for name, value in node.attrs.items()}), ""
            number = count if node.name != "[document]" else above
            stack.extend((number, child) for child in reversed(node.contents))
        elif isinstance(node, NavigableString) and not isinstance(
            node, (Comment, Declaration, Doctype, ProcessingInstruction)
        ):
            yield above, None, str(node)


def _flat(value: Any) -> str | None:
    if value is None:
        return None
    return " ".join(value) if isinstance(value, list) else str(value)
