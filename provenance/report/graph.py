"""A cluster as a drawing: who derives from whom over time, and whom each document credits."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from provenance.lineage import directions, when
from provenance.report.pairs import Name, key, name
from provenance.report.wording import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from provenance.model import AuditedDocument, Cluster, DocumentRelation

MOST = 60  # documents of a cluster that are drawn
ROW = 46  # height of a document's row, in the drawing's own units
LANE, LANES = 22, 5  # width of a lane for arcs, and how many are told apart
LABEL = 620  # width left for names
AXIS = 260  # width of the time scale
NAME, OUTLETS = 62, 80  # code points of a title and of a list of outlets


@dataclass(frozen=True, slots=True)
class Node:
    """A document in its row; `at` is its place on the time scale, None where it has no date."""

    name: Name
    y: int
    date: str
    at: float | None
    credits: str
    earliest: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """A derivation, drawn from the earlier document to the later; without direction where that is undecided."""

    path: str
    directed: bool
    pair: int | None
    told: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A cluster, drawn: documents from top to bottom in order of time, derivations as arcs on their left."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left: int
    scale: int
    width: int
    height: int
    first: str
    last: str


def edges_of(
    clusters: Iterable[Cluster], relations: Iterable[DocumentRelation]
) -> dict[str, list[DocumentRelation]]:
    """Give the derivations within each cluster, by the cluster's id."""
    home = {doc: cluster.id for cluster in clusters for doc in cluster.documents}
    found: dict[str, list[DocumentRelation]] = defaultdict(list)
    for row in relations:
        if row.derived and row.a in home and home[row.a] == home.get(row.b):
            found[home[row.a]].append(row)
    return found


def draw(
    cluster: Cluster,
    relations: Sequence[DocumentRelation],
    names: Mapping[str, Name],
    documents: Mapping[str, AuditedDocument],
    pairs: Mapping[tuple[str, str], int],
) -> Drawing | None:
    """Give the drawing of a cluster; None where it has more documents than a drawing makes clear."""
    if len(cluster.documents) > MOST:
        return None
    moments = {doc: _moment(documents.get(doc)) for doc in cluster.documents}
    ordered = _ordered(cluster, moments, relations)
    known = [moment for moment in moments.values() if moment is not None]
    rows = {doc: 34 + ROW * place for place, doc in enumerate(ordered)}
    spans = sorted({abs(rows[row.a] - rows[row.b]) // ROW for row in relations})
    lanes = {span: min(place, LANES - 1) for place, span in enumerate(spans)}
    left = 30 + LANE * (1 + max(lanes.values(), default=0))
    scale = AXIS if len(set(known)) > 1 else 0
    nodes = [
        Node(
            name=name(doc, names),
            y=rows[doc],
            date=_date(documents.get(doc)),
            at=_place(moments[doc], known, left) if scale else None,
            credits=_outlets(documents.get(doc)),
            earliest=doc == cluster.earliest,
        )
        for doc in ordered
    ]
    return Drawing(
        nodes=tuple(nodes),
        edges=tuple(_edge(row, rows, lanes, left, pairs.get(key(row.a, row.b))) for row in relations),
        left=left,
        scale=scale,
        width=left + scale + LABEL,
        height=34 + ROW * len(ordered),
        first=f"{min(known):%Y-%m-%d}" if scale else "",
        last=f"{max(known):%Y-%m-%d}" if scale else "",
    )


def _moment(row: AuditedDocument | None) -> datetime | None:
    """Give when a document was published; a day without a time as its beginning."""
    if row is None:
        return None
    found = when(row.document.published or row.cleaned.published)
    if isinstance(found, datetime):
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return datetime.combine(found, time(), UTC) if isinstance(found, date) else None


def _ordered(
    cluster: Cluster, moments: Mapping[str, datetime | None], relations: Iterable[DocumentRelation]
) -> list[str]:
    """Give a cluster's documents by date; one without a date before those that it is earlier than, else last."""
    end = datetime.max.replace(tzinfo=UTC)
    sources: dict[str, set[str]] = {doc: set() for doc in cluster.documents}
    for one, two in directions(relations):
        sources[two].add(one)
    waiting = sorted(cluster.documents, key=lambda doc: (doc != cluster.earliest, moments[doc] or end, doc))
    ordered: list[str] = []
    while waiting:  # at most MOST documents
        ready = (doc for doc in waiting if sources[doc] <= set(ordered))
        doc = next(ready, waiting[0])  # directions that go round in a circle leave it to the dates
        waiting.remove(doc)
        ordered.append(doc)
    return ordered


def _date(row: AuditedDocument | None) -> str:
    return cut((row.document.published or row.cleaned.published or "") if row else "", 32)


def _outlets(row: AuditedDocument | None) -> str:
    return cut(", ".join(dict.fromkeys(credit.outlet for credit in row.credits)) if row else "", OUTLETS)


def _place(moment: datetime | None, known: Sequence[datetime], left: int) -> float | None:
    if moment is None:
        return None
    first, last = min(known), max(known)
    share = (moment - first) / (last - first)
    return round(left + 16 + share * (AXIS - 48), 1)


def _edge(
    row: DocumentRelation, rows: Mapping[str, int], lanes: Mapping[int, int], left: int, pair: int | None
) -> Edge:
    source, copy = (row.b, row.a) if row.earlier == row.b else (row.a, row.b)
    top, end = rows[source], rows[copy]
    out = left - 12 - LANE * (1 + lanes[abs(top - end) // ROW])
    told = "which came first is undecided" if row.earlier is None else "the arrow points to the later text"
    path = f"M{left - 12} {top} C{out} {top} {out} {end} {left - 14} {end}"
    return Edge(path, row.earlier is not None, pair, f"score {row.score:.2f}; {told}")
