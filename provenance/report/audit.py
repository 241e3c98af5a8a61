"""The audit of one batch as a value, with its machine-readable form."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.model import Input

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.model import AuditedDocument, Cluster, DocumentRelation, Match, Rejected, Role, SilentPair
    from provenance.report.review import Review

SCHEMA = "urn:provenance:report:2"  # of schema.json, which is named by it
SCALE = 20  # equal steps of the scores counted in `Audit.scores`


def score_step(score: float) -> int:
    """Give the step of a score, 0 to SCALE - 1; that of 1 is the last.

    >>> score_step(0.0), score_step(0.25), score_step(1.0)
    (0, 5, 19)
    """
    return min(SCALE - 1, int(score * SCALE))


def turns_of(own: int, others: int) -> int:
    """Give how many pairs a batch of `own` documents has, held against `others`; chance has its turn in each.

    >>> turns_of(5, 0), turns_of(2, 3)
    (10, 7)
    """
    return own * (own - 1) // 2 + own * others


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything that was found in a batch: what was removed, what matches what, and why.

    `scores` is how many of the pairs compared passage by passage have a score in each of SCALE equal steps from 0
    to 1, those included in which nothing was found; empty where it was not counted. `review` is what became of a
    reviewer's decisions, `changes` how it differs from an earlier report; both None where no such file was given.
    `compared_with` are the documents that the batch was held against and that are not reported on, and `unread` is
    how many more an index has, which were ruled out by their keys or at a first look. `inputs` are the files that
    were read, where that is known, and `silent` the pairs that were compared passage by passage and have no
    relation.
    """

    version: str
    parameters: Mapping[str, Any]
    documents: tuple[AuditedDocument, ...]
    rejected: tuple[Rejected, ...] = ()
    matches: tuple[Match, ...] = ()
    relations: tuple[DocumentRelation, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    scores: tuple[int, ...] = ()
    review: Review | None = None
    changes: Mapping[str, Any] | None = None
    compared_with: tuple[AuditedDocument, ...] = ()
    unread: int = 0
    inputs: tuple[Input, ...] = ()
    silent: tuple[SilentPair, ...] = ()

    @property
    def pairs(self) -> int:
        """All pairs of two documents of the batch, and of one and another that it was held against."""
        return turns_of(len(self.documents), len(self.compared_with) + self.unread)

    def input_rows(self) -> list[dict[str, Any]]:
        """Give the files that went in as JSON values, with how many documents came from each."""
        return _inputs(self)

    def to_dict(self) -> dict[str, Any]:
        """Give the report as JSON values; provenance/report/schema.json is its schema."""
        return {
            "schema": SCHEMA,
            "version": self.version,
            "parameters": dict(self.parameters),
            "inputs": self.input_rows(),
            "rejected": [asdict(row) for row in self.rejected],
            "documents": [_document(row) for row in self.documents],
            "compared_with": [_compared(row) for row in self.compared_with],
            "pairs": self.pairs,
            "matches": [asdict(row) for row in self.matches],
            "relations": [asdict(row) | {"evidence": dict(row.evidence)} for row in self.relations],
            "clusters": [asdict(row) | {"documents": list(row.documents)} for row in self.clusters],
            "scores": list(self.scores),
            "silent": [asdict(row) for row in self.silent],
            "review": self.review.to_dict() if self.review else None,
            "changes": dict(self.changes) if self.changes is not None else None,
        }

    def write(self, folder: str | Path) -> Path:
        """Write the report and its records into `folder` (made if absent) and give its path."""
        from provenance.report.write import write  # noqa: PLC0415 (templates load only when a report is written)

        return write(self, Path(folder))


def _inputs(audit: Audit) -> list[dict[str, Any]]:
    """Give the files that went in, each with the documents that came from it; then what no file is known for."""
    files = {(row.role, row.source) for row in audit.inputs}
    counts: Counter[tuple[Role, str]] = Counter()
    for row in (*audit.documents, *audit.compared_with):
        if row.origin != "index":
            place = row.document.source or row.document.id
            file = (row.origin, place.rpartition(":")[0])  # of a record it is path:line
            known = (row.origin, place) in files or file not in files
            counts[(row.origin, place) if known else file] += 1
    rows = [*audit.inputs, *(Input(place, role=role) for role, place in counts if (role, place) not in files)]
    return [
        {
            "source": one.source,
            "role": one.role,
            "documents": counts[one.role, one.source],
            "sha256": one.sha256,
            "bytes": one.size,
        }
        for one in rows
    ]


def _about(row: AuditedDocument) -> dict[str, Any]:
    document, cleaned = row.document, row.cleaned
    return {
        "id": document.id,
        "source": document.source,
        "title": document.title or cleaned.title,
        "author": document.author or cleaned.author,
        "publisher": document.publisher or cleaned.publisher,
        "url": document.url or cleaned.url,
        "published": document.published or cleaned.published,
        "language": document.language or cleaned.language,
        "sha256": row.sha256,
        "iscc": row.iscc,
    }


def _compared(row: AuditedDocument) -> dict[str, Any]:
    """Give what is told of a document that was only compared with: what identifies it, and how much it holds."""
    kept = len(row.cleaned.text) if row.cleaned.source else None
    return {**_about(row), "kept": kept, "origin": row.origin}


def _document(row: AuditedDocument) -> dict[str, Any]:
    cleaned = row.cleaned
    return {
        **_about(row),
        "text": cleaned.source,
        "flags": list(row.flags),
        "removals": [asdict(removal) for removal in cleaned.removals],
        "credits": [asdict(credit) for credit in row.credits],
        "manifests": [asdict(manifest) for manifest in row.manifests],
    }
