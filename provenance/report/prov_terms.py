"""The vocabularies of a provenance record, and how it names things and points at passages.

Names are made of digests of what they stand for, so that the order of the input changes none of them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from prov.identifier import Namespace, QualifiedName
from prov.model import PROV, XSD, Literal, ProvDocument

from provenance.model import Side, Span
from provenance.report.selectors import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.model import DocumentRelation
    from provenance.report.audit import Audit
    from provenance.report.decisions import Decision

TERMS = Namespace("provenance", "urn:provenance:terms#")
OA = Namespace("oa", "http://www.w3.org/ns/oa#")
SCHEMA = Namespace("schema", "https://schema.org/")
DCTERMS = Namespace("dcterms", "http://purl.org/dc/terms/")
TYPE = PROV["type"]

Attributes = list[tuple[QualifiedName, Any]]


@dataclass(frozen=True, slots=True)
class Record:
    """A PROV document in the making, with what its statements refer to.

    `relations` are those of the audit, `found` such of them as a person decided on, as the run had found them, and
    `decided` the names of the decisions that hold, by the pair of documents or the number of the match.
    """

    audit: Audit
    prov: ProvDocument
    own: Namespace
    texts: Mapping[str, str]
    relations: Mapping[frozenset[str], DocumentRelation]
    found: Mapping[frozenset[str], DocumentRelation] = field(default_factory=dict)
    decided: Mapping[frozenset[str] | int, QualifiedName] = field(default_factory=dict)
    passages: dict[Side, QualifiedName] = field(default_factory=dict)

    @property
    def run(self) -> QualifiedName:
        """The activity that makes the record."""
        return self.own["run"]

    def named(self, kind: str, *parts: object) -> QualifiedName:
        """Give the name of something by what it is made of."""
        return self.own[f"{kind}-{digest(*parts)}"]

    def passage(self, side: Side) -> QualifiedName:
        """Give the name of a passage; its entity is added when it is first asked for."""
        name = self.passages.get(side)
        if name is None:
            name = self.named("passage", side.doc, side.start, side.end)
            self.passages[side] = name
            self.anchor(name, side, [])
        return name

    def anchor(self, name: QualifiedName, side: Side, attributes: Attributes) -> None:
        """Add an entity that is a passage of a document, with the selectors that find it there."""
        source = self.texts.get(side.doc)
        position, quotation = (self.own[f"{name.localpart}-{which}"] for which in ("position", "quote"))
        bounds: Attributes = [(OA["start"], _count(side.start)), (OA["end"], _count(side.end))]
        self.prov.entity(position, [(TYPE, OA["TextPositionSelector"]), *bounds])
        specific: Attributes = [
            (TYPE, OA["SpecificResource"]),
            (OA["hasSource"], self.named("document", side.doc)),
            (OA["hasSelector"], position),
        ]
        if source:  # of one that an index knows by its fingerprints alone there is nothing to quote
            words = quote(source, Span(side.start, side.end))
            quoted = [(OA["exact"], side.text), (OA["prefix"], words.prefix), (OA["suffix"], words.suffix)]
            self.prov.entity(quotation, [(TYPE, OA["TextQuoteSelector"]), *quoted])
            specific.append((OA["hasSelector"], quotation))
        self.prov.entity(name, [*specific, *attributes])


def decision_name(own: Namespace, decision: Decision) -> QualifiedName:
    """Give the name of a reviewer's decision."""
    return own[f"decision-{digest(decision)}"]


def digest(*parts: object) -> str:
    """Give 20 hexadecimal digits that stand for some values."""
    written = json.dumps(parts, default=str, ensure_ascii=True)
    return hashlib.sha256(written.encode("ascii")).hexdigest()[:20]


def _count(value: int) -> Literal:
    return Literal(str(value), XSD["nonNegativeInteger"])
