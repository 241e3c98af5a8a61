"""What the report shows, worked out from an audit in time linear in it; the template only lays it out."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from provenance.model import Span
from provenance.report.pages import Page, ReasonLine, choose, page, reasons, title
from provenance.report.pairs import WIDTH, Name, Pair, by_pair, key, name, pair
from provenance.report.verdict import Verdict, verdict
from provenance.report.wording import RELATIONS, percent, sentence, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.model import Cluster, DocumentRelation, Match, Rejected
    from provenance.report.audit import Audit

# A page of these sizes opens in seconds on a phone; report.json has all of it.
PAIRS = 200  # pairs side by side
LINES = 10_000  # lines of any list
GROUP = 100  # documents listed of a cluster

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Shown(Generic[Item]):
    """The first rows of a list, and how many more are left to report.json."""

    rows: tuple[Item, ...]
    more: int

    @property
    def total(self) -> int:
        """The length of the list."""
        return len(self.rows) + self.more


@dataclass(frozen=True, slots=True)
class Totals:
    """Characters read, removed and kept; the kept share in words and as the length of a bar."""

    length: int
    removed: int
    kept: int
    share: str
    bar: int


@dataclass(frozen=True, slots=True)
class Line:
    """A relation in one line of the table; `pair` is its number where its passages are side by side."""

    left: Name
    right: Name
    relation: DocumentRelation
    kind: str
    passages: int
    pair: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """A cluster: its documents, the earliest of them if known, and why."""

    documents: Shown[Name]
    earliest: Name | None
    reason: str


@dataclass(frozen=True, slots=True)
class View:
    """The whole report, in its order: `pages` are in full, `rest` in a line each."""

    verdict: Verdict
    version: str
    parameters: tuple[tuple[str, str], ...]
    totals: Totals
    reasons: tuple[ReasonLine, ...]
    derived: tuple[Pair, ...]
    others: tuple[Pair, ...]
    table: Shown[Line]
    unrelated: int
    groups: Shown[Group]
    pages: tuple[Page, ...]
    rest: Shown[Page]
    rejected: Shown[Rejected]


def view(audit: Audit) -> View:
    """Give what the report shows of an audit."""
    documents = {row.document.id: row for row in audit.documents}
    matches = by_pair(audit.matches)
    full = choose(audit.documents, audit.matches)
    names = {
        doc: Name(doc, title(row), place, doc in full) for place, (doc, row) in enumerate(documents.items(), 1)
    }
    told = _told(audit.relations, matches)
    beside = [row for row in told if key(row.a, row.b) in matches][:PAIRS]
    pairs = [pair(place, row, matches[key(row.a, row.b)], names, documents) for place, row in enumerate(beside, 1)]
    lines = _lines(told, matches, names, pairs)
    passages = _passages(pairs)
    pages = [page(row, names[doc], passages) for doc, row in documents.items()]
    totals = _totals(pages)
    return View(
        verdict=verdict(audit, names),
        version=audit.version,
        parameters=tuple(_flat(audit.parameters)),
        totals=totals,
        reasons=tuple(reasons(pages, totals.length)),
        derived=tuple(row for row in pairs if row.relation.derived),
        others=tuple(row for row in pairs if not row.relation.derived),
        table=_shown([line for line in lines if not line.relation.derived or line.pair is None]),
        unrelated=_unrelated(len(documents), told, names),
        groups=_shown([_group(row, names) for row in audit.clusters]),
        pages=tuple(row for row in pages if row.segments is not None),
        rest=_shown([row for row in pages if row.segments is None]),
        rejected=_shown(audit.rejected),
    )


def _shown(rows: Sequence[Item], most: int = LINES) -> Shown[Item]:
    return Shown(tuple(rows[:most]), max(0, len(rows) - most))


def _totals(pages: Iterable[Page]) -> Totals:
    length = removed = 0
    for row in pages:
        length, removed = length + row.length, removed + row.removed
    kept = length - removed
    return Totals(length, removed, kept, percent(kept, length), WIDTH * kept // (length or 1))


def _told(
    relations: Iterable[DocumentRelation], matches: Mapping[tuple[str, str], object]
) -> list[DocumentRelation]:
    """Give the relations that say something, the strongest first."""
    telling = [
        row
        for row in relations
        if row.derived or row.kind not in {"unrelated", "insufficient_text"} or key(row.a, row.b) in matches
    ]
    return sorted(telling, key=lambda row: (not row.derived, -row.score, row.a, row.b))


def _unrelated(documents: int, told: Iterable[DocumentRelation], names: Mapping[str, Name]) -> int:
    """Give how many pairs within the batch have nothing told of them."""
    return documents * (documents - 1) // 2 - sum(row.a in names and row.b in names for row in told)


def _lines(
    told: Iterable[DocumentRelation],
    matches: Mapping[tuple[str, str], Sequence[Match]],
    names: Mapping[str, Name],
    pairs: Iterable[Pair],
) -> Iterator[Line]:
    numbers = {key(row.left.id, row.right.id): row.number for row in pairs}
    for row in told:
        ends = key(row.a, row.b)
        kind = RELATIONS.get(row.kind, words(row.kind))
        count = len(matches.get(ends, ()))
        yield Line(name(row.a, names), name(row.b, names), row, kind, count, numbers.get(ends))


def _passages(pairs: Iterable[Pair]) -> dict[str, list[tuple[Span, str]]]:
    """Give for each document its passages that stand side by side with another's, with their numbers."""
    found: dict[str, list[tuple[Span, str]]] = defaultdict(list)
    for row in pairs:
        for passage in row.rows:
            for side, cell in ((row.left, passage.left), (row.right, passage.right)):
                found[side.id].append((Span(cell.start, cell.end), passage.number))
    return found


def _group(row: Cluster, names: Mapping[str, Name]) -> Group:
    documents = _shown([name(doc, names) for doc in row.documents], GROUP)
    return Group(documents, name(row.earliest, names) if row.earliest else None, sentence(row.reason))


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Give nested parameters as lines: ("limits.min_words", "8")."""
    for label, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{label}.")
        else:
            yield f"{above}{label}", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
