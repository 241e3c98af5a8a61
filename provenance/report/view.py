"""What the report shows, worked out from an audit in time linear in it; the template only lays it out."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from provenance.model import Span
from provenance.report.decided import held, threshold
from provenance.report.excerpts import cost
from provenance.report.graph import Drawing, draw, edges_of
from provenance.report.outcomes import Changes, Reviewed, changed, reviewed
from provenance.report.pages import SURE, Page, ReasonLine, choose, page, reasons, title
from provenance.report.pairs import WIDTH, Batch, Name, Pair, by_pair, key, name, pair
from provenance.report.scores import Scores, scores
from provenance.report.shelves import Shelf, shelves
from provenance.report.verdict import Verdict, verdict
from provenance.report.wording import percent, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.model import AuditedDocument, DocumentRelation, Match, Origin, Rejected
    from provenance.report.audit import Audit

# A page of these sizes opens in seconds; report.json has all of it.
PAIRS = 5_000  # pairs side by side,
TEXT = 3_500_000  # and about so many characters of markup with their passages
LINES = 10_000  # lines of any list
GROUPS = 100  # clusters drawn
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
    passages: int


@dataclass(frozen=True, slots=True)
class Group:
    """A cluster: its documents, drawn where they are few; the earliest of them if known, and why."""

    documents: Shown[Name]
    earliest: Name | None
    reason: str
    drawing: Drawing | None
    derivations: int


@dataclass(frozen=True, slots=True)
class Outside:
    """A document that was only compared with; `kept` is None where there is no text of it."""

    name: Name
    source: str
    publisher: str
    published: str
    sha256: str
    kept: int | None


@dataclass(frozen=True, slots=True)
class View:
    """The whole report, in its order: `pages` are documents in full, `ledger` all of them in a line each.

    `matches` is how many passages are in common, and `whole` whether the listed pairs have all of them; `linked`
    are the places where all is to be seen that the verdict counts.
    """

    verdict: Verdict
    linked: frozenset[str]
    version: str
    parameters: tuple[tuple[str, str], ...]
    totals: Totals
    reasons: tuple[ReasonLine, ...]
    scores: Scores
    derived: tuple[Pair, ...]
    others: tuple[Pair, ...]
    beyond: int
    matches: int
    whole: bool
    groups: Shown[Group]
    pages: tuple[Page, ...]
    ledger: Shown[Page]
    shelves: tuple[Shelf, ...]
    review: Reviewed | None
    changes: tuple[Changes, ...]
    rejected: Shown[Rejected]
    against: Shown[Outside]
    stored: Shown[Outside]
    unread: int
    files: tuple[Mapping[str, Any], ...]


def view(audit: Audit) -> View:
    """Give what the report shows of an audit."""
    known = {row.document.id: row for row in (*audit.documents, *audit.compared_with)}
    matches = by_pair(audit.matches)
    names = _names(audit)
    batch = Batch(names, known, held(audit.review), threshold(audit))
    told = _told(audit.relations, matches)
    beside = enumerate(_beside(told, matches), 1)
    pairs = [pair(place, row, matches[key(row.a, row.b)], batch) for place, row in beside]
    numbers = {key(row.left.id, row.right.id): row.number for row in pairs}
    passages, involved = _passages(pairs), _involved(pairs)
    pages = [page(row, names[row.document.id], passages, involved) for row in audit.documents]
    totals = _totals(pages)
    distribution = scores(audit, told, matches, batch, pairs)
    groups = _groups(audit, names, known, numbers)
    return View(
        verdict=verdict(audit, names),
        linked=frozenset(_linked(distribution, groups, pairs)),
        version=audit.version,
        parameters=tuple(_flat(audit.parameters)),
        totals=totals,
        reasons=tuple(reasons(pages, totals.length)),
        scores=distribution,
        derived=tuple(row for row in pairs if row.relation.derived),
        others=tuple(row for row in pairs if not row.relation.derived),
        beyond=sum(key(row.a, row.b) in matches for row in told) - len(pairs),
        matches=len(audit.matches),
        whole=sum(line.passages for step in distribution.steps for line in step.lines) == len(audit.matches),
        groups=groups,
        pages=tuple(row for row in pages if row.segments is not None),
        ledger=_shown(pages),
        shelves=shelves(pages, SURE),
        review=reviewed(audit.review, names, numbers) if audit.review else None,
        changes=changed(audit.changes, names) if audit.changes else (),
        rejected=_shown(audit.rejected),
        against=_outside(audit, "against"),
        stored=_outside(audit, "index"),
        unread=audit.unread,
        files=tuple(row for row in audit.input_rows() if row["sha256"])[:LINES],
    )


def _names(audit: Audit) -> dict[str, Name]:
    """Give what each document is called; those that were only compared with have no number."""
    full = choose(audit.documents, audit.matches)
    names = {row.document.id: Name(row.document.id, title(row)) for row in audit.compared_with}
    for place, row in enumerate(audit.documents, 1):
        doc = row.document.id
        names[doc] = Name(doc, title(row), place, doc in full)
    return names


def _outside(audit: Audit, origin: Origin) -> Shown[Outside]:
    return _shown([_identified(row) for row in audit.compared_with if row.origin == origin])


def _identified(row: AuditedDocument) -> Outside:
    document, cleaned = row.document, row.cleaned
    return Outside(
        name=Name(document.id, title(row)),
        source=document.source or document.url or cleaned.url or document.id,
        publisher=document.publisher or cleaned.publisher or "",
        published=document.published or cleaned.published or "",
        sha256=row.sha256,
        kept=len(cleaned.text) if cleaned.source else None,
    )


def _shown(rows: Sequence[Item], most: int = LINES) -> Shown[Item]:
    return Shown(tuple(rows[:most]), max(0, len(rows) - most))


def _totals(pages: Iterable[Page]) -> Totals:
    length = removed = passages = 0
    for row in pages:
        length, removed = length + row.length, removed + row.removed
        passages += len(row.row.cleaned.removals)
    kept = length - removed
    return Totals(length, removed, kept, percent(kept, length), WIDTH * kept // (length or 1), passages)


def _told(
    relations: Iterable[DocumentRelation], matches: Mapping[tuple[str, str], object]
) -> list[DocumentRelation]:
    """Give the relations that say something, the strongest first."""
    telling = [
        row
        for row in relations
        if row.derived
        or row.decision
        or row.kind not in {"unrelated", "insufficient_text"}
        or key(row.a, row.b) in matches
    ]
    return sorted(telling, key=lambda row: (not row.derived, -row.score, row.a, row.b))


def _beside(
    told: Iterable[DocumentRelation], matches: Mapping[tuple[str, str], Sequence[Match]]
) -> list[DocumentRelation]:
    """Choose the pairs that stand side by side, as many as make a page that opens in seconds, in the given order.

    Kinds take turns, each with its strongest first, so that many copies leave room for the few rewritings.
    """
    kinds: dict[tuple[str, bool], list[tuple[int, DocumentRelation]]] = defaultdict(list)
    for place, row in enumerate(row for row in told if key(row.a, row.b) in matches):
        kinds[row.kind, row.derived].append((place, row))
    chosen: list[tuple[int, DocumentRelation]] = []
    left = TEXT
    for place, row in (one for turn in zip_longest(*kinds.values()) for one in turn if one):
        price = cost(matches[key(row.a, row.b)], place + 1)
        if len(chosen) < PAIRS and (price <= left or not chosen):
            chosen.append((place, row))
            left -= price
    return [row for _, row in sorted(chosen, key=lambda one: one[0])]


def _passages(pairs: Iterable[Pair]) -> dict[str, list[tuple[Span, str]]]:
    """Give for each document its passages that stand side by side with another's, with their numbers."""
    found: dict[str, list[tuple[Span, str]]] = defaultdict(list)
    for row in pairs:
        for passage in row.rows:
            for side, cell in ((row.left, passage.left), (row.right, passage.right)):
                found[side.id].append((Span(cell.start, cell.end), passage.number))
    return found


