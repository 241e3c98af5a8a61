"""What an audit found and what people decided, as statements of a provenance record."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prov.model import PROV

from provenance.report.prov_terms import SCHEMA, TERMS, TYPE, Attributes, Record, decision_name

if TYPE_CHECKING:
    from prov.identifier import QualifiedName

    from provenance.model import AuditedDocument, DocumentRelation, Match
    from provenance.report.review import Outcome

SUBTYPES = {"copied": "Quotation", "edited": "Revision", "exact": "Quotation", "near_duplicate": "Revision"}
DENIALS = {"reject": "rejected", "same_source": "traced to a common source"}
DENIED = tuple(DENIALS)

# Two entities, the earlier first, and whether it is known which is earlier.
_Sides = tuple["QualifiedName", "QualifiedName", bool]


@dataclass(frozen=True, slots=True)
class _Claim:
    """Whether two things are derived: as the run found, and as it stands after a decision, `by` which that is."""

    about: str
    kind: str
    found: bool
    derived: bool
    by: QualifiedName | None


def add_relation(record: Record, relation: DocumentRelation) -> None:
    """State what two documents are to each other."""
    ends = frozenset((relation.a, relation.b))
    found = record.found.get(ends, relation)
    names = {side: record.named("document", side) for side in (relation.a, relation.b)}
    said: Attributes = [
        (TERMS["kind"], found.kind),
        (TERMS["score"], found.score),
        (TERMS["chance"], found.chance),
        *((TERMS[f"evidence-{key}"], value) for key, value in found.evidence.items()),
    ]
    said += [(TERMS["reason"], found.reason)] if found.reason else []
    said += _decided(record, relation.decision, ends)
    sides = (_ordered(names, found), _ordered(names, relation))
    claim = _Claim("relation", found.kind, found.derived, relation.derived, record.decided.get(ends))
    _claimed(record, claim, sides, said)


def add_match(record: Record, match: Match, number: int) -> None:
    """State what two passages are to each other; the match is the audit's of that number, counted from 0.

    The same quotation in both points to a third source, so it is no derivation, nor is what a reviewer denied.
    """
    ends = frozenset((match.a.doc, match.b.doc))
    relation = record.relations.get(ends)
    found = record.found.get(ends, relation)
    apart = match.kind != "quote"
    own = apart and found is not None and found.derived
    derived = apart and relation is not None and relation.derived and match.decision not in DENIED
    said: Attributes = [(TERMS["kind"], match.kind), (TERMS["score"], match.score)]
    said += [(TERMS["chance"], relation.chance)] if relation else []
    said += _decided(record, match.decision, number)
    passages = {side.doc: record.passage(side) for side in (match.a, match.b)}
    sides = (_ordered(passages, found), _ordered(passages, relation))
    _claimed(record, _Claim("match", match.kind, own, derived, record.decided.get(ends)), sides, said)


def findings(record: Record) -> dict[str, str]:
    """Give in words what was found of each document's derivation, also where that is nothing.

    What a person decided is said as that, beside what the run had found.
    """
    held: dict[str, set[str | None]] = defaultdict(set)  # of each document, the earlier of it and another
    stated: set[str] = set()
    denied: dict[str, set[str]] = defaultdict(set)
    for ends, relation in record.relations.items():
        found = record.found.get(ends, relation)
        for side in ends:
            if relation.derived and found.derived:
                held[side].add(relation.earlier)
            elif relation.derived:
                stated.add(side)
            elif found.derived:
                denied[side].add(DENIALS.get(relation.decision or "", "denied"))
    told = {}
    for row in record.audit.documents:
        doc = row.document.id
        words = _held(doc, held[doc]) if held[doc] else _beside(row)
        if not held[doc] and denied[doc]:
            words = f"derivation found, {', '.join(sorted(denied[doc]))} by review"
        told[doc] = words + ("; derivation stated by review" if doc in stated else "")
    return told


def _held(doc: str, earlier: set[str | None]) -> str:
    if earlier - {doc, None}:
        return "derivation found"
    if None in earlier:
        return "derivation found, direction undecided"
    return "no derivation found; others appear to be derived from this document"


def _beside(row: AuditedDocument) -> str:
    if "insufficient_text" in row.flags:
        return "no derivation found: too little text to compare"
    return "no derivation found among the documents compared"


def _decided(record: Record, kind: str | None, target: frozenset[str] | int) -> Attributes:
    """Say that somebody decided on a statement, and where that is recorded."""
    by = record.decided.get(target)
    return [*([(TERMS["decision"], kind)] if kind else []), *([(TERMS["decidedBy"], by)] if by else [])]


def _ordered(names: dict[str, QualifiedName], relation: DocumentRelation | None) -> _Sides:
    """Give the names of two sides, the earlier document's first, and whether it is known which is earlier."""
    earlier = relation.earlier if relation else None
    first, second = sorted(names, key=lambda doc: (doc != earlier, doc))
    return names[first], names[second], earlier in names


def _claimed(record: Record, claim: _Claim, sides: tuple[_Sides, _Sides], said: Attributes) -> None:
    """State what the run found, and apart from it what a person states whom the run does not agree with.

    What the run found and a person denied stays as the run's finding, and is no derivation any more.
    """
    (one, two, _), _ = sides
    name = record.named(claim.about, *sorted(map(str, (one, two))))
    own: Attributes = [(TERMS["assertedBy"], record.run), *said, (TERMS["derived"], claim.found)]
    _state(record, name, sides[0], (claim.kind, claim.found and claim.derived), own)
    if claim.derived and not claim.found and claim.by is not None:
        stated: Attributes = [(TERMS["assertedBy"], claim.by), (TERMS["derived"], True)]
        beside = record.named(f"stated-{claim.about}", *sorted(map(str, (one, two))))
        _state(record, beside, sides[1], (claim.kind, True), stated)


def _state(record: Record, name: QualifiedName, sides: _Sides, claim: tuple[str, bool], said: Attributes) -> None:
    """Add a derivation where one is claimed and its direction is known, else a finding about both sides."""
    source, other, directed = sides
    kind, derived = claim
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
    if decision.kind != "note":
        said.append((TERMS["derived"], decision.kind not in DENIED))
    said += [(TERMS["note"], decision.note)] if decision.note else []
    said += [(TERMS["reason"], outcome.reason)] if outcome.reason else []
    name = decision_name(record.own, decision)
    record.prov.entity(name, said)
    record.prov.attribution(name, reviewer)
    record.prov.usage(record.run, name)
