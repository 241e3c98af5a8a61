"""What an audit found and what people decided, as statements of a provenance record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prov.model import PROV

from provenance.report.prov_terms import SCHEMA, TERMS, TYPE, Attributes, Record

if TYPE_CHECKING:
    from prov.identifier import QualifiedName

    from provenance.model import DocumentRelation, Match
    from provenance.report.review import Outcome

SUBTYPES = {"copied": "Quotation", "edited": "Revision", "exact": "Quotation", "near_duplicate": "Revision"}
DENIED = ("reject", "same_source")


def add_relation(record: Record, relation: DocumentRelation) -> None:
    """State what two documents are to each other."""
    names = {side: record.named("document", side) for side in (relation.a, relation.b)}
    said: Attributes = [
        (TERMS["kind"], relation.kind),
        (TERMS["score"], relation.score),
        (TERMS["chance"], relation.chance),
        (TERMS["derived"], relation.derived),
        *((TERMS[f"evidence-{key}"], value) for key, value in relation.evidence.items()),
    ]
    said += [(TERMS["reason"], relation.reason)] if relation.reason else []
    said += [(TERMS["decision"], relation.decision)] if relation.decision else []
    name = record.named("relation", *sorted(names))
    _state(record, name, _ordered(names, relation), (relation.kind, relation.derived), said)


def add_match(record: Record, match: Match) -> None:
    """State what two passages are to each other.

    The same quotation in both points to a third source, so it is no derivation, nor is what a reviewer denied.
    """
    relation = record.relations.get(frozenset((match.a.doc, match.b.doc)))
    derived = relation is not None and relation.derived and match.kind != "quote" and match.decision not in DENIED
    said: Attributes = [(TERMS["kind"], match.kind), (TERMS["score"], match.score), (TERMS["derived"], derived)]
    said += [(TERMS["chance"], relation.chance)] if relation else []
    said += [(TERMS["decision"], match.decision)] if match.decision else []
    passages = {side.doc: record.passage(side) for side in (match.a, match.b)}
    name = record.named("match", *sorted(map(str, passages.values())))
    _state(record, name, _ordered(passages, relation), (match.kind, derived), said)


def _ordered(
    names: dict[str, QualifiedName], relation: DocumentRelation | None
) -> tuple[QualifiedName, QualifiedName, bool]:
    """Give the names of two sides, the earlier document's first, and whether it is known which is earlier."""
    earlier = relation.earlier if relation else None
    first, second = sorted(names, key=lambda doc: (doc != earlier, doc))
    return names[first], names[second], earlier in names


def _state(
    record: Record,
    name: QualifiedName,
    sides: tuple[QualifiedName, QualifiedName, bool],
    claim: tuple[str, bool],
    said: Attributes,
) -> None:
    """Add a derivation where one is claimed and its direction is known, else a finding about both sides."""
    source, other, directed = sides
    kind, derived = claim
    said = [(TERMS["assertedBy"], record.run), *said]
    if derived and directed:
        types: Attributes = [(TYPE, PROV[SUBTYPES[kind]])] if kind in SUBTYPES else []
        record.prov.derivation(other, source, identifier=name, other_attributes=[*types, *said])
        return
    between: Attributes = [(TYPE, TERMS["Finding"]), (TERMS["between"], source), (TERMS["between"], other)]
    record.prov.entity(name, [*between, *said])
    if derived:
        record.prov.alternate(source, other)  # of one thing, and which came first is undecided


def add_decision(record: Record, outcome: Outcome) -> None:
    """State what a reviewer decided, and what became of it."""
    decision = outcome.decision
    reviewer = record.named("reviewer", decision.reviewer)
    if not record.prov.get_record(reviewer):
        record.prov.agent(reviewer, [(TYPE, PROV["Person"]), (SCHEMA["name"], decision.reviewer)])
    said: Attributes = [
        (TYPE, TERMS["Decision"]),
        (TERMS["decision"], decision.kind),
        (SCHEMA["dateCreated"], decision.date),
        (TERMS["status"], outcome.status),
        *((TERMS["document"], side.doc) for side in (decision.a, decision.b)),
        *((TERMS["between"], record.named("document", side.doc)) for side in (outcome.a, outcome.b) if side),
    ]
    said += [(TERMS["note"], decision.note)] if decision.note else []
    said += [(TERMS["reason"], outcome.reason)] if outcome.reason else []
    name = record.named("decision", decision)
    record.prov.entity(name, said)
    record.prov.attribution(name, reviewer)
