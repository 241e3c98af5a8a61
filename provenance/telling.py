"""What an audit tells of the pairs it compared: relations, matches, clusters, and pairs with nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from provenance.compare import SAME_EVENT, exchanged, rewritten
from provenance.direction import Witness, direction
from provenance.fingerprint import distance, jaccard
from provenance.lineage import clusters, directions, without_formulas
from provenance.model import Cluster, DocumentRelation, Match, Relation, Side, SilentPair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from provenance.entries import Entry, Prepared
    from provenance.model import AuditedDocument

# What is known of stored documents by their fingerprints alone.
Estimated = tuple[Sequence[DocumentRelation], Sequence[Match]]


def told(
    prepared: Prepared,
    found: Sequence[tuple[int, int, Relation]],
    estimated: Estimated,
    published: Mapping[str, str | None],
) -> tuple[tuple[Match, ...], tuple[DocumentRelation, ...], tuple[Cluster, ...]]:
    """Give matches, relations and clusters; with what was estimated of stored documents that have no text."""
    turned = [_turned(prepared, *row) for row in found]
    relations = (*(row for row, _ in turned), *estimated[0])
    joined = clusters([(row.a, row.b) for row in relations if row.derived], published, directions(relations))
    matches = [*(match for _, rows in turned for match in rows), *estimated[1]]
    telling = without_formulas(matches, joined)
    return telling, still_sharing(relations, telling), joined


def still_sharing(relations: Sequence[DocumentRelation], matches: Iterable[Match]) -> tuple[DocumentRelation, ...]:
    """Give what is left of relations once formulas are taken out of the matches.

    A pair that shared nothing else is told of as one without passages is: of the same event, or not at all.
    """
    ends = {frozenset((match.a.doc, match.b.doc)) for match in matches}
    left = []
    for row in relations:
        if row.derived or row.kind != "shares_passages" or frozenset((row.a, row.b)) in ends:
            left.append(row)
        elif row.evidence.get("cosine", 0.0) >= SAME_EVENT:
            left.append(replace(row, kind="same_event"))
    return tuple(left)


def silent_pairs(
    prepared: Prepared, compared: Iterable[tuple[int, int, float]], relations: Iterable[DocumentRelation]
) -> tuple[SilentPair, ...]:
    """Give the compared pairs that have no relation, with their sides as those of a relation that is undecided."""
    told = {frozenset((row.a, row.b)) for row in relations}
    silent = []
    for first, second, score in compared:
        a, b = prepared.entries[first].id, prepared.entries[second].id
        if frozenset((a, b)) not in told:
            turned = second < prepared.own and b < a
            silent.append(SilentPair(b, a, score) if turned else SilentPair(a, b, score))
    return tuple(silent)


def dates(rows: Iterable[AuditedDocument]) -> dict[str, str | None]:
    """Give when each document was published, as far as it or its page says."""
    return {row.document.id: row.document.published or row.cleaned.published for row in rows}


def _turned(
    prepared: Prepared, first: int, second: int, relation: Relation
) -> tuple[DocumentRelation, list[Match]]:
    """Give a pair's relation and matches with its sides in the order that they are told in.

    First comes the document of the batch, of two such the earlier, and where that is undecided the one with the
    smaller id; so the order of the input says nothing about a pair.
    """
    a, b = prepared.entries[first], prepared.entries[second]
    both = second < prepared.own
    if both and b.id < a.id:
        a, b, relation = b, a, exchanged(relation)
    order, reason = direction(_witness(a), _witness(b), rewritten(relation))
    if both and order > 0:
        a, b, order, relation = b, a, -order, exchanged(relation)
    matches = [Match(_side(a, pair.a), _side(b, pair.b), pair.kind, pair.score) for pair in relation.spans]
    earlier = (a.id if order < 0 else b.id) if order else None
    return _relation(a, b, relation, (earlier, reason)), matches


def _relation(a: Entry, b: Entry, relation: Relation, told: tuple[str | None, str]) -> DocumentRelation:
    evidence = {
        **{name: round(value, 4) for name, value in relation.evidence.items()},
        "jaccard": round(jaccard(a.print, b.print), 4),
        "simhash_distance": float(distance(a.print, b.print)),
    }
    judged = (relation.kind, relation.score, relation.derived, _rounded(relation.chance))
    return DocumentRelation(a.id, b.id, *judged, *told, evidence)


def _rounded(value: float) -> float:
    """Give three significant digits."""
    return float(f"{value:.3g}")


def _witness(entry: Entry) -> Witness:
    return Witness(entry.id, entry.text, entry.published, entry.publisher, lambda: entry.audited.credits)


def _side(entry: Entry, span: Any) -> Side:
    return Side(entry.id, span.start, span.end, entry.audited.cleaned.source[span.start : span.end])
