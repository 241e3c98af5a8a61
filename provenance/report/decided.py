"""What the program called a pair, and what a reviewer made of it: two findings that the report keeps apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from provenance.report.wording import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.model import AuditedDocument, DocumentRelation
    from provenance.report.audit import Audit
    from provenance.report.review import Outcome, Review

# Decisions on whether one text is derived from the other; a note is none.
FATES = {"confirm": "confirmed", "reject": "rejected", "same_source": "put down to a common source"}
_DERIVED = {"exact", "near_duplicate", "rewritten"}  # kinds that only derived pairs have


def threshold(audit: Audit) -> float | None:
    """Give the score from which the run called a pair derived; None where its parameters do not say."""
    given = audit.parameters.get("threshold")
    return float(given) if isinstance(given, int | float) and 0 <= given <= 1 else None


def called(row: DocumentRelation, bar: float | None) -> bool:
    """Say whether the program called a pair derived, whatever a reviewer decided on it."""
    if row.decision not in FATES:
        return row.derived
    if row.kind != "shares_passages":
        return row.kind in _DERIVED
    return "verbatim" in row.evidence and bar is not None and row.score >= bar  # else estimated, of stored prints


def prefilled(relation: DocumentRelation, documents: Mapping[str, AuditedDocument]) -> str:
    """Give the line of a decisions file that would turn what was found of a pair, for a reviewer to complete."""
    places = [
        {"doc": doc} | ({"sha256": documents[doc].sha256} if doc in documents else {})
        for doc in (relation.a, relation.b)
    ]
    decision = "reject" if relation.derived else "confirm"
    line = {"decision": decision, "a": places[0], "b": places[1], "reviewer": "", "date": "", "note": ""}
    return json.dumps(line)


def held(review: Review | None) -> dict[frozenset[str], Outcome]:
    """Give for each pair the decision on it that holds; a note only where there is no other."""
    rows = [
        row
        for row in (review.outcomes if review else ())
        if row.decision.of_pair and row.status in ("applied", "reanchored") and isinstance(row.target, frozenset)
    ]
    rows.sort(key=lambda row: row.decision.kind in FATES)
    return {row.target: row for row in rows if isinstance(row.target, frozenset)}


def heading(row: DocumentRelation) -> str:
    """Give what goes after a pair's kind: nothing where it is derived and nobody decided on it.

    >>> from provenance.model import DocumentRelation
    >>> heading(DocumentRelation("a", "b", "rewritten", 0.8, False, 0.1, None, "", decision="reject"))
    ', rejected in review'
    """
    if row.decision in FATES:
        return f", {FATES[row.decision]} in review"
    return "" if row.derived else ", not called derived"


def meaning(
    row: DocumentRelation, usual: str, bar: float | None, outcomes: Mapping[frozenset[str], Outcome]
) -> str:
    """Give what a pair is in sentences: who decided what on it, then what the program found."""
    if not row.decision:
        return usual
    outcome = outcomes.get(frozenset((row.a, row.b)))
    who, when, note = "A reviewer", "", ""
    if outcome is not None:
        who, when = outcome.decision.reviewer, f" on {outcome.decision.date}"
        note = f": “{outcome.decision.note}”" if outcome.decision.note else ""
    if row.decision not in FATES:
        return f"{who} made a note{when}{note}. {usual}"
    fate = FATES.get(row.decision, words(row.decision))
    found = "called it derived" if called(row, bar) else "did not call it derived"
    return f"{who} {_decided(fate)}{when}{note}. The program {found}. {usual}".strip()


def _decided(fate: str) -> str:
    """Put the pair where it stands in the sentence: "put this pair down to a common source"."""
    verb, _, rest = fate.partition(" ")
    return f"{verb} this pair {rest}".rstrip()
