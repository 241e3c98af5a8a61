"""A page's visible text as blocks: a paragraph, heading, list item or table row each, with where it stood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.html.hints import INLINE, UNSEEN, Part, is_hidden, part_of_page
from provenance.html.tree import End, Event, Start

if TYPE_CHECKING:
    from collections.abc import Iterable

CELLS = frozenset({"td", "th"})


@dataclass(slots=True)
class Element:
    """An element that may hold blocks: its parent's number, its mark, and up to where its descendants go."""

    parent: int
    tag: str
    part: Part | None
    last: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A run of visible text, white space folded; `linked` counts its code points in links to elsewhere."""

    text: str
    element: int
    linked: int


@dataclass(slots=True)
class Blocks:
    """The blocks of a page and the elements they stand in; `hidden` counts code points not to be seen."""

    blocks: list[Block] = field(default_factory=list)
    elements: list[Element] = field(default_factory=lambda: [Element(0, "", None)])
    hidden: int = 0


def read_blocks(events: Iterable[Event], *, everything: bool = False) -> Blocks:
    """Read a page's events into blocks; elements are numbered in document order, 0 holds them all.

    With `everything`, elements marked as hidden are read like the others.
    """
    reader = _Reader(everything)
    for event in events:
        if isinstance(event, str):
            reader.text(event)
        elif isinstance(event, Start):
            reader.start(event)
        else:
            reader.end(event)
    return reader.finish()


class _Reader:
    """The state of reading: which elements are open, and the text of the block so far."""

    def __init__(self, everything: bool) -> None:
        self.everything = everything
        self.concealed = False
        self.page = Blocks()
        self.open = [0]
        self.pieces: list[str] = []
        self.anchors: list[bool] = []
        self.linked = self.unseen = self.pre = 0

    def start(self, event: Start) -> None:
        tag, attributes = event
        if self.unseen or tag in UNSEEN:
            self.unseen += 1
            return
        if not self.everything and is_hidden(tag, attributes):
            self.unseen, self.concealed = 1, True
            return
        if tag == "a":
            self.anchors.append(not (attributes.get("href") or "#").startswith("#"))
        if tag in CELLS:
            self.pieces.append(" ")
        if tag in INLINE:
            return
        self.flush()
        self.pre += tag == "pre"
        part = part_of_page(tag, attributes)
        self.page.elements.append(Element(self.open[-1], tag, part))
        self.open.append(len(self.page.elements) - 1)

    def end(self, event: End) -> None:
        tag = event.tag
        if self.unseen:
            self.unseen -= 1
            self.concealed = self.concealed and self.unseen > 0
            return
        if tag == "a" and self.anchors:
            self.anchors.pop()
        if tag in CELLS:
            self.pieces.append(" ")
        if tag in INLINE:
            return
        self.flush()
        self.pre -= tag == "pre"
        self.page.elements[self.open.pop()].last = len(self.page.elements)

    def text(self, text: str) -> None:
        if self.unseen:
            self.page.hidden += len(text.strip()) if self.concealed else 0
            return
        self.pieces.append(text)
        if self.anchors and self.anchors[-1]:
            self.linked += len(text.strip())

    def flush(self) -> None:
        whole = "".join(self.pieces)
        self.pieces.clear()
        linked, self.linked = self.linked, 0
        texts = whole.splitlines() if self.pre else [whole]
        for text in texts:
            folded = " ".join(text.split())
            if folded:
                self.page.blocks.append(Block(folded, self.open[-1], linked))

    def finish(self) -> Blocks:
        self.flush()
        self.page.elements[0].last = len(self.page.elements)
        return self.page
