"""Pairs of documents as the report shows them: side by side, the earlier on the left."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.report import decided, wording
from provenance.report.coverage import called, covered
from provenance.report.excerpts import ROWS, Cell, cells
from provenance.report.figures import figure, rounded
from provenance.report.pieces import hue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from provenance.model import AuditedDocument, DocumentRelation, Match, Side
    from provenance.report.review import Outcome

WIDTH = 1_000  # of the map of a pair, in its own units


@dataclass(frozen=True, slots=True)
class Name:
    """What a document is called; `number` is None for one that was only compared with."""

    id: str
    title: str
    number: int | None = None
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """What is known of a batch beyond its pairs: names, documents, the decisions that hold, and the threshold."""

    names: Mapping[str, Name]
    documents: Mapping[str, AuditedDocument]
    outcomes: Mapping[frozenset[str], Outcome]
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """A passage of the left document and the one of the right that it is aligned with."""

    number: str
    kind: str
    score: float
    left: Cell
    right: Cell
    hue: int
    decision: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of one document's kept text is found in the other; `bar` in thousandths."""

    of: Name
    within: Name
    share: str
    bar: int


@dataclass(frozen=True, slots=True)
class Ribbon:
    """The band of one passage on the map of a pair."""

    number: str
    points: str
    hue: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A relation in words, with its passages; `ribbons` are polygons between two bars `WIDTH` long."""

    number: int
    left: Name
    right: Name
    relation: DocumentRelation
    kind: str
    heading: str
    meaning: str
    score: str
    strength: str
    odds: str
    direction: str
    coverage: tuple[Coverage, ...]
    rows: tuple[Row, ...]
    hidden: int
    ribbons: tuple[Ribbon, ...]
    evidence: tuple[tuple[str, str], ...]
    decision: str
    reviewed: int | None
    prefilled: str


def by_pair(matches: Sequence[Match]) -> dict[tuple[str, str], list[Match]]:
    """Give the matches of each unordered pair of documents, in order of their place in the first."""
    found: dict[tuple[str, str], list[Match]] = defaultdict(list)
    for match in matches:
        found[key(match.a.doc, match.b.doc)].append(match)
    return found


def key(a: str, b: str) -> tuple[str, str]:
    """Give two ids as the key of their pair."""
    return (a, b) if a <= b else (b, a)


def pair(number: int, relation: DocumentRelation, matches: Sequence[Match], batch: Batch) -> Pair:
    """Give a relation and its matches as the report shows them."""
    names, documents = batch.names, batch.documents
    turned = relation.earlier == relation.b
    left, right = (relation.b, relation.a) if turned else (relation.a, relation.b)
    sides = sorted((_sides(match, left) for match in matches), key=lambda item: (item[0].start, item[1].start))
    kinds = {id(one): match for match in matches for one in (match.a, match.b)}
    rows = tuple(
        _row(f"{number}.{place}", one, two, kinds[id(one)]) for place, (one, two) in enumerate(sides[:ROWS], 1)
    )
    kind, meaning = called(relation, matches, documents)
    ends = [(left, right, [side for side, _ in sides]), (right, left, [side for _, side in sides])]
    return Pair(
        number=number,
        left=name(left, names),
        right=name(right, names),
        relation=relation,
        kind=kind,
        heading=decided.heading(relation),
        meaning=decided.meaning(relation, meaning, batch.threshold, batch.outcomes),
        score=wording.score(relation.score, batch.threshold),
        strength=wording.strength(relation.score),
        odds=wording.odds(relation.chance),
        direction=_direction(relation, names),
        coverage=tuple(
            _coverage(documents[doc], spans, name(doc, names), name(other, names))
            for doc, other, spans in ends
            if spans and doc in documents and documents[doc].cleaned.source
        ),
        rows=rows,
        hidden=len(sides) - len(rows),
        ribbons=_ribbons(sides[:ROWS], number, documents.get(left), documents.get(right)),
        decision=_decision(relation.decision),
        reviewed=reviewed(relation, batch),
        prefilled=decided.prefilled(relation, documents),
        evidence=tuple((figure(label), rounded(value)) for label, value in relation.evidence.items()),
    )


def name(doc: str, names: Mapping[str, Name]) -> Name:
    """Give what a document is called; one outside the batch by its id."""
    return names.get(doc) or Name(doc, doc)


def reviewed(relation: DocumentRelation, batch: Batch) -> int | None:
    """Give the number of the decision that holds for a pair, None where there is none."""
    outcome = batch.outcomes.get(frozenset((relation.a, relation.b)))
    return outcome.decision.number if outcome else None


def _sides(match: Match, left: str) -> tuple[Side, Side]:
    return (match.a, match.b) if match.a.doc == left else (match.b, match.a)


def _row(number: str, one: Side, two: Side, match: Match) -> Row:
    left, right = cells(one, two, int(number.partition(".")[0]))
    return Row(
        number=number,
        kind=wording.MATCHES.get(match.kind, wording.words(match.kind)),
        score=match.score,
        left=left,
        right=right,
        hue=hue(number),
        decision=_decision(match.decision),
    )


def _decision(kind: str | None) -> str:
    return wording.DECISIONS.get(kind, wording.words(kind)) if kind else ""


def _direction(relation: DocumentRelation, names: Mapping[str, Name]) -> str:
    reason = wording.sentence(_named(relation, names).removeprefix("undecided:"))  # the report says so itself
    if relation.earlier is None:
        return f"Which text came first is undecided. {reason}".strip()
    return f"“{name(relation.earlier, names).title}” appears to be the earlier. {reason}".strip()


def _named(relation: DocumentRelation, names: Mapping[str, Name]) -> str:
    """Give the reason of a direction with documents as the page calls them, where it calls them by their ids.

    Which it does are those of provenance/direction.py: "A credits …", "A has … that B lacks".
    """
    for one, two in ((relation.a, relation.b), (relation.b, relation.a)):
        begins, ends = f"{one} has ", f" that {two} lacks"
        if relation.reason.startswith(begins) and relation.reason.endswith(ends):
            kept = relation.reason[len(begins) : -len(ends)]
            return f"{_referred(one, names)} has {kept} that {_referred(two, names)} lacks"
        if relation.reason.startswith(f"{one} credits "):
            return _referred(one, names) + relation.reason[len(one) :]
    return relation.reason


def _referred(doc: str, names: Mapping[str, Name]) -> str:
    """Call a document by its number on the page; one outside the batch by its title."""
    referred = name(doc, names)
    return f"document {referred.number}" if referred.number else f"the text “{referred.title}”"


def _coverage(row: AuditedDocument, sides: Sequence[Side], of: Name, within: Name) -> Coverage:
    """Give the share of a document's kept text that lies in its matched passages."""
    inside, whole = covered(row, sides)
    return Coverage(of, within, wording.percent(inside, whole), WIDTH * inside // (whole or 1))


def _ribbons(
    sides: Sequence[tuple[Side, Side]], number: int, left: AuditedDocument | None, right: AuditedDocument | None
) -> tuple[Ribbon, ...]:
    """Give for each passage pair its number and the polygon from its place on one bar to that on the other."""
    if not (left and right and left.cleaned.source and right.cleaned.source):
        return ()
    ends = len(left.cleaned.source) or 1, len(right.cleaned.source) or 1
    found = []
    for place, (one, two) in enumerate(sides, 1):
        (a, b), (c, d) = (_stretch(side, length) for side, length in zip((one, two), ends, strict=True))
        ordinal = f"{number}.{place}"
        found.append(Ribbon(ordinal, f"{a},12 {b},12 {d},60 {c},60", hue(ordinal)))
    return tuple(found)


def _stretch(side: Side, length: int) -> tuple[int, int]:
    start = side.start * WIDTH // length
    return start, max(start + 3, side.end * WIDTH // length)
