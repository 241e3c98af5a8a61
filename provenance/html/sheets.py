"""Which classes a page's own style sheets hide: a rule for one class that keeps its elements from being seen.

Style sheets are not applied: selectors of more than a class, sheets of other files and what scripts do are not
seen. Where any rule may show a class again, it is not believed to hide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from provenance.html.hints import hides

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 500_000  # code points of style sheets that are read
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_SHOWS = re.compile(
    r"(?<![\w-])(?:display|visibility|opacity|font-size|left|text-indent|color)\s*:", re.IGNORECASE
)


def hidden_classes(sheets: Iterable[str]) -> frozenset[str]:
    """Give the classes that the sheets of a page hide wherever they stand and never show."""
    text = "".join(sheets)[:MOST]
    if "{" not in text:
        return frozenset()
    hidden: set[str] = set()
    shown: set[str] = set()
    depth = 0
    for piece in _COMMENT.sub(" ", text).split("}"):
        opened = piece.count("{")
        depth += opened
        if opened:
            before, _, body = piece.rpartition("{")
            selector = before.rpartition("{")[2]
            hiding = hides(body.strip())
            if hiding and depth == 1:
                hidden.update(found[1] for one in selector.split(",") if (found := _CLASS.fullmatch(one.strip())))
            elif not hiding and _SHOWS.search(body):
                shown.update(_CLASS.findall(selector))
        depth = max(0, depth - 1)
    return frozenset(hidden - shown)
