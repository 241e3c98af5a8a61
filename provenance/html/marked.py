"""A page's blocks with what their markup says of how they are written: links, lists, tables, line breaks.

The blocks are those of `read_page`, by the same reader, so that a line of a cleaned page's source is known by its
number. Only what is to be written anew asks for more than their text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from provenance.html.blocks import Reader, is_unveiled, read_by
from provenance.html.markup import shallow, uncrowded
from provenance.html.metadata import Metadata
from provenance.html.tags import CELL
from provenance.html.tree import whole_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.html.blocks import Block, Element, Scope
    from provenance.html.tags import Tag

WIDEST = 20  # columns that one cell takes, at most
_NUMBER = re.compile(r"-?[0-9]{1,9}\Z")
# What ends an address in Markdown, or is no part of one. A colon before the first slash makes a scheme.
_ODD = re.compile(r"[\x00-\x20\x7f()<>\\]")
_SCHEME = re.compile(r"[^/?#]*?:")
_FOLLOWED = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)


class Cell(NamedTuple):
    """A place in a table: the element that is the row, the column, and whether it heads others."""

    row: int
    column: int
    heads: bool


class Run(NamedTuple):
    """Text as it stands in a block, where it leads if it is linked, and the last cell that began before it."""

    text: str
    address: str | None
    cell: Cell | None


class Marks(NamedTuple):
    """How a block is written: its runs, and whether only a line break divides it from the block before.

    `line` is the line itself where it is preformatted, with those above it that are empty.
    """

    runs: Sequence[Run]
    broken: bool
    line: str | None


@dataclass(frozen=True, slots=True)
class Marked:
    """A page's blocks, their elements, the marks of each block, and the numbers of list items that have one."""

    blocks: Sequence[Block]
    elements: Sequence[Element]
    marks: Sequence[Marks]
    numbers: dict[int, int]


def read_marked(page: str, address: str = "", *, leniently: bool = False) -> Marked:
    """Read a page's blocks with their marks; links are resolved against its base and the page's `address`.

    `leniently` for a page of which `read_page` says that parsers differ.
    """
    tokens = whole_tokens(shallow(uncrowded(page)), leniently=leniently)
    reader = read_by(_Marking, tokens)
    if is_unveiled(reader.page):
        reader = read_by(_Marking, tokens, everything=True)
    base = Metadata().read(tokens).base(address)
    marks = [
        one._replace(runs=[run._replace(address=_address(base, run.address or "")) for run in one.runs])
        for one in reader.marks
    ]
    return Marked(reader.page.blocks, reader.page.elements, marks, reader.numbers)


def _address(base: str, href: str) -> str | None:
    """Give where a link leads, as Markdown can hold it; None where that is a script or a place in the page."""
    href = href.strip()
    if not href or href[0] == "#" or (_SCHEME.match(href) and not _FOLLOWED.match(href)):
        return None
    try:
        whole = urljoin(base, href)
    except ValueError:  # brackets that hold no address
        whole = href
    return _ODD.sub(lambda found: f"%{ord(found[0]):02X}", whole)


class _Marking(Reader):
    """A reader that notes beside each block how it is written."""

    def __init__(self, everything: bool, veiled: frozenset[str]) -> None:
        super().__init__(everything, veiled)
        self.marks: list[Marks] = []
        self.numbers: dict[int, int] = {}
        self.runs: list[Run] = []
        self.items: dict[int, int] = {}  # by list, the number of its next item
        self.cell: Cell | None = None
        self.columns: dict[int, int] = {}  # by row
        self.breaks: list[str] = []  # tags of blocks that began since the last text
        self.broken = False

    def text(self, scope: Scope, text: str) -> None:
        """Add a text, and note where it leads."""
        super().text(scope, text)
        if self.pieces and self.pieces[-1] is text:
            if self.breaks:
                self.broken = self.breaks == ["br"] and self._goes_on(scope[0])
                self.breaks = []
            link = scope[1]
            self.runs.append(Run(text, link.said.get("href") if link else None, self.cell))

    def _goes_on(self, element: int) -> bool:
        return bool(self.page.blocks) and self.page.blocks[-1].element == element

    def within(self, scope: Scope, tag: Tag) -> Scope:
        """Note the cells, list items and line breaks that begin."""
        elements = len(self.page.elements)
        found = super().within(scope, tag)
        if found[0] < 0:
            return found
        if tag.how == CELL:
            self._begin_cell(scope[0], tag)
        elif len(self.page.elements) > elements:
            self.breaks.append(tag.name)
            if tag.name == "tr":
                self.cell = None
            elif tag.name == "ol":
                self.items[elements] = _number(tag, "start", 1)
            elif tag.name == "li" and scope[0] in self.items:
                self.numbers[elements] = _number(tag, "value", self.items[scope[0]])
                self.items[scope[0]] = self.numbers[elements] + 1
        return found

    def _begin_cell(self, row: int, tag: Tag) -> None:
        column = self.columns.get(row, 0)
        self.columns[row] = column + min(WIDEST, max(1, _number(tag, "colspan", 1)))
        self.cell = Cell(row, column, tag.name == "th")

    def flush(self) -> None:
        """End the block so far with its marks: of preformatted text each line is a block."""
        known = len(self.page.blocks)
        whole = "".join(self.pieces)
        super().flush()
        runs, self.runs = self.runs, []
        count = len(self.page.blocks) - known
        lines = _lines(whole) if self.pre else [None] * count
        self.marks += [Marks(runs, self.broken, line) for line in lines]
        self.broken = False


def _lines(whole: str) -> list[str | None]:
    """Give the lines that hold something, each with the empty ones above it."""
    found: list[str | None] = []
    empty = 0
    for line in whole.splitlines():
        if line.strip():
            found.append("\n" * empty * bool(found) + line.rstrip())
            empty = -1
        empty += 1
    return found


def _number(tag: Tag, name: str, default: int) -> int:
    said = (tag.said.get(name) or "").strip()
    return int(said) if _NUMBER.match(said) else default
