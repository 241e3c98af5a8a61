"""The audit as a provenance record: W3C PROV as PROV-JSONLD, with schema.org and Web Annotation terms.

Documents are entities, the run an activity of a software agent. Where the audit says which of two documents came
first, the other's passages are derived from its: copied ones as quotations, edited ones as revisions, rewritten
ones as derivations. Where it does not say, they are alternates; where the pair is not called derived, the finding
stands and no derivation is claimed. Each statement names who makes it, the run or a person's decision, and its
evidence; what a text credits is another kind of entity, for a credit is the text's own claim.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from prov.identifier import Namespace, QualifiedName
from prov.model import PROV, ProvDocument

from provenance.model import Side
from provenance.report.prov_findings import add_decision, add_match, add_relation, findings
from provenance.report.prov_terms import (
    DCTERMS,
    OA,
    SCHEMA,
    TERMS,
    TYPE,
    Attributes,
    Record,
    decision_name,
    digest,
)

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model import AuditedDocument
    from provenance.report.audit import Audit

NORMALISATION = "none: positions count Unicode code points of the text as read, line ends included"
CAVEAT = "A match is evidence, not proof; a credit is the text's own claim."


def record(audit: Audit, made: datetime) -> ProvDocument:
    """Give the provenance record of an audit that was made at a time."""
    result = _begun(audit)
    _add_run(result, made)
    told = findings(result)
    for document in audit.documents:
        _add_document(result, document, told[document.document.id])
    for document in audit.compared_with:
        _add_compared(result, document)
    for relation in audit.relations:
        add_relation(result, relation)
    for number, match in enumerate(audit.matches):
        add_match(result, match, number)
    for outcome in audit.review.outcomes if audit.review else ():
        add_decision(result, outcome)
    return result.prov


def _begun(audit: Audit) -> Record:
    """Give an empty record of an audit, with what its statements will refer to."""
    prov = ProvDocument()
    for namespace in (OA, SCHEMA, DCTERMS, TERMS):
        prov.add_namespace(namespace)
    own = prov.add_namespace(Namespace("run", f"urn:uuid:{_identity(audit)}#"))
    outcomes = audit.review.outcomes if audit.review else ()
    held = [row for row in outcomes if row.status in ("applied", "reanchored") and row.decision.kind != "note"]
    return Record(
        audit,
        prov,
        own,
        texts={row.document.id: row.cleaned.source for row in (*audit.documents, *audit.compared_with)},
        relations={frozenset((row.a, row.b)): row for row in audit.relations},
        found={frozenset((row.a, row.b)): row for row in (audit.review.found if audit.review else ())},
        decided={row.target: decision_name(own, row.decision) for row in held if row.target is not None},
    )


def linked(prov: ProvDocument) -> dict[str, Any]:
    """Give a record as JSON-LD values with its context embedded; the same record gives the same values.

    The library writes references between entities as text of type xsd:QName. Here they are links, which it reads
    as well.
    """
    values: dict[str, Any] = json.loads(prov.serialize(None, format="jsonld", context="embed") or "")
    for statement in values["@graph"]:
        for key, value in statement.items():
            if isinstance(value, list):
                links = [_link(one) for one in value]
                statement[key] = sorted(links, key=json.dumps) if len(links) > 1 else links
    return values


def _link(value: Any) -> Any:
    if isinstance(value, dict) and value.get("@type") == "xsd:QName":
        return {"@id": value["@value"]}
    return value


def _identity(audit: Audit) -> uuid.UUID:
    """Name a run by all that went into it: what differs in any of it is another run, and may say other things."""
    inputs = sorted(
        digest(row.origin, row.sha256, row.document) for row in (*audit.documents, *audit.compared_with)
    )
    decisions = [row.decision for row in audit.review.outcomes] if audit.review else None
    baseline = audit.changes["baseline"] if audit.changes is not None else None
    rest = (audit.unread, sorted(map(digest, audit.rejected)), decisions, baseline)
    return uuid.uuid5(uuid.UUID(int=0), digest(audit.version, sorted(_settings(audit)), inputs, *rest))


def _settings(audit: Audit) -> list[str]:
    return [f"{key}={json.dumps(value, default=str)}" for key, value in audit.parameters.items()]


def _add_run(record: Record, made: datetime) -> None:
    prov, software, report = record.prov, record.own["software"], record.own["report"]
    named: Attributes = [
        (TYPE, PROV["SoftwareAgent"]),
        (TYPE, SCHEMA["SoftwareApplication"]),
        (SCHEMA["name"], "Provenance"),
        (SCHEMA["softwareVersion"], record.audit.version),
    ]
    prov.agent(software, named)
    stated: Attributes = [(TERMS["normalisation"], NORMALISATION), (TERMS["caveat"], CAVEAT)]
    stated += [(TERMS["parameter"], setting) for setting in _settings(record.audit)]
    prov.activity(record.run, None, made, stated)
    prov.association(record.run, software)
    prov.entity(report, [(TYPE, TERMS["AuditReport"])])
    prov.generation(report, record.run, made)


def _add_document(record: Record, row: AuditedDocument, told: str) -> None:
    doc, text = row.document.id, row.cleaned.source
    name = record.named("document", doc)
    record.prov.entity(name, [*_described(record, row), (TERMS["finding"], told)])
    record.prov.usage(record.run, name)
    for credit in row.credits:
        side = Side(doc, credit.start, credit.end, text[credit.start : credit.end])
        claim = record.named("credit", doc, side.start, side.end)
        record.anchor(claim, side, [(TYPE, TERMS["Credit"]), (TERMS["outlet"], credit.outlet)])
    for manifest in row.manifests:
        side = Side(doc, manifest.start, manifest.end, text[manifest.start : manifest.end])
        found: Attributes = [
            (TYPE, TERMS["C2PAManifest"]),
            (SCHEMA["sha256"], manifest.sha256),
            (TERMS["bytes"], manifest.length),
            (TERMS["complete"], manifest.complete),
            (TERMS["validated"], False),
        ]
        record.anchor(record.named("manifest", doc, side.start, side.end), side, found)


def _add_compared(record: Record, row: AuditedDocument) -> None:
    """Add a document that the run used to compare with, of which it claims nothing by itself."""
    name = record.named("document", row.document.id)
    record.prov.entity(name, [*_described(record, row), (TERMS["origin"], row.origin)])
    record.prov.usage(record.run, name)


def _described(record: Record, row: AuditedDocument) -> Attributes:
    document, cleaned = row.document, row.cleaned
    publisher = document.publisher or cleaned.publisher
    known = {
        DCTERMS["identifier"]: document.id,
        DCTERMS["source"]: document.source,
        SCHEMA["headline"]: document.title or cleaned.title,
        SCHEMA["author"]: document.author or cleaned.author,
        SCHEMA["datePublished"]: document.published or cleaned.published,
        SCHEMA["url"]: document.url or cleaned.url,
        SCHEMA["inLanguage"]: document.language or cleaned.language,
        SCHEMA["publisher"]: _publisher(record, publisher) if publisher else None,
        SCHEMA["sha256"]: row.sha256,
        SCHEMA["identifier"]: row.iscc,
    }
    stated = [(term, value) for term, value in known.items() if value is not None]
    return [(TYPE, SCHEMA["NewsArticle"]), *stated]


def _publisher(record: Record, publisher: str) -> QualifiedName:
    name = record.named("publisher", publisher)
    if not record.prov.get_record(name):
        types: Attributes = [(TYPE, PROV["Organization"]), (TYPE, SCHEMA["Organization"])]
        record.prov.agent(name, [*types, (SCHEMA["name"], publisher)])
    return name
