"""A page's visible text as blocks: a paragraph, heading, list item or table row each, with where it stood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from provenance.html.sheets import hidden_classes
from provenance.html.tags import BLOCK, CELL, ENDS, LINK, NOT_READ, PASSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from provenance.html.hints import Part
    from provenance.html.tags import Tag
    from provenance.html.tree import Token

HIDING = 500  # code points that are not to be seen: more, and more than are, is worth a flag
PASSAGE = 6  # words that are not to be seen: fewer are labels for those who listen
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


# What holds for the text in an element: the block element it belongs to, the link it is in, and preformatted.
Scope = tuple[int, "Tag | None", bool]
_NOT_READ, _CONCEALED = -1, -2
AReader = TypeVar("AReader", bound="Reader")


@dataclass(slots=True)
class Blocks:
    """The blocks of a page and the elements they stand in, numbered in document order; 0 holds them all.

    `last` gives for each element the number after its last descendant's; `hidden` counts code points not
    to be seen, `passages` texts of some words among them.
    """

    blocks: list[Block] = field(default_factory=list)
    elements: list[Element] = field(default_factory=lambda: [Element(0, "", "", None)])
    last: list[int] = field(default_factory=list)
    hidden: int = 0
    passages: int = 0


def read_blocks(tokens: Sequence[Token], *, everything: bool = False) -> Blocks:
    """Read a page's tokens into blocks; with `everything`, elements marked as hidden are read like the others."""
    return read_by(Reader, tokens, everything=everything).page


def read_by(kind: type[AReader], tokens: Sequence[Token], *, everything: bool = False) -> AReader:
    """Give the reader that has read a page's tokens."""
    sheets = (
        [] if everything else [tokens[n + 1][0] for n, (_, tag) in enumerate(tokens[:-1]) if tag.name == "style"]
    )
    reader = kind(everything, hidden_classes(sheets))
    reader.read(tokens)
    return reader


def read_shown(tokens: Sequence[Token]) -> tuple[Blocks, bool]:
    """Read a page as it is shown once loaded, and say whether much of it is marked as hidden."""
    page = read_blocks(tokens)
    hiding = page.hidden > max(HIDING, _seen(page))
    return (read_blocks(tokens, everything=True) if is_unveiled(page) else page), hiding


def is_unveiled(page: Blocks) -> bool:
    """Say whether so much of a page is hidden that a script will show it."""
    return page.hidden > max(HIDING, UNVEILED * _seen(page))


def _seen(page: Blocks) -> int:
    return sum(len(block.text) for block in page.blocks)


class Reader:
    """The state of reading: the page so far, and the text of the block so far with the element it stands in."""

    def __init__(self, everything: bool, veiled: frozenset[str]) -> None:
        self.everything, self.veiled = everything, veiled
        self.page = Blocks()
        self.element, self.pre = 0, False
        self.pieces: list[str] = []
        self.linked = 0

    def read(self, tokens: Iterable[Token]) -> Blocks:
        """Read all tokens of a page."""
        above: list[Scope] = []
        scope: Scope = (0, None, False)
        for text, tag in tokens:
            if text:
                self.text(scope, text)
            how = tag.how
            if how == ENDS:
                scope = above.pop()
            elif how != PASSED:
                if not tag.void:
                    above.append(scope)
                if scope[0] >= 0:
                    within = self.within(scope, tag)
                    scope = scope if tag.void else within
        return self.finish()

    def text(self, scope: Scope, text: str) -> None:
        """Add a text to the block that it is of."""
        element, linked, pre = scope
        if element < 0:
            if element == _CONCEALED:
                self.page.hidden += len(text.strip())
                self.page.passages += len(text.split(maxsplit=PASSAGE)) >= PASSAGE
        elif text.isspace():  # between elements mostly; it may divide words, but begins no block
            if self.pieces:
                self.pieces.append(text)
        else:
            if element != self.element and self.pieces:
                self.flush()
            self.element, self.pre = element, pre
            self.pieces.append(text)
            if linked:
                self.linked += len(text.strip())

    def within(self, scope: Scope, tag: Tag) -> Scope:
        """Give the scope of an element that begins in another's."""
        name, _, names, part, how, hidden, body, _ = tag
        if how == NOT_READ:
            return _NOT_READ, None, False
        if not self.everything and (hidden or (self.veiled and self.veils(names))):
            return _CONCEALED, None, False
        element, linked, pre = scope
        if how == BLOCK:
            if self.pieces:
                self.flush()
            elements = self.page.elements
            elements.append(Element(element, name, names, part, body))
            return len(elements) - 1, linked, pre or name == "pre"
        if name == "a":
            return element, tag if how == LINK else None, pre
        if how == CELL and self.pieces:
            self.pieces.append(" ")
        return scope

    def veils(self, names: str) -> bool:
        """Say whether the page's style sheets hide what has these names."""
        return bool(names) and not self.veiled.isdisjoint(names.split())

    def flush(self) -> None:
        """End the block so far."""
        whole = "".join(self.pieces)
        self.pieces.clear()
        linked, self.linked = self.linked, 0
        for text in whole.splitlines() if self.pre else (whole,):
            folded = " ".join(text.split())
            if folded:
                self.page.blocks.append(Block(folded, self.element, linked))

    def finish(self) -> Blocks:
        """End the last block, and find where elements end."""
        if self.pieces:
            self.flush()
        parents = [element[0] for element in self.page.elements]
        last = list(range(1, len(parents) + 1))
        for number in range(len(parents) - 1, 0, -1):
            above = parents[number]
            last[above] = max(last[above], last[number])
        self.page.last = last
        return self.page
