"""What two documents have in common by their fingerprints alone, where one of them has no text.

Copies and light edits can be told, with the places of the passages; rewrites cannot, and are not guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.fingerprint import PASSAGE_ROWS, distance, jaccard
from provenance.lineage import earlier
from provenance.model import DocumentRelation, Match, MatchKind, RelationKind, Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.index.keys import Sketch
    from provenance.index.records import Stored
    from provenance.model import AuditedDocument

NEAR = 0.5  # share of two documents' shingles from which one is derived from the other


def likenesses(a: Sketch, b: Sketch) -> Iterator[tuple[int, int, float]]:
    """Give the pairs of passages that share a band, each of a with its best of b, and how alike they are, 0..1.

    Of passages with Jaccard similarity J a band of r values is shared with probability J**r.
    """
    if not (len(a.bands) and len(b.bands)):
        return
    shared = (a.bands[:, None, :] == b.bands[None, :, :]).mean(axis=2)
    for number, best in enumerate(shared.argmax(axis=1).tolist()):
        if shared[number, best]:
            yield number, best, round(float(shared[number, best] ** (1 / PASSAGE_ROWS)), 4)


def estimate(
    audited: AuditedDocument, sketch: Sketch, stored: Stored
) -> tuple[DocumentRelation, list[Match]] | None:
    """Give the relation of an audited document and a stored one without its text; None where they share nothing.

    The stored sides of the matches have no text, for there is none.
    """
    name, likeness = audited.document.id, jaccard(sketch.print, stored.sketch.print)
    matches = _matches(audited, sketch, stored)
    same = audited.sha256 == stored.digest.hex()
    derived = same or likeness >= NEAR
    if not (derived or matches):
        return None
    kind: RelationKind = "exact" if same else "near_duplicate" if derived else "shares_passages"
    score = 1.0 if same else max([likeness, *(match.score for match in matches)])
    published, other = audited.document.published or audited.cleaned.published, stored.fields.get("published")
    order = earlier(published, other)
    which = None if not order else name if order < 0 else stored.id
    first, second = (published, other) if order < 0 else (other, published)
    undecided = "undecided: no dates of publication tell them apart"
    reason = f"published {first}, the other {second}" if order else undecided
    evidence = {
        "jaccard": round(likeness, 4),
        "simhash_distance": float(distance(sketch.print, stored.sketch.print)),
        "passages": float(len(matches)),
    }
    relation = DocumentRelation(name, stored.id, kind, round(score, 4), derived, 0.0, which, reason, evidence)
    return relation, matches


def _matches(audited: AuditedDocument, sketch: Sketch, stored: Stored) -> list[Match]:
    matches = []
    for mine, theirs, score in likenesses(sketch, stored.sketch):
        start, end = sketch.passages[mine].tolist()
        there = stored.sketch.passages[theirs].tolist()
        side = Side(audited.document.id, start, end, audited.cleaned.source[start:end])
        copied = bool((sketch.bands[mine] == stored.sketch.bands[theirs]).all())
        kind: MatchKind = "copied" if copied else "edited"
        matches.append(Match(side, Side(stored.id, there[0], there[1], ""), kind, score))
    return matches
