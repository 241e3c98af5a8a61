"""One document's text in place: cut where a removal, a credit or a matched passage begins or ends."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.model import Cleaned, Credit, Removal, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONG = 20_000  # code points; in longer documents long stretches are shown by their ends
STRETCH = 2_400
MOST = 4_000  # pieces shown of one document
HUES = 6  # colours that tell neighbouring passages apart


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that is looked at in one way.

    `hue` is the colour of the matched passage it is part of, 0 where there is none; `passages` are the numbers of
    the matched passages that begin here; `omitted` is how many code points of the stretch are left out between
    `text` and `tail`.
    """

    text: str
    credit: str | None = None
    hue: int = 0
    passages: tuple[str, ...] = ()
    omitted: int = 0
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A removal, or the kept text between two, as pieces; `number` counts the document's removals from 1."""

    removal: Removal | None
    number: int
    lead: str
    pieces: tuple[Piece, ...]


def segments(
    cleaned: Cleaned, named: Sequence[Credit], passages: Sequence[tuple[Span, str]]
) -> tuple[tuple[Segment, ...], int]:
    """Give the source as segments in order, and how many code points at its end are left out.

    `named` are its credits; `passages` are the spans of matched passages with their numbers, in any order,
    overlapping or not.
    Time grows with the text and with the number of spans, but for one sort.
    """
    marks = _Marks(cleaned.source, named, passages)
    spans = [(span, None, 0) for span in cleaned.kept]
    removed = [(Span(row.start, row.end), row, number) for number, row in enumerate(cleaned.removals, 1)]
    found: list[Segment] = []
    shown = end = 0
    for span, removal, number in sorted([*spans, *removed], key=lambda item: item[0]):
        if shown >= MOST:
            break
        start = span.start
        if removal is not None:  # the label stands where the eye looks for it: after the space before the text
            start += len(removal.text) - len(removal.text.lstrip())
            start = start if start < span.end else span.start
        pieces = tuple(marks.cut(Span(start, span.end), MOST - shown))
        found.append(Segment(removal, number, cleaned.source[span.start : start], pieces))
        shown += len(pieces)
        end = span.end if marks.done else marks.at
    return tuple(found), len(cleaned.source) - end


def hue(number: str) -> int:
    """Give the colour, 1 to HUES, of a passage by its number: that of 3.1 is 1."""
    return (int(number.rpartition(".")[2]) - 1) % HUES + 1


class _Marks:
    """The marks of one text, walked once from its start to its end."""

    def __init__(self, source: str, named: Iterable[Credit], passages: Iterable[tuple[Span, str]]) -> None:
        self.source = source
        self.long = len(source) > LONG
        self.credits = {credit.start: credit for credit in named}
        self.opening: dict[int, list[str]] = defaultdict(list)
        self.closing: dict[int, list[str]] = defaultdict(list)
        for span, number in passages:
            self.opening[span.start].append(number)
            self.closing[span.end].append(number)
        edges = {*self.opening, *self.closing, *self.credits, *(credit.end for credit in self.credits.values())}
        self.edges = sorted(edges)
        self.next = 0
        self.open: dict[str, int] = {}  # the passages begun and not ended, each with its colour
        self.credit: Credit | None = None
        self.at = 0
        self.done = True

    def cut(self, span: Span, most: int) -> list[Piece]:
        """Give at most `most` (1 or more) pieces of a span that begins at or after the end of the last one."""
        found: list[Piece] = []
        self.at = span.start
        while self.at < span.end and len(found) < most:
            starting = self._pass(self.at)
            limit = self.edges[self.next] if self.next < len(self.edges) else span.end
            end = min(limit, span.end)
            outlet = self.credit.outlet if self.credit and self.at < self.credit.end else None
            found.append(self._piece(self.source[self.at : end], outlet, starting))
            self.at = end
        self.done = self.at >= span.end
        return found

    def _pass(self, offset: int) -> tuple[str, ...]:
        """Go over the edges up to and at `offset`; give the passages that begin on the way."""
        starting: list[str] = []
        while self.next < len(self.edges) and self.edges[self.next] <= offset:
            edge = self.edges[self.next]
            for number in self.closing.get(edge, ()):
                self.open.pop(number, None)
            for number in self.opening.get(edge, ()):
                self.open[number] = hue(number)
                starting.append(number)
            self.credit = self.credits.get(edge, self.credit)
            self.next += 1
        return tuple(starting)

    def _piece(self, text: str, outlet: str | None, starting: tuple[str, ...]) -> Piece:
        colour = next(iter(self.open.values()), 0)
        if self.long and len(text) > STRETCH:
            half = STRETCH // 4
            return Piece(text[:half], outlet, colour, starting, len(text) - 2 * half, text[-half:])
        return Piece(text, outlet, colour, starting)
