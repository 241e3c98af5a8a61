"""Routes of batches: taken in, looked at, given out, removed."""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, request, send_file, url_for

from service import bodies, once, schemas
from service.disk import refuse_full
from service.jobs.folders import Meta, meta_of, phase_of, size_of
from service.jobs.intake import receiving, take_form
from service.jobs.queue import queue_of
from service.operations import JSON, NDJSON, Answer, Operation, Parameter, operation
from service.problems import Problem
from service.routes_check import STRICTNESS, as_json, asked
from service.routes_documents import LIMIT, ONCE, number
from service.state import key, state

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from provenance.model import Strictness
    from service.jobs.intake import Rows

blueprint = Blueprint("batches", __name__)

AGAIN = 2  # seconds after which it is worth asking again how far a batch is
NAMED = re.compile(r"[0-9]{10}-[0-9a-f]{16}")
NAME = {"type": "string", "pattern": f"^{NAMED.pattern}$"}
ID = Parameter("id", "path", NAME, "The batch's id.")
CURSOR = Parameter("cursor", "query", NAME, "`next` of the page before.")
LINES = {"description": "A JSON object a line."}
FORM = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1},
        "strictness": STRICTNESS,
    },
    "required": ["files"],
}
_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')
POLL = {"Retry-After": "Seconds after which to ask again."}


@blueprint.post("/v1/batches")
@operation(
    Operation(
        summary="Hand in a batch of documents",
        description="Lines of JSON, each a record with `text` or `html` and if you like `id`, `title`, "
        "`publisher`, `url`, `published`, `language`; or a form with files of such lines (.jsonl), texts, pages. "
        "The body may be packed (Content-Encoding: gzip). It is audited as `provenance audit --index` does it. "
        "When this is answered, the batch is on the disk.",
        scope="batches",
        parameters=(Parameter("strictness", "query", STRICTNESS, "How boldly text is removed."), ONCE),
        body={NDJSON: LINES, "multipart/form-data": FORM},
        answers={202: Answer("It will be done.", {JSON: "Batch"}, {"Location": "Where it is.", **POLL})},
        problems=(409, 507),
    )
)
def hand_in() -> Response:
    """Take in a batch."""
    name, own, shared = once.key_of(request.headers), key().tenant, state()
    again = name is not None and (shared.once.has(own, name) or _marked(name) is not None)
    received = receive(asked("strictness", shared.settings.strictness), name, again=again)
    with shared.indexes.locked(own):
        try:
            before = _before(name, received)
        except BaseException:
            shared.batches.remove(received.folder)
            raise
        if before is not None:
            shared.batches.remove(received.folder)
            return before
        response = _accepted(accept(received))
        kept = {part: response.headers[part] for part in ("Content-Type", "Location", "Retry-After")}
        given = once.Given(response.status_code, kept, response.get_data())
        shared.once.keep(own, name, received.meta.digest.encode(), given)
    return response


def _before(name: str | None, received: Received) -> Response | None:
    """Give the answer that this request got before with its key; 409 where the key was another's.

    It is kept when a batch is accepted; one that was accepted as the process ended is known by its id.
    """
    digest = received.meta.digest
    before = state().once.given(key().tenant, name, digest.encode())
    if before is not None:
        if state().batches.find(key().tenant, before.headers["Location"].rpartition("/")[2]) is None:
            detail = f"The batch of this {once.HEADER} was removed; another one needs another key."
            raise Problem(HTTPStatus.CONFLICT, detail)
        return Response(before.body, before.status, before.headers)
    folder = _marked(name) if name else None
    if folder is None:
        return None
    if meta_of(folder).digest != digest:
        raise once.used()
    response = _accepted(folder)
    response.headers.update(once.REPLAYED)
    return response


def _marked(name: str) -> Path | None:
    return state().batches.marked(key().tenant, once.mark_of(name), time.time() - once.KEPT)


def _accepted(folder: Path) -> Response:
    response = as_json(about(folder), HTTPStatus.ACCEPTED)
    response.headers["Location"] = url_for("batches.look", batch_id=folder.name)
    response.headers["Retry-After"] = str(AGAIN)
    return response


@dataclass(frozen=True, slots=True)
class Received:
    """A batch that is on the disk and not yet accepted."""

    folder: Path
    meta: Meta


