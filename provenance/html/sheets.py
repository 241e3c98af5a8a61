"""Which classes a page's own style sheets hide: a rule for one class that keeps its elements from being seen.

Style sheets are not applied: selectors of more than a class, sheets of other files and what scripts do are not
seen. Where any rule may show a class again, it is not believed to hide, nor is a class that a sheet too long to
be read names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from provenance.html.hints import hides

if TYPE_CHECKING:
    from collections.abc import Iterable

LONG = 8_000  # code points of a sheet: longer ones are a site's whole dress, and reading them takes time
MOST = 24_000  # code points of the sheets that are read
FEW = 50  # classes that are looked for in the sheets that are not read
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_SHOWS = re.compile(
    r"(?<![\w-])(?:display|visibility|opacity|font-size|left|text-indent|color)\s*:", re.IGNORECASE
)


def hidden_classes(sheets: Iterable[str]) -> frozenset[str]:
    """Give the classes that the sheets of a page hide wherever they stand and never show."""
    short: list[str] = []
    rest: list[str] = []
    read = 0
    for sheet in sheets:
        is_read = len(sheet) <= LONG and read < MOST
        (short if is_read else rest).append(sheet)
        read += len(sheet) * is_read
    hidden = _hidden("".join(short))
    if rest and len(hidden) > FEW:
        return frozenset()
    return frozenset(name for name in hidden if not any(f".{name}" in sheet for sheet in rest))


def _hidden(text: str) -> frozenset[str]:
    """Give the classes that rules hide and no rule shows."""
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
