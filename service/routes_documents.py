"""Routes over the documents of the index."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request, url_for

from provenance.index.records import packed, unpacked
from service import checks, once, schemas
from service.indexes import page_of, stored_of
from service.operations import JSON, Answer, Operation, Parameter, operation
from service.problems import Problem
from service.routes_check import as_json, asked, read_json
from service.state import key, state

if TYPE_CHECKING:
    from provenance.index import Index
    from provenance.index.prepare import Prepared
    from provenance.index.records import Stored
    from provenance.model import Document

blueprint = Blueprint("documents", __name__)

ID = Parameter(
    "id",
    "path",
    {"type": "string", "minLength": 1, "maxLength": schemas.ID, "pattern": schemas.NAME},
    "The document's id.",
)
ETAG = {"type": "string"}
CONDITION = {"type": "string", "pattern": r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$"}
IF_MATCH = Parameter("If-Match", "header", CONDITION, "Do it only while the document has this ETag.")
IF_NONE = Parameter("If-None-Match", "header", CONDITION, "`*`: do it only where there is no such document.")
ONCE = Parameter(
    once.HEADER,
    "header",
    {"type": "string", "pattern": r"^[\x21-\x7e]{1,200}$"},
    "Sent again with the same key within a day, a request gets the same answer and is not done again.",
)
LIMIT = Parameter(
    "limit", "query", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "Documents a page."
)
CURSOR = Parameter(
    "cursor", "query", {"type": "string", "pattern": r"^[0-9]{1,12}$"}, "`next` of the page before."
)
TAGGED = {"ETag": "Changes when the document does."}


@blueprint.get("/v1/documents")
@operation(
    Operation(
        summary="List the documents, in the order they came",
        scope="read",
        parameters=(LIMIT, CURSOR),
        answers={200: Answer("A page of the list.", {JSON: "Page"})},
        problems=(422,),
    )
)
def listed() -> Response:
    """Give a page of the list; texts are left to the documents themselves."""
    limit = number(asked("limit", "50"), "limit", 1, 200)
    after = number(asked("cursor", "0"), "cursor", 0, 10**12)
    with state().indexes.of(key().tenant) as index:
        rows, rest = page_of(index, after, limit)
    following = None if rest is None else str(rest)
    return as_json({"documents": [_about(one) for one in rows], "next": following})


@blueprint.get("/v1/documents/<name:document_id>")
@operation(
    Operation(
        summary="Give a document as it is kept",
        scope="read",
        parameters=(ID, Parameter("If-None-Match", "header", ETAG, "Give it only if its ETag is another.")),
        answers={
            200: Answer("The document.", {JSON: "Stored"}, TAGGED),
            304: Answer("It has this ETag.", {}, TAGGED),
        },
        problems=(404,),
    )
)
def read(document_id: str) -> Response:
    """Give what is kept of a document."""
    with state().indexes.of(key().tenant) as index:
        stored = stored_of(index, [document_id]).get(document_id)
    if stored is None:
        raise _absent()
    credited = [{"start": one.start, "end": one.end, "outlet": one.outlet} for one in stored.credits]
    about = _about(stored) | {"text": stored.text, "flags": list(stored.flags), "credits": credited}
    response = as_json(about)
    response.set_etag(etag(stored))
    response.make_conditional(request)
    return response


@blueprint.put("/v1/documents/<name:document_id>")
@operation(
    Operation(
        summary="Put a document into the index under this id",
        scope="write",
        heavy=True,
        parameters=(ID, IF_MATCH, IF_NONE),
        body={JSON: "Content"},
        answers={
            200: Answer("It stands in the place of the one that had its id.", {JSON: "Written"}, TAGGED),
            201: Answer("It was added.", {JSON: "Written"}, TAGGED),
        },
        problems=(412,),
    )
)
def put(document_id: str) -> Response:
    """Add or replace a document; durable when it is answered."""
    record = schemas.validated(schemas.Content, read_json())
    document = schemas.bounded(record.document(named(document_id)), state().settings)
    with checks.working(), state().indexes.of(key().tenant) as index:
        (ready,) = index.prepare([document])
    with state().indexes.writing(key().tenant) as index:
        held = stored_of(index, [document_id]).get(document_id)
        conditions(held)
        written = write(index, ready, held)
    return _written(written, HTTPStatus.CREATED if held is None else HTTPStatus.OK)


@blueprint.delete("/v1/documents/<name:document_id>")
@operation(
    Operation(
        summary="Remove a document from the index",
        scope="write",
        parameters=(ID, IF_MATCH),
        answers={204: Answer("It is gone.")},
        problems=(404, 412),
    )
)
def remove(document_id: str) -> Response:
    """Remove a document."""
    with state().indexes.writing(key().tenant) as index:
        held = stored_of(index, [document_id]).get(document_id)
        if held is None:
            raise _absent()
        conditions(held)
        index.remove([document_id])
    return Response(status=HTTPStatus.NO_CONTENT)


@blueprint.post("/v1/documents")
@operation(
    Operation(
        summary="Check a document, then add it",
        description="It is checked against what was there before it, in one step: of two copies sent at one time, "
        "one is found to be the copy of the other.",
        scope="write",
        heavy=True,
        parameters=(ONCE, IF_MATCH, IF_NONE),
        body={JSON: "NewDocument"},
        answers={
            200: Answer("It was known with the same text; what was found.", {JSON: "CheckedNew"}, TAGGED),
            201: Answer(
                "It was added; what was found.", {JSON: "CheckedNew"}, TAGGED | {"Location": "Its address."}
            ),
        },
        problems=(409, 412),
    )
)
def add() -> Response:
    """Check and add a document; 409 where its id has another text."""
    body = read_json()
    record = schemas.validated(schemas.NewDocument, body)
    given = schemas.bounded(record.document(record.id), state().settings)
    sent = json.dumps(body, sort_keys=True).encode()
    name, own = once.key_of(request.headers), key().tenant
    # First the lock: who waits for it takes up no place.
    with state().indexes.writing(own) as index, checks.working():
        if (before := state().once.given(own, name, sent)) is not None:
            return Response(before.body, before.status, before.headers)
        held = stored_of(index, [record.id]).get(record.id)
        conditions(held)
        if held is not None and held.digest != _digest(given):
            raise Problem(
                HTTPStatus.CONFLICT, "There is a document of this id with another text; PUT replaces it."
            )
        document = completed(given, held)
        found = checks.checked(index, [document], record.strictness)
        stored = write(index, index.prepare([document])[0], held)
        response = as_json(found.to_dict() | {"written": _about(stored)}, 200 if held else 201)
        response.set_etag(etag(stored))
        response.headers["Location"] = url_for("documents.read", document_id=record.id)
        kept = {part: response.headers[part] for part in ("Content-Type", "ETag", "Location")}
        state().once.keep(own, name, sent, once.Given(response.status_code, kept, response.get_data()))
    return response


def write(index: Index, ready: Prepared, held: Stored | None) -> Stored:
    """Write a document in place of the one that is held, in one step; the same one is left as it is."""
    new = unpacked(ready.record)
    if held is not None and held.digest == new.digest:
        if dict(held.fields) == dict(new.fields):
            return held
        new = replace(new, seen=held.seen)  # a text is added once, whatever else is said of it later
        ready = replace(ready, record=packed(new))
    index.write([ready], replace=True)
    return new


def completed(document: Document, held: Stored | None) -> Document:
    """Give a document with what is known of the one that is held, where that is the same text and nothing is said.

    To add a text a second time is no reason to forget its title or date; PUT puts what it is given.
    """
    if held is None or held.digest != _digest(document):
        return document
    known: dict[str, Any] = {
        part: held.fields.get(part) for part in ("title", "publisher", "url", "published", "language")
    }
    return replace(document, **{part: value for part, value in known.items() if getattr(document, part) is None})


def conditions(held: Stored | None) -> None:
    """Raise 412 where the request's conditions on the document do not hold; 400 for a condition without a word."""
    for name in ("If-Match", "If-None-Match"):
        if not re.match(CONDITION["pattern"], request.headers.get(name, "*").strip()):
            raise Problem(HTTPStatus.BAD_REQUEST, f"{name} is an ETag, or *; here it is neither.")
    if request.if_match and (held is None or not request.if_match.contains(etag(held))):
        raise Problem(HTTPStatus.PRECONDITION_FAILED, "The document has not the ETag that If-Match asks for.")
    if held is not None and request.if_none_match and request.if_none_match.contains(etag(held)):
        raise Problem(
            HTTPStatus.PRECONDITION_FAILED, "There is such a document, which If-None-Match asks not to be."
        )


def etag(stored: Stored) -> str:
    """Give what changes when a document does."""
    told = json.dumps([stored.digest.hex(), stored.seen, sorted(stored.fields.items())])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def named(document_id: str) -> str:
    """Give an id from an address; 422 for one that none may have."""
    schemas.validated(schemas.Called, {"id": document_id})
    return document_id


def number(value: str, name: str, least: int, most: int) -> int:
    """Give a number of the query; 422 for what is none, or out of its bounds."""
    if not (value.isascii() and value.isdigit() and len(value) <= 12 and least <= int(value) <= most):
        raise schemas.wrong([(f"#/{name}", f"{name} must be a whole number from {least} to {most}.")])
    return int(value)


def _about(stored: Stored) -> dict[str, Any]:
    return {"id": stored.id, "sha256": stored.digest.hex(), "added": stored.added, **stored.fields}


def _written(stored: Stored, status: HTTPStatus) -> Response:
    response = as_json(_about(stored), status)
    response.set_etag(etag(stored))
    return response


def _absent() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "There is no document of this id.")


def _digest(document: Document) -> bytes:
    return hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).digest()
