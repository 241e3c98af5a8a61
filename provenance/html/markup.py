"""What is done to markup before any parser sees it, so that parsing takes time linear in its length.

Parsers follow the standard, and the standard has quadratic corners: each tag looks at all elements that are
open, each attribute at all those before it. No page made to be read comes near the bounds set here.
"""

from __future__ import annotations

import re
from itertools import islice

UNCLOSED = 5_000  # elements never closed: fewer cannot nest deep enough to matter
DEEPEST = 500  # browsers stop at 512
ATTRIBUTES = 200  # of one element, the first of them: so many are kept where there are very many
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)[^<>]*>")
# A tag of 700 attributes or more. Possessive, so that each tag is looked at once.
_CROWDED = re.compile(r"""<[a-zA-Z](?:[^\s/>=]++|[\s/]++|=\s*+(?:"[^"]*+"|'[^']*+')?+){2000,}+""")
_ATTRIBUTE = re.compile(r"""[\s/]*+[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+|[\s/=]++""")
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


def presentable(page: str) -> str:
    """Give a page without lone surrogates, which no parser takes: they stand for U+FFFD."""
    return _SURROGATE.sub("\ufffd", page)


def uncrowded(page: str) -> str:
    """Give a page with at most `ATTRIBUTES` attributes in a tag that has very many; mostly itself."""
    return _CROWDED.sub(_first_attributes, page)


def _first_attributes(crowded: re.Match[str]) -> str:
    tag = crowded[0]
    kept = islice(_ATTRIBUTE.finditer(tag, 1), ATTRIBUTES)
    return tag[: max(part.end() for part in kept)]


def shallow(page: str) -> str:
    """Give a page with no element deeper than `DEEPEST`, line breaks in place of the tags; mostly itself."""
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
