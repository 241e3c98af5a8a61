"""A page's visible text as blocks: a paragraph, heading, list item or table row each, with where it stood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from provenance.html.tags import BLOCK, CELL, LINK, NOT_READ

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from provenance.html.hints import Part
    from provenance.html.tags import Tag
    from provenance.html.tree import Node

HIDING = 500  # code points that are not to be seen: more, and more than are, is worth a flag
UNVEILED = 2  # times what is seen: then a script shows the page when it has loaded


class Element(NamedTuple):
    """An element that may hold blocks: its parent's number, its tag, class and id names, and its mark.

    `body` says whether the page declares it the article's body.
    """

    parent: int
    tag: str
    names: str
    part: Part | None
    body: bool = False


class Block(NamedTuple):
    """A run of visible text, white space folded; `linked` counts its code points in links to elsewhere."""

    text: str
    element: int
    linked: int


class Scope(NamedTuple):
    """What holds for the text in an element: the block element it belongs to, and how it is shown."""

    element: int
    linked: bool = False
    pre: bool = False


_NOT_READ, _CONCEALED = Scope(-1), Scope(-2)


@dataclass(slots=True)
class Blocks:
    """The blocks of a page and the elements they stand in, numbered in document order; 0 holds them all.

    `last` gives for each element the number after its last descendant's; `hidden` counts code points not
    to be seen.
    """

    blocks: list[Block] = field(default_factory=list)
    elements: list[Element] = field(default_factory=lambda: [Element(0, "", "", None)])
    last: list[int] = field(default_factory=list)
    hidden: int = 0


def read_blocks(nodes: Iterable[Node], *, everything: bool = False) -> Blocks:
    """Read a page's nodes into blocks; with `everything`, elements marked as hidden are read like the others."""
    reader = _Reader(everything)
    scopes = [Scope(0)]
    for parent, tag, text in nodes:
        scope = scopes[parent]
        if tag is not None:
            scopes.append(scope if scope.element < 0 else reader.element(scope, tag))
        elif scope.element >= 0:
            if text.isspace():  # between elements mostly; it may divide words, but begins no block
                reader.space(text)
            else:
                reader.text(scope, text)
        elif scope is _CONCEALED:
            reader.page.hidden += len(text.strip())
    return reader.finish()


def read_shown(nodes: Sequence[Node]) -> tuple[Blocks, bool]:
    """Read a page as it is shown once loaded, and say whether much of it is marked as hidden."""
    page = read_blocks(nodes)
    shown = sum(len(block.text) for block in page.blocks)
    hiding = page.hidden > max(HIDING, shown)
    if page.hidden > max(HIDING, UNVEILED * shown):
        page = read_blocks(nodes, everything=True)
    return page, hiding


class _Reader:
    """The state of reading: the page so far, and the text of the block so far with the scope it stands in."""

    def __init__(self, everything: bool) -> None:
        self.everything = everything
        self.page = Blocks()
        self.scope = Scope(0)
        self.pieces: list[str] = []
        self.linked = 0

    def element(self, scope: Scope, tag: Tag) -> Scope:
        """Give the scope of an element that begins in another's."""
        how = tag.how
        if how == NOT_READ:
            return _NOT_READ
        if tag.hidden and not self.everything:
            return _CONCEALED
        if how == BLOCK:
            self.flush()
            elements = self.page.elements
            elements.append(Element(scope.element, tag.name, tag.names, tag.part, tag.body))
            return Scope(len(elements) - 1, scope.linked, scope.pre or tag.name == "pre")
        if tag.name == "a":
            return Scope(scope.element, how == LINK, scope.pre)
        if how == CELL:
            self.space(" ")
        return scope

    def space(self, text: str) -> None:
        if self.pieces:
            self.pieces.append(text)

    def text(self, scope: Scope, text: str) -> None:
        if scope.element != self.scope.element:
            self.flush()
        self.scope = scope
        self.pieces.append(text)
        if scope.linked:
            self.linked += len(text.strip())

    def flush(self) -> None:
        if not self.pieces:
            return
        whole = "".join(self.pieces)
        self.pieces.clear()
        linked, self.linked = self.linked, 0
        for text in whole.splitlines() if self.scope.pre else (whole,):
            folded = " ".join(text.split())
            if folded:
                self.page.blocks.append(Block(folded, self.scope.element, linked))

    def finish(self) -> Blocks:
        self.flush()
        elements = self.page.elements
        last = list(range(1, len(elements) + 1))
        for number in range(len(elements) - 1, 0, -1):
            above = elements[number].parent
            last[above] = max(last[above], last[number])
        self.page.last = last
        return self.page
