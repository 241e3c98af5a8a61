"""A reviewer's decisions, applied to an audit.

Where a text has changed since, the passages a decision quotes are looked for in it. A decision that finds no place
any more is listed as stale, with the reason, and changes nothing: what was decided on one text does not hold for
another. None is dropped.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, Literal, get_args

from provenance.lineage import clusters, directions, when
from provenance.model import Side
from provenance.report.decisions import KINDS
from provenance.report.selectors import Quote, known_again, places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from provenance.model import AuditedDocument, Cluster, DocumentRelation, Match
    from provenance.report.audit import Audit
    from provenance.report.decisions import Decision, Place

Status = Literal["applied", "reanchored", "superseded", "stale"]
# What a decision is on: a pair of documents by their ids, or a match by its number.
Target = frozenset[str] | int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a decision; `reason` says why where it is not simply applied.

    `a` and `b` are what it is about in this run: the passages where it quotes some, else from the beginning to the
    end of the documents, without their text. None where it is stale.
    """

    decision: Decision
    status: Status
    reason: str = ""
    target: Target | None = None
    a: Side | None = None
    b: Side | None = None

    @property
    def unsure(self) -> bool:
        """Whether the decision holds, and on a text of which it has no digest."""
        held = self.status in ("applied", "reanchored")
        return held and None in (self.decision.a.sha256, self.decision.b.sha256)


@dataclass(frozen=True, slots=True)
class Review:
    """All decisions that were given, in their order, with what became of them.

    `found` are the relations that were decided on, as the run had found them.
    """

    outcomes: tuple[Outcome, ...]
    found: tuple[DocumentRelation, ...] = ()

    def counts(self) -> dict[str, int]:
        """Give how many decisions have each status, and how many of those that hold are of each kind."""
        every = Counter[str](outcome.status for outcome in self.outcomes)
        held = Counter[str](row.decision.kind for row in self.outcomes if row.status in ("applied", "reanchored"))
        return {status: every[status] for status in get_args(Status)} | {kind: held[kind] for kind in KINDS}

    def to_dict(self) -> dict[str, Any]:
        """Give the review as JSON values."""
        return {"counts": self.counts(), "decisions": [_values(outcome) for outcome in self.outcomes]}


def _values(outcome: Outcome) -> dict[str, Any]:
    decision = asdict(outcome.decision)
    return {
        "decision": decision.pop("kind"),
        "scope": "pair" if decision.pop("of_pair") else "passages",
        **decision,
        "status": outcome.status,
        "reason": outcome.reason,
        "found": [asdict(side) for side in (outcome.a, outcome.b) if side],
    }


def reviewed(audit: Audit, decisions: Sequence[Decision]) -> Audit:
    """Give the audit with decisions applied to it.

    A confirmed pair is derived; a rejected one, and one of the same source, is not; clusters follow. Of two
    decisions on one thing the later holds, by date and then by their order. A note changes nothing else.
    """
    held: dict[Target, Outcome] = {}
    notes: dict[Target, Outcome] = {}
    documents = {row.document.id: row for row in (*audit.compared_with, *audit.documents)}
    outcomes = {decision.number: _outcome(audit, documents, decision) for decision in decisions}
    for outcome in sorted(outcomes.values(), key=_order):
        if outcome.target is None:
            continue
        if outcome.decision.kind == "note":
            notes[outcome.target] = outcome
            continue
        before = held.get(outcome.target)
        if before is not None:
            again = f"decided again on {outcome.decision.date}, by {outcome.decision.reviewer}"
            outcomes[before.decision.number] = replace(before, status="superseded", reason=again)
        held[outcome.target] = outcome
    found = tuple(row for row in audit.relations if frozenset((row.a, row.b)) in held)
    listed = tuple(outcomes[one.number] for one in decisions)
    return replace(_applied(audit, notes | held), review=Review(listed, found))


def _order(outcome: Outcome) -> tuple[datetime, int]:
    moment = when(outcome.decision.date)
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(), UTC) if moment else datetime.min.replace(tzinfo=UTC)
    return moment, outcome.decision.number


# --- finding what a decision is about ---------------------------------------------------------------------


class _Stale(Exception):  # noqa: N818 (a way out of the search, and no error)
    """Says why a decision has no place in this run."""


def _outcome(audit: Audit, documents: Mapping[str, AuditedDocument], decision: Decision) -> Outcome:
    try:
        a, b = (_found(documents, place) for place in (decision.a, decision.b))
        target = _pair(audit, a, b) if decision.of_pair else _match(audit, a, b)
    except _Stale as stale:
        return Outcome(decision, "stale", str(stale))
    changed = [_change(documents, *side) for side in ((decision.a, a), (decision.b, b))]
    reason = "; ".join(filter(None, changed))
    return Outcome(decision, "reanchored" if reason else "applied", reason, target, a, b)