def _involved(pairs: Iterable[Pair]) -> dict[str, list[int]]:
    """Give for each document the numbers of the pairs that it is part of."""
    found: dict[str, list[int]] = defaultdict(list)
    for row in pairs:
        found[row.left.id].append(row.number)
        found[row.right.id].append(row.number)
    return found


def _linked(distribution: Scores, groups: Shown[Group], pairs: Sequence[Pair]) -> Iterator[str]:
    """Give the places on the page that leave nothing out."""
    if all(step.whole for step in distribution.steps):
        yield "pair-list"
    if not groups.more:
        yield "cluster-list"
    if groups.rows and (groups.rows[0].drawing or not groups.rows[0].documents.more):
        yield "c1"
    if pairs and not pairs[0].hidden:
        yield "p1"


def _groups(
    audit: Audit,
    names: Mapping[str, Name],
    documents: Mapping[str, AuditedDocument],
    pairs: Mapping[tuple[str, str], int],
) -> Shown[Group]:
    edges = edges_of(audit.clusters, audit.relations)
    found = []
    for place, row in enumerate(audit.clusters[:LINES]):
        members = _shown([name(doc, names) for doc in row.documents], GROUP)
        drawing = draw(row, edges[row.id], names, documents, pairs) if place < GROUPS and edges[row.id] else None
        first = name(row.earliest, names) if row.earliest else None
        found.append(Group(members, first, sentence(row.reason), drawing, len(edges[row.id])))
    return Shown(tuple(found), len(audit.clusters) - len(found))


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Give nested parameters as lines: ("limits.min_words", "8")."""
    for label, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{label}.")
        else:
            yield f"{above}{label}", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
