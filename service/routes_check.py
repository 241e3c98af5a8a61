"""Routes that look and store nothing: check, clean, compare."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request

from provenance.model import Document
from provenance.report.write import encode
from service import bodies, checks, schemas
from service.operations import JSON, Answer, Operation, Parameter, operation
from service.state import state

blueprint = Blueprint("check", __name__)

STRICTNESS = {"enum": ["safe", "balanced", "strict"]}
ABOUT = (
    Parameter("publisher", "query", {"type": "string"}, "Who published it, where the body is the text itself."),
    Parameter("strictness", "query", STRICTNESS, "How boldly text is removed, where the body is the text itself."),
)
TEXT = {"description": "The text itself, or the page."}


@blueprint.post("/v1/check")
@operation(
    Operation(
        summary="Check documents against all that was added before, and against each other",
        description="Nothing is stored, and no address in a document is fetched.",
        scope="check",
        heavy=True,
        body={JSON: {"anyOf": ["Check", "CheckMany"]}},
        answers={200: Answer("What was found.", {JSON: "Checked"})},
    )
)
def check() -> Response:
    """Audit one document or several against the index."""
    body = read_json()
    settings = state().settings
    if isinstance(body, dict) and "documents" in body:
        if isinstance(body["documents"], list) and len(body["documents"]) > settings.documents:
            told = f"documents: at most {settings.documents:,} of them; larger numbers are for /v1/batches."
            raise schemas.wrong([("#/documents", told)])
        many = schemas.validated(schemas.CheckMany, body)
        documents = [
            schemas.bounded(one.called(f"#{place}"), settings, f"/documents/{place - 1}")
            for place, one in enumerate(many.documents, 1)
        ]
        return as_json(checks.check(schemas.together(documents, settings), many.strictness).to_dict())
    one = schemas.validated(schemas.Check, body)
    return as_json(checks.check([schemas.bounded(one.called("#1"), settings)], one.strictness).to_dict())


@blueprint.post("/v1/clean")
@operation(
    Operation(
        summary="Take what is not the article out of a text or a page",
        scope="check",
        heavy=True,
        parameters=ABOUT,
        body={JSON: "Clean", "text/plain": TEXT, "text/html": TEXT},
        answers={200: Answer("What is left, and the ledger of what went.", {JSON: "Cleaned"})},
    )
)
def clean() -> Response:
    """Clean one text."""
    settings = state().settings
    about = {name: asked(name, "") for name in ("publisher", "strictness") if name in request.args}
    if request.mimetype in {"text/plain", "text/html"}:
        name = "html" if request.mimetype == "text/html" else "text"
        given: Any = dict(about)
        given[name] = bodies.read_text(request, settings.body_bytes, settings.read_seconds)
    elif request.is_json:
        given = read_json()
        schemas.validated(schemas.About, about)
    else:
        raise bodies.unsupported(request, JSON, "text/plain", "text/html")
    record = schemas.validated(schemas.Clean, given)
    return as_json(asdict(checks.clean(schemas.bounded(record.document("#1"), settings), record.strictness)))


@blueprint.post("/v1/compare")
@operation(
    Operation(
        summary="Compare two texts as they stand",
        description="Nothing is removed first; of a page, what a reader sees is compared.",
        scope="check",
        heavy=True,
        body={JSON: "Compare"},
        answers={200: Answer("What the two are to each other.", {JSON: "Compared"})},
    )
)
def compare() -> Response:
    """Compare two texts."""
    body = schemas.validated(schemas.Compare, read_json())
    sides = [
        schemas.bounded(_side(one, name), state().settings, f"/{name}")
        for name, one in (("a", body.a), ("b", body.b))
    ]
    return as_json(checks.relation(*checks.compare(*sides)))


def read_json() -> Any:
    """Give the body as a JSON value, within the limits of the settings."""
    return bodies.read_json(request, state().settings)


def asked(name: str, default: str) -> str:
    """Give the one value of a parameter of the query, or the default; 422 where it is said twice."""
    values = request.args.getlist(name)
    if len(values) > 1:
        raise schemas.wrong([(f"#/{name}", f"{name} is given {len(values)} times.")])
    return values[0] if values else default


def as_json(value: Any, status: int = 200) -> Response:
    """Give a value as an answer."""
    return Response(encode(value), status, content_type=JSON)


def _side(value: schemas.Content | str, name: str) -> Document:
    return Document(id=name, text=value) if isinstance(value, str) else value.document(name)