def receive(strictness: str, name: str | None = None, *, again: bool = False) -> Received:
    """Write the request's documents to the disk; nothing stays of a request that is refused.

    A request sent `again` with its key, `name`, makes no new batch, however many wait.
    """
    shared, own = state(), key().tenant
    settings = shared.settings
    if request.mimetype not in {NDJSON, "application/jsonl", "multipart/form-data"}:
        raise bodies.unsupported(request, NDJSON, "multipart/form-data")
    schemas.validated(schemas.Strict, {"strictness": strictness})
    refuse_full(settings.data, settings, request.content_length or 0)
    if not again:
        _room()
    folder, fields = shared.batches.begin(own), {"strictness": strictness}
    try:
        blocks = bodies.blocks(request, settings.batch_bytes, 10 * settings.read_seconds)
        with receiving(folder, settings) as rows:
            if request.mimetype == "multipart/form-data":
                boundary = request.mimetype_params.get("boundary", "").encode("latin-1", "replace")
                fields |= take_form(blocks, boundary, rows, settings)
            else:
                for block in blocks:
                    rows.take(block)
        schemas.validated(schemas.Strict, {"strictness": fields["strictness"]})
        _refuse_empty(rows.count + len(rows.refused))
    except BaseException:
        shared.batches.remove(folder)
        raise
    return Received(folder, _meta(folder, rows, fields, name))


def _meta(folder: Path, rows: Rows, fields: Mapping[str, str], name: str | None) -> Meta:
    """Give what is to be known of a batch that was received: its documents, the form's other fields, its key."""
    made, _, random = folder.name.removeprefix(".").partition("-")
    chosen = cast("Strictness", fields["strictness"])
    label = fields.get("label", "")[:200]
    told = json.dumps([rows.digest.hexdigest(), rows.refused, chosen, label]).encode()
    return Meta(
        id=f"{made}-{once.mark_of(name) if name else random}",
        tenant=key().tenant,
        rows=rows.count + len(rows.refused),
        strictness=chosen,
        made=time.time(),
        label=label,
        refused=tuple(rows.refused),
        digest=hashlib.sha256(told).hexdigest(),
    )


def accept(received: Received) -> Path:
    """Put a batch in its place, and tell the workers; give its folder."""
    folder = state().batches.accept(received.folder, received.meta)
    queue_of(state().settings).tell(received.meta.tenant, received.meta.id)
    return folder


def _room() -> None:
    """Raise 429 where too many batches of who asks are waiting, or too much of the disk is theirs."""
    settings = state().settings
    newest = state().batches.listed(key().tenant)[: 2 * settings.pending]
    sizes = [size_of(folder) for folder in newest if phase_of(folder) in {"queued", "running"}]
    if len(sizes) >= settings.pending or sum(sizes) >= settings.pending_bytes:
        detail = f"{len(sizes)} batches of {sum(sizes):,} bytes are waiting; hand in more when some are done."
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, headers={"Retry-After": "60"})


def _refuse_empty(count: int) -> None:
    if not count:
        raise schemas.wrong([("#", "The batch has no documents.")])


@blueprint.get("/v1/batches")
@operation(
    Operation(
        summary="List the batches, the newest first",
        scope="batches",
        parameters=(LIMIT, CURSOR),
        answers={200: Answer("A page of the list.", {JSON: "Batches"})},
        problems=(422,),
    )
)
def listed() -> Response:
    """Give a page of the list."""
    limit = number(asked("limit", "50"), "limit", 1, 200)
    cursor = asked("cursor", "")
    if "cursor" in request.args and not NAMED.fullmatch(cursor):
        raise schemas.wrong([("#/cursor", "cursor is none that was given here.")])
    folders = [one for one in state().batches.listed(key().tenant) if not cursor or one.name < cursor]
    rows = [row for one in folders[:limit] if (row := still(one))]
    return as_json({"batches": rows, "next": folders[limit - 1].name if len(folders) > limit else None})


@blueprint.get("/v1/batches/<batch_id>")
@operation(
    Operation(
        summary="Say how far a batch is",
        scope="batches",
        parameters=(ID,),
        answers={200: Answer("How far it is.", {JSON: "Batch"}, POLL)},
        problems=(404,),
    )
)
def look(batch_id: str) -> Response:
    """Give the state of a batch."""
    response = as_json(about(found(batch_id)))
    if response.get_json()["state"] in {"queued", "running"}:
        response.headers["Retry-After"] = str(AGAIN)
    return response


