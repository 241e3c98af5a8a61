"""The audit as a provenance record: W3C PROV as PROV-JSONLD, with schema.org and Web Annotation terms.

Documents are entities, the run an activity of a software agent. Where the audit says which of two documents came
first, the other's passages are derived from its: copied ones as quotations, edited ones as revisions, rewritten
ones as derivations. Where it does not say, they are alternates; where the pair is not called derived, the finding
stands and no derivation is claimed. Each statement names the run that makes it and its evidence; what a text
credits is another kind of entity, for a credit is the text's own claim.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from prov.identifier import Namespace, QualifiedName
from prov.model import PROV, ProvDocument

from provenance.model import Side
from provenance.report.prov_findings import add_decision, add_match, add_relation
from provenance.report.prov_terms import DCTERMS, OA, SCHEMA, TERMS, TYPE, Attributes, Record, digest

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model import AuditedDocument
    from provenance.report.audit import Audit

NORMALISATION = "none: positions count Unicode code points of the text as read, line ends included"
CAVEAT = "A match is evidence, not proof; a credit is the text's own claim."


def record(audit: Audit, made: datetime) -> ProvDocument:
    """Give the provenance record of an audit that was made at a time."""
    prov = ProvDocument()
    for namespace in (OA, SCHEMA, DCTERMS, TERMS):
        prov.add_namespace(namespace)
    result = Record(
        audit,
        prov,
        prov.add_namespace(Namespace("run", f"urn:uuid:{_identity(audit)}#")),
        {row.document.id: row.cleaned.source for row in (*audit.documents, *audit.compared_with)},
        {frozenset((row.a, row.b)): row for row in audit.relations},
    )
    _add_run(result, made)
    derived: dict[str, set[str | None]] = defaultdict(set)  # for each document, the earlier of it and another
    for relation in audit.relations:
        if relation.derived:
            for side in (relation.a, relation.b):
                derived[side].add(relation.earlier)
    for document in audit.documents:
        _add_document(result, document, derived[document.document.id])
    for document in audit.compared_with:
        _add_compared(result, document)
    for relation in audit.relations:
        add_relation(result, relation)
    for match in audit.matches:
        add_match(result, match)
    for outcome in audit.review.outcomes if audit.review else ():
        add_decision(result, outcome)
    return prov


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
    """Name a run by what went into it: the same documents and settings are the same run."""
    inputs = sorted((row.document.id, row.sha256) for row in audit.documents)
    return uuid.uuid5(uuid.UUID(int=0), digest(audit.version, sorted(_settings(audit)), inputs))


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


def _add_document(record: Record, row: AuditedDocument, earlier: set[str | None]) -> None:
    doc, text = row.document.id, row.cleaned.source
    name = record.named("document", doc)
    record.prov.entity(name, [*_described(record, row), (TERMS["finding"], _finding(row, earlier))])
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


def _finding(row: AuditedDocument, earlier: set[str | None]) -> str:
    """Say in words what was found of a document's derivation, also where that is nothing."""
    if earlier - {row.document.id, None}:
        return "derivation found"
    if None in earlier:
        return "derivation found, direction undecided"
    if earlier:
        return "no derivation found; others appear to be derived from this document"
    if "insufficient_text" in row.flags:
        return "no derivation found: too little text to compare"
    return "no derivation found among the documents compared"
