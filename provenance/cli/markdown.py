"""A cleaned document as Markdown: headings, lists, quotations, tables, preformatted text, line breaks and links.

A cleaned page's source has a line for each of its blocks, so the page is read once more for what those are, and
the lines that are left are written as such: in the block quotes and list items that they stand in, by CommonMark,
and tables as GitHub's dialect has them.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.html.marked import Marked, Run
    from provenance.model import Cleaned

HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
TITLED = 5  # blocks among which a heading of the first level is the title
DEEPEST = 6  # quotations and list items within each other that are written
LONGEST_CELL = 300  # code points: a cell that holds more lays out a page

_INLINE = re.compile(r"([\\`*_\[\]<~]|&(?=#?\w{1,32};))")
_LEADING = re.compile(r"^(?:[#>+\-=]|\d{1,9}(?=[.)](?:\s|$)))")
_TICKS = re.compile("`{3,}")


class Container(NamedTuple):
    """A quotation or list item: its element, what it puts before its first line and before the others."""

    element: int
    first: str
    then: str


class Unit(NamedTuple):
    """Lines that belong together, and what they stand in, the outermost first."""

    within: tuple[Container, ...]
    lines: Sequence[str]


def markdown(cleaned: Cleaned, page: str | None = None, title: str | None = None) -> str:
    """Give a cleaned text as Markdown, the title above it where the text does not begin with one.

    `page` is the markup that it was cleaned from; without one, lines are paragraphs where no blank line
    divides them. Characters that Markdown would read as markup are escaped.
    """
    units = _from_page(cleaned, page) if page is not None else None
    units = list(_from_text(cleaned.text)) if units is None else units
    title = " ".join((title or cleaned.title or "").split())
    if title and not any(unit.lines[0].startswith("# ") for unit in units[:TITLED]):
        units.insert(0, Unit((), [f"# {_inline(title)}"]))
    return "".join(_joined(units))


def _joined(units: Iterable[Unit]) -> Iterator[str]:
    """Write units with an empty line between them, but none where a list goes on with its next item."""
    before: Unit | None = None
    begun: set[int] = set()
    for unit in units:
        if before is not None:
            yield from () if _follows(before, unit, begun) else _empty(before, unit)
        for number, line in enumerate(unit.lines):
            prefix = "".join(
                one.first if not number and one.element not in begun else one.then for one in unit.within
            )
            yield f"{prefix}{line}".rstrip() + "\n"
        begun.update(one.element for one in unit.within)
        before = unit


def _follows(before: Unit, unit: Unit, begun: set[int]) -> bool:
    """Say whether a unit begins the next item of a list, or the first of one within the item before it."""
    last = unit.within[-1] if unit.within else None
    if last is None or last.element in begun or last.first == last.then or not before.within:
        return False
    outer = unit.within[:-1]
    # In the midst of a paragraph only a bullet or the number one begins a list.
    begins = before.within == outer and last.first in ("- ", "1. ")
    return begins or (before.within[: len(outer)] == outer and _alike(before.within[len(outer) :], last))


def _alike(inner: Sequence[Container], item: Container) -> bool:
    """Say whether what was written stands in an item of the same kind of list."""
    return bool(inner) and inner[0].first != inner[0].then and (inner[0].first == "- ") == (item.first == "- ")


def _empty(before: Unit, unit: Unit) -> Iterator[str]:
    """Give the empty line between two units, in what holds both."""
    both = [one for one, other in zip(before.within, unit.within, strict=False) if one == other]
    yield "".join(one.then for one in both).rstrip() + "\n"


def _from_text(text: str) -> Iterator[Unit]:
    paragraphs = re.split(r"\n\s*\n", text.strip())
    if len(paragraphs) == 1:
        paragraphs = text.splitlines()
    for paragraph in paragraphs:
        lines = [_escaped(line.strip()) for line in paragraph.splitlines() if line.strip()]
        if lines:  # a line's end is a line's end: verses, addresses
            yield Unit((), _broken(lines))


def _broken(lines: Sequence[str]) -> list[str]:
    return [f"{line}\\" for line in lines[:-1]] + [lines[-1]]


# --- pages ------------------------------------------------------------------------------------------------


class Place(NamedTuple):
    """What a block stands in: the nearest heading, table and preformatted text, 0 where none; and containers."""

    heading: str
    table: int
    row: int
    pre: int
    within: tuple[Container, ...]


def _from_page(cleaned: Cleaned, page: str) -> list[Unit] | None:
    """Give the units of a cleaned page; None where the page is not what was cleaned."""
    from provenance.html.marked import read_marked  # noqa: PLC0415 (most runs write no Markdown)

    marked = read_marked(page, cleaned.url or "", leniently="parsers_differ" in cleaned.flags)
    if "\n".join(block.text for block in marked.blocks) != cleaned.source:
        return None
    kept = _kept(cleaned, marked)
    if " ".join(marked.blocks[number].text for number in kept).split() != cleaned.text.split():
        return None
    places = {number: _place(marked, marked.blocks[number].element) for number in kept}
    units: list[Unit] = []
    for (pre, table), group in groupby(kept, lambda number: (places[number].pre, _table(places[number]))):
        numbers = list(group)
        rows = _rows(marked, numbers, places) if table and not pre else []
        if pre:
            units.append(Unit(places[numbers[0]].within, _fenced([marked.marks[n].line or "" for n in numbers])))
        elif rows:
            units.append(Unit(places[numbers[0]].within, rows))
        else:
            units += _paragraphs(marked, numbers, places)
    return units


def _kept(cleaned: Cleaned, marked: Marked) -> list[int]:
    """Give the numbers of the blocks that no removal touches."""
    gone = iter([*((one.start, one.end) for one in cleaned.removals), (len(cleaned.source) + 1,) * 2])
    first, last = next(gone)
    at, kept = 0, []
    for number, block in enumerate(marked.blocks):
        end = at + len(block.text)
        while last <= at:
            first, last = next(gone)
        if end <= first:
            kept.append(number)
        at = end + 1
    return kept


def _place(marked: Marked, element: int) -> Place:
    heading, table, row, pre = "", 0, 0, 0
    within: list[Container] = []
    while element:
        above, tag = marked.elements[element].parent, marked.elements[element].tag
        if tag in HEADINGS:
            heading = heading or tag
        elif tag == "table":
            table = table or element
        elif tag == "tr":
            row = row or (0 if table else element)
        elif tag == "pre":
            pre = pre or element
        elif tag == "blockquote":
            within.append(Container(element, "> ", "> "))
        elif tag == "li":
            number = marked.numbers.get(element, -1)
            mark = f"{number}. " if number >= 0 else "- "
            within.append(Container(element, mark, " " * len(mark)))
        element = above
    return Place(heading, table, row, pre, tuple(within[:DEEPEST][::-1]))


def _table(place: Place) -> int:
    return place.table if place.row else 0


def _paragraphs(marked: Marked, numbers: Sequence[int], places: dict[int, Place]) -> Iterator[Unit]:
    lines: list[str] = []
    before = numbers[0]
    for number in numbers:
        text = _LEADING.sub(_mark, _written(marked.marks[number].runs))
        if lines and not (marked.marks[number].broken and number - 1 in places):
            yield _paragraph(places[before], lines)
            lines = []
        before = number
        lines.append(text)
    yield _paragraph(places[before], lines)


def _paragraph(place: Place, lines: Sequence[str]) -> Unit:
    if place.heading and not any(one.first != one.then for one in place.within):
        return Unit(place.within, [HEADINGS[place.heading] + " ".join(lines)])
    return Unit(place.within, _broken(lines))


def _fenced(lines: Sequence[str]) -> list[str]:
    """Give preformatted lines in a fence that is longer than any in them."""
    fence = "`" * max([3, *(len(found) + 1 for line in lines for found in _TICKS.findall(line))])
    return [fence, *"\n".join(lines).split("\n"), fence]


def _rows(marked: Marked, numbers: Sequence[int], places: dict[int, Place]) -> list[str]:
    """Give a table's lines; nothing where it is none, but lays out a page."""
    rows: dict[int, dict[int, str]] = {}
    heads: dict[int, bool] = {}
    for number in numbers:
        row = rows.setdefault(places[number].row, {})
        for cell, runs in groupby(marked.marks[number].runs, lambda run: run.cell):
            if cell is None or cell.row != places[number].row or places[number].heading:
                return []
            heads[cell.row] = heads.get(cell.row, True) and cell.heads
            text = _written(list(runs)).replace("|", "\\|")
            row[cell.column] = f"{row.get(cell.column, '')} {text}".strip()
    longest = max(len(cell) for row in rows.values() for cell in row.values())
    if longest > LONGEST_CELL or max(map(len, rows.values())) < 2:
        return []
    width = 1 + max(column for row in rows.values() for column in row)
    lines = ["| " + " | ".join(row.get(column, "") for column in range(width)) + " |" for row in rows.values()]
    head = [] if heads[next(iter(rows))] else ["|" + " |" * width]
    return [*head, *lines[: 1 - len(head)], "|" + " --- |" * width, *lines[1 - len(head) :]]


def _written(runs: Sequence[Run]) -> str:
    """Write runs of text, the linked ones as links, white space folded."""
    pieces: list[str] = []
    spaced, before = False, None
    for (address, cell), group in groupby(runs, lambda run: (run.address, run.cell)):
        text = "".join(run.text for run in group)
        words = _inline(" ".join(text.split()))
        spaced = spaced or text[0].isspace() or cell != before
        if words:
            pieces.append(" " * (spaced and bool(pieces)) + (f"[{words}]({address})" if address else words))
            spaced = text[-1].isspace()
        before = cell
    return "".join(pieces)


def _escaped(text: str) -> str:
    return _LEADING.sub(_mark, _inline(text))


def _inline(text: str) -> str:
    return _INLINE.sub(r"\\\1", text)


def _mark(found: re.Match[str]) -> str:
    mark = found.group()
    return f"{mark}\\" if mark[-1].isdigit() else f"\\{mark}"
