"""Pages for people: the same work as the API's, laid out; they work without scripts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from jinja2 import StrictUndefined
from werkzeug.formparser import FormDataParser

from provenance import __version__
from provenance.report import wording
from provenance.report.html import visible
from provenance.report.pieces import hue
from service import bodies, checks, openapi, routes_batches, schemas, views
from service.indexes import stored_of
from service.operations import Answer, Operation, Route, Scope, operation
from service.problems import Problem
from service.routes_documents import completed, write
from service.routes_health import description
from service.state import key, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.wrappers import Response as Redirect

    from provenance.model import Document

blueprint = Blueprint("pages", __name__)

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MEDIA = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
ABOUT = ("title", "publisher", "url", "published")
FIELDS = 50  # of a form
STATES = {"queued": "Waiting", "running": "In work", "done": "Done", "failed": "Failed"}
STAGES = {
    "clean": "telling articles from what stands around them",
    "read": "reading",
    "fingerprint": "taking fingerprints",
    "compare": "comparing",
    "report": "writing the report",
}
HTML = {"text/html": {"type": "string"}}


def install(app: Flask) -> None:
    """Set an application's templates up, before the first is used."""
    app.jinja_options = {
        "autoescape": True,
        "undefined": StrictUndefined,
        "finalize": visible,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    filters: dict[str, Callable[..., Any]] = {
        "number": wording.number,
        "percent": lambda share: wording.percent(share, 1),
        "score": wording.score,
        "hue": hue,
        "reason": lambda name: wording.REASONS.get(name, wording.words(name)),
        "day": _day,
    }
    app.jinja_env.filters |= filters
    app.jinja_env.globals |= {"count": wording.count, "version": __version__, "digest": _digest, "states": STATES}
    app.jinja_env.globals["stages"] = STAGES


def _page(summary: str, scope: Scope | None = None, *, heavy: bool = False) -> Callable[[Route], Route]:
    return operation(Operation(summary, scope, heavy=heavy, answers={200: Answer("A page.", HTML)}, page=True))


@blueprint.get("/")
@_page("Paste an article", "check")
def home() -> Response:
    """Give the form of a check."""
    return shown_as("check.html", result=None, form={})


@blueprint.post("/")
@_page("Show what was found in an article", "check", heavy=True)
def check() -> Response:
    """Check what was pasted or chosen, and lay it out."""
    g.filled = "check.html"
    fields, uploads = _form()
    document = _document(fields, uploads, "text", "file")
    strictness = schemas.validated(schemas.Strict, {"strictness": fields.get("strictness", "balanced")}).strictness
    if fields.get("keep") and "write" not in key().scopes:
        raise Problem(HTTPStatus.FORBIDDEN, "This key may not add articles.")
    found = checks.check([document], strictness)
    kept = _kept(document, replacing=bool(fields.get("replace"))) if fields.get("keep") else None
    result = views.result(found, checks.verdict(found.audit))
    return shown_as("check.html", result=result, form=fields, kept=kept)


@blueprint.get("/compare")
@_page("Paste two texts", "check")
def compare_form() -> Response:
    """Give the form of a comparison."""
    return shown_as("compare.html", result=None, form={})


@blueprint.post("/compare")
@_page("Show what two texts have in common", "check", heavy=True)
def compare() -> Response:
    """Compare two texts, and lay it out."""
    g.filled = "compare.html"
    fields, uploads = _form()
    sides = [_document(fields, uploads, name, f"{name}_file") for name in ("a", "b")]
    return shown_as("compare.html", result=views.compared(*checks.compare(*sides)), form=fields)


@blueprint.get("/batches")
@_page("List the batches", "batches")
def batches() -> Response:
    """Give the newest batches, and the form to hand one in."""
    folders = state().batches.listed(key().tenant)
    rows = [row for one in folders[:100] if (row := routes_batches.still(one))]
    return shown_as("batches.html", rows=rows, more=len(folders) - len(rows))


@blueprint.post("/batches")
@_page("Hand a batch in", "batches")
def hand_in() -> Redirect:
    """Take files in as a batch, and lead to it."""
    folder = routes_batches.accept(routes_batches.receive("balanced"))
    return redirect(url_for("pages.batch", batch_id=folder.name), HTTPStatus.SEE_OTHER)


@blueprint.get("/batches/<batch_id>")
@_page("Show how far a batch is", "batches")
def batch(batch_id: str) -> Response:
    """Show a batch; the page asks again by itself while it is not done."""
    return shown_as("batch.html", row=routes_batches.about(routes_batches.found(batch_id)))


@blueprint.get("/batches/<batch_id>/remove")
@_page("Ask whether a batch is to be removed", "batches")
def remove_form(batch_id: str) -> Response:
    """Ask before a batch goes: it does not come back."""
    return shown_as("remove.html", row=routes_batches.about(routes_batches.found(batch_id)))


@blueprint.post("/batches/<batch_id>/remove")
@_page("Remove a batch", "batches")
def remove(batch_id: str) -> Redirect:
    """Remove a batch, and lead to the others."""
    state().batches.remove(routes_batches.found(batch_id))
    return redirect(url_for("pages.batches"), HTTPStatus.SEE_OTHER)


@blueprint.get("/docs")
@_page("Describe the API to people")
def docs() -> Response:
    """Give the description of the API as a page."""
    made = description()
    return shown_as("docs.html", api=made, chapters=openapi.chapters(made))


@blueprint.get("/static/<part>")
@_page("Give what pages are dressed in")
def static(part: str) -> Response:
    """Give style, script or icon; their addresses change when they do."""
    if part not in MEDIA:
        raise Problem(HTTPStatus.NOT_FOUND, "There is nothing here.")
    response = Response(_static(part), content_type=MEDIA[part])
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def shown(problem: Problem) -> Response | None:
    """Give a problem as a page where a browser asked for one; None where a program asked."""
    accepted = request.accept_mimetypes
    if request.path.startswith("/v1/") or not accepted.accept_html or not accepted.provided:
        return None
    if accepted["text/html"] <= accepted["application/problem+json"] or "text/html" not in accepted.values():
        return None
    told = {"problem": problem, "request_id": g.get("request_id", "")}
    if "form" in g:  # what was pasted is not to be lost
        response = shown_as(g.filled, result=None, form=g.form, **told)
    else:
        response = shown_as("problem.html", **told)
    response.status_code = problem.status
    response.headers.update(problem.headers)
    return response


def shown_as(template: str, **values: Any) -> Response:
    """Give a page, under its policy."""
    here = request.path if request.path in {"/", "/compare", "/batches", "/docs"} else ""
    response = Response(render_template(template, here=here, **values), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _form() -> tuple[dict[str, str], dict[str, tuple[str, bytes]]]:
    """Give the fields of a form, and its files with their names; 413 for more than a body may have."""
    if request.mimetype not in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        raise bodies.unsupported(request, "multipart/form-data")
    settings = state().settings
    body = bodies.read_body(request, settings.body_bytes, settings.read_seconds)
    if request.mimetype != "multipart/form-data" and body.count(b"&") > FIELDS:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A form may have {FIELDS} fields.")
    parser = FormDataParser(max_form_memory_size=settings.body_bytes, max_form_parts=FIELDS, silent=False)
    try:
        _, fields, uploads = parser.parse(BytesIO(body), request.mimetype, len(body), request.mimetype_params)
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body is not a whole form.") from error
    given = {name: value for name, value in fields.items() if isinstance(name, str)}
    g.form = given
    return given, {name: (one.filename or "", one.read()) for name, one in uploads.items()}


def _document(fields: dict[str, str], uploads: dict[str, tuple[str, bytes]], text: str, upload: str) -> Document:
    """Give what was pasted, or the file that was chosen, as a document."""
    name, data = uploads.get(upload, ("", b""))
    given = fields.get(text, "").replace("\r\n", "\n")  # browsers send line breaks so
    page = looks_like_page(given)
    if data and not given.strip():
        page = name.lower().endswith((".html", ".htm", ".xhtml")) or data[:200].lstrip().lower().startswith(
            (b"<!doctype html", b"<html")
        )
        given = bodies.decoded(data, page=page)
    if not given.strip():
        raise schemas.wrong([(f"#/{text}", "Paste a text, or choose a file.")])
    about = {part: fields[part].strip() for part in ABOUT if fields.get(part, "").strip()}
    record = schemas.validated(schemas.Content, about | {"html" if page else "text": given})
    return schemas.bounded(record.document("#1"), state().settings)


def looks_like_page(text: str) -> bool:
    """Tell markup from text, as far as a pasted text shows it.

    >>> looks_like_page("<!DOCTYPE html><p>Rain"), looks_like_page("Rain fell, 3 < 4.")
    (True, False)
    """
    start = text.lstrip()[:2_000].lower()
    return start.startswith(
        ("<!doctype html", "<html", "<head", "<body", "<article", "<div", "<p>", "<p ", "<section")
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of an article that was to be added; `other` is when another text was added under its id."""

    id: str
    other: str | None = None


def _kept(document: Document, *, replacing: bool) -> Kept:
    """Add an article to the index under its address, else under what its text hashes to.

    Another text that has the address stays, unless it is to be replaced.
    """
    digest = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).digest()
    name = document.url if document.url and len(document.url) <= schemas.ID else f"text-{digest.hex()[:16]}"
    named = schemas.validated(schemas.Called, {"id": name}).id
    with checks.working(), state().indexes.writing(key().tenant) as index:
        held = stored_of(index, [named]).get(named)
        if held is not None and held.digest != digest and not replacing:
            return Kept(named, held.added)
        whole = completed(replace(document, id=named), held)
        write(index, index.prepare([whole])[0], held)
    return Kept(named)


@cache
def _static(part: str) -> bytes:
    return (files("service") / "static" / part).read_bytes()


@cache
def _digest(part: str) -> str:
    return hashlib.sha256(_static(part)).hexdigest()[:12]


def _day(told: str) -> str:
    """Give a time as its day, where it is one; else as it is told."""
    try:
        when = datetime.fromisoformat(told)
    except ValueError:
        return told[:40]
    if when.tzinfo is not None:
        when = when.astimezone(UTC)
    return f"{when.day} {when:%B} {when.year}"
