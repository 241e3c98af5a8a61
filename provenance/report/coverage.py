"""How much of each of two documents is found in the other, and what a pair is called for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.report import wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from provenance.model import AuditedDocument, DocumentRelation, Match, Side

ALL = 0.9  # share of a document from which nearly all of it is found in the other


def covered(row: AuditedDocument, sides: Sequence[Side]) -> tuple[int, int]:
    """Give how many of a document's kept characters lie in its matched passages, and how many there are."""
    inside = end = 0
    for side in sorted(sides, key=lambda side: side.start):
        inside += max(0, side.end - max(side.start, end))
        end = max(end, side.end)
    return inside, max(inside, len(row.cleaned.text))


def called(
    row: DocumentRelation, matches: Sequence[Match], documents: Mapping[str, AuditedDocument]
) -> tuple[str, str]:
    """Give what a pair is called, and that in a sentence.

    A text that stands in a longer one makes a near duplicate too: half of the words of both are copied. To call
    the two nearly the same would be untrue of the longer.
    """
    usual = wording.RELATIONS.get(row.kind, wording.words(row.kind)), wording.MEANINGS.get(row.kind, "")
    if row.kind != "near_duplicate":
        return usual
    shares = []
    for doc in (row.a, row.b):
        if doc not in documents or not documents[doc].cleaned.source:
            return usual
        sides = [side for match in matches for side in (match.a, match.b) if side.doc == doc]
        inside, whole = covered(documents[doc], sides)
        shares.append(inside / (whole or 1))
    if min(shares) >= ALL or not any(shares):
        return usual
    return wording.CONTAINED if max(shares) >= ALL else wording.PARTLY
