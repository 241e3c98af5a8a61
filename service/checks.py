"""The work behind the routes, the same for programs and for people: check, clean, compare."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from provenance.clean import clean as clean_text
from provenance.compare import compare as compare_texts
from provenance.pipeline import audit
from service import metrics
from service.indexes import stored_of
from service.state import key, state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from provenance.index import Index
    from provenance.index.records import Stored
    from provenance.model import AuditedDocument, Cleaned, Document, Relation, Strictness
    from provenance.report.audit import Audit

ASIDE = "index:"  # before the id of a stored document, in a report where another has that id


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in documents, and what is known of the stored ones that they have to do with."""

    audit: Audit
    stored: Mapping[str, Stored]

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON values: the report, its verdict before it, and the stored documents behind."""
        known = {name: {"added": one.added, **one.fields} for name, one in self.stored.items()}
        return {"verdict": verdict(self.audit), **self.audit.to_dict(), "stored": known}


@contextmanager
def working() -> Iterator[None]:
    """Work on texts, when it is this request's turn."""
    with state().gate.passed(key().tenant):
        yield


def check(documents: Sequence[Document], strictness: Strictness) -> Checked:
    """Check documents against all that the tenant has added, and against each other; nothing is stored."""
    with working(), state().indexes.of(key().tenant) as index:
        return checked(index, documents, strictness)


def checked(index: Index, documents: Sequence[Document], strictness: Strictness) -> Checked:
    """Check documents against an index, and count what was found."""
    found = audit(documents, index=index, strictness=strictness, jobs=1)
    own = {row.document.id for row in found.documents}
    others = sorted({name for row in found.relations for name in (row.a, row.b)} - own)
    for row in found.documents:
        metrics.VERDICTS.labels(verdict_of(found, row)).inc()
    return Checked(found, _held(index, others, own) if others else {})


def _held(index: Index, names: Sequence[str], own: set[str]) -> dict[str, Stored]:
    """Give the stored documents of these names; one may have the id of what is asked about."""
    found = stored_of(index, [*names, *own])
    told = {name: found[name] for name in names if name in found}
    for name in names:
        rest = name
        while name not in told and rest.startswith(ASIDE):
            rest = rest.removeprefix(ASIDE)
            if rest in own and rest in found:
                told[name] = found[rest]
    return told


def clean(document: Document, strictness: Strictness) -> Cleaned:
    """Clean one document."""
    with working():
        return clean_text(document.text, html=document.html, publisher=document.publisher, strictness=strictness)


def compare(a: Document, b: Document) -> tuple[Relation, str, str]:
    """Compare two texts as they stand, nothing removed; of a page, what a reader sees."""
    with working():
        first, second = (clean_text(one.text, html=True).source if one.html else one.text for one in (a, b))
        return compare_texts(first, second), first, second


def verdict(found: Audit) -> str:
    """Give the strongest relation of an audit as one word."""
    if any(row.derived for row in found.relations):
        return "derived"
    kinds = {row.kind for row in found.relations}
    if kinds - {"same_event", "unrelated", "insufficient_text"}:
        return "shares_passages"
    if "same_event" in kinds:
        return "same_event"
    if all("insufficient_text" in row.flags for row in found.documents):
        return "insufficient_text"
    return "original"


def verdict_of(found: Audit, row: AuditedDocument) -> str:
    """Give the strongest relation of one document of an audit."""
    own = tuple(one for one in found.relations if row.document.id in (one.a, one.b))
    return verdict(type(found)(found.version, found.parameters, (row,), relations=own))


def relation(value: Relation, a: str, b: str) -> dict[str, Any]:
    """Give a comparison as JSON values; `a` and `b` are the sources that its spans count in."""
    spans = [
        {
            "a": asdict(span.a) | {"text": a[span.a.start : span.a.end]},
            "b": asdict(span.b) | {"text": b[span.b.start : span.b.end]},
            "kind": span.kind,
            "score": span.score,
        }
        for span in value.spans
    ]
    told = {name: getattr(value, name) for name in ("kind", "score", "derived", "chance", "earlier", "reason")}
    return told | {"evidence": dict(value.evidence), "spans": spans}
