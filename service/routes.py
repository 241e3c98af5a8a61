"""The routes of version 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from provenance import __version__
from provenance.clean import clean as clean_text
from provenance.compare import compare as compare_texts
from provenance.pipeline import audit
from provenance.report.write import encode
from service import bodies, schemas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.model import Document
    from provenance.report.audit import Audit
    from service.settings import ServiceSettings


def routes(corpus: Sequence[Document], settings: ServiceSettings) -> Blueprint:
    """Give the routes over a corpus that checked documents are compared with."""
    blueprint = Blueprint("v1", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        return _json({"status": "ok", "version": __version__, "documents": len(corpus)})

    @blueprint.post("/v1/clean")
    def clean() -> Response:
        document, strictness = _to_clean(settings)
        found = clean_text(
            document.text,
            html=document.html,
            publisher=document.publisher,
            strictness=strictness or settings.strictness,
        )
        return _json(schemas.cleaned(found))

    @blueprint.post("/v1/check")
    def check() -> Response:
        batch = schemas.batch(bodies.read_json(request, settings.body_bytes), settings.documents)
        found = audit(batch.documents, against=corpus, strictness=batch.strictness or settings.strictness)
        return _json({"verdict": verdict(found)} | found.to_dict())

    @blueprint.post("/v1/compare")
    def compare() -> Response:
        body = bodies.read_json(request, settings.body_bytes)
        sides = schemas.side(body, "a"), schemas.side(body, "b")
        # As they stand, nothing removed; of a page, what a reader sees.
        a, b = (clean_text(side.text, html=True).source if side.html else side.text for side in sides)
        return _json(schemas.relation(compare_texts(a, b), a, b))

    return blueprint


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


def _to_clean(settings: ServiceSettings) -> tuple[Document, Any]:
    """Give the text to clean, from a JSON body or from the body itself, and the strictness asked for."""
    if request.mimetype in {"text/plain", "text/html"}:
        name = "html" if request.mimetype == "text/html" else "text"
        record: Any = request.args.to_dict() | {name: bodies.read_text(request, settings.body_bytes)}
    elif request.is_json:
        record = bodies.read_json(request, settings.body_bytes)
    else:
        raise bodies.unsupported(request, "application/json", "text/plain", "text/html")
    return schemas.document(record, "", "document"), schemas.strictness(record)


def _json(value: Any) -> Response:
    return Response(encode(value), content_type="application/json")
