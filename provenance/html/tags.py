"""What a tag says, asked once: elements of one kind have the same tag, on a page and from page to page."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from provenance.html.hints import INLINE, UNSEEN, Part, is_hidden, may_hide, part_of_page

if TYPE_CHECKING:
    from collections.abc import Mapping

# How the text in an element is read: not at all, as part of the block around it, as a link, a cell or a block. An
# end tag ends an element; what is passed over does neither.
NOT_READ, IN_LINE, LINK, CELL, BLOCK, ENDS, PASSED = range(7)
CELLS = frozenset({"td", "th"})
ABOUT_PAGE = frozenset({"meta", "link", "base", "html", "time", "title", "script"})
# Elements whose text stands in markup as it is, and may look like tags.
AS_IT_IS = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes", "plaintext", "noscript"})
VOID = frozenset(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr".split()
)
REMEMBERED, LONGEST = 1 << 12, 500  # tags; code points of one that is remembered
_ATTRIBUTE = re.compile(r' ([^=]++)="([^"]*+)"')
NOTHING: Mapping[str, str | None] = {}


class Tag(NamedTuple):
    """A start tag: its name in lower case, and what its attributes say.

    `said` are the attributes themselves where they may say something about the page, else nothing; `names` are
    those of class and id; `part` is the part of the page it marks, `how` the text in it is read, `hidden` whether
    it is marked as not to be seen, `body` as the article's; `void` whether it never holds anything.
    """

    name: str
    said: Mapping[str, str | None]
    names: str
    part: Part | None
    how: int
    hidden: bool
    body: bool
    void: bool


def tag_of(name: str, attributes: Mapping[str, str | None]) -> Tag:
    """Read a tag of that name, in lower case, with these attributes."""
    how, void = _how(name, attributes), name in VOID
    said = attributes if name in ABOUT_PAGE else NOTHING
    if not attributes:
        part = part_of_page(name, "", None) if how == BLOCK else None
        return Tag(name, said, "", part, how, False, False, void)
    hidden = is_hidden(name, attributes)
    if how != BLOCK:
        return Tag(name, said, attributes.get("class") or "", None, how, hidden, False, void)
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    part = part_of_page(name, names, attributes.get("role"))
    body = "articleBody" in (attributes.get("itemprop") or "").split()
    return Tag(name, said, names, part, how, hidden, body, void)


def whole_tag(name: str, attributes: Mapping[str, str | None]) -> Tag:
    """Read a tag and keep all that it says."""
    return tag_of(name, attributes)._replace(said=attributes)


def _how(name: str, attributes: Mapping[str, str | None]) -> int:
    if name in UNSEEN:
        return NOT_READ
    if name not in INLINE:
        return BLOCK
    if name == "a":
        return IN_LINE if (attributes.get("href") or "#").startswith("#") else LINK
    return CELL if name in CELLS else IN_LINE


END = Tag("/", NOTHING, "", None, ENDS, False, False, True)
SKIPPED = Tag("!", NOTHING, "", None, PASSED, False, False, True)  # comments, declarations, nothing
UNSURE = Tag("?", NOTHING, "", None, PASSED, False, False, True)


def tag_in(markup: str) -> Tag:
    """Read a tag as parsers write it; `UNSURE` where the end of what it holds is not sure."""
    name, blank, rest = markup[1:-1].partition(" ")
    if name[0] in "/!?":
        return END if name[0] == "/" else SKIPPED
    if name in AS_IT_IS:
        return UNSURE
    if not blank or (name in VOID and name in INLINE):  # that holds nothing to be hidden
        return tag_of(name, NOTHING)
    if name == "a" and not may_hide(rest):
        _, found, begin = markup.partition(' href="')
        if not found or begin[0] not in " >":  # else this may be the end of another value
            return _ELSEWHERE if found and begin[0] not in '#"' else _HERE
    attributes = dict(_ATTRIBUTE.findall(markup, len(name) + 1))
    if "&" in rest:
        attributes = {name: plain(value) for name, value in attributes.items()}
    return tag_of(name, attributes)


_HERE = tag_of("a", NOTHING)
_ELSEWHERE = tag_of("a", {"href": "/"})
known_tag = lru_cache(REMEMBERED)(tag_in)  # for those that are not longer than `LONGEST`


def plain(text: str) -> str:
    """Give text or an attribute's value as it was before a parser wrote it as markup."""
    if "&" not in text:
        return text
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    return text.replace("&nbsp;", "\u00a0").replace("&amp;", "&")
