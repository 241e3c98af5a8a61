"""What was removed, gathered by publisher: each passage once, how often it stood, and in which documents."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.report.wording import REASONS, cut, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from provenance.model import Removal
    from provenance.report.pages import Page

TEXT = 400  # code points of a passage that are shown
PLACES = 500  # places listed of one passage
ENTRIES = 5_000  # passages listed, over all publishers

Found = tuple["Page", int, "Removal"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a removed passage stands: the document, and the removal's number in it."""

    document: int
    number: int
    shown: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One passage as it was removed, the same but for spaces and letter case wherever it stood."""

    text: str
    reason: str
    times: int
    documents: int
    places: tuple[Place, ...]

    @property
    def more(self) -> int:
        """How many places are not listed."""
        return self.times - len(self.places)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What was removed from one publisher's documents; `publisher` is None where none is known."""

    publisher: str | None
    removals: int
    documents: int
    entries: tuple[Entry, ...]
    more: int

    @property
    def whole(self) -> bool:
        """Whether every place of every passage is listed."""
        return not self.more and not any(entry.more for entry in self.entries)


def shelves(pages: Iterable[Page], shown_marks: int) -> tuple[Shelf, ...]:
    """Give the publishers, the one with most removals first, each with its passages, the most frequent first.

    `shown_marks` is how many removals of a document shown in full surely have a place to link to.
    """
    by_publisher: dict[str | None, list[Found]] = defaultdict(list)
    for page in pages:
        for number, removal in enumerate(page.row.cleaned.removals, 1):
            by_publisher[page.publisher].append((page, number, removal))
    left = ENTRIES
    shelves = []
    for publisher, found in sorted(by_publisher.items(), key=lambda item: (-len(item[1]), item[0] or "")):
        entries = _entries(found)
        rows = entries[:left]
        left -= len(rows)
        listed = tuple(_entry(places, shown_marks) for places in rows)
        documents = len({page.number for page, _, _ in found})
        shelves.append(Shelf(publisher, len(found), documents, listed, len(entries) - len(rows)))
    return tuple(shelves)


def _entries(found: Iterable[Found]) -> list[list[Found]]:
    """Put together what is the same text removed for the same reason."""
    alike: dict[tuple[str, str], list[Found]] = defaultdict(list)
    for row in found:
        alike[row[2].reason, " ".join(row[2].text.casefold().split())].append(row)
    return sorted(alike.values(), key=lambda rows: (-len(rows), rows[0][2].reason))


def _entry(rows: Sequence[Found], shown_marks: int) -> Entry:
    first = rows[0][2]
    return Entry(
        text=cut(" ".join(first.text.split()), TEXT),
        reason=REASONS.get(first.reason, words(first.reason)),
        times=len(rows),
        documents=len({page.number for page, _, _ in rows}),
        places=tuple(
            Place(page.number, number, page.name.shown and number <= shown_marks)
            for page, number, _ in rows[:PLACES]
        ),
    )
