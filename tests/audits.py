"""Audits as values, for the tests of the report: no engine has to run to render one."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from provenance.model import (
    AuditedDocument,
    Cleaned,
    Cluster,
    Credit,
    Document,
    DocumentRelation,
    Match,
    Rejected,
    Removal,
    Side,
)
from provenance.report.audit import Audit

STORM = (
    "Storm closes the harbour for two days\n\n"
    "The harbour of Lindow was closed on Monday after a storm tore three cranes from their rails, "
    "according to Radio Meridian.\n\n"
    "Sign up for our morning letter\n\n"
    "Nobody was hurt, the harbour master said, but the cranes will be missing for weeks.\n"
)
RETOLD = (
    "Harbour shut as cranes fall\n\n"
    "Three cranes were torn from their rails when a storm hit Lindow on Monday, closing the harbour.\n\n"
    "Advertisement\n\n"
    "The council meets on Thursday to talk about the damage.\n"
)
OTHER = "A choir of two hundred voices sang in the old theatre on Sunday, and the mayor sang with them.\n"


def document(
    name: str, text: str, removed: Sequence[tuple[str, str]] = (), credited: Sequence[str] = (), **fields: str
) -> AuditedDocument:
    """Give an audited document from which the quoted passages are removed, each with its reason."""
    removals = tuple(
        Removal(start, start + len(quote), quote, reason, "a_rule", 0.9)
        for quote, reason in removed
        for start in [text.index(quote)]
    )
    sources = tuple(Credit(text.index(name), text.index(name) + len(name), name) for name in credited)
    cleaned = Cleaned("", text, removals)
    kept = "".join(text[span.start : span.end] for span in cleaned.kept)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return AuditedDocument(Document(name, text, **fields), replace(cleaned, text=kept), sources, digest)


def side(row: AuditedDocument, start: str, end: str) -> Side:
    """Give the passage of a document from the first quoted words to the last."""
    text = row.cleaned.source
    begin = text.index(start)
    stop = text.index(end, begin) + len(end)
    return Side(row.document.id, begin, stop, text[begin:stop])


def sample(publisher: str = "Lindow Post") -> Audit:
    """Give an audit of three documents: two tell the same story, one of them a day before the other."""
    a = document(
        "wire/storm.txt",
        STORM,
        [("Sign up for our morning letter\n\n", "newsletter")],
        ["Radio Meridian"],
        title="Storm closes the harbour",
        publisher=publisher,
        published="2024-03-04",
    )
    b = document("copy/cranes.txt", RETOLD, [("Advertisement\n\n", "advertisement")], published="2024-03-05")
    c = document("choir.txt", OTHER)
    match = Match(
        side(a, "The harbour of", "Meridian."), side(b, "Three cranes", "the harbour."), "rewritten", 0.72
    )
    relations = (
        DocumentRelation(
            a.document.id,
            b.document.id,
            "rewritten",
            0.81,
            derived=True,
            chance=0.0004,
            earlier=a.document.id,
            reason="published a day before",
            evidence={"cover": 0.5},
        ),
        DocumentRelation(
            a.document.id, c.document.id, "unrelated", 0.01, derived=False, chance=3.0, earlier=None, reason=""
        ),
        DocumentRelation(
            b.document.id, c.document.id, "same_event", 0.2, derived=False, chance=0.7, earlier=None, reason=""
        ),
    )
    return Audit(
        version="0.1.0",
        parameters={"engine": "local", "strictness": "balanced", "threshold": 0.258},
        documents=(a, b, c),
        rejected=(Rejected("broken.bin", "binary, not text: a PDF"),),
        matches=(match,),
        relations=relations,
        clusters=(Cluster("1", (a.document.id, b.document.id), a.document.id, "published a day before"),),
    )
