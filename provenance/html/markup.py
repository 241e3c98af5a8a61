"""What is done to markup before any parser sees it, so that parsing takes time linear in its length.

Parsers follow the standard, and the standard has quadratic corners: each tag looks at all elements that are
open, each attribute at all those before it. No page made to be read comes near the bounds set here.
"""

from __future__ import annotations

import re
from itertools import islice

UNCLOSED = 5_000  # elements never closed: fewer cannot nest deep enough to matter
DEEPEST = 500  # browsers stop at 512
ATTRIBUTES, MANY = 200, 600  # of one element: so many are kept where there are many
LONGEST_END = 20  # code points: more than those of "</textarea"
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)[^<>]*>")
# The attributes of a tag, in pieces: names and values, what is between them, quoted values. Possessive, as are
# those below, so that each tag is looked at once.
_PIECE = r"""(?:[^\s/>=]++|[\s/]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)"""
_CROWDED = re.compile(rf"<[a-zA-Z](?:{_PIECE}{{2000,}}+|{_PIECE}*+)")  # 2,000 pieces: 700 attributes or more
# A tag as most are, found twice as fast: at most 24 quoted values, and 20 names before each of them.
_USUAL = r"""<[a-zA-Z](?:[^<>"'=]{0,40}+(?<![\s/])="[^"]*+"){0,24}+[^<>"'=]{0,40}+>"""
_UNCROWDED = re.compile(rf"(?:[^<]++|</|{_USUAL}|<(?![a-zA-Z])|<[a-zA-Z]{_PIECE}{{0,1999}}+(?=>|\Z))*+")
_ATTRIBUTE = re.compile(r"""[\s/]*+[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+|[\s/=]++""")
_END = re.compile(r"(?:--|</[a-zA-Z]+\s*)\Z")
_HOLDING = ("title", "textarea", "style", "script", "xmp", "iframe")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Elements without an end tag, or with one that may be left out.
_NOT_COUNTED = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track"),
    *("wbr", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "optgroup", "rp"),
    *("rt", "html", "head", "body", "colgroup", "caption"),
}


def strays(page: str) -> int:
    """Give how many tags are opened and never closed, at least."""
    return page.count("<") - page.count(">")


def unended(page: str) -> list[tuple[int, int]]:
    """Give where tags stand that are never closed, of elements that hold text as it is: here, all the rest."""
    lowered = page.lower()
    if len(lowered) != len(page):  # some letters have no lower case of one code point
        lowered = "".join(map(_lower, page))
    found = []
    for name in _HOLDING:
        begun = lowered.find(f"<{name}", lowered.rfind(f"</{name}") + 1)
        end = lowered.find(">", begun)
        if begun >= 0 and end >= 0 and lowered[begun + len(name) + 1] in " \t\n\r\f/>":
            found.append((begun, end + 1))
    return found


def _lower(letter: str) -> str:
    return letter.lower() if letter.isascii() else letter


def opened(page: str) -> str:
    """Give a page without the tags of elements, and the beginning of a comment, that never end."""
    for begun, end in sorted(unended(page), reverse=True):
        page = page[:begun] + page[end:]
    begun = page.find("<!--", page.rfind("-->") + 1)
    return page if begun < 0 else page[:begun] + page[begun + len("<!--") :]


def presentable(page: str) -> str:
    """Give a page without lone surrogates, which no parser takes: they stand for U+FFFD."""
    return _SURROGATE.sub("\ufffd", page)


def uncrowded(page: str) -> str:
    """Give a page with at most `ATTRIBUTES` attributes in a tag that has very many; mostly itself."""
    usual = _UNCROWDED.match(page)
    if usual and usual.end() == len(page):
        return page
    return _CROWDED.sub(_first_attributes, page)


def _first_attributes(tag: re.Match[str]) -> str:
    ends = [part.end() for part in islice(_ATTRIBUTE.finditer(tag[0], 1), MANY + 1)]
    if len(ends) <= MANY:
        return tag[0]
    # What looks like a tag in a script or comment may reach its end, which must stay.
    end = _END.search(tag[0], max(0, len(tag[0]) - LONGEST_END))
    return f"{tag[0][: ends[ATTRIBUTES]]} {end[0] if end else ''}"


def shallow(page: str) -> str:
    """Give a page with no element deeper than `DEEPEST`, line breaks in place of the tags; mostly itself."""
    tags = page.count("<")
    if tags <= UNCLOSED or tags - page.count("</") <= UNCLOSED:
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