def _found(documents: Mapping[str, AuditedDocument], place: Place) -> Side:
    """Find one side of a decision: the document by its id, else by its digest, and the passage by its words."""
    row = documents.get(place.doc) or next((row for row in documents.values() if row.sha256 == place.sha256), None)
    if row is None:
        raise _Stale(f"there is no document {place.doc!r} in this run")
    name, text = row.document.id, row.cleaned.source
    if place.exact is not None and not text:
        raise _Stale(f"of {name!r} only fingerprints are known, and no passage can be found in it")
    if place.exact is None:
        if place.sha256 not in (None, row.sha256):
            raise _Stale(f"the text of {name!r} has changed, and the decision quotes none of it")
        return Side(name, 0, len(text), "")
    sought = Quote(place.exact, place.prefix, place.suffix)
    spans = places(text, sought, place.start)
    if spans and place.sha256 not in (None, row.sha256):
        spans = known_again(text, sought)
        if not spans:
            told = "what stands around these words does not show that they are the passage decided on"
            raise _Stale(f"the text of {name!r} has changed, and {told}")
    if len(spans) != 1:
        stands = f"stands {len(spans)} times" if spans else "is no longer"
        raise _Stale(f"the passage {stands} in {name!r}")
    return Side(name, spans[0].start, spans[0].end, text[spans[0].start : spans[0].end])


def _change(documents: Mapping[str, AuditedDocument], place: Place, side: Side) -> str:
    """Say what has changed about one side of a decision that was found; nothing where nothing has."""
    row = documents[side.doc]
    if side.doc != place.doc:
        return f"{place.doc!r} is now called {side.doc!r}"
    if place.sha256 not in (None, row.sha256):
        return f"the text of {side.doc!r} has changed, and the passage is still in it"
    return ""


def _pair(audit: Audit, a: Side, b: Side) -> Target:
    pair = frozenset((a.doc, b.doc))
    if not any(frozenset((row.a, row.b)) == pair for row in audit.relations):
        raise _Stale(f"nothing connects {a.doc!r} and {b.doc!r} in this run")
    return pair


def _match(audit: Audit, a: Side, b: Side) -> Target:
    best, shared = -1, 0
    for number, match in enumerate(audit.matches):
        if {match.a.doc, match.b.doc} == {a.doc, b.doc}:
            first, second = (match.a, match.b) if match.a.doc == a.doc else (match.b, match.a)
            both = _shared(first, a) and _shared(second, b)
            if both and _shared(first, a) + _shared(second, b) > shared:
                best, shared = number, _shared(first, a) + _shared(second, b)
    if best < 0:
        raise _Stale(f"no match joins these passages of {a.doc!r} and {b.doc!r} in this run")
    return best


def _shared(side: Side, found: Side) -> int:
    """Count the code points that two passages have in common, if that is half of the shorter one."""
    common = min(side.end, found.end) - max(side.start, found.start)
    return common if 2 * common >= min(side.end - side.start, found.end - found.start) else 0


# --- applying it ------------------------------------------------------------------------------------------


def _applied(audit: Audit, held: Mapping[Target, Outcome]) -> Audit:
    relations = tuple(_decided(row, held.get(frozenset((row.a, row.b)))) for row in audit.relations)
    matches = tuple(_marked(match, held.get(number)) for number, match in enumerate(audit.matches))
    return replace(audit, relations=relations, matches=matches, clusters=_regrouped(audit, relations))


def _marked(match: Match, outcome: Outcome | None) -> Match:
    return replace(match, decision=outcome.decision.kind) if outcome else match


def _decided(relation: DocumentRelation, outcome: Outcome | None) -> DocumentRelation:
    if outcome is None:
        return relation
    kind = outcome.decision.kind
    derived = {"confirm": True, "reject": False, "same_source": False}.get(kind, relation.derived)
    decided = replace(relation, decision=kind, derived=derived)
    if kind == "same_source":
        told = f"both go back to the same source, by decision of {outcome.decision.reviewer}"
        return replace(decided, earlier=None, reason=told)
    return decided


def _regrouped(audit: Audit, relations: Sequence[DocumentRelation]) -> tuple[Cluster, ...]:
    """Give the clusters of what is derived now; those that stay the same keep what is known of them."""
    rows = (*audit.documents, *audit.compared_with)
    published = {row.document.id: row.document.published or row.cleaned.published for row in rows}
    known = {frozenset(cluster.documents): cluster for cluster in audit.clusters}
    joined = clusters([(row.a, row.b) for row in relations if row.derived], published, directions(relations))
    return tuple(known.get(frozenset(cluster.documents), cluster) for cluster in joined)