@blueprint.get("/v1/batches/<batch_id>/results")
@operation(
    Operation(
        summary="Give what was found, a line of JSON for each document",
        scope="batches",
        parameters=(ID,),
        answers={200: Answer("The results.", {NDJSON: {"type": "string"}})},
        problems=(404, 409),
    )
)
def results(batch_id: str) -> Response:
    """Give the results of a batch that is done."""
    return _file(batch_id, "results.ndjson", NDJSON)


@blueprint.get("/v1/batches/<batch_id>/report.json")
@operation(
    Operation(
        summary="Give the report, as the command line writes it",
        scope="batches",
        parameters=(ID,),
        answers={200: Answer("The report.", {JSON: "Report"})},
        problems=(404, 409),
    )
)
def report_json(batch_id: str) -> Response:
    """Give the report of a batch that is done, for programs."""
    return _file(batch_id, "report.json", JSON)


@blueprint.get("/v1/batches/<batch_id>/report.html")
@operation(
    Operation(
        summary="Give the report as a page",
        scope="batches",
        parameters=(ID,),
        answers={200: Answer("The report.", {"text/html": {"type": "string"}})},
        problems=(404, 409),
        page=True,
    )
)
def report_html(batch_id: str) -> Response:
    """Give the report of a batch that is done, for people."""
    response = _file(batch_id, "report.html", "text/html")
    # Its own policy allows its style and script by their digests; here it has no origin either.
    policy = _POLICY.search((found(batch_id) / "report" / "report.html").read_text("utf-8")[:2_000])
    allowed = policy[1] if policy else "default-src 'none'"
    response.headers["Content-Security-Policy"] = f"{allowed}; frame-ancestors 'none'; sandbox allow-scripts"
    return response


@blueprint.delete("/v1/batches/<batch_id>")
@operation(
    Operation(
        summary="Remove a batch and its outcome, done or not",
        scope="batches",
        parameters=(ID,),
        answers={204: Answer("It is gone.")},
        problems=(404,),
    )
)
def remove(batch_id: str) -> Response:
    """Remove a batch; who works on it will find it gone."""
    state().batches.remove(found(batch_id))
    return Response(status=HTTPStatus.NO_CONTENT)


def found(batch_id: str) -> Path:
    """Give the folder of a batch of who asks; 404 where there is none."""
    folder = state().batches.find(key().tenant, batch_id)
    if folder is None:
        raise _absent()
    return folder


def about(folder: Path) -> dict[str, Any]:
    """Give a batch as JSON values; 404 where it was removed meanwhile."""
    row = still(folder)
    if row is None:
        raise _absent()
    return row


def still(folder: Path) -> dict[str, Any] | None:
    """Give a batch as JSON values, or None where it was removed."""
    try:
        meta = meta_of(folder)
    except FileNotFoundError:
        return None
    phase = phase_of(folder)
    row: dict[str, Any] = {
        "id": meta.id,
        "state": phase,
        "rows": meta.rows,
        "label": meta.label,
        "strictness": meta.strictness,
        "made": _time(meta.made),
        "progress": {"stage": "", "share": 1.0 if phase in {"done", "failed"} else 0.0},
        "error": None,
        "finished": None,
        "summary": None,
    }
    if phase == "running":
        row["progress"] = _json(folder / "progress.json") or row["progress"]
    ended = _json(folder / ("report/summary.json" if phase == "done" else "failed.json"))
    if ended:
        row["finished"] = _time(ended.pop("finished"))
        row["error"] = ended.pop("error", None)
        row["summary"] = ended or None
    return row


def _file(batch_id: str, name: str, media: str) -> Response:
    folder = found(batch_id)
    phase = phase_of(folder)
    if phase == "failed":
        raise Problem(HTTPStatus.CONFLICT, "The batch failed; what is known of it says why.")
    if phase != "done":
        again = {"Retry-After": str(AGAIN)}
        raise Problem(HTTPStatus.CONFLICT, "The batch is not done yet.", headers=again)
    try:
        return send_file(folder / "report" / name, mimetype=media, etag=True)
    except FileNotFoundError:
        raise _absent() from None


def _json(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):  # it is being written
        return None
    return value if isinstance(value, dict) else None


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _absent() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "There is no batch of this id.")
